// Our own frames: sealed, or dropped while the gate is shut.
import type { TransformOptions } from '../core/types';
import { BIG } from './big';
import type { EncodedFrame, FrameKeys, Transformer } from './frames';

type SendOptions = Extract<TransformOptions, { direction: 'send' }>;

export class SendStream implements globalThis.Transformer<EncodedFrame, EncodedFrame> {
    private dropped = false;

    constructor(
        private readonly keys: FrameKeys,
        private readonly transformer: Transformer,
        private readonly options: SendOptions,
        private readonly clear: () => boolean,
    ) {}

    /** The next frame waits until this is done: their order stays. */
    async transform(
        frame: EncodedFrame,
        controller: TransformStreamDefaultController<EncodedFrame>,
    ): Promise<void> {
        const sealed = frame.data.byteLength < BIG ? this.seal(frame) : await this.sealBig(frame);
        if (typeof sealed === 'number') {
            this.dropped = true; // the gate is shut, or there is no meeting
            return;
        }
        frame.data = sealed;
        controller.enqueue(frame);
    }

    private seal(frame: EncodedFrame): ArrayBuffer | number {
        const n = this.keys.protect(this.context(frame), frame.data, this.isClear());
        return n < 0 ? n : this.keys.take(n);
    }

    private async sealBig(frame: EncodedFrame): Promise<ArrayBuffer | number> {
        try {
            return await this.keys.big.seal(this.context(frame), frame.data, this.isClear());
        } catch (error) {
            console.error(error);
            return -1;
        }
    }

    private isClear(): boolean {
        return this.options.kind === 'video' && this.clear();
    }

    /** What was dropped is missing in every picture that follows, up to the next key frame. */
    reopened(): void {
        if (!this.dropped || this.options.kind !== 'video') return;
        this.dropped = false;
        this.transformer.generateKeyFrame?.().catch(() => undefined);
    }

    /** A simulcast layer is a stream of its own. */
    private context(frame: EncodedFrame): number {
        const { layers, context } = this.options;
        if (!layers) return context;
        const rid = frame.getMetadata().rid;
        return (rid === undefined ? undefined : layers[rid]) ?? context;
    }
}

// Our own frames: sealed, or dropped while the gate is shut.
import type { TransformOptions } from '../core/types';
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

    transform(
        frame: EncodedFrame,
        controller: TransformStreamDefaultController<EncodedFrame>,
    ): void {
        const clear = this.options.kind === 'video' && this.clear();
        const n = this.keys.protect(this.context(frame), frame.data, clear);
        if (n < 0) {
            this.dropped = true; // the gate is shut, or there is no meeting
            return;
        }
        frame.data = this.keys.take(n);
        controller.enqueue(frame);
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

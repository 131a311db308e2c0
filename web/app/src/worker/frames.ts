// Frames of media, under the meeting's keys: every RTCRtpScriptTransform of the page ends here. Sound and small
// pictures are sealed and opened in WASM at once, large pictures by WebCrypto (big.ts): docs/web.md has the figures.
import type { TransformOptions } from '../core/types';
import { BigFrames } from './big';
import { ReceiveStream } from './receive';
import { SendStream } from './send';
import type { Meeting } from './meeting';
import type { Wasm } from './wasm';

export interface EncodedFrame {
    data: ArrayBuffer;
    readonly type?: 'key' | 'delta' | 'empty';
    getMetadata(): { rid?: string; payloadType?: number; synchronizationSource?: number };
}

/** What the DOM library of the page does not name. */
export interface Transformer {
    readonly readable: ReadableStream<EncodedFrame>;
    readonly writable: WritableStream<EncodedFrame>;
    readonly options: TransformOptions;
    generateKeyFrame?(rid?: string): Promise<unknown>;
    sendKeyFrameRequest?(): Promise<unknown>;
}

export interface TransformEvent {
    readonly transformer: Transformer;
}

/** Seals and opens, one frame at a time; both ends of the rooms that the glue keeps. */
export class FrameKeys {
    readonly big: BigFrames;
    private readonly room;
    private readonly out;
    private readonly seal;
    private readonly sealClear;
    private readonly open;

    constructor(readonly wasm: Wasm) {
        this.big = new BigFrames(wasm);
        this.room = wasm.function('in');
        this.out = wasm.function('out');
        this.seal = wasm.function('protect');
        this.sealClear = wasm.function('protect_clear');
        this.open = wasm.function('unprotect');
    }

    /** The length of the sealed frame, or an error below 0. */
    protect(context: number, frame: ArrayBuffer, clear: boolean): number {
        return (clear ? this.sealClear : this.seal)(context, this.give(frame));
    }

    unprotect(frame: ArrayBuffer, now: number): number {
        return this.open(this.give(frame), now);
    }

    /** A buffer of its own: what an encoded frame may keep. */
    take(length: number): ArrayBuffer {
        const at = this.out();
        return this.wasm.bytes.buffer.slice(at, at + length);
    }

    private give(frame: ArrayBuffer): number {
        const at = this.room(frame.byteLength);
        if (at === 0) return 0;
        this.wasm.bytes.set(new Uint8Array(frame), at);
        return frame.byteLength;
    }
}

export class Frames {
    /** Somebody receives without Dependency Descriptor: our pictures carry clear bytes (media-keys.md). */
    clear = false;
    private readonly keys: FrameKeys;
    private readonly sending = new Set<SendStream>();
    private readonly receiving = new Set<ReceiveStream>();

    constructor(
        wasm: Wasm,
        private readonly meeting: Meeting,
    ) {
        this.keys = new FrameKeys(wasm);
        meeting.listen((event) => {
            if (event.event === 'media_gate' && event.open)
                for (const s of this.sending) s.reopened();
            if (event.event === 'code') {
                this.keys.big.newEpoch();
                for (const s of this.receiving) s.retry();
            }
            if (event.event === 'left') for (const s of this.receiving) s.forget(event.person.leaf);
        });
    }

    take(transformer: Transformer): void {
        const { options } = transformer;
        const done = () => {
            this.sending.delete(stream as SendStream);
            this.receiving.delete(stream as ReceiveStream);
        };
        let stream: SendStream | ReceiveStream;
        if (options.direction === 'send') {
            stream = new SendStream(this.keys, transformer, options, () => this.clear);
            this.sending.add(stream);
        } else {
            stream = new ReceiveStream(this.keys, transformer, options, this.meeting);
            this.receiving.add(stream);
        }
        const through = new TransformStream<EncodedFrame, EncodedFrame>(stream);
        transformer.readable.pipeThrough(through).pipeTo(transformer.writable).then(done, done);
    }
}

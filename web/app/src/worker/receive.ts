// Others' frames: opened, held up to half a second for a key that is on its way, or dropped with a word on who and
// why. As client/engine/receive.c. What arrives may be anything: nothing here throws, and nothing stops the stream.
import type { MediaKind, TransformOptions } from '../core/types';
import { now } from './clock';
import type { EncodedFrame, FrameKeys, Transformer } from './frames';
import type { Meeting } from './meeting';

type ReceiveOptions = Extract<TransformOptions, { direction: 'receive' }>;

const HOLD_MS = 500; // docs/protocol/media-keys.md: frames of unknown KID wait so long at most
const HELD_MAX = 64;
const RETRY_MS = 50;
const TROUBLE_EVERY_MS = 2000;
const ASK_EVERY_MS = 500;
const VP8 = 96;

interface Held {
    frame: EncodedFrame;
    until: number;
}

/** By SFrame context: docs/protocol/media.md. */
function kindOf(context: number): MediaKind {
    return context === 0 ? 'audio' : context === 2 ? 'screen' : 'video';
}

export class ReceiveStream implements globalThis.Transformer<EncodedFrame, EncodedFrame> {
    private controller: TransformStreamDefaultController<EncodedFrame> | null = null;
    private held: Held[] = [];
    private timer: ReturnType<typeof setTimeout> | undefined;
    private troubleAt = -Infinity;
    private askedAt = -Infinity;
    private tile = ''; // whose frames come now: leaf, name, context
    private shown = ''; // the same, without the layer
    private whole = false; // no picture is missing since the last key frame
    private readonly heard = new Map<string, number>(); // streams that were told of, and their leaf

    constructor(
        private readonly keys: FrameKeys,
        private readonly transformer: Transformer,
        private readonly options: ReceiveOptions,
        private readonly meeting: Meeting,
    ) {}

    start(controller: TransformStreamDefaultController<EncodedFrame>): void {
        this.controller = controller;
    }

    transform(frame: EncodedFrame): void {
        if (this.held.length) this.retry(); // in their order, should the key have come meanwhile
        if (this.open(frame, true)) return;
        if (this.held.length >= HELD_MAX) this.held.shift();
        this.held.push({ frame, until: now() + HOLD_MS });
        this.timer ??= setTimeout(() => this.look(), RETRY_MS);
    }

    flush(): void {
        clearTimeout(this.timer);
        this.held = [];
    }

    /** Perhaps a key has come. */
    retry(): void {
        const held = this.held;
        this.held = [];
        for (const h of held) {
            if (this.open(h.frame, false)) continue;
            if (now() < h.until) this.held.push(h);
            else this.trouble('unknown_key', 'no key is known for it');
        }
    }

    /** Somebody went: who comes next into that leaf begins anew. */
    forget(leaf: number): void {
        for (const [stream, of] of this.heard) if (of === leaf) this.heard.delete(stream);
        this.tile = this.shown = '';
    }

    private look(): void {
        this.timer = undefined;
        this.retry();
        if (this.held.length) this.timer = setTimeout(() => this.look(), RETRY_MS);
    }

    /** False where its key is missing: the frame may be tried again. */
    private open(frame: EncodedFrame, first: boolean): boolean {
        const n = this.keys.unprotect(frame.data, now());
        if (n >= 0) {
            this.opened(frame, n);
            return true;
        }
        const error = this.keys.wasm.error(-n);
        if (error.code === 'unknown_key') {
            if (first) this.keys.wasm.raw('unknown_kid', now());
            return false;
        }
        this.refused(error.code, error.message);
        return true;
    }

    private opened(frame: EncodedFrame, length: number): void {
        const { wasm } = this.keys;
        const data = this.keys.take(length);
        const context = wasm.raw('from_context');
        this.tell(wasm.raw('from_leaf'), wasm.text(wasm.raw('from_name')), context);
        if (this.options.kind === 'video' && !this.isWhole(frame, data)) return;
        frame.data = data;
        try {
            this.controller?.enqueue(frame);
        } catch {
            this.controller = null; // the receiver is gone
        }
    }

    /** The name of a tile comes from what decrypts, and from nothing else. */
    private tell(leaf: number, name: string, context: number): void {
        const kind = kindOf(context);
        const shown = `${String(leaf)} ${kind} ${name}`;
        const tile = `${shown} ${String(context)}`;
        if (tile !== this.tile) this.whole = false;
        this.tile = tile;
        const { mid } = this.options;
        if (!this.heard.has(shown)) {
            this.heard.set(shown, leaf);
            this.meeting.tell({ event: 'hearing', leaf, name, stream: kind, mid });
        }
        if (shown === this.shown) return;
        this.shown = shown;
        this.meeting.tell({ event: 'tile', mid, leaf, name, stream: kind });
    }

    /** A picture after a lost one, or of another encoder, refers to what is not there. */
    private isWhole(frame: EncodedFrame, data: ArrayBuffer): boolean {
        if (this.isKey(frame, data)) this.whole = true;
        else if (!this.whole) this.askForKeyFrame();
        return this.whole;
    }

    private isKey(frame: EncodedFrame, data: ArrayBuffer): boolean {
        if (frame.getMetadata().payloadType !== VP8) return frame.type === 'key';
        return data.byteLength > 0 && (new Uint8Array(data, 0, 1)[0] ?? 1) % 2 === 0;
    }

    private refused(code: string, why: string): void {
        const expected = code === 'expired' || code === 'replay' || code === 'state';
        if (this.options.kind === 'video' && code !== 'replay') {
            this.whole = false;
            this.askForKeyFrame();
        }
        if (!expected) this.trouble(code, why);
    }

    private askForKeyFrame(): void {
        if (now() < this.askedAt + ASK_EVERY_MS) return;
        this.askedAt = now();
        this.transformer.sendKeyFrameRequest?.().catch(() => undefined);
    }

    private trouble(cause: string, why: string): void {
        if (now() < this.troubleAt + TROUBLE_EVERY_MS) return;
        this.troubleAt = now();
        const { wasm } = this.keys;
        const { mid } = this.options;
        const name = wasm.text(wasm.raw('from_name'));
        const leaf = name ? wasm.raw('from_leaf') : -1;
        this.meeting.tell({ event: 'trouble', cause, why, leaf, name, mid });
    }
}

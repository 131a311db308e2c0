// Others' frames: opened, held up to half a second for a key that is on its way, or dropped with a word on who and
// why. As client/engine/receive.c. What arrives may be anything: nothing here throws, and nothing stops the stream.
import type { CoreError } from '../core/error';
import type { MediaKind, TransformOptions } from '../core/types';
import { BIG } from './big';
import { now } from './clock';
import { readFrom, type From, type Opened } from './from';
import type { EncodedFrame, FrameKeys, Transformer } from './frames';
import type { Meeting } from './meeting';

type ReceiveOptions = Extract<TransformOptions, { direction: 'receive' }>;

const HOLD_MS = 500; // docs/protocol/media-keys.md: frames of unknown KID wait so long at most
const HELD_MAX = 64;
const RETRY_MS = 50;
const TROUBLE_EVERY_MS = 2000;
const ASK_EVERY_MS = 500;
const VP8 = 96;

interface Failed {
    error: CoreError;
    from: From;
}

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
    private turn: Promise<void> = Promise.resolve();
    private timer: ReturnType<typeof setTimeout> | undefined;
    private troubleAt = -Infinity;
    private askedAt = -Infinity;
    private tile = ''; // whose frames come now: leaf, name, context
    private shown = ''; // the same, without the layer
    private claim: From = { leaf: -1, context: 0, name: '' }; // of the last frame that did not open
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

    /** The next frame waits until this one is opened, held or dropped. */
    transform(frame: EncodedFrame): Promise<void> {
        return this.after(async () => {
            if (this.held.length) await this.retryHeld(); // in their order, should the key have come meanwhile
            if (await this.open(frame, true)) return;
            if (this.held.length >= HELD_MAX) this.held.shift();
            this.held.push({ frame, until: now() + HOLD_MS });
            this.timer ??= setTimeout(() => void this.look(), RETRY_MS);
        });
    }

    flush(): void {
        clearTimeout(this.timer);
        this.held = [];
    }

    /** Perhaps a key has come. */
    retry(): void {
        if (this.held.length) void this.after(() => this.retryHeld());
    }

    /** Somebody went: who comes next into that leaf begins anew. */
    forget(leaf: number): void {
        for (const [stream, of] of this.heard) if (of === leaf) this.heard.delete(stream);
        this.tile = this.shown = '';
    }

    /** One thing after the other; what goes wrong in one ends nothing. */
    private after(work: () => Promise<void>): Promise<void> {
        this.turn = this.turn.then(work).catch((error: unknown) => console.error(error));
        return this.turn;
    }

    private async retryHeld(): Promise<void> {
        const held = this.held;
        this.held = [];
        for (const h of held) {
            if (await this.open(h.frame, false)) continue;
            if (now() < h.until) this.held.push(h);
            else this.trouble('unknown_key', 'no key is known for it');
        }
    }

    private async look(): Promise<void> {
        this.timer = undefined;
        await this.after(() => this.retryHeld());
        if (this.held.length) this.timer ??= setTimeout(() => void this.look(), RETRY_MS);
    }

    /** False where its key is missing: the frame may be tried again. */
    private async open(frame: EncodedFrame, first: boolean): Promise<boolean> {
        const { data } = frame;
        const big = data.byteLength < BIG ? null : await this.keys.big.open(data, now);
        const opened = big ?? this.openHere(data);
        if ('plain' in opened) {
            this.opened(frame, opened);
            return true;
        }
        this.claim = opened.from;
        if (opened.error.code !== 'unknown_key') {
            this.refused(opened.error);
            return true;
        }
        if (first) this.keys.wasm.raw('unknown_kid', now());
        return false;
    }

    private openHere(data: ArrayBuffer): Opened | Failed {
        const { keys } = this;
        const n = keys.unprotect(data, now());
        const from = readFrom(keys.wasm);
        return n < 0 ? { error: keys.wasm.error(-n), from } : { plain: keys.take(n), from };
    }

    private opened(frame: EncodedFrame, { plain, from }: Opened): void {
        this.tell(from);
        if (this.options.kind === 'video' && !this.isWhole(frame, plain)) return;
        frame.data = plain;
        try {
            this.controller?.enqueue(frame);
        } catch {
            this.controller = null; // the receiver is gone
        }
    }

    /** The name of a tile comes from what decrypts, and from nothing else. */
    private tell({ leaf, name, context }: From): void {
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

    private refused({ code, message }: CoreError): void {
        const expected = code === 'expired' || code === 'replay' || code === 'state';
        if (this.options.kind === 'video' && code !== 'replay') {
            this.whole = false;
            this.askForKeyFrame();
        }
        if (!expected) this.trouble(code, message);
    }

    private askForKeyFrame(): void {
        if (now() < this.askedAt + ASK_EVERY_MS) return;
        this.askedAt = now();
        this.transformer.sendKeyFrameRequest?.().catch(() => undefined);
    }

    private trouble(cause: string, why: string): void {
        if (now() < this.troubleAt + TROUBLE_EVERY_MS) return;
        this.troubleAt = now();
        const { leaf, name } = this.claim;
        const { mid } = this.options;
        this.meeting.tell({ event: 'trouble', cause, why, leaf, name, mid });
    }
}

// One file on its way: what is known of it, whether it may go on, and the one word at its end.
import type { FileEvent, FileFault, FileInfo } from '../../files/types';
import { now } from '../clock';
import type { Context } from '../commands';

interface About extends FileInfo {
    chunk: number;
    chunks: number;
    sealed: number;
}

const TOLD_MS = 200;
const TRIES = 30;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 5000;

export class Fault extends Error {
    constructor(
        readonly why: FileFault,
        text: string,
        readonly chunk?: number,
    ) {
        super(text);
    }
}

export class Transfer {
    readonly about: About;
    readonly info: FileInfo;
    done = 0;
    private key: Promise<CryptoKey> | null = null;
    private readonly ended = new AbortController();
    private gate: { opened: Promise<void>; open: () => void } | null = null;
    private told = 0;
    private tries = 0;
    private whenAnnounced: (() => void) | null = null;

    constructor(
        private readonly c: Context,
        /** Of the C side. */
        readonly handle: number,
        readonly sending: boolean,
    ) {
        const about = JSON.parse(c.wasm.takeText(c.wasm.call('files_about', handle))) as About;
        const { file, name, type, size } = about;
        this.about = about;
        this.info = { file, name, type, size };
    }

    get signal(): AbortSignal {
        return this.ended.signal;
    }

    /** Does the work; told is how it ended, once. */
    async run(work: () => Promise<void>): Promise<void> {
        try {
            await work();
        } catch (error) {
            const f = this.signal.aborted ? (this.signal.reason as Error) : (error as Error);
            if (!(f instanceof Fault)) console.error(f);
            const fault = f instanceof Fault ? f : new Fault('failed', f.message);
            const more = fault.chunk === undefined ? {} : { chunk: fault.chunk };
            this.tell({ event: 'file_failed', why: fault.why, text: fault.message, ...more, ...this.moving() });
        } finally {
            this.drop();
        }
    }

    drop(): void {
        this.c.wasm.raw('files_drop', this.handle);
    }

    moving() {
        return { ...this.info, sending: this.sending, done: this.done };
    }

    tell(event: FileEvent): void {
        this.c.tell(event);
    }

    progress(done: number): void {
        this.done = done;
        this.tries = 0;
        if (this.gate) return; // what was on its way when it was paused
        if (now() - this.told < TOLD_MS && done < this.info.size) return;
        this.told = now();
        this.tell({ event: 'file_progress', ...this.moving() });
    }

    pause(): void {
        if (this.gate) return;
        let open = () => undefined as void;
        const opened = new Promise<void>((resolve) => (open = resolve));
        this.gate = { opened, open };
        this.tell({ event: 'file_paused', why: 'asked', ...this.moving() });
    }

    resume(): void {
        this.gate?.open();
        this.gate = null;
        this.tries = 0;
        this.tell({ event: 'file_progress', ...this.moving() });
    }

    fail(why: FileFault, text: string): void {
        this.ended.abort(new Fault(why, text));
        this.gate?.open();
    }

    /** Before every step: waits while it is paused, throws when it is over. */
    async may(): Promise<void> {
        while (this.gate) await this.gate.opened;
        this.signal.throwIfAborted();
    }

    /** After trouble on the way; throws when it was too much. */
    async rest(why: 'connection' | 'busy'): Promise<void> {
        if (++this.tries > TRIES) throw new Fault('connection', 'the server does not answer');
        if (this.tries === 1 && why === 'connection')
            this.tell({ event: 'file_paused', why: 'connection', ...this.moving() });
        const ms = Math.min(BACKOFF_MS * 2 ** (this.tries - 1), BACKOFF_MAX_MS);
        await new Promise((resolve) => setTimeout(resolve, ms));
    }

    announced(): void {
        this.whenAnnounced?.();
    }

    /** Our own announcement has come back in the meeting's order. */
    untilAnnounced(): Promise<void> {
        return new Promise((resolve, reject) => {
            this.whenAnnounced = resolve;
            this.signal.addEventListener('abort', () => reject(this.signal.reason as Error), { once: true });
        });
    }

    // ---- chunks, by WebCrypto; what binds them comes from C ----

    async seal(i: number, plain: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
        const how = this.binding(i);
        return new Uint8Array(await crypto.subtle.encrypt(how, await this.cryptoKey(), plain));
    }

    /** null: it does not open. */
    async open(i: number, sealed: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer | null> {
        const how = this.binding(i);
        const key = await this.cryptoKey();
        return crypto.subtle.decrypt(how, key, sealed).catch(() => null);
    }

    /** Takes a chunk into the digest; a negative number says what is wrong with it. */
    took(sealed: Uint8Array, ok: boolean): number {
        const [length = 0] = this.c.wasm.give(sealed);
        return this.c.wasm.raw('files_took', this.handle, length, ok ? 1 : 0);
    }

    private binding(i: number) {
        const bytes = this.c.wasm.take(this.c.wasm.call('files_bind', this.handle, i));
        return {
            name: 'AES-GCM',
            iv: bytes.subarray(0, 12),
            additionalData: bytes.subarray(12),
            tagLength: 128,
        };
    }

    private cryptoKey(): Promise<CryptoKey> {
        if (!this.key) {
            const raw = this.c.wasm.take(this.c.wasm.call('files_key', this.handle));
            this.c.wasm.raw('wipe');
            this.key = crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
            void this.key.finally(() => raw.fill(0));
        }
        return this.key;
    }
}

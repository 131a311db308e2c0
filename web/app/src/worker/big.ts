// Large frames go through WebCrypto, which is faster than WASM from about two kilobytes on (docs/web.md). Counters,
// windows and rules stay in C: it plans each frame, and marks it only once it has authenticated. Keys come here as
// CryptoKeys that cannot be taken out again.
import { readFrom, type Opened } from './from';
import type { Call, Wasm } from './wasm';

/** Bytes from which a frame goes this way; measured by tools/bench (web.frame_*). */
export const BIG = 2048;

const HEAD = 64; // of a frame: enough for prefix, header and a tag
const NAME = 20; // of a key: generation, epoch, KID
const NONCE = 12;
const FIRST = NAME + NONCE; // prefix length, header length, then what belongs to the direction
const REST = FIRST + 2;
const AFTER_EPOCH_MS = 12_000; // old epochs are over by then

export class BigFrames {
    private readonly keys = new Map<string, Promise<CryptoKey>>();
    private readonly room: Call;
    private readonly sealBegin: Call;
    private readonly openBegin: Call;
    private readonly openEnd: Call;

    constructor(private readonly wasm: Wasm) {
        this.room = wasm.function('in');
        this.sealBegin = wasm.function('seal_begin');
        this.openBegin = wasm.function('open_begin');
        this.openEnd = wasm.function('open_end');
    }

    /** A new epoch: keys are asked for anew, and those of old ones are let go. */
    newEpoch(): void {
        this.keys.clear();
        setTimeout(() => this.keys.clear(), AFTER_EPOCH_MS);
    }

    /** The sealed frame, or an error of the core's below 0. */
    async seal(context: number, frame: ArrayBuffer, clear: boolean): Promise<ArrayBuffer | number> {
        const n = this.sealBegin(context);
        if (n < 0) return n;
        const plan = this.wasm.take(n);
        const header = plan.subarray(REST);
        const key = this.key(plan, 'seal_key', context, 'encrypt');
        const prefix = clear ? this.prefix(frame) : new Uint8Array(0);
        const body = await crypto.subtle.encrypt(algorithm(plan, header), await key, frame);
        return join(prefix, header, new Uint8Array(body));
    }

    /** null where it does not open; why, WASM says when it is asked the same. */
    async open(sealed: ArrayBuffer, now: () => number): Promise<Opened | null> {
        const head = new Uint8Array(sealed, 0, Math.min(HEAD, sealed.byteLength));
        const at = this.room(head.length);
        this.wasm.bytes.set(head, at);
        const n = this.openBegin(head.length, now());
        if (n < 0) return null;
        const plan = this.wasm.take(n);
        const [clear = 0, length = 0, number = 0] = plan.subarray(FIRST);
        const key = this.key(plan, 'open_key', number, 'decrypt');
        const header = new Uint8Array(sealed, clear, length);
        const body = new Uint8Array(sealed, clear + length);
        let plain: ArrayBuffer;
        try {
            plain = await crypto.subtle.decrypt(algorithm(plan, header), await key, body);
        } catch {
            return null;
        }
        return this.openEnd(number, now()) < 0 ? null : { plain, from: readFrom(this.wasm) };
    }

    private prefix(frame: ArrayBuffer): Uint8Array<ArrayBuffer> {
        const [length = 0] = this.wasm.give(new Uint8Array(frame, 0, Math.min(16, frame.byteLength)));
        return this.wasm.take(this.wasm.call('clear_prefix', length));
    }

    private key(
        plan: Uint8Array,
        ask: string,
        arg: number,
        use: 'encrypt' | 'decrypt',
    ): Promise<CryptoKey> {
        const name = String.fromCharCode(...plan.subarray(0, NAME)) + use;
        const known = this.keys.get(name);
        if (known) return known;
        const raw = this.wasm.take(this.wasm.call(ask, arg));
        const key = crypto.subtle.importKey('raw', raw, 'AES-GCM', false, [use]);
        raw.fill(0); // importKey has its copy: it takes one before it returns
        this.wasm.raw('wipe_answer');
        this.keys.set(name, key);
        return key;
    }
}

function algorithm(plan: Uint8Array<ArrayBuffer>, header: Uint8Array<ArrayBuffer>): AesGcmParams {
    return { name: 'AES-GCM', iv: plan.subarray(NAME, FIRST), additionalData: header };
}

function join(...parts: Uint8Array[]): ArrayBuffer {
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const p of parts) {
        all.set(p, at);
        at += p.length;
    }
    return all.buffer;
}

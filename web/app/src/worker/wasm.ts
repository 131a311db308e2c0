// The loader of core.wasm: no JavaScript of emscripten's, nothing that a strict policy would refuse. The module
// gets randomness of the browser, a way to say its last words, and nothing else (web/wasm/glue.h).
import { CoreError } from '../core/error';

type Exported = Record<string, (...args: number[]) => number>;

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const AT_ONCE = 65536; // getRandomValues's limit

export type Call = (...args: number[]) => number;

export class Wasm {
    private readonly exported: Exported;
    private readonly memory: WebAssembly.Memory;
    private view = new Uint8Array(0);

    private constructor(instance: WebAssembly.Instance) {
        this.exported = instance.exports as unknown as Exported;
        this.memory = instance.exports['memory'] as WebAssembly.Memory;
    }

    static async load(compiled: Promise<WebAssembly.Module>): Promise<Wasm> {
        let self: Wasm | null = null;
        const bytes = () => (self ? self.bytes : new Uint8Array(0));
        const instance = await WebAssembly.instantiate(await compiled, imports(bytes));
        self = new Wasm(instance);
        self.exported['_initialize']?.();
        return self;
    }

    /** The linear memory; a new view after each growth. */
    get bytes(): Uint8Array<ArrayBuffer> {
        if (this.view.buffer !== this.memory.buffer) this.view = new Uint8Array(this.memory.buffer);
        return this.view as Uint8Array<ArrayBuffer>;
    }

    /** The number that icw_<name> gives, errors too. */
    raw(name: string, ...args: number[]): number {
        const f = this.exported['icw_' + name];
        if (!f) throw new CoreError('unsupported', 'the core has no ' + name);
        return f(...args);
    }

    /** The same for a loop that calls it often. */
    function(name: string): Call {
        const f = this.exported['icw_' + name];
        if (!f) throw new CoreError('unsupported', 'the core has no ' + name);
        return f;
    }

    /** The number that icw_<name> gives; throws where it is an error. */
    call(name: string, ...args: number[]): number {
        const n = this.raw(name, ...args);
        if (n < 0) throw this.error(-n);
        return n;
    }

    error(code: number): CoreError {
        const name = this.text(this.raw('error_name', code)).replace(/^ERR_/, '').toLowerCase();
        return new CoreError(name, this.text(this.raw('error_text', code)));
    }

    /** Puts parts, one behind the other, where the next call finds them; their lengths. */
    give(...parts: (Uint8Array | string)[]): number[] {
        const all = parts.map((p) => (typeof p === 'string' ? encoder.encode(p) : p));
        const total = all.reduce((n, p) => n + p.length, 0);
        let at = this.raw('in', total);
        if (at === 0) throw new CoreError('nomem', 'too much for the core');
        for (const p of all) {
            this.bytes.set(p, at);
            at += p.length;
        }
        return all.map((p) => p.length);
    }

    /** A copy of the answer's n bytes. */
    take(n: number): Uint8Array<ArrayBuffer> {
        const at = this.raw('out');
        return this.bytes.slice(at, at + n);
    }

    /** The answer's n bytes as text. */
    takeText(n: number): string {
        const at = this.raw('out');
        return decoder.decode(this.bytes.subarray(at, at + n));
    }

    /** NUL-terminated text at an address. */
    text(at: number): string {
        return decoder.decode(this.bytes.subarray(at, this.bytes.indexOf(0, at)));
    }
}

function fill(bytes: Uint8Array<ArrayBuffer>): void {
    for (let at = 0; at < bytes.length; at += AT_ONCE)
        crypto.getRandomValues(bytes.subarray(at, at + AT_ONCE));
}

/** What a failing assertion says, to the console. */
function write(bytes: Uint8Array, list: number, count: number, written: number): number {
    const view = new DataView(bytes.buffer);
    let total = 0;
    for (let i = 0; i < count; i++) {
        const at = view.getUint32(list + 8 * i, true);
        const length = view.getUint32(list + 8 * i + 4, true);
        const text = decoder.decode(bytes.subarray(at, at + length)).trim();
        if (text) console.error('core: ' + text);
        total += length;
    }
    view.setUint32(written, total, true);
    return 0;
}

function imports(bytes: () => Uint8Array<ArrayBuffer>): WebAssembly.Imports {
    return {
        env: {
            getentropy: (at: number, length: number) => {
                fill(bytes().subarray(at, at + length));
                return 0;
            },
            emscripten_notify_memory_growth: () => undefined,
        },
        wasi_snapshot_preview1: {
            proc_exit: (status: number) => {
                throw new Error('the core gave up: ' + String(status));
            },
            fd_write: (_fd: number, list: number, count: number, written: number) =>
                write(bytes(), list, count, written),
            fd_close: () => 0,
            fd_seek: () => 70, // no stream
        },
    };
}

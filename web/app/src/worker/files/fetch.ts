// A file comes from the server a few chunks at a time, and is given away when it is what was announced.
import type { Context } from '../commands';
import { request } from './request';
import type { Right } from './right';
import type { Target } from './target';
import { Fault, type Transfer } from './transfer';

const AT_ONCE = 4 << 20; // bytes of one answer

const WORDS: Record<string, string> = {
    'bad-chunk': 'is damaged, or not what was sent',
    truncated: 'is missing: the server has less than was sent',
    'too-long': 'is longer than what was sent',
    'wrong-digest': 'is the last, and the whole is not what was announced',
};

function faultOf(c: Context, t: Transfer): Fault {
    const text = c.wasm.takeText(c.wasm.call('files_fault', t.handle));
    const { why, chunk } = JSON.parse(text) as { why: 'bad-chunk'; chunk: number };
    return new Fault(why, `part ${chunk + 1} of ${t.about.chunks} ${WORDS[why] ?? ''}`, chunk);
}

async function write(to: Target, bytes: ArrayBuffer): Promise<void> {
    try {
        await to.write(bytes);
    } catch (error) {
        const full = error instanceof DOMException && error.name === 'QuotaExceededError';
        throw new Fault(full ? 'full' : 'failed', full ? 'no room is left on this device' : String(error));
    }
}

/** The chunks that a piece of the file holds, from i on; how many opened, and whether one did not. */
async function take(t: Transfer, to: Target, i: number, bytes: Uint8Array<ArrayBuffer>) {
    const { chunk, chunks, sealed } = t.about;
    const first = i;
    for (let at = 0; i < chunks; i++) {
        const length = i + 1 < chunks ? chunk + 16 : sealed - i * (chunk + 16);
        const part = bytes.subarray(at, at + length);
        if (part.length < length) break;
        const plain = await t.open(i, part);
        if (t.took(part, plain !== null) < 0 || !plain) return { taken: i - first, bad: true };
        await write(to, plain);
        at += length;
        t.progress(Math.min((i + 1) * chunk, t.info.size));
        await t.may();
    }
    return { taken: i - first, bad: false };
}

async function bytesOf(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
    if (answer.status === 416) return new Uint8Array(0);
    // What ends too early is looked at as far as it came.
    const parts: Uint8Array[] = [];
    const reader = answer.body?.getReader();
    try {
        for (let r = await reader?.read(); r && !r.done; r = await reader?.read()) parts.push(r.value);
    } catch {
        // the connection broke, or the server has no more
    }
    return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

async function chunksOf(c: Context, t: Transfer, right: Right, to: Target): Promise<void> {
    const { chunk, chunks, sealed } = t.about;
    const step = Math.max(1, Math.floor(AT_ONCE / (chunk + 16)));
    let again = 0;
    for (let i = 0; i < chunks; ) {
        await t.may();
        const from = i * (chunk + 16);
        const end = Math.min((i + step) * (chunk + 16), sealed);
        const answer = await request(t, right, { method: 'GET', range: `bytes=${from}-${end - 1}` });
        if (!answer) continue;
        const { taken, bad } = await take(t, to, i, await bytesOf(answer));
        i += taken;
        again = taken > 0 ? 0 : again + 1;
        // Once more, for what the way did to it; then it is what the server has.
        if (again > 1) {
            if (!bad) t.took(new Uint8Array(0), true); // names what is missing
            throw faultOf(c, t);
        }
    }
    if (c.wasm.raw('files_whole', t.handle) < 0) throw faultOf(c, t);
}

export async function fetchFile(
    c: Context,
    t: Transfer,
    right: Right,
    to: Target,
    preview: boolean,
): Promise<void> {
    try {
        await chunksOf(c, t, right, to);
    } catch (error) {
        await to.abort();
        throw error;
    }
    const blob = await to.close();
    t.tell({ event: 'file_got', ...t.moving(), preview, ...(blob ? { blob } : {}) });
}

// A file goes to the server chunk by chunk, and is announced when it is there.
import { act, type Context } from '../commands';
import { request, type Ask } from './request';
import type { Right } from './right';
import { Fault, type Transfer } from './transfer';

async function bytesOf(file: File, from: number, to: number): Promise<ArrayBuffer> {
    const bytes = await file
        .slice(from, to)
        .arrayBuffer()
        .catch(() => null);
    if (bytes?.byteLength !== to - from) throw new Fault('changed', 'the file changed while it was sent');
    return bytes;
}

async function announce(c: Context, t: Transfer): Promise<void> {
    const came = t.untilAnnounced();
    came.catch(() => undefined);
    for (;;) {
        await t.may();
        try {
            act(c, 'files_announce', t.handle);
            break;
        } catch {
            await t.rest('busy'); // the meeting cannot say it now
        }
    }
    await came;
}

/** How much the server has, where it says so. */
async function ask(t: Transfer, right: Right, what: Ask): Promise<number | null> {
    const answer = await request(t, right, what);
    if (!answer) return null;
    const { have } = (await answer.json().catch(() => ({}))) as { have?: number };
    if (typeof have === 'number') return have;
    await t.rest('busy'); // the piece before is still being written
    return null;
}

export async function sendFile(c: Context, t: Transfer, right: Right, file: File): Promise<void> {
    const { chunk, chunks, sealed, size } = t.about;
    let begun = false;
    let at = 0;
    // An index is sealed once: what may have to be sent again is kept.
    let piece: Uint8Array<ArrayBuffer> | null = null;
    for (let i = 0; at < sealed || !begun; ) {
        await t.may();
        if (begun && !piece && i < chunks) {
            const plain = await bytesOf(file, i * chunk, Math.min((i + 1) * chunk, size));
            piece = await t.seal(i, plain);
            if (t.took(piece, true) < 0) throw new Fault('changed', 'the file changed while it was sent');
            i++;
        }
        const have: number | null = begun
            ? await ask(t, right, { method: 'PUT', query: `?at=${at}`, body: piece as Uint8Array<ArrayBuffer> })
            : await ask(t, right, { method: 'POST', query: `?size=${sealed}` });
        begun = have !== null;
        if (have === null) continue;
        if (have === at + (piece?.length ?? 0)) {
            at = have;
            piece = null;
            t.progress(Math.min(i * chunk, size));
        } else if (have !== at) {
            throw new Fault('not-found', 'the server has lost what was sent: send the file again');
        }
    }
    await announce(c, t);
    t.tell({ event: 'file_sent', ...t.moving() });
}

// One request about a file, and what its status means for the transfer.
import { Fault, type Transfer } from './transfer';
import type { Grant, Right } from './right';

export interface Ask {
    method: 'POST' | 'PUT' | 'GET';
    query?: string;
    range?: string;
    body?: Uint8Array<ArrayBuffer>;
}

async function fetched(t: Transfer, { path, token }: Grant, ask: Ask): Promise<Response | null> {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (ask.range) headers['range'] = ask.range;
    if (ask.body) headers['content-type'] = 'application/octet-stream';
    try {
        return await fetch(`${path}/${t.info.file}${ask.query ?? ''}`, {
            method: ask.method,
            headers,
            body: ask.body ?? null,
            signal: t.signal,
            cache: 'no-store',
        });
    } catch (error) {
        if (t.signal.aborted) throw error;
        return null; // no way to the server now
    }
}

/** An answer that means something to the caller; null: ask again, everything else throws. */
export async function request(t: Transfer, right: Right, ask: Ask): Promise<Response | null> {
    const answer = await fetched(t, await right.get(t.signal), ask);
    switch (answer?.status) {
        case 200:
        case 201:
        case 206:
        case 409:
        case 416:
            return answer;
        case 401:
            right.refused();
            await t.rest('busy');
            return null;
        case 404:
            throw new Fault('not-found', 'the file is not there any more');
        case 413:
            throw new Fault('too-large', 'the file is larger than this server takes');
        case 429: {
            const { text } = (await answer.json().catch(() => ({ text: '' }))) as { text?: string };
            if (text !== 'too many requests') throw new Fault('limit', text ?? '');
            await t.rest('busy');
            return null;
        }
        case 507:
            throw new Fault('full', 'the server’s disk is full');
        default:
            await t.rest('connection');
            return null;
    }
}

// A look at a meeting before going in: its suite, for the device's key must fit it, and what the page before the
// room tells. On a connection of its own, which ends with the answer.
import { CoreError } from '../core/error';
import type { Look } from '../core/commands';
import { now } from './clock';
import { PROTOCOL } from './socket';
import type { Wasm } from './wasm';

const LIMIT_MS = 8000;

export function lookAt(wasm: Wasm, link: string, url: string): Promise<Look> {
    return new Promise((resolve, reject) => {
        const ws = new WebSocket(url, PROTOCOL);
        const end = (then: () => void) => {
            clearTimeout(limit);
            ws.onclose = ws.onmessage = ws.onopen = null;
            ws.close();
            then();
        };
        const fail = (error: unknown) =>
            end(() => reject(error instanceof Error ? error : new Error(String(error))));
        const limit = setTimeout(() => fail(new CoreError('timeout', 'the server is silent')), LIMIT_MS);
        ws.binaryType = 'arraybuffer';
        ws.onclose = () => fail(new CoreError('closed', 'the server cannot be reached'));
        ws.onopen = () => {
            try {
                ws.send(wasm.take(answer(wasm, wasm.call('look', ...wasm.give(link), now()))));
            } catch (error) {
                fail(error);
            }
        };
        ws.onmessage = (e: MessageEvent<ArrayBuffer>) => {
            try {
                const done = wasm.call('look_receive', ...wasm.give(new Uint8Array(e.data)));
                if (done === 1) ws.send(wasm.take(answer(wasm, 1)));
                if (done === 2) {
                    const look = JSON.parse(wasm.takeText(answer(wasm, 2))) as Look;
                    end(() => resolve(look));
                }
            } catch (error) {
                fail(error);
            }
        };
    });
}

/** The length of what lies in the room out. */
function answer(wasm: Wasm, _done: number): number {
    return wasm.call('answer_len');
}

// Who a frame is of. Read at once after the call that opened it: the next frame of another stream changes it.
import type { Wasm } from './wasm';

export interface From {
    /** -1: nobody can be named. */
    leaf: number;
    context: number;
    name: string;
}

/** An opened frame, and whose it is. */
export interface Opened {
    plain: ArrayBuffer;
    from: From;
}

/** After a frame that did not open: what it claims, and nothing of it is authenticated. */
export function readFrom(wasm: Wasm): From {
    return {
        leaf: wasm.raw('from_leaf'),
        context: wasm.raw('from_context'),
        name: wasm.text(wasm.raw('from_name')),
    };
}

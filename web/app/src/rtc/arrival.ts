// What to say about a picture or a voice that was asked for. Pure: observations in, a state out.
import type { ArrivalState } from './types';

export interface Observed {
    /** The server lists it (a hint), or it has been seen. */
    announced: boolean;
    /** It is on the screen, and a slot was asked to carry it. */
    wanted: boolean;
    /** Milliseconds since it was asked for. */
    sinceMs: number;
    /** Milliseconds since frames last came out of the decoder; Infinity: never. */
    sinceDecodedMs: number;
    /** Milliseconds since packets last came in. */
    sincePacketMs: number;
    /** The cause in the worker's latest word on this slot, and how long ago that was. */
    trouble: string;
    sinceTroubleMs: number;
    /** Decrypted frames have told that the slot carries this very person. */
    theirs: boolean;
}

export const PATIENCE_MS = 2000;
/** The worker tells of trouble every two seconds at most. */
const TROUBLE_MS = 3000;

export function arrivalOf(o: Observed): ArrivalState {
    if (!o.announced || !o.wanted) return 'paused';
    if (o.theirs && o.sinceDecodedMs < PATIENCE_MS) return 'ok';
    if (o.sinceTroubleMs < TROUBLE_MS)
        return o.trouble === 'unknown_key' ? 'keys-missing' : 'garbage';
    if (o.sinceMs < PATIENCE_MS) return 'waiting';
    // It decrypts, and no decoder can read it: made by somebody with the keys, and still no
    // picture.
    if (o.theirs && o.sincePacketMs < PATIENCE_MS) return 'garbage';
    return 'no-frames';
}

// What the server tells of a meeting before anybody joins. Its title is a hint: nobody has signed it.
import type { Core } from '../core/types';

export interface Looked {
    title: string;
    number: string;
    locked: boolean;
    watermark: boolean;
    recording: boolean;
    over: boolean;
    suite: number;
    /** False: there is no such meeting. */
    found: boolean;
}

const ABSENT: Looked = {
    title: '',
    number: '',
    locked: false,
    watermark: false,
    recording: false,
    over: false,
    suite: 0,
    found: false,
};

/** null: the server did not answer; then joining says why. */
export async function lookAt(core: Core, link: string): Promise<Looked | null> {
    try {
        const l = await core.do({ do: 'look', link });
        const { title, number, locked, watermark, recording, over, suite } = l;
        return { title, number, locked, watermark, recording, over, suite, found: true };
    } catch (e) {
        const gone = e instanceof Error && 'code' in e && e.code === 'not_found';
        return gone ? ABSENT : null;
    }
}

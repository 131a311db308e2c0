// What people tell each other beside plain lines: web/wasm/glue_chat.c.
import type { VideoCodec } from '../chat/types';
import { act, type Handlers } from './commands';
import type { WorkerFeature } from './features';

const BITS: Record<VideoCodec, number> = { vp8: 1, vp9: 2 };

/** As the glue reads them: four bytes each, most significant first. */
function leavesOf(leaves: readonly number[]): Uint8Array {
    const bytes = new DataView(new ArrayBuffer(4 * leaves.length));
    leaves.forEach((leaf, i) => bytes.setUint32(4 * i, leaf));
    return new Uint8Array(bytes.buffer);
}

const handlers: Handlers = {
    chat: (c, { text, reply, mentions, everybody }) => {
        const leaves = leavesOf(mentions ?? []);
        const [length = 0] = c.wasm.give(text, leaves);
        act(c, 'talk_say', length, leaves.length / 4, reply ?? 0, everybody ? 1 : 0);
    },
    mark: (c, { seq, sign, put }) => {
        const [length = 0] = c.wasm.give(sign);
        act(c, 'talk_mark', length, seq, put ? 1 : 0);
    },
    react: (c, { sign }) => void act(c, 'talk_react', ...c.wasm.give(sign)),
    hand: (c, { up }) => void act(c, 'talk_hand', up ? 1 : 0),
    record: (c, { on }) => void act(c, 'talk_record', on ? 1 : 0),
    mute: (c, { leaf }) => void act(c, 'talk_mute', leaf),
    mute_all: (c) => void act(c, 'talk_mute', -1),
    status: (c, s) => {
        const codecs = s.codecs.reduce((all, k) => all | BITS[k], 0);
        const flags = [s.microphone, s.camera, s.sharing, s.opaque].map((on) => (on ? 1 : 0));
        act(c, 'talk_status', ...flags, codecs);
    },
};

export const chat: WorkerFeature = { handlers };

// Media as the page asks the forwarder for it: one command a request of the protocol (docs/protocol/media.md).
import type { CommandOf } from '../core/types';
import type { Context, Handlers } from './commands';

const encoder = new TextEncoder();

function fromHex(text: string): Uint8Array {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function open(c: Context, o: CommandOf<'media_open'>): void {
    const { wasm } = c;
    wasm.raw('media_begin');
    for (const s of o.sources) wasm.call('media_source', s.kind, s.context, s.ssrc);
    const lengths = wasm.give(o.ufrag, o.pwd, fromHex(o.fingerprint));
    wasm.call('media_open', ...lengths, o.audio_slots, o.video_slots);
    c.meeting.pump();
}

/** All texts of the list go in first, one behind the other; each is named by its place. */
function publish(c: Context, { streams }: CommandOf<'media_publish'>): void {
    const { wasm } = c;
    const texts: Uint8Array[] = [];
    let at = 0;
    const place = (text: string): [number, number] => {
        const bytes = encoder.encode(text);
        texts.push(bytes);
        at += bytes.length;
        return [at - bytes.length, bytes.length];
    };
    const placed = streams.map((s) => ({
        ...s,
        midAt: place(s.mid),
        layers: s.layers.map((l) => ({ ...l, ridAt: place(l.rid) })),
    }));
    wasm.give(...texts);
    wasm.raw('media_begin');
    for (const s of placed) {
        wasm.call('media_stream', s.kind, s.codec, ...s.midAt);
        for (const l of s.layers) wasm.call('media_layer', ...l.ridAt, l.ssrc, l.height, l.context);
    }
    wasm.call('media_publish');
    c.meeting.pump();
}

function select(c: Context, { slots }: CommandOf<'media_select'>): void {
    const list = new DataView(new ArrayBuffer(8 * slots.length));
    slots.forEach((s, i) => {
        list.setUint32(8 * i, s.source);
        list.setUint32(8 * i + 4, s.height);
    });
    c.wasm.give(new Uint8Array(list.buffer));
    c.wasm.call('media_select', slots.length);
    c.meeting.pump();
}

export const mediaHandlers: Handlers = {
    media_open: open,
    media_publish: publish,
    media_select: select,
    clear_bytes: (c, { on }) => {
        c.frames.clear = on;
    },
};

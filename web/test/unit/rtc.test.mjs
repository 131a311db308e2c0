// The parts of src/rtc that need no browser: the offer's text, slots, who speaks, what a tile says.
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './load.mjs';

const { writeOffer, ssrcsOf, OfferError } = await load('rtc/sdp.ts');
const { SlotTable, stepUp } = await load('rtc/slots.ts');
const { arrivalOf } = await load('rtc/arrival.ts');
const { Speakers } = await load('rtc/speakers.ts');
const { formFor, abilitiesIn } = await load('rtc/profile.ts');
const { troubleOf } = await load('rtc/trouble.ts');
const { loudness } = await load('rtc/meter.ts');
const { sectionsFor } = await load('rtc/peer.ts');
const { Receiver } = await load('rtc/receiver.ts');

const offer = (more = {}) => ({
    ufrag: 'abcd',
    pwd: '0123456789012345678901',
    fingerprint: 'ab'.repeat(32),
    addresses: [
        { host: '192.0.2.7', port: 40000 },
        { host: '2001:db8::7', port: 40001 },
    ],
    sections: [
        { mid: 'a', kind: 'audio', direction: 'send', codecs: ['opus'] },
        {
            mid: 'v',
            kind: 'video',
            direction: 'send',
            codecs: ['vp8'],
            rids: ['l', 'm', 'h'],
            startKbps: 2500,
        },
        { mid: 'v0', kind: 'video', direction: 'receive', codecs: ['vp8', 'vp9'], ssrc: 77 },
    ],
    ...more,
});

/** Lines of the section with that mid. */
function section(sdp, mid) {
    const part = sdp.split(/(?=m=)/).find((p) => p.includes(`a=mid:${mid}\r\n`));
    return part.split('\r\n');
}

test('an offer is a lite one in a single bundle, with the fixed numbers', () => {
    const sdp = writeOffer(offer());
    assert.match(sdp, /^v=0\r\n/);
    assert.ok(sdp.endsWith('\r\n') && !/[^\r]\n/.test(sdp), 'every line ends in CR LF');
    const head = sdp.split('m=')[0];
    assert.ok(head.includes('a=ice-lite') && head.includes('a=group:BUNDLE a v v0'));
    const voice = section(sdp, 'a');
    assert.equal(voice[0], 'm=audio 9 UDP/TLS/RTP/SAVPF 111');
    for (const line of [
        'a=recvonly',
        'a=rtcp-mux',
        'a=rtcp-rsize',
        'a=setup:actpass',
        'a=ptime:20',
    ])
        assert.ok(voice.includes(line), line);
    assert.ok(voice.some((l) => l.startsWith('a=extmap:1 ') && l.endsWith('ssrc-audio-level')));
    assert.ok(voice.some((l) => /^a=fmtp:111 .*useinbandfec=1/.test(l)));
    assert.ok(voice.includes(`a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`));
    assert.ok(voice.includes('a=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host'));
    assert.ok(voice.includes('a=candidate:2 1 udp 2130706175 2001:db8::7 40001 typ host'));
});

test('the camera is offered in three layers with descriptor, mid and rid, and a brisk start', () => {
    const camera = section(writeOffer(offer()), 'v');
    assert.ok(camera.includes('a=simulcast:recv l;m;h'));
    assert.deepEqual(camera.filter((l) => l.startsWith('a=rid:')).length, 3);
    for (const id of [3, 4, 5])
        assert.ok(
            camera.some((l) => l.startsWith(`a=extmap:${id} `)),
            `${id}`,
        );
    assert.ok(camera.includes('a=fmtp:96 x-google-start-bitrate=2500'));
    assert.ok(!camera.some((l) => l.startsWith('a=ssrc:') || l.startsWith('a=candidate:')));
});

test('a slot carries its SSRC and both codecs, and is asked for by NACK and PLI only', () => {
    const slot = section(writeOffer(offer()), 'v0');
    assert.equal(slot[0], 'm=video 9 UDP/TLS/RTP/SAVPF 96 98');
    assert.ok(slot.includes('a=sendonly') && slot.includes('a=ssrc:77 cname:v0'));
    assert.ok(slot.includes('a=rtcp-fb:98 nack pli') && slot.includes('a=fmtp:98 profile-id=0'));
    assert.ok(!slot.some((l) => /rtx|abs-send-time|transport-cc|transport-wide/.test(l)));
});

test('a server cannot write lines of its own into the offer', () => {
    const bad = [
        { ufrag: 'abcd\r\na=evil' },
        { ufrag: 'abc' },
        { ufrag: 'a'.repeat(257) },
        { pwd: 'short' },
        { pwd: '0123456789012345678901\n' },
        { fingerprint: 'ab'.repeat(31) },
        { fingerprint: 'zz'.repeat(32) },
        { addresses: [] },
        { addresses: [{ host: '192.0.2.7 1 typ relay', port: 1 }] },
        { addresses: [{ host: 'example.org', port: 1 }] },
        { addresses: [{ host: '192.0.2.7', port: 0 }] },
        { addresses: [{ host: '192.0.2.7', port: 65536 }] },
        { addresses: [{ host: '192.0.2.7', port: 1.5 }] },
        {
            sections: [
                { mid: 'v0', kind: 'video', direction: 'receive', codecs: ['vp8'], ssrc: -1 },
            ],
        },
        {
            sections: [
                { mid: 'v0', kind: 'video', direction: 'receive', codecs: ['vp8'], ssrc: 2 ** 32 },
            ],
        },
    ];
    for (const b of bad) assert.throws(() => writeOffer(offer(b)), OfferError, JSON.stringify(b));
});

test('the lines of a transport are ours first, then one a slot', () => {
    const slots = [1, 1, 2, 2, 2].map((kind, i) => ({ kind, ssrc: 100 + i, source: 0 }));
    const sections = sectionsFor({ slots });
    assert.deepEqual(
        sections.map((s) => s.mid),
        ['a', 'v', 'w', 's', 'a0', 'a1', 'v0', 'v1', 'v2'],
    );
    assert.deepEqual(
        sections.filter((s) => s.direction === 'receive').map((s) => s.ssrc),
        [100, 101, 102, 103, 104],
    );
});

const source = (number, leaf, kind = 2) => ({ source: number, leaf, kind, context: 1 });

test('a picture that stays keeps its slot when others come and go', () => {
    const table = new SlotTable();
    table.assign([1, 2, 3].map((leaf) => ({ leaf, kind: 'video', height: 200 })));
    assert.equal(table.slotOf(3, 'video'), 2);
    table.assign([
        { leaf: 4, kind: 'video', height: 100 },
        { leaf: 3, kind: 'video', height: 700 },
    ]);
    assert.equal(table.slotOf(3, 'video'), 2);
    assert.equal(table.slotOf(4, 'video'), 0);
    assert.equal(table.slotOf(1, 'video'), -1);
    const choices = table.choices([source(30, 3), source(40, 4), source(31, 3, 3)]);
    assert.equal(choices.length, 12);
    assert.deepEqual(choices[0], { source: 40, height: 180 });
    assert.deepEqual(choices[1], { source: 0, height: 0 });
    assert.deepEqual(choices[2], { source: 30, height: 1080 });
});

test('camera and screen of one person are two pictures; what is hidden or too much gets no slot', () => {
    const table = new SlotTable();
    const crowd = Array.from({ length: 20 }, (_, i) => ({ leaf: i, kind: 'video', height: 90 }));
    table.assign([
        { leaf: 0, kind: 'screen', height: 900 },
        { leaf: 50, kind: 'video', height: 0 },
        ...crowd,
    ]);
    assert.equal(table.slotOf(0, 'screen'), 0);
    assert.equal(table.slotOf(0, 'video'), 1);
    assert.equal(table.slotOf(50, 'video'), -1);
    assert.equal(table.slotOf(10, 'video'), 11);
    assert.equal(table.slotOf(11, 'video'), -1);
    assert.deepEqual(table.choices([source(7, 0, 3)])[0], { source: 7, height: 0xffff });
});

test('heights go in steps, and a tile of 460 lines gets 720', () => {
    assert.deepEqual([0, -1, 1, 60, 120, 121, 240, 360, 460, 720, 721].map(stepUp), [
        0, 0, 90, 90, 180, 270, 360, 540, 720, 1080, 0xffff,
    ]);
});

const seen = (more) => ({
    announced: true,
    wanted: true,
    sinceMs: 10000,
    sinceDecodedMs: Infinity,
    sincePacketMs: Infinity,
    trouble: '',
    sinceTroubleMs: Infinity,
    theirs: false,
    ...more,
});

test('a tile says why there is no picture', () => {
    const is = (more, state) => assert.equal(arrivalOf(seen(more)), state);
    is({ theirs: true, sinceDecodedMs: 30 }, 'ok');
    is({ sinceDecodedMs: 30 }, 'no-frames'); // somebody else's
    is({ sinceMs: 500 }, 'waiting');
    is({}, 'no-frames');
    is({ announced: false }, 'paused');
    is({ wanted: false, theirs: true, sinceDecodedMs: 30 }, 'paused');
    is({ sincePacketMs: 10, trouble: 'unknown_key', sinceTroubleMs: 100 }, 'keys-missing');
    is({ sincePacketMs: 10, trouble: 'auth', sinceTroubleMs: 100 }, 'garbage');
    is({ sincePacketMs: 10, trouble: 'malformed', sinceTroubleMs: 100, sinceMs: 100 }, 'garbage');
    is({ theirs: true, sinceDecodedMs: 5000, sincePacketMs: 10 }, 'garbage'); // decrypts, is no picture
    is({ theirs: true, sinceDecodedMs: 5000, sincePacketMs: 5000 }, 'no-frames');
});

test('the stage follows who speaks, and not a cough', () => {
    const s = new Speakers();
    const say = (leaf, level, from, to) => {
        for (let now = from; now < to; now += 100) s.heard(leaf, level, now);
    };
    assert.deepEqual(s.judge(0), { speaking: [], speaker: null });
    say(1, 0.1, 0, 2000);
    assert.equal(s.judge(2000).speaker, 1);
    s.heard(2, 0.9, 2000);
    assert.equal(s.judge(2050).speaker, 1, 'a cough');
    assert.deepEqual(s.judge(2050).speaking, [2, 1], 'but heard at once, the loudest first');
    for (let now = 2100; now < 3200; now += 100) {
        s.heard(1, 0.1, now);
        s.heard(2, 0.9, now);
    }
    assert.equal(s.judge(3200).speaker, 2, 'clearly louder for a while');
    say(1, 0.1, 3300, 5500);
    assert.equal(s.judge(5500).speaker, 1, 'the other fell silent');
    assert.deepEqual(s.judge(9000), { speaking: [], speaker: 1 });
    s.forget(1);
    assert.equal(s.judge(9100).speaker, null);
    s.hint(4);
    assert.equal(s.judge(9200).speaker, 4);
});

test('who lacks the descriptor makes all others send clear bytes, and VP8', () => {
    const both = ['vp8', 'vp9'];
    assert.deepEqual(formFor({ opaque: true, codecs: both }, true), {
        clearBytes: false,
        svc: true,
    });
    assert.deepEqual(formFor({ opaque: true, codecs: both }, false), {
        clearBytes: false,
        svc: false,
    });
    assert.deepEqual(formFor({ opaque: true, codecs: ['vp8'] }, true), {
        clearBytes: false,
        svc: false,
    });
    assert.deepEqual(formFor({ opaque: false, codecs: both }, true), {
        clearBytes: true,
        svc: false,
    });
    const told = { event: 'frames', opaque: false, codecs: ['vp8', 7] };
    assert.deepEqual(abilitiesIn(told), { opaque: false, codecs: ['vp8'] });
    assert.deepEqual(abilitiesIn({ event: 'frames' }), { opaque: false, codecs: [] });
    assert.equal(abilitiesIn({ event: 'chat', opaque: false }), null);
});

test('a device that cannot be had says why', () => {
    const named = (name) => troubleOf(new DOMException('', name));
    assert.equal(named('NotAllowedError'), 'refused');
    assert.equal(named('NotFoundError'), 'missing');
    assert.equal(named('OverconstrainedError'), 'missing');
    assert.equal(named('NotReadableError'), 'busy');
    assert.equal(named('TypeError'), 'failed');
    assert.equal(troubleOf('text'), 'failed');
});

test('the meter shows silence, speech and full scale', () => {
    assert.equal(loudness(new Float32Array(64)), 0);
    assert.equal(loudness(new Float32Array(64).fill(1)), 1);
    const speech = loudness(new Float32Array(64).fill(0.05));
    assert.ok(speech > 0.4 && speech < 0.7, `${speech}`);
});

test('the SSRCs of one line are found in an answer, each once and in order', () => {
    const sdp =
        'v=0\r\nm=audio 9 X 111\r\na=mid:a\r\na=ssrc:1 cname:x\r\n' +
        'm=video 9 X 96\r\na=mid:v\r\na=ssrc:30 cname:x\r\na=ssrc:30 msid:x\r\na=ssrc:10 cname:x\r\n';
    assert.deepEqual(ssrcsOf(sdp, 'v'), [30, 10]);
    assert.deepEqual(ssrcsOf(sdp, 'a'), [1]);
    assert.deepEqual(ssrcsOf(sdp, 'x'), []);
    assert.deepEqual(ssrcsOf('', 'a'), []);
});

/** A core that tells what the test says. */
function teller() {
    const handlers = new Map();
    return {
        on: (name, handler) => {
            handlers.set(name, handler);
            return () => handlers.delete(name);
        },
        do: async () => undefined,
        tell: (e) => handlers.get(e.event)?.(e),
    };
}

test('who is heard before the transport has opened is named on it, and not on the next', (t) => {
    globalThis.MediaStream = class {};
    const core = teller();
    const receiver = new Receiver(core, () => 0);
    t.after(() => receiver.close());
    const peer = () => ({ incoming: [{ mid: 'v0', kind: 'video' }], stats: async () => null });
    const tile = (leaf) => core.tell({ event: 'tile', mid: 'v0', leaf, stream: 'video' });
    core.tell({
        event: 'media_sources',
        page: 0,
        pages: 1,
        sources: [{ source: 4, kind: 2, context: 1, leaf: 7 }],
    });
    receiver.show([{ leaf: 7, kind: 'video', height: 90 }]);
    const picture = () => receiver.remote.peek().get(7)?.video;
    core.tell({ event: 'media_opened' });
    tile(7);
    assert.equal(picture(), null);
    receiver.use(peer());
    assert.ok(picture());
    receiver.use(null);
    core.tell({ event: 'media_opened' });
    receiver.use(peer());
    assert.equal(picture(), null);
    tile(7);
    assert.ok(picture());
});

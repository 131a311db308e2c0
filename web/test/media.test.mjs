// Sound and pictures between Chromium, a terminal and each other: that they arrive, really move,
// and come back.
import { assert, test, text, until } from './harness/index.mjs';
import {
    UdpLine,
    heightOf,
    hears,
    motion,
    moves,
    stands,
    streams,
    watchMedia,
} from './harness/media.mjs';
import { enterRoom } from './harness/room.mjs';

const SOURCES = ['--audio', 'test:tone:440', '--video', 'test:ball'];
const press = (page, key) => page.getByRole('button', { name: text(key), exact: true }).click();

/** Joins with a watched transport. */
async function watched(t, name, url, { line, ...options } = {}) {
    const page = await t.page(undefined, options);
    await watchMedia(page, line);
    await page.goto(url);
    await press(page, 'room.microphone.off');
    await press(page, 'room.camera.off');
    await enterRoom(page, name);
    return page;
}

test('two browsers and a terminal see and hear each other', async (t) => {
    const meeting = await t.meeting();
    const native = await t.native('Nora', meeting, [...SOURCES, '--stats', '1'], { host: true });
    const ana = await watched(t, 'Ana', meeting.url);
    const ben = await watched(t, 'Ben', meeting.url);
    await moves(ana, 'Nora');
    await moves(ana, 'Ben');
    await moves(ben, 'Ana');
    await moves(ben, 'Nora');
    await hears(ana);
    await hears(ben);
    for (const name of ['Ana', 'Ben'])
        for (const stream of ['audio', 'video'])
            await native.expect('hearing', (e) => e.name === name && e.stream === stream);
    await t.shot(ana, 'room');
});

test('who sends nothing sees and hears the others all the same', async (t) => {
    const meeting = await t.meeting();
    await t.native('Nora', meeting, SOURCES, { host: true });
    const page = await t.page();
    await watchMedia(page);
    await page.goto(meeting.url);
    await enterRoom(page, 'Ana');
    await moves(page, 'Nora');
    await hears(page);
});

test('nothing that a page sends leaves without the transform', async (t) => {
    const meeting = await t.meeting();
    const nora = await t.native('Nora', meeting, [], { host: true });
    const ana = await watched(t, 'Ana', meeting.url);
    await nora.expect('hearing', (e) => e.name === 'Ana' && e.stream === 'video');
    const bare = await ana.evaluate(() =>
        globalThis.peers
            .flatMap((p) => p.getTransceivers())
            .filter(
                (x) =>
                    (x.sender.track && !x.sender.transform) ||
                    (x.mid && !x.receiver.transform && x.direction === 'recvonly'),
            )
            .map((x) => x.mid),
    );
    assert.deepEqual(bare, []);
});

test('a small tile gets a small picture, a large one a large one', async (t) => {
    const meeting = await t.meeting();
    const nora = await t.native('Nora', meeting, [], { host: true });
    const ana = await watched(t, 'Ana', meeting.url);
    const ben = await watched(t, 'Ben', meeting.url, { viewport: { width: 1700, height: 1100 } });
    await moves(ben, 'Ana');
    await until(async () => (await heightOf(ben, 'Ana')) >= 720, 'a large picture', 90_000);
    await ben.setViewportSize({ width: 420, height: 420 });
    await until(async () => (await heightOf(ben, 'Ana')) <= 360, 'a small picture', 60_000);
    await moves(ben, 'Ana');
    const layers = async () => (await streams(ana, 'outbound-rtp')).filter((s) => s.rid).length;
    await until(async () => (await layers()) === 3, 'three layers');
    await nora.stop();
}, { alone: true, limitMs: 300_000 });

test('the microphone and the camera are really off when they are off', async (t) => {
    const meeting = await t.meeting();
    await t.native('Nora', meeting, [], { host: true });
    const ana = await watched(t, 'Ana', meeting.url);
    const ben = await watched(t, 'Ben', meeting.url);
    await hears(ben);
    await press(ana, 'room.microphone.on');
    const quiet = async () => {
        const sum = async () => (await streams(ben)).reduce((n, s) => n + s.energy, 0);
        const before = await sum();
        await new Promise((done) => setTimeout(done, 600));
        return (await sum()) - before < 1e-6;
    };
    await until(quiet, 'silence');
    await press(ana, 'room.microphone.off');
    await hears(ben);

    await moves(ben, 'Ana');
    const camera = () =>
        ana.evaluate(
            () =>
                peers
                    .at(-1)
                    .getSenders()
                    .filter((s) => s.track?.kind === 'video').length,
        );
    assert.equal(await camera(), 1);
    await press(ana, 'room.camera.on');
    await until(async () => (await camera()) === 0, 'no camera is open');
    await stands(ben, 'Ana');
    await press(ana, 'room.camera.off');
    await moves(ben, 'Ana');
});

test('where everybody can take it, the camera goes out as VP9 in layers', async (t) => {
    const meeting = await t.meeting();
    const nora = await t.native('Nora', meeting, [], { host: true });
    const pages = [];
    for (const name of ['Ana', 'Ben']) {
        const page = await t.page();
        // As on a machine that is strong enough for it.
        await page.addInitScript(() =>
            Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 8 }),
        );
        await watchMedia(page);
        await page.goto(meeting.url);
        await press(page, 'room.camera.off');
        await enterRoom(page, name);
        pages.push(page);
    }
    const [ana, ben] = pages;
    await moves(ben, 'Ana'); // in VP8: the terminal takes nothing else
    const sent = async (mid) =>
        (await streams(ana, 'outbound-rtp'))
            .filter((s) => s.mid === mid)
            .reduce((n, s) => n + s.frames, 0);
    assert.equal(await sent('w'), 0);
    nora.send('leave');
    await until(async () => (await sent('w')) > 30, 'VP9 is sent', 60_000);
    await moves(ben, 'Ana');
    const over = async () => {
        const before = await sent('v');
        await new Promise((done) => setTimeout(done, 500));
        return (await sent('v')) === before;
    };
    await until(over, 'and VP8 no more');
}, { alone: true, limitMs: 240_000 });

test('a screen is shared, and taken back', async (t) => {
    const meeting = await t.meeting();
    const nora = await t.native('Nora', meeting, [], { host: true });
    const ana = await watched(t, 'Ana', meeting.url, {});
    const ben = await watched(t, 'Ben', meeting.url);
    await press(ana, 'room.share.off');
    await nora.expect('hearing', (e) => e.name === 'Ana' && e.stream === 'screen');
    const screen = () =>
        ben.evaluate(() => {
            const v = document.querySelector('.stage video');
            return v ? v.videoHeight : 0;
        });
    await until(async () => (await screen()) >= 700, 'the whole screen', 60_000);
    await t.shot(ben, 'stage');
    await press(ana, 'room.share.on');
    await until(async () => (await screen()) === 0, 'the screen is gone');
});

test(
    'sound and pictures come back after 30 s without a network',
    async (t) => {
        const meeting = await t.meeting();
        await t.native('Nora', meeting, SOURCES, { host: true });
        t.allow(/WebSocket|ERR_CONNECTION|ERR_EMPTY|Failed to load|net::/);
        const line = await t.line();
        const udp = new UdpLine();
        try {
            const ana = await watched(t, 'Ana', line.link(meeting.url), {
                line: udp,
            });
            await moves(ana, 'Nora');
            assert.ok(udp.passed > 0, 'media go through the line');
            line.cut();
            udp.cut();
            await stands(ana, 'Nora');
            await new Promise((done) => setTimeout(done, 30_000));
            line.mend();
            udp.mend();
            await moves(ana, 'Nora');
            await hears(ana);
        } finally {
            udp.close();
        }
    },
    { limitMs: 300_000 },
);

test(
    'media alone is lost for a while, and comes back on a new transport',
    async (t) => {
        const meeting = await t.meeting();
        await t.native('Nora', meeting, SOURCES, { host: true });
        const udp = new UdpLine();
        try {
            const ana = await watched(t, 'Ana', meeting.url, {
                line: udp,
            });
            await moves(ana, 'Nora');
            udp.cut();
            await stands(ana, 'Nora');
            await new Promise((done) => setTimeout(done, 12_000));
            udp.mend();
            await moves(ana, 'Nora');
        } finally {
            udp.close();
        }
    },
    { limitMs: 240_000 },
);

test(
    'a server that starts again costs no click',
    async (t) => {
        const server = await t.ownServer();
        t.allow(/WebSocket|ERR_CONNECTION|Failed to load|net::/);
        const meeting = await t.meeting({ server });
        const nora = await t.native('Nora', meeting, SOURCES, { host: true });
        const ana = await watched(t, 'Ana', meeting.url);
        await moves(ana, 'Nora');
        const mark = nora.mark();
        await server.restart();
        await moves(ana, 'Nora');
        await nora.expect('media', (e) => e.open, { since: mark });
        await hears(ana);
    },
    { limitMs: 300_000 },
);

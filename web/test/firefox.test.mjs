// Firefox in one full meeting: no Dependency Descriptor, so that everybody sends it clear bytes
// before each picture.
import { haveFirefox, test, text, until } from './harness/index.mjs';
import { hears, motion, moves, streams, watchMedia } from './harness/media.mjs';
import { enterRoom } from './harness/room.mjs';

const button = async (page, key) => {
    await until(async () => {
        const found = await page.waitForSelector(`aria/${text(key)}[role="button"]`);
        // It may be drawn anew between the look and the click.
        return found.click().then(() => true, () => false);
    }, `a press of ${key}`);
};

async function enterByFirefox(t, url, name) {
    const page = await t.firefox();
    await watchMedia(page);
    await page.goto(url);
    await button(page, 'room.microphone.off');
    await button(page, 'room.camera.off');
    const field = await page.waitForSelector(`aria/${text('prejoin.name')}[role="textbox"]`);
    await field.type(name);
    await button(page, 'prejoin.join');
    await page.waitForSelector(`aria/${text('room.leave')}[role="button"]`);
    return page;
}

test(
    'Firefox, Chromium and a terminal are in one meeting, and see and hear each other',
    async (t) => {
        if (!haveFirefox()) t.skip('no Firefox');
        // Firefox reaches a forwarder on this machine by another address than the loopback's only.
        const server = await t.ownServer(['--bind', '0.0.0.0']);
        const meeting = await t.meeting({ server });
        const sources = ['--audio', 'test:tone:440', '--video', 'test:ball'];
        const nora = await t.native('Nora', meeting, sources, { host: true });
        const ana = await t.page();
        await watchMedia(ana);
        await ana.goto(meeting.url);
        for (const key of ['room.microphone.off', 'room.camera.off'])
            await ana.getByRole('button', { name: text(key), exact: true }).click();
        await enterRoom(ana, 'Ana');
        const fay = await enterByFirefox(t, meeting.url, 'Fay');

        await nora.expect('frames', (e) => !e.opaque); // clear bytes for Firefox
        await moves(fay, 'Nora', 60_000);
        await moves(fay, 'Ana', 60_000);
        await hears(fay);
        await moves(ana, 'Fay', 60_000);
        for (const stream of ['audio', 'video'])
            await nora.expect('hearing', (e) => e.name === 'Fay' && e.stream === stream);

        // It goes on, and is a film rather than a picture now and then.
        const decoded = async () =>
            (await streams(fay)).filter((s) => s.kind === 'video').map((s) => s.frames);
        const film = async () => {
            const before = await decoded();
            await new Promise((done) => setTimeout(done, 3000));
            const after = await decoded();
            return after.filter((n, i) => n - (before[i] ?? 0) > 15).length >= 2;
        };
        await until(film, 'more than 15 pictures in 3 s, of two people', 60_000);
        await t.shot(fay, 'firefox');

        await button(fay, 'room.camera.on');
        await until(async () => (await motion(ana, 'Fay', 700)) <= 0, "Fay's camera is off");
        await fay.close();
        await nora.expect('away', (e) => e.person.name === 'Fay' && e.away);
    },
    { limitMs: 300_000, alone: true },
);

// Cameras, microphones and browsers that fail: each with words of its own, and nobody kept out for
// it.
import { assert, test, text, until } from './harness/index.mjs';
import { hears, moves, streams, watchMedia } from './harness/media.mjs';
import { enterRoom } from './harness/room.mjs';

const press = (page, key) => page.getByRole('button', { name: text(key), exact: true }).click();
const says = (page, key) => page.getByText(text(key)).first().waitFor();

/**
 * The page before joining, in a browser where devices fail with that error, or as `init` makes it.
 */
async function failing(t, meeting, name) {
    const page = await t.page(undefined);
    await page.addInitScript((error) => {
        const fail = () => Promise.reject(new DOMException('as the test wants it', error));
        navigator.mediaDevices.getUserMedia = fail;
        navigator.mediaDevices.getDisplayMedia = fail;
    }, name);
    await page.goto(meeting.url);
    return page;
}

test('refused permissions are named, and one can join all the same', async (t) => {
    const meeting = await t.meeting();
    await t.native('Nora', meeting, [], { host: true });
    const page = await t.page(meeting.url, { permissions: [] });
    await press(page, 'room.camera.off');
    await says(page, 'rtc.camera.refused');
    await press(page, 'room.microphone.off');
    await says(page, 'rtc.microphone.refused');
    await t.shot(page, 'refused');
    await enterRoom(page, 'Ana');
});

for (const [error, why] of [
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'busy'],
    ['TypeError', 'failed'],
])
    test(`a camera and a microphone that are ${why} are named`, async (t) => {
        const page = await failing(t, await t.meeting(), error);
        await press(page, 'room.camera.off');
        await says(page, `rtc.camera.${why}`);
        await press(page, 'room.microphone.off');
        await says(page, `rtc.microphone.${why}`);
    });

test('the preview moves and the meter follows the voice', async (t) => {
    const page = await t.page((await t.meeting()).url);
    await press(page, 'room.camera.off');
    await press(page, 'room.microphone.off');
    await until(
        () => page.evaluate(() => document.querySelector('video')?.videoHeight === 720),
        'HD',
    );
    const meter = page.getByRole('meter');
    const seen = new Set();
    await until(
        async () => seen.add(await meter.getAttribute('aria-valuenow')).size > 3,
        'a meter',
    );
    await t.shot(page, 'prejoin');
});

test('another microphone and another camera go on where the first ones stopped', async (t) => {
    const meeting = await t.meeting();
    await t.native('Nora', meeting, [], { host: true });
    const [ana, ben] = [await t.page(), await t.page()];
    for (const [page, name] of [
        [ana, 'Ana'],
        [ben, 'Ben'],
    ]) {
        await watchMedia(page);
        await page.goto(meeting.url);
        await press(page, 'room.camera.off');
        await press(page, 'room.microphone.off');
        await enterRoom(page, name);
    }
    await moves(ben, 'Ana');
    const labels = () =>
        ana.evaluate(() =>
            globalThis.peers
                .at(-1)
                .getSenders()
                .flatMap((s) => (s.track ? [s.track.label] : [])),
        );
    const before = await labels();
    const transports = await ana.evaluate(() => globalThis.peers.length);
    await press(ana, 'room.more');
    await ana.getByRole('menuitem', { name: text('room.settings') }).click();
    for (const kind of ['camera', 'microphone']) {
        const select = ana.getByLabel(text(`prejoin.${kind}`), { exact: true });
        // The last: Chromium's second fake camera measures depths, and is no picture for anybody.
        const other = await until(async () => {
            const last = (await select.locator('option').allTextContents()).at(-1);
            return last && !before.includes(last) && last;
        }, `another one than ${before}`);
        await select.selectOption({ label: other });
        await until(async () => (await labels()).includes(other), `${other} is sent`);
    }
    await moves(ben, 'Ana');
    await hears(ben);
    assert.equal(await ana.evaluate(() => globalThis.peers.length), transports, 'no new transport');
});

test('a microphone that is pulled out is named; one that is left takes over', async (t) => {
    const meeting = await t.meeting();
    const nora = await t.native('Nora', meeting, [], { host: true });
    const ana = await t.page();
    await watchMedia(ana);
    await ana.goto(meeting.url);
    await press(ana, 'room.microphone.off');
    await enterRoom(ana, 'Ana');
    await nora.expect('hearing', (e) => e.name === 'Ana' && e.stream === 'audio');
    const pull = () =>
        ana.evaluate(() => {
            const { track } = globalThis.peers
                .at(-1)
                .getSenders()
                .find((s) => s.track?.kind === 'audio');
            track.stop();
            track.dispatchEvent(new Event('ended'));
        });
    await pull();
    await until(
        async () =>
            ana.evaluate(() =>
                globalThis.peers
                    .at(-1)
                    .getSenders()
                    .some((s) => s.track?.readyState === 'live'),
            ),
        'another one is sent',
    );
    await ana.evaluate(() => {
        const fail = () => Promise.reject(new DOMException('none is left', 'NotFoundError'));
        navigator.mediaDevices.getUserMedia = fail;
    });
    await pull();
    await ana.getByRole('button', { name: text('room.microphone.off'), exact: true }).waitFor();
    await press(ana, 'room.microphone.off');
    await says(ana, 'rtc.microphone.missing');
});

test('a shared screen that nobody chose is no trouble', async (t) => {
    const meeting = await t.meeting();
    await t.native('Nora', meeting, [], { host: true });
    const page = await failing(t, meeting, 'NotAllowedError');
    await enterRoom(page, 'Ana');
    await press(page, 'room.share.off');
    await page.getByRole('button', { name: text('room.share.off'), exact: true }).waitFor();
});

for (const [lacks, key] of [
    ['RTCRtpScriptTransform', 'support.encoded_transform'],
    ['RTCPeerConnection', 'support.peer_connection'],
    ['WebAssembly', 'support.webassembly'],
])
    test(`a browser without ${lacks} is told what is missing`, async (t) => {
        const page = await t.page();
        await page.addInitScript((name) => delete globalThis[name], lacks);
        await page.goto((await t.meeting()).url);
        await says(page, key);
        await t.shot(page, 'unsupported');
    });

test('whoever speaks is marked', async (t) => {
    const meeting = await t.meeting();
    await t.native('Nora', meeting, ['--audio', 'test:tone:440'], { host: true });
    await t.native('Otto', meeting, []);
    const ana = await t.page();
    await watchMedia(ana);
    await ana.goto(meeting.url);
    await enterRoom(ana, 'Ana');
    await hears(ana);
    await ana.locator('article.tile-speaking[aria-label^="Nora"]').waitFor();
    assert.equal(await ana.locator('article.tile-speaking[aria-label^="Otto"]').count(), 0);
    assert.ok((await streams(ana)).length > 0);
});

// Somebody whose pictures nobody can open: the tile says with whom, and why; everybody else is seen
// as before.
import { test, text } from './harness/index.mjs';
import { moves, watchMedia } from './harness/media.mjs';
import { enterRoom } from './harness/room.mjs';

const camera = (page) =>
    page.getByRole('button', { name: text('room.camera.off'), exact: true }).click();

async function enter(t, name, url, prepare = async () => {}) {
    const page = await t.page(undefined, { bypassCSP: true });
    await watchMedia(page);
    await prepare(page);
    await page.goto(url);
    await camera(page);
    await enterRoom(page, name);
    return page;
}

/**
 * Mallory's own program: what it puts into each frame instead of the ciphertext. The worker's source runs in Mallory's
 * browser only, in place of the transform of the page.
 */
const mallory = (first) => async (page) =>
    page.addInitScript((bytes) => {
        const source = `onrtctransform = ({ transformer: t }) => t.readable
            .pipeThrough(new TransformStream({ transform(frame, out) {
                const data = new Uint8Array(frame.data.byteLength);
                for (let i = 0; i < data.length; i += 65536) crypto.getRandomValues(data.subarray(i, i + 65536));
                data.set(${JSON.stringify(bytes)});
                frame.data = data.buffer;
                out.enqueue(frame);
            } })).pipeTo(t.writable)`;
        const { set } = Object.getOwnPropertyDescriptor(RTCRtpSender.prototype, 'transform');
        Object.defineProperty(RTCRtpSender.prototype, 'transform', {
            get: () => null,
            set() {
                const worker = new Worker(URL.createObjectURL(new Blob([source])));
                set.call(this, new RTCRtpScriptTransform(worker, {}));
            },
        });
    }, first);

/** The header of an SFrame under that KID of two bytes, counter 0 (RFC 9605 section 4.3). */
const header = (kid) => [0b1001_0000, kid >> 8, kid & 255];

test('frames that were not made with the keys are told as that, with the name of who sends them', async (t) => {
    const meeting = await t.meeting();
    await t.native('Nora', meeting, ['--video', 'test:ball'], { host: true });
    const ana = await enter(t, 'Ana', meeting.url);
    // Leaf 2 of a tree with 4 places, in epoch 2: context 1, what Mallory's lowest layer would
    // carry.
    await enter(t, 'Mallory', meeting.url, mallory(header((1 << 10) | (2 << 8) | 2)));
    await ana.getByText(text('rtc.tile.garbage', { name: 'Mallory' })).waitFor({ timeout: 60_000 });
    await moves(ana, 'Nora');
    await t.shot(ana, 'garbage');
});

test('frames whose keys nobody has are told as that', async (t) => {
    const meeting = await t.meeting();
    await t.native('Nora', meeting, ['--video', 'test:ball'], { host: true });
    const ana = await enter(t, 'Ana', meeting.url);
    await enter(t, 'Mallory', meeting.url, mallory(header((1 << 10) | (2 << 8) | 99)));
    await ana
        .getByText(text('rtc.tile.keys-missing', { name: 'Mallory' }))
        .waitFor({ timeout: 60_000 });
    await moves(ana, 'Nora');
});

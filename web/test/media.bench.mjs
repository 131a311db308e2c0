// Media in Chromium: from the click to somebody's first picture, and what encryption costs at
// 720p30 against none.
import { readFileSync, readdirSync } from 'node:fs';
import { bench, median, text, until } from './harness/index.mjs';
import { streams, watchMedia } from './harness/media.mjs';
import { enterRoom } from './harness/room.mjs';

const ENTRIES = 5;
const ROUNDS = 3;
const ROUND_S = 8;
const WARM_S = 4;
const TICKS_S = 100; // sysconf(_SC_CLK_TCK) of every Linux

const round = (x, digits) => Number(x.toFixed(digits));
const wait = (s) => new Promise((done) => setTimeout(done, s * 1000));

/** Milliseconds from the click on "join" to the first picture of Nora on the screen. */
async function entry(t, context, url) {
    const page = await t.page(url, { context });
    await page.evaluate(() => {
        globalThis.firstPicture = new Promise((resolve) => {
            let clicked = 0;
            document.addEventListener('click', () => (clicked ||= performance.now()), true);
            const look = () => {
                const video = document.querySelector('article.tile[aria-label^="Nora"] video');
                if (!video) return requestAnimationFrame(look);
                video.requestVideoFrameCallback(() => resolve(performance.now() - clicked));
            };
            look();
        });
    });
    await enterRoom(page, 'Ana');
    const ms = await page.evaluate(() => globalThis.firstPicture);
    await page.close();
    return ms;
}

bench('from the click to the first remote picture', async (t) => {
    const meeting = await t.meeting();
    await t.native('Nora', meeting, ['--video', 'test:ball', '--audio', 'test:tone:440'], {
        host: true,
    });
    // One profile: the browser has the bundle from the first visit, as a person's has.
    const warm = await t.page(meeting.url);
    const context = warm.context();
    await warm.close();
    const times = [];
    for (let i = 0; i < ENTRIES; i++) times.push(await entry(t, context, meeting.url));
    const value = round(median(times), 0);
    return [{ name: 'web.first_remote_frame', value, unit: 'ms', n: ENTRIES, at_most: 1500 }];
});

/** Seconds of processor that this process and all below it have used: browser and server. */
function processor() {
    const parents = new Map();
    const used = new Map();
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
            const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
                .replace(/^.*\) /, '')
                .split(' ');
            parents.set(Number(pid), Number(fields[1]));
            used.set(Number(pid), (Number(fields[11]) + Number(fields[12])) / TICKS_S);
        } catch {
            // It ended meanwhile.
        }
    }
    const ours = (pid) => pid === process.pid || (pid > 1 && ours(parents.get(pid) ?? 0));
    return [...used].reduce((sum, [pid, s]) => (ours(pid) ? sum + s : sum), 0);
}

/**
 * Frames come and go as the encoder made them, for the comparison; and nothing is painted in either
 * case.
 */
function prepare(page, bare) {
    return page.addInitScript((without) => {
        const { get, set } = Object.getOwnPropertyDescriptor(
            HTMLMediaElement.prototype,
            'srcObject',
        );
        Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
            get,
            set(stream) {
                if (this instanceof HTMLAudioElement) set.call(this, stream);
            },
        });
        if (!without) return;
        for (const of of [RTCRtpSender, RTCRtpReceiver])
            Object.defineProperty(of.prototype, 'transform', { set() {}, get: () => null });
    }, bare);
}

/**
 * A camera of 720 lines from one page to another: frames in and out, and the processor's time for
 * them.
 */
async function flow(t, bare) {
    const meeting = await t.meeting();
    const host = await t.native(`host-${t.natives}`, meeting, [], { host: true });
    const pages = [];
    for (const name of ['Ana', 'Ben']) {
        const page = await t.page();
        await watchMedia(page);
        await prepare(page, bare);
        await page.setViewportSize({ width: 1700, height: 1100 });
        await page.goto(meeting.url);
        if (name === 'Ana')
            await page.getByRole('button', { name: text('room.camera.off'), exact: true }).click();
        await enterRoom(page, name);
        pages.push(page);
    }
    const [ana, ben] = pages;
    const frames = async () => {
        const all = [...(await streams(ana, 'outbound-rtp')), ...(await streams(ben))];
        return all.reduce((n, s) => (s.kind === 'video' ? n + s.frames : n), 0);
    };
    const large = async () => (await streams(ben)).some((s) => s.height >= 720);
    await until(large, 'a picture of 720 lines', 40_000);
    await wait(WARM_S);
    const before = { frames: await frames(), s: processor() };
    await wait(ROUND_S);
    const after = { frames: await frames(), s: processor() };
    for (const page of pages) await page.context().close();
    await host.stop();
    return { frames: after.frames - before.frames, s: after.s - before.s };
}

bench(
    'encryption at 720p30 against none',
    async (t) => {
        const [clear, sealed] = [[], []];
        for (let i = 0; i < ROUNDS; i++) {
            clear.push(await flow(t, true));
            sealed.push(await flow(t, false));
        }
        const load = (list) => median(list.map((f) => (100 * f.s) / ROUND_S));
        const frame = (list) => median(list.map((f) => (1000 * f.s) / f.frames));
        const row = (name, value, unit) => ({ name: `web.720p30_${name}`, value, unit, n: ROUNDS });
        return [
            row('clear', round(load(clear), 1), '% cpu'),
            row('encrypted', round(load(sealed), 1), '% cpu'),
            row('added', round(load(sealed) - load(clear), 1), '% cpu'),
            row('added_frame', round(frame(sealed) - frame(clear), 3), 'ms'),
        ];
    },
    { limitMs: 300_000 },
);

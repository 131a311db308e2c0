// Recording on this device: notice, the file itself, the watermark in it, and a disk that is full.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { appears, assert, becomes, test, text, until } from './harness/index.mjs';

const more = (page) => page.locator('[data-control="more"]');
const toast = (page, words) => page.locator('.toast', { hasText: words });

async function press(page, name) {
    await more(page).click();
    await page.getByRole('menuitemcheckbox', { name }).click();
}

/** Chromium asks where to save; nobody is there to answer, so the page is one of a browser that cannot ask. */
const cannotAsk = (page) => page.evaluate(() => delete window.showSaveFilePicker);

async function meet(t, options = []) {
    const meeting = await t.meeting({ admission: 'link', options });
    const ana = await t.native('Ana', meeting, ['--audio', 'test:tone:440', '--video', 'test:ball'], { host: true });
    const ben = await t.join('Ben', meeting);
    await ana.expect('joined', (e) => e.person.name === 'Ben');
    return { ana, ben };
}

const shots = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../build/web/shots');
/** What a recording shows, to be looked at. */
const shoot = (name, url) => writeFileSync(path.join(shots, `record-${name}.png`), Buffer.from(url.split(',')[1], 'base64'));

/** Played by a video element of an empty page: its length, size, and the picture of a moment near its end. */
async function play(t, bytes) {
    const page = await t.page();
    const data = bytes.toString('base64');
    return page.evaluate(async (b64) => {
        const v = document.createElement('video');
        v.muted = true;
        v.src = 'data:video/webm;base64,' + b64;
        await new Promise((done, no) => {
            v.oncanplay = done;
            v.onerror = () => no(new Error(v.error?.message ?? 'no picture'));
        });
        await v.play();
        for (let i = 0; i < 100 && !v.webkitAudioDecodedByteCount; i++) await new Promise((done) => setTimeout(done, 100));
        v.pause();
        const sound = v.webkitAudioDecodedByteCount;
        v.currentTime = 1e9; // MediaRecorder writes no length: this finds it
        await new Promise((done) => (v.onseeked = done));
        const c = document.createElement('canvas');
        [c.width, c.height] = [v.videoWidth, v.videoHeight];
        const d = c.getContext('2d');
        d.drawImage(v, 0, 0);
        const at = (x, y) => [...d.getImageData(x, y, 1, 1).data].slice(0, 3);
        return { seconds: v.currentTime, width: v.videoWidth, height: v.videoHeight, left: at(40, 300), right: at(1200, 200), sound, picture: c.toDataURL('image/png') };
    }, data);
}

/** {bytes, seconds}: a recording of what happens until `enough` is over, and how long we waited for it in all. */
async function record(page, enough) {
    await cannotAsk(page);
    const began = Date.now();
    await press(page, text('record.start'));
    await page.locator('.banner', { hasText: text('banner.recording.self') }).waitFor();
    await enough();
    const [download] = await Promise.all([page.waitForEvent('download'), press(page, text('record.stop'))]);
    const bytes = readFileSync(await download.path());
    return { bytes, seconds: (Date.now() - began) / 1000 };
}

test('everybody is told, and the recording plays', async (t) => {
    const { ana, ben } = await meet(t);
    await ben.keyboard.press('v'); // a picture with colours
    await becomes(() => ben.locator('.tile video:not(.video-waits)').count(), 2, 'both pictures');
    const saved = appears(toast(ben, 'webm'));
    const { bytes, seconds } = await record(ben, () => ben.waitForTimeout(4000));
    await saved;
    const told = await ana.expect('records', (e) => e.on);
    assert.equal(told.person.name, 'Ben');
    await ana.expect('records', (e) => !e.on);
    const film = await play(t, bytes);
    shoot('film', film.picture);
    assert.ok(film.seconds > 2 && film.seconds < seconds + 1, `${film.seconds} s of ${seconds} s`);
    assert.deepEqual([film.width, film.height], [1280, 720]);
    // Ana's picture is black with a white ball (an empty tile would be grey), Ben's camera is green.
    const [r, g, b] = film.right;
    assert.ok(g > 100 && r < 60 && b < 60, `right ${film.right}`);
    assert.ok(film.left.every((v) => v < 20) || film.left.every((v) => v > 200), `left ${film.left}`);
    assert.ok(film.sound > 0, 'no sound');
}, { limitMs: 240_000 });

test('who comes later sees who records, and a recording ends with the one who made it', async (t) => {
    const { ana, ben } = await meet(t);
    await cannotAsk(ben);
    await press(ben, text('record.start'));
    await ana.expect('records', (e) => e.on);
    const meetingUrl = ben.url();
    const cleo = await t.join('Cleo', meetingUrl);
    await cleo.locator('.banner', { hasText: text('banner.recording', { name: 'Ben' }) }).waitFor();
    await t.shot(cleo, 'notice');
    const coming = ben.waitForEvent('download');
    coming.catch(() => {}); // told where it is awaited
    await ben.locator('[data-control="leave"]').click();
    await coming;
    await ana.expect('records', (e) => !e.on);
    await cleo.locator('.banner', { hasText: text('banner.recording', { name: 'Ben' }) }).waitFor({ state: 'detached' });
}, { limitMs: 240_000 });

test('a full disk ends the recording in words, and what was written stays', async (t) => {
    const { ana, ben } = await meet(t);
    await ben.evaluate(() => {
        delete window.showSaveFilePicker;
        const write = FileSystemWritableFileStream.prototype.write;
        let pieces = 0;
        FileSystemWritableFileStream.prototype.write = function (...args) {
            if (++pieces > 2) return Promise.reject(new DOMException('full', 'QuotaExceededError'));
            return write.apply(this, args);
        };
    });
    const coming = ben.waitForEvent('download');
    coming.catch(() => {}); // told where it is awaited
    const told = appears(toast(ben, text('record.why.full')));
    await press(ben, text('record.start'));
    await told;
    await t.shot(ben, 'full');
    const kept = readFileSync(await (await coming).path());
    assert.ok(kept.length > 1000, `${kept.length} bytes`);
    await ana.expect('records', (e) => !e.on);
}, { limitMs: 240_000 });

test('the watermark is over others, not over us, and in the recording', async (t) => {
    const { ben } = await meet(t, ['--watermark']);
    await ben.locator('.tile video').first().waitFor();
    const marks = ben.locator('.tile .watermark');
    await marks.first().waitFor();
    await becomes(() => marks.count(), 1, 'over Ana alone');
    assert.match(await marks.first().getAttribute('data-words'), /^Ben · [0-9a-f]{4} [0-9a-f]{4}$/);
    await t.shot(ben, 'watermark');
    await ben.evaluate(() => {
        window.drawn = [];
        const fill = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (words, ...rest) {
            if (this.canvas.width === 1280 && !this.canvas.isConnected) window.drawn.push(words);
            return fill.call(this, words, ...rest);
        };
    });
    const drawn = () => ben.evaluate(() => window.drawn.filter((w) => w.startsWith('Ben ·')).length);
    const { bytes } = await record(ben, () => until(async () => (await drawn()) > 10, 'it is drawn into each picture'));
    shoot('watermark', (await play(t, bytes)).picture);
}, { limitMs: 240_000 });

test('where the terms forbid recording it is not offered', async (t) => {
    const { ben } = await meet(t, ['--no-recording']);
    await more(ben).click();
    await ben.getByRole('menuitem', { name: text('room.settings') }).waitFor();
    assert.equal(await ben.getByRole('menuitemcheckbox', { name: text('record.start') }).count(), 0);
});

// Files: between browsers and a native client, paused, over a cut line, damaged at the server, withdrawn.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assert, test, text, until } from './harness/index.mjs';
import { enterRoom } from './harness/room.mjs';

const PIECE = 262144;
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
const key = (name, fields) => text('files.' + name, fields);

function make(t, name, bytes) {
    mkdirSync(t.folder, { recursive: true });
    const file = path.join(t.folder, name);
    writeFileSync(file, bytes);
    return { file, digest: digest(bytes) };
}

/** A page whose browser saves by downloading, as headless ones can. Notes what the worker tells it. */
async function join(t, name, meeting, url = meeting.url) {
    const page = await t.page(undefined, {});
    await page.addInitScript(() => {
        delete window.showSaveFilePicker;
        window.told = [];
        const Plain = window.Worker;
        window.Worker = class extends Plain {
            constructor(...args) {
                super(...args);
                this.addEventListener('message', (e) => window.told.push(JSON.stringify(e.data)));
            }
        };
    });
    await page.goto(url);
    await enterRoom(page, name);
    await page.getByRole('button', { name: text('room.more'), exact: true }).click();
    await page.getByRole('menuitem', { name: key('title') }).click();
    await page.getByRole('button', { name: key('share') }).waitFor();
    return page;
}

const give = (page, ...files) => page.locator('[data-files=choose]').setInputFiles(files);
const button = (page, name, file) => page.getByRole('button', { name: key(name, { name: file }), exact: true });

async function save(page, name, limitMs = 60_000) {
    await button(page, 'save', name).waitFor({ timeout: limitMs });
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'save', name).click()]);
    return { name: download.suggestedFilename(), digest: digest(readFileSync(await download.path())) };
}

test('a browser shares, a native client gets it; and the other way', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const page = await join(t, 'Ben', meeting);
    const mine = make(t, 'plan of ours.pdf', randomBytes(3 * PIECE + 1000));
    await give(page, mine.file);
    const told = await ana.expect('file', (e) => e.person.name === 'Ben');
    assert.equal(told.name, 'plan of ours.pdf');
    assert.equal(told.type, 'application/pdf');
    const here = path.join(t.folder, 'ana');
    mkdirSync(here);
    ana.send('file_get', { file: told.file, path: here });
    const got = await ana.expect('file_got');
    assert.equal(digest(readFileSync(got.path)), mine.digest);
    const theirs = make(t, 'notes.txt', 'what was said, in short\n'.repeat(2000));
    ana.send('file_send', { path: theirs.file });
    assert.deepEqual(await save(page, 'notes.txt'), { name: 'notes.txt', digest: theirs.digest });
    await page.getByText(key('saved')).waitFor();
    await t.shot(page, 'panel');
    const all = (await page.evaluate(() => window.told)).map((line) => JSON.parse(line));
    assert.ok(all.some((e) => e.event === 'file'));
    assert.ok(!all.some((e) => e.event === 'said' && e.kind >= 64), 'a body with a key reached the page');
    assert.ok(!JSON.stringify(all).includes('token'), 'the right to fetch reached the page');
});

test('from browser to browser, and a picture is shown', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    await t.native('Ana', meeting, [], { host: true });
    const [ben, cleo] = [await join(t, 'Ben', meeting), await join(t, 'Cleo', meeting)];
    const big = make(t, 'film.webm', randomBytes(9_000_000));
    const picture = await ben.screenshot({ type: 'png' });
    const pic = make(t, 'room.png', picture);
    await give(ben, big.file, pic.file);
    assert.deepEqual(await save(cleo, 'film.webm'), { name: 'film.webm', digest: big.digest });
    await cleo.getByRole('button', { name: key('show') }).click();
    const shown = cleo.getByRole('img', { name: 'room.png' });
    await shown.waitFor();
    await until(() => shown.evaluate((img) => img.complete && img.naturalWidth > 100), 'the picture is drawn');
    assert.ok((await shown.getAttribute('src')).startsWith('blob:'));
    await t.shot(cleo, 'picture');
});

test('it is written where the person chooses', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const page = await join(t, 'Ben', meeting);
    // A headless browser asks nobody: its own disk stands for the place.
    await page.evaluate(() => {
        window.showSaveFilePicker = async ({ suggestedName }) =>
            (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
    });
    const theirs = make(t, 'minutes.odt', randomBytes(2 * PIECE + 5));
    ana.send('file_send', { path: theirs.file });
    await button(page, 'save', 'minutes.odt').click();
    await page.getByText(key('saved')).waitFor();
    const written = await page.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const file = await (await root.getFileHandle('minutes.odt')).getFile();
        const hash = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
        return [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, '0')).join('');
    });
    assert.equal(written, theirs.digest);
});

test('sending is paused and goes on', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const line = await t.line();
    const page = await join(t, 'Ben', meeting, line.link(meeting.url));
    const big = make(t, 'big.bin', randomBytes(24_000_000));
    line.rate = 1_000_000; // it is on its way for as long as a pause needs
    await give(page, big.file);
    await button(page, 'pause', 'big.bin').click();
    await button(page, 'resume', 'big.bin').waitFor();
    line.rate = 0; // and nothing else holds it up
    const done = () => page.getByRole('progressbar').getAttribute('value');
    await page.waitForTimeout(500);
    const at = await done();
    await t.shot(page, 'paused');
    await page.waitForTimeout(2000);
    assert.equal(await done(), at, 'it went on while it was paused');
    assert.equal(ana.find('file', (e) => e.name === 'big.bin'), undefined, 'it went on unseen');
    await button(page, 'resume', 'big.bin').click();
    const told = await ana.expect('file', (e) => e.name === 'big.bin', { limitMs: 90_000 });
    ana.send('file_get', { file: told.file, path: t.folder + '/got.bin' });
    const got = await ana.expect('file_got', undefined, { limitMs: 90_000 });
    assert.equal(digest(readFileSync(got.path)), big.digest);
}, { limitMs: 240_000 });

test('a cut line is waited out', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const line = await t.line();
    t.allow(/ERR_|WebSocket|Failed to load/);
    const page = await join(t, 'Ben', meeting, line.link(meeting.url));
    const big = make(t, 'big.bin', randomBytes(24_000_000));
    line.rate = 1_000_000; // it is on its way when the line is cut
    await give(page, big.file);
    await button(page, 'pause', 'big.bin').waitFor();
    line.cut();
    await page.waitForTimeout(2500);
    line.rate = 0;
    line.mend();
    const told = await ana.expect('file', (e) => e.name === 'big.bin', { limitMs: 90_000 });
    ana.send('file_get', { file: told.file, path: t.folder + '/got.bin' });
    const got = await ana.expect('file_got', undefined, { limitMs: 90_000 });
    assert.equal(digest(readFileSync(got.path)), big.digest);
}, { limitMs: 240_000 });

test('what the server changes is named, and nothing of it is saved', async (t) => {
    const server = await t.ownServer();
    const meeting = await t.meeting({ admission: 'link', server });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const page = await join(t, 'Ben', meeting);
    const big = make(t, 'big.bin', randomBytes(6 * PIECE));
    ana.send('file_send', { path: big.file });
    await button(page, 'save', 'big.bin').waitFor();
    const stored = path.join(server.folder, 'data/data/files');
    const [session] = readdirSync(stored);
    const [file] = readdirSync(path.join(stored, session));
    const bytes = readFileSync(path.join(stored, session, file));
    const at = 4 * PIECE + 77;
    bytes[at] ^= 1;
    writeFileSync(path.join(stored, session, file), bytes);
    let downloads = 0;
    page.on('download', () => downloads++);
    await button(page, 'save', 'big.bin').click();
    await page.getByText(key('fault.bad-chunk', { part: '5' })).waitFor();
    await t.shot(page, 'bad-chunk');
    writeFileSync(path.join(stored, session, file), bytes.subarray(0, 3 * PIECE));
    await button(page, 'save', 'big.bin').click();
    await page.getByText(key('fault.truncated')).waitFor();
    assert.equal(downloads, 0);
    bytes[at] ^= 1;
    writeFileSync(path.join(stored, session, file), bytes);
    assert.equal((await save(page, 'big.bin')).digest, big.digest);
});

test('taken back, it is gone for all', async (t) => {
    const server = await t.ownServer();
    const meeting = await t.meeting({ admission: 'link', server });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const page = await join(t, 'Ben', meeting);
    const mine = make(t, 'secret.txt', 'not for long');
    await give(page, mine.file);
    const told = await ana.expect('file', (e) => e.name === 'secret.txt');
    await button(page, 'withdraw', 'secret.txt').click();
    await ana.expect('file_withdrawn', (e) => e.file === told.file);
    await page.getByText(key('none')).waitFor();
    const stored = path.join(server.folder, 'data/data/files');
    await until(() => readdirSync(stored).length === 0, 'the ciphertext is deleted');
});

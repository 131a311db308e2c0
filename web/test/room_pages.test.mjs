// The pages around the room: first page, before joining, waiting, afterwards. The core is played (fake/).
import { assert, becomes, test, text, until } from './harness/index.mjs';
import { ANA, BEN, LINK, copied, done, inRoom, joined, listen, play, state } from './fake/people.mjs';
import { fakeRoom } from './fake/serve.mjs';

const open = async (t, path = LINK, options = {}) => t.page((await fakeRoom()) + path, options);
const heading = (page, name) => page.getByRole('heading', { name, level: 1 }).waitFor();
const knocked = async (page, name = 'Ana Duarte') => {
    await page.getByLabel(text('prejoin.name')).fill(name);
    await page.getByRole('button', { name: text('prejoin.join') }).click();
};

test('the first page takes a link or a number, and says when it is neither', async (t) => {
    const page = await open(t, '/');
    await heading(page, text('home.title'));
    const field = page.getByLabel(text('home.link'));
    const go = page.getByRole('button', { name: text('home.go') });
    await field.fill('tomorrow at nine');
    await go.click();
    await page.getByText(text('home.link.error')).waitFor();
    await becomes(() => field.getAttribute('aria-invalid'), 'true', 'the field is marked');
    await t.shot(page, 'home');
    await field.fill('https://elsewhere.example/m/Zm9vYmFy#k=1');
    await page.getByRole('button', { name: text('home.open', { host: 'elsewhere.example' }) }).waitFor();
    await field.fill('123 456 789');
    await go.click();
    await page.waitForURL('**/m/123456789');
    await heading(page, 'Budget round');
});

test('before joining: title, devices, own picture, meter; a name is needed, then one button knocks', async (t) => {
    const page = await open(t);
    await heading(page, 'Budget round');
    await page.getByRole('button', { name: text('prejoin.join') }).click();
    await page.getByText(text('prejoin.name.missing')).waitFor();
    await page.getByRole('button', { name: text('room.camera.off') }).click();
    await page.getByLabel(text('prejoin.preview')).waitFor();
    await page.getByRole('button', { name: text('room.microphone.off') }).click();
    const meter = page.getByRole('meter', { name: text('prejoin.level') });
    await until(async () => Number(await meter.getAttribute('aria-valuenow')) > 0, 'the meter moves');
    await page.getByLabel(text('prejoin.microphone'), { exact: true }).selectOption({ label: 'Headset' });
    await becomes(() => page.evaluate(() => window.fake.media.chosen.value.microphone), 'm2', 'the other microphone');
    await t.shot(page, 'prejoin');
    await knocked(page, '  Ana Duarte ');
    const [join] = await until(async () => (await done(page, 'join')).length && done(page, 'join'), 'a knock');
    assert.deepEqual([join.name, join.link], ['Ana Duarte', page.url()]);
});

test('a name longer than 64 bytes is refused before it is sent', async (t) => {
    const page = await open(t);
    await knocked(page, 'ü'.repeat(33));
    await page.getByText(text('prejoin.name.long')).waitFor();
    assert.equal((await done(page, 'join')).length, 0);
});

test('a camera that may not be used: said with what to do, and one can join all the same', async (t) => {
    const page = await open(t);
    await page.evaluate(() => {
        window.fake.media.failsWith = 'refused';
    });
    await page.getByRole('button', { name: text('room.camera.off') }).click();
    await page.locator('.preview-off').getByText(text('rtc.camera.refused')).waitFor();
    await page.getByText(text('rtc.camera.refused.do')).first().waitFor();
    await t.shot(page, 'refused');
    await knocked(page);
    await becomes(async () => (await done(page, 'join')).length, 1, 'a knock');
});

test('a locked room and its terms are told before joining', async (t) => {
    const page = await t.page();
    await page.addInitScript(() => {
        window.look = { title: 'Board', number: '123456789', locked: true, watermark: true, recording: true, over: false };
    });
    await page.goto((await fakeRoom()) + LINK);
    await page.getByText(text('prejoin.locked')).waitFor();
    await page.getByText(text('prejoin.recording')).waitFor();
    await page.getByText(text('prejoin.watermark')).waitFor();
    await page.getByText(text('prejoin.room', { number: '123 456 789' })).waitFor();
});

test('a meeting that is not there is said so', async (t) => {
    const page = await t.page();
    await page.addInitScript(() => {
        window.look = null;
    });
    await page.goto((await fakeRoom()) + LINK);
    await heading(page, text('notfound.title'));
    await page.goto((await fakeRoom()) + '/somewhere');
    await heading(page, text('notfound.title'));
});

test('waiting: who was told, the short code; nothing moves; one can stop', async (t) => {
    const page = await open(t);
    await knocked(page);
    await heading(page, text('waiting.connecting'));
    await play(page, { event: 'connection', up: true, why: '' }, state('waiting_host', 0));
    await heading(page, text('waiting.host'));
    await play(page, state('in_lobby', 0), { event: 'waiting', short_code: '48 213' });
    await heading(page, text('waiting.lobby'));
    await page.getByText('48 213').waitFor();
    await page.getByRole('button', { name: text('shield.name', { state: text('shield.in_lobby') }) }).waitFor();
    await becomes(() => page.evaluate(() => document.getAnimations().length), 0, 'nothing moves');
    await t.shot(page, 'waiting');
    await play(page, { event: 'connection', up: false, why: 'lost' });
    await page.getByText(text('waiting.offline')).waitFor();
    await page.getByRole('button', { name: text('waiting.leave') }).click();
    await heading(page, text('left.title'));
});

test('let in: the waiting page becomes the room', async (t) => {
    const page = await open(t);
    await knocked(page);
    await play(page, state('in_lobby', 0), joined(BEN), joined({ ...ANA, host: false }), state('e2ee'));
    await page.getByRole('toolbar', { name: text('room.controls') }).waitFor();
});

const ENDS = [
    ['left', 'left.title', null],
    ['ended', 'left.ended', 'left.ended.text'],
    ['removed-by-host', 'left.removed', 'left.removed.text'],
    ['refused-by-host', 'refused.title', 'refused.refused-by-host'],
    ['refused-locked', 'refused.title', 'refused.refused-locked'],
    ['refused-full', 'refused.title', 'refused.refused-full'],
    ['refused-barred', 'refused.title', 'refused.refused-barred'],
    ['not-found', 'notfound.title', 'notfound.text'],
];

test('every end has its page: what happened, what was kept, and that the rest is gone', async (t) => {
    for (const [why, title, words] of ENDS) {
        const page = await open(t);
        await inRoom(page);
        await play(page, { event: 'ended', why, text: '' });
        await heading(page, text(title));
        if (words) await page.getByText(text(words), { exact: true }).waitFor();
        await page.getByText(text('left.kept.nothing')).waitFor();
        await until(() => page.evaluate(() => window.fake.media.closed), 'camera and microphone are let go');
        await until(async () => (await done(page, 'closed')).length > 0, 'the worker, and with it the keys, is gone');
        if (why === 'left') await t.shot(page, 'left');
        await page.context().close();
    }
});

test('a rule for which we left is told with its name, to be copied', async (t) => {
    const page = await t.page();
    await listen(page);
    await page.goto((await fakeRoom()) + LINK);
    await inRoom(page);
    await play(page, { event: 'ended', why: 'terms-chain', text: 'The terms do not hold.' });
    await heading(page, text('failed.title'));
    await page.getByText('terms-chain').waitFor();
    await page.getByRole('button', { name: text('failed.copy') }).click();
    const details = JSON.parse(await until(() => copied(page), 'it is copied'));
    assert.equal(details.ended.why, 'terms-chain');
    assert.equal(JSON.stringify(details).includes('k=abc'), false, 'the link is not part of it');
});

test('a core that fails is said: keys are gone, nothing is sent', async (t) => {
    const page = await open(t);
    await inRoom(page);
    await play(page, { event: 'core_failed', why: 'out of memory' });
    await heading(page, text('broken.title'));
    await page.getByText('out of memory').waitFor();
});

test('a browser that cannot join is named, with what is missing', async (t) => {
    const page = await t.page();
    await page.addInitScript(() => {
        delete window.RTCRtpScriptTransform;
    });
    await page.goto((await fakeRoom()) + LINK);
    await page.getByRole('heading', { name: /(Chrome|HeadlessChrome) ?\d* cannot join/ }).waitFor();
    await page.getByText(text('support.encoded_transform')).waitFor();
    await t.shot(page, 'unsupported');
});

test('the second language: chosen, spoken, kept', async (t) => {
    const page = await open(t, '/', { locale: 'fr-FR' });
    await page.getByLabel(text('ui.language')).selectOption('de');
    await heading(page, 'Ein stiller Raum mit geschlossener Tür');
    await becomes(() => page.evaluate(() => document.documentElement.lang), 'de', 'the page is German');
    await page.reload();
    await heading(page, 'Ein stiller Raum mit geschlossener Tür');
    const german = await open(t, LINK, { locale: 'de-AT' });
    await german.getByRole('button', { name: 'Anklopfen' }).waitFor();
    await german.fill('input[name=name]', 'Ana');
    await german.getByRole('button', { name: 'Anklopfen' }).click();
    await play(german, joined(ANA), joined(BEN), state('e2ee'));
    await german.getByRole('button', { name: 'Sicherheit: Ende-zu-Ende verschlüsselt' }).waitFor();
    await t.shot(german, 'german');
});

test('dark and light: as the system says, or as the person chose', async (t) => {
    const page = await open(t, '/', { colorScheme: 'dark' });
    const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.getByLabel(text('ui.theme')).waitFor();
    const dark = await paper();
    await page.getByLabel(text('ui.theme')).selectOption('light');
    const light = await until(async () => {
        const now = await paper();
        return now !== dark && now;
    }, 'it is light');
    await page.reload();
    await becomes(paper, light, 'it is light again');
});

test('installable: manifest and icons are there with the right type', async (t) => {
    const page = await t.page('/');
    const manifest = await page.evaluate(async () => {
        const found = await fetch(document.querySelector('link[rel=manifest]').href);
        return { type: found.headers.get('content-type'), body: await found.json() };
    });
    assert.match(manifest.type, /application\/manifest\+json/);
    assert.equal(manifest.body.display, 'standalone');
    const sizes = await page.evaluate(async (icons) => {
        const size = (src) => new Promise((resolve, reject) => {
            const image = new Image();
            image.onload = () => resolve(image.naturalWidth);
            image.onerror = () => reject(new Error(src));
            image.src = src;
        });
        return Promise.all(icons.filter((i) => i.type === 'image/png').map((i) => size(i.src)));
    }, manifest.body.icons);
    assert.deepEqual(sizes, [192, 512, 512]);
});

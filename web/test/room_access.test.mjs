// WCAG 2.2 AA as far as programs can tell (axe-core), in light and dark; small screens, large text, little motion.
import { judge } from './harness/axe.mjs';
import { assert, becomes, settled, test, text, until } from './harness/index.mjs';
import { ALL, BEN, LINK, inRoom, knock, play, state, status } from './fake/people.mjs';
import { fakeRoom } from './fake/serve.mjs';

const open = async (t, path, options) => t.page((await fakeRoom()) + path, options);

async function room(t, options) {
    const page = await open(t, LINK, options);
    await inRoom(page, { people: ALL });
    await play(page, status(BEN, { microphone: false, hand: 5 }));
    return page;
}

for (const colorScheme of ['light', 'dark']) {
    test(`pages around the room, ${colorScheme}`, async (t) => {
        const page = await open(t, '/', { colorScheme });
        await judge(page, 'first page');
        await page.getByRole('button', { name: text('home.go') }).click();
        await page.getByText(text('home.link.error')).waitFor();
        await judge(page, 'first page with an error');
        await page.goto((await fakeRoom()) + LINK);
        await page.getByRole('button', { name: text('prejoin.join') }).click();
        await page.getByText(text('prejoin.name.missing')).waitFor();
        await judge(page, 'before joining');
        await page.fill('input[name=name]', 'Ana');
        await page.click('button[type=submit]');
        await play(page, state('in_lobby', 0), { event: 'waiting', short_code: '48 213' });
        await page.getByText('48 213').waitFor();
        await judge(page, 'waiting');
        await play(page, { event: 'ended', why: 'terms-chain', text: 'The terms do not hold.' });
        await page.getByRole('heading', { name: text('failed.title') }).waitFor();
        await judge(page, 'ended');
    });

    test(`the room, ${colorScheme}`, async (t) => {
        const page = await room(t, { colorScheme });
        await judge(page, 'grid');
        await play(page, knock(1, 'Gita Rao'), knock(2, 'Hugo Lind', { identity: 'internal', vouched_by: 'Bonn' }));
        await page.keyboard.press('p');
        await page.getByRole('list', { name: text('people.title') }).waitFor();
        await judge(page, 'people and lobby');
        await page.keyboard.press('Escape');
        await page.keyboard.press('l');
        await page.locator('.strip').waitFor();
        await page.evaluate(() => window.fake.media.sends(1, { videoState: 'keys-missing' }));
        await judge(page, 'speaker and strip');
        await play(page, { event: 'connection', up: false, why: '' }, state('cut_off'), { event: 'clock', offset_ms: 600000 });
        await page.getByText(text('banner.cut_off')).waitFor();
        await judge(page, 'banners');
        await page.locator('[data-control=more]').click();
        await page.getByRole('menu').waitFor();
        await judge(page, 'menu');
    });

    test(`dialogs, ${colorScheme}`, async (t) => {
        const page = await room(t, { colorScheme });
        await page.locator('.shield').click();
        await page.getByText(text('shield.log')).click();
        await judge(page, 'shield');
        const dialog = page.getByRole('dialog');
        const away = async () => {
            await page.keyboard.press('Escape');
            await dialog.waitFor({ state: 'detached' });
        };
        await page.getByRole('button', { name: text('shield.steps.start'), exact: true }).click();
        await page.getByRole('dialog', { name: text('shield.steps') }).waitFor();
        await judge(page, 'compare');
        await away();
        await page.keyboard.press('?');
        await dialog.waitFor();
        await judge(page, 'keys');
        await away();
        await page.locator('[data-control=more]').click();
        await page.getByRole('menuitem', { name: text('room.settings') }).click();
        await dialog.waitFor();
        await judge(page, 'settings');
        await away();
        await page.keyboard.press('p');
        await page.locator('.person-open').nth(1).click();
        await page.getByRole('dialog').getByText(text('certificate.fields')).click();
        await judge(page, 'certificate');
    });
}

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('a phone: all controls are there, the panel is a sheet, nothing is cut off', async (t) => {
    const page = await room(t, PHONE);
    await becomes(() => overflow(page), 0, 'nothing is cut off');
    for (const name of ['microphone', 'camera', 'share', 'chat', 'more', 'leave']) {
        const box = await settled(page.locator(`[data-control=${name}]`));
        assert.ok(box.x >= 0 && box.x + box.width <= 360 && box.width >= 40 && box.height >= 40, name);
    }
    await t.shot(page, 'room');
    await page.locator('.people-button').tap();
    const sheet = await settled(page.locator('.side'));
    assert.ok(sheet.width === 360 && sheet.y > 100 && Math.abs(sheet.y + sheet.height - 740) <= 1);
    await t.shot(page, 'people');
    await judge(page, 'phone');
    await page.locator('.side').getByRole('button', { name: text('ui.close') }).tap();
    await page.locator('.shield').tap();
    await page.getByRole('dialog').waitFor();
    await becomes(() => overflow(page), 0, 'nothing is cut off');
    await t.shot(page, 'shield');
});

test('a phone on its side keeps the picture', async (t) => {
    const page = await room(t, { ...PHONE, viewport: { width: 740, height: 360 } });
    const grid = await settled(page.locator('.grid'));
    assert.ok(grid.height > 200, `${grid.height}`);
    await becomes(() => overflow(page), 0, 'nothing is cut off');
});

test('320 pixels wide, as at a zoom of 400 %: no page needs to be scrolled sideways', async (t) => {
    const narrow = { viewport: { width: 320, height: 480 } };
    const page = await open(t, '/', narrow);
    await page.getByRole('button', { name: text('home.go') }).waitFor();
    await becomes(() => overflow(page), 0, 'first page');
    await page.goto((await fakeRoom()) + LINK);
    await page.getByRole('button', { name: text('prejoin.join') }).waitFor();
    await becomes(() => overflow(page), 0, 'before joining');
    const inside = await room(t, narrow);
    await becomes(() => overflow(inside), 0, 'room');
    await inside.locator('.shield').click();
    const dialog = inside.getByRole('dialog');
    await becomes(() => dialog.evaluate((e) => e.scrollWidth - e.clientWidth), 0, 'shield');
});

test('text of twice the size stays readable', async (t) => {
    const page = await room(t, { viewport: { width: 1280, height: 800 } });
    await page.evaluate(() => {
        document.documentElement.style.fontSize = '200%';
    });
    await becomes(() => overflow(page), 0, 'nothing is cut off');
    for (const name of ['microphone', 'leave']) assert.ok(await page.locator(`[data-control=${name}]`).isVisible());
    await t.shot(page, 'large');
});

test('every target is 24 pixels or larger', async (t) => {
    const page = await room(t);
    await page.keyboard.press('p');
    await page.locator('.side').waitFor();
    const small = () => page.evaluate(() =>
        [...document.querySelectorAll('button, a, select, summary, input')]
            .map((e) => ({ box: e.getBoundingClientRect(), words: e.getAttribute('aria-label') ?? e.textContent }))
            .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
            .map(({ words }) => words),
    );
    await becomes(small, [], 'none is smaller');
});

test('the whole room by keyboard: shield first, focus always seen, out of dialogs back to where one was', async (t) => {
    const page = await room(t);
    const seen = [];
    for (let i = 0; i < 12; i++) {
        await page.keyboard.press('Tab');
        seen.push(await page.evaluate(() => {
            const e = document.activeElement;
            const { outlineStyle, outlineWidth } = getComputedStyle(e);
            return { what: e.dataset.control ?? e.className, visible: outlineStyle !== 'none' && outlineWidth !== '0px' };
        }));
        if (seen.at(-1).what === 'leave') break;
    }
    assert.match(seen[0].what, /^shield/);
    assert.ok(seen.every((s) => s.visible), JSON.stringify(seen.filter((s) => !s.visible)));
    assert.deepEqual(seen.slice(-6).map((s) => s.what), ['microphone', 'camera', 'share', 'chat', 'more', 'leave']);
});

test('who wants no motion gets none', async (t) => {
    const page = await room(t, { reducedMotion: 'reduce' });
    const moving = await page.evaluate(() =>
        [...document.querySelectorAll('*')].filter((e) =>
            getComputedStyle(e).transitionDuration.split(',').some((d) => parseFloat(d) > 0)).map((e) => e.className));
    assert.deepEqual(moving, []);
});

test('nothing takes longer than 200 ms to move', async (t) => {
    const page = await room(t);
    const slow = await page.evaluate(() =>
        [...document.querySelectorAll('*')].filter((e) =>
            getComputedStyle(e).transitionDuration.split(',').some((d) => parseFloat(d) > 0.2)).map((e) => e.className));
    assert.deepEqual(slow, []);
    await until(async () => page.evaluate(() => document.getAnimations().length === 0), 'it is quiet');
});

// The room: layouts, tiles, controls, keys. The core is played, the pictures are drawn (fake/).
import { appears, assert, becomes, test, text, until } from './harness/index.mjs';
import { ALL, ANA, BEN, CHO, LINK, copied, done, inRoom, joined, knock, listen, play, state, status } from './fake/people.mjs';
import { fakeRoom } from './fake/serve.mjs';

async function room(t, options = {}) {
    const page = await t.page((await fakeRoom()) + LINK);
    await inRoom(page, options);
    return page;
}
const names = (page) => page.locator('article.tile').evaluateAll((all) => all.map((e) => e.dataset.leaf));
const control = (page, name) => page.locator(`[data-control=${name}]`);

test('tiles stand in order of entry, ourselves last, and never jump while somebody speaks', async (t) => {
    const page = await room(t, { people: ALL });
    const order = ['1', '2', '3', '4', '5', '0'];
    await becomes(() => names(page), order, 'in order of entry');
    for (const leaf of [4, 2, 5]) {
        await page.evaluate((l) => {
            window.fake.media.speaking.value = [l];
            window.fake.media.speaker.value = l;
        }, leaf);
        await page.locator(`.tile-speaking[data-leaf="${leaf}"]`).waitFor();
        assert.deepEqual(await names(page), order);
    }
    await t.shot(page, 'grid');
});

test('grid, speaker with strip, and only the shared screen; a shared screen takes the stage and gives it back', async (t) => {
    const page = await room(t, { people: ALL.slice(0, 5) });
    await page.locator('.grid').waitFor();
    await page.keyboard.press('l');
    await page.evaluate(() => {
        window.fake.media.speaker.value = 2;
    });
    await page.locator('.stage .tile[data-leaf="2"]').waitFor();
    const strip = () => page.locator('.strip .tile').evaluateAll((all) => all.map((e) => e.dataset.leaf));
    await becomes(strip, ['1', '2', '3', '4', '0'], 'the strip keeps the order');
    await t.shot(page, 'speaker');
    await page.keyboard.press('l');
    await page.getByText(text('room.stage.empty'), { exact: true }).waitFor();
    await page.keyboard.press('l');
    await page.locator('.grid').waitFor();
    await page.evaluate(() => window.fake.media.sends(2, { slides: 'Budget 2027' }));
    await page.getByLabel(text('room.stage.screen', { name: CHO.name })).first().waitFor();
    await becomes(() => page.locator('.strip .tile').count(), 5, 'all are in the strip');
    await t.shot(page, 'screen');
    await page.evaluate(() => window.fake.media.sends(2, { screenState: 'keys-missing' }));
    await page.getByText(text('rtc.shared.keys-missing', { name: CHO.name })).waitFor();
    await page.evaluate(() => window.fake.media.sends(2, { slides: '' }));
    await page.locator('.grid').waitFor();
});

test('two things on the stage are tabs of it', async (t) => {
    const page = await room(t);
    await page.evaluate(() => window.fake.media.sends(1, { slides: 'Plan' }));
    await page.getByLabel(text('room.stage.screen', { name: BEN.name })).first().waitFor();
    await control(page, 'more').click();
    await page.getByRole('menuitemcheckbox', { name: 'Board' }).click();
    await page.getByRole('button', { name: 'Board' }).click();
    await page.getByText('a stage of a feature').waitFor();
    await becomes(() => page.getByRole('button', { name: 'Board' }).getAttribute('aria-pressed'), 'true', 'its tab is pressed');
});

test('only what is seen is asked for, in the size in which it is seen', async (t) => {
    const page = await room(t, { people: ALL });
    const shown = () => page.evaluate(() => window.fake.media.shown);
    const inGrid = await until(async () => {
        const s = await shown();
        return s.length === 5 && s;
    }, 'five pictures are asked for');
    await page.keyboard.press('l');
    await until(async () => {
        const s = await shown();
        return s[0]?.height > inGrid[0].height && s[1]?.height < inGrid[1].height;
    }, 'the staged one is larger, those in the strip are smaller');
});

test('the controls: in the order of the drawing, named, with their keys', async (t) => {
    const page = await room(t);
    const order = await page.locator('.controls [data-control]').evaluateAll((all) => all.map((e) => e.dataset.control));
    assert.deepEqual(order, ['microphone', 'camera', 'share', 'chat', 'more', 'leave']);
    const bar = page.getByRole('toolbar', { name: text('room.controls') });
    for (const key of ['room.microphone.off', 'room.camera.off', 'room.share.off', 'room.more', 'room.leave'])
        await bar.getByRole('button', { name: text(key), exact: true }).waitFor();
    await t.shot(page, 'controls');
});

test('M, V, S, C, H, P and ? do what the list of keys says; Escape closes', async (t) => {
    const page = await room(t);
    const media = (what) => page.evaluate((w) => window.fake.media[w].value.state, what);
    for (const [key, what] of [['m', 'microphone'], ['v', 'camera'], ['s', 'screen']]) {
        await page.keyboard.press(key);
        await until(async () => (await media(what)) === 'on', `${key} turns it on`);
        await page.keyboard.press(key);
        await until(async () => (await media(what)) === 'off', `${key} turns it off`);
    }
    await page.keyboard.press('h');
    await becomes(() => done(page, 'hand'), [{ do: 'hand', on: true }], 'the hand goes up');
    await page.keyboard.press('c');
    await page.getByText('a panel of a feature').waitFor();
    await page.keyboard.press('p');
    await page.getByRole('list', { name: text('people.title') }).waitFor();
    await page.keyboard.press('Escape');
    await until(async () => (await page.locator('.side').count()) === 0, 'the panel closes');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: text('room.help') }).waitFor();
    await page.keyboard.press('m');
    assert.equal(await media('microphone'), 'off');
    await t.shot(page, 'keys');
    await page.keyboard.press('Escape');
    await becomes(() => page.getByRole('dialog').count(), 0, 'the keys are put away');
});

test('letters that somebody types are no commands', async (t) => {
    const page = await room(t);
    await control(page, 'more').click();
    await page.getByRole('menuitem', { name: text('room.settings') }).click();
    await page.getByLabel(text('ui.language')).focus();
    await page.keyboard.press('m');
    assert.equal(await page.evaluate(() => window.fake.media.microphone.value.state), 'off');
});

test('the menu "more" by keyboard: arrows, letters, Escape, and the focus comes back', async (t) => {
    const page = await room(t);
    await control(page, 'more').focus();
    await page.keyboard.press('Enter');
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
    await until(async () => (await focused()).startsWith('Raise hand'), 'the first entry has the focus');
    await page.keyboard.press('ArrowDown');
    await until(async () => (await focused()).startsWith('Board'), 'the second entry has the focus');
    await page.keyboard.press('End');
    await until(async () => (await focused()).startsWith(text('room.help')), 'the last entry has the focus');
    await page.keyboard.press('s');
    await becomes(focused, text('room.settings'), 'the entry with that letter has the focus');
    await page.keyboard.press('Escape');
    await becomes(() => page.getByRole('menu').count(), 0, 'the menu closes');
    await becomes(() => page.evaluate(() => document.activeElement.dataset.control), 'more', 'the focus is back');
});

test('a host locks the room; everybody sees it, and the lock opens again', async (t) => {
    const page = await room(t);
    await control(page, 'more').click();
    await page.getByRole('menuitem', { name: text('room.lock') }).click();
    await becomes(() => done(page, 'lock'), [{ do: 'lock', on: true }], 'it is asked for');
    await play(page, { event: 'terms', epoch: 4, rule: '', text: 'The room is locked.', locked: true });
    await page.getByText(text('room.locked')).waitFor();
    await control(page, 'more').click();
    await page.getByRole('menuitem', { name: text('room.unlock') }).click();
    await becomes(async () => (await done(page, 'lock')).at(-1), { do: 'lock', on: false }, 'it is asked for');
});

test('who is no host can neither lock, admit, remove nor end', async (t) => {
    const me = { ...ANA, host: false };
    const page = await room(t, { people: [me, { ...BEN, host: true }, CHO] });
    await play(page, knock(1, 'Gita Rao'));
    await control(page, 'more').click();
    await page.getByRole('menuitem', { name: text('room.settings') }).waitFor();
    assert.equal(await page.getByRole('menuitem', { name: text('room.lock') }).count(), 0);
    await page.keyboard.press('Escape');
    assert.equal(await page.getByText('Gita Rao').count(), 0);
    await page.keyboard.press('p');
    await page.getByRole('button', { name: text('people.actions', { name: CHO.name }) }).click();
    await page.getByRole('menu').waitFor();
    assert.equal(await page.getByRole('menuitem', { name: text('people.remove') }).count(), 0);
    await page.keyboard.press('Escape');
    await control(page, 'leave').click();
    await page.getByRole('heading', { name: text('left.title') }).waitFor();
});

test('a host leaves alone, or ends it for all', async (t) => {
    const page = await room(t);
    await control(page, 'leave').click();
    const dialog = page.getByRole('dialog', { name: text('room.leave.title') });
    await dialog.getByRole('button', { name: text('ui.cancel') }).click();
    await control(page, 'leave').click();
    await dialog.getByRole('button', { name: text('room.end.all') }).click();
    await page.getByRole('heading', { name: text('left.ended') }).waitFor();
    await becomes(async () => (await done(page, 'end')).length, 1, 'it is asked for once');
});

test('a command that the core refuses is told in words, and the room goes on', async (t) => {
    const page = await room(t);
    await page.evaluate(() => {
        window.fake.core.refuse.lock = 'not a host any more';
    });
    const told = appears(page.locator('.toast').getByText('not a host any more'));
    await control(page, 'more').click();
    await page.getByRole('menuitem', { name: text('room.lock') }).click();
    await told;
});

test('hand, mute and recording stand on the tile and are spoken with its name', async (t) => {
    const page = await room(t);
    await play(page, status(BEN, { microphone: false, hand: 5, recording: true }));
    const name = [BEN.name, text('tile.muted'), text('tile.hand'), text('tile.recording')].join(', ');
    await page.getByRole('article', { name }).waitFor();
    await page.getByText(text('banner.recording', { name: BEN.name })).waitFor();
    await t.shot(page, 'signs');
});

test('trouble on a tile names who and why, and goes when a frame decrypts', async (t) => {
    const page = await room(t);
    await page.evaluate(() => window.fake.media.sends(1, { videoState: 'keys-missing' }));
    const words = text('rtc.tile.keys-missing', { name: BEN.name });
    await page.getByText(words).waitFor();
    await t.shot(page, 'trouble');
    await page.evaluate(() => window.fake.media.sends(1, { videoState: 'ok' }));
    await until(async () => (await page.getByText(words).count()) === 0, 'it goes');
    await play(page, { event: 'away', person: { ...CHO, away: true }, away: true });
    await page.getByText(text('tile.away', { name: CHO.name })).waitFor();
});

test('banners: reconnecting with seconds, cut off, a wrong clock', async (t) => {
    const page = await room(t);
    await play(page, { event: 'connection', up: false, why: 'lost' }, state('reconnecting'));
    await page.getByText(text('banner.reconnecting')).waitFor();
    const seconds = new RegExp(`\\b${text('banner.reconnecting.for', { n: '[1-9]\\d*' })}\\b`);
    await page.locator('.banner').getByText(seconds).waitFor(); // however long it was until we looked
    await t.shot(page, 'reconnecting');
    await play(page, { event: 'connection', up: true, why: '' }, state('cut_off'));
    await page.getByRole('alert').getByText(text('banner.cut_off')).waitFor();
    await t.shot(page, 'cut-off');
    await play(page, state('e2ee'), { event: 'clock', offset_ms: -600_000 });
    await page.getByText(text('banner.clock', { n: 10 })).waitFor();
    await becomes(() => page.getByText(text('banner.cut_off')).count(), 0, 'the other one goes');
});

test('who comes and goes is told once, in the one live region', async (t) => {
    const page = await room(t, { people: ALL.slice(0, 2) });
    await play(page, joined(CHO, false));
    const live = page.locator('[aria-live=polite]');
    await until(async () => (await live.textContent()) === text('toast.joined', { name: CHO.name }), 'it is spoken');
    await play(page, { event: 'left', epoch: 5, person: CHO, why: 'removed-by-host' });
    await until(async () => (await live.textContent()) === text('toast.removed', { name: CHO.name }), 'it is spoken');
    assert.equal(await live.count(), 1);
});

test('alone: the link to copy', async (t) => {
    const page = await t.page();
    await listen(page);
    await page.goto((await fakeRoom()) + LINK);
    await inRoom(page, { people: [ANA], shield: 'e2ee' });
    await page.getByText(text('room.alone'), { exact: true }).waitFor();
    await page.getByRole('button', { name: text('room.link.copy') }).click();
    await until(async () => (await copied(page)) === page.url(), 'it is copied');
});

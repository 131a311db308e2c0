// The shield: its words and signs, the code and how it is compared, the log.
import { assert, becomes, test, text, until } from './harness/index.mjs';
import { ALL, ANA, BEN, CHO, CODE, ELODIE, LINK, code, copied, done, inRoom, listen, play, state } from './fake/people.mjs';
import { fakeRoom } from './fake/serve.mjs';

async function room(t, options = {}) {
    const page = await t.page();
    await listen(page);
    await page.goto((await fakeRoom()) + LINK);
    await inRoom(page, options);
    return page;
}
const shield = (page) => page.locator('.shield');
const panel = (page) => page.getByRole('dialog', { name: text('shield.title') });
const groups = (page) => page.locator('.code-groups').getAttribute('data-code');

test('each state has its words and its sign, and colour is never alone', async (t) => {
    const page = await room(t, { shield: 'e2ee' });
    const states = [
        ['e2ee', 'shield.e2ee', 'closed'],
        ['server_only', 'shield.server_only', 'open'],
        ['reconnecting', 'shield.reconnecting', 'idle'],
        ['cut_off', 'shield.cut_off', 'bar'],
    ];
    const signs = new Set();
    for (const [s, words, sign] of states) {
        await play(page, state(s));
        await page.locator(`.shield.shield-${sign}`).getByText(text(words)).waitFor();
        signs.add(await shield(page).locator('svg').innerHTML());
    }
    assert.equal(signs.size, states.length, 'the signs differ in shape');
});

test('the shield is green only where the server cannot read', async (t) => {
    const page = await room(t, { shield: 'e2ee' });
    await page.locator('.shield[data-state=e2ee]').waitFor();
    const colour = () => shield(page).locator('svg').evaluate((e) => getComputedStyle(e).color);
    const green = await colour();
    for (const s of ['server_only', 'reconnecting', 'cut_off', 'connecting']) {
        await play(page, state(s));
        await page.locator(`.shield[data-state=${s}]`).waitFor();
        await until(async () => (await colour()) !== green, `${s} is not green`);
    }
});

test('compare: names whom, and how many others', async (t) => {
    const page = await room(t, { people: [ANA, BEN, CHO] });
    await shield(page).getByText(text('shield.compare.one', { name: CHO.name })).waitFor();
    await play(page, { event: 'joined', epoch: 4, person: ELODIE, present: false });
    await shield(page).getByText(text('shield.compare_one', { name: CHO.name, n: 1 })).waitFor();
});

test('"updating" is shown for 300 ms at most', async (t) => {
    const page = await room(t, { shield: 'e2ee' });
    await page.locator('.shield-closed').getByText(text('shield.e2ee')).waitFor();
    // Looked at in the page: 300 ms are over before a slow machine looks from outside. Its clock is one of the same page.
    const { words, late } = await page.evaluate(async (event) => {
        const shown = (sign) => document.querySelector(`.shield-${sign}`)?.textContent;
        const when = (sign) => new Promise((done) => {
            const look = () => shown(sign) && (watch.disconnect(), done(shown(sign)));
            const watch = new MutationObserver(look);
            watch.observe(document.body, { subtree: true, childList: true, attributes: true });
            look();
        });
        const began = performance.now();
        window.fake.play(event);
        const clock = new Promise((done) => setTimeout(() => done(performance.now()), 300));
        const half = await when('half');
        const closed = await when('closed');
        const at = performance.now();
        return { words: [half, closed], late: at - Math.max(await clock, began + 300) };
    }, state('updating', 4));
    assert.deepEqual(words, [text('shield.updating'), text('shield.e2ee')]);
    assert.ok(late < 1200, `${late} ms after the 300`);
});

test('the panel: code in eight groups and as a picture, suite, devices, epoch, who committed last', async (t) => {
    const page = await room(t, { people: ALL.slice(0, 4) });
    await play(page, code(4, CODE, { committer: BEN }));
    await shield(page).click();
    assert.equal(await groups(page), CODE);
    await becomes(() => page.locator('.code-groups li').count(), 8, 'eight groups');
    await page.getByRole('img', { name: text('shield.code.picture') }).waitFor();
    const facts = panel(page).locator('.facts').first();
    for (const words of ['4 devices', 'X25519, AES-128-GCM', BEN.name])
        await until(async () => (await facts.innerText()).includes(words), words);
    await t.shot(page, 'panel');
    await page.keyboard.press('Escape');
    await becomes(() => page.getByRole('dialog').count(), 0, 'it closes');
    await until(() => page.evaluate(() => document.activeElement.classList.contains('shield')), 'the focus is back');
});

test('comparing holds one epoch still while the room goes on, and lists those of the last minutes', async (t) => {
    const page = await room(t);
    await shield(page).click();
    await panel(page).getByRole('button', { name: text('shield.steps.start') }).click();
    const steps = page.getByRole('dialog', { name: text('shield.steps') });
    await steps.getByText(CHO.name).waitFor();
    await play(page, code(4, CODE.split(' ').reverse().join(' ')));
    await steps.getByText(text('shield.steps.older', { epoch: 4 })).waitFor();
    assert.equal(await groups(page), CODE, 'the code stands still');
    await t.shot(page, 'compare');
    await steps.getByLabel(text('shield.steps.pick')).selectOption('4');
    await becomes(() => groups(page), CODE.split(' ').reverse().join(' '), 'the code of the other epoch');
    await steps.getByRole('button', { name: text('shield.steps.same') }).click();
    await becomes(async () => (await done(page, 'compared')).length, 1, 'it counts as compared');
    await becomes(() => page.getByRole('dialog').count(), 0, 'the dialogs close');
});

test('codes that differ: what it means and what to do, and nothing counts as compared', async (t) => {
    const page = await room(t);
    await shield(page).click();
    await panel(page).getByRole('button', { name: text('shield.steps.start') }).click();
    await page.getByRole('button', { name: text('shield.steps.different') }).click();
    await page.getByRole('dialog', { name: text('shield.steps.differ.title') }).getByText(text('shield.steps.differ.text')).waitFor();
    assert.equal((await done(page, 'compared')).length, 0);
});

test('the log keeps each change of the shield with its time and reason; details hold no secret', async (t) => {
    const page = await room(t, { shield: 'e2ee' });
    await play(page, { event: 'connection', up: false, why: 'lost' }, state('reconnecting'));
    await play(page, { event: 'alert', rule: 'cannot-apply', person: BEN, text: 'A commit could not be applied.' });
    await play(page, { event: 'connection', up: true, why: '' }, state('e2ee'));
    await shield(page).click();
    await panel(page).getByText(text('shield.log')).click();
    const log = page.locator('.log');
    for (const words of [...['shield.reconnecting', 'shield.e2ee', 'log.connection.down'].map((key) => text(key)), 'A commit could not be applied.'])
        await until(async () => (await log.innerText()).includes(words), words);
    assert.match(await log.innerText(), /\d\d:\d\d:\d\d/);
    await panel(page).getByRole('button', { name: text('shield.details.copy') }).click();
    const details = JSON.parse(await until(() => copied(page), 'it is copied'));
    assert.ok(details.log.some((l) => l.what === 'cannot-apply' && l.time));
    assert.equal(details.codes[0].code, CODE);
    assert.equal(JSON.stringify(details).includes('s=def'), false);
});

/** Counts the notes that are played. */
const count = () => {
    window.notes = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (when) {
        window.notes.push(this.frequency.value);
        return start.call(this, when);
    };
};

test('a change is heard: two notes, falling and rising, and none when tones are off', async (t) => {
    const page = await t.page();
    await page.addInitScript(count);
    await page.goto((await fakeRoom()) + LINK);
    await inRoom(page, { shield: 'e2ee' });
    const notes = () => page.evaluate(() => window.notes.splice(0).map(Math.round));
    const two = async () => {
        const heard = [];
        await until(async () => heard.push(...(await notes())) && heard.length >= 2, 'two notes');
        return heard;
    };
    const heard = await two();
    assert.ok(heard.length === 2 && heard[0] < heard[1], 'rising');
    await play(page, state('updating', 4), state('e2ee', 4));
    await page.locator('.shield[data-state=e2ee]').waitFor();
    assert.deepEqual(await notes(), [], 'updating is no change');
    await play(page, state('cut_off', 4));
    const fall = await two();
    assert.ok(fall.length === 2 && fall[0] > fall[1], 'falling');
    await shield(page).click();
    await panel(page).getByRole('switch', { name: text('room.settings.tones') }).uncheck();
    await play(page, state('e2ee', 4));
    await page.locator('.shield[data-state=e2ee]').waitFor();
    assert.deepEqual(await notes(), []);
});

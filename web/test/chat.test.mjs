// Chat, signs, hands, quiet, watermark and export: two browsers and a terminal.
import { readFileSync } from 'node:fs';
import { appears, assert, becomes, test, text, until } from './harness/index.mjs';

const panel = (page) => page.locator('[data-panel="chat"]');
const control = (page, name) => page.locator(`[data-control="${name}"]`);
const write = (page) => page.getByRole('combobox', { name: text('chat.write') });
const line = (page, words) => panel(page).locator('.chat-line', { hasText: words });

async function meet(t, ...names) {
    const meeting = await t.meeting({ admission: 'link' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const pages = [];
    for (const name of names) {
        pages.push(await t.join(name, meeting));
        await ana.expect('joined', (e) => e.person.name === name);
    }
    return { meeting, ana, pages };
}

async function say(page, words) {
    await write(page).fill(words);
    await write(page).press('Enter');
}


test('a line goes both ways and is counted while the chat is closed', async (t) => {
    const { ana, pages: [ben] } = await meet(t, 'Ben');
    ana.send('chat', { text: 'first' });
    await control(ben, 'chat').locator('.count', { hasText: '1' }).waitFor();
    await ben.keyboard.press('c');
    await line(ben, 'first').waitFor();
    await say(ben, 'second');
    assert.equal((await ana.expect('chat', (e) => e.person.name === 'Ben')).text, 'second');
    await line(ben, 'second').waitFor();
    await becomes(() => control(ben, 'chat').locator('.count').count(), 0, 'what is read is not counted');
    assert.equal(await panel(ben).getByRole('log').getAttribute('aria-live'), 'polite');
    await t.shot(ben, 'chat');
});

test('@ offers names, and whom a line means is told', async (t) => {
    const { ana, pages: [ben, cleo] } = await meet(t, 'Ben', 'Cleo');
    await ben.keyboard.press('c');
    await write(ben).pressSequentially('hello @cl');
    await panel(ben).getByRole('option', { name: 'Cleo' }).waitFor();
    await t.shot(ben, 'names');
    await write(ben).press('Enter');
    await becomes(() => write(ben).inputValue(), 'hello @Cleo ', 'the whole name');
    const noted = appears(cleo.locator('.toast', { hasText: text('chat.mentioned', { name: 'Ben' }) }));
    await write(ben).pressSequentially('look');
    await write(ben).press('Enter');
    const told = await ana.expect('chat', (e) => e.text === 'hello @Cleo look');
    assert.equal(told.you, false);
    assert.equal(told.mentions.length, 1);
    await noted;
    await cleo.keyboard.press('c');
    await panel(cleo).locator('.chat-line-you .chat-mention', { hasText: '@Cleo' }).waitFor();
});

test('an answer shows what it answers, and signs are counted and taken back', async (t) => {
    const { ana, pages: [ben] } = await meet(t, 'Ben');
    await ben.keyboard.press('c');
    ana.send('chat', { text: 'who brings the cake?' });
    await line(ben, 'who brings').hover();
    await line(ben, 'who brings').getByRole('button', { name: text('chat.reply', { name: 'Ana' }) }).click();
    await say(ben, 'I do');
    const answer = await ana.expect('chat', (e) => e.text === 'I do');
    const asked = await ana.expect('chat', (e) => e.text.startsWith('who'));
    assert.equal(answer.reply, asked.seq);
    await panel(ben).locator('.chat-answered', { hasText: 'who brings the cake?' }).waitFor();
    await line(ben, 'who brings').first().hover();
    await line(ben, 'who brings').first().getByRole('button', { name: text('chat.mark') }).click();
    await ben.getByRole('menuitem', { name: text('chat.sign.party') }).click();
    assert.equal((await ana.expect('marks', (e) => e.put)).marks[0].sign, '🎉');
    ana.send('mark', { seq: asked.seq, sign: '🎉' });
    const mark = panel(ben).locator('.chat-mark', { hasText: '2' });
    await mark.waitFor();
    await t.shot(ben, 'marks');
    await mark.click();
    await panel(ben).locator('.chat-mark[aria-pressed="false"]', { hasText: '1' }).waitFor();
    await ana.expect('marks', (e) => !e.put && e.person.name === 'Ben');
});

test('a link is asked about before it opens', async (t) => {
    const { ana, pages: [ben] } = await meet(t, 'Ben');
    await ben.keyboard.press('c');
    ana.send('chat', { text: 'see https://example.org/a?b=1, or <b>not</b>' });
    const link = panel(ben).getByRole('button', { name: 'https://example.org/a?b=1', exact: true });
    await link.click();
    await ben.getByRole('dialog', { name: text('chat.link.title') }).waitFor();
    await t.shot(ben, 'link');
    await ben.keyboard.press('Escape');
    assert.equal(await panel(ben).locator('a, b').count(), 0);
});

test('hands go up by a key and stand in order; reactions float by', async (t) => {
    const { ana, pages: [ben] } = await meet(t, 'Ben');
    await ben.keyboard.press('h');
    await ana.expect('hands', (e) => e.people.map((p) => p.name).join() === 'Ben');
    ana.send('hand', { up: true });
    await ana.expect('hands', (e) => e.people.map((p) => p.name).join() === 'Ben,Ana');
    await ben.locator('.tile-hand').nth(1).waitFor();
    await control(ben, 'more').click();
    await ben.getByRole('menuitem', { name: text('chat.sign.applause') }).click();
    await ana.expect('reaction', (e) => e.person.name === 'Ben' && e.sign === '👏');
    const floats = appears(ben.locator('.floating-emoji', { hasText: '👍' }));
    ana.send('react', { sign: '👍' });
    await floats;
    await t.shot(ben, 'hands');
    await ben.keyboard.press('h');
    await ana.expect('hands', (e) => e.people.map((p) => p.name).join() === 'Ana');
});

test('a host mutes all others, and they see who asked', async (t) => {
    const { ana, pages: [ben] } = await meet(t, 'Ben');
    await ben.keyboard.press('m');
    await ana.expect('status', (e) => e.person.name === 'Ben' && e.microphone);
    const told = appears(ben.locator('.toast', { hasText: text('chat.muted_by', { name: 'Ana' }) }));
    ana.send('mute_all');
    await told;
    await ana.expect('status', (e) => e.person.name === 'Ben' && !e.microphone);
    await t.shot(ben, 'muted');
    await control(ben, 'more').click(); // no host: no such entry
    await ben.getByRole('menuitem', { name: text('room.settings') }).waitFor();
    assert.equal(await ben.getByRole('menuitem', { name: text('chat.mute_all') }).count(), 0);
});

test('the chat is saved as a page, as text and as data', async (t) => {
    const { ana, pages: [ben] } = await meet(t, 'Ben');
    await ben.keyboard.press('c');
    ana.send('chat', { text: '<script>alert(1)</script> & "quotes"' });
    await line(ben, 'quotes').waitFor();
    const saved = {};
    for (const kind of ['html', 'txt', 'json']) {
        await panel(ben).getByRole('button', { name: text('chat.export') }).click();
        const item = ben.getByRole('menuitem', { name: text(`chat.export.${kind}`) });
        const [download] = await Promise.all([ben.waitForEvent('download'), item.click()]);
        saved[kind] = readFileSync(await download.path(), 'utf8');
    }
    assert.ok(!saved.html.includes('<script>alert'), saved.html);
    assert.ok(saved.html.includes('&#60;script&#62;') && saved.txt.includes('Ana: <script>'));
    assert.equal(JSON.parse(saved.json).lines[0].text, '<script>alert(1)</script> & "quotes"');
});

test('a line that ends before the network comes back is said once', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const cut = await t.line();
    const ben = await t.join('Ben', cut.link(meeting.url));
    await ana.expect('joined', (e) => e.person.name === 'Ben');
    await ben.keyboard.press('c');
    t.allow(/WebSocket|net::ERR/);
    cut.cut();
    await say(ben, 'said in the dark');
    cut.mend?.();
    await ana.expect('chat', (e) => e.text === 'said in the dark');
    await line(ben, 'said in the dark').waitFor();
    await becomes(() => line(ben, 'said in the dark').count(), 1, 'once');
});

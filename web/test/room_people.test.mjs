// Who is here, who vouches for them, who knocks; the certificate; what hosts can do.
import { assert, becomes, settled, test, text, until } from './harness/index.mjs';
import { ALL, ANA, BEN, CHO, DAN, LINK, done, inRoom, joined, knock, person, play } from './fake/people.mjs';
import { fakeRoom } from './fake/serve.mjs';

async function roster(t, people = ALL) {
    const page = await t.page((await fakeRoom()) + LINK);
    await inRoom(page, { people });
    await page.getByRole('button', { name: text('people.count_other', { n: people.length }) }).click();
    await page.getByRole('list', { name: text('people.title') }).waitFor();
    return page;
}
const row = (page, who) => page.locator('.person').filter({ hasText: who.name });
const actions = (page, who) => page.getByRole('button', { name: text('people.actions', { name: who.name }) });

test('the list: name, then who vouches: filled, outlined, plain; web clients say so', async (t) => {
    const page = await roster(t);
    await row(page, BEN).locator('.badge-filled').getByText('verified by Sectigo').waitFor();
    await row(page, DAN).locator('.badge-outlined').getByText('verified by Universität Bonn').waitFor();
    await row(page, CHO).locator('.badge-plain').getByText(text('people.unverified')).waitFor();
    assert.equal(await row(page, CHO).getByText('web client').count(), 0);
    const origin = new URL(page.url()).host;
    await row(page, BEN).getByText(text('people.web', { origin })).waitFor();
    await row(page, ANA).getByText(/you · host/).waitFor();
    await t.shot(page, 'list');
});

test('several devices of a verified person are one row that opens', async (t) => {
    const second = { ...BEN, leaf: 7, key_hash: 'b'.repeat(64), web: false };
    const page = await roster(t, [ANA, BEN, CHO, second]);
    await becomes(() => page.locator('.person').count(), 3, 'three rows');
    const devices = row(page, BEN);
    await devices.getByText(text('people.devices_other', { n: 2 })).click();
    await becomes(() => devices.locator('.person-line').count(), 2, 'both devices');
    await t.shot(page, 'devices');
});

const CERTIFICATE = {
    state: 'external',
    reason: '',
    reason_text: '',
    vouched_by: 'Sectigo',
    subject: 'CN=Ben Okafor,O=Example Ltd,C=IE',
    issuer: 'CN=Sectigo Public Email CA,O=Sectigo,C=GB',
    not_before: '2026-01-01T00:00:00Z',
    not_after: '2027-06-30T00:00:00Z',
    serial: '0a1b2c',
    fingerprint: 'ab'.repeat(32),
    names: [{ kind: 'email', value: 'ben@example.org' }],
    key: 'ECDSA P-256',
    chain: [],
};
const answers = (page, certificate) => page.evaluate((c) => {
    window.fake.core.certificate = c;
}, certificate);

test('a certificate: in plain words first, all fields after', async (t) => {
    const page = await roster(t);
    await answers(page, CERTIFICATE);
    await row(page, BEN).locator('.person-open').click();
    const dialog = page.getByRole('dialog', { name: text('certificate.title', { name: BEN.name }) });
    await dialog.getByText('Sectigo confirms that this is Ben Okafor, until 30 June 2027.').waitFor();
    assert.equal(await dialog.getByText('0a1b2c').isVisible(), false);
    await dialog.getByText(text('certificate.fields')).click();
    for (const words of ['ben@example.org', '0a1b2c', 'ECDSA P-256', BEN.key_hash])
        await dialog.getByText(words).first().waitFor();
    await t.shot(page, 'certificate');
});

test('a certificate that ran out, and one that does not hold, are told as such', async (t) => {
    const page = await roster(t);
    const open = async () => {
        await row(page, BEN).locator('.person-open').click();
        await page.getByRole('dialog').waitFor();
    };
    const close = async () => {
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
    };
    await answers(page, { ...CERTIFICATE, state: 'unverified', reason: 'expired', reason_text: 'it has expired' });
    await open();
    await page.getByText(text('certificate.expired', { subject: 'Ben Okafor', until: '30 June 2027' })).waitFor();
    await close();
    await answers(page, { ...CERTIFICATE, state: 'unverified', reason: 'signature', reason_text: 'its signature is wrong' });
    await open();
    await page.getByText(/does not hold: its signature is wrong/).waitFor();
    await close();
    await answers(page, { ...CERTIFICATE, state: 'unverified', reason: 'no-root', reason_text: 'no root' });
    await open();
    const issuer = 'Sectigo Public Email CA';
    await page.getByText(text('certificate.stranger', { issuer, subject: 'Ben Okafor' })).waitFor();
});

test('a name that nobody vouches for is called that', async (t) => {
    const page = await roster(t);
    await row(page, CHO).locator('.person-open').click();
    await page.getByText(text('certificate.unverified', { name: CHO.name })).waitFor();
    assert.equal((await done(page, 'certificate')).length, 0);
});

test('a host removes after a question, and makes co-hosts', async (t) => {
    const page = await roster(t);
    await actions(page, CHO).click();
    await page.getByRole('menuitem', { name: text('people.makehost') }).click();
    await becomes(() => done(page, 'host'), [{ do: 'host', leaf: CHO.leaf }], 'it is asked for');
    await actions(page, BEN).click();
    await page.getByRole('menuitem', { name: text('people.remove'), exact: true }).click();
    const question = page.getByRole('dialog', { name: text('people.remove.title', { name: BEN.name }) });
    await question.waitFor();
    assert.equal((await done(page, 'remove')).length, 0);
    await question.getByRole('button', { name: text('people.remove.yes') }).click();
    await becomes(() => done(page, 'remove'), [{ do: 'remove', leaf: BEN.leaf }], 'it is asked for');
    await play(page, { event: 'left', epoch: 5, person: BEN, why: 'removed-by-host' });
    await until(async () => (await row(page, BEN).count()) === 0, 'the row goes');
});

test('the lobby: who knocks stands beside the faces, with badge and short code; admitted and refused', async (t) => {
    const page = await t.page((await fakeRoom()) + LINK);
    await inRoom(page);
    await play(page, knock(1, 'Gita Rao'), knock(2, 'Hugo Lind'));
    const line = page.locator('.lobby-line');
    await line.getByText('48 211').waitFor();
    const box = await settled(line);
    await settled(page.locator('.tile').first());
    const tiles = await page.locator('.tile').evaluateAll((all) => all.map((e) => e.getBoundingClientRect().bottom));
    assert.ok(tiles.every((bottom) => bottom > box.y + box.height), 'it lies over nobody');
    assert.equal(await page.getByRole('dialog').count(), 0);
    await t.shot(page, 'lobby');
    await line.getByRole('button', { name: text('lobby.admit.name', { name: 'Gita Rao' }) }).click();
    await becomes(() => done(page, 'admit'), [{ do: 'admit', knock: 1 }], 'it is asked for');
    await play(page, { event: 'knock_gone', knock: 1, why: 'admitted' }, joined(person(6, 'Gita Rao'), false));
    await line.getByRole('button', { name: text('lobby.refuse.name', { name: 'Hugo Lind' }) }).click();
    await becomes(() => done(page, 'refuse'), [{ do: 'refuse', knock: 2 }], 'it is asked for');
    await play(page, { event: 'knock_gone', knock: 2, why: 'refused' });
    await until(async () => (await line.count()) === 0, 'the line goes');
});

test('admit all verified admits those and nobody else', async (t) => {
    const page = await t.page((await fakeRoom()) + LINK);
    await inRoom(page);
    const by = { identity: 'external', vouched_by: 'HARICA' };
    await play(page, knock(1, 'Gita Rao'), knock(2, 'Hugo Lind', by), knock(3, 'Ines Sá', by), { ...knock(4, 'Jan Bos', by), barred: true });
    await page.keyboard.press('p');
    await page.getByText(text('lobby.barred')).waitFor();
    await page.getByRole('button', { name: text('lobby.admitall_other', { n: 2 }) }).click();
    await becomes(async () => (await done(page, 'admit')).map((c) => c.knock), [2, 3], 'those two');
    await t.shot(page, 'cards');
});

test('the side panel is a row of tabs: arrows go through them', async (t) => {
    const page = await roster(t);
    const tab = (name) => page.getByRole('tab', { name });
    await becomes(() => tab(text('people.title')).getAttribute('aria-selected'), 'true', 'its tab is chosen');
    await tab(text('people.title')).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('a panel of a feature').waitFor();
    await becomes(() => page.evaluate(() => document.activeElement.id), 'tab-chat', 'the focus goes with it');
});

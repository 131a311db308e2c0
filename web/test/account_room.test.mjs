// What the room shows of identities that change, and of people who are remembered: the core is played (fake/).
import { appears, assert, test, text, until } from './harness/index.mjs';
import { judge } from './harness/axe.mjs';
import { ANA, BEN, CHO, DAN, done, inRoom, knock, LINK, play, state } from './fake/people.mjs';
import { fakeRoom } from './fake/serve.mjs';

async function room(t, people, options = {}) {
    const page = await t.page((await fakeRoom()) + LINK, options);
    await inRoom(page, { people });
    return page;
}
const panel = (page) => page.getByRole('button', { name: text('people.title') }).first().click();

test('after the codes were compared the room offers to remember who was there', async (t) => {
    const page = await room(t, [ANA, BEN, CHO]);
    await play(page, { event: 'pin_offer', person: BEN }, { event: 'pin_offer', person: { ...CHO, address: '' } });
    const names = `${BEN.name} and ${CHO.name}`;
    await page.getByText(text('contacts.offer', { names })).waitFor();
    await t.shot(page, 'offer');
    await page.getByRole('button', { name: text('contacts.remember') }).click();
    await page.getByText(text('contacts.added', { names })).first().waitFor();
    const [added] = await done(page, 'contacts_add');
    assert.deepEqual(added.people.map((p) => [p.name, p.key_hash]), [[BEN.name, BEN.key_hash], [CHO.name, CHO.key_hash]]);
    await page.getByRole('button', { name: text('contacts.remember') }).waitFor({ state: 'detached' });
});

test('a certificate that is revoked in mid-meeting: badge, note and log say so, and why', async (t) => {
    const page = await room(t, [ANA, BEN, DAN]);
    await panel(page);
    await page.getByText(text('people.verified', { name: DAN.vouched_by })).first().waitFor();
    const person = { ...DAN, identity: 'unverified', vouched_by: '', reason: 'revoked' };
    const words = text('log.identity', { name: DAN.name, words: text('people.reason.revoked') });
    const told = appears(page.getByText(words).first());
    await play(page, { event: 'identity', person, why: 'trust' }, state('e2ee_compare'));
    const badge = page.locator('.person').getByText(text('people.reason.revoked'));
    await badge.waitFor();
    await told;
    await t.shot(page, 'revoked');
    await page.getByRole('button', { name: text('shield.name', { state: text('shield.compare.one', { name: DAN.name }) }) }).click();
    await page.getByText(text('shield.log')).click();
    await page.locator('.log').getByText(words).waitFor();
});

test('pins: a known key is said, another key under a known name is said aloud', async (t) => {
    const known = { ...CHO, pinned: 'match' };
    const other = { ...BEN, pinned: 'changed' };
    const page = await room(t, [ANA, other, known]);
    await panel(page);
    await page.locator('.person').getByText(text('people.pinned')).waitFor();
    await page.locator('.person').getByText(text('people.changed')).waitFor();
    await page.getByText(text('shield.compare.one', { name: BEN.name })).first().waitFor();
    await judge(page, 'people with pins');
    await t.shot(page, 'pins');
    await page.locator('.person-open').filter({ hasText: BEN.name }).click();
    await page.getByText(text('certificate.changed', { name: BEN.name })).waitFor();
    await t.shot(page, 'changed');
});

test('the lobby shows who vouches, or why nobody does, before anybody is let in', async (t) => {
    const page = await room(t, [ANA, BEN]);
    const revoked = { certificate: true, reason: 'revoked' };
    await play(page, knock(1, 'Dan Weiß', { identity: 'internal', vouched_by: 'Example GmbH', certificate: true }), knock(2, 'Eve', revoked), knock(3, 'Farid', { pinned: 'match' }));
    await panel(page);
    const card = (n) => page.locator(`.lobby [data-knock="${n}"]`);
    await card(1).getByText(text('people.verified', { name: 'Example GmbH' })).waitFor();
    await card(2).getByText(text('people.reason.revoked')).waitFor();
    await card(3).getByText(text('people.pinned')).waitFor();
    await t.shot(page, 'lobby');
});

test('a log with two faces is said to everybody in the room, and stays said', async (t) => {
    const page = await room(t, [ANA, DAN]);
    const alert = (rule) => ({ event: 'alert', rule, person: { ...ANA, leaf: -1, name: '' }, text: rule });
    await play(page, alert('log-withholds'));
    await page.getByText(text('banner.log-withholds')).waitFor();
    await play(page, alert('log-answers'));
    await page.getByText(text('banner.log-withholds')).waitFor({ state: 'detached' });
    await play(page, alert('log-fork'), alert('log-answers'));
    await page.getByText(text('banner.log-fork')).waitFor();
    await t.shot(page, 'fork');
});

test('a meeting for verified people: the lobby says who lacks what, and who is refused is led to the account', async (t) => {
    const page = await room(t, [ANA, BEN]);
    await play(page, { ...knock(1, 'Gil'), lacks: 'no-certificate' });
    await panel(page);
    const card = page.locator('.lobby [data-knock="1"]');
    await card.getByText(text('lobby.lacks')).waitFor();
    await until(() => card.getByRole('button', { name: text('lobby.admit.name', { name: 'Gil' }) }).isDisabled(), 'nobody can let them in');
    await play(page, { ...knock(1, 'Gil', { identity: 'internal', vouched_by: 'Example GmbH' }), lacks: '' });
    await card.getByText(text('lobby.lacks')).waitFor({ state: 'detached' });
    await play(page, { event: 'refused', why: 'refused-not-verified', text: 'x' }, { event: 'ended', why: 'refused-not-verified', text: 'x' });
    await page.getByText(text('refused.refused-not-verified')).waitFor();
    await page.getByRole('link', { name: text('signin.door') }).waitFor();
    await t.shot(page, 'refused');
});

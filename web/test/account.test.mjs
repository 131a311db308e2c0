// Accounts and certificates with the real service: Chromium's virtual authenticator, ACME from the worker, meetings.
import { appears, assert, test, text, until } from './harness/index.mjs';
import { Provider } from './harness/provider.mjs';
import { admin, authenticator, believing, enrolled, enterCertified, invite, person, signIn } from './harness/people.mjs';

const button = (on, key, fields) => on.getByRole('button', { name: text(key, fields), exact: true });
const panel = (page) => page.getByRole('button', { name: text('people.title') }).first().click();
const row = (page, name) => page.locator('.person').filter({ hasText: name });
const signOut = async (page) => {
    await button(page, 'account.signout').click();
    await page.waitForURL('**/signin');
};

test('a passkey is added, signs in, is refused without its owner, and is removed', async (t) => {
    const ana = await person(t.server, 'Ana Duarte');
    const page = await t.page();
    const key = await authenticator(page);
    await signIn(page, t.server, ana.invitation);
    await button(page, 'passkeys.add').click();
    await page.getByLabel(text('passkeys.name')).fill('Laptop');
    await button(page, 'passkeys.add.go').click();
    await page.getByText(text('passkeys.added')).first().waitFor();
    const [made] = await key.keys();
    assert.ok(made.isResidentCredential, 'it signs in without a name');
    await signOut(page);
    await key.verify(false);
    await button(page, 'signin.passkey').click();
    await page.getByText(text('account.error.passkey-not-allowed')).waitFor();
    await t.shot(page, 'refused');
    await key.verify(true);
    await button(page, 'signin.passkey').click();
    await page.waitForURL('**/account');
    await page.getByText(text('audit.signin.passkey')).first().waitFor();
    await page.getByText(text('audit.passkey.added')).first().waitFor();
    await button(page, 'passkeys.remove', { name: 'Laptop' }).click();
    await page.getByText(text('passkeys.remove.last')).waitFor();
    await button(page, 'passkeys.remove.yes').click();
    await page.getByText(text('passkeys.none')).waitFor();
    t.allow(/401/);
    await signOut(page);
    await button(page, 'signin.passkey').click();
    await page.getByText(text('account.error.denied')).waitFor();
});

test('a password where the organisation allows it; an invitation holds once', async (t) => {
    t.allow(/401/);
    await admin(t.server, 'PATCH', 'policy', { passwords: true });
    const ben = await person(t.server, 'Ben Okafor');
    const page = await t.page();
    await signIn(page, t.server, ben.invitation);
    await page.getByLabel(text('password.new')).fill('a quiet room with a closed door');
    await button(page, 'password.set').click();
    await page.getByText(text('password.done')).first().waitFor();
    await signOut(page);
    await page.getByLabel(text('signin.email')).fill(ben.email);
    await button(page, 'signin.email.go').click();
    const field = page.getByLabel(text('signin.password'), { exact: true });
    await field.fill('an open field');
    await button(page, 'signin.password.go').click();
    await page.getByText(text('account.error.denied')).waitFor();
    await field.fill('a quiet room with a closed door');
    await button(page, 'signin.password.go').click();
    await page.waitForURL('**/account');
    await until(async () => {
        await page.reload();
        await page.getByText(text('audit.signin.password')).first().waitFor();
        return page.getByText(text('audit.signin.failed')).count();
    }, 'the failure stands in the list');
    await page.goto(`${t.server.http}/signin#invitation=${ben.invitation}`);
    await button(page, 'signin.invitation.go').click();
    await page.getByText(text('account.error.invitation')).waitFor();
});

test('a browser is certified by one button, and others in a meeting see who vouches', async (t) => {
    const cho = await person(t.server, 'Cho Min-ji');
    const meeting = await t.meeting();
    const host = await t.native('Host', meeting, await believing(t), { host: true });
    const page = await enrolled(t, cho);
    await page.getByText(text('issued.good')).waitFor();
    await t.shot(page, 'enrolled');
    await enterCertified(page, meeting);
    const { person: seen } = await host.expect('joined', (e) => e.person.name === cho.name);
    assert.deepEqual([seen.identity, seen.web, seen.address], ['internal', true, cho.email]);
    const other = await enrolled(t, await person(t.server, 'Dan Weiß'));
    await enterCertified(other, meeting);
    await panel(other);
    await row(other, cho.name).getByText(text('people.verified', { name: seen.vouched_by })).waitFor();
    await t.shot(other, 'verified');
});

test('a certificate that is renewed in another tab is shown in the meeting by the same key', async (t) => {
    const kai = await person(t.server, 'Kai Lund');
    const meeting = await t.meeting();
    const host = await t.native('Host', meeting, await believing(t), { host: true });
    const account = await enrolled(t, kai);
    const room = await t.page(meeting.url, { context: account.context() });
    await room.getByText(text('identity.as', { name: kai.name, issuer: '' }).slice(0, 20)).waitFor();
    await button(room, 'prejoin.join').click();
    await button(room, 'room.leave').waitFor();
    const { person: before } = await host.expect('joined', (e) => e.person.name === kai.name);
    await button(account, 'certificate.here.renew').click();
    await account.getByText(text('certificate.here.renewed')).first().waitFor();
    await account.getByText(text('issued.good')).waitFor();
    const { person: after } = await host.expect('identity', (e) => e.why === 'renewed');
    assert.deepEqual([after.name, after.identity, after.key_hash], [kai.name, 'internal', before.key_hash]);
});

test('through incamera web a browser is certified too', async (t) => {
    const lea = await person(t.server, 'Lea Blum');
    const web = await t.web(['--server', t.server.http]);
    const page = await t.page();
    await signIn(page, { http: web.http }, lea.invitation);
    await button(page, 'certificate.here.get').click();
    await page.getByText(text('certificate.here.done')).first().waitFor();
    await page.getByText(text('issued.good')).waitFor();
});

test('a device that is revoked in mid-meeting changes on every other screen, with the reason', async (t) => {
    const [eve, farid] = [await person(t.server, 'Eve Roth'), await person(t.server, 'Farid Rahimi')];
    const meeting = await t.meeting();
    await t.native('Host', meeting, [], { host: true });
    const lost = await enrolled(t, eve);
    const other = await enrolled(t, farid);
    await enterCertified(lost, meeting);
    await enterCertified(other, meeting);
    await panel(other);
    await row(other, eve.name).getByText(/^verified by/).waitFor();
    const account = await t.page();
    await signIn(account, t.server, await invite(t.server, eve));
    await account.getByRole('button', { name: /^Revoke / }).click();
    await button(account.getByRole('dialog'), 'devices.revoke').click();
    await until(async () => await row(other, eve.name).getByText(text('people.reason.revoked')).count(), 'revoked', 60_000);
    await t.shot(other, 'revoked');
});

test('who was revoked stays so in a new page when the server shows no list', async (t) => {
    t.allow(/503/);
    const [jon, mia] = [await person(t.server, 'Jon Berg'), await person(t.server, 'Mia Kern')];
    const [site, meeting] = [await t.site(), await t.meeting()];
    await t.native('Host', meeting, [], { host: true });
    const lost = await enrolled(t, jon);
    await enterCertified(lost, meeting);
    const other = await enrolled(t, mia, { server: site });
    const here = { url: meeting.url.replace(new URL(meeting.url).origin, site.http) };
    await enterCertified(other, here);
    await panel(other);
    await row(other, jon.name).getByText(/^verified by/).waitFor();
    await admin(t.server, 'POST', `users/${jon.id}/suspend`, {});
    const revoked = () => row(other, jon.name).getByText(text('people.reason.revoked')).count();
    await until(revoked, 'revoked', 60_000);
    site.instead.set('/pki/crl.der', [503, '']);
    await other.goto('about:blank');
    await enterCertified(other, here);
    await panel(other);
    await until(revoked, 'still revoked');
    assert.equal(await row(other, jon.name).getByText(/^verified by/).count(), 0);
});

test('a server that was taken over teaches a browser no other log or authority at a new enrolment', async (t) => {
    const ute = await person(t.server, 'Ute Falk');
    const site = await t.site();
    const page = await enrolled(t, ute, { server: site });
    const trust = await (await fetch(`${site.http}/api/v1/identity/trust`)).json();
    await button(page, 'identity.own.forget').click();
    await button(page.getByRole('dialog'), 'identity.own.forget').click();
    const get = button(page, 'certificate.here.get');
    await get.waitFor();
    for (const change of [{ logs: [] }, { crl: '' }, { external_roots: [{ pem: trust.roots[0], name: 'x' }] }]) {
        site.instead.set('/api/v1/identity/trust', [200, JSON.stringify({ ...trust, ...change })]);
        await get.click();
        await page.getByText(text('account.error.trust-changed')).waitFor();
        await page.reload();
    }
    await get.click();
    await button(page, 'certificate.here.trust').click();
    await button(page.getByRole('dialog'), 'identity.own.forget').click();
    site.instead.clear();
    await get.click();
    await page.getByText(text('certificate.here.done')).first().waitFor();
    await page.getByText(text('issued.good')).waitFor();
});

test('a second device of ours is said aloud until we say that it is ours', async (t) => {
    const gil = await person(t.server, 'Gil Sousa');
    const first = await enrolled(t, gil);
    await first.getByText(text('issued.good')).waitFor();
    await enrolled(t, gil, { invitation: await invite(t.server, gil) });
    await first.reload();
    await first.getByText(text('issued.alarm_one', { n: 1 })).waitFor();
    await t.shot(first, 'alarm');
    await button(first, 'issued.mine').click();
    await first.getByText(text('issued.good')).waitFor();
});

test('whoever takes an account over is not the person whom others have remembered', async (t) => {
    const [hana, ivo] = [await person(t.server, 'Hana Sato'), await person(t.server, 'Ivo Marin')];
    const meeting = await t.meeting();
    await t.native('Host', meeting, [], { host: true });
    const friend = await enrolled(t, ivo);
    const own = await enrolled(t, hana);
    await enterCertified(friend, meeting);
    await enterCertified(own, meeting);
    await panel(friend);
    await row(friend, hana.name).waitFor();
    await friend.locator('.shield').click();
    await button(friend, 'shield.steps.start').click();
    await button(friend, 'shield.steps.same').click();
    await button(friend, 'contacts.remember').click();
    await row(friend, hana.name).getByText(text('people.pinned')).waitFor();
    await t.shot(friend, 'pinned');
    await own.context().close();
    const thief = await enrolled(t, hana, { invitation: await invite(t.server, hana) });
    const told = appears(friend.getByText(text('log.identity.changed', { name: hana.name })).first());
    await enterCertified(thief, meeting);
    await row(friend, hana.name).getByText(text('people.changed')).waitFor();
    await told;
    await t.shot(friend, 'changed');
});

test('the organisation’s provider: in by its word, and with a certificate at once; who says no there is not in', async (t) => {
    const provider = await new Provider().open();
    t.closers.push(() => provider.close());
    const { issuer, client } = provider;
    await admin(t.server, 'POST', 'providers', { name: 'House login', issuer, client_id: client.id, secret: client.secret, trust_email: true });
    const jan = await person(t.server, 'Jan Novak');
    provider.who = { sub: 'jan', email: jan.email };
    const page = await t.page(t.server.http + '/signin');
    const go = async (choice) => {
        await page.getByLabel(text('signin.email')).fill(jan.email);
        await button(page, 'signin.email.go').click();
        await button(page, 'signin.oidc.at', { name: 'House login' }).click();
        await page.getByRole('link', { name: choice }).click();
    };
    await go('No');
    await page.getByText(text('account.error.oidc-denied')).waitFor();
    await button(page, 'signin.retry').click();
    await go('Let me in');
    await page.getByRole('heading', { name: jan.name, level: 1 }).waitFor();
    await button(page, 'certificate.here.get').click();
    await page.getByText(text('certificate.here.done')).first().waitFor();
});

// The pages of the account: what people see of it, with the service played (fake/service.mjs).
import { judge } from './harness/axe.mjs';
import { assert, becomes, test, text, until } from './harness/index.mjs';
import { AUDITED, CERTIFIED, CONTACTS, coreAnswers, playService, REPORT, service, signedIn } from './fake/service.mjs';
import { fakeRoom } from './fake/serve.mjs';

const button = (on, key, fields) => on.getByRole('button', { name: text(key, fields), exact: true });

async function open(t, path, { state = service(), answers = {}, signed = false, ...options } = {}) {
    const page = await t.page(undefined, options);
    await playService(page, state);
    await coreAnswers(page, { identity: null, log_audit: REPORT, ...answers });
    if (signed) await signedIn(page);
    await page.goto((await fakeRoom()) + path);
    return page;
}

const account = (t, options) => open(t, '/account', { signed: true, ...options });
const whole = async (t, page, name) => {
    await page.evaluate(() => document.fonts.ready);
    const file = await t.shot(page, name);
    await page.screenshot({ path: file, fullPage: true });
};

test('sign-in: a passkey first, then what the organisation allows for an address', async (t) => {
    const state = service();
    const page = await open(t, '/signin', { state });
    await button(page, 'signin.passkey').waitFor();
    await button(page, 'signin.email.go').click();
    await page.getByText(text('signin.email.error')).waitFor();
    await t.shot(page, 'first');
    await page.getByLabel(text('signin.email')).fill('ana@example.org');
    await page.keyboard.press('Enter');
    await button(page, 'signin.oidc.at', { name: 'Example login' }).waitFor();
    await t.shot(page, 'methods');
    state.instead['POST signin/password'] = () => [401, { error: 'denied', text: 'wrong' }];
    await page.getByLabel(text('signin.password'), { exact: true }).fill('wrong');
    await page.keyboard.press('Enter');
    t.allow(/401/);
    await page.getByText(text('account.error.denied')).waitFor();
    delete state.instead['POST signin/password'];
    await page.getByLabel(text('signin.password'), { exact: true }).fill('right');
    await button(page, 'signin.password.go').click();
    await page.waitForURL('**/account');
    const tries = state.asked.filter((a) => a.what === 'POST signin/password');
    assert.deepEqual(tries[1].body, { email: 'ana@example.org', password: 'right', client: tries[1].body.client });
    const { token } = await until(() => state.asked.find((a) => a.what === 'GET me'), 'who we are');
    assert.equal(token, 'Bearer ics_test');
    assert.equal(await page.evaluate(() => localStorage.getItem('ic.known')), 'ick_test');
});

test('an invitation is taken up by a press, and no address keeps it', async (t) => {
    const state = service();
    const page = await open(t, '/signin#invitation=ici_once', { state });
    await t.shot(page, 'invited');
    await becomes(() => new URL(page.url()).hash, '', 'the address keeps nothing');
    assert.equal(state.asked.length, 0);
    state.instead['POST signin/invitation'] = () => [401, { error: 'denied', text: 'this did not sign you in' }];
    t.allow(/401/);
    await button(page, 'signin.invitation.go').click();
    await page.getByText(text('account.error.invitation')).waitFor();
    delete state.instead['POST signin/invitation'];
    await button(page, 'signin.invitation.go').click();
    await page.waitForURL('**/account');
    assert.equal(state.asked[0].body.token, 'ici_once');
    await page.goBack();
    assert.ok(!page.url().includes('ici_once'));
});

test('an answer of the provider that this tab has not asked for is not redeemed', async (t) => {
    const state = service();
    const page = await open(t, '/signin?code=stolen&state=theirs', { state });
    await page.getByText(text('account.error.oidc-not-asked')).waitFor();
    assert.ok(!state.asked.some((a) => a.what.includes('finish')));
    assert.ok(!page.url().includes('stolen'));
    await t.shot(page, 'forged');
});

test('the account: everything that can act in our name, to be looked at and ended', async (t) => {
    const state = service();
    const page = await account(t, { state, answers: { identity: CERTIFIED, contacts: CONTACTS } });
    await page.getByRole('heading', { name: 'Ana Duarte', level: 1 }).waitFor();
    await page.getByText(text('issued.good')).waitFor();
    await whole(t, page, 'whole');
    await button(page, 'passkeys.remove', { name: 'Laptop' }).click();
    await t.shot(page, 'remove');
    await button(page, 'passkeys.remove.yes').click();
    await until(async () => !(await page.getByText('Laptop', { exact: true }).count()), 'it is gone');
    await button(page, 'devices.revoke.name', { name: 'Chrome 150, In Camera' }).click();
    await button(page.getByRole('dialog'), 'devices.revoke').click();
    await until(() => state.devices.length === 1, 'revoked');
    await page.getByRole('button', { name: /End the session/ }).click();
    await button(page.getByRole('dialog'), 'sessions.end').click();
    await until(() => state.sessions.length === 1, 'ended');
    await button(page, 'account.signout').click();
    await page.waitForURL('**/signin');
    assert.ok(state.asked.some((a) => a.what === 'POST signout'));
});

test('what needs a fresh sign-in asks for one, then goes on', async (t) => {
    const state = service();
    const page = await account(t, { state });
    t.allow(/403/);
    state.instead['POST enrolments'] = () => [403, { error: 'reauthenticate', text: 'sign in again' }];
    await page.evaluate(() => {
        window.answers = { ...window.answers, enrol_key: { thumbprint: 'thumb' }, enrol: {} };
    });
    await button(page, 'certificate.here.get').click();
    const again = page.getByRole('dialog', { name: text('account.again.title') });
    await t.shot(page, 'again');
    await again.getByRole('button', { name: text('signin.email.go') }).click();
    await again.getByLabel(text('signin.password'), { exact: true }).fill('right');
    delete state.instead['POST enrolments'];
    await button(again, 'signin.password.go').click();
    await page.getByText(text('certificate.here.done')).first().waitFor();
    const [enrolled] = await page.evaluate(() => window.fake.done.filter((c) => c.do === 'enrol'));
    assert.equal(enrolled.token, 'ice_test');
    assert.equal(state.asked.filter((a) => a.what === 'POST enrolments').at(-1).body.thumbprint, 'thumb');
});

test('a server with other authorities than before is said aloud, and believed only after a person’s own act', async (t) => {
    const page = await account(t);
    await page.evaluate(() => {
        window.answers = { ...window.answers, enrol_key: { thumbprint: 'thumb' }, enrol: {} };
        window.fake.core.refuse.enrol = 'trust-changed';
    });
    await button(page, 'certificate.here.get').click();
    await page.getByRole('alert').filter({ hasText: text('account.error.trust-changed') }).waitFor();
    await t.shot(page, 'changed');
    const done = (what) => page.evaluate((name) => window.fake.done.filter((c) => c.do === name).length, what);
    await button(page, 'certificate.here.trust').click();
    assert.equal(await done('trust_forget'), 0);
    await t.shot(page, 'really');
    await button(page.getByRole('dialog'), 'identity.own.forget').click();
    await until(async () => (await done('trust_forget')) === 1, 'forgotten');
    await until(async () => !(await page.getByText(text('account.error.trust-changed')).count()), 'no longer said');
    await page.evaluate(() => delete window.fake.core.refuse.enrol);
    await button(page, 'certificate.here.get').click();
    await page.getByText(text('certificate.here.done')).first().waitFor();
});

test('a certificate that nobody here asked for is said aloud', async (t) => {
    const foreign = { index: 4000, time: 1794990000, certificate: 'ef'.repeat(32), known: 'unknown' };
    const page = await account(t, { answers: { log_audit: { ...REPORT, entries: [foreign, ...AUDITED] } } });
    await page.getByRole('alert').filter({ hasText: text('issued.alarm_one', { n: 1 }) }).waitFor();
    await page.getByText(text('issued.title')).scrollIntoViewIfNeeded();
    await t.shot(page, 'alarm');
    await button(page, 'issued.mine').click();
    const [said] = await until(async () => {
        const all = await page.evaluate(() => window.fake.done.filter((c) => c.do === 'log_mine'));
        return all.length && all;
    }, 'it is told');
    assert.equal(said.certificate, foreign.certificate);
});

test('a log with two faces is said before anything that it says', async (t) => {
    const page = await account(t, { answers: { log_audit: { ...REPORT, fault: 'fork', entries: [] } } });
    await page.getByRole('alert').filter({ hasText: text('issued.fault.fork') }).waitFor();
    await page.getByText(text('issued.title')).scrollIntoViewIfNeeded();
    await t.shot(page, 'fork');
});

test('a session that ended leads to the sign-in, a server without accounts says so', async (t) => {
    t.allow(/401/, /404/);
    const state = service();
    state.instead['GET me'] = () => [401, { error: 'unauthorized', text: 'over' }];
    const page = await account(t, { state });
    await page.waitForURL('**/signin');
    state.instead['GET me'] = () => [404, null];
    await page.evaluate(() => sessionStorage.setItem('ic.session', 'ics_test'));
    await page.goto((await fakeRoom()) + '/account');
    await page.getByText(text('account.error.http-404')).waitFor();
});

test('sign-in and account: axe finds nothing in light and dark, nor at 320 px in German', async (t) => {
    for (const [name, options] of [
        ['light', { colorScheme: 'light' }],
        ['dark', { colorScheme: 'dark' }],
        ['narrow', { viewport: { width: 320, height: 640 }, locale: 'de-DE', colorScheme: 'dark' }],
    ]) {
        for (const path of ['/signin', '/account']) {
            const page = await open(t, path, { ...options, signed: path === '/account', answers: { identity: CERTIFIED } });
            await page.locator('.card').first().waitFor();
            if (path === '/account') await page.locator('.account-event').first().waitFor();
            await judge(page, `${name} ${path}`);
            await until(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no sideways scrolling');
            await whole(t, page, `${name} ${path}`);
            await page.close();
        }
    }
});

test('the account by keyboard alone', async (t) => {
    const state = service({ passkeys: [] });
    const page = await account(t, { state });
    const add = button(page, 'passkeys.add');
    await add.waitFor();
    await page.locator('.account-event').first().waitFor();
    for (let i = 0; i < 12 && !(await add.evaluate((e) => e === document.activeElement)); i++)
        await page.keyboard.press('Tab');
    assert.ok(await add.evaluate((e) => e === document.activeElement));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: text('passkeys.add') }).waitFor();
    await page.keyboard.press('Escape');
    await until(() => add.evaluate((e) => e === document.activeElement), 'focus returns');
});

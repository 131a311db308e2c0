// The page itself: what it may do, and which program it is.
import { assert, test, until } from './harness/index.mjs';

test('the page comes with the policies that confine it', async (t) => {
    const page = await t.page();
    const answer = await page.goto(t.server.http + '/');
    const headers = answer.headers();
    assert.equal(answer.status(), 200);
    assert.match(headers['content-security-policy'], /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'/);
    assert.match(headers['content-security-policy'], /require-trusted-types-for 'script'/);
    assert.doesNotMatch(headers['content-security-policy'], /unsafe-inline|'unsafe-eval'|https?:/);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['cross-origin-embedder-policy'], 'require-corp');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    assert.match(headers['permissions-policy'], /camera=\(self\)/);
    assert.ok(await page.evaluate(() => crossOriginIsolated && isSecureContext));
});

test('the service worker pins the bundle that incamerad names at its start', async (t) => {
    const page = await t.page('/');
    await until(() => page.evaluate(async () => {
        const found = await (await caches.open('incamera-trust')).match('/.pin');
        return found ? (await found.json()).hash : '';
    }), 'a pin').then((hash) => assert.equal(hash, t.server.ready.pages));
});

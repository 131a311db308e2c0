// The page itself: what it may do, which program it is, and what it says when the server changes it.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { assert, test, text, until } from './harness/index.mjs';
import { ROOT } from './harness/programs.mjs';

/** The hash of the bundle that the service worker of this page goes by; waits for the first one. */
const pinOf = (page) => until(() => page.evaluate(async () => {
    const found = await (await caches.open('incamera-trust')).match('/.pin');
    return found ? (await found.json()).hash : '';
}), 'a pin');

/** A profile that visited the site once and pinned its bundle. */
async function visitor(t, site) {
    const page = await t.page(site.http + '/');
    const hash = await pinOf(page);
    await page.evaluate(() => navigator.serviceWorker.ready);
    return { page, hash };
}

const refusal = (page) => page.getByRole('heading', { name: text('trust.refused.title') });

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

test('text never becomes code: inline script, eval, markup and foreign workers are refused', async (t) => {
    t.allow(/Content Security Policy|TrustedHTML|TrustedScript|unsafe-eval|violates/);
    const page = await t.page('/');
    // In a task of its own: what the debugger evaluates may do more.
    const tried = await page.evaluate(() => new Promise((resolve) => setTimeout(() => {
        const refused = (f) => {
            try {
                f();
                return false;
            } catch {
                return true;
            }
        };
        const inline = document.createElement('script');
        resolve({
            eval: refused(() => eval('1')),
            html: refused(() => (document.body.innerHTML = '<img src=x onerror="window.hit=1">')),
            inline: refused(() => (inline.text = 'window.hit = 1')),
            worker: refused(() => new Worker('/sw.js')),
            policy: refused(() => window.trustedTypes.createPolicy('mine', { createHTML: (s) => s })),
            hit: 'hit' in window,
        });
    })));
    assert.deepEqual(tried, { eval: true, html: true, inline: true, worker: true, policy: true, hit: false });
});

test('the bundle: named by content, compressed, cached for ever; the page never', async (t) => {
    const manifest = await (await fetch(t.server.http + '/bundle.json')).json();
    const script = Object.keys(manifest.files).find((file) => /^\/assets\/index-.*\.js$/.test(file));
    const answer = await fetch(t.server.http + script, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(answer.headers.get('content-encoding'), 'gzip');
    assert.match(answer.headers.get('cache-control'), /max-age=31536000, immutable/);
    const again = await fetch(t.server.http + script, { headers: { 'if-none-match': answer.headers.get('etag') } });
    assert.equal(again.status, 304);
    const plain = await fetch(t.server.http + script, { headers: { 'accept-encoding': 'identity' } });
    assert.equal(plain.headers.get('content-encoding'), null);
    assert.equal(await plain.text(), await answer.text());
    assert.equal((await fetch(t.server.http + '/m/' + 'A'.repeat(22))).headers.get('cache-control'), 'no-store');
    assert.equal((await fetch(t.server.http + '/sw.js')).headers.get('cache-control'), 'no-store');
    assert.equal((await fetch(t.server.http + '/index.html')).status, 404);
});

test('the service worker pins the bundle that incamerad names at its start', async (t) => {
    const page = await t.page('/');
    assert.equal(await pinOf(page), t.server.ready.pages);
    assert.match(t.server.words(), new RegExp('pages sha256 ' + t.server.ready.pages));
});

test('the pinned program comes from the browser, also while the server is away', async (t) => {
    t.allow(/Failed to load resource|ERR_|WebSocket/);
    const site = await t.site();
    const { page } = await visitor(t, site);
    await page.reload();
    await until(() => page.evaluate(() => !!navigator.serviceWorker.controller), 'the page is the worker’s');
    site.close();
    const answer = await page.reload();
    assert.ok(answer.fromServiceWorker());
    assert.match(answer.headers()['content-security-policy'], /trusted-types incamera/);
    await page.getByRole('heading').first().waitFor();
});

test('a changed bundle that nobody signed is refused, and people are told', async (t) => {
    const site = await t.site();
    const { page, hash } = await visitor(t, site);
    const changed = site.change();
    await page.reload();
    await refusal(page).waitFor();
    await page.getByText(text('trust.refused.unsigned')).waitFor();
    await page.getByText(hash).waitFor();
    await page.getByText(changed).waitFor();
    assert.doesNotMatch(await page.content(), /<!-- changed -->/);
    assert.equal(await pinOf(page), hash);
    await t.shot(page, 'refused');
    await page.getByRole('button', { name: text('trust.refused.go') }).click();
    await refusal(page).waitFor({ state: 'detached' });
});

test('a changed bundle is told however late the server offers it, as long as nobody is in a meeting', async (t) => {
    const site = await t.site();
    const { page } = await visitor(t, site);
    const changed = site.change();
    let speak;
    site.silence = new Promise((resolve) => (speak = resolve));
    await page.reload();
    await page.getByLabel(text('home.link')).waitFor(); // meanwhile the pinned program goes on
    speak();
    await refusal(page).waitFor();
    await page.getByText(changed).waitFor();
});

test('a changed bundle that another key signed is refused', async (t) => {
    const site = await t.site();
    const { page, hash } = await visitor(t, site);
    const key = path.join(site.folder, '..', 'other.pem');
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key]);
    const own = execFileSync(path.join(ROOT, 'tools/web-sign'), ['--public', key], { encoding: 'utf8' });
    site.write('bundle.json', site.read('bundle.json').replace(site.manifest.key, own));
    site.change();
    site.sign(key);
    await page.reload();
    await refusal(page).waitFor();
    assert.equal(await pinOf(page), hash);
});

test('an update that the pinned key signed is taken, and runs from the next start', async (t) => {
    const site = await t.site();
    const { page, hash } = await visitor(t, site);
    const changed = site.change({ version: '99.0.0', text: 'a new version' });
    site.sign();
    await page.reload();
    assert.doesNotMatch(await page.content(), /a new version/);
    await until(async () => (await pinOf(page)) === changed, 'the update');
    assert.notEqual(changed, hash);
    await page.reload();
    assert.match(await page.content(), /a new version/);
    assert.equal(await refusal(page).count(), 0);
});

test('an earlier version is refused, although it is signed', async (t) => {
    const site = await t.site();
    const { page, hash } = await visitor(t, site);
    site.change({ version: '0.0.1' });
    site.sign();
    await page.reload();
    await page.getByText(text('trust.refused.older')).waitFor();
    assert.equal(await pinOf(page), hash);
});

test('a signed update with a file that does not fit is refused', async (t) => {
    const site = await t.site();
    const { page, hash } = await visitor(t, site);
    site.change({ version: '99.0.0' });
    site.sign();
    site.write('index.html', site.read('index.html') + '<!-- one more -->');
    await page.reload();
    await page.getByText(text('trust.refused.damaged')).waitFor();
    assert.equal(await pinOf(page), hash);
});

test('a server that replaces the service worker is named', async (t) => {
    const site = await t.site();
    const { page } = await visitor(t, site);
    site.write('sw.js', site.read('sw.js') + '\n/* ours now */');
    await page.reload();
    await page.getByText(text('trust.refused.worker')).waitFor();
});

test('a script that is not what the page names is not run, and the page says so', async (t) => {
    t.allow(/integrity|Failed to find a valid digest/);
    const site = await t.site();
    const script = Object.keys(site.manifest.files).find((file) => /^\/assets\/index-.*\.js$/.test(file));
    site.write(script.slice(1), site.read(script.slice(1)) + '\nwindow.hit = 1;');
    const page = await t.page(site.http + '/');
    await page.getByText(text('trust.boot.text')).waitFor();
    assert.ok(!(await page.evaluate(() => 'hit' in window)));
    await t.shot(page, 'not-started');
});

test('a changed worker or core is told nothing, and the page says so', async (t) => {
    t.allow(/integrity|valid digest|ERR_FAILED|manifest names/);
    const { url } = await t.meeting();
    for (const file of [/^\/assets\/worker-.*\.js$/, /^\/assets\/core-.*\.wasm$/]) {
        const site = await t.site();
        const name = Object.keys(site.manifest.files).find((path) => file.test(path));
        site.write(name.slice(1), Buffer.concat([readFileSync(path.join(site.folder, name)), Buffer.from('\n')]));
        const page = await t.page(site.http + url.slice(url.indexOf('/m/')));
        await page.getByRole('heading', { name: text('broken.title') }).waitFor();
        await page.getByText('is not what the manifest names').waitFor();
        await t.shot(page);
    }
});

test('a page of this server that is no part of the program is harmless text', async (t) => {
    const site = await t.site();
    const { page } = await visitor(t, site);
    site.write('evil.html', '<script src="/evil.js"></script><h1>hello</h1>');
    site.write('evil.js', 'window.hit = 1');
    const answer = await page.goto(site.http + '/evil.html');
    assert.equal(answer.headers()['content-type'], 'text/plain; charset=utf-8');
    assert.match(answer.headers()['content-security-policy'], /sandbox/);
    assert.ok(!(await page.evaluate(() => 'hit' in window)));
});

test('the same sources give the same bytes, in whatever folder', async (t) => {
    const folder = path.join(t.folder, 'elsewhere');
    mkdirSync(folder, { recursive: true });
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
    for (const file of new Set(files.split('\0')))
        if (/^(web\/|tools\/|lib\/|adapters\/os|meson)/.test(file)) cpSync(path.join(ROOT, file), path.join(folder, file), { force: true });
    const dist = execFileSync(path.join(folder, 'tools/web'), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
    assert.equal(readFileSync(path.join(dist, 'bundle.json'), 'utf8'), readFileSync(path.join(ROOT, 'build/web/dist/bundle.json'), 'utf8'));
}, { alone: true, slow: true, limitMs: 300_000 });

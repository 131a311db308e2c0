// `incamera web`: the pages of the installed program on localhost, and a way to the server behind them.
import { execFileSync } from 'node:child_process';
import { request } from 'node:http';
import { assert, test, text } from './harness/index.mjs';

/** {status, body}, with headers that fetch would not let us set. */
function ask(base, path, headers = {}, method = 'GET') {
    return new Promise((resolve, reject) => {
        const { port } = new URL(base);
        const q = request({ host: '127.0.0.1', port, path, method, agent: false, headers: { host: `localhost:${port}`, ...headers } }, (a) => {
            let body = '';
            a.on('data', (data) => (body += data));
            a.on('end', () => resolve({ status: a.statusCode, headers: a.headers, body }));
        });
        q.on('error', reject);
        q.end();
    });
}

const overTls = (t, link) => t.server.ready.https + link.slice(link.indexOf('/m/')) + '&c=' + t.server.ready.pin;

test('the same bundle as the server has, with the same policies', async (t) => {
    const web = await t.web(['--server', t.server.http]);
    assert.equal(web.pages, t.server.ready.pages);
    for (const path of ['/', '/bundle.json', '/bundle.sig', '/sw.js']) {
        const [here, there] = [await ask(web.http, path), await ask(t.server.http, path)];
        assert.equal(here.status, 200);
        assert.equal(here.body, there.body);
        assert.equal(here.headers['content-security-policy'], there.headers['content-security-policy']);
    }
    assert.equal((await ask(web.http, '/metrics')).status, 404);
    assert.equal((await ask(web.http, '/healthz')).status, 404);
});

test('other sites get nothing through it', async (t) => {
    const web = await t.web(['--server', t.server.http]);
    const api = '/api/v1/meetings';
    assert.equal((await ask(web.http, api)).status, 401); // the server's own answer
    for (const headers of [
        { host: 'evil.example' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
    ]) {
        assert.equal((await ask(web.http, api, headers)).status, 403, JSON.stringify(headers));
        const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
        assert.equal((await ask(web.http, '/ws', { ...upgrade, ...headers })).status, 403);
    }
    const link = { 'sec-fetch-site': 'cross-site' }; // a link in a mail may lead to the page
    assert.equal((await ask(web.http, '/m/4711081542', link)).status, 200);
    assert.equal((await ask(web.http, '/bundle.json', link)).status, 403);
});

test('the way to the server is TLS that is checked: a wrong pin gets no answer', async (t) => {
    const right = await t.web(['--server', `${t.server.ready.https}/#c=${t.server.ready.pin}`]);
    assert.equal((await ask(right.http, '/api/v1/meetings')).status, 401);
    const wrong = await t.web(['--server', `${t.server.ready.https}/#c=${'A'.repeat(43)}`]);
    const answer = await ask(wrong.http, '/api/v1/meetings');
    assert.equal(answer.status, 502);
    assert.match(answer.body, /certificate is not the one/);
    const unknown = await t.web(['--server', t.server.ready.https]);
    assert.equal((await ask(unknown.http, '/api/v1/meetings')).status, 502);
});

test('somebody joins from pages of this device, over TLS', async (t) => {
    const meeting = await t.meeting();
    const ana = await t.native('Ana', meeting, [], { host: true });
    const web = await t.web([overTls(t, meeting.url)]);
    const page = await t.join('Ben', web.url);
    await ana.expect('joined', (e) => e.person.name === 'Ben');
    await page.getByRole('button', { name: /^Security/ }).first().click();
    await page.getByText(text('trust.local')).waitFor();
    await t.shot(page, 'shield');
});

test('wrong addresses and a taken port are said', async (t) => {
    const { BUILD } = await import('./harness/programs.mjs');
    const run = (...args) => {
        try {
            execFileSync(BUILD + '/client/incamera', ['web', ...args], { stdio: 'pipe', timeout: 30_000 });
            return '';
        } catch (error) {
            return `${error.status} ${error.stderr}`;
        }
    };
    assert.match(run('http://example.org/m/' + 'A'.repeat(22)), /^2 .*no address of a meeting/);
    assert.match(run('--server', 'ftp://x'), /^2 .*no address of a server/);
    const web = await t.web(['--server', t.server.http]);
    assert.match(run('--server', t.server.http, '--port', new URL(web.http).port), /^1 .*is taken/);
});

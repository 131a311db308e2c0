// `make run`: one address, in two tabs and in a terminal, and a person meets themself three times over.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { assert, test, until } from './harness/index.mjs';
import { ROOT } from './harness/programs.mjs';

/** What tools/run prints for programs, and its end. */
async function run(t) {
    const child = spawn(path.join(ROOT, 'tools/run'), ['--json'], {
        env: { ...process.env, HTTP_PORT: '0', HTTPS_PORT: '0', IC_BUILD: path.join(ROOT, 'build') },
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.closers.push(async () => {
        child.kill('SIGTERM');
        await new Promise((resolve) => child.once('exit', resolve));
    });
    const lines = [];
    const open = await new Promise((resolve, reject) => {
        createInterface(child.stdout).on('line', (line) => {
            lines.push(line);
            if (line.startsWith('{')) resolve(JSON.parse(line));
        });
        child.once('exit', (status) => reject(new Error('make run ended: ' + status)));
    });
    return { ...open, said: lines.join('\n') };
}

test('one address for two tabs and a terminal: equal codes, all see each other', async (t) => {
    const demo = await run(t);
    assert.ok(demo.said.includes(demo.url));
    const here = { url: demo.url, identity: '' };
    const ada = await t.native('Ada', here, ['--video', 'test:smpte', '--audio', 'test:tone:330']);
    const one = await t.join('Tab one', here);
    const two = await t.join('Tab two', here, { context: one.context() });
    for (const name of ['Tab one', 'Tab two']) await ada.expect('joined', (e) => e.person.name === name);
    await ada.expect('code', (e) => e.devices === 4);
    for (const page of [one, two]) {
        await page.bringToFront();
        await page.getByRole('button', { name: /^Security/ }).first().click();
        await until(async () => {
            const groups = ada.last('code').code.split(/\s+/);
            const shown = await page.getByRole('dialog').innerText();
            return groups.every((group) => shown.includes(group));
        }, 'the same code');
        await page.keyboard.press('Escape');
    }
    await t.shot(one, 'room');
}, { limitMs: 180_000 });

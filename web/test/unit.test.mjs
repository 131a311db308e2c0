// What needs no browser (unit/): once a run, beside the others.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { assert, test } from './harness/index.mjs';
import { modules, ROOT } from './modules.mjs';

test('reducers, routes, layout, the code as a picture, texts', async () => {
    modules();
    const child = spawn(process.execPath, ['--test', path.join(ROOT, 'web/test/unit')], { env: process.env });
    let words = '';
    child.stdout.on('data', (data) => (words += data));
    const status = await new Promise((resolve) => child.once('exit', resolve));
    assert.equal(status, 0, words.split('\n').filter((line) => /not ok|error:|expected|actual/.test(line)).join('\n'));
    assert.match(words, /# pass [1-9]\d/);
});

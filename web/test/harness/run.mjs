// run.mjs [-j N] [WORD...]: runs the cases of web/test/*.test.mjs, those whose file or name holds each word. Two at
// a time; cases that want to be alone come last. Ends with `N passed, N failed[, N skipped]`.
// run.mjs --bench OUT [WORD...]: measures by web/test/*.bench.mjs instead and writes the rows to OUT.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Case, SHOTS, Skipped, WORK } from './case.mjs';
import { closeBrowsers } from './browsers.mjs';
import { begin, cases } from './index.mjs';
import { CASE_MS, LIMIT_MS } from './limits.mjs';
import { endAll, Server } from './programs.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
const measured = words[0] === '--bench' ? words.splice(0, 2)[1] : null;
const rows = [];
const at = words.indexOf('-j');
const lanes = at >= 0 ? Number(words.splice(at, 2)[1]) : Number(process.env.IC_JOBS ?? 2);
const FACTOR = Number(process.env.IC_TIME_FACTOR ?? 1);
const count = { passed: 0, failed: 0, skipped: 0 };

async function within(limitMs, work) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`time limit of ${limitMs / 1000} s reached`)), limitMs);
    });
    try {
        return await Promise.race([work, late]);
    } finally {
        clearTimeout(timer);
    }
}

function take(found) {
    for (const { at_most, ...row } of found) {
        rows.push(row);
        const limit = at_most === undefined ? '' : `at most ${at_most}`;
        console.log(`${row.name.padEnd(32)} ${row.n ? `n ${row.n}`.padEnd(7) : '       '} ${String(+row.value.toPrecision(4)).padStart(10)} ${row.unit.padEnd(6)} ${limit}`);
    }
    const over = found.filter((row) => row.value > row.at_most);
    if (over.length) throw new Error('over the limit: ' + over.map((row) => row.name).join(', '));
}

async function play(one, server) {
    const t = new Case(one.file, one.name, server);
    const seconds = () => ((Date.now() - t.started) / 1000).toFixed(1);
    const label = `${one.file}: ${one.name}`;
    try {
        const found = await within((one.limitMs ?? CASE_MS) * FACTOR, Promise.resolve(one.run(t)));
        t.check();
        if (one.bench) take(found);
        count.passed++;
        console.log(`ok   ${label}, ${seconds()} s`);
    } catch (error) {
        if (error instanceof Skipped) {
            count.skipped++;
            console.log(`skip ${label}: ${error.message}`);
        } else {
            count.failed++;
            await within(LIMIT_MS, t.keepTraces()).catch(() => undefined);
            const words = (error.stack ?? String(error)).split('\n').slice(0, 14).join('\n     | ');
            const said = t.complaints.left().slice(0, 5).map((line) => '\n     | console: ' + line.slice(0, 300));
            console.log(`FAIL ${label}, ${seconds()} s\n     | ${words}${said.join('')}`);
        }
    } finally {
        await within(LIMIT_MS, t.close()).catch(() => undefined);
    }
}

async function main() {
    rmSync(WORK, { recursive: true, force: true });
    mkdirSync(WORK, { recursive: true });
    mkdirSync(SHOTS, { recursive: true });
    const ending = measured ? '.bench.mjs' : '.test.mjs';
    for (const file of readdirSync(here).filter((name) => name.endsWith(ending)).sort()) {
        begin(file.replace(ending, ''));
        await import(path.join(here, file));
    }
    // Slow ones run in the examination (.ci/run), and for who asks for them by name.
    const all = process.env.CI || words.length > 0;
    const wanted = cases.filter((one) => (all || !one.slow) && words.every((word) => `${one.file}: ${one.name}`.includes(word)));
    const server = await new Server(path.join(WORK, 'server')).start();
    for (const one of wanted) one.alone ||= !!measured;
    const queue = wanted.filter((one) => !one.alone);
    const lane = async () => {
        for (let one = queue.shift(); one; one = queue.shift()) await play(one, server);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    for (const one of wanted.filter((one) => one.alone)) await play(one, server);
    await within(LIMIT_MS, closeBrowsers()).catch(() => undefined);
    await server.stop();
    endAll();
    if (measured) writeFileSync(measured, rows.map((row) => JSON.stringify(row) + '\n').join(''));
    if (!wanted.length) console.log('no case fits');
    console.log(`${count.passed} passed, ${count.failed} failed${count.skipped ? `, ${count.skipped} skipped` : ''}`);
    process.exit(count.failed || !wanted.length ? 1 : 0);
}

main().catch((error) => {
    console.log(`FAIL the tests do not run: ${error.stack ?? error}\n0 passed, 1 failed`);
    process.exit(1);
});

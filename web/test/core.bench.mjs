// The core: its size, and what a frame of media costs by WASM and by WebCrypto (docs/web.md).
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bench } from './harness/index.mjs';
import { ROOT } from './harness/programs.mjs';

const SIZES = [120, 6000, 50_000];
const ROUNDS = 15;
const file = (name) => path.join(ROOT, name);

bench('the core is small', () => {
    const core = readFileSync(file('build/web/wasm/core.wasm'));
    return [{ name: 'web.wasm_gzip', value: gzipSync(core, { level: 9 }).length, unit: 'B', at_most: 500_000 }];
});

/** In the page: microseconds a frame of each size, sealed and opened, as medians over the rounds. */
async function inWasm({ bytes, sizes, rounds }) {
    const module = await WebAssembly.compile(Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)));
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => 0;
    const { exports: core } = await WebAssembly.instantiate(module, imports);
    core._initialize?.();
    const middle = (list) => list.sort((a, b) => a - b)[list.length >> 1];
    const timed = (count, run) => {
        const start = performance.now();
        run();
        return ((performance.now() - start) / count) * 1000;
    };
    return sizes.map((n) => {
        const count = n > 10_000 ? 32 : 256;
        const seal = [];
        const open = [];
        for (let i = 0; i < rounds; i++) {
            core.bench_prepare(n, count);
            seal.push(timed(count, () => core.bench_protect(n, count)));
            open.push(timed(count, () => core.bench_unprotect(count)));
        }
        return { n, seal: middle(seal), open: middle(open) };
    });
}

/** The same by WebCrypto: one frame after the other, as the order of a stream demands. */
async function byWebCrypto({ sizes, rounds }) {
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt', 'decrypt']);
    const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: new Uint8Array(4) };
    const middle = (list) => list.sort((a, b) => a - b)[list.length >> 1];
    const timed = async (run) => {
        const start = performance.now();
        for (let i = 0; i < 64; i++) await run();
        return ((performance.now() - start) / 64) * 1000;
    };
    const rows = [];
    for (const n of sizes) {
        const plain = new Uint8Array(n);
        const sealed = await crypto.subtle.encrypt(algorithm, key, plain);
        const seal = [];
        const open = [];
        for (let i = 0; i < rounds; i++) {
            seal.push(await timed(() => crypto.subtle.encrypt(algorithm, key, plain)));
            open.push(await timed(() => crypto.subtle.decrypt(algorithm, key, sealed)));
        }
        rows.push({ n, seal: middle(seal), open: middle(open) });
    }
    return rows;
}

const rowsOf = (list, by) => list.flatMap(({ n, seal, open }) => [
    { name: `web.frame_protect_${by}`, value: seal, unit: 'us', n },
    { name: `web.frame_unprotect_${by}`, value: open, unit: 'us', n },
]);

bench('a frame by WASM and by WebCrypto', async (t) => {
    const page = await t.page('/');
    const rows = rowsOf(await page.evaluate(byWebCrypto, { sizes: SIZES, rounds: ROUNDS }), 'webcrypto');
    const program = file('build/wasm/web/wasm/bench_frames.wasm');
    if (!existsSync(program)) return rows;
    const bytes = readFileSync(program).toString('base64');
    return [...rows, ...rowsOf(await page.evaluate(inWasm, { bytes, sizes: SIZES, rounds: ROUNDS }), 'wasm')];
});

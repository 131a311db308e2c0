// The tests of the web client in real browsers: web/test/<feature>.test.mjs. How to write one: web/README.md.
import assert from 'node:assert/strict';

export const cases = [];
let file = '';

/** Called by the runner before each file. */
export function begin(name) {
    file = name;
}

/**
 * A case. options: limitMs (60 s), alone (nothing else runs beside it), slow (in the examination only).
 * @param {string} name
 * @param {(t: import('./case.mjs').Case) => Promise<void>} run
 */
export function test(name, run, options = {}) {
    cases.push({ file, name, run, ...options });
}

/**
 * A figure: run gives rows {name, value, unit, n?, at_most?} for build/bench-web.json; one over its at_most fails.
 * In web/test/<feature>.bench.mjs; one at a time, with nothing else beside it.
 * @param {(t: import('./case.mjs').Case) => Promise<object[]>} run
 */
export function bench(name, run, options = {}) {
    cases.push({ file, name, run, limitMs: 120_000, ...options, bench: true });
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Waits until the answer of f is truthy, and gives it. */
export async function until(f, what, limitMs = 15_000) {
    const end = Date.now() + limitMs;
    for (;;) {
        const found = await f();
        if (found) return found;
        if (Date.now() > end) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

export { assert };
export { text } from './room.mjs';
export { haveFirefox } from './browsers.mjs';

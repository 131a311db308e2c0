// The tests of the web client in real browsers: web/test/<feature>.test.mjs. How to write one: web/README.md.
import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';
import { CASE_MS, LIMIT_MS } from './limits.mjs';

export const cases = [];
let file = '';

/** Called by the runner before each file. */
export function begin(name) {
    file = name;
}

/**
 * A case. options: limitMs (120 s), alone (nothing else runs beside it), slow (in the examination only).
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
    cases.push({ file, name, run, limitMs: 240_000, ...options, bench: true });
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** A page that is on its way to another one answers nothing: that is no answer yet. */
const between = (error) => /context was destroyed|because of a navigation/.test(String(error));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until the answer of f is truthy, and gives it. The limit ends a hang and measures nothing. */
export async function until(f, what, limitMs = LIMIT_MS) {
    const end = Date.now() + limitMs;
    for (;;) {
        const found = await Promise.resolve(f()).catch((error) => {
            if (!between(error)) throw error;
        });
        if (found) return found;
        if (Date.now() > end) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
        await pause(50);
    }
}

/** Waits until the answer of f equals that; where it never does, the two are shown. */
export async function becomes(f, wanted, what, limitMs = LIMIT_MS) {
    let found;
    const equal = async () => {
        found = await f();
        return isDeepStrictEqual(found, wanted);
    };
    try {
        await until(equal, what, limitMs);
    } catch (error) {
        assert.deepEqual(found, wanted, `${error.message}\n${inspect(found)}\nand not\n${inspect(wanted)}`);
        throw error;
    }
}

/** Begins to look for what goes again by itself, before it is brought about; awaited afterwards. */
export function appears(locator) {
    const seen = locator.waitFor({ timeout: CASE_MS });
    seen.catch(() => {}); // told where it is awaited
    return seen;
}

/** Where an element is once it stands still: layout follows what arrives a moment later. */
export async function settled(locator) {
    let before = '';
    let same = 0;
    return until(async () => {
        const box = await locator.boundingBox();
        const now = JSON.stringify(box);
        same = box && now === before ? same + 1 : 0;
        before = now;
        return same >= 3 && box;
    }, 'it stands still');
}

export { assert };
export { text } from './room.mjs';
export { haveFirefox } from './browsers.mjs';

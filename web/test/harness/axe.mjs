// WCAG 2.2 AA as far as programs can tell.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Colours and sizes count when they have arrived: what moves for a moment is let come to its end. */
const quiet = async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const short = document.getAnimations().filter((a) => Number(a.effect?.getComputedTiming().endTime) < 3000);
    await Promise.allSettled(short.map((a) => a.finished));
};

/** Fails with what axe finds. */
export async function judge(page, where) {
    await page.evaluate(quiet);
    await page.evaluate(axe);
    const found = await page.evaluate(async (tags) => {
        const result = await window.axe.run(document, { runOnly: tags });
        return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`);
    }, TAGS);
    assert.deepEqual(found, [], where);
}

// Every text in every language, with the same holes.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../app/src/i18n/', import.meta.url);
const read = (l, part) => JSON.parse(readFileSync(new URL(`${l}/${part}`, folder), 'utf8'));
const holes = (s) => [...new Set(s.match(/\{\w+\}/g) ?? [])].sort();
const parts = readdirSync(new URL('en/', folder));

test('the languages have the same files', () => {
    assert.deepEqual(readdirSync(new URL('de/', folder)), parts);
});

for (const part of parts) {
    test(`${part}: the same keys and holes in both languages, no text empty`, () => {
        const en = read('en', part);
        const de = read('de', part);
        assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
        for (const key of Object.keys(en)) {
            assert.deepEqual(holes(de[key]), holes(en[key]), key);
            assert.ok(en[key].trim() && de[key].trim(), key);
        }
    });
}

test('no key stands in two files', () => {
    const all = parts.flatMap((p) => Object.keys(read('en', p)));
    assert.equal(new Set(all).size, all.length);
});

test('plurals come in pairs', () => {
    const all = new Set(parts.flatMap((p) => Object.keys(read('en', p))));
    for (const key of all) {
        if (key.endsWith('_one')) assert.ok(all.has(key.replace(/_one$/, '_other')), key);
        if (key.endsWith('_other')) assert.ok(all.has(key.replace(/_other$/, '_one')), key);
    }
});

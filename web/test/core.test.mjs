// The core: WASM, keys, the connection and the frames, in the one worker of the page.
import { assert, becomes, test } from './harness/index.mjs';

const joinedAs = (name) => (e) => e.person.name === name && !e.present;

test('a browser and a native client meet', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const page = await t.join('Ben', meeting);
    const { person } = await ana.expect('joined', joinedAs('Ben'));
    assert.equal(person.web, true);
    assert.ok((await ana.expect('code', (e) => e.devices === 2)).code);
    await t.shot(page, 'room');
});

test('a tab that is loaded again is the same device; another tab is another one', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const page = await t.join('Ben', meeting);
    const first = (await ana.expect('joined', joinedAs('Ben'))).person;
    const other = await t.join('Ben again', meeting, { context: page.context() });
    const second = (await ana.expect('joined', joinedAs('Ben again'))).person;
    assert.notEqual(second.key_hash, first.key_hash);
    const keys = await page.evaluate(async () => {
        const ask = (r) => new Promise((resolve, reject) => {
            r.onsuccess = () => resolve(r.result);
            r.onerror = () => reject(r.error);
        });
        const store = (await ask(indexedDB.open('incamera'))).transaction('keys').objectStore('keys');
        const names = await ask(store.getAllKeys());
        const all = await ask(store.getAll());
        return names.map((name, i) => ({ name, extractable: all[i].extractable, fields: Object.keys(all[i]) }));
    });
    assert.equal(keys.find((k) => k.name === 'wrap').extractable, false);
    const kept = keys.filter((k) => k.name.startsWith('identity-'));
    assert.equal(kept.length, 2);
    for (const k of kept) assert.deepEqual(k.fields.sort(), ['iv', 'wrapped']);
    const mark = ana.mark();
    await page.close();
    const held = () => other.evaluate(async () => (await navigator.locks.query()).held.filter((l) => l.name.startsWith('incamera-identity-')).length);
    await becomes(held, 1, 'the closed tab lets go of its key');
    const again = await t.join('Ben', meeting, { context: page.context() });
    await t.shot(again, 'again');
    const third = await ana.expect('away', (e) => e.person.name === 'Ben' && !e.away, { since: mark });
    assert.equal(third.person.key_hash, first.key_hash);
});

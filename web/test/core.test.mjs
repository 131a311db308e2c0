// The core: WASM, keys, the connection and the frames, in the one worker of the page.
import { assert, test, until } from './harness/index.mjs';

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
    await t.join('Ben again', meeting, { context: page.context() });
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
    await page.close();
    const again = await t.join('Ben', meeting, { context: page.context() });
    await t.shot(again, 'again');
    const third = await until(() => ana.events.findLast((e) => e.event === 'joined' && e.person.name === 'Ben'), 'Ben again');
    assert.equal(third.person.key_hash, first.key_hash);
});

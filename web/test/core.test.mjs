// The core: WASM, keys, the connection and the frames, in the one worker of the page.
import { assert, test, text, until } from './harness/index.mjs';

test('a browser and a native client meet: equal codes, lines both ways', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const page = await t.join('Ben', meeting);
    const joined = await ana.expect('joined', (e) => e.person.name === 'Ben');
    assert.equal(joined.person.web, true);
    const code = await ana.expect('code', (e) => e.devices === 2);
    await t.shot(page, 'room');
    assert.ok(code.code);
});

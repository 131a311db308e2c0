// What the page makes of the core's events, without a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { reduce } = await load('state/reduce.ts');
const { EMPTY, rows, toCompare } = await load('state/model.ts');

const hash = (n) => String(n).padStart(64, '0');
const person = (leaf, name, more = {}) => ({
    leaf,
    name,
    identity: 'unverified',
    host: false,
    self: false,
    web: true,
    away: false,
    key_hash: hash(leaf),
    ...more,
});
const me = person(0, 'Ana', { self: true, host: true });
const play = (events, from = EMPTY) => events.reduce((m, e) => reduce(m, { time_ms: 1000, ...e }), from);
const joined = (p, more = {}) => ({ event: 'joined', epoch: 1, person: p, present: false, ...more });

test('people keep the order of their entry, whatever happens to them', () => {
    const m = play([
        joined(me),
        joined(person(1, 'Ben')),
        joined(person(2, 'Cho')),
        { event: 'away', person: person(1, 'Ben', { away: true }), away: true },
        { event: 'away', person: person(1, 'Ben'), away: false },
    ]);
    assert.deepEqual(
        m.people.map((p) => p.name),
        ['Ana', 'Ben', 'Cho'],
    );
    assert.equal(m.phase, 'room');
});

test('a leaf that somebody else has now is a new person at the end, without the old status', () => {
    const before = play([joined(me), joined(person(1, 'Ben')), joined(person(2, 'Cho'))]);
    const status = { microphone: true, camera: true, sharing: false, recording: false, hand: 5 };
    const m = play(
        [
            { event: 'status', person: person(1, 'Ben'), ...status },
            joined(person(1, 'Dan', { key_hash: hash(99) })),
        ],
        before,
    );
    assert.deepEqual(
        m.people.map((p) => p.name),
        ['Ana', 'Cho', 'Dan'],
    );
    assert.equal(m.people[2].status, null);
});

test('somebody who was there already is not told as newly come', () => {
    const m = play([joined(me), joined(person(1, 'Ben'), { present: true })]);
    assert.deepEqual(
        m.log.filter((l) => l.kind === 'joined').map((l) => l.name),
        ['Ana'],
    );
});

test('a model is never changed in place', () => {
    const a = play([joined(me)]);
    const copy = structuredClone({ ...a, trouble: [...a.trouble] });
    play([joined(person(1, 'Ben')), { event: 'left', epoch: 2, person: me, why: 'left' }], a);
    assert.deepEqual({ ...a, trouble: [...a.trouble] }, copy);
});

test('the lobby: a knock appears once, and goes', () => {
    const knock = { event: 'knock', knock: 7, person: person(0, 'Eve'), short_code: '12345' };
    const m = play([joined(me), { ...knock, barred: false }, { ...knock, barred: true }]);
    assert.equal(m.knocks.length, 1);
    assert.equal(m.knocks[0].barred, true);
    const n = play([{ event: 'knock_gone', knock: 7, why: 'left' }], m);
    assert.equal(n.knocks.length, 0);
});

test('a code stays readable for ten minutes after the next one came', () => {
    const code = (epoch, time_ms) => ({ event: 'code', epoch, code: `${epoch}`, devices: 2, time_ms });
    const minute = 60_000;
    let m = play([code(1, 0), code(2, 20 * minute)]);
    assert.deepEqual(
        m.codes.map((c) => c.epoch),
        [2, 1],
    );
    m = play([code(3, 31 * minute)], m);
    assert.deepEqual(
        m.codes.map((c) => c.epoch),
        [3, 2],
    );
});

test('who vouches for nobody is to be compared with, hosts first', () => {
    const m = play([
        joined(me),
        joined(person(1, 'Ben')),
        joined(person(2, 'Cho', { identity: 'external' })),
        joined(person(3, 'Dan', { host: true })),
    ]);
    assert.deepEqual(
        toCompare(m).map((p) => p.name),
        ['Dan', 'Ben'],
    );
});

test('devices of a verified person are one row; the same typed name is not', () => {
    const ext = { identity: 'external' };
    const made = rows([
        person(1, 'Ben', ext),
        person(2, 'Ben'),
        person(3, 'Ben', ext),
        person(4, 'Ben'),
    ]);
    assert.deepEqual(
        made.map((r) => r.devices.map((d) => d.leaf)),
        [[1, 3], [2], [4]],
    );
});

test('a change of the shield is kept with its time, once', () => {
    const state = (s, time_ms) => ({ event: 'state', state: s, words: '', epoch: 1, time_ms });
    const m = play([state('e2ee', 10), state('e2ee', 11), state('cut_off', 12)]);
    assert.deepEqual(
        m.log.map((l) => [l.what, l.time_ms]),
        [
            ['e2ee', 10],
            ['cut_off', 12],
        ],
    );
    assert.equal(m.phase, 'room');
});

test('the log is bounded', () => {
    const many = Array.from({ length: 700 }, (_, i) => joined(person(i + 1, `P${i}`)));
    assert.equal(play(many).log.length, 500);
});

test('trouble names a leaf until a frame of theirs decrypts; without a name it is nobody’s', () => {
    const trouble = { event: 'trouble', why: 'keys', leaf: 1, name: 'Ben' };
    const m = play([joined(me), joined(person(1, 'Ben')), trouble, { ...trouble, leaf: -1 }]);
    assert.deepEqual([...m.trouble.keys()], [1]);
    const n = play([{ event: 'hearing', leaf: 1, name: 'Ben', stream: 'video' }], m);
    assert.equal(n.trouble.size, 0);
});

test('the end is the end: refused, ended, and a core that failed', () => {
    assert.equal(play([{ event: 'refused', why: 'refused-by-host' }]).phase, 'over');
    const m = play([joined(me), { event: 'ended', why: 'removed-by-host', text: '' }]);
    assert.deepEqual([m.phase, m.ended.why], ['over', 'removed-by-host']);
    assert.equal(play([{ event: 'core_failed', why: 'out of memory' }]).failed, 'out of memory');
});

test('the room is locked when the terms say so, and it is told why', () => {
    const terms = (locked, text = 'x') => ({ event: 'terms', epoch: 2, rule: '', text, locked });
    const m = play([joined(me), terms(false, ''), terms(true), terms(false)]);
    assert.equal(m.locked, false);
    assert.deepEqual(
        m.log.filter((l) => l.kind === 'terms').map((l) => l.what),
        ['locked', 'unlocked'],
    );
});

test('who becomes a host is one at once, and it is told by name', () => {
    const terms = { event: 'terms', epoch: 2, rule: '', text: 'x', locked: false, hosts: [0, 1] };
    const m = play([joined(me), joined(person(1, 'Ben')), joined(person(2, 'Cho')), terms]);
    assert.deepEqual(
        m.people.map((p) => p.host),
        [true, true, false],
    );
    assert.deepEqual([m.log.at(-1).what, m.log.at(-1).name], ['host', 'Ben']);
    const n = play([{ ...terms, hosts: [1] }], m);
    assert.equal(n.people[0].host, false);
});

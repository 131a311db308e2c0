// The room's own reckoning, without a page: the code as a picture, addresses, tiles.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { qrOfDigits } = await load('room/qr.ts');
const { route, entryOf, refWords } = await load('room/route.ts');
const { fit, pageSize } = await load('room/grid.ts');
const { letters } = await load('room/avatar.tsx');

/** Rows in base 36: two other programs drew (uqr 0.1.3) and read (jsQR 1.4.0) the same picture. */
const DRAWN =
    'juven a6qm9 eilwd eism5 ekbj1 a6l35 jvfy7 64g da80i 9592j 1ez6x d4ert hr7sv 961wh c2oz0 ' +
    '7jyjd dy19z 2nte juo9d a6g4b el3ow eiuku ekxsh a5pvg jv6hh';

test('the code as a picture is a QR code of its forty digits', () => {
    const dark = qrOfDigits('1234567890246801357911223344559876543210');
    const drawn = dark.map((row) => parseInt(row.map(Number).join(''), 2).toString(36));
    assert.equal(drawn.join(' '), DRAWN);
});

test('other digits make another picture, and what is no number makes none', () => {
    const a = qrOfDigits('1'.repeat(40)).flat();
    const b = qrOfDigits('1'.repeat(39) + '2').flat();
    assert.ok(a.filter((dark, i) => dark !== b[i]).length > 20);
    assert.throws(() => qrOfDigits('12a'), RangeError);
    assert.throws(() => qrOfDigits(''), RangeError);
    assert.throws(() => qrOfDigits('1'.repeat(64)), RangeError);
});

const here = new URL('https://meet.example/');
const at = (path) => route(new URL(path, here));

test('addresses: home, meetings by link and by number, and nothing else', () => {
    assert.equal(at('/').page, 'home');
    assert.equal(at('/m/').page, 'none');
    assert.equal(at('/m/a/b').page, 'none');
    assert.equal(at('/admin').page, 'none');
    const link = 'https://meet.example/m/Zm9vYmFyYmF6cXV4Zm9vMQ#k=abc&s=def';
    assert.deepEqual(at(link), { page: 'meeting', ref: 'Zm9vYmFyYmF6cXV4Zm9vMQ', byNumber: false, link });
    assert.equal(at('/m/123456789').byNumber, true);
});

test('what is typed on the first page: link, link without scheme, number as it is read out', () => {
    const link = 'https://meet.example/m/Zm9vYmFyYmF6cXV4Zm9vMQ#k=abc';
    assert.deepEqual(entryOf(`  ${link} `, here), { url: new URL(link), elsewhere: false });
    assert.equal(entryOf('meet.example/m/Zm9vYmFy', here).url.href, 'https://meet.example/m/Zm9vYmFy');
    assert.equal(entryOf('123 456-789', here).url.href, 'https://meet.example/m/123456789');
    assert.equal(entryOf('https://other.example/m/Zm9vYmFy', here).elsewhere, true);
});

test('what is no meeting leads nowhere', () => {
    for (const text of ['', 'hello', '12', 'javascript:alert(1)', 'https://meet.example/', 'ftp://a/m/b'])
        assert.equal(entryOf(text, here), null, text);
});

test('a number is read out in groups of three', () => {
    assert.equal(refWords('123456789', true), '123 456 789');
    assert.equal(refWords('Zm9vYmFyYmF6cXV4', false), 'Zm9vYmFy…');
});

test('tiles never overflow, and use the room', () => {
    for (const [w, h] of [[1280, 680], [360, 600], [300, 200], [1600, 400]])
        for (let n = 1; n <= 25; n++) {
            const f = fit(n, w, h, 8);
            assert.ok(f.columns * f.rows >= n);
            assert.ok(f.columns * f.width + (f.columns - 1) * 8 <= w, `${n} in ${w}x${h}`);
            assert.ok(f.rows * f.height + (f.rows - 1) * 8 <= h, `${n} in ${w}x${h}`);
            assert.ok(f.width > 0 && f.height > 0);
        }
    assert.deepEqual([fit(1, 1600, 900, 8).width, fit(4, 1608, 908, 8).columns], [1600, 2]);
});

test('a page holds no more tiles than can be seen', () => {
    assert.equal(pageSize(1280, 680), 25);
    assert.ok(pageSize(344, 560) <= 10);
    assert.equal(pageSize(100, 100), 2);
});

test('letters of a name, also where a letter is two code units', () => {
    assert.equal(letters('Ana Duarte'), 'AD');
    assert.equal(letters('  ben '), 'B');
    assert.equal(letters('𝒜lice 𝒵oe'), '𝒜𝒵');
    assert.equal(letters(''), '?');
});

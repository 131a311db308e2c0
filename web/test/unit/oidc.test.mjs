// Where the sign-in page may be sent by a server's answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

globalThis.location ??= new URL('https://meet.example/signin');
const { mayLead } = await load('account/oidc.ts');

test('a provider is gone to by https or on this device, and by no other scheme', () => {
    const good = ['https://login.example/authorize', 'http://localhost:8080/', 'http://127.0.0.1:1/x'];
    const bad = [
        'http://login.example/',
        'http://localhost.example/',
        'javascript://localhost/%0aalert(1)',
        'data://localhost/text',
        'ftp://127.0.0.1/',
        'blob:http://localhost/1',
    ];
    for (const url of good) assert.ok(mayLead(new URL(url)), url);
    for (const url of bad) assert.ok(!mayLead(new URL(url)), url);
});

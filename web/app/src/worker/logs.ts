// The logs of the organisation's authority: what this browser knows of them outlives the page, and the whole of one
// is read when a person asks what was ever issued in their name.
import { fromBase64url } from '../account/base64url';
import { CoreError } from '../core/error';
import type { Audited, AuditReport, KeptLog } from '../identity/types';
import { now } from './clock';
import type { KeyStore } from './identity';
import { trustIn } from './service_trust';
import type { Wasm } from './wasm';

const HEADS = 'log-heads';
/** Certificates that were issued to this browser, and those that a person said are theirs: fingerprints. */
const OWN = 'log-own';
const SAID = 'log-said';
const BATCH = 1000;
const PATIENCE_MS = 10_000;
const BASE = '/api/v1/identity/log/';

type Bytes = Uint8Array<ArrayBuffer>;

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** Loads keys and what was seen of the logs into WASM. Not during a meeting. */
export async function loadLogs(wasm: Wasm, store: KeyStore, also?: readonly KeptLog[]): Promise<number> {
    const trust = await trustIn(store);
    const logs = also ?? trust?.logs ?? [];
    wasm.call('logs_clear');
    for (const { key, sig } of logs) wasm.call('log_add', sig, ...wasm.give(fromBase64url(key)));
    if (logs.length) for (const hex of trust?.logged ?? []) wasm.call('log_root', ...wasm.give(bytesOf(hex)));
    const heads = (await store.get(HEADS)) as Bytes | undefined;
    if (heads) wasm.call('heads_load', ...wasm.give(heads));
    return logs.length;
}

export async function saveHeads(wasm: Wasm, store: KeyStore): Promise<void> {
    await store.put(HEADS, wasm.take(wasm.call('heads_save')));
}

async function ask<T>(path: string, token = ''): Promise<T> {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    let answer: Response;
    try {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        answer = await fetch(BASE + path, { headers, signal, cache: 'no-store', credentials: 'omit' });
    } catch (e) {
        throw new CoreError('offline', String(e));
    }
    if (!answer.ok) throw new CoreError(answer.status === 401 ? 'denied' : 'not-logged', path);
    return (await answer.json()) as T;
}

/** The proof that our own certificate is logged, checked. */
export async function fetchStaple(wasm: Wasm, chain: readonly Bytes[], fingerprint: string): Promise<Bytes> {
    const { staple } = await ask<{ staple: string }>(`staple?certificate=${fingerprint}`);
    const bytes = fromBase64url(staple);
    const [leaf] = chain;
    const issuer = chain[1] ?? leaf;
    if (!leaf || !issuer) throw new CoreError('malformed', 'no certificate');
    const lengths = wasm.give(leaf, issuer, bytes);
    if (wasm.raw('staple_check', ...lengths, now()) < 0)
        throw new CoreError('not-logged', 'the proof of the log does not hold');
    return bytes;
}

/** The log's id, and the proof that one head continues into the other. */
export async function askProof(wanted: { log: string; first: number; second: number }): Promise<Bytes[]> {
    const { log, first, second } = wanted;
    const { path } = await ask<{ path: string }>(`consistency?first=${first}&second=${second}`);
    return [bytesOf(log), fromBase64url(path)];
}

/** Out of a meeting: fetches the proofs that continue one head into the other. */
async function proveHeads(wasm: Wasm, store: KeyStore): Promise<void> {
    for (let n; (n = wasm.call('heads_ask', now())) > 0; ) {
        const want = JSON.parse(wasm.takeText(n)) as Parameters<typeof askProof>[0];
        try {
            const parts = wasm.give(...(await askProof(want)));
            wasm.raw('heads_prove', parts.reduce((a, b) => a + b, 0), want.first, want.second);
        } catch (error) {
            console.warn('the log gives no proof', error); // asked for again; in the end it withholds
        }
    }
    await saveHeads(wasm, store);
}

/** In a meeting, which knows more. */
export async function keepHeads(wasm: Wasm, store: KeyStore): Promise<void> {
    const n = wasm.raw('logs_save');
    if (n > 0) await store.put(HEADS, wasm.take(n));
}

const list = async (store: KeyStore, name: string) => ((await store.get(name)) as string[] | undefined) ?? [];

async function add(store: KeyStore, name: string, fingerprint: string): Promise<void> {
    const have = await list(store, name);
    if (!have.includes(fingerprint)) await store.put(name, [...have, fingerprint]);
}

export const rememberOwn = (store: KeyStore, fingerprint: string) => add(store, OWN, fingerprint);
export const rememberSaid = (store: KeyStore, fingerprint: string) => add(store, SAID, fingerprint);

interface Head {
    size: number;
    time: number;
}

/** Reads every entry; what is in our name. Throws `range` where the log gives fewer than its head says. */
async function readAll(wasm: Wasm, size: number, token: string): Promise<Omit<Audited, 'known'>[]> {
    const found: Omit<Audited, 'known'>[] = [];
    for (let at = 0; at < size; ) {
        const { entries } = await ask<{ entries: string[] }>(`entries?from=${at}&count=${BATCH}`, token);
        if (entries.length === 0) throw new CoreError('range', 'entries are missing');
        for (const text of entries.slice(0, size - at)) {
            const n = wasm.call('audit_entry', ...wasm.give(fromBase64url(text)));
            if (n > 0) found.push(JSON.parse(wasm.takeText(n)) as Omit<Audited, 'known'>);
        }
        at += entries.length;
    }
    return found;
}

const FORKED = 3; // enum ic_merkle_verdict
const TROUBLES = ['', 'withholds', 'fork'] as const; // enum ic_merkle_trouble

/** The log's newest head, held against all that was seen before; then all entries against that head. */
async function check(wasm: Wasm, store: KeyStore, email: string, token: string): Promise<AuditReport> {
    const { head } = await ask<{ head: string }>('head');
    const bytes = fromBase64url(head);
    const verdict = wasm.raw('head_see', ...wasm.give(bytes), now());
    const { size, time } = JSON.parse(wasm.takeText(wasm.call('head_look', ...wasm.give(bytes)))) as Head;
    const faulty = (fault: AuditReport['fault']): AuditReport => ({ fault, size, time, entries: [] });
    if (verdict < 0) return faulty('signature');
    if (verdict === FORKED) return faulty('fork');
    await proveHeads(wasm, store);
    const trouble = TROUBLES[wasm.raw('log_trouble', now())];
    if (trouble) return faulty(trouble);
    wasm.call('audit_begin', ...wasm.give(email));
    const found = await readAll(wasm, size, token);
    const holds = wasm.raw('audit_holds', ...wasm.give(bytes));
    if (holds < 0) console.warn('the log', wasm.error(-holds));
    if (holds < 0) return faulty('withholds');
    const [own, said] = [await list(store, OWN), await list(store, SAID)];
    const known = (f: string) => (own.includes(f) ? 'here' : said.includes(f) ? 'said' : 'unknown');
    return {
        fault: '',
        size,
        time,
        entries: found.map((e) => ({ ...e, known: known(e.certificate) }) as const).reverse(),
    };
}

/** Without a certificate of our own yet the log's key is taken from the service, this once. */
export async function auditLog(
    wasm: Wasm,
    store: KeyStore,
    { email, token, logs }: { email: string; token: string; logs: readonly KeptLog[] },
): Promise<AuditReport> {
    const kept = (await trustIn(store))?.logs;
    const same = (a: KeptLog) => logs.some((b) => b.key === a.key && b.sig === a.sig);
    const nothing = { size: 0, time: Math.floor(now() / 1000), entries: [] };
    if (kept?.length && !kept.every(same)) return { ...nothing, fault: 'replaced' };
    if (logs.length === 0) return { ...nothing, fault: 'no-log' };
    await loadLogs(wasm, store, logs);
    try {
        return await check(wasm, store, email, token);
    } catch (error) {
        const code = error instanceof CoreError ? error.code : '';
        console.warn('the log', error);
        if (code === 'range' || code === 'not-logged') return { ...nothing, fault: 'withholds' };
        throw error;
    }
}

// Who this browser is by X.509, and the authorities it believes. The private key is locked up like the device's own;
// certificates are public and lie open. One tab at a time may be the certified device.
import { CoreError } from '../core/error';
import { signsAlike } from '../identity/suites';
import type { Authority, CertifiedIdentity } from '../identity/types';
import { described, forgetAccount } from './enrol';
import { lockUp, openStore, unlock, type KeyStore } from './identity';
import { rawKey, readPem } from './pem';
import type { Wasm } from './wasm';

type Der = Uint8Array<ArrayBuffer>;
export interface KeptChain {
    suite: number;
    chain: Der[];
    /** The proof that the leaf is in its authority's log (docs/protocol/log.md). */
    staple?: Der;
}
export interface KeptRoot {
    kind: Authority['kind'];
    der: Der;
    /** Told by the identity service: its next word replaces it. */
    service?: boolean;
}
interface Looked {
    name: string;
    subject: string;
    issuer: string;
    /** The issuer's; '' where it names none. */
    organisation: string;
    /** The issuer's whole name, as `subject` has the subject's. */
    issued_by: string;
    not_before: number;
    not_after: number;
    fingerprint: string;
    authority: boolean;
    emails: string[];
}

export const CHAIN = 'certified-chain';
export const KEY = 'certified-key';
const ROOTS = 'roots';
const ROOTS_MAX = 64;

function look(wasm: Wasm, der: Der): Looked {
    return JSON.parse(wasm.takeText(wasm.call('certificate_look', ...wasm.give(der)))) as Looked;
}

async function chainIn(store: KeyStore): Promise<KeptChain | undefined> {
    return (await store.get(CHAIN)) as KeptChain | undefined;
}

async function rootsIn(store: KeyStore): Promise<KeptRoot[]> {
    return ((await store.get(ROOTS)) as KeptRoot[] | undefined) ?? [];
}

export async function hasCertified(store: KeyStore, suite: number): Promise<boolean> {
    const kept = await chainIn(store);
    return kept !== undefined && signsAlike(kept.suite, suite);
}

/** With its root where that is among those we believe: others judge terms by public data alone. */
async function completed(wasm: Wasm, store: KeyStore, chain: Der[]): Promise<Der[]> {
    const last = chain.at(-1);
    if (!last) return chain;
    const { subject, issued_by } = look(wasm, last);
    if (subject === issued_by) return chain;
    const root = (await rootsIn(store)).find((r) => look(wasm, r.der).subject === issued_by);
    return root ? [...chain, root.der] : chain;
}

/** Loads key and chain for the suite; false: they do not open, or do not fit. */
export async function recallCertified(wasm: Wasm, store: KeyStore, suite: number): Promise<boolean> {
    try {
        const kept = await chainIn(store);
        const raw = await unlock(store, KEY);
        if (!kept || !raw) return false;
        wasm.call('identity_import', suite, ...wasm.give(raw));
        raw.fill(0);
        wasm.raw('wipe');
        const chain = await completed(wasm, store, kept.chain);
        for (const der of chain) wasm.call('certificate_add', ...wasm.give(der));
        if (kept.staple) wasm.call('staple_set', ...wasm.give(kept.staple));
        return true;
    } catch (error) {
        console.warn('the certified identity cannot be used', error);
        wasm.raw('certificates_clear');
        return false;
    }
}

/** Between meetings. */
export async function believeRoots(wasm: Wasm, store: KeyStore): Promise<void> {
    wasm.call('roots_clear');
    for (const { kind, der } of await rootsIn(store))
        wasm.call('root_add', kind === 'external' ? 1 : 2, ...wasm.give(der));
}

/** What our own certificate says. */
export function shown(wasm: Wasm, kept: KeptChain) {
    const [leaf] = kept.chain;
    if (!leaf) throw new CoreError('malformed', 'no certificate');
    const { organisation, name, subject, issuer, not_before, not_after, fingerprint, emails } = look(wasm, leaf);
    const { suite } = kept;
    const base = { suite, name: name || subject, subject, issuer, organisation };
    return { ...base, not_before, not_after, fingerprint, emails };
}

/** Takes a file with chain and key: the worker reads it, the page never does. */
export async function importIdentity(wasm: Wasm, file: Blob): Promise<CertifiedIdentity> {
    const { certificates, key } = await readPem(file);
    if (certificates.length === 0)
        throw new CoreError('identity-no-certificate', 'the file holds no certificate');
    if (!key) throw new CoreError('identity-no-key', 'the file holds no private key in PKCS #8');
    const { suite, raw } = await rawKey(key);
    key.fill(0);
    try {
        wasm.call('identity_import', suite, ...wasm.give(raw));
        wasm.raw('certificates_clear');
        for (const der of certificates) wasm.call('certificate_add', ...wasm.give(der));
        const store = await openStore();
        await lockUp(store, KEY, raw);
        const kept = { suite, chain: certificates } satisfies KeptChain;
        await store.put(CHAIN, kept);
        await forgetAccount(store);
        return await described(wasm, store, kept);
    } catch (error) {
        if (error instanceof CoreError && error.code === 'key')
            throw new CoreError('identity-mismatch', 'the certificate is another key’s');
        throw error;
    } finally {
        raw.fill(0);
        wasm.raw('wipe');
        wasm.raw('certificates_clear');
    }
}

export async function certifiedIdentity(wasm: Wasm): Promise<CertifiedIdentity | null> {
    const store = await openStore();
    const kept = await chainIn(store);
    return kept ? described(wasm, store, kept) : null;
}

export async function forgetIdentity(): Promise<void> {
    const store = await openStore();
    await store.remove(KEY);
    await store.remove(CHAIN);
    await forgetAccount(store);
}

export async function listRoots(wasm: Wasm): Promise<Authority[]> {
    return (await rootsIn(await openStore())).map(({ kind, der }) => {
        const { name, subject, not_after, fingerprint } = look(wasm, der);
        return { kind, name: name || subject, subject, not_after, fingerprint };
    });
}

export async function addRoots(wasm: Wasm, kind: Authority['kind'], file: Blob): Promise<void> {
    const { certificates, key } = await readPem(file);
    key?.fill(0);
    if (certificates.length === 0)
        throw new CoreError('identity-no-certificate', 'the file holds no certificate');
    const store = await openStore();
    const have = await rootsIn(store);
    for (const der of certificates) {
        const { authority, fingerprint } = look(wasm, der);
        if (!authority) throw new CoreError('identity-no-authority', 'not an authority’s certificate');
        const known = have.findIndex((r) => look(wasm, r.der).fingerprint === fingerprint);
        if (known >= 0) have.splice(known, 1);
        have.push({ kind, der });
    }
    if (have.length > ROOTS_MAX) throw new CoreError('limit', 'too many authorities');
    await store.put(ROOTS, have);
}

/** What the identity service told before, replaced; what a person added stays. Gives its own ones' fingerprints. */
export async function addRootsOf(wasm: Wasm, store: KeyStore, told: readonly KeptRoot[]): Promise<string[]> {
    for (const { der } of told)
        if (!look(wasm, der).authority)
            throw new CoreError('identity-no-authority', 'not an authority’s certificate');
    const names = new Set(told.map((r) => look(wasm, r.der).fingerprint));
    const others = (await rootsIn(store)).filter((r) => !r.service && !names.has(look(wasm, r.der).fingerprint));
    if (others.length + told.length > ROOTS_MAX) throw new CoreError('limit', 'too many authorities');
    await store.put(ROOTS, [...others, ...told]);
    return told.filter((r) => r.kind === 'internal').map((r) => look(wasm, r.der).fingerprint);
}

/** Whether each of them is believed already, as of that kind. */
export async function hasRootsOf(wasm: Wasm, store: KeyStore, told: readonly KeptRoot[]): Promise<boolean> {
    const nameOf = (r: KeptRoot) => `${r.kind} ${look(wasm, r.der).fingerprint}`;
    const have = new Set((await rootsIn(store)).map(nameOf));
    return told.every((r) => have.has(nameOf(r)));
}

/** Whom the service told to believe; what a person added stays. */
export async function forgetServiceRoots(store: KeyStore): Promise<void> {
    const have = await rootsIn(store);
    await store.put(
        ROOTS,
        have.filter((r) => !r.service),
    );
}

export async function removeRoot(wasm: Wasm, fingerprint: string): Promise<void> {
    const store = await openStore();
    const have = await rootsIn(store);
    await store.put(
        ROOTS,
        have.filter((r) => look(wasm, r.der).fingerprint !== fingerprint),
    );
}

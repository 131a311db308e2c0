// Who this browser is by X.509, and the authorities it believes. The private key is locked up like the device's own;
// certificates are public and lie open. One tab at a time may be the certified device.
import { CoreError } from '../core/error';
import { signsAlike } from '../identity/suites';
import type { Authority, CertifiedIdentity } from '../identity/types';
import { lockUp, openStore, unlock, type KeyStore } from './identity';
import { rawKey, readPem } from './pem';
import type { Wasm } from './wasm';

type Der = Uint8Array<ArrayBuffer>;
interface KeptChain {
    suite: number;
    chain: Der[];
}
interface KeptRoot {
    kind: Authority['kind'];
    der: Der;
}
interface Looked {
    name: string;
    subject: string;
    issuer: string;
    not_before: number;
    not_after: number;
    fingerprint: string;
    authority: boolean;
}

const CHAIN = 'certified-chain';
const KEY = 'certified-key';
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

/** Loads key and chain for the suite; false: they do not open, or do not fit. */
export async function recallCertified(wasm: Wasm, store: KeyStore, suite: number): Promise<boolean> {
    try {
        const kept = await chainIn(store);
        const raw = await unlock(store, KEY);
        if (!kept || !raw) return false;
        wasm.call('identity_import', suite, ...wasm.give(raw));
        raw.fill(0);
        wasm.raw('wipe');
        for (const der of kept.chain) wasm.call('certificate_add', ...wasm.give(der));
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

function shown(wasm: Wasm, kept: KeptChain): CertifiedIdentity {
    const [leaf] = kept.chain;
    if (!leaf) throw new CoreError('malformed', 'no certificate');
    const { name, subject, issuer, not_after } = look(wasm, leaf);
    return { suite: kept.suite, name: name || subject, subject, issuer, not_after };
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
        await store.put(CHAIN, { suite, chain: certificates } satisfies KeptChain);
        return shown(wasm, { suite, chain: certificates });
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
    const kept = await chainIn(await openStore());
    return kept ? shown(wasm, kept) : null;
}

export async function forgetIdentity(): Promise<void> {
    const store = await openStore();
    await store.remove(KEY);
    await store.remove(CHAIN);
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

export async function removeRoot(wasm: Wasm, fingerprint: string): Promise<void> {
    const store = await openStore();
    const have = await rootsIn(store);
    await store.put(
        ROOTS,
        have.filter((r) => look(wasm, r.der).fingerprint !== fingerprint),
    );
}

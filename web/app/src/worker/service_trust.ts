// Whom the organisation believes, as its identity service tells those who enrol there: its own authority, other
// organisations' that it accepts, and the logs of its authority.
import { CoreError } from '../core/error';
import type { KeptLog, ToldTrust } from '../identity/types';
import { addRootsOf, type KeptRoot } from './certified';
import type { KeyStore } from './identity';
import { readPem } from './pem';
import type { Wasm } from './wasm';

const TRUST = 'trust';

export interface KeptTrust {
    logs: KeptLog[];
    /** Of the authorities that must log: fingerprints, hexadecimal. */
    logged: string[];
    crl: string;
}

export async function trustIn(store: KeyStore): Promise<KeptTrust | undefined> {
    return (await store.get(TRUST)) as KeptTrust | undefined;
}

async function rootsOf(kind: KeptRoot['kind'], pems: readonly string[]): Promise<KeptRoot[]> {
    const { certificates } = await readPem(new Blob([pems.join('\n')]));
    return certificates.map((der) => ({ kind, der, service: true }));
}

export async function askTrust(): Promise<ToldTrust> {
    const answer = await fetch('/api/v1/identity/trust', { cache: 'no-store', credentials: 'omit' });
    if (!answer.ok) throw new CoreError('offline', 'the service does not say whom it believes');
    return (await answer.json()) as ToldTrust;
}

/** Taken at enrolment, which is a person's own act, and never behind their back: a service that was taken over
 * cannot teach a browser new authorities, or another log. */
export async function takeTrust(wasm: Wasm, store: KeyStore, told: ToldTrust): Promise<KeptTrust> {
    const own = await rootsOf('internal', told.roots);
    const others = await rootsOf('external', (told.external_roots ?? []).map((r) => r.pem));
    const logged = await addRootsOf(wasm, store, [...own, ...others]);
    const crl = told.crl ? new URL(told.crl, self.location.href).pathname : '';
    const kept = { logs: told.logs ?? [], logged, crl };
    await store.put(TRUST, kept);
    return kept;
}

export async function forgetTrust(store: KeyStore): Promise<void> {
    await store.remove(TRUST);
}

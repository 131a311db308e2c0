// Whom the organisation believes, as its identity service tells those who enrol there: its own authority, other
// organisations' that it accepts, and the logs of its authority.
import { CoreError } from '../core/error';
import type { KeptLog, ToldTrust } from '../identity/types';
import { addRootsOf, forgetServiceRoots, hasRootsOf, type KeptRoot } from './certified';
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

async function toldRoots(told: ToldTrust): Promise<KeptRoot[]> {
    const own = await rootsOf('internal', told.roots);
    const others = await rootsOf('external', (told.external_roots ?? []).map((r) => r.pem));
    return [...own, ...others];
}

/** Of this server, wherever it is reached: through incamera web too. '' where there is none. */
const listOf = (told: ToldTrust) => (told.crl ? new URL(told.crl, self.location.href).pathname : '');

/** Throws `trust-changed` where the service names other authorities, logs or another list of revoked certificates than
 * this browser took before. Fewer logs, or no list, is what a hostile one would want; fewer authorities harm nobody. */
export async function checkTrust(wasm: Wasm, store: KeyStore, told: ToldTrust): Promise<void> {
    const kept = await trustIn(store);
    if (!kept) return;
    const names = (logs: readonly KeptLog[]) => logs.map((l) => `${String(l.sig)} ${l.key}`).sort();
    const logs = names(told.logs ?? []).join() === names(kept.logs).join();
    if (!logs || kept.crl !== listOf(told) || !(await hasRootsOf(wasm, store, await toldRoots(told))))
        throw new CoreError('trust-changed', 'other authorities, logs or lists than before');
}

/** Taken at enrolment, which is a person's own act, and never behind their back: a service that was taken over
 * cannot teach a browser new authorities, or another log; whoever enrols again is told of them first. */
export async function takeTrust(wasm: Wasm, store: KeyStore, told: ToldTrust): Promise<KeptTrust> {
    await checkTrust(wasm, store, told);
    const logged = await addRootsOf(wasm, store, await toldRoots(told));
    const kept = { logs: told.logs ?? [], logged, crl: listOf(told) };
    await store.put(TRUST, kept);
    return kept;
}

/** The heads of logs stay: a log that is known again is held to what it signed. */
export async function forgetTrust(store: KeyStore): Promise<void> {
    await forgetServiceRoots(store);
    await store.remove(TRUST);
}

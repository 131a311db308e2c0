// This browser's own certificate, got from the organisation's identity service: the key is made in WASM and stays
// there or locked up; ACME is spoken here; what comes is taken only if it certifies that very key for that address.
import { CoreError } from '../core/error';
import type { CommandOf } from '../core/types';
import type { CertifiedIdentity } from '../identity/types';
import { Acme } from './acme';
import { now } from './clock';
import { CHAIN, KEY, recallCertified, shown, type KeptChain } from './certified';
import { lockUp, openStore, type KeyStore } from './identity';
import { makeAccountKey, thumbprint } from './jws';
import { readPem } from './pem';
import { fetchStaple, loadLogs, rememberOwn, saveHeads } from './logs';
import { checkTrust, takeTrust, trustIn } from './service_trust';
import type { Wasm } from './wasm';

const SUITE = 2; // P-256: what the internal authority certifies
const ACCOUNT = 'acme-account';

/** By which tabs tell each other that this browser's certificate is another one. */
export const TABS = 'incamera-certificate';

interface Account {
    keys: CryptoKeyPair;
    directory: string;
    email: string;
    thumbprint: string;
}

/** Made for the enrolment that is going on; kept only when it has succeeded. */
let fresh: CryptoKeyPair | null = null;

export async function enrolKey(): Promise<{ thumbprint: string }> {
    fresh = await makeAccountKey();
    return { thumbprint: await thumbprint(fresh) };
}

function request(wasm: Wasm, email: string): Uint8Array<ArrayBuffer> {
    return wasm.take(wasm.call('csr', ...wasm.give(email)));
}

/** Takes it only where the leaf certifies the loaded key (certificate_add) and names that address. */
async function chainOf(wasm: Wasm, pem: string, email: string): Promise<KeptChain> {
    const { certificates } = await readPem(new Blob([pem]));
    const kept = { suite: SUITE, chain: certificates };
    wasm.raw('certificates_clear');
    try {
        for (const der of certificates) wasm.call('certificate_add', ...wasm.give(der));
        if (!shown(wasm, kept).emails.includes(email)) throw new CoreError('enrol-other', 'another address');
    } catch (error) {
        const code = error instanceof CoreError ? error.code : '';
        throw code === 'key' ? new CoreError('enrol-other', 'another key') : error;
    } finally {
        wasm.raw('certificates_clear');
    }
    return kept;
}

async function keepKey(wasm: Wasm, store: KeyStore): Promise<void> {
    const raw = wasm.take(wasm.call('identity_export'));
    wasm.raw('wipe_answer');
    await lockUp(store, KEY, raw);
    raw.fill(0);
}

/** A certificate that is in no log would be shown to nobody as verified: it is not taken. */
async function proveLogged(wasm: Wasm, store: KeyStore, kept: KeptChain): Promise<void> {
    kept.staple = await fetchStaple(wasm, kept.chain, shown(wasm, kept).fingerprint);
    await saveHeads(wasm, store);
}

async function install(wasm: Wasm, store: KeyStore, kept: KeptChain): Promise<void> {
    await rememberOwn(store, shown(wasm, kept).fingerprint);
    await store.put(CHAIN, kept);
    const others = new BroadcastChannel(TABS);
    others.postMessage('changed');
    others.close();
}

export async function enrol(
    wasm: Wasm,
    { token, directory, email, trust }: Omit<CommandOf<'enrol'>, 'do'>,
): Promise<CertifiedIdentity> {
    if (!fresh) throw new CoreError('state', 'no key was made for it');
    const keys = fresh;
    const store = await openStore();
    await checkTrust(wasm, store, trust);
    wasm.call('identity_generate', SUITE);
    try {
        const pem = await new Acme(directory, keys).certify(email, token, () => request(wasm, email));
        const kept = await chainOf(wasm, pem, email);
        const { logs } = await takeTrust(wasm, store, trust);
        await loadLogs(wasm, store);
        if (logs.length) await proveLogged(wasm, store, kept);
        await keepKey(wasm, store);
        const account = { keys, directory, email, thumbprint: await thumbprint(keys) };
        await store.put(ACCOUNT, account satisfies Account);
        await install(wasm, store, kept);
        fresh = null;
        return await described(wasm, store, kept);
    } finally {
        wasm.raw('wipe');
        wasm.raw('identity_forget');
    }
}

async function accountIn(store: KeyStore): Promise<Account | undefined> {
    return (await store.get(ACCOUNT)) as Account | undefined;
}

/** The same key and address, a new chain. The key is loaded. */
async function renewed(wasm: Wasm, store: KeyStore, account: Account): Promise<KeptChain> {
    const { keys, directory, email } = account;
    const pem = await new Acme(directory, keys).certify(email, '', () => request(wasm, email));
    const kept = await chainOf(wasm, pem, email);
    if ((await trustIn(store))?.logs.length)
        kept.staple = await fetchStaple(wasm, kept.chain, shown(wasm, kept).fingerprint);
    await install(wasm, store, kept);
    return kept;
}

/** Between meetings. */
export async function renew(wasm: Wasm): Promise<CertifiedIdentity> {
    const store = await openStore();
    const account = await accountIn(store);
    if (!account) throw new CoreError('state', 'this certificate was imported');
    if (!(await recallCertified(wasm, store, SUITE))) throw new CoreError('state', 'there is no certificate');
    try {
        await loadLogs(wasm, store);
        return await described(wasm, store, await renewed(wasm, store, account));
    } finally {
        wasm.raw('wipe');
        wasm.raw('identity_forget');
        wasm.raw('certificates_clear');
    }
}

/** The newest proof: those of people who join at one time then share one head of the log. The kept one does too. */
export async function freshStaple(wasm: Wasm, store: KeyStore): Promise<void> {
    const kept = (await store.get(CHAIN)) as KeptChain | undefined;
    if (!kept?.staple) return;
    try {
        await proveLogged(wasm, store, kept);
        await store.put(CHAIN, kept);
        wasm.call('staple_set', ...wasm.give(kept.staple));
    } catch (error) {
        console.warn('the log gives no newer proof', error);
    }
}

async function dueAccount(wasm: Wasm, store: KeyStore): Promise<Account | null> {
    const kept = (await store.get(CHAIN)) as KeptChain | undefined;
    const account = await accountIn(store);
    if (!kept || !account) return null;
    const due = renewAt(shown(wasm, kept));
    return now() / 1000 >= due ? account : null;
}

/** At two thirds of its life, before a meeting; what fails is tried at the next one, and in it. */
export async function renewIfDue(wasm: Wasm, store: KeyStore): Promise<void> {
    try {
        if (await dueAccount(wasm, store)) await renew(wasm);
    } catch (error) {
        console.warn('the certificate is not renewed', error);
    }
}

/** The certificate by which we are in the meeting: its fingerprint. */
let used = '';

export async function comeBy(wasm: Wasm, store: KeyStore): Promise<void> {
    const kept = (await store.get(CHAIN)) as KeptChain | undefined;
    used = kept ? shown(wasm, kept).fingerprint : '';
}

/** The same in a meeting that we are in by this certificate: the others see the new one by a commit of ours. Another
 * tab may have renewed it: then that one is shown. */
export async function renewInMeeting(wasm: Wasm, store: KeyStore): Promise<void> {
    const account = await dueAccount(wasm, store);
    if (account) await renewed(wasm, store, account);
    const kept = (await store.get(CHAIN)) as KeptChain | undefined;
    const newest = kept ? shown(wasm, kept).fingerprint : used;
    if (!kept || newest === used) return;
    used = newest; // tried once: one of another key is for the next meeting
    wasm.raw('certificates_clear');
    for (const der of kept.chain) wasm.call('certificate_add', ...wasm.give(der));
    if (kept.staple) wasm.call('staple_set', ...wasm.give(kept.staple));
    wasm.call('renew', now());
}

const renewAt = (c: { not_before: number; not_after: number }) =>
    Math.floor(c.not_before + ((c.not_after - c.not_before) * 2) / 3);

/** What the page is told: the certificate, and that this browser got it by itself. */
export async function described(wasm: Wasm, store: KeyStore, kept: KeptChain): Promise<CertifiedIdentity> {
    const { emails: _, organisation, not_before, ...own } = shown(wasm, kept);
    const account = await accountIn(store);
    // Our own organisation's authority is called by the organisation, as others in a meeting see it.
    if (account && organisation) own.issuer = organisation;
    const renew_at = renewAt({ not_before, not_after: own.not_after });
    return {
        ...own,
        enrolled: account ? { email: account.email, thumbprint: account.thumbprint, renew_at } : null,
    };
}

/** Where an imported certificate takes its place, or nothing does. */
export async function forgetAccount(store: KeyStore): Promise<void> {
    await store.remove(ACCOUNT);
}

// The device's signature key: made in WASM, kept in IndexedDB wrapped by an AES key that the browser never gives
// out. Every open tab is a device of its own, so each holds a slot by a lock: the first tab has the first key, and
// a tab that is loaded again finds the one it had (`hint`).
import { believeRoots, hasCertified, recallCertified } from './certified';
import { loadPins } from './contacts';
import { comeBy, freshStaple, renewIfDue } from './enrol';
import { loadLogs } from './logs';
import { loadRevoked, recallRevoked } from './revoked';
import type { Wasm } from './wasm';

const SLOTS = 16;
const HINT_WAIT_MS = 1500; // the page before this one is still letting go of its lock

interface Kept {
    iv: Uint8Array<ArrayBuffer>;
    wrapped: ArrayBuffer;
}

/** Where keys are kept; tests bring another one. */
export interface KeyStore {
    get(name: string): Promise<unknown>;
    put(name: string, value: unknown): Promise<void>;
    remove(name: string): Promise<void>;
}

export interface Identity {
    suite: number;
    slot: number;
    keyHash: string;
    /** False: the browser keeps nothing here (a private window), so the key ends with the tab. */
    kept: boolean;
}

function ask<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
    });
}

export async function openStore(): Promise<KeyStore> {
    const opening = indexedDB.open('incamera', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
    const db = await ask(opening);
    const change = (f: (s: IDBObjectStore) => IDBRequest) =>
        ask(f(db.transaction('keys', 'readwrite').objectStore('keys'))).then(() => undefined);
    return {
        get: (name) => ask<unknown>(db.transaction('keys').objectStore('keys').get(name)),
        put: (name, value) => change((s) => s.put(value, name)),
        remove: (name) => change((s) => s.delete(name)),
    };
}

/** Locks bytes up under that name, by an AES key that the browser never gives out. */
export async function lockUp(store: KeyStore, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const key = await wrappingKey(store);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const wrapped = await crypto.subtle.encrypt(algorithm(iv, name), key, bytes);
    await store.put(name, { iv, wrapped } satisfies Kept);
}

/** What was locked up, to be wiped by the caller; null: nothing. */
export async function unlock(store: KeyStore, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const kept = (await store.get(name)) as Kept | undefined;
    if (!kept) return null;
    const key = await wrappingKey(store);
    return new Uint8Array(await crypto.subtle.decrypt(algorithm(kept.iv, name), key, kept.wrapped));
}

async function wrappingKey(store: KeyStore): Promise<CryptoKey> {
    const have = await store.get('wrap');
    if (have instanceof CryptoKey) return have;
    const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
        'encrypt',
        'decrypt',
    ]);
    await store.put('wrap', made);
    return made;
}

function algorithm(iv: Uint8Array<ArrayBuffer>, name: string): AesGcmParams {
    return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(name) };
}

/** Imports the key of that name into WASM; false: there is none, or it does not open. */
async function recall(wasm: Wasm, store: KeyStore, suite: number, name: string): Promise<boolean> {
    try {
        const bytes = await unlock(store, name);
        if (!bytes) return false;
        wasm.call('identity_import', suite, ...wasm.give(bytes));
        bytes.fill(0);
        wasm.raw('wipe');
        return true;
    } catch (error) {
        console.warn('the kept identity cannot be read; a new one is made', error);
        return false;
    }
}

async function keep(wasm: Wasm, store: KeyStore, name: string): Promise<void> {
    const bytes = wasm.take(wasm.call('identity_export'));
    wasm.raw('wipe');
    await lockUp(store, name, bytes);
    bytes.fill(0);
}

/** Holds the lock until the worker ends; false: another tab has it. */
function hold(slot: number | string, wait: number): Promise<boolean> {
    const name = 'incamera-identity-' + String(slot);
    return new Promise((resolve) => {
        const held = () => {
            resolve(true);
            return new Promise<void>(() => undefined);
        };
        const options: LockOptions = wait
            ? { signal: AbortSignal.timeout(wait) }
            : { ifAvailable: true };
        navigator.locks
            .request(name, options, (lock) => (lock ? held() : resolve(false)))
            .catch(() => resolve(false));
    });
}

async function takeSlot(hint: number): Promise<number> {
    if (!('locks' in navigator)) return 0;
    if (hint >= 0 && hint < SLOTS && (await hold(hint, HINT_WAIT_MS))) return hint;
    for (let slot = 0; slot < SLOTS; slot++) if (await hold(slot, 0)) return slot;
    return -1; // more tabs than that: a key for the moment
}

let slot: Promise<number> | null = null;
let certified = false;

/** Whether the key that was loaded last is the certified one. */
export const comesCertified = (): boolean => certified;

/** Whom this browser believes, and whom it knows. */
async function believe(wasm: Wasm, store: KeyStore): Promise<void> {
    await believeRoots(wasm, store);
    await loadLogs(wasm, store);
    await loadPins(wasm, store);
    await recallRevoked(wasm, store);
    await loadRevoked(wasm, store);
}

/** Puts the key of the suite into WASM, made now if there is none. */
export async function loadIdentity(wasm: Wasm, suite: number, hint: number): Promise<Identity> {
    slot ??= takeSlot(hint);
    const at = await slot;
    const name = `identity-${String(suite)}-${String(at)}`;
    let store: KeyStore | null = null;
    try {
        store = at >= 0 ? await openStore() : null;
    } catch {
        store = null;
    }
    wasm.raw('certificates_clear');
    certified = false;
    if (store && (await hasCertified(store, suite)) && (await hold('certified', HINT_WAIT_MS))) {
        await renewIfDue(wasm, store);
        await believe(wasm, store);
        certified = await recallCertified(wasm, store, suite);
        if (certified) {
            await freshStaple(wasm, store);
            await comeBy(wasm, store);
            return described(wasm, suite, at, true);
        }
    }
    if (store) await believe(wasm, store);
    const known = store ? await recall(wasm, store, suite, name) : false;
    if (!known) {
        wasm.call('identity_generate', suite);
        if (store) await keep(wasm, store, name);
    }
    return described(wasm, suite, at, store !== null);
}

function described(wasm: Wasm, suite: number, at: number, kept: boolean): Identity {
    const hash = wasm.take(wasm.call('identity_hash'));
    const keyHash = Array.from(hash, (b) => b.toString(16).padStart(2, '0')).join('');
    return { suite, slot: at, keyHash, kept };
}

// What the service worker has pinned: kept beside its copies of the files, for whichever version of it runs next.

/** The bundle that this browser goes by. */
export interface Pin {
    hash: string;
    version: string;
    by: 'release' | 'development';
    /** The key that may sign the next bundle, base64. */
    key: string;
    /** When it was first seen, milliseconds since 1970. */
    since: number;
}

/** What looking at the server's bundle came to. */
export type Verdict =
    | { kind: 'same' }
    /** A signed update was taken; the next start uses it. */
    | { kind: 'updated'; hash: string; version: string }
    | { kind: 'refused'; why: Refusal; offered: string }
    /** The server could not be asked. */
    | { kind: 'offline' };

export type Refusal =
    /** Changed, and not signed with the pinned key. */
    | 'unsigned'
    /** Signed, and of a version before the pinned one. */
    | 'older'
    /** Signed, and a file is not what the manifest says. */
    | 'damaged'
    /** The service worker itself is another one than the manifest names. */
    | 'worker'
    /** The server has no bundle any more. */
    | 'missing';

/** What the page asks the service worker, over a MessageChannel. */
export type TrustQuestion = { ask: 'trust' };
export interface TrustAnswer {
    pin: Pin | null;
    verdict: Verdict;
}

const STATE = 'incamera-trust';
const KEY = '/.pin';

export const bundleCache = (hash: string): string => 'incamera-bundle-' + hash;

export async function readPin(): Promise<Pin | null> {
    const found = await (await caches.open(STATE)).match(KEY);
    return found ? ((await found.json()) as Pin) : null;
}

export async function writePin(pin: Pin): Promise<void> {
    await (await caches.open(STATE)).put(KEY, new Response(JSON.stringify(pin)));
}

/** Keeps the bundles with these hashes: pages that are open still load their parts from the former one. */
export async function dropOthers(keep: string[]): Promise<void> {
    const names = new Set([STATE, ...keep.map(bundleCache)]);
    for (const name of await caches.keys()) {
        if (name.startsWith('incamera-bundle-') && !names.has(name)) await caches.delete(name);
    }
}

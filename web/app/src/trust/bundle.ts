// The program that runs in this page, for the shield's panel: its hash, who signed it, and what the service
// worker says of the server's.
//
//     const info = await bundleInfo();      // {hash, version, by, pin, verdict}
import { bundleManifest } from './fetch';
import { isSignedBy } from './manifest';
import { scriptUrl } from './policy';
import type { Pin, TrustAnswer, TrustQuestion, Verdict } from './state';

export type { Pin, Refusal, Verdict } from './state';

export interface BundleInfo {
    /** SHA-256 of the manifest, hexadecimal: the same as `incamerad` prints at its start. */
    hash: string;
    version: string;
    by: 'release' | 'development' | 'unsigned';
    /** What this browser goes by since `pin.since`; null: nothing is pinned (a first visit, or no service worker). */
    pin: Pin | null;
    /** Of this start; null where nothing is pinned. */
    verdict: Verdict | null;
    /** Served by `incamera web` on this device. */
    local: boolean;
}

const WAIT_MS = 5000;
const LOCAL = 'incamera-served-by';

/** Whether `incamera web` serves this page: no other device can be localhost. */
async function isLocal(): Promise<boolean> {
    if (location.hostname !== 'localhost' && location.hostname !== '127.0.0.1') return false;
    const answer = await fetch('/bundle.json', { method: 'HEAD', cache: 'no-store' });
    return answer.headers.get(LOCAL) === 'this-device';
}

function ask(worker: ServiceWorker, waitMs: number): Promise<TrustAnswer | null> {
    return new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = (event: MessageEvent<TrustAnswer>) => resolve(event.data);
        setTimeout(() => resolve(null), waitMs);
        worker.postMessage({ ask: 'trust' } satisfies TrustQuestion, [port2]);
    });
}

/** What the service worker says of this start; null without one, or where it does not answer in time. */
export async function trustAnswer(waitMs = WAIT_MS): Promise<TrustAnswer | null> {
    const worker = navigator.serviceWorker?.controller;
    return worker ? ask(worker, waitMs) : null;
}

/** Pins the bundle for the next visits. Resolves also where the browser has no service workers. */
export async function pinBundle(): Promise<void> {
    if (import.meta.env.DEV || !('serviceWorker' in navigator)) return;
    try {
        if (await isLocal()) return; // it comes from the installed package, which is signed by itself
        await navigator.serviceWorker.register(scriptUrl('/sw.js'), { updateViaCache: 'none' });
    } catch (error) {
        console.warn('the page cannot be pinned', error);
    }
}

export async function bundleInfo(): Promise<BundleInfo> {
    const [sealed, answer, local] = await Promise.all([
        bundleManifest(),
        trustAnswer(),
        isLocal(),
    ]);
    const { version, by, key } = sealed.manifest;
    return {
        hash: sealed.hash,
        version,
        by: (await isSignedBy(key, sealed)) ? by : 'unsigned',
        pin: answer?.pin ?? null,
        verdict: answer?.pin ? answer.verdict : null,
        local,
    };
}

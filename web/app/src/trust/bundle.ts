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
}

const WAIT_MS = 1500;

function ask(worker: ServiceWorker): Promise<TrustAnswer | null> {
    return new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = (event: MessageEvent<TrustAnswer>) => resolve(event.data);
        setTimeout(() => resolve(null), WAIT_MS);
        worker.postMessage({ ask: 'trust' } satisfies TrustQuestion, [port2]);
    });
}

/** What the service worker says of this start; null without one, or where it does not answer in time. */
export async function trustAnswer(): Promise<TrustAnswer | null> {
    const worker = navigator.serviceWorker?.controller;
    return worker ? ask(worker) : null;
}

/** Pins the bundle for the next visits. Resolves also where the browser has no service workers. */
export async function pinBundle(): Promise<void> {
    if (import.meta.env.DEV || !('serviceWorker' in navigator)) return;
    try {
        await navigator.serviceWorker.register(scriptUrl('/sw.js'), { updateViaCache: 'none' });
    } catch (error) {
        console.warn('the page cannot be pinned', error);
    }
}

export async function bundleInfo(): Promise<BundleInfo> {
    const [sealed, answer] = await Promise.all([bundleManifest(), trustAnswer()]);
    const { version, by, key } = sealed.manifest;
    return {
        hash: sealed.hash,
        version,
        by: (await isSignedBy(key, sealed)) ? by : 'unsigned',
        pin: answer?.pin ?? null,
        verdict: answer?.pin ? answer.verdict : null,
    };
}

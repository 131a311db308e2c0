// Files of the bundle, checked against its manifest before anything is done with them: for the page and the
// worker. The browser compares the hash (integrity), so a changed file fails like a missing one.
//
//     const module = await WebAssembly.compileStreaming(trustedFetch(wasmUrl));
import { readSealed, type Sealed } from './manifest';

let loaded: Promise<Sealed> | null = null;

async function load(): Promise<Sealed> {
    const [manifest, signature] = await Promise.all([
        fetch('/bundle.json', { cache: 'no-store' }),
        fetch('/bundle.sig', { cache: 'no-store' }),
    ]);
    if (!manifest.ok || !signature.ok) throw new Error('the bundle has no manifest');
    return readSealed(new Uint8Array(await manifest.arrayBuffer()), await signature.text());
}

/** The manifest of the running bundle. */
export function bundleManifest(): Promise<Sealed> {
    loaded ??= load().catch((error: unknown) => {
        loaded = null;
        throw error;
    });
    return loaded;
}

/** The `integrity` of a file of the bundle; throws where the manifest does not name it. */
export async function integrityOf(url: string): Promise<string> {
    const { pathname } = new URL(url, location.href);
    const hash = (await bundleManifest()).manifest.files[pathname];
    if (!hash) throw new Error('not in the manifest: ' + pathname);
    const bytes = hash.match(/../g)?.map((pair) => String.fromCharCode(parseInt(pair, 16))) ?? [];
    return 'sha256-' + btoa(bytes.join(''));
}

/** Rejects where the file is not the one that the manifest names. */
export async function trustedFetch(url: string): Promise<Response> {
    if (import.meta.env.DEV) return fetch(url);
    const integrity = await integrityOf(url);
    try {
        return await fetch(url, { integrity, mode: 'same-origin' });
    } catch {
        const { pathname } = new URL(url, location.href);
        throw new Error(`${pathname} did not arrive, or is not what the manifest names`);
    }
}

// Looking at what the server offers, within the service worker: the same bundle, an update that the pinned key
// has signed, or a changed bundle, which is refused.
import { isBefore, isSignedBy, readSealed, sha256, type Sealed } from './manifest';
import { bundleCache, dropOthers, readPin, writePin, type Pin, type Verdict } from './state';

class Missing extends Error {}

async function get(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const answer = await fetch(path, { cache: 'no-store', redirect: 'error' });
    if (answer.status >= 500 || answer.status === 429) throw new TypeError('not now');
    if (!answer.ok) throw new Missing(path);
    return new Uint8Array(await answer.arrayBuffer());
}

async function offered(): Promise<Sealed> {
    const [bytes, signature] = await Promise.all([get('/bundle.json'), get('/bundle.sig')]);
    return readSealed(bytes, new TextDecoder().decode(signature));
}

/** Keeps all files of a bundle, each compared with the manifest. False: one is not what it should be. */
async function keep(sealed: Sealed): Promise<boolean> {
    const cache = await caches.open(bundleCache(sealed.hash));
    const one = async ([path, hash]: [string, string]): Promise<boolean> => {
        const bytes = await get(path);
        if ((await sha256(bytes)) !== hash) return false;
        await cache.put(path, new Response(bytes));
        return true;
    };
    const kept = await Promise.all(Object.entries(sealed.manifest.files).map(one));
    await cache.put('/bundle.json', new Response(sealed.bytes));
    await cache.put('/bundle.sig', new Response(JSON.stringify({ signature: sealed.signature })));
    if (kept.every(Boolean)) return true;
    await caches.delete(bundleCache(sealed.hash));
    return false;
}

function pinOf(sealed: Sealed): Pin {
    const { version, by, key } = sealed.manifest;
    return { hash: sealed.hash, version, by, key, since: Date.now() };
}

/** The first visit: what is here is believed, if it is signed with the key that it names. */
export async function pinFirst(): Promise<void> {
    if (await readPin()) return;
    const sealed = await offered();
    if ((await isSignedBy(sealed.manifest.key, sealed)) && (await keep(sealed)))
        await writePin(pinOf(sealed));
}

async function judge(pin: Pin, sealed: Sealed): Promise<Verdict> {
    const refused = (why: 'unsigned' | 'older' | 'damaged' | 'worker'): Verdict => ({
        kind: 'refused',
        why,
        offered: sealed.hash,
    });
    if (sealed.hash === pin.hash) {
        const worker = await sha256(await get('/sw.js'));
        return worker === sealed.manifest.files['/sw.js'] ? { kind: 'same' } : refused('worker');
    }
    if (!(await isSignedBy(pin.key, sealed))) return refused('unsigned');
    if (isBefore(sealed.manifest.version, pin.version)) return refused('older');
    if (!(await keep(sealed))) return refused('damaged');
    await writePin(pinOf(sealed));
    await dropOthers([sealed.hash, pin.hash]);
    return { kind: 'updated', hash: sealed.hash, version: sealed.manifest.version };
}

/** What the server offers now, held against the pin. Never rejects. */
export async function look(pin: Pin): Promise<Verdict> {
    let sealed: Sealed;
    try {
        sealed = await offered();
    } catch (error) {
        if (error instanceof Missing) return { kind: 'refused', why: 'missing', offered: '' };
        if (error instanceof TypeError) return { kind: 'offline' };
        return { kind: 'refused', why: 'unsigned', offered: '' };
    }
    try {
        return await judge(pin, sealed);
    } catch (error) {
        if (error instanceof Missing)
            return { kind: 'refused', why: 'damaged', offered: sealed.hash };
        return { kind: 'offline' };
    }
}

// The bundle's manifest (docs/web.md): which files there are, with their hashes, and which key may sign the next
// one. Its own SHA-256 is the bundle's hash. Used by the page, the worker and the service worker.

export interface Manifest {
    format: 1;
    version: string;
    /** Whose key `key` is. */
    by: 'release' | 'development';
    /** Ed25519, 32 bytes, base64. */
    key: string;
    /** Path to SHA-256, hexadecimal. "/" is the page. */
    files: Record<string, string>;
}

/** A manifest as the server sent it. */
export interface Sealed {
    manifest: Manifest;
    bytes: Uint8Array<ArrayBuffer>;
    hash: string;
    /** Base64; empty: unsigned. */
    signature: string;
}

const CONTEXT = new TextEncoder().encode('In Camera web bundle 1\n');

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

function isManifest(value: unknown): value is Manifest {
    const m = value as Manifest;
    return (
        typeof m === 'object' &&
        m !== null &&
        m.format === 1 &&
        typeof m.version === 'string' &&
        (m.by === 'release' || m.by === 'development') &&
        typeof m.key === 'string' &&
        typeof m.files === 'object' &&
        Object.entries(m.files).every(([p, h]) => p.startsWith('/') && /^[0-9a-f]{64}$/.test(h))
    );
}

/** Throws where it is no manifest of ours. */
export async function readSealed(
    bytes: Uint8Array<ArrayBuffer>,
    signatureFile: string,
): Promise<Sealed> {
    const manifest: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isManifest(manifest)) throw new Error('no manifest');
    const { signature } = JSON.parse(signatureFile) as { signature?: unknown };
    return {
        manifest,
        bytes,
        hash: await sha256(bytes),
        signature: typeof signature === 'string' ? signature : '',
    };
}

/** Whether the key signed the manifest. A browser without Ed25519 cannot tell: then no. */
export async function isSignedBy(key: string, sealed: Sealed): Promise<boolean> {
    try {
        const imported = await crypto.subtle.importKey('raw', fromBase64(key), 'Ed25519', false, [
            'verify',
        ]);
        const message = new Uint8Array(CONTEXT.length + sealed.bytes.length);
        message.set(CONTEXT);
        message.set(sealed.bytes, CONTEXT.length);
        const signature = fromBase64(sealed.signature);
        return await crypto.subtle.verify('Ed25519', imported, signature, message);
    } catch {
        return false;
    }
}

/** Whether version a is before b: "0.9.2" is before "0.10.0". */
export function isBefore(a: string, b: string): boolean {
    const [x, y] = [a, b].map((v) => v.split('.').map((part) => parseInt(part, 10) || 0));
    for (let i = 0; i < 3; i++) {
        const difference = (x?.[i] ?? 0) - (y?.[i] ?? 0);
        if (difference !== 0) return difference < 0;
    }
    return false;
}

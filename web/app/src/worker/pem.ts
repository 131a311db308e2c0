// PEM (RFC 7468) as files bring it: certificates, and a private key in PKCS #8.
import { CoreError } from '../core/error';

const FILE_MAX = 1 << 20;

export interface PemFile {
    certificates: Uint8Array<ArrayBuffer>[];
    /** PKCS #8; null: none. Wipe it. */
    key: Uint8Array<ArrayBuffer> | null;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
    const text = atob(base64.replace(/\s/g, ''));
    return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** Refuses, by name, what it cannot take. */
export async function readPem(file: Blob): Promise<PemFile> {
    if (file.size > FILE_MAX) throw new CoreError('limit', 'the file is too long');
    const text = await file.text();
    const found: PemFile = { certificates: [], key: null };
    for (const part of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g)) {
        const [, label = '', body = ''] = part;
        if (label === 'ENCRYPTED PRIVATE KEY' || body.includes('ENCRYPTED'))
            throw new CoreError('identity-encrypted', 'the private key is encrypted');
        try {
            if (label === 'CERTIFICATE') found.certificates.push(bytesOf(body));
            else if (label === 'PRIVATE KEY') found.key = bytesOf(body);
        } catch {
            throw new CoreError('malformed', 'the file is no PEM');
        }
    }
    return found;
}

export interface RawKey {
    /** Of RFC 9420, for the key's algorithm; suite 1 stands for 3 too. */
    suite: number;
    raw: Uint8Array<ArrayBuffer>;
}

const KINDS: readonly { suite: number; bytes: number; params: EcKeyImportParams | Algorithm }[] = [
    { suite: 2, bytes: 32, params: { name: 'ECDSA', namedCurve: 'P-256' } },
    { suite: 7, bytes: 48, params: { name: 'ECDSA', namedCurve: 'P-384' } },
    { suite: 5, bytes: 66, params: { name: 'ECDSA', namedCurve: 'P-521' } },
    { suite: 1, bytes: 32, params: { name: 'Ed25519' } },
];

/** The private number, as the core imports it. The browser reads PKCS #8 for us. */
export async function rawKey(pkcs8: Uint8Array<ArrayBuffer>): Promise<RawKey> {
    for (const { suite, bytes, params } of KINDS) {
        try {
            const key = await crypto.subtle.importKey('pkcs8', pkcs8, params, true, ['sign']);
            const { d } = await crypto.subtle.exportKey('jwk', key);
            const raw = bytesOf((d ?? '').replace(/-/g, '+').replace(/_/g, '/'));
            if (raw.length === bytes) return { suite, raw };
        } catch {
            // another kind of key
        }
    }
    throw new CoreError('identity-key', 'the private key is of no kind that meetings use');
}

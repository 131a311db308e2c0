// Signed requests as ACME wants them (RFC 8555 section 6.2, RFC 7515), by a P-256 key that the browser never gives out.
import { toBase64url } from '../account/base64url';

const text = (value: object) => toBase64url(new TextEncoder().encode(JSON.stringify(value)));

export function makeAccountKey(): Promise<CryptoKeyPair> {
    return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
}

interface Jwk {
    crv: string;
    kty: string;
    x: string;
    y: string;
}

/** In the order that RFC 7638 hashes. */
export async function publicJwk(keys: CryptoKeyPair): Promise<Jwk> {
    const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', keys.publicKey);
    return { crv: 'P-256', kty: 'EC', x, y };
}

export async function thumbprint(keys: CryptoKeyPair): Promise<string> {
    const bytes = new TextEncoder().encode(JSON.stringify(await publicJwk(keys)));
    return toBase64url(await crypto.subtle.digest('SHA-256', bytes));
}

export interface Protected {
    url: string;
    nonce: string;
    /** The account's address; left out: the key itself, for newAccount. */
    kid?: string;
}

/** payload null: POST-as-GET. */
export async function sign(keys: CryptoKeyPair, head: Protected, payload: object | null): Promise<string> {
    const { kid, ...rest } = head;
    const who = kid ? { kid } : { jwk: await publicJwk(keys) };
    const first = text({ alg: 'ES256', ...who, ...rest });
    const second = payload ? text(payload) : '';
    const bytes = new TextEncoder().encode(`${first}.${second}`);
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, bytes);
    return JSON.stringify({ protected: first, payload: second, signature: toBase64url(signature) });
}

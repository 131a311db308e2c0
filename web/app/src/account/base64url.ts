// Bytes as JSON carries them in WebAuthn and ACME: base64url without padding (RFC 4648 section 5).

export function toBase64url(bytes: ArrayBuffer | Uint8Array): string {
    const all = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
    let text = '';
    for (const b of all) text += String.fromCharCode(b);
    return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** Throws what atob throws where it is none. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

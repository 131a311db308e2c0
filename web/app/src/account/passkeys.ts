// Passkeys: the browser's credentials, and JSON with base64url for the server (WebAuthn level 2).
import { api, ApiError } from './api';
import { fromBase64url, toBase64url } from './base64url';
import { clientName } from './session';
import type { SignedIn } from './types';

interface Named {
    type: 'public-key';
    id: string;
    transports?: AuthenticatorTransport[];
}
interface RequestOptions
    extends Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> {
    challenge: string;
    allowCredentials?: Named[];
}
interface CreationOptions
    extends Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> {
    challenge: string;
    user: { id: string; name: string; displayName: string };
    excludeCredentials?: Named[];
}
interface Begun<T> {
    publicKey: T;
}

export function canPasskeys(): boolean {
    return 'PublicKeyCredential' in globalThis && 'credentials' in navigator;
}

const named = (list: readonly Named[] = []) =>
    list.map((c) => ({ ...c, id: fromBase64url(c.id) }));

/** What the browser refuses is told as an ApiError, so that one place has the words for it. */
async function ask(how: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
    try {
        const found = await how();
        if (found instanceof PublicKeyCredential) return found;
    } catch (e) {
        const name = e instanceof DOMException ? e.name : '';
        const codes: Record<string, string> = {
            NotAllowedError: 'passkey-not-allowed',
            AbortError: 'passkey-not-allowed',
            InvalidStateError: 'passkey-exists',
            SecurityError: 'passkey-elsewhere',
            NotSupportedError: 'passkey-unsupported',
        };
        throw new ApiError(0, codes[name] ?? 'passkey-failed', String(e));
    }
    throw new ApiError(0, 'passkey-not-allowed', 'no credential');
}

export async function signInByPasskey(): Promise<SignedIn> {
    const { publicKey: p } = await api.post<Begun<RequestOptions>>('signin/passkey/begin');
    const publicKey = {
        ...p,
        challenge: fromBase64url(p.challenge),
        allowCredentials: named(p.allowCredentials),
    };
    const found = await ask(() => navigator.credentials.get({ publicKey }));
    const r = found.response as AuthenticatorAssertionResponse;
    const credential = {
        id: found.id,
        rawId: toBase64url(found.rawId),
        type: found.type,
        response: {
            clientDataJSON: toBase64url(r.clientDataJSON),
            authenticatorData: toBase64url(r.authenticatorData),
            signature: toBase64url(r.signature),
            userHandle: r.userHandle ? toBase64url(r.userHandle) : null,
        },
    };
    return api.post<SignedIn>('signin/passkey/finish', { credential, client: clientName() });
}

export async function addPasskey(name: string): Promise<void> {
    const { publicKey: p } = await api.post<Begun<CreationOptions>>('passkeys/begin');
    const publicKey = {
        ...p,
        challenge: fromBase64url(p.challenge),
        user: { ...p.user, id: fromBase64url(p.user.id) },
        excludeCredentials: named(p.excludeCredentials),
    };
    const made = await ask(() => navigator.credentials.create({ publicKey }));
    const r = made.response as AuthenticatorAttestationResponse;
    const credential = {
        id: made.id,
        rawId: toBase64url(made.rawId),
        type: made.type,
        response: {
            clientDataJSON: toBase64url(r.clientDataJSON),
            attestationObject: toBase64url(r.attestationObject),
            authenticatorData: toBase64url(r.getAuthenticatorData()),
        },
    };
    await api.post('passkeys/finish', { name, credential });
}

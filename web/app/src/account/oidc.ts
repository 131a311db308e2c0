// Sign-in at the organisation's own provider (OpenID Connect). What binds the answer to this tab, a secret of the
// server's making, waits in this tab's storage and is never in an address.
import { api, ApiError } from './api';
import { clientName } from './session';
import type { SignedIn } from './types';

const KEPT = 'ic.oidc';

interface Begun {
    url: string;
    secret: string;
}

/** By https, or on this very device: no other scheme is gone to, javascript: least of all. */
export function mayLead(url: URL): boolean {
    const local = url.hostname === 'localhost' || url.hostname === '127.0.0.1';
    return url.protocol === 'https:' || (url.protocol === 'http:' && local);
}

/** Leaves this page for the provider's. */
export async function beginOidc(provider: number): Promise<void> {
    const begun = await api.post<Begun>('signin/oidc/begin', {
        provider,
        redirect: `${location.origin}/signin`,
    });
    const url = new URL(begun.url);
    if (!mayLead(url))
        throw new ApiError(0, 'oidc-insecure', 'the provider is not reached by https');
    sessionStorage.setItem(KEPT, begun.secret);
    location.assign(url.href);
}

/** Whether this address is the provider's answer. */
export function isOidcAnswer(query: URLSearchParams): boolean {
    return query.has('state') && (query.has('code') || query.has('error'));
}

export async function finishOidc(query: URLSearchParams): Promise<SignedIn> {
    const secret = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    if (query.has('error'))
        throw new ApiError(0, query.get('error') === 'access_denied' ? 'oidc-denied' : 'oidc-refused', query.get('error') ?? '');
    // Somebody else's answer, or one that another tab asked for: not ours to redeem.
    if (!secret) throw new ApiError(0, 'oidc-not-asked', 'this tab has not asked for it');
    return api.post<SignedIn>('signin/oidc/finish', {
        secret,
        client: clientName(),
        code: query.get('code') ?? '',
        state: query.get('state') ?? '',
        iss: query.get('iss') ?? undefined,
    });
}

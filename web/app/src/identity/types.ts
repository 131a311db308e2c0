// Certificates between page and worker. Times in a Certificate are RFC 3339 text, elsewhere Unix seconds.
import type { Person } from '../core/events';

interface Named {
    subject: string;
    issuer: string;
    not_before: string;
    not_after: string;
    serial: string;
    fingerprint: string;
}

/** A member's X.509 leaf, and what this device makes of it (docs/events.md, `certificate`). */
export interface Certificate extends Named {
    state: Person['identity'];
    /** Why nobody vouches, as lib/pki names it; '' where somebody does. */
    reason: string;
    reason_text: string;
    /** The trusted authority's name. */
    vouched_by: string;
    names: { kind: string; value: string }[];
    key: string;
    chain: Named[];
}

/** Who this browser is. */
export interface CertifiedIdentity {
    suite: number;
    name: string;
    subject: string;
    issuer: string;
    not_after: number;
}

/** An authority that this browser believes. */
export interface Authority {
    kind: 'external' | 'internal';
    name: string;
    subject: string;
    not_after: number;
    fingerprint: string;
}

export type IdentityCommand =
    | { do: 'certificate'; leaf: number }
    | { do: 'identity' }
    /** PEM: chain and private key. The worker reads it; the page does not. Not during a meeting. */
    | { do: 'identity_import'; file: Blob }
    | { do: 'identity_forget' }
    | { do: 'roots' }
    | { do: 'root_add'; kind: Authority['kind']; file: Blob }
    | { do: 'root_remove'; fingerprint: string };

export interface IdentityResults {
    certificate: Certificate | null;
    identity: CertifiedIdentity | null;
    identity_import: CertifiedIdentity;
    roots: Authority[];
}

/** A certificate ran out: somebody's state changed. */
export type IdentityEvent = { event: 'identity'; person: Person };

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
    /** SHA-256 of the certificate, hexadecimal. */
    fingerprint: string;
    /** Got from the identity service by this browser; null: imported. */
    enrolled: Enrolled | null;
}

/** What this browser knows of a certificate that it got by itself. */
export interface Enrolled {
    email: string;
    /** Of the ACME account's key (RFC 7638), by which the service knows this device. */
    thumbprint: string;
    /** From when on it is renewed, Unix seconds. */
    renew_at: number;
}

/** A log's public key (base64url) and signature algorithm. */
export interface KeptLog {
    key: string;
    sig: number;
}

/** Whom the organisation believes, as its service tells who is signed in. */
export interface ToldTrust {
    roots: string[];
    external_roots?: { pem: string; name: string }[];
    logs?: KeptLog[];
    crl?: string;
}

/** A certificate of the log that is in our name. */
export interface Audited {
    index: number;
    time: number;
    certificate: string;
    /** here: this browser asked for it; said: somebody said here that it is theirs. */
    known: 'here' | 'said' | 'unknown';
}

export interface AuditReport {
    /** '' where the whole log was checked and holds. */
    fault: '' | 'fork' | 'withholds' | 'signature' | 'replaced' | 'no-log';
    size: number;
    time: number;
    entries: readonly Audited[];
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
    /** The key that the service shall bind an enrolment to; made now if there is none. */
    | { do: 'enrol_key' }
    /** Key, request and certificate (ACME). Not during a meeting. */
    | { do: 'enrol'; token: string; directory: string; email: string; trust: ToldTrust }
    | { do: 'renew' }
    /** Authorities, logs and list that the service told: the next enrolment takes what it tells then. */
    | { do: 'trust_forget' }
    /** The whole log checked, and what is in it for that address. token: the session's. */
    | { do: 'log_audit'; email: string; token: string }
    | { do: 'log_mine'; certificate: string }
    | { do: 'roots' }
    | { do: 'root_add'; kind: Authority['kind']; file: Blob }
    | { do: 'root_remove'; fingerprint: string };

export interface IdentityResults {
    certificate: Certificate | null;
    identity: CertifiedIdentity | null;
    identity_import: CertifiedIdentity;
    enrol_key: { thumbprint: string };
    enrol: CertifiedIdentity;
    renew: CertifiedIdentity;
    log_audit: AuditReport;
    roots: Authority[];
}

/** Between core and worker: what a log is to be asked, and that something new is known of one. */
export type LogEvent =
    | { event: 'log_ask'; log: string; first: number; second: number }
    | { event: 'log_keep' };

/** Somebody's state changed: by time, a renewal, what we hold for true, or what we remember. */
export type IdentityEvent = { event: 'identity'; person: Person; why?: string };

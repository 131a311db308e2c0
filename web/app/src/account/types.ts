// The account as the identity service tells it (docs/protocol/identity.md). Times are Unix seconds.

export type Method = 'passkey' | 'oidc' | 'password';

export interface Methods {
    methods: readonly Method[];
    /** The organisation's own sign-in, each with the words for its button. */
    providers?: readonly { id: number; name: string }[];
}

export interface SignedIn {
    token: string;
    expires: number;
    /** Tells the server next time that this browser was let in before: strangers' failures do not slow us. */
    known?: string;
}

export interface Me {
    id: string;
    email: string;
    name: string;
    organisation: string;
    /** Has one. */
    password: boolean;
    /** What the organisation lets people sign in with. */
    methods: readonly Method[];
}

export interface Passkey {
    id: string;
    name: string;
    created: number;
    /** 0: never. */
    used: number;
}

export interface OpenSession {
    id: string;
    current: boolean;
    how: string;
    /** What the browser called itself. */
    client?: string;
    created: number;
    seen: number;
}

/** One of our devices, which may have certificates. */
export interface Device {
    id: string;
    label: string;
    /** Of the key that asked for its certificate (RFC 7638). */
    thumbprint?: string;
    created: number;
    /** When; 0: it is not. */
    revoked: number;
}

export interface AuditEvent {
    seq: number;
    time: number;
    action: string;
    actor: string;
    subject: string;
    /** JSON, or nothing. */
    detail: unknown;
}

export interface Enrolment {
    token: string;
    expires: number;
    email: string;
    name: string;
    directory: string;
}

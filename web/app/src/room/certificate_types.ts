/** A member's X.509 leaf as the core judged it; times are Unix seconds. */
export interface Certificate {
    /** stranger: it holds, but no authority that this device trusts vouches for it. */
    state:
        | 'none'
        | 'verified'
        | 'stranger'
        | 'expired'
        | 'revoked'
        | 'not-logged'
        | 'log-fork'
        | 'log-withholds'
        | 'invalid';
    /** Why it does not hold; '' where it does. */
    reason: string;
    subject: string;
    names: readonly { kind: string; value: string }[];
    issuer: string;
    /** The root that vouches, as this device calls it. */
    vouched_by: string;
    not_before: number;
    not_after: number;
    serial: string;
    fingerprint: string;
    key: string;
    chain: readonly {
        subject: string;
        issuer: string;
        not_before: number;
        not_after: number;
        fingerprint: string;
    }[];
}

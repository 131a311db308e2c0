#include "identity/acme/state.h"

const char *icd_acme_status_name(enum icd_acme_status s)
{
    static const char *const names[] = {"pending", "processing",  "ready",   "valid",
                                        "invalid", "deactivated", "expired", "revoked"};
    return (size_t)s < sizeof names / sizeof *names ? names[s] : "invalid";
}

const char *icd_acme_challenge_name(enum icd_acme_challenge c)
{
    return c == ICD_ACME_HTTP_01  ? "http-01"
           : c == ICD_ACME_DNS_01 ? "dns-01"
                                  : "incamera-token-01";
}

enum icd_acme_status icd_acme_authz_status(const struct icd_acme_state *a, uint64_t now_ms)
{
    bool over = now_ms >= a->expires_ms;
    switch (a->status) {
    case ICD_ACME_PENDING:
    case ICD_ACME_PROCESSING:
        return over ? ICD_ACME_INVALID : ICD_ACME_PENDING;
    case ICD_ACME_VALID:
        return over ? ICD_ACME_EXPIRED : ICD_ACME_VALID;
    case ICD_ACME_DEACTIVATED:
    case ICD_ACME_REVOKED:
    case ICD_ACME_EXPIRED:
        return a->status;
    default:
        return ICD_ACME_INVALID;
    }
}

enum icd_acme_status icd_acme_challenge_status(const struct icd_acme_state *a,
                                               enum icd_acme_challenge tried,
                                               enum icd_acme_challenge which)
{
    if (tried != which)
        return ICD_ACME_PENDING;
    switch (a->status) {
    case ICD_ACME_PENDING:
    case ICD_ACME_PROCESSING:
        return a->status;
    case ICD_ACME_INVALID:
        return ICD_ACME_INVALID;
    default: /* it was met once; what became of the authorization since is not its concern */
        return ICD_ACME_VALID;
    }
}

bool icd_acme_challenge_may(const struct icd_acme_state *a, enum icd_acme_challenge tried,
                            enum icd_acme_challenge which, uint64_t now_ms, bool *again)
{
    *again = a->status == ICD_ACME_PROCESSING && tried == which;
    return icd_acme_authz_status(a, now_ms) == ICD_ACME_PENDING &&
           (a->status == ICD_ACME_PENDING || *again);
}

enum icd_acme_status icd_acme_order_status(const struct icd_acme_state *o,
                                           const struct icd_acme_state *authz, size_t n,
                                           uint64_t now_ms)
{
    size_t valid = 0;
    if (o->status == ICD_ACME_VALID)
        return ICD_ACME_VALID;
    if (o->status != ICD_ACME_PENDING || now_ms >= o->expires_ms || n == 0)
        return ICD_ACME_INVALID;
    for (size_t i = 0; i < n; i++) {
        enum icd_acme_status s = icd_acme_authz_status(&authz[i], now_ms);
        if (s != ICD_ACME_VALID && s != ICD_ACME_PENDING)
            return ICD_ACME_INVALID;
        valid += s == ICD_ACME_VALID;
    }
    return valid == n ? ICD_ACME_READY : ICD_ACME_PENDING;
}

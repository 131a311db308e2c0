/* The states of RFC 8555 section 7.1.6: what is stored, and what time and other objects make of it.
 *
 *     enum icd_acme_status s = icd_acme_order_status(&order, authz, n, now_ms);
 *     if (s != ICD_ACME_READY)
 *         return orderNotReady;
 *
 * Pure. Nothing leaves a final state.
 */
#ifndef ICD_ACME_STATE_H
#define ICD_ACME_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stored as these numbers. */
enum icd_acme_status {
    ICD_ACME_PENDING = 0,
    ICD_ACME_PROCESSING = 1,
    ICD_ACME_READY = 2,
    ICD_ACME_VALID = 3,
    ICD_ACME_INVALID = 4,
    ICD_ACME_DEACTIVATED = 5,
    ICD_ACME_EXPIRED = 6,
    ICD_ACME_REVOKED = 7,
};

enum icd_acme_challenge { ICD_ACME_HTTP_01 = 1, ICD_ACME_DNS_01 = 2, ICD_ACME_TOKEN_01 = 3 };

/* "pending". Never NULL. */
const char *icd_acme_status_name(enum icd_acme_status s);
/* "http-01", "dns-01", "incamera-token-01". */
const char *icd_acme_challenge_name(enum icd_acme_challenge c);

/* As stored; `processing` while a challenge is tried, which an authorization shows as pending. */
struct icd_acme_state {
    enum icd_acme_status status;
    uint64_t expires_ms;
};

/* Of an authorization: pending, valid, invalid, deactivated, expired or revoked. */
enum icd_acme_status icd_acme_authz_status(const struct icd_acme_state *a, uint64_t now_ms);
/* Of one of its challenges; tried: the one that was answered, 0 where none was. */
enum icd_acme_status icd_acme_challenge_status(const struct icd_acme_state *a,
                                               enum icd_acme_challenge tried,
                                               enum icd_acme_challenge which);
/* Whether an answer to that challenge is taken now; again says that it is one more for the same. */
bool icd_acme_challenge_may(const struct icd_acme_state *a, enum icd_acme_challenge tried,
                            enum icd_acme_challenge which, uint64_t now_ms, bool *again);
/* Of an order, with the authorizations that it needs: pending, ready, valid or invalid. Issuing happens within
 * one transaction, so that nobody sees `processing`. */
enum icd_acme_status icd_acme_order_status(const struct icd_acme_state *o,
                                           const struct icd_acme_state *authz, size_t n,
                                           uint64_t now_ms);

#endif

/* Problem documents (RFC 7807) with the error types of RFC 8555 section 6.7.
 *
 *     struct icd_acme_problem p = {0};
 *     if (too_old)
 *         return icd_acme_refuse(&p, ICD_ACME_E_MALFORMED, "notAfter lies %u days back", days);
 *     ...
 *     json_t *document = icd_acme_problem_json(&p);
 *     icd_acme_problem_clear(&p);
 */
#ifndef ICD_ACME_PROBLEM_H
#define ICD_ACME_PROBLEM_H

#include <ic/base/err.h>
#include <jansson.h>
#include <stdint.h>

/* The token, and the status that it is sent with unless said otherwise. */
#define ICD_ACME_ERROR_LIST(X)                                                                     \
    X(ACCOUNT_DOES_NOT_EXIST, "accountDoesNotExist", 400)                                          \
    X(ALREADY_REVOKED, "alreadyRevoked", 400)                                                      \
    X(BAD_CSR, "badCSR", 400)                                                                      \
    X(BAD_NONCE, "badNonce", 400)                                                                  \
    X(BAD_PUBLIC_KEY, "badPublicKey", 400)                                                         \
    X(BAD_REVOCATION_REASON, "badRevocationReason", 400)                                           \
    X(BAD_SIGNATURE_ALGORITHM, "badSignatureAlgorithm", 400)                                       \
    X(CONNECTION, "connection", 400)                                                               \
    X(DNS, "dns", 400)                                                                             \
    X(INCORRECT_RESPONSE, "incorrectResponse", 403)                                                \
    X(INVALID_CONTACT, "invalidContact", 400)                                                      \
    X(MALFORMED, "malformed", 400)                                                                 \
    X(ORDER_NOT_READY, "orderNotReady", 403)                                                       \
    X(RATE_LIMITED, "rateLimited", 429)                                                            \
    X(REJECTED_IDENTIFIER, "rejectedIdentifier", 400)                                              \
    X(SERVER_INTERNAL, "serverInternal", 500)                                                      \
    X(UNAUTHORIZED, "unauthorized", 401)                                                           \
    X(UNSUPPORTED_CONTACT, "unsupportedContact", 400)                                              \
    X(UNSUPPORTED_IDENTIFIER, "unsupportedIdentifier", 400)

#define ICD_ACME_ERROR_ENUM_(name, token, status) ICD_ACME_E_##name,
enum icd_acme_error { ICD_ACME_ERROR_LIST(ICD_ACME_ERROR_ENUM_) ICD_ACME_E_COUNT };
#undef ICD_ACME_ERROR_ENUM_

enum { ICD_ACME_DETAIL = 256 };

struct icd_acme_problem {
    enum icd_acme_error error;
    int status;                   /* 0: all is well */
    char detail[ICD_ACME_DETAIL]; /* what came from outside is in it as printable ASCII alone */
    json_t *subproblems;          /* owned, or NULL: RFC 8555 section 6.7.1 */
    uint32_t retry_s;             /* for Retry-After; 0: none */
};

/* "badNonce". Never NULL. */
const char *icd_acme_error_token(enum icd_acme_error e);
/* Fills p with the error's own status and a sentence; IC_ERR_RULE, for `return icd_acme_refuse(...)`. */
__attribute__((format(printf, 3, 4))) ic_err icd_acme_refuse(struct icd_acme_problem *p,
                                                             enum icd_acme_error e,
                                                             const char *format, ...);
/* The same with another status. */
__attribute__((format(printf, 4, 5))) ic_err icd_acme_refuse_as(struct icd_acme_problem *p,
                                                                enum icd_acme_error e, int status,
                                                                const char *format, ...);
/* For IC_TRY-like code: what failed on our side, unless p says already what is wrong. Returns e. */
ic_err icd_acme_failed(struct icd_acme_problem *p, ic_err e);
/* Adds what is wrong with one identifier. */
void icd_acme_subproblem(struct icd_acme_problem *p, enum icd_acme_error e, const char *detail,
                         const char *type, const char *value);
/* The document; NULL without memory. "algorithms" stands in it where RFC 8555 section 6.2 demands it. */
json_t *icd_acme_problem_json(const struct icd_acme_problem *p);
void icd_acme_problem_clear(struct icd_acme_problem *p);

#endif

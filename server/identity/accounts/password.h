/* Passwords: Argon2id (RFC 9106) by libargon2, stored in the PHC form, which carries its parameters.
 *
 *     char phc[ICD_PASSWORD_PHC];
 *     IC_TRY(icd_password_hash(&cost, salt, password, phc));        // "$argon2id$v=19$m=65536,t=3,p=1$..."
 *     bool right = icd_password_check(phc, password) == IC_OK;
 *     if (right && icd_password_is_old(&cost, phc)) ...             // hash it anew
 *
 * Both take tens of milliseconds and the cost's memory: call them on a thread that nothing waits for. For an
 * address without an account icd_password_dummy does the same work and never succeeds. Pure; any thread.
 */
#ifndef ICD_IDENTITY_PASSWORD_H
#define ICD_IDENTITY_PASSWORD_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>

enum {
    ICD_PASSWORD_MIN = 12,  /* characters */
    ICD_PASSWORD_MAX = 256, /* bytes */
    ICD_PASSWORD_SALT = 16,
    ICD_PASSWORD_PHC = 128,
};

struct icd_password_cost {
    uint32_t mib, passes;
};

/* Whether people may choose it: long enough, no control characters, not made of one or two characters, not the
 * e-mail address itself. why: a static sentence. IC_ERR_RANGE, IC_ERR_MALFORMED, IC_ERR_RULE. */
ic_err icd_password_judge(struct ic_view password, struct ic_view email, const char **why);
/* out: ICD_PASSWORD_PHC bytes. IC_ERR_NOMEM, IC_ERR_RANGE. */
ic_err icd_password_hash(const struct icd_password_cost *cost,
                         const uint8_t salt[ICD_PASSWORD_SALT], struct ic_view password, char *out);
/* IC_OK: it is this one; IC_ERR_AUTH: not; IC_ERR_NOMEM: nobody knows. */
ic_err icd_password_check(const char *phc, struct ic_view password);
/* The work of a check at this cost; IC_ERR_AUTH, always, or IC_ERR_NOMEM. */
ic_err icd_password_dummy(const struct icd_password_cost *cost, struct ic_view password);
/* Made at a lower cost than this. */
bool icd_password_is_old(const struct icd_password_cost *cost, const char *phc);

#endif

/* The first administrator: a token made beside the service, by who has its database.
 *
 *     char token[ICD_ADMIN_TOKEN_LEN + 1], why[ICD_IDENTITY_WHY];
 *     IC_TRY(icd_admin_first("/var/lib/incamera", rand, now_ms, &first, token, why));
 *
 * The organisation is made where there is none of that name. A service may be running on the same database.
 */
#ifndef ICD_IDENTITY_ADMIN_FIRST_H
#define ICD_IDENTITY_ADMIN_FIRST_H

#include <ic/base/err.h>
#include <ic/base/rand.h>
#include <stdint.h>

struct icd_admin_first {
    const char *organisation;
    const char *domain; /* verified without proof: who has the database may say so; NULL: none */
    uint32_t life_s;    /* of the token */
};
/* With all scopes. token: ICD_ADMIN_TOKEN_LEN + 1 bytes, wiped by the caller. why: ICD_IDENTITY_WHY bytes for
 * people. IC_ERR_RANGE: the organisation's name; IC_ERR_IO, IC_ERR_UNSUPPORTED, IC_ERR_NOMEM. */
ic_err icd_admin_first(const char *data_dir, struct ic_rand rand, uint64_t now_ms,
                       const struct icd_admin_first *f, char *token, char *why);

#endif

/* External authorities that an organisation accepts: roots in its own words, for clients' trust.
 *
 *     IC_TRY(icd_roots_each(id, org, tell, ctx));      // each root with its name
 */
#ifndef ICD_IDENTITY_ROOTS_H
#define ICD_IDENTITY_ROOTS_H

#include "identity/live.h"

enum { ICD_ROOT_NAME_MAX = 128, ICD_ROOT_DER_MAX = 16384, ICD_ROOTS_MAX = 100 };

struct icd_root {
    uint8_t hash[32];                 /* SHA-256 of der */
    char name[ICD_ROOT_NAME_MAX + 1]; /* the administrator's words */
    struct ic_view der;               /* until the callback returns; of an add: borrowed */
    uint64_t end_s, added_ms;
};
typedef ic_err icd_root_each(void *ctx, const struct icd_root *r);
/* By the time they were added. */
ic_err icd_roots_each(struct icd_identity *id, int64_t org, icd_root_each *each, void *ctx);
/* [{"pem", "name"}]: of an answer about trust. NULL: IC_ERR_IO or IC_ERR_NOMEM. */
json_t *icd_roots_json(struct icd_identity *id, int64_t org);
/* Takes name, der and end_s, sets hash and added_ms. IC_ERR_EXISTS: it is there; IC_ERR_LIMIT: ICD_ROOTS_MAX. */
ic_err icd_roots_add(struct icd_identity *id, int64_t org, struct icd_root *r);
/* IC_ERR_NOT_FOUND. */
ic_err icd_roots_remove(struct icd_identity *id, int64_t org, const uint8_t hash[32]);

#endif

/* What an organisation allows: set by its administrators, asked by accounts, ca and meetings.
 *
 *     struct icd_policy p;
 *     IC_TRY(icd_policy_get(id, org, &p));
 *     if (!p.passwords) ...
 *
 * What was never set has its default, so a new organisation needs no row. On the loop's thread.
 */
#ifndef ICD_IDENTITY_POLICY_H
#define ICD_IDENTITY_POLICY_H

#include "identity/live.h"

struct icd_policy {
    bool passwords;                /* people may sign in by password; otherwise false */
    bool guests;                   /* meetings may admit whoever has the link; otherwise true */
    bool verified_members;         /* new meetings are for verified members only; false */
    bool oidc_links_email;         /* a provider's verified e-mail links to an account; true */
    uint32_t session_idle_s;       /* 43200 */
    uint32_t session_s;            /* 604800: the absolute end */
    uint32_t invitation_s;         /* 604800 */
    uint32_t person_certificate_s; /* 0, also otherwise: as [identity] says */
    uint32_t device_certificate_s; /* the same */
};
void icd_policy_default(struct icd_policy *out);
/* IC_ERR_IO. An organisation that there is not has the defaults. */
ic_err icd_policy_get(struct icd_identity *id, int64_t org, struct icd_policy *out);
/* Stores it whole. IC_ERR_RANGE: a number out of its bounds; IC_ERR_IO. */
ic_err icd_policy_set(struct icd_identity *id, int64_t org, const struct icd_policy *p);

/* ---- as JSON: the administrators' API ---- */
/* NULL without memory. */
json_t *icd_policy_json(const struct icd_policy *p);
/* Takes over the fields that o has. *field: the name of the one that is wrong, borrowed from o, *why a
 * sentence (static): IC_ERR_RANGE; then p is as it was. */
ic_err icd_policy_change(struct icd_policy *p, const json_t *o, const char **field,
                         const char **why);

#endif

/* An errand to a sign-in provider: what the pool needs for it, and what it brings back. What a provider said of itself
 * is kept for an hour.
 *
 *     struct icd_errand *e = icd_errand_new(c, body);
 *     ... e->provider, then icd_errand_take_known(id, e) ...
 *     icd_errand_finish(e);                     // on the pool: discovery, code for tokens, the ID token judged
 *     icd_errand_remember(id, e);               // on the loop
 *     icd_errand_free(e);
 */
#ifndef ICD_IDENTITY_OIDC_ERRAND_H
#define ICD_IDENTITY_OIDC_ERRAND_H

#include "identity/accounts/private.h"

enum { ICD_ERRAND_SECRET_LEN = 43, ICD_ERRAND_STATE_MAX = ICD_TICKET_LEN + 40 };

struct icd_errand {
    json_t *body;
    struct icd_provider provider;
    struct icd_oidc_site site;
    bool has_site;
    struct ic_buf keys, code;
    char access[ICD_OIDC_ACCESS_MAX + 1];
    char redirect[300], state[ICD_ERRAND_STATE_MAX + 1], secret[ICD_ERRAND_SECRET_LEN + 1],
        verifier[48], nonce[48];
    char iss[ICD_OIDC_URL_MAX]; /* what the answer says whose it is; "": it does not */
    const char *ca_file;
    bool private_addresses; /* the provider may be on a host of ours */
    uint64_t now_s;
    /* The outcome. */
    ic_err result;
    const char *why;
    struct icd_oidc_claims claims;
};

/* NULL without memory. */
struct icd_errand *icd_errand_new(struct icd_call *c, json_t *body);
void icd_errand_free(struct icd_errand *e);
/* On the loop: what is known of e->provider; and what e has learnt of it. IC_ERR_NOMEM. */
ic_err icd_errand_take_known(struct icd_identity *id, struct icd_errand *e);
void icd_errand_remember(struct icd_identity *id, struct icd_errand *e);
/* icd_job_work, on the pool: sets e->result, and e->why (static) where that is an error. begin: its discovery document;
 * finish: the claims too. */
void icd_errand_begin(void *errand);
void icd_errand_finish(void *errand);

#endif

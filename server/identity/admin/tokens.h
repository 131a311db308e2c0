/* Access tokens of the administrators' API: random, stored as a hash, for some scopes, until an end.
 *
 *     char text[ICD_ADMIN_TOKEN_LEN + 1];
 *     struct icd_admin_token t = {.org = org, .scopes = ICD_SCOPE_ALL, .name = "first", .end_ms = ...};
 *     IC_TRY(icd_admin_token_add(id, &t, text));              // the only time that the text is seen
 *     IC_TRY(icd_admin_token_find(id, bearer, &t));           // whose it is: t.org, t.scopes
 *
 * On the loop's thread; writing is part of the turn's transaction.
 */
#ifndef ICD_IDENTITY_ADMIN_TOKENS_H
#define ICD_IDENTITY_ADMIN_TOKENS_H

#include "identity/live.h"

enum {
    ICD_ADMIN_TOKEN_LEN = 48, /* "ica_" and base64url of 33 random bytes */
    ICD_ADMIN_TOKEN_ID_LEN = 22,
    ICD_ADMIN_TOKEN_NAME_MAX = 64, /* bytes */
    ICD_ADMIN_TOKEN_BY_MAX = 64,
};

enum icd_scope {
    ICD_SCOPE_USERS_READ = 1,
    ICD_SCOPE_USERS_WRITE = 2, /* holds users:read */
    ICD_SCOPE_DOMAINS = 4,
    ICD_SCOPE_ROOTS = 8,
    ICD_SCOPE_POLICY = 16,
    ICD_SCOPE_AUDIT = 32,
    ICD_SCOPE_CERTIFICATES = 64,
    ICD_SCOPE_TOKENS = 128,
    ICD_SCOPE_ALL = 255,
};
/* "users:read" and so on; NULL behind the last. */
const char *icd_scope_name(size_t i);
/* 0: no such scope. */
uint32_t icd_scope_by_name(const char *name);

struct icd_admin_token {
    char id[ICD_ADMIN_TOKEN_ID_LEN + 1]; /* not a secret */
    int64_t org;
    char name[ICD_ADMIN_TOKEN_NAME_MAX + 1];  /* what it is for */
    char made_by[ICD_ADMIN_TOKEN_BY_MAX + 1]; /* as an actor of the audit log */
    uint32_t scopes;
    uint64_t created_ms, end_ms, used_ms; /* used_ms: to the minute; 0: never */
};

/* Takes org, name, scopes, end_ms and made_by, sets the rest. text: ICD_ADMIN_TOKEN_LEN + 1 bytes, to be wiped
 * by the caller. IC_ERR_RANGE: the name is empty or too long, no scope, or an end in the past. */
ic_err icd_admin_token_add(struct icd_identity *id, struct icd_admin_token *t, char *text);
/* Notes the use. IC_ERR_DENIED: unknown or ended. */
ic_err icd_admin_token_find(struct icd_identity *id, struct ic_view bearer,
                            struct icd_admin_token *out);
/* With all that it made, and that those made; *count: how many, itself too. IC_ERR_NOT_FOUND: the organisation has no
 * such token. */
ic_err icd_admin_token_remove(struct icd_identity *id, int64_t org, struct ic_view token_id,
                              uint64_t *count);
/* Newest first; those that ended too, for 30 days. */
typedef ic_err icd_admin_token_each(void *ctx, const struct icd_admin_token *t);
ic_err icd_admin_token_list(struct icd_identity *id, int64_t org, icd_admin_token_each *each,
                            void *ctx);

#endif

/* What the files of the administrators' API share: a request whose token is known, and how it is answered. */
#ifndef ICD_IDENTITY_ADMIN_PRIVATE_H
#define ICD_IDENTITY_ADMIN_PRIVATE_H

#include "identity/accounts/accounts.h"
#include "identity/admin/tokens.h"
#include "identity/live.h"

enum { ICD_ADMIN_PARAM_MAX = 255, ICD_ADMIN_PAGE = 100, ICD_ADMIN_PAGE_MAX = 1000 };

extern const char icd_admin_schema[];

struct icd_admin {
    size_t verifying; /* domains, at this moment */
};

struct icd_admin_call {
    struct icd_identity *id;
    struct icd_call *c;
    struct icd_admin_token token;
    int64_t org;
    char actor[32]; /* "token:<id>" */
    char param[ICD_ADMIN_PARAM_MAX +
               1]; /* what stands for {...} in the path, "" where there is none */
};

/* path: behind /api/v1/admin, as in docs/api/admin.openapi.yaml, with one {name} at most. scope: all of
 * them are needed; 0: any token. */
struct icd_admin_route {
    const char *method, *path;
    uint32_t scope;
    void (*fn)(struct icd_admin_call *a);
};
/* Ends with a method of NULL. */
extern const struct icd_admin_route icd_admin_routes[];

/* Whether the token has all of these scopes. False: refused with 403 that names what is missing. */
bool icd_admin_may(struct icd_admin_call *a, uint32_t scope);
/* {"error", "text", "field"}; field may be NULL. */
void icd_admin_refuse(struct icd_admin_call *a, int status, const char *code, const char *field,
                      const char *text);
/* 400 `invalid`. */
void icd_admin_wrong(struct icd_admin_call *a, const char *field, const char *text);
/* By the error, with these words where it is not the server's own fault. */
void icd_admin_failed(struct icd_admin_call *a, ic_err e, const char *field, const char *text);
/* A body with no other fields than those named ("a b"); NULL: refused. An empty body is an empty object. */
json_t *icd_admin_body(struct icd_admin_call *a, const char *fields);
/* A text of min to max bytes. NULL: refused, unless it is missing and not needed. */
const char *icd_admin_text(struct icd_admin_call *a, const json_t *o, const char *field, size_t min,
                           size_t max, bool needed);
/* A whole number of the query; false: refused. Absent: *out stays. */
bool icd_admin_number(struct icd_admin_call *a, const char *name, int64_t min, int64_t max,
                      int64_t *out);
/* "true" and "false" of the query; absent: *out stays. false: refused. */
bool icd_admin_flag(struct icd_admin_call *a, const char *name, bool *out);
/* Into the audit log, by this token. detail: taken over, or NULL. */
ic_err icd_admin_audit(struct icd_admin_call *a, const char *action, const char *subject,
                       json_t *detail);
/* A user of this organisation, by id or e-mail. False: refused with 404, `field` naming a parameter. */
bool icd_admin_user(struct icd_admin_call *a, const char *who, const char *field,
                    struct icd_user *out);
/* The token that asks. */
json_t *icd_admin_token_json(const struct icd_admin_call *a);
json_t *icd_admin_invitation(struct icd_admin_call *a, const char *token, uint64_t expires_ms);

/* ---- handlers, a file each ---- */
typedef void icd_admin_fn(struct icd_admin_call *a);
icd_admin_fn icd_admin_organisation, icd_admin_policy_show, icd_admin_policy_change,
    icd_admin_providers, icd_admin_provider_add, icd_admin_provider_remove;
icd_admin_fn icd_admin_users, icd_admin_user_add, icd_admin_user_show, icd_admin_user_rename,
    icd_admin_user_delete, icd_admin_user_suspend, icd_admin_user_resume, icd_admin_user_invite;
icd_admin_fn icd_admin_import, icd_admin_export;
icd_admin_fn icd_admin_domains, icd_admin_domain_add, icd_admin_domain_show,
    icd_admin_domain_remove, icd_admin_domain_verify;
icd_admin_fn icd_admin_roots_list, icd_admin_root_add, icd_admin_root_remove;
icd_admin_fn icd_admin_tokens, icd_admin_token_make, icd_admin_token_revoke;
icd_admin_fn icd_admin_certificates, icd_admin_certificate_revoke;
icd_admin_fn icd_admin_audit_list;

#endif

/* Who there is: organisations, their domains, users, what users sign in with, sessions, invitations, the
 * audit log. What admin, acme, ca and the sign-in API build on.
 *
 *     int64_t org;
 *     struct icd_user u;
 *     char token[ICD_BEARER_LEN + 1];
 *     IC_TRY(icd_accounts_org_add(id, IC_VIEW_STR("Example GmbH"), &org));
 *     IC_TRY(icd_accounts_domain_add(id, org, IC_VIEW_STR("example.org"), &domain));
 *     IC_TRY(icd_accounts_domain_verify(id, org, IC_VIEW_STR("example.org")));
 *     IC_TRY(icd_accounts_user_add(id, org, IC_VIEW_STR("ana@example.org"), IC_VIEW_STR("Ana"), &u));
 *     IC_TRY(icd_accounts_invite(id, u.id, "token:abc", token, &expires_ms));
 *
 * Everything writes inside the loop turn's transaction, which icd_identity opens (icd_identity_write) and
 * commits before answers leave. A call that fails has written nothing. On the loop's thread only. Texts in
 * are views, texts out are NUL-terminated copies. IC_ERR_IO, IC_ERR_NOMEM: besides those named, of all.
 */
#ifndef ICD_IDENTITY_ACCOUNTS_H
#define ICD_IDENTITY_ACCOUNTS_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <stdbool.h>
#include <stdint.h>

struct icd_identity;

enum {
    ICD_ID_LEN = 22,     /* base64url of 16 random bytes: users, sessions, devices, invitations */
    ICD_BEARER_LEN = 48, /* four characters that say what it is, and base64url of 33 random bytes */
    ICD_EMAIL_MAX = 254, /* bytes, RFC 5321 */
    ICD_DOMAIN_MAX = 253,    /* bytes */
    ICD_NAME_MAX = 128,      /* bytes of an organisation's or a person's name */
    ICD_LABEL_MAX = 64,      /* bytes: what a person calls a device, a passkey, a session */
    ICD_THUMBPRINT_LEN = 43, /* base64url of SHA-256, RFC 7638 */
    ICD_WHO_MAX = 300,       /* bytes of an audit row's actor or subject */
    ICD_DETAIL_MAX = 1024,
};

/* ---- organisations ---- */

struct icd_org {
    int64_t id;
    char name[ICD_NAME_MAX + 1];
    uint64_t created_ms;
};
/* IC_ERR_EXISTS: the name is taken; IC_ERR_RANGE: not 1..ICD_NAME_MAX bytes of text. */
ic_err icd_accounts_org_add(struct icd_identity *id, struct ic_view name, int64_t *org);
/* IC_ERR_NOT_FOUND. */
ic_err icd_accounts_org_get(struct icd_identity *id, int64_t org, struct icd_org *out);
ic_err icd_accounts_org_by_name(struct icd_identity *id, struct ic_view name, struct icd_org *out);

/* ---- domains: of one organisation once verified ---- */

struct icd_domain {
    int64_t org;
    char name[ICD_DOMAIN_MAX + 1];    /* lower case */
    char challenge[ICD_ID_LEN + 1];   /* what the TXT record or the file must hold */
    uint64_t created_ms, verified_ms; /* 0: not verified */
};
/* With a new challenge. IC_ERR_EXISTS: this organisation has it; IC_ERR_MALFORMED: no host name. */
ic_err icd_accounts_domain_add(struct icd_identity *id, int64_t org, struct ic_view name,
                               struct icd_domain *out);
/* IC_ERR_NOT_FOUND, IC_ERR_EXISTS: another organisation has verified it. */
ic_err icd_accounts_domain_verify(struct icd_identity *id, int64_t org, struct ic_view name);
ic_err icd_accounts_domain_get(struct icd_identity *id, int64_t org, struct ic_view name,
                               struct icd_domain *out);
/* Users in it stay, but nobody new comes. IC_ERR_NOT_FOUND. */
ic_err icd_accounts_domain_remove(struct icd_identity *id, int64_t org, struct ic_view name);
typedef ic_err icd_domain_each(void *ctx, const struct icd_domain *d);
ic_err icd_accounts_domain_list(struct icd_identity *id, int64_t org, icd_domain_each *each,
                                void *ctx);
/* Whose verified domain that is, or a parent domain of that host. IC_ERR_NOT_FOUND. */
ic_err icd_accounts_domain_owner(struct icd_identity *id, struct ic_view host, int64_t *org);

/* ---- users ---- */

enum icd_user_state { ICD_USER_INVITED, ICD_USER_ACTIVE, ICD_USER_SUSPENDED };
struct icd_user {
    char id[ICD_ID_LEN + 1];
    int64_t org;
    char email[ICD_EMAIL_MAX + 1]; /* lower case: the identity */
    char name[ICD_NAME_MAX + 1];
    enum icd_user_state state;
    bool password; /* has one */
    uint64_t created_ms, signed_in_ms;
};
/* Domains change hands: IC_ERR_DENIED where that of the user's address is another organisation's now. Nobody's is
 * well. */
ic_err icd_accounts_domain_check(struct icd_identity *id, const struct icd_user *user);
const char *icd_user_state_name(enum icd_user_state state); /* "invited", "active", "suspended" */
/* IC_ERR_MALFORMED: no e-mail address; IC_ERR_RANGE: the name; IC_ERR_RULE: its domain is not a verified one
 * of this organisation; IC_ERR_EXISTS. */
ic_err icd_accounts_user_add(struct icd_identity *id, int64_t org, struct ic_view email,
                             struct ic_view name, struct icd_user *out);
/* IC_ERR_NOT_FOUND. */
ic_err icd_accounts_user_get(struct icd_identity *id, const char *user, struct icd_user *out);
ic_err icd_accounts_user_by_email(struct icd_identity *id, struct ic_view email,
                                  struct icd_user *out);
ic_err icd_accounts_user_rename(struct icd_identity *id, const char *user, struct ic_view name);
/* Suspending ends sessions, invitations and enrolments at once; revoking certificates is the caller's
 * (icd_ca_revoke_user). Resuming makes active whoever was. */
ic_err icd_accounts_user_suspend(struct icd_identity *id, const char *user, bool suspended);
/* For good, with all that they sign in with; the audit log keeps its rows. */
ic_err icd_accounts_user_remove(struct icd_identity *id, const char *user);
typedef ic_err icd_user_each(void *ctx, const struct icd_user *u);
/* By e-mail, those after `after` (empty: from the first), `limit` at most. */
ic_err icd_accounts_user_list(struct icd_identity *id, int64_t org, struct ic_view after,
                              unsigned limit, icd_user_each *each, void *ctx);
/* A one-time way in; a new one ends the former. token: ICD_BEARER_LEN + 1 bytes ("ici_..."), seen once.
 * actor: as in icd_audit_add. IC_ERR_STATE: suspended. */
ic_err icd_accounts_invite(struct icd_identity *id, const char *user, const char *actor,
                           char *token, uint64_t *expires_ms);

/* ---- sessions ---- */

enum icd_signin_how { ICD_BY_INVITATION = 1, ICD_BY_PASSWORD, ICD_BY_PASSKEY, ICD_BY_OIDC };
struct icd_session {
    char id[ICD_ID_LEN + 1]; /* not the token */
    struct icd_user user;
    enum icd_signin_how how;
    uint64_t created_ms, fresh_until_ms, ends_ms;
};
/* Whose bearer token ("ics_...") that is; moves its idle end on. IC_ERR_DENIED: unknown, ended, or its user
 * suspended. */
ic_err icd_accounts_session_find(struct icd_identity *id, struct ic_view token,
                                 struct icd_session *out);
/* For the API of meetings, outside of any request to this service: the organisation whose person's session
 * that is. name: ICD_NAME_MAX + 1 bytes. IC_ERR_DENIED. */
ic_err icd_accounts_organisation(struct icd_identity *id, struct ic_view token, char *name);
/* How many ended. except: a session that stays, or NULL. Enrolment tokens that nobody has used end with them. */
ic_err icd_accounts_sessions_end(struct icd_identity *id, const char *user, const char *except,
                                 uint64_t *ended);

/* ---- enrolment and devices ---- */

enum { ICD_DEVICES = 50 }; /* not revoked, of a user */
struct icd_enrolment {
    struct icd_user user;
    char device[ICD_ID_LEN + 1]; /* made by the redemption: certificates carry it in their rows */
    char label[ICD_LABEL_MAX + 1];
};
/* Takes an enrolment token ("ice_...") for the ACME account key of that thumbprint: once, within ten minutes.
 * why: a static sentence on IC_ERR_DENIED (unknown, expired), IC_ERR_REPLAY (used), IC_ERR_KEY (another
 * key's; the token stays), IC_ERR_STATE (user suspended, their domain another's by now, or ICD_DEVICES not revoked
 * already). */
ic_err icd_accounts_redeem(struct icd_identity *id, struct ic_view token, struct ic_view thumbprint,
                           struct icd_enrolment *out, const char **why);
/* Still good for renewals: neither revoked, nor its user suspended, nor their domain another organisation's by now.
 * IC_ERR_NOT_FOUND, IC_ERR_STATE. */
ic_err icd_accounts_device_check(struct icd_identity *id, const char *device, struct icd_user *out);

/* ---- sign-in providers (OpenID Connect) ---- */

struct icd_provider {
    int64_t id, org;
    char name[ICD_LABEL_MAX + 1];     /* on the button */
    char issuer[256];                 /* https://...; http:// on loopback alone */
    char client_id[128], secret[256]; /* secret may be empty: a public client */
    bool trust_email;                 /* its email_verified is believed */
};
/* IC_ERR_MALFORMED: issuer; IC_ERR_EXISTS. Sets out->id. */
ic_err icd_accounts_provider_add(struct icd_identity *id, struct icd_provider *p);
ic_err icd_accounts_provider_remove(struct icd_identity *id, int64_t org, int64_t provider);
typedef ic_err icd_provider_each(void *ctx, const struct icd_provider *p);
/* org 0: of all. */
ic_err icd_accounts_provider_list(struct icd_identity *id, int64_t org, icd_provider_each *each,
                                  void *ctx);

/* ---- audit log ---- */

/* actor, subject: "user:<id>", "token:<id>" (of the administrators' API), "device:<id>",
 * "certificate:<hex serial>", "domain:<name>", "server"; subject may be "". action: a stable dotted word
 * ("signin.password", "certificate.issued"). detail: a JSON object, or "". A person reads the rows whose actor or
 * subject they are. Never a token, key or password in it. */
ic_err icd_audit_add(struct icd_identity *id, int64_t org, const char *actor, const char *action,
                     const char *subject, const char *detail);
struct icd_audit_row {
    int64_t seq;
    uint64_t at_ms;
    struct ic_view actor, action, subject, detail; /* until the callback returns */
};
struct icd_audit_query {
    int64_t org;
    const char *who;         /* actor or subject, or NULL: all */
    struct ic_view action;   /* exactly, or as "signin." all that begin so; empty: all */
    uint64_t from_ms, to_ms; /* to 0: now */
    int64_t before;          /* seq; 0: the newest */
    unsigned limit;
};
typedef ic_err icd_audit_each(void *ctx, const struct icd_audit_row *row);
/* Newest first. */
ic_err icd_audit_list(struct icd_identity *id, const struct icd_audit_query *q,
                      icd_audit_each *each, void *ctx);

#endif

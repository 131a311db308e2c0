/* What the files of this part share. */
#ifndef ICD_IDENTITY_ACCOUNTS_PRIVATE_H
#define ICD_IDENTITY_ACCOUNTS_PRIVATE_H

#include "core/limit.h"
#include "identity/accounts/accounts.h"
#include "identity/accounts/guard.h"
#include "identity/accounts/oidc.h"
#include "identity/accounts/password.h"
#include "identity/accounts/text.h"
#include "identity/accounts/ticket.h"
#include "identity/accounts/token.h"
#include "identity/accounts/webauthn.h"
#include "identity/admin/policy.h"
#include "identity/live.h"

enum {
    ICD_FRESH_MS = 300000,     /* after a sign-in: passkeys, password, enrolment */
    ICD_ENROLMENT_MS = 600000, /* an enrolment token */
    ICD_KNOWN_CLIENTS = 16,    /* of a user; the one longest unused gives way */
    ICD_PASSKEYS = 20,
    ICD_SESSIONS = 50,         /* of a user; the oldest ends */
    ICD_ENROLMENTS = 20,       /* unused tokens of a user */
    ICD_PASSWORD_JOBS = 2,     /* at once: each takes its memory and a core */
    ICD_PROVIDER_JOBS = 2,     /* at once: each takes a thread for as long as a provider likes */
    ICD_QUEUE = 64,            /* that wait for either */
    ICD_PROVIDER_PER_MIN = 20, /* of an address */
    ICD_FAILURES = 256,
    ICD_ORIGINS = 8,
};

struct icd_oidc_known;
struct icd_password_change;

/* Work for the pool, at most `most` at once, the rest in a line: so that neither passwords nor providers keep
 * all of its threads. */
struct icd_queue {
    struct icd_queued *first, **last;
    size_t at_work, waiting, most;
};

struct icd_accounts {
    struct icd_guard guard;
    struct icd_limiter provider_limit; /* OpenID Connect, by address */
    struct icd_ticket_box tickets;
    struct icd_password_cost cost;
    /* Clients that have signed in before, and who is signed in, have a line of their own: strangers cannot
     * keep them waiting. */
    struct icd_queue passwords, known_passwords, providers;
    struct icd_oidc_known *known;        /* what providers said of themselves */
    struct icd_password_change *changes; /* at work or in line: one of a user */
    /* Failed sign-ins of the last second, for the audit log: written apart from their answers, so that an
     * answer does not take longer where there is an account. */
    struct {
        char user[ICD_ID_LEN + 1];
        int64_t org;
        unsigned count;
    } failures[ICD_FAILURES];
    size_t failure_count;
    /* Pages that may use passkeys; the first is base_url. */
    char origin_text[ICD_ORIGINS][256], origin_host[ICD_ORIGINS][256];
    const char *origins[ICD_ORIGINS];
    size_t origin_count;
    uint64_t swept_ms;
};

extern const char icd_accounts_schema[];

/* ---- rows ---- */
/* A one-row user by a statement of ours: columns as in icd_user_row. */
void icd_user_row(const struct icd_rows *r, int first, struct icd_user *out);
/* The columns that icd_user_row reads. */
#define ICD_USER_COLUMNS                                                                           \
    "u.id, u.org, u.email, u.name, u.state, u.password <> '', u.created_ms, u.signed_in_ms"
/* The PHC text of a password; "" for none. out: ICD_PASSWORD_PHC bytes. */
ic_err icd_user_password(struct icd_identity *id, const char *user, char *out);
ic_err icd_user_password_set(struct icd_identity *id, const char *user, const char *phc);

/* A new session, and what goes with it. token, known: ICD_BEARER_LEN + 1 bytes. auth_ms: when the person proved
 * who they are (0: nobody says). */
struct icd_session_new {
    const struct icd_user *user;
    enum icd_signin_how how;
    uint64_t auth_ms;
    struct ic_view label;
    struct ic_view known; /* the token that the client showed; kept where it is good */
};
ic_err icd_session_make(struct icd_identity *id, const struct icd_session_new *n, char *token,
                        char *known, struct icd_session *out);
const char *icd_signin_name(enum icd_signin_how how); /* "password" */
/* Whether that known-client token is this user's; then hash is what the guard counts by. */
bool icd_known_client(struct icd_identity *id, struct ic_view token, const char *user,
                      uint8_t hash[ICD_TOKEN_HASH]);
/* The user of an unused invitation, which is used then. IC_ERR_DENIED. */
ic_err icd_invitation_take(struct icd_identity *id, struct ic_view token, struct icd_user *out);
/* Of a user who needs none any more. */
ic_err icd_invitations_end(struct icd_identity *id, const char *user);
/* Rows that have ended leave. */
void icd_accounts_sweep(struct icd_identity *id);

struct icd_passkey {
    char user[ICD_ID_LEN + 1];
    char label[ICD_LABEL_MAX + 1];
    struct icd_webauthn_key key;
    uint64_t created_ms, used_ms;
};
/* IC_ERR_NOT_FOUND. */
ic_err icd_passkey_find(struct icd_identity *id, struct ic_view credential, struct icd_passkey *p);
/* IC_ERR_EXISTS, IC_ERR_LIMIT. */
ic_err icd_passkey_add(struct icd_identity *id, const char *user, struct ic_view credential,
                       struct ic_view label, const struct icd_webauthn_key *key);
ic_err icd_passkey_used(struct icd_identity *id, struct ic_view credential, uint32_t counter);

/* The provider of that id; any organisation's. IC_ERR_NOT_FOUND. */
ic_err icd_provider_get(struct icd_identity *id, int64_t provider, struct icd_provider *out);
/* Whom a provider's subject signs in; links by e-mail where that is allowed (*linked). asked: the provider as it was when
 * it was asked; what its row says now counts. IC_ERR_DENIED: nobody, or the provider is there no more. why: static. */
ic_err icd_link_find(struct icd_identity *id, const struct icd_provider *asked,
                     const struct icd_oidc_claims *claims, struct icd_user *out, bool *linked,
                     const char **why);

/* ---- requests ---- */
/* The session of the call, or refused with 401. */
bool icd_call_session(struct icd_call *c, struct icd_session *out);
/* The same, signed in within the last minutes: else 403 `reauthenticate`. */
bool icd_call_fresh(struct icd_call *c, struct icd_session *out);
/* A sign-in that succeeded: makes the session, audits it, answers 201. */
struct icd_signed_in {
    const struct icd_user *user;
    enum icd_signin_how how;
    uint64_t auth_ms;
    const json_t *body; /* "client", "known" */
    const char *detail; /* for the audit log, or NULL */
};
void icd_answer_signed_in(struct icd_call *c, const struct icd_signed_in *s);
/* 401, alike for every reason. */
void icd_answer_not_in(struct icd_call *c);
/* 429 with Retry-After. */
void icd_answer_wait(struct icd_call *c, uint64_t wait_ms);

/* fn on the pool, when its turn comes; else as icd_job. IC_ERR_BUSY: too many wait (the caller frees ctx). */
ic_err icd_queue_job(struct icd_identity *id, struct icd_queue *q, struct icd_call *c,
                     icd_job_work *work, icd_job_done *done, void *ctx);
/* Whether one more may wait. */
bool icd_queue_has_room(const struct icd_queue *q);
/* A failed sign-in of somebody there is. */
void icd_failure_note(struct icd_identity *id, const struct icd_user *u);
void icd_failures_write(struct icd_identity *id);
/* The site whose page asks: by the request's host, else base_url's. */
struct icd_webauthn_site icd_site_of(const struct icd_call *c);

icd_call_fn icd_on_methods, icd_on_password_signin, icd_on_passkey_begin, icd_on_passkey_finish,
    icd_on_oidc_begin, icd_on_oidc_finish, icd_on_invitation, icd_on_signout, icd_on_me,
    icd_on_passkeys, icd_on_passkeys_begin, icd_on_passkeys_finish, icd_on_passkeys_delete,
    icd_on_passkeys_rename, icd_on_password_set, icd_on_sessions, icd_on_sessions_end,
    icd_on_session_end, icd_on_devices, icd_on_device_end, icd_on_audit, icd_on_enrolments;

/* ---- OpenID Connect over the network ---- */
void icd_oidc_forget(struct icd_oidc_known *known);

#endif

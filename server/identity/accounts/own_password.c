/* A person sets their password. Whoever else is signed in as them is signed out. */
#include "identity/accounts/private.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <string.h>

struct icd_password_change {
    struct icd_password_change *next; /* of accounts->changes */
    json_t *body;
    struct ic_view password; /* in body */
    struct icd_session session;
    struct icd_password_cost cost;
    uint8_t salt[ICD_PASSWORD_SALT];
    char phc[ICD_PASSWORD_PHC];
    ic_err result;
};

/* One at a time of a user: who holds a session keeps nobody else's line full, and the last word is not a race. */
static bool is_changing(const struct icd_accounts *a, const char *user)
{
    const struct icd_password_change *p = a->changes;
    while (p && strcmp(p->session.user.id, user) != 0)
        p = p->next;
    return p != NULL;
}

static void change_free(struct icd_accounts *a, struct icd_password_change *p)
{
    struct icd_password_change **at = &a->changes;
    while (*at && *at != p)
        at = &(*at)->next;
    if (*at)
        *at = p->next;
    json_t *v = json_object_get(p->body, "new");
    ic_wipe((void *)(uintptr_t)json_string_value(v), json_string_length(v));
    json_decref(p->body);
    ic_free_secret(p, sizeof *p);
}

static void hash(void *ctx)
{
    struct icd_password_change *p = ctx;
    p->result = icd_password_hash(&p->cost, p->salt, p->password, p->phc);
}

static ic_err store(struct icd_identity *id, struct icd_call *c,
                    const struct icd_password_change *p)
{
    struct icd_session now;
    struct icd_who who = icd_who_user(p->session.user.id);
    uint64_t ended;
    IC_TRY(p->result);
    /* The session may have ended meanwhile, and with it the right to this. */
    IC_TRY(icd_accounts_session_find(id, c->request.token, &now));
    IC_TRY(icd_user_password_set(id, now.user.id, p->phc));
    IC_TRY(icd_invitations_end(id, now.user.id));
    IC_TRY(icd_accounts_sessions_end(id, now.user.id, now.id, &ended));
    return icd_audit_add(id, now.user.org, who.text, "password.changed", who.text, "");
}

static void hashed(struct icd_identity *id, struct icd_call *c, void *ctx)
{
    struct icd_password_change *p = ctx;
    if (c) {
        ic_err e = store(id, c, p);
        if (e == IC_OK)
            icd_call_empty(c, 204);
        else
            icd_call_refuse_err(c, e, "sign in first");
    }
    change_free(id->accounts, p);
}

static void begin(struct icd_call *c, struct icd_password_change *p)
{
    struct icd_identity *id = c->id;
    const json_t *v = json_object_get(p->body, "new");
    const char *why = "new: the password";
    p->password = ic_view(json_string_value(v), json_string_length(v));
    p->cost = id->accounts->cost;
    ic_err e = v ? icd_password_judge(p->password, ic_view_cstr(p->session.user.email), &why)
                 : IC_ERR_MALFORMED;
    if (e == IC_OK)
        e = ic_rand_fill(&id->rand, p->salt, sizeof p->salt);
    if (e == IC_OK) {
        e = icd_queue_job(id, &id->accounts->known_passwords, c, hash, hashed, p);
        if (e == IC_OK)
            return;
        icd_call_refuse(c, 503, "busy", "the server is busy");
    } else {
        icd_call_refuse_err(c, e, why);
    }
    change_free(id->accounts, p);
}

void icd_on_password_set(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    struct icd_policy policy;
    if (!icd_call_fresh(c, &s))
        return;
    if (icd_policy_get(id, s.user.org, &policy) != IC_OK || !policy.passwords) {
        icd_call_refuse(c, 403, "not-allowed", "your organisation allows no passwords");
        return;
    }
    if (is_changing(id->accounts, s.user.id)) {
        icd_call_refuse(c, 409, "busy", "your password is being changed already");
        return;
    }
    json_t *body = icd_call_body(c);
    if (!body)
        return;
    struct icd_password_change *p = ic_new(struct icd_password_change);
    if (!p) {
        json_decref(body);
        icd_call_refuse_err(c, IC_ERR_NOMEM, NULL);
        return;
    }
    p->body = body;
    p->session = s;
    p->next = id->accounts->changes;
    id->accounts->changes = p;
    begin(c, p);
}

/* Signing in by password and by invitation, and which ways there are. */
#include "identity/accounts/private.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <string.h>

/* ---- ways ---- */

static ic_err add_provider(void *ctx, const struct icd_provider *p)
{
    json_t *o = json_pack("{s:I, s:s}", "id", (json_int_t)p->id, "name", p->name);
    return json_array_append_new(ctx, o) == 0 ? IC_OK : IC_ERR_NOMEM;
}

/* Of an address its domain alone counts, so the answer is the same whether somebody has it or not. Without an
 * address: of the organisation, where there is but one. */
static int64_t org_of(struct icd_call *c)
{
    char email[ICD_EMAIL_MAX + 1], clean[ICD_EMAIL_MAX + 1];
    int64_t org = 0, orgs = 0;
    if (icd_call_query(c, "email", email, sizeof email)) {
        if (icd_email_clean(ic_view_cstr(email), clean) != IC_OK ||
            icd_store_int(c->id->store,
                          "SELECT org FROM domains WHERE name = $1 AND verified_ms > 0", &org,
                          ICD_PARAMS(ICD_TEXT(ic_view_cstr(strchr(clean, '@') + 1)))) != IC_OK)
            return 0;
        return org;
    }
    if (icd_store_int(c->id->store, "SELECT count(*) FROM organisations", &orgs, ICD_NO_PARAMS) ==
            IC_OK &&
        orgs == 1)
        IC_IGNORE(
            icd_store_int(c->id->store, "SELECT min(id) FROM organisations", &org, ICD_NO_PARAMS));
    return org;
}

void icd_on_methods(struct icd_identity *id, struct icd_call *c)
{
    struct icd_policy policy;
    int64_t org = org_of(c);
    json_t *methods = json_pack("[s]", "passkey"), *providers = json_array();
    ic_err e = icd_policy_get(id, org, &policy);
    if (e == IC_OK && org)
        e = icd_accounts_provider_list(id, org, add_provider, providers);
    if (e == IC_OK && policy.passwords)
        json_array_append_new(methods, json_string("password"));
    if (json_array_size(providers))
        json_array_append_new(methods, json_string("oidc"));
    json_t *answer = json_pack("{s:o, s:o}", "methods", methods, "providers", providers);
    if (e == IC_OK) {
        icd_call_json(c, 200, answer);
    } else {
        json_decref(answer);
        icd_call_refuse_err(c, e, NULL);
    }
}

/* ---- password ---- */

struct attempt {
    json_t *body;
    struct ic_view password; /* in body */
    char account[ICD_EMAIL_MAX + 1];
    struct icd_user user; /* id "": there is none that may */
    char phc[ICD_PASSWORD_PHC], renewed[ICD_PASSWORD_PHC];
    uint8_t salt[ICD_PASSWORD_SALT], known[ICD_TOKEN_HASH], address[16];
    bool is_known;
    struct icd_password_cost cost;
    ic_err result;
};

static void attempt_free(struct attempt *a)
{
    json_t *v = json_object_get(a->body, "password");
    ic_wipe((void *)(uintptr_t)json_string_value(v), json_string_length(v));
    json_decref(a->body);
    ic_free_secret(a, sizeof *a);
}

static struct icd_guard_try try_of(const struct attempt *a)
{
    return (struct icd_guard_try){.account = ic_view_cstr(a->account),
                                  .address = a->address,
                                  .known = a->is_known ? ic_view(a->known, sizeof a->known)
                                                       : ic_view(NULL, 0)};
}

static void check(void *ctx)
{
    struct attempt *a = ctx;
    a->result = a->phc[0] ? icd_password_check(a->phc, a->password)
                          : icd_password_dummy(&a->cost, a->password);
    if (a->result == IC_OK && icd_password_is_old(&a->cost, a->phc) &&
        icd_password_hash(&a->cost, a->salt, a->password, a->renewed) != IC_OK)
        a->renewed[0] = '\0';
}

/* The account as it is now: it may have changed while the pool was at work. */
static bool still_may(struct icd_identity *id, struct attempt *a)
{
    char phc[ICD_PASSWORD_PHC] = "";
    struct icd_policy policy;
    return icd_accounts_user_get(id, a->user.id, &a->user) == IC_OK &&
           a->user.state != ICD_USER_SUSPENDED && icd_user_password(id, a->user.id, phc) == IC_OK &&
           strcmp(phc, a->phc) == 0 && icd_policy_get(id, a->user.org, &policy) == IC_OK &&
           policy.passwords;
}

static void checked(struct icd_identity *id, struct icd_call *c, void *ctx)
{
    struct attempt *a = ctx;
    struct icd_guard_try t = try_of(a);
    ic_err e = IC_OK;
    if (!c) { /* never begun */
        attempt_free(a);
        return;
    }
    if (a->result == IC_OK && still_may(id, a)) {
        icd_guard_passed(&id->accounts->guard, &t, id->now_ms);
        if (a->renewed[0])
            e = icd_user_password_set(id, a->user.id, a->renewed);
        if (e == IC_OK)
            icd_answer_signed_in(
                c, &(struct icd_signed_in){&a->user, ICD_BY_PASSWORD, id->now_ms, a->body, NULL});
        else
            icd_call_refuse_err(c, e, NULL);
    } else if (a->result == IC_ERR_NOMEM) {
        icd_call_refuse(c, 503, "busy", "the server is busy");
    } else {
        if (a->user.id[0])
            icd_failure_note(id, &a->user);
        icd_answer_not_in(c);
    }
    attempt_free(a);
}

/* Who it may be. Whatever is missing, the same work follows, on nothing. */
static ic_err look_up(struct icd_identity *id, struct attempt *a)
{
    struct icd_policy policy;
    struct icd_user u;
    const char *known = icd_json_text(a->body, "known", ICD_BEARER_LEN);
    ic_err e = icd_accounts_user_by_email(id, ic_view_cstr(a->account), &u);
    if (e == IC_ERR_NOT_FOUND)
        return IC_OK;
    IC_TRY(e);
    IC_TRY(icd_policy_get(id, u.org, &policy));
    if (u.state == ICD_USER_SUSPENDED || !policy.passwords || !u.password)
        return IC_OK;
    IC_TRY(icd_user_password(id, u.id, a->phc));
    a->is_known = known && icd_known_client(id, ic_view_cstr(known), u.id, a->known);
    a->user = u;
    return IC_OK;
}

static ic_err prepare(struct icd_call *c, struct attempt *a)
{
    const json_t *v = json_object_get(a->body, "password");
    const char *email = icd_json_text(a->body, "email", ICD_EMAIL_MAX);
    if (!email || !json_is_string(v) || json_string_length(v) > ICD_PASSWORD_MAX)
        return IC_ERR_MALFORMED;
    a->password = ic_view(json_string_value(v), json_string_length(v));
    if (icd_email_clean(ic_view_cstr(email), a->account) != IC_OK)
        icd_copy_text(a->account, sizeof a->account, ic_view_cstr(email));
    a->cost = c->id->accounts->cost;
    memcpy(a->address, c->request.peer, sizeof a->address);
    IC_TRY(ic_rand_fill(&c->id->rand, a->salt, sizeof a->salt));
    return look_up(c->id, a);
}

static void try_password(struct icd_identity *id, struct icd_call *c, struct attempt *a)
{
    struct icd_guard_try t = try_of(a);
    uint64_t wait_ms = icd_guard_wait_ms(&id->accounts->guard, &t, id->now_ms);
    if (wait_ms) {
        icd_answer_wait(c, wait_ms);
        attempt_free(a);
        return;
    }
    struct icd_accounts *all = id->accounts;
    struct icd_queue *line = a->is_known ? &all->known_passwords : &all->passwords;
    bool room = icd_queue_has_room(line);
    if (room) /* else nothing is looked at, and nothing owed for it */
        icd_guard_failed(&all->guard, &t, id->now_ms);
    if (!room || icd_queue_job(id, line, c, check, checked, a) != IC_OK) {
        icd_call_refuse(c, 503, "busy", "the server is busy");
        attempt_free(a);
    }
}

void icd_on_password_signin(struct icd_identity *id, struct icd_call *c)
{
    json_t *body = icd_call_body(c);
    struct attempt *a = body ? ic_new(struct attempt) : NULL;
    if (!a) {
        json_decref(body);
        if (body)
            icd_call_refuse_err(c, IC_ERR_NOMEM, NULL);
        return;
    }
    a->body = body;
    ic_err e = prepare(c, a);
    if (e == IC_OK) {
        try_password(id, c, a);
        return;
    }
    icd_call_refuse_err(c, e, "email and password: texts");
    attempt_free(a);
}

/* ---- invitation ---- */

void icd_on_invitation(struct icd_identity *id, struct icd_call *c)
{
    struct icd_user u;
    json_t *body = icd_call_body(c);
    const char *token = icd_json_text(body, "token", ICD_BEARER_LEN);
    if (!body)
        return;
    ic_err e = token ? icd_invitation_take(id, ic_view_cstr(token), &u) : IC_ERR_MALFORMED;
    if (e == IC_OK)
        icd_answer_signed_in(
            c, &(struct icd_signed_in){&u, ICD_BY_INVITATION, id->now_ms, body, NULL});
    else if (e == IC_ERR_DENIED)
        icd_answer_not_in(c);
    else
        icd_call_refuse_err(c, e, "token: a text");
    json_decref(body);
}

void icd_on_signout(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    if (!icd_call_session(c, &s))
        return;
    ic_err e = icd_id_write(id);
    if (e == IC_OK)
        e = icd_store_exec(id->store, "DELETE FROM sessions WHERE id = $1", NULL,
                           ICD_PARAMS(ICD_TEXT(ic_view_cstr(s.id))));
    if (e == IC_OK)
        icd_call_empty(c, 204);
    else
        icd_call_refuse_err(c, e, NULL);
}

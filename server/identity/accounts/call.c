/* What the requests of this part have in common. */
#include "identity/accounts/private.h"

#include <ic/base/secret.h>
#include <stdio.h>
#include <string.h>

bool icd_call_session(struct icd_call *c, struct icd_session *out)
{
    ic_err e = icd_accounts_session_find(c->id, c->request.token, out);
    if (e == IC_ERR_DENIED)
        icd_call_refuse(c, 401, "denied", "sign in first");
    else if (e != IC_OK)
        icd_call_refuse_err(c, e, NULL);
    return e == IC_OK;
}

bool icd_call_fresh(struct icd_call *c, struct icd_session *out)
{
    if (!icd_call_session(c, out))
        return false;
    if (c->id->now_ms < out->fresh_until_ms)
        return true;
    icd_call_refuse(c, 403, "reauthenticate", "sign in again for this: it was too long ago");
    return false;
}

void icd_answer_not_in(struct icd_call *c)
{
    icd_call_refuse(c, 401, "denied", "this did not sign you in");
}

void icd_answer_wait(struct icd_call *c, uint64_t wait_ms)
{
    char seconds[24];
    uint64_t s = (wait_ms + 999) / 1000;
    snprintf(seconds, sizeof seconds, "%llu", (unsigned long long)s);
    icd_call_json(c, 429,
                  json_pack("{s:s, s:s, s:I}", "error", "limit", "text",
                            "too many attempts: wait a little", "retry_after", (json_int_t)s));
    icd_call_header(c, "retry-after:", seconds);
}

static json_t *user_json(struct icd_identity *id, const struct icd_user *u)
{
    struct icd_org org = {0};
    if (icd_accounts_org_get(id, u->org, &org) != IC_OK)
        return NULL;
    return json_pack("{s:s, s:s, s:s, s:s}", "id", u->id, "email", u->email, "name", u->name,
                     "organisation", org.name);
}

static ic_err sign_in(struct icd_call *c, const struct icd_signed_in *s, json_t **answer)
{
    struct icd_identity *id = c->id;
    struct icd_session session;
    char token[ICD_BEARER_LEN + 1], known[ICD_BEARER_LEN + 1], action[32], detail[256];
    const char *label = icd_json_text(s->body, "client", ICD_LABEL_MAX);
    const char *shown = icd_json_text(s->body, "known", ICD_BEARER_LEN);
    struct icd_who who = icd_who_user(s->user->id);
    struct icd_session_new n = {.user = s->user,
                                .how = s->how,
                                .auth_ms = s->auth_ms,
                                .label = ic_view_cstr(label),
                                .known = ic_view_cstr(shown)};
    IC_TRY(icd_session_make(id, &n, token, known, &session));
    snprintf(action, sizeof action, "signin.%s", icd_signin_name(s->how));
    snprintf(detail, sizeof detail, "{\"session\":\"%s\"}", session.id);
    IC_TRY(icd_audit_add(id, s->user->org, who.text, action, who.text, detail));
    *answer = json_pack("{s:s, s:I, s:I, s:s, s:o}", "token", token, "expires",
                        (json_int_t)(session.ends_ms / 1000), "fresh_until",
                        (json_int_t)(session.fresh_until_ms / 1000), "known", known, "user",
                        user_json(id, &session.user));
    ic_wipe(token, sizeof token);
    ic_wipe(known, sizeof known);
    return *answer ? IC_OK : IC_ERR_NOMEM;
}

void icd_answer_signed_in(struct icd_call *c, const struct icd_signed_in *s)
{
    json_t *answer = NULL;
    ic_err e = sign_in(c, s, &answer);
    if (e == IC_OK)
        icd_call_json(c, 201, answer);
    else if (e == IC_ERR_DENIED)
        icd_answer_not_in(c);
    else
        icd_call_refuse_err(c, e, NULL);
}

struct icd_webauthn_site icd_site_of(const struct icd_call *c)
{
    const struct icd_accounts *a = c->id->accounts;
    size_t best = 0;
    for (size_t i = 0; i < a->origin_count; i++)
        if (ic_view_equal(c->request.host, ic_view_cstr(strstr(a->origins[i], "://") + 3)))
            best = i;
    return (struct icd_webauthn_site){a->origin_host[best], &a->origins[best], 1};
}

/* ---- failures ---- */

void icd_failure_note(struct icd_identity *id, const struct icd_user *u)
{
    struct icd_accounts *a = id->accounts;
    size_t i = 0;
    while (i < a->failure_count && strcmp(a->failures[i].user, u->id) != 0)
        i++;
    if (i == ICD_FAILURES)
        return; /* the guard has made them few; the log says how many it knows of */
    if (i == a->failure_count) {
        a->failure_count++;
        memcpy(a->failures[i].user, u->id, sizeof u->id);
        a->failures[i].org = u->org;
        a->failures[i].count = 0;
    }
    a->failures[i].count++;
}

void icd_failures_write(struct icd_identity *id)
{
    struct icd_accounts *a = id->accounts;
    for (size_t i = 0; i < a->failure_count; i++) {
        char detail[64];
        struct icd_who who = icd_who_user(a->failures[i].user);
        snprintf(detail, sizeof detail, "{\"times\":%u}", a->failures[i].count);
        if (icd_audit_add(id, a->failures[i].org, "server", "signin.failed", who.text, detail) !=
            IC_OK)
            return;
    }
    a->failure_count = 0;
}

/* /tokens */
#include "identity/admin/private.h"

#include <ic/base/secret.h>
#include <stdio.h>
#include <string.h>

enum { LIFE_MIN_S = 60, LIFE_MAX_S = 366 * 86400, LIFE_S = 90 * 86400 };

static json_t *scopes_json(uint32_t scopes)
{
    json_t *list = json_array();
    for (size_t i = 0; icd_scope_name(i); i++)
        if (scopes & 1u << i)
            json_array_append_new(list, json_string(icd_scope_name(i)));
    return list;
}

static json_t *token_json(const struct icd_admin_token *t, uint64_t now_ms)
{
    json_t *o = json_pack("{s:s, s:s, s:o, s:s, s:I, s:I, s:b}", "id", t->id, "name", t->name,
                          "scopes", scopes_json(t->scopes), "made_by", t->made_by, "created",
                          (json_int_t)(t->created_ms / 1000), "expires",
                          (json_int_t)(t->end_ms / 1000), "ended", t->end_ms <= now_ms);
    if (o && t->used_ms)
        json_object_set_new(o, "used", json_integer((json_int_t)(t->used_ms / 1000)));
    return o;
}

json_t *icd_admin_token_json(const struct icd_admin_call *a)
{
    return token_json(&a->token, a->id->now_ms);
}

struct listing {
    json_t *list;
    uint64_t now_ms;
};

static ic_err add_token(void *ctx, const struct icd_admin_token *t)
{
    struct listing *l = ctx;
    return json_array_append_new(l->list, token_json(t, l->now_ms)) == 0 ? IC_OK : IC_ERR_NOMEM;
}

void icd_admin_tokens(struct icd_admin_call *a)
{
    struct listing l = {json_array(), a->id->now_ms};
    ic_err e = icd_admin_token_list(a->id, a->org, add_token, &l);
    if (e == IC_OK) {
        icd_call_json(a->c, 200, json_pack("{s:o}", "tokens", l.list));
        return;
    }
    json_decref(l.list);
    icd_admin_failed(a, e, NULL, "the tokens cannot be listed");
}

/* 0: refused. */
static uint32_t take_scopes(struct icd_admin_call *a, const json_t *list)
{
    uint32_t all = 0;
    size_t i;
    json_t *item;
    char text[160];
    json_array_foreach(list, i, item)
    {
        uint32_t one = json_is_string(item) ? icd_scope_by_name(json_string_value(item)) : 0;
        if (!one) {
            icd_admin_wrong(a, "scopes",
                            "scopes are users:read, users:write, domains, roots, policy, audit, "
                            "certificates, tokens");
            return 0;
        }
        uint32_t has = a->token.scopes;
        if (has & ICD_SCOPE_USERS_WRITE)
            has |= ICD_SCOPE_USERS_READ;
        if (one & ~has) {
            snprintf(text, sizeof text, "the token in use lacks %s, and cannot give it",
                     json_string_value(item));
            icd_admin_refuse(a, 403, "denied", "scopes", text);
            return 0;
        }
        all |= one;
    }
    if (!all)
        icd_admin_wrong(a, "scopes", "a list of one scope at least is needed");
    return all;
}

static void make(struct icd_admin_call *a, struct icd_admin_token *t)
{
    char text[ICD_ADMIN_TOKEN_LEN + 1] = "", subject[32];
    json_t *o = NULL;
    ic_err e = icd_admin_token_add(a->id, t, text);
    if (e == IC_OK) {
        snprintf(subject, sizeof subject, "token:%s", t->id);
        e = icd_admin_audit(
            a, "token.added", subject,
            json_pack("{s:s, s:o}", "name", t->name, "scopes", scopes_json(t->scopes)));
    }
    if (e == IC_OK) {
        o = token_json(t, a->id->now_ms);
        if (o)
            json_object_set_new(o, "token", json_string(text));
        icd_call_json(a->c, 201, o);
    } else {
        icd_admin_failed(a, e, "name", "this is no name");
    }
    ic_wipe(text, sizeof text);
}

void icd_admin_token_make(struct icd_admin_call *a)
{
    struct icd_admin_token t = {.org = a->org};
    json_t *o = icd_admin_body(a, "name scopes expires_s");
    const json_t *life = json_object_get(o, "expires_s");
    const char *name = o ? icd_admin_text(a, o, "name", 1, ICD_ADMIN_TOKEN_NAME_MAX, true) : NULL;
    json_int_t s = life ? json_integer_value(life) : LIFE_S;
    if (name && (s < LIFE_MIN_S || s > LIFE_MAX_S || (life && !json_is_integer(life)))) {
        icd_admin_wrong(a, "expires_s", "a whole number from 60 to 31622400 (366 days)");
    } else if (name) {
        t.scopes = take_scopes(a, json_object_get(o, "scopes"));
        snprintf(t.name, sizeof t.name, "%s", name);
        snprintf(t.made_by, sizeof t.made_by, "%s", a->actor);
        t.end_ms = a->id->now_ms + (uint64_t)s * 1000;
        /* Or a token that leaked would live on in those it made. */
        if (t.end_ms > a->token.end_ms)
            t.end_ms = a->token.end_ms;
        if (t.scopes)
            make(a, &t);
    }
    json_decref(o);
}

void icd_admin_token_revoke(struct icd_admin_call *a)
{
    char subject[ICD_WHO_MAX];
    uint64_t count = 0;
    ic_err e = icd_admin_token_remove(a->id, a->org, ic_view_cstr(a->param), &count);
    snprintf(subject, sizeof subject, "token:%.200s", a->param);
    if (e == IC_OK)
        e = icd_admin_audit(a, "token.revoked", subject,
                            json_pack("{s:I}", "made_by_it", (json_int_t)count - 1));
    if (e == IC_OK)
        icd_call_empty(a->c, 204);
    else
        icd_admin_failed(a, e, NULL, "the organisation has no such token");
}

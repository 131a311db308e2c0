/* What every handler asks for and answers with. */
#include "identity/admin/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void icd_admin_refuse(struct icd_admin_call *a, int status, const char *code, const char *field,
                      const char *text)
{
    json_t *o = json_pack("{s:s, s:s}", "error", code, "text", text);
    if (o && field)
        json_object_set_new(o, "field", json_string(field));
    icd_call_json(a->c, status, o);
}

void icd_admin_wrong(struct icd_admin_call *a, const char *field, const char *text)
{
    icd_admin_refuse(a, 400, "invalid", field, text);
}

void icd_admin_failed(struct icd_admin_call *a, ic_err e, const char *field, const char *text)
{
    switch (e) {
    case IC_ERR_NOT_FOUND:
        icd_admin_refuse(a, 404, "not-found", field, text);
        break;
    case IC_ERR_EXISTS:
        icd_admin_refuse(a, 409, "exists", field, text);
        break;
    case IC_ERR_STATE:
        icd_admin_refuse(a, 409, "state", field, text);
        break;
    case IC_ERR_IO:
    case IC_ERR_NOMEM:
    case IC_ERR_CRYPTO:
        icd_admin_refuse(a, 500, "server", NULL, "the server could not do this");
        break;
    case IC_ERR_LIMIT:
        icd_admin_refuse(a, 429, "limit", field, text);
        break;
    default:
        icd_admin_wrong(a, field, text);
    }
}

json_t *icd_admin_body(struct icd_admin_call *a, const char *fields)
{
    const char *name;
    json_t *value, *o = a->c->request.body.len ? icd_call_body(a->c) : json_object();
    char text[200];
    if (!o || icd_json_only(o, fields))
        return o;
    json_object_foreach(o, name, value)
    {
        json_t *one = json_pack("{s:b}", name, 1);
        if (!icd_json_only(one, fields)) {
            snprintf(text, sizeof text, "there is no such field; there are: %s",
                     *fields ? fields : "none");
            icd_admin_wrong(a, strlen(name) < 64 ? name : NULL, text);
        }
        json_decref(one);
    }
    json_decref(o);
    return NULL;
}

const char *icd_admin_text(struct icd_admin_call *a, const json_t *o, const char *field, size_t min,
                           size_t max, bool needed)
{
    char words[120];
    const char *text = icd_json_text(o, field, max);
    if (!json_object_get(o, field) && !needed)
        return NULL;
    if (text && strlen(text) >= min)
        return text;
    snprintf(words, sizeof words, "a text of %zu to %zu bytes without control characters is needed",
             min, max);
    icd_admin_wrong(a, field, words);
    return NULL;
}

static bool has_query(const struct icd_call *c, const char *name)
{
    struct ic_view q = c->request.query;
    size_t n = strlen(name);
    for (size_t at = 0, end; at < q.len; at = end + 1) {
        for (end = at; end < q.len && q.p[end] != '&'; end++)
            ;
        if (end - at >= n && memcmp(q.p + at, name, n) == 0 &&
            (end - at == n || q.p[at + n] == '='))
            return true;
    }
    return false;
}

bool icd_admin_number(struct icd_admin_call *a, const char *name, int64_t min, int64_t max,
                      int64_t *out)
{
    char text[24], words[120], *end = text;
    if (!has_query(a->c, name))
        return true;
    if (icd_call_query(a->c, name, text, sizeof text) && text[0] >= '0' && text[0] <= '9') {
        errno = 0;
        long long v = strtoll(text, &end, 10);
        if (errno == 0 && *end == '\0' && v >= min && v <= max) {
            *out = v;
            return true;
        }
    }
    snprintf(words, sizeof words, "a whole number from %lld to %lld", (long long)min,
             (long long)max);
    icd_admin_wrong(a, name, words);
    return false;
}

bool icd_admin_flag(struct icd_admin_call *a, const char *name, bool *out)
{
    char text[8] = "";
    if (!has_query(a->c, name))
        return true;
    bool ok = icd_call_query(a->c, name, text, sizeof text);
    if (ok && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
        *out = text[0] == 't';
        return true;
    }
    icd_admin_wrong(a, name, "true or false");
    return false;
}

ic_err icd_admin_audit(struct icd_admin_call *a, const char *action, const char *subject,
                       json_t *detail)
{
    char *text = detail ? json_dumps(detail, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    ic_err e = detail && !text
                   ? IC_ERR_NOMEM
                   : icd_audit_add(a->id, a->org, a->actor, action, subject, text ? text : "");
    json_decref(detail);
    free(text);
    return e;
}

bool icd_admin_user(struct icd_admin_call *a, const char *who, const char *field,
                    struct icd_user *out)
{
    struct icd_user u;
    ic_err e = strchr(who, '@') ? icd_accounts_user_by_email(a->id, ic_view_cstr(who), &u)
                                : icd_accounts_user_get(a->id, who, &u);
    /* Another organisation's is none. */
    if (e == IC_OK && u.org != a->org)
        e = IC_ERR_NOT_FOUND;
    if (e == IC_OK)
        *out = u;
    else
        icd_admin_failed(a, e == IC_ERR_MALFORMED ? IC_ERR_NOT_FOUND : e, field,
                         "the organisation has no such user");
    return e == IC_OK;
}

json_t *icd_admin_invitation(struct icd_admin_call *a, const char *token, uint64_t expires_ms)
{
    char url[400];
    snprintf(url, sizeof url, "%s/signin#invitation=%s", a->id->config->base_url, token);
    return json_pack("{s:s, s:s, s:I}", "token", token, "url", url, "expires",
                     (json_int_t)(expires_ms / 1000));
}

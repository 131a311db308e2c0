/* How a request's parts are read and its answer is made. */
#include "identity/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- answering ---- */

static void set(struct icd_call *c, int status, const char *type, struct ic_view bytes)
{
    ic_buf_clear(&c->response.body);
    ic_buf_init(&c->response.body, 16 << 20);
    c->response.status = status;
    c->response.type = bytes.len ? type : NULL;
    if (ic_buf_append(&c->response.body, bytes) != IC_OK)
        c->response.status = 500;
}

void icd_call_bytes(struct icd_call *c, int status, const char *type, struct ic_view bytes)
{
    set(c, status, type, bytes);
}

void icd_call_empty(struct icd_call *c, int status)
{
    set(c, status, NULL, ic_view(NULL, 0));
}

void icd_call_json(struct icd_call *c, int status, json_t *take)
{
    char *text = take ? json_dumps(take, JSON_COMPACT) : NULL;
    json_decref(take);
    if (text)
        set(c, status, "application/json", ic_view_cstr(text));
    else
        icd_call_empty(c, 500);
    free(text);
}

void icd_call_refuse(struct icd_call *c, int status, const char *code, const char *text)
{
    icd_call_json(c, status, json_pack("{s:s, s:s}", "error", code, "text", text));
}

void icd_call_refuse_err(struct icd_call *c, ic_err e, const char *text)
{
    switch (e) {
    case IC_ERR_NOT_FOUND:
        icd_call_refuse(c, 404, "not-found", text);
        break;
    case IC_ERR_EXISTS:
        icd_call_refuse(c, 409, "exists", text);
        break;
    case IC_ERR_DENIED:
        icd_call_refuse(c, 403, "denied", text);
        break;
    case IC_ERR_LIMIT:
        icd_call_refuse(c, 429, "limit", text);
        break;
    case IC_ERR_IO:
    case IC_ERR_NOMEM:
    case IC_ERR_CRYPTO:
        icd_call_refuse(c, 500, "server", "the server could not do this");
        break;
    default:
        icd_call_refuse(c, 400, "invalid", text);
    }
}

void icd_call_header(struct icd_call *c, const char *name, const char *value)
{
    struct icd_http_response *r = &c->response;
    size_t n = strlen(value);
    if (r->extra_count == ICD_HTTP_EXTRAS || n >= sizeof r->extra[0].value ||
        strpbrk(value, "\r\n")) {
        icd_call_empty(c, 500);
        return;
    }
    struct icd_http_extra *e = &r->extra[r->extra_count++];
    e->name = name;
    memcpy(e->value, value, n + 1);
}

/* ---- asking ---- */

json_t *icd_call_body(struct icd_call *c)
{
    json_error_t error;
    struct ic_view b = c->request.body;
    json_t *o = json_loadb((const char *)b.p, b.len, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(o))
        return o;
    json_decref(o);
    icd_call_refuse(c, 400, "malformed", "the body is no JSON object, or names a field twice");
    return NULL;
}

const char *icd_json_text(const json_t *o, const char *name, size_t max)
{
    const json_t *v = json_object_get(o, name);
    if (!json_is_string(v) || json_string_length(v) > max ||
        !ic_view_is_text(ic_view(json_string_value(v), json_string_length(v))))
        return NULL;
    return json_string_value(v);
}

static bool among(const char *key, const char *names)
{
    size_t n = strlen(key);
    for (const char *at = names; (at = strstr(at, key)) != NULL; at += n)
        if (n && (at == names || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    return false;
}

bool icd_json_only(const json_t *o, const char *names)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)o, key, value)
    {
        if (!among(key, names))
            return false;
    }
    return true;
}

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode(struct ic_view v, char *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < v.len; i++) {
        int c = v.p[i];
        if (c == '%') {
            if (i + 2 >= v.len || hex(v.p[i + 1]) < 0 || hex(v.p[i + 2]) < 0)
                return false;
            c = hex(v.p[i + 1]) * 16 + hex(v.p[i + 2]);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c == 0 || n + 1 >= cap)
            return false;
        out[n++] = (char)c;
    }
    if (!ic_view_is_text(ic_view(out, n)))
        return false;
    out[n] = '\0';
    return true;
}

bool icd_call_query(const struct icd_call *c, const char *name, char *out, size_t cap)
{
    struct ic_view q = c->request.query;
    size_t n = strlen(name);
    for (size_t at = 0, end; at < q.len; at = end + 1) {
        for (end = at; end < q.len && q.p[end] != '&'; end++)
            ;
        if (end - at > n && memcmp(q.p + at, name, n) == 0 && q.p[at + n] == '=')
            return decode(ic_view_sub(q, at + n + 1, end - at - n - 1), out, cap);
    }
    return false;
}

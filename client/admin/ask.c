/* Requests to the identity service, one after another, and what their failures mean. */
#include "admin/admin.h"
#include "net/net.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct answer {
    int status;
    struct ic_buf body;
    bool done;
};

static void on_answer(void *ctx, int status, struct ic_view body)
{
    struct answer *r = ctx;
    r->status = status;
    r->done = true;
    IC_IGNORE(ic_buf_append(&r->body, body));
}

static void ask(struct icc_admin *a, const char *method, const char *path, const char *type,
                struct ic_view body, struct answer *out)
{
    char full[ICC_ADMIN_PATH_MAX + 32];
    snprintf(full, sizeof full, "/api/v1/admin%s", path);
    struct icc_net_call c = {
        .method = method, .path = full, .token = a->token, .type = type, .body = body};
    *out = (struct answer){0};
    ic_buf_init(&out->body, 1 << 20);
    ic_err e = icc_net_call(a->net, &c, on_answer, out);
    while (e == IC_OK && !out->done && uv_run(&a->loop, UV_RUN_ONCE))
        ;
}

/* ---- failures ---- */

static void hint(int status, const char *code)
{
    if (status == 401)
        fputs("  `incamera admin login` takes another token; on the server,\n"
              "  `incamerad --admin-token ORGANISATION` prints one.\n",
              stderr);
    else if (strcmp(code, "scope") == 0)
        fputs("  `incamera admin login` shows which scopes the token in use has.\n", stderr);
}

static void tell(const struct answer *r)
{
    json_t *o = json_loadb((const char *)r->body.p, r->body.len, 0, NULL);
    char text[1024], field[1024];
    const json_t *sentence = json_object_get(o, "text"), *where = json_object_get(o, "field");
    const char *code = json_string_value(json_object_get(o, "error"));
    if (r->status == 0 && r->body.len)
        fprintf(stderr, "incamera: %.*s\n", (int)r->body.len, (const char *)r->body.p);
    else if (r->status == 0)
        fputs("incamera: the server was not asked: no memory, or no network\n", stderr);
    else if (json_is_string(sentence))
        fprintf(stderr, "incamera: %s%s%s\n",
                json_is_string(where) ? icc_admin_harmless(where, field) : "",
                json_is_string(where) ? ": " : "", icc_admin_harmless(sentence, text));
    else if (r->status / 100 == 2)
        fputs("incamera: the server's answer is not understood\n", stderr);
    else if (r->status == 404)
        fputs("incamera: this server has no administrators' interface\n", stderr);
    else
        fprintf(stderr, "incamera: the server answered %d\n", r->status);
    hint(r->status, code ? code : "");
    json_decref(o);
}

static json_t *take_json(struct answer *r)
{
    json_t *o = NULL;
    if (r->status == 204)
        o = json_object();
    else if (r->status / 100 == 2)
        o = json_loadb((const char *)r->body.p, r->body.len, 0, NULL);
    if (!json_is_object(o)) {
        json_decref(o);
        o = NULL;
        tell(r);
    }
    ic_buf_clear_secret(&r->body);
    return o;
}

/* ---- requests ---- */

json_t *icc_admin_get(struct icc_admin *a, const char *path)
{
    struct answer r;
    ask(a, "GET", path, NULL, (struct ic_view){0}, &r);
    return take_json(&r);
}

json_t *icc_admin_send(struct icc_admin *a, const char *method, const char *path, json_t *body)
{
    struct answer r;
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    ask(a, method, path, "application/json", ic_view_cstr(text), &r);
    if (text)
        ic_wipe(text, strlen(text));
    free(text);
    return take_json(&r);
}

json_t *icc_admin_csv(struct icc_admin *a, const char *path, struct ic_view text)
{
    struct answer r;
    ask(a, "POST", path, "text/csv", text, &r);
    return take_json(&r);
}

bool icc_admin_text(struct icc_admin *a, const char *path, struct ic_buf *out)
{
    struct answer r;
    ask(a, "GET", path, NULL, (struct ic_view){0}, &r);
    bool ok = r.status == 200 && ic_buf_append(out, ic_buf_view(&r.body)) == IC_OK;
    if (!ok)
        tell(&r);
    ic_buf_clear(&r.body);
    return ok;
}

static bool next_page(const json_t *answer, const char *path, const char *cursor, char *out)
{
    const json_t *next = json_object_get(answer, "next");
    char number[24];
    snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(next));
    if (!next)
        return false;
    snprintf(out, ICC_ADMIN_PATH_MAX, "%s", path);
    icc_admin_param(out, cursor, json_is_string(next) ? json_string_value(next) : number);
    return true;
}

json_t *icc_admin_pages(struct icc_admin *a, const char *path, const char *name, const char *cursor,
                        size_t max)
{
    enum { PAGE = 500 };
    char base[ICC_ADMIN_PATH_MAX], at[ICC_ADMIN_PATH_MAX], limit[8];
    json_t *all = json_array();
    bool more = true;
    snprintf(limit, sizeof limit, "%zu", max && max < PAGE ? max : (size_t)PAGE);
    snprintf(base, sizeof base, "%s", path);
    icc_admin_param(base, "limit", limit);
    memcpy(at, base, sizeof at);
    while (more) {
        json_t *page = icc_admin_get(a, at);
        if (!page) {
            json_decref(all);
            return NULL;
        }
        json_array_extend(all, json_object_get(page, name));
        more = (!max || json_array_size(all) < max) && next_page(page, base, cursor, at);
        json_decref(page);
    }
    while (max && json_array_size(all) > max)
        json_array_remove(all, json_array_size(all) - 1);
    return json_pack("{s:o}", name, all);
}

/* ---- paths ---- */

static void append_encoded(char *out, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@";
    size_t n = strlen(out);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (n + 4 > ICC_ADMIN_PATH_MAX)
            break;
        n += (size_t)snprintf(out + n, ICC_ADMIN_PATH_MAX - n, strchr(plain, *p) ? "%c" : "%%%02X",
                              *p);
    }
}

void icc_admin_path(char *out, const char *format, const char *part)
{
    const char *mark = strstr(format, "%s");
    snprintf(out, ICC_ADMIN_PATH_MAX, "%.*s", (int)(mark ? mark - format : (long)strlen(format)),
             format);
    if (!mark)
        return;
    append_encoded(out, part);
    size_t n = strlen(out);
    snprintf(out + n, ICC_ADMIN_PATH_MAX - n, "%s", mark + 2);
}

void icc_admin_param(char *path, const char *name, const char *value)
{
    size_t n = strlen(path);
    if (!value)
        return;
    snprintf(path + n, ICC_ADMIN_PATH_MAX - n, "%c%s=", strchr(path, '?') ? '&' : '?', name);
    append_encoded(path, value);
}

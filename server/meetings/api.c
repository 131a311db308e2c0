#include "meetings/api.h"
#include "core/live.h"
#include "meetings/meetings.h"

#include <ic/base/text.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_DEFAULT = 100, LIST_MAX = 1000 };
static const char base[] = "/api/v1/meetings";

struct call {
    struct icd_core *core;
    const struct icd_api_request *request;
    int64_t org;
    int status;
    json_t *answer; /* owned; NULL: none */
};

static void fail(struct call *c, int status, const char *code, const char *text)
{
    json_decref(c->answer);
    c->status = status;
    c->answer = json_pack("{s:s, s:s}", "error", code, "text", text);
}

static void fail_err(struct call *c, ic_err e, const char *text)
{
    switch (e) {
    case IC_ERR_NOT_FOUND:
        fail(c, 404, "not-found", "there is no such meeting");
        break;
    case IC_ERR_EXISTS:
        fail(c, 409, "exists", text);
        break;
    case IC_ERR_LIMIT:
        fail(c, 429, "limit", text);
        break;
    case IC_ERR_IO:
    case IC_ERR_NOMEM:
    case IC_ERR_CRYPTO:
        fail(c, 500, "server", "the server could not do this");
        break;
    default:
        fail(c, 400, "invalid", text);
    }
}

/* ---- meetings as JSON ---- */

static const char *kind_name(uint8_t kind)
{
    return kind == IC_WIRE_INSTANT     ? "instant"
           : kind == IC_WIRE_SCHEDULED ? "scheduled"
                                       : "personal";
}

static const char *state_name(uint8_t state)
{
    return state == IC_WIRE_WAITING ? "waiting" : state == IC_WIRE_OPEN ? "open" : "over";
}

static json_t *to_json(const struct icd_meeting *m)
{
    json_t *invited = json_array();
    struct ic_view list = ic_buf_view(&m->invited), who;
    while (ic_wire_list_next(&list, &who))
        json_array_append_new(invited, json_stringn((const char *)who.p, who.len));
    char path[8 + ICD_MEETING_ID_TEXT];
    memcpy(path, "/m/", 3);
    memcpy(path + 3, m->id, ICD_MEETING_ID_TEXT + 1);
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s%, s:i, s:s, s:I, s:o}", "id", m->id, "path",
                          path, "kind", kind_name(m->kind), "state", state_name(m->state), "title",
                          m->title.len ? (const char *)m->title.p : "", m->title.len, "suite",
                          (int)m->suite, "number", m->number, "created",
                          (json_int_t)(m->created_ms / 1000), "invited", invited);
    if (o && m->kind == IC_WIRE_SCHEDULED) {
        json_object_set_new(o, "start", json_integer((json_int_t)m->start_s));
        json_object_set_new(o, "end", json_integer((json_int_t)m->end_s));
    }
    return o;
}

/* ---- POST ---- */

static ic_err parse_invited(json_t *array, struct ic_buf *out)
{
    size_t i;
    json_t *item;
    if (!array)
        return IC_OK;
    if (!json_is_array(array))
        return IC_ERR_MALFORMED;
    json_array_foreach(array, i, item)
    {
        if (!json_is_string(item))
            return IC_ERR_MALFORMED;
        IC_TRY(ic_wire_list_add(out, ic_view(json_string_value(item), json_string_length(item))));
    }
    return IC_OK;
}

static bool known_keys(const json_t *o)
{
    static const char *const keys[] = {"terms", "title", "start", "end", "invited"};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)o, key, value)
    {
        size_t i = 0;
        while (i < sizeof keys / sizeof *keys && strcmp(keys[i], key) != 0)
            i++;
        if (i == sizeof keys / sizeof *keys)
            return false;
    }
    return true;
}

static bool take_time(const json_t *o, const char *key, uint64_t *out)
{
    const json_t *v = json_object_get(o, key);
    if (v && (!json_is_integer(v) || json_integer_value(v) < 0))
        return false;
    *out = v ? (uint64_t)json_integer_value(v) : 0;
    return true;
}

static const char *take_fields(const json_t *o, struct icd_meeting_new *n, struct ic_buf *terms,
                               struct ic_buf *invited)
{
    const json_t *text = json_object_get(o, "terms"), *title = json_object_get(o, "title");
    if (!known_keys(o))
        return "an unknown field";
    if (!json_is_string(text) ||
        ic_base64_decode(IC_BASE64_URL, ic_view(json_string_value(text), json_string_length(text)),
                         terms) != IC_OK)
        return "terms: signed terms in base64url";
    if (title && !json_is_string(title))
        return "title: a text";
    if (!take_time(o, "start", &n->start_s) || !take_time(o, "end", &n->end_s))
        return "start, end: seconds since 1970";
    if (parse_invited(json_object_get(o, "invited"), invited) != IC_OK)
        return "invited: a list of texts";
    n->terms = ic_buf_view(terms);
    n->invited = ic_buf_view(invited);
    if (title)
        n->title = ic_view(json_string_value(title), json_string_length(title));
    return NULL;
}

/* By its policy, which is no part of the terms: they hold for the members, this for who makes meetings here. */
static const char *forbidden(struct call *c, struct ic_view terms)
{
    const struct icd_api_request *r = c->request;
    char name[ICD_ORG_NAME_MAX + 1];
    struct ic_wire_terms t;
    if (!r->judge || ic_wire_terms_decode(terms, &t) != IC_OK ||
        icd_orgs_name(c->core, c->org, name) != IC_OK)
        return NULL; /* icd_meetings_create says what is wrong with the terms */
    return r->judge(r->judge_ctx, ic_view_cstr(name), t.admission);
}

static void create_from(struct call *c, const json_t *o)
{
    IC_BUF_SCOPE(terms, IC_WIRE_TERMS_MAX);
    IC_BUF_SCOPE(invited, ICD_API_BODY_MAX);
    struct icd_meeting_new n = {0};
    const char *why = take_fields(o, &n, &terms, &invited);
    if (why) {
        fail(c, 400, "malformed", why);
        return;
    }
    why = forbidden(c, n.terms);
    if (why) {
        fail(c, 403, "policy", why);
        return;
    }
    struct icd_meeting m;
    ic_err e = icd_meetings_create(c->core, c->org, &n, &m, &why);
    if (e != IC_OK) {
        fail_err(c, e, why);
        return;
    }
    c->status = 201;
    c->answer = to_json(&m);
    icd_meeting_clear(&m);
}

static void create(struct call *c)
{
    json_error_t error;
    struct ic_view body = c->request->body;
    json_t *o = json_loadb((const char *)body.p, body.len, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(o))
        fail(c, 400, "malformed", "the body is no JSON object, or names a field twice");
    else
        create_from(c, o);
    json_decref(o);
}

/* ---- GET and DELETE ---- */

static ic_err add_to_list(void *ctx, const struct icd_meeting *m)
{
    return json_array_append_new(ctx, to_json(m)) == 0 ? IC_OK : IC_ERR_NOMEM;
}

/* A decimal parameter of the query; false where it is there and not one. */
static bool query_number(struct ic_view query, const char *name, uint64_t *out)
{
    size_t n = strlen(name);
    for (size_t at = 0; at < query.len;) {
        size_t end = at;
        while (end < query.len && query.p[end] != '&')
            end++;
        if (end - at > n && memcmp(query.p + at, name, n) == 0 && query.p[at + n] == '=') {
            uint64_t v = 0;
            for (size_t i = at + n + 1; i < end; i++) {
                if (query.p[i] < '0' || query.p[i] > '9' || v > UINT64_MAX / 100)
                    return false;
                v = v * 10 + (query.p[i] - '0');
            }
            *out = v;
        }
        at = end + 1;
    }
    return true;
}

static void list(struct call *c)
{
    uint64_t limit = LIST_DEFAULT, before = 0;
    if (!query_number(c->request->query, "limit", &limit) || limit == 0 || limit > LIST_MAX ||
        !query_number(c->request->query, "before", &before) || before > INT64_MAX) {
        fail(c, 400, "invalid", "limit: 1 to 1000; before: milliseconds since 1970");
        return;
    }
    json_t *all = json_array();
    ic_err e = icd_meetings_list(c->core, c->org, before, (unsigned)limit, add_to_list, all);
    if (e != IC_OK) {
        json_decref(all);
        fail_err(c, e, NULL);
        return;
    }
    c->answer = json_pack("{s:o}", "meetings", all);
}

static void show(struct call *c, struct ic_view id)
{
    struct icd_meeting m;
    ic_err e = icd_meetings_show(c->core, c->org, id, &m);
    if (e != IC_OK) {
        fail_err(c, e, NULL);
        return;
    }
    c->answer = to_json(&m);
    icd_meeting_clear(&m);
}

static void remove_one(struct call *c, struct ic_view id)
{
    ic_err e = icd_meetings_delete(c->core, c->org, id);
    if (e != IC_OK)
        fail_err(c, e, NULL);
    else
        c->status = 204;
}

static bool is_method(const struct call *c, const char *name)
{
    return ic_view_equal(c->request->method, ic_view_cstr(name));
}

static void route(struct call *c)
{
    struct ic_view path = c->request->path;
    size_t n = sizeof base - 1;
    if (path.len == n && is_method(c, "GET"))
        list(c);
    else if (path.len == n && is_method(c, "POST"))
        create(c);
    else if (path.len == n)
        fail(c, 405, "method", "GET or POST");
    else if (is_method(c, "GET"))
        show(c, ic_view_sub(path, n + 1, path.len - n - 1));
    else if (is_method(c, "DELETE"))
        remove_one(c, ic_view_sub(path, n + 1, path.len - n - 1));
    else
        fail(c, 405, "method", "GET or DELETE");
}

/* A person makes meetings; all of an organisation's are for its token. */
static void route_person(struct call *c)
{
    ic_err e = IC_OK;
    if (c->request->path.len != sizeof base - 1 || !is_method(c, "POST"))
        fail(c, 403, "denied", "people make meetings; the rest takes the organisation's token");
    else if ((e = icd_orgs_open(c->core, c->request->organisation, &c->org)) != IC_OK)
        fail_err(c, e, "the organisation");
    else
        create(c);
}

static bool is_ours(struct ic_view path)
{
    size_t n = sizeof base - 1;
    return path.len >= n && memcmp(path.p, base, n) == 0 && (path.len == n || path.p[n] == '/');
}

static ic_err write_json(const json_t *answer, struct ic_buf *body)
{
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    if (answer && !text)
        return IC_ERR_NOMEM;
    ic_err e = ic_buf_append(body, ic_view_cstr(text));
    free(text);
    return e;
}

void icd_api_call(struct icd_core *core, const struct icd_api_request *r, int *status,
                  struct ic_buf *body)
{
    struct call c = {.core = core, .request = r, .status = 200};
    uint64_t failures = core->stats.failed_flushes;
    if (!is_ours(r->path))
        fail(&c, 404, "not-found", "there is nothing here");
    else if (r->organisation.len)
        route_person(&c);
    else if (icd_orgs_find(core, r->token, &c.org) != IC_OK)
        fail(&c, 401, "denied", "an access token of the organisation is needed");
    else
        route(&c);
    icd_core_flush(core);
    if (core->stats.failed_flushes != failures)
        fail(&c, 500, "server", "the server could not store this");
    if (write_json(c.answer, body) != IC_OK)
        c.status = 500;
    json_decref(c.answer);
    *status = c.status;
}

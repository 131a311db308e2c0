/* Orders: RFC 8555 section 7.4. */
#include "identity/acme/private.h"

#include <ic/base/text.h>
#include <ic/pki/cert.h>
#include <stdio.h>
#include <string.h>

/* An authorization that ends sooner than this is not built upon. */
enum { REUSE_MS = 3600000 };

static void copy(char *out, size_t cap, struct ic_view v)
{
    size_t n = v.len < cap ? v.len : cap - 1;
    if (n)
        memcpy(out, v.p, n);
    out[n] = 0;
}

/* ---- rows ---- */

static ic_err read_names(struct ic_view text, struct icd_acme_names *out)
{
    struct icd_acme_problem p = {0};
    json_t *list = json_loadb((const char *)text.p, text.len, 0, NULL);
    ic_err e = icd_acme_names_read(list, out, &p);
    json_decref(list);
    icd_acme_problem_clear(&p);
    return e == IC_OK ? IC_OK : IC_ERR_IO;
}

static ic_err get(struct icd_identity *id, const char *order, struct icd_acme_order *out)
{
    struct icd_rows rows;
    ic_err e = IC_ERR_NOT_FOUND;
    IC_TRY(icd_store_query(id->store,
                           "SELECT id, account, names, status, expires_ms, certificate"
                           " FROM acme_orders WHERE id = $1",
                           &rows, ICD_PARAMS(ICD_TEXT(ic_view_cstr(order)))));
    if (icd_rows_next(&rows)) {
        copy(out->id, sizeof out->id, icd_rows_bytes(&rows, 0));
        copy(out->account, sizeof out->account, icd_rows_bytes(&rows, 1));
        e = read_names(icd_rows_bytes(&rows, 2), &out->names);
        out->state.status = (enum icd_acme_status)icd_rows_int(&rows, 3);
        out->state.expires_ms = (uint64_t)icd_rows_int(&rows, 4);
        copy(out->certificate, sizeof out->certificate, icd_rows_bytes(&rows, 5));
    }
    IC_TRY(icd_rows_end(&rows));
    return e;
}

static ic_err get_authz(struct icd_identity *id, struct icd_acme_order *o)
{
    struct icd_rows rows;
    char ids[ICD_ACME_NAMES][ICD_ACME_ID + 1];
    size_t n = 0;
    IC_TRY(icd_store_query(id->store,
                           "SELECT authz FROM acme_order_authz WHERE order_id = $1 ORDER BY place",
                           &rows, ICD_PARAMS(ICD_TEXT(ic_view_cstr(o->id)))));
    while (n < ICD_ACME_NAMES && icd_rows_next(&rows))
        copy(ids[n++], sizeof ids[0], icd_rows_bytes(&rows, 0));
    IC_TRY(icd_rows_end(&rows));
    for (size_t i = 0; i < n; i++)
        IC_TRY(icd_acme_authz_get(id, ids[i], &o->authz[i]));
    o->authz_count = n;
    return IC_OK;
}

ic_err icd_acme_order_load(struct icd_acme_request *r, const char *order,
                           struct icd_acme_order *out)
{
    *out = (struct icd_acme_order){0};
    ic_err e = get(r->id, order, out);
    if (e == IC_ERR_NOT_FOUND)
        return icd_acme_not_there(&r->problem, "order");
    IC_TRY(e);
    if (strcmp(out->account, r->account.id) != 0)
        return icd_acme_not_yours(&r->problem, "order");
    return icd_acme_failed(&r->problem, get_authz(r->id, out));
}

static ic_err add(struct icd_identity *id, const struct icd_acme_order *o)
{
    json_t *names = icd_acme_names_json(&o->names);
    char *text = json_dumps(names, JSON_COMPACT);
    json_decref(names);
    if (!text)
        return IC_ERR_NOMEM;
    ic_err e = icd_id_write(id);
    if (e == IC_OK)
        e = icd_store_exec(
            id->store,
            "INSERT INTO acme_orders(id, account, names, status, expires_ms, created_ms,"
            " certificate) VALUES($1, $2, $3, $4, $5, $6, '')",
            NULL,
            ICD_PARAMS(ICD_TEXT(ic_view_cstr(o->id)), ICD_TEXT(ic_view_cstr(o->account)),
                       ICD_TEXT(ic_view_cstr(text)), ICD_INT(o->state.status),
                       ICD_INT(o->state.expires_ms), ICD_INT(id->now_ms)));
    free(text);
    for (size_t i = 0; e == IC_OK && i < o->authz_count; i++)
        e = icd_store_exec(
            id->store, "INSERT INTO acme_order_authz(order_id, place, authz) VALUES($1, $2, $3)",
            NULL,
            ICD_PARAMS(ICD_TEXT(ic_view_cstr(o->id)), ICD_INT(i),
                       ICD_TEXT(ic_view_cstr(o->authz[i].id))));
    return e;
}

/* ---- as JSON ---- */

enum icd_acme_status icd_acme_order_now(const struct icd_identity *id,
                                        const struct icd_acme_order *o)
{
    struct icd_acme_state states[ICD_ACME_NAMES];
    for (size_t i = 0; i < o->authz_count; i++)
        states[i] = o->authz[i].state;
    return icd_acme_order_status(&o->state, states, o->authz_count, id->now_ms);
}

json_t *icd_acme_order_json(const struct icd_identity *id, const struct icd_acme_order *o)
{
    char url[ICD_ACME_URL], expires[IC_PKI_TIME_TEXT];
    json_t *authz = json_array();
    for (size_t i = 0; i < o->authz_count; i++) {
        icd_acme_url(id, url, "authz/%s", o->authz[i].id);
        json_array_append_new(authz, json_string(url));
    }
    ic_pki_time_text((int64_t)(o->state.expires_ms / 1000), expires);
    icd_acme_url(id, url, "order/%s/finalize", o->id);
    json_t *j = json_pack("{s:s, s:s, s:o, s:o, s:s}", "status",
                          icd_acme_status_name(icd_acme_order_now(id, o)), "expires", expires,
                          "identifiers", icd_acme_names_json(&o->names), "authorizations", authz,
                          "finalize", url);
    if (o->certificate[0]) {
        icd_acme_url(id, url, "cert/%s", o->certificate);
        json_object_set_new(j, "certificate", json_string(url));
    }
    return j;
}

/* ---- newOrder ---- */

/* A person's must still be somebody who may have certificates. */
static bool reusable(struct icd_acme_request *r, const struct icd_acme_authz *a)
{
    struct icd_acme_person who;
    if (a->state.expires_ms < r->id->now_ms + REUSE_MS)
        return false;
    return a->name.kind == ICD_ACME_DNS ||
           r->acme->others->device_check(r->id, a->device, &who) == IC_OK;
}

static ic_err make_authz(struct icd_acme_request *r, const struct icd_acme_order *o,
                         const struct icd_acme_name *name, struct icd_acme_authz *out)
{
    struct icd_acme_authz a = {.name = *name, .state = {ICD_ACME_PENDING, o->state.expires_ms}};
    uint8_t token[32];
    memcpy(a.account, r->account.id, sizeof a.account);
    IC_TRY(icd_acme_new_id(r->id, a.id));
    IC_TRY(ic_rand_fill(&r->id->rand, token, sizeof token));
    ic_base64_encode(IC_BASE64_URL, ic_view(token, sizeof token), a.token);
    IC_TRY(icd_acme_authz_add(r->id, &a));
    *out = a;
    return IC_OK;
}

static ic_err authorize(struct icd_acme_request *r, struct icd_acme_order *o,
                        const struct icd_acme_name *name)
{
    struct icd_acme_authz *a = &o->authz[o->authz_count];
    ic_err e = icd_acme_authz_valid(r->id, r->account.id, name, a);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND)
        return e;
    if (e == IC_ERR_NOT_FOUND || !reusable(r, a))
        IC_TRY(make_authz(r, o, name, a));
    o->authz_count++;
    return IC_OK;
}

static ic_err check_name(struct icd_acme_request *r, const struct icd_acme_name *n, int64_t *org)
{
    int64_t owner = 0;
    ic_err e = r->acme->others->domain_owner(r->id, n->text, &owner);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND)
        return e;
    if (e == IC_OK && (*org == 0 || *org == owner)) {
        *org = owner;
        return IC_OK;
    }
    (void)icd_acme_refuse(&r->problem, ICD_ACME_E_REJECTED_IDENTIFIER,
                          e == IC_OK ? "a certificate is for the domains of one organisation"
                                     : "not below a domain that an organisation here has verified");
    icd_acme_subproblem(&r->problem, ICD_ACME_E_REJECTED_IDENTIFIER, r->problem.detail, "dns",
                        n->text);
    return IC_OK;
}

/* A person's address is only judged by the token, so that nobody learns from an order who has an account. */
ic_err icd_acme_check_names(struct icd_acme_request *r, const struct icd_acme_names *names)
{
    int64_t org = 0;
    for (size_t i = 0; i < names->count; i++)
        if (names->list[i].kind == ICD_ACME_DNS && !r->id->config->acme_any_domain)
            IC_TRY(check_name(r, &names->list[i], &org));
    return r->problem.status ? IC_ERR_RULE : IC_OK;
}

static ic_err new_order(struct icd_acme_request *r)
{
    struct icd_acme_order o = {.state = {ICD_ACME_PENDING, 0}};
    char url[ICD_ACME_URL];
    IC_TRY(icd_acme_want_payload(r));
    if (json_object_get(r->payload, "notBefore") || json_object_get(r->payload, "notAfter"))
        return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                               "notBefore, notAfter: how long a certificate lives is decided here");
    IC_TRY(icd_acme_names_read(json_object_get(r->payload, "identifiers"), &o.names, &r->problem));
    IC_TRY(icd_acme_check_names(r, &o.names));
    IC_TRY(icd_acme_limit_order(r, &o.names));
    o.state.expires_ms = r->id->now_ms + 1000ull * r->id->config->acme_order_s;
    memcpy(o.account, r->account.id, sizeof o.account);
    IC_TRY(icd_acme_new_id(r->id, o.id));
    for (size_t i = 0; i < o.names.count; i++)
        IC_TRY(authorize(r, &o, &o.names.list[i]));
    IC_TRY(add(r->id, &o));
    icd_acme_url(r->id, url, "order/%s", o.id);
    icd_acme_location(r, url);
    return icd_acme_answer(r, 201, icd_acme_order_json(r->id, &o));
}

void icd_acme_on_new_order(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_ACCOUNT, new_order);
}

/* ---- an order's URL ---- */

static ic_err order(struct icd_acme_request *r)
{
    char id[ICD_ACME_ID + 1];
    const char *rest;
    struct icd_acme_order o;
    IC_TRY(icd_acme_path(r, id, &rest));
    if (strcmp(rest, "finalize") == 0)
        return icd_acme_finalize(r);
    if (rest[0])
        return icd_acme_not_there(&r->problem, "resource");
    IC_TRY(icd_acme_want_none(r));
    IC_TRY(icd_acme_order_load(r, id, &o));
    return icd_acme_answer(r, 200, icd_acme_order_json(r->id, &o));
}

void icd_acme_on_order(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_ACCOUNT, order);
}

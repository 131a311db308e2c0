/* Every signed request: what RFC 8555 section 6 asks before anything is done, and what every answer carries. */
#include "identity/acme/private.h"

#include <ic/base/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- URLs and headers ---- */

void icd_acme_url(const struct icd_identity *id, char *out, const char *format, ...)
{
    va_list ap;
    int n = snprintf(out, ICD_ACME_URL, "%s/acme/", id->config->base_url);
    va_start(ap, format);
    vsnprintf(out + n, ICD_ACME_URL - (size_t)n, format, ap);
    va_end(ap);
}

void icd_acme_common_headers(struct icd_identity *id, struct icd_call *c)
{
    char nonce[ICD_ACME_NONCE + 1], url[ICD_ACME_URL], link[ICD_ACME_URL + 32];
    icd_acme_nonce_make(&id->acme->nonces, id->now_ms, nonce);
    icd_call_header(c, "replay-nonce:", nonce);
    icd_acme_url(id, url, "directory");
    snprintf(link, sizeof link, "<%s>;rel=\"index\"", url);
    icd_call_header(c, "link:", link);
}

void icd_acme_location(struct icd_acme_request *r, const char *url)
{
    icd_call_header(r->call, "location:", url);
}

void icd_acme_link(struct icd_acme_request *r, const char *url, const char *relation)
{
    char link[ICD_ACME_URL + 32];
    snprintf(link, sizeof link, "<%s>;rel=\"%s\"", url, relation);
    icd_call_header(r->call, "link:", link);
}

void icd_acme_retry_after(struct icd_acme_request *r, uint32_t s)
{
    char text[16];
    snprintf(text, sizeof text, "%u", s);
    icd_call_header(r->call, "retry-after:", text);
}

/* ---- answers ---- */

ic_err icd_acme_answer(struct icd_acme_request *r, int status, json_t *take)
{
    icd_call_json(r->call, status, take);
    return IC_OK;
}

ic_err icd_acme_answer_bytes(struct icd_acme_request *r, const char *type, struct ic_view bytes)
{
    icd_call_bytes(r->call, 200, type, bytes);
    return IC_OK;
}

static void write_problem(struct icd_call *c, const struct icd_acme_problem *p)
{
    json_t *o = icd_acme_problem_json(p);
    char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
    if (text)
        icd_call_bytes(c, p->status, "application/problem+json", ic_view_cstr(text));
    else
        icd_call_empty(c, 500);
    free(text);
    json_decref(o);
    if (p->retry_s) {
        char s[16];
        snprintf(s, sizeof s, "%u", p->retry_s);
        icd_call_header(c, "retry-after:", s);
    }
}

void icd_acme_call_refuse(struct icd_identity *id, struct icd_call *c,
                          const struct icd_acme_problem *p)
{
    icd_acme_common_headers(id, c);
    write_problem(c, p);
}

ic_err icd_acme_not_there(struct icd_acme_problem *p, const char *what)
{
    return icd_acme_refuse_as(p, ICD_ACME_E_MALFORMED, 404, "there is no such %s", what);
}

ic_err icd_acme_not_yours(struct icd_acme_problem *p, const char *what)
{
    return icd_acme_refuse_as(p, ICD_ACME_E_UNAUTHORIZED, 403, "this %s is another account's",
                              what);
}

/* ---- checks ---- */

/* RFC 8555 section 6.2: else 415. */
static bool is_jose(struct ic_view type)
{
    static const char want[] = "application/jose+json";
    size_t n = sizeof want - 1;
    return type.len >= n && strncasecmp((const char *)type.p, want, n) == 0 &&
           (type.len == n || type.p[n] == ';' || type.p[n] == ' ');
}

/* RFC 8555 section 6.4: the very text that we gave. */
static bool is_url(const struct icd_acme_request *r)
{
    const struct icd_http_request *q = &r->call->request;
    struct ic_view url = ic_view_cstr(r->jws.url), base = ic_view_cstr(r->id->config->base_url);
    size_t n = base.len + q->path.len, with = q->query.len ? q->query.len + 1 : 0;
    return url.len == n + with && ic_view_equal(ic_view_sub(url, 0, base.len), base) &&
           ic_view_equal(ic_view_sub(url, base.len, q->path.len), q->path) &&
           (!with ||
            (url.p[n] == '?' && ic_view_equal(ic_view_sub(url, n + 1, q->query.len), q->query)));
}

static ic_err account_of_kid(struct icd_acme_request *r)
{
    char url[ICD_ACME_URL];
    icd_acme_url(r->id, url, "acct/");
    size_t n = strlen(url);
    if (strncmp(r->jws.kid, url, n) != 0 || strlen(r->jws.kid + n) != ICD_ACME_ID)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_ACCOUNT_DOES_NOT_EXIST,
                               "kid: the URL of an account here");
    ic_err e = icd_acme_account_get(r->id, r->jws.kid + n, &r->account);
    if (e == IC_ERR_NOT_FOUND)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_ACCOUNT_DOES_NOT_EXIST,
                               "there is no such account");
    return icd_acme_failed(&r->problem, e);
}

static ic_err check_signer(struct icd_acme_request *r, enum icd_acme_by by)
{
    if (!(by & (r->jws.kid ? ICD_ACME_BY_ACCOUNT : ICD_ACME_BY_KEY)))
        return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                               "the header of this request has a %s",
                               r->jws.kid ? "jwk, not a kid" : "kid, not a jwk");
    if (!r->jws.kid)
        return icd_acme_jws_verify(&r->jws, &r->jws.key, &r->problem);
    IC_TRY(account_of_kid(r));
    IC_TRY(icd_acme_jws_verify(&r->jws, &r->account.key, &r->problem));
    /* RFC 8555 section 7.3.6: 401 */
    if (r->account.status != ICD_ACME_VALID)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_UNAUTHORIZED, "this account was %s",
                               icd_acme_status_name(r->account.status));
    return IC_OK;
}

static ic_err take_payload(struct icd_acme_request *r)
{
    struct ic_view v = ic_buf_view(&r->jws.payload);
    json_error_t error;
    if (v.len == 0)
        return IC_OK;
    r->payload = json_loadb((const char *)v.p, v.len, JSON_REJECT_DUPLICATES, &error);
    return json_is_object(r->payload)
               ? IC_OK
               : icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                                 "the payload is no JSON object, or names a member twice");
}

static ic_err check(struct icd_acme_request *r, enum icd_acme_by by)
{
    const struct icd_http_request *q = &r->call->request;
    if (!is_jose(q->content_type))
        return icd_acme_refuse_as(&r->problem, ICD_ACME_E_MALFORMED, 415,
                                  "the content type is application/jose+json");
    IC_TRY(icd_acme_jws_open(q->body, ICD_ACME_OUTER, &r->jws, &r->problem));
    if (!is_url(r))
        return icd_acme_refuse(&r->problem, ICD_ACME_E_UNAUTHORIZED,
                               "url: it is not the one that this request came to");
    /* The signature first: strangers take nobody's nonce away. */
    IC_TRY(check_signer(r, by));
    if (!icd_acme_nonce_take(&r->acme->nonces, r->id->now_ms, r->jws.nonce))
        return icd_acme_refuse(&r->problem, ICD_ACME_E_BAD_NONCE,
                               "this nonce is not ours, too old, or was used");
    return take_payload(r);
}

void icd_acme_serve(struct icd_identity *id, struct icd_call *c, enum icd_acme_by by,
                    icd_acme_fn *fn)
{
    struct icd_acme_request r = {.id = id, .acme = id->acme, .call = c};
    icd_acme_common_headers(id, c);
    ic_err e = check(&r, by);
    if (e == IC_OK)
        e = fn(&r);
    if (e != IC_OK && r.problem.status == 0)
        (void)icd_acme_failed(&r.problem, e);
    if (e != IC_OK)
        write_problem(c, &r.problem);
    json_decref(r.payload);
    icd_acme_jws_clear(&r.jws);
    icd_acme_problem_clear(&r.problem);
}

/* ---- what handlers share ---- */

ic_err icd_acme_want_payload(struct icd_acme_request *r)
{
    return r->payload ? IC_OK
                      : icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                                        "this request has a JSON object as its payload");
}

ic_err icd_acme_want_none(struct icd_acme_request *r)
{
    return r->payload ? icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                                        "POST-as-GET: the payload is empty")
                      : IC_OK;
}

ic_err icd_acme_path(struct icd_acme_request *r, char id[ICD_ACME_ID + 1], const char **rest)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct ic_view v = r->call->rest;
    char text[ICD_ACME_ID + 32] = "";
    if (v.len < ICD_ACME_ID || v.len >= sizeof text ||
        (v.len > ICD_ACME_ID && v.p[ICD_ACME_ID] != '/') || memchr(v.p, 0, v.len))
        return icd_acme_not_there(&r->problem, "resource");
    memcpy(text, v.p, v.len);
    if (strspn(text, alphabet) < ICD_ACME_ID)
        return icd_acme_not_there(&r->problem, "resource");
    memcpy(id, text, ICD_ACME_ID);
    id[ICD_ACME_ID] = 0;
    *rest = v.len == ICD_ACME_ID ? "" : NULL;
    static const char *const known[] = {"orders", "finalize", "http-01", "dns-01",
                                        "incamera-token-01"};
    for (size_t i = 0; !*rest && i < sizeof known / sizeof *known; i++)
        if (strcmp(text + ICD_ACME_ID + 1, known[i]) == 0)
            *rest = known[i];
    return *rest ? IC_OK : icd_acme_not_there(&r->problem, "resource");
}

ic_err icd_acme_new_id(struct icd_identity *id, char out[ICD_ACME_ID + 1])
{
    uint8_t bytes[16];
    IC_TRY(ic_rand_fill(&id->rand, bytes, sizeof bytes));
    ic_base64_encode(IC_BASE64_URL, ic_view(bytes, sizeof bytes), out);
    return IC_OK;
}

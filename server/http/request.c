#include "http/private.h"

#ifdef IC_TEST_HOOKS
#include "http/testhook.h"
#endif

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <string.h>

static const char default_csp[] = "default-src 'none'; frame-ancestors 'none'";

struct method {
    enum lws_token_indexes token;
    const char *name;
};
static const struct method methods[] = {
    {WSI_TOKEN_GET_URI, "GET"},         {WSI_TOKEN_POST_URI, "POST"},
    {WSI_TOKEN_DELETE_URI, "DELETE"},   {WSI_TOKEN_HEAD_URI, "HEAD"},
    {WSI_TOKEN_PUT_URI, "PUT"},         {WSI_TOKEN_PATCH_URI, "PATCH"},
    {WSI_TOKEN_OPTIONS_URI, "OPTIONS"},
};

static const struct method *method_of(struct lws *wsi)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(methods); i++)
        if (lws_hdr_total_length(wsi, methods[i].token) > 0)
            return &methods[i];
    return &methods[0];
}

static struct ic_view copied(struct lws *wsi, enum lws_token_indexes token, char *room, int size)
{
    int n = lws_hdr_total_length(wsi, token) < size ? lws_hdr_copy(wsi, room, size, token) : 0;
    return ic_view(room, n > 0 ? (size_t)n : 0);
}

static struct ic_view bearer(struct ic_view authorization)
{
    static const char scheme[] = "Bearer ";
    size_t n = sizeof scheme - 1;
    if (authorization.len < n || memcmp(authorization.p, scheme, n) != 0)
        return ic_view(NULL, 0);
    return ic_view_sub(authorization, n, authorization.len - n);
}

/* ---- answering ---- */

static bool add(struct lws *wsi, const char *name, const char *value, unsigned char **p,
                unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), p,
                                       end) == 0;
}

/* r is gone after this. */
static int completed(struct lws *wsi, const struct icd_request *r)
{
    bool last = r->last;
    return lws_http_transaction_completed(wsi) || last ? -1 : 0;
}

static struct ic_view content(const struct icd_http_response *a)
{
    return a->fixed.len ? a->fixed : ic_buf_view(&a->body);
}

static bool add_policies(struct lws *wsi, const struct icd_http_response *a, unsigned char **p,
                         unsigned char *end)
{
    for (size_t i = 0; i < a->policy_count; i++)
        if (!add(wsi, a->policies[i].name, a->policies[i].value, p, end))
            return false;
    return a->policy_count ||
           (add(wsi, "content-security-policy:", a->csp ? a->csp : default_csp, p, end) &&
            add(wsi, "x-content-type-options:", "nosniff", p, end) &&
            add(wsi, "referrer-policy:", "no-referrer", p, end) &&
            add(wsi, "x-robots-tag:", "noindex", p, end));
}

static bool add_content(struct lws *wsi, const struct icd_http_response *a, unsigned char **p,
                        unsigned char *end)
{
    const char *type = a->type ? a->type : "text/plain; charset=utf-8";
    bool there = a->status != 304; /* RFC 9110 section 15.4.5: what is cached already */
    return (there ? lws_add_http_common_headers(wsi, (unsigned)a->status, type, content(a).len, p,
                                                end) == 0
                  : lws_add_http_header_status(wsi, 304, p, end) == 0) &&
           (!a->encoding || (add(wsi, "content-encoding:", a->encoding, p, end) &&
                             add(wsi, "vary:", "accept-encoding", p, end))) &&
           (!a->etag || add(wsi, "etag:", a->etag, p, end)) &&
           add(wsi, "cache-control:", a->cache ? a->cache : "no-store", p, end);
}

static int send_headers(struct lws *wsi, struct icd_request *r)
{
    unsigned char room[LWS_PRE + 4096], *p = room + LWS_PRE, *start = p,
                                        *end = room + sizeof room - 1;
    const struct icd_http_response *a = &r->response;
    bool ok = add_content(wsi, a, &p, end) && add_policies(wsi, a, &p, end) &&
              (a->status != 401 || add(wsi, "www-authenticate:", "Bearer", &p, end)) &&
              (!r->last || add(wsi, "connection:", "close", &p, end));
    if (!ok || lws_finalize_write_http_header(wsi, start, &p, end))
        return -1;
    /* RFC 9110 section 9.3.2: the answer to HEAD has a length and no content. */
    if (content(a).len == 0 || r->head)
        return completed(wsi, r);
    lws_callback_on_writable(wsi);
    return 0;
}

static int answer(struct icd_http *h, struct lws *wsi, struct icd_request *r)
{
    char path[512], query[512], authorization[256], encodings[256], etags[256];
    struct icd_http_request q = {0};
    const struct method *m = method_of(wsi);
    r->answered = true;
    h->stats.requests++;
    q.method = ic_view_cstr(strcmp(m->name, "HEAD") == 0 ? "GET" : m->name);
    q.path = copied(wsi, m->token, path, sizeof path);
    q.query = copied(wsi, WSI_TOKEN_HTTP_URI_ARGS, query, sizeof query);
    q.token =
        bearer(copied(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, authorization, sizeof authorization));
    q.accept_encoding = copied(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, encodings, sizeof encodings);
    q.if_none_match = copied(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, etags, sizeof etags);
    q.body = ic_buf_view(&r->body);
    r->head = strcmp(m->name, "HEAD") == 0;
    r->response.status = 500;
    if (!icd_http_peer(wsi, q.peer))
        return -1;
    q.local = icd_http_is_local(q.peer);
    if (!icd_limiter_take(&h->requests, q.peer, icd_http_now_ms()))
        r->response.status = 429;
    else if (r->refusal)
        r->response.status = r->refusal;
    else
        h->config.request(h->config.ctx, &q, &r->response);
#ifdef IC_TEST_HOOKS
    icd_testhook_http_note(0, false, q.body);
    icd_testhook_http_note(0, true, ic_buf_view(&r->response.body));
#endif
    ic_wipe(authorization, sizeof authorization);
    return send_headers(wsi, r);
}

static int write_body(struct lws *wsi, struct icd_request *r)
{
    enum { PIECE = 16384 };
    unsigned char room[LWS_PRE + PIECE];
    struct ic_view all = content(&r->response);
    size_t left = all.len - r->sent, n = left < PIECE ? left : PIECE;
    if (!r->answered || left == 0)
        return 0;
    memcpy(room + LWS_PRE, all.p + r->sent, n);
    r->sent += n;
    enum lws_write_protocol how = n == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP;
    if (lws_write(wsi, room + LWS_PRE, n, how) != (int)n)
        return -1;
    if (n == left)
        return completed(wsi, r);
    lws_callback_on_writable(wsi);
    return 0;
}

static void request_clear(struct icd_request *r)
{
    ic_buf_clear(&r->body);
    ic_buf_clear(&r->response.body);
    *r = (struct icd_request){0};
    ic_buf_init(&r->body, ICD_HTTP_BODY_MAX);
    ic_buf_init(&r->response.body, 16 << 20);
}

/* The body's length; false where it is not one plain number. */
static bool body_length(struct lws *wsi, uint64_t *out)
{
    char text[16] = "";
    uint64_t n = 0;
    int len = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    *out = 0;
    if (len <= 0)
        return true;
    if (lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH) != len)
        return false;
    for (const char *c = text; *c; c++) {
        if (*c < '0' || *c > '9')
            return false;
        n = n * 10 + (uint64_t)(*c - '0');
    }
    *out = n;
    return true;
}

/* Why a request is not read on, or 0. After each of these the connection ends: where we and whoever stands
 * before us could differ on where the body ends, what follows must not be taken for a request. */
static int framing_refusal(struct lws *wsi, bool post)
{
    uint64_t n;
    /* RFC 9112 section 6.1: a transfer coding that is not understood: 501. We take none. */
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return 501;
    if (!body_length(wsi, &n) || (n && !post))
        return 400;
    return n > ICD_HTTP_BODY_MAX ? 413 : 0;
}

static int begin(struct icd_http *h, struct lws *wsi, struct icd_request *r)
{
    request_clear(r);
    bool post = strcmp(method_of(wsi)->name, "POST") == 0;
    uint64_t n = 0;
    r->refusal = framing_refusal(wsi, post);
    r->last = r->refusal != 0;
    /* A POST's body comes in pieces after this. */
    if (!r->refusal && body_length(wsi, &n) && n)
        return 0;
    return answer(h, wsi, r);
}

static void keep_tls(struct icd_http *h, void *ctx)
{
    if (h->tls_count < ICD_HTTP_LISTENERS_MAX)
        h->tls[h->tls_count++] = ctx;
}

int icd_http_request_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                              void *in, size_t len)
{
    struct lws_vhost *vhost = lws_get_vhost(wsi);
    struct icd_http *h = vhost ? lws_vhost_user(vhost) : NULL;
    struct icd_request *r = user;
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        if (h && user)
            keep_tls(h, user);
        return 0;
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return h && (h->stopping || !icd_http_line_may(h, (int)(intptr_t)in)) ? 1 : 0;
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        return h && !icd_http_line_opened(h, wsi) ? 1 : 0;
    case LWS_CALLBACK_WSI_DESTROY:
        if (h)
            icd_http_line_closed(h, wsi);
        return 0;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return 1; /* a WebSocket that names no protocol of ours */
    case LWS_CALLBACK_HTTP:
        return begin(h, wsi, r);
    case LWS_CALLBACK_HTTP_BODY:
        if (!r->refusal && ic_buf_append(&r->body, ic_view(in, len)) != IC_OK)
            r->refusal = 413;
        return 0;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return r->answered ? 0 : answer(h, wsi, r);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return write_body(wsi, r);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (r) {
            ic_buf_clear(&r->body);
            ic_buf_clear(&r->response.body);
        }
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

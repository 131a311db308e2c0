#include "http/private.h"

#ifdef IC_TEST_HOOKS
#include "http/testhook.h"
#endif

#include <errno.h>
#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char default_csp[] = "default-src 'none'; frame-ancestors 'none'";

enum { QUERY_MAX = 512 }; /* bytes of a query, decoded */

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

/* Appends a parameter as RFC 3986 writes it: all but its first '=' and what is unreserved is encoded. */
static void encode(const char *part, size_t len, char **to)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    bool named = false;
    for (size_t i = 0; i < len; i++) {
        if (part[i] && (strchr(plain, part[i]) || (part[i] == '=' && !named)))
            *(*to)++ = part[i];
        else
            *to += sprintf(*to, "%%%02X", (unsigned char)part[i]);
        named = named || part[i] == '=';
    }
}

/* libwebsockets has split and decoded the parameters: they are put together again as they came, so that an encoded
 * '&' or '+' within one stays its own. out: three bytes for each and one. */
static struct ic_view query_of(struct lws *wsi, char *out, int max)
{
    char part[QUERY_MAX], *to = out;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS) >= max)
        return ic_view(NULL, 0);
    for (int i = 0; i < max; i++) {
        int n = lws_hdr_copy_fragment(wsi, part, sizeof part, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (n < 0)
            break;
        if (i > 0)
            *to++ = '&';
        encode(part, (size_t)n, &to);
    }
    return ic_view(out, (size_t)(to - out));
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

static uint64_t body_len(const struct icd_http_response *a)
{
    return a->file ? a->file_len : content(a).len;
}

/* RFC 9110 section 14: what of the file this is. It is never shown by a browser, only saved. */
static bool add_file(struct lws *wsi, const struct icd_http_response *a, unsigned char **p,
                     unsigned char *end)
{
    char range[80];
    snprintf(range, sizeof range, "bytes %llu-%llu/%llu", (unsigned long long)a->file_at,
             (unsigned long long)(a->file_at + a->file_len - 1), (unsigned long long)a->file_total);
    return !a->file || (add(wsi, "accept-ranges:", "bytes", p, end) &&
                        add(wsi, "content-disposition:", "attachment", p, end) &&
                        (a->status != 206 || add(wsi, "content-range:", range, p, end)));
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
            add(wsi, "x-robots-tag:", "noindex", p, end) &&
            add(wsi, "cross-origin-resource-policy:", "same-origin", p, end));
}

static bool add_extra(struct lws *wsi, const struct icd_http_response *a, unsigned char **p,
                      unsigned char *end)
{
    for (size_t i = 0; i < a->extra_count; i++)
        if (!add(wsi, a->extra[i].name, a->extra[i].value, p, end))
            return false;
    return true;
}

static bool add_content(struct lws *wsi, const struct icd_http_response *a, unsigned char **p,
                        unsigned char *end)
{
    const char *type = a->type ? a->type : "text/plain; charset=utf-8";
    bool there = a->status != 304; /* RFC 9110 section 15.4.5: what is cached already */
    return (there ? lws_add_http_common_headers(wsi, (unsigned)a->status, type, body_len(a), p,
                                                end) == 0
                  : lws_add_http_header_status(wsi, 304, p, end) == 0) &&
           (!a->encoding || (add(wsi, "content-encoding:", a->encoding, p, end) &&
                             add(wsi, "vary:", "accept-encoding", p, end))) &&
           (!a->etag || add(wsi, "etag:", a->etag, p, end)) &&
           add(wsi, "cache-control:", a->cache ? a->cache : "no-store", p, end) &&
           add_file(wsi, a, p, end);
}

static int send_headers(struct lws *wsi, struct icd_request *r)
{
    unsigned char room[LWS_PRE + 4096], *p = room + LWS_PRE, *start = p,
                                        *end = room + sizeof room - 1;
    const struct icd_http_response *a = &r->response;
    bool ok = add_content(wsi, a, &p, end) && add_policies(wsi, a, &p, end) &&
              add_extra(wsi, a, &p, end) &&
              (a->status != 401 || add(wsi, "www-authenticate:", "Bearer", &p, end)) &&
              (!r->last || add(wsi, "connection:", "close", &p, end));
    if (!ok || lws_finalize_write_http_header(wsi, start, &p, end))
        return -1;
    /* RFC 9110 section 9.3.2: the answer to HEAD has a length and no content. */
    if (body_len(a) == 0 || r->head)
        return completed(wsi, r);
    lws_callback_on_writable(wsi);
    return 0;
}

static struct ic_view ticket_key(const uint64_t *ticket)
{
    return ic_view(ticket, sizeof *ticket);
}

/* To the program, which answers now or holds the ticket. */
static void hand_over(struct icd_http *h, struct lws *wsi, struct icd_request *r,
                      const struct icd_http_request *q)
{
    uint64_t ticket = ++h->next_ticket;
#ifdef IC_TEST_HOOKS
    icd_testhook_http_note(0, false, q->body);
#endif
    h->config.request(h->config.ctx, q, ticket, &r->response);
    if (!r->response.later)
        return;
    r->response.later = false;
    r->wsi = wsi;
    if (ic_map_put(&h->owed, ticket_key(&ticket), r) == IC_OK)
        r->ticket = ticket;
    else
        r->response.status = 503;
}

static bool came_for_challenges(const struct icd_http *h, struct lws *wsi)
{
    const struct lws_vhost *at = lws_get_vhost(wsi);
    for (size_t i = 0; i < h->config.listener_count; i++)
        if (h->vhosts[i] == at)
            return h->config.listeners[i].challenges;
    return false;
}

static int answer(struct icd_http *h, struct lws *wsi, struct icd_request *r)
{
    char path[512], query[4 * QUERY_MAX], authorization[256], encodings[256], etags[256], range[64],
        type[128], host[256];
    struct icd_http_request q = {.take_body = &r->body};
    const struct method *m = method_of(wsi);
    r->answered = true;
    h->stats.requests++;
    q.method = ic_view_cstr(strcmp(m->name, "HEAD") == 0 ? "GET" : m->name);
    q.path = copied(wsi, m->token, path, sizeof path);
    q.query = query_of(wsi, query, QUERY_MAX);
    q.token =
        bearer(copied(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, authorization, sizeof authorization));
    q.accept_encoding = copied(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, encodings, sizeof encodings);
    q.if_none_match = copied(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, etags, sizeof etags);
    q.range = copied(wsi, WSI_TOKEN_HTTP_RANGE, range, sizeof range);
    q.content_type = copied(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, type, sizeof type);
    q.host = copied(wsi, WSI_TOKEN_HOST, host, sizeof host);
    q.body = ic_buf_view(&r->body);
    q.challenges = came_for_challenges(h, wsi);
    q.same_origin = icd_http_same_origin(wsi);
    q.head = r->head = strcmp(m->name, "HEAD") == 0;
    r->response.status = 500;
    if (!icd_http_peer(wsi, q.peer))
        return -1;
    q.local = icd_http_is_local(q.peer);
    bool limited = h->config.limited && h->config.limited(h->config.ctx, &q);
    if (!limited && !icd_limiter_take(&h->requests, q.peer, icd_http_now_ms()))
        r->response.status = 429;
    else if (r->refusal)
        r->response.status = r->refusal;
    else
        hand_over(h, wsi, r, &q);
#ifdef IC_TEST_HOOKS
    icd_testhook_http_note(0, true, ic_buf_view(&r->response.body));
#endif
    ic_wipe(authorization, sizeof authorization);
    return r->ticket ? 0 : send_headers(wsi, r);
}

/* The next bytes of the body; false where the file has them no more: it was withdrawn. */
static bool body_bytes(const struct icd_request *r, unsigned char *out, size_t n)
{
    const struct icd_http_response *a = &r->response;
    if (!a->file) {
        memcpy(out, content(a).p + r->sent, n);
        return true;
    }
    for (size_t got = 0; got < n;) {
        ssize_t k = pread(a->file - 1, out + got, n - got, (off_t)(a->file_at + r->sent + got));
        if (k <= 0 && !(k < 0 && errno == EINTR))
            return false;
        got += k > 0 ? (size_t)k : 0;
    }
    return true;
}

static int write_body(struct lws *wsi, struct icd_request *r)
{
    enum { PIECE = 16384, FILE_PIECE = 65536 };
    static unsigned char room[LWS_PRE + FILE_PIECE]; /* of the loop's thread, for one call */
    uint64_t left = body_len(&r->response) - r->sent, most = r->response.file ? FILE_PIECE : PIECE;
    size_t n = left < most ? (size_t)left : (size_t)most;
    if (!r->answered || left == 0)
        return 0;
    if (!body_bytes(r, room + LWS_PRE, n))
        return -1;
    r->sent += n;
    enum lws_write_protocol how = n == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP;
    if (lws_write(wsi, room + LWS_PRE, n, how) != (int)n)
        return -1;
    if (n == left)
        return completed(wsi, r);
    lws_callback_on_writable(wsi);
    return 0;
}

static void response_clear(struct icd_http_response *a)
{
    ic_buf_clear(&a->body);
    if (a->file)
        close(a->file - 1);
    a->file = 0;
}

/* What it holds; nobody owes it an answer any more. */
static void request_end(struct icd_http *h, struct icd_request *r)
{
    if (r->ticket)
        ic_map_remove(&h->owed, ticket_key(&r->ticket));
    r->ticket = 0;
    ic_buf_clear(&r->body);
    response_clear(&r->response);
}

void icd_http_answer(struct icd_http *h, uint64_t ticket, struct icd_http_response *out)
{
    struct icd_request *r = ic_map_remove(&h->owed, ticket_key(&ticket));
    if (!r) {
        response_clear(out);
        return;
    }
    response_clear(&r->response);
    r->response = *out;
    *out = (struct icd_http_response){0};
    r->ticket = 0;
    r->ready = true;
    lws_callback_on_writable(r->wsi);
}

/* libwebsockets writes when it calls us, not when we would like to. */
static int writeable(struct lws *wsi, struct icd_request *r)
{
    if (!r->ready)
        return write_body(wsi, r);
    r->ready = false;
    return send_headers(wsi, r);
}

static void request_clear(struct icd_http *h, struct icd_request *r)
{
    request_end(h, r);
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
static int framing_refusal(struct lws *wsi, bool has_body)
{
    uint64_t n;
    /* RFC 9112 section 6.1: a transfer coding that is not understood: 501. We take none. */
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return 501;
    if (!body_length(wsi, &n) || (n && !has_body))
        return 400;
    return n > ICD_HTTP_BODY_MAX ? 413 : 0;
}

static int begin(struct icd_http *h, struct lws *wsi, struct icd_request *r)
{
    request_clear(h, r);
    const char *method = method_of(wsi)->name;
    bool has_body =
        strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
    uint64_t n = 0;
    r->refusal = framing_refusal(wsi, has_body);
    r->last = r->refusal != 0;
    /* The body comes in pieces after this. */
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
        return writeable(wsi, r);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (r && h)
            request_end(h, r);
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

/* One HTTP request at a time and place: its state lives from the request to `done`. */
#include "internal.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MAX = 1 << 20 };

struct request {
    struct icc_net *net;
    icc_net_done *done;
    void *ctx;
    char *token;
    const char *type; /* static */
    char range[64];
    struct icc_net_headers *headers; /* the caller's, or NULL */
    struct ic_buf body, answer;
    int status;
    bool sent, over;
};

static void finish(struct request *r, int status, struct ic_view body)
{
    if (r->over)
        return;
    r->over = true;
    if (!r->net->freeing)
        r->done(r->ctx, status, body);
}

static void request_free(struct request *r)
{
    if (r->token)
        ic_free_secret(r->token, strlen(r->token));
    ic_buf_clear(&r->body);
    ic_buf_clear(&r->answer);
    ic_free(r);
}

ic_err icc_net_request(struct icc_net *net, const char *method, const char *path, const char *token,
                       struct ic_view body, icc_net_done *done, void *ctx)
{
    struct icc_net_call c = {
        .method = method, .path = path, .token = token, .type = "application/json", .body = body};
    return icc_net_call(net, &c, done, ctx);
}

ic_err icc_net_call(struct icc_net *net, const struct icc_net_call *c, icc_net_done *done,
                    void *ctx)
{
    struct request *r = ic_new(struct request);
    if (!r)
        return IC_ERR_NOMEM;
    r->net = net;
    r->done = done;
    r->ctx = ctx;
    ic_buf_init(&r->body, LWS_PRE + ANSWER_MAX);
    ic_buf_init(&r->answer, ANSWER_MAX);
    uint8_t *room;
    ic_err err = ic_buf_extend(&r->body, LWS_PRE, &room);
    if (err == IC_OK)
        err = ic_buf_append(&r->body, c->body);
    r->type = c->type;
    r->headers = c->headers;
    if (c->headers)
        *c->headers = (struct icc_net_headers){0};
    if (c->range)
        snprintf(r->range, sizeof r->range, "%s", c->range);
    if (err == IC_OK && c->token && !(r->token = ic_memdup(c->token, strlen(c->token) + 1)))
        err = IC_ERR_NOMEM;
    if (err != IC_OK) {
        request_free(r);
        return err;
    }
    struct lws_client_connect_info info = icc_net_target(net, c->path);
    info.method = c->method;
    info.protocol = "http";
    info.local_protocol_name = "http";
    info.opaque_user_data = r;
    net->why[0] = 0;
    /* On failure the callback has told already, and freed. */
    lws_client_connect_via_info(&info);
    return IC_OK;
}

static bool add_header(struct lws *wsi, const char *name, const char *value, uint8_t **p,
                       uint8_t *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), p,
                                       end) == 0;
}

static int append_headers(struct request *r, struct lws *wsi, void *in, size_t len)
{
    uint8_t **p = in, *end = *p + len;
    char value[512];
    if (r->token) {
        snprintf(value, sizeof value, "Bearer %s", r->token);
        bool ok = add_header(wsi, "authorization:", value, p, end);
        ic_wipe(value, sizeof value);
        if (!ok)
            return -1;
    }
    if (r->range[0] && !add_header(wsi, "range:", r->range, p, end))
        return -1;
    size_t n = r->body.len - LWS_PRE;
    if (n == 0)
        return 0;
    snprintf(value, sizeof value, "%zu", n);
    if (!add_header(wsi, "content-type:", r->type, p, end) ||
        !add_header(wsi, "content-length:", value, p, end))
        return -1;
    lws_client_http_body_pending(wsi, 1);
    lws_callback_on_writable(wsi);
    return 0;
}

static int write_body(struct request *r, struct lws *wsi)
{
    if (r->sent || r->body.len == LWS_PRE)
        return 0;
    r->sent = true;
    size_t n = r->body.len - LWS_PRE;
    lws_client_http_body_pending(wsi, 0);
    return lws_write(wsi, r->body.p + LWS_PRE, n, LWS_WRITE_HTTP_FINAL) < (int)n ? -1 : 0;
}

static int read_some(struct lws *wsi)
{
    char chunk[LWS_PRE + 4096];
    char *p = chunk + LWS_PRE;
    int n = sizeof chunk - LWS_PRE;
    return lws_http_client_read(wsi, &p, &n) < 0 ? -1 : 0;
}

/* Longer ones are left out: lws_hdr_copy gives -1 then, and an empty text. */
static void read_headers(struct lws *wsi, struct icc_net_headers *h)
{
    if (lws_hdr_copy(wsi, h->location, sizeof h->location, WSI_TOKEN_HTTP_LOCATION) < 0)
        h->location[0] = 0;
    if (lws_hdr_copy(wsi, h->retry_after, sizeof h->retry_after, WSI_TOKEN_HTTP_RETRY_AFTER) < 0)
        h->retry_after[0] = 0;
    if (lws_hdr_copy(wsi, h->nonce, sizeof h->nonce, WSI_TOKEN_REPLAY_NONCE) < 0)
        h->nonce[0] = 0;
}

int icc_net_http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                          size_t len)
{
    (void)user;
    struct icc_net *net = wsi ? lws_context_user(lws_get_context(wsi)) : NULL;
    if (reason == LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION)
        return icc_trust_refuses(&net->url, user, len != 0, net->why);
    struct request *r = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    char why[400];
    if (!r)
        return 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return append_headers(r, wsi, in, len);
    case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
        return write_body(r, wsi);
    case LWS_CALLBACK_CLIENT_HTTP_REDIRECT:
        return 1; /* the token and the pin are for the server that was named */
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        r->status = (int)lws_http_client_http_response(wsi);
        if (r->headers)
            read_headers(wsi, r->headers);
        return 0;
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
        return read_some(wsi);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
        return ic_buf_append(&r->answer, ic_view(in, len)) == IC_OK ? 0 : -1;
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        finish(r, r->status, ic_buf_view(&r->answer));
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        icc_net_say_why(r->net, in, len, why, sizeof why);
        finish(r, 0, ic_view_cstr(why));
        lws_set_opaque_user_data(wsi, NULL);
        request_free(r);
        return 0;
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
        /* Some servers end the answer by closing: what came is then whole. */
        finish(r, r->status,
               r->status ? ic_buf_view(&r->answer) : IC_VIEW_STR("the connection ended"));
        lws_set_opaque_user_data(wsi, NULL);
        request_free(r);
        return 0;
    default:
        return 0;
    }
}

#include "sockets.h"

#include <ic/base/buf.h>
#include <ic/base/mem.h>
#include <ic/wire/message.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

enum { FILES_MAX = 8192, WHY = 160 };

struct out {
    struct out *next;
    size_t len;
    uint8_t bytes[]; /* LWS_PRE of room, then the frame */
};

struct load_socket {
    struct load_sockets *all;
    const struct load_handlers *h;
    void *ctx;
    struct lws *wsi;
    struct ic_buf in;
    struct out *first, **last;
    char why[WHY]; /* as the other side closes */
};

struct load_sockets {
    struct lws_context *lws;
    uv_loop_t *loop;
    char host[256];
    uint16_t port;
    bool freeing;
};

static void drop(struct load_socket *k)
{
    while (k->first) {
        struct out *o = k->first;
        k->first = o->next;
        ic_free(o);
    }
    ic_buf_clear(&k->in);
    ic_free(k);
}

static int write_one(struct load_socket *k)
{
    struct out *o = k->first;
    if (!o)
        return 0;
    int n = lws_write(k->wsi, o->bytes + LWS_PRE, o->len, LWS_WRITE_BINARY);
    k->first = o->next;
    if (!k->first)
        k->last = &k->first;
    bool bad = n < (int)o->len;
    ic_free(o);
    if (k->first)
        lws_callback_on_writable(k->wsi);
    return bad ? -1 : 0;
}

static int receive(struct load_socket *k, const void *in, size_t len)
{
    if (ic_buf_append(&k->in, ic_view(in, len)) != IC_OK)
        return -1;
    if (!lws_is_final_fragment(k->wsi) || lws_remaining_packet_payload(k->wsi))
        return 0;
    struct ic_buf whole = {0};
    ic_buf_move(&whole, &k->in);
    ic_buf_init(&k->in, IC_WIRE_MAX);
    k->h->frame(k->ctx, ic_buf_view(&whole));
    ic_buf_clear(&whole);
    return 0;
}

static void gone(struct lws *wsi, struct load_socket *k)
{
    if (!k)
        return;
    lws_set_opaque_user_data(wsi, NULL);
    if (!k->all->freeing)
        k->h->closed(k->ctx, k->why[0] ? k->why : "without a word");
    drop(k);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct load_socket *k = lws_get_opaque_user_data(wsi);
    (void)user;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        k->wsi = wsi;
        k->h->opened(k->ctx);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return receive(k, in, len);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return write_one(k);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        if (len >= 2)
            snprintf(k->why, WHY, "closed with %u %.*s",
                     (unsigned)(((const uint8_t *)in)[0] << 8 | ((const uint8_t *)in)[1]),
                     (int)(len - 2), (const char *)in + 2);
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        if (k && in)
            snprintf(k->why, WHY, "%.*s", (int)len, (const char *)in);
        gone(wsi, k);
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        gone(wsi, k);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = IC_WIRE_PROTOCOL, .callback = callback, .rx_buffer_size = 65536}, {0}};

ic_err load_sockets_new(uv_loop_t *loop, const char *host, uint16_t port, struct load_sockets **out)
{
    struct load_sockets *s = ic_new(struct load_sockets);
    if (!s)
        return IC_ERR_NOMEM;
    void *loops[1] = {loop};
    /* Pings are the server's to send: a process that plays a thousand devices may be late with its own. */
    static const lws_retry_bo_t patient = {.secs_since_valid_ping = 7200,
                                           .secs_since_valid_hangup = 14400};
    struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN,
                                             .protocols = protocols,
                                             .options = LWS_SERVER_OPTION_LIBUV,
                                             .foreign_loops = loops,
                                             .gid = (gid_t)-1,
                                             .uid = (uid_t)-1,
                                             .timeout_secs = 120,
                                             .retry_and_idle_policy = &patient,
                                             .fd_limit_per_thread = FILES_MAX};
    lws_set_log_level(0, NULL);
    snprintf(s->host, sizeof s->host, "%s", host);
    s->port = port;
    s->loop = loop;
    s->lws = lws_create_context(&info);
    if (!s->lws) {
        ic_free(s);
        return IC_ERR_IO;
    }
    *out = s;
    return IC_OK;
}

void load_sockets_free(struct load_sockets *s)
{
    if (!s)
        return;
    s->freeing = true;
    /* On a foreign loop the library's handles close in the loop, and the second call frees the rest. */
    lws_context_destroy(s->lws);
    for (int i = 0; i < 100 && uv_run(s->loop, UV_RUN_NOWAIT); i++)
        ;
    lws_context_destroy(s->lws);
    ic_free(s);
}

ic_err load_socket_open(struct load_sockets *s, const struct load_handlers *h, void *ctx,
                        struct load_socket **out)
{
    struct load_socket *k = ic_new(struct load_socket);
    if (!k)
        return IC_ERR_NOMEM;
    *k = (struct load_socket){.all = s, .h = h, .ctx = ctx};
    k->last = &k->first;
    ic_buf_init(&k->in, IC_WIRE_MAX);
    struct lws_client_connect_info info = {.context = s->lws,
                                           .address = s->host,
                                           .port = s->port,
                                           .path = "/ws",
                                           .host = s->host,
                                           .protocol = IC_WIRE_PROTOCOL,
                                           .local_protocol_name = IC_WIRE_PROTOCOL,
                                           .opaque_user_data = k,
                                           .pwsi = &k->wsi};
    *out = k;
    if (!lws_client_connect_via_info(&info))
        return IC_ERR_IO; /* `closed` was called, or will be */
    return IC_OK;
}

ic_err load_socket_send(struct load_socket *k, struct ic_view frame)
{
    struct out *o = ic_calloc(1, sizeof *o + LWS_PRE + frame.len);
    if (!o)
        return IC_ERR_NOMEM;
    o->len = frame.len;
    memcpy(o->bytes + LWS_PRE, frame.p, frame.len);
    *k->last = o;
    k->last = &o->next;
    lws_callback_on_writable(k->wsi);
    return IC_OK;
}

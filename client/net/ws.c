/* The WebSocket: whole frames in, a bounded queue out. */
#include "internal.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { QUEUE_MAX = 16 << 20 };

static void tell_closed(struct icc_net *net, const char *why)
{
    if (net->told_closed)
        return;
    net->told_closed = true;
    net->open = false;
    net->ws = NULL;
    icc_net_drop_queue(net);
    ic_buf_reset(&net->in);
    if (!net->freeing)
        net->h.closed(net->h.ctx, net->why[0] ? net->why : why);
}

void icc_net_drop_queue(struct icc_net *net)
{
    while (net->first) {
        struct out *o = net->first;
        net->first = o->next;
        ic_free(o);
    }
    net->last = &net->first;
    net->queued = 0;
}

ic_err icc_net_connect(struct icc_net *net, const struct icc_net_handlers *h)
{
    if (net->ws)
        return IC_ERR_STATE;
    net->h = *h;
    net->told_closed = false;
    net->why[0] = 0;
    icc_net_drop_queue(net);
    ic_buf_clear(&net->in);
    ic_buf_init(&net->in, IC_WIRE_MAX);
    struct lws_client_connect_info info = icc_net_target(net, "/ws");
    info.protocol = IC_WIRE_PROTOCOL;
    info.local_protocol_name = IC_WIRE_PROTOCOL;
    info.pwsi = &net->ws;
    if (!lws_client_connect_via_info(&info))
        tell_closed(net, "the server cannot be reached");
    return IC_OK;
}

ic_err icc_net_send(struct icc_net *net, struct ic_view frame)
{
    if (!net->open)
        return IC_ERR_CLOSED;
    if (net->queued + frame.len > QUEUE_MAX)
        return IC_ERR_LIMIT;
    struct out *o = ic_calloc(1, sizeof *o + LWS_PRE + frame.len);
    if (!o)
        return IC_ERR_NOMEM;
    o->len = frame.len;
    memcpy(o->bytes + LWS_PRE, frame.p, frame.len);
    *net->last = o;
    net->last = &o->next;
    net->queued += frame.len;
    lws_callback_on_writable(net->ws);
    return IC_OK;
}

bool icc_net_idle(const struct icc_net *net)
{
    return !net->first;
}

static int write_one(struct icc_net *net)
{
    struct out *o = net->first;
    if (!o)
        return 0;
    int n = lws_write(net->ws, o->bytes + LWS_PRE, o->len, LWS_WRITE_BINARY);
    net->first = o->next;
    if (!net->first)
        net->last = &net->first;
    net->queued -= o->len;
    bool short_write = n < (int)o->len;
    ic_free(o);
    if (net->first)
        lws_callback_on_writable(net->ws);
    return short_write ? -1 : 0;
}

static int receive(struct icc_net *net, struct lws *wsi, const void *in, size_t len)
{
    if (!lws_frame_is_binary(wsi) || ic_buf_append(&net->in, ic_view(in, len)) != IC_OK) {
        snprintf(net->why, sizeof net->why, "the server sent what is no frame of this protocol");
        return -1;
    }
    if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0) {
        struct ic_buf whole = {0};
        ic_buf_move(&whole, &net->in);
        ic_buf_init(&net->in, IC_WIRE_MAX);
        net->h.frame(net->h.ctx, ic_buf_view(&whole));
        ic_buf_clear(&whole);
    }
    return 0;
}

int icc_net_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                        size_t len)
{
    (void)user;
    struct icc_net *net = lws_context_user(lws_get_context(wsi));
    switch (reason) {
    case LWS_CALLBACK_CLIENT_HTTP_REDIRECT:
        return 1; /* the link names the server */
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        net->open = true;
        net->h.opened(net->h.ctx);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return receive(net, wsi, in, len);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return write_one(net);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: {
        char why[400];
        icc_net_say_why(net, in, len, why, sizeof why);
        tell_closed(net, why);
        return 0;
    }
    case LWS_CALLBACK_CLIENT_CLOSED:
        tell_closed(net, "the connection ended");
        return 0;
    default:
        return 0;
    }
}

/* What the files of net share. */
#ifndef ICC_NET_INTERNAL_H
#define ICC_NET_INTERNAL_H

#include "net.h"
#include "trust.h"

#include <ic/base/buf.h>
#include <libwebsockets.h>

struct out {
    struct out *next;
    size_t len;
    uint8_t bytes[]; /* LWS_PRE of room, then the frame */
};

struct icc_net {
    uv_loop_t *loop;
    struct lws_context *lws;
    struct ic_meeting_url url;
    char host_header[300];
    bool freeing;

    struct icc_net_handlers h;
    struct lws *ws;
    bool open, told_closed;
    char why[ICC_TRUST_WHY];
    struct ic_buf in;
    struct out *first, **last;
    size_t queued;
};

int icc_net_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                        size_t len);
int icc_net_http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                          size_t len);
void icc_net_drop_queue(struct icc_net *net);
/* Why a connection failed, in a sentence: our own reason where we refused, else libwebsockets' words. */
void icc_net_say_why(const struct icc_net *net, const char *words, size_t len, char *out, size_t n);
struct lws_client_connect_info icc_net_target(struct icc_net *net, const char *path);

#endif

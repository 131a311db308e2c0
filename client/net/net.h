/* The way to the server: one WebSocket and HTTP requests, on a libuv loop, over TLS that is checked.
 *
 *     struct icc_net *net;
 *     IC_TRY(icc_net_new(loop, &url, &net));
 *     icc_net_connect(net, &handlers);              // opened, frame ..., closed
 *     IC_TRY(icc_net_send(net, frame));
 *     icc_net_request(net, "POST", "/api/v1/meetings", token, body, done, ctx);
 *     icc_net_free(net);
 *
 * Who is trusted: the system's roots, or, where the link pins one, that certificate's key alone; the name
 * must fit in both cases. Plain HTTP is for localhost only: icc_meeting_url_parse refuses the rest. There
 * is no switch to turn this off. One thread: the loop's. Callbacks may send, not free.
 */
#ifndef ICC_NET_NET_H
#define ICC_NET_NET_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/meeting/link.h>
#include <uv.h>

struct icc_net;

struct icc_net_handlers {
    void (*opened)(void *ctx);
    void (*frame)(void *ctx, struct ic_view frame);
    /* Once for each connect: it could not be made, or it ended. why: a sentence. */
    void (*closed)(void *ctx, const char *why);
    void *ctx;
};

/* url: host, port, tls and pin are used. IC_ERR_NOMEM, IC_ERR_IO. */
ic_err icc_net_new(uv_loop_t *loop, const struct ic_meeting_url *url, struct icc_net **out);
/* Closes what is open; runs the loop until its handles are gone. Accepts NULL. */
void icc_net_free(struct icc_net *net);

/* Begins to connect. IC_ERR_STATE while a connection stands or is being made. */
ic_err icc_net_connect(struct icc_net *net, const struct icc_net_handlers *h);
/* Queues a binary frame. IC_ERR_CLOSED, IC_ERR_LIMIT (16 MiB wait already), IC_ERR_NOMEM. */
ic_err icc_net_send(struct icc_net *net, struct ic_view frame);
/* True when nothing waits to be written. */
bool icc_net_idle(const struct icc_net *net);

/* One request; done is called once: status 0 where there was no answer, then body is a sentence.
 * token: bearer, or NULL. body: JSON, or empty. Answers over 1 MiB are refused. */
typedef void icc_net_done(void *ctx, int status, struct ic_view body);
ic_err icc_net_request(struct icc_net *net, const char *method, const char *path, const char *token,
                       struct ic_view body, icc_net_done *done, void *ctx);
/* The same with all that may be said. body: type tells what it is; range: "bytes=0-9", or NULL. Where a
 * longer answer ends early, what came of it is handed over. */
/* Of an answer, as text, "" where it was not there or too long: what ACME goes by (RFC 8555 section 6). */
struct icc_net_headers {
    char nonce[256], location[512], retry_after[32]; /* Replay-Nonce, Location, Retry-After */
};
struct icc_net_call {
    const char *method, *path, *token, *type, *range;
    struct ic_view body;
    struct icc_net_headers
        *headers; /* filled before done is called; borrowed until then; NULL: not wanted */
};
ic_err icc_net_call(struct icc_net *net, const struct icc_net_call *c, icc_net_done *done,
                    void *ctx);

#endif

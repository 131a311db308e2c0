/* Many WebSockets to one server from one thread: what client/net does for one, by one context for all. Plain HTTP to
 * this machine alone: what is measured is the server and the clients, not TLS.
 *
 *     struct load_sockets *s;
 *     IC_TRY(load_sockets_new(loop, "127.0.0.1", 8080, &s));
 *     IC_TRY(load_socket_open(s, &handlers, me, &me->socket));     // opened, frame ..., closed
 *     IC_TRY(load_socket_send(me->socket, frame));
 *     load_sockets_free(s);
 */
#ifndef LOAD_SOCKETS_H
#define LOAD_SOCKETS_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <uv.h>

struct load_sockets;
struct load_socket;

struct load_handlers {
    void (*opened)(void *ctx);
    void (*frame)(void *ctx, struct ic_view frame);
    void (*closed)(void *ctx, const char *why); /* the socket is gone after this */
};

ic_err load_sockets_new(uv_loop_t *loop, const char *host, uint16_t port,
                        struct load_sockets **out);
/* Closes all; no handler is called any more. Accepts NULL. */
void load_sockets_free(struct load_sockets *s);
ic_err load_socket_open(struct load_sockets *s, const struct load_handlers *h, void *ctx,
                        struct load_socket **out);
/* Copies the frame. IC_ERR_NOMEM. */
ic_err load_socket_send(struct load_socket *k, struct ic_view frame);

#endif

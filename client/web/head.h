/* The head of an HTTP/1.1 request as `incamera web` takes it from a browser on this machine, and as it passes it on.
 *
 *     struct icc_head h;
 *     IC_TRY(icc_head_parse(bytes, &h));            // IC_ERR_TRUNCATED: more must come
 *     if (icc_head_is_ours(&h, port))
 *         IC_TRY(icc_head_forward(&h, "meet.example:8443", &out));
 *
 * Pure; views are into the bytes that were parsed. Any thread.
 */
#ifndef ICC_WEB_HEAD_H
#define ICC_WEB_HEAD_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

enum { ICC_HEAD_MAX = 16384 };

struct icc_head {
    struct ic_view bytes; /* up to and with the empty line */
    struct ic_view method;
    struct ic_view target; /* as it was asked for */
    struct ic_view path;   /* without the query */
    struct ic_view host, origin, fetch_site, accept_encoding, if_none_match; /* empty: not there */
    bool upgrade;                                                            /* to a WebSocket */
};

/* IC_ERR_TRUNCATED, IC_ERR_MALFORMED, IC_ERR_LIMIT (longer than ICC_HEAD_MAX). */
ic_err icc_head_parse(struct ic_view bytes, struct icc_head *out);
/* Whether a page of our own origin, or the address bar, asks: no other site's page, and no name that somebody
 * else's DNS leads here. */
bool icc_head_is_ours(const struct icc_head *h, uint16_t port);
/* Appends the same request for the server: its host, no origin and no cookie, and a connection that ends with the
 * answer unless it becomes a WebSocket. IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err icc_head_forward(const struct icc_head *h, const char *host, struct ic_buf *out);

#endif

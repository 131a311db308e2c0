/* HTTP and WebSocket on a libuv loop: the one place of the server that names libwebsockets.
 *
 *     struct icd_http *h;
 *     IC_TRY(icd_http_new(&config, why, &h));      // listens
 *     uv_run(loop, UV_RUN_DEFAULT);                // calls config.request, ws_open, ws_frame, ws_close
 *     icd_http_free(h);
 *
 * Each WebSocket has a send queue with a maximum: a receiver that is slower than that is told so and
 * closed. Frames to many receivers share one copy. Everything happens on the loop's thread.
 */
#ifndef ICD_HTTP_H
#define ICD_HTTP_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/page/page.h>
#include <ic/wire/message.h>
#include <uv.h>

struct icd_http;

enum { ICD_HTTP_LISTENERS_MAX = 8, ICD_HTTP_WHY = 256, ICD_HTTP_BODY_MAX = 256 << 10 };

struct icd_http_listener {
    char address[64]; /* numeric; "" means all */
    uint16_t port;    /* 0: any free one */
    bool tls;
    bool challenges; /* for ACME's http-01 alone: no WebSockets, and requests say so */
};

struct icd_http_request {
    struct ic_view method, path, query;
    struct ic_view token; /* of `Authorization: Bearer` */
    struct ic_view range; /* of the header Range */
    struct ic_view body;
    struct ic_view accept_encoding, if_none_match, content_type;
    struct ic_view host;      /* of the header, without check */
    struct ic_buf *take_body; /* the same, for who moves it away; NULL before it came */
    uint8_t peer[16];         /* IPv4 mapped into IPv6 */
    bool local;               /* the peer is this machine */
    bool same_origin;         /* no browser, or from a page of ours */
    bool challenges;          /* it came to a listener of that kind */
    bool head;                /* HEAD, with method "GET": the answer's content is not sent */
};
/* One header beside those that every answer carries. */
struct icd_http_extra {
    const char *name; /* "location:" */
    char value[320];
};
enum { ICD_HTTP_EXTRAS = 4 };
/* All pointers but body's are to what lives as long as the server. */
struct icd_http_response {
    int status;
    const char *type;     /* "application/json"; NULL without a body */
    const char *csp;      /* NULL for "default-src 'none'" */
    const char *cache;    /* cache-control; NULL for "no-store" */
    const char *encoding; /* content-encoding, or NULL */
    const char *etag;     /* or NULL */
    /* Instead of the policies that every other answer carries. */
    const struct ic_page_header *policies;
    size_t policy_count;
    struct icd_http_extra extra[ICD_HTTP_EXTRAS];
    size_t extra_count;
    struct ic_view fixed; /* sent as it is, instead of body */
    struct ic_buf body;
    int file; /* a descriptor plus one, taken over: its bytes are the body; 0: none */
    uint64_t file_at, file_len; /* what of it is sent */
    uint64_t file_total;        /* for status 206 */
    bool later;                 /* set by `request`: icd_http_answer follows */
};

struct icd_http_config {
    uv_loop_t *loop;
    struct icd_http_listener listeners[ICD_HTTP_LISTENERS_MAX];
    size_t listener_count;
    const char *certificate, *private_key; /* PEM files; where a listener has tls */
    size_t queue_bytes;                    /* of one WebSocket, beyond which it is too slow */
    uint32_t connections_per_address;      /* WebSockets; twice as many TCP connections */
    uint32_t requests_per_min;             /* of an address, WebSocket openings too */
    uint32_t ping_ms;                      /* idle before a ping; three times that closes */
    uint64_t seed[2];                      /* random */
    /* Fill in the answer, or set `later` and keep the ticket. */
    void (*request)(void *ctx, const struct icd_http_request *r, uint64_t ticket,
                    struct icd_http_response *out);
    /* Whether somebody else limits this request's rate. May be NULL: nobody. */
    bool (*limited)(void *ctx, const struct icd_http_request *r);
    /* A WebSocket of the protocol IC_WIRE_PROTOCOL is open. false: it is closed again. */
    bool (*ws_open)(void *ctx, uint64_t conn, struct ic_view address);
    void (*ws_frame)(void *ctx, uint64_t conn, struct ic_view bytes);
    /* A frame longer than ws_max, or of text: it was not read. Answer with an error and a close. */
    void (*ws_refused)(void *ctx, uint64_t conn, const char *why);
    void (*ws_close)(void *ctx, uint64_t conn);
    size_t (*ws_max)(void *ctx, uint64_t conn);
    void (*log)(void *ctx, int level, const char *event, const char *fields);
    void *ctx;
};

struct icd_http_stats {
    uint64_t lines; /* TCP connections */
    uint64_t open, opened, too_slow, refused, requests, bytes_out, queued;
};

/* why: ICD_HTTP_WHY bytes for people. IC_ERR_IO: an address or certificate that cannot be used. */
ic_err icd_http_new(const struct icd_http_config *config, char *why, struct icd_http **out);
/* Closes everything. The loop must run on (UV_RUN_DEFAULT returns) before it is closed. */
void icd_http_free(struct icd_http *h);
uint16_t icd_http_port(const struct icd_http *h, size_t listener);
/* The frame to each connection; unknown ones are passed over. */
void icd_http_send(struct icd_http *h, const uint64_t *conns, size_t count, struct ic_view frame);
/* After what is queued. No ws_close follows. */
void icd_http_close(struct icd_http *h, uint64_t conn);
/* The answer to a request that was left for later: takes out's body and file. Where the connection has
 * ended, nothing is sent and they are freed. */
void icd_http_answer(struct icd_http *h, uint64_t ticket, struct icd_http_response *out);
/* Reads certificate and key again, for connections from now on. On an error the former stay. */
ic_err icd_http_reload(struct icd_http *h, char *why);
void icd_http_stats(const struct icd_http *h, struct icd_http_stats *out);

#endif

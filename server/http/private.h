#ifndef ICD_HTTP_PRIVATE_H
#define ICD_HTTP_PRIVATE_H

#include "core/limit.h"
#include "http/http.h"

#include <ic/base/map.h>
#include <libwebsockets.h>

/* A frame that waits: one copy for all its receivers, with the room that libwebsockets wants before it. */
struct icd_shared {
    size_t refs;
    size_t len;
    unsigned char bytes[]; /* LWS_PRE, then len */
};

struct icd_queued {
    struct icd_shared *frame;
    struct icd_queued *next;
};

struct icd_ws {
    struct icd_http *http;
    struct lws *wsi;
    uint64_t id;
    uint8_t address[16];
    struct icd_queued *head, **tail;
    size_t queued;
    struct ic_buf in;
    bool refused; /* nothing is read any more */
    bool closing; /* after the queue, or at close_by_ms */
    uint64_t close_by_ms;
    bool told; /* the core knows of it */
};

struct icd_request {
    struct ic_buf body;
    struct icd_http_response response;
    uint64_t sent;
    struct lws *wsi;
    uint64_t ticket; /* 0: nobody owes an answer */
    bool ready;      /* it came, and is to be sent */
    bool answered;
    bool head;   /* HEAD: no content */
    bool last;   /* the connection ends after the answer */
    int refusal; /* the status, where the request itself is refused; 0 */
};

struct icd_http {
    struct icd_http_config config;
    struct lws_context *context;
    struct lws_vhost *vhosts[ICD_HTTP_LISTENERS_MAX];
    char names[ICD_HTTP_LISTENERS_MAX][32]; /* of the vhosts */
    void *tls[ICD_HTTP_LISTENERS_MAX];      /* SSL_CTX, borrowed from libwebsockets */
    size_t tls_count;
    struct ic_map conns;       /* id -> icd_ws */
    struct ic_map addresses;   /* network -> how many, as a pointer */
    struct ic_map lines;       /* struct lws * -> its address */
    struct ic_map line_counts; /* network -> how many lines, as a pointer */
    struct ic_map owed;        /* ticket -> icd_request that waits for its answer */
    uint64_t next_ticket;
    struct icd_limiter requests;
    uint64_t next_id;
    bool stopping;
    uv_timer_t *reaper; /* looks after those that are closing */
    struct icd_http_stats stats;
    lws_retry_bo_t idle;
    void *loops[1];
};

/* 16 bytes, IPv4 mapped; false where there is no peer. */
bool icd_http_peer(struct lws *wsi, uint8_t out[16]);
bool icd_http_peer_of(int fd, uint8_t out[16]);
/* What counts as one address: an IPv4 address, or the /64 of an IPv6 one. */
struct ic_view icd_http_net(const uint8_t address[16]);
uintptr_t icd_http_count(const struct ic_map *counts, const uint8_t address[16]);
ic_err icd_http_count_add(struct ic_map *counts, const uint8_t address[16], int delta);
/* A TCP connection before it is taken, when it is, and when it is gone. */
bool icd_http_line_may(struct icd_http *h, int fd);
bool icd_http_line_opened(struct icd_http *h, struct lws *wsi);
void icd_http_line_closed(struct icd_http *h, struct lws *wsi);
void icd_http_lines_clear(struct icd_http *h);
/* A page of another origin must not use a visitor's browser to reach us. */
bool icd_http_same_origin(struct lws *wsi);
bool icd_http_is_local(const uint8_t address[16]);
uint64_t icd_http_now_ms(void);
int icd_http_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                         size_t len);
int icd_http_request_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                              void *in, size_t len);
/* Whether this handshake may become a WebSocket: path, origin, limits. */
bool icd_http_ws_allowed(struct icd_http *h, struct lws *wsi);

#endif

#include "http/private.h"

#ifdef IC_TEST_HOOKS
#include "http/testhook.h"
#endif

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { WRITES_A_TURN = 16, CLOSE_WAIT_MS = 5000 };

static struct ic_view id_key(const uint64_t *id)
{
    return ic_view(id, sizeof *id);
}

/* ---- the handshake ---- */

static bool header(struct lws *wsi, enum lws_token_indexes token, char *out, int room)
{
    out[0] = '\0';
    return lws_hdr_total_length(wsi, token) < room && lws_hdr_copy(wsi, out, room, token) >= 0;
}

bool icd_http_same_origin(struct lws *wsi)
{
    char origin[300], host[280];
    if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) <= 0)
        return true; /* no browser */
    if (!header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin) ||
        !header(wsi, WSI_TOKEN_HOST, host, sizeof host))
        return false;
    const char *rest = strstr(origin, "://");
    return rest && strcmp(rest + 3, host) == 0;
}

/* RFC 6455 section 4.2.1: the one version there is. */
static bool right_version(struct lws *wsi)
{
    char version[4];
    return header(wsi, WSI_TOKEN_VERSION, version, sizeof version) && strcmp(version, "13") == 0;
}

bool icd_http_ws_allowed(struct icd_http *h, struct lws *wsi)
{
    char path[8];
    uint8_t address[16];
    bool ok = !h->stopping && right_version(wsi) &&
              header(wsi, WSI_TOKEN_GET_URI, path, sizeof path) && strcmp(path, "/ws") == 0 &&
              icd_http_same_origin(wsi) && icd_http_peer(wsi, address) &&
              icd_http_count(&h->addresses, address) < h->config.connections_per_address &&
              icd_limiter_take(&h->requests, address, icd_http_now_ms());
    h->stats.refused += !ok;
    return ok;
}

/* ---- sending ---- */

static void shared_drop(struct icd_shared *f)
{
    if (--f->refs == 0)
        ic_free(f);
}

static void pop(struct icd_ws *c)
{
    struct icd_queued *q = c->head;
    c->head = q->next;
    if (!c->head)
        c->tail = &c->head;
    c->queued -= q->frame->len;
    c->http->stats.queued -= q->frame->len;
    shared_drop(q->frame);
    ic_free(q);
}

static void queue_clear(struct icd_ws *c)
{
    while (c->head)
        pop(c);
}

static bool push(struct icd_ws *c, struct icd_shared *f)
{
    struct icd_queued *q = ic_new(struct icd_queued);
    if (!q)
        return false;
    q->frame = f;
    f->refs++;
    *c->tail = q;
    c->tail = &q->next;
    c->queued += f->len;
    c->http->stats.queued += f->len;
    return true;
}

static struct icd_shared *share(struct ic_view frame)
{
    struct icd_shared *f = ic_calloc(1, sizeof *f + LWS_PRE + frame.len);
    if (!f)
        return NULL;
    f->refs = 1;
    f->len = frame.len;
    memcpy(f->bytes + LWS_PRE, frame.p, frame.len);
    return f;
}

/* Who does not even read why it is closed, is closed without. libwebsockets would wait for ever to write
 * what it has begun; a socket that is shut down ends that. */
static void on_reaper(uv_timer_t *t)
{
    struct icd_http *h = t->data;
    uint64_t now = icd_http_now_ms();
    size_t it = 0, waiting = 0;
    struct ic_view key;
    void *value;
    while (ic_map_next(&h->conns, &it, &key, &value)) {
        struct icd_ws *c = value;
        waiting += c->closing;
        if (c->closing && now >= c->close_by_ms)
            shutdown(lws_get_socket_fd(c->wsi), SHUT_RDWR);
    }
    if (!waiting)
        uv_timer_stop(t);
}

static void end_soon(struct icd_ws *c)
{
    c->closing = true;
    c->close_by_ms = icd_http_now_ms() + CLOSE_WAIT_MS;
    uv_timer_start(c->http->reaper, on_reaper, CLOSE_WAIT_MS, 1000);
    lws_callback_on_writable(c->wsi);
}

/* The queue gives way to one frame that says why. */
static void too_slow(struct icd_ws *c)
{
    IC_BUF_SCOPE(b, 1024);
    struct ic_wire_frame f = {
        .type = IC_WIRE_ERROR,
        .error = {.code = IC_WIRE_E_LIMIT,
                  .text = IC_VIEW_STR("you read too slowly; reconnect and fetch")}};
    c->http->stats.too_slow++;
    /* The first may be half written. */
    while (c->head && c->head->next) {
        struct icd_queued *q = c->head->next;
        c->head->next = q->next;
        c->queued -= q->frame->len;
        c->http->stats.queued -= q->frame->len;
        shared_drop(q->frame);
        ic_free(q);
    }
    c->tail = c->head ? &c->head->next : &c->head;
    struct icd_shared *s = ic_wire_encode(&f, &b) == IC_OK ? share(ic_buf_view(&b)) : NULL;
    if (s) {
        (void)push(c, s);
        shared_drop(s);
    }
    c->refused = true;
    end_soon(c);
}

void icd_http_send(struct icd_http *h, const uint64_t *conns, size_t count, struct ic_view frame)
{
    struct icd_shared *f = share(frame);
    for (size_t i = 0; i < count; i++) {
        struct icd_ws *c = ic_map_get(&h->conns, id_key(&conns[i]));
        if (!c || c->closing)
            continue;
        if (!f || c->queued + frame.len > h->config.queue_bytes || !push(c, f))
            too_slow(c);
        else
            lws_callback_on_writable(c->wsi);
    }
    if (f)
        shared_drop(f);
}

void icd_http_close(struct icd_http *h, uint64_t conn)
{
    struct icd_ws *c = ic_map_get(&h->conns, id_key(&conn));
    if (!c)
        return;
    c->told = false;
    c->refused = true;
    if (!c->closing)
        end_soon(c);
}

/* ---- libwebsockets' calls ---- */

static int established(struct icd_http *h, struct icd_ws *c, struct lws *wsi)
{
    *c = (struct icd_ws){.http = h, .wsi = wsi, .id = ++h->next_id};
    c->tail = &c->head;
    ic_buf_init(&c->in, IC_WIRE_MAX);
    if (!icd_http_peer(wsi, c->address) || ic_map_put(&h->conns, id_key(&c->id), c) != IC_OK)
        return -1;
    if (icd_http_count_add(&h->addresses, c->address, 1) != IC_OK) {
        ic_map_remove(&h->conns, id_key(&c->id));
        return -1;
    }
    h->stats.opened++;
    c->told = h->config.ws_open(h->config.ctx, c->id, ic_view(c->address, 16));
    return c->told ? 0 : -1;
}

static void closed(struct icd_http *h, struct icd_ws *c)
{
    if (!c->http)
        return;
    if (ic_map_get(&h->conns, id_key(&c->id)) == c) {
        ic_map_remove(&h->conns, id_key(&c->id));
        IC_IGNORE(icd_http_count_add(&h->addresses, c->address, -1));
    }
    queue_clear(c);
    ic_buf_clear(&c->in);
    if (c->told)
        h->config.ws_close(h->config.ctx, c->id);
    c->told = false;
    c->http = NULL;
}

static void refuse(struct icd_http *h, struct icd_ws *c, const char *why)
{
    c->refused = true;
    ic_buf_clear(&c->in);
    h->config.ws_refused(h->config.ctx, c->id, why);
}

static void receive(struct icd_http *h, struct icd_ws *c, const void *in, size_t len)
{
    if (c->refused)
        return;
    if (!lws_frame_is_binary(c->wsi)) {
        refuse(h, c, "frames are binary");
        return;
    }
    /* Refused by its length, before it is all here. */
    size_t whole = c->in.len + len + lws_remaining_packet_payload(c->wsi);
    if (whole > h->config.ws_max(h->config.ctx, c->id) ||
        ic_buf_append(&c->in, ic_view(in, len)) != IC_OK) {
        refuse(h, c, "the frame is too long");
        return;
    }
    if (lws_remaining_packet_payload(c->wsi) || !lws_is_final_fragment(c->wsi))
        return;
#ifdef IC_TEST_HOOKS
    icd_testhook_http_note(c->id, false, ic_buf_view(&c->in));
#endif
    h->config.ws_frame(h->config.ctx, c->id, ic_buf_view(&c->in));
    ic_buf_reset(&c->in);
    if (c->in.cap > 65536)
        ic_buf_clear(&c->in);
}

static int writable(struct icd_ws *c)
{
    for (int i = 0; c->head && i < WRITES_A_TURN; i++) {
        struct icd_shared *f = c->head->frame;
#ifdef IC_TEST_HOOKS
        icd_testhook_http_note(c->id, true, ic_view(f->bytes + LWS_PRE, f->len));
#endif
        if (lws_write(c->wsi, f->bytes + LWS_PRE, f->len, LWS_WRITE_BINARY) < (int)f->len)
            return -1;
        c->http->stats.bytes_out += f->len;
        pop(c);
        if (lws_send_pipe_choked(c->wsi))
            break;
    }
    if (c->head) {
        lws_callback_on_writable(c->wsi);
        return 0;
    }
    if (!c->closing)
        return 0;
    lws_close_reason(c->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
    return -1;
}

int icd_http_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                         size_t len)
{
    struct icd_http *h = lws_vhost_user(lws_get_vhost(wsi));
    struct icd_ws *c = user;
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return icd_http_ws_allowed(h, wsi) ? 0 : 1;
    case LWS_CALLBACK_ESTABLISHED:
        return established(h, c, wsi);
    case LWS_CALLBACK_RECEIVE:
        receive(h, c, in, len);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return writable(c);
    case LWS_CALLBACK_CLOSED:
        closed(h, c);
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

#include "http/private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ic/base/mem.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNS_MAX = 1 << 20,
    HEADER_TIMEOUT_S = 10,
    KEEPALIVE_S = 15,
    RX_BYTES = 16384,
    LOG_WINDOW_MS = 10000,
    LOG_LINES = 20,
    DESCRIPTORS_MAX = 1 << 17,
    DESCRIPTORS_KEPT = 64, /* for the store, logs, certificates and UDP sockets */
    LAST_TURNS = 500,
};

static const struct lws_protocols protocols[] = {
    {"http", icd_http_request_callback, sizeof(struct icd_request), RX_BYTES, 0, NULL, 0},
    {IC_WIRE_PROTOCOL, icd_http_ws_callback, sizeof(struct icd_ws), RX_BYTES, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

uint64_t icd_http_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

bool icd_http_peer(struct lws *wsi, uint8_t out[16])
{
    return icd_http_peer_of(lws_get_socket_fd(lws_get_network_wsi(wsi)), out);
}

bool icd_http_is_local(const uint8_t address[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const uint8_t loopback[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return memcmp(address, loopback, 16) == 0 ||
           (memcmp(address, mapped, 12) == 0 && address[12] == 127);
}

/* libwebsockets speaks for itself only where something is wrong, and strangers can make that often. */
static void on_lws_log(int level, const char *line)
{
    static uint64_t since_ms;
    static unsigned lines;
    uint64_t now = icd_http_now_ms();
    if (now - since_ms >= LOG_WINDOW_MS) {
        since_ms = now;
        lines = 0;
    }
    if ((level & LLL_ERR) && lines++ < LOG_LINES)
        fprintf(stderr, "level=warn event=libwebsockets text=\"%.*s\"\n",
                (int)strcspn(line, "\n\""), line);
}

/* libwebsockets stops listening when its own sockets fill the limit that it sees, and spins on accept when
 * others fill the real one first: so it is shown a smaller limit than there is. */
static struct lws_context *create_context(const struct lws_context_creation_info *info)
{
    struct rlimit real, shown;
    if (getrlimit(RLIMIT_NOFILE, &real) != 0)
        return lws_create_context(info);
    real.rlim_cur = real.rlim_max < DESCRIPTORS_MAX ? real.rlim_max : DESCRIPTORS_MAX;
    shown = real;
    shown.rlim_cur -= real.rlim_cur > 2 * DESCRIPTORS_KEPT ? DESCRIPTORS_KEPT : real.rlim_cur / 2;
    (void)setrlimit(RLIMIT_NOFILE, &shown);
    struct lws_context *context = lws_create_context(info);
    (void)setrlimit(RLIMIT_NOFILE, &real);
    return context;
}

static const struct lws_protocols http_alone[] = {
    {"http", icd_http_request_callback, sizeof(struct icd_request), RX_BYTES, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

static ic_err add_vhost(struct icd_http *h, size_t i, char *why)
{
    const struct icd_http_listener *l = &h->config.listeners[i];
    struct lws_context_creation_info info = {0};
    snprintf(h->names[i], sizeof h->names[i], "listener-%zu", i);
    info.vhost_name = h->names[i]; /* borrowed for the life of the context */
    info.port = l->port;
    info.iface = l->address[0] ? l->address : NULL;
    info.protocols = l->challenges ? http_alone : protocols;
    info.user = h;
    info.timeout_secs = HEADER_TIMEOUT_S;
    info.keepalive_timeout = KEEPALIVE_S;
    info.retry_and_idle_policy = &h->idle;
    info.alpn = "http/1.1";
    if (l->tls) {
        info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = h->config.certificate;
        info.ssl_private_key_filepath = h->config.private_key;
        info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    }
    if (strchr(l->address, ':') == NULL && l->address[0])
        info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
    h->vhosts[i] = lws_create_vhost(h->context, &info);
    if (h->vhosts[i] && lws_get_vhost_listen_port(h->vhosts[i]) > 0)
        return IC_OK;
    snprintf(why, ICD_HTTP_WHY, "cannot listen on %s port %u%s", l->address[0] ? l->address : "*",
             l->port, l->tls ? " (or its certificate cannot be used)" : "");
    return IC_ERR_IO;
}

static ic_err check_readable(const char *path, char *why)
{
    if (access(path, R_OK) == 0)
        return IC_OK;
    snprintf(why, ICD_HTTP_WHY, "%s: %s", path, strerror(errno));
    return IC_ERR_IO;
}

static ic_err check_certificate(const struct icd_http *h, char *why)
{
    IC_TRY(check_readable(h->config.certificate, why));
    IC_TRY(check_readable(h->config.private_key, why));
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    bool ok = ctx && SSL_CTX_use_certificate_chain_file(ctx, h->config.certificate) == 1 &&
              SSL_CTX_use_PrivateKey_file(ctx, h->config.private_key, SSL_FILETYPE_PEM) == 1 &&
              SSL_CTX_check_private_key(ctx) == 1;
    SSL_CTX_free(ctx);
    if (ok)
        return IC_OK;
    unsigned long e = ERR_peek_error();
    const char *reason = e ? ERR_reason_error_string(e) : NULL;
    snprintf(why, ICD_HTTP_WHY, "certificate %s and key %s cannot be used: %s",
             h->config.certificate, h->config.private_key,
             reason ? reason : "they do not fit together");
    ERR_clear_error();
    return IC_ERR_IO;
}

static ic_err open_all(struct icd_http *h, char *why)
{
    struct lws_context_creation_info info = {0};
    bool tls = false;
    for (size_t i = 0; i < h->config.listener_count; i++)
        tls = tls || h->config.listeners[i].tls;
    if (tls)
        IC_TRY(check_certificate(h, why));
    h->idle = (lws_retry_bo_t){.secs_since_valid_ping = (uint16_t)(h->config.ping_ms / 1000),
                               .secs_since_valid_hangup = (uint16_t)(h->config.ping_ms * 3 / 1000)};
    h->loops[0] = h->config.loop;
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBUV |
                   (tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0);
    info.foreign_loops = h->loops;
    info.gid = info.uid = -1;
    info.retry_and_idle_policy = &h->idle;
    info.user = h;
    info.pt_serv_buf_size = RX_BYTES;
    h->context = create_context(&info);
    if (!h->context) {
        snprintf(why, ICD_HTTP_WHY,
                 "libwebsockets does not start (is its libuv plugin installed?)");
        return IC_ERR_IO;
    }
    for (size_t i = 0; i < h->config.listener_count; i++)
        IC_TRY(add_vhost(h, i, why));
    return IC_OK;
}

ic_err icd_http_new(const struct icd_http_config *config, char *why, struct icd_http **out)
{
    struct icd_http *h = ic_new(struct icd_http);
    if (!h)
        return IC_ERR_NOMEM;
    h->config = *config;
    h->reaper = ic_new(uv_timer_t);
    if (!h->reaper) {
        ic_free(h);
        return IC_ERR_NOMEM;
    }
    uv_timer_init(config->loop, h->reaper);
    h->reaper->data = h;
    lws_set_log_level(LLL_ERR, on_lws_log);
    ic_map_init(&h->conns, CONNS_MAX, config->seed);
    ic_map_init(&h->addresses, CONNS_MAX, config->seed);
    ic_map_init(&h->lines, CONNS_MAX, config->seed);
    ic_map_init(&h->line_counts, CONNS_MAX, config->seed);
    ic_map_init(&h->owed, CONNS_MAX, config->seed);
    ic_err e = icd_limiter_init(&h->requests, config->requests_per_min, config->seed)
                   ? IC_OK
                   : IC_ERR_NOMEM;
    if (e == IC_OK)
        e = open_all(h, why);
    if (e != IC_OK) {
        icd_http_free(h);
        return e;
    }
    *out = h;
    return IC_OK;
}

static void on_reaper_closed(uv_handle_t *t)
{
    ic_free(t);
}

/* libwebsockets frees nothing of a connection that has bytes to write when its context ends: so the
 * sockets end first. */
static void end_sockets(struct icd_http *h)
{
    size_t it = 0;
    struct ic_view key;
    void *value;
    while (ic_map_next(&h->conns, &it, &key, &value))
        shutdown(lws_get_socket_fd(((struct icd_ws *)value)->wsi), SHUT_RDWR);
    for (int i = 0; i < LAST_TURNS && h->conns.count; i++) {
        struct timespec t = {0, 1000000};
        uv_run(h->config.loop, UV_RUN_NOWAIT);
        nanosleep(&t, NULL);
    }
}

void icd_http_free(struct icd_http *h)
{
    if (!h)
        return;
    h->stopping = true;
    if (h->context)
        end_sockets(h);
    uv_close((uv_handle_t *)h->reaper, on_reaper_closed);
    if (h->context) {
        /* On a loop that is not its own libwebsockets ends in two steps: the first closes its handles,
         * which the loop must see, the second frees. */
        lws_context_destroy(h->context);
        for (int i = 0; i < LAST_TURNS && uv_loop_alive(h->config.loop); i++)
            uv_run(h->config.loop, UV_RUN_NOWAIT);
        lws_context_destroy(h->context);
    }
    ic_map_clear(&h->conns);
    ic_map_clear(&h->addresses);
    ic_map_clear(&h->owed);
    icd_http_lines_clear(h);
    icd_limiter_clear(&h->requests);
    ic_free(h);
}

uint16_t icd_http_port(const struct icd_http *h, size_t listener)
{
    return (uint16_t)lws_get_vhost_listen_port(h->vhosts[listener]);
}

ic_err icd_http_reload(struct icd_http *h, char *why)
{
    if (h->tls_count == 0)
        return IC_OK;
    IC_TRY(check_certificate(h, why));
    for (size_t i = 0; i < h->tls_count; i++) {
        SSL_CTX *ctx = h->tls[i];
        if (SSL_CTX_use_certificate_chain_file(ctx, h->config.certificate) != 1 ||
            SSL_CTX_use_PrivateKey_file(ctx, h->config.private_key, SSL_FILETYPE_PEM) != 1) {
            snprintf(why, ICD_HTTP_WHY, "the certificate changed while it was read");
            ERR_clear_error();
            return IC_ERR_IO;
        }
    }
    return IC_OK;
}

void icd_http_stats(const struct icd_http *h, struct icd_http_stats *out)
{
    *out = h->stats;
    out->open = h->conns.count;
    out->lines = h->lines.count;
}

#include "main/server.h"
#include "log/log.h"
#include "store/store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ic/page/page.h>
#include <icd/services.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef ICD_VERSION
#define ICD_VERSION "0"
#endif
enum { CERTIFICATE_LOOK_MS = 60000, RETURN_MS = 2000 };

ic_err icd_os_random(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    while (n) {
        ssize_t got = getrandom(out, n, 0);
        if (got < 0 && errno != EINTR)
            return IC_ERR_IO;
        if (got > 0) {
            out += got;
            n -= (size_t)got;
        }
    }
    return IC_OK;
}

uint64_t icd_server_now_ms(struct icd_server *s)
{
    uv_timeval64_t t;
    if (uv_gettimeofday(&t) == 0) {
        uint64_t now = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_usec / 1000;
        if (now > s->clock_ms)
            s->clock_ms = now;
    }
    return s->clock_ms;
}

/* ---- the core's calls ---- */

static void on_send(void *ctx, const uint64_t *conns, size_t count, struct ic_view frame)
{
    struct icd_server *s = ctx;
    icd_http_send(s->http, conns, count, frame);
}

static void on_close(void *ctx, uint64_t conn)
{
    struct icd_server *s = ctx;
    icd_http_close(s->http, conn);
}

static void on_log(void *ctx, enum icd_log_level level, const char *event, const char *fields)
{
    (void)ctx;
    icd_log(level, event, "%s", fields);
}

/* ---- the loop ---- */

static void on_timer(uv_timer_t *t);

static void flush(struct icd_server *s)
{
    if (s->identity)
        icd_identity_flush(s->identity);
    if (!s->core)
        return;
    icd_core_flush(s->core);
    uint64_t at = icd_core_deadline_ms(s->core), now = icd_server_now_ms(s);
    if (at == UINT64_MAX)
        uv_timer_stop(&s->timer);
    else
        uv_timer_start(&s->timer, on_timer, at > now ? at - now : 0, 0);
}

static void on_timer(uv_timer_t *t)
{
    struct icd_server *s = t->data;
    icd_core_tick(s->core, icd_server_now_ms(s));
    flush(s);
}

/* After the sockets of a turn were read, before the loop sleeps again: one transaction for all of it. */
static void on_check(uv_check_t *c)
{
    flush(c->data);
}

static void on_prepare(uv_prepare_t *p)
{
    flush(p->data);
}

static void on_media_wake(uv_async_t *a)
{
    struct icd_server *s = a->data;
    icd_core_media_poll(s->core, icd_server_now_ms(s));
}

static void wake(void *ctx)
{
    struct icd_server *s = ctx;
    uv_async_send(&s->media_wake);
}

/* ---- HTTP's calls ---- */

static bool on_ws_open(void *ctx, uint64_t conn, struct ic_view address)
{
    struct icd_server *s = ctx;
    return s->core && icd_core_open(s->core, conn, address, icd_server_now_ms(s)) == IC_OK;
}

static void on_ws_frame(void *ctx, uint64_t conn, struct ic_view bytes)
{
    struct icd_server *s = ctx;
    icd_core_frame(s->core, conn, bytes, icd_server_now_ms(s));
}

static void on_ws_refused(void *ctx, uint64_t conn, const char *why)
{
    struct icd_server *s = ctx;
    icd_core_refuse(s->core, conn, IC_WIRE_E_LIMIT, why, icd_server_now_ms(s));
}

static void on_ws_close(void *ctx, uint64_t conn)
{
    struct icd_server *s = ctx;
    icd_core_close(s->core, conn, icd_server_now_ms(s));
}

static size_t on_ws_max(void *ctx, uint64_t conn)
{
    struct icd_server *s = ctx;
    return icd_core_frame_max(s->core, conn);
}

static void on_http_log(void *ctx, int level, const char *event, const char *fields)
{
    (void)ctx;
    icd_log((enum icd_log_level)level, event, "%s", fields);
}

/* ---- certificates ---- */

static uint64_t mtime_of(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return 0;
    return (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec;
}

void icd_server_reload_certificate(struct icd_server *s)
{
    char why[ICD_HTTP_WHY];
    uint64_t mtime = mtime_of(s->config.certificate);
    if (icd_http_reload(s->http, why) == IC_OK) {
        s->certificate_mtime = mtime;
        icd_log(ICD_LOG_INFO, "certificate_loaded", "%s", "");
    } else {
        icd_log(ICD_LOG_ERROR, "certificate_kept", "reason=\"%s\"", why);
    }
}

static void on_certificates(uv_timer_t *t)
{
    struct icd_server *s = t->data;
    if (mtime_of(s->config.certificate) != s->certificate_mtime)
        icd_server_reload_certificate(s);
}

/* ---- signals ---- */

static void on_drain(uv_timer_t *t)
{
    struct icd_server *s = t->data;
    struct icd_http_stats stats;
    icd_http_stats(s->http, &stats);
    bool done = stats.open == 0 || icd_server_now_ms(s) >= s->drain_until_ms;
    if (done)
        uv_stop(&s->loop);
}

static void begin_drain(struct icd_server *s)
{
    if (s->draining) {
        uv_stop(&s->loop); /* asked twice */
        return;
    }
    s->draining = true;
    icd_log(ICD_LOG_INFO, "draining", "ms=%u", s->config.drain_ms);
    s->drain_until_ms = icd_server_now_ms(s) + s->config.drain_ms;
    if (s->core)
        icd_core_drain(s->core, RETURN_MS);
    flush(s);
    uv_timer_start(&s->drain, on_drain, 50, 50);
}

static void reload(struct icd_server *s)
{
    char why[ICD_CONFIG_WHY];
    struct icd_config c = s->config;
    if (s->config_path && icd_config_read(&c, s->config_path, why) != IC_OK)
        icd_log(ICD_LOG_ERROR, "config_kept", "reason=\"%s\"", why);
    s->config.log_level = c.log_level;
    if (icd_log_open(s->config.log_dir, s->config.log_level, why, sizeof why) != IC_OK)
        icd_log(ICD_LOG_ERROR, "log_kept", "reason=\"%s\"", why);
    icd_server_reload_certificate(s);
}

static void on_signal(uv_signal_t *h, int number)
{
    if (number == SIGHUP)
        reload(h->data);
    else
        begin_drain(h->data);
}

/* ---- starting ---- */

static ic_err open_store(struct icd_server *s, char *why)
{
    char path[ICD_CONFIG_PATH_MAX + 16], reason[ICD_STORE_WHY];
    snprintf(path, sizeof path, "%s/incamera.db", s->config.data_dir);
    ic_err e = icd_store_open(path, reason, &s->store);
    if (e != IC_OK)
        snprintf(why, ICD_CONFIG_WHY, "%s: %s", path, reason);
    return e;
}

static void on_warm(uv_work_t *w)
{
    (void)w; /* the threads that write are there from the start, before memory is tight */
}

static ic_err open_disk(struct icd_server *s, char *why)
{
    static uv_work_t warm;
    char path[ICD_CONFIG_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/files", s->config.data_dir);
    ic_err e = icd_disk_open(path, &s->disk);
    if (e != IC_OK)
        snprintf(why, ICD_CONFIG_WHY, "%s: %s", path, strerror(errno));
    else
        s->disk_seam = icd_disk_seam(s->disk);
    if (e == IC_OK && uv_queue_work(&s->loop, &warm, on_warm, NULL) != 0)
        e = IC_ERR_NOMEM;
    return e;
}

/* Addresses that clients can reach: as configured, else those of this machine's interfaces. */
static void own_addresses(struct icd_sfu_config *c, char room[][INET6_ADDRSTRLEN])
{
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0)
        return;
    for (struct ifaddrs *i = list; i && c->address_count < IC_WIRE_ADDRESSES_MAX; i = i->ifa_next) {
        if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || !(i->ifa_flags & IFF_UP))
            continue;
        const void *a = &((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr;
        if (inet_ntop(AF_INET, a, room[c->address_count], INET6_ADDRSTRLEN)) {
            c->addresses[c->address_count] = room[c->address_count];
            c->address_count++;
        }
    }
    freeifaddrs(list);
}

static ic_err open_media(struct icd_server *s, char *why)
{
    char room[IC_WIRE_ADDRESSES_MAX][INET6_ADDRSTRLEN];
    struct icd_sfu_config c = {.shards = s->config.media_shards,
                               .bind = s->config.media_bind,
                               .port = (uint16_t)s->config.media_port,
                               .max_sessions = s->config.media_sessions,
                               .strangers_per_s = s->config.media_strangers_per_s,
                               .packets_per_s = s->config.media_packets_per_s};
    struct ic_view rest = ic_view_cstr(s->config.media_addresses), item;
    while (c.address_count < IC_WIRE_ADDRESSES_MAX && icd_config_next(&rest, &item)) {
        snprintf(room[c.address_count], INET6_ADDRSTRLEN, "%.*s", (int)item.len, item.p);
        c.addresses[c.address_count] = room[c.address_count];
        c.address_count++;
    }
    if (c.address_count == 0)
        own_addresses(&c, room);
#ifdef IC_TEST_HOOKS
    const char *loss = getenv("IC_TEST_LOSS"); /* percent of datagrams, in and out */
    ic_testhook_sfu_loss(loss ? (unsigned)strtoul(loss, NULL, 10) : 0);
#endif
    ic_err e = icd_sfu_new(&c, &s->sfu);
    if (e != IC_OK) {
        snprintf(why, ICD_CONFIG_WHY, "media: cannot open UDP port %u on %s: %s",
                 s->config.media_port, s->config.media_bind, ic_err_text(e));
        return e;
    }
    s->media = icd_sfu_media(s->sfu);
    s->media.ops->set_wake(s->media.self, wake, s);
    return IC_OK;
}

static ic_err open_core(struct icd_server *s, char *why)
{
    struct icd_core_config c = {.store = s->store,
                                .media = s->sfu ? &s->media : NULL,
                                .disk = &s->disk_seam,
                                .rand = {icd_os_random, NULL},
                                .limits = s->config.limits,
                                .server_name = "incamerad/" ICD_VERSION,
                                .send = on_send,
                                .close = on_close,
                                .log = on_log,
                                .ctx = s};
    ic_err e = icd_core_new(&c, icd_server_now_ms(s), &s->core);
    if (e != IC_OK)
        snprintf(why, ICD_CONFIG_WHY, "cannot start: %s", ic_err_text(e));
    else
        icd_services_register(s->core);
    return e;
}

static void take_listeners(struct icd_http_config *h, const char *list, bool tls, bool challenges)
{
    struct ic_view rest = ic_view_cstr(list), item;
    while (h->listener_count < ICD_HTTP_LISTENERS_MAX && icd_config_next(&rest, &item)) {
        struct icd_http_listener *l = &h->listeners[h->listener_count];
        l->tls = tls;
        l->challenges = challenges;
        if (icd_config_address(item, l->address, &l->port) == IC_OK)
            h->listener_count++;
    }
}

static ic_err open_http(struct icd_server *s, char *why)
{
    struct icd_http_config h = {.loop = &s->loop,
                                .certificate = s->config.certificate,
                                .private_key = s->config.private_key,
                                .queue_bytes = s->config.queue_bytes,
                                .connections_per_address = s->config.connections_per_address,
                                .requests_per_min = s->config.requests_per_min,
                                .ping_ms = s->config.limits.ping_ms,
                                .request = icd_server_request,
                                .limited = icd_server_limited,
                                .ws_open = on_ws_open,
                                .ws_frame = on_ws_frame,
                                .ws_refused = on_ws_refused,
                                .ws_close = on_ws_close,
                                .ws_max = on_ws_max,
                                .log = on_http_log,
                                .ctx = s};
    take_listeners(&h, s->config.listen_local, false, false);
    take_listeners(&h, s->config.listen, true, false);
    if (s->config.acme.directory[0])
        take_listeners(&h, s->config.acme.listen, false, true);
    IC_TRY(icd_os_random(NULL, (uint8_t *)h.seed, sizeof h.seed));
    return icd_http_new(&h, why, &s->http);
}

static void open_handles(struct icd_server *s)
{
    static const int numbers[3] = {SIGTERM, SIGINT, SIGHUP};
    uv_timer_init(&s->loop, &s->timer);
    uv_timer_init(&s->loop, &s->certificates);
    uv_timer_init(&s->loop, &s->drain);
    uv_check_init(&s->loop, &s->check);
    uv_prepare_init(&s->loop, &s->prepare);
    uv_async_init(&s->loop, &s->media_wake, on_media_wake);
    s->timer.data = s->certificates.data = s->drain.data = s;
    s->check.data = s->prepare.data = s->media_wake.data = s;
    for (size_t i = 0; i < 3; i++) {
        uv_signal_init(&s->loop, &s->signals[i]);
        s->signals[i].data = s;
        uv_signal_start(&s->signals[i], on_signal, numbers[i]);
    }
}

static ic_err open_dirs(struct icd_server *s, char *why)
{
    IC_TRY(icd_folders_open(&s->config, &s->folders, why));
    return icd_log_open(s->config.log_dir, s->config.log_level, why, ICD_CONFIG_WHY);
}

/* What the shield's panel shows to those who joined in a browser, to compare with. */
static void say_pages(void)
{
    if (ic_page_own.count)
        fprintf(stderr, "incamerad: pages sha256 %s, %s%s\n", ic_page_own.hash,
                strcmp(ic_page_own.signed_by, "unsigned") == 0 ? "" : "signed with the key of ",
                strcmp(ic_page_own.signed_by, "development") == 0 ? "a development machine"
                                                                  : ic_page_own.signed_by);
    else
        fprintf(stderr, "incamerad: built without the pages to join in a browser\n");
}

static ic_err open_meetings(struct icd_server *s, char *why)
{
    IC_TRY(open_store(s, why));
    IC_TRY(open_disk(s, why));
    if (s->config.media)
        IC_TRY(open_media(s, why));
    return open_core(s, why);
}

ic_err icd_server_start(struct icd_server *s, char *why)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* the store is told EFBIG instead */
    uv_loop_init(&s->loop);
    open_handles(s);
    IC_TRY(open_dirs(s, why));
    if (!s->identity_only)
        IC_TRY(open_meetings(s, why));
    IC_TRY(icd_server_prepare_owncert(s, why));
    IC_TRY(open_http(s, why));
    IC_TRY(icd_server_open_identity(s, why));
    IC_TRY(icd_server_open_owncert(s, why));
    IC_TRY(icd_folders_say(&s->folders, why));
    s->certificate_mtime = mtime_of(s->config.certificate);
    uv_check_start(&s->check, on_check);
    uv_prepare_start(&s->prepare, on_prepare);
    uv_timer_start(&s->certificates, on_certificates, CERTIFICATE_LOOK_MS, CERTIFICATE_LOOK_MS);
    icd_log(ICD_LOG_INFO, "started", "http=%u https=%u schema=%d pages=%s signed=%s",
            icd_server_port(s, false), icd_server_port(s, true), icd_store_schema(),
            ic_page_own.count ? ic_page_own.hash : "none", ic_page_own.signed_by);
    say_pages();
    return IC_OK;
}

uint16_t icd_server_port(const struct icd_server *s, bool tls)
{
    /* The listeners were taken in this order. */
    size_t at = 0;
    struct ic_view local = ic_view_cstr(s->config.listen_local), item;
    while (icd_config_next(&local, &item))
        if (!tls)
            return icd_http_port(s->http, 0);
        else
            at++;
    struct ic_view rest = ic_view_cstr(s->config.listen);
    return tls && icd_config_next(&rest, &item) ? icd_http_port(s->http, at) : 0;
}

void icd_server_run(struct icd_server *s)
{
    uv_run(&s->loop, UV_RUN_DEFAULT);
}

static void close_handles(struct icd_server *s)
{
    uv_close((uv_handle_t *)&s->timer, NULL);
    uv_close((uv_handle_t *)&s->certificates, NULL);
    uv_close((uv_handle_t *)&s->drain, NULL);
    uv_close((uv_handle_t *)&s->check, NULL);
    uv_close((uv_handle_t *)&s->prepare, NULL);
    uv_close((uv_handle_t *)&s->media_wake, NULL);
    for (size_t i = 0; i < 3; i++)
        uv_close((uv_handle_t *)&s->signals[i], NULL);
}

void icd_server_stop(struct icd_server *s)
{
    flush(s);
    uv_check_stop(&s->check);
    uv_prepare_stop(&s->prepare);
    uv_timer_stop(&s->timer);
    icd_owncert_free(s->owncert);
    s->owncert = NULL;
    icd_identity_free(s->identity); /* its last answers leave, its jobs come back */
    s->identity = NULL;
    icd_http_free(s->http); /* closes connections, which the core is told */
    s->http = NULL;
    while (s->writing && uv_run(&s->loop, UV_RUN_ONCE) >= 0)
        ; /* their memory is ours until they come back */
    icd_core_free(s->core);
    icd_sfu_free(s->sfu); /* its threads may wake the loop up to here */
    icd_store_close(s->store);
    icd_disk_close(s->disk);
    icd_folders_close(&s->folders);
    close_handles(s);
    for (int i = 0; i < 1000 && uv_run(&s->loop, UV_RUN_NOWAIT) > 0; i++)
        ;
    uv_loop_close(&s->loop);
    icd_log(ICD_LOG_INFO, "stopped", "%s", "");
    icd_log_close();
}

#include "internal.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ic/base/mem.h>
#include <ic/os/os.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TICK_MAX_MS = 50, AUDIO_SLOTS = 8, VIDEO_SLOTS = 24 };

void icc_engine_kick(struct icc_engine *e)
{
    uint64_t one = 1;
    if (write(e->wake_fd, &one, sizeof one) < 0)
        return; /* the counter is full: the thread is awake anyway */
}

void icc_engine_post(struct icc_engine *e, const struct icc_engine_event *event)
{
    pthread_mutex_lock(&e->queue_lock);
    /* Anybody on the way can make unknown KIDs: they leave room for what must be told. */
    size_t most = event->type == ICC_ENGINE_UNKNOWN_KID ? EVENTS_MAX / 4 : EVENTS_MAX;
    bool room = e->event_count < most;
    if (room)
        e->events[(e->event_first + e->event_count++) % EVENTS_MAX] = *event;
    pthread_mutex_unlock(&e->queue_lock);
    if (room)
        e->c.wake(e->c.ctx);
}

bool icc_engine_next_event(struct icc_engine *e, struct icc_engine_event *out)
{
    pthread_mutex_lock(&e->queue_lock);
    bool some = e->event_count > 0;
    if (some) {
        *out = e->events[e->event_first];
        e->event_first = (e->event_first + 1) % EVENTS_MAX;
        e->event_count--;
    }
    pthread_mutex_unlock(&e->queue_lock);
    return some;
}

/* One socket for both families: IPv4 addresses travel as ::ffff:a.b.c.d. */
static int open_socket(void)
{
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0) {
        int off = 0, room = 1 << 20;
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        return fd;
    }
    return -1;
}

static void send_datagram(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    struct icc_engine *e = ctx;
    struct sockaddr_in6 sa = {.sin6_family = AF_INET6, .sin6_port = htons(to->port)};
    if (to->family == 4) {
        sa.sin6_addr.s6_addr[10] = sa.sin6_addr.s6_addr[11] = 0xff;
        memcpy(sa.sin6_addr.s6_addr + 12, to->ip, 4);
    } else {
        memcpy(sa.sin6_addr.s6_addr, to->ip, 16);
    }
    if (sendto(e->socket, datagram.p, datagram.len, 0, (struct sockaddr *)&sa, sizeof sa) < 0)
        return; /* as good as lost on the way: NACK and retransmission mend it */
}

static void on_event(void *ctx, const struct ic_rtc_event *event)
{
    struct icc_engine *e = ctx;
    struct icc_engine_event ev = {0};
    switch (event->type) {
    case IC_RTC_EVENT_OPEN:
        __atomic_store_n(&e->open, true, __ATOMIC_RELAXED);
        ev.type = ICC_ENGINE_OPEN;
        break;
    case IC_RTC_EVENT_CLOSED:
        __atomic_store_n(&e->open, false, __ATOMIC_RELAXED);
        ev.type = ICC_ENGINE_CLOSED;
        snprintf(ev.text, sizeof ev.text, "%s", ic_err_text(event->err));
        break;
    case IC_RTC_EVENT_KEY_FRAME:
        icc_engine_want_key(e,
                            event->ssrc == e->ssrc[SOURCE_SCREEN] ? SOURCE_SCREEN : SOURCE_VIDEO);
        return;
    }
    icc_engine_post(e, &ev);
}

static void read_socket(struct icc_engine *e, uint64_t now_ms)
{
    uint8_t datagram[2048];
    for (int i = 0; i < 256; i++) {
        struct sockaddr_in6 sa;
        socklen_t sa_len = sizeof sa;
        ssize_t n =
            recvfrom(e->socket, datagram, sizeof datagram, 0, (struct sockaddr *)&sa, &sa_len);
        if (n <= 0)
            return;
        struct ic_rtc_addr from = {.port = ntohs(sa.sin6_port), .family = 6};
        if (IN6_IS_ADDR_V4MAPPED(&sa.sin6_addr)) {
            from.family = 4;
            memcpy(from.ip, sa.sin6_addr.s6_addr + 12, 4);
        } else {
            memcpy(from.ip, sa.sin6_addr.s6_addr, 16);
        }
        if (e->ep && e->started)
            ic_rtc_endpoint_input(e->ep, &from, datagram, (size_t)n, now_ms);
    }
}

static void send_queue(struct icc_engine *e, uint64_t now_ms)
{
    for (;;) {
        pthread_mutex_lock(&e->queue_lock);
        bool some = e->queue_count > 0;
        struct out_frame f = {0};
        if (some) {
            f = e->queue[e->queue_first];
            e->queue_first = (e->queue_first + 1) % OUT_QUEUE_MAX;
            e->queue_count--;
        }
        pthread_mutex_unlock(&e->queue_lock);
        if (!some)
            return;
        struct ic_rtc_frame frame = {.ssrc = e->ssrc[f.source],
                                     .kind = f.video ? IC_RTC_VIDEO : IC_RTC_AUDIO,
                                     .timestamp = f.timestamp,
                                     .key = f.key,
                                     .has_level = !f.video,
                                     .level = f.level,
                                     .voice = f.level < 60,
                                     .data = ic_view(f.data, f.len)};
        ic_err err = e->ep ? ic_rtc_endpoint_send_frame(e->ep, &frame, now_ms) : IC_ERR_STATE;
        ic_free(f.data);
        if (err != IC_OK && f.video)
            icc_engine_want_key(e, f.source);
        pthread_mutex_lock(&e->queue_lock);
        if (err == IC_OK)
            e->stats.frames_sent++;
        else
            e->stats.frames_dropped++;
        pthread_mutex_unlock(&e->queue_lock);
    }
}

static int wait_ms(struct icc_engine *e, uint64_t now_ms)
{
    uint64_t deadline = e->ep && e->started ? ic_rtc_endpoint_deadline(e->ep) : IC_RTC_NEVER;
    uint64_t wait = deadline <= now_ms ? 0 : deadline - now_ms;
    uint64_t most = e->held_count ? 10 : TICK_MAX_MS;
    return (int)(wait > most ? most : wait);
}

static void *media_thread(void *arg)
{
    struct icc_engine *e = arg;
    int wait = 0;
    while (__atomic_load_n(&e->running, __ATOMIC_ACQUIRE)) {
        struct pollfd fds[2] = {{.fd = e->socket, .events = POLLIN},
                                {.fd = e->wake_fd, .events = POLLIN}};
        if (poll(fds, 2, wait) < 0 && errno != EINTR)
            break;
        uint64_t count;
        if (fds[1].revents && read(e->wake_fd, &count, sizeof count) < 0)
            count = 0;
        uint64_t now = icc_now_ms();
        pthread_mutex_lock(&e->lock);
        read_socket(e, now);
        send_queue(e, now);
        if (e->ep && e->started)
            ic_rtc_endpoint_tick(e->ep, now);
        if (e->held_count)
            icc_engine_retry_held(e, now);
        wait = wait_ms(e, now);
        pthread_mutex_unlock(&e->lock);
    }
    return NULL;
}

static ic_err engine_init(struct icc_engine *e)
{
    pthread_mutex_init(&e->lock, NULL);
    pthread_mutex_init(&e->queue_lock, NULL);
    e->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    e->socket = open_socket();
    e->streams = ic_new_array(STREAMS_MAX, struct stream);
    if (!e->streams)
        return IC_ERR_NOMEM;
    if (e->socket < 0 || e->wake_fd < 0)
        return IC_ERR_IO;
    struct ic_rand rand = ic_os_rand();
    IC_TRY(ic_rand_fill(&rand, (uint8_t *)e->ssrc, sizeof e->ssrc));
    for (uint32_t i = 0; i < SOURCES; i++) /* never 0, never alike */
        e->ssrc[i] = (e->ssrc[i] & ~3u) | (i + 1);
    IC_TRY(ic_rand_fill(&rand, (uint8_t *)&e->audio_ts, sizeof e->audio_ts));
    IC_TRY(ic_rand_fill(&rand, (uint8_t *)&e->camera.ts, sizeof e->camera.ts));
    IC_TRY(ic_rand_fill(&rand, (uint8_t *)&e->screen.ts, sizeof e->screen.ts));
    e->camera.source = SOURCE_VIDEO;
    e->camera.context = IC_MEETING_CTX_VIDEO;
    e->camera.fps = e->c.fps;
    e->screen.source = SOURCE_SCREEN;
    e->screen.context = IC_MEETING_CTX_SCREEN;
    e->screen.fps = e->c.screen_fps;
    if (e->c.audio)
        IC_TRY(icc_opus_encoder_new(e->c.audio_bits, &e->opus));
    if (e->c.video)
        IC_TRY(icc_vp8_encoder_new(e->c.width, e->c.height, e->c.fps, e->c.video_bits,
                                   &e->camera.vp8));
    if (e->c.screen)
        IC_TRY(icc_vp8_encoder_new(e->c.screen_width, e->c.screen_height, e->c.screen_fps,
                                   e->c.screen_bits, &e->screen.vp8));
    if (e->c.play && !(e->play = icc_play_open()))
        icc_engine_on_missing(e, "loudspeaker", "nothing is played");
    __atomic_store_n(&e->running, true, __ATOMIC_RELEASE);
    if (pthread_create(&e->thread, NULL, media_thread, e) != 0) {
        e->running = false;
        return IC_ERR_NOMEM;
    }
    return IC_OK;
}

ic_err icc_engine_new(const struct icc_engine_config *c, struct icc_engine **out, char *why,
                      size_t why_len)
{
    struct icc_engine *e = ic_new(struct icc_engine);
    if (!e)
        return IC_ERR_NOMEM;
    e->c = *c;
    e->socket = e->wake_fd = -1;
    ic_err err = engine_init(e);
    if (err != IC_OK) {
        snprintf(why, why_len, "media cannot start: %s", ic_err_text(err));
        icc_engine_free(e, NULL, NULL);
        return err;
    }
    *out = e;
    return IC_OK;
}

static void start_source(struct icc_engine *e, int which, const char *audio, const char *video)
{
    bool screen = which == SOURCE_SCREEN;
    struct icc_source_config c = {.audio = audio,
                                  .video = video,
                                  .screen = screen,
                                  .loop = e->c.loop,
                                  .width = screen ? e->c.screen_width : e->c.width,
                                  .height = screen ? e->c.screen_height : e->c.height,
                                  .fps = screen ? e->c.screen_fps : e->c.fps,
                                  .on_audio = icc_engine_on_audio,
                                  .on_video = screen ? icc_engine_on_screen : icc_engine_on_video,
                                  .on_end = icc_engine_on_end,
                                  .on_missing = icc_engine_on_missing,
                                  .ctx = e};
    char why[200] = "";
    if ((audio || video) && icc_source_open(&c, &e->source[which], why, sizeof why) != IC_OK)
        icc_engine_on_end(e, audio ? "audio" : screen ? "screen" : "video", why);
}

void icc_engine_capture(struct icc_engine *e)
{
    if (e->capturing)
        return;
    e->capturing = true;
    start_source(e, SOURCE_AUDIO, e->c.audio, NULL);
    start_source(e, SOURCE_VIDEO, NULL, e->c.video);
    start_source(e, SOURCE_SCREEN, NULL, e->c.screen);
}

void icc_engine_stop_screen(struct icc_engine *e)
{
    __atomic_store_n(&e->screen.mute, true, __ATOMIC_RELAXED);
    icc_source_close(e->source[SOURCE_SCREEN]);
    e->source[SOURCE_SCREEN] = NULL;
}

static void add_network_stats(const struct icc_engine *e, struct icc_engine_stats *out)
{
    struct ic_rtc_endpoint_stats s;
    if (!e->ep)
        return;
    ic_rtc_endpoint_stats(e->ep, &s);
    out->packets_lost += s.lost_packets;
    out->retransmitted += s.retransmitted;
    out->rtt_ms = s.rtt_ms;
}

static ic_err offer_locked(struct icc_engine *e, struct ic_wire_media_open *out)
{
    struct ic_rtc_endpoint_config c = {.rand = ic_os_rand(),
                                       .ctx = e,
                                       .send = send_datagram,
                                       .frame = icc_engine_on_frame,
                                       .event = on_event};
    struct ic_rtc_endpoint *ep = NULL;
    IC_TRY(ic_rtc_endpoint_new(&c, &ep));
    add_network_stats(e, &e->stats);
    ic_rtc_endpoint_free(e->ep);
    e->ep = ep;
    e->started = false;
    __atomic_store_n(&e->open, false, __ATOMIC_RELAXED);
    const struct ic_rtc_ice_credentials *local = ic_rtc_endpoint_local(ep);
    struct ic_wire_media_open o = {.ufrag = ic_view_cstr(local->ufrag),
                                   .pwd = ic_view_cstr(local->pwd),
                                   .fingerprint = ic_rtc_endpoint_fingerprint(ep),
                                   .audio_slots = AUDIO_SLOTS,
                                   .video_slots = VIDEO_SLOTS};
    if (e->c.audio) {
        IC_TRY(ic_rtc_endpoint_add_source(ep, IC_RTC_AUDIO, e->ssrc[SOURCE_AUDIO]));
        o.sources[o.source_count++] = (struct ic_wire_source){
            .kind = IC_WIRE_AUDIO, .context = IC_MEETING_CTX_AUDIO, .ssrc = e->ssrc[SOURCE_AUDIO]};
    }
    if (e->c.video) {
        IC_TRY(ic_rtc_endpoint_add_source(ep, IC_RTC_VIDEO, e->ssrc[SOURCE_VIDEO]));
        o.sources[o.source_count++] = (struct ic_wire_source){
            .kind = IC_WIRE_VIDEO, .context = IC_MEETING_CTX_VIDEO, .ssrc = e->ssrc[SOURCE_VIDEO]};
    }
    if (e->c.screen) {
        IC_TRY(ic_rtc_endpoint_add_source(ep, IC_RTC_VIDEO, e->ssrc[SOURCE_SCREEN]));
        o.sources[o.source_count++] = (struct ic_wire_source){.kind = IC_WIRE_SCREEN,
                                                              .context = IC_MEETING_CTX_SCREEN,
                                                              .ssrc = e->ssrc[SOURCE_SCREEN]};
    }
    *out = o;
    return IC_OK;
}

ic_err icc_engine_offer(struct icc_engine *e, struct ic_wire_media_open *out)
{
    pthread_mutex_lock(&e->lock);
    ic_err err = offer_locked(e, out);
    pthread_mutex_unlock(&e->lock);
    return err;
}

static ic_err answer_locked(struct icc_engine *e, const struct ic_wire_media_opened *o)
{
    if (!e->ep || e->started)
        return IC_ERR_STATE;
    struct ic_rtc_endpoint_remote remote = {
        .ufrag = o->ufrag, .pwd = o->pwd, .fingerprint = o->fingerprint};
    for (size_t i = 0; i < o->address_count && remote.address_count < IC_RTC_CANDIDATES_MAX; i++)
        if (ic_rtc_addr_parse(o->addresses[i].host, o->addresses[i].port,
                              &remote.addresses[remote.address_count]))
            remote.address_count++;
    for (size_t i = 0; i < o->slot_count; i++)
        IC_TRY(ic_rtc_endpoint_add_slot(
            e->ep, o->slots[i].kind == IC_WIRE_AUDIO ? IC_RTC_AUDIO : IC_RTC_VIDEO,
            o->slots[i].ssrc));
    IC_TRY(ic_rtc_endpoint_start(e->ep, &remote, icc_now_ms()));
    e->started = true;
    return IC_OK;
}

ic_err icc_engine_answer(struct icc_engine *e, const struct ic_wire_media_opened *opened)
{
    pthread_mutex_lock(&e->lock);
    ic_err err = answer_locked(e, opened);
    pthread_mutex_unlock(&e->lock);
    icc_engine_kick(e);
    return err;
}

bool icc_engine_is_open(struct icc_engine *e)
{
    return __atomic_load_n(&e->open, __ATOMIC_RELAXED);
}

void icc_engine_clear_bytes(struct icc_engine *e, bool on)
{
    __atomic_store_n(&e->clear_bytes, on, __ATOMIC_RELAXED);
}

void icc_engine_mute(struct icc_engine *e, bool sound, bool picture)
{
    __atomic_store_n(&e->mute_audio, sound, __ATOMIC_RELAXED);
    __atomic_store_n(&e->camera.mute, picture, __ATOMIC_RELAXED);
}

void icc_engine_stop(struct icc_engine *e)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(e->source); i++) {
        icc_source_close(e->source[i]);
        e->source[i] = NULL;
    }
    if (__atomic_exchange_n(&e->running, false, __ATOMIC_ACQ_REL)) {
        icc_engine_kick(e);
        pthread_join(e->thread, NULL);
    }
    if (e->ep && e->started)
        ic_rtc_endpoint_close(e->ep, icc_now_ms());
}

void icc_engine_stats(struct icc_engine *e, struct icc_engine_stats *out)
{
    pthread_mutex_lock(&e->lock);
    pthread_mutex_lock(&e->queue_lock);
    *out = e->stats;
    pthread_mutex_unlock(&e->queue_lock);
    add_network_stats(e, out);
    pthread_mutex_unlock(&e->lock);
}

void icc_engine_free(struct icc_engine *e,
                     void (*recorded)(void *ctx, const char *name, const char *path), void *ctx)
{
    if (!e)
        return;
    icc_engine_stop(e);
    if (e->streams)
        icc_engine_close_streams(e, recorded, ctx);
    icc_engine_drop_held(e);
    while (e->queue_count) {
        ic_free(e->queue[e->queue_first].data);
        e->queue_first = (e->queue_first + 1) % OUT_QUEUE_MAX;
        e->queue_count--;
    }
    ic_rtc_endpoint_free(e->ep);
    icc_play_close(e->play);
    icc_opus_encoder_free(e->opus);
    icc_vp8_encoder_free(e->camera.vp8);
    icc_vp8_encoder_free(e->screen.vp8);
    if (e->socket >= 0)
        close(e->socket);
    if (e->wake_fd >= 0)
        close(e->wake_fd);
    ic_free(e->streams);
    pthread_mutex_destroy(&e->lock);
    pthread_mutex_destroy(&e->queue_lock);
    ic_free(e);
}

#include "client.h"
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { VIDEO_LEN = 4000, AUDIO_LEN = 80, ROOM = 7 };

uint64_t client_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool lost(struct meeting *m)
{
    return m->loss > 0 && ic_test_rand_u64(&m->seed) % 100 < m->loss;
}

static void send_datagram(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    struct client *c = ctx;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(to->port)};
    memcpy(&a.sin_addr, to->ip, 4);
    if (!lost(c->meeting))
        (void)!sendto(c->fd, datagram.p, datagram.len, 0, (struct sockaddr *)&a, sizeof a);
}

/* Sender, frame number, then bytes that follow from them: what arrives must be what was sent. */
static void fill(uint8_t *p, size_t len, int sender, uint32_t frame)
{
    p[0] = (uint8_t)sender;
    ic_store_u32(p + 1, frame);
    for (size_t i = 5; i < len; i++)
        p[i] = (uint8_t)((size_t)sender * 37 + frame * 11 + i * 3);
}

static void take_frame(void *ctx, const struct ic_rtc_frame *f, uint64_t now_ms)
{
    struct client *c = ctx;
    uint8_t want[VIDEO_LEN];
    (void)now_ms;
    bool video = f->kind == IC_RTC_VIDEO;
    size_t len = video ? VIDEO_LEN : AUDIO_LEN;
    c->video += video;
    c->audio += !video;
    if (f->data.len != len && f->data.len <= 40)
        return; /* a stranger's: SFrame would refuse it */
    if (f->data.len != len || f->data.p[0] >= CLIENTS_MAX || f->data.p[0] == c->number) {
        c->bad++;
        return;
    }
    fill(want, len, f->data.p[0], ic_load_u32(f->data.p + 1));
    c->bad += memcmp(want, f->data.p, len) != 0;
    if (video)
        c->seen[f->data.p[0]]++;
    else
        c->heard[f->data.p[0]]++;
}

static void take_event(void *ctx, const struct ic_rtc_event *e)
{
    struct client *c = ctx;
    c->open = c->open || e->type == IC_RTC_EVENT_OPEN;
    c->closed = c->closed || e->type == IC_RTC_EVENT_CLOSED;
    if (e->type == IC_RTC_EVENT_KEY_FRAME) {
        c->key_requests++;
        c->key_wanted = true;
    }
}

static struct client *by_session(struct meeting *m, uint64_t session)
{
    return &m->clients[session - 100];
}

static void opened(void *ctx, uint64_t session, const struct ic_wire_media_opened *a)
{
    struct client *c = by_session(ctx, session);
    struct ic_rtc_endpoint_remote remote = {
        .ufrag = a->ufrag, .pwd = a->pwd, .fingerprint = a->fingerprint, .address_count = 1};
    if (!ic_rtc_addr_parse(a->addresses[0].host, a->addresses[0].port, &remote.addresses[0]))
        c->bad++;
    for (size_t i = 0; i < a->slot_count; i++)
        c->bad += ic_rtc_endpoint_add_slot(
                      c->ep, a->slots[i].kind == IC_WIRE_AUDIO ? IC_RTC_AUDIO : IC_RTC_VIDEO,
                      a->slots[i].ssrc) != IC_OK;
    c->bad += ic_rtc_endpoint_start(c->ep, &remote, client_now()) != IC_OK;
}

static void failed(void *ctx, uint64_t session, uint16_t code, const char *text)
{
    (void)code;
    (void)text;
    by_session(ctx, session)->bad++;
}

static void sources(void *ctx, uint64_t room, uint64_t session, const struct ic_wire_source *list,
                    size_t count)
{
    (void)session;
    struct meeting *m = ctx;
    for (size_t i = 0; room == ROOM && i < count; i++)
        if (list[i].kind == IC_WIRE_VIDEO)
            m->video_source[list[i].leaf] = list[i].source;
}

static void slots(void *ctx, uint64_t session, const struct ic_wire_media_slots *s)
{
    struct meeting *m = ctx;
    unsigned n = 0;
    for (size_t i = 0; i < s->slot_count; i++)
        n += s->slots[i].source != 0;
    m->slot_sources[session - 100] = n;
}

static void closed(void *ctx, uint64_t session, const char *why)
{
    (void)ctx;
    (void)session;
    (void)why;
}

static void speaker(void *ctx, uint64_t session, uint32_t source, uint32_t leaf)
{
    struct meeting *m = ctx;
    (void)source;
    m->clients[session - 100].speaker_leaf = leaf;
}

static const struct icd_media_events events = {opened, failed, sources, slots, speaker, closed};

bool meeting_join(struct meeting *m, int number)
{
    struct client *c = &m->clients[number];
    struct ic_rtc_endpoint_config config = {.rand = ic_test_os_rand(),
                                            .ctx = c,
                                            .send = send_datagram,
                                            .frame = take_frame,
                                            .event = take_event};
    c->meeting = m;
    c->number = number;
    c->session = 100 + (uint64_t)number;
    c->level = 40;
    c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || ic_rtc_endpoint_new(&config, &c->ep) != IC_OK)
        return false;
    c->used = true;
    uint32_t ssrc = 1000 + (uint32_t)number * 10;
    struct ic_wire_media_open o = {
        .ufrag = ic_view_cstr(ic_rtc_endpoint_local(c->ep)->ufrag),
        .pwd = ic_view_cstr(ic_rtc_endpoint_local(c->ep)->pwd),
        .fingerprint = ic_rtc_endpoint_fingerprint(c->ep),
        .sources = {{.kind = IC_WIRE_AUDIO, .ssrc = ssrc},
                    {.kind = IC_WIRE_VIDEO, .ssrc = ssrc + 1}},
        .source_count = 2,
        .audio_slots = m->audio_slots,
        .video_slots = m->video_slots,
    };
    return ic_rtc_endpoint_add_source(c->ep, IC_RTC_AUDIO, ssrc) == IC_OK &&
           ic_rtc_endpoint_add_source(c->ep, IC_RTC_VIDEO, ssrc + 1) == IC_OK &&
           m->media.ops->open(m->media.self, ROOM, c->session, (uint32_t)number, &o) == IC_OK;
}

bool meeting_init_slots(struct meeting *m, unsigned shards, int clients, unsigned loss,
                        uint8_t audio, uint8_t video)
{
    struct icd_sfu_config config = {.shards = shards,
                                    .bind = "127.0.0.1",
                                    .addresses = {"127.0.0.1"},
                                    .address_count = 1,
                                    .key_request_gap_ms = 100};
    memset(m, 0, sizeof *m);
    (void)ic_test_rand(&m->seed, 7);
    m->loss = loss;
    m->audio_slots = audio;
    m->video_slots = video;
    if (icd_sfu_new(&config, &m->sfu) != IC_OK)
        return false;
    m->media = icd_sfu_media(m->sfu);
    for (int i = 0; i < clients; i++)
        if (!meeting_join(m, i))
            return false;
    return true;
}

bool meeting_init(struct meeting *m, unsigned shards, int clients, unsigned loss)
{
    return meeting_init_slots(m, shards, clients, loss, 4, 4);
}

static unsigned receive(struct client *c)
{
    uint8_t bytes[2048];
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    ssize_t n;
    unsigned before = c->datagrams;
    while ((n = recvfrom(c->fd, bytes, sizeof bytes, 0, (struct sockaddr *)&a, &len)) > 0) {
        struct ic_rtc_addr from = {.family = 4, .port = ntohs(a.sin_port)};
        memcpy(from.ip, &a.sin_addr, 4);
        c->datagrams++;
        if (!lost(c->meeting))
            ic_rtc_endpoint_input(c->ep, &from, bytes, (size_t)n, client_now());
    }
    return c->datagrams - before;
}

/* How many datagrams came. */
static unsigned step(struct meeting *m)
{
    struct pollfd fds[CLIENTS_MAX];
    nfds_t n = 0;
    unsigned came = 0;
    m->media.ops->poll(m->media.self, &events, m);
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (m->clients[i].used)
            fds[n++] = (struct pollfd){.fd = m->clients[i].fd, .events = POLLIN};
    (void)poll(fds, n, 2);
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (m->clients[i].used) {
            came += receive(&m->clients[i]);
            ic_rtc_endpoint_tick(m->clients[i].ep, client_now());
        }
    return came;
}

void meeting_run(struct meeting *m, int open)
{
    for (uint64_t end = client_now() + MEETING_LIMIT_MS; client_now() < end;) {
        int n = 0;
        for (int i = 0; i < CLIENTS_MAX; i++)
            n += m->clients[i].open;
        if (n >= open)
            return;
        step(m);
    }
}

static void send_video(struct client *c, uint32_t frame)
{
    uint8_t bytes[VIDEO_LEN];
    bool key = c->frame == 0 || c->key_wanted || c->frame % 100 == 0;
    c->key_wanted = false;
    fill(bytes, sizeof bytes, c->number, frame);
    struct ic_rtc_frame f = {.ssrc = 1001 + (uint32_t)c->number * 10,
                             .kind = IC_RTC_VIDEO,
                             .timestamp = frame * 3600,
                             .key = key,
                             .data = IC_VIEW_ARRAY(bytes)};
    c->frame++;
    IC_IGNORE(ic_rtc_endpoint_send_frame(c->ep, &f, client_now()));
}

static void send_audio(struct client *c, uint32_t frame)
{
    uint8_t bytes[AUDIO_LEN];
    fill(bytes, sizeof bytes, c->number, frame);
    struct ic_rtc_frame f = {.ssrc = 1000 + (uint32_t)c->number * 10,
                             .kind = IC_RTC_AUDIO,
                             .timestamp = frame * 960,
                             .has_level = true,
                             .level = c->level,
                             .data = IC_VIEW_ARRAY(bytes)};
    IC_IGNORE(ic_rtc_endpoint_send_frame(c->ep, &f, client_now()));
}

void meeting_send(struct meeting *m, unsigned ms)
{
    static uint32_t turn;
    uint64_t next = client_now();
    for (unsigned at = 0; at < ms; at += 20) {
        do
            step(m);
        while (client_now() < next);
        next = client_now() + 20;
        turn++;
        m->video_sent += turn % 2 == 0;
        for (int i = 0; i < CLIENTS_MAX; i++) {
            if (!m->clients[i].open || m->clients[i].closed)
                continue;
            send_audio(&m->clients[i], turn);
            if (turn % 2 == 0)
                send_video(&m->clients[i], turn);
        }
    }
    /* And then, where it is not for a moment alone, until nothing more comes: for 40 ms, beside reports. */
    for (unsigned i = 0, idle = 0; i < 60 || (ms >= 100 && idle < 20 && i < 600); i++)
        idle = step(m) ? 0 : idle + 1;
}

struct icd_sfu_counters meeting_counters(const struct meeting *m)
{
    struct icd_sfu_counters n;
    icd_sfu_counters(m->sfu, &n);
    return n;
}

void meeting_taken(const struct meeting *m, uint64_t packets)
{
    uint64_t end = client_now() + MEETING_LIMIT_MS;
    while (meeting_counters(m).packets_in < packets && client_now() < end)
        usleep(1000);
}

void client_stranger(struct meeting *m, const uint8_t *p, size_t len)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(icd_sfu_port(m->sfu, 0)),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)!sendto(fd, p, len, 0, (struct sockaddr *)&a, sizeof a);
    close(fd);
}

void meeting_clear(struct meeting *m)
{
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (m->clients[i].used) {
            ic_rtc_endpoint_close(m->clients[i].ep, client_now());
            ic_rtc_endpoint_free(m->clients[i].ep);
            close(m->clients[i].fd);
        }
    icd_sfu_free(m->sfu);
}

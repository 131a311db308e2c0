#include "client.h"
#include <arpa/inet.h>
#include <ic/rtc/rtcp.h>
#include <ic/rtc/stun.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A member whose transport is all right and whose packets are not. */
struct villain {
    struct ic_rtc_transport *t;
    struct ic_rtc_cert *cert;
    struct ic_rtc_ice_credentials local;
    struct ic_rtc_transport_config config;
    int fd;
};

static struct villain villain;

static void send_it(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    struct villain *v = ctx;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(to->port)};
    memcpy(&a.sin_addr, to->ip, 4);
    (void)!sendto(v->fd, datagram.p, datagram.len, 0, (struct sockaddr *)&a, sizeof a);
}

static void ignore_packet(void *ctx, bool rtcp, uint8_t *packet, size_t len, uint64_t index,
                          uint64_t now_ms)
{
    (void)ctx;
    (void)rtcp;
    (void)packet;
    (void)len;
    (void)index;
    (void)now_ms;
}

static void opened(void *ctx, uint64_t session, const struct ic_wire_media_opened *a)
{
    struct villain *v = ctx;
    (void)session;
    IC_IGNORE(ic_rtc_ice_credentials_set(a->ufrag, a->pwd, &v->config.remote));
    memcpy(v->config.fingerprint, a->fingerprint.p, sizeof v->config.fingerprint);
    (void)ic_rtc_addr_parse(a->addresses[0].host, a->addresses[0].port, &v->config.remotes[0]);
    v->config.remote_count = 1;
    IC_IGNORE(ic_rtc_transport_new(&v->config, client_now(), &v->t));
}

static void no_failed(void *ctx, uint64_t s, uint16_t c, const char *t)
{
    (void)ctx;
    (void)s;
    (void)c;
    (void)t;
}
static void no_sources(void *ctx, uint64_t r, uint64_t s, const struct ic_wire_source *l, size_t n)
{
    (void)ctx;
    (void)r;
    (void)s;
    (void)l;
    (void)n;
}
static void no_slots(void *ctx, uint64_t s, const struct ic_wire_media_slots *l)
{
    (void)ctx;
    (void)s;
    (void)l;
}
static void no_speaker(void *ctx, uint64_t s, uint32_t i, uint32_t l)
{
    (void)ctx;
    (void)s;
    (void)i;
    (void)l;
}
static void no_closed(void *ctx, uint64_t s, const char *w)
{
    (void)ctx;
    (void)s;
    (void)w;
}

static void turn(struct villain *v)
{
    uint8_t bytes[2048];
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    struct pollfd fd = {.fd = v->fd, .events = POLLIN};
    (void)poll(&fd, 1, 2);
    ssize_t n = recvfrom(v->fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&a, &len);
    struct ic_rtc_addr from = {.family = 4, .port = ntohs(a.sin_port)};
    memcpy(from.ip, &a.sin_addr, 4);
    if (n > 0)
        ic_rtc_transport_input(v->t, &from, bytes, (size_t)n, client_now());
    ic_rtc_transport_tick(v->t, client_now());
}

static bool join(struct villain *v, struct meeting *m)
{
    static const struct icd_media_events events = {opened,   no_failed,  no_sources,
                                                   no_slots, no_speaker, no_closed};
    memset(v, 0, sizeof *v);
    v->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    v->config = (struct ic_rtc_transport_config){.max_ssrcs = 32,
                                                 .rand = ic_test_os_rand(),
                                                 .ctx = v,
                                                 .send = send_it,
                                                 .packet = ignore_packet};
    if (ic_rtc_cert_new(&v->cert) != IC_OK ||
        ic_rtc_ice_credentials_make(&v->config.rand, &v->config.local) != IC_OK)
        return false;
    v->config.cert = v->cert;
    struct ic_wire_media_open o = {
        .ufrag = ic_view_cstr(v->config.local.ufrag),
        .pwd = ic_view_cstr(v->config.local.pwd),
        .fingerprint = ic_rtc_cert_fingerprint(v->cert),
        .sources = {{.kind = IC_WIRE_AUDIO, .ssrc = 1}, {.kind = IC_WIRE_VIDEO, .ssrc = 2}},
        .source_count = 2,
        .audio_slots = 1,
        .video_slots = 1};
    if (m->media.ops->open(m->media.self, 7, 103, 3, &o) != IC_OK)
        return false;
    m->media.ops->poll(m->media.self, &events, v);
    uint64_t end = client_now() + MEETING_LIMIT_MS;
    while (v->t && client_now() < end && ic_rtc_transport_state(v->t) != IC_RTC_TRANSPORT_OPEN)
        turn(v);
    return v->t && ic_rtc_transport_state(v->t) == IC_RTC_TRANSPORT_OPEN;
}

static void leave(struct villain *v)
{
    ic_rtc_transport_free(v->t);
    ic_rtc_cert_free(v->cert);
    close(v->fd);
}

static size_t packet(uint8_t *p, uint32_t ssrc, uint16_t seq, bool video)
{
    struct ic_rtc_rtp h = {.payload_type = video ? IC_RTC_PT_VP8 : IC_RTC_PT_OPUS,
                           .seq = seq,
                           .ssrc = ssrc,
                           .has_level = !video,
                           .level = 10,
                           .dd = ic_view("\xc0\0\0\x80", video ? 4 : 0)};
    size_t n = 0;
    if (ic_rtc_rtp_encode(&h, p, 200, &n) != IC_OK)
        return 0;
    memset(p + n, 9, 40);
    return n + 40;
}

TEST(sfu_survives_junk_of_a_member)
{
    struct meeting m;
    uint8_t p[1600];
    struct ic_rand rand = ic_test_os_rand();
    CHECK(meeting_init(&m, 2, 2, 0));
    meeting_run(&m, 2);
    CHECK(join(&villain, &m));
    uint64_t sent = meeting_counters(&m).packets_in;
    for (unsigned i = 0; i < 600; i++) {
        CHECK_OK(ic_rand_fill(&rand, p, 300));
        p[0] = 0x80 | (p[0] & 0x3f);
        p[1] = i % 2 ? 200 + i % 7 : 96;
        ic_store_u32(p + (i % 2 ? 4 : 8), i % 3 ? 2 : 77);
        ic_store_u16(p + 2, (uint16_t)(i % 2 ? i % 20 : i));
        ic_err e = i % 2 ? ic_rtc_transport_send_rtcp(villain.t, p, 20 + i % 64 * 4)
                         : ic_rtc_transport_send_rtp(villain.t, p, 12 + i % 200);
        sent += e == IC_OK;
        if (i % 50 == 49)
            meeting_taken(&m, sent);
    }
    meeting_send(&m, 600);
    struct icd_sfu_counters n;
    icd_sfu_counters(m.sfu, &n);
    CHECK(n.dropped_malformed > 100);
    CHECK_EQ_INT(n.transports, 3);
    CHECK(m.clients[0].heard[1] > 10 && m.clients[1].seen[0] > 5);
    CHECK_EQ_INT(m.clients[0].bad + m.clients[1].bad, 0);
    leave(&villain);
    meeting_clear(&m);
}

/* Sequence numbers that leap must not carry a receiver's slot away. */
TEST(sfu_slot_outlives_a_leaping_sender)
{
    struct meeting m;
    uint8_t p[400];
    CHECK(meeting_init_slots(&m, 1, 2, 0, 1, 1));
    m.clients[1].level = 127;
    meeting_run(&m, 2);
    CHECK(join(&villain, &m));
    meeting_send(&m, 400);
    uint16_t seq = 0;
    for (int i = 0; i < 120; i++) {
        seq = (uint16_t)(seq + 30000);
        /* Every second packet is of the wrong kind: dropped, but the index has moved. */
        bool good = i % 2 == 0;
        size_t len = packet(p, 1, seq, !good);
        CHECK_OK(ic_rtc_transport_send_rtp(villain.t, p, len));
        len = packet(p, 2, seq, good);
        CHECK_OK(ic_rtc_transport_send_rtp(villain.t, p, len));
        meeting_send(&m, 10);
    }
    m.media.ops->close(m.media.self, 103);
    m.clients[1].level = 20;
    memset(m.clients[0].heard, 0, sizeof m.clients[0].heard);
    memset(m.clients[0].seen, 0, sizeof m.clients[0].seen);
    MEETING_UNTIL(&m, m.clients[0].heard[1] > 0 && m.clients[0].seen[1] > 0);
    unsigned heard = m.clients[0].heard[1], seen = m.clients[0].seen[1];
    meeting_send(&m, 600);
    CHECK(m.clients[0].heard[1] > heard + 10 && m.clients[0].seen[1] > seen + 5);
    leave(&villain);
    meeting_clear(&m);
}

/* A forwarder of one's own, with the limit that is tried. */
static bool small_meeting(struct meeting *m, uint32_t packets_per_s, uint32_t strangers_per_s)
{
    struct icd_sfu_config config = {.shards = 1,
                                    .bind = "127.0.0.1",
                                    .addresses = {"127.0.0.1"},
                                    .address_count = 1,
                                    .packets_per_s = packets_per_s,
                                    .strangers_per_s = strangers_per_s};
    memset(m, 0, sizeof *m);
    if (icd_sfu_new(&config, &m->sfu) != IC_OK)
        return false;
    m->media = icd_sfu_media(m->sfu);
    return true;
}

TEST(sfu_limits_packets_of_a_session)
{
    struct meeting m;
    struct icd_sfu_counters n;
    uint8_t p[400];
    CHECK(small_meeting(&m, 100, 0));
    CHECK(join(&villain, &m));
    uint64_t before = meeting_counters(&m).packets_in, began = client_now();
    for (uint16_t i = 0; i < 500; i++) {
        CHECK_OK(ic_rtc_transport_send_rtp(villain.t, p, packet(p, 1, i, false)));
        if (i % 50 == 49)
            meeting_taken(&m, before + i + 1u);
    }
    icd_sfu_counters(m.sfu, &n);
    /* A second's worth at once, and what time brings: 100 in a second. */
    uint64_t may = 100 + (client_now() - began + 10) / 10;
    CHECK(n.dropped_limit + may >= 500 && n.dropped_limit < 500);
    leave(&villain);
    meeting_clear(&m);
}

static uint64_t refused(const struct meeting *m)
{
    struct icd_sfu_counters n = meeting_counters(m);
    return n.dropped_stranger + n.dropped_limit;
}

TEST(sfu_limits_strangers_of_an_address)
{
    struct meeting m;
    struct icd_sfu_counters n;
    uint8_t p[200], id[12] = {0};
    struct ic_rtc_stun_writer w;
    size_t len = 0;
    CHECK(small_meeting(&m, 0, 10));
    ic_rtc_stun_begin(&w, p, sizeof p, IC_RTC_STUN_BINDING, id);
    ic_rtc_stun_put_username(&w, IC_VIEW_STR("nobody:here"));
    CHECK_OK(ic_rtc_stun_finish(&w, IC_VIEW_STR("guess"), &len));
    uint64_t began = client_now();
    for (unsigned i = 0; i < 200; i++) {
        client_stranger(&m, p, len);
        if (i % 50 == 49)
            meeting_taken(&m, i + 1);
    }
    MEETING_UNTIL(&m, refused(&m) >= 200);
    icd_sfu_counters(m.sfu, &n);
    /* So many a second, of each that has begun meanwhile. */
    CHECK(n.dropped_stranger >= 10);
    CHECK(n.dropped_stranger <= 10 * ((client_now() - began) / 1000 + 2));
    CHECK_EQ_INT(n.dropped_stranger + n.dropped_limit, 200);
    CHECK_EQ_INT(n.packets_out, 0);
    meeting_clear(&m);
}

/* A VP8 packet that says whose it is by name: 12 bytes of header, then MID "v", the RID and a DD. */
static size_t named(uint8_t *p, uint32_t ssrc, uint16_t seq, char rid)
{
    static const uint8_t extensions[] = {0xbe, 0xde, 0, 3, 0x40, 'v', 0x50, 0,
                                         0x33, 0xc0, 0, 0, 0x80, 0,   0,    0};
    memset(p, 0, 12);
    p[0] = 0x90;
    p[1] = 0x80 | IC_RTC_PT_VP8;
    ic_store_u16(p + 2, seq);
    ic_store_u32(p + 4, seq * 3000u);
    ic_store_u32(p + 8, ssrc);
    memcpy(p + 12, extensions, sizeof extensions);
    p[19] = (uint8_t)rid;
    memset(p + 28, 0x10, 30);
    return 58;
}

static const struct ic_wire_media_publish by_name = {
    .streams = {{.kind = IC_WIRE_VIDEO,
                 .codec = IC_WIRE_VP8,
                 .mid = IC_VIEW_INIT("v"),
                 .layers = {{.rid = IC_VIEW_INIT("l"), .height = 180},
                            {.rid = IC_VIEW_INIT("h"), .height = 720}},
                 .layer_count = 2}},
    .stream_count = 1};

TEST(sfu_takes_streams_by_mid_and_rid)
{
    struct meeting m;
    struct icd_sfu_counters n;
    uint8_t p[200];
    CHECK(meeting_init(&m, 2, 1, 0));
    meeting_run(&m, 1);
    CHECK(join(&villain, &m));
    CHECK_OK(m.media.ops->publish(m.media.self, 103, &by_name));
    meeting_send(&m, 50);
    unsigned before = m.clients[0].video;
    for (uint16_t i = 0; i < 60; i++) {
        CHECK_OK(ic_rtc_transport_send_rtp(villain.t, p, named(p, 71, i, 'l')));
        CHECK_OK(ic_rtc_transport_send_rtp(villain.t, p, named(p, 72, i, 'h')));
        /* Neither names one of ours. */
        CHECK_OK(ic_rtc_transport_send_rtp(villain.t, p, named(p, 73, i, 'x')));
        meeting_send(&m, 5);
    }
    MEETING_UNTIL(&m, meeting_counters(&m).dropped_malformed >= 60);
    icd_sfu_counters(m.sfu, &n);
    CHECK_EQ_INT(n.dropped_malformed, 60);
    CHECK(m.clients[0].video > before + 30);
    CHECK_EQ_INT(m.clients[0].bad, 0);
    leave(&villain);
    meeting_clear(&m);
}

static uint64_t dropped(const struct meeting *m)
{
    struct icd_sfu_counters n = meeting_counters(m);
    return n.dropped_malformed + n.dropped_auth;
}

/* A name that moves from SSRC to SSRC: so often, then no more; nobody else notices. */
TEST(sfu_bounds_a_flood_of_names)
{
    struct meeting m;
    uint8_t p[200];
    CHECK(meeting_init(&m, 1, 2, 0));
    meeting_run(&m, 2);
    CHECK(join(&villain, &m));
    CHECK_OK(m.media.ops->publish(m.media.self, 103, &by_name));
    meeting_send(&m, 50);
    for (uint32_t i = 0; i < 30; i++)
        CHECK_OK(ic_rtc_transport_send_rtp(villain.t, p, named(p, 5000 + i, (uint16_t)i, 'l')));
    meeting_send(&m, 600);
    MEETING_UNTIL(&m, dropped(&m) >= 30 - 16);
    CHECK_EQ_INT(dropped(&m), 30 - 16);
    CHECK(m.clients[0].heard[1] > 10 && m.clients[1].seen[0] > 5);
    CHECK_EQ_INT(m.clients[0].bad + m.clients[1].bad, 0);
    leave(&villain);
    meeting_clear(&m);
}

#include "pair.h"
#include <ic/base/mem.h>
#include <ic/rtc/nack.h>
#include <ic/rtc/rtcp.h>
#include <string.h>

enum { SSRC_AUDIO = 11, SSRC_VIDEO = 22, SLOT_AUDIO = 111, SLOT_VIDEO = 222 };

/* The server sends the client its own packets back under the slots' SSRCs, and asks for what it misses. */
struct echo {
    struct ic_rtc_nack nack;
    struct ic_rtc_history *history;
    unsigned rtcp, srs;
};

static void echo_rtp(struct pair *p, uint8_t *packet, size_t len, uint64_t index, uint64_t now_ms)
{
    struct echo *e = p->ctx;
    uint8_t room[IC_RTC_PACKET_MAX + IC_RTC_SRTP_OVERHEAD];
    struct ic_rtc_rtp h;
    if (ic_rtc_rtp_decode(ic_view(packet, len), &h) != IC_OK)
        return;
    bool video = h.ssrc == SSRC_VIDEO;
    memcpy(room, packet, len);
    ic_rtc_rtp_rewrite(room, video ? SLOT_VIDEO : SLOT_AUDIO, h.seq, h.timestamp + 1000);
    if (video) {
        ic_rtc_nack_received(&e->nack, index, now_ms);
        ic_rtc_history_put(e->history, index, ic_view(room, len), now_ms - 100);
    }
    size_t n;
    struct ic_rtc_srtp *out = ic_rtc_transport_srtp(p->server);
    if (out && ic_rtc_srtp_protect_at(out, room, len, index, &n) == IC_OK)
        p->send_raw(p, ic_view(room, n));
}

static void answer_nack(struct pair *p, uint16_t seq, uint64_t now_ms)
{
    struct echo *e = p->ctx;
    uint8_t room[IC_RTC_PACKET_MAX + IC_RTC_SRTP_OVERHEAD];
    struct ic_view kept;
    uint64_t index;
    size_t n;
    if (!ic_rtc_history_get(e->history, seq, now_ms, 5, &kept, &index))
        return;
    memcpy(room, kept.p, kept.len);
    if (ic_rtc_srtp_protect_again(ic_rtc_transport_srtp(p->server), room, kept.len, index, &n) ==
        IC_OK)
        p->send_raw(p, ic_view(room, n));
}

static void echo(struct pair *p, bool rtcp, uint8_t *packet, size_t len, uint64_t index,
                 uint64_t now_ms)
{
    struct echo *e = p->ctx;
    struct ic_rtc_rtcp r;
    if (!rtcp) {
        echo_rtp(p, packet, len, index, now_ms);
        return;
    }
    e->rtcp++;
    struct ic_rtc_rtcp_iter it = ic_rtc_rtcp_iter(ic_view(packet, len));
    while (ic_rtc_rtcp_next(&it, &r)) {
        e->srs += r.type == IC_RTC_RTCP_SR;
        for (size_t i = 0; r.type == IC_RTC_RTCP_NACK && i < r.nack_count; i++) {
            answer_nack(p, r.nacks[i].seq, now_ms);
            for (unsigned b = 0; b < 16; b++)
                if (r.nacks[i].mask >> b & 1)
                    answer_nack(p, (uint16_t)(r.nacks[i].seq + b + 1), now_ms);
        }
    }
}

static void server_asks(struct pair *p, struct echo *e)
{
    uint8_t room[512];
    uint16_t seqs[64];
    size_t lost, n = ic_rtc_nack_take(&e->nack, pair_now(), seqs, 64, &lost);
    struct ic_rtc_rtcp_writer w = ic_rtc_rtcp_writer(room, 400);
    ic_rtc_rtcp_put_nack(&w, 1, SSRC_VIDEO, seqs, n);
    if (w.len > 0)
        IC_IGNORE(ic_rtc_transport_send_rtcp(p->server, room, w.len));
}

static uint8_t pattern(unsigned frame, size_t i)
{
    return (uint8_t)(frame * 31 + i * 7);
}

static void check_frame(struct pair *p, const struct ic_rtc_frame *f)
{
    if (f->kind == IC_RTC_AUDIO) {
        p->frames_ok +=
            f->ssrc == SLOT_AUDIO && f->has_level && f->level == 33 && f->data.len == 80;
        return;
    }
    unsigned frame = (f->timestamp - 1000) / 3000;
    bool same = f->ssrc == SLOT_VIDEO && f->key == (frame % 30 == 0) && f->data.len == 5000 + frame;
    for (size_t i = 0; same && i < f->data.len; i++)
        same = f->data.p[i] == pattern(frame, i);
    p->frames_ok += same;
}

static void send_frames(struct pair *p, struct echo *e, unsigned count)
{
    static uint8_t bytes[8000];
    for (unsigned i = 0; i < count; i++) {
        for (size_t k = 0; k < 5000 + i; k++)
            bytes[k] = pattern(i, k);
        struct ic_rtc_frame v = {.ssrc = SSRC_VIDEO,
                                 .kind = IC_RTC_VIDEO,
                                 .timestamp = i * 3000,
                                 .key = i % 30 == 0,
                                 .data = ic_view(bytes, 5000 + i)};
        struct ic_rtc_frame a = {.ssrc = SSRC_AUDIO,
                                 .kind = IC_RTC_AUDIO,
                                 .timestamp = i * 960,
                                 .has_level = true,
                                 .level = 33,
                                 .data = ic_view(bytes, 80)};
        CHECK_OK(ic_rtc_endpoint_send_frame(p->client, &v, pair_now()));
        CHECK_OK(ic_rtc_endpoint_send_frame(p->client, &a, pair_now()));
        pair_run(p, 10, false);
        server_asks(p, e);
    }
    for (int i = 0; i < 40; i++) {
        pair_run(p, 10, false);
        server_asks(p, e);
    }
}

static void media_flows(unsigned loss)
{
    struct pair p;
    struct echo e = {0};
    CHECK(pair_init(&p, 0, false));
    ic_rtc_nack_init(&e.nack);
    CHECK_OK(ic_rtc_history_new(512, &e.history));
    p.ctx = &e;
    p.at_server = echo;
    p.at_client = check_frame;
    CHECK_OK(ic_rtc_endpoint_add_source(p.client, IC_RTC_AUDIO, SSRC_AUDIO));
    CHECK_OK(ic_rtc_endpoint_add_source(p.client, IC_RTC_VIDEO, SSRC_VIDEO));
    CHECK_ERR(ic_rtc_endpoint_add_source(p.client, IC_RTC_VIDEO, SSRC_VIDEO), IC_ERR_EXISTS);
    CHECK_OK(ic_rtc_endpoint_add_slot(p.client, IC_RTC_AUDIO, SLOT_AUDIO));
    CHECK_OK(ic_rtc_endpoint_add_slot(p.client, IC_RTC_VIDEO, SLOT_VIDEO));
    pair_run(&p, 5000, true);
    CHECK_EQ_INT(p.opened, 1);
    p.loss = loss;
    send_frames(&p, &e, 110);
    if (ic_test_failed())
        return;
    /* A report may be among what is lost, and none is sent again; there is another a second later. */
    for (int i = 0; e.srs == 0 && i < 10; i++)
        pair_run(&p, 1000, false);
    struct ic_rtc_endpoint_stats s;
    ic_rtc_endpoint_stats(p.client, &s);
    CHECK_EQ_INT(s.frames_sent, 220);
    CHECK_EQ_INT(p.frames_ok, p.frames);
    CHECK(e.rtcp > 0 && e.srs > 0);
    if (loss == 0)
        CHECK_EQ_INT(p.frames, 220);
    else
        CHECK(s.retransmitted > 0 && s.nacks_sent > 0 && p.frames >= 110 + 80);
    CHECK_EQ_INT(s.transport.refused_srtp + s.transport.malformed, 0);
    ic_rtc_endpoint_close(p.client, pair_now());
    p.loss = 0;
    CHECK(!ic_rtc_endpoint_is_open(p.client));
    ic_rtc_history_free(e.history);
    pair_clear(&p);
}

TEST(endpoint_media_flows)
{
    media_flows(0);
}

TEST(endpoint_recovers_from_loss)
{
    media_flows(5);
}

TEST(endpoint_connects_over_a_lossy_wire)
{
    struct pair p;
    CHECK(pair_init(&p, 25, false));
    pair_run(&p, 20000, true);
    CHECK_EQ_INT(p.opened, 1);
    CHECK_EQ_INT(ic_rtc_transport_state(p.server), IC_RTC_TRANSPORT_OPEN);
    pair_clear(&p);
}

TEST(endpoint_is_refused_with_a_wrong_fingerprint)
{
    struct pair p;
    CHECK(pair_init(&p, 0, true));
    pair_run(&p, 3000, true);
    CHECK_EQ_INT(p.opened, 0);
    CHECK_EQ_INT(p.closed, 1);
    CHECK_EQ_INT(ic_rtc_transport_state(p.server), IC_RTC_TRANSPORT_CLOSED);
    CHECK_ERR(ic_rtc_transport_reason(p.server), IC_ERR_AUTH);
    pair_clear(&p);
}

TEST(endpoint_key_frame_requests_and_goodbye)
{
    struct pair p;
    uint8_t room[128];
    CHECK(pair_init(&p, 0, false));
    CHECK_OK(ic_rtc_endpoint_add_source(p.client, IC_RTC_VIDEO, SSRC_VIDEO));
    struct ic_rtc_frame f = {.ssrc = SSRC_VIDEO, .data = IC_VIEW_STR("x")};
    CHECK_ERR(ic_rtc_endpoint_send_frame(p.client, &f, 0), IC_ERR_STATE);
    pair_run(&p, 5000, true);
    CHECK_EQ_INT(p.opened, 1);
    struct ic_rtc_rtcp_writer w = ic_rtc_rtcp_writer(room, sizeof room - IC_RTC_SRTCP_OVERHEAD);
    ic_rtc_rtcp_put_pli(&w, 1, SSRC_VIDEO);
    ic_rtc_rtcp_put_fir(&w, 1, SSRC_VIDEO, 3);
    ic_rtc_rtcp_put_pli(&w, 1, 12345);
    CHECK_OK(ic_rtc_transport_send_rtcp(p.server, room, w.len));
    pair_run(&p, 20, false);
    CHECK_EQ_INT(p.key_frames, 2);
    f.ssrc = 12345;
    CHECK_ERR(ic_rtc_endpoint_send_frame(p.client, &f, pair_now()), IC_ERR_NOT_FOUND);
    f.ssrc = SSRC_VIDEO;
    f.data.len = 0;
    CHECK_ERR(ic_rtc_endpoint_send_frame(p.client, &f, pair_now()), IC_ERR_RANGE);
    ic_rtc_transport_close(p.server);
    pair_run(&p, 1000, false);
    CHECK_EQ_INT(p.closed, 1);
    CHECK_OK(p.reason);
    pair_clear(&p);
}

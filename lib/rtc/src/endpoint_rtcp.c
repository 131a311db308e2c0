#include "endpoint.h"
#include <string.h>

static void resend(struct ic_rtc_endpoint *ep, struct ic_rtc_source *s, uint16_t seq,
                   uint64_t now_ms)
{
    uint8_t room[IC_RTC_PACKET_MAX + IC_RTC_SRTP_OVERHEAD];
    struct ic_view packet;
    uint64_t index;
    size_t len;
    struct ic_rtc_srtp *out = ic_rtc_transport_srtp(ep->transport);
    if (!out || !ic_rtc_history_get(s->history, seq, now_ms, RESEND_GAP_MS, &packet, &index))
        return;
    memcpy(room, packet.p, packet.len);
    if (ic_rtc_srtp_protect_again(out, room, packet.len, index, &len) != IC_OK)
        return;
    ep->stats.retransmitted++;
    ic_rtc_endpoint_send_datagram(ep, ic_rtc_transport_remote(ep->transport), ic_view(room, len));
}

static void take_nack(struct ic_rtc_endpoint *ep, const struct ic_rtc_rtcp *r, uint64_t now_ms)
{
    struct ic_rtc_source *s = ic_rtc_endpoint_source(ep, r->media);
    if (!s)
        return;
    for (size_t i = 0; i < r->nack_count; i++) {
        resend(ep, s, r->nacks[i].seq, now_ms);
        for (unsigned b = 0; b < 16; b++)
            if ((r->nacks[i].mask >> b & 1) != 0)
                resend(ep, s, (uint16_t)(r->nacks[i].seq + b + 1), now_ms);
    }
}

static void take_reports(struct ic_rtc_endpoint *ep, const struct ic_rtc_rtcp *r, uint64_t now_ms)
{
    for (size_t i = 0; i < r->report_count; i++) {
        struct ic_rtc_source *s = ic_rtc_endpoint_source(ep, r->reports[i].ssrc);
        if (!s)
            continue;
        s->fraction_lost = r->reports[i].fraction_lost;
        uint32_t rtt = ic_rtc_rtcp_rtt_ms(&r->reports[i], now_ms);
        if (rtt > 0 && rtt < 60000)
            ep->stats.rtt_ms = rtt;
    }
}

static void want_key(struct ic_rtc_endpoint *ep, uint32_t ssrc)
{
    const struct ic_rtc_source *s = ic_rtc_endpoint_source(ep, ssrc);
    if (s && s->kind == IC_RTC_VIDEO)
        ic_rtc_endpoint_tell(ep, IC_RTC_EVENT_KEY_FRAME, ssrc, IC_OK);
}

static void take_one(struct ic_rtc_endpoint *ep, const struct ic_rtc_rtcp *r, uint64_t now_ms)
{
    struct ic_rtc_slot *slot;
    switch (r->type) {
    case IC_RTC_RTCP_SR:
        slot = ic_rtc_endpoint_slot(ep, r->sender);
        if (slot) {
            slot->last_sr = ic_rtc_ntp_middle(r->ntp);
            slot->last_sr_ms = now_ms;
        }
        take_reports(ep, r, now_ms);
        break;
    case IC_RTC_RTCP_RR:
        take_reports(ep, r, now_ms);
        break;
    case IC_RTC_RTCP_NACK:
        take_nack(ep, r, now_ms);
        break;
    case IC_RTC_RTCP_PLI:
        want_key(ep, r->media);
        break;
    case IC_RTC_RTCP_FIR:
        for (size_t i = 0; i < r->ssrc_count; i++)
            want_key(ep, r->ssrcs[i]);
        break;
    case IC_RTC_RTCP_BYE:
    case IC_RTC_RTCP_SDES:
    case IC_RTC_RTCP_OTHER:
        break;
    }
}

void ic_rtc_endpoint_take_rtcp(struct ic_rtc_endpoint *ep, struct ic_view packet, uint64_t now_ms)
{
    struct ic_rtc_rtcp_iter it = ic_rtc_rtcp_iter(packet);
    struct ic_rtc_rtcp r;
    while (ic_rtc_rtcp_next(&it, &r))
        take_one(ep, &r, now_ms);
}

/* RFC 3550 section 6.4.1 and appendix A.3 */
static struct ic_rtc_rtcp_report make_report(struct ic_rtc_slot *s, uint64_t now_ms)
{
    uint64_t expected = s->highest - s->first + 1;
    uint64_t step = expected - s->expected_before, got = s->received - s->received_before;
    int64_t lost = (int64_t)(expected - s->received);
    s->expected_before = expected;
    s->received_before = s->received;
    lost = lost > 0x7fffff ? 0x7fffff : lost < -0x800000 ? -0x800000 : lost;
    return (struct ic_rtc_rtcp_report){
        .ssrc = s->ssrc,
        .fraction_lost = step > got ? (uint8_t)((step - got) * 255 / step) : 0,
        .lost = (int32_t)lost,
        .highest_seq = (uint32_t)s->highest,
        .jitter = s->jitter >> 4,
        .last_sr = s->last_sr,
        .delay = s->last_sr ? (uint32_t)((now_ms - s->last_sr_ms) * 65536 / 1000) : 0,
    };
}

static size_t make_reports(struct ic_rtc_endpoint *ep, struct ic_rtc_rtcp_report *out,
                           uint64_t now_ms)
{
    size_t n = 0;
    for (size_t i = 0; i < ep->slot_count && n < IC_RTC_RTCP_REPORTS_MAX; i++)
        if (ep->slots[i].started && ep->slots[i].received != ep->slots[i].received_before)
            out[n++] = make_report(&ep->slots[i], now_ms);
    return n;
}

void ic_rtc_endpoint_report(struct ic_rtc_endpoint *ep, uint64_t now_ms)
{
    uint8_t room[1200];
    struct ic_rtc_rtcp_report reports[IC_RTC_RTCP_REPORTS_MAX];
    struct ic_rtc_rtcp_writer w = ic_rtc_rtcp_writer(room, sizeof room - IC_RTC_SRTCP_OVERHEAD);
    ic_rtc_rtcp_put_rr(&w, ep->rtcp_ssrc, reports, make_reports(ep, reports, now_ms));
    ic_rtc_rtcp_put_cname(&w, ep->rtcp_ssrc, IC_VIEW_ARRAY(ep->cname));
    for (size_t i = 0; i < ep->source_count; i++) {
        const struct ic_rtc_source *s = &ep->sources[i];
        uint32_t hz = s->kind == IC_RTC_VIDEO ? IC_RTC_VIDEO_HZ : IC_RTC_OPUS_HZ;
        /* What the clock of the stream shows now, not at its last frame. */
        uint32_t timestamp = s->timestamp + (uint32_t)((now_ms - s->timestamp_ms) * hz / 1000);
        if (s->packets > 0)
            ic_rtc_rtcp_put_sr(&w, s->ssrc, ic_rtc_ntp(now_ms), timestamp, s->packets, s->octets,
                               NULL, 0);
    }
    IC_IGNORE(ic_rtc_transport_send_rtcp(ep->transport, room, w.len));
}

void ic_rtc_endpoint_close(struct ic_rtc_endpoint *ep, uint64_t now_ms)
{
    uint8_t room[256];
    struct ic_rtc_rtcp_writer w = ic_rtc_rtcp_writer(room, sizeof room - IC_RTC_SRTCP_OVERHEAD);
    (void)now_ms;
    if (!ep->transport || ep->closed)
        return;
    ic_rtc_rtcp_put_rr(&w, ep->rtcp_ssrc, NULL, 0);
    for (size_t i = 0; i < ep->source_count; i++)
        ic_rtc_rtcp_put_bye(&w, ep->sources[i].ssrc);
    if (ep->open)
        IC_IGNORE(ic_rtc_transport_send_rtcp(ep->transport, room, w.len));
    ic_rtc_transport_close(ep->transport);
    ep->open = false;
    ep->closed = true;
}

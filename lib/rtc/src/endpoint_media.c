#include "endpoint.h"
#include <ic/rtc/dd.h>
#include <ic/rtc/vp8.h>
#include <string.h>

/* One packet of a frame: kept for NACK, protected, sent. */
static ic_err send_packet(struct ic_rtc_endpoint *ep, struct ic_rtc_source *s, struct ic_rtc_rtp *h,
                          struct ic_view payload, uint64_t now_ms)
{
    uint8_t packet[IC_RTC_PACKET_MAX + IC_RTC_SRTP_OVERHEAD];
    size_t header, len;
    h->seq = (uint16_t)s->index;
    h->ssrc = s->ssrc;
    IC_TRY(ic_rtc_rtp_encode(h, packet, sizeof packet, &header));
    memcpy(packet + header, payload.p, payload.len);
    len = header + payload.len;
    uint64_t index = s->index++;
    ic_rtc_history_put(s->history, index, ic_view(packet, len), now_ms - RESEND_GAP_MS);
    struct ic_rtc_srtp *out = ic_rtc_transport_srtp(ep->transport);
    IC_TRY(ic_rtc_srtp_protect_at(out, packet, len, index, &len));
    ic_rtc_endpoint_send_datagram(ep, ic_rtc_transport_remote(ep->transport), ic_view(packet, len));
    s->packets++;
    s->octets += (uint32_t)payload.len;
    ep->stats.packets_sent++;
    return IC_OK;
}

/* The structure goes along with the first packet of a key frame, the rest says only which frame it is. */
static ic_err describe(const struct ic_rtc_frame *f, const struct ic_rtc_source *s,
                       const struct ic_rtc_slices *slices, uint8_t *out, size_t *len)
{
    struct ic_rtc_dd d = {.head = {.start = slices->first,
                                   .end = slices->last,
                                   .has_structure = f->key && slices->first,
                                   .template_id = f->key ? 0 : 1,
                                   .frame = s->frame}};
    if (d.head.has_structure)
        ic_rtc_dd_plain(&d.structure);
    return ic_rtc_dd_encode(&d, NULL, out, len);
}

static ic_err send_video(struct ic_rtc_endpoint *ep, struct ic_rtc_source *s,
                         const struct ic_rtc_frame *f, uint64_t now_ms)
{
    uint8_t payload[IC_RTC_PAYLOAD_MAX], dd[IC_RTC_DD_MAX];
    size_t len, dd_len;
    struct ic_rtc_slices slices = ic_rtc_slices(f->data, s->picture++);
    struct ic_rtc_rtp h = {.payload_type = IC_RTC_PT_VP8, .timestamp = f->timestamp};
    while (ic_rtc_slices_next(&slices, payload, &len)) {
        IC_TRY(describe(f, s, &slices, dd, &dd_len));
        h.dd = ic_view(dd, dd_len);
        h.marker = slices.last;
        IC_TRY(send_packet(ep, s, &h, ic_view(payload, len), now_ms));
    }
    s->frame++;
    return IC_OK;
}

static ic_err send_audio(struct ic_rtc_endpoint *ep, struct ic_rtc_source *s,
                         const struct ic_rtc_frame *f, uint64_t now_ms)
{
    struct ic_rtc_rtp h = {.payload_type = IC_RTC_PT_OPUS,
                           .timestamp = f->timestamp,
                           .marker = s->packets == 0,
                           .has_level = f->has_level,
                           .voice = f->voice,
                           .level = f->level > 127 ? 127 : f->level};
    return send_packet(ep, s, &h, f->data, now_ms);
}

ic_err ic_rtc_endpoint_send_frame(struct ic_rtc_endpoint *ep, const struct ic_rtc_frame *frame,
                                  uint64_t now_ms)
{
    if (!ep->open || !ic_rtc_transport_srtp(ep->transport))
        return IC_ERR_STATE;
    struct ic_rtc_source *s = ic_rtc_endpoint_source(ep, frame->ssrc);
    if (!s)
        return IC_ERR_NOT_FOUND;
    size_t max = s->kind == IC_RTC_VIDEO ? IC_RTC_FRAME_MAX : IC_RTC_PAYLOAD_MAX;
    if (frame->data.len == 0 || frame->data.len > max)
        return IC_ERR_RANGE;
    s->timestamp = frame->timestamp;
    s->timestamp_ms = now_ms;
    IC_TRY(s->kind == IC_RTC_VIDEO ? send_video(ep, s, frame, now_ms)
                                   : send_audio(ep, s, frame, now_ms));
    ep->stats.frames_sent++;
    return IC_OK;
}

static uint32_t slot_hz(const struct ic_rtc_slot *s)
{
    return s->kind == IC_RTC_VIDEO ? IC_RTC_VIDEO_HZ : IC_RTC_OPUS_HZ;
}

/* RFC 3550 appendix A.1 and A.8 */
static void count_packet(struct ic_rtc_slot *s, uint64_t index, uint32_t timestamp, uint64_t now_ms)
{
    uint32_t transit = (uint32_t)(now_ms * slot_hz(s) / 1000) - timestamp;
    if (!s->started) {
        s->started = true;
        s->first = s->highest = index;
    } else {
        int32_t d = (int32_t)(transit - s->transit);
        uint32_t moved = d < 0 ? 0u - (uint32_t)d : (uint32_t)d;
        s->jitter += moved - ((s->jitter + 8) >> 4);
    }
    s->transit = transit;
    s->received++;
    if (index > s->highest)
        s->highest = index;
}

static void give_frames(struct ic_rtc_endpoint *ep, struct ic_rtc_slot *s, uint64_t now_ms)
{
    struct ic_rtc_video_frame v;
    while (ic_rtc_assembler_take(s->assembler, now_ms, &v)) {
        struct ic_rtc_frame f = {.ssrc = s->ssrc,
                                 .kind = IC_RTC_VIDEO,
                                 .timestamp = v.timestamp,
                                 .key = v.key,
                                 .gap = v.gap,
                                 .data = v.data};
        ep->stats.frames_received++;
        ep->config.frame(ep->config.ctx, &f, now_ms);
    }
    if (ic_rtc_assembler_needs_key(s->assembler))
        s->want_key = true;
}

static void take_video(struct ic_rtc_endpoint *ep, struct ic_rtc_slot *s, uint64_t index,
                       const struct ic_rtc_rtp *h, uint64_t now_ms)
{
    if (!ic_rtc_nack_received(s->nack, index, now_ms))
        s->want_key = true;
    if (ic_rtc_assembler_put(s->assembler, index, h, now_ms) == IC_OK)
        give_frames(ep, s, now_ms);
}

static void take_audio(struct ic_rtc_endpoint *ep, const struct ic_rtc_rtp *h, uint64_t now_ms)
{
    struct ic_rtc_frame f = {.ssrc = h->ssrc,
                             .kind = IC_RTC_AUDIO,
                             .timestamp = h->timestamp,
                             .has_level = h->has_level,
                             .voice = h->voice,
                             .level = h->level,
                             .data = h->payload};
    ep->stats.frames_received++;
    ep->config.frame(ep->config.ctx, &f, now_ms);
}

void ic_rtc_endpoint_packet(void *ctx, bool rtcp, uint8_t *packet, size_t len, uint64_t index,
                            uint64_t now_ms)
{
    struct ic_rtc_endpoint *ep = ctx;
    struct ic_rtc_rtp h;
    if (rtcp) {
        ic_rtc_endpoint_take_rtcp(ep, ic_view(packet, len), now_ms);
        return;
    }
    if (ic_rtc_rtp_decode(ic_view(packet, len), &h) != IC_OK)
        return;
    struct ic_rtc_slot *s = ic_rtc_endpoint_slot(ep, h.ssrc);
    uint8_t type = s && s->kind == IC_RTC_VIDEO ? IC_RTC_PT_VP8 : IC_RTC_PT_OPUS;
    /* A video packet without payload fills a number that would else be asked for. */
    if (!s || h.payload_type != type || (h.payload.len == 0 && s->kind != IC_RTC_VIDEO))
        return;
    ep->stats.packets_received++;
    count_packet(s, index, h.timestamp, now_ms);
    if (s->kind == IC_RTC_VIDEO)
        take_video(ep, s, index, &h, now_ms);
    else
        take_audio(ep, &h, now_ms);
}

/* Reduced-size RTCP (RFC 5506): feedback does not wait for the next report. */
static void send_feedback(struct ic_rtc_endpoint *ep, struct ic_rtc_rtcp_writer *w)
{
    if (w->len > 0)
        IC_IGNORE(ic_rtc_transport_send_rtcp(ep->transport, w->p, w->len));
}

static void tick_slot(struct ic_rtc_endpoint *ep, struct ic_rtc_slot *s, uint64_t now_ms)
{
    uint8_t room[512];
    uint16_t missing[IC_RTC_RTCP_NACKS_MAX];
    size_t lost;
    struct ic_rtc_rtcp_writer w = ic_rtc_rtcp_writer(room, sizeof room - IC_RTC_SRTCP_OVERHEAD);
    give_frames(ep, s, now_ms);
    s->nack->rtt_ms = ep->stats.rtt_ms ? ep->stats.rtt_ms : ic_rtc_transport_rtt_ms(ep->transport);
    size_t n = ic_rtc_nack_take(s->nack, now_ms, missing, IC_RTC_RTCP_NACKS_MAX, &lost);
    if (n > 0) {
        ic_rtc_rtcp_put_nack(&w, ep->rtcp_ssrc, s->ssrc, missing, n);
        ep->stats.nacks_sent++;
    }
    if (s->want_key && now_ms >= s->last_pli_ms + PLI_GAP_MS) {
        ic_rtc_rtcp_put_pli(&w, ep->rtcp_ssrc, s->ssrc);
        s->want_key = false;
        s->last_pli_ms = now_ms;
        ep->stats.plis_sent++;
    }
    send_feedback(ep, &w);
}

void ic_rtc_endpoint_tick_slots(struct ic_rtc_endpoint *ep, uint64_t now_ms)
{
    for (size_t i = 0; i < ep->slot_count; i++)
        if (ep->slots[i].kind == IC_RTC_VIDEO)
            tick_slot(ep, &ep->slots[i], now_ms);
}

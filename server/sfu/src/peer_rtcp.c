#include "shard.h"

enum { ASK_AGAIN_MS = 1000 };

static void take_nack(struct peer *p, const struct ic_rtc_rtcp *r)
{
    struct slot *slot = icd_sfu_peer_slot(p, r->media);
    if (!slot)
        return;
    for (size_t i = 0; i < r->nack_count; i++) {
        icd_sfu_slot_resend(slot, r->nacks[i].seq);
        for (unsigned b = 0; b < 16; b++)
            if ((r->nacks[i].mask >> b & 1) != 0)
                icd_sfu_slot_resend(slot, (uint16_t)(r->nacks[i].seq + b + 1));
    }
}

static void take_key_request(struct peer *p, uint32_t ssrc)
{
    struct slot *slot = icd_sfu_peer_slot(p, ssrc);
    if (!slot)
        return;
    count(&p->shard->counters.key_requests_in, 1);
    if (slot->next)
        icd_sfu_source_want_key(slot->next);
    else if (slot->source)
        icd_sfu_source_want_key(slot->source);
}

static void take_sender_report(struct peer *p, const struct ic_rtc_rtcp *r)
{
    struct shard *s = p->shard;
    for (size_t i = 0; i < p->source_count; i++) {
        struct source *src = p->sources[i];
        if (src->ssrc != r->sender || src->ssrc == 0)
            continue;
        src->has_sr = true;
        src->sr_ntp = r->ntp;
        src->sr_timestamp = r->timestamp;
        src->sr_ms = s->now_ms;
        src->last_sr_middle = ic_rtc_ntp_middle(r->ntp);
        icd_sfu_source_cross(s, src, ic_view(NULL, 0), r->ntp, r->timestamp);
    }
}

void icd_sfu_peer_take_rtcp(struct peer *p, struct ic_view packet)
{
    struct ic_rtc_rtcp_iter it = ic_rtc_rtcp_iter(packet);
    struct ic_rtc_rtcp r;
    while (ic_rtc_rtcp_next(&it, &r)) {
        if (r.type == IC_RTC_RTCP_SR)
            take_sender_report(p, &r);
        else if (r.type == IC_RTC_RTCP_NACK)
            take_nack(p, &r);
        else if (r.type == IC_RTC_RTCP_PLI)
            take_key_request(p, r.media);
        else if (r.type == IC_RTC_RTCP_FIR)
            for (size_t i = 0; i < r.ssrc_count; i++)
                take_key_request(p, r.ssrcs[i]);
    }
    if (it.err != IC_OK)
        count(&p->shard->counters.dropped_malformed, 1);
}

/* RFC 3550 appendix A.3 */
static struct ic_rtc_rtcp_report make_report(struct source *src, uint64_t now_ms)
{
    uint64_t expected = src->highest - src->first + 1;
    uint64_t step = expected - src->expected_before, got = src->received - src->received_before;
    int64_t lost = (int64_t)(expected - src->received);
    src->expected_before = expected;
    src->received_before = src->received;
    lost = lost > 0x7fffff ? 0x7fffff : lost < -0x800000 ? -0x800000 : lost;
    return (struct ic_rtc_rtcp_report){
        .ssrc = src->ssrc,
        .fraction_lost = step > got ? (uint8_t)((step - got) * 255 / step) : 0,
        .lost = (int32_t)lost,
        .highest_seq = (uint32_t)(src->highest - src->index_offset),
        .jitter = src->jitter >> 4,
        .last_sr = src->last_sr_middle,
        .delay = src->last_sr_middle ? (uint32_t)((now_ms - src->sr_ms) * 65536 / 1000) : 0,
    };
}

/* A sender's report in the numbers of the slot: the sender's own clock, so that sound and picture of one
 * person are brought together by it. */
static void put_sender_report(struct ic_rtc_rtcp_writer *w, const struct slot *slot,
                              uint64_t now_ms)
{
    const struct source *src = slot->source;
    if (!src || !src->has_sr || slot->fresh || slot->packets == 0)
        return;
    uint64_t passed = now_ms - src->sr_ms;
    uint32_t hz = slot->kind == IC_WIRE_AUDIO ? IC_RTC_OPUS_HZ : IC_RTC_VIDEO_HZ;
    uint32_t timestamp =
        src->sr_timestamp + slot->timestamp_offset + (uint32_t)(passed * hz / 1000);
    ic_rtc_rtcp_put_sr(w, slot->ssrc, src->sr_ntp + (passed << 32) / 1000, timestamp, slot->packets,
                       slot->octets, NULL, 0);
}

void icd_sfu_peer_report(struct peer *p)
{
    struct shard *s = p->shard;
    struct ic_rtc_rtcp_report reports[ICD_SFU_SOURCES_MAX];
    uint8_t room[1300];
    size_t n = 0;
    for (size_t i = 0; i < p->source_count; i++)
        if (p->sources[i]->counted)
            reports[n++] = make_report(p->sources[i], s->now_ms);
    struct ic_rtc_rtcp_writer w = ic_rtc_rtcp_writer(room, 1200);
    ic_rtc_rtcp_put_rr(&w, s->ssrc, reports, n);
    ic_rtc_rtcp_put_cname(&w, s->ssrc, IC_VIEW_STR("sfu"));
    for (size_t i = 0; i < p->slot_count; i++)
        put_sender_report(&w, &p->slots[i], s->now_ms);
    IC_IGNORE(ic_rtc_transport_send_rtcp(p->transport, room, w.len));
}

/* A browser answers for one simulcast layer with key frames of all: they are asked for in turn. */
static bool asked_lately(const struct peer *p, const struct source *src, uint64_t now_ms)
{
    for (size_t i = 0; i < p->source_count; i++)
        if (p->sources[i]->shared->source == src->shared->source &&
            now_ms < p->sources[i]->key_asked_ms + p->shard->sfu->config.key_request_gap_ms)
            return true;
    return false;
}

static bool due(const struct peer *p, struct source *src, uint64_t now_ms)
{
    if (src->ssrc == 0 || !atomic_load(&src->shared->key_wanted) || asked_lately(p, src, now_ms))
        return false;
    atomic_store(&src->shared->key_wanted, false);
    src->key_asked_ms = now_ms;
    return true;
}

/* A layer that only a key frame leads to. */
static bool wants_layer(const struct slot *slot)
{
    const struct layers *l = slot->source ? slot->source->layers : NULL;
    uint8_t wanted = l ? icd_sfu_layers_pick(l, slot->height) : NO_LAYER;
    return wanted != NO_LAYER && wanted != slot->spatial;
}

/* What this peer's streams lack, and the key frames that somebody wants of them, many requests in one. */
void icd_sfu_peer_ask(struct peer *p)
{
    struct shard *s = p->shard;
    uint16_t missing[IC_RTC_RTCP_NACKS_MAX];
    uint8_t room[1300];
    size_t lost;
    struct ic_rtc_rtcp_writer w = ic_rtc_rtcp_writer(room, 1200);
    for (size_t i = 0; i < p->source_count; i++) {
        struct source *src = p->sources[i];
        /* Sequence numbers are the low bits of the sender's own index. */
        size_t n = ic_rtc_nack_take(&src->nack, s->now_ms, missing, IC_RTC_RTCP_NACKS_MAX, &lost);
        for (size_t k = 0; k < n; k++)
            missing[k] = (uint16_t)(missing[k] - src->index_offset);
        ic_rtc_rtcp_put_nack(&w, s->ssrc, src->ssrc, missing, n);
        count(&s->counters.nacks_out, n);
        if (due(p, src, s->now_ms)) {
            ic_rtc_rtcp_put_pli(&w, s->ssrc, src->ssrc);
            count(&s->counters.key_requests_out, 1);
        }
    }
    if (w.len > 0)
        IC_IGNORE(ic_rtc_transport_send_rtcp(p->transport, room, w.len));
    for (size_t i = 0; i < p->slot_count; i++) {
        struct slot *slot = &p->slots[i];
        struct source *waited = slot->next                         ? slot->next
                                : slot->fresh || wants_layer(slot) ? slot->source
                                                                   : NULL;
        if (waited && s->now_ms >= slot->asked_ms + ASK_AGAIN_MS) {
            slot->asked_ms = s->now_ms;
            icd_sfu_source_want_key(waited);
        }
    }
}

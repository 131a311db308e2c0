#include "shard.h"
#include <ic/base/mem.h>
#include <string.h>

enum { AGAIN_GAP_MS = 5 };

static uint32_t hz(uint8_t kind)
{
    return kind == IC_WIRE_AUDIO ? IC_RTC_OPUS_HZ : IC_RTC_VIDEO_HZ;
}

/* Numbers go on at the beginning of a stream: the frame after the last that went out, the picture after it. */
static void continue_frames(struct slot *slot, const struct mark *m)
{
    bool first = slot->packets == 0;
    if (m->dd)
        slot->frame_delta = first ? 0 : (uint16_t)(slot->last_frame + 1 - m->frame);
    slot->picture_delta = first ? 0 : (uint16_t)(slot->last_picture + 1 - m->picture);
    slot->tl0_delta = first ? 0 : (uint8_t)(slot->last_tl0 + 1 - m->tl0);
}

/* RFC 3550 section 5.1 lets a stream's timestamps begin anywhere; a receiver wants them to go on at the
 * pace of its clock when the slot changes its source. */
static void continue_clock(struct slot *slot, const struct ic_rtc_rtp *h, uint64_t now_ms)
{
    uint32_t rate = hz(slot->kind);
    if (slot->packets == 0) {
        slot->timestamp_offset = 0;
        return;
    }
    int32_t step = (int32_t)(h->timestamp + slot->timestamp_offset - slot->last_timestamp);
    if (slot->aligned && step > 0 && (uint32_t)step < 2 * rate)
        return;
    uint64_t passed = (now_ms - slot->last_ms) * rate / 1000;
    slot->timestamp_offset = slot->last_timestamp + (passed ? (uint32_t)passed : 1) - h->timestamp;
}

static void begin(struct slot *slot, const struct ic_rtc_rtp *h, const struct mark *m,
                  uint64_t index)
{
    slot->fresh = false;
    slot->base_in = slot->next_in = index;
    slot->delta = slot->next_out - index;
    if (slot->dropped)
        slot->dropped->count = 0;
    continue_frames(slot, m);
    continue_clock(slot, h, slot->peer->shard->now_ms);
    slot->aligned = false;
    if (m->layered) {
        slot->spatial = icd_sfu_layers_pick(slot->source->layers, slot->height);
        slot->target = slot->spatial == NO_LAYER ? 0 : slot->source->layers->target[slot->spatial];
    }
}

/* What each receiver has of its own, in the room that the packet is sent from. */
static void patch(uint8_t *p, const struct slot *slot, const struct kept_packet *kept,
                  const struct sent *sent)
{
    ic_rtc_rtp_rewrite(p, slot->ssrc, (uint16_t)sent->out, sent->timestamp);
    p[1] = (uint8_t)((p[1] & 0x7f) | (sent->marker ? 0x80 : 0));
    if (kept->dd_at)
        ic_rtc_dd_renumber(p + kept->dd_at,
                           (uint16_t)(ic_load_u16(p + kept->dd_at + 1) + sent->frame_delta));
    if (kept->picture_at && kept->long_picture)
        ic_store_u16(p + kept->picture_at,
                     0x8000 | ((ic_load_u16(p + kept->picture_at) + sent->picture_delta) & 0x7fff));
    else if (kept->picture_at)
        p[kept->picture_at] = (p[kept->picture_at] + sent->picture_delta) & 0x7f;
    if (kept->tl0_at)
        p[kept->tl0_at] = (uint8_t)(p[kept->tl0_at] + sent->tl0_delta);
}

static void post(struct slot *slot, size_t len)
{
    struct shard *s = slot->peer->shard;
    icd_sfu_batch_add(&s->out, &slot->peer->addr, len);
    count(&s->counters.packets_out, 1);
    count(&s->counters.bytes_out, len);
}

/* One packet to one receiver: rewritten, protected in the room it is sent from. */
static bool emit(struct slot *slot, const struct kept_packet *kept, struct sent *sent, bool again)
{
    struct shard *s = slot->peer->shard;
    size_t len = kept->len;
    if (!slot->srtp)
        return false;
    uint8_t *p = icd_sfu_shard_room(s);
    memcpy(p, kept->bytes, len);
    patch(p, slot, kept, sent);
    /* A retransmission is the very packet that went out: the same bytes under the same index. */
    ic_err e = again ? ic_rtc_srtp_protect_again(slot->srtp, p, len, sent->out, &len)
                     : ic_rtc_srtp_protect_at(slot->srtp, p, len, sent->out, &len);
    if (e != IC_OK)
        return false;
    sent->again_ms = (uint32_t)s->now_ms;
    post(slot, len);
    return true;
}

/* A number that was kept for a late packet which is not wanted: filled, so that nobody asks for it. */
static void fill(struct slot *slot, uint64_t out)
{
    struct ic_rtc_rtp h = {.payload_type = slot->payload_type,
                           .seq = (uint16_t)out,
                           .timestamp = slot->last_timestamp,
                           .ssrc = slot->ssrc};
    uint8_t *p = icd_sfu_shard_room(slot->peer->shard);
    size_t len;
    if (ic_rtc_rtp_encode(&h, p, ICD_SFU_DATAGRAM - IC_RTC_SRTP_OVERHEAD, &len) != IC_OK ||
        ic_rtc_srtp_protect_at(slot->srtp, p, len, out, &len) != IC_OK)
        return;
    post(slot, len);
    if (out >= slot->next_out)
        slot->next_out = out + 1;
}

/* Number that the packet goes out under. False where it is too late to know. */
static bool out_number(const struct slot *slot, uint64_t index, uint64_t *out)
{
    uint32_t after = 0;
    const struct dropped *d = slot->dropped;
    if (d && index < slot->next_in) {
        while (after < d->count && d->index[d->count - 1 - after] > index)
            after++;
        if (after == DROPPED_KEPT)
            return false;
    }
    *out = index + slot->delta + after;
    return true;
}

/* The packet is not for this receiver: the numbers close up behind it. */
static void leave_out(struct slot *slot, uint64_t index)
{
    uint64_t out;
    if (index >= slot->next_in && !slot->dropped)
        slot->dropped = ic_new(struct dropped);
    if (index < slot->next_in || !slot->dropped) {
        if (out_number(slot, index, &out))
            fill(slot, out);
        slot->next_in = index >= slot->next_in ? index + 1 : slot->next_in;
        return;
    }
    struct dropped *d = slot->dropped;
    if (d->count == DROPPED_KEPT) {
        d->count--;
        memmove(&d->index[0], &d->index[1], d->count * sizeof d->index[0]);
    }
    d->index[d->count++] = index;
    slot->delta--;
    slot->next_in = index + 1;
}

/* Of a stream with layers inside: may this packet go to the slot? At a key frame the layer that is wanted is
 * taken up; a lower one at any frame where it is a part of what went out so far. */
static bool in_layer(struct slot *slot, const struct source *src, const struct mark *m)
{
    const struct layers *l = src->layers;
    if (m->start) {
        uint8_t wanted = icd_sfu_layers_pick(l, slot->height);
        if (wanted != slot->spatial && wanted != NO_LAYER &&
            ((m->key && !m->late) ||
             (wanted < slot->spatial && slot->spatial != NO_LAYER &&
              icd_sfu_layers_contain(l, slot->target, l->target[wanted])))) {
            slot->spatial = wanted;
            slot->target = l->target[wanted];
        }
    }
    return slot->spatial != NO_LAYER &&
           ic_rtc_dd_dti(m->dtis, slot->target) != IC_RTC_DD_NOT_PRESENT;
}

static void remember(struct slot *slot, const struct sent *sent, const struct mark *m)
{
    uint16_t frame = (uint16_t)(m->frame + sent->frame_delta);
    uint16_t picture = (m->picture + sent->picture_delta) & 0x7fff;
    slot->history[sent->out & slot->mask] = *sent;
    if (sent->out >= slot->next_out) {
        slot->next_out = sent->out + 1;
        slot->last_timestamp = sent->timestamp;
        slot->last_ms = slot->peer->shard->now_ms;
    }
    if (m->dd && (slot->packets == 0 || (int16_t)(frame - slot->last_frame) > 0))
        slot->last_frame = frame;
    if (slot->packets == 0 || ((picture - slot->last_picture) & 0x7fff) < 0x4000)
        slot->last_picture = picture;
    if (slot->packets == 0 || (int8_t)(m->tl0 + sent->tl0_delta - slot->last_tl0) > 0)
        slot->last_tl0 = (uint8_t)(m->tl0 + sent->tl0_delta);
}

/* Sees to it that the slot has begun with what this packet belongs to. */
static bool has_begun(struct slot *slot, struct source *src, const struct ic_rtc_rtp *h,
                      const struct mark *m, uint64_t index)
{
    bool video = slot->kind != IC_WIRE_AUDIO;
    /* A picture begins with a key frame; of a sender that does not say which those are, with any: the
     * receiver waits for one. */
    bool may_begin = !video || (m->start && !m->late && (m->key || !m->dd));
    if (slot->next == src && may_begin)
        icd_sfu_slot_switch(slot, src);
    if (slot->source != src || !slot->srtp)
        return false;
    /* A sender that jumps would take the receiver's rollover counter along, and with it the slot for
     * whoever comes next: the numbers that go out never jump. */
    if (!slot->fresh && index >= slot->base_in && index + slot->delta > slot->next_out + JUMP_MAX) {
        slot->fresh = true;
        if (video)
            icd_sfu_source_want_key(src);
    }
    if (slot->fresh) {
        if (!may_begin)
            return false;
        begin(slot, h, m, index);
    }
    return index >= slot->base_in;
}

static void give(struct slot *slot, struct source *src, const struct ic_rtc_rtp *h,
                 const struct mark *m, const struct kept_packet *kept, uint64_t pool,
                 uint64_t index)
{
    uint64_t out;
    if (!has_begun(slot, src, h, m, index))
        return;
    if (!kept || (m->layered && !in_layer(slot, src, m))) {
        leave_out(slot, index);
        return;
    }
    if (!out_number(slot, index, &out))
        return;
    struct sent sent = {.out = out,
                        .pool = pool,
                        .timestamp = h->timestamp + slot->timestamp_offset,
                        .frame_delta = slot->frame_delta,
                        .picture_delta = slot->picture_delta,
                        .tl0_delta = slot->tl0_delta,
                        .marker =
                            h->marker || (m->layered && m->end && m->spatial == slot->spatial)};
    slot->next_in = index >= slot->next_in ? index + 1 : slot->next_in;
    if (!emit(slot, kept, &sent, false))
        return;
    remember(slot, &sent, m);
    slot->payload_type = h->payload_type;
    slot->packets++;
    slot->octets += (uint32_t)h->payload.len;
}

/* With many receivers each one's state lies in far memory: asked for while others are served. */
static void fetch_ahead(const struct source *src, size_t i)
{
    if (i + 6 < src->sub_count)
        __builtin_prefetch(src->subs[i + 6]);
    if (i + 3 < src->sub_count) {
        const struct slot *slot = src->subs[i + 3];
        __builtin_prefetch((const char *)slot + 64);
        __builtin_prefetch((const char *)slot + 128);
        __builtin_prefetch(slot->srtp);
        __builtin_prefetch(&slot->peer->addr);
        __builtin_prefetch(&slot->history[slot->next_out & slot->mask], 1);
    }
}

/* A key frame whose first packet was lost and comes late has gone by for who waited for it: what followed was
 * left out for them. Another one, at once. */
static void note_order(struct source *src, struct mark *m, uint64_t index)
{
    m->late = index < src->seen;
    if (!m->late)
        src->seen = index;
    else if (m->key)
        icd_sfu_source_want_key(src);
}

void icd_sfu_source_packet(struct shard *s, struct source *src, const struct ic_rtc_rtp *h,
                           const struct mark *mark, uint64_t index)
{
    struct mark m = *mark;
    if (h->has_level)
        icd_sfu_room_heard(src, h, s->now_ms);
    note_order(src, &m, index);
    if (src->sub_count == 0)
        return;
    uint64_t pool = s->pool_next;
    struct kept_packet *kept = m.empty ? NULL : &s->pool[pool % POOL_LEN];
    if (kept && !icd_sfu_keep(kept, h, &m))
        return;
    s->pool_next += kept != NULL;
    /* A switch takes the slot out of another source's list, never out of this one. */
    for (size_t i = 0; i < src->sub_count; i++) {
        fetch_ahead(src, i);
        give(src->subs[i], src, h, &m, kept, pool, index);
    }
}

/* To every other shard that wants it, once each. packet empty: a sender report, index its NTP time. */
void icd_sfu_source_cross(struct shard *s, struct source *src, struct ic_view packet,
                          uint64_t index, uint32_t timestamp)
{
    uint64_t interest = atomic_load_explicit(&src->shared->interest, memory_order_relaxed);
    interest &= ~((uint64_t)1 << s->id);
    for (unsigned to = 0; interest && to < s->sfu->shard_count; to++) {
        if ((interest >> to & 1) == 0)
            continue;
        interest &= ~((uint64_t)1 << to);
        struct icd_sfu_ring *ring = s->sfu->shards[to]->from[s->id];
        struct icd_sfu_crossing *c = icd_sfu_ring_claim(ring);
        if (!c) {
            count(&s->counters.crossed_lost, 1);
            continue;
        }
        c->room = src->shared->room;
        c->source = src->shared->id;
        c->index = index;
        c->timestamp = timestamp;
        c->len = (uint16_t)packet.len;
        if (packet.len > 0)
            memcpy(c->bytes, packet.p, packet.len);
        icd_sfu_ring_commit(ring);
        s->crossed_to |= (uint64_t)1 << to;
        count(&s->counters.crossed, 1);
    }
}

/* Who asks for everything again and again gets no more than this. */
static bool may_resend(struct peer *p)
{
    uint64_t second = p->shard->now_ms / 1000;
    if (p->resend_s != second) {
        p->resend_s = second;
        p->resends = 0;
    }
    return p->resends++ < RESENDS_PER_S;
}

void icd_sfu_slot_resend(struct slot *slot, uint16_t seq)
{
    struct shard *s = slot->peer->shard;
    struct sent *sent = &slot->history[seq & slot->mask];
    count(&s->counters.nacks_in, 1);
    if (slot->packets == 0 || (uint16_t)sent->out != seq || sent->out >= slot->next_out ||
        s->pool_next - sent->pool > POOL_LEN)
        return;
    if ((uint32_t)s->now_ms - sent->again_ms < AGAIN_GAP_MS)
        return;
    if (!may_resend(slot->peer)) {
        count(&s->counters.dropped_limit, 1);
        return;
    }
    if (emit(slot, &s->pool[sent->pool % POOL_LEN], sent, true))
        count(&s->counters.nacks_answered, 1);
}

#include "shard.h"
#include <ic/base/mem.h>
#include <string.h>

enum { AGAIN_GAP_MS = 5 };

static uint32_t hz(uint8_t kind)
{
    return kind == IC_WIRE_AUDIO ? IC_RTC_OPUS_HZ : IC_RTC_VIDEO_HZ;
}

void icd_sfu_source_want_key(struct source *src)
{
    if (src->shared->kind != IC_WIRE_AUDIO)
        atomic_store(&src->shared->key_wanted, true);
}

/* A shard that has no slot for a stream does not get its packets; microphones are heard everywhere, since
 * each shard ranks by itself. */
static void show_interest(struct shard *s, struct source *src)
{
    uint64_t bit = (uint64_t)1 << s->id;
    bool wants = src->sub_count > 0 || (src->shared->kind == IC_WIRE_AUDIO && src->room->peers);
    if (wants)
        atomic_fetch_or(&src->shared->interest, bit);
    else
        atomic_fetch_and(&src->shared->interest, ~bit);
}

static ic_err subscribe(struct source *src, struct slot *slot)
{
    for (size_t i = 0; i < src->sub_count; i++)
        if (src->subs[i] == slot)
            return IC_OK;
    if (src->sub_count == src->sub_cap) {
        size_t cap = src->sub_cap ? 2 * src->sub_cap : 8;
        struct slot **grown = ic_realloc(src->subs, cap, sizeof(struct slot *));
        if (!grown)
            return IC_ERR_NOMEM;
        src->subs = grown;
        src->sub_cap = cap;
    }
    src->subs[src->sub_count++] = slot;
    show_interest(slot->peer->shard, src);
    return IC_OK;
}

static void unsubscribe(struct source *src, struct slot *slot)
{
    for (size_t i = 0; i < src->sub_count; i++)
        if (src->subs[i] == slot) {
            src->subs[i] = src->subs[--src->sub_count];
            break;
        }
    show_interest(slot->peer->shard, src);
}

/* The slot's stream is now src's; its numbers go on where they were. */
static void switch_to(struct slot *slot, struct source *src)
{
    struct source *before = slot->source;
    slot->source = src;
    slot->next = NULL;
    slot->fresh = true;
    if (before && before != src)
        unsubscribe(before, slot);
    slot->peer->slots_changed = true;
}

ic_err icd_sfu_slot_point(struct slot *slot, struct source *src)
{
    slot->since_ms = slot->peer->shard->now_ms;
    if (slot->next && slot->next != src) {
        struct source *before = slot->next;
        slot->next = NULL;
        if (before != slot->source)
            unsubscribe(before, slot);
    }
    if (!src) {
        if (slot->source)
            switch_to(slot, NULL);
        return IC_OK;
    }
    if (src == slot->source)
        return IC_OK;
    IC_TRY(subscribe(src, slot));
    if (slot->kind == IC_WIRE_AUDIO) {
        switch_to(slot, src);
        return IC_OK;
    }
    /* What it shows goes on until the new source's key frame is there. */
    slot->next = src;
    slot->asked_ms = slot->since_ms;
    icd_sfu_source_want_key(src);
    return IC_OK;
}

void icd_sfu_slot_forget(struct slot *slot, struct source *src)
{
    if (slot->next == src)
        slot->next = NULL;
    if (slot->source == src) {
        slot->source = NULL;
        slot->peer->slots_changed = true;
    }
    unsubscribe(src, slot);
}

/* RFC 3550 section 5.1 lets a stream's timestamps begin anywhere; a receiver wants them to go on at the
 * pace of its clock when the slot changes its source. */
static void begin(struct slot *slot, const struct ic_rtc_rtp *h, uint64_t index, uint64_t now_ms)
{
    slot->fresh = false;
    slot->base_in = index;
    slot->delta = slot->next_out - index;
    if (slot->packets == 0) {
        slot->timestamp_offset = 0;
    } else {
        uint64_t passed = now_ms - slot->last_ms;
        uint32_t step = (uint32_t)(passed * hz(slot->kind) / 1000);
        slot->timestamp_offset = slot->last_timestamp + (step ? step : 1) - h->timestamp;
    }
}

/* One packet to one receiver: the three fields rewritten, protected in the room it is sent from. */
static bool emit(struct slot *slot, const struct kept_packet *kept, struct sent *sent, bool again)
{
    struct shard *s = slot->peer->shard;
    size_t len = kept->len;
    if (!slot->srtp)
        return false;
    uint8_t *p = icd_sfu_shard_room(s);
    memcpy(p, kept->bytes, len);
    ic_rtc_rtp_rewrite(p, slot->ssrc, (uint16_t)sent->out, sent->timestamp);
    /* A retransmission is the very packet that went out: the same bytes under the same index. */
    ic_err e = again ? ic_rtc_srtp_protect_again(slot->srtp, p, len, sent->out, &len)
                     : ic_rtc_srtp_protect_at(slot->srtp, p, len, sent->out, &len);
    if (e != IC_OK)
        return false;
    sent->again_ms = (uint32_t)s->now_ms;
    icd_sfu_batch_add(&s->out, &slot->peer->addr, len);
    count(&s->counters.packets_out, 1);
    count(&s->counters.bytes_out, len);
    return true;
}

static void give(struct slot *slot, struct source *src, const struct ic_rtc_rtp *h,
                 const struct kept_packet *kept, uint64_t pool, uint64_t index)
{
    uint64_t now_ms = slot->peer->shard->now_ms;
    bool video = slot->kind != IC_WIRE_AUDIO;
    if (slot->next == src && h->frame_info.start && h->frame_info.key)
        switch_to(slot, src);
    if (slot->source != src || !slot->srtp)
        return;
    if (slot->fresh) {
        /* A picture begins with a key frame. */
        if (video && !(h->frame_info.start && h->frame_info.key))
            return;
        begin(slot, h, index, now_ms);
    }
    if (index < slot->base_in)
        return;
    /* A sender that jumps would take the receiver's rollover counter along, and with it the slot for
     * whoever comes next: the numbers that go out never jump. */
    if (index + slot->delta > slot->next_out + JUMP_MAX) {
        slot->fresh = true;
        if (video) {
            icd_sfu_source_want_key(src);
            return;
        }
        begin(slot, h, index, now_ms);
    }
    struct sent sent = {.out = index + slot->delta,
                        .pool = pool,
                        .timestamp = h->timestamp + slot->timestamp_offset};
    if (!emit(slot, kept, &sent, false))
        return;
    slot->history[sent.out & slot->mask] = sent;
    if (sent.out >= slot->next_out) {
        slot->next_out = sent.out + 1;
        slot->last_timestamp = sent.timestamp;
        slot->last_ms = now_ms;
    }
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
        __builtin_prefetch(slot->srtp);
        __builtin_prefetch(&slot->peer->addr);
        __builtin_prefetch(&slot->history[slot->next_out & slot->mask], 1);
    }
}

void icd_sfu_source_packet(struct shard *s, struct source *src, const struct ic_rtc_rtp *h,
                           struct ic_view packet, uint64_t index)
{
    if (h->has_level)
        icd_sfu_room_heard(src, h, s->now_ms);
    if (src->sub_count == 0 || packet.len > IC_RTC_PACKET_MAX)
        return;
    uint64_t pool = s->pool_next++;
    struct kept_packet *kept = &s->pool[pool % POOL_LEN];
    kept->len = (uint16_t)packet.len;
    memcpy(kept->bytes, packet.p, packet.len);
    /* A switch takes the slot out of another source's list, never out of this one. */
    for (size_t i = 0; i < src->sub_count; i++) {
        fetch_ahead(src, i);
        give(src->subs[i], src, h, kept, pool, index);
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

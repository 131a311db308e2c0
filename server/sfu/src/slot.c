/* Which stream a receive slot carries, and will carry next. */
#include "shard.h"
#include <ic/base/mem.h>

enum { ALIGN_MAX_S = 60 };

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

/* Layers of one camera have timestamps that begin anywhere, and one clock in their sender's reports: by it
 * the new layer's pictures keep the time of the old one's. */
static void align(struct slot *slot, const struct source *from, const struct source *to)
{
    slot->aligned = false;
    if (!from || from->shared->session != to->shared->session || !from->has_sr || !to->has_sr ||
        slot->packets == 0)
        return;
    int64_t ntp = (int64_t)(to->sr_ntp - from->sr_ntp);
    if (ntp > ((int64_t)ALIGN_MAX_S << 32) || ntp < -((int64_t)ALIGN_MAX_S << 32))
        return;
    int64_t ticks = ntp / 65536 * IC_RTC_VIDEO_HZ / 65536;
    slot->timestamp_offset += from->sr_timestamp - to->sr_timestamp + (uint32_t)ticks;
    slot->aligned = true;
}

/* The slot's stream is now src's; its numbers go on where they were. */
void icd_sfu_slot_switch(struct slot *slot, struct source *src)
{
    struct source *before = slot->source;
    bool same = before && src && before->shared->source == src->shared->source;
    if (src && slot->kind != IC_WIRE_AUDIO)
        align(slot, before, src);
    slot->source = src;
    slot->next = NULL;
    slot->fresh = true;
    slot->spatial = NO_LAYER;
    if (before && before != src)
        unsubscribe(before, slot);
    slot->peer->slots_changed = slot->peer->slots_changed || !same;
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
            icd_sfu_slot_switch(slot, NULL);
        return IC_OK;
    }
    if (src == slot->source)
        return IC_OK;
    IC_TRY(subscribe(src, slot));
    if (slot->kind == IC_WIRE_AUDIO) {
        icd_sfu_slot_switch(slot, src);
        return IC_OK;
    }
    /* What it shows goes on until the new stream's key frame is there. */
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

#include "shard.h"

/* Which source goes into which slot. Microphones by loudness; cameras as the client wants, else first come
 * first shown, and who speaks displaces who has long been silent. */
enum {
    LOUDER = 6 * 256,     /* dB a newcomer must be above whom it displaces */
    AUDIO_HOLD_MS = 1000, /* a slot keeps its source this long at least */
    VIDEO_HOLD_MS = 3000,
    SILENT_MS = 500,
};

struct ranking {
    struct source *list[RANKED_MAX];
    size_t count;
};

static int loudness(const struct source *src)
{
    const struct source *voice = src->shared->kind == IC_WIRE_AUDIO ? src : src->voice;
    return voice ? voice->score : 0;
}

static uint64_t spoke_ms(const struct source *src)
{
    const struct source *voice = src->shared->kind == IC_WIRE_AUDIO ? src : src->voice;
    return voice ? voice->spoke_ms : 0;
}

static void rank(struct room *r, bool audio, uint64_t now_ms, struct ranking *out)
{
    out->count = 0;
    for (struct source *src = r->sources; src; src = src->next) {
        if ((src->shared->kind == IC_WIRE_AUDIO) != audio)
            continue;
        if (audio && now_ms - src->packet_ms > SILENT_MS)
            src->score = 0;
        size_t at = out->count;
        while (at > 0 && loudness(src) > loudness(out->list[at - 1]))
            at--;
        if (at == RANKED_MAX)
            continue;
        size_t last = out->count < RANKED_MAX ? out->count++ : RANKED_MAX - 1;
        for (size_t i = last; i > at; i--)
            out->list[i] = out->list[i - 1];
        out->list[at] = src;
    }
}

static struct source *target(const struct slot *slot)
{
    return slot->next ? slot->next : slot->source;
}

static struct slot *slot_of(struct peer *p, const struct source *src)
{
    for (size_t i = 0; i < p->slot_count; i++)
        if (target(&p->slots[i]) == src)
            return &p->slots[i];
    return NULL;
}

static bool own(const struct peer *p, const struct source *src)
{
    return src->shared->session == p->session;
}

static bool wanted(const struct peer *p, size_t number)
{
    return p->wants[number] != 0;
}

/* The slots that the client has chosen for. */
static void assign_wanted(struct peer *p)
{
    size_t number = 0;
    for (size_t i = 0; i < p->slot_count; i++) {
        struct slot *slot = &p->slots[i];
        if (slot->kind == IC_WIRE_AUDIO)
            continue;
        uint32_t id = p->wants[number++];
        struct source *src = id ? icd_sfu_room_source(p->room, id) : NULL;
        if (!src || src->shared->kind == IC_WIRE_AUDIO || own(p, src) || target(slot) == src)
            continue;
        struct slot *other = slot_of(p, src);
        if (other)
            IC_IGNORE(icd_sfu_slot_point(other, NULL));
        IC_IGNORE(icd_sfu_slot_point(slot, src));
    }
}

/* A free slot of the kind, else the one whose source has the least claim to it. */
static struct slot *place_for(struct peer *p, uint8_t kind, const struct source *src,
                              uint64_t now_ms)
{
    struct slot *weakest = NULL;
    uint64_t hold = kind == IC_WIRE_AUDIO ? AUDIO_HOLD_MS : VIDEO_HOLD_MS;
    size_t number = 0;
    for (size_t i = 0; i < p->slot_count; i++) {
        struct slot *slot = &p->slots[i];
        if (slot->kind != kind)
            continue;
        if (kind != IC_WIRE_AUDIO && wanted(p, number++))
            continue;
        const struct source *held = target(slot);
        if (!held)
            return slot;
        if (now_ms - slot->since_ms < hold || now_ms - spoke_ms(held) < hold)
            continue;
        if (!weakest || loudness(held) < loudness(target(weakest)))
            weakest = slot;
    }
    return weakest && loudness(src) > loudness(target(weakest)) + LOUDER ? weakest : NULL;
}

static void assign_ranked(struct peer *p, uint8_t kind, const struct ranking *ranked,
                          uint64_t now_ms)
{
    for (size_t i = 0; i < ranked->count; i++) {
        struct source *src = ranked->list[i];
        if (own(p, src) || slot_of(p, src))
            continue;
        struct slot *slot = place_for(p, kind, src, now_ms);
        if (!slot)
            return; /* those that follow are quieter still */
        IC_IGNORE(icd_sfu_slot_point(slot, src));
    }
}

void icd_sfu_room_assign(struct shard *s, struct room *r)
{
    struct ranking audio, video;
    r->dirty = false;
    if (!r->peers)
        return;
    rank(r, true, s->now_ms, &audio);
    rank(r, false, s->now_ms, &video);
    for (struct peer *p = r->peers; p; p = p->next) {
        if (!p->open)
            continue;
        assign_wanted(p);
        assign_ranked(p, IC_WIRE_AUDIO, &audio, s->now_ms);
        assign_ranked(p, IC_WIRE_VIDEO, &video, s->now_ms);
        icd_sfu_peer_tell_slots(p);
    }
}

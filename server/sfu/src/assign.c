#include "shard.h"
#include <ic/base/mem.h>

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
        if ((src->shared->kind == IC_WIRE_AUDIO) != audio || src->shared->layer != 0)
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
    for (size_t i = 0; i < p->slot_count; i++) {
        const struct source *held = target(&p->slots[i]);
        if (held && held->shared->source == src->shared->source)
            return &p->slots[i];
    }
    return NULL;
}

static bool own(const struct peer *p, const struct source *src)
{
    return src->shared->session == p->session;
}

/* The client left the slot to us. */
static bool is_free(const struct ic_wire_choice *want)
{
    return want->source == 0 && want->height != 0;
}

/* The slot gets the source, in the layer that fits its height now. */
static void point(struct slot *slot, uint32_t source, uint64_t now_ms)
{
    struct source *src = icd_sfu_room_pick(slot->peer->room, source, slot->height, now_ms);
    if (src && target(slot) != src)
        IC_IGNORE(icd_sfu_slot_point(slot, src));
}

/* The slots that the client has chosen for; and of the others the layers, which come and go. */
static void assign_wanted(struct peer *p, uint64_t now_ms)
{
    size_t number = 0;
    for (size_t i = 0; i < p->slot_count; i++) {
        struct slot *slot = &p->slots[i];
        if (slot->kind == IC_WIRE_AUDIO)
            continue;
        const struct ic_wire_choice *want = &p->wants[number++];
        slot->height = want->height;
        if (want->height == 0) {
            if (target(slot))
                IC_IGNORE(icd_sfu_slot_point(slot, NULL));
            continue;
        }
        if (want->source == 0) {
            if (target(slot))
                point(slot, target(slot)->shared->source, now_ms);
            continue;
        }
        struct source *src = icd_sfu_room_pick(p->room, want->source, want->height, now_ms);
        if (!src || src->shared->kind == IC_WIRE_AUDIO || own(p, src) || target(slot) == src)
            continue;
        struct slot *other = slot_of(p, src);
        if (other && other != slot)
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
        if (kind != IC_WIRE_AUDIO && !is_free(&p->wants[number++]))
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
        point(slot, src->shared->source, now_ms);
    }
}

static const struct source *speaker_of(const struct room *r)
{
    const struct source *src = r->sources;
    while (src && src->shared->source != r->speaker)
        src = src->next;
    return src;
}

static void tell_speaker(struct shard *s, const struct room *r)
{
    struct event *e = ic_new(struct event);
    if (!e)
        return; /* a hint, and the next one comes */
    e->type = EVENT_SPEAKER;
    e->room = r->id;
    e->shard = s->id;
    e->speaker = r->speaker;
    icd_sfu_event(s->sfu, e);
}

/* Who is louder than the last one takes the stage; nobody's silence does anything. */
static void find_speaker(struct shard *s, struct room *r, const struct ranking *audio)
{
    const struct source *first = audio->count ? audio->list[0] : NULL;
    const struct source *now = r->speaker ? speaker_of(r) : NULL;
    if (r->speaker && !now) {
        r->speaker = 0;
        tell_speaker(s, r);
    }
    if (!first || first == now || s->now_ms - first->spoke_ms > SILENT_MS || first->spoke_ms == 0 ||
        (now && s->now_ms < r->speaker_ms + AUDIO_HOLD_MS) ||
        (now && s->now_ms - now->spoke_ms < AUDIO_HOLD_MS &&
         loudness(first) < loudness(now) + LOUDER))
        return;
    r->speaker = first->shared->source;
    r->speaker_ms = s->now_ms;
    tell_speaker(s, r);
}

void icd_sfu_room_assign(struct shard *s, struct room *r)
{
    struct ranking audio, video;
    r->dirty = false;
    if (!r->peers)
        return;
    rank(r, true, s->now_ms, &audio);
    rank(r, false, s->now_ms, &video);
    find_speaker(s, r, &audio);
    for (struct peer *p = r->peers; p; p = p->next) {
        if (!p->open)
            continue;
        assign_wanted(p, s->now_ms);
        assign_ranked(p, IC_WIRE_AUDIO, &audio, s->now_ms);
        assign_ranked(p, IC_WIRE_VIDEO, &video, s->now_ms);
        icd_sfu_peer_tell_slots(p);
    }
}

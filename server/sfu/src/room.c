#include "shard.h"
#include <ic/base/mem.h>

enum { SPEECH = 60 * 256 }; /* louder than -67 dBov */

void icd_sfu_shared_source_release(struct shared_source *s)
{
    if (atomic_fetch_sub(&s->refs, 1) == 1)
        ic_free(s);
}

struct room *icd_sfu_room_find(struct shard *s, uint64_t id, bool make)
{
    struct ic_view key = ic_view(&id, sizeof id);
    struct room *r = ic_map_get(&s->rooms_by_id, key);
    if (r || !make)
        return r;
    r = ic_new(struct room);
    if (!r)
        return NULL;
    r->id = id;
    ic_map_init(&r->streams, (size_t)s->sfu->config.max_sessions * ICD_SFU_SOURCES_MAX, s->seed);
    if (ic_map_put(&s->rooms_by_id, key, r) != IC_OK) {
        ic_free(r);
        return NULL;
    }
    r->next = s->rooms;
    s->rooms = r;
    return r;
}

/* Frees a room that holds nothing any more. */
void icd_sfu_room_release(struct shard *s, struct room *r)
{
    if (r->sources || r->peers)
        return;
    ic_map_remove(&s->rooms_by_id, ic_view(&r->id, sizeof r->id));
    for (struct room **at = &s->rooms; *at; at = &(*at)->next)
        if (*at == r) {
            *at = r->next;
            break;
        }
    ic_map_clear(&r->streams);
    ic_free(r);
}

struct source *icd_sfu_room_stream(struct room *r, uint32_t id)
{
    return ic_map_get(&r->streams, ic_view(&id, sizeof id));
}

static bool is_alive(const struct source *src, uint64_t now_ms)
{
    uint64_t at = atomic_load_explicit(&src->shared->alive_ms, memory_order_relaxed);
    return at != 0 && now_ms < at + ALIVE_MS;
}

struct source *icd_sfu_room_pick(struct room *r, uint32_t source, uint16_t height, uint64_t now_ms)
{
    struct source *lowest = icd_sfu_room_stream(r, source), *best = NULL, *alive = NULL;
    for (struct source *src = lowest; src && src->shared->source == source; src = src->next) {
        if (!is_alive(src, now_ms))
            continue;
        if (!alive)
            alive = src;
        if (src->shared->height <= height)
            best = src;
    }
    return best ? best : alive ? alive : lowest;
}

static void join_voice(struct room *r, struct source *src)
{
    for (struct source *o = r->sources; o; o = o->next) {
        if (o->shared->session != src->shared->session || o == src)
            continue;
        if (src->shared->kind == IC_WIRE_AUDIO && o->shared->kind != IC_WIRE_AUDIO && !o->voice)
            o->voice = src;
        else if (src->shared->kind != IC_WIRE_AUDIO && o->shared->kind == IC_WIRE_AUDIO)
            src->voice = o;
    }
}

/* The message's reference to shared becomes the source's. */
void icd_sfu_room_add_source(struct shard *s, struct shared_source *shared)
{
    struct room *r = icd_sfu_room_find(s, shared->room, true);
    struct source *src = r ? ic_new(struct source) : NULL;
    if (!src || ic_map_put(&r->streams, ic_view(&shared->id, sizeof shared->id), src) != IC_OK) {
        ic_free(src);
        if (r)
            icd_sfu_room_release(s, r);
        icd_sfu_shared_source_release(shared);
        return;
    }
    src->shared = shared;
    src->room = r;
    src->ssrc = shared->ssrc;
    ic_rtc_nack_init(&src->nack);
    struct source **at = &r->sources;
    while (*at)
        at = &(*at)->next;
    *at = src;
    join_voice(r, src);
    struct peer *p = ic_map_get(&s->peers, ic_view(&shared->session, sizeof shared->session));
    if (p && p->source_count < ICD_SFU_SOURCES_MAX) {
        src->peer = p;
        p->sources[p->source_count++] = src;
    }
    if (shared->kind == IC_WIRE_AUDIO && r->peers)
        atomic_fetch_or(&shared->interest, (uint64_t)1 << s->id);
    r->dirty = true;
}

void icd_sfu_room_drop_source(struct shard *s, struct source *src)
{
    struct room *r = src->room;
    while (src->sub_count > 0)
        icd_sfu_slot_forget(src->subs[0], src);
    ic_map_remove(&r->streams, ic_view(&src->shared->id, sizeof src->shared->id));
    for (struct source **at = &r->sources; *at; at = &(*at)->next)
        if (*at == src) {
            *at = src->next;
            break;
        }
    for (struct source *o = r->sources; o; o = o->next)
        if (o->voice == src)
            o->voice = NULL;
    if (src->peer)
        for (size_t i = 0; i < src->peer->source_count; i++)
            if (src->peer->sources[i] == src) {
                src->peer->sources[i] = src->peer->sources[--src->peer->source_count];
                break;
            }
    atomic_fetch_and(&src->shared->interest, ~((uint64_t)1 << s->id));
    icd_sfu_shared_source_release(src->shared);
    ic_free(src->subs);
    ic_free(src->layers);
    ic_free(src);
    r->dirty = true;
}

/* RFC 6464: the level is in -dBov, so 127 is silence. Smoothed over some 8 packets. */
void icd_sfu_room_heard(struct source *src, const struct ic_rtc_rtp *h, uint64_t now_ms)
{
    int loud = (127 - h->level) * 256;
    src->score += (loud - src->score) / 8;
    src->packet_ms = now_ms;
    if (loud > SPEECH)
        src->spoke_ms = now_ms;
}

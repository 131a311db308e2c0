/* What a session sends: its list of streams, replaced as a whole, without disturbing what stays. */
#include "control.h"
#include <ic/base/mem.h>
#include <string.h>

static void drop_from_room(struct control_room *r, const struct shared_source *src)
{
    for (size_t i = 0; i < r->source_count; i++)
        if (r->sources[i] == src) {
            r->source_count--;
            memmove(&r->sources[i], &r->sources[i + 1],
                    (r->source_count - i) * sizeof(struct shared_source *));
            r->dirty = true;
            return;
        }
}

/* To every shard, each message with a reference of its own. */
static void broadcast_source(struct icd_sfu *s, enum message_type type, struct shared_source *src)
{
    for (unsigned i = 0; i < s->shard_count; i++) {
        struct message *m = ic_new(struct message);
        if (!m)
            continue;
        m->type = type;
        m->room = src->room;
        m->session = src->session;
        m->source = src;
        atomic_fetch_add(&src->refs, 1);
        icd_sfu_shard_send(s->shards[i], m);
    }
}

static bool is_named(const char *name, struct ic_view v)
{
    return ic_view_equal(ic_view_cstr(name), v);
}

/* Every layer must be told from every other by its packets. */
static bool are_distinct(const struct ic_wire_stream *a, const struct ic_wire_layer *x,
                         const struct ic_wire_stream *b, const struct ic_wire_layer *y)
{
    if (x->ssrc != 0 || y->ssrc != 0)
        return x->ssrc != y->ssrc;
    return !ic_view_equal(a->mid, b->mid) || !ic_view_equal(x->rid, y->rid);
}

static ic_err check_stream(const struct ic_wire_media_publish *p, size_t at, size_t *layers)
{
    const struct ic_wire_stream *w = &p->streams[at];
    bool audio = w->kind == IC_WIRE_AUDIO;
    if (w->kind < IC_WIRE_AUDIO || w->kind > IC_WIRE_SCREEN || w->mid.len > IC_WIRE_MID_MAX ||
        w->layer_count == 0 || w->layer_count > (audio ? 1 : IC_WIRE_LAYERS_MAX) ||
        audio != (w->codec == IC_WIRE_OPUS))
        return IC_ERR_RANGE;
    *layers += w->layer_count;
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct ic_wire_layer *x = &w->layers[i];
        if (x->rid.len > IC_WIRE_MID_MAX || (x->ssrc == 0 && w->mid.len == 0))
            return IC_ERR_RANGE;
        for (size_t b = 0; b <= at; b++)
            for (size_t k = 0; k < (b == at ? i : p->streams[b].layer_count); k++)
                if (!are_distinct(w, x, &p->streams[b], &p->streams[b].layers[k]))
                    return IC_ERR_RANGE;
    }
    return IC_OK;
}

static bool is_layer(const struct shared_source *src, const struct ic_wire_stream *w, size_t i)
{
    return src->layer == i && src->kind == w->kind && src->codec == w->codec &&
           src->ssrc == w->layers[i].ssrc && src->context == w->layers[i].context &&
           is_named(src->mid, w->mid) && is_named(src->rid, w->layers[i].rid);
}

/* The session's stream that is this one already: where its lowest layer stands in the list, whose others
 * follow it. */
static bool find_same(const struct control_session *c, const struct ic_wire_stream *w,
                      size_t *first)
{
    for (size_t at = 0; at + w->layer_count <= c->source_count; at++) {
        size_t i = 0;
        while (i < w->layer_count && is_layer(c->sources[at + i], w, i))
            i++;
        bool more =
            at + i < c->source_count && c->sources[at + i]->source == c->sources[at]->source;
        if (i == w->layer_count && !more) {
            *first = at;
            return true;
        }
    }
    return false;
}

static ic_err make_layers(struct control_session *c, const struct ic_wire_stream *w,
                          struct icd_sfu_staged *out)
{
    uint32_t source = c->room->next_source;
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct ic_wire_layer *l = &w->layers[i];
        struct shared_source *src = ic_new(struct shared_source);
        if (!src)
            return IC_ERR_NOMEM;
        atomic_init(&src->refs, 1);
        atomic_init(&src->height, l->height);
        src->room = c->room->id;
        src->session = c->id;
        src->id = c->room->next_source++;
        src->source = source;
        src->ssrc = l->ssrc;
        src->leaf = c->leaf;
        src->kind = w->kind;
        src->codec = w->codec;
        src->context = l->context;
        src->layer = (uint8_t)i;
        if (w->mid.len)
            memcpy(src->mid, w->mid.p, w->mid.len);
        if (l->rid.len)
            memcpy(src->rid, l->rid.p, l->rid.len);
        src->owner = c->shard->id;
        out->fresh[out->fresh_count++] = src;
    }
    return IC_OK;
}

static ic_err reserve(struct control_room *r, size_t more)
{
    size_t cap = r->source_cap ? r->source_cap : 8;
    while (cap < r->source_count + more)
        cap *= 2;
    struct shared_source **grown = ic_realloc(r->sources, cap, sizeof(struct shared_source *));
    if (!grown)
        return IC_ERR_NOMEM;
    r->sources = grown;
    r->source_cap = cap;
    return IC_OK;
}

ic_err icd_sfu_control_stage(struct control_session *c, const struct ic_wire_media_publish *p,
                             struct icd_sfu_staged *out)
{
    size_t layers = 0, at;
    if (p->stream_count > IC_WIRE_STREAMS_MAX)
        return IC_ERR_RANGE;
    for (size_t i = 0; i < p->stream_count; i++)
        IC_TRY(check_stream(p, i, &layers));
    if (layers > ICD_SFU_SOURCES_MAX)
        return IC_ERR_RANGE;
    for (size_t i = 0; i < p->stream_count; i++) {
        const struct ic_wire_stream *w = &p->streams[i];
        if (!find_same(c, w, &at)) {
            IC_TRY(make_layers(c, w, out));
            continue;
        }
        for (size_t k = 0; k < w->layer_count; k++) {
            out->keep[at + k] = true;
            out->height[at + k] = w->layers[k].height;
        }
    }
    return reserve(c->room, out->fresh_count);
}

void icd_sfu_control_unstage(struct icd_sfu_staged *staged)
{
    for (size_t i = 0; i < staged->fresh_count; i++)
        icd_sfu_shared_source_release(staged->fresh[i]);
    staged->fresh_count = 0;
}

static void drop(struct icd_sfu *s, struct control_session *c, struct shared_source *src)
{
    drop_from_room(c->room, src);
    broadcast_source(s, MESSAGE_SOURCE_GONE, src);
    icd_sfu_shared_source_release(src);
}

void icd_sfu_control_publish(struct icd_sfu *s, struct control_session *c,
                             struct icd_sfu_staged *staged)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->source_count; i++) {
        struct shared_source *src = c->sources[i];
        if (!staged->keep[i]) {
            drop(s, c, src);
            continue;
        }
        atomic_store(&src->height, staged->height[i]);
        c->sources[kept++] = src;
    }
    c->source_count = kept;
    for (size_t i = 0; i < staged->fresh_count; i++) {
        struct shared_source *src = staged->fresh[i];
        c->room->sources[c->room->source_count++] = src;
        c->room->dirty = true;
        c->sources[c->source_count++] = src;
        broadcast_source(s, MESSAGE_SOURCE, src);
    }
    staged->fresh_count = 0;
}

void icd_sfu_control_drop_sources(struct icd_sfu *s, struct control_session *c)
{
    for (size_t i = 0; i < c->source_count; i++)
        drop(s, c, c->sources[i]);
    c->source_count = 0;
}

#include "control.h"
#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

static struct ic_view key_of(const uint64_t *id)
{
    return ic_view(id, sizeof *id);
}

static struct control_session *find(struct icd_sfu *s, uint64_t session)
{
    return ic_map_get(&s->sessions, key_of(&session));
}

static void set_wake(void *self, void (*wake)(void *ctx), void *ctx)
{
    struct icd_sfu *s = self;
    s->wake_ctx = ctx;
    s->wake = wake;
}

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

static void release_room(struct icd_sfu *s, struct control_room *r)
{
    if (r->session_count > 0)
        return;
    ic_map_remove(&s->rooms, key_of(&r->id));
    ic_free(r->sources);
    ic_free(r);
}

/* The books alone; `tell` says whether the shard must hear of it. */
static void end_session(struct icd_sfu *s, struct control_session *c, bool tell)
{
    if (tell)
        icd_sfu_shard_send(c->shard, c->closing);
    else
        ic_free(c->closing);
    for (size_t i = 0; i < c->source_count; i++) {
        drop_from_room(c->room, c->sources[i]);
        broadcast_source(s, MESSAGE_SOURCE_GONE, c->sources[i]);
        icd_sfu_shared_source_release(c->sources[i]);
    }
    ic_map_remove(&s->sessions, key_of(&c->id));
    c->room->session_count--;
    if (c->room->session_count == 0)
        release_room(s, c->room);
    ic_free_secret(c, sizeof *c);
}

static ic_err check_offer(const struct ic_wire_media_open *o)
{
    if (o->source_count > ICD_SFU_SOURCES_MAX || o->fingerprint.len != IC_RTC_FINGERPRINT_LEN ||
        o->audio_slots + o->video_slots > ICD_SFU_SLOTS_MAX)
        return IC_ERR_RANGE;
    for (size_t i = 0; i < o->source_count; i++) {
        if (o->sources[i].kind < IC_WIRE_AUDIO || o->sources[i].kind > IC_WIRE_SCREEN)
            return IC_ERR_RANGE;
        for (size_t k = 0; k < i; k++)
            if (o->sources[k].ssrc == o->sources[i].ssrc)
                return IC_ERR_RANGE;
    }
    return IC_OK;
}

static ic_err get_room(struct icd_sfu *s, uint64_t id, struct control_room **out)
{
    *out = ic_map_get(&s->rooms, key_of(&id));
    if (*out)
        return IC_OK;
    struct control_room *r = ic_new(struct control_room);
    if (!r)
        return IC_ERR_NOMEM;
    r->id = id;
    r->next_source = 1;
    ic_err e = ic_map_put(&s->rooms, key_of(&id), r);
    if (e != IC_OK)
        ic_free(r);
    else
        *out = r;
    return e;
}

static ic_err make_slots(const struct ic_wire_media_open *o, struct control_session *c)
{
    struct ic_rand rand = icd_sfu_rand();
    c->slot_count = (size_t)o->audio_slots + o->video_slots;
    for (size_t i = 0; i < c->slot_count; i++) {
        uint8_t b[6];
        IC_TRY(ic_rand_fill(&rand, b, sizeof b));
        c->slots[i].kind = i < o->audio_slots ? IC_WIRE_AUDIO : IC_WIRE_VIDEO;
        /* Distinct without a search: the slot's number is in the SSRC. */
        c->slots[i].ssrc = (ic_load_u32(b) & 0xffffff00u) | (uint32_t)(i + 1);
        c->slots[i].first_seq = ic_load_u16(b + 4) & 0x7fff;
    }
    return IC_OK;
}

static ic_err add_source(struct control_session *c, const struct ic_wire_source *w, uint32_t leaf)
{
    struct control_room *r = c->room;
    if (r->source_count == r->source_cap) {
        size_t cap = r->source_cap ? 2 * r->source_cap : 8;
        struct shared_source **grown = ic_realloc(r->sources, cap, sizeof(struct shared_source *));
        if (!grown)
            return IC_ERR_NOMEM;
        r->sources = grown;
        r->source_cap = cap;
    }
    struct shared_source *src = ic_new(struct shared_source);
    if (!src)
        return IC_ERR_NOMEM;
    atomic_init(&src->refs, 1);
    src->room = r->id;
    src->session = c->id;
    src->id = r->next_source++;
    src->ssrc = w->ssrc;
    src->leaf = leaf;
    src->kind = w->kind;
    src->context = w->context;
    src->owner = c->shard->id;
    r->sources[r->source_count++] = src;
    r->dirty = true;
    c->sources[c->source_count++] = src;
    return IC_OK;
}

static struct shard *least_loaded(struct icd_sfu *s)
{
    size_t load[ICD_SFU_SHARDS_MAX] = {0}, it = 0;
    void *value;
    struct ic_view key;
    while (ic_map_next(&s->sessions, &it, &key, &value))
        load[((struct control_session *)value)->shard->id]++;
    unsigned best = 0;
    for (unsigned i = 1; i < s->shard_count; i++)
        if (load[i] < load[best])
            best = i;
    return s->shards[best];
}

static ic_err fill_session(struct control_session *c, const struct ic_wire_media_open *o,
                           uint32_t leaf, struct message *m)
{
    struct ic_rand rand = icd_sfu_rand();
    IC_TRY(ic_rtc_ice_credentials_set(o->ufrag, o->pwd, &m->remote));
    IC_TRY(ic_rtc_ice_credentials_make(&rand, &c->local));
    IC_TRY(make_slots(o, c));
    for (size_t i = 0; i < o->source_count; i++)
        IC_TRY(add_source(c, &o->sources[i], leaf));
    m->type = MESSAGE_OPEN;
    m->room = c->room->id;
    m->session = c->id;
    m->local = c->local;
    memcpy(m->fingerprint, o->fingerprint.p, sizeof m->fingerprint);
    m->slot_count = c->slot_count;
    for (size_t i = 0; i < c->slot_count; i++) {
        m->slots[i].kind = c->slots[i].kind;
        m->slots[i].ssrc = c->slots[i].ssrc;
        m->slots[i].first_seq = c->slots[i].first_seq;
    }
    return IC_OK;
}

/* Nothing is sent before everything has been made. */
static ic_err open_session(struct icd_sfu *s, struct control_session *c,
                           const struct ic_wire_media_open *o, uint32_t leaf)
{
    struct message *m = ic_new(struct message);
    struct event *e = ic_new(struct event);
    c->closing = ic_new(struct message);
    ic_err err = m && e && c->closing ? fill_session(c, o, leaf, m) : IC_ERR_NOMEM;
    if (err == IC_OK)
        err = ic_map_put(&s->sessions, key_of(&c->id), c);
    if (err != IC_OK) {
        ic_free(m);
        ic_free(e);
        ic_free(c->closing);
        return err;
    }
    c->closing->type = MESSAGE_CLOSE;
    c->closing->session = c->id;
    icd_sfu_shard_send(c->shard, m);
    for (size_t i = 0; i < c->source_count; i++)
        broadcast_source(s, MESSAGE_SOURCE, c->sources[i]);
    e->type = EVENT_OPENED;
    e->session = c->id;
    icd_sfu_event(s, e);
    return IC_OK;
}

static ic_err open_op(void *self, uint64_t room, uint64_t session, uint32_t leaf,
                      const struct ic_wire_media_open *offer)
{
    struct icd_sfu *s = self;
    struct control_room *r;
    IC_TRY(check_offer(offer));
    if (find(s, session))
        return IC_ERR_EXISTS;
    if (s->sessions.count >= s->config.max_sessions)
        return IC_ERR_LIMIT;
    struct control_session *c = ic_new(struct control_session);
    if (!c)
        return IC_ERR_NOMEM;
    ic_err e = get_room(s, room, &r);
    if (e == IC_OK) {
        c->id = session;
        c->room = r;
        c->shard = least_loaded(s);
        e = open_session(s, c, offer, leaf);
        if (e == IC_OK) {
            r->session_count++;
            return IC_OK;
        }
        for (size_t i = 0; i < c->source_count; i++) {
            drop_from_room(r, c->sources[i]);
            icd_sfu_shared_source_release(c->sources[i]);
        }
        release_room(s, r);
    }
    ic_free_secret(c, sizeof *c);
    return e == IC_ERR_MALFORMED ? IC_ERR_RANGE : e;
}

static void close_op(void *self, uint64_t session)
{
    struct icd_sfu *s = self;
    struct control_session *c = find(s, session);
    if (c)
        end_session(s, c, true);
}

static void close_room(void *self, uint64_t room)
{
    struct icd_sfu *s = self;
    size_t it = 0;
    void *value;
    struct ic_view key;
    while (ic_map_next(&s->sessions, &it, &key, &value)) {
        struct control_session *c = value;
        if (c->room->id != room)
            continue;
        end_session(s, c, true);
        it = 0; /* the map has changed */
    }
}

static ic_err want_op(void *self, uint64_t session, const struct ic_wire_media_want *want)
{
    struct icd_sfu *s = self;
    const struct control_session *c = find(s, session);
    if (!c)
        return IC_ERR_NOT_FOUND;
    struct message *m = ic_new(struct message);
    if (!m)
        return IC_ERR_NOMEM;
    m->type = MESSAGE_WANT;
    m->session = session;
    m->want_count = want->source_count < ICD_SFU_SLOTS_MAX ? want->source_count : ICD_SFU_SLOTS_MAX;
    memcpy(m->wants, want->sources, m->want_count * sizeof m->wants[0]);
    icd_sfu_shard_send(c->shard, m);
    return IC_OK;
}

static void leaf_op(void *self, uint64_t session, uint32_t leaf)
{
    struct control_session *c = find(self, session);
    if (!c)
        return;
    /* Only the control thread reads the leaf. */
    for (size_t i = 0; i < c->source_count; i++)
        c->sources[i]->leaf = leaf;
    c->room->dirty = c->room->dirty || c->source_count > 0;
}

static void tell_opened(struct icd_sfu *s, const struct control_session *c,
                        const struct icd_media_events *events, void *ctx)
{
    struct ic_wire_media_opened a = {
        .ufrag = ic_view_cstr(c->local.ufrag),
        .pwd = ic_view_cstr(c->local.pwd),
        .fingerprint = ic_rtc_cert_fingerprint(s->cert),
        .address_count = s->config.address_count,
        .slot_count = c->slot_count,
    };
    for (size_t i = 0; i < a.address_count; i++) {
        a.addresses[i].host = ic_view_cstr(s->addresses[i]);
        a.addresses[i].port = c->shard->port;
    }
    for (size_t i = 0; i < c->slot_count; i++)
        a.slots[i] = (struct ic_wire_slot){.kind = c->slots[i].kind, .ssrc = c->slots[i].ssrc};
    events->opened(ctx, c->id, &a);
}

static void tell_slots(const struct event *e, const struct icd_media_events *events, void *ctx)
{
    struct ic_wire_media_slots slots = {.slot_count = e->slot_count};
    for (size_t i = 0; i < e->slot_count; i++)
        slots.slots[i] = (struct ic_wire_slot){
            .kind = e->slots[i].kind, .ssrc = e->slots[i].ssrc, .source = e->slots[i].source};
    events->slots(ctx, e->session, &slots);
}

static void take_event(struct icd_sfu *s, const struct event *e,
                       const struct icd_media_events *events, void *ctx)
{
    struct control_session *c = find(s, e->session);
    if (!c)
        return; /* closed meanwhile */
    switch (e->type) {
    case EVENT_OPENED:
        tell_opened(s, c, events, ctx);
        break;
    case EVENT_SLOTS:
        tell_slots(e, events, ctx);
        break;
    case EVENT_CLOSED:
        end_session(s, c, false);
        events->closed(ctx, e->session,
                       e->why == IC_OK ? "the peer closed it" : ic_err_text(e->why));
        break;
    }
}

static void tell_sources(struct control_room *r, const struct icd_media_events *events, void *ctx)
{
    r->dirty = false;
    size_t n = r->source_count;
    struct ic_wire_source *list = ic_new_array(n ? n : 1, struct ic_wire_source);
    if (!list)
        return;
    for (size_t i = 0; i < n; i++)
        list[i] = (struct ic_wire_source){.source = r->sources[i]->id,
                                          .kind = r->sources[i]->kind,
                                          .context = r->sources[i]->context,
                                          .leaf = r->sources[i]->leaf};
    events->sources(ctx, r->id, list, n);
    ic_free(list);
}

static struct control_room *next_dirty(struct icd_sfu *s)
{
    size_t it = 0;
    void *value;
    struct ic_view key;
    while (ic_map_next(&s->rooms, &it, &key, &value))
        if (((struct control_room *)value)->dirty)
            return value;
    return NULL;
}

static void poll_op(void *self, const struct icd_media_events *events, void *ctx)
{
    struct icd_sfu *s = self;
    struct icd_sfu_node *n;
    struct control_room *r;
    while ((n = icd_sfu_queue_pop(&s->events)) != NULL) {
        struct event *e = (struct event *)n;
        take_event(s, e, events, ctx);
        ic_free(e);
    }
    while ((r = next_dirty(s)) != NULL)
        tell_sources(r, events, ctx);
}

static ic_err metrics_op(void *self, struct ic_buf *out)
{
    struct icd_sfu_counters c;
    icd_sfu_counters(self, &c);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"packets_in_total", c.packets_in},
        {"packets_out_total", c.packets_out},
        {"bytes_in_total", c.bytes_in},
        {"bytes_out_total", c.bytes_out},
        {"dropped_total{why=\"malformed\"}", c.dropped_malformed},
        {"dropped_total{why=\"stranger\"}", c.dropped_stranger},
        {"dropped_total{why=\"limit\"}", c.dropped_limit},
        {"dropped_total{why=\"not_authentic\"}", c.dropped_auth},
        {"dropped_total{why=\"send\"}", c.dropped_send},
        {"dropped_total{why=\"crossing\"}", c.crossed_lost},
        {"crossed_total", c.crossed},
        {"nacks_in_total", c.nacks_in},
        {"nacks_answered_total", c.nacks_answered},
        {"nacks_out_total", c.nacks_out},
        {"key_requests_in_total", c.key_requests_in},
        {"key_requests_out_total", c.key_requests_out},
        {"transports", c.transports},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        char line[128];
        int n = snprintf(line, sizeof line, "incamera_media_%s %llu\n", rows[i].name,
                         (unsigned long long)rows[i].value);
        IC_TRY(ic_buf_append(out, ic_view(line, (size_t)n)));
    }
    return IC_OK;
}

void icd_sfu_control_clear(struct icd_sfu *s)
{
    size_t it = 0;
    void *value;
    struct ic_view key;
    while (ic_map_next(&s->sessions, &it, &key, &value)) {
        struct control_session *c = value;
        for (size_t i = 0; i < c->source_count; i++)
            icd_sfu_shared_source_release(c->sources[i]);
        ic_free(c->closing);
        ic_free_secret(c, sizeof *c);
    }
    for (it = 0; ic_map_next(&s->rooms, &it, &key, &value);) {
        ic_free(((struct control_room *)value)->sources);
        ic_free(value);
    }
    ic_map_clear(&s->sessions);
    ic_map_clear(&s->rooms);
}

const struct icd_media_ops icd_sfu_control_ops = {
    .set_wake = set_wake,
    .open = open_op,
    .close = close_op,
    .close_room = close_room,
    .want = want_op,
    .leaf = leaf_op,
    .poll = poll_op,
    .metrics = metrics_op,
};

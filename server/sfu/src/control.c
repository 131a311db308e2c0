#include "control.h"
#include <ic/base/mem.h>
#include <string.h>

static struct ic_view key_of(const uint64_t *id)
{
    return ic_view(id, sizeof *id);
}

struct control_session *icd_sfu_control_find(struct icd_sfu *s, uint64_t session)
{
    return ic_map_get(&s->sessions, key_of(&session));
}

static void set_wake(void *self, void (*wake)(void *ctx), void *ctx)
{
    struct icd_sfu *s = self;
    s->wake_ctx = ctx;
    s->wake = wake;
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
void icd_sfu_control_end(struct icd_sfu *s, struct control_session *c, bool tell)
{
    if (tell)
        icd_sfu_shard_send(c->shard, c->closing);
    else
        ic_free(c->closing);
    icd_sfu_control_drop_sources(s, c);
    ic_map_remove(&s->sessions, key_of(&c->id));
    c->room->session_count--;
    if (c->room->session_count == 0)
        release_room(s, c->room);
    ic_free_secret(c, sizeof *c);
}

static ic_err check_offer(const struct ic_wire_media_open *o)
{
    if (o->fingerprint.len != IC_RTC_FINGERPRINT_LEN ||
        o->audio_slots + o->video_slots > ICD_SFU_SLOTS_MAX)
        return IC_ERR_RANGE;
    return IC_OK;
}

/* The streams that an offer of minor version 0 names. */
static struct ic_wire_media_publish offered(const struct ic_wire_media_open *o)
{
    struct ic_wire_media_publish p = {.stream_count = o->source_count};
    for (size_t i = 0; i < o->source_count; i++) {
        const struct ic_wire_source *w = &o->sources[i];
        p.streams[i] =
            (struct ic_wire_stream){.kind = w->kind,
                                    .codec = w->kind == IC_WIRE_AUDIO ? IC_WIRE_OPUS : IC_WIRE_VP8,
                                    .layers = {{.ssrc = w->ssrc, .context = w->context}},
                                    .layer_count = 1};
    }
    return p;
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
                           struct message *m)
{
    struct ic_rand rand = icd_sfu_rand();
    /* A browser does not know them yet: then only our half of a check's user name is looked at. */
    if (o->ufrag.len > 0 || o->pwd.len > 0)
        IC_TRY(ic_rtc_ice_credentials_set(o->ufrag, o->pwd, &m->remote));
    IC_TRY(ic_rtc_ice_credentials_make(&rand, &c->local));
    IC_TRY(make_slots(o, c));
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
                           const struct ic_wire_media_open *o)
{
    struct message *m = ic_new(struct message);
    struct event *e = ic_new(struct event);
    struct ic_wire_media_publish p = offered(o);
    struct icd_sfu_staged staged = {0};
    c->closing = ic_new(struct message);
    ic_err err = m && e && c->closing ? fill_session(c, o, m) : IC_ERR_NOMEM;
    if (err == IC_OK)
        err = icd_sfu_control_stage(c, &p, &staged);
    if (err == IC_OK)
        err = ic_map_put(&s->sessions, key_of(&c->id), c);
    if (err != IC_OK) {
        icd_sfu_control_unstage(&staged);
        ic_free(m);
        ic_free(e);
        ic_free(c->closing);
        return err;
    }
    c->closing->type = MESSAGE_CLOSE;
    c->closing->session = c->id;
    icd_sfu_shard_send(c->shard, m);
    icd_sfu_control_publish(s, c, &staged);
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
    if (icd_sfu_control_find(s, session))
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
        c->leaf = leaf;
        c->shard = least_loaded(s);
        e = open_session(s, c, offer);
        if (e == IC_OK) {
            r->session_count++;
            return IC_OK;
        }
        release_room(s, r);
    }
    ic_free_secret(c, sizeof *c);
    return e == IC_ERR_MALFORMED ? IC_ERR_RANGE : e;
}

static void close_op(void *self, uint64_t session)
{
    struct icd_sfu *s = self;
    struct control_session *c = icd_sfu_control_find(s, session);
    if (c)
        icd_sfu_control_end(s, c, true);
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
        icd_sfu_control_end(s, c, true);
        it = 0; /* the map has changed */
    }
}

static ic_err publish_op(void *self, uint64_t session, const struct ic_wire_media_publish *p)
{
    struct icd_sfu *s = self;
    struct control_session *c = icd_sfu_control_find(s, session);
    struct icd_sfu_staged staged = {0};
    if (!c)
        return IC_ERR_NOT_FOUND;
    ic_err e = icd_sfu_control_stage(c, p, &staged);
    if (e != IC_OK)
        icd_sfu_control_unstage(&staged);
    else
        icd_sfu_control_publish(s, c, &staged);
    return e;
}

static ic_err want_op(void *self, uint64_t session, const struct ic_wire_media_select *want)
{
    struct icd_sfu *s = self;
    const struct control_session *c = icd_sfu_control_find(s, session);
    if (!c)
        return IC_ERR_NOT_FOUND;
    struct message *m = ic_new(struct message);
    if (!m)
        return IC_ERR_NOMEM;
    m->type = MESSAGE_WANT;
    m->session = session;
    for (size_t i = 0; i < want->slot_count && i < ICD_SFU_SLOTS_MAX; i++)
        m->wants[i] = want->slots[i];
    icd_sfu_shard_send(c->shard, m);
    return IC_OK;
}

static void leaf_op(void *self, uint64_t session, uint32_t leaf)
{
    struct control_session *c = icd_sfu_control_find(self, session);
    if (!c)
        return;
    c->leaf = leaf;
    /* Only the control thread reads the leaf. */
    for (size_t i = 0; i < c->source_count; i++)
        c->sources[i]->leaf = leaf;
    c->room->dirty = c->room->dirty || c->source_count > 0;
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
    .publish = publish_op,
    .want = want_op,
    .leaf = leaf_op,
    .poll = icd_sfu_control_poll,
    .metrics = icd_sfu_control_metrics,
};

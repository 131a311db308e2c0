#include "media/media.h"
#include "core/live.h"

static struct ic_view number_key(const uint64_t *n)
{
    return ic_view(n, sizeof *n);
}

static struct icd_conn *conn_of(const struct icd_core *core, uint64_t session)
{
    return ic_map_get(&core->sessions, number_key(&session));
}

/* Forgets the session on our side. */
static void drop(struct icd_core *core, struct icd_conn *c)
{
    ic_map_remove(&core->sessions, number_key(&c->media_session));
    c->media_session = 0;
    c->media_request = 0;
}

static void close_session(struct icd_core *core, struct icd_conn *c)
{
    if (!c->media_session)
        return;
    core->config.media->ops->close(core->config.media->self, c->media_session);
    drop(core, c);
}

/* ---- the client's frames ---- */

static ic_err open_session(struct icd_core *core, struct icd_conn *c,
                           const struct ic_wire_media_open *offer)
{
    struct icd_media *m = core->config.media;
    if (!c->room->media_room)
        c->room->media_room = icd_core_next_number(core);
    c->media_session = icd_core_next_number(core);
    ic_err e = ic_map_put(&core->sessions, number_key(&c->media_session), c);
    if (e == IC_OK) {
        e = m->ops->open(m->self, c->room->media_room, c->media_session, c->leaf, offer);
        if (e != IC_OK)
            drop(core, c);
    }
    if (e != IC_OK)
        c->media_session = 0;
    return e;
}

static void on_open(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    if (!core->config.media) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_UNSUPPORTED,
                        "this server forwards no media");
        return;
    }
    close_session(core, c);
    ic_err e = open_session(core, c, &f->media_open);
    if (e != IC_OK) {
        uint16_t code = e == IC_ERR_LIMIT || e == IC_ERR_BUSY ? IC_WIRE_E_LIMIT
                        : e == IC_ERR_NOMEM || e == IC_ERR_IO ? IC_WIRE_E_SERVER
                                                              : IC_WIRE_E_INVALID;
        icd_reply_error(core, c, f->request, code, ic_err_text(e));
        return;
    }
    c->media_request = f->request;
    c->answered = true; /* later, by the forwarder */
}

static void on_close(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    close_session(core, c);
    icd_reply_ok(core, c, f->request, 0);
}

static void answer(struct icd_core *core, struct icd_conn *c, uint32_t request, ic_err e)
{
    if (e == IC_OK)
        icd_reply_ok(core, c, request, 0);
    else if (e == IC_ERR_NOT_FOUND)
        icd_reply_error(core, c, request, IC_WIRE_E_STATE, "no media is open");
    else
        icd_reply_error(core, c, request, e == IC_ERR_NOMEM ? IC_WIRE_E_SERVER : IC_WIRE_E_INVALID,
                        ic_err_text(e));
}

static ic_err select_slots(struct icd_core *core, const struct icd_conn *c,
                           const struct ic_wire_media_select *list)
{
    struct icd_media *m = core->config.media;
    return c->media_session ? m->ops->want(m->self, c->media_session, list) : IC_ERR_NOT_FOUND;
}

static void on_select(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    answer(core, c, f->request, select_slots(core, c, &f->media_select));
}

/* Minor version 0 knows no heights, and leaves what it does not name to the server. */
static void on_want(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    struct ic_wire_media_select all = {.slot_count = IC_WIRE_SLOTS_MAX};
    for (size_t i = 0; i < IC_WIRE_SLOTS_MAX; i++)
        all.slots[i].height = IC_WIRE_HEIGHT_ANY;
    for (size_t i = 0; i < f->media_want.source_count; i++)
        all.slots[i].source = f->media_want.sources[i];
    answer(core, c, f->request, select_slots(core, c, &all));
}

static void on_publish(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    struct icd_media *m = core->config.media;
    ic_err e = IC_ERR_NOT_FOUND;
    if (c->media_session)
        e = m->ops->publish(m->self, c->media_session, &f->media_publish);
    answer(core, c, f->request, e);
}

/* ---- the forwarder's events ---- */

static void on_opened(void *ctx, uint64_t session, const struct ic_wire_media_opened *answer)
{
    struct icd_core *core = ctx;
    struct icd_conn *c = conn_of(core, session);
    if (!c || !c->media_request)
        return;
    struct ic_wire_frame f = {.type = IC_WIRE_MEDIA_OPENED, .media_opened = *answer};
    uint32_t request = c->media_request;
    c->media_request = 0;
    icd_reply(core, c, request, &f);
}

static void on_failed(void *ctx, uint64_t session, uint16_t code, const char *text)
{
    struct icd_core *core = ctx;
    struct icd_conn *c = conn_of(core, session);
    if (!c)
        return;
    uint32_t request = c->media_request;
    drop(core, c);
    if (request)
        icd_reply_error(core, c, request, code, text);
}

static struct icd_room *room_of(struct icd_core *core, uint64_t room)
{
    struct icd_room *r = core->first_room;
    while (r && r->media_room != room)
        r = r->next;
    return r;
}

static void on_sources(void *ctx, uint64_t room, uint64_t session,
                       const struct ic_wire_source *list, size_t count)
{
    struct icd_core *core = ctx;
    struct icd_room *r = room_of(core, room);
    struct icd_conn *c = session ? conn_of(core, session) : NULL;
    if (!r || (session && !c))
        return;
    uint32_t pages = count ? (uint32_t)((count + IC_WIRE_SLOTS_MAX - 1) / IC_WIRE_SLOTS_MAX) : 1;
    for (uint32_t page = 0; page < pages; page++) {
        struct ic_wire_frame f = {.type = IC_WIRE_MEDIA_SOURCES,
                                  .media_sources = {.page = page, .pages = pages}};
        for (size_t i = (size_t)page * IC_WIRE_SLOTS_MAX;
             i < count && f.media_sources.source_count < IC_WIRE_SLOTS_MAX; i++)
            f.media_sources.sources[f.media_sources.source_count++] = list[i];
        if (c)
            icd_send(core, c, &f);
        else
            icd_send_room(core, r, &f, icd_conn_in_group);
    }
}

static void on_slots(void *ctx, uint64_t session, const struct ic_wire_media_slots *slots)
{
    struct icd_core *core = ctx;
    struct icd_conn *c = conn_of(core, session);
    if (!c)
        return;
    struct ic_wire_frame f = {.type = IC_WIRE_MEDIA_SLOTS, .media_slots = *slots};
    icd_send(core, c, &f);
}

static void on_speaker(void *ctx, uint64_t session, uint32_t source, uint32_t leaf)
{
    struct icd_core *core = ctx;
    struct icd_conn *c = conn_of(core, session);
    struct ic_wire_frame f = {.type = IC_WIRE_MEDIA_SPEAKER, .media_speaker = {source, leaf}};
    if (c && c->minor >= 1)
        icd_send(core, c, &f);
}

static void on_closed(void *ctx, uint64_t session, const char *why)
{
    struct icd_core *core = ctx;
    struct icd_conn *c = conn_of(core, session);
    icd_core_log(core, ICD_LOG_INFO, "media_closed", "reason=\"%s\"", why);
    if (c)
        drop(core, c);
}

void icd_core_media_poll(struct icd_core *core, uint64_t now_ms)
{
    static const struct icd_media_events events = {.opened = on_opened,
                                                   .failed = on_failed,
                                                   .sources = on_sources,
                                                   .slots = on_slots,
                                                   .speaker = on_speaker,
                                                   .closed = on_closed};
    if (now_ms > core->now_ms)
        core->now_ms = now_ms;
    if (core->config.media)
        core->config.media->ops->poll(core->config.media->self, &events, core);
}

/* ---- what others do ---- */

/* Who is no member any more is cut off from media by the same commit. */
static void standing(struct icd_core *core, struct icd_conn *c, uint32_t old_leaf, uint8_t old_role)
{
    (void)old_role;
    if (!c->media_session || c->leaf == old_leaf)
        return;
    if (c->leaf == IC_MLSPUB_NO_LEAF)
        close_session(core, c);
    else
        core->config.media->ops->leaf(core->config.media->self, c->media_session, c->leaf);
}

static void session_end(struct icd_core *core, struct icd_room *room)
{
    if (!core->config.media || !room->media_room)
        return;
    for (struct icd_conn *c = room->first; c; c = c->next)
        if (c->media_session)
            drop(core, c);
    core->config.media->ops->close_room(core->config.media->self, room->media_room);
    room->media_room = 0;
}

static const struct icd_hooks hooks = {
    .detached = close_session, .standing = standing, .session_end = session_end};

void icd_media_register(struct icd_core *core)
{
    icd_core_on(core, IC_WIRE_MEDIA_OPEN, ICD_NEED_LEAF, on_open);
    icd_core_on(core, IC_WIRE_MEDIA_CLOSE, ICD_NEED_LEAF, on_close);
    icd_core_on(core, IC_WIRE_MEDIA_WANT, ICD_NEED_LEAF, on_want);
    icd_core_on(core, IC_WIRE_MEDIA_SELECT, ICD_NEED_LEAF, on_select);
    icd_core_on(core, IC_WIRE_MEDIA_PUBLISH, ICD_NEED_LEAF, on_publish);
    icd_core_hook(core, &hooks);
}

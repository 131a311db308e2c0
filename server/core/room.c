#include "core/group.h"
#include "core/live.h"

#include <assert.h>
#include <ic/base/mem.h>
#include <string.h>

bool icd_conn_is_host(const struct icd_conn *c)
{
    return c->role == IC_WIRE_HOST && c->leaf != IC_MLSPUB_NO_LEAF;
}

bool icd_conn_in_group(const struct icd_conn *c)
{
    return c->leaf != IC_MLSPUB_NO_LEAF;
}

bool icd_conn_is_live(const struct icd_conn *c)
{
    return c->live && c->leaf != IC_MLSPUB_NO_LEAF;
}

bool icd_conn_waits(const struct icd_conn *c)
{
    return c->leaf == IC_MLSPUB_NO_LEAF;
}

static void room_free(struct icd_core *core, struct icd_room *r)
{
    ic_map_remove(&core->rooms, icd_room_id(r));
    if (r->prev)
        r->prev->next = r->next;
    else if (core->first_room == r)
        core->first_room = r->next;
    if (r->next)
        r->next->prev = r->prev;
    icd_group_free(r->group);
    ic_buf_clear(&r->title);
    ic_buf_clear(&r->terms);
    ic_free(r);
}

static ic_err read_row(struct icd_room *r, const struct icd_rows *rows)
{
    r->kind = (uint8_t)icd_rows_int(rows, 0);
    r->state = (uint8_t)icd_rows_int(rows, 1);
    IC_TRY(ic_buf_append(&r->title, icd_rows_bytes(rows, 2)));
    struct ic_view dial = icd_rows_bytes(rows, 3);
    if (dial.len <= ICD_NUMBER_MAX && dial.len)
        memcpy(r->dial, dial.p, dial.len);
    IC_TRY(ic_buf_append(&r->terms, icd_rows_bytes(rows, 4)));
    r->start_s = (uint64_t)icd_rows_int(rows, 5);
    r->end_s = (uint64_t)icd_rows_int(rows, 6);
    struct ic_wire_terms terms;
    IC_TRY(ic_wire_terms_decode(ic_buf_view(&r->terms), &terms));
    r->suite = terms.suite;
    return IC_OK;
}

static ic_err read_room(struct icd_core *core, struct icd_room *r)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store,
                           "SELECT kind, state, title, number, terms, start_s, end_s FROM meetings"
                           " WHERE id = $1",
                           &rows, ICD_PARAMS(ICD_BLOB(icd_room_id(r)))));
    bool found = icd_rows_next(&rows);
    ic_err e = found ? read_row(r, &rows) : IC_ERR_NOT_FOUND;
    ic_err end = icd_rows_end(&rows);
    if (end != IC_OK)
        return end;
    IC_TRY(e);
    e = icd_group_load(core, r, &r->group);
    return e == IC_ERR_NOT_FOUND ? IC_OK : e;
}

static void link_room(struct icd_core *core, struct icd_room *r)
{
    r->next = core->first_room;
    if (r->next)
        r->next->prev = r;
    core->first_room = r;
}

struct icd_room *icd_room_loaded(struct icd_core *core, struct ic_view meeting_id)
{
    return ic_map_get(&core->rooms, meeting_id);
}

static void session_loaded(struct icd_core *core, struct icd_room *r)
{
    r->empty_since_ms = core->now_ms;
    icd_core_wake_at(core, core->now_ms + core->limits.empty_ms);
    for (size_t i = 0; i < core->hook_count; i++)
        if (core->hooks[i]->group_open)
            core->hooks[i]->group_open(core, r);
}

ic_err icd_room_get(struct icd_core *core, struct ic_view meeting_id, struct icd_room **out)
{
    if (meeting_id.len != ICD_MEETING_ID_LEN)
        return IC_ERR_NOT_FOUND;
    struct icd_room *r = icd_room_loaded(core, meeting_id);
    if (r) {
        *out = r;
        return IC_OK;
    }
    r = ic_new(struct icd_room);
    if (!r)
        return IC_ERR_NOMEM;
    memcpy(r->id, meeting_id.p, meeting_id.len);
    r->number = icd_core_next_number(core);
    ic_buf_init(&r->title, IC_WIRE_TEXT_MAX);
    ic_buf_init(&r->terms, 1 << 20);
    ic_err e = read_room(core, r);
    if (e == IC_OK)
        e = ic_map_put(&core->rooms, icd_room_id(r), r);
    if (e != IC_OK) {
        room_free(core, r);
        return e;
    }
    link_room(core, r);
    if (r->group)
        session_loaded(core, r);
    *out = r;
    return IC_OK;
}

/* The ids are gathered first: loading a room asks the store other questions. */
ic_err icd_rooms_load_sessions(struct icd_core *core)
{
    IC_BUF_SCOPE(ids, 64 << 20);
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store, "SELECT meeting FROM groups", &rows, ICD_NO_PARAMS));
    ic_err e = IC_OK;
    while (e == IC_OK && icd_rows_next(&rows))
        if (icd_rows_bytes(&rows, 0).len == ICD_MEETING_ID_LEN)
            e = ic_buf_append(&ids, icd_rows_bytes(&rows, 0));
    ic_err end = icd_rows_end(&rows);
    IC_TRY(end != IC_OK ? end : e);
    for (size_t at = 0; at < ids.len; at += ICD_MEETING_ID_LEN) {
        struct icd_room *r;
        e = icd_room_get(core, ic_view_sub(ic_buf_view(&ids), at, ICD_MEETING_ID_LEN), &r);
        if (e != IC_OK) /* one broken session keeps none of the others from running */
            icd_core_log(core, ICD_LOG_ERROR, "session_not_loaded", "error=%s", ic_err_name(e));
    }
    return IC_OK;
}

void icd_room_release(struct icd_core *core, struct icd_room *room)
{
    if (!room->first && !room->group)
        room_free(core, room);
}

void icd_rooms_forget(struct icd_core *core)
{
    size_t it = 0;
    struct ic_view key;
    void *value;
    while (ic_map_next(&core->conns, &it, &key, &value)) {
        struct icd_conn *c = value;
        if (c->media_session && core->config.media)
            core->config.media->ops->close(core->config.media->self, c->media_session);
        if (c->media_session)
            ic_map_remove(&core->sessions, ic_view(&c->media_session, sizeof c->media_session));
        c->media_session = 0;
        c->room = NULL;
        c->prev = c->next = NULL;
        c->knock = 0;
        c->leaf = IC_MLSPUB_NO_LEAF;
        c->role = IC_WIRE_STRANGER;
    }
    while (core->first_room)
        room_free(core, core->first_room);
}

ic_err icd_room_terms(const struct icd_room *room, struct ic_wire_terms *out)
{
    struct ic_view bytes = ic_buf_view(&room->terms);
    if (room->group) {
        const struct ic_mlspub_group_context *ctx =
            ic_mlspub_observer_context(room->group->observer);
        if (!ic_mlspub_extensions_find(ctx->extensions, IC_WIRE_EXT_TERMS, &bytes))
            return IC_ERR_NOT_FOUND;
    }
    return ic_wire_terms_decode(bytes, out);
}

/* A number leads to the lobby alone: no host comes in by it before its key is in the group. */
static void stand(const struct icd_room *room, const struct ic_wire_terms *terms,
                  struct icd_conn *c)
{
    c->leaf = IC_MLSPUB_NO_LEAF;
    c->role = IC_WIRE_STRANGER;
    if (c->key_len == 0)
        return;
    if (room->group)
        c->leaf = ic_mlspub_observer_find(room->group->observer, icd_conn_key(c));
    bool in_group = c->leaf != IC_MLSPUB_NO_LEAF;
    bool named = ic_wire_list_has(terms->hosts, icd_conn_key(c));
    if (named && (in_group || !c->by_number))
        c->role = IC_WIRE_HOST;
    else if (in_group)
        c->role = IC_WIRE_MEMBER;
}

static void watch_empty(struct icd_core *core, struct icd_room *room)
{
    bool anybody = false;
    for (const struct icd_conn *c = room->first; c && !anybody; c = c->next)
        anybody = icd_conn_in_group(c);
    if (anybody || !room->group) {
        room->empty_since_ms = 0;
    } else if (!room->empty_since_ms) {
        room->empty_since_ms = core->now_ms;
        icd_core_wake_at(core, core->now_ms + core->limits.empty_ms);
    }
}

void icd_room_refresh(struct icd_core *core, struct icd_room *room)
{
    struct ic_wire_terms terms;
    if (icd_room_terms(room, &terms) != IC_OK)
        terms = (struct ic_wire_terms){0};
    for (struct icd_conn *c = room->first; c; c = c->next) {
        uint32_t leaf = c->leaf;
        uint8_t role = c->role;
        stand(room, &terms, c);
        if (leaf == c->leaf && role == c->role)
            continue;
        if (c->leaf == IC_MLSPUB_NO_LEAF)
            c->live = false;
        for (size_t i = 0; i < core->hook_count; i++)
            if (core->hooks[i]->standing)
                core->hooks[i]->standing(core, c, leaf, role);
    }
    watch_empty(core, room);
}

void icd_room_attach(struct icd_core *core, struct icd_room *room, struct icd_conn *c)
{
    assert(!c->room);
    c->room = room;
    c->live = false;
    c->prev = NULL;
    c->next = room->first;
    if (c->next)
        c->next->prev = c;
    room->first = c;
    room->conns++;
    struct ic_wire_terms terms;
    if (icd_room_terms(room, &terms) != IC_OK)
        terms = (struct ic_wire_terms){0};
    stand(room, &terms, c);
    watch_empty(core, room);
}

void icd_room_detach(struct icd_core *core, struct icd_conn *c)
{
    struct icd_room *room = c->room;
    if (!room)
        return;
    core->wrote = false;
    for (size_t i = 0; i < core->hook_count; i++)
        if (core->hooks[i]->detached)
            core->hooks[i]->detached(core, c);
    if (c->prev)
        c->prev->next = c->next;
    else
        room->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    room->conns--;
    c->room = NULL;
    c->prev = c->next = NULL;
    c->leaf = IC_MLSPUB_NO_LEAF;
    c->role = IC_WIRE_STRANGER;
    c->key_len = 0;
    watch_empty(core, room);
    icd_room_release(core, room);
}

struct icd_conn *icd_room_find_key(const struct icd_room *room, struct ic_view key)
{
    for (struct icd_conn *c = room->first; c; c = c->next)
        if (c->key_len && !c->closing && ic_view_equal(icd_conn_key(c), key))
            return c;
    return NULL;
}

struct icd_conn *icd_room_find_knock(const struct icd_room *room, uint64_t knock)
{
    for (struct icd_conn *c = room->first; c && knock; c = c->next)
        if (c->knock == knock)
            return c;
    return NULL;
}

struct icd_conn *icd_room_find_leaf(const struct icd_room *room, uint32_t leaf)
{
    for (struct icd_conn *c = room->first; c && leaf != IC_MLSPUB_NO_LEAF; c = c->next)
        if (c->leaf == leaf && !c->closing)
            return c;
    return NULL;
}

ic_err icd_room_set_state(struct icd_core *core, struct icd_room *room, uint8_t state)
{
    IC_TRY(icd_store_exec(
        core->store, "UPDATE meetings SET state = $1, changed_ms = $2 WHERE id = $3", NULL,
        ICD_PARAMS(ICD_INT(state), ICD_INT(core->now_ms), ICD_BLOB(icd_room_id(room)))));
    return IC_OK;
}

static ic_err delete_session(struct icd_core *core, struct icd_room *room, uint8_t state)
{
    IC_TRY(icd_write_begin(core));
    if (room->group)
        IC_TRY(icd_group_delete_rows(core, icd_group_id(room->group)));
    return icd_room_set_state(core, room, state);
}

ic_err icd_room_end_session(struct icd_core *core, struct icd_room *room, const char *why,
                            bool over)
{
    uint8_t state = over && room->kind == IC_WIRE_INSTANT ? IC_WIRE_OVER : IC_WIRE_WAITING;
    ic_err e = delete_session(core, room, state);
    if (e != IC_OK) {
        icd_write_undo(core);
        return e;
    }
    struct ic_wire_frame f = {.type = IC_WIRE_ENDED, .ended = {.why = ic_view_cstr(why)}};
    icd_send_room(core, room, &f, NULL);
    for (size_t i = 0; i < core->hook_count; i++)
        if (core->hooks[i]->session_end)
            core->hooks[i]->session_end(core, room);
    icd_group_free(room->group);
    room->group = NULL;
    room->state = state;
    core->session_ended = true;
    icd_core_log(core, ICD_LOG_INFO, "session_end", "room=%llu connections=%zu",
                 (unsigned long long)room->number, room->conns);
    icd_room_refresh(core, room);
    return IC_OK;
}

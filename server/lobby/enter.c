#include "core/group.h"
#include "lobby/lobby.h"
#include "lobby/private.h"

#include <ic/base/text.h>
#include <ic/mlspub/label.h>
#include <string.h>

enum { DIGITS_MIN = 10 };

static uint16_t lower(uint16_t a, uint16_t b)
{
    return a < b ? a : b;
}

static void on_hello(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    if (c->hello) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_STATE, "hello was said already");
        return;
    }
    if (!ic_view_is_text(f->hello.client)) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_MALFORMED, "the client's name is no text");
        return;
    }
    c->hello = true;
    c->minor = lower(f->hello.minor, IC_WIRE_MINOR);
    struct ic_wire_frame answer = {
        .type = IC_WIRE_HELLO_OK,
        .hello_ok = {.minor = c->minor,
                     .server = ic_view_cstr(core->config.server_name),
                     .now_ms = core->now_ms,
                     .nonce = ic_view(c->nonce, sizeof c->nonce),
                     .max_message = core->limits.max_frame,
                     .ping_ms = core->limits.ping_ms},
    };
    icd_reply(core, c, f->request, &answer);
}

/* ---- which meeting ---- */

static ic_err find_by_id(struct icd_core *core, struct ic_view ref, struct icd_room **out)
{
    IC_BUF_SCOPE(id, ICD_MEETING_ID_LEN);
    if (ic_base64_decode(IC_BASE64_URL, ref, &id) != IC_OK)
        return IC_ERR_NOT_FOUND;
    return icd_room_get(core, ic_buf_view(&id), out);
}

static bool is_number(struct ic_view ref)
{
    for (size_t i = 0; i < ref.len; i++)
        if (ref.p[i] < '0' || ref.p[i] > '9')
            return false;
    return ref.len >= DIGITS_MIN && ref.len <= ICD_NUMBER_MAX;
}

static ic_err id_of_number(struct icd_core *core, struct ic_view ref,
                           uint8_t id[ICD_MEETING_ID_LEN])
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store, "SELECT id FROM meetings WHERE number = $1", &rows,
                           ICD_PARAMS(ICD_TEXT(ref))));
    bool found = icd_rows_next(&rows) && icd_rows_bytes(&rows, 0).len == ICD_MEETING_ID_LEN;
    if (found)
        memcpy(id, icd_rows_bytes(&rows, 0).p, ICD_MEETING_ID_LEN);
    IC_TRY(icd_rows_end(&rows));
    return found ? IC_OK : IC_ERR_NOT_FOUND;
}

/* Numbers can be guessed, so an address may be wrong only so often a minute: IC_ERR_BUSY. */
static ic_err find_by_number(struct icd_core *core, struct icd_conn *c, struct ic_view ref,
                             struct icd_room **out)
{
    if (!icd_limiter_has(&core->numbers, c->address, core->now_ms))
        return IC_ERR_BUSY;
    uint8_t id[ICD_MEETING_ID_LEN];
    ic_err e = is_number(ref) ? id_of_number(core, ref, id) : IC_ERR_NOT_FOUND;
    if (e == IC_OK)
        e = icd_room_get(core, ic_view(id, sizeof id), out);
    if (e == IC_ERR_NOT_FOUND)
        (void)icd_limiter_take(&core->numbers, c->address, core->now_ms);
    return e;
}

static void failed(struct icd_core *core, struct icd_conn *c, uint32_t request, uint16_t code,
                   const char *text)
{
    icd_reply_error(core, c, request, code, text);
    if (++c->failed_enters >= core->limits.enters_per_connection)
        icd_conn_kick(core, c, IC_WIRE_E_LIMIT, "too many attempts");
}

static struct icd_room *find_room(struct icd_core *core, struct icd_conn *c,
                                  const struct ic_wire_frame *f)
{
    const struct ic_wire_enter *e = &f->enter;
    struct icd_room *room = NULL;
    ic_err err = e->ref_kind == IC_WIRE_REF_ID       ? find_by_id(core, e->ref, &room)
                 : e->ref_kind == IC_WIRE_REF_NUMBER ? find_by_number(core, c, e->ref, &room)
                                                     : IC_ERR_NOT_FOUND;
    if (err == IC_OK)
        return room;
    if (err == IC_ERR_NOT_FOUND)
        failed(core, c, f->request, IC_WIRE_E_NOT_FOUND, "there is no such meeting");
    else if (err == IC_ERR_BUSY)
        failed(core, c, f->request, IC_WIRE_E_LIMIT, "too many wrong numbers; wait a minute");
    else
        icd_reply_error(core, c, f->request, IC_WIRE_E_SERVER, "the meeting cannot be read");
    return NULL;
}

/* ---- who enters ---- */

/* SignWithLabel(key, "InCamera Connect", nonce<V> ref<V>): fresh for this connection. */
static ic_err check_signature(const struct icd_conn *c, const struct ic_wire_enter *e)
{
    const struct ic_suite *s = ic_suite_find(e->suite);
    if (!s)
        return IC_ERR_UNSUPPORTED;
    if (e->signature_key.len > sizeof c->key)
        return IC_ERR_KEY;
    IC_BUF_SCOPE(tbs, 1024);
    struct ic_writer w = ic_writer(&tbs);
    ic_write_vec(&w, ic_view(c->nonce, sizeof c->nonce));
    ic_write_vec(&w, e->ref);
    IC_TRY(ic_writer_end(&w));
    return ic_mlspub_verify_with_label(s->sig, e->signature_key, "InCamera Connect",
                                       ic_buf_view(&tbs), e->signature);
}

static bool authenticate(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f,
                         const struct icd_room *room)
{
    const struct ic_wire_enter *e = &f->enter;
    if (e->suite == 0)
        return true;
    if (e->suite != room->suite) {
        failed(core, c, f->request, IC_WIRE_E_INVALID, "this meeting uses another cipher suite");
        return false;
    }
    if (check_signature(c, e) != IC_OK) {
        failed(core, c, f->request, IC_WIRE_E_DENIED, "the signature does not verify");
        return false;
    }
    return true;
}

/* One device, one connection: a device that returns may be here before its old line is known dead. */
static void supersede(struct icd_core *core, struct icd_room *room, struct ic_view key)
{
    struct icd_conn *old = key.len ? icd_room_find_key(room, key) : NULL;
    if (old)
        icd_conn_kick(core, old, IC_WIRE_E_STATE, "this device has connected again");
}

static ic_err answer(struct icd_core *core, struct icd_conn *c, uint32_t request)
{
    const struct icd_room *room = c->room;
    const struct ic_sign_key *key;
    IC_TRY(icd_group_server_key(core, room->suite, &key));
    struct ic_wire_frame f = {
        .type = IC_WIRE_ENTERED,
        .entered = {.meeting_id = ic_view(room->id, sizeof room->id),
                    .kind = room->kind,
                    .title = ic_buf_view(&room->title),
                    .number = ic_view_cstr(room->dial),
                    .terms = ic_buf_view(&room->terms),
                    .role = c->role,
                    .state = room->group ? IC_WIRE_OPEN : room->state,
                    .start_s = room->start_s,
                    .end_s = room->end_s,
                    .media = core->config.media != NULL,
                    .external_sender = ic_sign_key_public(key)},
    };
    if (room->group) {
        f.entered.group_id = icd_group_id(room->group);
        f.entered.epoch = room->group->epoch;
        f.entered.last_seq = room->group->seq;
    }
    icd_reply(core, c, request, &f);
    return IC_OK;
}

static void enter(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f,
                  struct icd_room *room)
{
    const struct ic_wire_enter *e = &f->enter;
    supersede(core, room, e->suite ? e->signature_key : IC_VIEW_STR(""));
    c->key_len = e->suite ? e->signature_key.len : 0;
    if (c->key_len)
        memcpy(c->key, e->signature_key.p, c->key_len);
    c->by_number = e->ref_kind == IC_WIRE_REF_NUMBER;
    icd_room_attach(core, room, c);
    if (answer(core, c, f->request) != IC_OK) {
        icd_room_detach(core, c);
        return;
    }
    icd_core_log(core, ICD_LOG_INFO, "entered", "room=%llu role=%d",
                 (unsigned long long)room->number, c->role);
    for (size_t i = 0; i < core->hook_count; i++)
        if (core->hooks[i]->attached)
            core->hooks[i]->attached(core, c);
}

static void on_enter(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    if (core->draining) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_STATE,
                        "the server is going down; come back");
        return;
    }
    if (c->room && c->key_len) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_STATE, "this connection is in a meeting");
        return;
    }
    icd_room_detach(core, c); /* from where it only looked */
    struct icd_room *room = find_room(core, c, f);
    if (!room)
        return;
    if (!authenticate(core, c, f, room)) {
        icd_room_release(core, room);
    } else if (room->conns >= core->limits.connections_per_meeting) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_LIMIT, "the meeting is full");
    } else {
        enter(core, c, f, room);
    }
}

/* ---- what others do ---- */

/* Admitted while its line was down: the Welcome waits in the store. */
static ic_err show_welcome(struct icd_core *core, struct icd_conn *c)
{
    struct icd_group *g = c->room->group;
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store,
                           "SELECT w.seq, w.welcome, w.tree_hash, w.admission FROM joiners j"
                           " JOIN welcomes w ON w.group_id = j.group_id AND w.seq = j.seq"
                           " WHERE j.group_id = $1 AND j.signature_key = $2",
                           &rows,
                           ICD_PARAMS(ICD_BLOB(icd_group_id(g)), ICD_BLOB(icd_conn_key(c)))));
    if (icd_rows_next(&rows)) {
        struct ic_wire_frame f = {.type = IC_WIRE_WELCOME,
                                  .welcome = {.group_id = icd_group_id(g),
                                              .seq = (uint64_t)icd_rows_int(&rows, 0),
                                              .welcome = icd_rows_bytes(&rows, 1),
                                              .tree_hash = icd_rows_bytes(&rows, 2),
                                              .admission = icd_rows_bytes(&rows, 3)}};
        c->welcome_kept = true;
        icd_send(core, c, &f);
    }
    return icd_rows_end(&rows);
}

static void attached(struct icd_core *core, struct icd_conn *c)
{
    icd_lobby_show(core, c);
    if (icd_conn_in_group(c) && show_welcome(core, c) != IC_OK)
        icd_core_log(core, ICD_LOG_WARN, "welcome_not_read", "room=%llu",
                     (unsigned long long)c->room->number);
}

static void detached(struct icd_core *core, struct icd_conn *c)
{
    icd_lobby_gone(core, c, IC_WIRE_GONE_LEFT);
    if (icd_conn_is_host(c))
        icd_lobby_host_left(core, c);
}

static void standing(struct icd_core *core, struct icd_conn *c, uint32_t old_leaf, uint8_t old_role)
{
    (void)old_leaf;
    if (icd_conn_in_group(c))
        icd_lobby_gone(core, c, IC_WIRE_GONE_ADMITTED);
    if (c->role == IC_WIRE_HOST && (old_role != IC_WIRE_HOST || old_leaf == IC_MLSPUB_NO_LEAF))
        icd_lobby_show(core, c);
}

/* A knock is for one group: its KeyPackage is used, its proof names the group. */
static void session_end(struct icd_core *core, struct icd_room *room)
{
    (void)core;
    for (struct icd_conn *c = room->first; c; c = c->next)
        c->knock = 0;
    room->knocks = 0;
}

static const struct icd_hooks hooks = {
    .attached = attached, .detached = detached, .standing = standing, .session_end = session_end};

void icd_lobby_register(struct icd_core *core)
{
    icd_core_on(core, IC_WIRE_HELLO, ICD_NEED_NOTHING, on_hello);
    icd_core_on(core, IC_WIRE_ENTER, ICD_NEED_HELLO, on_enter);
    icd_core_on(core, IC_WIRE_KNOCK, ICD_NEED_ENTERED, icd_lobby_on_knock);
    icd_core_on(core, IC_WIRE_REFUSE, ICD_NEED_HOST, icd_lobby_on_refuse);
    icd_core_hook(core, &hooks);
}

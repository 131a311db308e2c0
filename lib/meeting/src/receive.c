/* Frames in: to whom they concern. And what is shown at the end of every call. */
#include "internal.h"
#include <stdio.h>
#include <string.h>

/* ---- answers ---- */

static void on_ok(struct ic_meeting *m, const struct request *r, uint64_t number)
{
    switch (r->kind) {
    case REQ_KNOCK:
        m->knock = number;
        break;
    case REQ_CREATE:
        ic_meeting_setup_created(m, true);
        break;
    case REQ_COMMIT:
        ic_meeting_commit_accepted(m, number);
        break;
    case REQ_RESYNC:
        ic_meeting_resync_accepted(m, number);
        break;
    case REQ_PROPOSE:
        ic_meeting_leave_step(m);
        break;
    case REQ_SAY:
        ic_meeting_say_sent(m, r->arg, number);
        break;
    case REQ_FETCH:
        ic_meeting_apply_fetched(m, number);
        break;
    default:
        break;
    }
}

static void knock_failed(struct ic_meeting *m, const struct ic_wire_error *e)
{
    static const char lead[] = "add-not-verified";
    size_t n = sizeof lead - 1;
    if (e->code == IC_WIRE_E_INVALID && e->text.len >= n && memcmp(e->text.p, lead, n) == 0)
        ic_meeting_verified_refused(m, ic_meeting_verified_own_lacks(m));
    else if (e->code == IC_WIRE_E_INVALID)
        ic_meeting_end_meeting(m, "knock-refused",
                               "The server did not take this device's key package.");
    else if (e->code == IC_WIRE_E_LIMIT)
        ic_meeting_end_meeting(m, "limit", "Too many knocks; wait a minute.");
}

static void tell_error(struct ic_meeting *m, const char *rule, const struct ic_wire_error *e)
{
    char text[IC_WIRE_TEXT_MAX + 1];
    snprintf(text, sizeof text, "%.*s", (int)e->text.len, (const char *)e->text.p);
    ic_meeting_alert(m, rule, IC_MLSPUB_NO_LEAF, text);
}

static void files_refused(struct ic_meeting *m, const struct ic_wire_error *e)
{
    struct ic_meeting_event *event = ic_meeting_new_event(m, IC_MEETING_EV_FILES_OPENED);
    IC_IGNORE(ic_buf_append(&event->text, e->text));
}

static void on_error(struct ic_meeting *m, const struct request *r, const struct ic_wire_error *e)
{
    switch (r->kind) {
    case REQ_HELLO:
        ic_meeting_end_meeting(m, "protocol",
                               "The server speaks no version that this client knows.");
        break;
    case REQ_ENTER:
        ic_meeting_enter_failed(m, e);
        break;
    case REQ_KNOCK:
        knock_failed(m, e);
        break;
    case REQ_CREATE:
        ic_meeting_setup_created(m, false);
        if (e->code != IC_WIRE_E_EXISTS && e->code != IC_WIRE_E_STATE)
            ic_meeting_end_meeting(m, "group-refused",
                                   "The server did not take the meeting's group.");
        break;
    case REQ_COMMIT:
        ic_meeting_commit_failed(m, r->arg, e);
        break;
    case REQ_RESYNC:
    case REQ_INFO:
        ic_meeting_resync_failed(m, e);
        break;
    case REQ_TREE:
        if (m->resync != RESYNC_NO)
            ic_meeting_resync_failed(m, e);
        else
            tell_error(m, "tree-refused", e);
        break;
    case REQ_SAY:
        ic_meeting_say_failed(m, r->arg, e);
        break;
    case REQ_BEAT:
    case REQ_WORD:
        if (e->code == IC_WIRE_E_STALE)
            ic_meeting_apply_stale(m, r->arg);
        else if (e->code == IC_WIRE_E_DENIED && m->group && m->resync == RESYNC_NO)
            ic_meeting_resync_start(m, "not-a-member"); /* the Remove was kept from us: the lobby */
        break;
    case REQ_PROPOSE:
        if (m->leaving == LEAVE_PROPOSED)
            m->leaving = LEAVE_HANDOVER; /* the epoch moved on: propose once more */
        ic_meeting_leave_step(m);
        break;
    case REQ_FETCH:
        m->fetching = false;
        ic_meeting_resync_start(m, "log-gone");
        break;
    case REQ_MEDIA_OPEN:
    case REQ_MEDIA_PUBLISH:
        tell_error(m, "media-refused", e);
        break;
    case REQ_FILES_OPEN:
        files_refused(m, e);
        break;
    case REQ_END:
    case REQ_REFUSE:
        tell_error(m, "request-refused", e);
        break;
    default:
        break;
    }
}

/* An event whose views borrow from a copy of the frame that it owns. */
static void pass_on(struct ic_meeting *m, struct ic_view bytes, enum ic_meeting_event_type type)
{
    struct ic_wire_frame f;
    struct ic_meeting_event *e = ic_meeting_new_event(m, type);
    if (ic_buf_append(&e->frame, bytes) != IC_OK ||
        ic_wire_decode(ic_buf_view(&e->frame), &f) != IC_OK)
        return;
    if (type == IC_MEETING_EV_MEDIA_OPENED)
        e->opened = f.media_opened;
    else if (type == IC_MEETING_EV_MEDIA_SOURCES)
        e->sources = f.media_sources;
    else if (type == IC_MEETING_EV_MEDIA_SPEAKER)
        e->speaker = f.media_speaker;
    else if (type == IC_MEETING_EV_FILES_OPENED) {
        e->files = f.files_opened;
        e->flag = true;
    } else
        e->slots = f.media_slots;
}

static void answer(struct ic_meeting *m, const struct ic_wire_frame *f, struct ic_view bytes)
{
    struct request r;
    if (!ic_meeting_take_request(m, f->request, &r))
        return; /* answered twice, or to nothing that we asked */
    if (f->type == IC_WIRE_OK)
        on_ok(m, &r, f->ok.number);
    else if (f->type == IC_WIRE_ERROR)
        on_error(m, &r, &f->error);
    else if (f->type == IC_WIRE_HELLO_OK && r.kind == REQ_HELLO)
        ic_meeting_enter_hello_ok(m, &f->hello_ok);
    else if (f->type == IC_WIRE_ENTERED && r.kind == REQ_ENTER)
        ic_meeting_enter_entered(m, &f->entered);
    else if (f->type == IC_WIRE_TREE && r.kind == REQ_TREE) {
        if (m->resync == RESYNC_TREE)
            ic_meeting_resync_tree(m, f->tree.tree);
        else
            ic_meeting_join_tree(m, f->tree.tree);
    } else if (f->type == IC_WIRE_GROUP_INFO && r.kind == REQ_INFO)
        ic_meeting_resync_info(m, &f->group_info);
    else if (f->type == IC_WIRE_MEDIA_OPENED && r.kind == REQ_MEDIA_OPEN)
        pass_on(m, bytes, IC_MEETING_EV_MEDIA_OPENED);
    else if (f->type == IC_WIRE_FILES_OPENED && r.kind == REQ_FILES_OPEN)
        pass_on(m, bytes, IC_MEETING_EV_FILES_OPENED);
}

/* ---- events ---- */

static void ended(struct ic_meeting *m, const struct ic_wire_ended *e)
{
    char text[IC_WIRE_TEXT_MAX + 1];
    snprintf(text, sizeof text, "%.*s", (int)e->why.len, (const char *)e->why.p);
    ic_meeting_end_meeting(m, "ended", text);
}

static void event(struct ic_meeting *m, const struct ic_wire_frame *f, struct ic_view bytes)
{
    if (m->conn != CONN_IN && f->type != IC_WIRE_ERROR)
        return;
    switch (f->type) {
    case IC_WIRE_MESSAGE:
        ic_meeting_apply_message(m, &f->message);
        break;
    case IC_WIRE_WELCOME:
        ic_meeting_join_welcome(m, &f->welcome);
        break;
    case IC_WIRE_KNOCKED:
        ic_meeting_lobby_knocked(m, &f->knocked);
        break;
    case IC_WIRE_KNOCK_GONE:
        ic_meeting_lobby_gone(m, &f->knock_gone);
        break;
    case IC_WIRE_REFUSED:
        ic_meeting_lobby_refused(m, f->refused.why);
        break;
    case IC_WIRE_REPLACE:
        ic_meeting_apply_replace(m, &f->replace);
        break;
    case IC_WIRE_GROUP_OPEN:
        ic_meeting_enter_group_open(m, &f->group_open);
        break;
    case IC_WIRE_PRESENCE:
        if (m->group)
            ic_meeting_roster_presence(m, &f->presence);
        break;
    case IC_WIRE_ENDED:
        ended(m, &f->ended);
        break;
    case IC_WIRE_MEDIA_SOURCES:
        pass_on(m, bytes, IC_MEETING_EV_MEDIA_SOURCES);
        break;
    case IC_WIRE_MEDIA_SLOTS:
        pass_on(m, bytes, IC_MEETING_EV_MEDIA_SLOTS);
        break;
    case IC_WIRE_MEDIA_SPEAKER:
        pass_on(m, bytes, IC_MEETING_EV_MEDIA_SPEAKER);
        break;
    case IC_WIRE_ERROR:
        tell_error(m, "server-error", &f->error);
        break;
    default:
        break; /* a later minor version's, or one that only clients send */
    }
}

void ic_meeting_receive(struct ic_meeting *m, struct ic_view bytes, uint64_t now_ms)
{
    struct ic_wire_frame f = {0};
    m->now_ms = now_ms;
    if (m->over || m->conn == CONN_DOWN)
        return;
    ic_err e = ic_wire_decode(bytes, &f);
    if (e == IC_OK && f.request)
        answer(m, &f, bytes);
    else if (e == IC_OK)
        event(m, &f, bytes);
    else if (e != IC_ERR_UNSUPPORTED)
        ic_meeting_alert(m, "frame-malformed", IC_MLSPUB_NO_LEAF,
                         "The server sent something malformed.");
    ic_meeting_settle(m);
}

/* ---- what is shown ---- */

static bool somebody_to_compare(const struct ic_meeting *m)
{
    return !m->compared && m->group && ic_meeting_identity_has_stranger(m);
}

static enum ic_meeting_state state_of(const struct ic_meeting *m)
{
    if (m->over)
        return IC_MEETING_OVER;
    bool in = m->group && !m->creating;
    if (m->conn != CONN_IN)
        return in ? IC_MEETING_RECONNECTING : IC_MEETING_CONNECTING;
    if (in && (m->cut_off || m->stuck || m->ahead))
        return IC_MEETING_CUT_OFF;
    if (in && !m->in_step && m->state == IC_MEETING_RECONNECTING)
        return IC_MEETING_RECONNECTING; /* until it has caught up */
    if (m->resync != RESYNC_NO)
        return IC_MEETING_UPDATING;
    if (in && m->staged)
        return IC_MEETING_UPDATING;
    if (in)
        return somebody_to_compare(m) ? IC_MEETING_COMPARE : IC_MEETING_E2EE;
    if (m->key_package)
        return IC_MEETING_IN_LOBBY;
    return m->group_id.len || m->creating ? IC_MEETING_CONNECTING : IC_MEETING_WAITING_HOST;
}

static bool gate_of(const struct ic_meeting *m)
{
    if (m->over || !m->group || m->creating || m->cut_off || m->stuck || m->ahead ||
        m->resync != RESYNC_NO || m->leaving == LEAVE_PROPOSED)
        return false;
    for (const struct removal *r = m->removals; r; r = r->next)
        if (r->told)
            return false; /* somebody whom we removed still has the keys */
    return true;
}

void ic_meeting_settle(struct ic_meeting *m)
{
    enum ic_meeting_state state = state_of(m);
    bool gate = gate_of(m);
    if (gate != m->gate) {
        m->gate = gate;
        ic_meeting_media_gate(m, gate);
        ic_meeting_new_event(m, IC_MEETING_EV_MEDIA_GATE)->flag = gate;
    }
    if (state != m->state) {
        m->state = state;
        ic_meeting_new_event(m, IC_MEETING_EV_STATE)->state = state;
    }
}

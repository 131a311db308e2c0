/* Lines out, until the server has them for good; lines in, and whether any are missing. */
#include "app.h"
#include "internal.h"
#include <ic/base/mem.h>
#include <stdio.h>

/* RFC 9420 section 12.4: who has seen valid proposals commits them before it sends application data. One
 * that breaks a rule is valid for nobody, and nobody falls silent over it. */
static bool proposals_wait(const struct ic_meeting *m)
{
    for (size_t i = 0; i < ic_mls_pending_count(m->group); i++)
        if (ic_meeting_judge_item(m, ic_mls_pending(m->group, i), NULL) == IC_OK)
            return true;
    return false;
}

static ic_err seal(struct ic_meeting *m, const struct app_message *a, struct ic_buf *out)
{
    IC_BUF_SCOPE(plain, CHAT_MAX + 64);
    if (proposals_wait(m))
        return IC_ERR_STATE;
    IC_TRY(ic_buf_reserve(&plain, a->text.len + 64));
    ic_err e = ic_meeting_app_encode(a, &plain);
    if (e == IC_OK)
        e = ic_mls_protect(m->group, ic_buf_view(&plain), ic_view(NULL, 0), out);
    ic_buf_clear_secret(&plain);
    return e;
}

static bool may_say(const struct ic_meeting *m)
{
    return m->group && m->conn == CONN_IN && m->in_step && !m->stuck && !m->ahead &&
           m->resync == RESYNC_NO && !m->over;
}

static void say(struct ic_meeting *m, struct ic_view sealed, bool transient, enum request_kind kind,
                uint64_t arg)
{
    struct ic_wire_frame f = {.type = IC_WIRE_SEND,
                              .send = {ic_buf_view(&m->group_id), sealed, transient}};
    m->said_ms = m->now_ms;
    ic_meeting_send_request(m, &f, kind, arg);
}

/* ---- out ---- */

/* One at a time, so that the lines stay in order whatever becomes of one. None while somebody is to be
 * removed: it would still read them. */
void ic_meeting_chat_flush(struct ic_meeting *m)
{
    struct chat_line *l = m->chat;
    IC_BUF_SCOPE(sealed, 1 << 16);
    m->chat_at_ms = NEVER;
    if (!l || l->sent || m->removals || !may_say(m))
        return;
    struct app_message a = {
        .type = APP_CHAT, .life = m->life, .lines = m->lines_sent, .text = ic_buf_view(&l->text)};
    if (seal(m, &a, &sealed) != IC_OK) {
        m->chat_at_ms = m->now_ms + RETRY_MS;
        return;
    }
    ic_buf_move(&l->sealed, &sealed);
    l->sent = true;
    l->sent_ms = m->now_ms;
    l->epoch = ic_mls_context(m->group)->epoch;
    say(m, ic_buf_view(&l->sealed), false, REQ_CHAT, l->number);
}

static void drop_first(struct ic_meeting *m)
{
    struct chat_line *l = m->chat;
    m->chat = l->next;
    ic_buf_clear_secret(&l->text);
    ic_buf_clear(&l->sealed);
    ic_free(l);
}

void ic_meeting_chat_clear(struct ic_meeting *m)
{
    while (m->chat)
        drop_first(m);
}

static void show_line(struct ic_meeting *m, const struct person *p, struct ic_view text,
                      uint64_t epoch, uint64_t seq)
{
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_CHAT);
    ic_meeting_person_show(m, p, &e->person);
    e->epoch = epoch;
    e->number = seq;
    IC_IGNORE(ic_buf_append(&e->text, text));
}

static void done(struct ic_meeting *m, uint64_t seq)
{
    uint64_t number = m->chat->number;
    const struct person *self =
        m->group ? ic_meeting_person_at(m, ic_mls_own_leaf(m->group)) : NULL;
    if (self)
        show_line(m, self, ic_buf_view(&m->chat->text), ic_mls_context(m->group)->epoch, seq);
    drop_first(m);
    m->lines_sent++;
    ic_meeting_pulse_line_said(m);
    ic_meeting_new_event(m, IC_MEETING_EV_SENT)->number = number;
    ic_meeting_chat_flush(m);
}

void ic_meeting_chat_sent(struct ic_meeting *m, uint64_t number, uint64_t seq)
{
    (void)seq;
    if (m->chat && m->chat->number == number)
        m->chat->taken = true; /* shown when the echo says where */
}

/* Also where the acknowledgement was lost: so it is not said twice. */
void ic_meeting_chat_echo(struct ic_meeting *m, struct ic_view message, uint64_t seq)
{
    if (m->chat && m->chat->sealed.len && ic_view_equal(ic_buf_view(&m->chat->sealed), message))
        done(m, seq);
}

void ic_meeting_chat_passed_over(struct ic_meeting *m)
{
    if (m->chat && m->chat->taken)
        done(m, m->last_seq);
    ic_meeting_chat_unsent(m);
}

void ic_meeting_chat_failed(struct ic_meeting *m, uint64_t number, const struct ic_wire_error *e)
{
    if (!m->chat || m->chat->number != number)
        return;
    m->chat->sent = false;
    if (e->code == IC_WIRE_E_STALE)
        ic_meeting_apply_stale(m, m->chat->epoch);
    if (e->code == IC_WIRE_E_STALE || e->code == IC_WIRE_E_SERVER || e->code == IC_WIRE_E_LIMIT) {
        m->chat_at_ms = m->now_ms + RETRY_MS; /* in the epoch that came, or when there is room */
        return;
    }
    drop_first(m);
    ic_meeting_alert(m, "chat-refused", ic_meeting_own_leaf(m),
                     "The server did not take your line.");
    ic_meeting_chat_flush(m);
}

/* The connection died. What was not acknowledged is said once more after catching up, unless that brought
 * its echo; receivers know it by its number. */
void ic_meeting_chat_unsent(struct ic_meeting *m)
{
    if (m->chat && !m->chat->taken)
        m->chat->sent = false;
    m->chat_at_ms = m->now_ms;
}

ic_err ic_meeting_chat(struct ic_meeting *m, struct ic_view text, uint64_t now_ms)
{
    size_t n = 0;
    struct chat_line **at = &m->chat;
    m->now_ms = now_ms;
    if (m->over || !m->group)
        return IC_ERR_STATE;
    if (text.len > CHAT_MAX)
        return IC_ERR_LIMIT;
    if (!ic_meeting_app_text_ok(text))
        return IC_ERR_MALFORMED;
    for (; *at; at = &(*at)->next)
        n++;
    if (n >= CHAT_QUEUE_MAX)
        return IC_ERR_LIMIT;
    struct chat_line *l = ic_new(struct chat_line);
    if (!l)
        return IC_ERR_NOMEM;
    l->text.max = CHAT_MAX;
    ic_err e = ic_buf_append(&l->text, text);
    if (e != IC_OK) {
        ic_free(l);
        return e;
    }
    l->number = ++m->next_line;
    *at = l;
    ic_meeting_chat_flush(m);
    ic_meeting_settle(m);
    return IC_OK;
}

void ic_meeting_chat_tick(struct ic_meeting *m)
{
    struct chat_line *l = m->chat;
    if (l && l->sent && !l->told && m->now_ms >= l->sent_ms + ANSWER_MS) {
        l->told = true;
        ic_meeting_alert(m, "chat-withheld", IC_MLSPUB_NO_LEAF,
                         "Your line is not confirmed by the server.");
    }
    if (m->chat_at_ms <= m->now_ms)
        ic_meeting_chat_flush(m);
}

bool ic_meeting_chat_beat(struct ic_meeting *m)
{
    IC_BUF_SCOPE(sealed, 1 << 16);
    struct app_message a = {
        .type = APP_HEARTBEAT, .life = m->life, .lines = m->lines_sent, .time_ms = m->now_ms};
    if (!may_say(m) || seal(m, &a, &sealed) != IC_OK)
        return false;
    say(m, ic_buf_view(&sealed), true, REQ_BEAT, ic_mls_context(m->group)->epoch);
    return true;
}

/* ---- in ---- */

static bool has_gone(const struct ic_meeting *m, const struct person *then)
{
    for (size_t i = 0; i < m->person_count; i++) {
        const struct person *p = &m->people[i];
        if (p->to == NEVER &&
            ic_view_equal(ic_view(p->key, p->key_len), ic_view(then->key, then->key_len)))
            return false;
    }
    return true;
}

/* Sealed in an epoch before its sender's Remove and handed out after it: delivery takes lines of its
 * current epoch alone, so this one is out of the order. */
static void refuse_late(struct ic_meeting *m, const struct person *then)
{
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_ALERT);
    ic_meeting_person_show(m, then, &e->person);
    ic_meeting_set_rule(e, "line-after-remove");
    ic_meeting_set_text(e, "A message of somebody who is no longer in the group was refused.");
}

void ic_meeting_chat_received(struct ic_meeting *m, const struct ic_mls_received *r, uint64_t seq)
{
    struct app_message a;
    ic_err e = ic_meeting_app_decode(ic_buf_view(&r->application), &a);
    const struct person *then = ic_meeting_person_of(m, r->sender.index, r->epoch);
    if (r->epoch == ic_mls_context(m->group)->epoch) { /* a removed member keeps nobody calm */
        if (e == IC_OK && a.type == APP_HEARTBEAT)
            ic_meeting_pulse_beat(m, r->sender.index, a.time_ms);
        else
            ic_meeting_pulse_heard(m, r->sender.index);
    }
    if (e == IC_ERR_MALFORMED || e == IC_ERR_TRUNCATED || e == IC_ERR_TRAILING)
        ic_meeting_alert(m, "message-malformed", r->sender.index, "A message could not be read.");
    if (e != IC_OK || !then)
        return;
    if (has_gone(m, then)) {
        refuse_late(m, then);
        return;
    }
    struct person *p = ic_meeting_person_at(m, then->leaf);
    if (p && p->from > r->epoch &&
        !ic_view_equal(ic_view(p->key, p->key_len), ic_view(then->key, then->key_len)))
        p = NULL; /* the leaf is somebody else's now */
    if (a.type != APP_CHAT) {
        if (p)
            ic_meeting_lines_told(m, p, a.life, a.lines);
        return;
    }
    if (p && !ic_meeting_lines_take(m, p, a.life, a.lines))
        return;
    show_line(m, then, a.text, r->epoch, seq);
}

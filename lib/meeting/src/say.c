/* Out: lines, until the server has them for good, and what is for this moment. */
#include "app.h"
#include "internal.h"
#include <assert.h>
#include <ic/base/mem.h>

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
    IC_BUF_SCOPE(plain, IC_MEETING_SAY_MAX + 64);
    if (proposals_wait(m))
        return IC_ERR_STATE;
    IC_TRY(ic_buf_reserve(&plain, a->body.len + 64));
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

static void send(struct ic_meeting *m, struct ic_view sealed, bool transient,
                 enum request_kind kind, uint64_t arg)
{
    struct ic_wire_frame f = {.type = IC_WIRE_SEND,
                              .send = {ic_buf_view(&m->group_id), sealed, transient}};
    m->said_ms = m->now_ms;
    ic_meeting_send_request(m, &f, kind, arg);
}

/* One at a time, so that the lines stay in order whatever becomes of one. None while somebody is to be
 * removed: it would still read them. */
void ic_meeting_say_flush(struct ic_meeting *m)
{
    struct line *l = m->lines;
    IC_BUF_SCOPE(sealed, 1 << 16);
    m->say_at_ms = NEVER;
    if (!l || l->sent || m->removals || !may_say(m))
        return;
    struct app_message a = {
        .kind = l->kind, .life = m->life, .lines = m->lines_sent, .body = ic_buf_view(&l->body)};
    if (seal(m, &a, &sealed) != IC_OK) {
        m->say_at_ms = m->now_ms + RETRY_MS;
        return;
    }
    ic_buf_move(&l->sealed, &sealed);
    l->sent = true;
    l->sent_ms = m->now_ms;
    l->epoch = ic_mls_context(m->group)->epoch;
    send(m, ic_buf_view(&l->sealed), false, REQ_SAY, l->number);
}

static void drop_first(struct ic_meeting *m)
{
    struct line *l = m->lines;
    m->lines = l->next;
    ic_buf_clear_secret(&l->body);
    ic_buf_clear(&l->sealed);
    ic_free(l);
}

void ic_meeting_say_clear(struct ic_meeting *m)
{
    while (m->lines)
        drop_first(m);
}

static void show_own(struct ic_meeting *m, uint16_t kind, struct ic_view body, uint64_t seq)
{
    const struct person *self =
        m->group ? ic_meeting_person_at(m, ic_mls_own_leaf(m->group)) : NULL;
    if (self)
        ic_meeting_hear_show(m, self, kind, body, ic_mls_context(m->group)->epoch, seq);
}

static void done(struct ic_meeting *m, uint64_t seq)
{
    uint64_t number = m->lines->number;
    uint16_t kind = m->lines->kind;
    show_own(m, kind, ic_buf_view(&m->lines->body), seq);
    drop_first(m);
    m->lines_sent++;
    ic_meeting_pulse_line_said(m);
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_SENT);
    e->number = number;
    e->kind = kind;
    ic_meeting_say_flush(m);
}

void ic_meeting_say_sent(struct ic_meeting *m, uint64_t number, uint64_t seq)
{
    (void)seq;
    if (m->lines && m->lines->number == number)
        m->lines->taken = true; /* shown when the echo says where */
}

/* Also where the acknowledgement was lost: so it is not said twice. */
void ic_meeting_say_echo(struct ic_meeting *m, struct ic_view message, uint64_t seq)
{
    if (m->lines && m->lines->sealed.len && ic_view_equal(ic_buf_view(&m->lines->sealed), message))
        done(m, seq);
}

void ic_meeting_say_passed_over(struct ic_meeting *m)
{
    if (m->lines && m->lines->taken)
        done(m, m->last_seq);
    ic_meeting_say_unsent(m);
}

void ic_meeting_say_failed(struct ic_meeting *m, uint64_t number, const struct ic_wire_error *e)
{
    if (!m->lines || m->lines->number != number)
        return;
    m->lines->sent = false;
    if (e->code == IC_WIRE_E_STALE)
        ic_meeting_apply_stale(m, m->lines->epoch);
    if (e->code == IC_WIRE_E_STALE || e->code == IC_WIRE_E_SERVER || e->code == IC_WIRE_E_LIMIT) {
        m->say_at_ms = m->now_ms + RETRY_MS; /* in the epoch that came, or when there is room */
        return;
    }
    drop_first(m);
    ic_meeting_alert(m, "chat-refused", ic_meeting_own_leaf(m),
                     "The server did not take your line.");
    ic_meeting_say_flush(m);
}

/* The connection died. What was not acknowledged is said once more after catching up, unless that brought
 * its echo; receivers know it by its number. */
void ic_meeting_say_unsent(struct ic_meeting *m)
{
    if (m->lines && !m->lines->taken)
        m->lines->sent = false;
    m->say_at_ms = m->now_ms;
}

static ic_err queue(struct ic_meeting *m, uint16_t kind, struct ic_view body, uint64_t *number)
{
    size_t n = 0;
    struct line **at = &m->lines;
    for (; *at; at = &(*at)->next)
        n++;
    if (n >= SAY_QUEUE_MAX)
        return IC_ERR_LIMIT;
    struct line *l = ic_new(struct line);
    if (!l)
        return IC_ERR_NOMEM;
    l->body.max = IC_MEETING_SAY_MAX;
    ic_err e = ic_buf_append(&l->body, body);
    if (e != IC_OK) {
        ic_free(l);
        return e;
    }
    l->kind = kind;
    l->number = *number = ++m->next_line;
    *at = l;
    ic_meeting_say_flush(m);
    ic_meeting_settle(m);
    return IC_OK;
}

/* One answer at a time is waited for: it tells of a stale epoch, and a stream of words fills nothing. */
static ic_err say_now(struct ic_meeting *m, uint16_t kind, struct ic_view body)
{
    IC_BUF_SCOPE(sealed, 1 << 16);
    struct app_message a = {.kind = kind,
                            .life = m->life,
                            .lines = m->lines_sent,
                            .time_ms = m->now_ms ? m->now_ms : 1,
                            .body = body};
    if (!may_say(m) || m->removals)
        return IC_ERR_STATE;
    IC_TRY(seal(m, &a, &sealed));
    send(m, ic_buf_view(&sealed), true, REQ_WORD, ic_mls_context(m->group)->epoch);
    show_own(m, kind, body, 0);
    return IC_OK;
}

ic_err ic_meeting_say(struct ic_meeting *m, uint16_t kind, struct ic_view body, bool transient,
                      uint64_t now_ms, uint64_t *number)
{
    uint64_t counted = 0;
    assert(kind >= APP_FIRST);
    m->now_ms = now_ms;
    if (m->over || !m->group)
        return IC_ERR_STATE;
    if (body.len > IC_MEETING_SAY_MAX)
        return IC_ERR_LIMIT;
    if (transient)
        IC_TRY(say_now(m, kind, body));
    else
        IC_TRY(queue(m, kind, body, &counted));
    if (number)
        *number = counted;
    return IC_OK;
}

ic_err ic_meeting_chat(struct ic_meeting *m, struct ic_view text, uint64_t now_ms)
{
    uint64_t number;
    m->now_ms = now_ms;
    if (m->over || !m->group)
        return IC_ERR_STATE;
    if (text.len > CHAT_MAX)
        return IC_ERR_LIMIT;
    if (!ic_meeting_app_text_ok(text))
        return IC_ERR_MALFORMED;
    return queue(m, APP_CHAT, text, &number);
}

void ic_meeting_say_tick(struct ic_meeting *m)
{
    struct line *l = m->lines;
    if (l && l->sent && !l->told && m->now_ms >= l->sent_ms + ANSWER_MS) {
        l->told = true;
        ic_meeting_alert(m, "chat-withheld", IC_MLSPUB_NO_LEAF,
                         "Your line is not confirmed by the server.");
    }
    if (m->say_at_ms <= m->now_ms)
        ic_meeting_say_flush(m);
}

bool ic_meeting_say_beat(struct ic_meeting *m)
{
    IC_BUF_SCOPE(sealed, 1 << 16);
    struct app_message a = {
        .kind = APP_HEARTBEAT, .life = m->life, .lines = m->lines_sent, .time_ms = m->now_ms};
    if (!may_say(m) || seal(m, &a, &sealed) != IC_OK)
        return false;
    send(m, ic_buf_view(&sealed), true, REQ_BEAT, ic_mls_context(m->group)->epoch);
    return true;
}

#include "internal.h"
#include <ic/base/mem.h>
#include <string.h>

ic_err ic_meeting_set_buf(struct ic_buf *b, struct ic_view v)
{
    IC_BUF_SCOPE(fresh, IC_WIRE_MAX);
    IC_TRY(ic_buf_append(&fresh, v));
    b->max = IC_WIRE_MAX;
    ic_buf_move(b, &fresh);
    return IC_OK;
}

void ic_meeting_send_frame(struct ic_meeting *m, struct ic_wire_frame *f)
{
    if (m->conn == CONN_DOWN || m->out_count >= QUEUE_MAX)
        return;
    struct out_frame *o = ic_new(struct out_frame);
    if (!o)
        return;
    ic_buf_init(&o->bytes, IC_WIRE_MAX);
    if (ic_wire_encode(f, &o->bytes) != IC_OK) {
        ic_buf_clear(&o->bytes);
        ic_free(o);
        return;
    }
    *m->out_last = o;
    m->out_last = &o->next;
    m->out_count++;
}

/* Of heartbeats only the last one's answer matters, of words for the moment only the oldest one's: a
 * server that answers none fills nothing. */
static void note_request(struct ic_meeting *m, struct request r)
{
    if (r.kind == REQ_WORD && ic_meeting_has_request(m, REQ_WORD))
        return;
    for (size_t i = 0; r.kind == REQ_BEAT && i < m->request_count; i++) {
        if (m->requests[i].kind == REQ_BEAT) {
            m->requests[i] = r;
            return;
        }
    }
    if (m->request_count < IC_ARRAY_LEN(m->requests))
        m->requests[m->request_count++] = r;
}

void ic_meeting_send_request(struct ic_meeting *m, struct ic_wire_frame *f, enum request_kind kind,
                             uint64_t arg)
{
    bool full = m->request_count == IC_ARRAY_LEN(m->requests);
    if (m->conn == CONN_DOWN || (full && kind != REQ_BEAT && kind != REQ_WORD))
        return;
    f->request = ++m->next_request ? m->next_request : ++m->next_request;
    note_request(m, (struct request){f->request, kind, arg});
    ic_meeting_send_frame(m, f);
}

bool ic_meeting_take_request(struct ic_meeting *m, uint32_t number, struct request *out)
{
    for (size_t i = 0; i < m->request_count; i++) {
        if (m->requests[i].number != number)
            continue;
        *out = m->requests[i];
        m->request_count--;
        memmove(&m->requests[i], &m->requests[i + 1], (m->request_count - i) * sizeof *m->requests);
        return true;
    }
    return false;
}

bool ic_meeting_has_request(const struct ic_meeting *m, enum request_kind kind)
{
    for (size_t i = 0; i < m->request_count; i++)
        if (m->requests[i].kind == kind)
            return true;
    return false;
}

bool ic_meeting_next_frame(struct ic_meeting *m, struct ic_buf *out)
{
    struct out_frame *o = m->out_first;
    if (!o)
        return false;
    out->max = IC_WIRE_MAX;
    ic_buf_move(out, &o->bytes);
    m->out_first = o->next;
    m->out_count--;
    if (!m->out_first)
        m->out_last = &m->out_first;
    ic_free(o);
    return true;
}

void ic_meeting_drop_frames(struct ic_meeting *m)
{
    IC_BUF_SCOPE(frame, IC_WIRE_MAX);
    while (ic_meeting_next_frame(m, &frame))
        ;
}

/* ---- events ---- */

struct ic_meeting_event *ic_meeting_new_event(struct ic_meeting *m, enum ic_meeting_event_type type)
{
    static _Thread_local struct ic_meeting_event spare; /* without memory: told to nobody */
    struct out_event *o = m->ev_count < QUEUE_MAX ? ic_new(struct out_event) : NULL;
    if (!o) {
        ic_meeting_event_clear(&spare);
        spare = (struct ic_meeting_event){.type = type};
        spare.text.max = spare.frame.max = IC_WIRE_MAX;
        return &spare;
    }
    o->e.type = type;
    o->e.epoch = m->group ? ic_mls_context(m->group)->epoch : 0;
    o->e.person.leaf = IC_MLSPUB_NO_LEAF;
    o->e.text.max = o->e.frame.max = IC_WIRE_MAX;
    *m->ev_last = o;
    m->ev_last = &o->next;
    m->ev_count++;
    return &o->e;
}

bool ic_meeting_next_event(struct ic_meeting *m, struct ic_meeting_event *out)
{
    struct out_event *o = m->ev_first;
    if (!o)
        return false;
    *out = o->e;
    m->ev_first = o->next;
    m->ev_count--;
    if (!m->ev_first)
        m->ev_last = &m->ev_first;
    ic_free(o);
    return true;
}

void ic_meeting_event_clear(struct ic_meeting_event *e)
{
    ic_buf_clear_secret(&e->text);
    ic_buf_clear_secret(&e->frame); /* a token may be in it */
}

void ic_meeting_drop_events(struct ic_meeting *m)
{
    struct ic_meeting_event e;
    while (ic_meeting_next_event(m, &e))
        ic_meeting_event_clear(&e);
}

void ic_meeting_set_text(struct ic_meeting_event *e, const char *text)
{
    ic_buf_reset(&e->text);
    IC_IGNORE(ic_buf_append(&e->text, ic_view_cstr(text)));
}

void ic_meeting_set_rule(struct ic_meeting_event *e, const char *rule)
{
    size_t n = strnlen(rule, sizeof e->rule - 1);
    memcpy(e->rule, rule, n);
    e->rule[n] = '\0';
}

void ic_meeting_alert(struct ic_meeting *m, const char *rule, uint32_t leaf, const char *sentence)
{
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_ALERT);
    const struct person *p = ic_meeting_person_at(m, leaf);
    ic_meeting_set_rule(e, rule);
    ic_meeting_set_text(e, sentence);
    if (p)
        ic_meeting_person_show(m, p, &e->person);
}

void ic_meeting_end_meeting(struct ic_meeting *m, const char *rule, const char *sentence)
{
    if (m->over)
        return;
    m->over = true;
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_ENDED);
    ic_meeting_set_rule(e, rule);
    ic_meeting_set_text(e, sentence);
}

uint64_t ic_meeting_jitter(struct ic_meeting *m, uint64_t lo, uint64_t hi)
{
    uint8_t b[4];
    if (ic_rand_fill(&m->config.rand, b, sizeof b) != IC_OK)
        return m->now_ms + hi;
    return m->now_ms + lo + ic_load_u32(b) % (hi - lo);
}

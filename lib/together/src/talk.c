/* The meeting's events in, and what they mean out. */
#include "talk.h"
#include <ic/base/mem.h>
#include <string.h>

ic_err ic_together_talk_new(struct ic_together_talk **out)
{
    struct ic_together_talk *t = ic_new(struct ic_together_talk);
    if (!t)
        return IC_ERR_NOMEM;
    t->last = &t->first;
    t->due_ms = NEVER;
    *out = t;
    return IC_OK;
}

void ic_together_talk_free(struct ic_together_talk *t)
{
    struct ic_together_talk_event e;
    if (!t)
        return;
    while (ic_together_talk_next(t, &e))
        ic_together_talk_event_clear(&e);
    ic_free_secret(t->people, t->cap * sizeof *t->people);
    ic_free_secret(t->marks, t->mark_cap * sizeof *t->marks);
    ic_free(t);
}

/* ---- events ---- */

struct ic_together_talk_event *ic_together_talk_new_event(struct ic_together_talk *t,
                                                          enum ic_together_talk_event_type type)
{
    struct talk_event *n = t->event_count < EVENTS_MAX ? ic_new(struct talk_event) : NULL;
    if (!n)
        return NULL;
    n->e.type = type;
    n->e.text.max = IC_TOGETHER_TEXT_MAX;
    *t->last = n;
    t->last = &n->next;
    t->event_count++;
    return &n->e;
}

bool ic_together_talk_next(struct ic_together_talk *t, struct ic_together_talk_event *out)
{
    struct talk_event *n = t->first;
    if (!n)
        return false;
    *out = n->e;
    t->first = n->next;
    t->event_count--;
    if (!t->first)
        t->last = &t->first;
    ic_free(n);
    return true;
}

void ic_together_talk_event_clear(struct ic_together_talk_event *e)
{
    ic_buf_clear_secret(&e->text);
}

/* ---- what was said ---- */

static void on_line(struct ic_together_talk *t, const struct talker *p, uint64_t seq,
                    const struct ic_together_line *l)
{
    struct ic_together_talk_event *e = ic_together_talk_new_event(t, IC_TOGETHER_EV_LINE);
    if (!e)
        return;
    e->person = p->who;
    e->seq = seq;
    e->reply = l->reply;
    e->everybody = l->everybody;
    e->you = l->everybody && !p->who.self;
    for (size_t i = 0; i < l->mention_count; i++) {
        const struct talker *of = ic_together_talk_find(t, l->mentions[i]);
        if (!of)
            continue;
        e->mentions[e->mention_count++] = of->who.leaf;
        e->you = e->you || of->who.self;
    }
    IC_IGNORE(ic_buf_append(&e->text, l->text));
}

static void on_mark(struct ic_together_talk *t, const struct talker *p,
                    const struct ic_together_mark *m)
{
    struct ic_together_talk_event *e;
    if (!ic_together_marks_put(t, &p->who, m) ||
        !(e = ic_together_talk_new_event(t, IC_TOGETHER_EV_MARKS)))
        return;
    e->person = p->who;
    e->seq = m->seq;
    e->on = m->put;
    IC_IGNORE(ic_buf_append(&e->text, m->sign));
}

static void on_mute(struct ic_together_talk *t, const struct talker *p,
                    const struct ic_together_mute *m)
{
    const struct talker *of = m->everybody ? NULL : ic_together_talk_find(t, m->key);
    if (!p->who.host || (!m->everybody && !of))
        return;
    struct ic_together_talk_event *e = ic_together_talk_new_event(t, IC_TOGETHER_EV_MUTE);
    if (!e)
        return;
    e->person = p->who;
    e->everybody = m->everybody;
    e->leaf = of ? of->who.leaf : IC_TOGETHER_ALL;
    e->you = of ? of->who.self : !p->who.self;
}

static void on_reaction(struct ic_together_talk *t, struct talker *p,
                        const struct ic_together_reaction *r, uint64_t now_ms)
{
    struct ic_together_talk_event *e;
    if ((!p->who.self && !ic_together_talk_may_react(p, now_ms)) ||
        !(e = ic_together_talk_new_event(t, IC_TOGETHER_EV_REACTION)))
        return;
    e->person = p->who;
    IC_IGNORE(ic_buf_append(&e->text, r->sign));
}

static bool on_said(struct ic_together_talk *t, const struct ic_meeting_event *said,
                    uint64_t now_ms)
{
    struct ic_together_body b;
    if (ic_together_body_decode(said->kind, ic_buf_view(&said->text), &b) != IC_OK)
        return false;
    /* Somebody who said it and has gone since: lines stay, the rest is over. */
    struct talker gone = {.who = said->person};
    struct talker *p = ic_together_talk_find(t, said->person.key_hash);
    if (p)
        p->who = said->person;
    else
        p = &gone;
    if (b.kind == IC_TOGETHER_LINE)
        on_line(t, p, said->number, &b.line);
    else if (b.kind == IC_TOGETHER_MARK)
        on_mark(t, p, &b.mark);
    else if (p == &gone)
        return true;
    else if (b.kind == IC_TOGETHER_STATUS)
        ic_together_talk_tell(t, p, &b.status, now_ms);
    else if (b.kind == IC_TOGETHER_MUTE)
        on_mute(t, p, &b.mute);
    else if (b.kind == IC_TOGETHER_REACTION)
        on_reaction(t, p, &b.reaction, now_ms);
    else
        ic_together_talk_records(t, p, b.recording.on, false);
    return true;
}

/* ---- who is there ---- */

/* All tell a newcomer, each a little later than the others. */
static void on_joined(struct ic_together_talk *t, const struct ic_meeting_event *e, uint64_t now_ms)
{
    const struct talker *p = ic_together_talk_meet(t, &e->person);
    const struct talker *self = ic_together_talk_self(t);
    if (!p)
        return;
    if (e->person.self && t->own_set) {
        t->whole = true;
        t->due_ms = now_ms;
    } else if (!e->person.self && !e->flag && t->own_set && self && t->due_ms == NEVER) {
        t->due_ms = now_ms + NEWCOMER_MS + self->who.key_hash[0] * NEWCOMER_SPREAD_MS / 255;
    }
    ic_together_talk_frames_told(t);
}

bool ic_together_talk_take(struct ic_together_talk *t, const struct ic_meeting_event *e,
                           const struct ic_meeting *m, uint64_t now_ms)
{
    switch (e->type) {
    case IC_MEETING_EV_JOINED:
        on_joined(t, e, now_ms);
        return false;
    case IC_MEETING_EV_LEFT:
        ic_together_talk_part(t, e->person.key_hash);
        return false;
    case IC_MEETING_EV_WAITING: /* out of the group: what comes is another session */
        while (t->count)
            ic_together_talk_part(t, t->people[0].who.key_hash);
        return false;
    case IC_MEETING_EV_CODE:
    case IC_MEETING_EV_TERMS:
        ic_together_talk_refresh(t, m);
        return false;
    case IC_MEETING_EV_SAID:
        return on_said(t, e, now_ms);
    default:
        return false;
    }
}

/* In: what others said, whether any of it is missing, and whether it comes as what it is. */
#include "app.h"
#include "internal.h"

struct place { /* where a message came */
    uint64_t seq, epoch;
    bool fresh; /* not held back, by its sender's clock */
};

void ic_meeting_hear_show(struct ic_meeting *m, const struct person *p, uint16_t kind,
                          struct ic_view body, uint64_t epoch, uint64_t seq)
{
    bool chat = kind == APP_CHAT;
    struct ic_meeting_event *e =
        ic_meeting_new_event(m, chat ? IC_MEETING_EV_CHAT : IC_MEETING_EV_SAID);
    ic_meeting_person_show(m, p, &e->person);
    e->flag = e->person.self;
    e->kind = kind;
    e->epoch = epoch;
    e->number = seq;
    IC_IGNORE(ic_buf_append(&e->text, body));
}

static bool same_key(const struct person *a, const struct person *b)
{
    return ic_view_equal(ic_view(a->key, a->key_len), ic_view(b->key, b->key_len));
}

static bool has_gone(const struct ic_meeting *m, const struct person *then)
{
    for (size_t i = 0; i < m->person_count; i++) {
        const struct person *p = &m->people[i];
        if (p->to == NEVER && same_key(p, then))
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

/* Sign of life: a word with its sender's clock is one where it was not held back, a line always; but a
 * removed member keeps nobody calm. */
static void note_life(struct ic_meeting *m, const struct ic_mls_received *r,
                      const struct app_message *a, bool fresh)
{
    if (r->epoch == ic_mls_context(m->group)->epoch && (!a || ic_meeting_app_is_line(a) || fresh))
        ic_meeting_pulse_heard(m, r->sender.index);
}

/* A line outside the order, or in it what is for the moment: the server's doing, or a liar's. */
static bool fits(const struct app_message *a, uint64_t seq)
{
    return a->kind == APP_HEARTBEAT || ic_meeting_app_is_line(a) == (seq != 0);
}

/* now: who sits there now, where that is still the speaker; else NULL. */
static void take(struct ic_meeting *m, const struct person *then, struct person *now,
                 const struct app_message *a, struct place at)
{
    if (!fits(a, at.seq)) {
        ic_meeting_alert(m, "message-kind", then->leaf, "A message did not come as what it is.");
    } else if (ic_meeting_app_is_line(a)) {
        if (!now || ic_meeting_lines_take(m, now, a->life, a->lines))
            ic_meeting_hear_show(m, then, a->kind, a->body, at.epoch, at.seq);
    } else {
        if (now)
            ic_meeting_lines_told(m, now, a->life, a->lines);
        if (a->kind != APP_HEARTBEAT && at.fresh)
            ic_meeting_hear_show(m, then, a->kind, a->body, at.epoch, 0);
    }
}

void ic_meeting_hear_application(struct ic_meeting *m, const struct ic_mls_received *r,
                                 uint64_t seq)
{
    struct app_message a;
    ic_err e = ic_meeting_app_decode(ic_buf_view(&r->application), &a);
    const struct person *then = ic_meeting_person_of(m, r->sender.index, r->epoch);
    struct person *now = then ? ic_meeting_person_at(m, then->leaf) : NULL;
    if (now && now->from > r->epoch && !same_key(now, then))
        now = NULL; /* the leaf is somebody else's now */
    bool timed = e == IC_OK && !ic_meeting_app_is_line(&a);
    bool fresh = timed && now && ic_meeting_pulse_fresh(m, now, a.time_ms);
    note_life(m, r, e == IC_OK ? &a : NULL, fresh);
    if (e == IC_ERR_MALFORMED || e == IC_ERR_TRUNCATED || e == IC_ERR_TRAILING)
        ic_meeting_alert(m, "message-malformed", r->sender.index, "A message could not be read.");
    if (e != IC_OK || !then)
        return;
    if (has_gone(m, then)) {
        refuse_late(m, then);
        return;
    }
    take(m, then, now, &a, (struct place){seq, r->epoch, fresh});
}

/* Between a meeting and the three objects that do not know of it. */
#include "desk.h"

#include <ic/base/mem.h>
#include <ic/together/kinds.h>
#include <string.h>

enum { RETRY_MS = 200, WORDS_MAX = 64 };

struct word {
    uint8_t *p;
    size_t len;
};

struct ic_together_desk {
    struct ic_together_board *board;
    struct ic_together_annot *annot;
    struct ic_together_control *control;
    struct word words[WORDS_MAX]; /* annotation, until it is said */
    size_t word_count;
    uint64_t self, retry_ms;
    bool in, ask;
};

ic_err ic_together_desk_new(const struct ic_rand *rand, struct ic_together_desk **out)
{
    struct ic_together_desk *d = ic_new(struct ic_together_desk);
    if (!d)
        return IC_ERR_NOMEM;
    d->retry_ms = UINT64_MAX;
    ic_err e = ic_together_board_new(rand, &d->board);
    if (e == IC_OK)
        e = ic_together_annot_new(&d->annot);
    if (e == IC_OK)
        e = ic_together_control_new(rand, &d->control);
    if (e != IC_OK) {
        ic_together_desk_free(d);
        return e;
    }
    *out = d;
    return IC_OK;
}

void ic_together_desk_free(struct ic_together_desk *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->word_count; i++)
        ic_free(d->words[i].p);
    ic_together_board_free(d->board);
    ic_together_annot_free(d->annot);
    ic_together_control_free(d->control);
    ic_free(d);
}

struct ic_together_board *ic_together_desk_board(struct ic_together_desk *d)
{
    return d->board;
}

struct ic_together_annot *ic_together_desk_annot(struct ic_together_desk *d)
{
    return d->annot;
}

struct ic_together_control *ic_together_desk_control(struct ic_together_desk *d)
{
    return d->control;
}

/* ---- people ---- */

uint64_t ic_together_author(const uint8_t key_hash[32])
{
    return ic_load_u64(key_hash);
}

bool ic_together_person(const struct ic_meeting *m, uint64_t author, struct ic_meeting_person *out)
{
    struct ic_meeting_person p;
    for (size_t i = 0; author && ic_meeting_person(m, i, &p); i++)
        if (ic_together_author(p.key_hash) == author) {
            *out = p;
            return true;
        }
    return false;
}

uint64_t ic_together_author_at(const struct ic_meeting *m, uint32_t leaf)
{
    struct ic_meeting_person p;
    for (size_t i = 0; ic_meeting_person(m, i, &p); i++)
        if (p.leaf == leaf)
            return ic_together_author(p.key_hash);
    return 0;
}

struct crowd {
    uint64_t self;
    size_t others;
    uint32_t before_us;
};

/* Who is here and connected, the speaker apart. */
static struct crowd crowd_of(const struct ic_meeting *m, uint32_t speaker)
{
    struct crowd c = {0};
    struct ic_meeting_person p;
    uint32_t own = ic_meeting_own_leaf(m);
    for (size_t i = 0; ic_meeting_person(m, i, &p); i++) {
        if (p.self)
            c.self = ic_together_author(p.key_hash);
        else if (!p.away && p.leaf != speaker) {
            c.others++;
            c.before_us += p.leaf < own;
        }
    }
    return c;
}

/* ---- following ---- */

static bool in_group(enum ic_meeting_state s)
{
    return s == IC_MEETING_E2EE || s == IC_MEETING_COMPARE || s == IC_MEETING_UPDATING;
}

/* We are in: who we are, and what is on the board. Also when we have missed something. */
static void enter(struct ic_together_desk *d, struct ic_meeting *m, uint64_t now_ms)
{
    struct crowd c = crowd_of(m, UINT32_MAX);
    if (!in_group(ic_meeting_state(m)) || !c.self || (d->in && !d->ask))
        return;
    d->in = true;
    d->ask = false;
    d->self = c.self;
    ic_together_board_self(d->board, c.self);
    ic_together_annot_self(d->annot, c.self);
    ic_together_control_self(d->control, c.self);
    ic_together_board_enter(d->board, c.others > 0, now_ms);
}

static void said(struct ic_together_desk *d, struct ic_meeting *m, const struct ic_meeting_event *e,
                 uint64_t now_ms)
{
    uint64_t author = ic_together_author(e->person.key_hash);
    struct ic_view body = ic_buf_view(&e->text);
    if (e->kind >= IC_TOGETHER_BOARD_OP && e->kind <= IC_TOGETHER_BOARD_PIECE) {
        struct ic_together_board_from from = {author, e->person.leaf, e->person.self,
                                              crowd_of(m, e->person.leaf).before_us};
        ic_together_board_said(d->board, &from, e->kind, body, e->number, now_ms);
    } else if (e->kind == IC_TOGETHER_ANNOTATION) {
        struct ic_together_annot_from from = {author, e->person.host};
        ic_together_annot_said(d->annot, &from, body, now_ms);
    } else if (e->kind >= IC_TOGETHER_CONTROL_REQUEST && e->kind <= IC_TOGETHER_CONTROL_INPUT) {
        struct ic_together_control_from from = {author, e->person.self, e->person.host};
        ic_together_control_said(d->control, &from, e->kind, body, e->number, now_ms);
    }
}

/* Who comes does not know which pictures must not be drawn on. */
static void tell_switches(struct ic_together_desk *d)
{
    uint64_t target;
    for (size_t i = 0; ic_together_annot_off_by_us(d->annot, i, &target); i++) {
        IC_BUF_SCOPE(body, 64);
        if (ic_together_annot_switch_encode(target, false, &body) == IC_OK)
            IC_IGNORE(ic_together_desk_draw(d, ic_buf_view(&body)));
    }
}

static void left(struct ic_together_desk *d, const struct ic_meeting *m,
                 const struct ic_meeting_event *e)
{
    struct ic_meeting_person p;
    uint64_t author = ic_together_author(e->person.key_hash);
    if (e->person.self || ic_together_person(m, author, &p))
        return; /* another device of theirs has come in its place */
    ic_together_annot_left(d->annot, author);
    ic_together_control_left(d->control, author);
}

bool ic_together_desk_meeting(struct ic_together_desk *d, struct ic_meeting *m,
                              const struct ic_meeting_event *e, uint64_t now_ms)
{
    switch (e->type) {
    case IC_MEETING_EV_SAID:
        said(d, m, e, now_ms);
        break;
    case IC_MEETING_EV_LEFT:
        left(d, m, e);
        break;
    case IC_MEETING_EV_JOINED:
        if (e->person.self && d->in)
            d->ask = true; /* we were away for a stretch of the order */
        else if (!e->flag)
            tell_switches(d);
        break;
    case IC_MEETING_EV_AWAY:
        if (e->flag)
            ic_together_control_away(d->control, ic_together_author(e->person.key_hash));
        break;
    case IC_MEETING_EV_ALERT: /* lines of others did not come, or a stretch of the order */
        if (strcmp(e->rule, "lines-missing") == 0)
            d->ask = true;
        break;
    case IC_MEETING_EV_STATE:
        if (e->state == IC_MEETING_CUT_OFF)
            d->ask = true;
        break;
    default:
        break;
    }
    enter(d, m, now_ms);
    return e->type == IC_MEETING_EV_SAID && e->kind >= IC_TOGETHER_BOARD_OP &&
           e->kind <= IC_TOGETHER_CONTROL_INPUT;
}

/* ---- saying ---- */

ic_err ic_together_desk_draw(struct ic_together_desk *d, struct ic_view annotation)
{
    if (d->word_count == WORDS_MAX)
        return IC_ERR_LIMIT;
    uint8_t *p = ic_memdup(annotation.p, annotation.len);
    if (!p)
        return IC_ERR_NOMEM;
    d->words[d->word_count++] = (struct word){p, annotation.len};
    return IC_OK;
}

/* False: not now. What can never be said is dropped. */
static bool say(struct ic_meeting *m, uint16_t kind, bool transient, struct ic_view body,
                uint64_t now_ms)
{
    ic_err e = ic_meeting_say(m, kind, body, transient, now_ms, NULL);
    return e != IC_ERR_STATE && e != IC_ERR_LIMIT && e != IC_ERR_NOMEM;
}

static bool say_all(struct ic_together_desk *d, struct ic_meeting *m, uint64_t now_ms)
{
    uint16_t kind;
    bool transient;
    struct ic_view v;
    while ((v = ic_together_control_next_body(d->control, &kind, &transient)).len) {
        if (!say(m, kind, transient, v, now_ms))
            return false;
        ic_together_control_took(d->control);
    }
    while ((v = ic_together_board_next_body(d->board, &kind, &transient)).len) {
        if (!say(m, kind, transient, v, now_ms))
            return false;
        ic_together_board_took(d->board);
    }
    while (d->word_count) {
        struct word w = d->words[0];
        if (!say(m, IC_TOGETHER_ANNOTATION, true, ic_view(w.p, w.len), now_ms))
            return false;
        ic_free(w.p);
        memmove(d->words, d->words + 1, --d->word_count * sizeof d->words[0]);
    }
    return true;
}

void ic_together_desk_run(struct ic_together_desk *d, struct ic_meeting *m, uint64_t now_ms)
{
    ic_together_board_tick(d->board, now_ms);
    ic_together_annot_tick(d->annot, now_ms);
    d->retry_ms = !d->in || say_all(d, m, now_ms) ? UINT64_MAX : now_ms + RETRY_MS;
}

uint64_t ic_together_desk_deadline_ms(const struct ic_together_desk *d)
{
    uint64_t at = d->retry_ms, other = ic_together_board_deadline_ms(d->board);
    at = other < at ? other : at;
    other = ic_together_annot_deadline_ms(d->annot);
    return other < at ? other : at;
}

bool ic_together_desk_next(struct ic_together_desk *d, struct ic_together_desk_event *out)
{
    out->what = IC_TOGETHER_DESK_CONTROL;
    if (ic_together_control_next_event(d->control, &out->control))
        return true;
    out->what = IC_TOGETHER_DESK_ANNOT;
    if (ic_together_annot_next_event(d->annot, &out->annot))
        return true;
    out->what = IC_TOGETHER_DESK_BOARD;
    return ic_together_board_next_event(d->board, &out->board);
}

ic_err ic_together_desk_json(const struct ic_together_desk *d, const struct ic_meeting *m,
                             const struct ic_together_desk_event *e, uint64_t now_ms,
                             struct ic_buf *out)
{
    switch (e->what) {
    case IC_TOGETHER_DESK_BOARD:
        return ic_together_board_json(d->board, m, &e->board, now_ms, out);
    case IC_TOGETHER_DESK_ANNOT:
        return ic_together_annot_json(d->annot, m, &e->annot, now_ms, out);
    default:
        return ic_together_control_json(m, &e->control, now_ms, out);
    }
}

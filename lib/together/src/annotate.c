/* What is drawn over pictures now, who may, and when it fades. */
#include "annotate.h"

#include <ic/base/mem.h>
#include <string.h>

enum { EVENTS_MAX = 64, OFF_MAX = 64, SHARE = IC_TOGETHER_ANNOT_STROKES / 8 };

/* A stroke as it is kept: its points are not needed again. */
struct kept {
    uint64_t target, author, until_ms;
    uint32_t number;
};

struct ic_together_annot {
    uint64_t self;
    struct kept strokes[IC_TOGETHER_ANNOT_STROKES];
    size_t count;
    struct {
        uint64_t target;
        bool ours;
    } off[OFF_MAX];
    size_t off_count;
    struct ic_together_annot_event *events[EVENTS_MAX];
    size_t event_first, event_count;
};

ic_err ic_together_annot_new(struct ic_together_annot **out)
{
    struct ic_together_annot *a = ic_new(struct ic_together_annot);
    if (!a)
        return IC_ERR_NOMEM;
    *out = a;
    return IC_OK;
}

void ic_together_annot_free(struct ic_together_annot *a)
{
    struct ic_together_annot_event e;
    while (a && ic_together_annot_next_event(a, &e))
        ;
    ic_free(a);
}

void ic_together_annot_self(struct ic_together_annot *a, uint64_t author)
{
    a->self = author;
}

/* ---- events ---- */

/* What nobody fetches makes room for what is newer. */
static void tell(struct ic_together_annot *a, const struct ic_together_annot_event *e)
{
    struct ic_together_annot_event *copy = ic_memdup(e, sizeof *e);
    if (!copy)
        return;
    if (a->event_count == EVENTS_MAX) {
        ic_free(a->events[a->event_first]);
        a->event_first = (a->event_first + 1) % EVENTS_MAX;
        a->event_count--;
    }
    a->events[(a->event_first + a->event_count++) % EVENTS_MAX] = copy;
}

bool ic_together_annot_next_event(struct ic_together_annot *a, struct ic_together_annot_event *out)
{
    if (a->event_count == 0)
        return false;
    struct ic_together_annot_event *e = a->events[a->event_first];
    *out = *e;
    ic_free(e);
    a->event_first = (a->event_first + 1) % EVENTS_MAX;
    a->event_count--;
    return true;
}

static void refuse(struct ic_together_annot *a, uint64_t author, const char *rule)
{
    struct ic_together_annot_event e = {
        .type = IC_TOGETHER_ANNOT_REFUSED, .author = author, .rule = rule};
    tell(a, &e);
}

/* ---- strokes ---- */

static void drop(struct ic_together_annot *a, size_t i)
{
    a->strokes[i] = a->strokes[--a->count];
}

/* Where author is 0, everybody's; where target is 0, on any picture. */
static void drop_those(struct ic_together_annot *a, uint64_t target, uint64_t author)
{
    for (size_t i = a->count; i-- > 0;)
        if ((!target || a->strokes[i].target == target) &&
            (!author || a->strokes[i].author == author))
            drop(a, i);
}

static void clear(struct ic_together_annot *a, uint64_t target, uint64_t author)
{
    struct ic_together_annot_event e = {
        .type = IC_TOGETHER_ANNOT_CLEARED, .target = target, .author = author};
    drop_those(a, target, author);
    tell(a, &e);
}

static size_t find(const struct ic_together_annot *a, uint64_t author, uint32_t number)
{
    size_t i = 0;
    while (i < a->count && (a->strokes[i].author != author || a->strokes[i].number != number))
        i++;
    return i;
}

static size_t count_of(const struct ic_together_annot *a, uint64_t author)
{
    size_t n = 0;
    for (size_t i = 0; i < a->count; i++)
        n += a->strokes[i].author == author;
    return n;
}

static void draw(struct ic_together_annot *a, uint64_t author, struct annot_body *b,
                 uint64_t now_ms)
{
    size_t i = find(a, author, b->stroke.number);
    if (i == a->count) {
        if (a->count == IC_TOGETHER_ANNOT_STROKES || count_of(a, author) == SHARE) {
            refuse(a, author, "annotation-full");
            return;
        }
        a->count++;
    }
    b->stroke.target = b->target;
    b->stroke.author = author;
    a->strokes[i] =
        (struct kept){.target = b->target,
                      .author = author,
                      .number = b->stroke.number,
                      .until_ms = b->stroke.keep ? UINT64_MAX : now_ms + IC_TOGETHER_ANNOT_FADE_MS};
    struct ic_together_annot_event e = {.type = IC_TOGETHER_ANNOT_STROKE,
                                        .target = b->target,
                                        .author = author,
                                        .number = b->stroke.number,
                                        .stroke = b->stroke};
    tell(a, &e);
}

/* ---- off and on ---- */

static size_t find_off(const struct ic_together_annot *a, uint64_t target)
{
    size_t i = 0;
    while (i < a->off_count && a->off[i].target != target)
        i++;
    return i;
}

bool ic_together_annot_is_on(const struct ic_together_annot *a, uint64_t target)
{
    return find_off(a, target) == a->off_count;
}

bool ic_together_annot_off_by_us(const struct ic_together_annot *a, size_t i, uint64_t *target)
{
    for (size_t k = 0; k < a->off_count; k++)
        if (a->off[k].ours && i-- == 0) {
            *target = a->off[k].target;
            return true;
        }
    return false;
}

static void turn(struct ic_together_annot *a, uint64_t author, uint64_t target, bool on)
{
    size_t i = find_off(a, target);
    bool was_on = i == a->off_count;
    if (on && !was_on)
        a->off[i] = a->off[--a->off_count];
    if (!on && (!was_on || a->off_count < OFF_MAX)) {
        a->off[i].target = target;
        a->off[i].ours = author == a->self;
        a->off_count += was_on;
    }
    if (was_on == on)
        return; /* said again, for who came */
    struct ic_together_annot_event e = {
        .type = IC_TOGETHER_ANNOT_SWITCHED, .target = target, .author = author, .on = on};
    tell(a, &e);
    if (!on)
        clear(a, target, 0);
}

/* ---- what is said ---- */

void ic_together_annot_said(struct ic_together_annot *a, const struct ic_together_annot_from *from,
                            struct ic_view body, uint64_t now_ms)
{
    struct annot_body b = {0};
    ic_err e = ic_together_annot_body_read(body, &b);
    bool owner = from->author == b.target;
    if (e != IC_OK)
        refuse(a, from->author,
               e == IC_ERR_UNSUPPORTED ? "annotation-version" : "annotation-malformed");
    else if (b.what == ANNOT_CLEAR)
        clear(a, b.target, owner ? 0 : from->author);
    else if (b.what == ANNOT_SWITCH && (owner || from->host))
        turn(a, from->author, b.target, b.on);
    else if (b.what == ANNOT_SWITCH)
        refuse(a, from->author, "annotation-not-yours");
    else if (!ic_together_annot_is_on(a, b.target))
        refuse(a, from->author, "annotation-off");
    else
        draw(a, from->author, &b, now_ms);
}

void ic_together_annot_left(struct ic_together_annot *a, uint64_t author)
{
    size_t i = find_off(a, author);
    if (i < a->off_count)
        a->off[i] = a->off[--a->off_count];
    clear(a, author, 0);
    clear(a, 0, author);
}

void ic_together_annot_tick(struct ic_together_annot *a, uint64_t now_ms)
{
    for (size_t i = a->count; i-- > 0;) {
        if (a->strokes[i].until_ms > now_ms)
            continue;
        struct ic_together_annot_event e = {.type = IC_TOGETHER_ANNOT_GONE,
                                            .target = a->strokes[i].target,
                                            .author = a->strokes[i].author,
                                            .number = a->strokes[i].number};
        drop(a, i);
        tell(a, &e);
    }
}

uint64_t ic_together_annot_deadline_ms(const struct ic_together_annot *a)
{
    uint64_t at = UINT64_MAX;
    for (size_t i = 0; i < a->count; i++)
        at = a->strokes[i].until_ms < at ? a->strokes[i].until_ms : at;
    return at;
}

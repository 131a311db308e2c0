/* Who is there, and what each device last told of itself. */
#include "talk.h"
#include <ic/base/mem.h>
#include <string.h>

struct talker *ic_together_talk_find(const struct ic_together_talk *t,
                                     const uint8_t key[IC_TOGETHER_KEY])
{
    for (size_t i = 0; i < t->count; i++)
        if (memcmp(t->people[i].who.key_hash, key, IC_TOGETHER_KEY) == 0)
            return &t->people[i];
    return NULL;
}

struct talker *ic_together_talk_at(const struct ic_together_talk *t, uint32_t leaf)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->people[i].who.leaf == leaf)
            return &t->people[i];
    return NULL;
}

struct talker *ic_together_talk_self(const struct ic_together_talk *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->people[i].who.self)
            return &t->people[i];
    return NULL;
}

static bool grow(struct ic_together_talk *t)
{
    size_t cap = t->cap ? t->cap * 2 : 16;
    if (t->count < t->cap)
        return true;
    if (t->count >= PEOPLE_MAX)
        return false;
    struct talker *people = ic_realloc(t->people, cap, sizeof *people);
    if (!people)
        return false;
    t->people = people;
    t->cap = cap;
    return true;
}

struct talker *ic_together_talk_meet(struct ic_together_talk *t,
                                     const struct ic_meeting_person *who)
{
    struct talker *p = ic_together_talk_find(t, who->key_hash);
    if (!p && grow(t)) {
        p = &t->people[t->count++];
        *p = (struct talker){0};
    }
    if (p)
        p->who = *who;
    return p;
}

void ic_together_talk_part(struct ic_together_talk *t, const uint8_t key[IC_TOGETHER_KEY])
{
    struct talker *p = ic_together_talk_find(t, key);
    if (!p)
        return;
    bool hand = p->told && p->status.hand_ms;
    ic_together_talk_records(t, p, false, false);
    size_t at = (size_t)(p - t->people);
    t->count--;
    memmove(p, p + 1, (t->count - at) * sizeof *p);
    if (hand)
        ic_together_talk_new_event(t, IC_TOGETHER_EV_HANDS);
    ic_together_talk_frames_told(t);
}

void ic_together_talk_refresh(struct ic_together_talk *t, const struct ic_meeting *m)
{
    struct ic_meeting_person who;
    for (size_t i = 0; m && ic_meeting_person(m, i, &who); i++) {
        struct talker *p = ic_together_talk_find(t, who.key_hash);
        if (p)
            p->who = who;
    }
}

/* ---- status ---- */

void ic_together_talk_records(struct ic_together_talk *t, struct talker *p, bool on, bool present)
{
    if (p->recording == on)
        return;
    p->recording = on;
    struct ic_together_talk_event *e = ic_together_talk_new_event(t, IC_TOGETHER_EV_RECORDING);
    if (!e)
        return;
    e->person = p->who;
    e->on = on;
    e->present = present;
}

void ic_together_talk_tell(struct ic_together_talk *t, struct talker *p,
                           const struct ic_together_status *s, uint64_t now_ms)
{
    if (p->told && s->change <= p->status.change)
        return;
    bool present = !p->told;
    bool hand = (p->told ? p->status.hand_ms : 0) != s->hand_ms;
    p->status = *s;
    p->told = true;
    if (p->status.hand_ms > now_ms)
        p->status.hand_ms = now_ms; /* nobody comes later by a clock that is ahead */
    struct ic_together_talk_event *e = ic_together_talk_new_event(t, IC_TOGETHER_EV_STATUS);
    if (e) {
        e->person = p->who;
        e->status = p->status;
    }
    if (hand)
        ic_together_talk_new_event(t, IC_TOGETHER_EV_HANDS);
    ic_together_talk_records(t, p, s->recording, present);
    ic_together_talk_frames_told(t);
}

bool ic_together_talk_status_of(const struct ic_together_talk *t, uint32_t leaf,
                                struct ic_together_status *out)
{
    const struct talker *p = ic_together_talk_at(t, leaf);
    if (!p || !p->told)
        return false;
    *out = p->status;
    return true;
}

/* Before b in the row of hands. */
static bool before(const struct talker *a, const struct talker *b)
{
    return a->status.hand_ms != b->status.hand_ms ? a->status.hand_ms < b->status.hand_ms
                                                  : a->who.leaf < b->who.leaf;
}

bool ic_together_talk_hand_at(const struct ic_together_talk *t, size_t i,
                              struct ic_meeting_person *out)
{
    for (size_t k = 0; k < t->count; k++) {
        const struct talker *p = &t->people[k];
        size_t earlier = 0;
        if (!p->told || !p->status.hand_ms)
            continue;
        for (size_t n = 0; n < t->count; n++)
            earlier += t->people[n].told && t->people[n].status.hand_ms && n != k &&
                       before(&t->people[n], p);
        if (earlier == i) {
            *out = p->who;
            return true;
        }
    }
    return false;
}

void ic_together_talk_frames(const struct ic_together_talk *t, bool *opaque, uint8_t *codecs)
{
    *opaque = true;
    *codecs = IC_TOGETHER_VP8 | IC_TOGETHER_VP9;
    for (size_t i = 0; i < t->count; i++) {
        const struct talker *p = &t->people[i];
        if (p->who.self)
            continue;
        *opaque = *opaque && (p->told ? p->status.opaque : !p->who.web);
        if (p->told)
            *codecs &= p->status.codecs;
        else if (p->who.web)
            *codecs &= IC_TOGETHER_VP8;
    }
}

void ic_together_talk_frames_told(struct ic_together_talk *t)
{
    bool opaque;
    uint8_t codecs;
    ic_together_talk_frames(t, &opaque, &codecs);
    if (t->frames_told && opaque == t->frames_opaque && codecs == t->frames_codecs)
        return;
    t->frames_told = true;
    t->frames_opaque = opaque;
    t->frames_codecs = codecs;
    struct ic_together_talk_event *e = ic_together_talk_new_event(t, IC_TOGETHER_EV_FRAMES);
    if (!e)
        return;
    e->on = opaque;
    e->codecs = codecs;
}

bool ic_together_talk_may_react(struct talker *p, uint64_t now_ms)
{
    if (now_ms >= p->reactions_ms + REACTIONS_MS || now_ms < p->reactions_ms) {
        p->reactions_ms = now_ms;
        p->reactions = 0;
    }
    return ++p->reactions <= REACTIONS_MAX;
}

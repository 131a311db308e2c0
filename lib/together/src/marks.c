/* Signs that people put on lines: bounded, the oldest goes first. */
#include "talk.h"
#include <ic/base/mem.h>
#include <string.h>

static struct ic_view sign_of(const struct mark *m)
{
    return ic_view(m->sign, m->sign_len);
}

static void drop(struct ic_together_talk *t, size_t i)
{
    t->mark_count--;
    memmove(&t->marks[i], &t->marks[i + 1], (t->mark_count - i) * sizeof *t->marks);
}

/* Room for one more of this sign on this line by this device? Counts what there is. */
static bool has_room(const struct ic_together_talk *t, const uint8_t *key,
                     const struct ic_together_mark *m)
{
    size_t own = 0, signs = 0;
    bool known = false;
    for (size_t i = 0; i < t->mark_count; i++) {
        const struct mark *k = &t->marks[i];
        if (k->seq != m->seq)
            continue;
        own += memcmp(k->key, key, IC_TOGETHER_KEY) == 0;
        known = known || ic_view_equal(sign_of(k), m->sign);
        signs++;
        for (size_t n = 0; n < i; n++)
            if (t->marks[n].seq == m->seq && ic_view_equal(sign_of(&t->marks[n]), sign_of(k))) {
                signs--;
                break;
            }
    }
    return own < MARKS_EACH && (known || signs < SIGNS_MAX);
}

static bool grow(struct ic_together_talk *t)
{
    if (t->mark_count < t->mark_cap)
        return true;
    if (t->mark_count == MARKS_MAX) {
        drop(t, 0);
        return true;
    }
    size_t cap = t->mark_cap ? t->mark_cap * 2 : 16;
    struct mark *marks = ic_realloc(t->marks, cap, sizeof *marks);
    if (!marks)
        return false;
    t->marks = marks;
    t->mark_cap = cap;
    return true;
}

bool ic_together_marks_put(struct ic_together_talk *t, const struct ic_meeting_person *who,
                           const struct ic_together_mark *m)
{
    for (size_t i = 0; i < t->mark_count; i++) {
        const struct mark *k = &t->marks[i];
        if (k->seq != m->seq || memcmp(k->key, who->key_hash, IC_TOGETHER_KEY) != 0 ||
            !ic_view_equal(sign_of(k), m->sign))
            continue;
        if (!m->put)
            drop(t, i);
        return !m->put;
    }
    if (!m->put || m->sign.len > IC_TOGETHER_SIGN_MAX || !has_room(t, who->key_hash, m) || !grow(t))
        return false;
    struct mark *k = &t->marks[t->mark_count++];
    *k = (struct mark){.seq = m->seq, .sign_len = (uint8_t)m->sign.len, .own = who->self};
    memcpy(k->key, who->key_hash, IC_TOGETHER_KEY);
    memcpy(k->sign, m->sign.p, m->sign.len);
    memcpy(k->name, who->name, sizeof k->name);
    return true;
}

/* ---- looking ---- */

static bool first_of_sign(const struct ic_together_talk *t, size_t i)
{
    for (size_t n = 0; n < i; n++)
        if (t->marks[n].seq == t->marks[i].seq &&
            ic_view_equal(sign_of(&t->marks[n]), sign_of(&t->marks[i])))
            return false;
    return true;
}

bool ic_together_talk_marks(const struct ic_together_talk *t, uint64_t seq, size_t i,
                            struct ic_together_marks *out)
{
    for (size_t k = 0; k < t->mark_count; k++) {
        if (t->marks[k].seq != seq || !first_of_sign(t, k) || i-- > 0)
            continue;
        struct ic_together_marks found = {.sign = sign_of(&t->marks[k])};
        for (size_t n = k; n < t->mark_count; n++) {
            if (t->marks[n].seq != seq || !ic_view_equal(sign_of(&t->marks[n]), found.sign))
                continue;
            found.count++;
            found.own = found.own || t->marks[n].own;
        }
        *out = found;
        return true;
    }
    return false;
}

const char *ic_together_talk_marked_by(const struct ic_together_talk *t, uint64_t seq,
                                       struct ic_view sign, size_t k)
{
    for (size_t i = 0; i < t->mark_count; i++)
        if (t->marks[i].seq == seq && ic_view_equal(sign_of(&t->marks[i]), sign) && k-- == 0)
            return t->marks[i].name;
    return NULL;
}

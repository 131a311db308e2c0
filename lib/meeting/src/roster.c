#include "internal.h"
#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <string.h>

enum { FORMER_MAX = 512 }; /* people who left and whose names are still resolved */

struct person *ic_meeting_person_at(const struct ic_meeting *m, uint32_t leaf)
{
    for (size_t i = 0; i < m->person_count; i++)
        if (m->people[i].leaf == leaf && m->people[i].to == NEVER)
            return &m->people[i];
    return NULL;
}

const struct person *ic_meeting_person_of(const struct ic_meeting *m, uint32_t leaf, uint64_t epoch)
{
    for (size_t i = 0; i < m->person_count; i++) {
        const struct person *p = &m->people[i];
        if (p->leaf == leaf && p->from <= epoch && epoch < p->to)
            return p;
    }
    return NULL;
}

void ic_meeting_person_show(const struct ic_meeting *m, const struct person *p,
                            struct ic_meeting_person *out)
{
    struct ic_wire_terms t;
    struct ic_view key = ic_view(p->key, p->key_len);
    *out = p->who;
    out->leaf = p->leaf;
    out->away = p->away;
    out->self = ic_view_equal(key, ic_meeting_own_key(m));
    if (out->self)
        out->pinned = IC_MEETING_PIN_NONE;
    out->host = ic_meeting_current_terms(m, &t) && ic_rules_is_host(&t, key);
}

/* Room for one more; the oldest of those who left make it. */
static struct person *new_person(struct ic_meeting *m)
{
    if (m->person_count == m->person_cap) {
        size_t cap = m->person_cap ? 2 * m->person_cap : 32;
        struct person *p = ic_realloc(m->people, cap, sizeof *p);
        if (!p)
            return NULL;
        m->people = p;
        m->person_cap = cap;
    }
    size_t former = 0;
    for (size_t i = 0; i < m->person_count; i++)
        former += m->people[i].to != NEVER;
    for (size_t i = 0; former > FORMER_MAX && i < m->person_count; i++) {
        if (m->people[i].to == NEVER)
            continue;
        m->person_count--;
        memmove(&m->people[i], &m->people[i + 1], (m->person_count - i) * sizeof *m->people);
        break;
    }
    struct person *p = &m->people[m->person_count++];
    *p = (struct person){.to = NEVER};
    return p;
}

static void describe(struct ic_meeting *m, struct person *p, uint32_t index,
                     const struct ic_mlspub_leaf_node *leaf)
{
    p->leaf = index;
    /* It has a name, or it would not be in the group. */
    (void)ic_meeting_identity_show(m, leaf, &p->who, &p->until_s);
    ic_meeting_identity_hash(leaf, p->shown_hash);
    ic_meeting_verified_look(m, p, leaf);
    p->key_len = (uint8_t)leaf->signature_key.len;
    memcpy(p->key, leaf->signature_key.p, p->key_len);
    ic_meeting_verified_revoked(m, p);
}

void ic_meeting_roster_add(struct ic_meeting *m, uint32_t index, bool there_already)
{
    struct ic_mlspub_leaf_node leaf;
    if (ic_mls_leaf(m->group, index, &leaf) != IC_OK)
        return;
    struct person *p = new_person(m);
    if (!p)
        return;
    describe(m, p, index, &leaf);
    p->from = ic_mls_context(m->group)->epoch;
    p->heard_ms = m->now_ms;
    p->counted = !there_already;
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_JOINED);
    ic_meeting_person_show(m, p, &e->person);
    e->flag = there_already;
    if (!there_already && ic_meeting_identity_is_stranger(m, p))
        m->compared = false;
    if (!e->person.self)
        ic_meeting_pins_tell(m, p);
}

void ic_meeting_roster_left(struct ic_meeting *m, uint32_t leaf, const char *why)
{
    struct person *p = ic_meeting_person_at(m, leaf);
    if (!p)
        return;
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_LEFT);
    ic_meeting_person_show(m, p, &e->person);
    ic_meeting_set_rule(e, why);
    p->to = ic_mls_context(m->group)->epoch;
}

void ic_meeting_roster_moved(struct ic_meeting *m, uint32_t from, uint32_t to)
{
    struct person *was = ic_meeting_person_at(m, from);
    if (!was)
        return;
    uint64_t epoch = ic_mls_context(m->group)->epoch;
    struct person copy = *was;
    bool away = was->away;
    was->to = epoch;
    struct person *p = new_person(m);
    if (!p)
        return;
    *p = copy;
    p->leaf = to;
    p->from = epoch;
    p->to = NEVER;
    p->away = false;
    if (!away)
        return;
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_AWAY);
    ic_meeting_person_show(m, p, &e->person);
}

/* At our entry: whoever is in the tree. After a resync of ours only what changed is told. */
static bool still_there(struct ic_meeting *m, uint32_t leaf, const struct ic_mlspub_leaf_node *node)
{
    for (size_t i = 0; i < m->person_count; i++) {
        struct person *p = &m->people[i];
        if (p->to != NEVER || !ic_view_equal(ic_view(p->key, p->key_len), node->signature_key))
            continue;
        if (p->leaf != leaf)
            ic_meeting_roster_moved(m, p->leaf, leaf);
        ic_meeting_identity_refresh(m, leaf);
        return true;
    }
    return false;
}

static bool in_tree(const struct ic_meeting *m, const struct person *p)
{
    struct ic_mlspub_leaf_node leaf;
    return ic_mls_leaf(m->group, p->leaf, &leaf) == IC_OK &&
           ic_view_equal(leaf.signature_key, ic_view(p->key, p->key_len));
}

void ic_meeting_roster_fill(struct ic_meeting *m)
{
    struct ic_mlspub_leaf_node leaf;
    bool first = m->person_count == 0;
    for (uint32_t i = 0; i < ic_mls_leaf_count(m->group); i++)
        if (ic_mls_leaf(m->group, i, &leaf) == IC_OK && !still_there(m, i, &leaf))
            ic_meeting_roster_add(m, i, first);
    for (size_t i = 0; i < m->person_count; i++)
        if (m->people[i].to == NEVER && !in_tree(m, &m->people[i]))
            ic_meeting_roster_left(m, m->people[i].leaf, "left");
}

void ic_meeting_roster_clear(struct ic_meeting *m)
{
    ic_free(m->people);
    m->people = NULL;
    m->person_count = m->person_cap = 0;
}

void ic_meeting_roster_presence(struct ic_meeting *m, const struct ic_wire_presence *p)
{
    struct person *who = ic_meeting_person_at(m, p->leaf);
    bool away = p->state == IC_WIRE_AWAY;
    if (!who || who->away == away || who->leaf == ic_meeting_own_leaf(m))
        return;
    who->away = away;
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_AWAY);
    ic_meeting_person_show(m, who, &e->person);
    e->flag = away;
}

bool ic_meeting_roster_has_host(const struct ic_meeting *m, uint32_t but_leaf)
{
    struct ic_meeting_person shown;
    for (size_t i = 0; i < m->person_count; i++) {
        if (m->people[i].to != NEVER || m->people[i].leaf == but_leaf)
            continue;
        ic_meeting_person_show(m, &m->people[i], &shown);
        if (shown.host)
            return true;
    }
    return false;
}

bool ic_meeting_committer(const struct ic_meeting *m, struct ic_meeting_person *out)
{
    const struct person *p = m->group ? ic_meeting_person_at(m, m->committer) : NULL;
    if (!p)
        return false;
    ic_meeting_person_show(m, p, out);
    return true;
}

bool ic_meeting_person(const struct ic_meeting *m, size_t i, struct ic_meeting_person *out)
{
    for (size_t k = 0; k < m->person_count; k++) {
        if (m->people[k].to != NEVER || i-- > 0)
            continue;
        ic_meeting_person_show(m, &m->people[k], out);
        return true;
    }
    return false;
}

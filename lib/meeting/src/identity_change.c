/* How somebody is seen changes in mid-meeting: time goes by, certificates are renewed or revoked, pins are set. */
#include "internal.h"
#include <string.h>

static bool seen_otherwise(const struct ic_meeting_person *a, const struct ic_meeting_person *b)
{
    return a->identity != b->identity || a->pinned != b->pinned ||
           strcmp(a->reason, b->reason) != 0 || strcmp(a->vouched_by, b->vouched_by) != 0;
}

static void tell(struct ic_meeting *m, const struct person *p, const char *why)
{
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_IDENTITY);
    ic_meeting_person_show(m, p, &e->person);
    ic_meeting_set_rule(e, why);
}

/* A device that becomes a stranger must be compared with again. */
static void judge_again(struct ic_meeting *m, struct person *p,
                        const struct ic_mlspub_leaf_node *leaf, const char *why, bool renewed)
{
    struct ic_meeting_person before = p->who;
    bool was_stranger = ic_meeting_identity_is_stranger(m, p);
    if (!ic_meeting_identity_show(m, leaf, &p->who, &p->until_s))
        return;
    ic_meeting_verified_revoked(m, p);
    if (!renewed && !seen_otherwise(&before, &p->who))
        return;
    tell(m, p, why);
    if (before.pinned != p->who.pinned)
        ic_meeting_pins_tell(m, p);
    if (!was_stranger && ic_meeting_identity_is_stranger(m, p))
        m->compared = false;
}

/* ---- time goes by ---- */

static uint64_t due_ms(const struct person *p)
{
    return p->to != NEVER || p->until_s >= INT64_MAX / 1000 || p->until_s < 0
               ? NEVER
               : ((uint64_t)p->until_s + 1) * 1000;
}

uint64_t ic_meeting_identity_deadline(const struct ic_meeting *m)
{
    uint64_t at = NEVER;
    for (size_t i = 0; i < m->person_count; i++)
        if (due_ms(&m->people[i]) < at)
            at = due_ms(&m->people[i]);
    return at;
}

void ic_meeting_identity_tick(struct ic_meeting *m)
{
    struct ic_mlspub_leaf_node leaf;
    for (size_t i = 0; i < m->person_count; i++) {
        struct person *p = &m->people[i];
        if (due_ms(p) <= m->now_ms && m->group && ic_mls_leaf(m->group, p->leaf, &leaf) == IC_OK)
            judge_again(m, p, &leaf, "time", false);
    }
}

/* ---- what we know changes ---- */

void ic_meeting_identity_judge_all(struct ic_meeting *m, const char *why)
{
    struct ic_mlspub_leaf_node leaf;
    for (size_t i = 0; m->group && i < m->person_count; i++) {
        struct person *p = &m->people[i];
        if (p->to == NEVER && ic_mls_leaf(m->group, p->leaf, &leaf) == IC_OK)
            judge_again(m, p, &leaf, why, false);
    }
    ic_meeting_lobby_judge_all(m);
}

void ic_meeting_identity_changed(struct ic_meeting *m, uint64_t now_ms)
{
    m->now_ms = now_ms;
    if (m->over)
        return;
    ic_meeting_identity_judge_all(m, "trust");
    ic_meeting_settle(m);
}

/* ---- somebody shows another certificate ---- */

void ic_meeting_identity_hash(const struct ic_mlspub_leaf_node *leaf, uint8_t out[32])
{
    uint8_t parts[64];
    ic_hash_once(IC_SHA256, leaf->credential.identity, parts);
    ic_hash_once(IC_SHA256, leaf->extensions, parts + 32); /* the log's word for it */
    ic_hash_once(IC_SHA256, IC_VIEW_ARRAY(parts), out);
}

void ic_meeting_identity_refresh(struct ic_meeting *m, uint32_t index)
{
    struct ic_mlspub_leaf_node leaf;
    uint8_t hash[32];
    struct person *p = ic_meeting_person_at(m, index);
    if (!p || ic_mls_leaf(m->group, index, &leaf) != IC_OK)
        return;
    ic_meeting_identity_hash(&leaf, hash);
    if (memcmp(hash, p->shown_hash, sizeof hash) == 0)
        return;
    memcpy(p->shown_hash, hash, sizeof hash);
    ic_meeting_verified_look(m, p, &leaf);
    judge_again(m, p, &leaf, "renewed", true);
}

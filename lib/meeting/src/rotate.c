/* The group's keys by schedule: new ones whenever rotate_ms went by without any. One commit for the whole meeting: hosts
 * first, then the others, each after a time that it draws; who made the last change steps aside for the next, so that
 * over time the leaves of all are renewed. Any commit with a path counts, whatever it was for. */
#include "internal.h"

enum { FIRST_MS = 2000, ASIDE_MS = 5000, EACH_MS = 10 };

static uint64_t back_off(struct ic_meeting *m)
{
    uint64_t window = ASIDE_MS + (uint64_t)EACH_MS * ic_mls_member_count(m->group);
    uint64_t aside = m->committer == ic_mls_own_leaf(m->group) ? FIRST_MS + window : 0;
    if (ic_meeting_is_host(m))
        return ic_meeting_jitter(m, aside, aside + FIRST_MS) - m->now_ms;
    return ic_meeting_jitter(m, aside + FIRST_MS, aside + FIRST_MS + window) - m->now_ms;
}

void ic_meeting_rotate_begin(struct ic_meeting *m)
{
    m->rotating = false;
    m->rotate_at_ms = NEVER;
    if (m->config.rotate_ms && m->group)
        m->rotate_at_ms = m->now_ms + m->config.rotate_ms + back_off(m);
}

uint64_t ic_meeting_rotate_deadline(const struct ic_meeting *m)
{
    return m->group && m->conn == CONN_IN && m->in_step ? m->rotate_at_ms : NEVER;
}

void ic_meeting_rotate_tick(struct ic_meeting *m)
{
    if (ic_meeting_rotate_deadline(m) > m->now_ms)
        return;
    m->rotate_at_ms = NEVER; /* until a change of keys begins it anew */
    m->rotating = true;
    ic_meeting_want_soon(m, m->now_ms);
}

/* Signs of life: whoever hears nothing authenticated for three seconds says something; who hears nothing
 * for ten says that it is cut off, and stops sending.
 *
 * One heartbeat serves all but its sender, who must hear somebody too: so a member that hears one speaker
 * alone for three seconds answers. That is two heartbeats in three seconds for a quiet group of any
 * size.
 */
#include "internal.h"

static bool alone(const struct ic_meeting *m)
{
    return !m->group || ic_mls_member_count(m->group) < 2;
}

void ic_meeting_pulse_start(struct ic_meeting *m)
{
    m->heard_ms = m->said_ms = m->now_ms;
    m->cut_off = false;
    m->unknown_kid_ms = 0;
    m->beat_at_ms = ic_meeting_jitter(m, 1, 200); /* newcomers are heard at once */
}

static bool other_than(const struct ic_meeting *m, uint32_t leaf)
{
    if (m->now_ms < m->said_ms + HEARTBEAT_MS)
        return true;
    for (size_t i = 0; i < m->person_count; i++)
        if (m->people[i].to == NEVER && m->people[i].leaf != leaf &&
            m->people[i].leaf != ic_mls_own_leaf(m->group) &&
            m->now_ms < m->people[i].heard_ms + HEARTBEAT_MS)
            return true;
    return false;
}

void ic_meeting_pulse_heard(struct ic_meeting *m, uint32_t leaf)
{
    struct person *p = ic_meeting_person_at(m, leaf);
    if (!m->group || leaf == ic_mls_own_leaf(m->group))
        return;
    m->heard_ms = m->now_ms;
    if (p)
        p->heard_ms = m->now_ms;
    if (m->cut_off && !m->unknown_kid_ms) {
        m->cut_off = false;
        ic_meeting_alert(m, "heard-again", leaf, "The group is heard again.");
    }
    m->beat_at_ms = other_than(m, leaf) ? ic_meeting_jitter(m, HEARTBEAT_MS, HEARTBEAT_MS + 1000)
                                        : ic_meeting_jitter(m, 50, 800);
}

/* The least delay of the last minute or two: clocks that differ are no delay, and one that is set anew is
 * forgiven after that time. */
static int64_t least_delay(struct person *p, int64_t delay, uint64_t now_ms)
{
    if (!p->delay_since_ms) {
        p->delay_ms[0] = p->delay_ms[1] = delay;
        p->delay_since_ms = now_ms;
    } else if (now_ms >= p->delay_since_ms + DELAY_PERIOD_MS) {
        p->delay_ms[1] = p->delay_ms[0];
        p->delay_ms[0] = delay;
        p->delay_since_ms = now_ms;
    } else if (delay < p->delay_ms[0]) {
        p->delay_ms[0] = delay;
    }
    return p->delay_ms[0] < p->delay_ms[1] ? p->delay_ms[0] : p->delay_ms[1];
}

bool ic_meeting_pulse_fresh(const struct ic_meeting *m, struct person *p, uint64_t time_ms)
{
    int64_t delay = (int64_t)(m->now_ms - time_ms);
    return delay - least_delay(p, delay, m->now_ms) < CUT_OFF_MS;
}

/* After a line our count of lines is told within four seconds, whoever else speaks: else the last line
 * of somebody could be withheld unseen. */
void ic_meeting_pulse_line_said(struct ic_meeting *m)
{
    if (m->count_at_ms == NEVER)
        m->count_at_ms = ic_meeting_jitter(m, HEARTBEAT_MS, HEARTBEAT_MS + 1000);
}

static void cut_off(struct ic_meeting *m, const char *rule, const char *sentence)
{
    if (m->cut_off)
        return;
    m->cut_off = true;
    ic_meeting_alert(m, rule, IC_MLSPUB_NO_LEAF, sentence);
}

/* KIDs are not authenticated: any member can make one up. Where none has come for some time, nothing is
 * missing in the order and the group still speaks in our epoch, there was nothing to reach. */
static void forget_unknown(struct ic_meeting *m)
{
    if (m->unknown_kid_ms && m->in_step && !m->fetching &&
        m->now_ms >= m->unknown_last_ms + UNKNOWN_GONE_MS && m->heard_ms > m->unknown_last_ms)
        m->unknown_kid_ms = 0;
}

void ic_meeting_pulse_tick(struct ic_meeting *m)
{
    if (alone(m)) {
        m->heard_ms = m->now_ms;
        m->cut_off = false;
        return;
    }
    if (m->now_ms >= m->heard_ms + CUT_OFF_MS)
        cut_off(
            m, "nothing-heard",
            "Nothing authenticated has arrived from the group for ten seconds; sending stopped.");
    forget_unknown(m);
    if (m->unknown_kid_ms && m->now_ms >= m->unknown_kid_ms + UNKNOWN_KIDS_MS)
        cut_off(m, "keys-out-of-reach",
                "The others use keys that have not reached this device; sending stopped.");
    if (m->now_ms < m->beat_at_ms && m->now_ms < m->count_at_ms)
        return;
    bool said = ic_meeting_say_beat(m);
    if (m->count_at_ms != NEVER)
        m->count_at_ms = said ? NEVER : m->now_ms + HEARTBEAT_MS;
    m->beat_at_ms = ic_meeting_jitter(m, HEARTBEAT_MS, HEARTBEAT_MS + 1000);
}

uint64_t ic_meeting_pulse_deadline(const struct ic_meeting *m)
{
    if (alone(m))
        return NEVER;
    uint64_t at = m->beat_at_ms < m->count_at_ms ? m->beat_at_ms : m->count_at_ms;
    if (!m->cut_off && m->heard_ms + CUT_OFF_MS < at)
        at = m->heard_ms + CUT_OFF_MS;
    if (!m->cut_off && m->unknown_kid_ms && m->unknown_kid_ms + UNKNOWN_KIDS_MS < at)
        at = m->unknown_kid_ms + UNKNOWN_KIDS_MS;
    return at;
}

/* Somebody uses an epoch that has not reached us: asked for at once, and after two seconds it is said. */
void ic_meeting_pulse_out_of_reach(struct ic_meeting *m)
{
    m->unknown_last_ms = m->now_ms;
    if (m->unknown_kid_ms)
        return;
    m->unknown_kid_ms = m->now_ms;
    if (m->in_step)
        ic_meeting_apply_fetch(m);
}

/* RFC 9605 section 5.2: the KID's low bits are the epoch's. One just behind ours is a late frame; one
 * ahead is of an epoch that we cannot reach. */
void ic_meeting_note_unknown_kid(struct ic_meeting *m, uint64_t kid, uint64_t now_ms)
{
    if (!m->group)
        return;
    m->now_ms = now_ms;
    uint8_t ahead = (uint8_t)(kid - ic_mls_context(m->group)->epoch);
    if (ahead > 0 && ahead <= 127)
        ic_meeting_pulse_out_of_reach(m);
    ic_meeting_settle(m);
}

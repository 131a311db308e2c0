/* Going: the last host hands over or locks; then a Remove of oneself, which those who stay commit. */
#include "internal.h"

enum { LEAVE_PATIENCE_MS = 2500 };

static const struct person *successor(const struct ic_meeting *m)
{
    const struct person *best = NULL;
    for (size_t i = 0; i < m->person_count; i++) {
        const struct person *p = &m->people[i];
        if (p->to != NEVER || p->leaf == ic_meeting_own_leaf(m))
            continue;
        if (!best || (best->away && !p->away) || (best->away == p->away && p->leaf < best->leaf))
            best = p;
    }
    return best;
}

static void good_bye(struct ic_meeting *m)
{
    struct ic_wire_frame f = {.type = IC_WIRE_LEAVE};
    ic_meeting_send_request(m, &f, REQ_LEAVE, 0);
    ic_meeting_end_meeting(m, "left", "You have left the meeting.");
}

static void propose(struct ic_meeting *m)
{
    IC_BUF_SCOPE(data, 1024);
    IC_BUF_SCOPE(proposal, 1 << 16);
    if (ic_meeting_commit_data(m, &data) != IC_OK ||
        ic_mls_propose_remove(m->group, ic_mls_own_leaf(m->group), ic_buf_view(&data), &proposal) !=
            IC_OK) {
        good_bye(m); /* the server declares us absent then */
        return;
    }
    struct ic_wire_frame f = {.type = IC_WIRE_PROPOSE,
                              .propose = {ic_buf_view(&m->group_id), ic_buf_view(&proposal)}};
    m->leaving = LEAVE_PROPOSED;
    ic_meeting_send_request(m, &f, REQ_PROPOSE, 0);
}

/* The next step, as far as it can be gone now. */
void ic_meeting_leave_step(struct ic_meeting *m)
{
    if (m->leaving == LEAVE_NO || m->over || !m->group || m->conn != CONN_IN || !m->in_step)
        return;
    if (m->leaving == LEAVE_HANDOVER && (ic_meeting_wish_any(m) || m->staged))
        return;
    if (!successor(m)) {
        good_bye(m); /* nobody stays */
        return;
    }
    /* Those who stay commit the proposal; it ends with its epoch, so we wait until they have. */
    if (m->leaving == LEAVE_HANDOVER)
        propose(m);
}

void ic_meeting_leave_tick(struct ic_meeting *m)
{
    if (m->leaving != LEAVE_NO && !m->over && m->now_ms >= m->left_by_ms)
        good_bye(m);
}

ic_err ic_meeting_leave(struct ic_meeting *m, uint64_t now_ms)
{
    m->now_ms = now_ms;
    if (m->over)
        return IC_ERR_STATE;
    if (!m->group || m->conn != CONN_IN) {
        good_bye(m);
        ic_meeting_settle(m);
        return IC_OK;
    }
    m->leaving = LEAVE_HANDOVER;
    m->left_by_ms = now_ms + LEAVE_PATIENCE_MS;
    ic_meeting_intents_clear(m);
    if (ic_meeting_is_host(m) && !ic_meeting_roster_has_host(m, ic_mls_own_leaf(m->group))) {
        const struct person *next = successor(m);
        m->wish.new_hosts.max = 1 << 17;
        if (next &&
            ic_wire_list_add(&m->wish.new_hosts, ic_view(next->key, next->key_len)) != IC_OK)
            m->wish.locked = 1;
        if (ic_meeting_wish_any(m))
            ic_meeting_want_soon(m, now_ms);
    }
    ic_meeting_leave_step(m);
    ic_meeting_settle(m);
    return IC_OK;
}

ic_err ic_meeting_end(struct ic_meeting *m, uint64_t now_ms)
{
    m->now_ms = now_ms;
    if (m->over || m->conn != CONN_IN)
        return IC_ERR_STATE;
    if (!ic_meeting_is_host(m))
        return IC_ERR_DENIED;
    struct ic_wire_frame f = {.type = IC_WIRE_END};
    ic_meeting_send_request(m, &f, REQ_END, 0);
    ic_meeting_settle(m);
    return IC_OK;
}

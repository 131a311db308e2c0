/* A commit that the server could accept and members cannot apply must not end the meeting: when everybody
 * who is connected reports it, it is void, and one replacement of another member is taken. */
#include "delivery/private.h"

#include <ic/rules/rules.h>

static bool may_judge(const struct icd_group *g, const struct icd_conn *c)
{
    /* The committer applied its own; who came by it knows no epoch before. */
    return icd_conn_in_group(c) && !c->closing && !icd_group_was_added(g, c->leaf) &&
           !ic_view_equal(icd_conn_key(c), ic_view(g->committer, g->committer_len));
}

/* Where the link admits, an Add shows a proof by the join secret. Who came by number has none, and takes a
 * false one for true: its silence says nothing. */
static bool cannot_tell(const struct icd_group *g, const struct icd_conn *c)
{
    struct ic_wire_terms t;
    return c->by_number && g->added.len &&
           ic_rules_terms_find(ic_mlspub_observer_context(g->observer), &t, NULL) == IC_OK &&
           t.admission == IC_WIRE_LINK_ADMITS;
}

static bool all_reported(const struct icd_room *room, const struct icd_conn *leaving)
{
    const struct icd_group *g = room->group;
    size_t reports = 0;
    for (const struct icd_conn *c = room->first; c; c = c->next) {
        if (c == leaving || !may_judge(g, c))
            continue;
        bool reported = c->reported_epoch == g->epoch;
        if (!reported && !cannot_tell(g, c))
            return false;
        reports += reported;
    }
    return reports > 0;
}

static void make_void(struct icd_core *core, struct icd_room *room, struct ic_view rule)
{
    struct icd_group *was = room->group, *g = NULL;
    struct ic_wire_frame f = {.type = IC_WIRE_REPLACE,
                              .replace = {.group_id = icd_group_id(was),
                                          .epoch = was->epoch - 1,
                                          .seq = was->epoch_seq,
                                          .rule = rule}};
    ic_err e = icd_write_begin(core);
    if (e == IC_OK)
        e = icd_group_void_last(core, room, &g);
    if (e != IC_OK) {
        icd_write_undo(core);
        icd_core_log(core, ICD_LOG_WARN, "commit_not_void", "room=%llu error=%s",
                     (unsigned long long)room->number, ic_err_name(e));
        return;
    }
    icd_core_log(core, ICD_LOG_WARN, "commit_void", "room=%llu epoch=%llu",
                 (unsigned long long)room->number, (unsigned long long)(was->epoch - 1));
    icd_send_room(core, room, &f, icd_conn_in_group);
    room->group = g;
    icd_group_free(was);
    icd_room_refresh(core, room);
    for (size_t i = 0; i < core->hook_count; i++)
        if (core->hooks[i]->epoch)
            core->hooks[i]->epoch(core, room);
}

void icd_delivery_judge_reports(struct icd_core *core, struct icd_room *room,
                                const struct icd_conn *leaving, struct ic_view rule)
{
    const struct icd_group *g = room->group;
    if (g->epoch_seq && !g->replaced && !g->replacement && all_reported(room, leaving))
        make_void(core, room, rule);
}

void icd_delivery_on_cannot_apply(struct icd_core *core, struct icd_conn *c,
                                  const struct ic_wire_frame *f)
{
    struct icd_group *g = icd_delivery_group(core, c, f->request, f->cannot_apply.group_id);
    if (!g)
        return;
    if (f->cannot_apply.epoch + 1 != g->epoch || g->epoch_seq == 0) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_STALE, "this is not about the last commit");
        return;
    }
    if (!may_judge(g, c)) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_DENIED, "you cannot judge this commit");
        return;
    }
    c->reported_epoch = g->epoch;
    icd_core_log(core, ICD_LOG_WARN, "cannot_apply", "room=%llu epoch=%llu leaf=%u",
                 (unsigned long long)c->room->number, (unsigned long long)f->cannot_apply.epoch,
                 c->leaf);
    icd_reply_ok(core, c, f->request, 0);
    icd_delivery_judge_reports(core, c->room, NULL, f->cannot_apply.rule);
}

/* A session's group read again from the store: its last snapshot, and the log replayed over it. */
#include "core/group_private.h"

#include <ic/rules/rules.h>
#include <string.h>

static ic_err read_group_row(struct icd_core *core, const struct icd_room *room,
                             struct icd_group *g)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store,
                           "SELECT group_id, epoch, seq, log_bytes, group_info, epoch_seq,"
                           " admission FROM groups WHERE meeting = $1",
                           &rows, ICD_PARAMS(ICD_BLOB(ic_view(room->id, sizeof room->id)))));
    ic_err e = IC_ERR_NOT_FOUND;
    if (icd_rows_next(&rows)) {
        g->epoch = (uint64_t)icd_rows_int(&rows, 1);
        g->seq = (uint64_t)icd_rows_int(&rows, 2);
        g->log_bytes = (uint64_t)icd_rows_int(&rows, 3);
        g->epoch_seq = (uint64_t)icd_rows_int(&rows, 5);
        e = icd_group_take_id(g, icd_rows_bytes(&rows, 0));
        if (e == IC_OK)
            e = ic_buf_append(&g->group_info, icd_rows_bytes(&rows, 4));
        if (e == IC_OK)
            e = ic_buf_append(&g->admission, icd_rows_bytes(&rows, 6));
    }
    ic_err end = icd_rows_end(&rows);
    return end != IC_OK ? end : e;
}

static ic_err open_snapshot(struct icd_core *core, struct icd_group *g, uint64_t *seq)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store,
                           "SELECT epoch, seq, group_info, tree FROM snapshots WHERE group_id = $1"
                           " ORDER BY epoch DESC LIMIT 1",
                           &rows, ICD_PARAMS(ICD_BLOB(icd_group_id(g)))));
    ic_err e = IC_ERR_MALFORMED;
    if (icd_rows_next(&rows)) {
        g->snapshot_epoch = (uint64_t)icd_rows_int(&rows, 0);
        *seq = (uint64_t)icd_rows_int(&rows, 1);
        /* Lifetimes were looked at when it was taken in. */
        e = ic_mlspub_observer_open_like(ic_rules_of_meetings(), icd_rows_bytes(&rows, 2),
                                         icd_rows_bytes(&rows, 3), core->now_ms / 1000, NULL,
                                         &g->observer);
    }
    if (e == IC_OK)
        g->members = icd_group_count_members(g);
    ic_err end = icd_rows_end(&rows);
    return end != IC_OK ? end : e;
}

/* As it was taken in the first time, at the time of then. */
static ic_err replay_one(struct icd_group *g, struct ic_view body, uint64_t time_ms)
{
    struct ic_mlspub_change *change;
    IC_TRY(ic_mlspub_observer_stage(g->observer, body, time_ms / 1000, &change));
    bool commit = ic_mlspub_change_is_commit(change);
    uint64_t own_ms;
    if (commit &&
        ic_rules_commit_time(ic_mlspub_change_authenticated_data(change), &own_ms) == IC_OK)
        g->time_ms = own_ms;
    if (commit)
        icd_group_count_change(g, change);
    /* A joiner of a moment ago may still have to ask for the tree of its Welcome. */
    ic_mlspub_observer_merge(g->observer, change);
    return commit ? icd_group_keep_tree(g) : IC_OK;
}

static ic_err replay(struct icd_core *core, struct icd_group *g, uint64_t after)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(
        core->store,
        "SELECT body, time_ms FROM log WHERE group_id = $1 AND seq > $2"
        " AND is_void = 0 AND kind <> $3 ORDER BY seq",
        &rows,
        ICD_PARAMS(ICD_BLOB(icd_group_id(g)), ICD_INT(after), ICD_INT(IC_WIRE_KIND_APPLICATION))));
    ic_err e = IC_OK;
    while (e == IC_OK && icd_rows_next(&rows))
        e = replay_one(g, icd_rows_bytes(&rows, 0), (uint64_t)icd_rows_int(&rows, 1));
    ic_err end = icd_rows_end(&rows);
    return end != IC_OK ? end : e;
}

/* Who made the last commit, whether it is void, or was itself a replacement. */
static ic_err read_last_commit(struct icd_core *core, struct icd_group *g)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(core->store,
                           "SELECT epoch, attempt, committer FROM commits WHERE group_id = $1"
                           " ORDER BY epoch DESC, attempt DESC LIMIT 1",
                           &rows, ICD_PARAMS(ICD_BLOB(icd_group_id(g)))));
    if (icd_rows_next(&rows)) {
        g->replacement = (uint64_t)icd_rows_int(&rows, 0) == g->epoch;
        g->replaced = !g->replacement && icd_rows_int(&rows, 1) > 0;
        struct ic_view key = icd_rows_bytes(&rows, 2);
        if (key.len <= sizeof g->committer) {
            memcpy(g->committer, key.p, key.len);
            g->committer_len = key.len;
        }
    }
    return icd_rows_end(&rows);
}

/* The row is read: the rest of it. */
static ic_err rebuild(struct icd_core *core, struct icd_group *g)
{
    uint64_t seq = 0;
    ic_err e = open_snapshot(core, g, &seq);
    if (e == IC_OK)
        e = replay(core, g, seq);
    if (e == IC_OK)
        e = read_last_commit(core, g);
    if (e == IC_OK && ic_mlspub_observer_context(g->observer)->epoch != g->epoch)
        e = IC_ERR_EPOCH;
    if (e != IC_OK)
        icd_core_log(core, ICD_LOG_ERROR, "group_not_rebuilt", "epoch=%llu error=%s",
                     (unsigned long long)g->epoch, ic_err_name(e));
    return e == IC_ERR_NOT_FOUND ? IC_ERR_MALFORMED : e;
}

ic_err icd_group_load(struct icd_core *core, struct icd_room *room, struct icd_group **out)
{
    struct icd_group *g = icd_group_new();
    if (!g)
        return IC_ERR_NOMEM;
    ic_err e = read_group_row(core, room, g);
    if (e == IC_OK)
        e = rebuild(core, g);
    if (e != IC_OK) {
        icd_group_free(g);
        return e;
    }
    *out = g;
    return IC_OK;
}

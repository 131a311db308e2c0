/* The rules' view of a member's group and its staged commits. */
#include "internal.h"

static ic_err leaf(const void *ctx, uint32_t index, struct ic_mlspub_leaf_node *out)
{
    return ic_mls_leaf(ctx, index, out);
}

static const struct ic_mlspub_change_item *staged_item(const void *ctx, size_t i)
{
    return ic_mls_staged_item(ctx, i);
}

static const struct ic_mlspub_change_item *only_item(const void *ctx, size_t i)
{
    (void)i;
    return ctx;
}

struct ic_rules_group ic_meeting_judge_group(const struct ic_meeting *m)
{
    return (struct ic_rules_group){.context = ic_mls_context(m->group),
                                   .leaf = leaf,
                                   .ctx = m->group,
                                   .last_time_ms = m->time_ms,
                                   .join_secret = ic_meeting_link_secret(m)};
}

ic_err ic_meeting_judge_commit(const struct ic_meeting *m, const struct ic_mls_staged *s,
                               struct ic_rules_fault *fault)
{
    struct ic_rules_group g = ic_meeting_judge_group(m);
    struct ic_rules_change c = {.is_commit = true,
                                .sender = ic_mls_staged_sender(s),
                                .committer = ic_mls_staged_committer(s),
                                .item = staged_item,
                                .ctx = s,
                                .count = ic_mls_staged_count(s),
                                .authenticated_data = ic_mls_staged_authenticated_data(s),
                                .path_leaf = ic_mls_staged_path_leaf(s),
                                .context = ic_mls_staged_context(s)};
    return ic_rules_judge(&g, &c, fault);
}

/* As if it were committed now. On its own a proposal shows no tickets: those that need one are left to who bears it. */
ic_err ic_meeting_judge_item(const struct ic_meeting *m, const struct ic_mlspub_change_item *item,
                             struct ic_rules_fault *fault)
{
    IC_BUF_SCOPE(data, 64);
    struct ic_wire_commit_data d = {.version = 1, .time_ms = ic_meeting_commit_time(m)};
    struct ic_rules_group g = ic_meeting_judge_group(m);
    IC_TRY(ic_wire_commit_data_encode(&d, &data));
    struct ic_rules_change c = {.sender = item->sender,
                                .committer = IC_MLSPUB_NO_LEAF,
                                .item = only_item,
                                .ctx = item,
                                .count = 1,
                                .authenticated_data = ic_buf_view(&data),
                                .context = g.context};
    return ic_rules_judge(&g, &c, fault);
}

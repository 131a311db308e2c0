/* The server's side: from an observer and its change. */
#include <ic/rules/rules.h>

static ic_err leaf(const void *ctx, uint32_t index, struct ic_mlspub_leaf_node *out)
{
    return ic_mlspub_observer_leaf(ctx, index, out);
}

static const struct ic_mlspub_change_item *item(const void *ctx, size_t i)
{
    return ic_mlspub_change_item(ctx, i);
}

struct ic_rules_group ic_rules_group_of(const struct ic_mlspub_observer *o, uint64_t last_time_ms)
{
    return (struct ic_rules_group){.context = ic_mlspub_observer_context(o),
                                   .leaf = leaf,
                                   .ctx = o,
                                   .last_time_ms = last_time_ms};
}

struct ic_rules_change ic_rules_change_of(const struct ic_mlspub_change *c)
{
    return (struct ic_rules_change){
        .is_commit = ic_mlspub_change_is_commit(c),
        .sender = ic_mlspub_change_sender(c),
        .committer = ic_mlspub_change_committer(c),
        .item = item,
        .ctx = c,
        .count = ic_mlspub_change_count(c),
        .authenticated_data = ic_mlspub_change_authenticated_data(c),
        .path_leaf = ic_mlspub_change_path_leaf(c),
        .context = ic_mlspub_change_context(c),
    };
}

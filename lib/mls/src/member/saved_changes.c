/* What a merge and a proposal change, as keys of records. */
#include "state.h"

void ic_mls_changes_note_proposal(struct ic_mls_group *g)
{
    ic_mls_changes_note(g->changes, IC_MLS_RECORD_PROPOSAL, 0,
                        ic_mlspub_pending_count(g->pending) - 1);
}

/* Nodes beyond the smallest tree that the diff went through are erased as one range, and noted where they
 * came back. */
static void note_nodes(struct ic_mls_changes *c, const struct ic_mlspub_diff *d)
{
    uint32_t floor = ic_mlspub_node_count(ic_mlspub_diff_floor(d));
    uint32_t end = ic_mlspub_node_count(ic_mlspub_diff_size(d));
    if (floor < c->tree_nodes)
        c->tree_nodes = floor;
    for (size_t i = 0; i < ic_mlspub_diff_touched_count(d); i++) {
        uint32_t node = ic_mlspub_diff_touched(d, i);
        if (node < end)
            ic_mls_changes_note(c, IC_MLS_RECORD_NODE, 0, node);
    }
}

void ic_mls_changes_note_merge(struct ic_mls_group *g, const struct ic_mlspub_diff *d)
{
    struct ic_mls_changes *c = g->changes;
    uint64_t ends = g->now.context.epoch;
    if (!c)
        return;
    ic_mls_changes_note(c, IC_MLS_RECORD_GROUP, 0, 0);
    ic_mls_changes_note(c, IC_MLS_RECORD_KEYS, 0, 0);
    ic_mls_changes_note(c, IC_MLS_RECORD_PAST, ends, 0);
    ic_mls_changes_note(c, IC_MLS_RECORD_RESUMPTION, ends, 0);
    ic_mls_changes_note(c, IC_MLS_RECORD_SECRET_NODE, ends + 1,
                        ic_mlspub_node_root(ic_mlspub_diff_size(d)));
    note_nodes(c, d);
}

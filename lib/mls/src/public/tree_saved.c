/* A tree and a diff as they are kept by who saves them node by node. */
#include "tree_internal.h"

void ic_mlspub_tree_node_write(struct ic_writer *w, const struct ic_mlspub_tree *t, uint32_t node)
{
    ic_mlspub_source_node_write(w, (struct source){t, NULL}, node);
}

size_t ic_mlspub_tree_node_bytes(const struct ic_mlspub_tree *t, uint32_t node)
{
    if (ic_mlspub_node_is_leaf(node))
        return 1 + t->leaves[node / 2]->len;
    const struct parent_rec *p = t->parents[node / 2];
    return 1 + 3 * 4 + p->key_len + p->hash_len + (size_t)4 * p->count;
}

size_t ic_mlspub_diff_touched_count(const struct ic_mlspub_diff *d)
{
    return d->count;
}

uint32_t ic_mlspub_diff_touched(const struct ic_mlspub_diff *d, size_t i)
{
    const struct touched *e = &d->list[i];
    return e->flags & TOUCH_VALUE ? e->node : IC_MLSPUB_NO_LEAF;
}

uint32_t ic_mlspub_diff_floor(const struct ic_mlspub_diff *d)
{
    return d->floor;
}

/* No key twice in the tree that a diff leads to: RFC 9420 section 7.3. Only what the diff brings can clash,
 * so only that is looked at. */
#include "tree_internal.h"

static bool is_added(const struct ic_mlspub_diff *d, uint32_t node)
{
    return ic_mlspub_diff_find(d, node)->flags & TOUCH_ADDED;
}

/* The node to blame for the entry's key: the entry's own, or the newcomer that has the same. */
static bool clashes(const struct ic_mlspub_diff *d, uint32_t entry, uint32_t *node)
{
    struct ic_view key = ic_mlspub_diff_entry_key(d, entry);
    bool signature = entry & 1;
    /* Of two equal keys in the diff one is found first, and the other finds that one. */
    uint32_t first = ic_mlspub_keyset_find(&d->keys, key, signature, ic_mlspub_diff_entry_key, d);
    *node = keyset_node(is_added(d, keyset_node(first)) ? first : entry);
    return first != entry || ic_mlspub_diff_old_entry(d, key, signature) != KEYSET_ABSENT;
}

ic_err ic_mlspub_diff_unique(const struct ic_mlspub_diff *d, uint32_t *leaf)
{
    for (uint32_t i = 0; i < d->count; i++) {
        const struct touched *e = &d->list[i];
        uint32_t node;
        if (!e->rec)
            continue;
        if (!clashes(d, keyset_entry(e->node, false), &node) &&
            !(ic_mlspub_node_is_leaf(e->node) && clashes(d, keyset_entry(e->node, true), &node)))
            continue;
        *leaf = ic_mlspub_node_is_leaf(node) ? ic_mlspub_leaf_of_node(node) : IC_MLSPUB_NO_LEAF;
        return IC_ERR_EXISTS;
    }
    return IC_OK;
}

bool ic_mlspub_diff_added(const struct ic_mlspub_diff *d, uint32_t leaf)
{
    const struct touched *e =
        leaf == IC_MLSPUB_NO_LEAF ? NULL : ic_mlspub_diff_find(d, ic_mlspub_node_of_leaf(leaf));
    return e && e->flags & TOUCH_ADDED;
}

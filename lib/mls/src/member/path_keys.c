#include "path_keys.h"

#include <assert.h>
#include <ic/base/mem.h>
#include <ic/mlspub/treemath.h>

static uint32_t depth_of(uint32_t slots)
{
    uint32_t depth = 0;
    while (1u << depth < slots)
        depth++;
    return depth;
}

void ic_mls_path_keys_clear(struct ic_mls_path_keys *k)
{
    ic_free_secret(k->parents, k->count * sizeof *k->parents);
    ic_wipe(k, sizeof *k);
}

ic_err ic_mls_path_keys_init(struct ic_mls_path_keys *k, const struct ic_secret *leaf,
                             uint32_t slots)
{
    struct ic_mls_path_key *parents = ic_new_array(depth_of(slots), struct ic_mls_path_key);
    if (!parents)
        return IC_ERR_NOMEM;
    *k = (struct ic_mls_path_keys){.leaf = *leaf, .parents = parents};
    return IC_OK;
}

void ic_mls_path_keys_push(struct ic_mls_path_keys *k, uint32_t node, const struct ic_secret *key)
{
    k->parents[k->count].node = node;
    k->parents[k->count].key = *key;
    k->count++;
}

const struct ic_secret *ic_mls_path_keys_find(const struct ic_mls_path_keys *k, uint32_t node)
{
    for (uint32_t i = 0; i < k->count; i++)
        if (k->parents[i].node == node)
            return &k->parents[i].key;
    return NULL;
}

void ic_mls_path_keys_keep(struct ic_mls_path_keys *k, const struct ic_mls_path_keys *from,
                           const struct ic_mlspub_tree *t, const struct ic_mlspub_diff *d,
                           uint32_t until)
{
    uint32_t nodes = ic_mlspub_node_count(ic_mlspub_diff_size(d));
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t node = from->parents[i].node;
        if (node >= nodes || (until != IC_MLSPUB_NO_LEAF &&
                              ic_mlspub_node_level(node) >= ic_mlspub_node_level(until)))
            break;
        struct ic_view now = ic_mlspub_diff_key(d, node);
        if (now.len > 0 && ic_view_equal(now, ic_mlspub_tree_key(t, node)))
            ic_mls_path_keys_push(k, node, &from->parents[i].key);
    }
}

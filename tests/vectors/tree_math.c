#include "vectors.h"

#include <ic/mlspub/treemath.h>

static bool same(const json_t *c, const char *key, uint32_t x, bool exists, uint32_t value)
{
    const json_t *want = json_array_get(json_object_get(c, key), x);
    if (!exists || json_is_null(want))
        return !exists && json_is_null(want);
    return (uint64_t)json_integer_value(want) == value;
}

bool run_tree_math(struct vec *v, const json_t *c)
{
    uint32_t size = (uint32_t)vec_int(c, "n_leaves");
    uint32_t nodes = ic_mlspub_node_count(size), root = ic_mlspub_node_root(size);
    VEC_CHECK(v, nodes == vec_int(c, "n_nodes"));
    VEC_CHECK(v, root == vec_int(c, "root"));
    for (uint32_t x = 0; x < nodes; x++) {
        bool leaf = ic_mlspub_node_is_leaf(x);
        VEC_CHECK(v, same(c, "left", x, !leaf, leaf ? 0 : ic_mlspub_node_left(x)));
        VEC_CHECK(v, same(c, "right", x, !leaf, leaf ? 0 : ic_mlspub_node_right(x)));
        VEC_CHECK(v, same(c, "parent", x, x != root, ic_mlspub_node_parent(x)));
        VEC_CHECK(v, same(c, "sibling", x, x != root, ic_mlspub_node_sibling(x)));
    }
    return true;
}

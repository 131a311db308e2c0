/* Array-based tree math (RFC 9420 appendix C): node indices of a full tree of `size` = 2^d leaves.
 * Leaf L is node 2L; a parent at level k has k low bits set.
 *
 *     for (uint32_t x = ic_mlspub_node_of_leaf(leaf); x != root; ) { x = ic_mlspub_node_parent(x);
 * ... }
 *
 * No function checks bounds: the caller knows that the node is in the tree.
 */
#ifndef IC_MLSPUB_TREEMATH_H
#define IC_MLSPUB_TREEMATH_H

#include <ic/base/api.h>
#include <stdbool.h>
#include <stdint.h>

IC_API_BEGIN

enum { IC_MLSPUB_DEPTH_MAX = 30 }; /* levels above the leaves; 2^30 leaves */

/* A leaf's node. */
static inline uint32_t ic_mlspub_node_of_leaf(uint32_t leaf)
{
    return 2 * leaf;
}
/* True for leaves, false for parents. */
static inline bool ic_mlspub_node_is_leaf(uint32_t x)
{
    return (x & 1) == 0;
}
/* The leaf of a leaf's node. */
static inline uint32_t ic_mlspub_leaf_of_node(uint32_t x)
{
    return x / 2;
}
/* 0 for leaves. */
static inline uint32_t ic_mlspub_node_level(uint32_t x)
{
    return (uint32_t)__builtin_ctz(~x);
}
/* Nodes of a tree of size leaves. */
static inline uint32_t ic_mlspub_node_count(uint32_t size)
{
    return size == 0 ? 0 : 2 * size - 1;
}
/* The root of a tree of size leaves. */
static inline uint32_t ic_mlspub_node_root(uint32_t size)
{
    return size - 1;
}
/* The children of a parent. */
static inline uint32_t ic_mlspub_node_left(uint32_t x)
{
    return x ^ (1u << (ic_mlspub_node_level(x) - 1));
}
/* The right one of them. */
static inline uint32_t ic_mlspub_node_right(uint32_t x)
{
    return x ^ (3u << (ic_mlspub_node_level(x) - 1));
}
/* Of any node but the root. */
static inline uint32_t ic_mlspub_node_parent(uint32_t x)
{
    uint32_t k = ic_mlspub_node_level(x);
    return (x | (1u << k)) & ~(1u << (k + 1));
}
/* The other child of x's parent. */
static inline uint32_t ic_mlspub_node_sibling(uint32_t x)
{
    return x ^ (2u << ic_mlspub_node_level(x));
}
/* The leaves below x are [first, first + count). */
static inline uint32_t ic_mlspub_node_first_leaf(uint32_t x)
{
    return (x & (x + 1)) / 2;
}
/* How many they are. */
static inline uint32_t ic_mlspub_node_leaf_count(uint32_t x)
{
    return 1u << ic_mlspub_node_level(x);
}
/* True where a leaf is x or below it. */
static inline bool ic_mlspub_node_covers(uint32_t x, uint32_t leaf)
{
    return leaf - ic_mlspub_node_first_leaf(x) < ic_mlspub_node_leaf_count(x);
}
/* The lowest node above (or at) both leaves. */
static inline uint32_t ic_mlspub_node_common(uint32_t leaf_a, uint32_t leaf_b)
{
    uint32_t diff = leaf_a ^ leaf_b;
    uint32_t level = diff == 0 ? 0 : 32u - (uint32_t)__builtin_clz(diff);
    uint32_t below = (1u << level) - 1;
    return (2 * leaf_a & ~(2 * below + 1)) | below;
}

IC_API_END

#endif

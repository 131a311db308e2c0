/* The integrity of a tree that one was given: RFC 9420 sections 7.9.2 and 12.4.3.1. */
#include "tree_internal.h"
#include <ic/base/mem.h>
#include <ic/crypto/kem.h>
#include <ic/mlspub/label.h>
#include <string.h>

/* ---- a check of every node, perhaps on several threads ---- */

struct nodes {
    const struct ic_mlspub_tree *t;
    struct ic_view group_id;
    ic_err (*check)(const struct nodes *w, uint32_t node);
    const char *rule; /* what a failure breaks */
};

enum { NODES_A_JOB = 8 };

/* The first of the job's nodes that fails, or the one past its last. */
static ic_err walk(const struct nodes *w, size_t job, uint32_t *node)
{
    uint32_t end = ic_mlspub_node_count(w->t->size), from = (uint32_t)job * NODES_A_JOB;
    if (end - from > NODES_A_JOB)
        end = from + NODES_A_JOB;
    for (*node = from; *node < end; ++*node)
        IC_TRY(w->check(w, *node));
    return IC_OK;
}

static ic_err walk_job(void *arg, size_t i)
{
    uint32_t node;
    return walk(*(const struct nodes **)arg, i, &node);
}

static ic_err each_node(const struct nodes *w, const struct ic_mlspub_executor *exec,
                        struct ic_mlspub_fault *fault)
{
    size_t n = (ic_mlspub_node_count(w->t->size) + NODES_A_JOB - 1) / NODES_A_JOB, at;
    uint32_t node;
    ic_err e = ic_mlspub_run(exec, n, walk_job, &w, &at);
    if (e == IC_OK || at == n)
        return e;
    IC_IGNORE(walk(w, at, &node)); /* once more, to learn which node it was */
    return ic_mlspub_fault_set(fault, e, w->rule, ic_mlspub_node_first_leaf(node));
}

/* ---- parent hashes ----
 *
 * Top down, as section 7.9.2 allows: for a parent P with child C, the one node D whose parent hash
 * can be P's is what remains of C's resolution when P's unmerged leaves are taken out; there must
 * be exactly one D in all. So each P costs its two resolutions, cut short at the second node too
 * many. */

struct candidate {
    const struct ic_mlspub_tree *t;
    struct ic_view unmerged; /* P's, below C */
    size_t at;               /* those met so far, in bytes */
    uint32_t node;
    uint32_t extra; /* nodes beside P's unmerged leaves */
};

static void meet_leaf(struct candidate *c, uint32_t leaf)
{
    if (c->at < c->unmerged.len && ic_load_u32(c->unmerged.p + c->at) == leaf) {
        c->at += 4;
        return;
    }
    c->node = ic_mlspub_node_of_leaf(leaf);
    c->extra++;
}

static void meet(struct candidate *c, uint32_t node)
{
    if (c->extra > 1 || ic_mlspub_source_empty((struct source){c->t, NULL}, node))
        return;
    if (ic_mlspub_node_is_leaf(node)) {
        meet_leaf(c, ic_mlspub_leaf_of_node(node));
        return;
    }
    const struct parent_rec *p = c->t->parents[node / 2];
    if (!p) {
        meet(c, ic_mlspub_node_left(node));
        meet(c, ic_mlspub_node_right(node));
        return;
    }
    c->node = node;
    c->extra++;
    struct ic_view list = parent_rec_unmerged(p);
    for (size_t i = 0; i < list.len && c->extra == 1; i += 4)
        meet_leaf(c, ic_load_u32(list.p + i));
}

static struct ic_view unmerged_below(struct ic_view list, uint32_t node)
{
    uint32_t first = ic_mlspub_node_first_leaf(node);
    uint32_t lo = ic_mlspub_unmerged_lower(list, first);
    uint32_t hi = ic_mlspub_unmerged_lower(list, first + ic_mlspub_node_leaf_count(node));
    return ic_view_sub(list, (size_t)4 * lo, (size_t)4 * (hi - lo));
}

/* The parent_hash field of a node; empty where it has none. */
static struct ic_view parent_hash_field(const struct ic_mlspub_tree *t, uint32_t node)
{
    if (!ic_mlspub_node_is_leaf(node))
        return parent_rec_hash(t->parents[node / 2]);
    struct ic_mlspub_leaf_node l;
    if (ic_mlspub_leaf_rec_decode(t->leaves[node / 2], &l) != IC_OK ||
        l.source != IC_MLS_LEAF_COMMIT)
        return ic_view(NULL, 0);
    return l.parent_hash;
}

/* The tree hash of the subtree with the leaves in `without` blanked and unlisted: section 7.9. Only
 * the paths to those leaves are hashed again. */
static void original_hash(const struct ic_mlspub_tree *t, uint32_t node, struct ic_view without,
                          uint8_t *out)
{
    if (without.len == 0) {
        struct ic_view cached = ic_mlspub_tree_node_hash(t, node);
        memcpy(out, cached.p, cached.len);
        return;
    }
    if (ic_mlspub_node_is_leaf(node)) {
        ic_mlspub_hash_leaf(t->suite, ic_mlspub_leaf_of_node(node), NULL, out);
        return;
    }
    uint8_t left[IC_HASH_MAX], right[IC_HASH_MAX];
    uint32_t l = ic_mlspub_node_left(node), r = ic_mlspub_node_right(node);
    original_hash(t, l, unmerged_below(without, l), left);
    original_hash(t, r, unmerged_below(without, r), right);
    ic_mlspub_hash_parent_without(t->suite, t->parents[node / 2], left, right, without, out);
}

/* Some node below `child` chains to the parent by its parent hash. */
static bool chains(const struct ic_mlspub_tree *t, uint32_t parent, uint32_t child,
                   uint32_t sibling)
{
    const struct parent_rec *p = t->parents[parent / 2];
    struct ic_view unmerged = parent_rec_unmerged(p);
    struct candidate c = {.t = t, .unmerged = unmerged_below(unmerged, child)};
    meet(&c, child);
    if (c.extra != 1 || c.at != c.unmerged.len)
        return false;
    struct ic_view field = parent_hash_field(t, c.node);
    if (field.len != t->suite->hash_len)
        return false;
    uint8_t original[IC_HASH_MAX], want[IC_HASH_MAX];
    original_hash(t, sibling, unmerged_below(unmerged, sibling), original);
    ic_mlspub_hash_parent_hash(t->suite, parent_rec_key(p), parent_rec_hash(p), original, want);
    return ic_view_equal(field, ic_view(want, t->suite->hash_len));
}

/* RFC 9420 section 7.9.2: exactly one chain covers each non-blank parent. */
static ic_err check_parent(const struct nodes *w, uint32_t node)
{
    const struct ic_mlspub_tree *t = w->t;
    if (ic_mlspub_node_is_leaf(node) || !t->parents[node / 2])
        return IC_OK;
    uint32_t l = ic_mlspub_node_left(node), r = ic_mlspub_node_right(node);
    /* RFC9420-7.9.2-1 */
    return chains(t, node, l, r) + chains(t, node, r, l) == 1 ? IC_OK : IC_ERR_RULE;
}

static ic_err check_parents(const struct ic_mlspub_tree *t, const struct ic_mlspub_executor *exec,
                            struct ic_mlspub_fault *fault)
{
    const struct nodes w = {
        t, {0}, check_parent, "RFC 9420 section 7.9.2: a parent node is not parent-hash valid"};
    return each_node(&w, exec, fault);
}

ic_err ic_mlspub_tree_check_parent_hashes(const struct ic_mlspub_tree *t,
                                          struct ic_mlspub_fault *fault)
{
    return check_parents(t, NULL, fault);
}

/* ---- signatures and keys ---- */

static ic_err check_signature(const struct nodes *w, uint32_t node)
{
    uint32_t leaf = ic_mlspub_leaf_of_node(node);
    if (!ic_mlspub_node_is_leaf(node) || !w->t->leaves[leaf])
        return IC_OK;
    struct ic_mlspub_leaf_node l;
    IC_TRY(ic_mlspub_leaf_rec_decode(w->t->leaves[leaf], &l));
    /* RFC9420-7.2-7 RFC9420-7.3-r1 */
    return ic_mlspub_leaf_node_verify(w->t->suite, &l, w->group_id, leaf);
}

/* Section 7.3 with 10: a point off its curve would stop every committer who has to encrypt to it. */
static ic_err check_key(const struct nodes *w, uint32_t node)
{
    struct ic_view key = ic_mlspub_tree_key(w->t, node);
    if (key.len > 0 && ic_kem_public_check(w->t->suite->kem, key) != IC_OK)
        return IC_ERR_KEY;
    return IC_OK;
}

ic_err ic_mlspub_tree_validate(const struct ic_mlspub_tree *t, struct ic_view group_id,
                               const struct ic_mlspub_executor *exec, struct ic_mlspub_fault *fault)
{
    const struct nodes keys = {
        t, group_id, check_key,
        "RFC 9420 section 10: an encryption key is no key of the cipher suite"};
    const struct nodes signatures = {t, group_id, check_signature,
                                     "RFC 9420 section 7.3: a leaf's signature does not verify"};
    IC_TRY(each_node(&keys, exec, fault));
    IC_TRY(check_parents(t, exec, fault));
    return each_node(&signatures, exec, fault);
}

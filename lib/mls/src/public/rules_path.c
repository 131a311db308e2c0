/* The UpdatePath of a commit: RFC 9420 sections 7.5 and 12.4.2. */
#include "rules_internal.h"
#include <ic/crypto/kem.h>

struct path_check {
    const struct ic_mlspub_rules *rules;
    const struct ic_mlspub_outcome *outcome;
    const struct ic_mlspub_update_path *path;
    struct ic_mlspub_diff *d;
    struct ic_mlspub_fault *fault;
    uint32_t leaf;
};

static ic_err in_use(const struct path_check *c, ic_err e)
{
    if (e == IC_ERR_EXISTS)
        return rule(c->fault, c->leaf,
                    "RFC 9420 section 12.4.2: a key of the UpdatePath is in the tree already");
    if (e == IC_ERR_KEY)
        return ic_mlspub_fault_set(
            c->fault, e, "RFC 9420 section 7.6: a key of the UpdatePath is none", c->leaf);
    return e;
}

static ic_err check_path_leaf(const struct path_check *c, const struct ic_mlspub_leaf_node *former)
{
    struct leaf_check l = {
        .rules = c->rules,
        .source = IC_MLS_LEAF_COMMIT,
        .extensions = c->outcome->extensions,
        .former = former,
        .fault = c->fault,
        .offender = c->leaf,
    };
    IC_TRY(ic_mlspub_rules_leaf(&l, &c->path->leaf));
    if (ic_mlspub_diff_find_entry(c->d, c->path->leaf.encryption_key, false) != KEYSET_ABSENT)
        return in_use(c, IC_ERR_EXISTS);
    return IC_OK;
}

/* Section 7.6: as many ciphertexts as the copath's resolution has nodes, new leaves left out. */
static ic_err check_counts(const struct path_check *c)
{
    uint32_t nodes[IC_MLSPUB_DEPTH_MAX], copath[IC_MLSPUB_DEPTH_MAX];
    size_t n;
    ic_mlspub_diff_filtered_path(c->d, c->leaf, nodes, copath, &n);
    if (n != c->path->node_count)
        return rule(c->fault, c->leaf,
                    "RFC 9420 section 7.6: the UpdatePath is not as long as the filtered path");
    struct source s = {c->d->t, c->d};
    for (size_t i = 0; i < n; i++)
        /* RFC9420-7.6-2 */
        if (ic_mlspub_source_resolution_count(s, copath[i], true) != c->path->nodes[i].secret_count)
            return rule(c->fault, c->leaf,
                        "RFC 9420 section 7.6: the UpdatePath has too few or too many ciphertexts");
    return IC_OK;
}

static ic_err set_path(const struct path_check *c)
{
    struct ic_view keys[IC_MLSPUB_DEPTH_MAX];
    uint8_t want[IC_HASH_MAX];
    size_t len;
    for (size_t i = 0; i < c->path->node_count; i++) {
        keys[i] = c->path->nodes[i].encryption_key;
        if (keys[i].len != c->rules->suite->kem_public_len ||
            ic_kem_public_check(c->rules->suite->kem, keys[i]) != IC_OK)
            return in_use(c, IC_ERR_KEY);
    }
    IC_TRY(
        in_use(c, ic_mlspub_diff_set_path(c->d, c->leaf, keys, c->path->node_count, want, &len)));
    /* RFC 9420 section 7.9.2: clients MUST recompute the leaf's parent hash and compare. */
    /* RFC9420-7.9.2-2 */
    if (!ic_view_equal(c->path->leaf.parent_hash, ic_view(want, len)))
        return rule(c->fault, c->leaf,
                    "RFC 9420 section 7.9.2: the leaf's parent hash does not match the path");
    return IC_OK;
}

static ic_err verify_path_leaf(const struct path_check *c)
{
    /* RFC9420-7.3-r1 */
    ic_err e = ic_mlspub_leaf_node_verify(c->rules->suite, &c->path->leaf,
                                          c->rules->context->group_id, c->leaf);
    if (e == IC_OK)
        return IC_OK;
    return ic_mlspub_fault_set(c->fault, e,
                               "RFC 9420 section 7.3: a leaf's signature does not verify", c->leaf);
}

/* The leaf whose place a resync takes, as it was; false where there is none. */
static bool former_of_external(const struct path_check *c, struct ic_mlspub_leaf_node *out)
{
    uint32_t leaf = c->outcome->removed_self;
    return leaf != IC_MLSPUB_NO_LEAF && ic_mlspub_tree_leaf(c->d->t, leaf, out) == IC_OK;
}

static ic_err apply_external(struct path_check *c, uint32_t *committer)
{
    struct ic_mlspub_leaf_node former;
    /* RFC9420-12.2-3 RFC9420-12.2-4 */
    IC_TRY(check_path_leaf(c, former_of_external(c, &former) ? &former : NULL));
    uint32_t leaf;
    IC_TRY(in_use(c, ic_mlspub_diff_add_external(c->d, &c->path->leaf, &leaf)));
    c->leaf = leaf;
    IC_TRY(check_counts(c));
    IC_TRY(set_path(c));
    IC_TRY(verify_path_leaf(c));
    *committer = leaf;
    return IC_OK;
}

ic_err ic_mlspub_path_apply(const struct ic_mlspub_rules *rules,
                            const struct ic_mlspub_outcome *outcome,
                            const struct ic_mlspub_update_path *path, uint32_t *committer,
                            struct ic_mlspub_diff *d, struct ic_mlspub_fault *fault)
{
    struct path_check c = {rules, outcome, path, d, fault, IC_MLSPUB_NO_LEAF};
    if (outcome->external)
        return apply_external(&c, committer);
    c.leaf = *committer;
    struct ic_mlspub_leaf_node former;
    if (ic_mlspub_diff_leaf(d, c.leaf, &former) != IC_OK)
        return rule(fault, c.leaf, "RFC 9420 section 6.1: the committer's leaf is blank");
    IC_TRY(check_path_leaf(&c, &former));
    IC_TRY(check_counts(&c));
    IC_TRY(verify_path_leaf(&c));
    IC_TRY(set_path(&c));
    return in_use(&c, ic_mlspub_diff_set_leaf(d, c.leaf, &path->leaf));
}

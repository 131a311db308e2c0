#include "vectors.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <ic/mlspub/tree.h>

static ic_err apply(struct ic_mlspub_diff *d, const struct ic_mlspub_proposal *p, uint32_t sender)
{
    uint32_t leaf;
    switch (p->type) {
    case IC_MLS_ADD:
        return ic_mlspub_diff_add(d, &p->add.leaf, &leaf);
    case IC_MLS_UPDATE:
        return ic_mlspub_diff_update(d, sender, &p->update);
    case IC_MLS_REMOVE:
        return ic_mlspub_diff_remove(d, p->remove);
    default:
        return IC_ERR_UNSUPPORTED;
    }
}

static bool operate(struct vec *v, const json_t *c, struct ic_mlspub_tree *t)
{
    struct ic_mlspub_proposal p;
    struct ic_mlspub_diff *d;
    IC_BUF_SCOPE(after, 16u << 20);
    VEC_EQUAL(v, ic_mlspub_tree_hash(t), vec_bytes(v, c, "tree_hash_before"));
    VEC_OK(v, ic_mlspub_proposal_decode(vec_bytes(v, c, "proposal"), &v->arena, &p));
    VEC_OK(v, ic_mlspub_diff_new(t, &d));
    ic_err e = apply(d, &p, (uint32_t)vec_int(c, "proposal_sender"));
    if (e == IC_OK)
        e = ic_mlspub_diff_seal(d);
    if (e != IC_OK) {
        ic_mlspub_diff_free(d);
        return vec_fail(v, "the proposal does not apply: %s", ic_err_name(e));
    }
    bool same = ic_view_equal(ic_mlspub_diff_tree_hash(d), vec_bytes(v, c, "tree_hash_after"));
    ic_mlspub_diff_merge(t, d);
    VEC_CHECK(v, same);
    VEC_EQUAL(v, ic_mlspub_tree_hash(t), vec_bytes(v, c, "tree_hash_after"));
    VEC_OK(v, ic_mlspub_tree_encode(t, &after));
    VEC_EQUAL(v, ic_buf_view(&after), vec_bytes(v, c, "tree_after"));
    return true;
}

bool run_tree_operations(struct vec *v, const json_t *c)
{
    const struct ic_suite *s = vec_suite(v, c);
    struct ic_mlspub_tree *t;
    struct ic_mlspub_fault fault = IC_MLSPUB_FAULT_NONE;
    if (!s)
        return false;
    VEC_OK(v, ic_mlspub_tree_decode(s, vec_bytes(v, c, "tree_before"), 0, &fault, &t));
    bool passed = operate(v, c, t);
    ic_mlspub_tree_free(t);
    return passed;
}

static bool check_resolution(struct vec *v, struct ic_mlspub_tree *t, uint32_t node,
                             const json_t *want)
{
    const uint32_t *nodes;
    size_t count;
    VEC_OK(v, ic_mlspub_tree_resolution(t, node, &v->arena, &nodes, &count));
    VEC_CHECK(v, count == json_array_size(want));
    for (size_t i = 0; i < count; i++)
        VEC_CHECK(v, nodes[i] == (uint64_t)json_integer_value(json_array_get(want, i)));
    return true;
}

static bool validate(struct vec *v, const json_t *c, struct ic_mlspub_tree *t)
{
    struct ic_mlspub_fault fault = IC_MLSPUB_FAULT_NONE;
    size_t node;
    json_t *want;
    json_array_foreach(json_object_get(c, "resolutions"), node,
                       want) if (!check_resolution(v, t, (uint32_t)node, want)) return false;
    json_array_foreach(json_object_get(c, "tree_hashes"), node, want)
        VEC_EQUAL(v, ic_mlspub_tree_node_hash(t, (uint32_t)node), vec_hex(v, want));
    if (ic_mlspub_tree_validate(t, vec_bytes(v, c, "group_id"), NULL, &fault) != IC_OK)
        return vec_fail(v, "%s (leaf %u)", fault.rule, fault.offender);
    IC_BUF_SCOPE(again, 16u << 20);
    VEC_OK(v, ic_mlspub_tree_encode(t, &again));
    VEC_EQUAL(v, ic_buf_view(&again), vec_bytes(v, c, "tree"));
    return true;
}

bool run_tree_validation(struct vec *v, const json_t *c)
{
    const struct ic_suite *s = vec_suite(v, c);
    struct ic_mlspub_tree *t;
    struct ic_mlspub_fault fault = IC_MLSPUB_FAULT_NONE;
    if (!s)
        return false;
    VEC_OK(v, ic_mlspub_tree_decode(s, vec_bytes(v, c, "tree"), 0, &fault, &t));
    bool passed = validate(v, c, t);
    ic_mlspub_tree_free(t);
    return passed;
}

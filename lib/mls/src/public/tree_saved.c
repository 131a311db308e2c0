/* A tree and a diff as they are kept by who saves them node by node. */
#include "tree_internal.h"
#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>

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

/* ---- a whole diff ---- */

void ic_mlspub_diff_write(struct ic_writer *w, const struct ic_mlspub_diff *d)
{
    struct source s = {d->t, d};
    ic_write_u32(w, d->size);
    ic_write_u32(w, d->floor);
    size_t mark = ic_write_open(w);
    for (uint32_t i = 0; i < d->count; i++) {
        const struct touched *e = &d->list[i];
        if (!(e->flags & TOUCH_VALUE) || e->node >= ic_mlspub_node_count(d->size))
            continue;
        ic_write_u32(w, e->node);
        ic_write_u8(w, e->rec != NULL);
        if (e->rec)
            ic_mlspub_source_node_write(w, s, e->node);
    }
    ic_write_close(w, mark);
}

size_t ic_mlspub_diff_bytes(const struct ic_mlspub_diff *d)
{
    size_t n = 12;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct touched *e = &d->list[i];
        n += 6;
        if (e->rec && ic_mlspub_node_is_leaf(e->node))
            n += ((const struct leaf_rec *)e->rec)->len;
        else if (e->rec)
            n += 12 + ic_mlspub_parent_rec_bytes(e->rec);
    }
    return n;
}

static ic_err count_leaf(struct ic_mlspub_diff *d, const struct leaf_rec *l, int32_t n)
{
    struct ic_mlspub_leaf_node leaf;
    IC_TRY(ic_mlspub_leaf_rec_decode(l, &leaf));
    return ic_mlspub_support_add(&d->support, &leaf, n);
}

/* The leaf goes, if it is there. */
static ic_err leave(struct ic_mlspub_diff *d, uint32_t leaf)
{
    const struct leaf_rec *former = ic_mlspub_source_leaf((struct source){d->t, d}, leaf);
    if (!former)
        return IC_OK;
    IC_TRY(count_leaf(d, former, -1));
    bits_reset(d->occupied, leaf);
    d->members--;
    return IC_OK;
}

static ic_err set_leaf(struct ic_mlspub_diff *d, uint32_t node, bool present, struct ic_reader *r)
{
    struct ic_mlspub_leaf_node l;
    uint32_t leaf = ic_mlspub_leaf_of_node(node);
    IC_TRY(leave(d, leaf));
    if (!present)
        return ic_mlspub_diff_set_value(d, node, NULL);
    ic_mlspub_leaf_node_read(r, NULL, &l);
    IC_TRY(r->err);
    if (l.encryption_key.len != d->t->suite->kem_public_len ||
        l.signature_key.len != d->t->suite->sig_public_len)
        return IC_ERR_MALFORMED;
    struct leaf_rec *rec = ic_mlspub_leaf_rec_new(l.encoded);
    if (!rec)
        return IC_ERR_NOMEM;
    IC_TRY(ic_mlspub_diff_set_value(d, node, rec));
    bits_set(d->occupied, leaf);
    d->members++;
    return ic_mlspub_support_add(&d->support, &l, 1);
}

static ic_err set_parent(struct ic_mlspub_diff *d, uint32_t node, bool present, struct ic_reader *r)
{
    const struct ic_suite *s = d->t->suite;
    if (!present)
        return ic_mlspub_diff_set_value(d, node, NULL);
    struct ic_view key = ic_read_vec(r, IC_KEM_PUBLIC_MAX);
    struct ic_view hash = ic_read_vec(r, IC_HASH_MAX);
    struct ic_view unmerged = ic_read_vec(r, SIZE_MAX);
    IC_TRY(r->err);
    if (key.len != s->kem_public_len || (hash.len != 0 && hash.len != s->hash_len) ||
        unmerged.len % 4 != 0)
        return IC_ERR_MALFORMED;
    struct parent_rec *rec = ic_mlspub_parent_rec_new(key, hash, unmerged, 0);
    return rec ? ic_mlspub_diff_set_value(d, node, rec) : IC_ERR_NOMEM;
}

static ic_err set_node(struct ic_mlspub_diff *d, struct ic_reader *r)
{
    uint32_t node = ic_read_u32(r);
    uint8_t present = ic_read_u8(r);
    IC_TRY(r->err);
    bool leaf = ic_mlspub_node_is_leaf(node);
    if (present > 1 || node >= ic_mlspub_node_count(d->size))
        return IC_ERR_MALFORMED;
    if (present && ic_read_u8(r) != (leaf ? 1 : 2)) /* NodeType */
        return IC_ERR_MALFORMED;
    return leaf ? set_leaf(d, node, present, r) : set_parent(d, node, present, r);
}

/* What the tree has beyond the floor is gone, and there is room up to the size. */
static ic_err set_size(struct ic_mlspub_diff *d, uint32_t size, uint32_t floor)
{
    const struct ic_mlspub_tree *t = d->t;
    if (size == 0 || floor == 0 || (size & (size - 1)) || (floor & (floor - 1)) || floor > size ||
        floor > t->size || size > t->max_leaves)
        return IC_ERR_MALFORMED;
    for (uint32_t leaf = floor; (leaf = ic_mlspub_tree_next(t, leaf)) != IC_MLSPUB_NO_LEAF; leaf++)
        IC_TRY(leave(d, leaf));
    if (size > d->occupied_cap) {
        uint64_t *bits = ic_realloc(d->occupied, bits_words(size), sizeof *bits);
        if (!bits)
            return IC_ERR_NOMEM;
        for (size_t i = bits_words(d->occupied_cap); i < bits_words(size); i++)
            bits[i] = 0;
        d->occupied = bits;
        d->occupied_cap = size;
    }
    d->size = size;
    d->floor = floor;
    return IC_OK;
}

/* The tree that it leads to is one that may be sent: checked as if it had come from outside. */
static ic_err check_result(struct ic_mlspub_diff *d, struct ic_mlspub_fault *fault)
{
    struct ic_mlspub_tree *t;
    IC_BUF_SCOPE(bytes, SIZE_MAX);
    IC_TRY(ic_mlspub_diff_encode(d, &bytes));
    IC_TRY(ic_mlspub_tree_decode(d->t->suite, ic_buf_view(&bytes), d->t->max_leaves, fault, &t));
    bool same = t->size == d->size && t->members == d->members;
    ic_mlspub_tree_free(t);
    return same ? ic_mlspub_diff_seal(d) : IC_ERR_MALFORMED;
}

static ic_err read_diff(struct ic_reader *r, struct ic_mlspub_diff *d,
                        struct ic_mlspub_fault *fault)
{
    uint32_t size = ic_read_u32(r);
    uint32_t floor = ic_read_u32(r);
    struct ic_reader nodes = ic_read_sub(r, SIZE_MAX);
    IC_TRY(r->err);
    IC_TRY(set_size(d, size, floor));
    while (ic_reader_more(&nodes))
        IC_TRY(set_node(d, &nodes));
    IC_TRY(ic_reader_end(&nodes));
    return check_result(d, fault);
}

ic_err ic_mlspub_diff_read(struct ic_reader *r, const struct ic_mlspub_tree *t,
                           struct ic_mlspub_fault *fault, struct ic_mlspub_diff **out)
{
    struct ic_mlspub_diff *d;
    IC_TRY(ic_mlspub_diff_new(t, &d));
    ic_err e = read_diff(r, d, fault);
    if (e != IC_OK) {
        ic_mlspub_diff_free(d);
        return e;
    }
    *out = d;
    return IC_OK;
}

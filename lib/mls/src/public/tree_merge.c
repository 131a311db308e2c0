/* Paths, tree hashes through the overlay, and the merge. */
#include "tree_internal.h"
#include <assert.h>
#include <ic/base/mem.h>
#include <string.h>

/* ---- UpdatePath: sections 4.1.2, 7.5, 7.9 ---- */

void ic_mlspub_diff_filtered_path(const struct ic_mlspub_diff *d, uint32_t leaf, uint32_t *path,
                                  uint32_t *copath, size_t *count)
{
    struct source s = {d->t, d};
    uint32_t root = ic_mlspub_node_root(d->size);
    size_t n = 0;
    for (uint32_t node = ic_mlspub_node_of_leaf(leaf); node != root;) {
        uint32_t sibling = ic_mlspub_node_sibling(node);
        node = ic_mlspub_node_parent(node);
        if (ic_mlspub_source_empty(s, sibling))
            continue;
        path[n] = node;
        copath[n++] = sibling;
    }
    *count = n;
}

/* Section 12.4.2: none of the keys may be in the tree before the path is blanked, nor come twice.
 */
static ic_err check_path_keys(const struct ic_mlspub_diff *d, const struct ic_view *keys,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keys[i].len != d->t->suite->kem_public_len)
            return IC_ERR_KEY;
        /* RFC9420-12.4.2-r3 */
        if (ic_mlspub_diff_find_entry(d, keys[i], false) != KEYSET_ABSENT)
            return IC_ERR_EXISTS;
        for (size_t j = 0; j < i; j++)
            if (ic_view_equal(keys[i], keys[j]))
                return IC_ERR_EXISTS;
    }
    return IC_OK;
}

ic_err ic_mlspub_diff_set_path(struct ic_mlspub_diff *d, uint32_t leaf, const struct ic_view *keys,
                               size_t count, uint8_t *parent_hash, size_t *parent_hash_len)
{
    uint32_t path[IC_MLSPUB_DEPTH_MAX], copath[IC_MLSPUB_DEPTH_MAX];
    size_t n, len = 0;
    uint8_t hash[IC_HASH_MAX], sibling[IC_HASH_MAX];
    ic_mlspub_diff_filtered_path(d, leaf, path, copath, &n);
    if (n != count)
        return IC_ERR_RULE;
    IC_TRY(check_path_keys(d, keys, count));
    IC_TRY(ic_mlspub_diff_blank_path(d, leaf));
    /* From the root down: each node's hash goes into the one below it (section 7.9). */
    for (size_t i = n; i-- > 0;) {
        struct ic_view above = ic_view(hash, len);
        struct parent_rec *p = ic_mlspub_parent_rec_new(keys[i], above, ic_view(NULL, 0), 0);
        if (!p)
            return IC_ERR_NOMEM;
        IC_TRY(ic_mlspub_diff_set_value(d, path[i], p));
        IC_TRY(ic_mlspub_diff_hash(d, copath[i], sibling));
        uint8_t next[IC_HASH_MAX];
        ic_mlspub_hash_parent_hash(d->t->suite, keys[i], above, sibling, next);
        len = d->t->suite->hash_len;
        memcpy(hash, next, len);
    }
    memcpy(parent_hash, hash, len);
    *parent_hash_len = len;
    return IC_OK;
}

/* ---- tree hashes ---- */

static ic_err keep_hash(struct ic_mlspub_diff *d, uint32_t node, const uint8_t *hash)
{
    struct touched *e = ic_mlspub_diff_touch(d, node);
    if (!e)
        return IC_ERR_NOMEM;
    size_t n = d->t->suite->hash_len;
    memcpy(d->hashes + (size_t)(e - d->list) * n, hash, n);
    e->flags = (e->flags | TOUCH_HASHED) & ~(uint32_t)TOUCH_DIRTY;
    return IC_OK;
}

/* The hash that stands: the overlay's, or the tree's where nothing changed. */
static const uint8_t *known_hash(const struct ic_mlspub_diff *d, uint32_t node)
{
    size_t n = d->t->suite->hash_len;
    const struct touched *e = ic_mlspub_diff_find(d, node);
    if (e && e->flags & TOUCH_HASHED)
        return d->hashes + (size_t)(e - d->list) * n;
    if ((e && e->flags & TOUCH_DIRTY) || node >= ic_mlspub_node_count(d->floor))
        return NULL;
    return d->t->hashes + (size_t)node * n;
}

ic_err ic_mlspub_diff_hash(struct ic_mlspub_diff *d, uint32_t node, uint8_t *out)
{
    const struct ic_suite *s = d->t->suite;
    const uint8_t *known = known_hash(d, node);
    if (known) {
        memcpy(out, known, s->hash_len);
        return IC_OK;
    }
    uint8_t hash[IC_HASH_MAX];
    if (ic_mlspub_node_is_leaf(node)) {
        uint32_t leaf = ic_mlspub_leaf_of_node(node);
        ic_mlspub_hash_leaf(s, leaf, ic_mlspub_source_leaf((struct source){d->t, d}, leaf), hash);
    } else {
        uint8_t left[IC_HASH_MAX], right[IC_HASH_MAX];
        IC_TRY(ic_mlspub_diff_hash(d, ic_mlspub_node_left(node), left));
        IC_TRY(ic_mlspub_diff_hash(d, ic_mlspub_node_right(node), right));
        ic_mlspub_hash_parent(s, ic_mlspub_source_parent((struct source){d->t, d}, node), left,
                              right, hash);
    }
    IC_TRY(keep_hash(d, node, hash));
    memcpy(out, hash, s->hash_len);
    return IC_OK;
}

struct ic_view ic_mlspub_diff_tree_hash(const struct ic_mlspub_diff *d)
{
    assert(d->sealed);
    return ic_view(known_hash(d, ic_mlspub_node_root(d->size)), d->t->suite->hash_len);
}

/* ---- seal: all memory that the merge needs ---- */

static ic_err reserve_arrays(struct ic_mlspub_diff *d)
{
    struct ic_mlspub_tree *s = &d->spare;
    if (d->size <= d->t->cap || d->size <= s->cap)
        return IC_OK;
    ic_free(s->leaves);
    ic_free(s->parents);
    ic_free(s->hashes);
    s->cap = 0;
    s->leaves = ic_new_array(d->size, struct leaf_rec *);
    s->parents = ic_new_array(d->size, struct parent_rec *);
    s->hashes = ic_calloc(ic_mlspub_node_count(d->size), d->t->suite->hash_len);
    if (!s->leaves || !s->parents || !s->hashes)
        return IC_ERR_NOMEM;
    s->cap = d->size;
    return IC_OK;
}

static ic_err reserve_keys(struct ic_mlspub_diff *d)
{
    uint32_t cap = ic_mlspub_keyset_cap_for(d->t->keys.count + d->keys.count);
    if (cap <= d->t->keys.cap || cap <= d->spare_keys.cap)
        return IC_OK;
    ic_free(d->spare_keys.slots);
    d->spare_keys = (struct keyset){.slots = ic_new_array(cap, uint32_t)};
    if (!d->spare_keys.slots)
        return IC_ERR_NOMEM;
    d->spare_keys.cap = cap;
    return IC_OK;
}

static ic_err reserve_counts(const struct counts *have, const struct counts *more,
                             struct counts *spare)
{
    uint32_t cap = ic_mlspub_counts_cap_for(have->used + more->used);
    if (cap <= have->cap || cap <= spare->cap)
        return IC_OK;
    ic_free(spare->slots);
    *spare = (struct counts){.slots = ic_new_array(cap, struct count_slot)};
    if (!spare->slots)
        return IC_ERR_NOMEM;
    spare->cap = cap;
    return IC_OK;
}

ic_err ic_mlspub_diff_seal(struct ic_mlspub_diff *d)
{
    uint8_t root[IC_HASH_MAX];
    IC_TRY(ic_mlspub_diff_hash(d, ic_mlspub_node_root(d->size), root));
    IC_TRY(reserve_arrays(d));
    IC_TRY(reserve_keys(d));
    IC_TRY(reserve_counts(&d->t->support.lists, &d->support.lists, &d->spare_lists));
    IC_TRY(reserve_counts(&d->t->support.in_use, &d->support.in_use, &d->spare_in_use));
    d->sealed = true;
    return IC_OK;
}

/* ---- merge ---- */

/* Blanks the node in the tree, keys and all. */
static void clear_node(struct ic_mlspub_tree *t, uint32_t node)
{
    bool leaf = ic_mlspub_node_is_leaf(node);
    void *rec = leaf ? (void *)t->leaves[node / 2] : (void *)t->parents[node / 2];
    if (!rec)
        return;
    for (uint32_t signature = 0; signature < 1u + leaf; signature++) {
        uint32_t entry = keyset_entry(node, signature);
        ic_mlspub_keyset_remove(&t->keys, ic_mlspub_tree_entry_key(t, entry), entry,
                                ic_mlspub_tree_entry_key, t);
    }
    ic_free(rec);
    if (leaf)
        t->leaves[node / 2] = NULL;
    else
        t->parents[node / 2] = NULL;
}

/* Everything that the diff replaces or cut off. */
static void clear_replaced(struct ic_mlspub_tree *t, const struct ic_mlspub_diff *d)
{
    for (uint32_t i = 0; i < d->count; i++)
        if (d->list[i].flags & TOUCH_VALUE && d->list[i].node < ic_mlspub_node_count(t->size))
            clear_node(t, d->list[i].node);
    for (uint32_t n = ic_mlspub_node_count(d->floor); n < ic_mlspub_node_count(t->size); n++)
        clear_node(t, n);
}

static void grow_arrays(struct ic_mlspub_tree *t, struct ic_mlspub_tree *spare)
{
    memcpy(spare->leaves, t->leaves, t->size * sizeof *t->leaves);
    memcpy(spare->parents, t->parents, t->size * sizeof *t->parents);
    memcpy(spare->hashes, t->hashes, (size_t)ic_mlspub_node_count(t->size) * t->suite->hash_len);
    ic_free(t->leaves);
    ic_free(t->parents);
    ic_free(t->hashes);
    t->leaves = spare->leaves;
    t->parents = spare->parents;
    t->hashes = spare->hashes;
    t->cap = spare->cap;
    spare->leaves = NULL;
    spare->parents = NULL;
    spare->hashes = NULL;
}

static void install_node(struct ic_mlspub_tree *t, struct touched *e, const uint8_t *hash)
{
    size_t n = t->suite->hash_len;
    if (e->flags & TOUCH_HASHED)
        memcpy(t->hashes + e->node * n, hash, n);
    if (!e->rec)
        return;
    bool leaf = ic_mlspub_node_is_leaf(e->node);
    if (leaf)
        t->leaves[e->node / 2] = e->rec;
    else
        t->parents[e->node / 2] = e->rec;
    e->rec = NULL;
    for (uint32_t signature = 0; signature < 1u + leaf; signature++) {
        uint32_t entry = keyset_entry(e->node, signature);
        ic_mlspub_keyset_put(&t->keys, ic_mlspub_tree_entry_key(t, entry), entry);
    }
}

static void merge_counts(struct counts *to, const struct counts *from, struct counts *spare)
{
    if (spare->cap > to->cap) {
        ic_mlspub_counts_rehash(to, spare->slots, spare->cap);
        spare->slots = NULL;
    }
    for (uint32_t i = 0; i < from->cap; i++)
        if (from->slots[i].key && from->slots[i].n)
            IC_IGNORE(ic_mlspub_counts_add(to, from->slots[i].key - 1, from->slots[i].n));
}

void ic_mlspub_diff_merge(struct ic_mlspub_tree *t, struct ic_mlspub_diff *d)
{
    assert(d->sealed && d->t == t && d->generation == t->generation);
    clear_replaced(t, d);
    if (d->size > t->cap)
        grow_arrays(t, &d->spare);
    if (d->spare_keys.cap > t->keys.cap) {
        ic_mlspub_keyset_rehash(&t->keys, d->spare_keys.slots, d->spare_keys.cap,
                                ic_mlspub_tree_entry_key, t);
        d->spare_keys.slots = NULL;
    }
    for (uint32_t i = 0; i < d->count; i++)
        if (d->list[i].node < ic_mlspub_node_count(d->size))
            install_node(t, &d->list[i], d->hashes + (size_t)i * t->suite->hash_len);
    merge_counts(&t->support.lists, &d->support.lists, &d->spare_lists);
    merge_counts(&t->support.in_use, &d->support.in_use, &d->spare_in_use);
    ic_free(t->occupied);
    t->occupied = d->occupied;
    d->occupied = NULL;
    t->size = d->size;
    t->members = d->members;
    t->generation++;
    ic_mlspub_diff_free(d);
}

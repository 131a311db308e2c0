/* The overlay: touched nodes, and the operations of RFC 9420 sections 12.1.1 to 12.1.3 on them. */
#include "tree_internal.h"
#include <assert.h>
#include <ic/base/mem.h>
#include <string.h>

ic_err ic_mlspub_diff_new(const struct ic_mlspub_tree *t, struct ic_mlspub_diff **out)
{
    struct ic_mlspub_diff *d = ic_new(struct ic_mlspub_diff);
    if (!d)
        return IC_ERR_NOMEM;
    d->t = t;
    d->generation = t->generation;
    d->size = d->floor = d->occupied_cap = t->size;
    d->members = t->members;
    d->occupied = ic_memdup(t->occupied, bits_words(t->size) * sizeof *t->occupied);
    if (!d->occupied) {
        ic_free(d);
        return IC_ERR_NOMEM;
    }
    *out = d;
    return IC_OK;
}

void ic_mlspub_diff_free(struct ic_mlspub_diff *d)
{
    if (!d)
        return;
    for (uint32_t i = 0; i < d->count; i++)
        ic_free(d->list[i].rec);
    ic_free(d->list);
    ic_free(d->hashes);
    ic_free(d->slots);
    ic_free(d->occupied);
    ic_free(d->keys.slots);
    ic_mlspub_support_clear(&d->support);
    ic_free(d->spare.leaves);
    ic_free(d->spare.parents);
    ic_free(d->spare.hashes);
    ic_free(d->spare_keys.slots);
    ic_free(d->spare_lists.slots);
    ic_free(d->spare_in_use.slots);
    ic_free(d);
}

/* ---- touched nodes ---- */

static uint32_t *slot_of(uint32_t *slots, uint32_t cap, const struct touched *list, uint32_t node)
{
    uint32_t i = node * 0x9e3779b1u >> 8 & (cap - 1);
    while (slots[i] && list[slots[i] - 1].node != node)
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

struct touched *ic_mlspub_diff_find(const struct ic_mlspub_diff *d, uint32_t node)
{
    if (!d->slot_cap)
        return NULL;
    uint32_t at = *slot_of(d->slots, d->slot_cap, d->list, node);
    return at ? &d->list[at - 1] : NULL;
}

/* Room for one more entry; every array may move. */
static ic_err grow_touched(struct ic_mlspub_diff *d)
{
    if (d->count < d->cap)
        return IC_OK;
    uint32_t cap = d->cap ? d->cap * 2 : 64;
    struct touched *list = ic_realloc(d->list, cap, sizeof *list);
    if (!list)
        return IC_ERR_NOMEM;
    d->list = list;
    uint8_t *hashes = ic_realloc(d->hashes, cap, d->t->suite->hash_len);
    if (!hashes)
        return IC_ERR_NOMEM;
    d->hashes = hashes;
    uint32_t *slots = ic_new_array((size_t)cap * 2, uint32_t);
    if (!slots)
        return IC_ERR_NOMEM;
    for (uint32_t i = 0; i < d->count; i++)
        *slot_of(slots, cap * 2, d->list, d->list[i].node) = i + 1;
    ic_free(d->slots);
    d->slots = slots;
    d->slot_cap = cap * 2;
    d->cap = cap;
    return IC_OK;
}

struct touched *ic_mlspub_diff_touch(struct ic_mlspub_diff *d, uint32_t node)
{
    struct touched *e = ic_mlspub_diff_find(d, node);
    if (e)
        return e;
    if (grow_touched(d) != IC_OK)
        return NULL;
    e = &d->list[d->count++];
    *e = (struct touched){.node = node};
    *slot_of(d->slots, d->slot_cap, d->list, node) = d->count;
    return e;
}

/* The node and all above it are to be hashed again. A dirty node's ancestors are dirty, or too new
 * to have a hash. */
static ic_err mark_dirty(struct ic_mlspub_diff *d, uint32_t node)
{
    uint32_t root = ic_mlspub_node_root(d->size);
    for (bool first = true;; first = false) {
        struct touched *e = ic_mlspub_diff_touch(d, node);
        if (!e)
            return IC_ERR_NOMEM;
        if (!first && e->flags & TOUCH_DIRTY)
            return IC_OK;
        e->flags = (e->flags | TOUCH_DIRTY) & ~(uint32_t)TOUCH_HASHED;
        if (node == root)
            return IC_OK;
        node = ic_mlspub_node_parent(node);
    }
}

/* ---- keys ---- */

struct ic_view ic_mlspub_diff_entry_key(const void *diff, uint32_t entry)
{
    const struct touched *e = ic_mlspub_diff_find(diff, keyset_node(entry));
    if (!ic_mlspub_node_is_leaf(e->node))
        return parent_rec_key(e->rec);
    return entry & 1 ? ic_mlspub_leaf_rec_signature_key(e->rec) : ic_mlspub_leaf_rec_key(e->rec);
}

uint32_t ic_mlspub_diff_old_entry(const struct ic_mlspub_diff *d, struct ic_view key,
                                  bool signature)
{
    uint32_t entry = ic_mlspub_tree_find_entry(d->t, key, signature);
    if (entry == KEYSET_ABSENT || keyset_node(entry) >= ic_mlspub_node_count(d->floor))
        return KEYSET_ABSENT;
    const struct touched *e = ic_mlspub_diff_find(d, keyset_node(entry));
    return e && e->flags & TOUCH_VALUE ? KEYSET_ABSENT : entry;
}

uint32_t ic_mlspub_diff_find_entry(const struct ic_mlspub_diff *d, struct ic_view key,
                                   bool signature)
{
    uint32_t entry = ic_mlspub_keyset_find(&d->keys, key, signature, ic_mlspub_diff_entry_key, d);
    return entry != KEYSET_ABSENT ? entry : ic_mlspub_diff_old_entry(d, key, signature);
}

/* A key may stand twice for a while: what one proposal drops another may take up, in any order. That it
 * stands once in the end is ic_mlspub_diff_unique's to say. */
static ic_err index_key(struct ic_mlspub_diff *d, struct ic_view key, uint32_t node, bool signature)
{
    if (ic_mlspub_keyset_cap_for(d->keys.count + 1) > d->keys.cap) {
        uint32_t cap = ic_mlspub_keyset_cap_for(d->keys.count + 1);
        uint32_t *slots = ic_new_array(cap, uint32_t);
        if (!slots)
            return IC_ERR_NOMEM;
        ic_mlspub_keyset_rehash(&d->keys, slots, cap, ic_mlspub_diff_entry_key, d);
    }
    ic_mlspub_keyset_put(&d->keys, key, keyset_entry(node, signature));
    return IC_OK;
}

static void unindex(struct ic_mlspub_diff *d, const struct touched *e)
{
    if (!e->rec)
        return;
    for (uint32_t signature = 0; signature < 1u + ic_mlspub_node_is_leaf(e->node); signature++) {
        uint32_t entry = keyset_entry(e->node, signature);
        ic_mlspub_keyset_remove(&d->keys, ic_mlspub_diff_entry_key(d, entry), entry,
                                ic_mlspub_diff_entry_key, d);
    }
}

static ic_err index_value(struct ic_mlspub_diff *d, uint32_t node, const void *rec)
{
    if (!rec)
        return IC_OK;
    if (!ic_mlspub_node_is_leaf(node))
        return index_key(d, parent_rec_key(rec), node, false);
    IC_TRY(index_key(d, ic_mlspub_leaf_rec_key(rec), node, false));
    ic_err e = index_key(d, ic_mlspub_leaf_rec_signature_key(rec), node, true);
    if (e != IC_OK) {
        uint32_t entry = keyset_entry(node, false);
        ic_mlspub_keyset_remove(&d->keys, ic_mlspub_leaf_rec_key(rec), entry,
                                ic_mlspub_diff_entry_key, d);
    }
    return e;
}

ic_err ic_mlspub_diff_set_value(struct ic_mlspub_diff *d, uint32_t node, void *rec)
{
    d->sealed = false;
    ic_err err = mark_dirty(d, node);
    if (err != IC_OK) {
        ic_free(rec);
        return err;
    }
    struct touched *e = ic_mlspub_diff_find(d, node);
    if (e->flags & TOUCH_VALUE)
        unindex(d, e);
    ic_free(e->rec);
    e->rec = rec;
    e->flags |= TOUCH_VALUE;
    err = index_value(d, node, rec);
    if (err != IC_OK) {
        /* Without its keys indexed the value cannot stay. */
        ic_free(e->rec);
        e->rec = NULL;
    }
    return err;
}

/* ---- leaves ---- */

static ic_err count_support(struct ic_mlspub_diff *d, const struct leaf_rec *l, int32_t n)
{
    struct ic_mlspub_leaf_node leaf;
    IC_TRY(ic_mlspub_leaf_rec_decode(l, &leaf));
    return ic_mlspub_support_add(&d->support, &leaf, n);
}

static ic_err replace_leaf(struct ic_mlspub_diff *d, uint32_t leaf,
                           const struct ic_mlspub_leaf_node *l)
{
    if (l->encryption_key.len != d->t->suite->kem_public_len ||
        l->signature_key.len != d->t->suite->sig_public_len)
        return IC_ERR_KEY;
    const struct leaf_rec *former = ic_mlspub_source_leaf((struct source){d->t, d}, leaf);
    if (former)
        IC_TRY(count_support(d, former, -1));
    struct leaf_rec *rec = ic_mlspub_leaf_rec_new(l->encoded);
    if (!rec)
        return IC_ERR_NOMEM;
    IC_TRY(ic_mlspub_diff_set_value(d, ic_mlspub_node_of_leaf(leaf), rec));
    return ic_mlspub_support_add(&d->support, l, 1);
}

ic_err ic_mlspub_diff_blank_path(struct ic_mlspub_diff *d, uint32_t leaf)
{
    uint32_t root = ic_mlspub_node_root(d->size);
    for (uint32_t node = ic_mlspub_node_of_leaf(leaf); node != root;) {
        node = ic_mlspub_node_parent(node);
        if (ic_mlspub_source_parent((struct source){d->t, d}, node))
            IC_TRY(ic_mlspub_diff_set_value(d, node, NULL));
    }
    return IC_OK;
}

/* Doubles the tree: section 7.7. */
static ic_err extend(struct ic_mlspub_diff *d)
{
    if (d->size > d->t->max_leaves / 2)
        return IC_ERR_LIMIT;
    if (d->size * 2 > d->occupied_cap) {
        size_t have = bits_words(d->occupied_cap), want = bits_words(d->size * 2);
        uint64_t *bits = ic_realloc(d->occupied, want, sizeof *bits);
        if (!bits)
            return IC_ERR_NOMEM;
        memset(bits + have, 0, (want - have) * sizeof *bits);
        d->occupied = bits;
        d->occupied_cap = d->size * 2;
    }
    d->size *= 2;
    return IC_OK;
}

/* The leaf joins the unmerged ones of every non-blank node above it: section 12.1.1. */
static ic_err add_unmerged(struct ic_mlspub_diff *d, uint32_t leaf)
{
    uint32_t root = ic_mlspub_node_root(d->size);
    for (uint32_t node = ic_mlspub_node_of_leaf(leaf); node != root;) {
        node = ic_mlspub_node_parent(node);
        const struct parent_rec *p = ic_mlspub_source_parent((struct source){d->t, d}, node);
        if (!p)
            continue;
        struct touched *e = ic_mlspub_diff_find(d, node);
        if (e && e->flags & TOUCH_VALUE && p->count < parent_rec_room(p)) {
            ic_mlspub_parent_rec_insert(e->rec, leaf);
            continue;
        }
        struct parent_rec *copy = ic_mlspub_parent_rec_new(
            parent_rec_key(p), parent_rec_hash(p), parent_rec_unmerged(p), 1 + p->count / 2);
        if (!copy)
            return IC_ERR_NOMEM;
        ic_mlspub_parent_rec_insert(copy, leaf);
        IC_TRY(ic_mlspub_diff_set_value(d, node, copy));
    }
    return IC_OK;
}

static ic_err occupy(struct ic_mlspub_diff *d, const struct ic_mlspub_leaf_node *l, uint32_t *out)
{
    uint32_t leaf = ic_mlspub_bits_next(d->occupied, false, d->blank_hint, d->size);
    if (leaf == d->size)
        IC_TRY(extend(d));
    IC_TRY(replace_leaf(d, leaf, l));
    bits_set(d->occupied, leaf);
    d->members++;
    d->blank_hint = leaf + 1;
    *out = leaf;
    return IC_OK;
}

ic_err ic_mlspub_diff_add(struct ic_mlspub_diff *d, const struct ic_mlspub_leaf_node *l,
                          uint32_t *leaf)
{
    uint32_t at;
    IC_TRY(occupy(d, l, &at));
    ic_mlspub_diff_find(d, ic_mlspub_node_of_leaf(at))->flags |= TOUCH_ADDED;
    IC_TRY(add_unmerged(d, at));
    *leaf = at;
    return IC_OK;
}

ic_err ic_mlspub_diff_add_external(struct ic_mlspub_diff *d, const struct ic_mlspub_leaf_node *l,
                                   uint32_t *leaf)
{
    return occupy(d, l, leaf);
}

static bool present(const struct ic_mlspub_diff *d, uint32_t leaf)
{
    return leaf < d->size && bits_get(d->occupied, leaf);
}

ic_err ic_mlspub_diff_update(struct ic_mlspub_diff *d, uint32_t leaf,
                             const struct ic_mlspub_leaf_node *l)
{
    if (!present(d, leaf))
        return IC_ERR_NOT_FOUND;
    IC_TRY(replace_leaf(d, leaf, l));
    return ic_mlspub_diff_blank_path(d, leaf);
}

ic_err ic_mlspub_diff_set_leaf(struct ic_mlspub_diff *d, uint32_t leaf,
                               const struct ic_mlspub_leaf_node *l)
{
    return present(d, leaf) ? replace_leaf(d, leaf, l) : IC_ERR_NOT_FOUND;
}

/* What was touched beyond the new edge is blank from now on, should the tree grow again. */
static void drop_beyond(struct ic_mlspub_diff *d)
{
    for (uint32_t i = 0; i < d->count; i++) {
        struct touched *e = &d->list[i];
        if (e->node < ic_mlspub_node_count(d->size))
            continue;
        if (e->flags & TOUCH_VALUE)
            unindex(d, e);
        ic_free(e->rec);
        e->rec = NULL;
        e->flags = TOUCH_VALUE | TOUCH_DIRTY;
    }
}

/* Section 12.1.3: halves the tree while its right half is blank. */
static void truncate_tree(struct ic_mlspub_diff *d)
{
    uint32_t top = ic_mlspub_bits_top(d->occupied, d->size), size = d->size;
    while (size > 1 && top <= size / 2)
        size /= 2;
    if (size == d->size)
        return;
    d->size = size;
    if (d->floor > size)
        d->floor = size;
    drop_beyond(d);
}

ic_err ic_mlspub_diff_remove(struct ic_mlspub_diff *d, uint32_t leaf)
{
    if (!present(d, leaf))
        return IC_ERR_NOT_FOUND;
    const struct leaf_rec *former = ic_mlspub_source_leaf((struct source){d->t, d}, leaf);
    IC_TRY(count_support(d, former, -1));
    IC_TRY(ic_mlspub_diff_set_value(d, ic_mlspub_node_of_leaf(leaf), NULL));
    IC_TRY(ic_mlspub_diff_blank_path(d, leaf));
    bits_reset(d->occupied, leaf);
    d->members--;
    if (leaf < d->blank_hint)
        d->blank_hint = leaf;
    truncate_tree(d);
    return IC_OK;
}

/* ---- reading ---- */

uint32_t ic_mlspub_diff_size(const struct ic_mlspub_diff *d)
{
    return d->size;
}

uint32_t ic_mlspub_diff_members(const struct ic_mlspub_diff *d)
{
    return d->members;
}

struct ic_view ic_mlspub_diff_leaf_bytes(const struct ic_mlspub_diff *d, uint32_t leaf)
{
    return leaf_rec_view(ic_mlspub_source_leaf((struct source){d->t, d}, leaf));
}

ic_err ic_mlspub_diff_leaf(const struct ic_mlspub_diff *d, uint32_t leaf,
                           struct ic_mlspub_leaf_node *out)
{
    const struct leaf_rec *l = ic_mlspub_source_leaf((struct source){d->t, d}, leaf);
    return l ? ic_mlspub_leaf_rec_decode(l, out) : IC_ERR_NOT_FOUND;
}

struct ic_view ic_mlspub_diff_key(const struct ic_mlspub_diff *d, uint32_t node)
{
    return ic_mlspub_source_key((struct source){d->t, d}, node);
}

uint32_t ic_mlspub_diff_next(const struct ic_mlspub_diff *d, uint32_t from)
{
    uint32_t at = ic_mlspub_bits_next(d->occupied, true, from, d->size);
    return at < d->size ? at : IC_MLSPUB_NO_LEAF;
}

uint32_t ic_mlspub_diff_find_signer(const struct ic_mlspub_diff *d, struct ic_view signature_key)
{
    uint32_t entry = ic_mlspub_diff_find_entry(d, signature_key, true);
    return entry == KEYSET_ABSENT ? IC_MLSPUB_NO_LEAF : ic_mlspub_leaf_of_node(keyset_node(entry));
}

uint32_t ic_mlspub_diff_find_key(const struct ic_mlspub_diff *d, struct ic_view encryption_key)
{
    uint32_t entry = ic_mlspub_diff_find_entry(d, encryption_key, false);
    return entry == KEYSET_ABSENT ? IC_MLSPUB_NO_LEAF : keyset_node(entry);
}

ic_err ic_mlspub_diff_resolution(const struct ic_mlspub_diff *d, uint32_t node, bool without_added,
                                 struct ic_arena *a, const uint32_t **nodes, size_t *count)
{
    return ic_mlspub_source_resolution((struct source){d->t, d}, node, without_added, a, nodes,
                                       count);
}

ic_err ic_mlspub_diff_encode(const struct ic_mlspub_diff *d, struct ic_buf *out)
{
    return ic_mlspub_source_encode((struct source){d->t, d}, out);
}

bool ic_mlspub_diff_all_support(const struct ic_mlspub_diff *d, enum ic_mlspub_support list,
                                uint16_t type)
{
    return ic_mlspub_source_all_support((struct source){d->t, d}, list, type);
}

bool ic_mlspub_diff_credentials_agree(const struct ic_mlspub_diff *d)
{
    return ic_mlspub_source_credentials_agree((struct source){d->t, d});
}

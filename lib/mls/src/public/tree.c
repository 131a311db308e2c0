/* Making, reading and encoding trees. */
#include "tree_internal.h"
#include <assert.h>
#include <ic/base/mem.h>
#include <string.h>

static ic_err tree_alloc(const struct ic_suite *s, uint32_t size, uint32_t max_leaves,
                         struct ic_mlspub_tree **out)
{
    struct ic_mlspub_tree *t = ic_new(struct ic_mlspub_tree);
    if (!t)
        return IC_ERR_NOMEM;
    t->suite = s;
    t->size = t->cap = size;
    t->max_leaves = max_leaves;
    t->leaves = ic_new_array(size, struct leaf_rec *);
    t->parents = ic_new_array(size, struct parent_rec *);
    t->hashes = ic_calloc(ic_mlspub_node_count(size), s->hash_len);
    t->occupied = ic_new_array(bits_words(size), uint64_t);
    if (!t->leaves || !t->parents || !t->hashes || !t->occupied) {
        ic_mlspub_tree_free(t);
        return IC_ERR_NOMEM;
    }
    *out = t;
    return IC_OK;
}

void ic_mlspub_tree_free(struct ic_mlspub_tree *t)
{
    if (!t)
        return;
    for (uint32_t i = 0; i < t->size; i++) {
        if (t->leaves)
            ic_free(t->leaves[i]);
        if (t->parents)
            ic_free(t->parents[i]);
    }
    ic_free(t->leaves);
    ic_free(t->parents);
    ic_free(t->hashes);
    ic_free(t->occupied);
    ic_free(t->keys.slots);
    ic_mlspub_support_clear(&t->support);
    ic_free(t);
}

static void tree_free_scope(struct ic_mlspub_tree **t)
{
    ic_mlspub_tree_free(*t);
}

static uint32_t limit_of(uint32_t max_leaves)
{
    if (max_leaves == 0)
        return IC_MLSPUB_MAX_LEAVES;
    return max_leaves < SIZE_HARD_MAX ? max_leaves : SIZE_HARD_MAX;
}

/* Room in the key index for so many entries, of an index that is empty yet. */
static ic_err keys_init(struct ic_mlspub_tree *t, uint32_t count)
{
    t->keys.cap = ic_mlspub_keyset_cap_for(count);
    t->keys.slots = ic_new_array(t->keys.cap, uint32_t);
    return t->keys.slots ? IC_OK : IC_ERR_NOMEM;
}

static ic_err put_key(struct ic_mlspub_tree *t, struct ic_view key, uint32_t node, bool signature,
                      struct ic_mlspub_fault *fault)
{
    /* RFC9420-7.3-r5 RFC9420-7.3-r6 RFC9420-12.4.3.1-r6 RFC9420-16.7-1 */
    if (ic_mlspub_tree_find_entry(t, key, signature) != KEYSET_ABSENT)
        return ic_mlspub_fault_set(
            fault, IC_ERR_RULE,
            signature ? "RFC 9420 section 7.3: a signature key appears twice"
                      : "RFC 9420 section 12.4.3.1: an encryption key appears twice",
            ic_mlspub_node_first_leaf(node));
    ic_mlspub_keyset_put(&t->keys, key, keyset_entry(node, signature));
    return IC_OK;
}

/* Takes l's bytes into the slot, with its keys and what it supports. */
static ic_err place_leaf(struct ic_mlspub_tree *t, uint32_t leaf,
                         const struct ic_mlspub_leaf_node *l, struct ic_mlspub_fault *fault)
{
    if (l->encryption_key.len != t->suite->kem_public_len ||
        l->signature_key.len != t->suite->sig_public_len)
        return ic_mlspub_fault_set(
            fault, IC_ERR_KEY, "RFC 9420 section 10: a key does not fit the cipher suite", leaf);
    t->leaves[leaf] = ic_mlspub_leaf_rec_new(l->encoded);
    if (!t->leaves[leaf])
        return IC_ERR_NOMEM;
    bits_set(t->occupied, leaf);
    t->members++;
    uint32_t node = ic_mlspub_node_of_leaf(leaf);
    IC_TRY(put_key(t, l->encryption_key, node, false, fault));
    IC_TRY(put_key(t, l->signature_key, node, true, fault));
    return ic_mlspub_support_add(&t->support, l, 1);
}

/* Tree hashes of the subtree, bottom up. */
static void hash_subtree(struct ic_mlspub_tree *t, uint32_t node)
{
    size_t n = t->suite->hash_len;
    if (ic_mlspub_node_is_leaf(node)) {
        uint32_t leaf = ic_mlspub_leaf_of_node(node);
        ic_mlspub_hash_leaf(t->suite, leaf, t->leaves[leaf], t->hashes + node * n);
        return;
    }
    uint32_t left = ic_mlspub_node_left(node), right = ic_mlspub_node_right(node);
    hash_subtree(t, left);
    hash_subtree(t, right);
    ic_mlspub_hash_parent(t->suite, t->parents[node / 2], t->hashes + left * n,
                          t->hashes + right * n, t->hashes + node * n);
}

ic_err ic_mlspub_tree_new(const struct ic_suite *s, const struct ic_mlspub_leaf_node *leaf,
                          uint32_t max_leaves, struct ic_mlspub_tree **out)
{
    IC_CLEANUP(tree_free_scope) struct ic_mlspub_tree *t = NULL;
    IC_TRY(tree_alloc(s, 1, limit_of(max_leaves), &t));
    IC_TRY(keys_init(t, 2));
    IC_TRY(place_leaf(t, 0, leaf, NULL));
    hash_subtree(t, 0);
    *out = t;
    t = NULL;
    return IC_OK;
}

/* ---- decoding: section 12.4.3.3 ---- */

enum { NODE_LEAF = 1, NODE_PARENT = 2 };

struct wire_node {
    bool present;
    struct ic_mlspub_leaf_node leaf; /* of an even index */
    struct ic_view key, parent_hash, unmerged;
};

static void wire_node_read(struct ic_reader *r, uint32_t index, struct wire_node *out)
{
    uint8_t present = ic_read_u8(r);
    /* RFC9420-2.1.1-1 */
    if (present > 1)
        ic_reader_fail(r, IC_ERR_MALFORMED);
    out->present = r->err == IC_OK && present == 1;
    if (!out->present)
        return;
    uint8_t type = ic_read_u8(r);
    /* Leaves stand at even positions, parents at odd ones. */
    if (r->err == IC_OK && type != (ic_mlspub_node_is_leaf(index) ? NODE_LEAF : NODE_PARENT))
        ic_reader_fail(r, IC_ERR_MALFORMED);
    if (r->err != IC_OK)
        return;
    if (type == NODE_LEAF) {
        ic_mlspub_leaf_node_read(r, NULL, &out->leaf);
        return;
    }
    out->key = ic_read_vec(r, SIZE_MAX);
    out->parent_hash = ic_read_vec(r, SIZE_MAX);
    out->unmerged = ic_read_vec(r, SIZE_MAX);
    if (out->unmerged.len % 4 != 0)
        ic_reader_fail(r, IC_ERR_MALFORMED);
}

struct shape {
    uint32_t nodes;   /* on the wire */
    uint32_t parents; /* non-blank */
    uint32_t members;
};

/* First pass: how large it is, before anything is allocated. */
static ic_err read_shape(struct ic_view list, uint32_t max_leaves, struct shape *out)
{
    struct shape s = {0};
    struct ic_reader r = ic_reader(list);
    struct wire_node n = {0};
    while (ic_reader_more(&r)) {
        if (s.nodes >= ic_mlspub_node_count(max_leaves))
            return IC_ERR_LIMIT;
        wire_node_read(&r, s.nodes, &n);
        s.parents += n.present && !ic_mlspub_node_is_leaf(s.nodes);
        s.members += n.present && ic_mlspub_node_is_leaf(s.nodes);
        s.nodes++;
    }
    IC_TRY(ic_reader_end(&r));
    /* RFC 9420 section 12.4.3.3: the last node MUST be non-blank, and a leaf.
     * RFC9420-12.4.3.3-2 RFC9420-12.4.3.3-3 */
    if (!n.present || s.members == 0 || s.nodes % 2 == 0)
        return IC_ERR_MALFORMED;
    *out = s;
    return IC_OK;
}

static ic_err place_parent(struct ic_mlspub_tree *t, uint32_t node, const struct wire_node *n,
                           struct ic_mlspub_fault *fault)
{
    uint32_t first = ic_mlspub_node_first_leaf(node);
    if (n->key.len != t->suite->kem_public_len)
        return ic_mlspub_fault_set(
            fault, IC_ERR_KEY, "RFC 9420 section 7.1: a key does not fit the cipher suite", first);
    if (n->parent_hash.len != 0 && n->parent_hash.len != t->suite->hash_len)
        return ic_mlspub_fault_set(
            fault, IC_ERR_RULE, "RFC 9420 section 7.9: a parent hash has the wrong length", first);
    if (n->unmerged.len / 4 > ic_mlspub_node_leaf_count(node))
        return ic_mlspub_fault_set(fault, IC_ERR_RULE,
                                   "RFC 9420 section 7.1: more unmerged leaves than leaves", first);
    t->parents[node / 2] = ic_mlspub_parent_rec_new(n->key, n->parent_hash, n->unmerged, 0);
    if (!t->parents[node / 2])
        return IC_ERR_NOMEM;
    return put_key(t, n->key, node, false, fault);
}

static ic_err place_nodes(struct ic_mlspub_tree *t, struct ic_view list,
                          struct ic_mlspub_fault *fault)
{
    struct ic_reader r = ic_reader(list);
    struct wire_node n = {0};
    for (uint32_t i = 0; ic_reader_more(&r); i++) {
        wire_node_read(&r, i, &n);
        if (!n.present)
            continue;
        if (ic_mlspub_node_is_leaf(i))
            IC_TRY(place_leaf(t, ic_mlspub_leaf_of_node(i), &n.leaf, fault));
        else
            IC_TRY(place_parent(t, i, &n, fault));
    }
    return ic_reader_end(&r);
}

/* The node below `node` towards the leaf: the first that is non-blank; a leaf at last. */
static uint32_t next_below(const struct ic_mlspub_tree *t, uint32_t node, uint32_t leaf)
{
    do {
        uint32_t left = ic_mlspub_node_left(node);
        node = ic_mlspub_node_covers(left, leaf) ? left : ic_mlspub_node_right(node);
    } while (!ic_mlspub_node_is_leaf(node) && !t->parents[node / 2]);
    return node;
}

/* Sections 7.1 and 12.4.3.1. That every node between lists the leaf too follows by induction from
 * the next one below. */
static ic_err check_unmerged(const struct ic_mlspub_tree *t, uint32_t node,
                             struct ic_mlspub_fault *fault)
{
    struct ic_view list = parent_rec_unmerged(t->parents[node / 2]);
    for (size_t i = 0; i < list.len; i += 4) {
        uint32_t leaf = ic_load_u32(list.p + i);
        /* RFC9420-7.1-1 */
        if (i > 0 && leaf <= ic_load_u32(list.p + i - 4))
            return ic_mlspub_fault_set(
                fault, IC_ERR_RULE, "RFC 9420 section 7.1: unmerged leaves are not sorted", leaf);
        /* RFC9420-12.4.3.1-r5 */
        if (!ic_mlspub_node_covers(node, leaf) || !t->leaves[leaf])
            return ic_mlspub_fault_set(
                fault, IC_ERR_RULE,
                "RFC 9420 section 12.4.3.1: an unmerged leaf is blank or no descendant", leaf);
        uint32_t below = next_below(t, node, leaf);
        if (!ic_mlspub_node_is_leaf(below) &&
            !ic_mlspub_unmerged_has(parent_rec_unmerged(t->parents[below / 2]), leaf))
            return ic_mlspub_fault_set(
                fault, IC_ERR_RULE,
                "RFC 9420 section 12.4.3.1: an unmerged leaf is missing in a node between", leaf);
    }
    return IC_OK;
}

static ic_err check_parents(const struct ic_mlspub_tree *t, struct ic_mlspub_fault *fault)
{
    struct source s = {t, NULL};
    for (uint32_t node = 1; node < ic_mlspub_node_count(t->size); node += 2) {
        if (!t->parents[node / 2])
            continue;
        if (ic_mlspub_source_empty(s, node))
            return ic_mlspub_fault_set(fault, IC_ERR_RULE,
                                       "RFC 9420 section 7.9.2: a parent node above blank leaves",
                                       ic_mlspub_node_first_leaf(node));
        IC_TRY(check_unmerged(t, node, fault));
    }
    return IC_OK;
}

ic_err ic_mlspub_tree_decode(const struct ic_suite *s, struct ic_view encoded, uint32_t max_leaves,
                             struct ic_mlspub_fault *fault, struct ic_mlspub_tree **out)
{
    struct ic_reader r = ic_reader(encoded);
    struct ic_view list = ic_read_vec(&r, SIZE_MAX);
    IC_TRY(ic_reader_end(&r));
    struct shape shape;
    IC_TRY(read_shape(list, limit_of(max_leaves), &shape));
    uint32_t size = 1;
    while (ic_mlspub_node_count(size) < shape.nodes)
        size *= 2;
    if (size > limit_of(max_leaves))
        return IC_ERR_LIMIT;
    IC_CLEANUP(tree_free_scope) struct ic_mlspub_tree *t = NULL;
    IC_TRY(tree_alloc(s, size, limit_of(max_leaves), &t));
    IC_TRY(keys_init(t, 2 * shape.members + shape.parents));
    IC_TRY(place_nodes(t, list, fault));
    IC_TRY(check_parents(t, fault));
    hash_subtree(t, ic_mlspub_node_root(size));
    *out = t;
    t = NULL;
    return IC_OK;
}

/* ---- reading ---- */

const struct ic_suite *ic_mlspub_tree_suite(const struct ic_mlspub_tree *t)
{
    return t->suite;
}

uint32_t ic_mlspub_tree_size(const struct ic_mlspub_tree *t)
{
    return t->size;
}

uint32_t ic_mlspub_tree_members(const struct ic_mlspub_tree *t)
{
    return t->members;
}

struct ic_view ic_mlspub_tree_node_hash(const struct ic_mlspub_tree *t, uint32_t node)
{
    assert(node < ic_mlspub_node_count(t->size));
    return ic_view(t->hashes + (size_t)node * t->suite->hash_len, t->suite->hash_len);
}

struct ic_view ic_mlspub_tree_hash(const struct ic_mlspub_tree *t)
{
    return ic_mlspub_tree_node_hash(t, ic_mlspub_node_root(t->size));
}

struct ic_view ic_mlspub_tree_leaf_bytes(const struct ic_mlspub_tree *t, uint32_t leaf)
{
    return leaf_rec_view(ic_mlspub_source_leaf((struct source){t, NULL}, leaf));
}

ic_err ic_mlspub_tree_leaf(const struct ic_mlspub_tree *t, uint32_t leaf,
                           struct ic_mlspub_leaf_node *out)
{
    const struct leaf_rec *l = ic_mlspub_source_leaf((struct source){t, NULL}, leaf);
    return l ? ic_mlspub_leaf_rec_decode(l, out) : IC_ERR_NOT_FOUND;
}

struct ic_view ic_mlspub_tree_key(const struct ic_mlspub_tree *t, uint32_t node)
{
    return ic_mlspub_source_key((struct source){t, NULL}, node);
}

struct ic_view ic_mlspub_tree_signature_key(const struct ic_mlspub_tree *t, uint32_t leaf)
{
    const struct leaf_rec *l = ic_mlspub_source_leaf((struct source){t, NULL}, leaf);
    return l ? ic_mlspub_leaf_rec_signature_key(l) : ic_view(NULL, 0);
}

uint32_t ic_mlspub_tree_next(const struct ic_mlspub_tree *t, uint32_t from)
{
    uint32_t at = ic_mlspub_bits_next(t->occupied, true, from, t->size);
    return at < t->size ? at : IC_MLSPUB_NO_LEAF;
}

struct ic_view ic_mlspub_tree_entry_key(const void *tree, uint32_t entry)
{
    const struct ic_mlspub_tree *t = tree;
    uint32_t node = keyset_node(entry);
    if (!ic_mlspub_node_is_leaf(node))
        return parent_rec_key(t->parents[node / 2]);
    const struct leaf_rec *l = t->leaves[node / 2];
    return entry & 1 ? ic_mlspub_leaf_rec_signature_key(l) : ic_mlspub_leaf_rec_key(l);
}

uint32_t ic_mlspub_tree_find_entry(const struct ic_mlspub_tree *t, struct ic_view key,
                                   bool signature)
{
    return ic_mlspub_keyset_find(&t->keys, key, signature, ic_mlspub_tree_entry_key, t);
}

uint32_t ic_mlspub_tree_find_signer(const struct ic_mlspub_tree *t, struct ic_view signature_key)
{
    uint32_t entry = ic_mlspub_tree_find_entry(t, signature_key, true);
    return entry == KEYSET_ABSENT ? IC_MLSPUB_NO_LEAF : ic_mlspub_leaf_of_node(keyset_node(entry));
}

uint32_t ic_mlspub_tree_find_key(const struct ic_mlspub_tree *t, struct ic_view encryption_key)
{
    uint32_t entry = ic_mlspub_tree_find_entry(t, encryption_key, false);
    return entry == KEYSET_ABSENT ? IC_MLSPUB_NO_LEAF : keyset_node(entry);
}

ic_err ic_mlspub_tree_resolution(const struct ic_mlspub_tree *t, uint32_t node, struct ic_arena *a,
                                 const uint32_t **nodes, size_t *count)
{
    return ic_mlspub_source_resolution((struct source){t, NULL}, node, false, a, nodes, count);
}

ic_err ic_mlspub_tree_encode(const struct ic_mlspub_tree *t, struct ic_buf *out)
{
    return ic_mlspub_source_encode((struct source){t, NULL}, out);
}

size_t ic_mlspub_tree_bytes(const struct ic_mlspub_tree *t)
{
    size_t n = sizeof *t + (size_t)t->cap * (sizeof *t->leaves + sizeof *t->parents) +
               (size_t)ic_mlspub_node_count(t->cap) * t->suite->hash_len +
               bits_words(t->cap) * sizeof *t->occupied + t->keys.cap * sizeof *t->keys.slots +
               t->support.lists.cap * sizeof(struct count_slot) +
               t->support.in_use.cap * sizeof(struct count_slot);
    for (uint32_t i = 0; i < t->size; i++) {
        n += t->leaves[i] ? sizeof(struct leaf_rec) + t->leaves[i]->len : 0;
        n += t->parents[i] ? ic_mlspub_parent_rec_bytes(t->parents[i]) : 0;
    }
    return n;
}

bool ic_mlspub_tree_all_support(const struct ic_mlspub_tree *t, enum ic_mlspub_support list,
                                uint16_t type)
{
    return ic_mlspub_source_all_support((struct source){t, NULL}, list, type);
}

bool ic_mlspub_tree_credentials_agree(const struct ic_mlspub_tree *t)
{
    return ic_mlspub_source_credentials_agree((struct source){t, NULL});
}

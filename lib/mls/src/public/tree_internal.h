/* The inside of tree and diff. */
#ifndef IC_MLSPUB_TREE_INTERNAL_H
#define IC_MLSPUB_TREE_INTERNAL_H

#include <ic/crypto/hash.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/tree.h>

/* No tree has more slots than this, whatever limit the caller sets: keyset entries are 32 bits. */
enum { SIZE_HARD_MAX = 1 << 24 };

/* ---- nodes ---- */

struct leaf_rec {
    uint32_t len;
    uint8_t bytes[]; /* the encoded LeafNode */
};

/* bytes: key, parent hash, unmerged leaves as big-endian u32 (so that they are hashed as they
 * stand). */
struct parent_rec {
    uint32_t count;    /* unmerged leaves */
    uint8_t cap_shift; /* room for 2^cap_shift of them, none where it is 0 */
    uint8_t key_len;
    uint8_t hash_len; /* of the parent hash: 0 or Nh */
    uint8_t bytes[];
};

struct leaf_rec *ic_mlspub_leaf_rec_new(struct ic_view encoded);
struct ic_view ic_mlspub_leaf_rec_key(const struct leaf_rec *l);
struct ic_view ic_mlspub_leaf_rec_signature_key(const struct leaf_rec *l);
ic_err ic_mlspub_leaf_rec_decode(const struct leaf_rec *l, struct ic_mlspub_leaf_node *out);
static inline struct ic_view leaf_rec_view(const struct leaf_rec *l)
{
    return l ? ic_view(l->bytes, l->len) : ic_view(NULL, 0);
}

/* unmerged: encoded. room: how many more may come without another allocation. */
struct parent_rec *ic_mlspub_parent_rec_new(struct ic_view key, struct ic_view parent_hash,
                                            struct ic_view unmerged, uint32_t room);
static inline struct ic_view parent_rec_key(const struct parent_rec *p)
{
    return ic_view(p->bytes, p->key_len);
}
static inline struct ic_view parent_rec_hash(const struct parent_rec *p)
{
    return ic_view(p->bytes + p->key_len, p->hash_len);
}
static inline struct ic_view parent_rec_unmerged(const struct parent_rec *p)
{
    return ic_view(p->bytes + p->key_len + p->hash_len, (size_t)p->count * 4);
}
static inline uint32_t parent_rec_room(const struct parent_rec *p)
{
    return p->cap_shift ? 1u << p->cap_shift : 0;
}
/* Keeps the order; there must be room. */
void ic_mlspub_parent_rec_insert(struct parent_rec *p, uint32_t leaf);
size_t ic_mlspub_parent_rec_bytes(const struct parent_rec *p);

/* In a sorted, encoded list of leaves: the position of the first entry >= leaf. */
uint32_t ic_mlspub_unmerged_lower(struct ic_view list, uint32_t leaf);
bool ic_mlspub_unmerged_has(struct ic_view list, uint32_t leaf);

/* Section 7.8. l and p are NULL for blank nodes. */
void ic_mlspub_hash_leaf(const struct ic_suite *s, uint32_t leaf, const struct leaf_rec *l,
                         uint8_t *out);
void ic_mlspub_hash_parent(const struct ic_suite *s, const struct parent_rec *p,
                           const uint8_t *left, const uint8_t *right, uint8_t *out);
/* The same with the leaves of `without` (sorted, encoded) taken out of the unmerged ones. */
void ic_mlspub_hash_parent_without(const struct ic_suite *s, const struct parent_rec *p,
                                   const uint8_t *left, const uint8_t *right,
                                   struct ic_view without, uint8_t *out);
/* Section 7.9. */
void ic_mlspub_hash_parent_hash(const struct ic_suite *s, struct ic_view key,
                                struct ic_view parent_hash, const uint8_t *sibling, uint8_t *out);

/* ---- occupied leaves: one bit each ---- */

static inline size_t bits_words(uint32_t size)
{
    return (size + 63u) / 64;
}
static inline bool bits_get(const uint64_t *b, uint32_t i)
{
    return b[i / 64] >> i % 64 & 1;
}
static inline void bits_set(uint64_t *b, uint32_t i)
{
    b[i / 64] |= UINT64_C(1) << i % 64;
}
static inline void bits_reset(uint64_t *b, uint32_t i)
{
    b[i / 64] &= ~(UINT64_C(1) << i % 64);
}
/* The first set (value true) or clear bit in [from, end); end where there is none. */
uint32_t ic_mlspub_bits_next(const uint64_t *b, bool value, uint32_t from, uint32_t end);
/* One past the last set bit below end; 0 where there is none. */
uint32_t ic_mlspub_bits_top(const uint64_t *b, uint32_t end);

/* ---- which node has a key: entries of 32 bits, the keys stay in the nodes ---- */

struct keyset {
    uint32_t *slots; /* entry + 1, 0 where empty */
    uint32_t cap;    /* power of two, or 0 */
    uint32_t count;
};

/* Gives the key of an entry. */
typedef struct ic_view keyset_key(const void *ctx, uint32_t entry);
/* Keys are found by a keyed hash; the seed is fixed, as a peer who wants collisions must pay for a
 * leaf slot each, and gains a walk over as many slots. */
uint64_t ic_mlspub_keyset_hash(struct ic_view key, bool signature);
static inline uint32_t keyset_entry(uint32_t node, bool signature)
{
    return node << 1 | signature;
}
static inline uint32_t keyset_node(uint32_t entry)
{
    return entry >> 1;
}
#define KEYSET_ABSENT UINT32_MAX
uint32_t ic_mlspub_keyset_find(const struct keyset *k, struct ic_view key, bool signature,
                               keyset_key *of, const void *ctx);
/* The slots for `count` entries. */
uint32_t ic_mlspub_keyset_cap_for(uint32_t count);
/* There must be room: count < cap. */
void ic_mlspub_keyset_put(struct keyset *k, struct ic_view key, uint32_t entry);
/* of must still give the keys of the entries. */
void ic_mlspub_keyset_remove(struct keyset *k, struct ic_view key, uint32_t entry, keyset_key *of,
                             const void *ctx);
/* Moves all entries into slots (zeroed, of that cap), frees the old ones, takes slots. */
void ic_mlspub_keyset_rehash(struct keyset *k, uint32_t *slots, uint32_t cap, keyset_key *of,
                             const void *ctx);

/* ---- how many members list or use a type ---- */

struct count_slot {
    uint32_t key; /* +1; 0 where empty */
    int32_t n;
};
struct counts {
    struct count_slot *slots;
    uint32_t cap;
    uint32_t used;
};

static inline uint32_t count_key(uint32_t list, uint16_t type)
{
    return list << 16 | type;
}
int32_t ic_mlspub_counts_get(const struct counts *c, uint32_t key);
/* IC_ERR_NOMEM when it must grow and cannot. */
ic_err ic_mlspub_counts_add(struct counts *c, uint32_t key, int32_t n);
/* The slots that hold `used` entries at most three quarters full. */
uint32_t ic_mlspub_counts_cap_for(uint32_t used);
/* Moves all but zeros into slots (zeroed, of that cap), takes slots. */
void ic_mlspub_counts_rehash(struct counts *c, struct count_slot *slots, uint32_t cap);

/* What leaves declare: capabilities by list, and the credential types in use. */
struct support {
    struct counts lists;
    struct counts in_use;
};
/* n = 1 for a leaf that comes, -1 for one that goes. */
ic_err ic_mlspub_support_add(struct support *s, const struct ic_mlspub_leaf_node *l, int32_t n);
void ic_mlspub_support_clear(struct support *s);

/* ---- the tree ---- */

struct ic_mlspub_tree {
    const struct ic_suite *suite;
    uint32_t size;
    uint32_t members;
    uint32_t max_leaves;
    uint32_t cap; /* leaf slots that the arrays have room for */
    uint64_t generation;
    struct leaf_rec **leaves;
    struct parent_rec **parents; /* node x at x / 2 */
    uint8_t *hashes;             /* node x at x * Nh */
    uint64_t *occupied;
    struct keyset keys;
    struct support support;
};

/* ---- the diff ---- */

enum {
    TOUCH_VALUE = 1,  /* rec replaces what the tree has; NULL: blank */
    TOUCH_DIRTY = 2,  /* the hash is to be recomputed */
    TOUCH_HASHED = 4, /* the hash here is the node's */
    TOUCH_ADDED = 8,  /* a leaf that an Add brought */
};

struct touched {
    void *rec; /* leaf_rec or parent_rec, owned */
    uint32_t node;
    uint32_t flags;
};

struct ic_mlspub_diff {
    const struct ic_mlspub_tree *t;
    uint64_t generation;
    uint32_t size;
    uint32_t floor; /* the smallest size it had: what lies beyond in t is gone */
    uint32_t members;
    uint32_t blank_hint; /* every leaf below is occupied */
    bool sealed;
    struct touched *list;
    uint8_t *hashes; /* of the touched nodes, in the list's order */
    uint32_t count, cap;
    uint32_t *slots; /* of list, by node; position + 1 */
    uint32_t slot_cap;
    uint64_t *occupied;
    uint32_t occupied_cap;  /* leaves */
    struct keyset keys;     /* of touched nodes with a value */
    struct support support; /* differences to t's */
    /* Made by seal for the merge. */
    struct ic_mlspub_tree spare; /* arrays of the grown tree; cap 0 where t's suffice */
    struct keyset spare_keys;
    struct counts spare_lists, spare_in_use;
};

/* A tree, or a diff above it. */
struct source {
    const struct ic_mlspub_tree *t;
    const struct ic_mlspub_diff *d; /* or NULL */
};
static inline uint32_t source_size(struct source s)
{
    return s.d ? s.d->size : s.t->size;
}
const struct leaf_rec *ic_mlspub_source_leaf(struct source s, uint32_t leaf);
const struct parent_rec *ic_mlspub_source_parent(struct source s, uint32_t node);
struct ic_view ic_mlspub_source_key(struct source s, uint32_t node);
static inline const uint64_t *source_occupied(struct source s)
{
    return s.d ? s.d->occupied : s.t->occupied;
}
/* No leaf below node is occupied. */
bool ic_mlspub_source_empty(struct source s, uint32_t node);
ic_err ic_mlspub_source_resolution(struct source s, uint32_t node, bool without_added,
                                   struct ic_arena *a, const uint32_t **nodes, size_t *count);
size_t ic_mlspub_source_resolution_count(struct source s, uint32_t node, bool without_added);
/* A non-blank node: Node of section 12.4.3.3. */
void ic_mlspub_source_node_write(struct ic_writer *w, struct source s, uint32_t node);
ic_err ic_mlspub_source_encode(struct source s, struct ic_buf *out);
bool ic_mlspub_source_all_support(struct source s, enum ic_mlspub_support list, uint16_t type);
bool ic_mlspub_source_credentials_agree(struct source s);

struct touched *ic_mlspub_diff_find(const struct ic_mlspub_diff *d, uint32_t node);
/* The node's entry, made where there is none; NULL without memory. Pointers into list move. */
struct touched *ic_mlspub_diff_touch(struct ic_mlspub_diff *d, uint32_t node);
/* Gives the node this value (owned from now on, also on failure), keeps the key index, marks the
 * path dirty. */
ic_err ic_mlspub_diff_set_value(struct ic_mlspub_diff *d, uint32_t node, void *rec);
ic_err ic_mlspub_diff_blank_path(struct ic_mlspub_diff *d, uint32_t leaf);
/* The node's tree hash into out; recomputes what is dirty below. */
ic_err ic_mlspub_diff_hash(struct ic_mlspub_diff *d, uint32_t node, uint8_t *out);
/* Keys: keyset_key functions. */
struct ic_view ic_mlspub_tree_entry_key(const void *tree, uint32_t entry);
struct ic_view ic_mlspub_diff_entry_key(const void *diff, uint32_t entry);
uint32_t ic_mlspub_tree_find_entry(const struct ic_mlspub_tree *t, struct ic_view key,
                                   bool signature);
/* In what the diff left of the tree as it was; and in that or in what the diff brings. */
uint32_t ic_mlspub_diff_old_entry(const struct ic_mlspub_diff *d, struct ic_view key,
                                  bool signature);
uint32_t ic_mlspub_diff_find_entry(const struct ic_mlspub_diff *d, struct ic_view key,
                                   bool signature);
/* An Add brought the leaf. */
bool ic_mlspub_diff_added(const struct ic_mlspub_diff *d, uint32_t leaf);

#endif

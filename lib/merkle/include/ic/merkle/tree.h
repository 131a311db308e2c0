/* The append-only tree of RFC 9162 section 2.1, SHA-256: hashes, roots, proofs and their verification.
 *
 * Leaves come one after another. Whoever keeps the tree stores the hash of every complete subtree when it is made,
 * once, at (level, index): it covers the leaves [index << level, (index + 1) << level). All else is made of those.
 *
 *     struct ic_merkle_edge edge = {0};                       // an empty tree
 *     struct ic_merkle_hash leaf, root;
 *     ic_merkle_leaf_hash(entry, &leaf);
 *     IC_TRY(ic_merkle_edge_append(&edge, &leaf, &keep));     // keep stores what was completed
 *     ic_merkle_edge_root(&edge, &root);
 *     ...
 *     struct ic_merkle_path path;
 *     IC_TRY(ic_merkle_inclusion(&nodes, index, size, &path));
 *     IC_TRY(ic_merkle_inclusion_check(&leaf, index, size, &path, &root));
 *
 * Nothing is allocated; outputs are untouched on failure. Any thread; an edge belongs to one at a time.
 */
#ifndef IC_MERKLE_TREE_H
#define IC_MERKLE_TREE_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/reader.h>
#include <ic/base/writer.h>

IC_API_BEGIN

enum {
    IC_MERKLE_HASH_LEN = 32,
    IC_MERKLE_LEVELS = 48,                     /* the largest tree has 2^48 leaves */
    IC_MERKLE_PATH_MAX = IC_MERKLE_LEVELS + 1, /* hashes of a proof */
};
#define IC_MERKLE_SIZE_MAX (UINT64_C(1) << IC_MERKLE_LEVELS)

struct ic_merkle_hash {
    uint8_t bytes[IC_MERKLE_HASH_LEN];
};

/* A proof of inclusion or of consistency, nearest to the leaves first. */
struct ic_merkle_path {
    uint8_t count;
    struct ic_merkle_hash hash[IC_MERKLE_PATH_MAX];
};

/* Not in constant time: hashes here are public. */
static inline bool ic_merkle_hash_equal(const struct ic_merkle_hash *a,
                                        const struct ic_merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, IC_MERKLE_HASH_LEN) == 0;
}
static inline struct ic_view ic_merkle_hash_view(const struct ic_merkle_hash *h)
{
    return ic_view(h->bytes, IC_MERKLE_HASH_LEN);
}

/* SHA-256(0x00 || entry). */
void ic_merkle_leaf_hash(struct ic_view entry, struct ic_merkle_hash *out);
/* SHA-256(0x01 || left || right); out may be either. */
void ic_merkle_node_hash(const struct ic_merkle_hash *left, const struct ic_merkle_hash *right,
                         struct ic_merkle_hash *out);

/* The right edge: the largest complete subtrees, by level; at[l] counts where bit l of size is set. Zeroed, it is the
 * empty tree. */
struct ic_merkle_edge {
    uint64_t size;
    struct ic_merkle_hash at[IC_MERKLE_LEVELS + 1];
};

/* Where hashes of complete subtrees are stored; any error it gives stops the call and is the call's. */
struct ic_merkle_keep {
    ic_err (*put)(void *ctx, unsigned level, uint64_t index, const struct ic_merkle_hash *hash);
    void *ctx;
};
struct ic_merkle_nodes {
    ic_err (*get)(void *ctx, unsigned level, uint64_t index, struct ic_merkle_hash *out);
    void *ctx;
};

/* One leaf more. keep, which may be NULL, gets each subtree that it completes, the leaf itself first: two a leaf on
 * average. IC_ERR_LIMIT at IC_MERKLE_SIZE_MAX, those of keep; the edge is then as it was. */
ic_err ic_merkle_edge_append(struct ic_merkle_edge *e, const struct ic_merkle_hash *leaf,
                             const struct ic_merkle_keep *keep);
/* The root of all leaves so far; of none: SHA-256 of nothing. */
void ic_merkle_edge_root(const struct ic_merkle_edge *e, struct ic_merkle_hash *out);
/* The edge of the first `size` leaves, from what is stored: at most 48 reads. IC_ERR_RANGE, those of nodes. */
ic_err ic_merkle_edge_load(const struct ic_merkle_nodes *nodes, uint64_t size,
                           struct ic_merkle_edge *out);

/* RFC 9162 section 2.1.3.1, for the leaf `index` in the tree of the first `size` leaves. IC_ERR_RANGE, those of
 * nodes. */
ic_err ic_merkle_inclusion(const struct ic_merkle_nodes *nodes, uint64_t index, uint64_t size,
                           struct ic_merkle_path *out);
/* Section 2.1.4.1, between the first `first` and the first `second` leaves. Empty where they are equal or first is 0.
 * IC_ERR_RANGE where first > second, those of nodes. */
ic_err ic_merkle_consistency(const struct ic_merkle_nodes *nodes, uint64_t first, uint64_t second,
                             struct ic_merkle_path *out);

/* Section 2.1.3.2. IC_ERR_AUTH where the leaf is not there, IC_ERR_RANGE where index or size cannot be. */
ic_err ic_merkle_inclusion_check(const struct ic_merkle_hash *leaf, uint64_t index, uint64_t size,
                                 const struct ic_merkle_path *path,
                                 const struct ic_merkle_hash *root);
/* Section 2.1.4.2: second continues first. IC_ERR_AUTH where it does not, IC_ERR_RANGE where first > second. */
ic_err ic_merkle_consistency_check(uint64_t first, const struct ic_merkle_hash *first_root,
                                   uint64_t second, const struct ic_merkle_hash *second_root,
                                   const struct ic_merkle_path *path);

/* hashes<V>, 32 bytes each. After an error in r the path is empty; IC_ERR_MALFORMED, IC_ERR_LIMIT. */
void ic_merkle_path_read(struct ic_reader *r, struct ic_merkle_path *out);
void ic_merkle_path_write(struct ic_writer *w, const struct ic_merkle_path *path);
/* The same, as all that there is. */
ic_err ic_merkle_path_decode(struct ic_view v, struct ic_merkle_path *out);
ic_err ic_merkle_path_encode(const struct ic_merkle_path *path, struct ic_buf *out);

IC_API_END

#endif

/* The ratchet tree (RFC 9420 section 7) and changes to it.
 *
 * A tree owns its nodes: each leaf is its encoded LeafNode in one allocation, each parent one
 * allocation, tree hashes are cached for every node, keys are indexed so that finding one costs
 * O(1). It is only changed by merging a diff: an overlay that holds the touched nodes and nothing
 * else. So nothing copies the tree, and a discarded change leaves no trace.
 *
 *     struct ic_mlspub_diff *d;
 *     IC_TRY(ic_mlspub_diff_new(tree, &d));
 *     IC_TRY(ic_mlspub_diff_remove(d, leaf));
 *     IC_TRY(ic_mlspub_diff_seal(d));          // hashes recomputed over dirty paths, room reserved
 *     ... ic_mlspub_diff_tree_hash(d) ...
 *     ic_mlspub_diff_merge(tree, d);           // cannot fail, takes d; or ic_mlspub_diff_free(d)
 *
 * The tree must stay as it is while a diff of it lives, but for the merge. One thread at a time.
 * A diff whose operation failed is to be freed: it may hold half of it.
 */
#ifndef IC_MLSPUB_TREE_H
#define IC_MLSPUB_TREE_H

#include <ic/base/api.h>
#include <ic/base/reader.h>
#include <ic/base/writer.h>
#include <ic/mlspub/executor.h>
#include <ic/mlspub/fault.h>
#include <ic/mlspub/treemath.h>
#include <ic/mlspub/types.h>

IC_API_BEGIN

struct ic_mlspub_tree;
struct ic_mlspub_diff;

enum { IC_MLSPUB_MAX_LEAVES = 131072 }; /* the default limit of leaf slots */

/* ---- the tree ---- */

/* A tree of one leaf. max_leaves: limit of leaf slots, 0 for the default. IC_ERR_NOMEM. */
ic_err ic_mlspub_tree_new(const struct ic_suite *s, const struct ic_mlspub_leaf_node *leaf,
                          uint32_t max_leaves, struct ic_mlspub_tree **out);
/* Decodes the ratchet_tree extension's data (section 12.4.3.3) and computes all tree hashes.
 * Checked: the encoding, the right edge, the limit, key lengths, unmerged leaves (sorted, non-blank
 * descendants, listed by every non-blank node between), all keys unique. Not checked: see
 * ic_mlspub_tree_validate. IC_ERR_MALFORMED, IC_ERR_TRUNCATED, IC_ERR_LIMIT, IC_ERR_RULE,
 * IC_ERR_NOMEM. */
ic_err ic_mlspub_tree_decode(const struct ic_suite *s, struct ic_view encoded, uint32_t max_leaves,
                             struct ic_mlspub_fault *fault, struct ic_mlspub_tree **out);
/* Accepts NULL. */
void ic_mlspub_tree_free(struct ic_mlspub_tree *t);

/* The rest of section 12.4.3.1's integrity checks: every encryption key is one of the suite's, every
 * non-blank parent is parent-hash valid, every leaf's signature verifies. What the leaves declare
 * (capabilities, credentials) is ic_mlspub_rules_tree's. exec may be NULL.
 * IC_ERR_RULE, IC_ERR_SIGNATURE, IC_ERR_KEY, IC_ERR_NOMEM. */
ic_err ic_mlspub_tree_validate(const struct ic_mlspub_tree *t, struct ic_view group_id,
                               const struct ic_mlspub_executor *exec,
                               struct ic_mlspub_fault *fault);
/* The parent hashes alone: section 7.9.2. */
ic_err ic_mlspub_tree_check_parent_hashes(const struct ic_mlspub_tree *t,
                                          struct ic_mlspub_fault *fault);

/* The suite that it was made for. Static. */
const struct ic_suite *ic_mlspub_tree_suite(const struct ic_mlspub_tree *t);
uint32_t ic_mlspub_tree_size(const struct ic_mlspub_tree *t);    /* leaf slots: a power of two */
uint32_t ic_mlspub_tree_members(const struct ic_mlspub_tree *t); /* non-blank leaves */
/* All views below borrow from the tree, until the next merge. */
struct ic_view ic_mlspub_tree_hash(const struct ic_mlspub_tree *t); /* of the root */
/* node < ic_mlspub_node_count(size). */
struct ic_view ic_mlspub_tree_node_hash(const struct ic_mlspub_tree *t, uint32_t node);
/* The encoded LeafNode; empty where the leaf is blank or absent. */
struct ic_view ic_mlspub_tree_leaf_bytes(const struct ic_mlspub_tree *t, uint32_t leaf);
/* IC_ERR_NOT_FOUND for a blank or absent leaf. */
ic_err ic_mlspub_tree_leaf(const struct ic_mlspub_tree *t, uint32_t leaf,
                           struct ic_mlspub_leaf_node *out);
/* The encryption key of a leaf or parent; empty where it is blank or absent. */
struct ic_view ic_mlspub_tree_key(const struct ic_mlspub_tree *t, uint32_t node);
/* The signature key of a leaf, cheaper than decoding it; empty where it is blank or absent. */
struct ic_view ic_mlspub_tree_signature_key(const struct ic_mlspub_tree *t, uint32_t leaf);
/* The first non-blank leaf >= from, or IC_MLSPUB_NO_LEAF: a walk over all members. */
uint32_t ic_mlspub_tree_next(const struct ic_mlspub_tree *t, uint32_t from);
/* The leaf with this signature key, the node with this encryption key; or IC_MLSPUB_NO_LEAF. O(1).
 */
uint32_t ic_mlspub_tree_find_signer(const struct ic_mlspub_tree *t, struct ic_view signature_key);
uint32_t ic_mlspub_tree_find_key(const struct ic_mlspub_tree *t, struct ic_view encryption_key);
/* Resolution (section 4.1.1) in order, as node indices, in the arena. */
ic_err ic_mlspub_tree_resolution(const struct ic_mlspub_tree *t, uint32_t node, struct ic_arena *a,
                                 const uint32_t **nodes, size_t *count);
/* How many ciphertexts a path of that leaf would have (section 7.6): the resolutions of its copath. Few leaves blank
 * above it, and few unmerged ones, make it cheap: about log2 of the size where every path is full.
 * IC_MLSPUB_NO_LEAF for a blank or absent leaf. */
uint32_t ic_mlspub_tree_path_cost(const struct ic_mlspub_tree *t, uint32_t leaf);
/* Appends the ratchet_tree extension's data. */
ic_err ic_mlspub_tree_encode(const struct ic_mlspub_tree *t, struct ic_buf *out);
/* Bytes of heap the tree holds: what was asked of the allocator. */
size_t ic_mlspub_tree_bytes(const struct ic_mlspub_tree *t);

/* ---- a change to it ---- */

/* t is borrowed as long as the diff lives. IC_ERR_NOMEM. */
ic_err ic_mlspub_diff_new(const struct ic_mlspub_tree *t, struct ic_mlspub_diff **out);
/* Accepts NULL. */
void ic_mlspub_diff_free(struct ic_mlspub_diff *d);

/* Section 12.1.1: the leftmost blank leaf, else the tree is extended. Copies l->encoded. *leaf: the
 * slot. IC_ERR_KEY, IC_ERR_LIMIT, IC_ERR_NOMEM. That its keys are in no other node is said by
 * ic_mlspub_diff_unique, when all operations are done: so here and below. */
ic_err ic_mlspub_diff_add(struct ic_mlspub_diff *d, const struct ic_mlspub_leaf_node *l,
                          uint32_t *leaf);
/* Section 12.1.2: replaces the leaf and blanks its direct path. IC_ERR_NOT_FOUND where it is blank. */
ic_err ic_mlspub_diff_update(struct ic_mlspub_diff *d, uint32_t leaf,
                             const struct ic_mlspub_leaf_node *l);
/* Section 12.1.3: blanks the leaf and its direct path, and truncates. IC_ERR_NOT_FOUND. */
ic_err ic_mlspub_diff_remove(struct ic_mlspub_diff *d, uint32_t leaf);
/* For an external commit: the slot that the joiner will take; the tree is extended where it must
 * be. The leaf counts as non-blank, and not as added, from now on; its content comes with
 * diff_set_leaf. Same errors as diff_add. */
ic_err ic_mlspub_diff_add_external(struct ic_mlspub_diff *d, const struct ic_mlspub_leaf_node *l,
                                   uint32_t *leaf);

/* The filtered direct path of a leaf (section 4.1.2), leaf to root, and the copath child of each
 * node in it. Both arrays have IC_MLSPUB_DEPTH_MAX entries of room. */
void ic_mlspub_diff_filtered_path(const struct ic_mlspub_diff *d, uint32_t leaf, uint32_t *path,
                                  uint32_t *copath, size_t *count);
/* Sets the keys of an UpdatePath (section 7.5): blanks the whole direct path, then gives the nodes
 * of the filtered direct path these keys, no unmerged leaves, and their parent hashes. count must
 * be that of the filtered path. *parent_hash (Nh bytes of room) and *parent_hash_len: what belongs
 * into the leaf; length 0 when the path is empty. IC_ERR_EXISTS: a key is in the tree already
 * (section 12.4.2), IC_ERR_RULE: wrong count, IC_ERR_KEY: wrong length. */
ic_err ic_mlspub_diff_set_path(struct ic_mlspub_diff *d, uint32_t leaf, const struct ic_view *keys,
                               size_t count, uint8_t *parent_hash, size_t *parent_hash_len);
/* Replaces a non-blank leaf and leaves its path alone: the leaf of an UpdatePath. */
ic_err ic_mlspub_diff_set_leaf(struct ic_mlspub_diff *d, uint32_t leaf,
                               const struct ic_mlspub_leaf_node *l);

/* Section 7.3: no encryption key and no signature key stands twice in the tree as it would be. In time
 * proportional to what was touched. IC_ERR_EXISTS, and in *leaf the leaf that has such a key, or
 * IC_MLSPUB_NO_LEAF where it is a parent. */
ic_err ic_mlspub_diff_unique(const struct ic_mlspub_diff *d, uint32_t *leaf);

/* Reading through the overlay; the same meanings as for the tree. */
uint32_t ic_mlspub_diff_size(const struct ic_mlspub_diff *d);
uint32_t ic_mlspub_diff_members(const struct ic_mlspub_diff *d);
struct ic_view ic_mlspub_diff_leaf_bytes(const struct ic_mlspub_diff *d, uint32_t leaf);
ic_err ic_mlspub_diff_leaf(const struct ic_mlspub_diff *d, uint32_t leaf,
                           struct ic_mlspub_leaf_node *out);
struct ic_view ic_mlspub_diff_key(const struct ic_mlspub_diff *d, uint32_t node);
uint32_t ic_mlspub_diff_next(const struct ic_mlspub_diff *d, uint32_t from);
uint32_t ic_mlspub_diff_find_signer(const struct ic_mlspub_diff *d, struct ic_view signature_key);
uint32_t ic_mlspub_diff_find_key(const struct ic_mlspub_diff *d, struct ic_view encryption_key);
/* without_added: leaves that ic_mlspub_diff_add brought are left out, as section 7.6 wants. */
ic_err ic_mlspub_diff_resolution(const struct ic_mlspub_diff *d, uint32_t node, bool without_added,
                                 struct ic_arena *a, const uint32_t **nodes, size_t *count);
/* Appends the ratchet_tree data of the tree that would be. */
ic_err ic_mlspub_diff_encode(const struct ic_mlspub_diff *d, struct ic_buf *out);

/* Recomputes the tree hashes of dirty paths and reserves all that the merge needs. To be called
 * after the last operation; more operations need another seal. IC_ERR_NOMEM. */
ic_err ic_mlspub_diff_seal(struct ic_mlspub_diff *d);
/* Of the root; a sealed diff only. Borrowed until the merge. */
struct ic_view ic_mlspub_diff_tree_hash(const struct ic_mlspub_diff *d);
/* Installs the touched nodes and frees the diff. t: the tree it was made of, not merged into since.
 */
void ic_mlspub_diff_merge(struct ic_mlspub_tree *t, struct ic_mlspub_diff *d);

/* ---- for who keeps a tree node by node ---- */

/* Appends a non-blank node as it stands in the ratchet_tree extension: Node, without its presence. */
void ic_mlspub_tree_node_write(struct ic_writer *w, const struct ic_mlspub_tree *t, uint32_t node);
/* How many bytes that appends at most. */
size_t ic_mlspub_tree_node_bytes(const struct ic_mlspub_tree *t, uint32_t node);
/* The nodes that a diff gives another value, blank ones too: the i-th, or IC_MLSPUB_NO_LEAF where the i-th
 * touched node keeps its value. They may lie beyond the new tree. */
size_t ic_mlspub_diff_touched_count(const struct ic_mlspub_diff *d);
uint32_t ic_mlspub_diff_touched(const struct ic_mlspub_diff *d, size_t i);
/* The smallest number of leaf slots that the diff went through: what lay beyond is gone. */
uint32_t ic_mlspub_diff_floor(const struct ic_mlspub_diff *d);
/* Appends a sealed diff: `uint32 size; uint32 floor; struct {uint32 node; optional<Node> node;} nodes<V>;` */
void ic_mlspub_diff_write(struct ic_writer *w, const struct ic_mlspub_diff *d);
/* How many bytes that appends at most. */
size_t ic_mlspub_diff_bytes(const struct ic_mlspub_diff *d);
/* The same diff again, sealed, of the same tree. The tree that it leads to is checked as
 * ic_mlspub_tree_decode does. Which leaves an Add brought is not known any more. Errors of that, of decoding;
 * IC_ERR_MALFORMED, IC_ERR_NOMEM. */
ic_err ic_mlspub_diff_read(struct ic_reader *r, const struct ic_mlspub_tree *t,
                           struct ic_mlspub_fault *fault, struct ic_mlspub_diff **out);

/* ---- what all members support (kept as counts, so asking costs O(1)) ---- */

/* Which list of a leaf's capabilities is meant. */
enum ic_mlspub_support {
    IC_MLSPUB_EXTENSIONS = 0,
    IC_MLSPUB_PROPOSALS = 1,
    IC_MLSPUB_CREDENTIALS = 2
};

/* Every member's capabilities list this type. Default types (section 7.2) are not special here. */
bool ic_mlspub_diff_all_support(const struct ic_mlspub_diff *d, enum ic_mlspub_support list,
                                uint16_t type);
bool ic_mlspub_tree_all_support(const struct ic_mlspub_tree *t, enum ic_mlspub_support list,
                                uint16_t type);
/* True where every credential type that some member uses is supported by all members (section 7.3).
 */
bool ic_mlspub_diff_credentials_agree(const struct ic_mlspub_diff *d);
bool ic_mlspub_tree_credentials_agree(const struct ic_mlspub_tree *t);

IC_API_END

#endif

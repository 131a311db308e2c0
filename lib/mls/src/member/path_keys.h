/* The private keys that a member holds of the ratchet tree: its leaf's, and those of the parents above it
 * whose path secret it learned (RFC 9420 section 4.2). By node index, which stays when a tree grows. */
#ifndef IC_MLS_PATH_KEYS_H
#define IC_MLS_PATH_KEYS_H

#include <ic/base/secret.h>
#include <ic/mlspub/tree.h>

struct ic_mls_path_key {
    uint32_t node;
    struct ic_secret key;
};

struct ic_mls_path_keys {
    struct ic_secret leaf;
    struct ic_mls_path_key *parents; /* leaf to root */
    uint32_t count;
};

void ic_mls_path_keys_clear(struct ic_mls_path_keys *k);
/* Room for every node above the leaf in a tree of so many leaf slots; k must be empty. IC_ERR_NOMEM. */
ic_err ic_mls_path_keys_init(struct ic_mls_path_keys *k, const struct ic_secret *leaf,
                             uint32_t slots);
/* Appends: nodes come from leaf to root. */
void ic_mls_path_keys_push(struct ic_mls_path_keys *k, uint32_t node, const struct ic_secret *key);
/* NULL where there is none. */
const struct ic_secret *ic_mls_path_keys_find(const struct ic_mls_path_keys *k, uint32_t node);
/* Copies those of from whose public key the change leaves as it was, up to but not including the node
 * `until` (IC_MLSPUB_NO_LEAF: all). */
void ic_mls_path_keys_keep(struct ic_mls_path_keys *k, const struct ic_mls_path_keys *from,
                           const struct ic_mlspub_tree *t, const struct ic_mlspub_diff *d,
                           uint32_t until);

#endif

/* TreeKEM, RFC 9420 sections 7.4 to 7.6: the secrets of an UpdatePath, made and opened. */
#ifndef IC_MLS_TREEKEM_H
#define IC_MLS_TREEKEM_H

#include "path_keys.h"

#include <ic/crypto/kem.h>
#include <ic/mlspub/tree.h>

/* What a committer draws for its filtered direct path. */
struct ic_mls_new_path {
    struct ic_kem_pair leaf;
    size_t count;
    uint32_t nodes[IC_MLSPUB_DEPTH_MAX];
    uint32_t copath[IC_MLSPUB_DEPTH_MAX];
    struct ic_secret secrets[IC_MLSPUB_DEPTH_MAX]; /* path secrets */
    struct ic_kem_pair pairs[IC_MLSPUB_DEPTH_MAX];
    struct ic_secret commit_secret;
};

void ic_mls_new_path_clear(struct ic_mls_new_path *p);
/* Draws the path's secrets for the leaf; p->leaf is the caller's. The diff is not changed. */
ic_err ic_mls_new_path_draw(const struct ic_suite *s, const struct ic_mlspub_diff *d, uint32_t leaf,
                            const struct ic_rand *rand, struct ic_mls_new_path *p);
/* Writes UpdatePathNodes<V>, encrypted under the provisional GroupContext, when the diff holds the path. */
ic_err ic_mls_new_path_write(const struct ic_suite *s, const struct ic_mlspub_diff *d,
                             const struct ic_mls_new_path *p, struct ic_view context,
                             const struct ic_rand *rand, const struct ic_mlspub_executor *exec,
                             struct ic_writer *w);
/* The path secret of the lowest node of p above the leaf; NULL where there is none. */
const struct ic_secret *ic_mls_new_path_secret(const struct ic_mls_new_path *p, uint32_t leaf);

/* What a member that receives a path needs. The diff holds the path already. */
struct ic_mls_path_reader {
    const struct ic_suite *suite;
    const struct ic_mlspub_tree *tree;
    const struct ic_mlspub_diff *diff;
    uint32_t own_leaf;
    uint32_t committer;
    const struct ic_mls_path_keys *keys; /* of tree */
    const struct ic_secret *leaf_key;    /* of our leaf in diff */
};

/* Decrypts our path secret and derives those above. next (empty) gets our keys of the new tree.
 * path_secret, if not NULL, gets what was decrypted.
 * IC_ERR_AUTH where it does not decrypt, IC_ERR_RULE where a derived key is not the one sent. */
ic_err ic_mls_path_open(const struct ic_mls_path_reader *r,
                        const struct ic_mlspub_update_path *path, struct ic_view context,
                        struct ic_mls_path_keys *next, struct ic_secret *commit_secret,
                        struct ic_secret *path_secret, struct ic_mlspub_fault *fault);

/* From one path secret: the node's pair, and the next path secret (may be the same object). */
ic_err ic_mls_path_pair(const struct ic_suite *s, const struct ic_secret *path_secret,
                        struct ic_kem_pair *pair);
ic_err ic_mls_path_next(const struct ic_suite *s, struct ic_secret *path_secret);

#endif

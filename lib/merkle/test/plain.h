/* A tree kept the plain way: all leaves in memory, and the definition of RFC 9162 section 2.1.1 word by word, to hold
 * the library against. Beside it, what the library stores of the same leaves.
 *
 *     struct plain *t = plain_new(100);
 *     plain_add(t, leaf);
 *     plain_free(t);
 */
#ifndef IC_MERKLE_TEST_PLAIN_H
#define IC_MERKLE_TEST_PLAIN_H

#include <ic/merkle/tree.h>

enum { PLAIN_LEVELS = 16 };

struct plain {
    size_t count, cap;
    struct ic_merkle_hash *leaf;
    struct ic_merkle_hash *stored[PLAIN_LEVELS];
    size_t stored_count[PLAIN_LEVELS];
    struct ic_merkle_edge edge;
    unsigned reads;
    struct ic_merkle_keep keep;
    struct ic_merkle_nodes nodes;
};

/* Aborts without memory. cap: leaves at most, below 2^15. */
struct plain *plain_new(size_t cap);
void plain_free(struct plain *t);
/* Adds a leaf to both. */
void plain_add(struct plain *t, struct ic_view entry);
/* As many leaves, each another. */
struct plain *plain_of(size_t count);
/* MTH(D[begin:end]). */
struct ic_merkle_hash plain_root(const struct plain *t, size_t begin, size_t end);

#endif

/* A log in memory for the tests of those who read it, honest and otherwise: a second one with the same key forks it.
 *
 *     struct keeper k;
 *     keeper_init(&k, key);                       // 24 entries may stand in it
 *     keeper_fill(&k, 5, 0);                      // five of others
 *     uint64_t index = keeper_add(&k, &certificate, &issuer);
 *     keeper_staple(&k, index, 8, &staple);       // by the head of the first eight
 *
 * Everything aborts that does not fit.
 */
#ifndef IC_MERKLE_TEST_KEEPER_H
#define IC_MERKLE_TEST_KEEPER_H

#include <ic/merkle/staple.h>

enum { KEEPER_ENTRIES = 64, KEEPER_LEVELS = 7, KEEPER_TIME_MS = 77 };

struct keeper {
    const struct ic_sign_key *key; /* borrowed */
    struct ic_merkle_edge edge;
    struct ic_merkle_hash node[KEEPER_LEVELS][KEEPER_ENTRIES + 1];
};

void keeper_init(struct keeper *k, const struct ic_sign_key *key);
/* So many entries of others; another salt makes other ones. */
void keeper_fill(struct keeper *k, unsigned n, uint32_t salt);
void keeper_put(struct keeper *k, const struct ic_merkle_hash *leaf);
uint64_t keeper_add(struct keeper *k, const struct ic_pki_cert *c,
                    const struct ic_pki_cert *issuer);
struct ic_merkle_log keeper_log(const struct keeper *k);
struct ic_merkle_head keeper_head(struct keeper *k, uint64_t size, uint64_t time_ms);
/* Replaces out's content; encoded. */
void keeper_staple(struct keeper *k, uint64_t index, uint64_t size, struct ic_buf *out);
void keeper_consistency(struct keeper *k, uint64_t first, uint64_t second, struct ic_buf *out);

#endif

/* A large group in which every leaf has committed, made on one shared tree: what N rounds of real commits
 * would leave, without their N^2 cost. Any leaf can then be taken over as a group. */
#ifndef BENCH_FIXTURE_H
#define BENCH_FIXTURE_H

#include "../src/member/state.h"

struct fixture_member {
    char name[18]; /* 17 bytes of identity */
    struct ic_sign_key *signer;
    struct ic_mls_identity id;
};

struct fixture {
    const struct ic_suite *suite;
    struct ic_mls_config config;
    uint32_t n;
    struct fixture_member *members; /* n, and one more who is outside */
    struct ic_secret *node_keys;    /* private keys by node */
    struct ic_mlspub_tree *tree;
    struct ic_buf tree_bytes;
    struct ic_secret member_secret;
};

/* populated: every leaf has committed; else bare leaves of key packages. */
ic_err fixture_init(struct fixture *f, const struct ic_suite *s, uint32_t n, bool populated,
                    struct ic_rand rand);
void fixture_clear(struct fixture *f);
struct ic_view fixture_group_id(void);
/* The group as that leaf holds it. */
ic_err fixture_take(const struct fixture *f, uint32_t leaf, struct ic_mls_group **out);

static const uint64_t fixture_now = 1800000000;

#endif

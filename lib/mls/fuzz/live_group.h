/* A live group of two for fuzzers, the same in every process: its randomness is a fixed sequence. */
#ifndef FUZZ_LIVE_GROUP_H
#define FUZZ_LIVE_GROUP_H

#include "../src/member/state.h"

#include <ic/mls/store.h>

struct live {
    uint64_t rand_state;
    struct ic_mls_config config;
    struct ic_sign_key *signers[3];
    struct ic_mls_identity ids[3];
    struct ic_mls_group *sender;   /* leaf 0 */
    struct ic_mls_group *receiver; /* leaf 1 */
    struct ic_mls_key_package *newcomer;
    struct ic_mls_staged *welcoming; /* the sender's commit that adds the newcomer, tree apart */
    struct ic_buf tree;              /* of the epoch it opens */
};

static const uint64_t live_now = 1800000000;

/* Aborts on failure. */
void live_open(struct live *l);
void live_close(struct live *l);
/* A message of the sender around any body, well signed and protected: for a commit with a wrong tag. */
ic_err live_frame(struct live *l, uint8_t content_type, bool private, struct ic_view body,
                  struct ic_buf *out);

#endif

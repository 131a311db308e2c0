/* A group as its members would make it, without its secrets: real signatures, real trees, tags and
 * ciphertexts of random bytes. What an outsider checks is all there. */
#ifndef IC_MLSPUB_TEST_SIM_H
#define IC_MLSPUB_TEST_SIM_H

#include <ic/base/buf.h>
#include <ic/base/test.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/observer.h>
#include <ic/mlspub/tree.h>

enum { SIM_CLIENTS = 160, SIM_NOW = 1700000000 };

struct sim_client {
    struct ic_sign_key *key;
    struct ic_buf key_package; /* the KeyPackage, no MLSMessage */
};

/* What a test may bend. */
struct sim_bend {
    uint64_t not_before, not_after;
    const char *version_list; /* NULL: 1 */
    uint16_t credential;      /* 0: basic */
    bool lacks_credential;    /* the own type is not in the capabilities */
    uint16_t extension;       /* a leaf extension of this type, listed or not */
    bool extension_unlisted;
    bool same_init_key; /* the init key is the encryption key */
    bool bad_signature; /* of the key package */
    bool bad_leaf_signature;
    uint16_t supports_proposal;
};

struct sim {
    const struct ic_suite *suite;
    struct ic_test_rand state;
    struct ic_rand rand;
    struct sim_bend bend; /* of clients that nothing else is said of, and of all new leaves */
    struct ic_mlspub_rules like;
    struct sim_client clients[SIM_CLIENTS]; /* by signature key; leaves find theirs */
    uint32_t client_count;
    struct ic_sign_key *external; /* the external sender 0 */
    struct ic_mlspub_observer *observer;
    struct ic_mlspub_tree *tree;
    struct ic_mlspub_diff *staged; /* of the last commit made */
    struct ic_buf info;            /* the GroupInfo it began with */
    struct ic_buf message;         /* the last message made */
};

struct sim_commit {
    const struct ic_mlspub_proposal_or_ref *proposals;
    size_t count;
    bool path;
    bool keep_leaf_key;   /* the path's leaf repeats the former encryption key */
    bool bad_parent_hash; /* one bit off, well signed */
    bool short_path;      /* the last node is left out */
    bool extra_secret;    /* one ciphertext too many */
    uint32_t as; /* signs as the committer but claims this leaf; IC_MLSPUB_NO_LEAF: itself */
};

ic_err sim_open(struct sim *s, uint16_t suite, uint64_t seed);
ic_err sim_open_like(struct sim *s, uint16_t suite, uint64_t seed, const struct sim_bend *bend,
                     const struct ic_mlspub_rules *like);
void sim_close(struct sim *s);
/* A new client; its index in clients. */
ic_err sim_client(struct sim *s, const struct sim_bend *bend, uint32_t *client);
ic_err sim_proposal_add(struct sim *s, uint32_t client, struct ic_mlspub_proposal *out);
/* An Update leaf for a member, in out's arena. */
ic_err sim_update_leaf(struct sim *s, uint32_t leaf, struct ic_buf *out);
/* The same with these keys; empty takes a fresh encryption key. */
ic_err sim_update_leaf_with(struct sim *s, uint32_t leaf, const struct ic_sign_key *key,
                            struct ic_view encryption_key, struct ic_buf *out);
/* Makes s->message: a proposal, a commit by a member, an external commit. */
ic_err sim_propose(struct sim *s, struct ic_mlspub_sender sender, struct ic_sign_key *key,
                   const struct ic_mlspub_proposal *p);
ic_err sim_commit(struct sim *s, uint32_t committer, const struct sim_commit *c);
ic_err sim_external_commit(struct sim *s, uint32_t client,
                           const struct ic_mlspub_proposal_or_ref *p, size_t count);
/* The signing key of a leaf's client. */
struct ic_sign_key *sim_key_of(struct sim *s, uint32_t leaf);
/* Gives s->message to the observer, and merges on both sides where it stages. */
ic_err sim_deliver(struct sim *s);
/* Adds so many clients in one commit by leaf 0 with a path. */
ic_err sim_grow(struct sim *s, uint32_t count);

/* s->message must be refused with this error and a rule that names this section; nothing changes. */
void sim_check_refused(struct sim *s, ic_err want, const char *section);

/* A group of so many members in the test's scope. */
#define SIM(name, suite, members)                                                                  \
    IC_CLEANUP(sim_close) struct sim name;                                                         \
    CHECK_OK(sim_open(&(name), suite, 1));                                                         \
    CHECK_OK(sim_grow(&(name), (members)-1))

static inline struct ic_mlspub_proposal sim_remove(uint32_t leaf)
{
    return (struct ic_mlspub_proposal){.type = IC_MLS_REMOVE, .remove = leaf};
}

static inline struct sim_commit sim_with(const struct ic_mlspub_proposal_or_ref *p, size_t n)
{
    return (struct sim_commit){.proposals = p, .count = n, .path = true, .as = IC_MLSPUB_NO_LEAF};
}

static inline struct ic_mlspub_proposal_or_ref sim_value(struct ic_mlspub_proposal p)
{
    return (struct ic_mlspub_proposal_or_ref){.proposal = p};
}

#endif

/* The inside of a secret tree, for what uses its secrets and what saves them. */
#ifndef IC_MLS_SECRET_TREE_INTERNAL_H
#define IC_MLS_SECRET_TREE_INTERNAL_H

#include "changes.h"
#include "secret_tree.h"

struct ratchet {
    uint32_t generation; /* of secret: the next one nobody used */
    uint32_t kept_count;
    uint32_t kept_cap;
    struct ic_mls_message_key *kept; /* skipped keys, ascending by generation */
    uint8_t *secret;                 /* hash_len bytes, inside struct speaker */
};

/* A leaf that has spoken. */
struct speaker {
    struct ratchet ratchet[2];
    uint8_t secrets[]; /* 2 * hash_len */
};

enum node_state { NODE_SECRET, NODE_SPLIT, NODE_SPEAKER };

struct node {
    enum node_state state;
    union {
        struct node *child[2];
        struct speaker *speaker;
    };
    uint8_t secret[]; /* hash_len bytes, zeros once its children exist */
};

struct ic_mls_secret_tree {
    const struct ic_suite *suite;
    struct node *root;
    uint32_t leaf_slots;
    uint32_t max_forward;
    uint32_t max_skipped;
    struct ic_mls_changes *changes; /* told what changes; NULL: nobody wants to know */
    uint64_t epoch;                 /* whose secrets these are, for changes */
};

/* The index of the first kept key that is not older than the generation. */
static inline uint32_t kept_position(const struct ratchet *r, uint32_t generation)
{
    uint32_t low = 0, high = r->kept_count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (r->kept[mid].generation < generation)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Room for n more kept keys. */
ic_err ic_mls_ratchet_reserve(struct ratchet *r, uint32_t n);
/* Drops n kept keys. */
void ic_mls_ratchet_drop(struct ratchet *r, uint32_t at, uint32_t n);

/* A leaf's two ratchets, in two records; a skipped key. */
static inline uint64_t ratchet_index(uint32_t leaf, enum ic_mls_ratchet_kind kind)
{
    return (uint64_t)leaf << 1 | kind;
}
static inline uint64_t skipped_index(uint32_t leaf, enum ic_mls_ratchet_kind kind,
                                     uint32_t generation)
{
    return ratchet_index(leaf, kind) << 32 | generation;
}

#endif

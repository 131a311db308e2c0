/* The secret tree and its ratchets, RFC 9420 section 9: one epoch's message keys.
 *
 * Nodes are derived when a leaf below them first sends or is heard, and each secret is wiped when its
 * children exist; so a tree holds O(log n) secrets for each leaf that has spoken.
 *
 *     struct ic_mls_key_use use;
 *     IC_TRY(ic_mls_secret_tree_find(t, leaf, IC_MLS_APPLICATION_RATCHET, generation, &use));
 *     ... open with use.key, verify the signature ...
 *     ic_mls_secret_tree_consume(t, &use);   // or ic_mls_key_use_clear where the message was forged
 *
 * So a forged message neither moves a ratchet nor costs another message its key.
 */
#ifndef IC_MLS_SECRET_TREE_H
#define IC_MLS_SECRET_TREE_H

#include <ic/base/secret.h>
#include <ic/crypto/suite.h>

enum ic_mls_ratchet_kind { IC_MLS_HANDSHAKE_RATCHET, IC_MLS_APPLICATION_RATCHET };

struct ic_mls_message_key {
    uint32_t generation;
    uint8_t nonce[IC_AEAD_NONCE_LEN];
    uint8_t key[IC_AEAD_KEY_MAX]; /* aead_key_len bytes */
};

struct ic_mls_key_use {
    struct ic_mls_message_key key;
    uint32_t leaf;
    enum ic_mls_ratchet_kind kind;
    bool kept;                          /* the key was among the skipped ones */
    struct ic_secret next;              /* the ratchet's secret behind this generation */
    struct ic_mls_message_key *skipped; /* keys jumped over, oldest first */
    uint32_t skipped_count;
};

struct ic_mls_secret_tree;

/* leaf_slots: a power of two. Takes the encryption secret's content and wipes it, also on failure. */
ic_err ic_mls_secret_tree_new(const struct ic_suite *s, uint32_t leaf_slots,
                              struct ic_secret *encryption, uint32_t max_forward,
                              uint32_t max_skipped, struct ic_mls_secret_tree **out);
/* Wipes. Accepts NULL. */
void ic_mls_secret_tree_free(struct ic_mls_secret_tree *t);

/* The next key of our own ratchet; it is used up at once. IC_ERR_LIMIT at the end of the generations,
 * IC_ERR_RANGE for a leaf outside the tree. */
ic_err ic_mls_secret_tree_next(struct ic_mls_secret_tree *t, uint32_t leaf,
                               enum ic_mls_ratchet_kind kind, struct ic_mls_message_key *out);
/* The key of a received message, without using it up. IC_ERR_REPLAY where it was used, or is older than
 * what is kept; IC_ERR_LIMIT where it lies too far ahead. The use is cleared, or consumed. */
ic_err ic_mls_secret_tree_find(struct ic_mls_secret_tree *t, uint32_t leaf,
                               enum ic_mls_ratchet_kind kind, uint32_t generation,
                               struct ic_mls_key_use *use);
/* Deletes the key and moves the ratchet. Clears the use. */
void ic_mls_secret_tree_consume(struct ic_mls_secret_tree *t, struct ic_mls_key_use *use);
void ic_mls_key_use_clear(struct ic_mls_key_use *use);

/* ---- for who saves it, record by record (docs/mls-state.md) ---- */

struct ic_mls_changes;
struct ic_mls_record_key;

/* From now on c is told of what changes; c may be NULL, and outlives t. */
void ic_mls_secret_tree_watch(struct ic_mls_secret_tree *t, struct ic_mls_changes *c,
                              uint64_t epoch);
uint32_t ic_mls_secret_tree_slots(const struct ic_mls_secret_tree *t);
/* Keys of all records of one kind (SECRET_NODE, RATCHET, SKIPPED), ascending. */
ic_err ic_mls_secret_tree_keys(const struct ic_mls_secret_tree *t, uint8_t kind, uint64_t epoch,
                               ic_err (*take)(void *arg, const struct ic_mls_record_key *key),
                               void *arg);
/* What a record holds: views, borrowed. False where there is none. */
bool ic_mls_secret_tree_node(const struct ic_mls_secret_tree *t, uint64_t index,
                             struct ic_view *secret);
bool ic_mls_secret_tree_ratchet(const struct ic_mls_secret_tree *t, uint64_t index,
                                uint32_t *generation, struct ic_view *secret);
bool ic_mls_secret_tree_skipped(const struct ic_mls_secret_tree *t, uint64_t index,
                                const struct ic_mls_message_key **key);

/* A tree without any secret, to be filled from records: nodes, then ratchets, then skipped keys, each kind
 * ascending. Nothing else may be done with it before ic_mls_secret_tree_complete. */
ic_err ic_mls_secret_tree_blank(const struct ic_suite *s, uint32_t leaf_slots, uint32_t max_forward,
                                uint32_t max_skipped, struct ic_mls_secret_tree **out);
/* IC_ERR_MALFORMED where the record fits no tree, IC_ERR_NOMEM. Of more skipped keys than the limit the
 * oldest are dropped. */
ic_err ic_mls_secret_tree_put_node(struct ic_mls_secret_tree *t, uint64_t index,
                                   struct ic_view secret);
ic_err ic_mls_secret_tree_put_ratchet(struct ic_mls_secret_tree *t, uint64_t index,
                                      uint32_t generation, struct ic_view secret);
ic_err ic_mls_secret_tree_put_skipped(struct ic_mls_secret_tree *t, uint64_t index,
                                      struct ic_view nonce, struct ic_view key);
/* Every leaf has its key, once. */
bool ic_mls_secret_tree_complete(const struct ic_mls_secret_tree *t);

#endif

/* PrivateMessage, RFC 9420 section 6.3: content under a ratchet's key, and the sender's data beside it. */
#ifndef IC_MLS_PRIVATE_MESSAGE_H
#define IC_MLS_PRIVATE_MESSAGE_H

#include "secret_tree.h"

#include <ic/base/rand.h>
#include <ic/mlspub/types.h>

/* What an epoch lends to the sealing and opening of its messages. */
struct ic_mls_private_epoch {
    const struct ic_suite *suite;
    struct ic_view group_id;
    uint64_t epoch;
    const struct ic_secret *sender_data; /* sender_data_secret */
    struct ic_mls_secret_tree *tree;
};

struct ic_mls_private_content {
    uint8_t type;
    struct ic_view authenticated_data;
    struct ic_view body; /* the application data, or the encoded Proposal or Commit */
    struct ic_view signature;
    struct ic_view tag; /* of a commit */
};

struct ic_mls_padding {
    uint32_t multiple; /* the content's length becomes one of this; 0 or 1: any */
    bool padme;        /* and before that loses its low bits, as ic_mls_padme says */
};
/* The length that Padme gives to len: of a number of e + 1 bits the lowest e - log2(e) - 1 are rounded up to
 * zeros, so that a length tells O(log log len) bits and costs at most 12 %. */
size_t ic_mls_padme(size_t len);

/* Appends an MLSMessage; uses up a generation of the leaf's ratchet. */
ic_err ic_mls_private_seal(const struct ic_mls_private_epoch *e, uint32_t leaf,
                           const struct ic_mls_private_content *c, struct ic_mls_padding padding,
                           const struct ic_rand *rand, struct ic_buf *out);

struct ic_mls_opened {
    uint32_t leaf;
    struct ic_mls_key_use use; /* to be consumed when the signature stands, else cleared */
    struct ic_buf plain;       /* PrivateMessageContent; ic_buf_clear_secret */
};

/* Decrypts; the caller then reads plain and verifies the signature. own_leaf: whose messages are not
 * opened, as their keys are gone: IC_ERR_OWN_ECHO. IC_ERR_AUTH, IC_ERR_REPLAY, IC_ERR_LIMIT, IC_ERR_RANGE
 * (a leaf outside the tree). */
ic_err ic_mls_private_open(const struct ic_mls_private_epoch *e,
                           const struct ic_mlspub_private_message *m, uint32_t own_leaf,
                           struct ic_mls_opened *out);
/* Wipes; the key use too. */
void ic_mls_opened_clear(struct ic_mls_opened *o);
/* What stands in plain behind the body: signature, tag of a commit, zeros. IC_ERR_MALFORMED. */
ic_err ic_mls_private_auth(struct ic_reader *r, uint8_t type, struct ic_view *signature,
                           struct ic_view *tag);

/* sender_data_key and sender_data_nonce for a ciphertext, section 6.3.2. */
ic_err ic_mls_sender_data_key(const struct ic_suite *s, const struct ic_secret *sender_data,
                              struct ic_view ciphertext, struct ic_mls_message_key *out);

#endif

/* Signed tree heads: what a log said of itself at one moment, and can be held to.
 *
 *     struct ic_merkle_head h = {.size = edge.size, .time_ms = now_ms};
 *     ic_merkle_edge_root(&edge, &h.root);
 *     IC_TRY(ic_merkle_head_sign(key, &h));                   // fills log and signature
 *     ...
 *     struct ic_merkle_log log = {IC_ECDSA_P256_SHA256, public_key};
 *     IC_TRY(ic_merkle_head_check(&log, &h));
 */
#ifndef IC_MERKLE_HEAD_H
#define IC_MERKLE_HEAD_H

#include <ic/base/buf.h>
#include <ic/crypto/sign.h>
#include <ic/merkle/tree.h>

IC_API_BEGIN

enum {
    IC_MERKLE_HEAD_VERSION = 1,
    IC_MERKLE_HEAD_MAX = 1 + 2 * IC_MERKLE_HASH_LEN + 2 * 8 + 2 + IC_SIG_MAX, /* bytes encoded */
};

/* A log that one knows: its public key, borrowed. */
struct ic_merkle_log {
    enum ic_sig_id sig;
    struct ic_view key;
};

struct ic_merkle_head {
    struct ic_merkle_hash log; /* the log's id */
    uint64_t size;             /* leaves */
    uint64_t time_ms;          /* Unix */
    struct ic_merkle_hash root;
    uint8_t signature_len;
    uint8_t signature[IC_SIG_MAX]; /* SignWithLabel "InCamera Tree Head" over all before it */
};

/* SHA-256 of signature algorithm (u16) and public key. */
void ic_merkle_log_id(const struct ic_merkle_log *log, struct ic_merkle_hash *out);
/* Fills h->log and the signature from the rest. Errors as ic_sign. */
ic_err ic_merkle_head_sign(const struct ic_sign_key *key, struct ic_merkle_head *h);
/* IC_ERR_UNKNOWN_KEY where it is another log's, IC_ERR_SIGNATURE, IC_ERR_KEY. */
ic_err ic_merkle_head_check(const struct ic_merkle_log *log, const struct ic_merkle_head *h);
/* The one of n logs whose head it is, after checking; *which may be NULL. IC_ERR_UNKNOWN_KEY where it is of none. */
ic_err ic_merkle_head_check_any(const struct ic_merkle_log *logs, size_t n,
                                const struct ic_merkle_head *h, size_t *which);

/* version, log, size, time_ms, root, signature<V>. IC_ERR_UNSUPPORTED for another version; IC_ERR_RANGE for a size
 * above IC_MERKLE_SIZE_MAX. The signature is not checked. */
ic_err ic_merkle_head_decode(struct ic_view v, struct ic_merkle_head *out);
/* Appends it. */
ic_err ic_merkle_head_encode(const struct ic_merkle_head *h, struct ic_buf *out);

IC_API_END

#endif

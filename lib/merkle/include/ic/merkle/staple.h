/* A staple: the proof, carried by a certificate's owner, that the certificate is in the log.
 *
 *     struct ic_merkle_staple staple;
 *     IC_TRY(ic_merkle_staple_decode(bytes, &staple));
 *     IC_TRY(ic_merkle_staple_check(logs, log_count, &chain.certs[0], issuer, &staple));
 *     // staple.head is now a head that this log signed: give it to ic_merkle_heads_see
 */
#ifndef IC_MERKLE_STAPLE_H
#define IC_MERKLE_STAPLE_H

#include <ic/merkle/entry.h>
#include <ic/merkle/head.h>

IC_API_BEGIN

enum {
    IC_MERKLE_STAPLE_VERSION = 1,
    IC_MERKLE_STAPLE_MAX =
        1 + 2 * 8 + 2 + IC_MERKLE_PATH_MAX * IC_MERKLE_HASH_LEN + 2 + IC_MERKLE_HEAD_MAX,
};

struct ic_merkle_staple {
    uint64_t time_ms; /* of the entry */
    uint64_t index;   /* of the leaf */
    struct ic_merkle_path path;
    struct ic_merkle_head head;
};

/* True proof for this certificate by one of the logs. issuer: the certificate that issued it (its own where it is
 * self-signed). IC_ERR_UNKNOWN_KEY: a log that is not among them; IC_ERR_SIGNATURE: the head is forged; IC_ERR_AUTH,
 * IC_ERR_RANGE: the certificate is not there; IC_ERR_RULE: it has no name by which its owner could find it. */
ic_err ic_merkle_staple_check(const struct ic_merkle_log *logs, size_t n,
                              const struct ic_pki_cert *certificate,
                              const struct ic_pki_cert *issuer,
                              const struct ic_merkle_staple *staple);

/* The same but for the head's signature, which was checked before: most staples share a head. */
ic_err ic_merkle_staple_included(const struct ic_pki_cert *certificate,
                                 const struct ic_pki_cert *issuer,
                                 const struct ic_merkle_staple *staple);

/* version, time_ms, index, path<V>, head<V>. Errors as those of path and head; nothing is checked. */
ic_err ic_merkle_staple_decode(struct ic_view v, struct ic_merkle_staple *out);
/* Appends it. */
ic_err ic_merkle_staple_encode(const struct ic_merkle_staple *s, struct ic_buf *out);

IC_API_END

#endif

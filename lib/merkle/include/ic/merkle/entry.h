/* What the log of an internal CA holds of a certificate: hashes alone (docs/protocol/log.md).
 *
 * Who has the certificate makes the entry from it, and needs the time from elsewhere (the staple): so an entry with
 * wrong labels, or of another certificate, is not the one that the proof is for. A label is
 * SHA-256("InCamera Log Name" || 0 || kind || lower-case name), kind the tag of RFC 5280's GeneralName (one byte):
 * a person finds what was issued in their name without the log saying names to those who do not know them.
 *
 *     struct ic_merkle_entry e;
 *     IC_TRY(ic_merkle_entry_of(&chain.certs[0], &chain.certs[1], time_ms, &e));
 *     struct ic_merkle_hash leaf;
 *     ic_merkle_entry_hash(&e, &leaf);
 */
#ifndef IC_MERKLE_ENTRY_H
#define IC_MERKLE_ENTRY_H

#include <ic/base/buf.h>
#include <ic/merkle/tree.h>
#include <ic/pki/cert.h>

IC_API_BEGIN

enum {
    IC_MERKLE_LABELS_MAX = IC_PKI_NAMES_MAX,
    IC_MERKLE_ENTRY_VERSION = 1,
    IC_MERKLE_ENTRY_MAX =
        1 + 8 + 2 * IC_MERKLE_HASH_LEN + 2 + IC_MERKLE_LABELS_MAX * IC_MERKLE_HASH_LEN,
};

struct ic_merkle_entry {
    uint64_t time_ms;                  /* when it was logged, Unix */
    struct ic_merkle_hash issuer;      /* SHA-256 of the issuer's certificate */
    struct ic_merkle_hash certificate; /* SHA-256 of the certificate */
    size_t label_count;
    struct ic_merkle_hash label[IC_MERKLE_LABELS_MAX]; /* ascending, none twice */
};

/* The label of one name. IC_ERR_ARG where its kind has none (email, URI and DNS have). */
ic_err ic_merkle_label(const struct ic_pki_name *name, struct ic_merkle_hash *out);
/* The entry of a certificate. IC_ERR_MALFORMED where its names cannot be read. */
ic_err ic_merkle_entry_of(const struct ic_pki_cert *certificate, const struct ic_pki_cert *issuer,
                          uint64_t time_ms, struct ic_merkle_entry *out);
/* Its leaf in the tree. */
void ic_merkle_entry_hash(const struct ic_merkle_entry *e, struct ic_merkle_hash *out);
bool ic_merkle_entry_has(const struct ic_merkle_entry *e, const struct ic_merkle_hash *label);

/* version, time_ms (u64), issuer, certificate, labels<V>. IC_ERR_UNSUPPORTED for another version, IC_ERR_MALFORMED
 * for labels out of order, IC_ERR_LIMIT. */
ic_err ic_merkle_entry_decode(struct ic_view v, struct ic_merkle_entry *out);
/* Appends it. */
ic_err ic_merkle_entry_encode(const struct ic_merkle_entry *e, struct ic_buf *out);

IC_API_END

#endif

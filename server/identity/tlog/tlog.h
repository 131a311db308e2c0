/* The log of certificates: an append-only Merkle tree in the service's database (docs/protocol/log.md).
 *
 *     uint64_t index;
 *     IC_TRY(icd_tlog_append(id, der, issuer_der, id->now_ms, &index));   // in the transaction that issues
 *
 * All that the log is stands in tables, the tree's right edge and the newest signed head too: so it goes with the
 * transaction, and what was undone was never signed for anybody. The key is a file of its own, log.key, 0600.
 */
#ifndef ICD_TLOG_H
#define ICD_TLOG_H

#include "identity/live.h"

#include <ic/merkle/staple.h>

enum {
    ICD_TLOG_PAGE = 1000,              /* entries in an answer */
    ICD_TLOG_HEAD_MS = 60 * 60 * 1000, /* a head that did not grow is signed anew after it */
};

/* Appends a certificate, both in DER. Where it fails the caller must refuse its call, which takes all of it back.
 * IC_ERR_EXISTS: it is in the log; IC_ERR_MALFORMED, IC_ERR_IO. */
ic_err icd_tlog_append(struct icd_identity *id, struct ic_view der, struct ic_view issuer,
                       uint64_t now_ms, uint64_t *index);
/* The newest head, signed now where the log has grown or the last is old. Errors of the store, IC_ERR_CRYPTO. */
ic_err icd_tlog_head(struct icd_identity *id, struct ic_merkle_head *out);
/* The staple of the certificate with this SHA-256, by the newest head that has it. IC_ERR_NOT_FOUND. */
ic_err icd_tlog_staple(struct icd_identity *id, struct ic_view hash, struct ic_merkle_staple *out);
/* What clients know the log by: [{"key": base64url, "sig": number}]. NULL without memory. */
json_t *icd_tlog_trust(const struct icd_identity *id);

#endif

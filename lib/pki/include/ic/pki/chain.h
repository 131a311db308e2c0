/* The chain of an x509 credential (RFC 9420 section 5.3): read now, judge when there is an answer.
 *
 *     struct ic_pki_chain chain;      // 4 KB, on the stack or inside an object of yours
 *     IC_TRY(ic_pki_chain_decode(credential.identity, 0, &chain, &fault));
 *     ...
 *     IC_TRY(ic_pki_validate(store, &chain, &want, now_s, &verdict, &fault));   // ic/pki/store.h
 *
 * The views borrow from the bytes given.
 */
#ifndef IC_PKI_CHAIN_H
#define IC_PKI_CHAIN_H

#include <ic/base/api.h>
#include <ic/base/buf.h>
#include <ic/pki/cert.h>

IC_API_BEGIN

enum { IC_PKI_CHAIN_MAX = 8 };

struct ic_pki_chain {
    struct ic_pki_cert certs[IC_PKI_CHAIN_MAX]; /* the leaf's first */
    size_t count;
};

/* certificates: the content of the credential's certificates vector. max: how many at most, 0 takes
 * IC_PKI_CHAIN_MAX. fault may be NULL. Errors as ic_pki_cert_decode, and IC_ERR_RULE where one
 * certificate is there twice. */
ic_err ic_pki_chain_decode(struct ic_view certificates, size_t max, struct ic_pki_chain *out,
                           struct ic_pki_fault *fault);
/* Appends certificates in DER, leaf first, as the content of that vector. */
ic_err ic_pki_chain_encode(const struct ic_view *certs, size_t n, struct ic_buf *out);

IC_API_END

#endif

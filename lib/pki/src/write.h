/* What requests, certificates, lists and answers have in common when they are written. */
#ifndef IC_PKI_WRITE_H
#define IC_PKI_WRITE_H

#include <ic/crypto/sign.h>
#include <ic/pki/csr.h>

#include "der_write.h"
#include "internal.h"

/* A Name: organisation, then common name. Fails w with IC_ERR_ARG. */
void ic_pki_write_subject(struct ic_writer *w, const struct ic_pki_subject *s);
/* id-ce, RFC 5280 section 4.2.1. */
#define PKI_CE(last) IC_VIEW_STR("\x55\x1d" last)
/* An Extension is opened, its value written, and closed. */
struct ic_pki_open_extension {
    size_t outer, value;
};
struct ic_pki_open_extension ic_pki_extension_open(struct ic_writer *w, struct ic_view oid,
                                                   bool critical);
void ic_pki_extension_close(struct ic_writer *w, struct ic_pki_open_extension e);
/* GeneralNames' content. Fails w with IC_ERR_ARG where one is not well-formed. */
void ic_pki_write_names(struct ic_writer *w, const struct ic_pki_name *names, size_t n);
void ic_pki_write_name(struct ic_writer *w, const struct ic_pki_name *name);
/* The extension itself. */
void ic_pki_write_alt_names(struct ic_writer *w, const struct ic_pki_name *names, size_t n,
                            bool critical);
/* AlgorithmIdentifier of a signature. */
void ic_pki_write_algorithm(struct ic_writer *w, enum ic_sig_id id);
void ic_pki_write_key_info(struct ic_writer *w, enum ic_sig_id id, struct ic_view key);
/* Behind the signed part, which begins at `from` in the buffer and is complete: algorithm and
 * signature. */
void ic_pki_write_signature(struct ic_writer *w, size_t from, const struct ic_sign_key *key);
/* IC_ERR_KEY unless k is the key of c. */
ic_err ic_pki_is_key_of(const struct ic_sign_key *k, const struct ic_pki_cert *c);
/* Who signs has a certificate that says how its key is named. */
void ic_pki_write_authority_key_id(struct ic_writer *w, struct ic_view key_id);

#endif

/* Certificates from PEM files (RFC 7468): our own chain, and the authorities that this device trusts.
 *
 *     struct icc_certificates c;
 *     IC_TRY(icc_certificates_load(&paths, key, &c, why, sizeof why));
 *     ... meeting.certificates = ic_buf_view(&c.chain), meeting.external_roots = c.external ...
 *     icc_certificates_clear(&c);
 */
#ifndef ICC_KEYS_CERTIFICATES_H
#define ICC_KEYS_CERTIFICATES_H

#include <ic/base/buf.h>
#include <ic/crypto/sign.h>
#include <ic/pki/store.h>

struct icc_certificate_paths {
    const char *chain;               /* leaf first; or NULL */
    const char *external, *internal; /* roots; or NULL */
    bool
        profile; /* what is not named comes from the profile (identity/profile.h), if it is there */
};

struct icc_certificates {
    struct ic_buf chain; /* the content of a credential's vector; empty: none */
    struct ic_pki_store *external, *internal;
};

/* key: the device's own, which the chain must certify. IC_ERR_IO: a file that cannot be read; IC_ERR_MALFORMED: it
 * holds no certificate; IC_ERR_KEY: the chain's first is another key's; those of ic_pki_store_add_root. why gets a
 * sentence. */
ic_err icc_certificates_load(const struct icc_certificate_paths *p, const struct ic_sign_key *key,
                             struct icc_certificates *out, char *why, size_t why_len);
/* The roots without a chain of our own. */
ic_err icc_certificates_trusted(const struct icc_certificate_paths *p, struct icc_certificates *out,
                                char *why, size_t why_len);
void icc_certificates_clear(struct icc_certificates *c);
/* Appends the certificates of a text in PEM as a credential's vector has them, leaf first. name: of the text, for
 * why. IC_ERR_MALFORMED, those of ic_pki_cert_decode. */
ic_err icc_chain_read(struct ic_view pem, const char *name, struct ic_buf *out, char *why,
                      size_t why_len);

#endif

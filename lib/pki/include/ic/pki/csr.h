/* Certification requests: PKCS #10, RFC 2986. A key's owner asks for a certificate and shows by the
 * signature that he holds the key, which stays where it is.
 *
 *     const struct ic_pki_name names[] = {{IC_PKI_NAME_EMAIL, IC_VIEW_STR("ana@ring.example")}};
 *     struct ic_pki_csr_spec spec = {.subject = {.common_name = IC_VIEW_STR("Ana")}, .names = names, .name_count = 1};
 *     IC_BUF_SCOPE(der, IC_PKI_CSR_MAX);
 *     IC_TRY(ic_pki_csr_make(&spec, key, &der));
 *     ...
 *     struct ic_pki_csr csr;                              // at the authority
 *     IC_TRY(ic_pki_csr_decode(ic_buf_view(&der), &csr, &fault));
 *     struct ic_reader r = ic_reader(csr.names);
 *     while (ic_pki_names_next(&r, &name)) ...
 *
 * No I/O, no clock. What is read borrows from the bytes given.
 */
#ifndef IC_PKI_CSR_H
#define IC_PKI_CSR_H

#include <ic/base/api.h>
#include <ic/base/buf.h>
#include <ic/crypto/sign.h>
#include <ic/pki/cert.h>

IC_API_BEGIN

enum {
    IC_PKI_CSR_MAX = 16384, /* bytes */
    IC_PKI_TEXT_MAX = 256,  /* bytes of a common name or organisation that we write */
};

/* Parts of a Name, UTF-8 without control characters, IC_PKI_TEXT_MAX bytes each; those that are
 * empty are left out. */
struct ic_pki_subject {
    struct ic_view organisation, common_name;
};

struct ic_pki_csr_spec {
    struct ic_pki_subject subject;
    const struct ic_pki_name *names; /* subject alternative names */
    size_t name_count;
};

/* Appends a request, signed by the key that it asks for. IC_ERR_ARG where a name or text is not
 * well-formed, IC_ERR_LIMIT, IC_ERR_NOMEM, those of ic_sign. */
ic_err ic_pki_csr_make(const struct ic_pki_csr_spec *spec, const struct ic_sign_key *key,
                       struct ic_buf *out);

struct ic_pki_csr {
    struct ic_view encoded;        /* the whole */
    struct ic_view subject;        /* a Name in DER, perhaps without parts: ic_pki_common_name */
    struct ic_view names;          /* what it asks for, as in struct ic_pki_cert; may be empty */
    bool wants_ca;                 /* it asks to be an authority's */
    struct ic_view key_info;       /* SubjectPublicKeyInfo in DER, for ic_pki_issue */
    enum ic_pki_key_kind key_kind; /* these four as in struct ic_pki_cert */
    enum ic_sig_id key_sig;
    struct ic_view key, exponent;
};

/* Reads exactly one request and checks its signature. fault may be NULL; its index is
 * IC_PKI_REQUEST_INDEX. Errors are those of ic_pki_reason_err: MALFORMED, TOO_BIG, NAME, KEY_WEAK,
 * SIGNATURE_ALGORITHM, SIGNATURE and those of extensions. */
ic_err ic_pki_csr_decode(struct ic_view der, struct ic_pki_csr *out, struct ic_pki_fault *fault);

IC_API_END

#endif

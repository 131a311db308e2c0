/* Making certificates: X.509 version 3, RFC 5280, in three profiles.
 *
 *     struct ic_pki_issue root = {.profile = IC_PKI_ROOT, .serial = serial, .not_before = now, .not_after = then,
 *                                 .subject = {.common_name = IC_VIEW_STR("In Camera CA")}};
 *     IC_TRY(ic_pki_issue(&root, NULL, ca_key, &root_der));
 *     ...
 *     struct ic_pki_issue ana = {.profile = IC_PKI_PERSON, ..., .key_info = csr.key_info};
 *     IC_TRY(ic_pki_issue(&ana, &root_cert, ca_key, &der));
 *
 * | profile | key usage                | extended key usage             | basic constraints |
 * |---------|--------------------------|--------------------------------|-------------------|
 * | PERSON  | digitalSignature         | clientAuth, imUri              | none              |
 * | DEVICE  | digitalSignature         | serverAuth, clientAuth, imUri  | none              |
 * | ROOT    | keyCertSign, cRLSign     | none                           | cA, path length 0 |
 *
 * All have key identifiers (RFC 7093 section 2, method 1). What is made is read again by
 * ic_pki_cert_decode before it is given out: nothing that we would not read leaves.
 *
 * No I/O, no clock, no entropy: time and serial number are passed in.
 */
#ifndef IC_PKI_ISSUE_H
#define IC_PKI_ISSUE_H

#include <ic/base/api.h>
#include <ic/base/buf.h>
#include <ic/crypto/sign.h>
#include <ic/pki/cert.h>
#include <ic/pki/csr.h>

IC_API_BEGIN

/* What a certificate is for. */
enum ic_pki_profile { IC_PKI_PERSON = 1, IC_PKI_DEVICE, IC_PKI_ROOT };

struct ic_pki_issue {
    enum ic_pki_profile profile;
    struct ic_view serial; /* 1 to 20 bytes, big-endian; the first is not 0 and below 0x80 */
    struct ic_pki_subject subject;
    const struct ic_pki_name *names; /* subject alternative names */
    size_t name_count;
    int64_t not_before, not_after;  /* Unix time, both inclusive */
    struct ic_view key_info;        /* SubjectPublicKeyInfo in DER; not used for a root */
    const char *crl_url, *ocsp_url; /* of leaves; NULL: none is named */
    /* Of a root: name constraints, critical. A name's form is that of a constraint: "ring.example"
     * for hosts, ".ring.example" for those below. None: any name. */
    const struct ic_pki_name *permitted;
    size_t permitted_count;
};

/* Appends a certificate in DER. issuer: the authority's certificate, whose key signer must be; NULL
 * for a root, which signs itself.
 * IC_ERR_KEY where signer is not the issuer's key or key_info is none that serves, IC_ERR_ARG where
 * a name, text or time is not well-formed, IC_ERR_DENIED where the issuer is no authority,
 * IC_ERR_LIMIT, IC_ERR_NOMEM, those of ic_sign. */
ic_err ic_pki_issue(const struct ic_pki_issue *what, const struct ic_pki_cert *issuer,
                    const struct ic_sign_key *signer, struct ic_buf *out);

/* Appends a SubjectPublicKeyInfo in DER of a key as RFC 9420 section 5.1.1 writes it. IC_ERR_KEY,
 * IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_pki_key_info_encode(enum ic_sig_id id, struct ic_view public_key, struct ic_buf *out);
/* What kind of key it is; sig: of ECDSA and EdDSA alone. IC_ERR_KEY where it is none, or none that
 * serves: too weak, or of another kind. */
ic_err ic_pki_key_info_decode(struct ic_view key_info, enum ic_pki_key_kind *kind,
                              enum ic_sig_id *sig);

IC_API_END

#endif

/* Lists of revoked certificates: CRL version 2, RFC 5280 section 5. Whole lists alone: one that
 * covers a part of what its issuer made, or is for several issuers, says so in a critical extension
 * and is refused.
 *
 *     struct ic_pki_crl crl;
 *     IC_TRY(ic_pki_crl_decode(der, &crl, &fault));
 *     IC_TRY(ic_pki_crl_verify(&crl, &authority, &fault));
 *     struct ic_reader r = ic_reader(crl.entries);
 *     struct ic_pki_crl_entry e;
 *     while (ic_pki_crl_next(&r, &e))
 *         if (ic_view_equal(e.serial, cert.serial)) ...
 *
 * To have chains judged by a list give it to ic_pki_store_add_crl (ic/pki/store.h). No I/O, no
 * clock. What is read borrows from the bytes given.
 */
#ifndef IC_PKI_CRL_H
#define IC_PKI_CRL_H

#include <ic/base/api.h>
#include <ic/base/buf.h>
#include <ic/base/reader.h>
#include <ic/crypto/sign.h>
#include <ic/pki/cert.h>

IC_API_BEGIN

enum {
    IC_PKI_CRL_MAX = 8 << 20, /* bytes: some 200,000 entries */
};

/* Why: RFC 5280 section 5.3.1. */
enum ic_pki_revocation {
    IC_PKI_REVOKED_UNSPECIFIED = 0,
    IC_PKI_REVOKED_KEY_COMPROMISE = 1,
    IC_PKI_REVOKED_CA_COMPROMISE = 2,
    IC_PKI_REVOKED_AFFILIATION_CHANGED = 3,
    IC_PKI_REVOKED_SUPERSEDED = 4,
    IC_PKI_REVOKED_CESSATION = 5,
    IC_PKI_REVOKED_HOLD = 6,
    IC_PKI_REVOKED_PRIVILEGE_WITHDRAWN = 9,
    IC_PKI_REVOKED_AA_COMPROMISE = 10,
};

struct ic_pki_crl_entry {
    struct ic_view serial; /* big-endian, no leading zero */
    int64_t time;          /* Unix time of the revocation */
    enum ic_pki_revocation reason;
};

struct ic_pki_crl {
    struct ic_view encoded;           /* the whole */
    struct ic_view issuer;            /* a Name in DER */
    int64_t this_update, next_update; /* Unix time */
    struct ic_view number;            /* big-endian, no leading zero; empty where it has none */
    struct ic_view authority_key_id;  /* empty where it has none */
    struct ic_view entries;           /* ic_pki_crl_next; may be empty */
    size_t count;                     /* of them */
    struct ic_view signed_part, signature;
    uint8_t signature_algorithm; /* private to this library; 0 for one that is not accepted */
};

/* Reads exactly one list, every entry included; one without nextUpdate is malformed. fault may be
 * NULL; its index is IC_PKI_LIST_INDEX. Errors are those of ic_pki_reason_err: MALFORMED, TOO_BIG,
 * VERSION, TIME, those of extensions. */
ic_err ic_pki_crl_decode(struct ic_view der, struct ic_pki_crl *out, struct ic_pki_fault *fault);
/* The next entry; false at the end. r begins as ic_reader(crl.entries). */
bool ic_pki_crl_next(struct ic_reader *r, struct ic_pki_crl_entry *out);
/* The issuer made it: its name, key and right to sign lists, and the signature. ORDER, NOT_CA,
 * KEY_USAGE, KEY_WEAK, SIGNATURE_ALGORITHM, SIGNATURE. */
ic_err ic_pki_crl_verify(const struct ic_pki_crl *crl, const struct ic_pki_cert *issuer,
                         struct ic_pki_fault *fault);

struct ic_pki_crl_spec {
    int64_t this_update, next_update;
    uint64_t number; /* grows with each list of an issuer */
    const struct ic_pki_crl_entry *entries;
    size_t count;
};
/* Appends a list in DER. issuer: the authority's certificate, whose key signer must be. IC_ERR_KEY,
 * IC_ERR_ARG where a time or serial number is not well-formed, IC_ERR_LIMIT, IC_ERR_NOMEM, those
 * of ic_sign. */
ic_err ic_pki_crl_make(const struct ic_pki_crl_spec *spec, const struct ic_pki_cert *issuer,
                       const struct ic_sign_key *signer, struct ic_buf *out);

IC_API_END

#endif

/* The state of single certificates: OCSP, RFC 6960 (nonces: RFC 9654). An answer must be signed by
 * the issuer itself: what responders sign that it authorised is not accepted.
 *
 *     struct ic_pki_ocsp_request req;                                   // who answers
 *     IC_TRY(ic_pki_ocsp_request_decode(body, &req, &fault));
 *     struct ic_reader r = ic_reader(req.ids);
 *     while (ic_pki_ocsp_id_next(&r, &id))
 *         if (ic_pki_ocsp_id_matches(&id, &authority)) ... id.serial ...
 *     IC_TRY(ic_pki_ocsp_make(&spec, &authority, key, &out));
 *
 *     struct ic_pki_ocsp answer;                                        // who asked
 *     IC_TRY(ic_pki_ocsp_decode(body, &answer, &fault));
 *     IC_TRY(ic_pki_ocsp_verify(&answer, &authority, &fault));
 *     IC_TRY(ic_pki_ocsp_find(&answer, &cert, &authority, now_s, &state, &fault));
 *
 * No I/O, no clock, no entropy. What is read borrows from the bytes given.
 */
#ifndef IC_PKI_OCSP_H
#define IC_PKI_OCSP_H

#include <ic/base/api.h>
#include <ic/base/buf.h>
#include <ic/base/reader.h>
#include <ic/crypto/sign.h>
#include <ic/pki/cert.h>
#include <ic/pki/crl.h>

IC_API_BEGIN

enum {
    IC_PKI_OCSP_REQUEST_MAX = 8192,
    IC_PKI_OCSP_MAX = 65536,
    IC_PKI_OCSP_IDS_MAX = 16, /* certificates asked for, or answered for, at once */
    IC_PKI_OCSP_NONCE_MAX = 128,
    IC_PKI_OCSP_SKEW_S = 600, /* how far clocks may differ */
};

/* A certificate, named by its issuer and number. */
struct ic_pki_ocsp_id {
    struct ic_view encoded;             /* the CertID in DER: an answer repeats it */
    enum ic_hash_id hash;               /* 0 for one that is not known here */
    struct ic_view name_hash, key_hash; /* of the issuer */
    struct ic_view serial;              /* big-endian, no leading zero */
};

/* True where it names a certificate of this issuer. */
bool ic_pki_ocsp_id_matches(const struct ic_pki_ocsp_id *id, const struct ic_pki_cert *issuer);

struct ic_pki_ocsp_request {
    struct ic_view ids;   /* ic_pki_ocsp_id_next */
    size_t count;         /* of them, at least 1 */
    struct ic_view nonce; /* empty where it has none */
};

/* Reads exactly one request; its signature, if it has one, is not looked at. fault may be NULL; its
 * index is IC_PKI_REQUEST_INDEX. MALFORMED, TOO_BIG, those of extensions. */
ic_err ic_pki_ocsp_request_decode(struct ic_view der, struct ic_pki_ocsp_request *out,
                                  struct ic_pki_fault *fault);
/* The next one; false at the end. r begins as ic_reader(request.ids). */
bool ic_pki_ocsp_id_next(struct ic_reader *r, struct ic_pki_ocsp_id *out);
/* Appends a request for one certificate; nonce: 1 to 128 bytes, or empty for none. IC_ERR_ARG,
 * IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_pki_ocsp_request_make(const struct ic_pki_cert *cert, const struct ic_pki_cert *issuer,
                                struct ic_view nonce, struct ic_buf *out);

/* CertStatus of RFC 6960 section 4.2.1. */
enum ic_pki_ocsp_status { IC_PKI_OCSP_GOOD, IC_PKI_OCSP_REVOKED, IC_PKI_OCSP_UNKNOWN };

/* What is said of one certificate. */
struct ic_pki_ocsp_state {
    struct ic_pki_ocsp_id id; /* to make an answer, its encoded alone is needed */
    enum ic_pki_ocsp_status status;
    int64_t revoked_at; /* of REVOKED, and the reason */
    enum ic_pki_revocation reason;
    int64_t this_update, next_update; /* Unix time */
};

struct ic_pki_ocsp_spec {
    int64_t produced_at;
    const struct ic_pki_ocsp_state *states;
    size_t count;         /* 1 to IC_PKI_OCSP_IDS_MAX */
    struct ic_view nonce; /* the request's; empty for none */
};
/* Appends a signed answer. Errors as ic_pki_crl_make. */
ic_err ic_pki_ocsp_make(const struct ic_pki_ocsp_spec *spec, const struct ic_pki_cert *issuer,
                        const struct ic_sign_key *signer, struct ic_buf *out);

/* RFC 6960 section 4.2.1: what an answer says as a whole. */
enum ic_pki_ocsp_outcome {
    IC_PKI_OCSP_SUCCESSFUL = 0,
    IC_PKI_OCSP_MALFORMED_REQUEST = 1,
    IC_PKI_OCSP_INTERNAL_ERROR = 2,
    IC_PKI_OCSP_TRY_LATER = 3,
    IC_PKI_OCSP_SIG_REQUIRED = 5,
    IC_PKI_OCSP_UNAUTHORIZED = 6,
};
/* Appends an answer that says nothing but that; it is not signed. IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_pki_ocsp_make_error(enum ic_pki_ocsp_outcome outcome, struct ic_buf *out);

struct ic_pki_ocsp {
    enum ic_pki_ocsp_outcome outcome; /* all else is empty unless it is SUCCESSFUL */
    int64_t produced_at;
    struct ic_view responder_name; /* a Name in DER, or empty, and then */
    struct ic_view responder_key;  /* SHA-1 of its key */
    struct ic_view states;         /* ic_pki_ocsp_state_next */
    size_t count;
    struct ic_view nonce; /* empty where it has none */
    struct ic_view signed_part, signature;
    uint8_t signature_algorithm; /* private to this library; 0 for one that is not accepted */
};

/* Reads exactly one answer. fault may be NULL; its index is IC_PKI_ANSWER_INDEX. MALFORMED,
 * TOO_BIG, TIME, those of extensions. */
ic_err ic_pki_ocsp_decode(struct ic_view der, struct ic_pki_ocsp *out, struct ic_pki_fault *fault);
/* What it says of the next certificate; false at the end. r begins as ic_reader(ocsp.states). */
bool ic_pki_ocsp_state_next(struct ic_reader *r, struct ic_pki_ocsp_state *out);
/* The issuer itself made it: ORDER, KEY_WEAK, SIGNATURE_ALGORITHM, SIGNATURE. */
ic_err ic_pki_ocsp_verify(const struct ic_pki_ocsp *answer, const struct ic_pki_cert *issuer,
                          struct ic_pki_fault *fault);
/* What a verified answer says of cert. NO_CERTIFICATE where it says nothing, NOT_YET and LIST_STALE
 * where that is not of now, within IC_PKI_OCSP_SKEW_S; without nextUpdate it is of the time it was
 * made. A certificate that is revoked is an answer, not an error. */
ic_err ic_pki_ocsp_find(const struct ic_pki_ocsp *answer, const struct ic_pki_cert *cert,
                        const struct ic_pki_cert *issuer, uint64_t now_s,
                        struct ic_pki_ocsp_state *out, struct ic_pki_fault *fault);

IC_API_END

#endif

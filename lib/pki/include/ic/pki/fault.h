/* Why a certificate or a chain is refused: a reason that programs can branch on, which certificate,
 * and a sentence for people.
 *
 *     struct ic_pki_fault fault;
 *     ic_err e = ic_pki_validate(store, &chain, &want, now_s, &verdict, &fault);
 *     if (e != IC_OK)
 *         log("%s", fault.text);   // certificate 1 (CN=Ring CA 2): its time is over (2026-11-23T04:00:00Z)
 */
#ifndef IC_PKI_FAULT_H
#define IC_PKI_FAULT_H

#include <ic/base/api.h>
#include <ic/base/err.h>
#include <stdint.h>

IC_API_BEGIN

/* Name, stable, for logs and tests; the error code it comes with; what the sentence says. */
#define IC_PKI_REASON_LIST(X)                                                                      \
    X(NONE, "none", OK, "nothing is wrong")                                                        \
    X(NOT_X509, "not-x509", ERR_UNSUPPORTED, "the credential is not of type x509")                 \
    X(NO_CERTIFICATE, "no-certificate", ERR_MALFORMED, "the chain has no certificate")             \
    X(CHAIN_LONG, "chain-long", ERR_LIMIT, "the chain has too many certificates")                  \
    X(TOO_BIG, "too-big", ERR_LIMIT, "it has too many bytes, names or extensions")                 \
    X(MALFORMED, "malformed", ERR_MALFORMED, "it is not what it should be, in DER")                \
    X(VERSION, "version", ERR_UNSUPPORTED, "it is not of version 3")                               \
    X(SERIAL, "serial", ERR_MALFORMED, "its serial number is negative, or too long")               \
    X(NAME, "name", ERR_MALFORMED, "a name is empty where there must be one, or malformed")        \
    X(TIME, "time", ERR_MALFORMED, "its time of validity is malformed")                            \
    X(ALGORITHMS_DIFFER, "algorithms-differ", ERR_MALFORMED,                                       \
      "its two signature algorithms differ")                                                       \
    X(EXTENSION, "extension", ERR_MALFORMED, "an extension is malformed")                          \
    X(EXTENSION_TWICE, "extension-twice", ERR_MALFORMED, "an extension is there twice")            \
    X(EXTENSION_UNKNOWN, "extension-unknown", ERR_UNSUPPORTED,                                     \
      "a critical extension is not understood")                                                    \
    X(LOOP, "loop", ERR_RULE, "it is in the chain twice")                                          \
    X(ORDER, "order", ERR_RULE, "it is not the issuer of the certificate before it")               \
    X(NOT_YET, "not-yet", ERR_EXPIRED, "its time has not begun")                                   \
    X(EXPIRED, "expired", ERR_EXPIRED, "its time is over")                                         \
    X(KEY_MISMATCH, "key-mismatch", ERR_KEY, "its public key is not the leaf's signature key")     \
    X(KEY_SUITE, "key-suite", ERR_KEY, "its public key does not fit the cipher suite")             \
    X(KEY_WEAK, "key-weak", ERR_KEY, "its key is too weak, too long, or of no type that serves")   \
    X(LEAF_CA, "leaf-ca", ERR_DENIED, "it is a certification authority's, not a member's")         \
    X(NOT_CA, "not-ca", ERR_DENIED, "it is not a certification authority's")                       \
    X(KEY_USAGE, "key-usage", ERR_DENIED, "its key usage does not permit this")                    \
    X(PURPOSE, "purpose", ERR_DENIED, "its extended key usage does not permit this")               \
    X(PATH_LENGTH, "path-length", ERR_DENIED, "more authorities stand below it than it permits")   \
    X(NAME_CONSTRAINT, "name-constraint", ERR_DENIED,                                              \
      "a name is not one that an authority above may certify")                                     \
    X(SIGNATURE_ALGORITHM, "signature-algorithm", ERR_UNSUPPORTED,                                 \
      "its signature algorithm is not accepted")                                                   \
    X(SIGNATURE, "signature", ERR_SIGNATURE, "its signature is not its issuer's")                  \
    X(NO_ROOT, "no-root", ERR_AUTH, "neither it nor its issuer is a trusted root")                 \
    X(REVOKED, "revoked", ERR_DENIED, "its issuer revoked it")                                     \
    X(LIST_STALE, "list-stale", ERR_EXPIRED, "what is known of its revocation is too old")         \
    X(LIST_OLDER, "list-older", ERR_STALE, "a newer one of the same issuer is known already")      \
    X(SUCCESSOR, "successor", ERR_RULE, "it names somebody else than the credential it replaces")  \
    X(APPLICATION, "application", ERR_DENIED, "the application does not accept it")                \
    X(FAILED, "failed", ERR_CRYPTO, "the check itself failed")

#define IC_PKI_REASON_ENUM_(name, id, err, text) IC_PKI_##name,
/* Why a chain was refused. */
enum ic_pki_reason { IC_PKI_REASON_LIST(IC_PKI_REASON_ENUM_) IC_PKI_REASON_COUNT };
#undef IC_PKI_REASON_ENUM_

enum {
    IC_PKI_NO_INDEX = -1,      /* the chain as a whole */
    IC_PKI_ROOT_INDEX = -2,    /* the trusted root, which the chain does not hold */
    IC_PKI_LIST_INDEX = -3,    /* a list of revoked certificates */
    IC_PKI_REQUEST_INDEX = -4, /* a certification request, or one for OCSP */
    IC_PKI_ANSWER_INDEX = -5,  /* an answer of OCSP */
    IC_PKI_FAULT_TEXT = 256,
};

struct ic_pki_fault {
    enum ic_pki_reason reason;
    int32_t index; /* of the certificate in the chain, 0 = the leaf's; or one of those above */
    char text[IC_PKI_FAULT_TEXT]; /* UTF-8 without control characters, NUL-terminated */
};

/* "path-length". Never NULL. */
const char *ic_pki_reason_name(enum ic_pki_reason r);
/* A sentence without full stop. Never NULL. */
const char *ic_pki_reason_text(enum ic_pki_reason r);
/* What the call that met it returns. */
ic_err ic_pki_reason_err(enum ic_pki_reason r);

IC_API_END

#endif

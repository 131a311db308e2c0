/* Signatures as certificates carry them: RSA, and ECDSA with a hash that no cipher suite pairs with
 * the curve. For verifying alone; Ed25519, Ed448 and the suites' own ECDSA are in
 * <ic/crypto/sign.h>.
 *
 *     struct ic_rsa_key key = {modulus, exponent};
 *     IC_TRY(ic_verify_rsa(IC_RSA_PKCS1, IC_SHA256, &key, message, signature));
 */
#ifndef IC_CRYPTO_VERIFY_H
#define IC_CRYPTO_VERIFY_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/crypto/suite.h>

IC_API_BEGIN

enum {
    IC_RSA_BITS_MIN = 2048,
    IC_RSA_BITS_MAX = 8192, /* above it, one signature costs milliseconds */
    IC_RSA_EXPONENT_MAX = 4 /* bytes */
};

/* How an RSA signature is padded: RFC 8017. */
enum ic_rsa_padding {
    IC_RSA_PKCS1 = 1, /* RFC 8017 section 8.2 */
    IC_RSA_PSS,       /* RFC 8017 section 8.1, MGF1 with the same hash, salt as long as the hash */
};

/* Big-endian, without leading zeros. */
struct ic_rsa_key {
    struct ic_view modulus;
    struct ic_view exponent;
};

/* A modulus of IC_RSA_BITS_MIN to _MAX bits and an odd exponent above 1: else IC_ERR_KEY. */
ic_err ic_rsa_key_check(const struct ic_rsa_key *k);
/* hash: SHA-256, -384 or -512, else IC_ERR_UNSUPPORTED. IC_ERR_KEY, IC_ERR_SIGNATURE. */
ic_err ic_verify_rsa(enum ic_rsa_padding padding, enum ic_hash_id hash, const struct ic_rsa_key *k,
                     struct ic_view message, struct ic_view sig);
/* curve: an ECDSA id, whose own hash does not matter; the rest as ic_verify and ic_verify_rsa. */
ic_err ic_verify_ecdsa(enum ic_sig_id curve, enum ic_hash_id hash, struct ic_view public_key,
                       struct ic_view message, struct ic_view sig);

IC_API_END

#endif

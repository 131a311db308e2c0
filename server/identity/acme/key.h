/* Public keys as JSON Web Keys (RFC 7517, RFC 7518), and their thumbprints (RFC 7638).
 *
 *     struct icd_acme_key key;
 *     IC_TRY(icd_acme_key_read(jwk, &key, &problem));      // ES256, ES384, RS256 of 2048 bits and more
 *     store(key.json, key.thumbprint);
 *
 * A key that was read has one JSON text, whatever the order and spacing of what came: two keys are the same
 * where their thumbprints are. Nothing is allocated.
 */
#ifndef ICD_ACME_KEY_H
#define ICD_ACME_KEY_H

#include "identity/acme/problem.h"

#include <ic/base/bytes.h>
#include <ic/pki/cert.h>

enum icd_acme_alg { ICD_ACME_ES256, ICD_ACME_ES384, ICD_ACME_RS256 };

enum {
    ICD_ACME_MODULUS_MAX = 1024, /* bytes: IC_RSA_BITS_MAX */
    ICD_ACME_KEY_JSON = 1536,    /* bytes with the NUL */
    ICD_ACME_THUMBPRINT = 43,    /* characters: base64url of SHA-256 */
};

struct icd_acme_key {
    enum icd_acme_alg alg; /* the only one it signs with here */
    /* The uncompressed point, or the modulus without leading zeros. */
    uint8_t value[ICD_ACME_MODULUS_MAX];
    size_t value_len;
    uint8_t exponent[4]; /* of RSA, without leading zeros */
    size_t exponent_len;
    char json[ICD_ACME_KEY_JSON]; /* the members of RFC 7638 alone, in its order */
    char thumbprint[ICD_ACME_THUMBPRINT + 1];
};

/* Reads a JWK. badPublicKey where it is no key that is taken, malformed where it is none at all. A point that
 * does not lie on its curve is refused when the signature is checked. */
ic_err icd_acme_key_read(const json_t *jwk, struct icd_acme_key *out, struct icd_acme_problem *p);
/* From the text of a key that was read before. IC_ERR_MALFORMED. */
ic_err icd_acme_key_load(struct ic_view json, struct icd_acme_key *out);
/* "ES256". Never NULL. */
const char *icd_acme_alg_name(enum icd_acme_alg alg);
/* True where the certificate's public key is that key. */
bool icd_acme_key_is_of(const struct icd_acme_key *key, const struct ic_pki_cert *cert);

#endif

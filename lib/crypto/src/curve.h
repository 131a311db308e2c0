/* Lengths and, for the NIST curves, orders: what is known of a curve without a provider. */
#ifndef IC_CRYPTO_CURVE_H
#define IC_CRYPTO_CURVE_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/secret.h>
#include <ic/crypto/suite.h>

struct ic_curve {
    uint8_t private_len;
    uint8_t public_len;
    uint8_t shared_len;     /* of a DH result */
    uint8_t sig_len;        /* fixed, or 0 for DER */
    const uint8_t *order;   /* private_len bytes, big-endian; NULL where every string is a key */
    uint8_t top_mask;       /* RFC 9180 section 7.1.3: bits of the first byte a scalar may have */
    enum ic_kem_id kem;     /* 0 where it has none */
    enum ic_sig_id sig;     /* 0 where it has none */
    enum ic_hash_id kdf;    /* of its DHKEM */
    enum ic_hash_id digest; /* of its signature, where that signs a digest */
};

/* NULL for an unknown id. */
const struct ic_curve *ic_curve_of_kem(enum ic_kem_id id);
const struct ic_curve *ic_curve_of_sig(enum ic_sig_id id);
/* Right length and, on a NIST curve, 0 < scalar < order; in constant time. IC_ERR_KEY. */
ic_err ic_curve_check_private(const struct ic_curve *c, struct ic_view scalar);
/* The same for a key from outside, as a copy of full length: scalars of the NIST curves are met without
 * their leading zeros too, in the working group's own vectors for one. IC_ERR_KEY. */
ic_err ic_curve_take_private(const struct ic_curve *c, struct ic_view scalar,
                             struct ic_secret *out);
/* Right length and, on a NIST curve, the uncompressed form. Not whether the point is on the curve. */
ic_err ic_curve_check_public_form(const struct ic_curve *c, struct ic_view key);

#endif

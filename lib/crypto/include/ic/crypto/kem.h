/* DHKEM of RFC 9180 section 4.1. Private keys are raw secrets, public keys serialised as there.
 *
 *     struct ic_kem_pair pair;
 *     IC_TRY(ic_kem_derive_pair(IC_KEM_X25519, ikm, &pair));
 *     ...
 *     ic_kem_pair_clear(&pair);
 */
#ifndef IC_CRYPTO_KEM_H
#define IC_CRYPTO_KEM_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/rand.h>
#include <ic/base/secret.h>
#include <ic/crypto/suite.h>

IC_API_BEGIN

struct ic_kem_pair {
    struct ic_secret private_key;
    uint8_t public_key[IC_KEM_PUBLIC_MAX];
    uint8_t public_len;
};

/* RFC 9180 section 7.1.3 */
ic_err ic_kem_derive_pair(enum ic_kem_id id, struct ic_view ikm, struct ic_kem_pair *out);
/* A new pair by DeriveKeyPair from Nsk bytes drawn of rand. */
ic_err ic_kem_generate_pair(enum ic_kem_id id, const struct ic_rand *rand, struct ic_kem_pair *out);
/* The private half of that alone, drawn alike: ic_kem_import_private does the rest, perhaps on another thread. */
ic_err ic_kem_generate_private(enum ic_kem_id id, const struct ic_rand *rand,
                               struct ic_secret *out);
/* Recomputes the public key. NIST scalars may lack their leading zeros; *out has them. IC_ERR_KEY. */
ic_err ic_kem_import_private(enum ic_kem_id id, struct ic_view private_key,
                             struct ic_kem_pair *out);
/* Wipes. */
void ic_kem_pair_clear(struct ic_kem_pair *p);
/* The key alone: right length, and a point on the curve. */
ic_err ic_kem_public_check(enum ic_kem_id id, struct ic_view public_key);

/* enc: ic_kem_public_len(id) bytes. IC_ERR_KEY where the peer's key is none (RFC 9180 section 7.1.4). */
ic_err ic_kem_encap(enum ic_kem_id id, struct ic_view public_key, const struct ic_rand *rand,
                    uint8_t *enc, struct ic_secret *shared);
/* With the ephemeral pair given: for known-answer tests, and pairs made ahead. */
ic_err ic_kem_encap_with(enum ic_kem_id id, struct ic_view public_key,
                         const struct ic_kem_pair *ephemeral, struct ic_secret *shared);
/* public_key: our own, or empty to have it recomputed. */
ic_err ic_kem_decap(enum ic_kem_id id, struct ic_view private_key, struct ic_view public_key,
                    struct ic_view enc, struct ic_secret *shared);

IC_API_END

#endif

/* Signatures: RFC 9420 section 5.1.2 wants ECDSA in DER, Ed25519 and Ed448 raw.
 *
 *     struct ic_sign_key *k;
 *     IC_TRY(ic_sign_key_generate(IC_ED25519, rand, &k));
 *     uint8_t sig[IC_SIG_MAX];
 *     size_t len;
 *     IC_TRY(ic_sign(k, message, sig, &len));
 *     IC_TRY(ic_verify(IC_ED25519, ic_sign_key_public(k), message, ic_view(sig, len)));
 *     ic_sign_key_free(k);
 *
 * ECDSA nonces are drawn inside the provider; nothing else here has an entropy of its own.
 */
#ifndef IC_CRYPTO_SIGN_H
#define IC_CRYPTO_SIGN_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/rand.h>
#include <ic/base/secret.h>
#include <ic/crypto/suite.h>

IC_API_BEGIN

struct ic_sign_key;

/* A new key. IC_ERR_UNSUPPORTED where no provider has the algorithm, IC_ERR_NOMEM, those of
 * rand. */
ic_err ic_sign_key_generate(enum ic_sig_id id, const struct ic_rand *rand,
                            struct ic_sign_key **out);
/* private_key: the scalar, big-endian (leading zeros may be missing), or the RFC 8032 seed. IC_ERR_KEY
 * where it is none. */
ic_err ic_sign_key_import(enum ic_sig_id id, struct ic_view private_key, struct ic_sign_key **out);

/* Signs where the key is: in a token, an HSM, an agent. sig: IC_SIG_MAX bytes of room, for ECDSA in DER or
 * EdDSA raw, over the message as it is given (no hash of it). May block; any error it gives is ic_sign's. */
struct ic_signer {
    ic_err (*sign)(void *ctx, struct ic_view message, uint8_t *sig, size_t *sig_len);
    void *ctx;
};
/* A key whose private half is not here; it serves wherever another does, but cannot be exported. signer is
 * copied, its ctx borrowed as long as the key lives.
 *
 * Each signature is verified before it is used, at the cost of one ic_verify: one of a wrong form, by another
 * key, or spoilt by a fault would be refused by all who get it, when its maker has built on it. ic_sign then gives
 * IC_ERR_SIGNATURE. IC_ERR_KEY where public_key is none, IC_ERR_UNSUPPORTED. */
ic_err ic_sign_key_external(enum ic_sig_id id, struct ic_view public_key,
                            const struct ic_signer *signer, struct ic_sign_key **out);
/* IC_ERR_UNSUPPORTED where the private key is not here. */
ic_err ic_sign_key_export(const struct ic_sign_key *k, struct ic_secret *out);
/* Wipes. Accepts NULL. */
void ic_sign_key_free(struct ic_sign_key *k);
/* For IC_CLEANUP on a pointer variable. */
static inline void ic_sign_key_free_scope(struct ic_sign_key **k)
{
    ic_sign_key_free(*k);
}
/* Its algorithm. */
enum ic_sig_id ic_sign_key_id(const struct ic_sign_key *k);
/* Borrowed from k: uncompressed point or raw key. */
struct ic_view ic_sign_key_public(const struct ic_sign_key *k);
/* sig: IC_SIG_MAX bytes of room. */
ic_err ic_sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig, size_t *sig_len);
/* IC_ERR_SIGNATURE where it does not verify, IC_ERR_KEY where the key is none. */
ic_err ic_verify(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                 struct ic_view sig);
/* The key alone: on the curve, right length. */
ic_err ic_verify_key_check(enum ic_sig_id id, struct ic_view public_key);

IC_API_END

#endif

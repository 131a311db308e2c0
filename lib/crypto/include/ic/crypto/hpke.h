/* HPKE (RFC 9180), modes base and PSK; our own over the provider's curves, hash and AEAD.
 *
 *     struct ic_hpke_info info;                         // hashes the info once, for many receivers
 *     ic_hpke_info_init(&info, suite, context);
 *     IC_TRY(ic_hpke_seal(&info, pk, aad, plain, rand, enc, sealed));
 */
#ifndef IC_CRYPTO_HPKE_H
#define IC_CRYPTO_HPKE_H

#include <ic/base/api.h>
#include <ic/crypto/aead.h>
#include <ic/crypto/kem.h>

IC_API_BEGIN

struct ic_hpke_suite {
    enum ic_kem_id kem;
    enum ic_hash_id kdf;
    enum ic_aead_id aead;
};

/* The three algorithms of RFC 9420's cipher suite (section 5.1). */
struct ic_hpke_suite ic_hpke_suite_of(const struct ic_suite *s);

/* The hashed info of RFC 9180 section 5.1: prepared once where many receivers share it. No secret. */
struct ic_hpke_info {
    struct ic_hpke_suite suite;
    uint8_t psk_id_hash[IC_HASH_MAX];
    uint8_t info_hash[IC_HASH_MAX];
};

/* Hashes info for base mode; i copies nothing else of it. */
void ic_hpke_info_init(struct ic_hpke_info *i, struct ic_hpke_suite suite, struct ic_view info);

/* Single shot, base mode. enc: ic_kem_public_len; sealed: plain.len + 16. */
ic_err ic_hpke_seal(const struct ic_hpke_info *i, struct ic_view public_key, struct ic_view aad,
                    struct ic_view plain, const struct ic_rand *rand, uint8_t *enc,
                    uint8_t *sealed);
/* The same with the ephemeral private key drawn ahead (ic_kem_generate_private), and used for nothing else. */
ic_err ic_hpke_seal_with(const struct ic_hpke_info *i, struct ic_view public_key,
                         struct ic_view aad, struct ic_view plain, struct ic_view ephemeral,
                         uint8_t *enc, uint8_t *sealed);
/* out: sealed.len - 16. IC_ERR_AUTH; IC_ERR_KEY where enc is no key. public_key: own, or empty. */
ic_err ic_hpke_open(const struct ic_hpke_info *i, struct ic_view private_key,
                    struct ic_view public_key, struct ic_view enc, struct ic_view aad,
                    struct ic_view sealed, uint8_t *out);

/* A context of RFC 9180 section 5: many messages, or the exporter alone. */
struct ic_hpke_ctx {
    struct ic_hpke_suite suite;
    struct ic_aead *aead;
    uint8_t base_nonce[IC_AEAD_NONCE_LEN];
    uint64_t seq;
    struct ic_secret exporter;
};

struct ic_hpke_psk {
    struct ic_view psk; /* both empty in base mode; psk at least 32 bytes */
    struct ic_view psk_id;
};

/* SetupBaseS, or SetupPSKS where psk is not empty (RFC 9180 section 5.1). enc:
 * ic_kem_public_len bytes. IC_ERR_KEY where the public key is none, IC_ERR_ARG where the PSK is
 * too short or lacks its id. */
ic_err ic_hpke_setup_sender(struct ic_hpke_suite suite, struct ic_view public_key,
                            struct ic_view info, struct ic_hpke_psk psk, const struct ic_rand *rand,
                            uint8_t *enc, struct ic_hpke_ctx *out);
/* With the ephemeral pair given: for known-answer tests; its public key is enc. */
ic_err ic_hpke_setup_sender_with(struct ic_hpke_suite suite, struct ic_view public_key,
                                 struct ic_view info, struct ic_hpke_psk psk,
                                 const struct ic_kem_pair *ephemeral, struct ic_hpke_ctx *out);
/* SetupBaseR or SetupPSKR. public_key: our own, or empty to have it recomputed. Errors as the
 * sender's. */
ic_err ic_hpke_setup_receiver(struct ic_hpke_suite suite, struct ic_view private_key,
                              struct ic_view public_key, struct ic_view enc, struct ic_view info,
                              struct ic_hpke_psk psk, struct ic_hpke_ctx *out);
/* Wipes. */
void ic_hpke_ctx_clear(struct ic_hpke_ctx *c);
/* Seals the next message: out has plain.len + 16 bytes. IC_ERR_LIMIT when the sequence number would
 * wrap. */
ic_err ic_hpke_ctx_seal(struct ic_hpke_ctx *c, struct ic_view aad, struct ic_view plain,
                        uint8_t *out);
/* Opens the next message: out has sealed.len - 16 bytes. IC_ERR_AUTH, and the number stays;
 * IC_ERR_LIMIT. */
ic_err ic_hpke_ctx_open(struct ic_hpke_ctx *c, struct ic_view aad, struct ic_view sealed,
                        uint8_t *out);
/* RFC 9180 section 5.3 */
ic_err ic_hpke_ctx_export(const struct ic_hpke_ctx *c, struct ic_view context, uint8_t *out,
                          size_t out_len);

IC_API_END

#endif

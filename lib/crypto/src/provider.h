/* The seam: what this library asks of a provider of primitives. Nothing above it names one.
 *
 * A provider is a const table of calls; one that lacks an algorithm answers so in `has_*`. Arguments
 * are checked above the seam: lengths fit the algorithm, EC points start with 4, scalars are in
 * range. What is left to the provider is the arithmetic, and that a point is on its curve.
 */
#ifndef IC_CRYPTO_PROVIDER_H
#define IC_CRYPTO_PROVIDER_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/secret.h>
#include <ic/crypto/suite.h>
#include <ic/crypto/verify.h>

struct ic_prov_hash {
    uint8_t len;
    uint8_t block_len;
    uint16_t state_len; /* at most sizeof(struct ic_hash.state), freely copyable */
    void (*init)(void *state);
    void (*update)(void *state, const uint8_t *p, size_t n);
    void (*final)(void *state, uint8_t *out);
};

/* Objects begin with these heads; the provider allocates them with its own part behind. */
struct ic_aead {
    const struct ic_prov *prov;
};

struct ic_aes_ctr {
    const struct ic_prov *prov;
};

struct ic_sign_key {
    const struct ic_prov *prov;
    enum ic_sig_id id;
    uint8_t public_len;
    uint8_t public_key[IC_SIG_PUBLIC_MAX];
    struct ic_secret private_key;
    void *handle; /* the provider's prepared key, or NULL where it wants none */
};

struct ic_prov {
    const char *name;
    const char *(*version)(void);

    /* NULL where it has none. */
    const struct ic_prov_hash *(*hash)(enum ic_hash_id id);

    ic_err (*aead_new)(enum ic_aead_id id, struct ic_view key, struct ic_aead **out);
    void (*aead_free)(struct ic_aead *a);
    ic_err (*aead_seal)(struct ic_aead *a, const uint8_t *nonce, struct ic_view aad,
                        struct ic_view plain, uint8_t *out, uint8_t *tag);
    /* May leave anything in out when it fails. */
    ic_err (*aead_open)(struct ic_aead *a, const uint8_t *nonce, struct ic_view aad,
                        struct ic_view cipher, const uint8_t *tag, uint8_t *out);
    ic_err (*aead_seal_once)(enum ic_aead_id id, struct ic_view key, const uint8_t *nonce,
                             struct ic_view aad, struct ic_view plain, uint8_t *out, uint8_t *tag);
    ic_err (*aead_open_once)(enum ic_aead_id id, struct ic_view key, const uint8_t *nonce,
                             struct ic_view aad, struct ic_view cipher, const uint8_t *tag,
                             uint8_t *out);

    ic_err (*ctr_new)(struct ic_view key, struct ic_aes_ctr **out);
    void (*ctr_free)(struct ic_aes_ctr *c);
    ic_err (*ctr_xor)(struct ic_aes_ctr *c, const uint8_t *iv, struct ic_view in, uint8_t *out);

    bool (*has_sig)(enum ic_sig_id id);
    /* k has id and private_key; fills public_key and handle. */
    ic_err (*sign_open)(struct ic_sign_key *k);
    void (*sign_close)(struct ic_sign_key *k);
    ic_err (*sign)(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig,
                   size_t *sig_len);
    ic_err (*verify)(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                     struct ic_view sig);
    ic_err (*verify_key_check)(enum ic_sig_id id, struct ic_view public_key);
    /* Certificates: ECDSA over a digest of any length, and RSA. */
    ic_err (*verify_digest)(enum ic_sig_id id, struct ic_view public_key, struct ic_view digest,
                            struct ic_view sig);
    ic_err (*verify_rsa)(enum ic_rsa_padding padding, enum ic_hash_id hash,
                         const struct ic_rsa_key *k, struct ic_view digest, struct ic_view sig);

    bool (*has_dh)(enum ic_kem_id id);
    /* One base multiplication. */
    ic_err (*dh_public)(enum ic_kem_id id, struct ic_view private_key, uint8_t *public_key);
    /* IC_ERR_KEY where the peer's key is no point, or the result is the identity (all zero). */
    ic_err (*dh)(enum ic_kem_id id, struct ic_view private_key, struct ic_view peer, uint8_t *out);
    ic_err (*dh_key_check)(enum ic_kem_id id, struct ic_view public_key);
};

extern const struct ic_prov ic_prov_openssl;
#ifdef IC_CRYPTO_AWSLC
extern const struct ic_prov ic_prov_awslc;
#endif

/* Who serves here: hashes, AEADs and AES-CTR. */
const struct ic_prov *ic_prov_bulk(void);
/* NULL where no provider of this build has it. */
const struct ic_prov *ic_prov_sig(enum ic_sig_id id);
const struct ic_prov *ic_prov_dh(enum ic_kem_id id);
/* The i-th of this build, the preferred one first; NULL past the end. */
const struct ic_prov *ic_prov_at(size_t i);

/* The public calls with the provider chosen by the caller: for those calls, and for the tests that
 * compare providers. prov may be NULL: IC_ERR_UNSUPPORTED. */
ic_err ic_prov_aead_new(const struct ic_prov *prov, enum ic_aead_id id, struct ic_view key,
                        struct ic_aead **out);
ic_err ic_prov_sign_key_import(const struct ic_prov *prov, enum ic_sig_id id,
                               struct ic_view private_key, struct ic_sign_key **out);
ic_err ic_prov_verify(const struct ic_prov *prov, enum ic_sig_id id, struct ic_view public_key,
                      struct ic_view message, struct ic_view sig);
ic_err ic_prov_verify_ecdsa(const struct ic_prov *prov, enum ic_sig_id curve, enum ic_hash_id hash,
                            struct ic_view public_key, struct ic_view message, struct ic_view sig);
ic_err ic_prov_verify_rsa(const struct ic_prov *prov, enum ic_rsa_padding padding,
                          enum ic_hash_id hash, const struct ic_rsa_key *k, struct ic_view message,
                          struct ic_view sig);
/* The bare DH under the KEM; out has room for 66 bytes. */
ic_err ic_prov_dh_shared(const struct ic_prov *prov, enum ic_kem_id id, struct ic_view private_key,
                         struct ic_view peer, struct ic_secret *out);

#endif

/* What the files of this folder share. OpenSSL >= 3.0. */
#ifndef IC_CRYPTO_OPENSSL_INTERNAL_H
#define IC_CRYPTO_OPENSSL_INTERNAL_H

/* The low-level calls are deprecated, and several times faster than what replaces them in 3.0. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/err.h>

#include "../provider.h"

const struct ic_prov_hash *ic_ossl_hash(enum ic_hash_id id);

ic_err ic_ossl_aead_new(enum ic_aead_id id, struct ic_view key, struct ic_aead **out);
void ic_ossl_aead_free(struct ic_aead *a);
ic_err ic_ossl_aead_seal(struct ic_aead *a, const uint8_t *nonce, struct ic_view aad,
                         struct ic_view plain, uint8_t *out, uint8_t *tag);
ic_err ic_ossl_aead_open(struct ic_aead *a, const uint8_t *nonce, struct ic_view aad,
                         struct ic_view cipher, const uint8_t *tag, uint8_t *out);
ic_err ic_ossl_aead_seal_once(enum ic_aead_id id, struct ic_view key, const uint8_t *nonce,
                              struct ic_view aad, struct ic_view plain, uint8_t *out, uint8_t *tag);
ic_err ic_ossl_aead_open_once(enum ic_aead_id id, struct ic_view key, const uint8_t *nonce,
                              struct ic_view aad, struct ic_view cipher, const uint8_t *tag,
                              uint8_t *out);
ic_err ic_ossl_ctr_new(struct ic_view key, struct ic_aes_ctr **out);
void ic_ossl_ctr_free(struct ic_aes_ctr *c);
ic_err ic_ossl_ctr_xor(struct ic_aes_ctr *c, const uint8_t *iv, struct ic_view in, uint8_t *out);

/* NIST curves. */
ic_err ic_ossl_ec_public(enum ic_kem_id id, struct ic_view private_key, uint8_t *public_key);
ic_err ic_ossl_ec_dh(enum ic_kem_id id, struct ic_view private_key, struct ic_view peer,
                     uint8_t *out);
ic_err ic_ossl_ec_key_check(enum ic_kem_id id, struct ic_view public_key);
ic_err ic_ossl_ecdsa_open(struct ic_sign_key *k);
void ic_ossl_ecdsa_close(struct ic_sign_key *k);
ic_err ic_ossl_ecdsa_sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig,
                          size_t *sig_len);
ic_err ic_ossl_ecdsa_verify(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                            struct ic_view sig);
ic_err ic_ossl_ecdsa_verify_digest(enum ic_sig_id id, struct ic_view public_key,
                                   struct ic_view digest, struct ic_view sig);

ic_err ic_ossl_rsa_verify(enum ic_rsa_padding padding, enum ic_hash_id hash,
                          const struct ic_rsa_key *k, struct ic_view digest, struct ic_view sig);

/* Curves 25519 and 448. */
ic_err ic_ossl_ecx_public(enum ic_kem_id id, struct ic_view private_key, uint8_t *public_key);
ic_err ic_ossl_ecx_dh(enum ic_kem_id id, struct ic_view private_key, struct ic_view peer,
                      uint8_t *out);
ic_err ic_ossl_eddsa_open(struct ic_sign_key *k);
void ic_ossl_eddsa_close(struct ic_sign_key *k);
ic_err ic_ossl_eddsa_sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig,
                          size_t *sig_len);
ic_err ic_ossl_eddsa_verify(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                            struct ic_view sig);

/* Gives e back and leaves the thread's error queue empty: TLS in the same thread reads it. */
static inline ic_err ic_ossl_fail(ic_err e)
{
    ERR_clear_error();
    return e;
}

#endif

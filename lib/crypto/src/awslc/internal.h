/* What the files of this folder share. AWS-LC, prefixed: its openssl/ headers are found first here. */
#ifndef IC_CRYPTO_AWSLC_INTERNAL_H
#define IC_CRYPTO_AWSLC_INTERNAL_H

#include "../provider.h"

const struct ic_prov_hash *ic_awslc_hash(enum ic_hash_id id);

ic_err ic_awslc_aead_new(enum ic_aead_id id, struct ic_view key, struct ic_aead **out);
void ic_awslc_aead_free(struct ic_aead *a);
ic_err ic_awslc_aead_seal(struct ic_aead *a, const uint8_t *nonce, struct ic_view aad,
                          struct ic_view plain, uint8_t *out, uint8_t *tag);
ic_err ic_awslc_aead_open(struct ic_aead *a, const uint8_t *nonce, struct ic_view aad,
                          struct ic_view cipher, const uint8_t *tag, uint8_t *out);
ic_err ic_awslc_aead_seal_once(enum ic_aead_id id, struct ic_view key, const uint8_t *nonce,
                               struct ic_view aad, struct ic_view plain, uint8_t *out,
                               uint8_t *tag);
ic_err ic_awslc_aead_open_once(enum ic_aead_id id, struct ic_view key, const uint8_t *nonce,
                               struct ic_view aad, struct ic_view cipher, const uint8_t *tag,
                               uint8_t *out);
ic_err ic_awslc_ctr_new(struct ic_view key, struct ic_aes_ctr **out);
void ic_awslc_ctr_free(struct ic_aes_ctr *c);
ic_err ic_awslc_ctr_xor(struct ic_aes_ctr *c, const uint8_t *iv, struct ic_view in, uint8_t *out);

/* NIST curves. */
ic_err ic_awslc_ec_public(enum ic_kem_id id, struct ic_view private_key, uint8_t *public_key);
ic_err ic_awslc_ec_dh(enum ic_kem_id id, struct ic_view private_key, struct ic_view peer,
                      uint8_t *out);
ic_err ic_awslc_ec_key_check(enum ic_kem_id id, struct ic_view public_key);
ic_err ic_awslc_ecdsa_open(struct ic_sign_key *k);
void ic_awslc_ecdsa_close(struct ic_sign_key *k);
ic_err ic_awslc_ecdsa_sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig,
                           size_t *sig_len);
ic_err ic_awslc_ecdsa_verify(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                             struct ic_view sig);
ic_err ic_awslc_ecdsa_verify_digest(enum ic_sig_id id, struct ic_view public_key,
                                    struct ic_view digest, struct ic_view sig);

ic_err ic_awslc_rsa_verify(enum ic_rsa_padding padding, enum ic_hash_id hash,
                           const struct ic_rsa_key *k, struct ic_view digest, struct ic_view sig);

#endif

/* AEAD with the keyed context kept: key set-up once, then any number of calls. And AES-CTR for the
 * SFrame suites that want it.
 *
 *     struct ic_aead *a;
 *     IC_TRY(ic_aead_new(IC_AES_128_GCM, key, &a));
 *     IC_TRY(ic_aead_seal(a, nonce, aad, plain, out));   // plain.len + 16 bytes
 *     ic_aead_free(a);
 *
 * An object holds no allocation that grows and makes none per call. It belongs to one thread at a time.
 */
#ifndef IC_CRYPTO_AEAD_H
#define IC_CRYPTO_AEAD_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/crypto/suite.h>

IC_API_BEGIN

/* 16 or 32; 0 for an unknown one. */
size_t ic_aead_key_len(enum ic_aead_id id);

struct ic_aead;

/* key.len = ic_aead_key_len(id), else IC_ERR_KEY. IC_ERR_NOMEM. */
ic_err ic_aead_new(enum ic_aead_id id, struct ic_view key, struct ic_aead **out);
/* Wipes. Accepts NULL. */
void ic_aead_free(struct ic_aead *a);
/* For IC_CLEANUP on a pointer variable. */
static inline void ic_aead_free_scope(struct ic_aead **a)
{
    ic_aead_free(*a);
}
/* nonce: 12 bytes. out: plain.len + 16, may be plain.p itself, else must not overlap. */
ic_err ic_aead_seal(struct ic_aead *a, struct ic_view nonce, struct ic_view aad,
                    struct ic_view plain, uint8_t *out);
/* The tag apart from the ciphertext: out has plain.len bytes, tag 16. */
ic_err ic_aead_seal_scatter(struct ic_aead *a, struct ic_view nonce, struct ic_view aad,
                            struct ic_view plain, uint8_t *out, uint8_t *tag);
/* sealed.len >= 16, out: sealed.len - 16, may be sealed.p itself. IC_ERR_AUTH, then out is wiped. */
ic_err ic_aead_open(struct ic_aead *a, struct ic_view nonce, struct ic_view aad,
                    struct ic_view sealed, uint8_t *out);
/* The same with the tag (16 bytes) apart: out has cipher.len bytes. */
ic_err ic_aead_open_gather(struct ic_aead *a, struct ic_view nonce, struct ic_view aad,
                           struct ic_view cipher, struct ic_view tag, uint8_t *out);

/* For keys that are used once: MLS messages. */
ic_err ic_aead_seal_once(enum ic_aead_id id, struct ic_view key, struct ic_view nonce,
                         struct ic_view aad, struct ic_view plain, uint8_t *out);
ic_err ic_aead_open_once(enum ic_aead_id id, struct ic_view key, struct ic_view nonce,
                         struct ic_view aad, struct ic_view sealed, uint8_t *out);

struct ic_aes_ctr;
/* key: 16 or 32 bytes. */
ic_err ic_aes_ctr_new(struct ic_view key, struct ic_aes_ctr **out);
/* Wipes. Accepts NULL. */
void ic_aes_ctr_free(struct ic_aes_ctr *c);
/* iv: 16 bytes, the first counter block. out may be in.p. */
ic_err ic_aes_ctr_xor(struct ic_aes_ctr *c, struct ic_view iv, struct ic_view in, uint8_t *out);

IC_API_END

#endif

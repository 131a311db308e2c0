/* Cipher suites of RFC 9605 section 4.5, and the AES-256-CTR ones beside them, as const tables.
 *
 *     const struct ic_sframe_suite *s = ic_sframe_suite_find(4);
 *     if (!s)
 *         return IC_ERR_UNSUPPORTED;
 */
#ifndef IC_SFRAME_SUITE_H
#define IC_SFRAME_SUITE_H

#include <ic/crypto/suite.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IC_SFRAME_AES_128_CTR_HMAC_SHA256_80 = 1,
    IC_SFRAME_AES_128_CTR_HMAC_SHA256_64 = 2,
    IC_SFRAME_AES_128_CTR_HMAC_SHA256_32 = 3,
    IC_SFRAME_AES_128_GCM_SHA256_128 = 4,
    IC_SFRAME_AES_256_GCM_SHA512_128 = 5,
    IC_SFRAME_AES_256_CTR_HMAC_SHA512_80 = 6,
    IC_SFRAME_AES_256_CTR_HMAC_SHA512_64 = 7,
    IC_SFRAME_AES_256_CTR_HMAC_SHA512_32 = 8,

    IC_SFRAME_KEY_MAX = 96, /* the longest Nk */
    IC_SFRAME_TAG_MAX = 16,
    IC_SFRAME_NONCE_LEN = 12, /* Nn, the same for all */
};

struct ic_sframe_suite {
    uint16_t id;
    const char *name; /* "AES_128_GCM_SHA256_128" */
    enum ic_hash_id hash;
    enum ic_aead_id aead; /* 0 for the AES-CTR suites */
    uint8_t cipher_len;   /* Nka: the AES key of a CTR suite, else 0 */
    uint8_t key_len;      /* Nk: also the length of the MLS base key (RFC 9605 section 5.2) */
    uint8_t tag_len;      /* Nt */
};

/* NULL when unknown. */
const struct ic_sframe_suite *ic_sframe_suite_find(uint16_t id);

#endif

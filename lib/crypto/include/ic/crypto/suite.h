/* Cipher suites of RFC 9420 section 17.1, as const tables.
 *
 *     const struct ic_suite *s = ic_suite_find(2);
 *     if (!s)
 *         return IC_ERR_UNSUPPORTED;
 *
 * Which suites a build has is asked at run time: 4 and 6 need OpenSSL beside AWS-LC, or alone.
 * All calls of this library may be made from any thread; objects belong to one thread at a time.
 */
#ifndef IC_CRYPTO_SUITE_H
#define IC_CRYPTO_SUITE_H

#include <ic/base/api.h>
#include <stddef.h>
#include <stdint.h>

IC_API_BEGIN

/* Hashes of the suites, and SHA-1 for STUN. */
enum ic_hash_id {
    IC_SHA1 = 1, /* STUN alone: RFC 8489 section 14.5 */
    IC_SHA256,
    IC_SHA384,
    IC_SHA512,
};

/* RFC 9180 section 7.1 */
enum ic_kem_id {
    IC_KEM_P256 = 0x0010,
    IC_KEM_P384 = 0x0011,
    IC_KEM_P521 = 0x0012,
    IC_KEM_X25519 = 0x0020,
    IC_KEM_X448 = 0x0021,
};

/* RFC 9180 section 7.3 */
enum ic_aead_id {
    IC_AES_128_GCM = 1,
    IC_AES_256_GCM = 2,
    IC_CHACHA20_POLY1305 = 3,
};

/* RFC 8446 section 4.2.3 */
enum ic_sig_id {
    IC_ECDSA_P256_SHA256 = 0x0403,
    IC_ECDSA_P384_SHA384 = 0x0503,
    IC_ECDSA_P521_SHA512 = 0x0603,
    IC_ED25519 = 0x0807,
    IC_ED448 = 0x0808,
};

enum {
    IC_HASH_MAX = 64,
    IC_KEM_PUBLIC_MAX = 133, /* P-521, uncompressed; enc is as long as a public key */
    IC_SIG_PUBLIC_MAX = 133,
    IC_SIG_MAX = 144, /* ECDSA in DER, P-521 */
    IC_AEAD_KEY_MAX = 32,
    IC_AEAD_NONCE_LEN = 12,
    IC_AEAD_TAG_LEN = 16,
};

struct ic_suite {
    uint16_t id;
    const char *name; /* "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519" */
    enum ic_kem_id kem;
    enum ic_hash_id hash;
    enum ic_aead_id aead;
    enum ic_sig_id sig;
    uint8_t hash_len;       /* Nh, also KDF.Nh */
    uint8_t aead_key_len;   /* Nk */
    uint8_t aead_nonce_len; /* Nn */
    uint8_t kem_public_len; /* Npk = Nenc */
    uint8_t kem_private_len;
    uint8_t sig_public_len;
};

/* NULL when the suite is unknown, or this build has no provider for it. */
const struct ic_suite *ic_suite_find(uint16_t id);
/* The i-th suite this build has, ascending by id; NULL past the end. */
const struct ic_suite *ic_suite_at(size_t i);

/* Bytes of a digest. */
size_t ic_hash_len(enum ic_hash_id id);
/* Npk, which is Nenc too. */
size_t ic_kem_public_len(enum ic_kem_id id);
/* Bytes of a public key, uncompressed where it is a point. */
size_t ic_sig_public_len(enum ic_sig_id id);

IC_API_END

#endif

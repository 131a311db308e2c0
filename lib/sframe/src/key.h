/* A keyed context: the AEAD of one KID, set up once. RFC 9605 sections 4.4 and 4.5. */
#ifndef IC_SFRAME_KEY_H
#define IC_SFRAME_KEY_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/crypto/aead.h>
#include <ic/crypto/hash.h>
#include <ic/sframe/header.h>
#include <ic/sframe/suite.h>

/* sframe_secret of a base key, ready for many expansions: one base key serves every KID of an epoch. */
struct sframe_secret {
    const struct ic_sframe_suite *suite;
    struct ic_hmac_key prk;
};

/* IC_ERR_UNSUPPORTED, IC_ERR_KEY for an empty base key. */
ic_err ic_sframe_secret_init(struct sframe_secret *s, uint16_t suite, struct ic_view base_key);
void ic_sframe_secret_clear(struct sframe_secret *s);

struct sframe_key {
    const struct ic_sframe_suite *suite;
    uint64_t kid;
    uint64_t salt_high; /* the first 8 bytes of the salt, then the last 4, as numbers */
    uint32_t salt_low;
    struct ic_aead *aead;   /* a GCM suite's */
    struct ic_aes_ctr *ctr; /* a CTR suite's, with the midstates of its MAC */
    struct ic_hmac_key *mac;
};

/* Cuts a key of suite->key_len bytes into its contexts. */
ic_err ic_sframe_key_set(struct sframe_key *k, const struct ic_sframe_suite *suite,
                         struct ic_view key);
/* The AEAD's key (suite->key_len bytes of a GCM suite) and the salt of a KID. */
ic_err ic_sframe_key_expand(const struct sframe_secret *s, uint64_t kid,
                            uint8_t key[IC_SFRAME_KEY_MAX], uint8_t salt[IC_SFRAME_NONCE_LEN]);
ic_err ic_sframe_key_init(struct sframe_key *k, const struct sframe_secret *s, uint64_t kid);
/* Wipes. A zeroed key is fine. */
void ic_sframe_key_clear(struct sframe_key *k);

/* RFC 9605 section 4.4.3: the salt, with the counter XORed into its low end. */
static inline void sframe_key_nonce(const struct sframe_key *k, uint64_t ctr,
                                    uint8_t nonce[IC_SFRAME_NONCE_LEN])
{
    ic_store_u64(nonce, k->salt_high ^ ctr >> 32);
    ic_store_u32(nonce + 8, k->salt_low ^ (uint32_t)ctr);
}

/* The AEAD alone; the aad comes as header and metadata. out: plain.len + tag_len. */
ic_err ic_sframe_key_seal(struct sframe_key *k, const uint8_t *nonce, struct ic_view header,
                          struct ic_view metadata, struct ic_view plain, uint8_t *out);
/* out: sealed.len - tag_len. */
ic_err ic_sframe_key_open(struct sframe_key *k, const uint8_t *nonce, struct ic_view header,
                          struct ic_view metadata, struct ic_view sealed, uint8_t *out);

/* A frame to open: what it says of itself, and what the application says of it. */
struct sframe_frame {
    uint64_t kid;
    uint64_t ctr;
    size_t header_len;
    struct ic_view bytes;
    struct ic_view metadata;
};

/* Reads the header. IC_ERR_TRUNCATED, IC_ERR_MALFORMED, IC_ERR_LIMIT for the metadata. */
ic_err ic_sframe_frame_read(struct ic_view bytes, struct ic_view metadata,
                            struct sframe_frame *out);

/* Encrypt and decrypt of sections 4.4.3 and 4.4.4. Who calls them answers for the counter. */
ic_err ic_sframe_key_protect(struct sframe_key *k, uint64_t ctr, struct ic_view metadata,
                             struct ic_view plain, uint8_t *out, size_t *out_len);
ic_err ic_sframe_key_unprotect(struct sframe_key *k, const struct sframe_frame *f, uint8_t *out,
                               size_t *out_len);

#endif

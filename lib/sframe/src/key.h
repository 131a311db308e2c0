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
ic_err sframe_secret_init(struct sframe_secret *s, uint16_t suite, struct ic_view base_key);
void sframe_secret_clear(struct sframe_secret *s);

struct sframe_key {
    const struct ic_sframe_suite *suite;
    uint64_t kid;
    uint8_t salt[IC_SFRAME_NONCE_LEN];
    struct ic_aead *aead;   /* a GCM suite's */
    struct ic_aes_ctr *ctr; /* a CTR suite's, with the midstates of its MAC */
    struct ic_hmac_key *mac;
};

/* Cuts a key of suite->key_len bytes into its contexts. */
ic_err sframe_key_set(struct sframe_key *k, const struct ic_sframe_suite *suite,
                      struct ic_view key);
ic_err sframe_key_init(struct sframe_key *k, const struct sframe_secret *s, uint64_t kid);
/* Wipes. A zeroed key is fine. */
void sframe_key_clear(struct sframe_key *k);

/* The AEAD alone; the aad comes as header and metadata. out: plain.len + tag_len. */
ic_err sframe_key_seal(struct sframe_key *k, const uint8_t *nonce, struct ic_view header,
                       struct ic_view metadata, struct ic_view plain, uint8_t *out);
/* out: sealed.len - tag_len. */
ic_err sframe_key_open(struct sframe_key *k, const uint8_t *nonce, struct ic_view header,
                       struct ic_view metadata, struct ic_view sealed, uint8_t *out);

/* Whole frames: encrypt and decrypt of section 4.4.3 and 4.4.4. Who calls them answers for the
 * counter. */
ic_err sframe_key_protect(struct sframe_key *k, uint64_t ctr, struct ic_view metadata,
                          struct ic_view plain, uint8_t *out, size_t *out_len);
ic_err sframe_key_unprotect(struct sframe_key *k, const struct ic_sframe_header *h,
                            size_t header_len, struct ic_view metadata, struct ic_view frame,
                            uint8_t *out, size_t *out_len);

#endif

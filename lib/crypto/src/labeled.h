/* LabeledExtract and LabeledExpand of RFC 9180 section 4. */
#ifndef IC_CRYPTO_LABELED_H
#define IC_CRYPTO_LABELED_H

#include <ic/base/secret.h>
#include <ic/crypto/hkdf.h>

/* suite_id: "KEM" | kem_id, or "HPKE" | kem_id | kdf_id | aead_id */
struct ic_labeled {
    enum ic_hash_id kdf;
    uint8_t suite_id[10];
    uint8_t suite_id_len;
};

struct ic_labeled ic_labeled_kem(uint16_t kem, enum ic_hash_id kdf);

void ic_labeled_extract(const struct ic_labeled *l, struct ic_view salt, const char *label,
                        struct ic_view ikm, struct ic_secret *prk);
/* info in up to two parts. */
ic_err ic_labeled_expand(const struct ic_labeled *l, const struct ic_hmac_key *prk,
                         const char *label, struct ic_view info, struct ic_view more, uint8_t *out,
                         size_t out_len);

#endif

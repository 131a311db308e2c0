/* AEADs and AES-CTR. A context is plain memory: one that is used once lives on the stack. */
#include "internal.h"

#include <ic/base/mem.h>
#include <openssl/aead.h>
#include <openssl/aes.h>
#include <string.h>

struct aead {
    struct ic_aead head;
    EVP_AEAD_CTX ctx;
};

struct ctr {
    struct ic_aes_ctr head;
    AES_KEY key;
};

static const EVP_AEAD *aead_of(enum ic_aead_id id)
{
    switch (id) {
    case IC_AES_128_GCM:
        return EVP_aead_aes_128_gcm();
    case IC_AES_256_GCM:
        return EVP_aead_aes_256_gcm();
    case IC_CHACHA20_POLY1305:
        return EVP_aead_chacha20_poly1305();
    }
    return NULL;
}

static ic_err keyed(EVP_AEAD_CTX *ctx, enum ic_aead_id id, struct ic_view key)
{
    EVP_AEAD_CTX_zero(ctx);
    if (EVP_AEAD_CTX_init(ctx, aead_of(id), key.p, key.len, IC_AEAD_TAG_LEN, NULL) != 1)
        return IC_ERR_CRYPTO;
    return IC_OK;
}

static void unkeyed(EVP_AEAD_CTX *ctx)
{
    EVP_AEAD_CTX_cleanup(ctx);
    ic_wipe(ctx, sizeof *ctx);
}

static ic_err seal(const EVP_AEAD_CTX *ctx, const uint8_t *nonce, struct ic_view aad,
                   struct ic_view plain, uint8_t *out, uint8_t *tag)
{
    size_t tag_len;
    if (EVP_AEAD_CTX_seal_scatter(ctx, out, tag, &tag_len, IC_AEAD_TAG_LEN, nonce,
                                  IC_AEAD_NONCE_LEN, plain.p, plain.len, NULL, 0, aad.p,
                                  aad.len) != 1)
        return IC_ERR_RANGE; /* nothing but a length can be wrong */
    return IC_OK;
}

static ic_err open(const EVP_AEAD_CTX *ctx, const uint8_t *nonce, struct ic_view aad,
                   struct ic_view cipher, const uint8_t *tag, uint8_t *out)
{
    if (EVP_AEAD_CTX_open_gather(ctx, out, nonce, IC_AEAD_NONCE_LEN, cipher.p, cipher.len, tag,
                                 IC_AEAD_TAG_LEN, aad.p, aad.len) != 1)
        return IC_ERR_AUTH;
    return IC_OK;
}

ic_err ic_awslc_aead_new(enum ic_aead_id id, struct ic_view key, struct ic_aead **out)
{
    struct aead *a = ic_new(struct aead);
    if (!a)
        return IC_ERR_NOMEM;
    a->head.prov = &ic_prov_awslc;
    ic_err e = keyed(&a->ctx, id, key);
    if (e != IC_OK) {
        ic_free(a);
        return e;
    }
    *out = &a->head;
    return IC_OK;
}

void ic_awslc_aead_free(struct ic_aead *head)
{
    struct aead *a = (struct aead *)head;
    unkeyed(&a->ctx);
    ic_free(a);
}

ic_err ic_awslc_aead_seal(struct ic_aead *a, const uint8_t *nonce, struct ic_view aad,
                          struct ic_view plain, uint8_t *out, uint8_t *tag)
{
    return seal(&((struct aead *)a)->ctx, nonce, aad, plain, out, tag);
}

ic_err ic_awslc_aead_open(struct ic_aead *a, const uint8_t *nonce, struct ic_view aad,
                          struct ic_view cipher, const uint8_t *tag, uint8_t *out)
{
    return open(&((struct aead *)a)->ctx, nonce, aad, cipher, tag, out);
}

ic_err ic_awslc_aead_seal_once(enum ic_aead_id id, struct ic_view key, const uint8_t *nonce,
                               struct ic_view aad, struct ic_view plain, uint8_t *out, uint8_t *tag)
{
    EVP_AEAD_CTX ctx;
    IC_TRY(keyed(&ctx, id, key));
    ic_err e = seal(&ctx, nonce, aad, plain, out, tag);
    unkeyed(&ctx);
    return e;
}

ic_err ic_awslc_aead_open_once(enum ic_aead_id id, struct ic_view key, const uint8_t *nonce,
                               struct ic_view aad, struct ic_view cipher, const uint8_t *tag,
                               uint8_t *out)
{
    EVP_AEAD_CTX ctx;
    IC_TRY(keyed(&ctx, id, key));
    ic_err e = open(&ctx, nonce, aad, cipher, tag, out);
    unkeyed(&ctx);
    return e;
}

ic_err ic_awslc_ctr_new(struct ic_view key, struct ic_aes_ctr **out)
{
    struct ctr *c = ic_new(struct ctr);
    if (!c)
        return IC_ERR_NOMEM;
    c->head.prov = &ic_prov_awslc;
    if (AES_set_encrypt_key(key.p, (unsigned)key.len * 8, &c->key) != 0) {
        ic_free_secret(c, sizeof *c);
        return IC_ERR_CRYPTO;
    }
    *out = &c->head;
    return IC_OK;
}

void ic_awslc_ctr_free(struct ic_aes_ctr *head)
{
    ic_free_secret(head, sizeof(struct ctr));
}

ic_err ic_awslc_ctr_xor(struct ic_aes_ctr *head, const uint8_t *iv, struct ic_view in, uint8_t *out)
{
    const struct ctr *c = (const struct ctr *)head;
    uint8_t counter[AES_BLOCK_SIZE], stream[AES_BLOCK_SIZE];
    unsigned used = 0;
    memcpy(counter, iv, sizeof counter);
    if (in.len > 0)
        AES_ctr128_encrypt(in.p, out, in.len, &c->key, counter, stream, &used);
    ic_wipe(stream, sizeof stream);
    return IC_OK;
}

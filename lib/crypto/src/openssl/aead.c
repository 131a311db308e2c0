/* AEADs and AES-CTR through EVP: the cipher fetched once a process, the key set up once an object. */
#include "internal.h"

#include <ic/base/mem.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdatomic.h>

struct aead {
    struct ic_aead head;
    EVP_CIPHER_CTX *ctx;
};

struct ctr {
    struct ic_aes_ctr head;
    EVP_CIPHER_CTX *ctx;
};

enum cipher_id { AES_128_GCM, AES_256_GCM, CHACHA, AES_128_CTR, AES_256_CTR, CIPHERS };

/* An implicit fetch costs 0.2 us each time. A fetched cipher lives as long as the process. */
static EVP_CIPHER *cipher_of(enum cipher_id id)
{
    static const char *const names[CIPHERS] = {
        "AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305", "AES-128-CTR", "AES-256-CTR",
    };
    static _Atomic(EVP_CIPHER *) fetched[CIPHERS];
    EVP_CIPHER *c = atomic_load_explicit(&fetched[id], memory_order_acquire);
    if (c)
        return c;
    EVP_CIPHER *fresh = EVP_CIPHER_fetch(NULL, names[id], NULL);
    if (!fresh || atomic_compare_exchange_strong(&fetched[id], &c, fresh))
        return fresh;
    EVP_CIPHER_free(fresh);
    return c;
}

static EVP_CIPHER *cipher_of_aead(enum ic_aead_id id)
{
    switch (id) {
    case IC_AES_128_GCM:
        return cipher_of(AES_128_GCM);
    case IC_AES_256_GCM:
        return cipher_of(AES_256_GCM);
    case IC_CHACHA20_POLY1305:
        return cipher_of(CHACHA);
    }
    return NULL;
}

static ic_err keyed(EVP_CIPHER *cipher, struct ic_view key, EVP_CIPHER_CTX **out)
{
    if (!cipher)
        return ic_ossl_fail(IC_ERR_CRYPTO);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!ctx)
        return ic_ossl_fail(IC_ERR_NOMEM);
    if (EVP_CipherInit_ex(ctx, cipher, NULL, key.p, NULL, 1) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        return ic_ossl_fail(IC_ERR_CRYPTO);
    }
    *out = ctx;
    return IC_OK;
}

static bool update(EVP_CIPHER_CTX *ctx, uint8_t *out, struct ic_view in)
{
    int n;
    return in.len == 0 || EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.len) == 1;
}

static bool too_long(struct ic_view aad, struct ic_view text)
{
    return aad.len > INT_MAX || text.len > INT_MAX;
}

static ic_err seal(EVP_CIPHER_CTX *ctx, const uint8_t *nonce, struct ic_view aad,
                   struct ic_view plain, uint8_t *out, uint8_t *tag)
{
    uint8_t none[IC_AEAD_TAG_LEN];
    int n;
    if (too_long(aad, plain))
        return IC_ERR_RANGE;
    if (EVP_CipherInit_ex(ctx, NULL, NULL, NULL, nonce, 1) != 1 || !update(ctx, NULL, aad) ||
        !update(ctx, out, plain) || EVP_CipherFinal_ex(ctx, none, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, IC_AEAD_TAG_LEN, tag) != 1)
        return ic_ossl_fail(IC_ERR_CRYPTO);
    return IC_OK;
}

static ic_err open(EVP_CIPHER_CTX *ctx, const uint8_t *nonce, struct ic_view aad,
                   struct ic_view cipher, const uint8_t *tag, uint8_t *out)
{
    uint8_t none[IC_AEAD_TAG_LEN], expected[IC_AEAD_TAG_LEN];
    int n;
    if (too_long(aad, cipher))
        return IC_ERR_AUTH;
    for (size_t i = 0; i < sizeof expected; i++)
        expected[i] = tag[i];
    if (EVP_CipherInit_ex(ctx, NULL, NULL, NULL, nonce, 0) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, IC_AEAD_TAG_LEN, expected) != 1 ||
        !update(ctx, NULL, aad) || !update(ctx, out, cipher) ||
        EVP_CipherFinal_ex(ctx, none, &n) != 1)
        return ic_ossl_fail(IC_ERR_AUTH);
    return IC_OK;
}

ic_err ic_ossl_aead_new(enum ic_aead_id id, struct ic_view key, struct ic_aead **out)
{
    struct aead *a = ic_new(struct aead);
    if (!a)
        return IC_ERR_NOMEM;
    a->head.prov = &ic_prov_openssl;
    ic_err e = keyed(cipher_of_aead(id), key, &a->ctx);
    if (e != IC_OK) {
        ic_free(a);
        return e;
    }
    *out = &a->head;
    return IC_OK;
}

void ic_ossl_aead_free(struct ic_aead *head)
{
    struct aead *a = (struct aead *)head;
    EVP_CIPHER_CTX_free(a->ctx); /* wipes the key */
    ic_free(a);
}

ic_err ic_ossl_aead_seal(struct ic_aead *a, const uint8_t *nonce, struct ic_view aad,
                         struct ic_view plain, uint8_t *out, uint8_t *tag)
{
    return seal(((struct aead *)a)->ctx, nonce, aad, plain, out, tag);
}

ic_err ic_ossl_aead_open(struct ic_aead *a, const uint8_t *nonce, struct ic_view aad,
                         struct ic_view cipher, const uint8_t *tag, uint8_t *out)
{
    return open(((struct aead *)a)->ctx, nonce, aad, cipher, tag, out);
}

ic_err ic_ossl_aead_seal_once(enum ic_aead_id id, struct ic_view key, const uint8_t *nonce,
                              struct ic_view aad, struct ic_view plain, uint8_t *out, uint8_t *tag)
{
    EVP_CIPHER_CTX *ctx;
    IC_TRY(keyed(cipher_of_aead(id), key, &ctx));
    ic_err e = seal(ctx, nonce, aad, plain, out, tag);
    EVP_CIPHER_CTX_free(ctx);
    return e;
}

ic_err ic_ossl_aead_open_once(enum ic_aead_id id, struct ic_view key, const uint8_t *nonce,
                              struct ic_view aad, struct ic_view cipher, const uint8_t *tag,
                              uint8_t *out)
{
    EVP_CIPHER_CTX *ctx;
    IC_TRY(keyed(cipher_of_aead(id), key, &ctx));
    ic_err e = open(ctx, nonce, aad, cipher, tag, out);
    EVP_CIPHER_CTX_free(ctx);
    return e;
}

ic_err ic_ossl_ctr_new(struct ic_view key, struct ic_aes_ctr **out)
{
    struct ctr *c = ic_new(struct ctr);
    if (!c)
        return IC_ERR_NOMEM;
    c->head.prov = &ic_prov_openssl;
    ic_err e = keyed(cipher_of(key.len == 16 ? AES_128_CTR : AES_256_CTR), key, &c->ctx);
    if (e != IC_OK) {
        ic_free(c);
        return e;
    }
    *out = &c->head;
    return IC_OK;
}

void ic_ossl_ctr_free(struct ic_aes_ctr *head)
{
    struct ctr *c = (struct ctr *)head;
    EVP_CIPHER_CTX_free(c->ctx);
    ic_free(c);
}

ic_err ic_ossl_ctr_xor(struct ic_aes_ctr *head, const uint8_t *iv, struct ic_view in, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = ((struct ctr *)head)->ctx;
    if (in.len > INT_MAX)
        return IC_ERR_RANGE;
    if (EVP_CipherInit_ex(ctx, NULL, NULL, NULL, iv, 1) != 1 || !update(ctx, out, in))
        return ic_ossl_fail(IC_ERR_CRYPTO);
    return IC_OK;
}

/* Curves 25519 and 448. OpenSSL has them in EVP_PKEY alone. */
#include "internal.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "../curve.h"

static void key_free(EVP_PKEY **p)
{
    EVP_PKEY_free(*p);
}

static void ctx_free(EVP_PKEY_CTX **p)
{
    EVP_PKEY_CTX_free(*p);
}

static void md_free(EVP_MD_CTX **p)
{
    EVP_MD_CTX_free(*p);
}

#define SCOPE(f) __attribute__((cleanup(f)))

static const char *dh_name(enum ic_kem_id id)
{
    return id == IC_KEM_X25519 ? "X25519" : "X448";
}

static int sig_type(enum ic_sig_id id)
{
    return id == IC_ED25519 ? EVP_PKEY_ED25519 : EVP_PKEY_ED448;
}

/* EVP_PKEY_new_raw_private_key computes the public key, which costs as much as the DH and is not
 * used by it. With a public key given that is left out; any will do. */
static EVP_PKEY *private_of(enum ic_kem_id id, struct ic_view private_key)
{
    static const uint8_t unused[56];
    uint8_t copy[56];
    SCOPE(ctx_free) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, dh_name(id), NULL);
    EVP_PKEY *key = NULL;
    memcpy(copy, private_key.p, private_key.len);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, copy, private_key.len),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)unused,
                                          private_key.len),
        OSSL_PARAM_construct_end(),
    };
    if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
        key = NULL;
    ic_wipe(copy, sizeof copy);
    return key;
}

ic_err ic_ossl_ecx_public(enum ic_kem_id id, struct ic_view private_key, uint8_t *public_key)
{
    size_t len = ic_kem_public_len(id);
    SCOPE(key_free)
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key_ex(NULL, dh_name(id), NULL, private_key.p, private_key.len);
    if (!key || EVP_PKEY_get_raw_public_key(key, public_key, &len) != 1)
        return ic_ossl_fail(IC_ERR_CRYPTO);
    return IC_OK;
}

ic_err ic_ossl_ecx_dh(enum ic_kem_id id, struct ic_view private_key, struct ic_view peer,
                      uint8_t *out)
{
    size_t len = ic_kem_public_len(id);
    SCOPE(key_free) EVP_PKEY *own = private_of(id, private_key);
    SCOPE(key_free)
    EVP_PKEY *other = EVP_PKEY_new_raw_public_key_ex(NULL, dh_name(id), NULL, peer.p, peer.len);
    SCOPE(ctx_free) EVP_PKEY_CTX *ctx = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    if (!own || !other || !ctx || EVP_PKEY_derive_init(ctx) != 1 ||
        EVP_PKEY_derive_set_peer_ex(ctx, other, 0) != 1)
        return ic_ossl_fail(IC_ERR_CRYPTO);
    /* RFC 9180 section 7.1.4: derive fails where the result is all zero. */
    if (EVP_PKEY_derive(ctx, out, &len) != 1)
        return ic_ossl_fail(IC_ERR_KEY);
    return IC_OK;
}

ic_err ic_ossl_eddsa_open(struct ic_sign_key *k)
{
    size_t len = k->public_len;
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(sig_type(k->id), NULL, k->private_key.b, k->private_key.len);
    if (!key || EVP_PKEY_get_raw_public_key(key, k->public_key, &len) != 1) {
        EVP_PKEY_free(key);
        return ic_ossl_fail(IC_ERR_CRYPTO);
    }
    k->handle = key;
    return IC_OK;
}

void ic_ossl_eddsa_close(struct ic_sign_key *k)
{
    EVP_PKEY_free(k->handle);
}

/* A context for each signature: OpenSSL 3.5 fails when one is used again. */
ic_err ic_ossl_eddsa_sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig,
                          size_t *sig_len)
{
    size_t len = IC_SIG_MAX;
    SCOPE(md_free) EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md || EVP_DigestSignInit(md, NULL, NULL, NULL, k->handle) != 1 ||
        EVP_DigestSign(md, sig, &len, message.p, message.len) != 1)
        return ic_ossl_fail(IC_ERR_CRYPTO);
    *sig_len = len;
    return IC_OK;
}

ic_err ic_ossl_eddsa_verify(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                            struct ic_view sig)
{
    SCOPE(key_free)
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(sig_type(id), NULL, public_key.p, public_key.len);
    SCOPE(md_free) EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!key || !md || EVP_DigestVerifyInit(md, NULL, NULL, NULL, key) != 1)
        return ic_ossl_fail(IC_ERR_CRYPTO);
    if (EVP_DigestVerify(md, sig.p, sig.len, message.p, message.len) != 1)
        return ic_ossl_fail(IC_ERR_SIGNATURE);
    return IC_OK;
}

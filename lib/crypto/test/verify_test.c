/* RSA, and ECDSA with any hash: signed by OpenSSL, verified by every provider of the build. */
#include <ic/crypto/verify.h>

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "../src/provider.h"

static const struct {
    enum ic_hash_id id;
    const EVP_MD *(*md)(void);
} hashes[] = {{IC_SHA256, EVP_sha256}, {IC_SHA384, EVP_sha384}, {IC_SHA512, EVP_sha512}};

static const uint8_t message[] = "what a certificate says";

/* sig: room for an RSA signature of 8192 bits. */
static bool sign(EVP_PKEY *key, const EVP_MD *md, bool pss, uint8_t *sig, size_t *len)
{
    EVP_PKEY_CTX *pctx = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    *len = IC_RSA_BITS_MAX / 8;
    bool good = EVP_DigestSignInit(ctx, &pctx, md, NULL, key) == 1;
    if (pss)
        good = good && EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    good = good && EVP_DigestSign(ctx, sig, len, message, sizeof message) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

struct rsa {
    EVP_PKEY *pkey;
    uint8_t n[IC_RSA_BITS_MAX / 8], e[8];
    struct ic_rsa_key key;
};

static void rsa_free(struct rsa *r)
{
    EVP_PKEY_free(r->pkey);
}

static bool rsa_make(struct rsa *r, unsigned bits)
{
    BIGNUM *n = NULL, *e = NULL;
    r->pkey = EVP_RSA_gen(bits);
    bool good = r->pkey && EVP_PKEY_get_bn_param(r->pkey, "n", &n) == 1 &&
                EVP_PKEY_get_bn_param(r->pkey, "e", &e) == 1;
    if (good)
        r->key = (struct ic_rsa_key){ic_view(r->n, (size_t)BN_bn2bin(n, r->n)),
                                     ic_view(r->e, (size_t)BN_bn2bin(e, r->e))};
    BN_free(n);
    BN_free(e);
    return good;
}

static void check_rsa(const struct rsa *r, const struct ic_prov *prov, size_t hash, bool pss)
{
    enum ic_rsa_padding padding = pss ? IC_RSA_PSS : IC_RSA_PKCS1;
    enum ic_rsa_padding other = pss ? IC_RSA_PKCS1 : IC_RSA_PSS;
    enum ic_hash_id id = hashes[hash].id;
    uint8_t sig[IC_RSA_BITS_MAX / 8];
    size_t len;
    struct ic_view m = IC_VIEW_ARRAY(message);
    CHECK(sign(r->pkey, hashes[hash].md(), pss, sig, &len));
    struct ic_view s = ic_view(sig, len);
    CHECK_OK(ic_prov_verify_rsa(prov, padding, id, &r->key, m, s));
    CHECK_ERR(ic_prov_verify_rsa(prov, other, id, &r->key, m, s), IC_ERR_SIGNATURE);
    CHECK_ERR(
        ic_prov_verify_rsa(prov, padding, id == IC_SHA256 ? IC_SHA512 : IC_SHA256, &r->key, m, s),
        IC_ERR_SIGNATURE);
    CHECK_ERR(ic_prov_verify_rsa(prov, padding, id, &r->key, ic_view(m.p, m.len - 1), s),
              IC_ERR_SIGNATURE);
    CHECK_ERR(ic_prov_verify_rsa(prov, padding, id, &r->key, m, ic_view(sig, len - 1)),
              IC_ERR_SIGNATURE);
    CHECK_ERR(ic_prov_verify_rsa(prov, padding, IC_SHA1, &r->key, m, s), IC_ERR_UNSUPPORTED);
    for (size_t i = 0; i < len; i += 50) {
        sig[i] ^= 4;
        CHECK_ERR(ic_prov_verify_rsa(prov, padding, id, &r->key, m, s), IC_ERR_SIGNATURE);
        sig[i] ^= 4;
    }
}

TEST(rsa_signatures_verify_by_every_provider)
{
    static const unsigned bits[] = {2048, 2049, 3072};
    for (size_t b = 0; b < IC_ARRAY_LEN(bits); b++) {
        IC_CLEANUP(rsa_free) struct rsa r = {0};
        CHECK(rsa_make(&r, bits[b]));
        for (size_t p = 0; ic_prov_at(p); p++) {
            for (size_t h = 0; h < IC_ARRAY_LEN(hashes); h++) {
                check_rsa(&r, ic_prov_at(p), h, false);
                check_rsa(&r, ic_prov_at(p), h, true);
            }
        }
    }
}

TEST(rsa_keys_are_neither_weak_nor_endless)
{
    uint8_t n[IC_RSA_BITS_MAX / 8 + 1];
    static const uint8_t e[] = {1, 0, 1};
    memset(n, 0xff, sizeof n);
    struct ic_rsa_key k = {ic_view(n, 256), IC_VIEW_ARRAY(e)};
    CHECK_OK(ic_rsa_key_check(&k));
    k.modulus.len = sizeof n;
    CHECK_ERR(ic_rsa_key_check(&k), IC_ERR_KEY);
    k.modulus.len = IC_RSA_BITS_MAX / 8;
    CHECK_OK(ic_rsa_key_check(&k));
    k.modulus.len = 256;
    n[0] = 0x7f; /* 2047 bits */
    CHECK_ERR(ic_rsa_key_check(&k), IC_ERR_KEY);
    n[0] = 0;
    CHECK_ERR(ic_rsa_key_check(&k), IC_ERR_KEY);
    n[0] = 0xff;
    n[255] = 0xfe;
    CHECK_ERR(ic_rsa_key_check(&k), IC_ERR_KEY);
    n[255] = 0xff;
    static const struct ic_view bad[] = {IC_VIEW_INIT(""), IC_VIEW_INIT("\1"), IC_VIEW_INIT("\0\3"),
                                         IC_VIEW_INIT("\1\0\0\0\1"), IC_VIEW_INIT("\1\0")};
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++) {
        k.exponent = bad[i];
        CHECK_ERR(ic_rsa_key_check(&k), IC_ERR_KEY);
    }
}

static void check_ecdsa(enum ic_sig_id id, const char *curve, size_t hash)
{
    EVP_PKEY *key = EVP_EC_gen(curve);
    uint8_t sig[IC_RSA_BITS_MAX / 8], point[IC_SIG_PUBLIC_MAX];
    size_t len, point_len = 0;
    bool good = key && sign(key, hashes[hash].md(), false, sig, &len) &&
                EVP_PKEY_get_octet_string_param(key, "pub", point, sizeof point, &point_len) == 1;
    EVP_PKEY_free(key);
    CHECK(good);
    struct ic_view p = ic_view(point, point_len), s = ic_view(sig, len);
    for (size_t i = 0; ic_prov_at(i); i++) {
        const struct ic_prov *prov = ic_prov_at(i);
        enum ic_hash_id h = hashes[hash].id, other = hashes[(hash + 1) % 3].id;
        CHECK_OK(ic_prov_verify_ecdsa(prov, id, h, p, IC_VIEW_ARRAY(message), s));
        CHECK_ERR(ic_prov_verify_ecdsa(prov, id, other, p, IC_VIEW_ARRAY(message), s),
                  IC_ERR_SIGNATURE);
        CHECK_ERR(ic_prov_verify_ecdsa(prov, id, h, p, IC_VIEW_STR("other"), s), IC_ERR_SIGNATURE);
        CHECK_ERR(ic_prov_verify_ecdsa(prov, id, h, ic_view(point, point_len - 1),
                                       IC_VIEW_ARRAY(message), s),
                  IC_ERR_KEY);
        CHECK_ERR(ic_prov_verify_ecdsa(prov, IC_ED25519, h, p, IC_VIEW_ARRAY(message), s),
                  IC_ERR_UNSUPPORTED);
    }
}

TEST(ecdsa_verifies_with_any_hash)
{
    for (size_t h = 0; h < IC_ARRAY_LEN(hashes); h++) {
        check_ecdsa(IC_ECDSA_P256_SHA256, "P-256", h);
        check_ecdsa(IC_ECDSA_P384_SHA384, "P-384", h);
        check_ecdsa(IC_ECDSA_P521_SHA512, "P-521", h);
    }
}

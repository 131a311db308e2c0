/* RSA signatures of certificates; nobody here signs with RSA. */
#include "internal.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

static RSA *key_of(const struct ic_rsa_key *k)
{
    RSA *key = RSA_new();
    BIGNUM *n = BN_bin2bn(k->modulus.p, (int)k->modulus.len, NULL);
    BIGNUM *e = BN_bin2bn(k->exponent.p, (int)k->exponent.len, NULL);
    if (key && n && e && RSA_set0_key(key, n, e, NULL) == 1)
        return key; /* it owns both now */
    RSA_free(key);
    BN_free(n);
    BN_free(e);
    return NULL;
}

static const EVP_MD *md_of(enum ic_hash_id hash)
{
    return hash == IC_SHA256 ? EVP_sha256() : hash == IC_SHA384 ? EVP_sha384() : EVP_sha512();
}

static bool pss_good(RSA *key, const EVP_MD *md, struct ic_view digest, struct ic_view sig)
{
    uint8_t block[IC_RSA_BITS_MAX / 8];
    return RSA_public_decrypt((int)sig.len, sig.p, block, key, RSA_NO_PADDING) == (int)sig.len &&
           RSA_verify_PKCS1_PSS_mgf1(key, digest.p, md, md, block, (int)digest.len) == 1;
}

ic_err ic_ossl_rsa_verify(enum ic_rsa_padding padding, enum ic_hash_id hash,
                          const struct ic_rsa_key *k, struct ic_view digest, struct ic_view sig)
{
    const EVP_MD *md = md_of(hash);
    RSA *key = key_of(k);
    if (!key)
        return ic_ossl_fail(IC_ERR_NOMEM);
    bool good = padding == IC_RSA_PKCS1
                    ? RSA_verify(EVP_MD_get_type(md), digest.p, (unsigned)digest.len, sig.p,
                                 (unsigned)sig.len, key) == 1
                    : pss_good(key, md, digest, sig);
    RSA_free(key);
    return good ? IC_OK : ic_ossl_fail(IC_ERR_SIGNATURE);
}

/* RSA signatures of certificates; nobody here signs with RSA. */
#include "internal.h"

#include <openssl/bn.h>
#include <openssl/digest.h>
#include <openssl/nid.h>
#include <openssl/rsa.h>

static RSA *key_of(const struct ic_rsa_key *k)
{
    BIGNUM *n = BN_bin2bn(k->modulus.p, k->modulus.len, NULL);
    BIGNUM *e = BN_bin2bn(k->exponent.p, k->exponent.len, NULL);
    RSA *key = n && e ? RSA_new_public_key(n, e) : NULL;
    BN_free(n);
    BN_free(e);
    return key;
}

static const EVP_MD *md_of(enum ic_hash_id hash)
{
    return hash == IC_SHA256 ? EVP_sha256() : hash == IC_SHA384 ? EVP_sha384() : EVP_sha512();
}

ic_err ic_awslc_rsa_verify(enum ic_rsa_padding padding, enum ic_hash_id hash,
                           const struct ic_rsa_key *k, struct ic_view digest, struct ic_view sig)
{
    const EVP_MD *md = md_of(hash);
    RSA *key = key_of(k);
    if (!key)
        return IC_ERR_KEY;
    int good = padding == IC_RSA_PKCS1
                   ? RSA_verify(EVP_MD_type(md), digest.p, digest.len, sig.p, sig.len, key)
                   : RSA_verify_pss_mgf1(key, digest.p, digest.len, md, md, (int)digest.len, sig.p,
                                         sig.len);
    RSA_free(key);
    return good == 1 ? IC_OK : IC_ERR_SIGNATURE;
}

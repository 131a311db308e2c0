#include <ic/crypto/verify.h>

#include <ic/crypto/hash.h>

#include "curve.h"
#include "provider.h"

static bool hash_serves(enum ic_hash_id id)
{
    return id == IC_SHA256 || id == IC_SHA384 || id == IC_SHA512;
}

static struct ic_view digest_of(enum ic_hash_id id, struct ic_view message, uint8_t *digest)
{
    ic_hash_once(id, message, digest);
    return ic_view(digest, ic_hash_len(id));
}

/* Of a number without leading zeros. */
static size_t bits_of(struct ic_view number)
{
    if (number.len == 0 || number.p[0] == 0)
        return 0;
    return number.len * 8 - (size_t)__builtin_clz(number.p[0]) + (sizeof(unsigned) - 1) * 8;
}

ic_err ic_rsa_key_check(const struct ic_rsa_key *k)
{
    struct ic_view n = k->modulus, e = k->exponent;
    size_t bits = n.len <= IC_RSA_BITS_MAX / 8 ? bits_of(n) : 0;
    if (bits < IC_RSA_BITS_MIN || !(n.p[n.len - 1] & 1))
        return IC_ERR_KEY;
    if (e.len == 0 || e.len > IC_RSA_EXPONENT_MAX || bits_of(e) < 2 || !(e.p[e.len - 1] & 1))
        return IC_ERR_KEY;
    return IC_OK;
}

ic_err ic_prov_verify_rsa(const struct ic_prov *prov, enum ic_rsa_padding padding,
                          enum ic_hash_id hash, const struct ic_rsa_key *k, struct ic_view message,
                          struct ic_view sig)
{
    uint8_t digest[IC_HASH_MAX];
    if (!hash_serves(hash) || (padding != IC_RSA_PKCS1 && padding != IC_RSA_PSS))
        return IC_ERR_UNSUPPORTED;
    IC_TRY(ic_rsa_key_check(k));
    if (sig.len != k->modulus.len)
        return IC_ERR_SIGNATURE;
    return prov->verify_rsa(padding, hash, k, digest_of(hash, message, digest), sig);
}

ic_err ic_verify_rsa(enum ic_rsa_padding padding, enum ic_hash_id hash, const struct ic_rsa_key *k,
                     struct ic_view message, struct ic_view sig)
{
    return ic_prov_verify_rsa(ic_prov_bulk(), padding, hash, k, message, sig);
}

ic_err ic_prov_verify_ecdsa(const struct ic_prov *prov, enum ic_sig_id curve, enum ic_hash_id hash,
                            struct ic_view public_key, struct ic_view message, struct ic_view sig)
{
    const struct ic_curve *c = ic_curve_of_sig(curve);
    uint8_t digest[IC_HASH_MAX];
    if (!c || !c->digest || !hash_serves(hash) || !prov)
        return IC_ERR_UNSUPPORTED;
    IC_TRY(ic_curve_check_public_form(c, public_key));
    if (sig.len == 0 || sig.len > IC_SIG_MAX)
        return IC_ERR_SIGNATURE;
    return prov->verify_digest(curve, public_key, digest_of(hash, message, digest), sig);
}

ic_err ic_verify_ecdsa(enum ic_sig_id curve, enum ic_hash_id hash, struct ic_view public_key,
                       struct ic_view message, struct ic_view sig)
{
    return ic_prov_verify_ecdsa(ic_prov_sig(curve), curve, hash, public_key, message, sig);
}

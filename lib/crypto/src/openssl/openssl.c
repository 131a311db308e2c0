/* The table: which file does what. OpenSSL serves everything. */
#include "internal.h"

#include <openssl/crypto.h>

#include "../curve.h"

static const char *version(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}

static bool has_sig(enum ic_sig_id id)
{
    return ic_curve_of_sig(id) != NULL;
}

static bool has_dh(enum ic_kem_id id)
{
    return ic_curve_of_kem(id) != NULL;
}

static bool is_nist_sig(enum ic_sig_id id)
{
    return id != IC_ED25519 && id != IC_ED448;
}

static bool is_nist_dh(enum ic_kem_id id)
{
    return id != IC_KEM_X25519 && id != IC_KEM_X448;
}

static ic_err sign_open(struct ic_sign_key *k)
{
    return is_nist_sig(k->id) ? ic_ossl_ecdsa_open(k) : ic_ossl_eddsa_open(k);
}

static void sign_close(struct ic_sign_key *k)
{
    if (is_nist_sig(k->id))
        ic_ossl_ecdsa_close(k);
    else
        ic_ossl_eddsa_close(k);
}

static ic_err sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig,
                   size_t *sig_len)
{
    return is_nist_sig(k->id) ? ic_ossl_ecdsa_sign(k, message, sig, sig_len)
                              : ic_ossl_eddsa_sign(k, message, sig, sig_len);
}

static ic_err verify(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                     struct ic_view sig)
{
    return is_nist_sig(id) ? ic_ossl_ecdsa_verify(id, public_key, message, sig)
                           : ic_ossl_eddsa_verify(id, public_key, message, sig);
}

/* A string of the right length is an Edwards key until a verification decodes it. */
static ic_err verify_key_check(enum ic_sig_id id, struct ic_view public_key)
{
    if (!is_nist_sig(id))
        return IC_OK;
    return ic_ossl_ec_key_check(ic_curve_of_sig(id)->kem, public_key);
}

static ic_err dh_public(enum ic_kem_id id, struct ic_view private_key, uint8_t *public_key)
{
    return is_nist_dh(id) ? ic_ossl_ec_public(id, private_key, public_key)
                          : ic_ossl_ecx_public(id, private_key, public_key);
}

static ic_err dh(enum ic_kem_id id, struct ic_view private_key, struct ic_view peer, uint8_t *out)
{
    return is_nist_dh(id) ? ic_ossl_ec_dh(id, private_key, peer, out)
                          : ic_ossl_ecx_dh(id, private_key, peer, out);
}

/* RFC 7748: every string of the right length is a Montgomery key. */
static ic_err dh_key_check(enum ic_kem_id id, struct ic_view public_key)
{
    return is_nist_dh(id) ? ic_ossl_ec_key_check(id, public_key) : IC_OK;
}

const struct ic_prov ic_prov_openssl = {
    .name = "OpenSSL",
    .version = version,
    .hash = ic_ossl_hash,
    .aead_new = ic_ossl_aead_new,
    .aead_free = ic_ossl_aead_free,
    .aead_seal = ic_ossl_aead_seal,
    .aead_open = ic_ossl_aead_open,
    .aead_seal_once = ic_ossl_aead_seal_once,
    .aead_open_once = ic_ossl_aead_open_once,
    .ctr_new = ic_ossl_ctr_new,
    .ctr_free = ic_ossl_ctr_free,
    .ctr_xor = ic_ossl_ctr_xor,
    .has_sig = has_sig,
    .sign_open = sign_open,
    .sign_close = sign_close,
    .sign = sign,
    .verify = verify,
    .verify_key_check = verify_key_check,
    .verify_digest = ic_ossl_ecdsa_verify_digest,
    .verify_rsa = ic_ossl_rsa_verify,
    .has_dh = has_dh,
    .dh_public = dh_public,
    .dh = dh,
    .dh_key_check = dh_key_check,
};

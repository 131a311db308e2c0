/* The table: which file does what, and the 25519 calls, which are one line each. No curve 448. */
#include "internal.h"

#include <ic/base/ct.h>
#include <openssl/base.h>
#include <openssl/curve25519.h>
#include <openssl/service_indicator.h>
#include <string.h>

#include "../curve.h"

static const char *version(void)
{
    static const char name[] = "AWS-LC ";
    const char *v = awslc_version_string();
    return strncmp(v, name, sizeof name - 1) == 0 ? v + sizeof name - 1 : v;
}

static bool has_sig(enum ic_sig_id id)
{
    return ic_curve_of_sig(id) && id != IC_ED448;
}

static bool has_dh(enum ic_kem_id id)
{
    return ic_curve_of_kem(id) && id != IC_KEM_X448;
}

/* The seed and the public key behind it, as ED25519_sign wants them. */
static void ed25519_pair(const struct ic_sign_key *k, uint8_t pair[ED25519_PRIVATE_KEY_LEN])
{
    memcpy(pair, k->private_key.b, ED25519_SEED_LEN);
    memcpy(pair + ED25519_SEED_LEN, k->public_key, ED25519_PUBLIC_KEY_LEN);
}

static ic_err sign_open(struct ic_sign_key *k)
{
    if (k->id != IC_ED25519)
        return ic_awslc_ecdsa_open(k);
    uint8_t pair[ED25519_PRIVATE_KEY_LEN];
    ED25519_keypair_from_seed(k->public_key, pair, k->private_key.b);
    ic_wipe(pair, sizeof pair);
    return IC_OK;
}

static void sign_close(struct ic_sign_key *k)
{
    if (k->id != IC_ED25519)
        ic_awslc_ecdsa_close(k);
}

static ic_err sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig,
                   size_t *sig_len)
{
    if (k->id != IC_ED25519)
        return ic_awslc_ecdsa_sign(k, message, sig, sig_len);
    uint8_t pair[ED25519_PRIVATE_KEY_LEN];
    ed25519_pair(k, pair);
    int good = ED25519_sign(sig, message.p, message.len, pair);
    ic_wipe(pair, sizeof pair);
    if (good != 1)
        return IC_ERR_CRYPTO;
    *sig_len = ED25519_SIGNATURE_LEN;
    return IC_OK;
}

static ic_err verify(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                     struct ic_view sig)
{
    if (id != IC_ED25519)
        return ic_awslc_ecdsa_verify(id, public_key, message, sig);
    if (ED25519_verify(message.p, message.len, sig.p, public_key.p) != 1)
        return IC_ERR_SIGNATURE;
    return IC_OK;
}

/* A string of the right length is an Edwards key until a verification decodes it. */
static ic_err verify_key_check(enum ic_sig_id id, struct ic_view public_key)
{
    if (id == IC_ED25519)
        return IC_OK;
    return ic_awslc_ec_key_check(ic_curve_of_sig(id)->kem, public_key);
}

static ic_err dh_public(enum ic_kem_id id, struct ic_view private_key, uint8_t *public_key)
{
    if (id != IC_KEM_X25519)
        return ic_awslc_ec_public(id, private_key, public_key);
    X25519_public_from_private(public_key, private_key.p);
    return IC_OK;
}

static ic_err dh(enum ic_kem_id id, struct ic_view private_key, struct ic_view peer, uint8_t *out)
{
    if (id != IC_KEM_X25519)
        return ic_awslc_ec_dh(id, private_key, peer, out);
    /* RFC 9180 section 7.1.4: it gives 0 where the result is all zero. */
    int good = X25519(out, private_key.p, peer.p);
    IC_CT_PUBLIC(&good,
                 sizeof good); /* 0 where the peer's point is of small order: its own doing */
    return good == 1 ? IC_OK : IC_ERR_KEY;
}

/* RFC 7748: every string of the right length is a Montgomery key. */
static ic_err dh_key_check(enum ic_kem_id id, struct ic_view public_key)
{
    return id == IC_KEM_X25519 ? IC_OK : ic_awslc_ec_key_check(id, public_key);
}

const struct ic_prov ic_prov_awslc = {
    .name = "AWS-LC",
    .version = version,
    .hash = ic_awslc_hash,
    .aead_new = ic_awslc_aead_new,
    .aead_free = ic_awslc_aead_free,
    .aead_seal = ic_awslc_aead_seal,
    .aead_open = ic_awslc_aead_open,
    .aead_seal_once = ic_awslc_aead_seal_once,
    .aead_open_once = ic_awslc_aead_open_once,
    .ctr_new = ic_awslc_ctr_new,
    .ctr_free = ic_awslc_ctr_free,
    .ctr_xor = ic_awslc_ctr_xor,
    .has_sig = has_sig,
    .sign_open = sign_open,
    .sign_close = sign_close,
    .sign = sign,
    .verify = verify,
    .verify_key_check = verify_key_check,
    .verify_digest = ic_awslc_ecdsa_verify_digest,
    .verify_rsa = ic_awslc_rsa_verify,
    .has_dh = has_dh,
    .dh_public = dh_public,
    .dh = dh,
    .dh_key_check = dh_key_check,
};

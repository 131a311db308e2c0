/* DHKEM of RFC 9180 section 4.1, once for all curves. */
#include <ic/crypto/kem.h>

#include <ic/base/ct.h>
#include <ic/base/mem.h>
#include <ic/crypto/hkdf.h>
#include <string.h>

#include "curve.h"
#include "keygen.h"
#include "labeled.h"
#include "provider.h"

struct kem {
    const struct ic_curve *curve;
    const struct ic_prov *prov;
};

static ic_err kem_find(enum ic_kem_id id, struct kem *out)
{
    struct kem k = {ic_curve_of_kem(id), ic_prov_dh(id)};
    if (!k.curve || !k.prov)
        return IC_ERR_UNSUPPORTED;
    *out = k;
    return IC_OK;
}

ic_err ic_prov_dh_shared(const struct ic_prov *prov, enum ic_kem_id id, struct ic_view private_key,
                         struct ic_view peer, struct ic_secret *out)
{
    const struct ic_curve *c = ic_curve_of_kem(id);
    if (!c || !prov)
        return IC_ERR_UNSUPPORTED;
    IC_SECRET_SCOPE(scalar);
    IC_SECRET_SCOPE(dh);
    IC_TRY(ic_curve_take_private(c, private_key, &scalar));
    IC_TRY(ic_curve_check_public_form(c, peer));
    dh.len = c->shared_len;
    IC_TRY(prov->dh(id, ic_secret_view(&scalar), peer, dh.b));
    *out = dh;
    return IC_OK;
}

void ic_kem_pair_clear(struct ic_kem_pair *p)
{
    ic_wipe(p, sizeof *p);
}

/* Takes a scalar that is known to be in range. */
static ic_err pair_of(const struct kem *k, const struct ic_secret *scalar, struct ic_kem_pair *out)
{
    uint8_t public_key[IC_KEM_PUBLIC_MAX];
    IC_TRY(k->prov->dh_public(k->curve->kem, ic_secret_view(scalar), public_key));
    IC_CT_PUBLIC(public_key, k->curve->public_len);
    out->private_key = *scalar;
    memcpy(out->public_key, public_key, k->curve->public_len);
    out->public_len = k->curve->public_len;
    return IC_OK;
}

ic_err ic_kem_import_private(enum ic_kem_id id, struct ic_view private_key, struct ic_kem_pair *out)
{
    struct kem k;
    IC_TRY(kem_find(id, &k));
    IC_SECRET_SCOPE(scalar);
    IC_TRY(ic_curve_take_private(k.curve, private_key, &scalar));
    return pair_of(&k, &scalar, out);
}

ic_err ic_kem_generate_private(enum ic_kem_id id, const struct ic_rand *rand, struct ic_secret *out)
{
    struct kem k;
    IC_TRY(kem_find(id, &k));
    return ic_keygen_private(k.curve, rand, out);
}

ic_err ic_kem_generate_pair(enum ic_kem_id id, const struct ic_rand *rand, struct ic_kem_pair *out)
{
    struct kem k;
    IC_TRY(kem_find(id, &k));
    IC_SECRET_SCOPE(scalar);
    IC_TRY(ic_keygen_private(k.curve, rand, &scalar));
    return pair_of(&k, &scalar, out);
}

/* RFC 9180 section 7.1.3: for the NIST curves, candidates until one is in range. */
static ic_err derive_scalar(const struct ic_curve *c, struct ic_view ikm, struct ic_secret *out)
{
    struct ic_labeled l = ic_labeled_kem((uint16_t)c->kem, c->kdf);
    IC_SECRET_SCOPE(prk);
    IC_SECRET_SCOPE(s);
    struct ic_hmac_key key;
    ic_err e = IC_OK;
    ic_labeled_extract(&l, ic_view(NULL, 0), "dkp_prk", ikm, &prk);
    ic_hmac_key_init(&key, c->kdf, ic_secret_view(&prk));
    s.len = c->private_len;
    if (!c->order) {
        e = ic_labeled_expand(&l, &key, "sk", ic_view(NULL, 0), ic_view(NULL, 0), s.b, s.len);
    } else {
        bool found = false;
        for (unsigned i = 0; i < 256 && !found && e == IC_OK; i++) {
            uint8_t counter = (uint8_t)i;
            e = ic_labeled_expand(&l, &key, "candidate", ic_view(&counter, 1), ic_view(NULL, 0),
                                  s.b, s.len);
            s.b[0] &= c->top_mask;
            found = ic_curve_check_private(c, ic_secret_view(&s)) == IC_OK;
        }
        if (e == IC_OK && !found)
            e = IC_ERR_CRYPTO;
    }
    ic_hmac_key_clear(&key);
    if (e == IC_OK)
        *out = s;
    return e;
}

ic_err ic_kem_derive_pair(enum ic_kem_id id, struct ic_view ikm, struct ic_kem_pair *out)
{
    struct kem k;
    IC_TRY(kem_find(id, &k));
    IC_SECRET_SCOPE(scalar);
    IC_TRY(derive_scalar(k.curve, ikm, &scalar));
    return pair_of(&k, &scalar, out);
}

ic_err ic_kem_public_check(enum ic_kem_id id, struct ic_view public_key)
{
    struct kem k;
    IC_TRY(kem_find(id, &k));
    IC_TRY(ic_curve_check_public_form(k.curve, public_key));
    return k.prov->dh_key_check(id, public_key);
}

/* RFC 9180 section 4.1, ExtractAndExpand: kem_context is enc | pkR. */
static ic_err extract_and_expand(const struct ic_curve *c, struct ic_view dh, struct ic_view enc,
                                 struct ic_view receiver, struct ic_secret *shared)
{
    struct ic_labeled l = ic_labeled_kem((uint16_t)c->kem, c->kdf);
    IC_SECRET_SCOPE(prk);
    IC_SECRET_SCOPE(s);
    struct ic_hmac_key key;
    ic_labeled_extract(&l, ic_view(NULL, 0), "eae_prk", dh, &prk);
    ic_hmac_key_init(&key, c->kdf, ic_secret_view(&prk));
    s.len = ic_hash_len(c->kdf);
    ic_err e = ic_labeled_expand(&l, &key, "shared_secret", enc, receiver, s.b, s.len);
    ic_hmac_key_clear(&key);
    if (e == IC_OK)
        *shared = s;
    return e;
}

ic_err ic_kem_encap_with(enum ic_kem_id id, struct ic_view public_key,
                         const struct ic_kem_pair *ephemeral, struct ic_secret *shared)
{
    struct kem k;
    IC_TRY(kem_find(id, &k));
    IC_SECRET_SCOPE(dh);
    IC_TRY(ic_prov_dh_shared(k.prov, id, ic_secret_view(&ephemeral->private_key), public_key, &dh));
    return extract_and_expand(k.curve, ic_secret_view(&dh),
                              ic_view(ephemeral->public_key, ephemeral->public_len), public_key,
                              shared);
}

ic_err ic_kem_encap(enum ic_kem_id id, struct ic_view public_key, const struct ic_rand *rand,
                    uint8_t *enc, struct ic_secret *shared)
{
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair ephemeral = {0};
    IC_TRY(ic_kem_generate_pair(id, rand, &ephemeral));
    IC_TRY(ic_kem_encap_with(id, public_key, &ephemeral, shared));
    memcpy(enc, ephemeral.public_key, ephemeral.public_len);
    return IC_OK;
}

ic_err ic_kem_decap(enum ic_kem_id id, struct ic_view private_key, struct ic_view public_key,
                    struct ic_view enc, struct ic_secret *shared)
{
    struct kem k;
    IC_TRY(kem_find(id, &k));
    uint8_t own[IC_KEM_PUBLIC_MAX];
    if (public_key.len == 0) {
        IC_SECRET_SCOPE(scalar);
        IC_TRY(ic_curve_take_private(k.curve, private_key, &scalar));
        IC_TRY(k.prov->dh_public(id, ic_secret_view(&scalar), own));
        IC_CT_PUBLIC(own, k.curve->public_len);
        public_key = ic_view(own, k.curve->public_len);
    } else if (public_key.len != k.curve->public_len) {
        return IC_ERR_KEY;
    }
    IC_SECRET_SCOPE(dh);
    IC_TRY(ic_prov_dh_shared(k.prov, id, private_key, enc, &dh));
    return extract_and_expand(k.curve, ic_secret_view(&dh), enc, public_key, shared);
}

#include <ic/crypto/sign.h>

#include <ic/base/ct.h>
#include <ic/base/mem.h>
#include <string.h>

#include "curve.h"
#include "keygen.h"
#include "provider.h"

ic_err ic_prov_sign_key_import(const struct ic_prov *prov, enum ic_sig_id id,
                               struct ic_view private_key, struct ic_sign_key **out)
{
    const struct ic_curve *c = ic_curve_of_sig(id);
    if (!c || !prov)
        return IC_ERR_UNSUPPORTED;
    IC_SECRET_SCOPE(scalar);
    IC_TRY(ic_curve_take_private(c, private_key, &scalar));
    struct ic_sign_key *k = ic_new(struct ic_sign_key);
    if (!k)
        return IC_ERR_NOMEM;
    k->prov = prov;
    k->id = id;
    k->public_len = c->public_len;
    k->private_key = scalar;
    ic_err e = prov->sign_open(k);
    if (e != IC_OK) {
        ic_free_secret(k, sizeof *k);
        return e;
    }
    IC_CT_PUBLIC(k->public_key, k->public_len);
    *out = k;
    return IC_OK;
}

ic_err ic_sign_key_import(enum ic_sig_id id, struct ic_view private_key, struct ic_sign_key **out)
{
    return ic_prov_sign_key_import(ic_prov_sig(id), id, private_key, out);
}

ic_err ic_sign_key_generate(enum ic_sig_id id, const struct ic_rand *rand, struct ic_sign_key **out)
{
    const struct ic_curve *c = ic_curve_of_sig(id);
    if (!c)
        return IC_ERR_UNSUPPORTED;
    IC_SECRET_SCOPE(scalar);
    IC_TRY(ic_keygen_private(c, rand, &scalar));
    return ic_sign_key_import(id, ic_secret_view(&scalar), out);
}

ic_err ic_sign_key_export(const struct ic_sign_key *k, struct ic_secret *out)
{
    if (k->private_key.len == 0)
        return IC_ERR_UNSUPPORTED;
    return ic_secret_set(out, ic_secret_view(&k->private_key));
}

void ic_sign_key_free(struct ic_sign_key *k)
{
    if (!k)
        return;
    k->prov->sign_close(k);
    ic_free_secret(k, sizeof *k);
}

enum ic_sig_id ic_sign_key_id(const struct ic_sign_key *k)
{
    return k->id;
}

struct ic_view ic_sign_key_public(const struct ic_sign_key *k)
{
    return ic_view(k->public_key, k->public_len);
}

ic_err ic_sign(const struct ic_sign_key *k, struct ic_view message, uint8_t *sig, size_t *sig_len)
{
    ic_err e = k->prov->sign(k, message, sig, sig_len);
    if (e == IC_OK) {
        IC_CT_PUBLIC(sig_len, sizeof *sig_len); /* DER's length depends on the signature alone */
        IC_CT_PUBLIC(sig, *sig_len);
    }
    return e;
}

ic_err ic_prov_verify(const struct ic_prov *prov, enum ic_sig_id id, struct ic_view public_key,
                      struct ic_view message, struct ic_view sig)
{
    const struct ic_curve *c = ic_curve_of_sig(id);
    if (!c || !prov)
        return IC_ERR_UNSUPPORTED;
    IC_TRY(ic_curve_check_public_form(c, public_key));
    if (sig.len == 0 || sig.len > IC_SIG_MAX || (c->sig_len && sig.len != c->sig_len))
        return IC_ERR_SIGNATURE;
    return prov->verify(id, public_key, message, sig);
}

ic_err ic_verify(enum ic_sig_id id, struct ic_view public_key, struct ic_view message,
                 struct ic_view sig)
{
    return ic_prov_verify(ic_prov_sig(id), id, public_key, message, sig);
}

ic_err ic_verify_key_check(enum ic_sig_id id, struct ic_view public_key)
{
    const struct ic_curve *c = ic_curve_of_sig(id);
    const struct ic_prov *prov = ic_prov_sig(id);
    if (!c || !prov)
        return IC_ERR_UNSUPPORTED;
    IC_TRY(ic_curve_check_public_form(c, public_key));
    return prov->verify_key_check(id, public_key);
}

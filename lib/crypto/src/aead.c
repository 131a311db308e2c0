/* Checks and shapes; the provider does the work. */
#include <ic/crypto/aead.h>

#include <assert.h>
#include <ic/base/ct.h>
#include <ic/base/secret.h>

#include "provider.h"

ic_err ic_prov_aead_new(const struct ic_prov *prov, enum ic_aead_id id, struct ic_view key,
                        struct ic_aead **out)
{
    if (ic_aead_key_len(id) == 0)
        return IC_ERR_UNSUPPORTED;
    if (key.len != ic_aead_key_len(id))
        return IC_ERR_KEY;
    return prov->aead_new(id, key, out);
}

ic_err ic_aead_new(enum ic_aead_id id, struct ic_view key, struct ic_aead **out)
{
    return ic_prov_aead_new(ic_prov_bulk(), id, key, out);
}

void ic_aead_free(struct ic_aead *a)
{
    if (a)
        a->prov->aead_free(a);
}

ic_err ic_aead_seal_scatter(struct ic_aead *a, struct ic_view nonce, struct ic_view aad,
                            struct ic_view plain, uint8_t *out, uint8_t *tag)
{
    assert(nonce.len == IC_AEAD_NONCE_LEN);
    ic_err e = a->prov->aead_seal(a, nonce.p, aad, plain, out, tag);
    IC_CT_PUBLIC(out, plain.len); /* a ciphertext is for everybody */
    IC_CT_PUBLIC(tag, IC_AEAD_TAG_LEN);
    return e;
}

ic_err ic_aead_seal(struct ic_aead *a, struct ic_view nonce, struct ic_view aad,
                    struct ic_view plain, uint8_t *out)
{
    return ic_aead_seal_scatter(a, nonce, aad, plain, out, out + plain.len);
}

ic_err ic_aead_open_gather(struct ic_aead *a, struct ic_view nonce, struct ic_view aad,
                           struct ic_view cipher, struct ic_view tag, uint8_t *out)
{
    assert(nonce.len == IC_AEAD_NONCE_LEN);
    if (tag.len != IC_AEAD_TAG_LEN)
        return IC_ERR_AUTH;
    ic_err e = a->prov->aead_open(a, nonce.p, aad, cipher, tag.p, out);
    if (e != IC_OK && cipher.len > 0)
        ic_wipe(out, cipher.len);
    return e;
}

/* Splits the tag off the end. IC_ERR_AUTH where there is no room for one. */
static ic_err split(struct ic_view sealed, struct ic_view *cipher, struct ic_view *tag)
{
    if (sealed.len < IC_AEAD_TAG_LEN)
        return IC_ERR_AUTH;
    *cipher = ic_view_sub(sealed, 0, sealed.len - IC_AEAD_TAG_LEN);
    *tag = ic_view_sub(sealed, sealed.len - IC_AEAD_TAG_LEN, IC_AEAD_TAG_LEN);
    return IC_OK;
}

ic_err ic_aead_open(struct ic_aead *a, struct ic_view nonce, struct ic_view aad,
                    struct ic_view sealed, uint8_t *out)
{
    struct ic_view cipher, tag;
    IC_TRY(split(sealed, &cipher, &tag));
    return ic_aead_open_gather(a, nonce, aad, cipher, tag, out);
}

static ic_err check_once(enum ic_aead_id id, struct ic_view key, struct ic_view nonce)
{
    if (ic_aead_key_len(id) == 0)
        return IC_ERR_UNSUPPORTED;
    assert(nonce.len == IC_AEAD_NONCE_LEN);
    (void)nonce;
    return key.len == ic_aead_key_len(id) ? IC_OK : IC_ERR_KEY;
}

ic_err ic_aead_seal_once(enum ic_aead_id id, struct ic_view key, struct ic_view nonce,
                         struct ic_view aad, struct ic_view plain, uint8_t *out)
{
    IC_TRY(check_once(id, key, nonce));
    ic_err e = ic_prov_bulk()->aead_seal_once(id, key, nonce.p, aad, plain, out, out + plain.len);
    IC_CT_PUBLIC(out, plain.len + IC_AEAD_TAG_LEN);
    return e;
}

ic_err ic_aead_open_once(enum ic_aead_id id, struct ic_view key, struct ic_view nonce,
                         struct ic_view aad, struct ic_view sealed, uint8_t *out)
{
    struct ic_view cipher, tag;
    IC_TRY(check_once(id, key, nonce));
    IC_TRY(split(sealed, &cipher, &tag));
    ic_err e = ic_prov_bulk()->aead_open_once(id, key, nonce.p, aad, cipher, tag.p, out);
    if (e != IC_OK && cipher.len > 0)
        ic_wipe(out, cipher.len);
    return e;
}

ic_err ic_aes_ctr_new(struct ic_view key, struct ic_aes_ctr **out)
{
    if (key.len != 16 && key.len != 32)
        return IC_ERR_KEY;
    return ic_prov_bulk()->ctr_new(key, out);
}

void ic_aes_ctr_free(struct ic_aes_ctr *c)
{
    if (c)
        c->prov->ctr_free(c);
}

ic_err ic_aes_ctr_xor(struct ic_aes_ctr *c, struct ic_view iv, struct ic_view in, uint8_t *out)
{
    assert(iv.len == 16);
    return c->prov->ctr_xor(c, iv.p, in, out);
}

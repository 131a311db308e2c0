#include "sealing.h"

ic_err ic_mls_sealing_info(const struct ic_suite *s, const char *label, struct ic_view context,
                           struct ic_hpke_info *out)
{
    struct ic_view text = ic_view_cstr(label);
    IC_BUF_SCOPE(b, SIZE_MAX);
    IC_TRY(ic_buf_reserve(&b, text.len + context.len + 16));
    struct ic_writer w = ic_writer(&b);
    ic_write_varint(&w, 8 + text.len);
    ic_write_bytes(&w, IC_VIEW_STR("MLS 1.0 "));
    ic_write_bytes(&w, text);
    ic_write_vec(&w, context);
    IC_TRY(ic_writer_end(&w));
    ic_hpke_info_init(out, ic_hpke_suite_of(s), ic_buf_view(&b));
    return IC_OK;
}

ic_err ic_mls_seal_write(const struct ic_suite *s, const struct ic_hpke_info *info,
                         struct ic_view public_key, struct ic_view plain,
                         const struct ic_rand *rand, struct ic_writer *w)
{
    uint8_t enc[IC_KEM_PUBLIC_MAX];
    uint8_t *sealed = NULL;
    IC_BUF_SCOPE(b, SIZE_MAX);
    IC_TRY(ic_buf_extend(&b, plain.len + IC_AEAD_TAG_LEN, &sealed));
    IC_TRY(ic_hpke_seal(info, public_key, ic_view(NULL, 0), plain, rand, enc, sealed));
    ic_write_vec(w, ic_view(enc, s->kem_public_len));
    ic_write_vec(w, ic_buf_view(&b));
    return w->err;
}

ic_err ic_mls_open(const struct ic_hpke_info *info, struct ic_view private_key,
                   struct ic_view public_key, const struct ic_mlspub_ciphertext *c,
                   struct ic_buf *out)
{
    uint8_t *plain = NULL;
    if (c->ciphertext.len < IC_AEAD_TAG_LEN)
        return IC_ERR_AUTH;
    struct ic_buf b;
    ic_buf_init(&b, c->ciphertext.len);
    IC_TRY(ic_buf_extend(&b, c->ciphertext.len - IC_AEAD_TAG_LEN, &plain));
    ic_err e = ic_hpke_open(info, private_key, public_key, c->kem_output, ic_view(NULL, 0),
                            c->ciphertext, plain);
    if (e != IC_OK) {
        ic_buf_clear_secret(&b);
        return e;
    }
    ic_buf_move(out, &b);
    return IC_OK;
}

ic_err ic_mls_open_secret(const struct ic_hpke_info *info, struct ic_view private_key,
                          struct ic_view public_key, const struct ic_mlspub_ciphertext *c,
                          struct ic_secret *out)
{
    if (c->ciphertext.len < IC_AEAD_TAG_LEN || c->ciphertext.len - IC_AEAD_TAG_LEN > IC_SECRET_MAX)
        return IC_ERR_AUTH;
    IC_SECRET_SCOPE(plain);
    plain.len = c->ciphertext.len - IC_AEAD_TAG_LEN;
    IC_TRY(ic_hpke_open(info, private_key, public_key, c->kem_output, ic_view(NULL, 0),
                        c->ciphertext, plain.b));
    *out = plain;
    return IC_OK;
}

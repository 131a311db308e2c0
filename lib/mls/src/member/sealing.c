#include "sealing.h"

#include <ic/base/arena.h>
#include <ic/base/mem.h>

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

struct work {
    const struct ic_mls_sealing *how;
    struct ic_mls_receiver *to;
    struct ic_secret *ephemeral; /* one for each */
    uint8_t *out;
    size_t slot; /* bytes of out for each */
};

static ic_err seal_one(void *arg, size_t i)
{
    const struct work *w = arg;
    struct ic_mls_receiver *r = &w->to[i];
    uint8_t *enc = w->out + i * w->slot, *sealed = enc + w->how->suite->kem_public_len;
    IC_TRY(ic_hpke_seal_with(w->how->info, r->public_key, ic_view(NULL, 0), r->plain,
                             ic_secret_view(&w->ephemeral[i]), enc, sealed));
    r->enc = ic_view(enc, w->how->suite->kem_public_len);
    r->sealed = ic_view(sealed, r->plain.len + IC_AEAD_TAG_LEN);
    return IC_OK;
}

static ic_err draw_and_seal(struct work *w, size_t n)
{
    size_t failed;
    for (size_t i = 0; i < n; i++)
        IC_TRY(ic_kem_generate_private(w->how->suite->kem, w->how->rand, &w->ephemeral[i]));
    return ic_mlspub_run(w->how->exec, n, seal_one, w, &failed);
}

ic_err ic_mls_seal_all(const struct ic_mls_sealing *how, struct ic_mls_receiver *to, size_t n)
{
    struct work w = {.how = how, .to = to};
    for (size_t i = 0; i < n; i++)
        if (to[i].plain.len > w.slot)
            w.slot = to[i].plain.len;
    w.slot += how->suite->kem_public_len + IC_AEAD_TAG_LEN;
    w.out = ic_arena_alloc(how->arena, n, w.slot);
    w.ephemeral = ic_new_array(n, struct ic_secret);
    ic_err e = w.out && w.ephemeral ? draw_and_seal(&w, n) : IC_ERR_NOMEM;
    ic_free_secret(w.ephemeral, n * sizeof *w.ephemeral);
    return e;
}

void ic_mls_sealed_write(const struct ic_mls_receiver *r, struct ic_writer *w)
{
    ic_write_vec(w, r->enc);
    ic_write_vec(w, r->sealed);
}

ic_err ic_mls_seal_write(const struct ic_suite *s, const struct ic_hpke_info *info,
                         struct ic_view public_key, struct ic_view plain,
                         const struct ic_rand *rand, struct ic_writer *w)
{
    IC_ARENA_SCOPE(arena, SIZE_MAX);
    const struct ic_mls_sealing how = {s, info, rand, NULL, &arena};
    struct ic_mls_receiver to = {.public_key = public_key, .plain = plain};
    IC_TRY(ic_mls_seal_all(&how, &to, 1));
    ic_mls_sealed_write(&to, w);
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

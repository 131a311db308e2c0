#include "stream.h"

#include <ic/base/mem.h>
#include <ic/crypto/hkdf.h>

ic_err ic_sframe_sender_derive(const struct sframe_secret *secret, uint64_t kid,
                               struct ic_sframe_sender **out)
{
    struct ic_sframe_sender *s = ic_new(struct ic_sframe_sender);
    if (!s)
        return IC_ERR_NOMEM;
    ic_err e = ic_sframe_key_init(&s->key, secret, kid);
    if (e == IC_OK)
        *out = s;
    else
        ic_sframe_sender_free(s);
    return e;
}

ic_err ic_sframe_sender_new(uint16_t suite, uint64_t kid, struct ic_view base_key,
                            struct ic_sframe_sender **out)
{
    IC_CLEANUP(ic_sframe_secret_clear) struct sframe_secret secret = {0};
    IC_TRY(ic_sframe_secret_init(&secret, suite, base_key));
    return ic_sframe_sender_derive(&secret, kid, out);
}

void ic_sframe_sender_free(struct ic_sframe_sender *s)
{
    if (!s)
        return;
    ic_sframe_key_clear(&s->key);
    ic_free_secret(s, sizeof *s);
}

ic_err ic_sframe_sender_protect(struct ic_sframe_sender *s, struct ic_view metadata,
                                struct ic_view plain, uint8_t *out, size_t *out_len)
{
    /* RFC 9605 section 7.4: senders MUST reject requests to encrypt twice with one key and nonce. The
     * last counter stays unused, so that the next one never wraps. */
    if (metadata.len > IC_SFRAME_METADATA_MAX || s->next == UINT64_MAX)
        return IC_ERR_LIMIT;
    /* Taken even if sealing fails: part of a ciphertext may have been written. */
    uint64_t ctr = s->next++;
    return ic_sframe_key_protect(&s->key, ctr, metadata, plain, out, out_len);
}

ic_err ic_sframe_receiver_init(struct ic_sframe_receiver *r, const struct sframe_secret *secret,
                               uint64_t kid)
{
    r->window = (struct sframe_window){0};
    return ic_sframe_key_init(&r->key, secret, kid);
}

void ic_sframe_receiver_clear(struct ic_sframe_receiver *r)
{
    ic_sframe_key_clear(&r->key);
    ic_wipe(r, sizeof *r);
}

ic_err ic_sframe_receiver_new(uint16_t suite, uint64_t kid, struct ic_view base_key,
                              struct ic_sframe_receiver **out)
{
    IC_CLEANUP(ic_sframe_secret_clear) struct sframe_secret secret = {0};
    IC_TRY(ic_sframe_secret_init(&secret, suite, base_key));
    struct ic_sframe_receiver *r = ic_new(struct ic_sframe_receiver);
    if (!r)
        return IC_ERR_NOMEM;
    ic_err e = ic_sframe_receiver_init(r, &secret, kid);
    if (e == IC_OK)
        *out = r;
    else
        ic_free(r);
    return e;
}

void ic_sframe_receiver_free(struct ic_sframe_receiver *r)
{
    if (!r)
        return;
    ic_sframe_receiver_clear(r);
    ic_free(r);
}

ic_err ic_sframe_receiver_open(struct ic_sframe_receiver *r, const struct sframe_frame *f,
                               uint8_t *out, size_t *out_len)
{
    if (!sframe_window_fresh(&r->window, f->ctr))
        return IC_ERR_REPLAY;
    IC_TRY(ic_sframe_key_unprotect(&r->key, f, out, out_len));
    sframe_window_mark(&r->window, f->ctr);
    return IC_OK;
}

ic_err ic_sframe_receiver_unprotect(struct ic_sframe_receiver *r, struct ic_view metadata,
                                    struct ic_view frame, uint8_t *out, size_t *out_len,
                                    uint64_t *ctr)
{
    struct sframe_frame f;
    IC_TRY(ic_sframe_frame_read(frame, metadata, &f));
    if (f.kid != r->key.kid)
        return IC_ERR_UNKNOWN_KEY;
    IC_TRY(ic_sframe_receiver_open(r, &f, out, out_len));
    *ctr = f.ctr;
    return IC_OK;
}

ic_err ic_sframe_open_once(uint16_t suite, struct ic_view base_key, struct ic_view metadata,
                           struct ic_view frame, uint8_t *out, size_t *out_len)
{
    IC_CLEANUP(ic_sframe_secret_clear) struct sframe_secret secret = {0};
    IC_CLEANUP(ic_sframe_key_clear) struct sframe_key key = {0};
    struct sframe_frame f;
    IC_TRY(ic_sframe_frame_read(frame, metadata, &f));
    IC_TRY(ic_sframe_secret_init(&secret, suite, base_key));
    IC_TRY(ic_sframe_key_init(&key, &secret, f.kid));
    return ic_sframe_key_unprotect(&key, &f, out, out_len);
}

ic_err ic_sframe_ratchet(uint16_t suite, struct ic_view base_key, struct ic_secret *next)
{
    IC_CLEANUP(ic_sframe_secret_clear) struct sframe_secret secret = {0};
    IC_SECRET_SCOPE(fresh);
    IC_TRY(ic_sframe_secret_init(&secret, suite, base_key));
    struct ic_view label = IC_VIEW_STR("SFrame 1.0 Ratchet");
    fresh.len = ic_hash_len(secret.suite->hash);
    IC_TRY(ic_hkdf_expand_key(&secret.prk, &label, 1, fresh.b, fresh.len));
    *next = fresh;
    return IC_OK;
}

ic_err ic_sframe_ratchet_kid(uint64_t generation, uint64_t step, unsigned ratchet_bits,
                             uint64_t *kid)
{
    if (ratchet_bits > 63 || generation > UINT64_MAX >> ratchet_bits)
        return IC_ERR_RANGE;
    *kid = generation << ratchet_bits | (step & (((uint64_t)1 << ratchet_bits) - 1));
    return IC_OK;
}

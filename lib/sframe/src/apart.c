/* The AEAD done by somebody else. */
#include "store.h"

#include <ic/base/mem.h>
#include <ic/sframe/apart.h>

static ic_err key_of(const struct epoch *e, uint64_t kid, struct ic_secret *out)
{
    uint8_t key[IC_SFRAME_KEY_MAX], salt[IC_SFRAME_NONCE_LEN];
    ic_err err = ic_sframe_key_expand(&e->secret, kid, key, salt);
    if (err == IC_OK)
        err = ic_secret_set(out, ic_view(key, e->secret.suite->key_len));
    ic_wipe(key, sizeof key);
    ic_wipe(salt, sizeof salt);
    return err;
}

ic_err ic_sframe_store_seal_begin(struct ic_sframe_store *s, uint32_t context,
                                  struct ic_sframe_sealing *out)
{
    struct ic_sframe_sender *sender;
    if (!s->suite->aead)
        return IC_ERR_UNSUPPORTED;
    IC_TRY(ic_sframe_store_sender(s, context, &sender));
    if (sender->next == UINT64_MAX) /* RFC 9605 section 7.4, as ic_sframe_sender_protect */
        return IC_ERR_LIMIT;
    uint64_t ctr = sender->next++;
    out->epoch = s->sending->number;
    out->kid = sender->key.kid;
    out->header_len = (uint8_t)ic_sframe_header_encode(
        &(struct ic_sframe_header){.kid = sender->key.kid, .ctr = ctr}, out->header);
    sframe_key_nonce(&sender->key, ctr, out->nonce);
    return IC_OK;
}

ic_err ic_sframe_store_seal_key(const struct ic_sframe_store *s, uint32_t context,
                                struct ic_secret *out)
{
    if (context >= IC_SFRAME_CONTEXTS)
        return IC_ERR_RANGE;
    if (!s->suite->aead)
        return IC_ERR_UNSUPPORTED;
    return s->sending ? key_of(s->sending,
                               ic_sframe_store_kid(s->sending, s->sending->own_leaf, context), out)
                      : IC_ERR_STATE;
}

ic_err ic_sframe_store_open_begin(struct ic_sframe_store *s, struct ic_view frame, uint64_t now_ms,
                                  struct ic_sframe_opening *out)
{
    struct sframe_frame f;
    struct epoch *e = NULL;
    uint32_t leaf = 0, context = 0;
    if (!s->suite->aead)
        return IC_ERR_UNSUPPORTED;
    ic_sframe_store_tick(s, now_ms);
    IC_TRY(ic_sframe_frame_read(frame, ic_view(NULL, 0), &f));
    if (frame.len - f.header_len < s->suite->tag_len)
        return IC_ERR_TRUNCATED;
    IC_TRY(ic_sframe_store_find_epoch(s, f.kid, &e));
    IC_TRY(ic_sframe_store_check_kid(e, f.kid, &leaf, &context));
    struct stream *st = ic_sframe_store_stream(e, leaf, context);
    if (f.ctr == UINT64_MAX || (st && !sframe_window_fresh(&st->receiver.window, f.ctr)))
        return IC_ERR_REPLAY;
    struct stream *made = NULL; /* for its salt alone: nothing is kept before it authenticates */
    if (!st)
        IC_TRY(ic_sframe_store_stream_new(e, f.kid, context, &made));
    sframe_key_nonce(st ? &st->receiver.key : &made->receiver.key, f.ctr, out->nonce);
    if (made)
        ic_sframe_receiver_clear(&made->receiver);
    ic_free(made);
    out->from = (struct ic_sframe_from){leaf, e->number, context, f.ctr, f.kid};
    out->header_len = (uint8_t)f.header_len;
    return IC_OK;
}

/* The epoch of an opening, unless it has gone, or another came into its place. */
static ic_err epoch_of(const struct ic_sframe_store *s, const struct ic_sframe_opening *o,
                       struct epoch **out)
{
    struct epoch *e = s->epochs[o->from.epoch % EPOCHS];
    if (!e || e->number != o->from.epoch)
        return IC_ERR_EXPIRED;
    *out = e;
    return IC_OK;
}

ic_err ic_sframe_store_open_key(const struct ic_sframe_store *s, const struct ic_sframe_opening *o,
                                struct ic_secret *out)
{
    struct epoch *e;
    IC_TRY(epoch_of(s, o, &e));
    return key_of(e, o->from.kid, out);
}

ic_err ic_sframe_store_open_end(struct ic_sframe_store *s, const struct ic_sframe_opening *o,
                                uint64_t now_ms)
{
    struct epoch *e;
    uint32_t leaf = 0, context = 0;
    ic_sframe_store_tick(s, now_ms);
    IC_TRY(epoch_of(s, o, &e));
    IC_TRY(ic_sframe_store_check_kid(e, o->from.kid, &leaf, &context));
    struct stream *st = ic_sframe_store_stream(e, leaf, context);
    if (st && !sframe_window_fresh(&st->receiver.window, o->from.counter))
        return IC_ERR_REPLAY;
    if (!st) {
        IC_TRY(ic_sframe_store_stream_new(e, o->from.kid, context, &st));
        ic_sframe_store_stream_keep(s, e, leaf, st);
    }
    sframe_window_mark(&st->receiver.window, o->from.counter);
    return IC_OK;
}

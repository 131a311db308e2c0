#include "store.h"

#include <ic/base/mem.h>
#include <string.h>

ic_err ic_sframe_store_new(uint16_t suite, struct ic_sframe_store **out)
{
    const struct ic_sframe_suite *found = ic_sframe_suite_find(suite);
    if (!found)
        return IC_ERR_UNSUPPORTED;
    struct ic_sframe_store *s = ic_new(struct ic_sframe_store);
    if (!s)
        return IC_ERR_NOMEM;
    s->suite = found;
    s->switch_ms = s->deadline_ms = UINT64_MAX;
    *out = s;
    return IC_OK;
}

/* Drops the streams of a leaf whose context is in the mask, and refuses them from now on. */
static void leaf_refuse(struct leaf *l, uint16_t contexts)
{
    l->refused |= contexts;
    for (struct stream **at = &l->streams; *at;) {
        struct stream *s = *at;
        if (contexts >> s->context & 1) {
            *at = s->next;
            ic_sframe_receiver_clear(&s->receiver);
            ic_free(s);
        } else {
            at = &s->next;
        }
    }
}

static void stop_sending(struct epoch *e)
{
    for (size_t i = 0; i < IC_SFRAME_CONTEXTS; i++) {
        ic_sframe_sender_free(e->senders[i]);
        e->senders[i] = NULL;
    }
    e->may_send = false;
}

static void epoch_free(struct epoch *e)
{
    for (uint32_t i = 0; i < e->leaf_slots; i++)
        leaf_refuse(&e->leaves[i], ALL_CONTEXTS);
    stop_sending(e);
    ic_free_secret(e, sizeof *e);
}

void ic_sframe_store_free(struct ic_sframe_store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < EPOCHS; i++) {
        if (s->epochs[i])
            epoch_free(s->epochs[i]);
    }
    ic_free(s);
}

static unsigned bits_for(uint32_t leaf_slots)
{
    return leaf_slots <= 1 ? 0 : 32u - (unsigned)__builtin_clz(leaf_slots - 1);
}

static ic_err epoch_new(const struct ic_sframe_store *s, const struct ic_sframe_epoch *in,
                        struct epoch **out)
{
    if (s->newest && in->epoch <= s->newest->number)
        return IC_ERR_EPOCH;
    if (in->leaf_slots == 0 || in->own_leaf >= in->leaf_slots)
        return IC_ERR_ARG;
    if (in->leaf_slots > IC_SFRAME_LEAVES_MAX)
        return IC_ERR_LIMIT;
    if (in->base_key.len != s->suite->key_len)
        return IC_ERR_KEY;
    struct epoch *e = ic_calloc(1, sizeof *e + in->leaf_slots * sizeof e->leaves[0]);
    if (!e)
        return IC_ERR_NOMEM;
    ic_err err = ic_sframe_secret_init(&e->secret, s->suite->id, in->base_key);
    if (err != IC_OK) {
        ic_free_secret(e, sizeof *e);
        return err;
    }
    e->number = in->epoch;
    e->barrier = in->removed_len ? in->epoch : s->newest ? s->newest->barrier : 0;
    e->expires_ms = UINT64_MAX;
    e->leaf_bits = bits_for(in->leaf_slots);
    e->leaf_slots = in->leaf_slots;
    e->own_leaf = in->own_leaf;
    e->may_send = in->may_send;
    *out = e;
    return IC_OK;
}

static void send_with(struct ic_sframe_store *s, struct epoch *e)
{
    /* A sender never goes back to an older epoch, so its keys there are done. */
    if (s->sending && s->sending != e)
        stop_sending(s->sending);
    s->sending = e && e->may_send ? e : NULL;
    s->switch_ms = UINT64_MAX;
}

/* Takes an epoch out of its slot and off the sender. */
static void drop(struct ic_sframe_store *s, struct epoch *e)
{
    if (s->sending == e)
        send_with(s, s->newest != e ? s->newest : NULL);
    s->epochs[e->number % EPOCHS] = NULL;
    epoch_free(e);
}

static void find_deadline(struct ic_sframe_store *s)
{
    s->deadline_ms = s->switch_ms;
    for (size_t i = 0; i < EPOCHS; i++) {
        if (s->epochs[i] && s->epochs[i]->expires_ms < s->deadline_ms)
            s->deadline_ms = s->epochs[i]->expires_ms;
    }
}

void ic_sframe_store_tick(struct ic_sframe_store *s, uint64_t now_ms)
{
    if (now_ms > s->now_ms)
        s->now_ms = now_ms;
    if (s->now_ms < s->deadline_ms)
        return;
    if (s->now_ms >= s->switch_ms)
        send_with(s, s->newest);
    for (size_t i = 0; i < EPOCHS; i++) {
        if (s->epochs[i] && s->epochs[i]->expires_ms <= s->now_ms)
            drop(s, s->epochs[i]);
    }
    find_deadline(s);
}

uint64_t ic_sframe_store_deadline(const struct ic_sframe_store *s)
{
    return s->deadline_ms;
}

static uint64_t after(uint64_t now_ms, uint64_t delay_ms)
{
    return now_ms > UINT64_MAX - delay_ms ? UINT64_MAX : now_ms + delay_ms;
}

/* What a newer epoch does to those before it. */
static void age_others(struct ic_sframe_store *s, const struct ic_sframe_epoch *in)
{
    uint64_t end =
        after(s->now_ms, in->removed_len ? IC_SFRAME_GRACE_REMOVE_MS : IC_SFRAME_GRACE_MS);
    for (size_t i = 0; i < in->removed_len; i++)
        ic_sframe_store_refuse_leaf(s, in->removed[i]);
    for (size_t i = 0; i < EPOCHS; i++) {
        if (s->epochs[i] && s->epochs[i]->expires_ms > end)
            s->epochs[i]->expires_ms = end;
    }
}

ic_err ic_sframe_store_add_epoch(struct ic_sframe_store *s, const struct ic_sframe_epoch *in,
                                 uint64_t now_ms)
{
    struct epoch *e = NULL;
    IC_TRY(epoch_new(s, in, &e));
    ic_sframe_store_tick(s, now_ms);
    age_others(s, in);
    s->newest = e;
    /* RFC 9605 section 5.2: receivers MUST remove an old epoch when a new one has the same low bits. */
    struct epoch *same = s->epochs[in->epoch % EPOCHS];
    if (same)
        drop(s, same);
    s->epochs[in->epoch % EPOCHS] = e;
    if (in->removed_len || !in->may_send || !s->sending)
        send_with(s, e);
    else if (s->sending != e && s->switch_ms == UINT64_MAX)
        s->switch_ms = after(s->now_ms, IC_SFRAME_SEND_DELAY_MS);
    find_deadline(s);
    return IC_OK;
}

void ic_sframe_store_refuse_leaf(struct ic_sframe_store *s, uint32_t leaf)
{
    for (size_t i = 0; i < EPOCHS; i++) {
        if (s->epochs[i] && leaf < s->epochs[i]->leaf_slots)
            leaf_refuse(&s->epochs[i]->leaves[leaf], ALL_CONTEXTS);
    }
}

ic_err ic_sframe_store_sending_epoch(const struct ic_sframe_store *s, uint64_t *epoch)
{
    if (!s->sending)
        return IC_ERR_STATE;
    *epoch = s->sending->number;
    return IC_OK;
}

uint64_t ic_sframe_store_kid(const struct epoch *e, uint32_t leaf, uint32_t context)
{
    return (uint64_t)context << (e->leaf_bits + IC_SFRAME_EPOCH_BITS) |
           (uint64_t)leaf << IC_SFRAME_EPOCH_BITS | e->number % EPOCHS;
}

ic_err ic_sframe_store_sender(const struct ic_sframe_store *s, uint32_t context,
                              struct ic_sframe_sender **out)
{
    struct epoch *e = s->sending;
    if (context >= IC_SFRAME_CONTEXTS)
        return IC_ERR_RANGE;
    if (!e)
        return IC_ERR_STATE;
    if (!e->senders[context])
        IC_TRY(ic_sframe_sender_derive(&e->secret, ic_sframe_store_kid(e, e->own_leaf, context),
                                       &e->senders[context]));
    *out = e->senders[context];
    return IC_OK;
}

ic_err ic_sframe_store_protect(struct ic_sframe_store *s, uint32_t context, struct ic_view metadata,
                               struct ic_view plain, uint8_t *out, size_t *out_len)
{
    struct ic_sframe_sender *sender;
    IC_TRY(ic_sframe_store_sender(s, context, &sender));
    return ic_sframe_sender_protect(sender, metadata, plain, out, out_len);
}

/* The epoch of a KID. Low bits that nobody holds are taken for the nearer of past and future. */
ic_err ic_sframe_store_find_epoch(const struct ic_sframe_store *s, uint64_t kid, struct epoch **out)
{
    struct epoch *e = s->epochs[kid % EPOCHS];
    if (e) {
        *out = e;
        return IC_OK;
    }
    if (!s->newest)
        return IC_ERR_UNKNOWN_KEY;
    return (kid - s->newest->number) % EPOCHS <= EPOCHS / 2 ? IC_ERR_UNKNOWN_KEY : IC_ERR_EXPIRED;
}

/* Takes the KID apart by the epoch's own S. */
ic_err ic_sframe_store_check_kid(const struct epoch *e, uint64_t kid, uint32_t *leaf,
                                 uint32_t *context)
{
    uint64_t l = kid >> IC_SFRAME_EPOCH_BITS & (((uint64_t)1 << e->leaf_bits) - 1);
    uint64_t c = kid >> (e->leaf_bits + IC_SFRAME_EPOCH_BITS);
    if (l >= e->leaf_slots || c >= IC_SFRAME_CONTEXTS)
        return IC_ERR_MALFORMED;
    if (l == e->own_leaf)
        return IC_ERR_OWN_ECHO;
    if (e->leaves[l].refused >> c & 1)
        return IC_ERR_EXPIRED;
    *leaf = (uint32_t)l;
    *context = (uint32_t)c;
    return IC_OK;
}

ic_err ic_sframe_store_claim(const struct ic_sframe_store *s, struct ic_view frame,
                             struct ic_sframe_from *from)
{
    struct ic_sframe_header h;
    size_t len;
    if (!s->newest)
        return IC_ERR_STATE;
    IC_TRY(ic_sframe_header_decode(frame, &h, &len));
    const struct epoch *e = s->epochs[h.kid % EPOCHS] ? s->epochs[h.kid % EPOCHS] : s->newest;
    uint64_t leaf = h.kid >> IC_SFRAME_EPOCH_BITS & (((uint64_t)1 << e->leaf_bits) - 1);
    uint64_t context = h.kid >> (e->leaf_bits + IC_SFRAME_EPOCH_BITS);
    if (leaf >= e->leaf_slots || context >= IC_SFRAME_CONTEXTS)
        return IC_ERR_MALFORMED;
    *from = (struct ic_sframe_from){.leaf = (uint32_t)leaf,
                                    .epoch = e->number,
                                    .context = (uint32_t)context,
                                    .counter = h.ctr,
                                    .kid = h.kid};
    return IC_OK;
}

/* The first authentic frame of a stream in an epoch past a Remove ends the stream's older keys. */
static void close_older(struct ic_sframe_store *s, const struct epoch *e, uint32_t leaf,
                        uint32_t context)
{
    for (size_t i = 0; i < EPOCHS; i++) {
        struct epoch *old = s->epochs[i];
        if (old && old->number < e->barrier && leaf < old->leaf_slots)
            leaf_refuse(&old->leaves[leaf], (uint16_t)(1u << context));
    }
}

/* A stream that no frame has come of yet: it is kept only if this one authenticates, so frames that
 * anybody can make cost time and no memory. */
ic_err ic_sframe_store_stream_new(const struct epoch *e, uint64_t kid, uint32_t context,
                                  struct stream **out)
{
    struct stream *st = ic_new(struct stream);
    if (!st)
        return IC_ERR_NOMEM;
    st->context = context;
    ic_err err = ic_sframe_receiver_init(&st->receiver, &e->secret, kid);
    if (err == IC_OK)
        *out = st;
    else
        ic_free(st);
    return err;
}

void ic_sframe_store_stream_keep(struct ic_sframe_store *s, struct epoch *e, uint32_t leaf,
                                 struct stream *st)
{
    st->next = e->leaves[leaf].streams;
    e->leaves[leaf].streams = st;
    close_older(s, e, leaf, st->context);
}

struct stream *ic_sframe_store_stream(const struct epoch *e, uint32_t leaf, uint32_t context)
{
    struct stream *st = e->leaves[leaf].streams;
    while (st && st->context != context)
        st = st->next;
    return st;
}

static ic_err open_first(struct ic_sframe_store *s, struct epoch *e, uint32_t leaf,
                         uint32_t context, const struct sframe_frame *f, uint8_t *out,
                         size_t *out_len)
{
    struct stream *st;
    IC_TRY(ic_sframe_store_stream_new(e, f->kid, context, &st));
    ic_err err = ic_sframe_receiver_open(&st->receiver, f, out, out_len);
    if (err != IC_OK) {
        ic_sframe_receiver_clear(&st->receiver);
        ic_free(st);
        return err;
    }
    ic_sframe_store_stream_keep(s, e, leaf, st);
    return IC_OK;
}

ic_err ic_sframe_store_unprotect(struct ic_sframe_store *s, struct ic_view metadata,
                                 struct ic_view frame, uint64_t now_ms, uint8_t *out,
                                 size_t *out_len, struct ic_sframe_from *from)
{
    struct sframe_frame f;
    struct epoch *e = NULL;
    uint32_t leaf = 0, context = 0;
    ic_sframe_store_tick(s, now_ms);
    IC_TRY(ic_sframe_frame_read(frame, metadata, &f));
    IC_TRY(ic_sframe_store_find_epoch(s, f.kid, &e));
    IC_TRY(ic_sframe_store_check_kid(e, f.kid, &leaf, &context));
    struct stream *st = ic_sframe_store_stream(e, leaf, context);
    if (st)
        IC_TRY(ic_sframe_receiver_open(&st->receiver, &f, out, out_len));
    else
        IC_TRY(open_first(s, e, leaf, context, &f, out, out_len));
    *from = (struct ic_sframe_from){leaf, e->number, context, f.ctr, f.kid};
    return IC_OK;
}

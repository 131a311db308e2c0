/* Media keys: what the group exports goes to the SFrame store at each epoch. */
#include "internal.h"

#ifdef IC_TEST_HOOKS
#include "testhook.h"
#endif

#include <ic/base/mem.h>
#include <ic/meeting/apart.h>
#include <ic/sframe/header.h>
#include <string.h>

struct ic_meeting_media {
    struct ic_meeting *m; /* for names, under the application's lock */
    struct ic_sframe_store *store;
    uint16_t suite;
    uint32_t generation; /* of the store */
    bool open;           /* the gate */
    uint32_t heard;      /* the leaf that was heard last, */
    uint64_t heard_ms;   /* and when; 0: nobody since the last collect */
};

static ic_err media_new(struct ic_meeting *m, uint16_t suite)
{
    struct ic_meeting_media *k = m->media ? m->media : ic_new(struct ic_meeting_media);
    struct ic_sframe_store *store;
    if (!k)
        return IC_ERR_NOMEM;
    k->m = m;
    m->media = k;
    IC_TRY(ic_sframe_store_new(suite, &store));
    ic_sframe_store_free(k->store);
    k->store = store;
    k->generation++;
    k->suite = suite;
    return IC_OK;
}

static ic_err add_epoch(struct ic_meeting *m, const struct ic_sframe_epoch *e)
{
    ic_err err =
        m->media->store ? ic_sframe_store_add_epoch(m->media->store, e, m->now_ms) : IC_ERR_EPOCH;
    if (err != IC_ERR_EPOCH)
        return err;
    /* Another group, or this epoch a second time after the first was void: nothing of the old keys may
     * be used again. */
    IC_TRY(media_new(m, m->media->suite));
    return ic_sframe_store_add_epoch(m->media->store, e, m->now_ms);
}

ic_err ic_meeting_media_epoch(struct ic_meeting *m, const uint32_t *removed, size_t removed_count)
{
    IC_SECRET_SCOPE(base);
    struct ic_wire_terms t;
    if (!ic_meeting_current_terms(m, &t))
        return IC_ERR_RULE;
    const struct ic_sframe_suite *suite = ic_sframe_suite_find(t.sframe_suite);
    /* protocol, Media keys: GCM suites only */
    if (!suite || !suite->aead || suite->key_len > IC_SECRET_MAX)
        return IC_ERR_UNSUPPORTED;
    if (!m->media || !m->media->store || m->media->suite != t.sframe_suite)
        IC_TRY(media_new(m, t.sframe_suite));
    base.len = suite->key_len;
    IC_TRY(ic_mls_export(m->group, IC_SFRAME_EXPORTER_LABEL, ic_view(NULL, 0), base.b, base.len));
    struct ic_sframe_epoch e = {
        .epoch = ic_mls_context(m->group)->epoch,
        .leaf_slots = ic_mls_leaf_count(m->group),
        .own_leaf = ic_mls_own_leaf(m->group),
        .base_key = ic_secret_view(&base),
        .removed = removed,
        .removed_len = removed_count,
        /* Keys and counters are never kept: this run of the program entered the
                                 * epoch itself, so nothing was sent in it before. */
        .may_send = true};
    IC_TRY(add_epoch(m, &e));
#ifdef IC_TEST_HOOKS
    ic_testhook_meeting_epoch(m->group, &e);
#endif
    return IC_OK;
}

void ic_meeting_media_refuse(struct ic_meeting *m, uint32_t leaf)
{
    if (m->media && m->media->store)
        ic_sframe_store_refuse_leaf(m->media->store, leaf);
}

void ic_meeting_media_gate(struct ic_meeting *m, bool open)
{
    if (m->media)
        m->media->open = open;
}

void ic_meeting_media_tick(struct ic_meeting *m)
{
    if (m->media && m->media->store)
        ic_sframe_store_tick(m->media->store, m->now_ms);
}

uint64_t ic_meeting_media_deadline(const struct ic_meeting *m)
{
    return m->media && m->media->store ? ic_sframe_store_deadline(m->media->store) : NEVER;
}

void ic_meeting_media_drop(struct ic_meeting *m)
{
    if (!m->media)
        return;
    ic_sframe_store_free(m->media->store);
    m->media->store = NULL;
}

void ic_meeting_media_free(struct ic_meeting *m)
{
    ic_meeting_media_drop(m);
    ic_free(m->media);
    m->media = NULL;
}

/* An authentic frame of the current epoch is a sign of life as good as any. */
void ic_meeting_media_collect(struct ic_meeting *m)
{
    if (!m->media || !m->media->heard_ms)
        return;
    m->media->heard_ms = 0;
    if (m->group)
        ic_meeting_pulse_heard(m, m->media->heard);
}

struct ic_meeting_media *ic_meeting_media(struct ic_meeting *m)
{
    if (!m->media) {
        m->media = ic_new(struct ic_meeting_media);
        if (m->media)
            m->media->m = m;
    }
    return m->media;
}

ic_err ic_meeting_protect(struct ic_meeting_media *k, uint8_t context, struct ic_view frame,
                          uint8_t *out, size_t *out_len)
{
    if (!k->store || !k->open)
        return IC_ERR_STATE;
    return ic_sframe_store_protect(k->store, context, ic_view(NULL, 0), frame, out, out_len);
}

ic_err ic_meeting_protect_clear(struct ic_meeting_media *k, uint8_t context, struct ic_view frame,
                                uint8_t *out, size_t *out_len)
{
    uint8_t prefix[IC_MEETING_CLEAR_MAX];
    size_t n = ic_meeting_clear_prefix(frame, prefix);
    IC_TRY(ic_meeting_protect(k, context, frame, out + n, out_len));
    memcpy(out, prefix, n);
    *out_len += n;
    return IC_OK;
}

static void name_them(const struct ic_meeting_media *k, struct ic_meeting_media_from *from)
{
    const struct person *p = ic_meeting_person_of(k->m, from->leaf, from->epoch);
    if (p)
        memcpy(from->name, p->who.name, sizeof from->name);
}

static void take_from(struct ic_meeting_media_from *from, const struct ic_sframe_from *f)
{
    *from = (struct ic_meeting_media_from){.leaf = f->leaf,
                                           .epoch = f->epoch,
                                           .context = (uint8_t)f->context,
                                           .counter = f->counter,
                                           .kid = f->kid};
}

/* A frame has authenticated. */
static void opened(struct ic_meeting_media *k, const struct ic_sframe_from *f, uint64_t now_ms,
                   struct ic_meeting_media_from *from)
{
    take_from(from, f);
    name_them(k, from);
    if (k->m->group && f->epoch == ic_mls_context(k->m->group)->epoch) {
        k->heard = f->leaf;
        k->heard_ms = now_ms;
    }
}

/* What a frame claims that does not open. */
static ic_err failed(const struct ic_meeting_media *k, struct ic_view sealed, ic_err e,
                     struct ic_meeting_media_from *from)
{
    struct ic_sframe_from f;
    struct ic_sframe_header h = {0};
    size_t len;
    if (k->store && ic_sframe_store_claim(k->store, sealed, &f) == IC_OK) {
        take_from(from, &f);
        name_them(k, from);
        return e;
    }
    IC_IGNORE(ic_sframe_header_decode(sealed, &h, &len));
    *from = (struct ic_meeting_media_from){.leaf = IC_MEETING_NO_LEAF, .kid = h.kid};
    return e;
}

ic_err ic_meeting_unprotect(struct ic_meeting_media *k, struct ic_view sealed, uint64_t now_ms,
                            uint8_t *out, size_t *out_len, struct ic_meeting_media_from *from)
{
    struct ic_sframe_from f;
    size_t clear = ic_meeting_clear_len(sealed);
    sealed = ic_view_sub(sealed, clear, sealed.len - clear);
    ic_err e = !k->store ? IC_ERR_UNKNOWN_KEY
                         : ic_sframe_store_unprotect(k->store, ic_view(NULL, 0), sealed, now_ms,
                                                     out, out_len, &f);
    if (e != IC_OK)
        return failed(k, sealed, e, from);
    opened(k, &f, now_ms, from);
    return IC_OK;
}

/* ---- the AEAD done elsewhere ---- */

uint32_t ic_meeting_media_generation(const struct ic_meeting_media *k)
{
    return k->generation;
}

ic_err ic_meeting_seal_begin(struct ic_meeting_media *k, uint8_t context,
                             struct ic_sframe_sealing *out)
{
    return k->store && k->open ? ic_sframe_store_seal_begin(k->store, context, out) : IC_ERR_STATE;
}

ic_err ic_meeting_seal_key(const struct ic_meeting_media *k, uint8_t context, struct ic_secret *out)
{
    return k->store ? ic_sframe_store_seal_key(k->store, context, out) : IC_ERR_STATE;
}

ic_err ic_meeting_open_begin(struct ic_meeting_media *k, struct ic_view sealed, uint64_t now_ms,
                             struct ic_meeting_opening *out, struct ic_meeting_media_from *from)
{
    struct ic_meeting_opening o = {.generation = k->generation,
                                   .clear_len = (uint8_t)ic_meeting_clear_len(sealed)};
    sealed = ic_view_sub(sealed, o.clear_len, sealed.len - o.clear_len);
    ic_err e = k->store ? ic_sframe_store_open_begin(k->store, sealed, now_ms, &o.frame)
                        : IC_ERR_UNKNOWN_KEY;
    if (e != IC_OK)
        return failed(k, sealed, e, from);
    take_from(from, &o.frame.from);
    name_them(k, from);
    *out = o;
    return IC_OK;
}

ic_err ic_meeting_open_key(const struct ic_meeting_media *k, const struct ic_meeting_opening *o,
                           struct ic_secret *out)
{
    return k->store && o->generation == k->generation
               ? ic_sframe_store_open_key(k->store, &o->frame, out)
               : IC_ERR_EXPIRED;
}

ic_err ic_meeting_open_end(struct ic_meeting_media *k, const struct ic_meeting_opening *o,
                           uint64_t now_ms, struct ic_meeting_media_from *from)
{
    if (!k->store || o->generation != k->generation)
        return IC_ERR_EXPIRED;
    IC_TRY(ic_sframe_store_open_end(k->store, &o->frame, now_ms));
    opened(k, &o->frame.from, now_ms, from);
    return IC_OK;
}

/* From a source's raw frame to an encrypted one in the queue, on the source's thread. */
#include "internal.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

void icc_engine_want_key(struct icc_engine *e, uint8_t source)
{
    struct pictures *p = source == SOURCE_SCREEN ? &e->screen : &e->camera;
    __atomic_store_n(&p->want_key, true, __ATOMIC_RELAXED);
}

static void drop(struct icc_engine *e)
{
    pthread_mutex_lock(&e->queue_lock);
    e->stats.frames_dropped++;
    pthread_mutex_unlock(&e->queue_lock);
}

/* Takes f->data. A full queue drops the newest: the media thread is far behind, or has no transport. */
static void enqueue(struct icc_engine *e, struct out_frame *f)
{
    pthread_mutex_lock(&e->queue_lock);
    bool room = e->queue_count < OUT_QUEUE_MAX;
    if (room)
        e->queue[(e->queue_first + e->queue_count++) % OUT_QUEUE_MAX] = *f;
    else
        e->stats.frames_dropped++;
    pthread_mutex_unlock(&e->queue_lock);
    if (room) {
        icc_engine_kick(e);
    } else {
        ic_free(f->data);
        if (f->video)
            icc_engine_want_key(e, f->source);
    }
}

static ic_err protect(struct icc_engine *e, uint8_t context, struct ic_view plain,
                      struct out_frame *f)
{
    f->data = ic_calloc(1, plain.len + IC_MEETING_FRAME_OVERHEAD);
    if (!f->data)
        return IC_ERR_NOMEM;
#ifdef IC_TEST_HOOKS
    ic_testhook_note("frame", plain);
    if (ic_testhook_plain_media()) {
        f->len = ic_testhook_plain_frame(plain, f->data);
        return IC_OK;
    }
#endif
    pthread_mutex_lock(e->c.keys_lock);
    bool clear = f->video && __atomic_load_n(&e->clear_bytes, __ATOMIC_RELAXED);
    ic_err err = (clear ? ic_meeting_protect_clear : ic_meeting_protect)(e->c.keys, context, plain,
                                                                         f->data, &f->len);
#ifdef IC_TEST_HOOKS
    if (err == IC_OK) /* still under the lock: in order with the epochs */
        ic_testhook_note_sealed(ic_view(f->data, f->len));
#endif
    pthread_mutex_unlock(e->c.keys_lock);
    if (err != IC_OK)
        ic_free(f->data);
    return err;
}

static bool may_send(struct icc_engine *e, const bool *muted)
{
    return __atomic_load_n(&e->open, __ATOMIC_RELAXED) && !__atomic_load_n(muted, __ATOMIC_RELAXED);
}

void icc_engine_on_audio(void *ctx, const int16_t pcm[ICC_AUDIO_FRAME])
{
    struct icc_engine *e = ctx;
    struct ic_view plain;
    struct out_frame f = {.timestamp = e->audio_ts, .level = icc_audio_level(pcm)};
    e->audio_ts += ICC_AUDIO_FRAME;
    if (!may_send(e, &e->mute_audio))
        return;
    if (icc_opus_encode(e->opus, pcm, &plain) != IC_OK ||
        protect(e, IC_MEETING_CTX_AUDIO, plain, &f) != IC_OK) {
        drop(e);
        return;
    }
    enqueue(e, &f);
}

static void send_picture(struct icc_engine *e, struct pictures *p,
                         const struct icc_picture *picture)
{
    struct ic_view plain;
    struct out_frame f = {.video = true, .source = p->source, .timestamp = p->ts};
    p->ts += (uint32_t)(90000 / p->fps);
    p->pts++;
    if (!may_send(e, &p->mute)) {
        __atomic_store_n(&p->want_key, true, __ATOMIC_RELAXED);
        return;
    }
    f.key = __atomic_exchange_n(&p->want_key, false, __ATOMIC_RELAXED);
    ic_err err = icc_vp8_encode(p->vp8, picture, p->pts, &f.key, &plain);
    if (err == IC_OK)
        err = protect(e, p->context, plain, &f);
    if (err != IC_OK) {
        /* What the receivers never see must not be referred to: begin anew with a key frame. */
        __atomic_store_n(&p->want_key, true, __ATOMIC_RELAXED);
        drop(e);
        return;
    }
    enqueue(e, &f);
}

void icc_engine_on_video(void *ctx, const struct icc_picture *picture)
{
    struct icc_engine *e = ctx;
    send_picture(e, &e->camera, picture);
}

void icc_engine_on_screen(void *ctx, const struct icc_picture *picture)
{
    struct icc_engine *e = ctx;
    send_picture(e, &e->screen, picture);
}

void icc_engine_on_end(void *ctx, const char *kind, const char *why)
{
    struct icc_engine_event ev = {.type = ICC_ENGINE_SOURCE_ENDED};
    snprintf(ev.name, sizeof ev.name, "%s", kind);
    snprintf(ev.text, sizeof ev.text, "%s", why);
    icc_engine_post(ctx, &ev);
}

void icc_engine_on_missing(void *ctx, const char *device, const char *instead)
{
    struct icc_engine_event ev = {.type = ICC_ENGINE_DEVICE_MISSING};
    snprintf(ev.name, sizeof ev.name, "%s", device);
    snprintf(ev.text, sizeof ev.text, "there is no %s: %s", device, instead);
    icc_engine_post(ctx, &ev);
}

/* From an encrypted frame of the forwarder to a recording and the loudspeaker, on the media thread. */
#include "internal.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { TROUBLE_EVERY_MS = 2000 };

/* A tile's name comes from the KID alone (protocol.md "Media keys"): leaf and name find the stream. */
static struct stream *stream_of(struct icc_engine *e, const struct ic_meeting_media_from *from)
{
    struct stream *free_one = NULL;
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        struct stream *s = &e->streams[i];
        if (s->used && s->leaf == from->leaf && strcmp(s->name, from->name) == 0)
            return s;
        if (!s->used && !free_one)
            free_one = s;
    }
    if (free_one) {
        free_one->used = true;
        free_one->leaf = from->leaf;
        snprintf(free_one->name, sizeof free_one->name, "%s", from->name);
    }
    return free_one;
}

static void tell_heard(struct icc_engine *e, struct stream *s,
                       const struct ic_meeting_media_from *from)
{
    uint8_t bit = (uint8_t)(1u << (from->context & 7));
    if (s->heard & bit)
        return;
    s->heard |= bit;
    struct icc_engine_event ev = {
        .type = ICC_ENGINE_HEARD, .leaf = from->leaf, .context = from->context};
    snprintf(ev.name, sizeof ev.name, "%s", from->name);
    icc_engine_post(e, &ev);
}

static unsigned shown_of(const struct held_frame *f)
{
    return f->video && f->who.context == IC_MEETING_CTX_SCREEN ? SHOWN_SCREEN : SHOWN_CAMERA;
}

static ic_err write_record(struct icc_engine *e, struct stream *s, const struct held_frame *f,
                           struct ic_view plain, uint64_t now_ms)
{
    unsigned which = shown_of(f);
    char name[sizeof s->name + 8];
    snprintf(name, sizeof name, "%s%s", s->name, which == SHOWN_SCREEN ? "-screen" : "");
    if (!s->record[which])
        IC_TRY(icc_record_open(e->c.record_dir, name, &s->record[which]));
    return f->video ? icc_record_video(s->record[which], plain, f->timestamp, now_ms)
                    : icc_record_audio(s->record[which], plain, f->timestamp, now_ms);
}

static void record(struct icc_engine *e, struct stream *s, const struct held_frame *f,
                   struct ic_view plain, uint64_t now_ms)
{
    if (!e->c.record_dir || s->record_failed)
        return;
    if (write_record(e, s, f, plain, now_ms) != IC_OK) {
        s->record_failed = true;
        char path[8];
        for (unsigned i = 0; i < SHOWN_COUNT; i++) {
            icc_record_close(s->record[i], path, sizeof path);
            s->record[i] = NULL;
        }
        struct icc_engine_event ev = {.type = ICC_ENGINE_RECORD_FAILED, .leaf = s->leaf};
        snprintf(ev.name, sizeof ev.name, "%s", s->name);
        snprintf(ev.text, sizeof ev.text,
                 "the recording cannot be written any more: is the disk full?");
        icc_engine_post(e, &ev);
    }
}

static void play(struct icc_engine *e, struct stream *s, struct ic_view plain)
{
    if (!e->play || (!s->opus && icc_opus_decoder_new(&s->opus) != IC_OK))
        return;
    int16_t pcm[5760];
    size_t n;
    if (icc_opus_decode(s->opus, plain, pcm, IC_ARRAY_LEN(pcm), &n) == IC_OK)
        icc_play_push(e->play, (size_t)(s - e->streams) % ICC_PLAY_SLOTS, pcm, n);
}

/* The forwarder took it for whole, so nobody else asks: as at an entry, where the key frame may still be
 * one of the epoch before. */
static void lose_picture(struct icc_engine *e, const struct held_frame *f)
{
    for (size_t i = 0; i < STREAMS_MAX; i++)
        for (unsigned k = 0; k < SHOWN_COUNT; k++)
            if (e->streams[i].used && e->streams[i].shown[k].slot == f->slot)
                e->streams[i].shown[k].whole = false;
    ic_rtc_endpoint_request_key_frame(e->ep, f->slot);
}

static void note_failure(struct icc_engine *e, ic_err err, const struct held_frame *f,
                         uint64_t now_ms)
{
    if (f->video && err != IC_ERR_REPLAY)
        lose_picture(e, f);
#ifdef IC_TEST_HOOKS
    ic_testhook_note_failed(err, ic_view(f->data, f->len));
#endif
    struct icc_engine_stats *st = &e->stats;
    uint64_t *which = err == IC_ERR_AUTH          ? &st->failed_auth
                      : err == IC_ERR_UNKNOWN_KEY ? &st->failed_unknown
                      : err == IC_ERR_EXPIRED     ? &st->failed_expired
                      : err == IC_ERR_REPLAY      ? &st->failed_replay
                                                  : &st->failed_malformed;
    pthread_mutex_lock(&e->queue_lock);
    (*which)++;
    pthread_mutex_unlock(&e->queue_lock);
    if (now_ms < e->trouble_ms + TROUBLE_EVERY_MS || err == IC_ERR_EXPIRED || err == IC_ERR_REPLAY)
        return;
    e->trouble_ms = now_ms;
    struct icc_engine_event ev = {
        .type = ICC_ENGINE_TROUBLE, .leaf = f->who.leaf, .context = f->who.context};
    snprintf(ev.name, sizeof ev.name, "%s", f->who.name);
    snprintf(ev.text, sizeof ev.text, "a frame was refused: %s", ic_err_text(err));
    icc_engine_post(e, &ev);
}

/* Whoever the slot showed before begins anew when they come back. */
static void take_slot(struct icc_engine *e, uint32_t slot)
{
    for (size_t i = 0; i < STREAMS_MAX; i++)
        for (unsigned k = 0; k < SHOWN_COUNT; k++)
            if (e->streams[i].shown[k].slot == slot)
                e->streams[i].shown[k].slot = 0;
}

/* A picture after a lost one, or of another layer, refers to what is not there: nothing is shown until the
 * next key frame. The forwarder cannot see to it where a sender says nothing of key frames. */
static bool is_whole(struct icc_engine *e, struct shown *s, const struct held_frame *f,
                     struct ic_view plain)
{
    int width, height;
    if (s->slot != f->slot || s->context != f->who.context || f->gap)
        s->whole = false;
    if (s->slot != f->slot)
        take_slot(e, f->slot);
    s->slot = f->slot;
    s->context = f->who.context;
    if (icc_vp8_key_size(plain, &width, &height))
        s->whole = true;
    if (!s->whole)
        ic_rtc_endpoint_request_key_frame(e->ep, f->slot);
    return s->whole;
}

/* False where the key is missing: the frame may be tried again. */
static bool try_frame(struct icc_engine *e, struct held_frame *f, uint64_t now_ms)
{
    uint8_t *plain = ic_calloc(1, f->len);
    size_t len = 0;
    if (!plain)
        return true;
    pthread_mutex_lock(e->c.keys_lock);
    ic_err err =
        ic_meeting_unprotect(e->c.keys, ic_view(f->data, f->len), now_ms, plain, &len, &f->who);
    pthread_mutex_unlock(e->c.keys_lock);
    if (err == IC_OK) {
        pthread_mutex_lock(&e->queue_lock);
        e->stats.frames_decrypted++;
        pthread_mutex_unlock(&e->queue_lock);
        struct stream *s = stream_of(e, &f->who);
        if (s) {
            tell_heard(e, s, &f->who);
            if (!f->video || is_whole(e, &s->shown[shown_of(f)], f, ic_view(plain, len)))
                record(e, s, f, ic_view(plain, len), now_ms);
            if (!f->video)
                play(e, s, ic_view(plain, len));
        }
    } else if (err != IC_ERR_UNKNOWN_KEY) {
        note_failure(e, err, f, now_ms);
    } else if (f->until_ms == 0) {
        struct icc_engine_event ev = {.type = ICC_ENGINE_UNKNOWN_KID, .kid = f->who.kid};
        icc_engine_post(e, &ev);
    }
    ic_free_secret(plain, f->len);
    return err != IC_ERR_UNKNOWN_KEY;
}

static void hold(struct icc_engine *e, const struct held_frame *f, uint64_t now_ms)
{
    struct held_frame h = *f;
    h.data = e->held_count < HELD_MAX ? ic_memdup(f->data, f->len) : NULL;
    if (!h.data) {
        note_failure(e, IC_ERR_UNKNOWN_KEY, f, now_ms);
        return;
    }
    h.until_ms = now_ms + HOLD_MS;
    e->held[e->held_count++] = h;
    pthread_mutex_lock(&e->queue_lock);
    e->stats.held++;
    pthread_mutex_unlock(&e->queue_lock);
}

void icc_engine_on_frame(void *ctx, const struct ic_rtc_frame *frame, uint64_t now_ms)
{
    struct icc_engine *e = ctx;
    pthread_mutex_lock(&e->queue_lock);
    e->stats.frames_received++;
    pthread_mutex_unlock(&e->queue_lock);
    struct held_frame f = {.data = (uint8_t *)(uintptr_t)frame->data.p, /* only read */
                           .len = frame->data.len,
                           .video = frame->kind == IC_RTC_VIDEO,
                           .gap = frame->gap,
                           .timestamp = frame->timestamp,
                           .slot = frame->ssrc};
    if (e->held_count) /* in their order, should the key have come meanwhile */
        icc_engine_retry_held(e, now_ms);
    if (!try_frame(e, &f, now_ms))
        hold(e, &f, now_ms);
}

void icc_engine_retry_held(struct icc_engine *e, uint64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->held_count; i++) {
        struct held_frame f = e->held[i];
        bool done = try_frame(e, &f, now_ms);
        if (!done && now_ms >= f.until_ms) {
            note_failure(e, IC_ERR_UNKNOWN_KEY, &f, now_ms);
            done = true;
        }
        if (done)
            ic_free(f.data);
        else
            e->held[kept++] = f;
    }
    e->held_count = kept;
}

void icc_engine_drop_held(struct icc_engine *e)
{
    for (size_t i = 0; i < e->held_count; i++)
        ic_free(e->held[i].data);
    e->held_count = 0;
}

static void close_stream(struct stream *s,
                         void (*recorded)(void *ctx, const char *name, const char *path), void *ctx)
{
    char path[512];
    for (unsigned i = 0; i < SHOWN_COUNT; i++) {
        icc_record_close(s->record[i], path, sizeof path);
        if (path[0] && recorded)
            recorded(ctx, s->name, path);
    }
    icc_opus_decoder_free(s->opus);
}

/* The file is finished outside the lock: a slow disk holds nobody's media up. */
void icc_engine_left(struct icc_engine *e, uint32_t leaf,
                     void (*recorded)(void *ctx, const char *name, const char *path), void *ctx)
{
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        struct stream gone = {0};
        pthread_mutex_lock(&e->lock);
        if (e->streams[i].used && e->streams[i].leaf == leaf) {
            gone = e->streams[i];
            e->streams[i] = (struct stream){0};
        }
        pthread_mutex_unlock(&e->lock);
        if (gone.used)
            close_stream(&gone, recorded, ctx);
    }
}

void icc_engine_close_streams(struct icc_engine *e,
                              void (*recorded)(void *ctx, const char *name, const char *path),
                              void *ctx)
{
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        close_stream(&e->streams[i], recorded, ctx);
        e->streams[i] = (struct stream){0};
    }
}

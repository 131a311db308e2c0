/* The media of one participant: its own thread with one UDP socket, between the sources and the meeting's
 * keys on one side, the forwarder on the other, recordings and loudspeaker at the end.
 *
 *     struct icc_engine *e;
 *     IC_TRY(icc_engine_new(&config, &e));
 *     IC_TRY(icc_engine_offer(e, &open));              // for MEDIA_OPEN; again after each reconnection
 *     icc_engine_answer(e, &opened);                   // MEDIA_OPENED
 *     while (icc_engine_next_event(e, &event)) ...     // after config.wake
 *     icc_engine_free(e);                              // finishes recordings
 *
 * Sound and pictures are encoded on the sources' threads, encrypted there, and sent by the media thread;
 * what arrives is decrypted on the media thread. The keys belong to the meeting: `keys_lock` guards every
 * call into either. Lock order: the engine's own, then keys_lock; so never call the engine holding it.
 */
#ifndef ICC_ENGINE_ENGINE_H
#define ICC_ENGINE_ENGINE_H

#include <ic/base/err.h>
#include <ic/meeting/media.h>
#include <ic/wire/message.h>
#include <pthread.h>

struct icc_engine_config {
    const char *audio, *video; /* names of sources (media/source.h), or NULL */
    const char *screen;        /* the same, sent as a shared screen */
    bool loop;
    bool play;              /* to the loudspeaker */
    const char *record_dir; /* or NULL */
    int width, height, fps, video_bits, audio_bits;
    int screen_width, screen_height, screen_fps, screen_bits;
    struct ic_meeting_media *keys;
    pthread_mutex_t *keys_lock;
    void (*wake)(void *ctx); /* from any thread: events wait */
    void *ctx;
};

enum icc_engine_event_type {
    ICC_ENGINE_OPEN = 1,     /* media may flow */
    ICC_ENGINE_CLOSED,       /* the transport ended: offer again */
    ICC_ENGINE_HEARD,        /* the first frame of a participant's stream */
    ICC_ENGINE_TROUBLE,      /* frames of a participant do not decrypt: text says why */
    ICC_ENGINE_UNKNOWN_KID,  /* to be noted with the meeting */
    ICC_ENGINE_SOURCE_ENDED, /* name: audio, video or screen; text: why */
    ICC_ENGINE_RECORD_FAILED,
    ICC_ENGINE_DEVICE_MISSING, /* name: camera, microphone or loudspeaker; text: what happens instead */
};
struct icc_engine_event {
    enum icc_engine_event_type type;
    char name[IC_MEETING_NAME_MAX + 1];
    uint32_t leaf;
    uint8_t context;
    uint64_t kid;
    char text[160];
};

struct icc_engine_stats {
    uint64_t frames_sent, frames_dropped; /* dropped: the gate was shut, or the queue full */
    uint64_t frames_received, frames_decrypted;
    uint64_t held; /* waited for a key, up to 500 ms */
    uint64_t failed_auth, failed_unknown, failed_expired, failed_replay, failed_malformed;
    uint64_t packets_lost, retransmitted;
    uint32_t rtt_ms;
};

struct icc_engine;
/* IC_ERR_IO (no socket), IC_ERR_NOMEM; why gets a sentence. */
ic_err icc_engine_new(const struct icc_engine_config *c, struct icc_engine **out, char *why,
                      size_t why_len);
/* Starts the sources; apart from _new so that nothing is captured before somebody may hear it. One that
 * cannot start is told as ICC_ENGINE_SOURCE_ENDED, and the other goes on without it. Once is enough. */
void icc_engine_capture(struct icc_engine *e);
/* A fresh transport's offer; views borrow from e until the next offer. The former transport is gone. */
ic_err icc_engine_offer(struct icc_engine *e, struct ic_wire_media_open *out);
ic_err icc_engine_answer(struct icc_engine *e, const struct ic_wire_media_opened *opened);
/* Whether media may flow: a CLOSED that is still in the queue may be an older transport's. */
bool icc_engine_is_open(struct icc_engine *e);
/* From any thread: nothing of it is encoded or sent. */
void icc_engine_mute(struct icc_engine *e, bool sound, bool picture);
/* From any thread: pictures begin with a few clear bytes, for members whose browser knows no Dependency
 * Descriptor (docs/protocol/media-keys.md). */
void icc_engine_clear_bytes(struct icc_engine *e, bool on);
/* Ends the shared screen for good; it is not captured any more after that. */
void icc_engine_stop_screen(struct icc_engine *e);
/* Somebody went: their recording is finished and told, and who comes next into that leaf begins anew. */
void icc_engine_left(struct icc_engine *e, uint32_t leaf,
                     void (*recorded)(void *ctx, const char *name, const char *path), void *ctx);
/* Stops sending and receiving, says goodbye. */
void icc_engine_stop(struct icc_engine *e);
bool icc_engine_next_event(struct icc_engine *e, struct icc_engine_event *out);
void icc_engine_stats(struct icc_engine *e, struct icc_engine_stats *out);
/* Closes recordings; each finished file is told. */
void icc_engine_free(struct icc_engine *e,
                     void (*recorded)(void *ctx, const char *name, const char *path), void *ctx);

#endif

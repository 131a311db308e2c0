/* What the engine's files share. */
#ifndef ICC_ENGINE_INTERNAL_H
#define ICC_ENGINE_INTERNAL_H

#include "engine.h"

#include "media/codec.h"
#include "media/play.h"
#include "media/record.h"
#include "media/source.h"

#include <ic/rtc/endpoint.h>

enum {
    OUT_QUEUE_MAX = 64, /* encrypted frames on their way to the media thread */
    HELD_MAX = 256,     /* frames that wait for a key */
    HOLD_MS = 500,      /* protocol.md: frames of unknown KID wait this long at most */
    EVENTS_MAX = 128,
    STREAMS_MAX = 256, /* participants' streams heard */
    SOURCE_AUDIO = 0,
    SOURCE_VIDEO = 1,
    SOURCE_SCREEN = 2,
    SOURCES = 3,
};

/* An encrypted frame of our own. */
struct out_frame {
    uint8_t *data;
    size_t len;
    bool video, key;
    uint8_t source; /* SOURCE_ */
    uint8_t level;
    uint32_t timestamp;
};

/* Camera or screen on its way out: an encoder, its clock, and when it must begin anew. */
struct pictures {
    struct icc_vp8_encoder *vp8;
    int fps;
    uint8_t source, context;
    uint32_t ts;
    int64_t pts;
    bool want_key, mute; /* atomic */
};

/* A received frame whose key is not here yet. */
struct held_frame {
    uint8_t *data;
    size_t len;
    bool video;
    bool gap; /* frames before it are missing */
    uint32_t timestamp;
    uint32_t slot; /* SSRC that it came with */
    uint64_t until_ms;
    struct ic_meeting_media_from who; /* what it says of itself, once it was looked at */
};

/* What is known of one participant that was heard. */
struct shown {
    uint32_t slot;   /* SSRC that the pictures come with; 0: none, or another's now */
    uint8_t context; /* the simulcast layer */
    bool whole;      /* no picture is missing since the last key frame */
};
enum { SHOWN_CAMERA = 0, SHOWN_SCREEN = 1, SHOWN_COUNT = 2 };
struct stream {
    bool used;
    uint32_t leaf;
    char name[IC_MEETING_NAME_MAX + 1];
    uint8_t heard; /* bit per context */
    struct shown shown[SHOWN_COUNT];
    struct icc_record *record[SHOWN_COUNT]; /* sound goes with the camera */
    bool record_failed;
    struct icc_opus_decoder *opus;
};

struct icc_engine {
    struct icc_engine_config c;

    pthread_mutex_t lock; /* the endpoint, streams, held frames, stats of receiving */
    struct ic_rtc_endpoint *ep;
    bool started, open;
    int socket;
    uint32_t ssrc[SOURCES];
    struct stream *streams;
    struct held_frame held[HELD_MAX];
    size_t held_count;
    uint64_t trouble_ms; /* when trouble was last told */

    pthread_mutex_t queue_lock; /* the queue, events, counters of sending */
    struct out_frame queue[OUT_QUEUE_MAX];
    size_t queue_first, queue_count;
    struct icc_engine_event events[EVENTS_MAX];
    size_t event_first, event_count;
    struct icc_engine_stats stats; /* of the network: what former transports counted */

    struct icc_source *source[SOURCES]; /* by SOURCE_ */
    bool capturing;
    struct icc_opus_encoder *opus;
    uint32_t audio_ts;
    bool mute_audio, clear_bytes; /* atomic */
    struct pictures camera, screen;

    struct icc_play *play;
    pthread_t thread;
    bool running; /* atomic: the media thread goes on */
    int wake_fd;
};

/* capture.c: callbacks of the sources. */
void icc_engine_on_audio(void *ctx, const int16_t pcm[ICC_AUDIO_FRAME]);
void icc_engine_on_video(void *ctx, const struct icc_picture *picture);
void icc_engine_on_screen(void *ctx, const struct icc_picture *picture);
/* The next picture of that source begins anew. */
void icc_engine_want_key(struct icc_engine *e, uint8_t source);
void icc_engine_on_end(void *ctx, const char *kind, const char *why);
void icc_engine_on_missing(void *ctx, const char *device, const char *instead);

/* receive.c: on the media thread, under lock. */
void icc_engine_on_frame(void *ctx, const struct ic_rtc_frame *frame, uint64_t now_ms);
void icc_engine_retry_held(struct icc_engine *e, uint64_t now_ms);
void icc_engine_drop_held(struct icc_engine *e);
void icc_engine_close_streams(struct icc_engine *e,
                              void (*recorded)(void *ctx, const char *name, const char *path),
                              void *ctx);

/* engine.c */
void icc_engine_post(struct icc_engine *e, const struct icc_engine_event *event);
void icc_engine_kick(struct icc_engine *e);

#ifdef IC_TEST_HOOKS
#include "testhook/testhook.h"
#endif

#endif

/* Raw sound and pictures in real time: from a file, a device or a test pattern, through GStreamer.
 *
 *     struct icc_source_config c = {.audio = "talk.wav", .video = "test:ball", .width = 640, ...};
 *     struct icc_source *s;
 *     IC_TRY(icc_source_open(&c, &s, why, sizeof why));
 *     ...
 *     icc_source_close(s);                       // joins its threads: no call comes after
 *
 * What a name may be:
 *     a path            WAV, Ogg, WebM, Matroska (whatever GStreamer's base and good plugins decode), Y4M
 *     mic, camera       the system's default device; where there is none, silence and a test picture
 *     test:tone:FREQ    a sine of FREQ Hz
 *     test:ticks        a short tone each second
 *     x11, x11:DISPLAY  the whole screen of an X server; $DISPLAY, or the named one
 *     test:PATTERN      a picture of videotestsrc: ball, smpte, snow, red, green, blue ...
 *
 * The callbacks come on threads of GStreamer, one for sound and one for pictures.
 */
#ifndef ICC_MEDIA_SOURCE_H
#define ICC_MEDIA_SOURCE_H

#include <ic/base/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ICC_AUDIO_RATE_HZ = 48000,
    ICC_AUDIO_FRAME = 960, /* samples of one 20 ms frame, one channel */
};

struct icc_picture { /* I420, planes borrowed for the call */
    const uint8_t *plane[3];
    int stride[3];
    int width, height;
};

struct icc_source_config {
    const char *audio; /* NULL: none */
    const char *video; /* NULL: none */
    bool screen;       /* the pictures are of a screen: it only goes by another name in on_end */
    bool loop;         /* files begin again at their end */
    int width, height, fps;
    void (*on_audio)(void *ctx, const int16_t pcm[ICC_AUDIO_FRAME]);
    void (*on_video)(void *ctx, const struct icc_picture *picture);
    /* May be NULL, as on_missing. A source failed or a file ended for good; kind is "audio", "video" or "screen", why a sentence. */
    void (*on_end)(void *ctx, const char *kind, const char *why);
    /* There is no such device: something else is sent in its place. Called by icc_source_open. */
    void (*on_missing)(void *ctx, const char *device, const char *instead);
    void *ctx;
};

struct icc_source;

/* Before anybody is met: whether a file can be read and decoded, whether there is such a test source. Devices
 * pass. IC_ERR_ARG, IC_ERR_NOT_FOUND, IC_ERR_UNSUPPORTED; why gets a sentence. */
ic_err icc_source_check(const char *name, bool video, char *why, size_t why_len);
/* IC_ERR_NOT_FOUND (no such file), IC_ERR_UNSUPPORTED (not decodable, no device): why gets a sentence. */
ic_err icc_source_open(const struct icc_source_config *c, struct icc_source **out, char *why,
                       size_t why_len);
void icc_source_close(struct icc_source *s);

#endif

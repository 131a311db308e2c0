/* ic-mediacheck [--sound] TONES FILE...
 *
 * Plays recordings from beginning to end, as fast as they decode, and says what is heard and seen in each,
 * one JSON object a file:
 *
 *     {"file", "audio_ms", "tone": 600, "tone_share": 0.98, "frames", "width", "height", "y", "u", "v"}
 *
 * TONES are frequencies in Hz, by commas. The sound is cut into pieces of 100 ms; tone is the frequency
 * that leads in most of them, tone_share the share of those pieces among the ones that hold any sound. A
 * frequency leads a piece when its bin holds more than half of the piece's energy. y, u, v are means over
 * all pictures. A file that does not decode has an "error" instead; with --sound, files hold sound alone.
 */
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 48000, PIECE = RATE / 10, TONES_MAX = 16, LOUD_MIN = 100 };

struct heard {
    double hz[TONES_MAX];
    size_t tones;
    int16_t piece[PIECE];
    size_t piece_len;
    uint64_t samples, loud, leads[TONES_MAX];
};

struct seen {
    uint64_t frames;
    double sum[3];
    int width, height;
};

struct check {
    pthread_mutex_t lock;
    struct heard heard;
    struct seen seen;
    bool sound_alone;
};

/* The part of the piece's energy that lies at hz: Goertzel's algorithm. */
static double share_at(const int16_t *pcm, double energy, double hz)
{
    double c = 2 * cos(2 * M_PI * hz / RATE), a = 0, b = 0;
    for (size_t i = 0; i < PIECE; i++) {
        double next = pcm[i] + c * a - b;
        b = a;
        a = next;
    }
    double power = a * a + b * b - c * a * b;
    return power / (energy * PIECE / 2);
}

static void weigh_piece(struct heard *h)
{
    double energy = 0;
    for (size_t i = 0; i < PIECE; i++)
        energy += (double)h->piece[i] * h->piece[i];
    if (energy < (double)PIECE * LOUD_MIN * LOUD_MIN)
        return;
    h->loud++;
    for (size_t i = 0; i < h->tones; i++)
        if (share_at(h->piece, energy, h->hz[i]) > 0.5)
            h->leads[i]++;
}

static void hear(struct heard *h, const int16_t *pcm, size_t n)
{
    h->samples += n;
    for (size_t i = 0; i < n; i++) {
        h->piece[h->piece_len++] = pcm[i];
        if (h->piece_len == PIECE) {
            weigh_piece(h);
            h->piece_len = 0;
        }
    }
}

static double mean_of(const GstVideoFrame *f, guint plane)
{
    const uint8_t *p = GST_VIDEO_FRAME_PLANE_DATA(f, plane);
    int w = GST_VIDEO_FRAME_COMP_WIDTH(f, plane), h = GST_VIDEO_FRAME_COMP_HEIGHT(f, plane);
    double sum = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            sum += p[(size_t)y * (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(f, plane) + (size_t)x];
    return sum / w / h;
}

static GstFlowReturn on_audio(GstAppSink *sink, gpointer user)
{
    struct check *c = user;
    GstMapInfo map;
    GstSample *s = gst_app_sink_pull_sample(sink);
    if (!s)
        return GST_FLOW_EOS;
    pthread_mutex_lock(&c->lock);
    if (gst_buffer_map(gst_sample_get_buffer(s), &map, GST_MAP_READ)) {
        hear(&c->heard, (const int16_t *)(const void *)map.data, map.size / sizeof(int16_t));
        gst_buffer_unmap(gst_sample_get_buffer(s), &map);
    }
    pthread_mutex_unlock(&c->lock);
    gst_sample_unref(s);
    return GST_FLOW_OK;
}

static GstFlowReturn on_video(GstAppSink *sink, gpointer user)
{
    struct check *c = user;
    GstVideoInfo info;
    GstVideoFrame f;
    GstSample *s = gst_app_sink_pull_sample(sink);
    if (!s)
        return GST_FLOW_EOS;
    pthread_mutex_lock(&c->lock);
    if (gst_video_info_from_caps(&info, gst_sample_get_caps(s)) &&
        gst_video_frame_map(&f, &info, gst_sample_get_buffer(s), GST_MAP_READ)) {
        for (guint i = 0; i < 3; i++)
            c->seen.sum[i] += mean_of(&f, i);
        c->seen.frames++;
        c->seen.width = info.width;
        c->seen.height = info.height;
        gst_video_frame_unmap(&f);
    }
    pthread_mutex_unlock(&c->lock);
    gst_sample_unref(s);
    return GST_FLOW_OK;
}

static void attach(GstElement *pipeline, const char *name,
                   GstFlowReturn (*call)(GstAppSink *, gpointer), struct check *c)
{
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), name);
    GstAppSinkCallbacks calls = {.new_sample = call};
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &calls, c, NULL);
    gst_object_unref(sink);
}

#define SOUND                                                                                      \
    "filesrc name=file ! matroskademux name=d "                                                    \
    "d.audio_0 ! queue ! opusdec ! audioconvert ! audioresample ! "                                \
    "audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1 ! "                         \
    "appsink name=audio sync=false "
#define PICTURES                                                                                   \
    "d.video_0 ! queue ! vp8dec ! videoconvert ! video/x-raw,format=I420 ! "                       \
    "appsink name=video sync=false"

static GstElement *open_file(const char *path, struct check *c)
{
    GstElement *p = gst_parse_launch(c->sound_alone ? SOUND : SOUND PICTURES, NULL);
    if (!p)
        return NULL;
    GstElement *file = gst_bin_get_by_name(GST_BIN(p), "file");
    g_object_set(file, "location", path, NULL);
    gst_object_unref(file);
    attach(p, "audio", on_audio, c);
    if (!c->sound_alone)
        attach(p, "video", on_video, c);
    return p;
}

static void play(const char *path, struct check *c, char *error, size_t error_len)
{
    GstElement *p = open_file(path, c);
    if (!p) {
        snprintf(error, error_len, "GStreamer lacks a decoder");
        return;
    }
    gst_element_set_state(p, GST_STATE_PLAYING);
    GstBus *bus = gst_element_get_bus(p);
    GstMessage *m =
        gst_bus_timed_pop_filtered(bus, 10 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    if (!m) {
        snprintf(error, error_len, "no end within 10 s: a track is missing");
    } else if (GST_MESSAGE_TYPE(m) == GST_MESSAGE_ERROR) {
        GError *e = NULL;
        gst_message_parse_error(m, &e, NULL);
        snprintf(error, error_len, "%s", e->message);
        g_error_free(e);
    }
    if (m)
        gst_message_unref(m);
    gst_object_unref(bus);
    gst_element_set_state(p, GST_STATE_NULL);
    gst_object_unref(p);
}

static json_t *result(const char *path, const struct check *c, const char *error)
{
    if (error[0])
        return json_pack("{s:s, s:s}", "file", path, "error", error);
    const struct heard *h = &c->heard;
    const struct seen *v = &c->seen;
    size_t best = 0;
    for (size_t i = 1; i < h->tones; i++)
        if (h->leads[i] > h->leads[best])
            best = i;
    double share = h->loud ? (double)h->leads[best] / (double)h->loud : 0;
    double n = v->frames ? (double)v->frames : 1;
    return json_pack("{s:s, s:I, s:f, s:f, s:I, s:i, s:i, s:f, s:f, s:f}", "file", path, "audio_ms",
                     (json_int_t)(h->samples / (RATE / 1000)), "tone",
                     share > 0 ? h->hz[best] : 0.0, "tone_share", share, "frames",
                     (json_int_t)v->frames, "width", v->width, "height", v->height, "y",
                     v->sum[0] / n, "u", v->sum[1] / n, "v", v->sum[2] / n);
}

static size_t parse_tones(char *text, double *hz)
{
    size_t n = 0;
    char *rest = NULL;
    for (char *t = strtok_r(text, ",", &rest); t && n < TONES_MAX; t = strtok_r(NULL, ",", &rest))
        hz[n++] = strtod(t, NULL);
    return n;
}

int main(int argc, char **argv)
{
    double hz[TONES_MAX];
    bool sound_alone = argc > 1 && strcmp(argv[1], "--sound") == 0;
    argc -= sound_alone;
    argv += sound_alone;
    size_t tones = argc > 2 ? parse_tones(argv[1], hz) : 0;
    if (tones == 0) {
        fputs("usage: ic-mediacheck [--sound] TONES FILE...\n", stderr);
        return 2;
    }
    gst_init(NULL, NULL);
    for (int i = 2; i < argc; i++) {
        struct check *c = calloc(1, sizeof *c);
        char error[200] = "";
        if (!c)
            return 2;
        pthread_mutex_init(&c->lock, NULL);
        memcpy(c->heard.hz, hz, sizeof hz);
        c->heard.tones = tones;
        c->sound_alone = sound_alone;
        play(argv[i], c, error, sizeof error);
        json_t *o = result(argv[i], c, error);
        json_dumpf(o, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(o);
        free(c);
    }
    return 0;
}

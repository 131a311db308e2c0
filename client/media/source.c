#include "source.h"

#include "y4m.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PREROLL_MAX (5 * GST_SECOND)

/* One pipeline: everything up to raw frames that fit our caps, paced by the clock. */
struct feed {
    struct icc_source *owner;
    const char *kind;
    GstElement *pipeline;
    GstElement *sink;
    struct icc_y4m *y4m;
    GThread *bus_thread;
    gint closing; /* atomic */
    bool rewind;
    int16_t pcm[ICC_AUDIO_FRAME]; /* what has not filled a frame yet */
    size_t pcm_len;
};

struct icc_source {
    struct icc_source_config c;
    struct feed audio;
    struct feed video;
};

static GstFlowReturn on_audio_sample(GstAppSink *sink, gpointer user)
{
    struct feed *f = user;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (!sample)
        return GST_FLOW_EOS;
    GstMapInfo map;
    if (gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
        size_t n = map.size / sizeof(int16_t);
        for (size_t at = 0; at < n;) {
            size_t take = ICC_AUDIO_FRAME - f->pcm_len;
            if (take > n - at)
                take = n - at;
            memcpy(f->pcm + f->pcm_len, map.data + at * sizeof(int16_t), take * sizeof(int16_t));
            f->pcm_len += take;
            at += take;
            if (f->pcm_len == ICC_AUDIO_FRAME) {
                f->owner->c.on_audio(f->owner->c.ctx, f->pcm);
                f->pcm_len = 0;
            }
        }
        gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    }
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

static GstFlowReturn on_video_sample(GstAppSink *sink, gpointer user)
{
    struct feed *f = user;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (!sample)
        return GST_FLOW_EOS;
    GstVideoInfo info;
    GstVideoFrame frame;
    if (gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) &&
        gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ)) {
        struct icc_picture p = {.width = info.width, .height = info.height};
        for (guint i = 0; i < 3; i++) {
            p.plane[i] = GST_VIDEO_FRAME_PLANE_DATA(&frame, i);
            p.stride[i] = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, i);
        }
        f->owner->c.on_video(f->owner->c.ctx, &p);
        gst_video_frame_unmap(&frame);
    }
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

static bool feed_again(struct feed *f)
{
    return gst_element_seek_simple(f->pipeline, GST_FORMAT_TIME,
                                   GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT, 0);
}

/* Waits for the end of the stream or an error: the pipeline's own threads must not stop it. */
static gpointer watch_bus(gpointer user)
{
    struct feed *f = user;
    GstBus *bus = gst_element_get_bus(f->pipeline);
    while (!g_atomic_int_get(&f->closing)) {
        GstMessage *m =
            gst_bus_timed_pop_filtered(bus, 100 * GST_MSECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
        if (!m)
            continue;
        bool eos = GST_MESSAGE_TYPE(m) == GST_MESSAGE_EOS;
        if (!(eos && f->rewind && feed_again(f))) {
            GError *e = NULL;
            if (!eos)
                gst_message_parse_error(m, &e, NULL);
            if (f->owner->c.on_end)
                f->owner->c.on_end(f->owner->c.ctx, f->kind, e ? e->message : "the file ended");
            g_clear_error(&e);
            gst_message_unref(m);
            break;
        }
        gst_message_unref(m);
    }
    gst_object_unref(bus);
    return NULL;
}

/* The pointer is in the picture: who looks, or controls, sees where it is. */
static const char *head_of_x11(const char *display, char *room, size_t len)
{
    for (const char *p = display; *p; p++)
        if (!g_ascii_isalnum(*p) && !strchr(":.-_/", *p))
            return "";
    snprintf(room, len, "ximagesrc use-damage=false show-pointer=true%s%.60s",
             *display ? " display-name=" : "", *display ? display + 1 : "");
    return room;
}

/* The head of the pipeline by the source's name; NULL for a file, which needs its path set; "" for a test
 * source that there is none of. */
static const char *head_of(const char *name, bool video, char *room, size_t len)
{
    if (strcmp(name, "mic") == 0)
        return "autoaudiosrc";
    if (strcmp(name, "camera") == 0)
        return "autovideosrc";
    if (video && (strcmp(name, "x11") == 0 || strncmp(name, "x11:", 4) == 0))
        return head_of_x11(name + 3, room, len);
    if (strncmp(name, "test:", 5) != 0)
        return NULL;
    if (!video && strcmp(name, "test:ticks") == 0)
        return "audiotestsrc is-live=true samplesperbuffer=960 wave=ticks volume=0.3";
    if (!video) {
        double hz = 440;
        int end = 0;
        bool tone = strcmp(name, "test:tone") == 0 ||
                    (sscanf(name, "test:tone:%lf%n", &hz, &end) == 1 && name[end] == 0);
        if (!tone || !(hz >= 20 && hz <= 20000))
            return "";
        snprintf(room, len, "audiotestsrc is-live=true samplesperbuffer=960 volume=0.4 freq=%.1f",
                 hz);
        return room;
    }
    for (const char *p = name + 5; *p; p++)
        if (!g_ascii_isalnum(*p) && *p != '-')
            return "";
    snprintf(room, len, "videotestsrc is-live=true pattern=%s", name + 5);
    return room;
}

static ic_err feed_prepare(struct feed *f, const char *name, bool video, char *why, size_t why_len)
{
    const struct icc_source_config *c = &f->owner->c;
    char room[160], text[640];
    const char *head = head_of(name, video, room, sizeof room);
    bool y4m = video && !head && g_str_has_suffix(name, ".y4m");
    if (head && !head[0]) {
        snprintf(why, why_len, "there is no test source %.60s: %s", name,
                 video ? "test:ball, test:smpte, test:snow" : "test:tone:440, test:ticks");
        return IC_ERR_ARG;
    }
    if (!head && access(name, R_OK) != 0) {
        snprintf(why, why_len, "cannot read %s", name);
        return IC_ERR_NOT_FOUND;
    }
    f->rewind = c->loop && !head && !y4m;
    if (!head)
        head = y4m ? "appsrc name=y4m format=time" : "filesrc name=file ! decodebin";
    if (video)
        snprintf(
            text, sizeof text,
            "%s ! videoconvert ! videoscale add-borders=true ! videorate ! "
            "video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1,pixel-aspect-ratio=1/1 ! "
            "appsink name=sink sync=true max-buffers=4 drop=true",
            head, c->width, c->height, c->fps);
    else
        snprintf(text, sizeof text,
                 "%s ! audioconvert ! audioresample ! "
                 "audio/x-raw,format=S16LE,layout=interleaved,rate=%d,channels=1 ! "
                 "appsink name=sink sync=true max-buffers=50",
                 head, ICC_AUDIO_RATE_HZ);
    GError *e = NULL;
    f->pipeline = gst_parse_launch(text, &e);
    if (!f->pipeline || e) {
        snprintf(why, why_len, "%s: %s", name, e ? e->message : "no pipeline");
        g_clear_error(&e);
        return IC_ERR_UNSUPPORTED;
    }
    GstElement *file = gst_bin_get_by_name(GST_BIN(f->pipeline), "file");
    if (file) {
        g_object_set(file, "location", name, NULL);
        gst_object_unref(file);
    }
    if (y4m) {
        GstElement *src = gst_bin_get_by_name(GST_BIN(f->pipeline), "y4m");
        ic_err err = icc_y4m_open(name, c->loop, src, &f->y4m);
        gst_object_unref(src);
        if (err != IC_OK) {
            snprintf(why, why_len, "%s is no Y4M file with 4:2:0 pictures", name);
            return err;
        }
    }
    return IC_OK;
}

static void tell_undecodable(struct feed *f, const char *name, char *why, size_t why_len)
{
    GstBus *bus = gst_element_get_bus(f->pipeline);
    GstMessage *m = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    GError *e = NULL;
    if (m)
        gst_message_parse_error(m, &e, NULL);
    snprintf(why, why_len, "%s: there is no %s in it that can be decoded%s%s%s", name,
             strcmp(f->kind, "audio") == 0 ? "sound" : "picture", e ? " (" : "",
             e ? e->message : "", e ? ")" : "");
    g_clear_error(&e);
    if (m)
        gst_message_unref(m);
    gst_object_unref(bus);
}

/* Up to paused, so that a file nobody can decode is an answer here and not an event later. */
static ic_err feed_preroll(struct feed *f, const char *name, bool video, char *why, size_t why_len)
{
    f->kind = !video ? "audio" : f->owner->c.screen ? "screen" : "video";
    IC_TRY(feed_prepare(f, name, video, why, why_len));
    gst_element_set_state(f->pipeline, GST_STATE_PAUSED);
    switch (gst_element_get_state(f->pipeline, NULL, NULL, PREROLL_MAX)) {
    case GST_STATE_CHANGE_SUCCESS:
    case GST_STATE_CHANGE_NO_PREROLL: /* live */
        return IC_OK;
    default:
        tell_undecodable(f, name, why, why_len);
        return IC_ERR_UNSUPPORTED;
    }
}

/* GStreamer's automatic sources become test sources without a word. A tone would be a nuisance to
 * everybody, so that one is silenced. */
static void look_for_missing(struct feed *f, bool video)
{
    const struct icc_source_config *c = &f->owner->c;
    GstElement *fake = gst_bin_get_by_name(GST_BIN(f->pipeline),
                                           video ? "fake-auto-video-src" : "fake-auto-audio-src");
    if (!fake)
        return;
    if (!video)
        g_object_set(fake, "volume", 0.0, NULL);
    if (c->on_missing)
        c->on_missing(c->ctx, video ? "camera" : "microphone",
                      video ? "a test picture is sent" : "silence is sent");
    gst_object_unref(fake);
}

static ic_err feed_start(struct feed *f, const char *name, bool video, char *why, size_t why_len)
{
    IC_TRY(feed_preroll(f, name, video, why, why_len));
    look_for_missing(f, video);
    f->sink = gst_bin_get_by_name(GST_BIN(f->pipeline), "sink");
    GstAppSinkCallbacks calls = {.new_sample = video ? on_video_sample : on_audio_sample};
    gst_app_sink_set_callbacks(GST_APP_SINK(f->sink), &calls, f, NULL);
    f->bus_thread = g_thread_new("icc-source", watch_bus, f);
    gst_element_set_state(f->pipeline, GST_STATE_PLAYING);
    return IC_OK;
}

static void feed_stop(struct feed *f)
{
    g_atomic_int_set(&f->closing, 1);
    if (f->bus_thread)
        g_thread_join(f->bus_thread);
    if (f->pipeline)
        gst_element_set_state(f->pipeline, GST_STATE_NULL);
    icc_y4m_close(f->y4m);
    if (f->sink)
        gst_object_unref(f->sink);
    if (f->pipeline)
        gst_object_unref(f->pipeline);
}

ic_err icc_source_check(const char *name, bool video, char *why, size_t why_len)
{
    gst_init(NULL, NULL);
    char room[160];
    bool test = strncmp(name, "test:", 5) == 0;
    if (!test && head_of(name, video, room, sizeof room))
        return IC_OK;
    struct icc_source s = {.c = {.width = 64, .height = 64, .fps = 10}};
    struct feed f = {.owner = &s};
    ic_err e = test ? feed_prepare(&f, name, video, why, why_len)
                    : feed_preroll(&f, name, video, why, why_len);
    feed_stop(&f);
    return e;
}

ic_err icc_source_open(const struct icc_source_config *c, struct icc_source **out, char *why,
                       size_t why_len)
{
    gst_init(NULL, NULL);
    struct icc_source *s = ic_new(struct icc_source);
    if (!s)
        return IC_ERR_NOMEM;
    s->c = *c;
    s->audio.owner = s->video.owner = s;
    ic_err e = IC_OK;
    if (c->audio)
        e = feed_start(&s->audio, c->audio, false, why, why_len);
    if (e == IC_OK && c->video)
        e = feed_start(&s->video, c->video, true, why, why_len);
    if (e != IC_OK) {
        icc_source_close(s);
        return e;
    }
    *out = s;
    return IC_OK;
}

void icc_source_close(struct icc_source *s)
{
    if (!s)
        return;
    feed_stop(&s->audio);
    feed_stop(&s->video);
    ic_free(s);
}

#include "record.h"

#include "codec.h"

#include <errno.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOUND_ALONE_MS = 1500, GAP_EVERY_MS = 500 };

/* RTP time of one stream, laid on the file's time line by when its first frame came. */
struct track {
    GstElement *src;
    bool begun;
    uint32_t last;  /* RTP */
    uint64_t ticks; /* since the first frame, unwrapped */
    uint32_t rate_hz;
    uint64_t start_ms; /* on the file's time line */
    uint64_t seen_ms;  /* when something was last written, a gap too */
    GstClockTime end;
};

struct icc_record {
    char path[512];
    GstElement *pipeline;
    bool has_video;
    bool failed;
    uint64_t first_ms; /* when the first frame came */
    bool seen;
    struct track audio, video;
};

ic_err icc_record_open(const char *dir, const char *name, struct icc_record **out)
{
    gst_init(NULL, NULL);
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return IC_ERR_IO;
    struct icc_record *r = ic_new(struct icc_record);
    if (!r)
        return IC_ERR_NOMEM;
    char plain[64] = "";
    for (size_t i = 0; name[i] && i < sizeof plain - 1; i++)
        plain[i] = g_ascii_isalnum(name[i]) || name[i] == '-' || name[i] == '_' ? name[i] : '_';
    for (int n = 1; n < 1000; n++) {
        if (n == 1)
            snprintf(r->path, sizeof r->path, "%s/%s.webm", dir, plain[0] ? plain : "participant");
        else
            snprintf(r->path, sizeof r->path, "%s/%s-%d.webm", dir,
                     plain[0] ? plain : "participant", n);
        FILE *f = fopen(r->path, "wxe"); /* claims the name, never somebody's file */
        if (!f && errno == EEXIST)
            continue;
        if (!f)
            break;
        fclose(f);
        r->audio.rate_hz = ICC_AUDIO_RATE_HZ;
        r->video.rate_hz = 90000;
        *out = r;
        return IC_OK;
    }
    ic_free(r);
    return IC_ERR_IO;
}

static GstCaps *opus_caps(void)
{
    /* OpusHead, RFC 7845 section 5.1: version 1, one channel, no pre-skip, 48 kHz, no gain, family 0. */
    static const uint8_t head[19] = {'O', 'p', 'u', 's', 'H', 'e',  'a',
                                     'd', 1,   1,   0,   0,   0x80, 0xbb};
    GstBuffer *b = gst_buffer_new_memdup(head, sizeof head);
    GstCaps *caps =
        gst_caps_new_simple("audio/x-opus", "rate", G_TYPE_INT, ICC_AUDIO_RATE_HZ, "channels",
                            G_TYPE_INT, 1, "channel-mapping-family", G_TYPE_INT, 0, NULL);
    GValue list = G_VALUE_INIT, item = G_VALUE_INIT;
    g_value_init(&list, GST_TYPE_ARRAY);
    g_value_init(&item, GST_TYPE_BUFFER);
    gst_value_set_buffer(&item, b);
    gst_value_array_append_value(&list, &item);
    gst_caps_set_value(caps, "streamheader", &list);
    g_value_unset(&item);
    g_value_unset(&list);
    gst_buffer_unref(b);
    return caps;
}

static ic_err start_file(struct icc_record *r, int width, int height)
{
    GError *e = NULL;
    r->has_video = width > 0;
    r->pipeline = gst_parse_launch(
        r->has_video
            ? "webmmux name=mux ! filesink name=file "
              "appsrc name=audio format=time ! mux.audio_0 "
              "appsrc name=video format=time ! mux.video_0"
            : "webmmux name=mux ! filesink name=file appsrc name=audio format=time ! mux.audio_0",
        &e);
    if (!r->pipeline || e) {
        g_clear_error(&e);
        return IC_ERR_UNSUPPORTED;
    }
    GstElement *file = gst_bin_get_by_name(GST_BIN(r->pipeline), "file");
    g_object_set(file, "location", r->path, NULL);
    gst_object_unref(file);
    r->audio.src = gst_bin_get_by_name(GST_BIN(r->pipeline), "audio");
    GstCaps *caps = opus_caps();
    gst_app_src_set_caps(GST_APP_SRC(r->audio.src), caps);
    gst_caps_unref(caps);
    if (r->has_video) {
        r->video.src = gst_bin_get_by_name(GST_BIN(r->pipeline), "video");
        caps = gst_caps_new_simple("video/x-vp8", "width", G_TYPE_INT, width, "height", G_TYPE_INT,
                                   height, "framerate", GST_TYPE_FRACTION, 0, 1, NULL);
        gst_app_src_set_caps(GST_APP_SRC(r->video.src), caps);
        gst_caps_unref(caps);
    }
    return gst_element_set_state(r->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE
               ? IC_ERR_IO
               : IC_OK;
}

static void track_time(struct icc_record *r, struct track *t, uint32_t timestamp, uint64_t now_ms)
{
    if (!t->begun) {
        t->begun = true;
        t->last = timestamp;
        t->start_ms = now_ms - r->first_ms;
    }
    int32_t step = (int32_t)(timestamp - t->last);
    if (step > 0) {
        /* A jump beyond ten seconds is a sender that began again, not a silence: time goes by our clock. */
        uint64_t max = (uint64_t)t->rate_hz * 10;
        t->ticks += (uint64_t)step > max ? t->rate_hz / 50 : (uint64_t)step;
        t->last = timestamp;
    } else if (step < -(int32_t)t->rate_hz) {
        t->last = timestamp;
        t->ticks += t->rate_hz / 50;
    }
}

static ic_err track_push(struct icc_record *r, struct track *t, struct ic_view frame, bool key,
                         GstClockTime duration, uint64_t now_ms)
{
    GstBuffer *b = gst_buffer_new_memdup(frame.p, frame.len);
    if (!b)
        return IC_ERR_NOMEM;
    GST_BUFFER_PTS(b) =
        t->start_ms * GST_MSECOND + gst_util_uint64_scale(t->ticks, GST_SECOND, t->rate_hz);
    GST_BUFFER_DURATION(b) = duration;
    t->end = GST_BUFFER_PTS(b) + (duration == GST_CLOCK_TIME_NONE ? 0 : duration);
    t->seen_ms = now_ms;
    if (!key)
        GST_BUFFER_FLAG_SET(b, GST_BUFFER_FLAG_DELTA_UNIT);
    if (gst_app_src_push_buffer(GST_APP_SRC(t->src), b) != GST_FLOW_OK) {
        r->failed = true;
        return IC_ERR_IO;
    }
    return IC_OK;
}

/* The muxer waits for both tracks: a silent one has to say that nothing comes. */
static void track_gap(struct icc_record *r, struct track *t, uint64_t now_ms)
{
    if (!t->src || now_ms < t->seen_ms + GAP_EVERY_MS)
        return;
    GstClockTime now = (now_ms - r->first_ms) * GST_MSECOND;
    if (now <= t->end)
        return;
    gst_element_send_event(t->src, gst_event_new_gap(t->end, now - t->end));
    t->end = now;
    t->seen_ms = now_ms;
}

static bool disk_failed(struct icc_record *r)
{
    if (r->failed || !r->pipeline)
        return r->failed;
    GstBus *bus = gst_element_get_bus(r->pipeline);
    GstMessage *m = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    if (m) {
        r->failed = true;
        gst_message_unref(m);
    }
    gst_object_unref(bus);
    return r->failed;
}

static void note_time(struct icc_record *r, uint64_t now_ms)
{
    if (!r->seen) {
        r->seen = true;
        r->first_ms = now_ms;
    }
}

ic_err icc_record_audio(struct icc_record *r, struct ic_view frame, uint32_t timestamp,
                        uint64_t now_ms)
{
    if (disk_failed(r))
        return IC_ERR_IO;
    note_time(r, now_ms);
    if (!r->pipeline) {
        if (now_ms - r->first_ms < SOUND_ALONE_MS)
            return IC_OK;
        r->first_ms = now_ms;
        IC_TRY(start_file(r, 0, 0));
    }
    track_time(r, &r->audio, timestamp, now_ms);
    IC_TRY(track_push(r, &r->audio, frame, true, 20 * GST_MSECOND, now_ms));
    track_gap(r, &r->video, now_ms);
    return IC_OK;
}

ic_err icc_record_video(struct icc_record *r, struct ic_view frame, uint32_t timestamp,
                        uint64_t now_ms)
{
    if (disk_failed(r))
        return IC_ERR_IO;
    int width = 0, height = 0;
    bool key = icc_vp8_key_size(frame, &width, &height);
    note_time(r, now_ms);
    if (!r->pipeline) {
        if (!key)
            return IC_OK;
        r->first_ms = now_ms;
        IC_TRY(start_file(r, width, height));
    }
    if (!r->has_video || (!r->video.begun && !key))
        return IC_OK;
    track_time(r, &r->video, timestamp, now_ms);
    IC_TRY(track_push(r, &r->video, frame, key, GST_CLOCK_TIME_NONE, now_ms));
    track_gap(r, &r->audio, now_ms);
    return IC_OK;
}

static void finish_file(struct icc_record *r)
{
    gst_app_src_end_of_stream(GST_APP_SRC(r->audio.src));
    if (r->video.src)
        gst_app_src_end_of_stream(GST_APP_SRC(r->video.src));
    GstBus *bus = gst_element_get_bus(r->pipeline);
    GstMessage *m =
        gst_bus_timed_pop_filtered(bus, 5 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    if (m)
        gst_message_unref(m);
    gst_object_unref(bus);
}

void icc_record_close(struct icc_record *r, char *path, size_t path_len)
{
    if (path_len)
        path[0] = 0;
    if (!r)
        return;
    if (r->pipeline) {
        if (!r->failed)
            finish_file(r);
        gst_element_set_state(r->pipeline, GST_STATE_NULL);
        gst_object_unref(r->audio.src);
        if (r->video.src)
            gst_object_unref(r->video.src);
        gst_object_unref(r->pipeline);
        if (path_len)
            snprintf(path, path_len, "%s", r->path);
    } else {
        unlink(r->path);
    }
    ic_free(r);
}

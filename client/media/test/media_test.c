#include "media/codec.h"
#include "media/record.h"
#include "media/source.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Goertzel: the share of the signal's energy that lies at one frequency, 0 to 1. */
static double share_at(const int16_t *pcm, size_t n, double hz)
{
    double w = 2 * M_PI * hz / ICC_AUDIO_RATE_HZ, c = 2 * cos(w), s1 = 0, s2 = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        double s = pcm[i] + c * s1 - s2;
        s2 = s1;
        s1 = s;
        all += (double)pcm[i] * pcm[i];
    }
    return all > 0 ? (s1 * s1 + s2 * s2 - c * s1 * s2) * 2 / ((double)n * all) : 0;
}

/* What a source gave in its first second and a half. */
struct heard {
    int16_t pcm[ICC_AUDIO_FRAME * 100];
    gint frames, pictures, ended;
    int width, height;
    struct icc_vp8_encoder *vp8;
    struct icc_opus_encoder *opus;
    struct icc_record *record;
    GMutex lock;
};

static void on_audio(void *ctx, const int16_t pcm[ICC_AUDIO_FRAME])
{
    struct heard *h = ctx;
    int n = g_atomic_int_get(&h->frames);
    if (n < 100)
        memcpy(h->pcm + n * ICC_AUDIO_FRAME, pcm, ICC_AUDIO_FRAME * sizeof *pcm);
    struct ic_view frame;
    if (h->record && icc_opus_encode(h->opus, pcm, &frame) == IC_OK) {
        g_mutex_lock(&h->lock);
        IC_IGNORE(icc_record_audio(h->record, frame, (uint32_t)n * ICC_AUDIO_FRAME,
                                   (uint64_t)g_get_monotonic_time() / 1000));
        g_mutex_unlock(&h->lock);
    }
    g_atomic_int_inc(&h->frames);
}

static void on_video(void *ctx, const struct icc_picture *p)
{
    struct heard *h = ctx;
    h->width = p->width;
    h->height = p->height;
    bool key = false;
    struct ic_view frame;
    int n = g_atomic_int_get(&h->pictures);
    if (h->record && icc_vp8_encode(h->vp8, p, n, &key, &frame) == IC_OK) {
        g_mutex_lock(&h->lock);
        IC_IGNORE(icc_record_video(h->record, frame, (uint32_t)n * 6000,
                                   (uint64_t)g_get_monotonic_time() / 1000));
        g_mutex_unlock(&h->lock);
    }
    g_atomic_int_inc(&h->pictures);
}

static void on_end(void *ctx, const char *kind, const char *why)
{
    (void)kind;
    (void)why;
    g_atomic_int_set(&((struct heard *)ctx)->ended, 1);
}

static bool wait_for(gint *what, int n)
{
    for (int i = 0; i < 6000 && g_atomic_int_get(what) < n; i++)
        g_usleep(10000);
    return g_atomic_int_get(what) >= n;
}

TEST(source_gives_tone_and_pictures)
{
    static struct heard h;
    struct icc_source_config c = {.audio = "test:tone:1000",
                                  .video = "test:ball",
                                  .width = 160,
                                  .height = 90,
                                  .fps = 15,
                                  .on_audio = on_audio,
                                  .on_video = on_video,
                                  .on_end = on_end,
                                  .ctx = &h};
    struct icc_source *s;
    char why[200];
    CHECK_OK(icc_source_open(&c, &s, why, sizeof why));
    CHECK(wait_for(&h.frames, 60));
    CHECK(wait_for(&h.pictures, 8));
    icc_source_close(s);
    CHECK_EQ_INT(h.width, 160);
    CHECK(share_at(h.pcm + 10 * ICC_AUDIO_FRAME, 40 * ICC_AUDIO_FRAME, 1000) > 0.9);
    CHECK(icc_audio_level(h.pcm + 20 * ICC_AUDIO_FRAME) < 30);
}

TEST(source_names_what_it_cannot_read)
{
    static struct heard h;
    struct icc_source_config c = {.audio = "/nowhere/at/all.wav", .on_audio = on_audio, .ctx = &h};
    struct icc_source *s = NULL;
    char why[200] = "";
    CHECK_ERR(icc_source_open(&c, &s, why, sizeof why), IC_ERR_NOT_FOUND);
    CHECK(strstr(why, "all.wav") != NULL);
    c.audio = "/etc/passwd";
    CHECK_ERR(icc_source_open(&c, &s, why, sizeof why), IC_ERR_UNSUPPORTED);
}

static void write_y4m(const char *path)
{
    FILE *f = fopen(path, "wb");
    fprintf(f, "YUV4MPEG2 W30 H18 F10:1 C420jpeg\n");
    for (int n = 0; n < 5; n++) {
        fprintf(f, "FRAME\n");
        for (int i = 0; i < 30 * 18 + 2 * 15 * 9; i++)
            fputc(16 + n * 40, f);
    }
    fclose(f);
}

TEST(source_knows_its_test_sources)
{
    static const char *const sounds[] = {
        "test:", "test:foo", "test:tone:", "test:tone:1x", "test:tone:5", "test:tone:nan"};
    struct icc_source *s = NULL;
    char why[200] = "";
    for (size_t i = 0; i < sizeof sounds / sizeof *sounds; i++) {
        struct icc_source_config c = {.audio = sounds[i]};
        CHECK_ERR(icc_source_open(&c, &s, why, sizeof why), IC_ERR_ARG);
        CHECK(strstr(why, "test:tone:440") != NULL);
    }
    struct icc_source_config c = {.video = "test:a b ! fakesink"};
    CHECK_ERR(icc_source_open(&c, &s, why, sizeof why), IC_ERR_ARG);
    CHECK(s == NULL);
    CHECK_ERR(icc_source_check("test:foo", false, why, sizeof why), IC_ERR_ARG);
    CHECK(icc_source_check("test:nosuch", true, why, sizeof why) != IC_OK);
    CHECK_OK(icc_source_check("test:ball", true, why, sizeof why));
    CHECK_OK(icc_source_check("test:tone", false, why, sizeof why));
}

TEST(source_plays_y4m_again_and_again)
{
    char path[] = "/tmp/icc-XXXXXX.y4m";
    int fd = mkstemps(path, 4);
    CHECK(fd >= 0);
    close(fd);
    write_y4m(path);
    static struct heard h;
    struct icc_source_config c = {.video = path,
                                  .width = 64,
                                  .height = 36,
                                  .fps = 10,
                                  .loop = true,
                                  .on_video = on_video,
                                  .on_end = on_end,
                                  .ctx = &h};
    struct icc_source *s;
    char why[200] = "";
    CHECK_OK(icc_source_open(&c, &s, why, sizeof why));
    CHECK(wait_for(&h.pictures, 12)); /* more than the file has */
    icc_source_close(s);
    CHECK_EQ_INT(h.ended, 0);
    unlink(path);
}

TEST(opus_carries_a_tone)
{
    struct icc_opus_encoder *e;
    struct icc_opus_decoder *d;
    CHECK_OK(icc_opus_encoder_new(48000, &e));
    CHECK_OK(icc_opus_decoder_new(&d));
    static int16_t in[50 * ICC_AUDIO_FRAME], back[50 * ICC_AUDIO_FRAME + 5760];
    size_t at = 0, len = 0;
    for (size_t i = 0; i < IC_ARRAY_LEN(in); i++)
        in[i] = (int16_t)(8000 * sin(2 * M_PI * 700 * (double)i / ICC_AUDIO_RATE_HZ));
    for (size_t f = 0; f < 50; f++) {
        struct ic_view frame;
        size_t n;
        CHECK_OK(icc_opus_encode(e, in + f * ICC_AUDIO_FRAME, &frame));
        CHECK(f == 0 || frame.len == len); /* constant rate: sizes tell nothing */
        len = frame.len;
        CHECK_OK(icc_opus_decode(d, frame, back + at, 5760, &n));
        at += n;
    }
    CHECK_EQ_INT(at, 50 * ICC_AUDIO_FRAME);
    CHECK(share_at(back + 10 * ICC_AUDIO_FRAME, 30 * ICC_AUDIO_FRAME, 700) > 0.9);
    icc_opus_encoder_free(e);
    icc_opus_decoder_free(d);
}

TEST(opus_refuses_garbage)
{
    struct icc_opus_decoder *d;
    int16_t pcm[5760];
    size_t n;
    CHECK_OK(icc_opus_decoder_new(&d));
    CHECK_ERR(icc_opus_decode(d, IC_VIEW_STR("\xff\xff\xff\xff"), pcm, 5760, &n), IC_ERR_MALFORMED);
    icc_opus_decoder_free(d);
}

TEST(vp8_makes_key_frames_on_demand)
{
    struct icc_vp8_encoder *e;
    struct icc_vp8_decoder *d;
    CHECK_OK(icc_vp8_encoder_new(64, 48, 15, 100000, &e));
    CHECK_OK(icc_vp8_decoder_new(&d));
    static uint8_t y[64 * 48], u[32 * 24], v[32 * 24];
    memset(y, 200, sizeof y);
    memset(u, 90, sizeof u);
    memset(v, 160, sizeof v);
    struct icc_picture p = {{y, u, v}, {64, 32, 32}, 64, 48}, got;
    for (int i = 0; i < 6; i++) {
        bool key = i == 4;
        struct ic_view frame;
        int w = 0, h = 0;
        CHECK_OK(icc_vp8_encode(e, &p, i, &key, &frame));
        CHECK_EQ_INT(key, i == 0 || i == 4);
        CHECK_EQ_INT(icc_vp8_key_size(frame, &w, &h), key);
        CHECK(!key || (w == 64 && h == 48));
        CHECK_OK(icc_vp8_decode(d, frame, &got));
        CHECK(abs(got.plane[0][0] - 200) < 6 && got.width == 64);
    }
    icc_vp8_encoder_free(e);
    icc_vp8_decoder_free(d);
}

/* Decodes one kind of track of a file and counts its bytes; pcm keeps the first sound. */
static size_t decode_track(const char *path, bool video, int16_t *pcm, size_t room)
{
    gchar *text = g_strdup_printf(
        "filesrc location=%s ! decodebin name=d  d. ! %s ! appsink name=sink sync=false", path,
        video ? "videoconvert ! video/x-raw,format=I420"
              : "audioconvert ! audioresample ! "
                "audio/x-raw,format=S16LE,rate=48000,channels=1");
    GstElement *pipe = gst_parse_launch(text, NULL);
    g_free(text);
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipe), "sink");
    gst_element_set_state(pipe, GST_STATE_PLAYING);
    size_t total = 0;
    for (GstSample *s; (s = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), 60 * GST_SECOND));) {
        GstMapInfo map;
        gst_buffer_map(gst_sample_get_buffer(s), &map, GST_MAP_READ);
        if (pcm && total / 2 + map.size / 2 <= room)
            memcpy((uint8_t *)pcm + total, map.data, map.size);
        total += map.size;
        gst_buffer_unmap(gst_sample_get_buffer(s), &map);
        gst_sample_unref(s);
    }
    gst_element_set_state(pipe, GST_STATE_NULL);
    gst_object_unref(sink);
    gst_object_unref(pipe);
    return total;
}

TEST(recording_plays_back_its_tone_and_picture)
{
    char dir[] = "/tmp/icc-rec-XXXXXX";
    CHECK(mkdtemp(dir) != NULL);
    static struct heard h;
    CHECK_OK(icc_opus_encoder_new(48000, &h.opus));
    CHECK_OK(icc_vp8_encoder_new(160, 90, 15, 200000, &h.vp8));
    CHECK_OK(icc_record_open(dir, "Ana / ../x", &h.record));
    struct icc_source_config c = {.audio = "test:tone:600",
                                  .video = "test:smpte",
                                  .width = 160,
                                  .height = 90,
                                  .fps = 15,
                                  .on_audio = on_audio,
                                  .on_video = on_video,
                                  .on_end = on_end,
                                  .ctx = &h};
    struct icc_source *s;
    char why[200], path[300];
    CHECK_OK(icc_source_open(&c, &s, why, sizeof why));
    CHECK(wait_for(&h.frames, 100));
    CHECK(wait_for(&h.pictures, 15));
    icc_source_close(s);
    icc_record_close(h.record, path, sizeof path);
    CHECK(strstr(path, "Ana______x.webm") != NULL);
    static int16_t pcm[48000];
    CHECK(decode_track(path, false, pcm, IC_ARRAY_LEN(pcm)) > 48000);
    CHECK(share_at(pcm + 9600, 24000, 600) > 0.9);
    CHECK(decode_track(path, true, NULL, 0) > 10 * 160 * 90 * 3 / 2);
    unlink(path);
    rmdir(dir);
    icc_opus_encoder_free(h.opus);
    icc_vp8_encoder_free(h.vp8);
}

TEST(recording_of_sound_alone)
{
    char dir[] = "/tmp/icc-rec-XXXXXX";
    CHECK(mkdtemp(dir) != NULL);
    struct icc_record *r;
    struct icc_opus_encoder *e;
    CHECK_OK(icc_opus_encoder_new(48000, &e));
    CHECK_OK(icc_record_open(dir, "", &r));
    int16_t pcm[ICC_AUDIO_FRAME] = {0};
    struct ic_view frame;
    for (uint32_t i = 0; i < 200; i++) {
        CHECK_OK(icc_opus_encode(e, pcm, &frame));
        CHECK_OK(icc_record_audio(r, frame, i * ICC_AUDIO_FRAME, 1000 + i * 20));
    }
    char path[300];
    icc_record_close(r, path, sizeof path);
    CHECK(path[0] != 0);
    CHECK(decode_track(path, false, NULL, 0) > 48000);
    unlink(path);
    rmdir(dir);
    icc_opus_encoder_free(e);
}

#include "play.h"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <ic/base/mem.h>

struct icc_play {
    GstElement *pipeline;
    GstElement *src[ICC_PLAY_SLOTS];
};

struct icc_play *icc_play_open(void)
{
    gst_init(NULL, NULL);
    struct icc_play *p = ic_new(struct icc_play);
    if (!p)
        return NULL;
    GString *text =
        g_string_new("audiomixer name=mix latency=40000000 ! audioconvert ! audioresample ! "
                     "autoaudiosink sync=false ");
    for (int i = 0; i < ICC_PLAY_SLOTS; i++)
        g_string_append_printf(
            text,
            "appsrc name=s%d is-live=true do-timestamp=true format=time max-bytes=48000 "
            "leaky-type=downstream "
            "caps=audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1 "
            "! queue leaky=downstream max-size-time=400000000 ! mix. ",
            i);
    GError *e = NULL;
    p->pipeline = gst_parse_launch(text->str, &e);
    g_string_free(text, TRUE);
    if (e || !p->pipeline ||
        gst_element_set_state(p->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        g_clear_error(&e);
        icc_play_close(p);
        return NULL;
    }
    GstElement *fake = gst_bin_get_by_name(GST_BIN(p->pipeline), "fake-audio-sink");
    if (fake) { /* no loudspeaker: nothing is mixed for nobody */
        gst_object_unref(fake);
        icc_play_close(p);
        return NULL;
    }
    for (int i = 0; i < ICC_PLAY_SLOTS; i++) {
        char name[8];
        g_snprintf(name, sizeof name, "s%d", i);
        p->src[i] = gst_bin_get_by_name(GST_BIN(p->pipeline), name);
    }
    return p;
}

void icc_play_close(struct icc_play *p)
{
    if (!p)
        return;
    if (p->pipeline)
        gst_element_set_state(p->pipeline, GST_STATE_NULL);
    for (int i = 0; i < ICC_PLAY_SLOTS; i++)
        if (p->src[i])
            gst_object_unref(p->src[i]);
    if (p->pipeline)
        gst_object_unref(p->pipeline);
    ic_free(p);
}

void icc_play_push(struct icc_play *p, size_t slot, const int16_t *pcm, size_t samples)
{
    if (!p || slot >= ICC_PLAY_SLOTS || samples == 0)
        return;
    GstBuffer *b = gst_buffer_new_memdup(pcm, samples * sizeof *pcm);
    if (b)
        gst_app_src_push_buffer(GST_APP_SRC(p->src[slot]), b); /* a full queue drops its oldest */
}

#include "y4m.h"

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { SIDE_MAX = 8192, RATE_MAX = 240 };

struct icc_y4m {
    FILE *file;
    bool loop;
    GstElement *src;
    long first; /* offset of the first FRAME */
    struct icc_y4m_header h;
    GstClockTime at;
};

ic_err icc_y4m_header_read(FILE *file, struct icc_y4m_header *out)
{
    struct icc_y4m_header h = {.num = 25, .den = 1};
    char line[512];
    if (!fgets(line, sizeof line, file) || strncmp(line, "YUV4MPEG2 ", 10) != 0)
        return IC_ERR_MALFORMED;
    for (char *save = NULL, *t = strtok_r(line + 10, " \n", &save); t;
         t = strtok_r(NULL, " \n", &save)) {
        bool ok = true;
        if (t[0] == 'W')
            ok = sscanf(t + 1, "%5d", &h.width) == 1;
        else if (t[0] == 'H')
            ok = sscanf(t + 1, "%5d", &h.height) == 1;
        else if (t[0] == 'F')
            ok = sscanf(t + 1, "%9d:%9d", &h.num, &h.den) == 2;
        else if (t[0] == 'C')
            ok = strncmp(t + 1, "420", 3) == 0 && strstr(t, "p1") == NULL;
        if (!ok)
            return IC_ERR_UNSUPPORTED;
    }
    if (h.width < 2 || h.width > SIDE_MAX || h.height < 2 || h.height > SIDE_MAX || h.num < 1 ||
        h.den < 1 || h.num / h.den > RATE_MAX)
        return IC_ERR_RANGE;
    *out = h;
    return IC_OK;
}

/* One picture: its rows are tightly packed in the file, and padded as GStreamer wants them here. */
static GstBuffer *read_picture(struct icc_y4m *y)
{
    char line[128];
    if (!fgets(line, sizeof line, y->file) || strncmp(line, "FRAME", 5) != 0)
        return NULL;
    GstVideoInfo info;
    if (!gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, (guint)y->h.width,
                                   (guint)y->h.height))
        return NULL;
    GstBuffer *b = gst_buffer_new_allocate(NULL, GST_VIDEO_INFO_SIZE(&info), NULL);
    GstMapInfo map;
    if (!b)
        return NULL;
    if (!gst_buffer_map(b, &map, GST_MAP_WRITE)) {
        gst_buffer_unref(b);
        return NULL;
    }
    memset(map.data, 0, map.size);
    bool ok = true;
    for (guint i = 0; ok && i < 3; i++) {
        size_t width = (size_t)GST_VIDEO_INFO_COMP_WIDTH(&info, i);
        uint8_t *row = map.data + GST_VIDEO_INFO_PLANE_OFFSET(&info, i);
        for (int r = 0; ok && r < GST_VIDEO_INFO_COMP_HEIGHT(&info, i); r++) {
            ok = fread(row, 1, width, y->file) == width;
            row += GST_VIDEO_INFO_PLANE_STRIDE(&info, i);
        }
    }
    gst_buffer_unmap(b, &map);
    if (ok)
        return b;
    gst_buffer_unref(b);
    return NULL;
}

static void on_need_data(GstAppSrc *src, guint length, gpointer user)
{
    (void)length;
    struct icc_y4m *y = user;
    GstBuffer *b = read_picture(y);
    if (!b && y->loop && fseek(y->file, y->first, SEEK_SET) == 0)
        b = read_picture(y);
    if (!b) {
        gst_app_src_end_of_stream(src);
        return;
    }
    GST_BUFFER_PTS(b) = y->at;
    GST_BUFFER_DURATION(b) =
        gst_util_uint64_scale(GST_SECOND, (guint64)y->h.den, (guint64)y->h.num);
    y->at += GST_BUFFER_DURATION(b);
    gst_app_src_push_buffer(src, b);
}

ic_err icc_y4m_open(const char *path, bool loop, GstElement *appsrc, struct icc_y4m **out)
{
    struct icc_y4m *y = ic_new(struct icc_y4m);
    if (!y)
        return IC_ERR_NOMEM;
    y->loop = loop;
    y->file = fopen(path, "rb");
    ic_err e = y->file ? icc_y4m_header_read(y->file, &y->h) : IC_ERR_NOT_FOUND;
    y->first = e == IC_OK ? ftell(y->file) : -1;
    if (e == IC_OK && y->first < 0)
        e = IC_ERR_IO;
    if (e != IC_OK) {
        icc_y4m_close(y);
        return e;
    }
    y->src = gst_object_ref(appsrc);
    GstCaps *caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width",
                                        G_TYPE_INT, y->h.width, "height", G_TYPE_INT, y->h.height,
                                        "framerate", GST_TYPE_FRACTION, y->h.num, y->h.den, NULL);
    gst_app_src_set_caps(GST_APP_SRC(appsrc), caps);
    gst_caps_unref(caps);
    g_object_set(appsrc, "max-bytes",
                 (guint64)y->h.width * (guint64)y->h.height * 6 /* four pictures */, NULL);
    GstAppSrcCallbacks calls = {.need_data = on_need_data};
    gst_app_src_set_callbacks(GST_APP_SRC(appsrc), &calls, y, NULL);
    *out = y;
    return IC_OK;
}

void icc_y4m_close(struct icc_y4m *y)
{
    if (!y)
        return;
    if (y->src)
        gst_object_unref(y->src);
    if (y->file)
        fclose(y->file);
    ic_free(y);
}

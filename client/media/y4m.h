/* YUV4MPEG2 files into an appsrc: GStreamer's own reader is not in its base and good plugins. */
#ifndef ICC_MEDIA_Y4M_H
#define ICC_MEDIA_Y4M_H

#include <gst/gst.h>
#include <ic/base/err.h>
#include <stdbool.h>
#include <stdio.h>

struct icc_y4m;

struct icc_y4m_header {
    int width, height; /* 2 to 8192 */
    int num, den;      /* pictures a second, at most 240 */
};

/* The first line, up to the first picture. IC_ERR_MALFORMED, IC_ERR_UNSUPPORTED, IC_ERR_RANGE. */
ic_err icc_y4m_header_read(FILE *file, struct icc_y4m_header *out);

/* Feeds the appsrc on its demand; loop: from the first picture on again, time going on.
 * IC_ERR_NOT_FOUND, IC_ERR_MALFORMED, IC_ERR_UNSUPPORTED (not 4:2:0), IC_ERR_RANGE, IC_ERR_IO. */
ic_err icc_y4m_open(const char *path, bool loop, GstElement *appsrc, struct icc_y4m **out);
/* After the pipeline has stopped. Accepts NULL. */
void icc_y4m_close(struct icc_y4m *y);

#endif

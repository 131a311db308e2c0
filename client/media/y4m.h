/* YUV4MPEG2 files into an appsrc: GStreamer's own reader is not in its base and good plugins. */
#ifndef ICC_MEDIA_Y4M_H
#define ICC_MEDIA_Y4M_H

#include <gst/gst.h>
#include <ic/base/err.h>
#include <stdbool.h>

struct icc_y4m;

/* Feeds the appsrc on its demand; loop: from the first picture on again, time going on.
 * IC_ERR_NOT_FOUND, IC_ERR_MALFORMED, IC_ERR_UNSUPPORTED (not 4:2:0), IC_ERR_RANGE, IC_ERR_IO. */
ic_err icc_y4m_open(const char *path, bool loop, GstElement *appsrc, struct icc_y4m **out);
/* After the pipeline has stopped. Accepts NULL. */
void icc_y4m_close(struct icc_y4m *y);

#endif

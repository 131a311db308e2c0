/* Annotation inside. */
#ifndef IC_TOGETHER_SRC_ANNOTATE_H
#define IC_TOGETHER_SRC_ANNOTATE_H

#include <ic/base/reader.h>
#include <ic/together/annotate.h>

enum { ANNOT_VERSION = 1, ANNOT_COLOURS = 10, ANNOT_WIDTH_MAX = 32 };
enum { ANNOT_STROKE = 1, ANNOT_CLEAR, ANNOT_SWITCH };

struct annot_body {
    uint8_t what;
    uint64_t target;
    bool on;
    struct ic_together_annot_stroke stroke;
};

/* *out is not to be used after a failure. */
ic_err ic_together_annot_body_read(struct ic_view body, struct annot_body *out);

#endif

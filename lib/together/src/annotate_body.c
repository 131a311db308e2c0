/* The bodies of kind 35. */
#include "annotate.h"

#include <ic/base/writer.h>

static void head(struct ic_writer *w, uint8_t what, uint64_t target)
{
    ic_write_u8(w, ANNOT_VERSION);
    ic_write_u8(w, what);
    ic_write_u64(w, target);
}

ic_err ic_together_annot_stroke_encode(const struct ic_together_annot_stroke *s, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    if (s->colour >= ANNOT_COLOURS || s->width < 1 || s->width > ANNOT_WIDTH_MAX || s->keep > 1 ||
        s->count < 1 || s->count > IC_TOGETHER_ANNOT_POINTS)
        return IC_ERR_RANGE;
    head(&w, ANNOT_STROKE, s->target);
    ic_write_u32(&w, s->number);
    ic_write_u8(&w, s->colour);
    ic_write_u8(&w, s->width);
    ic_write_u8(&w, s->keep);
    ic_write_u16(&w, (uint16_t)s->count);
    for (size_t i = 0; i < s->count; i++) {
        ic_write_u16(&w, s->points[i][0]);
        ic_write_u16(&w, s->points[i][1]);
    }
    return ic_writer_end(&w);
}

ic_err ic_together_annot_clear_encode(uint64_t target, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    head(&w, ANNOT_CLEAR, target);
    return ic_writer_end(&w);
}

ic_err ic_together_annot_switch_encode(uint64_t target, bool on, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    head(&w, ANNOT_SWITCH, target);
    ic_write_u8(&w, on);
    return ic_writer_end(&w);
}

static void read_stroke(struct ic_reader *r, struct ic_together_annot_stroke *s)
{
    s->number = ic_read_u32(r);
    s->colour = ic_read_u8(r);
    s->width = ic_read_u8(r);
    s->keep = ic_read_u8(r);
    s->count = ic_read_u16(r);
    if (r->err == IC_OK &&
        (s->colour >= ANNOT_COLOURS || s->width < 1 || s->width > ANNOT_WIDTH_MAX || s->keep > 1 ||
         s->count < 1 || s->count > IC_TOGETHER_ANNOT_POINTS))
        ic_reader_fail(r, IC_ERR_RANGE);
    for (size_t i = 0; r->err == IC_OK && i < s->count; i++) {
        s->points[i][0] = ic_read_u16(r);
        s->points[i][1] = ic_read_u16(r);
    }
}

ic_err ic_together_annot_body_read(struct ic_view body, struct annot_body *out)
{
    struct ic_reader r = ic_reader(body);
    uint8_t version = ic_read_u8(&r);
    out->what = ic_read_u8(&r);
    out->target = ic_read_u64(&r);
    if (r.err == IC_OK && version != ANNOT_VERSION)
        return IC_ERR_UNSUPPORTED;
    if (out->what == ANNOT_STROKE) {
        read_stroke(&r, &out->stroke);
    } else if (out->what == ANNOT_SWITCH) {
        uint8_t on = ic_read_u8(&r);
        if (on > 1)
            ic_reader_fail(&r, IC_ERR_RANGE);
        out->on = on;
    } else if (out->what != ANNOT_CLEAR) {
        ic_reader_fail(&r, IC_ERR_RANGE);
    }
    return ic_reader_end(&r);
}

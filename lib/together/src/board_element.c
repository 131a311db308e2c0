/* One element: its bounds, its bytes. */
#include "board.h"

#include <string.h>

enum { STEP = 4 }; /* bytes of a step of a stroke: two 16-bit numbers */

/* ---- what may be ---- */

static bool in_field(int64_t v)
{
    return v >= -IC_TOGETHER_BOARD_FIELD && v <= IC_TOGETHER_BOARD_FIELD;
}

static bool box_ok(const struct ic_together_board_element *e)
{
    bool ends = in_field((int64_t)e->x + e->w) && in_field((int64_t)e->y + e->h);
    bool line = e->type == IC_TOGETHER_LINE_SHAPE || e->type == IC_TOGETHER_ARROW;
    bool sized = e->type == IC_TOGETHER_PEN ? e->w == 0 && e->h == 0 : e->w >= 0 && e->h >= 0;
    return in_field(e->x) && in_field(e->y) && in_field(e->w) && in_field(e->h) && ends &&
           (line || sized);
}

/* Text of several lines: line feeds, and no other control. */
static bool text_ok(struct ic_view v)
{
    if (v.len > IC_TOGETHER_BOARD_TEXT)
        return false;
    for (size_t from = 0, i = 0; i <= v.len; i++) {
        if (i < v.len && v.p[i] != '\n')
            continue;
        if (!ic_view_is_text(ic_view_sub(v, from, i - from)))
            return false;
        from = i + 1;
    }
    return true;
}

static bool begins(struct ic_view v, struct ic_view with)
{
    return v.len >= with.len && ic_view_equal(ic_view_sub(v, 0, with.len), with);
}

const char *ic_together_board_image_type(struct ic_view data)
{
    if (begins(data, IC_VIEW_STR("\x89PNG\r\n\x1a\n")))
        return "image/png";
    if (begins(data, IC_VIEW_STR("\xff\xd8\xff")))
        return "image/jpeg";
    if (data.len > 12 && begins(data, IC_VIEW_STR("RIFF")) && memcmp(data.p + 8, "WEBP", 4) == 0)
        return "image/webp";
    return NULL;
}

static int32_t step_at(const uint8_t *p)
{
    return (int16_t)ic_load_u16(p);
}

bool ic_together_board_point(const struct ic_together_board_element *e, size_t i, int32_t at[2])
{
    if (i >= e->data.len / STEP)
        return false;
    if (i == 0) {
        at[0] = e->x;
        at[1] = e->y;
    }
    at[0] += step_at(e->data.p + i * STEP);
    at[1] += step_at(e->data.p + i * STEP + 2);
    return true;
}

static bool points_ok(const struct ic_together_board_element *e)
{
    size_t n = e->data.len / STEP;
    int32_t at[2];
    if (e->data.len % STEP != 0 || n < 1 || n > IC_TOGETHER_BOARD_POINTS)
        return false;
    for (size_t i = 0; i < n; i++) {
        ic_together_board_point(e, i, at);
        if (!in_field(at[0]) || !in_field(at[1]))
            return false;
    }
    return true;
}

const char *ic_together_board_element_fault(const struct ic_together_board_element *e)
{
    bool lettered = e->type == IC_TOGETHER_TEXT || e->type == IC_TOGETHER_NOTE;
    if (e->type < IC_TOGETHER_PEN || e->type > IC_TOGETHER_IMAGE ||
        e->colour >= IC_TOGETHER_BOARD_COLOURS || e->fill > 1 || e->id.number == 0)
        return "board-element";
    if (lettered ? e->width < 8 || e->width > 128 : e->width < 1 || e->width > 64)
        return "board-element";
    if (!box_ok(e))
        return "board-field";
    if (e->type == IC_TOGETHER_PEN)
        return points_ok(e) ? NULL : "board-points";
    if (lettered)
        return text_ok(e->data) ? NULL : "board-text";
    if (e->type == IC_TOGETHER_IMAGE)
        return e->data.len <= IC_TOGETHER_BOARD_IMAGE && ic_together_board_image_type(e->data)
                   ? NULL
                   : "board-image";
    return e->data.len == 0 ? NULL : "board-element";
}

/* ---- bytes ---- */

void ic_together_board_id_write(struct ic_writer *w, struct ic_together_board_id id)
{
    ic_write_u64(w, id.author);
    ic_write_u64(w, id.number);
}

struct ic_together_board_id ic_together_board_id_read(struct ic_reader *r)
{
    struct ic_together_board_id id;
    id.author = ic_read_u64(r);
    id.number = ic_read_u64(r);
    return id;
}

void ic_together_board_element_write(struct ic_writer *w, const struct ic_together_board_element *e)
{
    ic_together_board_id_write(w, e->id);
    ic_write_u8(w, e->type);
    ic_write_u8(w, e->colour);
    ic_write_u8(w, e->fill);
    ic_write_u8(w, e->width);
    const int32_t numbers[] = {e->z, e->x, e->y, e->w, e->h};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        ic_write_u32(w, (uint32_t)numbers[i]);
    ic_write_vec(w, e->data);
}

void ic_together_board_element_read(struct ic_reader *r, struct ic_together_board_element *e)
{
    e->id = ic_together_board_id_read(r);
    e->type = ic_read_u8(r);
    e->colour = ic_read_u8(r);
    e->fill = ic_read_u8(r);
    e->width = ic_read_u8(r);
    int32_t *numbers[] = {&e->z, &e->x, &e->y, &e->w, &e->h};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        *numbers[i] = (int32_t)ic_read_u32(r);
    e->data = ic_read_vec(r, IC_TOGETHER_BOARD_IMAGE);
}

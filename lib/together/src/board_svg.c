/* The board as an SVG picture that stands alone: shapes, escaped text, images within it; no script, no style
 * sheet, nothing from outside. The page draws with the same numbers (web/app/src/board/draw.ts). */
#include "board.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { UNIT = 8, MARGIN = 16 * UNIT, EMPTY_W = 640 * UNIT, EMPTY_H = 360 * UNIT };

static const struct {
    const char *ink, *tint;
} palette[IC_TOGETHER_BOARD_COLOURS] = {
    {"#1f2933", "#eceff2"}, {"#6b7280", "#e5e7eb"}, {"#c8321f", "#fbdcd6"}, {"#b85c00", "#ffe3c2"},
    {"#8a6d00", "#fff3b0"}, {"#1c7c3a", "#d3f2dc"}, {"#0b7285", "#d0eff4"}, {"#1f5fbf", "#d7e6fb"},
    {"#6b3fa0", "#e8dcf7"}, {"#b3246b", "#fbd9e9"},
};

struct svg {
    struct ic_buf *out;
    ic_err err;
};

static void put(struct svg *s, struct ic_view v)
{
    if (s->err == IC_OK)
        s->err = ic_buf_append(s->out, v);
}

__attribute__((format(printf, 2, 3))) static void say(struct svg *s, const char *format, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    put(s, ic_view(line, n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1));
}

static void escape(struct svg *s, struct ic_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        uint8_t c = v.p[i];
        const char *as = c == '&'    ? "&amp;"
                         : c == '<'  ? "&lt;"
                         : c == '>'  ? "&gt;"
                         : c == '"'  ? "&quot;"
                         : c == '\'' ? "&#39;"
                                     : NULL;
        put(s, as ? ic_view_cstr(as) : ic_view_sub(v, i, 1));
    }
}

static double px(int64_t units)
{
    return (double)units / UNIT;
}

/* ---- how far it reaches ---- */

struct box {
    int64_t x0, y0, x1, y1;
    bool any;
};

static void reach(struct box *b, int64_t x, int64_t y)
{
    if (!b->any)
        *b = (struct box){x, y, x, y, true};
    b->x0 = x < b->x0 ? x : b->x0;
    b->y0 = y < b->y0 ? y : b->y0;
    b->x1 = x > b->x1 ? x : b->x1;
    b->y1 = y > b->y1 ? y : b->y1;
}

static void reach_element(struct box *b, const struct ic_together_board_element *e)
{
    int32_t at[2];
    if (e->type != IC_TOGETHER_PEN) {
        reach(b, e->x, e->y);
        reach(b, (int64_t)e->x + e->w, (int64_t)e->y + e->h);
        return;
    }
    for (size_t i = 0; ic_together_board_point(e, i, at); i++)
        reach(b, at[0], at[1]);
}

/* ---- text ---- */

struct lettering {
    struct svg *s;
    double x, y, step;
    unsigned left; /* lines */
};

static void letter_line(struct lettering *l, struct ic_view line)
{
    if (l->left == 0)
        return;
    l->left--;
    say(l->s, "<tspan x=\"%.3f\" y=\"%.3f\">", l->x, l->y);
    escape(l->s, line);
    say(l->s, "</tspan>");
    l->y += l->step;
}

static size_t characters(struct ic_view v)
{
    size_t n = 0;
    for (size_t i = 0; i < v.len; i++)
        n += (v.p[i] & 0xc0) != 0x80;
    return n;
}

/* Up to `most` characters of v, cut at a space where there is one. */
static size_t cut(struct ic_view v, size_t most)
{
    size_t n = 0, space = 0, i = 0;
    for (; i < v.len; i++) {
        n += (v.p[i] & 0xc0) != 0x80;
        if (n > most)
            break;
        if (v.p[i] == ' ')
            space = i;
    }
    return i < v.len && space ? space : i;
}

static void letter_wrapped(struct lettering *l, struct ic_view line, size_t most)
{
    while (characters(line) > most) {
        size_t n = cut(line, most);
        letter_line(l, ic_view_sub(line, 0, n));
        n += n < line.len && line.p[n] == ' ';
        line = ic_view_sub(line, n, line.len - n);
    }
    letter_line(l, line);
}

static void letter(struct svg *s, const struct ic_together_board_element *e, double inset)
{
    double size = e->width;
    double room = px(e->w) - 2 * inset, wide = size * 0.56;
    size_t most = room > wide ? (size_t)(room / wide) : 1;
    struct lettering l = {s, px(e->x) + inset, px(e->y) + inset + size * 0.9, size * 1.3, 400};
    say(s, "<text font-family=\"system-ui, sans-serif\" font-size=\"%u\" fill=\"%s\">", e->width,
        e->type == IC_TOGETHER_NOTE ? palette[0].ink : palette[e->colour].ink);
    for (size_t from = 0, i = 0; i <= e->data.len; i++) {
        if (i < e->data.len && e->data.p[i] != '\n')
            continue;
        letter_wrapped(&l, ic_view_sub(e->data, from, i - from), most);
        from = i + 1;
    }
    say(s, "</text>");
}

/* ---- shapes ---- */

static void stroke_attributes(struct svg *s, const struct ic_together_board_element *e)
{
    say(s,
        " fill=\"%s\" stroke=\"%s\" stroke-width=\"%u\" stroke-linecap=\"round\""
        " stroke-linejoin=\"round\"/>",
        e->fill ? palette[e->colour].tint : "none", palette[e->colour].ink, e->width);
}

static void pen(struct svg *s, const struct ic_together_board_element *e)
{
    int32_t at[2];
    size_t i = 0;
    say(s, "<path d=\"");
    for (; ic_together_board_point(e, i, at); i++)
        say(s, "%s%.3f %.3f", i ? "L" : "M", px(at[0]), px(at[1]));
    if (i == 1)
        say(s, "l0 0"); /* a dot */
    say(s, "\"");
    stroke_attributes(s, e);
}

/* Both barbs at 0.45 rad: cosine 0.9, sine 0.435; no trigonometry is needed. */
static void arrow(struct svg *s, const struct ic_together_board_element *e)
{
    double x = px((int64_t)e->x + e->w), y = px((int64_t)e->y + e->h);
    double dx = -px(e->w), dy = -px(e->h), square = dx * dx + dy * dy, len = square;
    for (int i = 0; i < 60 && square > 0; i++)
        len = (len + square / len) / 2;
    double k = len > 0 ? (10 + 3.0 * e->width) / len : 0;
    dx *= k;
    dy *= k;
    say(s, "<path d=\"M%.3f %.3fL%.3f %.3fM%.3f %.3fL%.3f %.3fL%.3f %.3f\"", px(e->x), px(e->y), x,
        y, x + 0.9 * dx - 0.435 * dy, y + 0.435 * dx + 0.9 * dy, x, y, x + 0.9 * dx + 0.435 * dy,
        y - 0.435 * dx + 0.9 * dy);
    stroke_attributes(s, e);
}

static void note(struct svg *s, const struct ic_together_board_element *e)
{
    say(s,
        "<rect x=\"%.3f\" y=\"%.3f\" width=\"%.3f\" height=\"%.3f\" rx=\"4\" fill=\"%s\""
        " stroke=\"%s\" stroke-width=\"1\"/>",
        px(e->x), px(e->y), px(e->w), px(e->h), palette[e->colour].tint, palette[e->colour].ink);
    letter(s, e, 12);
}

static void image(struct svg *s, const struct ic_together_board_element *e)
{
    const char *type = ic_together_board_image_type(e->data);
    size_t len = ic_base64_len(IC_BASE64_STD, e->data.len);
    IC_AUTOFREE char *text = ic_calloc(1, len + 1);
    if (!text || !type) {
        s->err = s->err == IC_OK ? IC_ERR_NOMEM : s->err;
        return;
    }
    ic_base64_encode(IC_BASE64_STD, e->data, text);
    say(s, "<image x=\"%.3f\" y=\"%.3f\" width=\"%.3f\" height=\"%.3f\" href=\"data:%s;base64,",
        px(e->x), px(e->y), px(e->w), px(e->h), type);
    put(s, ic_view(text, len));
    say(s, "\"/>");
}

static void draw(struct svg *s, const struct ic_together_board_element *e)
{
    switch (e->type) {
    case IC_TOGETHER_PEN:
        pen(s, e);
        break;
    case IC_TOGETHER_LINE_SHAPE:
        say(s, "<path d=\"M%.3f %.3fL%.3f %.3f\"", px(e->x), px(e->y), px((int64_t)e->x + e->w),
            px((int64_t)e->y + e->h));
        stroke_attributes(s, e);
        break;
    case IC_TOGETHER_RECT:
        say(s, "<rect x=\"%.3f\" y=\"%.3f\" width=\"%.3f\" height=\"%.3f\"", px(e->x), px(e->y),
            px(e->w), px(e->h));
        stroke_attributes(s, e);
        break;
    case IC_TOGETHER_ELLIPSE:
        say(s, "<ellipse cx=\"%.3f\" cy=\"%.3f\" rx=\"%.3f\" ry=\"%.3f\"", px(e->x) + px(e->w) / 2,
            px(e->y) + px(e->h) / 2, px(e->w) / 2, px(e->h) / 2);
        stroke_attributes(s, e);
        break;
    case IC_TOGETHER_ARROW:
        arrow(s, e);
        break;
    case IC_TOGETHER_TEXT:
        letter(s, e, 0);
        break;
    case IC_TOGETHER_NOTE:
        note(s, e);
        break;
    case IC_TOGETHER_IMAGE:
        image(s, e);
        break;
    default:
        break;
    }
    say(s, "\n");
}

static int above(const void *a, const void *b)
{
    const struct ic_together_board_element *const *x = a, *const *y = b;
    if ((*x)->z != (*y)->z)
        return (*x)->z < (*y)->z ? -1 : 1;
    return *x < *y ? -1 : 1; /* they stand in order of ids */
}

ic_err ic_together_board_svg(const struct ic_together_board *b, struct ic_buf *out)
{
    struct svg s = {out, IC_OK};
    struct box box = {0};
    size_t start = out->len, n = b->table.count;
    IC_AUTOFREE const struct ic_together_board_element **order = ic_calloc(n, sizeof *order);
    if (!order)
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        order[i] = &b->table.slots[i].e;
        reach_element(&box, order[i]);
    }
    if (n)
        qsort(order, n, sizeof *order, above);
    else
        box = (struct box){0, 0, EMPTY_W, EMPTY_H, true};
    double x = px(box.x0 - MARGIN), y = px(box.y0 - MARGIN);
    double w = px(box.x1 - box.x0 + 2 * MARGIN), h = px(box.y1 - box.y0 + 2 * MARGIN);
    say(&s,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%.3f %.3f %.3f %.3f\" width=\"%.0f\""
        " height=\"%.0f\">\n<rect x=\"%.3f\" y=\"%.3f\" width=\"%.3f\" height=\"%.3f\""
        " fill=\"#ffffff\"/>\n",
        x, y, w, h, w, h, x, y, w, h);
    for (size_t i = 0; i < n; i++)
        draw(&s, order[i]);
    say(&s, "</svg>\n");
    if (s.err != IC_OK)
        out->len = start;
    return s.err;
}

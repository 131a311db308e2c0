#include "board_world.h"

#include <ic/base/mem.h>
#include <string.h>

static char *svg_of(struct world *w)
{
    IC_BUF_SCOPE(out, IC_TOGETHER_BOARD_SVG);
    if (ic_together_board_svg(w->b[0], &out) != IC_OK ||
        ic_buf_append(&out, IC_VIEW_STR("\0")) != IC_OK)
        return NULL;
    return ic_memdup(out.p, out.len);
}

static bool put_text(struct world *w, uint8_t type, struct ic_view data)
{
    struct ic_together_board_element e = world_shape(type, 0, 0, 800, 800);
    e.data = data;
    return world_put(w, 0, &e) == IC_OK;
}

TEST(svg_escapes_text_and_has_nothing_that_runs)
{
    WORLD(w, 1);
    world_enter(&w, 0);
    CHECK(put_text(&w, IC_TOGETHER_TEXT, IC_VIEW_STR("<script>alert('a')</script> & \"b\"")));
    CHECK(put_text(&w, IC_TOGETHER_NOTE, IC_VIEW_STR("]]><image href=\"https://evil/\"/>")));
    CHECK(put_text(&w, IC_TOGETHER_IMAGE, IC_VIEW_STR("\x89PNG\r\n\x1a\n<script>")));
    world_settle(&w);
    IC_AUTOFREE char *svg = svg_of(&w);
    CHECK(svg && strncmp(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\"", 39) == 0);
    CHECK(!strstr(svg, "<script") && !strstr(svg, "href=\"http") && strstr(svg, "&lt;script&gt;"));
    CHECK(strstr(svg, "&#39;a&#39;") && strstr(svg, "&amp;"));
    CHECK(strstr(svg, "href=\"data:image/png;base64,iVBORw0KGgo8c2NyaXB0Pg==\""));
}

TEST(svg_draws_each_kind_in_order_of_z)
{
    WORLD(w, 2);
    world_enter(&w, 0);
    for (uint8_t t = IC_TOGETHER_LINE_SHAPE; t <= IC_TOGETHER_ARROW; t++) {
        struct ic_together_board_element e = world_shape(t, 8 * t, 8, 80, 160);
        e.z = 100 - t;
        CHECK_OK(world_put(&w, 0, &e));
    }
    struct ic_together_board_element pen = world_shape(IC_TOGETHER_PEN, 80, 80, 0, 0);
    pen.data = ic_view("\0\0\0\0\0\x08\0\x10", 8);
    pen.z = 1;
    CHECK_OK(world_put(&w, 0, &pen));
    world_settle(&w);
    IC_AUTOFREE char *svg = svg_of(&w);
    const char *stroke = strstr(svg, "M10.000 10.000L11.000 12.000");
    const char *ellipse = strstr(svg, "<ellipse"),
               *line = strstr(svg, "M2.000 1.000L12.000 21.000");
    CHECK(stroke && ellipse && line && stroke < ellipse && ellipse < line);
    CHECK(strstr(svg, "stroke=\"#c8321f\""));
}

TEST(svg_of_an_empty_board_is_a_sheet)
{
    WORLD(w, 3);
    world_enter(&w, 0);
    IC_AUTOFREE char *svg = svg_of(&w);
    CHECK(svg && strstr(svg, "viewBox=\"-16.000 -16.000 672.000 392.000\""));
}

TEST(svg_wraps_notes_and_keeps_to_its_room)
{
    WORLD(w, 4);
    IC_BUF_SCOPE(small, 100);
    world_enter(&w, 0);
    CHECK(put_text(&w, IC_TOGETHER_NOTE, IC_VIEW_STR("quite a long line for such a narrow sheet")));
    world_settle(&w);
    IC_AUTOFREE char *svg = svg_of(&w);
    size_t lines = 0;
    for (const char *p = svg; (p = strstr(p, "<tspan")) != NULL; p++)
        lines++;
    CHECK(lines >= 4);
    CHECK_ERR(ic_together_board_svg(w.b[0], &small), IC_ERR_LIMIT);
    CHECK_EQ_INT(small.len, 0);
}

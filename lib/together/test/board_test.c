#include "board_world.h"

#include <ic/base/mem.h>
#include <ic/together/kinds.h>
#include <string.h>

static struct ic_together_board_element rect(void)
{
    return world_shape(IC_TOGETHER_RECT, 80, 160, 800, 400);
}

static struct ic_together_board_id id_at(const struct world *w, unsigned who, size_t i)
{
    return ic_together_board_at(w->b[who], i, NULL)->id;
}

TEST(board_shows_what_was_drawn_to_all)
{
    WORLD(w, 1);
    struct ic_together_board_element e = rect();
    uint64_t by = 0;
    for (unsigned i = 0; i < 3; i++)
        world_enter(&w, i);
    CHECK_OK(world_put(&w, 1, &e));
    CHECK_EQ_INT(ic_together_board_count(w.b[1]), 0); /* in its order, for its author too */
    world_settle(&w);
    CHECK(world_agree(&w));
    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQ_INT(ic_together_board_count(w.b[i]), 1);
        CHECK_EQ_INT(ic_together_board_at(w.b[i], 0, &by)->w, 800);
        CHECK_EQ_INT(by, world_author(1));
    }
}

TEST(board_last_change_wins_and_deleted_stays_deleted)
{
    WORLD(w, 2);
    struct ic_together_board_element e = rect();
    for (unsigned i = 0; i < 3; i++)
        world_enter(&w, i);
    CHECK_OK(world_put(&w, 0, &e));
    world_settle(&w);
    struct ic_together_board_item a = {IC_TOGETHER_CHANGE, *ic_together_board_at(w.b[0], 0, NULL)};
    struct ic_together_board_item b = a;
    a.element.colour = 5;
    b.element.colour = 7;
    CHECK_OK(ic_together_board_do(w.b[1], &a, 1));
    CHECK_OK(ic_together_board_do(w.b[2], &b, 1));
    world_speak(&w, 2, 1); /* 2 is ordered before 1 */
    world_settle(&w);
    CHECK(world_agree(&w));
    CHECK_EQ_INT(ic_together_board_at(w.b[0], 0, NULL)->colour, 5);
    CHECK_OK(world_delete(&w, 0, a.element.id));
    world_speak(&w, 0, 1);
    CHECK_OK(ic_together_board_do(w.b[1], &a, 1)); /* it does not know yet */
    world_settle(&w);
    CHECK(world_agree(&w));
    CHECK_EQ_INT(ic_together_board_count(w.b[1]), 0);
}

TEST(board_undo_takes_back_own_steps_only)
{
    WORLD(w, 3);
    struct ic_together_board_element e = rect();
    world_enter(&w, 0);
    world_enter(&w, 1);
    world_settle(&w);
    CHECK_ERR(ic_together_board_undo(w.b[0]), IC_ERR_NOT_FOUND);
    CHECK_OK(world_put(&w, 0, &e));
    CHECK_OK(world_put(&w, 1, &e));
    world_settle(&w);
    CHECK_OK(ic_together_board_undo(w.b[0]));
    world_settle(&w);
    CHECK(world_agree(&w) && ic_together_board_count(w.b[0]) == 1);
    CHECK_EQ_INT(id_at(&w, 0, 0).author, world_author(1));
    CHECK(!ic_together_board_can_undo(w.b[0]) && ic_together_board_can_redo(w.b[0]));
    CHECK_OK(ic_together_board_redo(w.b[0]));
    world_settle(&w);
    CHECK(world_agree(&w) && ic_together_board_count(w.b[1]) == 2);
    CHECK(ic_together_board_can_undo(w.b[0]) && !ic_together_board_can_redo(w.b[0]));
}

TEST(board_undo_waits_for_what_is_on_its_way)
{
    WORLD(w, 4);
    struct ic_together_board_element e = rect();
    world_enter(&w, 0);
    CHECK_OK(world_put(&w, 0, &e));
    CHECK_OK(ic_together_board_undo(w.b[0]));
    world_settle(&w);
    CHECK_EQ_INT(ic_together_board_count(w.b[0]), 0);
    CHECK_EQ_INT(w.seq, 2);
}

TEST(board_undo_leaves_what_others_changed)
{
    WORLD(w, 5);
    struct ic_together_board_element e = rect();
    world_enter(&w, 0);
    world_enter(&w, 1);
    CHECK_OK(world_put(&w, 0, &e));
    world_settle(&w);
    struct ic_together_board_item a = {IC_TOGETHER_CHANGE, *ic_together_board_at(w.b[1], 0, NULL)};
    a.element.x = 999;
    CHECK_OK(ic_together_board_do(w.b[1], &a, 1));
    world_settle(&w);
    CHECK_OK(ic_together_board_undo(w.b[0]));
    world_settle(&w);
    CHECK(world_agree(&w) && ic_together_board_count(w.b[0]) == 1);
    CHECK_EQ_INT(ic_together_board_at(w.b[0], 0, NULL)->x, 999);
}

TEST(board_clear_can_be_undone)
{
    WORLD(w, 6);
    uint8_t before[32], after[32];
    world_enter(&w, 0);
    world_enter(&w, 1);
    for (unsigned i = 0; i < 400; i++) {
        struct ic_together_board_element e = rect();
        e.x = (int32_t)i;
        CHECK_OK(world_put(&w, 1, &e));
    }
    world_settle(&w);
    ic_together_board_digest(w.b[0], before);
    CHECK_OK(ic_together_board_clear(w.b[1]));
    world_settle(&w);
    CHECK_EQ_INT(ic_together_board_count(w.b[0]), 0);
    CHECK_OK(ic_together_board_undo(w.b[1]));
    world_settle(&w);
    ic_together_board_digest(w.b[0], after);
    CHECK(world_agree(&w) && memcmp(before, after, 32) == 0);
}

/* ---- what is refused ---- */

static void say_raw(struct world *w, unsigned who, struct ic_view body)
{
    struct ic_together_board_from from = {world_author(5), 5, false, 0};
    ic_together_board_said(w->b[who], &from, IC_TOGETHER_BOARD_OP, body, ++w->seq, w->now_ms);
}

static bool refused(struct world *w, struct ic_together_board_item it, const char *rule)
{
    IC_BUF_SCOPE(body, 1 << 17);
    world_refusals(w, 0, "");
    if (ic_together_board_op_encode(IC_TOGETHER_DO, &it, 1, &body) != IC_OK) {
        /* our own encoder does not write it: the bounds are those of the decoder */
        const char *fault = ic_together_board_element_fault(&it.element);
        return fault && strcmp(fault, rule) == 0;
    }
    say_raw(w, 0, ic_buf_view(&body));
    return world_refusals(w, 0, rule) == 1 && ic_together_board_count(w->b[0]) == 0;
}

TEST(board_refuses_elements_out_of_bounds)
{
    WORLD(w, 7);
    world_enter(&w, 0);
    struct ic_together_board_element good = rect(), e;
    good.id = (struct ic_together_board_id){world_author(5), 1};
    const struct {
        const char *rule;
        int field;
        int64_t value;
    } rows[] = {{"board-element", 0, 99},
                {"board-element", 1, 10},
                {"board-element", 2, 0},
                {"board-element", 2, 65},
                {"board-element", 3, 2},
                {"board-field", 4, 1 << 21},
                {"board-field", 5, -1},
                {"board-field", 5, INT32_MAX},
                {"board-field", 4, INT32_MIN},
                {"board-element", 6, 1},
                {"board-id", 7, 3}};
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        e = good;
        int64_t v = rows[i].value;
        if (rows[i].field == 0)
            e.type = (uint8_t)v;
        if (rows[i].field == 1)
            e.colour = (uint8_t)v;
        if (rows[i].field == 2)
            e.width = (uint8_t)v;
        if (rows[i].field == 3)
            e.fill = (uint8_t)v;
        if (rows[i].field == 4)
            e.x = (int32_t)v;
        if (rows[i].field == 5)
            e.w = (int32_t)v;
        if (rows[i].field == 6)
            e.data = IC_VIEW_STR("x");
        if (rows[i].field == 7)
            e.id.author = (uint64_t)v;
        CHECK(refused(&w, (struct ic_together_board_item){IC_TOGETHER_PUT, e}, rows[i].rule));
    }
}

TEST(board_refuses_bad_data)
{
    WORLD(w, 8);
    world_enter(&w, 0);
    static uint8_t big[IC_TOGETHER_BOARD_IMAGE + 1] = {0xff, 0xd8, 0xff};
    static uint8_t far_away[4 * 40];
    for (size_t i = 0; i < 40; i++)
        ic_store_u16(far_away + 4 * i, 0x7fff);
    const struct {
        uint8_t type;
        struct ic_view data;
        const char *rule;
    } rows[] = {
        {IC_TOGETHER_TEXT, IC_VIEW_STR("a\x1b[2J"), "board-text"},
        {IC_TOGETHER_NOTE, IC_VIEW_STR("\xff"), "board-text"},
        {IC_TOGETHER_NOTE, IC_VIEW_STR("a\rb"), "board-text"},
        {IC_TOGETHER_TEXT, ic_view(big, IC_TOGETHER_BOARD_TEXT + 1), "board-text"},
        {IC_TOGETHER_PEN, IC_VIEW_STR("abc"), "board-points"},
        {IC_TOGETHER_PEN, IC_VIEW_STR(""), "board-points"},
        {IC_TOGETHER_PEN, IC_VIEW_ARRAY(far_away), "board-points"},
        {IC_TOGETHER_PEN, ic_view(big, 4 * IC_TOGETHER_BOARD_POINTS + 4), "board-points"},
        {IC_TOGETHER_IMAGE, IC_VIEW_STR("<svg onload=x>"), "board-image"},
        {IC_TOGETHER_IMAGE, IC_VIEW_ARRAY(big), "board-image"},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        bool pen = rows[i].type == IC_TOGETHER_PEN;
        struct ic_together_board_element e =
            world_shape(rows[i].type, 0, 0, pen ? 0 : 80, pen ? 0 : 80);
        e.id = (struct ic_together_board_id){world_author(5), 1};
        e.data = rows[i].data;
        CHECK(refused(&w, (struct ic_together_board_item){IC_TOGETHER_PUT, e}, rows[i].rule));
    }
}

TEST(board_refuses_every_truncation_and_flipped_bits_change_nothing_else)
{
    IC_BUF_SCOPE(body, 1 << 16);
    struct ic_together_board_item items[2] = {{IC_TOGETHER_PUT, rect()},
                                              {IC_TOGETHER_DELETE, rect()}};
    IC_AUTOFREE struct ic_together_board_item *out =
        ic_new_array(IC_TOGETHER_BOARD_ITEMS, struct ic_together_board_item);
    items[0].element.id = items[1].element.id = (struct ic_together_board_id){1, 2};
    uint8_t intent;
    size_t n;
    CHECK_OK(ic_together_board_op_encode(IC_TOGETHER_UNDO, items, 2, &body));
    for (size_t i = 0; i < body.len; i++)
        CHECK(ic_together_board_op_decode(ic_view(body.p, i), &intent, out, &n, NULL) != IC_OK);
    CHECK_OK(ic_together_board_op_decode(ic_buf_view(&body), &intent, out, &n, NULL));
    CHECK(n == 2 && intent == IC_TOGETHER_UNDO && out[0].element.h == 400);
    for (size_t i = 0; i < body.len * 8; i++) {
        IC_BUF_SCOPE(again, 1 << 16);
        body.p[i / 8] ^= (uint8_t)(1 << i % 8);
        if (ic_together_board_op_decode(ic_buf_view(&body), &intent, out, &n, NULL) == IC_OK) {
            CHECK_OK(ic_together_board_op_encode(intent, out, n, &again));
            CHECK_BYTES(ic_buf_view(&again), ic_buf_view(&body));
        }
        body.p[i / 8] ^= (uint8_t)(1 << i % 8);
    }
}

TEST(board_gives_nobody_more_than_half)
{
    WORLD(w, 9);
    world_enter(&w, 0);
    world_enter(&w, 1);
    IC_AUTOFREE struct ic_together_board_item *items =
        ic_new_array(IC_TOGETHER_BOARD_ITEMS, struct ic_together_board_item);
    unsigned done = 0;
    for (ic_err e = IC_OK; e == IC_OK;) {
        for (size_t i = 0; i < 250; i++)
            items[i] = (struct ic_together_board_item){IC_TOGETHER_PUT, rect()};
        e = ic_together_board_do(w.b[0], items, 250);
        done += e == IC_OK;
        world_settle(&w);
        if (e != IC_OK)
            CHECK_ERR(e, IC_ERR_LIMIT);
    }
    CHECK_EQ_INT(done, IC_TOGETHER_BOARD_ELEMENTS / 2 / 250);
    struct ic_together_board_element e = rect();
    CHECK_OK(world_put(&w, 1, &e)); /* the other has room */
    /* A client that does not keep the limit is refused by everybody. */
    IC_BUF_SCOPE(body, 1 << 16);
    struct ic_together_board_item it = {IC_TOGETHER_PUT, rect()};
    it.element.id = (struct ic_together_board_id){world_author(0), 99};
    CHECK_OK(ic_together_board_op_encode(IC_TOGETHER_DO, &it, 1, &body));
    struct ic_together_board_from from = {world_author(0), 0, false, 0};
    world_refusals(&w, 1, "");
    ic_together_board_said(w.b[1], &from, IC_TOGETHER_BOARD_OP, ic_buf_view(&body), ++w.seq, 1);
    CHECK_EQ_INT(world_refusals(&w, 1, "board-share"), 1);
}

static ic_err whole_life(void *ctx)
{
    (void)ctx;
    struct ic_test_rand s;
    struct ic_rand rand = ic_test_rand(&s, 11);
    struct ic_together_board *b = NULL;
    struct ic_together_board_from from = {7, 0, true, 0};
    struct ic_together_board_item it = {IC_TOGETHER_PUT, rect()};
    ic_err e = ic_together_board_new(&rand, &b);
    if (e == IC_OK) {
        ic_together_board_self(b, 7);
        ic_together_board_enter(b, false, 1);
        e = ic_together_board_do(b, &it, 1);
    }
    uint16_t kind;
    bool transient;
    if (e == IC_OK) {
        struct ic_view v = ic_together_board_next_body(b, &kind, &transient);
        ic_together_board_said(b, &from, kind, v, 1, 1);
        ic_together_board_took(b);
        e = ic_together_board_undo(b) == IC_ERR_NOMEM ? IC_ERR_NOMEM : IC_OK;
    }
    ic_together_board_free(b);
    return e;
}

TEST(board_survives_each_failing_allocation)
{
    CHECK(ic_test_each_alloc_fails(whole_life, NULL) > 4);
}

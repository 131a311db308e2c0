/* Many people draw in any order, come and go: all end with the same board. */
#include "board_world.h"

#include <ic/base/mem.h>
#include <ic/base/writer.h>
#include <ic/together/kinds.h>
#include <string.h>

static ic_err random_put(struct world *w, unsigned who)
{
    static uint8_t steps[4 * 20];
    uint8_t type = (uint8_t)(1 + world_dice(w, 7));
    bool pen = type == IC_TOGETHER_PEN;
    struct ic_together_board_element e =
        world_shape(type, (int32_t)world_dice(w, 9000), (int32_t)world_dice(w, 9000),
                    pen ? 0 : (int32_t)world_dice(w, 900), pen ? 0 : (int32_t)world_dice(w, 900));
    for (size_t i = 0; i < sizeof steps; i++)
        steps[i] = i % 2 ? (uint8_t)world_dice(w, 256) : 0;
    if (pen)
        e.data = IC_VIEW_ARRAY(steps);
    if (type == IC_TOGETHER_TEXT || type == IC_TOGETHER_NOTE)
        e.data = IC_VIEW_STR("two\nlines");
    return world_put(w, who, &e);
}

static void random_act(struct world *w, unsigned who)
{
    size_t n = ic_together_board_count(w->b[who]);
    const struct ic_together_board_element *e =
        n ? ic_together_board_at(w->b[who], world_dice(w, n), NULL) : NULL;
    switch (world_dice(w, 12)) {
    case 0:
        if (e)
            IC_IGNORE(world_delete(w, who, e->id));
        break;
    case 1:
        IC_IGNORE(ic_together_board_undo(w->b[who]));
        break;
    case 2:
        IC_IGNORE(ic_together_board_redo(w->b[who]));
        break;
    case 3:
        if (world_dice(w, 20) == 0)
            IC_IGNORE(ic_together_board_clear(w->b[who]));
        break;
    case 4:
    case 5:
    case 6:
        if (e) {
            struct ic_together_board_item it = {IC_TOGETHER_CHANGE, *e};
            it.element.x = (int32_t)world_dice(w, 9000);
            IC_IGNORE(ic_together_board_do(w->b[who], &it, 1));
        }
        break;
    default:
        IC_IGNORE(random_put(w, who));
    }
}

/* Speaking, hearing and coming are interleaved at random: each hears the one order at its own pace. */
static void random_day(uint64_t seed)
{
    WORLD(w, seed);
    world_enter(&w, 0);
    for (unsigned step = 0; step < 3000; step++) {
        unsigned who = (unsigned)world_dice(&w, WORLD_PEOPLE);
        w.now_ms += world_dice(&w, 3);
        if (!w.here[who]) {
            if (world_dice(&w, 100) == 0)
                world_enter(&w, who);
            continue;
        }
        if (who != 0 && world_dice(&w, 400) == 0) { /* starts anew: all is asked for again */
            world_enter(&w, who);
            continue;
        }
        random_act(&w, who);
        if (world_dice(&w, 2))
            world_speak(&w, (unsigned)world_dice(&w, 2) ? who : 0, 1 + world_dice(&w, 3));
        world_listen(&w, who, world_dice(&w, 6));
        ic_together_board_tick(w.b[who], w.now_ms);
    }
    world_settle(&w);
    CHECK(world_agree(&w));
    CHECK(w.seq > 500);
}

TEST(board_converges_whatever_the_order)
{
    for (uint64_t seed = 1; seed <= 20 && !ic_test_failed(); seed++)
        random_day(seed);
}

TEST(board_late_joiner_gets_it_from_a_member)
{
    WORLD(w, 30);
    world_enter(&w, 0);
    world_enter(&w, 1);
    for (unsigned i = 0; i < 30; i++)
        CHECK_OK(random_put(&w, i % 2));
    world_settle(&w);
    world_enter(&w, 4);
    CHECK(!ic_together_board_synced(w.b[4]));
    size_t from = w.log_len;
    world_settle(&w);
    CHECK(world_agree(&w));
    CHECK_EQ_INT(ic_together_board_count(w.b[4]), 30);
    for (size_t i = from; i < w.log_len; i++) /* the lowest leaf alone answered */
        CHECK(w.log[i].kind != IC_TOGETHER_BOARD_PIECE || w.log[i].from == 0);
}

TEST(board_next_leaf_answers_where_the_first_is_silent)
{
    WORLD(w, 31);
    for (unsigned i = 0; i < 3; i++)
        world_enter(&w, i);
    CHECK_OK(random_put(&w, 0));
    world_settle(&w);
    world_enter(&w, 3);
    for (unsigned i = 0; i < 100; i++) { /* 0 hears, and says nothing */
        for (unsigned who = 1; who < 4; who++) {
            world_speak(&w, who, SIZE_MAX);
            world_listen(&w, who, SIZE_MAX);
            ic_together_board_tick(w.b[who], w.now_ms);
        }
        w.now_ms += 100;
    }
    CHECK(ic_together_board_synced(w.b[3]));
    CHECK_EQ_INT(ic_together_board_count(w.b[3]), 1);
}

TEST(board_large_one_comes_in_pieces)
{
    WORLD(w, 32);
    static uint8_t image[IC_TOGETHER_BOARD_IMAGE] = {0xff, 0xd8, 0xff};
    world_enter(&w, 0);
    world_enter(&w, 1);
    for (unsigned i = 0; i < 60; i++) {
        struct ic_together_board_element e = world_shape(IC_TOGETHER_IMAGE, 0, 0, 80, 80);
        e.data = IC_VIEW_ARRAY(image);
        CHECK_OK(world_put(&w, i % 2, &e));
        world_settle(&w);
    }
    world_enter(&w, 2);
    world_settle(&w);
    CHECK(world_agree(&w));
    CHECK_EQ_INT(ic_together_board_count(w.b[2]), 60);
}

/* A member that answers with something else than its digest promises is passed over. */
TEST(board_takes_no_pieces_that_do_not_fit_their_digest)
{
    WORLD(w, 33);
    for (unsigned i = 0; i < 2; i++)
        world_enter(&w, i);
    CHECK_OK(random_put(&w, 0));
    world_settle(&w);
    world_enter(&w, 3);
    world_speak(&w, 3, SIZE_MAX);
    for (unsigned i = 0; i < 2; i++) {
        world_listen(&w, i, SIZE_MAX);
        ic_together_board_tick(w.b[i], w.now_ms);
    }
    world_speak(&w, 0, SIZE_MAX);
    w.log[w.log_len - 1].p[w.log[w.log_len - 1].len - 1] ^= 1;
    world_listen(&w, 3, SIZE_MAX);
    CHECK_EQ_INT(world_refusals(&w, 3, "board-pieces"), 1);
    CHECK(!ic_together_board_synced(w.b[3]));
    world_settle(&w);
    CHECK(ic_together_board_synced(w.b[3]));
    CHECK_EQ_INT(ic_together_board_count(w.b[3]), 1);
}

TEST(board_alone_is_complete_and_nobody_answering_is_too_in_time)
{
    WORLD(w, 34);
    world_enter(&w, 0);
    CHECK(ic_together_board_synced(w.b[0]));
    w.here[1] = true; /* somebody without a board */
    world_enter(&w, 2);
    w.here[1] = false;
    w.here[0] = false;
    world_settle(&w);
    CHECK(ic_together_board_synced(w.b[2]));
}

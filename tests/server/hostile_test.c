#include "world.h"

#include <stdlib.h>
#include <string.h>

TEST(garbage_closes_the_connection_with_an_error)
{
    WORLD(w);
    struct person *p = &w.people[2];
    static const struct ic_view frames[] = {IC_VIEW_INIT(""), IC_VIEW_INIT("x"),
                                            IC_VIEW_INIT("\0\1\0\0\0\1junk"),
                                            IC_VIEW_INIT("\0\1\0\0\0\0")};
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        STEP(person_connect(p));
        STEP(person_send_bytes(p, frames[i]));
        EXPECT_ERROR(p, IC_WIRE_E_MALFORMED);
        CHECK(p->closed);
    }
}

TEST(unknown_types_are_answered_and_forgiven)
{
    WORLD(w);
    struct person *p = &w.people[2];
    STEP(person_connect(p));
    STEP(person_send_bytes(p, IC_VIEW_STR("\x7f\xff\0\0\0\x07whatever")));
    EXPECT_ERROR(p, IC_WIRE_E_UNSUPPORTED);
    CHECK_EQ_INT(p->last->f.request, 7);
    CHECK(!p->closed);
}

TEST(a_strangers_frame_may_not_be_long)
{
    WORLD(w);
    struct person *p = &w.people[2];
    STEP(person_connect(p));
    CHECK_EQ_INT(icd_core_frame_max(w.core, p->conn), w.config.limits.max_frame_stranger);
    static uint8_t big[70000] = {0, 10, 0, 0, 0, 1};
    STEP(person_send_bytes(p, IC_VIEW_ARRAY(big)));
    EXPECT_ERROR(p, IC_WIRE_E_LIMIT);
    CHECK(p->closed);
}

TEST(a_members_frame_may_be_longer_but_not_any)
{
    WORLD(w);
    struct person *p = &w.people[0];
    w.config.limits.max_frame = 100000;
    STEP(world_restart(&w));
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(person_enter(p));
    CHECK_EQ_INT(icd_core_frame_max(w.core, p->conn), 100000);
    static uint8_t big[100001] = {0, 20, 0, 0, 0, 1};
    STEP(person_send_bytes(p, IC_VIEW_ARRAY(big)));
    EXPECT_ERROR(p, IC_WIRE_E_LIMIT);
    CHECK(p->closed);
}

TEST(a_flood_of_frames_is_cut_off)
{
    WORLD(w);
    struct person *p = &w.people[2];
    w.config.limits.frames_per_s = 5;
    STEP(world_restart(&w));
    STEP(person_connect(p));
    for (int i = 0; i < 100 && !p->closed; i++)
        STEP(person_send_bytes(p, IC_VIEW_STR("\x7f\xff\0\0\0\x07")));
    CHECK(p->closed);
    struct icd_core_stats stats;
    icd_core_stats(w.core, &stats);
    CHECK(stats.frames_in <= 22);
    CHECK_EQ_INT(stats.connections, 0);
}

TEST(frames_out_of_order_are_answered_not_obeyed)
{
    WORLD(w);
    struct person *p = &w.people[2];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(person_connect(p));
    for (uint16_t type = 1; type < 60; type++) {
        struct ic_wire_frame f = {.type = type};
        IC_BUF_SCOPE(b, 1 << 16);
        f.request = ++p->request;
        if (type == IC_WIRE_HELLO || type == IC_WIRE_ENTER || ic_wire_encode(&f, &b) != IC_OK)
            continue;
        STEP(person_send_bytes(p, ic_buf_view(&b)));
        EXPECT(p, IC_WIRE_ERROR);
        if (p->closed)
            STEP(person_connect(p));
    }
}

/* A stranger with a valid signature gets at nothing of the group. */
TEST(a_stranger_reads_and_writes_nothing_of_the_group)
{
    WORLD(w);
    struct person *p = &w.people[2];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, &w.people[0]));
    STEP(person_enter(p));
    struct ic_view gid = ic_mls_context(w.people[0].g)->group_id;
    struct ic_wire_frame frames[] = {
        {.type = IC_WIRE_FETCH, .fetch = {.group_id = gid}},
        {.type = IC_WIRE_GET_TREE, .get_tree = {.group_id = gid, .tree_hash = gid}},
        {.type = IC_WIRE_GET_GROUP_INFO, .get_group_info = {.group_id = gid}},
        {.type = IC_WIRE_SEND, .send = {.group_id = gid}},
        {.type = IC_WIRE_PROPOSE, .propose = {.group_id = gid}},
        {.type = IC_WIRE_COMMIT, .commit = {.group_id = gid}},
        {.type = IC_WIRE_CANNOT_APPLY, .cannot_apply = {.group_id = gid}},
        {.type = IC_WIRE_MEDIA_OPEN},
        {.type = IC_WIRE_END},
        {.type = IC_WIRE_REFUSE, .refuse = {.knock = 1}},
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        IC_BUF_SCOPE(b, 1 << 16);
        frames[i].request = ++p->request;
        if (ic_wire_encode(&frames[i], &b) != IC_OK)
            continue;
        STEP(person_send_bytes(p, ic_buf_view(&b)));
        EXPECT(p, IC_WIRE_ERROR);
        CHECK(p->last->f.error.code == IC_WIRE_E_DENIED ||
              p->last->f.error.code == IC_WIRE_E_MALFORMED);
        if (p->closed)
            STEP(person_enter(p));
    }
    STEP(person_say(&w.people[0], "private", false));
    CHECK(!person_skip_to(p, IC_WIRE_MESSAGE));
}

TEST(malformed_bodies_inside_good_frames_are_refused)
{
    WORLD(w);
    struct person *p = &w.people[0];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, p));
    struct ic_view gid = ic_mls_context(p->g)->group_id;
    for (size_t n = 0; n < 200; n++) {
        uint8_t junk[200];
        CHECK_OK(ic_rand_fill(&w.rand, junk, sizeof junk));
        junk[0] = 0;
        junk[1] = 1; /* mls10, then a wire format */
        junk[2] = 0;
        junk[3] = (uint8_t)(n % 7);
        struct ic_wire_frame f = {.type = n & 1 ? IC_WIRE_PROPOSE : IC_WIRE_SEND};
        if (n & 1)
            f.propose = (struct ic_wire_propose){.group_id = gid, .proposal = ic_view(junk, n)};
        else
            f.send = (struct ic_wire_send){.group_id = gid, .message = ic_view(junk, n)};
        STEP(person_send(p, &f));
        EXPECT(p, IC_WIRE_ERROR);
    }
}

TEST(draining_takes_no_newcomers)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(person_enter(&w.people[0]));
    icd_core_drain(w.core, 2000);
    icd_core_flush(w.core);
    EXPECT(&w.people[0], IC_WIRE_DRAINING);
    STEP(person_connect(&w.people[2]));
    STEP(person_ask_enter(&w.people[2], IC_WIRE_REF_ID, w.meeting, true));
    EXPECT_ERROR(&w.people[2], IC_WIRE_E_STATE);
}

/* Deterministic: each allocation of a small conversation fails once, and the store stays true. */
static ic_err converse(void *ctx)
{
    (void)ctx;
    struct world w = {0};
    world_open(&w);
    world_meeting(&w, IC_WIRE_INSTANT);
    world_close(&w);
    return IC_OK;
}

TEST(a_world_opens_and_closes_without_a_leak)
{
    CHECK_OK(converse(NULL));
}

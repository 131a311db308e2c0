/* A hostile server's lies: about people, time, the group; and strangers who guess. The rows are in
 * docs/threat-model.md. */
#include "attack.h"
#include "villain.h"

#include <stdio.h>
#include <string.h>

/* ---- lies about people ---- */

TEST(hostile_lies_about_presence)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    struct ic_wire_frame f = {.type = IC_WIRE_PRESENCE,
                              .presence = {sim_leaf(s, 0, 2), IC_WIRE_AWAY}};
    struct shown_code before = code_of(s, 0);
    sim_inject(s, SIM_DOWN, 0, &f, 0);
    f.presence.leaf = 999;
    sim_inject(s, SIM_DOWN, 0, &f, 0);
    sim_run(s, 20000);
    CHECK_EQ_INT(sim_count(s, 0, IC_MEETING_EV_AWAY, NULL), 1); /* a hint, shown as one */
    CHECK(sim_agree(s, SIM_FIRST(3)) && same_code(before, code_of(s, 0)));
}

TEST(hostile_declares_a_present_member_absent)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    s->admit = false;
    attack_declare_absent(s, sim_leaf(s, 0, 2));
    CHECK(sim_await(s, 0, IC_MEETING_EV_LEFT, "removed-by-server", 4000)); /* shown as such */
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "removed-by-server", 1000));
    CHECK(sim_await(s, 0, IC_MEETING_EV_KNOCK, NULL, 1000)); /* it may only knock again */
    CHECK(sim_agree(s, SIM_FIRST(2)) && !gate_open(s, 2));
}

TEST(hostile_says_the_host_refused)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    s->admit = false;
    sim_start(s, 2);
    sim_run(s, 100);
    struct ic_wire_frame f = {.type = IC_WIRE_REFUSED, .refused = {IC_WIRE_REFUSED_BY_HOST}};
    sim_inject(s, SIM_DOWN, 2, &f, 0);
    CHECK(
        sim_await(s, 2, IC_MEETING_EV_ENDED, "refused-by-host", 100)); /* kept out, never let in */
}

/* The role in ENTERED is the server's word, and gives nobody a right. */
static bool say_role(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    p->f->entered.role = *(const uint8_t *)a->ctx;
    return true;
}

TEST(hostile_says_a_stranger_is_host)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    uint8_t role = IC_WIRE_HOST;
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_ENTERED, .change = say_role, .ctx = &role);
    attack_begin(s, &a);
    s->admit = false;
    sim_start(s, 2);
    CHECK(sim_await(s, 0, IC_MEETING_EV_KNOCK, NULL, 3000)); /* it can only knock */
    CHECK(!ic_meeting_is_host(s->people[2].m) && !gate_open(s, 2));
    CHECK(ic_meeting_admit(s->people[2].m, 1, sim_wall(&s->people[2])) != IC_OK);
    CHECK(sim_agree(s, SIM_FIRST(2)));
}

TEST(hostile_ends_the_meeting_for_one)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    struct ic_wire_frame f = {.type = IC_WIRE_ENDED, .ended = {IC_VIEW_STR("a lie")}};
    sim_inject(s, SIM_DOWN, 2, &f, 0);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ENDED, "ended", 100)); /* no service, and said */
    CHECK(!gate_open(s, 2));
}

TEST(hostile_keeps_back_a_welcome)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_WELCOME, .drop = true);
    attack_begin(s, &a);
    sim_start(s, 2);
    sim_run(s, 20000);
    CHECK(a.hits > 0);
    CHECK_EQ_INT(ic_meeting_state(s->people[2].m), IC_MEETING_IN_LOBBY); /* it never says "in" */
    CHECK(!gate_open(s, 2));
}

TEST(hostile_keeps_back_a_tree)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_TREE, .drop = true);
    attack_begin(s, &a);
    sim_start(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "tree-withheld", 6000));
    CHECK(!gate_open(s, 2));
}

/* Every further device is announced to all and let in like anybody. */
TEST(sim_second_device_is_admitted_like_a_stranger)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    snprintf(s->people[2].name, sizeof s->people[2].name, "%s", s->people[1].name);
    s->admit = false;
    sim_start(s, 2);
    CHECK(sim_await(s, 0, IC_MEETING_EV_KNOCK, NULL, 1000));
    sim_run(s, 3000);
    CHECK_EQ_INT(sim_roster(s, 0), 2);
    CHECK_OK(ic_meeting_admit(s->people[0].m, sim_seen(s, 0, IC_MEETING_EV_KNOCK, NULL)->e.knock,
                              sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_await(s, 0, IC_MEETING_EV_JOINED, NULL, 1000));
    CHECK(sim_await(s, 1, IC_MEETING_EV_JOINED, NULL, 1000));
    CHECK_EQ_INT(sim_roster(s, 0), 3);
}

/* ---- time ---- */

static bool wrong_hello(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    (void)a;
    p->f->hello_ok.now_ms -= 11 * 60 * 1000;
    return true;
}

TEST(hostile_has_a_wrong_clock)
{
    SIM(s, .people = 3, .hosts = 1);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_HELLO_OK, .change = wrong_hello);
    attack_begin(s, &a);
    sim_start(s, 0);
    sim_start(s, 1);
    sim_start(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_CLOCK, NULL, 1000));
    CHECK_EQ_INT(sim_seen(s, 2, IC_MEETING_EV_CLOCK, NULL)->e.offset_ms / 60000, 11);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000)); /* said, and nothing is rejected for it */
}

TEST(sim_client_with_a_wrong_clock_is_told)
{
    SIM(s, .people = 3, .hosts = 1);
    s->people[0].clock_off_ms = -20 * 60 * 1000;
    sim_start(s, 0);
    sim_start(s, 1);
    sim_start(s, 2);
    CHECK(sim_await(s, 0, IC_MEETING_EV_CLOCK, NULL, 1000));
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000));
    sim_mark(s);
    CHECK_OK(ic_meeting_update_keys(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    sim_run(s, 1000);
    CHECK(sim_agree(s, SIM_FIRST(3)));
    CHECK_OK(ic_meeting_update_keys(s->people[1].m, sim_wall(&s->people[1])));
    sim_pump(s, 1);
    sim_run(s, 1000);
    CHECK(sim_agree(s, SIM_FIRST(3))); /* commit times never go back, whose clock it may be */
}

/* ---- two halves ---- */

TEST(hostile_forks_the_group)
{
    SIM(s, .people = 4, .hosts = 2);
    sim_gather(s, 4);
    CHECK(sim_server_fork(s));
    s->people[1].server = s->people[3].server = 1;
    sim_cut(s, 1);
    sim_cut(s, 3);
    sim_run(s, 2000);
    sim_mark(s);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_OK(ic_meeting_update_keys(s->people[i].m, sim_wall(&s->people[i])));
        sim_pump(s, i);
    }
    CHECK(sim_chat(s, 0, "for this half"));
    sim_run(s, 3000);
    CHECK(same_code(code_of(s, 0), code_of(s, 2)));
    CHECK(same_code(code_of(s, 1), code_of(s, 3)));
    CHECK(!same_code(code_of(s, 0), code_of(s, 1))); /* the codes tell */
    CHECK(!sim_read(s, 1, "for this half"));
    /* The halves cannot be joined again in silence. */
    s->people[3].server = 0;
    sim_mark(s);
    sim_cut(s, 3);
    sim_run(s, 2500);
    CHECK(sim_seen(s, 3, IC_MEETING_EV_ALERT, NULL));
}

/* ---- numbers ---- */

/* What a stranger is answered who tries this number on a fresh connection. */
static uint16_t try_number(struct sim *s, const char *number, char text[256])
{
    struct sim_villain *v = sim_villain_lurk(s, 2);
    struct ic_wire_frame f = {
        .type = IC_WIRE_ENTER,
        .enter = {.ref_kind = IC_WIRE_REF_NUMBER, .ref = ic_view_cstr(number)}};
    sim_villain_watch(v, &f);
    uint16_t type = sim_villain_answer(v), code = type == IC_WIRE_ERROR ? v->error : 0;
    snprintf(text, 256, "%s", v->text);
    sim_drop_line(s, 2);
    sim_villain_free(v);
    s->people[2].raw = NULL;
    return code;
}

TEST(hostile_stranger_guesses_numbers)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    unsigned limited = 0, absent = 0;
    char number[16], first[256] = "", text[256];
    for (unsigned i = 0; i < 20; i++) {
        snprintf(number, sizeof number, i ? "%010u" : "12", 1000000007u + i * 7919u);
        uint16_t code = try_number(s, number, text);
        if (i == 0)
            memcpy(first, text, sizeof first);
        if (code == IC_WIRE_E_NOT_FOUND)
            CHECK(strcmp(first, text) == 0); /* wrong and absent answer alike */
        limited += code == IC_WIRE_E_LIMIT;
        absent += code == IC_WIRE_E_NOT_FOUND;
    }
    CHECK_EQ_INT(absent, 10);
    CHECK_EQ_INT(limited, 10);
}

/* A meeting's ordinary life: in, out, chat, hosts, locks. */
#include "sim.h"

#include <stdio.h>
#include <string.h>

/* The code that `who` shows now. */
struct code {
    char text[IC_MEETING_CODE_LEN + 1];
};

static struct code code_of(const struct sim *s, unsigned who)
{
    struct code c = {""};
    (void)ic_meeting_code(s->people[who].m, c.text);
    return c;
}

static bool same(struct code a, struct code b)
{
    return strcmp(a.text, b.text) == 0;
}

TEST(sim_host_opens_and_admits)
{
    SIM(s, .people = 2, .hosts = 1);
    sim_start(s, 0);
    CHECK(sim_agree_within(s, SIM_ONE(0), 1000));
    s->admit = false;
    sim_start(s, 1);
    CHECK(sim_await(s, 1, IC_MEETING_EV_WAITING, NULL, 1000));
    CHECK(sim_await(s, 0, IC_MEETING_EV_KNOCK, NULL, 1000));
    const struct sim_event *knock = sim_seen(s, 0, IC_MEETING_EV_KNOCK, NULL);
    const struct sim_event *wait = sim_seen(s, 1, IC_MEETING_EV_WAITING, NULL);
    CHECK(strcmp(knock->e.code, wait->e.code) == 0); /* both show the same short code */
    CHECK(strcmp(knock->e.person.name, "Ben") == 0);
    sim_run(s, 5000);
    CHECK(!sim_in(s, 1)); /* nobody has decided */
    s->people[1].invited = true;
    CHECK_OK(ic_meeting_admit(s->people[0].m, knock->e.knock, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_agree_within(s, SIM_FIRST(2), 2000));
}

TEST(sim_refused_reads_why)
{
    SIM(s, .people = 2, .hosts = 1);
    sim_start(s, 0);
    s->admit = false;
    sim_run(s, 100);
    sim_start(s, 1);
    CHECK(sim_await(s, 0, IC_MEETING_EV_KNOCK, NULL, 1000));
    uint64_t knock = sim_seen(s, 0, IC_MEETING_EV_KNOCK, NULL)->e.knock;
    CHECK_OK(ic_meeting_refuse(s->people[0].m, knock, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_await(s, 1, IC_MEETING_EV_REFUSED, NULL, 1000));
    CHECK(sim_seen(s, 1, IC_MEETING_EV_REFUSED, NULL)->e.rule[0]);
    sim_run(s, 2000);
    CHECK(sim_agree(s, SIM_ONE(0)));
}

TEST(sim_guest_waits_for_a_host)
{
    SIM(s, .people = 2, .hosts = 1);
    sim_start(s, 1);
    sim_run(s, 1000);
    CHECK_EQ_INT(ic_meeting_state(s->people[1].m), IC_MEETING_WAITING_HOST);
    sim_start(s, 0);
    CHECK(sim_agree_within(s, SIM_FIRST(2), 3000));
}

TEST(sim_code_new_at_each_entry_and_exit)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    struct code two = code_of(s, 0);
    CHECK(same(two, code_of(s, 1)));
    sim_start(s, 2);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 3000));
    struct code three = code_of(s, 0);
    CHECK(!same(two, three));
    CHECK_OK(ic_meeting_leave(s->people[2].m, sim_wall(&s->people[2])));
    sim_pump(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ENDED, "left", 5000));
    CHECK(sim_agree_within(s, SIM_FIRST(2), 5000));
    CHECK(!same(code_of(s, 0), three) && !same(code_of(s, 0), two));
    CHECK(sim_seen(s, 0, IC_MEETING_EV_LEFT, "left"));
}

TEST(sim_chat_in_one_order_for_all)
{
    SIM(s, .people = 4, .hosts = 1);
    sim_gather(s, 4);
    char text[32];
    for (int round = 0; round < 5; round++) {
        for (unsigned i = 0; i < 4; i++) {
            snprintf(text, sizeof text, "line %d of %u", round, i);
            CHECK(sim_chat(s, i, text));
        }
        sim_run(s, 7);
    }
    sim_run(s, 2000);
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQ_INT(sim_count(s, i, IC_MEETING_EV_CHAT, NULL), 20);
        CHECK_EQ_INT(sim_count(s, i, IC_MEETING_EV_SENT, NULL), 5);
        CHECK(sim_same_order(s, 0, i));
    }
}

TEST(sim_two_hosts_admit_at_once)
{
    SIM(s, .people = 4, .hosts = 2);
    sim_gather(s, 2);
    sim_start(s, 2);
    sim_start(s, 3);
    CHECK(sim_agree_within(s, SIM_FIRST(4), 5000));
    CHECK_EQ_INT(sim_count(s, 0, IC_MEETING_EV_ALERT, NULL), 0);
    CHECK_EQ_INT(sim_count(s, 1, IC_MEETING_EV_ALERT, NULL), 0);
}

TEST(sim_two_commits_at_one_epoch_lose_nothing)
{
    SIM(s, .people = 4, .hosts = 2);
    sim_gather(s, 4);
    uint64_t epoch = ic_meeting_epoch(s->people[0].m);
    /* Two changes at the very same moment: one wins, the other is made again. */
    CHECK_OK(ic_meeting_lock(s->people[0].m, true, sim_wall(&s->people[0])));
    CHECK_OK(ic_meeting_remove(s->people[1].m, sim_leaf(s, 1, 3), sim_wall(&s->people[1])));
    sim_pump(s, 0);
    sim_pump(s, 1);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000));
    sim_run(s, 1000);
    CHECK(sim_agree(s, SIM_FIRST(3)));
    CHECK(ic_meeting_epoch(s->people[0].m) >= epoch + 2);
    CHECK(sim_seen(s, 2, IC_MEETING_EV_TERMS, NULL)->e.flag);
    CHECK(sim_seen(s, 2, IC_MEETING_EV_LEFT, "removed-by-host"));
}

TEST(sim_removed_and_barred_until_readmitted)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    CHECK(sim_remove(s, 0, 2));
    CHECK(sim_await(s, 2, IC_MEETING_EV_ENDED, "removed-by-host", 3000));
    CHECK(sim_agree_within(s, SIM_FIRST(2), 3000));
    sim_kill(s, 2);
    sim_mark(s);
    s->admit = false;
    sim_start(s, 2);
    CHECK(sim_await(s, 0, IC_MEETING_EV_KNOCK, NULL, 3000));
    sim_run(s, 2000);
    CHECK(sim_agree(s, SIM_FIRST(2)));
    sim_kill(s, 2);
    sim_run(s, 1000);
    s->admit = true;
    sim_start(s, 2);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000));
}

TEST(sim_locked_room_takes_nobody)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    CHECK_OK(ic_meeting_lock(s->people[0].m, true, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_await(s, 1, IC_MEETING_EV_TERMS, NULL, 2000));
    sim_start(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_REFUSED, NULL, 3000));
    sim_run(s, 1000);
    CHECK(sim_agree(s, SIM_FIRST(2)));
    CHECK_OK(ic_meeting_lock(s->people[0].m, false, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    sim_run(s, 1000);
    sim_kill(s, 2);
    sim_start(s, 2);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000));
}

TEST(sim_last_host_names_a_successor_or_the_room_locks)
{
    SIM(s, .people = 4, .hosts = 1);
    sim_gather(s, 3);
    CHECK_OK(ic_meeting_name_host(s->people[0].m, sim_leaf(s, 0, 1), sim_wall(&s->people[0])));
    sim_pump(s, 0);
    sim_run(s, 1500);
    CHECK(ic_meeting_is_host(s->people[1].m));
    CHECK_OK(ic_meeting_leave(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_await(s, 0, IC_MEETING_EV_ENDED, "left", 5000));
    CHECK(sim_agree_within(s, SIM_ONE(1) | SIM_ONE(2), 5000));
    sim_start(s, 3); /* the successor admits */
    CHECK(sim_agree_within(s, SIM_ONE(1) | SIM_ONE(2) | SIM_ONE(3), 5000));
    sim_mark(s);
    CHECK_OK(ic_meeting_leave(s->people[1].m, sim_wall(&s->people[1])));
    sim_pump(s, 1);
    CHECK(sim_await(s, 1, IC_MEETING_EV_ENDED, "left", 5000));
    CHECK(sim_agree_within(s, SIM_ONE(2) | SIM_ONE(3), 5000));
    CHECK(sim_seen(s, 2, IC_MEETING_EV_TERMS, NULL));
}

TEST(sim_late_joiner_reads_nothing_from_before)
{
    SIM(s, .people = 4, .hosts = 1);
    sim_gather(s, 3);
    CHECK(sim_chat(s, 1, "before"));
    sim_run(s, 1000);
    sim_start(s, 3);
    CHECK(sim_agree_within(s, SIM_FIRST(4), 5000));
    CHECK(sim_chat(s, 1, "after"));
    sim_run(s, 1000);
    CHECK(!sim_read(s, 3, "before") && sim_read(s, 3, "after"));
}

TEST(sim_personal_room_has_a_new_group_each_session)
{
    SIM(s, .people = 2, .hosts = 1, .kind = IC_WIRE_PERSONAL);
    sim_gather(s, 2);
    struct code first = code_of(s, 0);
    CHECK_OK(ic_meeting_end(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_await(s, 1, IC_MEETING_EV_ENDED, NULL, 3000));
    CHECK(sim_await(s, 0, IC_MEETING_EV_ENDED, NULL, 3000));
    sim_kill(s, 0);
    sim_kill(s, 1);
    sim_gather(s, 2);
    CHECK(!same(first, code_of(s, 0)));
}

TEST(sim_link_admits_without_a_host_there)
{
    SIM(s, .people = 4, .hosts = 1, .admission = IC_WIRE_LINK_ADMITS);
    sim_gather(s, 2);
    sim_hold_off(s, 0);
    s->people[2].invited = true; /* by the terms */
    sim_start(s, 2);
    CHECK(sim_until(s, NULL, 0, 4000));
    CHECK(sim_in(s, 2));
    CHECK(sim_sees(s, 1, 2));
}

TEST(sim_fifty_join_in_a_few_commits)
{
    SIM(s, .people = 52, .hosts = 1);
    sim_gather(s, 2);
    uint64_t epoch = ic_meeting_epoch(s->people[0].m);
    for (unsigned i = 2; i < 52; i++)
        sim_start(s, i);
    CHECK(sim_agree_within(s, SIM_FIRST(52), 20000));
    CHECK(ic_meeting_epoch(s->people[0].m) <= epoch + 5);
}

TEST(sim_suite_2_is_a_meeting_too)
{
    SIM(s, .people = 3, .hosts = 1, .suite = 2);
    sim_gather(s, 3);
    CHECK(sim_chat(s, 2, "hello"));
    sim_run(s, 500);
    CHECK(sim_read(s, 0, "hello") && sim_read(s, 1, "hello"));
}

TEST(sim_runs_are_the_same_for_the_same_seed)
{
    struct code codes[2];
    uint64_t frames[2];
    for (int i = 0; i < 2; i++) {
        SIM(s, .people = 5, .hosts = 2, .seed = 77);
        sim_gather(s, 5);
        CHECK(sim_chat(s, 4, "again"));
        sim_run(s, 9000);
        codes[i] = code_of(s, 3);
        frames[i] = s->frames;
    }
    CHECK(same(codes[0], codes[1]));
    CHECK_EQ_INT(frames[0], frames[1]);
}

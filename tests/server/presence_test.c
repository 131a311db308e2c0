#include "world.h"

static void two(struct world *w)
{
    STEP(world_meeting(w, IC_WIRE_INSTANT));
    STEP(world_open_group(w, &w->people[0]));
    STEP(world_admit(w, &w->people[0], &w->people[2]));
    person_forget(&w->people[0]);
}

TEST(a_lost_connection_is_told_and_its_return_too)
{
    WORLD(w);
    STEP(two(&w));
    uint32_t leaf = ic_mls_own_leaf(w.people[2].g);
    STEP(person_hangup(&w.people[2]));
    EXPECT(&w.people[0], IC_WIRE_PRESENCE);
    CHECK_EQ_INT(w.people[0].last->f.presence.leaf, leaf);
    CHECK_EQ_INT(w.people[0].last->f.presence.state, IC_WIRE_AWAY);
    world_wait(&w, 5000);
    STEP(person_enter(&w.people[2]));
    EXPECT(&w.people[0], IC_WIRE_PRESENCE);
    CHECK_EQ_INT(w.people[0].last->f.presence.state, IC_WIRE_HERE);
    world_wait(&w, w.config.limits.away_ms * 2);
    CHECK(!person_skip_to(&w.people[0], IC_WIRE_MESSAGE));
}

TEST(the_server_proposes_to_remove_the_absent)
{
    WORLD(w);
    STEP(two(&w));
    struct person *a = &w.people[0];
    uint32_t leaf = ic_mls_own_leaf(w.people[2].g);
    STEP(person_hangup(&w.people[2]));
    world_wait(&w, w.config.limits.away_ms - 1000);
    CHECK(!person_skip_to(a, IC_WIRE_MESSAGE));
    world_wait(&w, 2000);
    CHECK(a->head);
    STEP(person_follow(a));
    CHECK_EQ_INT(ic_mls_pending_count(a->g), 1);
    CHECK_EQ_INT(ic_mls_pending(a->g, 0)->sender.type, IC_MLS_SENDER_EXTERNAL);
    CHECK_EQ_INT(ic_mls_pending(a->g, 0)->proposal->remove, leaf);
    struct ic_mls_staged *s = NULL;
    STEP(person_commit(a, NULL, false, &s));
    CHECK(!s);
    CHECK_EQ_INT(ic_mls_member_count(a->g), 1);
    /* After that it comes back by the lobby alone. */
    STEP(person_enter(&w.people[2]));
    CHECK_EQ_INT(w.people[2].last->f.entered.role, IC_WIRE_STRANGER);
}

TEST(who_leaves_is_proposed_for_removal_at_once)
{
    WORLD(w);
    STEP(two(&w));
    struct ic_wire_frame f = {.type = IC_WIRE_LEAVE};
    STEP(person_send(&w.people[2], &f));
    EXPECT(&w.people[2], IC_WIRE_OK);
    CHECK(w.people[2].closed);
    EXPECT(&w.people[0], IC_WIRE_PRESENCE);
    EXPECT(&w.people[0], IC_WIRE_MESSAGE);
    CHECK_EQ_INT(w.people[0].last->f.message.kind, IC_WIRE_KIND_PROPOSAL);
    CHECK(!w.people[0].head); /* told once */
}

TEST(after_a_restart_everybody_has_time_to_return)
{
    WORLD(w);
    STEP(two(&w));
    STEP(world_restart(&w));
    STEP(person_enter(&w.people[0]));
    world_wait(&w, w.config.limits.away_ms - 2000);
    CHECK(!person_skip_to(&w.people[0], IC_WIRE_MESSAGE));
    struct ic_wire_frame f = {.type = IC_WIRE_FETCH,
                              .fetch = {.group_id = ic_mls_context(w.people[0].g)->group_id,
                                        .after_seq = w.people[0].seq}};
    STEP(person_send(&w.people[0], &f));
    world_wait(&w, 4000);
    CHECK(person_skip_to(&w.people[0], IC_WIRE_MESSAGE));
    CHECK_EQ_INT(w.people[0].last->f.message.kind, IC_WIRE_KIND_PROPOSAL);
}

TEST(a_removal_waits_for_somebody_who_can_commit_it)
{
    WORLD(w);
    STEP(two(&w));
    STEP(person_hangup(&w.people[0]));
    STEP(person_hangup(&w.people[2]));
    world_wait(&w, w.config.limits.away_ms * 3);
    STEP(person_enter(&w.people[0]));
    CHECK_EQ_INT(w.people[0].last->f.entered.last_seq, 1);
    struct ic_wire_frame f = {.type = IC_WIRE_FETCH,
                              .fetch = {.group_id = ic_mls_context(w.people[0].g)->group_id,
                                        .after_seq = w.people[0].seq}};
    STEP(person_send(&w.people[0], &f));
    world_wait(&w, 100);
    CHECK(person_skip_to(&w.people[0], IC_WIRE_MESSAGE));
    CHECK_EQ_INT(w.people[0].last->f.message.kind, IC_WIRE_KIND_PROPOSAL);
}

static int64_t groups(struct world *w)
{
    int64_t n = -1;
    return icd_store_int(w->store, "SELECT COUNT(*) FROM groups", &n, ICD_NO_PARAMS) == IC_OK ? n
                                                                                              : -1;
}

TEST(an_empty_session_ends_after_a_while)
{
    WORLD(w);
    STEP(two(&w));
    STEP(person_hangup(&w.people[0]));
    STEP(person_hangup(&w.people[2]));
    world_wait(&w, w.config.limits.empty_ms - 1000);
    CHECK_EQ_INT(groups(&w), 1);
    world_wait(&w, 2000);
    CHECK_EQ_INT(groups(&w), 0);
}

TEST(a_session_that_is_empty_at_the_start_ends_too)
{
    WORLD(w);
    STEP(two(&w));
    STEP(world_restart(&w));
    world_wait(&w, w.config.limits.empty_ms + 1000);
    CHECK_EQ_INT(groups(&w), 0);
    STEP(person_enter(&w.people[0]));
    CHECK_EQ_INT(w.people[0].last->f.entered.state, IC_WIRE_WAITING);
}

TEST(a_session_ends_when_everybody_has_left)
{
    WORLD(w);
    STEP(two(&w));
    struct ic_wire_frame f = {.type = IC_WIRE_LEAVE};
    STEP(person_send(&w.people[2], &f));
    CHECK_EQ_INT(groups(&w), 1);
    STEP(person_enter(&w.people[3])); /* waits at the door */
    STEP(person_send(&w.people[0], &f));
    CHECK_EQ_INT(groups(&w), 0);
    EXPECT(&w.people[3], IC_WIRE_ENDED);
    STEP(world_open_group(&w, &w.people[0])); /* and begins anew */
    EXPECT(&w.people[3], IC_WIRE_GROUP_OPEN);
}

/* Whoever is only away may return: nothing ends before its time. */
TEST(a_session_waits_for_those_who_are_only_away)
{
    WORLD(w);
    STEP(two(&w));
    STEP(person_hangup(&w.people[2]));
    struct ic_wire_frame f = {.type = IC_WIRE_LEAVE};
    STEP(person_send(&w.people[0], &f));
    CHECK_EQ_INT(groups(&w), 1);
    STEP(person_enter(&w.people[2]));
    CHECK_EQ_INT(w.people[2].last->f.entered.role, IC_WIRE_MEMBER);
}

#include "world.h"

#include <string.h>

TEST(hello_comes_first_and_once)
{
    WORLD(w);
    struct person *p = &w.people[0];
    uint8_t address[4] = {1, 2, 3, 4};
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    p->conn = w.next_conn++;
    CHECK_OK(icd_core_open(w.core, p->conn, IC_VIEW_ARRAY(address), w.now_ms));
    STEP(person_ask_enter(p, IC_WIRE_REF_ID, w.meeting, true));
    EXPECT_ERROR(p, IC_WIRE_E_STATE);
    struct ic_wire_frame f = {.type = IC_WIRE_HELLO,
                              .hello = {.minor = 7, .client = IC_VIEW_STR("test/1")}};
    STEP(person_send(p, &f));
    EXPECT(p, IC_WIRE_HELLO_OK);
    CHECK_EQ_INT(p->last->f.hello_ok.minor,
                 IC_WIRE_MINOR); /* of a later client: the lower one holds */
    CHECK_EQ_INT(p->last->f.hello_ok.nonce.len, 32);
    STEP(person_send(p, &f));
    EXPECT_ERROR(p, IC_WIRE_E_STATE);
}

TEST(enter_tells_role_and_terms)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(person_enter(&w.people[0]));
    CHECK_EQ_INT(w.people[0].last->f.entered.role, IC_WIRE_HOST);
    CHECK_EQ_INT(w.people[0].last->f.entered.state, IC_WIRE_WAITING);
    CHECK_BYTES(w.people[0].last->f.entered.terms, ic_buf_view(&w.terms));
    CHECK(w.people[0].last->f.entered.external_sender.len > 0);
    STEP(person_enter(&w.people[2]));
    CHECK_EQ_INT(w.people[2].last->f.entered.role, IC_WIRE_STRANGER);
}

TEST(enter_with_a_wrong_signature_is_denied)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(person_connect(&w.people[0]));
    STEP(person_ask_enter(&w.people[0], IC_WIRE_REF_ID, w.meeting, false));
    EXPECT_ERROR(&w.people[0], IC_WIRE_E_DENIED);
}

TEST(enter_without_a_key_only_looks)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    struct person *p = &w.people[0];
    STEP(person_connect(p));
    struct ic_wire_frame f = {
        .type = IC_WIRE_ENTER,
        .enter = {.ref_kind = IC_WIRE_REF_ID, .ref = ic_view_cstr(w.meeting)}};
    STEP(person_send(p, &f));
    EXPECT(p, IC_WIRE_ENTERED);
    CHECK_EQ_INT(p->last->f.entered.role, IC_WIRE_STRANGER);
    struct ic_wire_frame knock = {.type = IC_WIRE_KNOCK};
    STEP(person_send(p, &knock));
    EXPECT_ERROR(p, IC_WIRE_E_STATE);
    STEP(person_enter(p));
    CHECK_EQ_INT(p->last->f.entered.role, IC_WIRE_HOST);
    STEP(person_ask_enter(p, IC_WIRE_REF_ID, w.meeting, true));
    EXPECT_ERROR(p, IC_WIRE_E_STATE);
}

/* Wrong and absent answer alike, byte for byte. */
TEST(enter_answers_wrong_and_absent_meetings_alike)
{
    static const struct {
        uint8_t kind;
        const char *ref;
    } refs[] = {{IC_WIRE_REF_ID, "AAAAAAAAAAAAAAAAAAAAAA"},
                {IC_WIRE_REF_ID, "not an id"},
                {IC_WIRE_REF_NUMBER, "1234567890"},
                {IC_WIRE_REF_NUMBER, "12345"}};
    WORLD(w);
    struct person *p = &w.people[2];
    STEP(person_connect(p));
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++) {
        STEP(person_ask_enter(p, refs[i].kind, refs[i].ref, true));
        EXPECT_ERROR(p, IC_WIRE_E_NOT_FOUND);
        CHECK_BYTES(p->last->f.error.text, IC_VIEW_STR("there is no such meeting"));
    }
}

TEST(a_number_leads_only_to_the_lobby)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    CHECK_EQ_INT(strlen(w.number), 10);
    STEP(person_connect(&w.people[0]));
    STEP(person_ask_enter(&w.people[0], IC_WIRE_REF_NUMBER, w.number, true));
    EXPECT(&w.people[0], IC_WIRE_ENTERED);
    CHECK_EQ_INT(w.people[0].last->f.entered.role, IC_WIRE_STRANGER);
    struct ic_wire_frame f = {.type = IC_WIRE_END};
    STEP(person_send(&w.people[0], &f));
    EXPECT_ERROR(&w.people[0], IC_WIRE_E_DENIED);
}

TEST(wrong_numbers_are_limited_by_address)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    w.config.limits.numbers_per_min = 3;
    world_restart(&w);
    struct person *p = &w.people[2];
    STEP(person_connect(p));
    for (int i = 0; i < 3; i++) {
        STEP(person_ask_enter(p, IC_WIRE_REF_NUMBER, "1111111111", true));
        EXPECT_ERROR(p, IC_WIRE_E_NOT_FOUND);
    }
    /* Now even the right one is not tried. */
    STEP(person_ask_enter(p, IC_WIRE_REF_NUMBER, w.number, true));
    EXPECT_ERROR(p, IC_WIRE_E_LIMIT);
    /* Another address is not held back, and an id is none to guess. */
    STEP(person_connect(&w.people[3]));
    STEP(person_ask_enter(&w.people[3], IC_WIRE_REF_NUMBER, w.number, true));
    EXPECT(&w.people[3], IC_WIRE_ENTERED);
    STEP(person_enter(p));
}

TEST(failed_enters_close_the_connection)
{
    WORLD(w);
    w.config.limits.enters_per_connection = 2;
    world_restart(&w);
    struct person *p = &w.people[2];
    STEP(person_connect(p));
    STEP(person_ask_enter(p, IC_WIRE_REF_ID, "AAAAAAAAAAAAAAAAAAAAAA", true));
    CHECK(!p->closed);
    STEP(person_ask_enter(p, IC_WIRE_REF_ID, "AAAAAAAAAAAAAAAAAAAAAA", true));
    CHECK(p->closed);
}

TEST(who_enters_nothing_is_closed)
{
    WORLD(w);
    STEP(person_connect(&w.people[2]));
    world_wait(&w, w.config.limits.hello_ms + 100);
    EXPECT_ERROR(&w.people[2], IC_WIRE_E_LIMIT);
    CHECK(w.people[2].closed);
}

TEST(a_full_meeting_takes_no_more_connections)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    w.config.limits.connections_per_meeting = 2;
    world_restart(&w);
    STEP(person_enter(&w.people[0]));
    STEP(person_enter(&w.people[2]));
    STEP(person_connect(&w.people[3]));
    STEP(person_ask_enter(&w.people[3], IC_WIRE_REF_ID, w.meeting, true));
    EXPECT_ERROR(&w.people[3], IC_WIRE_E_LIMIT);
}

TEST(a_device_that_connects_again_supersedes_itself)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, &w.people[0]));
    uint64_t first = w.people[0].conn;
    w.people[0].conn = NO_CONN;
    STEP(person_enter(&w.people[0]));
    CHECK_EQ_INT(w.people[0].last->f.entered.role, IC_WIRE_HOST);
    CHECK_EQ_INT(w.people[0].last->f.entered.state, IC_WIRE_OPEN);
    struct icd_core_stats stats;
    icd_core_stats(w.core, &stats);
    CHECK_EQ_INT(stats.connections, 1);
    icd_core_close(w.core, first, w.now_ms); /* the old line's end is noticed late */
    world_wait(&w, w.config.limits.away_ms * 2);
    CHECK(!person_skip_to(&w.people[0], IC_WIRE_PRESENCE));
}

TEST(knock_is_shown_to_hosts_and_refused)
{
    WORLD(w);
    struct person *host = &w.people[0], *p = &w.people[2];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, host));
    STEP(person_knock(p));
    EXPECT(host, IC_WIRE_KNOCKED);
    CHECK_BYTES(host->last->f.knocked.key_package, ic_mls_key_package_message(p->kp));
    uint64_t knock = host->last->f.knocked.knock;
    CHECK_EQ_INT(p->last->f.ok.number, knock);
    struct ic_wire_frame f = {.type = IC_WIRE_REFUSE, .refuse = {.knock = knock, .why = 1}};
    STEP(person_send(p, &f)); /* not by a stranger */
    EXPECT_ERROR(p, IC_WIRE_E_DENIED);
    STEP(person_send(host, &f));
    EXPECT(host, IC_WIRE_KNOCK_GONE);
    CHECK_EQ_INT(host->last->f.knock_gone.why, IC_WIRE_GONE_REFUSED);
    EXPECT(host, IC_WIRE_OK);
    EXPECT(p, IC_WIRE_REFUSED);
    CHECK_EQ_INT(p->last->f.refused.why, IC_WIRE_REFUSED_BY_HOST);
    STEP(person_send(host, &f));
    EXPECT_ERROR(host, IC_WIRE_E_NOT_FOUND);
}

TEST(knock_that_leaves_is_gone)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, &w.people[0]));
    STEP(person_knock(&w.people[2]));
    EXPECT(&w.people[0], IC_WIRE_KNOCKED);
    STEP(person_hangup(&w.people[2]));
    EXPECT(&w.people[0], IC_WIRE_KNOCK_GONE);
    CHECK_EQ_INT(w.people[0].last->f.knock_gone.why, IC_WIRE_GONE_LEFT);
}

TEST(a_host_who_returns_sees_who_waits)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, &w.people[0]));
    STEP(person_hangup(&w.people[0]));
    STEP(person_knock(&w.people[2]));
    STEP(person_enter(&w.people[0]));
    EXPECT(&w.people[0], IC_WIRE_KNOCKED);
}

TEST(knock_needs_a_group_and_an_own_valid_key_package)
{
    WORLD(w);
    struct person *p = &w.people[2], *q = &w.people[3];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(person_enter(p));
    CHECK_OK(ic_mls_key_package_new(&w.mls, &q->id, ic_view(NULL, 0), &q->kp));
    struct ic_wire_frame f = {.type = IC_WIRE_KNOCK,
                              .knock = {.key_package = ic_mls_key_package_message(q->kp)}};
    STEP(person_send(p, &f));
    EXPECT_ERROR(p, IC_WIRE_E_STATE);
    STEP(world_open_group(&w, &w.people[0]));
    EXPECT(p, IC_WIRE_GROUP_OPEN);
    STEP(person_send(p, &f));
    EXPECT_ERROR(p, IC_WIRE_E_INVALID);
    f.knock.key_package = IC_VIEW_STR("no key package");
    STEP(person_send(p, &f));
    EXPECT_ERROR(p, IC_WIRE_E_INVALID);
}

TEST(a_full_lobby_refuses)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    w.config.limits.knocks_per_meeting = 1;
    world_restart(&w);
    STEP(world_open_group(&w, &w.people[0]));
    STEP(person_knock(&w.people[2]));
    STEP(person_knock(&w.people[3]));
    EXPECT(&w.people[3], IC_WIRE_REFUSED);
    CHECK_EQ_INT(w.people[3].last->f.refused.why, IC_WIRE_REFUSED_FULL);
}

TEST(knocks_are_limited_by_address)
{
    WORLD(w);
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    w.config.limits.knocks_per_min = 2;
    world_restart(&w);
    STEP(world_open_group(&w, &w.people[0]));
    STEP(person_knock(&w.people[2]));
    STEP(person_knock(&w.people[2]));
    struct ic_wire_frame f = {.type = IC_WIRE_KNOCK,
                              .knock = {.key_package = ic_mls_key_package_message(w.people[2].kp)}};
    STEP(person_send(&w.people[2], &f));
    EXPECT_ERROR(&w.people[2], IC_WIRE_E_LIMIT);
}

/* Where the link admits, the lowest leaves hear of knocks while no host is here. */
TEST(members_keep_the_door_where_the_terms_admit)
{
    WORLD(w);
    w.admission = IC_WIRE_LINK_ADMITS;
    struct person *host = &w.people[0], *member = &w.people[2], *p = &w.people[3];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, host));
    STEP(world_admit(&w, host, member));
    person_forget(host);
    STEP(person_knock(p));
    EXPECT(host, IC_WIRE_KNOCKED);
    CHECK(!member->head);
    STEP(person_hangup(host)); /* then the member is told */
    CHECK(person_skip_to(member, IC_WIRE_KNOCKED));
    STEP(person_hangup(p));
    CHECK(person_skip_to(member, IC_WIRE_KNOCK_GONE));
}

/* Where hosts admit, a member hears of no knock but that of a host of the terms. */
TEST(members_let_hosts_return)
{
    WORLD(w);
    struct person *host = &w.people[0], *other = &w.people[1], *member = &w.people[2];
    STEP(world_meeting(&w, IC_WIRE_INSTANT));
    STEP(world_open_group(&w, host));
    STEP(world_admit(&w, host, member));
    STEP(person_hangup(host));
    person_forget(member);
    STEP(person_knock(&w.people[3]));
    CHECK(!person_skip_to(member, IC_WIRE_KNOCKED));
    STEP(person_knock(other));
    CHECK(person_skip_to(member, IC_WIRE_KNOCKED));
}

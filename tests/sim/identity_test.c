/* Who is seen as whom changes in mid-meeting: renewal, revocation, pins. */
#include "papered.h"

#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Ada, a host, Ben and Cleo, all by the Ring CA. */
static void gather(struct papered *p, struct sim *s, int64_t life_s)
{
    for (unsigned i = 0; i < 3; i++)
        papered_give(p, s, i, life_s);
    sim_gather(s, 3);
    sim_run(s, 1000);
    sim_mark(s);
}

TEST(sim_renewal_is_taken_by_everybody_and_outlives_the_old_certificate)
{
    SIM(s, .people = 3, .hosts = 1);
    PAPERED(p);
    gather(&p, s, 600);
    for (unsigned i = 0; i < 3; i++)
        CHECK(papered_seen(s, i, 1).identity == IC_MEETING_EXTERNAL);
    uint64_t epoch = ic_meeting_epoch(s->people[0].m);
    CHECK_OK(papered_renew(s, 1, papered_chain(&p.ring, s, 1, 7200)));
    sim_run(s, 3000);
    CHECK(sim_agree(s, SIM_FIRST(3)) && ic_meeting_epoch(s->people[0].m) == epoch + 1);
    CHECK(sim_server_epoch(s, 0) == epoch + 1); /* its observer judged alike */
    for (unsigned i = 0; i < 3; i++) {
        const struct ic_meeting_event *e = papered_event(s, i, 1);
        CHECK(e && is(e->rule, "renewed") && e->person.identity == IC_MEETING_EXTERNAL);
        CHECK(!sim_seen(s, i, IC_MEETING_EV_ALERT, NULL));
    }
    sim_mark(s);
    sim_run(s, 700 * 1000); /* the first certificates are over: everybody's but Ben's */
    for (unsigned i = 0; i < 3; i++) {
        CHECK(papered_seen(s, i, 1).identity == IC_MEETING_EXTERNAL && !papered_event(s, i, 1));
        CHECK(is(papered_seen(s, i, 2).reason, "expired"));
        CHECK(is(papered_event(s, i, 2)->rule, "time"));
    }
}

TEST(sim_renewal_waits_for_the_group_and_outlives_a_lost_race)
{
    SIM(s, .people = 3, .hosts = 1);
    PAPERED(p);
    gather(&p, s, 3600);
    struct ic_view next = papered_chain(&p.ring, s, 1, 7200);
    sim_hold_off(s, 1);
    CHECK_OK(papered_renew(s, 1, next));
    CHECK_OK(ic_meeting_update_keys(s->people[2].m, sim_wall(&s->people[2])));
    sim_pump(s, 2);
    sim_run(s, 1000);
    sim_dial(s, 1);
    sim_run(s, 3000);
    CHECK(sim_agree(s, SIM_FIRST(3)));
    for (unsigned i = 0; i < 3; i++)
        CHECK(papered_event(s, i, 1) && is(papered_event(s, i, 1)->rule, "renewed"));
}

TEST(sim_who_comes_back_after_a_renewal_shows_the_new_certificate)
{
    SIM(s, .people = 3, .hosts = 1);
    PAPERED(p);
    gather(&p, s, 600);
    sim_kill(s, 1);
    s->people[1].certificates = papered_chain(&p.ring, s, 1, 7200);
    sim_start(s, 1);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000));
    CHECK(papered_event(s, 0, 1) && is(papered_event(s, 0, 1)->rule, "renewed"));
    sim_run(s, 700 * 1000);
    CHECK(papered_seen(s, 0, 1).identity == IC_MEETING_EXTERNAL);
}

TEST(sim_renewal_refuses_what_is_not_ones_own)
{
    SIM(s, .people = 3, .hosts = 1);
    PAPERED(p);
    gather(&p, s, 3600);
    struct papers foreign = papers_authority(&p.m, IC_ED25519, "CN=Ring CA,O=Ring");
    CHECK_ERR(papered_renew(s, 1, papered_chain(&p.ring, s, 0, 7200)), IC_ERR_KEY);
    CHECK_ERR(papered_renew(s, 1, papered_chain(&foreign, s, 1, 7200)), IC_ERR_RULE);
    CHECK_ERR(papered_renew(s, 1, IC_VIEW_STR("no chain")), IC_ERR_KEY);
    sim_run(s, 2000);
    CHECK(!sim_seen(s, 0, IC_MEETING_EV_IDENTITY, NULL));
}

TEST(sim_a_certificate_that_begins_later_is_seen_when_it_does)
{
    SIM(s, .people = 2, .hosts = 1);
    PAPERED(p);
    papered_give(&p, s, 0, 3600);
    s->people[1].certificates =
        papers_chain(&p.ring, s->people[1].key,
                     &(struct maker_spec){.subject = "CN=Ben",
                                          .not_before = PAPERED_START_S + 60,
                                          .not_after = PAPERED_START_S + 3600},
                     true);
    sim_gather(s, 2);
    CHECK(is(papered_seen(s, 0, 1).reason, "not-yet"));
    sim_run(s, 61 * 1000);
    CHECK(papered_event(s, 0, 1) && is(papered_event(s, 0, 1)->rule, "time"));
    CHECK(papered_seen(s, 0, 1).identity == IC_MEETING_EXTERNAL);
    CHECK(ic_meeting_state(s->people[0].m) ==
          IC_MEETING_E2EE); /* nobody to compare with any more */
}

TEST(sim_a_root_that_is_no_longer_trusted_changes_every_screen)
{
    SIM(s, .people = 3, .hosts = 1);
    PAPERED(p);
    gather(&p, s, 3600);
    CHECK(ic_meeting_state(s->people[0].m) == IC_MEETING_E2EE);
    CHECK_OK(ic_pki_store_remove_root(p.roots, p.ring.fingerprint));
    for (unsigned i = 0; i < 3; i++) {
        ic_meeting_identity_changed(s->people[i].m, sim_wall(&s->people[i]));
        sim_pump(s, i);
        const struct ic_meeting_event *e = papered_event(s, i, 1);
        CHECK(e && is(e->rule, "trust") && is(e->person.reason, "no-root"));
        CHECK(e->person.identity == IC_MEETING_UNVERIFIED && !e->person.vouched_by[0]);
        CHECK(ic_meeting_state(s->people[i].m) == IC_MEETING_COMPARE);
    }
    CHECK_OK(ic_pki_store_add_root(p.roots, p.ring.root, NULL));
    ic_meeting_identity_changed(s->people[0].m, sim_wall(&s->people[0]));
    sim_pump(s, 0);
    CHECK(papered_event(s, 0, 1)->person.identity == IC_MEETING_EXTERNAL);
    CHECK(ic_meeting_state(s->people[0].m) == IC_MEETING_E2EE);
}

/* ---- pins ---- */

/* As sim_gather, but all that was seen counts. */
static void enter(struct sim *s, unsigned n)
{
    sim_gather(s, n);
    for (unsigned i = 0; i < n; i++)
        s->people[i].mark = 0;
}

static struct ic_meeting_pin pin_of(const struct sim *s, unsigned who, const char *name,
                                    const char *address)
{
    struct ic_meeting_pin pin = {0};
    strcpy(pin.name, name);
    strcpy(pin.address, address);
    ic_hash_once(IC_SHA256, ic_sign_key_public(s->people[who].key), pin.key_hash);
    return pin;
}

TEST(sim_pinned_people_need_not_be_compared_with)
{
    SIM(s, .people = 2, .hosts = 1);
    struct ic_meeting_pin ben = pin_of(s, 1, "Ben", "");
    s->people[0].pins = &ben;
    s->people[0].pin_count = 1;
    enter(s, 2);
    CHECK(papered_seen(s, 0, 1).pinned == IC_MEETING_PIN_MATCH);
    CHECK(ic_meeting_state(s->people[0].m) == IC_MEETING_E2EE);
    CHECK(ic_meeting_state(s->people[1].m) == IC_MEETING_COMPARE); /* who pinned nobody */
    CHECK(!sim_seen(s, 0, IC_MEETING_EV_ALERT, "pin-changed"));
}

TEST(sim_a_known_name_with_another_key_is_told_and_compared)
{
    SIM(s, .people = 2, .hosts = 1);
    PAPERED(p);
    struct ic_meeting_pin ben = pin_of(s, 0, "Ben", "Ben@ring.example"); /* another key than his */
    papered_give(&p, s, 0, 3600);
    papered_give(&p, s, 1, 3600); /* the authority vouches for the newcomer all the same */
    s->people[0].pins = &ben;
    s->people[0].pin_count = 1;
    enter(s, 2);
    struct ic_meeting_person seen = papered_seen(s, 0, 1);
    CHECK(seen.identity == IC_MEETING_EXTERNAL && seen.pinned == IC_MEETING_PIN_CHANGED);
    CHECK(sim_seen(s, 0, IC_MEETING_EV_ALERT, "pin-changed")->e.person.leaf == seen.leaf);
    CHECK(ic_meeting_state(s->people[0].m) == IC_MEETING_COMPARE);
    CHECK(sim_seen(s, 0, IC_MEETING_EV_KNOCK, NULL)->e.person.pinned == IC_MEETING_PIN_CHANGED);
}

TEST(sim_a_known_key_under_another_name_is_told)
{
    SIM(s, .people = 2, .hosts = 1);
    struct ic_meeting_pin pin = pin_of(s, 1, "Benedict", "");
    s->people[0].pins = &pin;
    s->people[0].pin_count = 1;
    enter(s, 2);
    CHECK(papered_seen(s, 0, 1).pinned == IC_MEETING_PIN_CHANGED);
    CHECK(sim_seen(s, 0, IC_MEETING_EV_ALERT, "pin-changed"));
}

TEST(sim_two_verified_people_of_one_name_are_told_apart_by_address)
{
    SIM(s, .people = 2, .hosts = 1);
    PAPERED(p);
    struct ic_meeting_pin other = pin_of(s, 0, "Ben", "ben.other@ring.example");
    papered_give(&p, s, 0, 3600);
    papered_give(&p, s, 1, 3600);
    s->people[0].pins = &other;
    s->people[0].pin_count = 1;
    enter(s, 2);
    CHECK(papered_seen(s, 0, 1).pinned == IC_MEETING_PIN_NONE);
    CHECK(is(papered_seen(s, 0, 1).address, "Ben@ring.example"));
    /* For whom nobody vouches, the name alone is enough to ask. */
    s->people[0].roots = NULL;
    sim_kill(s, 0);
    sim_start(s, 0);
    CHECK(sim_agree_within(s, SIM_FIRST(2), 5000));
    CHECK(papered_seen(s, 0, 1).pinned == IC_MEETING_PIN_CHANGED);
}

/* An authority chooses how it spells an address, and which of several comes first. */
TEST(sim_a_known_address_spelled_otherwise_is_told)
{
    static const char *const names[] = {
        "email:BEN@Ring.Example",
        "URI:im:Ben@ring.example",
        "URI:MAILTO:%42en%40ring.example?subject=hello",
        "email:b@elsewhere.example,URI:im:Ben@ring.example.",
        "email:b@elsewhere.example,DNS:elsewhere.example,URI:im:ben@ring.example",
    };
    PAPERED(p);
    for (size_t i = 0; i < IC_ARRAY_LEN(names); i++) {
        SIM(s, .people = 2, .hosts = 1);
        struct ic_meeting_pin ben = pin_of(s, 0, "Benny", "Ben@ring.example");
        struct maker_spec spec = {.subject = "CN=B. Smith,O=Ring",
                                  .names = names[i],
                                  .not_before = PAPERED_START_S - 3600,
                                  .not_after = PAPERED_START_S + 3600};
        papered_give(&p, s, 0, 3600);
        s->people[1].certificates = papers_chain(&p.ring, s->people[1].key, &spec, true);
        s->people[0].pins = &ben;
        s->people[0].pin_count = 1;
        s->strangers_expected = true; /* he goes by his certificate's name */
        sim_start(s, 0);
        sim_run(s, 200);
        sim_start(s, 1);
        CHECK(sim_await(s, 0, IC_MEETING_EV_ALERT, "pin-changed", 3000));
        struct ic_meeting_person who = sim_seen(s, 0, IC_MEETING_EV_JOINED, NULL)->e.person;
        CHECK(ic_meeting_person(s->people[0].m, 1, &who));
        CHECK(who.identity == IC_MEETING_EXTERNAL && who.pinned == IC_MEETING_PIN_CHANGED);
    }
}

TEST(sim_comparing_offers_whom_to_pin)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    sim_mark(s);
    CHECK_OK(ic_meeting_compared(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_count(s, 0, IC_MEETING_EV_PIN_OFFER, NULL) == 2);
    struct ic_meeting_pin pins[2] = {pin_of(s, 1, "Ben", ""), pin_of(s, 2, "Cleo", "")};
    CHECK_OK(ic_meeting_set_pins(s->people[0].m, pins, 2, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(is(papered_event(s, 0, 2)->rule, "pin"));
    CHECK(papered_event(s, 0, 2)->person.pinned == IC_MEETING_PIN_MATCH);
    sim_mark(s);
    CHECK_OK(ic_meeting_compared(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_count(s, 0, IC_MEETING_EV_PIN_OFFER, NULL) == 0);
    /* Who takes a pin back has somebody to compare with again. */
    CHECK_OK(ic_meeting_set_pins(s->people[0].m, pins, 1, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(ic_meeting_state(s->people[0].m) == IC_MEETING_COMPARE);
}

/* ---- keys by schedule ---- */

TEST(sim_keys_are_rotated_once_an_interval_for_all)
{
    enum { INTERVAL_MS = 600 * 1000, N = 6 };
    SIM(s, .people = N, .hosts = 2);
    bool committed[N] = {false};
    unsigned turns = 0;
    for (unsigned i = 0; i < N; i++)
        s->people[i].rotate_ms = INTERVAL_MS;
    sim_gather(s, N);
    uint64_t epoch = ic_meeting_epoch(s->people[0].m), last_ms = s->now_ms;
    for (unsigned k = 1; k <= 6; k++) {
        struct ic_meeting_person by;
        while (ic_meeting_epoch(s->people[0].m) < epoch + k && !ic_test_failed())
            sim_run(s, 500);
        CHECK(s->now_ms - last_ms > INTERVAL_MS - 2000 &&
              s->now_ms - last_ms < INTERVAL_MS + 15000);
        last_ms = s->now_ms;
        sim_run(s, 20000);
        CHECK(sim_agree(s, SIM_FIRST(N)));
        CHECK(ic_meeting_epoch(s->people[0].m) == epoch + k); /* one commit, not one a member */
        CHECK(ic_meeting_committer(s->people[0].m, &by) && by.leaf < N);
        CHECK(by.host); /* hosts first */
        turns += !committed[by.leaf];
        committed[by.leaf] = true;
    }
    CHECK_EQ_INT(turns, 2); /* whoever did it last steps aside */
}

TEST(sim_a_change_of_keys_for_another_reason_puts_the_schedule_off)
{
    SIM(s, .people = 3, .hosts = 1);
    for (unsigned i = 0; i < 3; i++)
        s->people[i].rotate_ms = 600 * 1000;
    sim_gather(s, 3);
    uint64_t epoch = ic_meeting_epoch(s->people[0].m);
    sim_run(s, 500 * 1000);
    CHECK_OK(ic_meeting_update_keys(s->people[2].m, sim_wall(&s->people[2])));
    sim_pump(s, 2);
    sim_run(s, 550 * 1000);
    CHECK(ic_meeting_epoch(s->people[0].m) == epoch + 1);
    sim_run(s, 70 * 1000);
    CHECK(ic_meeting_epoch(s->people[0].m) == epoch + 2);
}

TEST(sim_keys_are_rotated_without_hosts_too)
{
    SIM(s, .people = 3, .hosts = 1);
    for (unsigned i = 0; i < 3; i++)
        s->people[i].rotate_ms = 600 * 1000;
    sim_gather(s, 3);
    sim_kill(s, 0);
    sim_run(s, 70 * 1000); /* declared absent */
    uint64_t epoch = ic_meeting_epoch(s->people[1].m);
    sim_run(s, 620 * 1000);
    CHECK(sim_agree(s, 6) && ic_meeting_epoch(s->people[1].m) == epoch + 1);
}

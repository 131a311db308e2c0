/* Whose certificate is revoked in a meeting for verified people alone: no member can tell from public data, so hosts'
 * devices act on what they know. */
#include "papered.h"

#include <ic/rules/rules.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Into the Ring CA's list, which all stores here share. */
static void revoke(struct papered *p, struct sim *s, unsigned who)
{
    struct ic_view list =
        papers_list(&p->ring, (int64_t)(s->now_ms / 1000), s->people[who].certificates);
    CHECK_OK(ic_pki_store_add_crl(p->roots, list, s->now_ms / 1000, NULL));
}

TEST(sim_who_is_revoked_is_seen_so_by_all_and_removed_by_the_hosts_device)
{
    CLUB(s, p, 3, 1);
    papered_give_all(&p, s, 3, 3600);
    sim_gather(s, 3);
    revoke(&p, s, 1);
    for (unsigned i = 0; i < 3; i++) {
        ic_meeting_identity_changed(s->people[i].m, sim_wall(&s->people[i]));
        sim_pump(s, i);
        CHECK(is(papered_event(s, i, 1)->person.reason, "revoked"));
    }
    sim_run(s, IC_RULES_GRACE_MS - 1000);
    CHECK(sim_agree(s, SIM_FIRST(3))); /* there is time to come with a good one */
    sim_run(s, 3000);
    CHECK(sim_agree(s, 5));
    CHECK(sim_seen(s, 0, IC_MEETING_EV_ALERT, "certificate-revoked"));
    CHECK(sim_seen(s, 2, IC_MEETING_EV_LEFT, "removed-by-host"));
    s->admit = false;
    sim_kill(s, 1);
    sim_start(s, 1); /* a member without lists would let it in: it is barred */
    sim_run(s, 5000);
    CHECK(sim_agree(s, 5));
}

TEST(sim_the_revoked_who_knock_are_let_in_by_a_host_alone_and_for_a_minute_at_most)
{
    CLUB(s, p, 3, 1);
    papered_give_all(&p, s, 3, 3600);
    s->admit = false;
    sim_gather(s, 1);
    revoke(&p, s, 1);
    sim_start(s, 1);
    sim_run(s, 3000);
    CHECK(sim_agree(s, SIM_ONE(0))); /* though the terms admit it */
    const struct sim_event *knock = sim_seen(s, 0, IC_MEETING_EV_KNOCK, NULL);
    CHECK(knock && is(knock->e.person.reason, "revoked"));
    if (ic_test_failed())
        return;
    CHECK_OK(ic_meeting_admit(s->people[0].m, knock->e.knock, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_agree_within(s, SIM_FIRST(2), 3000));
    sim_run(s, IC_RULES_GRACE_MS - 4000);
    CHECK(sim_agree(s, SIM_FIRST(2)));
    sim_run(s, 6000);
    CHECK(sim_seen(s, 0, IC_MEETING_EV_ALERT, "certificate-revoked"));
    CHECK(sim_agree(s, SIM_ONE(0)));
}

TEST(sim_a_host_who_enters_after_the_revoked_removes_them)
{
    CLUB(s, p, 3, 1);
    papered_give_all(&p, s, 3, 3600);
    sim_gather(s, 3);
    sim_kill(s, 0);
    sim_run(s, 70 * 1000); /* declared absent */
    CHECK(sim_agree(s, 6));
    revoke(&p, s, 1);
    sim_run(s, 70 * 1000);
    CHECK(sim_agree(s, 6)); /* no host, nobody's word counts */
    sim_start(s, 0);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000));
    CHECK(is(papered_seen(s, 0, 1).reason, "revoked"));
    sim_run(s, IC_RULES_GRACE_MS + 3000);
    CHECK(sim_seen(s, 0, IC_MEETING_EV_ALERT, "certificate-revoked"));
    CHECK(sim_agree(s, 5));
}

TEST(sim_the_revoked_do_not_win_time_by_coming_and_going)
{
    CLUB(s, p, 2, 1);
    papered_give_all(&p, s, 2, 3600);
    sim_gather(s, 2);
    revoke(&p, s, 1);
    ic_meeting_identity_changed(s->people[0].m, sim_wall(&s->people[0]));
    sim_pump(s, 0);
    sim_run(s, 20 * 1000);
    CHECK_OK(ic_meeting_leave(s->people[1].m, sim_wall(&s->people[1])));
    sim_pump(s, 1);
    sim_run(s, 5 * 1000);
    CHECK(sim_agree(s, SIM_ONE(0)));
    sim_kill(s, 1);
    sim_start(s, 1); /* the host lets it in, by hand */
    CHECK(sim_agree_within(s, SIM_FIRST(2), 5000));
    sim_run(s, 38 * 1000);
    CHECK(sim_agree(s, SIM_ONE(0)));
}

TEST(sim_a_member_who_knows_the_list_lets_no_revoked_one_in_until_it_is_taken_back)
{
    CLUB(s, p, 3, 1);
    papered_give_all(&p, s, 3, 3600);
    sim_start(s, 0);
    sim_run(s, 200);
    sim_start(s, 2);
    CHECK(sim_agree_within(s, 5, 3000));
    sim_kill(s, 0);
    sim_run(s, 70 * 1000);
    CHECK(sim_agree(s, 4));
    revoke(&p, s, 1);
    sim_start(s, 1);
    sim_run(s, 10 * 1000);
    CHECK(sim_agree(s, 4));
    int64_t now_s = (int64_t)(s->now_ms / 1000);
    struct ic_view good = papers_list(&p.ring, now_s, papered_chain(&p.ring, s, 0, 99));
    CHECK_OK(ic_pki_store_add_crl(p.roots, good, (uint64_t)now_s, NULL));
    ic_meeting_identity_changed(s->people[2].m, sim_wall(&s->people[2]));
    sim_pump(s, 2);
    CHECK(sim_agree_within(s, 6, 5000));
}

TEST(sim_a_revocation_that_is_taken_back_in_time_removes_nobody)
{
    CLUB(s, p, 2, 1);
    papered_give_all(&p, s, 2, 3600);
    sim_gather(s, 2);
    int64_t now_s = (int64_t)(s->now_ms / 1000);
    struct ic_view other = papered_chain(&p.ring, s, 0, 99);
    struct ic_view first = papers_list(&p.ring, now_s, s->people[1].certificates);
    struct ic_view second = papers_list(&p.ring, now_s + 1, other);
    CHECK_OK(ic_pki_store_add_crl(p.roots, first, (uint64_t)now_s, NULL));
    ic_meeting_identity_changed(s->people[0].m, sim_wall(&s->people[0]));
    sim_run(s, 30 * 1000);
    CHECK_OK(ic_pki_store_add_crl(p.roots, second, (uint64_t)now_s + 30, NULL));
    ic_meeting_identity_changed(s->people[0].m, sim_wall(&s->people[0]));
    sim_run(s, 90 * 1000);
    CHECK(sim_agree(s, SIM_FIRST(2)));
}

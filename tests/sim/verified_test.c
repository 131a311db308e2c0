/* Meetings for verified people alone: members enforce it by public data, whatever host and server do. */
#include "attack.h"
#include "papered.h"
#include "villain.h"

#include <ic/base/writer.h>
#include <ic/mlspub/codec.h>
#include <ic/rules/rules.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* The villain is in, and everybody has a certificate. */
static struct sim_villain *gather(struct papered *p, struct sim *s, int64_t life_s)
{
    s->admit = false; /* nobody needs to: the terms admit */
    papered_give_all(p, s, GHOST, life_s);
    return sim_villain_gather(s);
}

/* ---- who comes in ---- */

TEST(sim_verified_people_need_nobody_to_admit_them)
{
    CLUB(s, p, 3, 1);
    s->admit = false;
    papered_give_all(&p, s, 3, 3600);
    sim_gather(s, 3);
    CHECK(!sim_seen(s, 0, IC_MEETING_EV_KNOCK, NULL));
    sim_kill(s, 0); /* also where no host is here */
    sim_run(s, 70 * 1000);
    CHECK(sim_agree(s, 6));
}

TEST(sim_guests_are_refused_and_read_what_they_lack)
{
    CLUB(s, p, 4, 1);
    papered_give_all(&p, s, 1, 3600);
    papered_give(&p, s, 2, -10);
    struct papers foreign = papers_authority(&p.m, IC_ED25519, "CN=Ring CA,O=Ring");
    s->people[3].certificates = papered_chain(&foreign, s, 3, 3600);
    sim_start(s, 0);
    sim_run(s, 200);
    static const char *const words[] = {"", "no certificate", "ran out", "none of the authorities"};
    for (unsigned i = 1; i < 4; i++) {
        sim_start(s, i);
        CHECK(sim_await(s, i, IC_MEETING_EV_REFUSED, "refused-not-verified", 2000));
        const struct ic_meeting_event *e =
            &sim_seen(s, i, IC_MEETING_EV_ENDED, "refused-not-verified")->e;
        char text[300] = "";
        memcpy(text, e->text.p, e->text.len < 299 ? e->text.len : 299);
        CHECK(strstr(text, words[i]));
    }
    CHECK(sim_agree(s, SIM_ONE(0)) && !sim_seen(s, 0, IC_MEETING_EV_KNOCK, NULL));
}

TEST(sim_only_the_verified_open_such_a_meeting)
{
    CLUB(s, p, 1, 1);
    papered_give(&p, s, 0, -10);
    sim_start(s, 0);
    CHECK(sim_await(s, 0, IC_MEETING_EV_ENDED, "refused-not-verified", 2000));
    CHECK(sim_server_epoch(s, 0) == 0);
}

/* The server shows a knock that it should have refused: the host sees what is lacking and cannot admit. */
TEST(sim_a_host_reads_what_a_stranger_lacks)
{
    CLUB(s, p, 2, 1);
    papered_give_all(&p, s, 1, 3600);
    s->admit = false;
    sim_start(s, 0);
    sim_run(s, 200);
    struct sim_person *ben = &s->people[1];
    struct ic_test_rand rand;
    struct ic_mls_config c = {.rand = ic_test_rand(&rand, 3),
                              .clock = ic_test_clock_ms(&s->now_ms)};
    struct ic_mls_identity id = {.suite = ic_suite_find(1),
                                 .signer = ben->key,
                                 .credential = sim_credential(ben),
                                 .credential_types = ic_rules_credential_types(),
                                 .extension_types = IC_VIEW_STR("\xf1\xca\xf1\xcb")};
    struct ic_mls_key_package *k;
    CHECK_OK(ic_mls_key_package_new(&c, &id, ic_view(NULL, 0), &k));
    struct ic_wire_frame f = {
        .type = IC_WIRE_KNOCKED,
        .knocked = {.knock = 7, .key_package = ic_mls_key_package_message(k)}};
    sim_inject(s, SIM_DOWN, 0, &f, 0);
    ic_mls_key_package_free(k);
    sim_run(s, 100);
    const struct sim_event *knock = sim_seen(s, 0, IC_MEETING_EV_KNOCK, "no-certificate");
    CHECK(knock && is(knock->e.person.name, "Ben"));
    CHECK_ERR(ic_meeting_admit(s->people[0].m, 7, sim_wall(&s->people[0])), IC_ERR_RULE);
    sim_run(s, 2000);
    CHECK(sim_agree(s, SIM_ONE(0)));
}

/* ---- attacks ---- */

/* A host adds somebody with these certificates: refused by server and members. */
static void add_ghost(struct sim *s, struct sim_villain *v, struct ic_view certificates)
{
    s->people[GHOST].certificates = certificates;
    GHOST_KP(s, k);
    struct ic_view kp = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &kp, .add_count = 1};
    sim_villain_refused_by_server(s, v, p, "add-not-verified");
    if (!ic_test_failed())
        sim_villain_refused_by_members(s, v, p, "add-not-verified", VILLAIN);
}

TEST(host_adds_a_guest_among_the_verified)
{
    CLUB(s, p, PEOPLE, GHOST);
    struct sim_villain *v = gather(&p, s, 3600);
    CHECK(v && !ic_test_failed());
    add_ghost(s, v, ic_view(NULL, 0));
}

TEST(host_adds_an_expired_certificate)
{
    CLUB(s, p, PEOPLE, GHOST);
    struct sim_villain *v = gather(&p, s, 3600);
    CHECK(v && !ic_test_failed());
    add_ghost(s, v, papered_chain(&p.ring, s, GHOST, -10));
}

TEST(host_adds_by_a_foreign_root_of_the_same_name)
{
    CLUB(s, p, PEOPLE, GHOST);
    struct sim_villain *v = gather(&p, s, 3600);
    CHECK(v && !ic_test_failed());
    struct papers foreign = papers_authority(&p.m, IC_ED25519, p.ring.name);
    add_ghost(s, v, papered_chain(&foreign, s, GHOST, 3600));
}

TEST(host_adds_a_forged_chain)
{
    CLUB(s, p, PEOPLE, GHOST);
    struct sim_villain *v = gather(&p, s, 3600);
    CHECK(v && !ic_test_failed());
    struct papers foreign = papers_authority(&p.m, IC_ED25519, p.ring.name);
    foreign.root = p.ring.root; /* shown above a leaf that it never signed */
    add_ghost(s, v, papered_chain(&foreign, s, GHOST, 3600));
}

TEST(member_removes_somebody_whose_certificate_is_good)
{
    CLUB(s, p, PEOPLE, 1);
    struct sim_villain *v = gather(&p, s, 3600);
    CHECK(v && !ic_test_failed());
    uint32_t leaf = sim_villain_leaf_of(v, BEN);
    struct ic_mls_commit_params c = {.removes = &leaf, .remove_count = 1};
    sim_villain_refused_by_server(s, v, c, "remove-without-authority");
    sim_villain_refused_by_members(s, v, c, "remove-without-authority", VILLAIN);
}

TEST(member_sets_the_clock_forward_to_remove_the_verified)
{
    CLUB(s, p, PEOPLE, 1);
    struct sim_villain *v = gather(&p, s, 3600);
    CHECK(v && !ic_test_failed());
    uint32_t leaf = sim_villain_leaf_of(v, BEN);
    struct ic_mls_commit_params remove = {.removes = &leaf, .remove_count = 1};
    struct ic_mls_commit_params update = {.force_path = true};
    v->time_ms = s->now_ms + 2 * 3600 * 1000;
    sim_villain_refused_by_server(s, v, remove, "commit-time-ahead");
    sim_villain_refused_by_server(s, v, update, "commit-time-ahead"); /* nor in two steps */
    v->time_ms = s->now_ms + IC_RULES_GRACE_MS + 1000;
    sim_villain_refused_by_server(s, v, update, "commit-time-ahead"); /* nor by a bit */
    v->time_ms =
        s->now_ms + 3600 * 1000 + 58 * 1000; /* over by its clock, not by the minute's grace */
    sim_villain_refused_by_server(s, v, remove, "remove-without-authority");
}

/* Hosts may open a meeting to everybody: not in silence. */
TEST(host_opens_the_meeting_to_the_unverified)
{
    CLUB(s, p, PEOPLE, GHOST);
    struct sim_villain *v = gather(&p, s, 3600);
    CHECK(v && !ic_test_failed());
    struct ic_wire_terms former, t;
    uint16_t type;
    struct ic_view data;
    IC_BUF_SCOPE(terms, 1 << 16);
    IC_BUF_SCOPE(extensions, 1 << 16);
    CHECK_OK(ic_rules_terms_find(ic_mls_context(v->g), &former, NULL));
    t = former;
    t.admission = IC_WIRE_HOST_ADMITS;
    t.seq++;
    CHECK_OK(ic_rules_terms_sign(&t, &former, s->people[VILLAIN].key, &terms));
    struct ic_reader r = ic_reader(ic_mls_context(v->g)->extensions);
    struct ic_writer w = ic_writer(&extensions);
    while (ic_mlspub_extensions_next(&r, &type, &data))
        ic_mlspub_extension_write(&w, type, type == IC_WIRE_EXT_TERMS ? ic_buf_view(&terms) : data);
    CHECK_OK(ic_writer_end(&w));
    struct ic_mls_commit_params c = {.set_extensions = true,
                                     .extensions = ic_buf_view(&extensions)};
    CHECK(sim_villain_commit(v, &c));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK);
    for (unsigned i = 0; i < VILLAIN; i++) {
        CHECK(sim_await(s, i, IC_MEETING_EV_ALERT, "verified-no-longer", 500));
        CHECK(alert_about(s, i, VILLAIN));
    }
}

/* ---- a hostile server ---- */

TEST(hostile_calls_a_verified_person_unverified)
{
    CLUB(s, p, 2, 1);
    papered_give_all(&p, s, 2, 3600);
    sim_start(s, 0);
    sim_run(s, 200);
    ATTACK(a, .way = SIM_UP, .who = 1, .type = IC_WIRE_KNOCK, .drop = true);
    attack_begin(s, &a);
    sim_start(s, 1);
    sim_run(s, 100);
    CHECK(a.hits == 1);
    struct ic_wire_frame knock, f = {.type = IC_WIRE_ERROR};
    CHECK_OK(ic_wire_decode(attack_kept(&a, 0), &knock));
    f.request = knock.request;
    f.error.code = IC_WIRE_E_INVALID;
    f.error.text = IC_VIEW_STR("add-not-verified: revoked");
    sim_inject(s, SIM_DOWN, 1, &f, 0);
    CHECK(sim_await(s, 1, IC_MEETING_EV_ENDED, "refused-not-verified",
                    200)); /* kept out, and told: */
    struct ic_view text = ic_buf_view(&sim_seen(s, 1, IC_MEETING_EV_ENDED, NULL)->e.text);
    CHECK(memmem(text.p, text.len, "the server", 10)); /* by our own judgement nothing is lacking */
}

static bool shift_clock(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    p->f->hello_ok.now_ms -= *(const uint64_t *)a->ctx;
    return true;
}

TEST(hostile_sets_its_clock_back_to_keep_the_expired)
{
    CLUB(s, p, 3, 1);
    static const uint64_t year_ms = 365ull * 86400 * 1000;
    ATTACK(a, .way = SIM_DOWN, .who = ATTACK_ALL, .type = IC_WIRE_HELLO_OK, .change = shift_clock,
           .ctx = (void *)(uintptr_t)&year_ms);
    papered_give_all(&p, s, 3, 3600);
    papered_give(&p, s, 1, 30);
    attack_begin(s, &a);
    sim_gather(s, 3);
    sim_run(s, 60 * 1000);
    CHECK(is(papered_seen(s, 0, 1).reason, "expired")); /* the screens go by their own clocks */
    sim_run(s, 400 * 1000);
    CHECK(sim_agree(s, 5)); /* five minutes later than the terms say, and no more */
    attack_end(s, &a);
}

TEST(hostile_takes_the_renewal_away)
{
    CLUB(s, p, 2, 1);
    papered_give_all(&p, s, 2, 3600);
    sim_gather(s, 2);
    ATTACK(a, .way = SIM_UP, .who = 1, .type = IC_WIRE_COMMIT, .drop = true);
    attack_begin(s, &a);
    CHECK_OK(papered_renew(s, 1, papered_chain(&p.ring, s, 1, 7200)));
    CHECK(sim_await(s, 1, IC_MEETING_EV_ALERT, "commit-withheld",
                    6000)); /* there is time to see it */
    attack_end(s, &a);
    sim_cut(s, 1);
    sim_run(s, 5000);
    CHECK(papered_event(s, 0, 1) && is(papered_event(s, 0, 1)->rule, "renewed"));
}

TEST(member_renews_to_what_the_terms_do_not_accept)
{
    CLUB(s, p, PEOPLE, 1);
    struct sim_villain *v = gather(&p, s, 3600);
    CHECK(v && !ic_test_failed());
    s->people[VILLAIN].certificates = papered_chain(&p.ring, s, VILLAIN, -10);
    struct ic_mls_identity id = {.suite = ic_suite_find(1),
                                 .signer = s->people[VILLAIN].key,
                                 .credential = sim_credential(&s->people[VILLAIN]),
                                 .credential_types = ic_rules_credential_types(),
                                 .extension_types = IC_VIEW_STR("\xf1\xca\xf1\xcb")};
    struct ic_mls_commit_params c = {.force_path = true, .identity = &id};
    sim_villain_refused_by_server(s, v, c, "renewal-not-verified");
    sim_villain_refused_by_members(s, v, c, "renewal-not-verified", VILLAIN);
}

/* ---- whose time is over ---- */

TEST(sim_who_runs_out_is_taken_out_after_a_minute_and_may_come_again)
{
    CLUB(s, p, 3, 1);
    papered_give_all(&p, s, 3, 3600);
    papered_give(&p, s, 1, 30);
    sim_gather(s, 3);
    uint64_t over_ms = (PAPERED_START_S + 31) * 1000ull;
    sim_run(s, over_ms - s->now_ms + 500);
    CHECK(is(papered_event(s, 0, 1)->person.reason, "expired")); /* shown at once */
    CHECK(sim_seen(s, 1, IC_MEETING_EV_ALERT, "certificate-over"));
    sim_run(s, IC_RULES_GRACE_MS - 1500);
    CHECK(sim_agree(s, SIM_FIRST(3))); /* and left the minute */
    sim_run(s, 3000);
    CHECK(sim_agree(s, 5));
    for (unsigned i = 0; i < 3; i += 2)
        CHECK(sim_seen(s, i, IC_MEETING_EV_LEFT, "removed-not-verified"));
    CHECK(sim_seen(s, 1, IC_MEETING_EV_ENDED, "removed-not-verified"));
    CHECK(!sim_seen(s, 0, IC_MEETING_EV_ALERT, NULL));
    sim_kill(s, 1);
    papered_give(&p, s, 1, 3600);
    sim_start(s, 1); /* nobody barred it */
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000));
}

/* Times never go back: who is as far ahead as the server lets it be holds nobody's removal up. */
TEST(member_sets_the_clock_forward_to_keep_the_expired)
{
    CLUB(s, p, PEOPLE, 1);
    s->admit = false;
    papered_give_all(&p, s, GHOST, 3600);
    papered_give(&p, s, BEN, 30);
    struct sim_villain *v = sim_villain_gather(s);
    CHECK(v && !ic_test_failed());
    struct ic_mls_commit_params update = {.force_path = true};
    uint64_t over_ms = (PAPERED_START_S + 31) * 1000ull + IC_RULES_GRACE_MS;
    sim_run(s, over_ms - s->now_ms - 2000);
    v->time_ms = s->now_ms + 4 * 60 * 1000;
    CHECK(sim_villain_commit(v, &update));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_ERROR);
    v->time_ms = s->now_ms + IC_RULES_GRACE_MS - 100;
    CHECK(sim_villain_commit(v, &update));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK);
    sim_run(s, 5000);
    CHECK(sim_seen(s, ADA, IC_MEETING_EV_LEFT, "removed-not-verified"));
}

/* Nobody refuses a slow clock. Whoever is let in by it does not stay. */
TEST(member_sets_the_clock_back_to_let_the_expired_in)
{
    CLUB(s, p, PEOPLE, 1);
    struct sim_villain *v = gather(&p, s, 3600);
    CHECK(v && !ic_test_failed());
    s->strangers_expected = true;
    s->people[GHOST].certificates = papered_chain(&p.ring, s, GHOST, 30);
    v->time_ms = s->now_ms;
    sim_run(s, 100 * 1000);
    GHOST_KP(s, k);
    struct ic_view kp = ic_mls_key_package_message(k);
    struct ic_mls_commit_params add = {.adds = &kp, .add_count = 1};
    CHECK(sim_villain_commit(v, &add));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK);
    CHECK(sim_await(s, ADA, IC_MEETING_EV_JOINED, NULL, 500));
    sim_run(s, 3000);
    CHECK(sim_seen(s, ADA, IC_MEETING_EV_LEFT, "removed-not-verified"));
    CHECK(sim_seen(s, CLEO, IC_MEETING_EV_LEFT, "removed-not-verified"));
}

/* The server refuses what is a minute ahead of it; the clients know its clock. */
TEST(sim_who_has_a_clock_ahead_commits_by_the_servers)
{
    CLUB(s, p, 3, 1);
    papered_give_all(&p, s, 3, 3600);
    s->people[0].clock_off_ms = 4 * 60 * 1000;
    s->people[1].clock_off_ms = -4 * 60 * 1000;
    sim_gather(s, 3);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t epoch = ic_meeting_epoch(s->people[0].m);
        CHECK_OK(ic_meeting_update_keys(s->people[i].m, sim_wall(&s->people[i])));
        sim_pump(s, i);
        sim_run(s, 2000);
        CHECK(sim_agree(s, SIM_FIRST(3)) && ic_meeting_epoch(s->people[0].m) == epoch + 1);
        CHECK(!sim_seen(s, i, IC_MEETING_EV_ALERT, NULL));
    }
}

TEST(sim_without_a_host_any_member_takes_out_whose_time_is_over)
{
    CLUB(s, p, 3, 1);
    papered_give_all(&p, s, 3, 3600);
    papered_give(&p, s, 0, 30); /* the host itself */
    sim_gather(s, 3);
    sim_run(s, 100 * 1000);
    CHECK(sim_agree(s, 6));
    CHECK(sim_seen(s, 2, IC_MEETING_EV_LEFT, "removed-not-verified"));
}

TEST(sim_a_renewal_within_the_minute_is_in_time)
{
    CLUB(s, p, 3, 1);
    papered_give_all(&p, s, 3, 3600);
    papered_give(&p, s, 1, 30);
    sim_gather(s, 3);
    sim_run(s, 60 * 1000);
    CHECK_OK(papered_renew(s, 1, papered_chain(&p.ring, s, 1, 3600)));
    sim_run(s, 100 * 1000);
    CHECK(sim_agree(s, SIM_FIRST(3)));
    CHECK(!sim_seen(s, 0, IC_MEETING_EV_LEFT, NULL));
}

TEST(sim_a_host_whose_clock_is_ahead_removes_nobody_too_early)
{
    CLUB(s, p, 3, 1);
    s->people[0].clock_off_ms = 4 * 60 * 1000;
    papered_give_all(&p, s, 3, 3600);
    papered_give(&p, s, 1, 300);
    sim_gather(s, 3);
    sim_run(s, 200 * 1000); /* by the host's clock it has been over for more than a minute */
    CHECK(sim_sees(s, 2, 1));
}

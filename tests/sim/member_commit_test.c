/* A malicious member's commits, alone and with a server that lets everything pass: who is named, by which
 * rule, and whether the meeting goes on. */
#include "attack.h"
#include "villain.h"

#include <ic/base/writer.h>
#include <ic/mlspub/codec.h>
#include <ic/rules/rules.h>
#include <string.h>

/* ---- commits without authority ---- */

TEST(member_adds_a_ghost)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    GHOST_KP(s, k);
    struct ic_view kp = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &kp, .add_count = 1};
    sim_villain_refused_by_server(s, v, p, "add-without-authority");
    sim_villain_refused_by_members(s, v, p, "add-without-authority", VILLAIN);
}

TEST(member_removes_another)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    uint32_t leaf = sim_villain_leaf_of(v, BEN);
    struct ic_mls_commit_params p = {.removes = &leaf, .remove_count = 1};
    sim_villain_refused_by_server(s, v, p, "remove-without-authority");
    sim_villain_refused_by_members(s, v, p, "remove-without-authority", VILLAIN);
}

/* The terms with the villain as a host, signed by itself. */
static bool own_terms(const struct sim_villain *v, struct ic_buf *out)
{
    struct ic_wire_terms t;
    uint16_t type;
    struct ic_view data;
    IC_BUF_SCOPE(hosts, 4096);
    IC_BUF_SCOPE(terms, 1 << 16);
    if (ic_rules_terms_find(ic_mls_context(v->g), &t, NULL) != IC_OK ||
        ic_wire_list_add(&hosts, ic_sign_key_public(v->s->people[v->who].key)) != IC_OK)
        return false;
    struct ic_wire_terms next = t;
    next.hosts = ic_buf_view(&hosts);
    next.seq++;
    if (ic_rules_terms_sign(&next, NULL, v->s->people[v->who].key, &terms) != IC_OK)
        return false;
    struct ic_reader r = ic_reader(ic_mls_context(v->g)->extensions);
    struct ic_writer w = ic_writer(out);
    while (ic_mlspub_extensions_next(&r, &type, &data))
        ic_mlspub_extension_write(&w, type, type == IC_WIRE_EXT_TERMS ? ic_buf_view(&terms) : data);
    return ic_writer_end(&w) == IC_OK;
}

TEST(member_makes_itself_host)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    IC_BUF_SCOPE(extensions, 1 << 16);
    CHECK(own_terms(v, &extensions));
    struct ic_mls_commit_params p = {.set_extensions = true,
                                     .extensions = ic_buf_view(&extensions)};
    sim_villain_refused_by_server(s, v, p, "terms-without-host");
    sim_villain_refused_by_members(s, v, p, "terms-without-host", VILLAIN);
}

TEST(member_takes_another_name)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    static const uint8_t types[] = {0xf1, 0xca, 0xf1, 0xcb};
    struct ic_mls_identity id = {.suite = ic_suite_find(s->plan.suite),
                                 .signer = s->people[VILLAIN].key,
                                 .credential = {IC_MLS_BASIC, IC_VIEW_STR("Ada")},
                                 .credential_types = ic_rules_credential_types(),
                                 .extension_types = IC_VIEW_ARRAY(types)};
    struct ic_mls_commit_params p = {.force_path = true, .identity = &id};
    sim_villain_refused_by_server(s, v, p, "identity-changed");
    sim_villain_refused_by_members(s, v, p, "identity-changed", VILLAIN);
}

TEST(member_sets_the_clock_back)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    v->time_ms = s->now_ms - 3600 * 1000;
    struct ic_mls_commit_params p = {.force_path = true};
    sim_villain_refused_by_server(s, v, p, "commit-time");
    sim_villain_refused_by_members(s, v, p, "commit-time", VILLAIN);
}

/* The others' commits follow its time, and say so; tickets end early, and nothing else. */
TEST(member_sets_the_clock_forward)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    v->time_ms = s->now_ms + 24 * 3600 * 1000;
    struct ic_mls_commit_params p = {.force_path = true};
    CHECK(sim_villain_commit(v, &p));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK);
    CHECK(sim_await(s, BEN, IC_MEETING_EV_ALERT, "commit-clock", 500));
    CHECK(alert_about(s, BEN, VILLAIN));
    CHECK_OK(ic_meeting_update_keys(s->people[BEN].m, sim_wall(&s->people[BEN])));
    sim_pump(s, BEN);
    sim_run(s, 1000);
    CHECK(sim_agree(s, SIM_FIRST(GHOST)));
}

TEST(member_commits_without_its_data)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    struct ic_mls_commit_params p = {.force_path = true,
                                     .authenticated_data = IC_VIEW_STR("nonsense")};
    sim_villain_refused_by_server(s, v, p, "commit-data");
    sim_villain_refused_by_members(s, v, p, "commit-data", VILLAIN);
}

/* ---- tickets ---- */

TEST(member_adds_by_a_ticket_that_is_not_its_own)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    GHOST_KP(s, k);
    struct ic_view kp = ic_mls_key_package_message(k);
    IC_BUF_SCOPE(ticket, 1 << 12);
    CHECK_OK(ic_meeting_ticket(s->people[ADA].m, kp, sim_leaf(s, ADA, BEN), s->now_ms, &ticket));
    v->tickets = ic_buf_view(&ticket);
    struct ic_mls_commit_params p = {.adds = &kp, .add_count = 1};
    sim_villain_refused_by_server(s, v, p, "add-without-authority");
    sim_villain_refused_by_members(s, v, p, "add-without-authority", VILLAIN);
}

TEST(member_adds_another_by_a_ticket)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    GHOST_KP(s, invited);
    GHOST_KP(s, swapped);
    struct ic_view kp = ic_mls_key_package_message(swapped);
    IC_BUF_SCOPE(ticket, 1 << 12);
    CHECK_OK(ic_meeting_ticket(s->people[ADA].m, ic_mls_key_package_message(invited),
                               sim_leaf(s, ADA, VILLAIN), s->now_ms, &ticket));
    v->tickets = ic_buf_view(&ticket);
    struct ic_mls_commit_params p = {.adds = &kp, .add_count = 1};
    sim_villain_refused_by_server(s, v, p,
                                  "add-without-authority"); /* the key package breaks the ticket */
    sim_villain_refused_by_members(s, v, p, "add-without-authority", VILLAIN);
}

TEST(member_adds_by_an_expired_ticket)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    GHOST_KP(s, k);
    struct ic_view kp = ic_mls_key_package_message(k);
    IC_BUF_SCOPE(ticket, 1 << 12);
    CHECK_OK(
        ic_meeting_ticket(s->people[ADA].m, kp, sim_leaf(s, ADA, VILLAIN), s->now_ms, &ticket));
    v->tickets = ic_buf_view(&ticket);
    sim_run(s, IC_RULES_TICKET_MS + 1000);
    struct ic_mls_commit_params p = {.adds = &kp, .add_count = 1};
    sim_villain_refused_by_server(s, v, p, "add-without-authority");
    sim_villain_refused_by_members(s, v, p, "add-without-authority", VILLAIN);
}

TEST(member_uses_a_ticket_twice)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    GHOST_KP(s, k);
    struct ic_view kp = ic_mls_key_package_message(k);
    IC_BUF_SCOPE(ticket, 1 << 12);
    CHECK_OK(
        ic_meeting_ticket(s->people[ADA].m, kp, sim_leaf(s, ADA, VILLAIN), s->now_ms, &ticket));
    v->tickets = ic_buf_view(&ticket);
    s->people[GHOST].invited = true; /* by the ticket */
    struct ic_mls_commit_params p = {.adds = &kp, .add_count = 1};
    CHECK(sim_villain_commit(v, &p));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK); /* the control: once it is good */
    sim_run(s, 500);
    CHECK(sim_sees(s, ADA, GHOST));
    CHECK(sim_remove(s, ADA, GHOST));
    sim_run(s, 1000);
    CHECK(!sim_sees(s, BEN, GHOST));
    sim_mark(s);
    struct ic_mls_commit_params again = {.adds = &kp, .add_count = 1};
    sim_villain_refused_by_server(s, v, again, "add-barred");
    sim_villain_refused_by_members(s, v, again, "add-barred", VILLAIN);
}

/* Where the link admits, the server cannot check a proof: it takes the commit, all members report it, and
 * it is void. */
TEST(member_forges_the_proof_of_a_link)
{
    SIM(s, .people = PEOPLE, .hosts = 1, .admission = IC_WIRE_LINK_ADMITS);
    VILLAINY(s, v);
    s->people[GHOST].invited = false;
    GHOST_KP(s, k);
    struct ic_view kp = ic_mls_key_package_message(k);
    IC_BUF_SCOPE(proofs, 256);
    CHECK_OK(ic_wire_list_add(&proofs, IC_VIEW_STR("0123456789abcdef0123456789abcdef")));
    v->proofs = ic_buf_view(&proofs);
    struct ic_mls_commit_params p = {.adds = &kp, .add_count = 1};
    CHECK(sim_villain_commit(v, &p));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK);
    for (unsigned i = 0; i < VILLAIN; i++) {
        CHECK(sim_await(s, i, IC_MEETING_EV_ALERT, "add-without-authority", 500));
        CHECK(alert_about(s, i, VILLAIN));
        CHECK(sim_await(s, i, IC_MEETING_EV_ALERT, "commit-void: add-without-authority", 500));
    }
    CHECK(sim_agree_within(s, SIM_FIRST(GHOST), 5000)); /* and goes on */
    CHECK(gate_open(s, ADA));
}

/* ---- leaves of others ---- */

TEST(member_steals_a_leaf_by_an_external_commit)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    static const uint8_t types[] = {0xf1, 0xca, 0xf1, 0xcb};
    uint64_t now_s = s->now_ms / 1000;
    struct ic_mls_identity id = {.suite = ic_suite_find(s->plan.suite),
                                 .signer = s->people[GHOST].key,
                                 .credential = {IC_MLS_BASIC, IC_VIEW_STR("Ada")},
                                 .credential_types = ic_rules_credential_types(),
                                 .extension_types = IC_VIEW_ARRAY(types),
                                 .lifetime = {now_s - 3600, now_s + 86400}};
    struct ic_mls_config c = {.rand = ic_test_rand(&s->people[GHOST].rand, 9),
                              .clock = ic_test_clock_ms(&s->now_ms)};
    struct ic_mls_group *g = NULL;
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(tree, 1 << 20);
    IC_BUF_SCOPE(data, 1 << 12);
    IC_BUF_SCOPE(commit, 1 << 20);
    IC_BUF_SCOPE(new_info, 1 << 20);
    CHECK_OK(ic_mls_group_info(v->g, false, &info));
    CHECK_OK(ic_mls_tree(v->g, &tree));
    CHECK(sim_villain_data(v, &data));
    const uint32_t leaf = sim_villain_leaf_of(v, ADA);
    const struct ic_mls_external_join j = {.group_info = ic_buf_view(&info),
                                           .tree = ic_buf_view(&tree),
                                           .replaces = &leaf,
                                           .authenticated_data = ic_buf_view(&data)};
    CHECK_OK(ic_mls_group_join_external(&c, &id, &j, &g, &commit, &new_info));
    ic_mls_group_free(g);
    ic_buf_move(&v->commit, &commit);
    ic_buf_move(&v->group_info, &new_info);
    sim_villain_send_commit(v);
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_ERROR);
    CHECK_EQ_INT(v->error, IC_WIRE_E_DENIED);
    sim_villain_collude(v, IC_WIRE_KIND_COMMIT, ic_buf_view(&v->commit));
    for (unsigned i = BEN; i < VILLAIN; i++) {
        CHECK(sim_await(s, i, IC_MEETING_EV_ALERT, "external-commit-identity", 500));
        CHECK(alert_about(s, i, ADA)); /* whose leaf it is about */
        CHECK(!gate_open(s, i));
        CHECK(sim_await(s, i, IC_MEETING_EV_ENDED, "external-commit-identity", 4000));
    }
}

/* ---- commits that cannot be applied ---- */

TEST(member_commits_what_nobody_can_apply)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    uint64_t epoch = ic_meeting_epoch(s->people[ADA].m);
    struct ic_mls_commit_params p = {.force_path = true};
    sim_spoil_path(1, true);
    bool sent = sim_villain_commit(v, &p);
    sim_spoil_path(0, false);
    CHECK(sent);
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK); /* an outsider cannot tell */
    for (unsigned i = 0; i < VILLAIN; i++) {
        CHECK(sim_await(s, i, IC_MEETING_EV_ALERT, NULL, 500));
        CHECK(alert_about(s, i, VILLAIN));
        CHECK(!gate_open(s, i));
    }
    sim_run(s, 3000); /* the replacement */
    CHECK(sim_agree(s, SIM_FIRST(GHOST)));
    for (unsigned i = 0; i < VILLAIN; i++) {
        CHECK(gate_open(s, i));
        CHECK_EQ_INT(sim_count(s, i, IC_MEETING_EV_ENDED, NULL), 0);
    }
    CHECK(ic_meeting_epoch(s->people[ADA].m) > epoch);
    CHECK(sim_chat(s, CLEO, "and on we go"));
    sim_run(s, 500);
    CHECK(sim_read(s, ADA, "and on we go"));
    CHECK(sim_remove(s, ADA, VILLAIN));
    CHECK(sim_agree_within(s, SIM_FIRST(VILLAIN), 3000));
}

TEST(member_commits_what_one_cannot_apply)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    /* The villain has leaf 3; the first path secret is for its sibling, leaf 2. */
    CHECK_EQ_INT(sim_villain_leaf_of(v, VILLAIN), 3);
    CHECK_EQ_INT(sim_villain_leaf_of(v, CLEO), 2);
    struct ic_mls_commit_params p = {.force_path = true};
    sim_spoil_path(1, false);
    bool sent = sim_villain_commit(v, &p);
    sim_spoil_path(0, false);
    CHECK(sent);
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK);
    CHECK(sim_await(s, CLEO, IC_MEETING_EV_ALERT, NULL, 500));
    CHECK(alert_about(s, CLEO, VILLAIN));
    CHECK(!gate_open(s, CLEO));
    CHECK(!sim_seen(s, BEN, IC_MEETING_EV_ALERT, NULL));
    CHECK(sim_agree_within(s, SIM_FIRST(GHOST), 8000)); /* it resyncs alone */
    CHECK(gate_open(s, CLEO));
}

/* All but one cannot apply it, and that one is away when it is taken back. */
TEST(member_commits_what_is_void_while_somebody_is_away)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    struct ic_mls_commit_params p = {.force_path = true};
    sim_spoil_path(2, true); /* the first secret, for Cleo, is good */
    bool sent = sim_villain_commit(v, &p);
    sim_spoil_path(0, false);
    CHECK(sent);
    CHECK(sim_await(s, CLEO, IC_MEETING_EV_CODE, NULL, 500));
    CHECK(sim_await(s, ADA, IC_MEETING_EV_ALERT, NULL, 500));
    sim_hold_off(s, CLEO);
    sim_run(s, 5000);
    CHECK(!same_code(code_of(s, ADA), code_of(s, CLEO)));
    sim_dial(s, CLEO);
    CHECK(sim_await(s, CLEO, IC_MEETING_EV_ALERT, "commit-void", 3000));
    CHECK(sim_agree_within(s, SIM_FIRST(GHOST), 5000));
}

TEST(member_leaves_the_only_other_one_no_choice)
{
    /* The first commit of a meeting of two: all who can judge is one. */
    SIM(s, .people = PEOPLE, .hosts = 1);
    sim_gather(s, 1);
    struct sim_villain *v = sim_villain_start(s, VILLAIN);
    CHECK(sim_villain_in(s, VILLAIN, 3000));
    sim_run(s, 1000);
    sim_mark(s);
    struct ic_mls_commit_params p = {.force_path = true};
    sim_spoil_path(1, true);
    bool sent = sim_villain_commit(v, &p);
    sim_spoil_path(0, false);
    CHECK(sent);
    CHECK(sim_await(s, ADA, IC_MEETING_EV_ALERT, NULL, 500));
    CHECK(alert_about(s, ADA, VILLAIN));
    CHECK(sim_agree_within(s, SIM_ONE(ADA) | SIM_ONE(VILLAIN), 5000));
}

/* Two commits for one epoch, each good by itself, handed to two halves. */
TEST(member_and_server_split_the_group)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    struct ic_mls_commit_params p = {.force_path = true};
    struct ic_wire_frame f = {.type = IC_WIRE_MESSAGE,
                              .message = {.seq = v->seq + 1,
                                          .group_id = ic_buf_view(&v->group_id),
                                          .kind = IC_WIRE_KIND_COMMIT}};
    CHECK(sim_villain_make(v, &p));
    f.message.message = ic_buf_view(&v->commit);
    sim_inject(s, SIM_DOWN, ADA, &f, 0);
    CHECK(sim_villain_make(v, &p));
    f.message.message = ic_buf_view(&v->commit);
    sim_inject(s, SIM_DOWN, BEN, &f, 0);
    sim_inject(s, SIM_DOWN, CLEO, &f, 0);
    sim_run(s, 200);
    CHECK_EQ_INT(ic_meeting_epoch(s->people[ADA].m), ic_meeting_epoch(s->people[BEN].m));
    CHECK(same_code(code_of(s, BEN), code_of(s, CLEO)));
    CHECK(!same_code(code_of(s, ADA), code_of(s, BEN))); /* the codes tell */
    CHECK(sim_await(s, ADA, IC_MEETING_EV_ALERT, NULL, 11000));
    sim_run(s, 11000);
    CHECK(!gate_open(s, ADA)); /* and who is alone in its half hears nobody */
}

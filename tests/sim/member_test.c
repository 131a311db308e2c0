/* A malicious member, alone and with a server that lets everything pass: who is named, by which rule, and
 * whether the meeting goes on. */
#include "attack.h"
#include "villain.h"

#include <ic/base/mem.h>
#include <ic/base/writer.h>
#include <ic/mls/group.h>
#include <ic/mlspub/codec.h>
#include <ic/rules/rules.h>
#include <ic/sframe/header.h>
#include <ic/sframe/store.h>
#include <stdlib.h>
#include <string.h>

enum { ADA, BEN, CLEO, VILLAIN, GHOST, PEOPLE };

/* Three honest people, the first a host; Dan is the villain, and Eve is whom nobody invited. */
static struct sim_villain *gather(struct sim *s)
{
    sim_gather(s, VILLAIN);
    if (ic_test_failed())
        return NULL;
    struct sim_villain *v = sim_villain_start(s, VILLAIN);
    if (!sim_villain_in(s, VILLAIN, 3000) || !sim_agree_within(s, SIM_FIRST(GHOST), 3000))
        ic_test_fail(__FILE__, __LINE__, "the villain does not get in");
    sim_run(s, 500);
    sim_mark(s);
    return v;
}
#define VILLAINY(s, v)                                                                             \
    struct sim_villain *v = gather(s);                                                             \
    if (ic_test_failed())                                                                          \
    return

static void kp_free(struct ic_mls_key_package **k)
{
    ic_mls_key_package_free(*k);
}

static struct ic_mls_key_package *ghost_key_package(struct sim *s)
{
    static const uint8_t types[] = {0xf1, 0xca, 0xf1, 0xcb};
    struct sim_person *p = &s->people[GHOST];
    uint64_t now_s = s->now_ms / 1000;
    struct ic_mls_identity id = {.suite = ic_suite_find(s->plan.suite),
                                 .signer = p->key,
                                 .credential = {IC_MLS_BASIC, ic_view_cstr(p->name)},
                                 .extension_types = IC_VIEW_ARRAY(types),
                                 .lifetime = {now_s - 3600, now_s + 86400}};
    struct ic_mls_config c = {.rand = {ic_test_rand(&p->rand, p->rand.state).fill, &p->rand}};
    struct ic_mls_key_package *k = NULL;
    if (ic_mls_key_package_new(&c, &id, ic_view(NULL, 0), &k) != IC_OK)
        abort();
    return k;
}
#define GHOST_KP(s, name)                                                                          \
    __attribute__((cleanup(kp_free))) struct ic_mls_key_package *name = ghost_key_package(s)

/* The honest server refuses it by this rule, and nobody else ever sees it. */
static void refused_by_server(struct sim *s, struct sim_villain *v, struct ic_mls_commit_params p,
                              const char *rule)
{
    uint64_t epoch = sim_server_epoch(s, 0);
    CHECK(sim_villain_commit(v, &p));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_ERROR);
    if (strcmp(v->text, rule) != 0)
        ic_test_fail(__FILE__, __LINE__, "refused for \"%s\", not \"%s\"", v->text, rule);
    CHECK_EQ_INT(sim_server_epoch(s, 0), epoch);
    sim_run(s, 300);
    CHECK(sim_agree(s, SIM_FIRST(GHOST)));
    CHECK(!sim_seen(s, ADA, IC_MEETING_EV_ALERT, NULL));
}

/* The server lets it pass: every honest member names rule and villain, stops sending, and leaves. */
static void refused_by_members(struct sim *s, struct sim_villain *v, struct ic_mls_commit_params p,
                               const char *rule, unsigned about)
{
    uint64_t epoch[VILLAIN];
    for (unsigned i = 0; i < VILLAIN; i++)
        epoch[i] = ic_meeting_epoch(s->people[i].m);
    CHECK(sim_villain_force(v, &p));
    for (unsigned i = 0; i < VILLAIN; i++) {
        CHECK(sim_await(s, i, IC_MEETING_EV_ALERT, rule, 200));
        CHECK(strcmp(sim_seen(s, i, IC_MEETING_EV_ALERT, rule)->e.person.name,
                     s->people[about].name) == 0);
        CHECK(!gate_open(s, i));
        CHECK_EQ_INT(ic_meeting_epoch(s->people[i].m), epoch[i]);
    }
    for (unsigned i = 0; i < VILLAIN; i++) {
        CHECK(sim_await(s, i, IC_MEETING_EV_ENDED, rule, 4000));
        CHECK(!gate_open(s, i));
    }
}

/* ---- commits without authority ---- */

TEST(member_adds_a_ghost)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    GHOST_KP(s, k);
    struct ic_view kp = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &kp, .add_count = 1};
    refused_by_server(s, v, p, "add-without-authority");
    refused_by_members(s, v, p, "add-without-authority", VILLAIN);
}

TEST(member_removes_another)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    uint32_t leaf = sim_villain_leaf_of(v, BEN);
    struct ic_mls_commit_params p = {.removes = &leaf, .remove_count = 1};
    refused_by_server(s, v, p, "remove-without-authority");
    refused_by_members(s, v, p, "remove-without-authority", VILLAIN);
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
    refused_by_server(s, v, p, "terms-without-host");
    refused_by_members(s, v, p, "terms-without-host", VILLAIN);
}

TEST(member_takes_another_name)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    static const uint8_t types[] = {0xf1, 0xca, 0xf1, 0xcb};
    struct ic_mls_identity id = {.suite = ic_suite_find(s->plan.suite),
                                 .signer = s->people[VILLAIN].key,
                                 .credential = {IC_MLS_BASIC, IC_VIEW_STR("Ada")},
                                 .extension_types = IC_VIEW_ARRAY(types)};
    struct ic_mls_commit_params p = {.force_path = true, .identity = &id};
    refused_by_server(s, v, p, "identity-changed");
    refused_by_members(s, v, p, "identity-changed", VILLAIN);
}

TEST(member_sets_the_clock_back)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    v->time_ms = s->now_ms - 3600 * 1000;
    struct ic_mls_commit_params p = {.force_path = true};
    refused_by_server(s, v, p, "commit-time");
    refused_by_members(s, v, p, "commit-time", VILLAIN);
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
    refused_by_server(s, v, p, "commit-data");
    refused_by_members(s, v, p, "commit-data", VILLAIN);
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
    refused_by_server(s, v, p, "add-without-authority");
    refused_by_members(s, v, p, "add-without-authority", VILLAIN);
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
    refused_by_server(s, v, p, "add-without-authority"); /* the key package breaks the ticket */
    refused_by_members(s, v, p, "add-without-authority", VILLAIN);
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
    refused_by_server(s, v, p, "add-without-authority");
    refused_by_members(s, v, p, "add-without-authority", VILLAIN);
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
    refused_by_server(s, v, again, "add-barred");
    refused_by_members(s, v, again, "add-barred", VILLAIN);
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
                                 .extension_types = IC_VIEW_ARRAY(types),
                                 .lifetime = {now_s - 3600, now_s + 86400}};
    struct ic_mls_config c = {.rand = ic_test_rand(&s->people[GHOST].rand, 9)};
    struct ic_mls_group *g = NULL;
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(tree, 1 << 20);
    IC_BUF_SCOPE(data, 1 << 12);
    IC_BUF_SCOPE(commit, 1 << 20);
    IC_BUF_SCOPE(new_info, 1 << 20);
    CHECK_OK(ic_mls_group_info(v->g, false, &info));
    CHECK_OK(ic_mls_tree(v->g, &tree));
    CHECK(sim_villain_data(v, &data));
    CHECK_OK(ic_mls_group_join_external(&c, &id, ic_buf_view(&info), ic_buf_view(&tree),
                                        sim_villain_leaf_of(v, ADA), ic_buf_view(&data), now_s, &g,
                                        &commit, &new_info));
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

TEST(member_commits_as_the_others_leave_it_no_choice)
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

/* ---- proposals ---- */

TEST(member_floods_proposals)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    unsigned taken = 0, refused = 0;
    v->deaf = true; /* it goes on in its epoch, whatever the others do */
    for (unsigned i = 0; i < 300; i++) {
        IC_BUF_SCOPE(data, 1 << 12);
        IC_BUF_SCOPE(proposal, 1 << 16);
        CHECK(sim_villain_data(v, &data));
        CHECK_OK(ic_mls_propose_update(v->g, NULL, ic_buf_view(&data), &proposal));
        sim_villain_propose(v, ic_buf_view(&proposal));
        uint16_t answer = sim_villain_answer(v);
        taken += answer == IC_WIRE_OK;
        refused += answer == IC_WIRE_ERROR;
        if (!s->people[VILLAIN].conn)
            break;
    }
    CHECK(taken <= 256 && refused > 0); /* bounded, and ended by the next commit */
    CHECK(sim_chat(s, ADA, "are you there?"));
    sim_run(s, 4000);
    CHECK(sim_read(s, BEN, "are you there?") && sim_in(s, ADA) && sim_in(s, CLEO));
}

/* The server made room in its order for what it should not have taken. */
static bool count_up(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    (void)a;
    p->f->message.seq += p->f->message.seq != 0;
    return true;
}

TEST(member_proposes_without_right)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    GHOST_KP(s, k);
    IC_BUF_SCOPE(data, 1 << 12);
    IC_BUF_SCOPE(proposal, 1 << 16);
    CHECK(sim_villain_data(v, &data));
    CHECK_OK(
        ic_mls_propose_add(v->g, ic_mls_key_package_message(k), ic_buf_view(&data), &proposal));
    sim_villain_propose(v, ic_buf_view(&proposal));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_ERROR);
    CHECK(strcmp(v->text, "add-without-authority") == 0);
    /* With a server that lets it pass: named, not committed, and nobody falls silent over it. */
    sim_villain_collude(v, IC_WIRE_KIND_PROPOSAL, ic_buf_view(&proposal));
    ATTACK(a, .way = SIM_DOWN, .who = ATTACK_ALL, .type = IC_WIRE_MESSAGE, .change = count_up);
    attack_begin(s, &a);
    CHECK(sim_await(s, ADA, IC_MEETING_EV_ALERT, "add-without-authority", 500));
    CHECK(alert_about(s, ADA, VILLAIN));
    CHECK(sim_chat(s, BEN, "still here"));
    sim_run(s, 15000);
    CHECK(sim_read(s, CLEO, "still here"));
    for (unsigned i = 0; i < VILLAIN; i++)
        CHECK(sim_in(s, i) && !sim_sees(s, i, GHOST));
}

/* ---- lines ---- */

TEST(member_says_anothers_line_again)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    ATTACK(a, .way = SIM_DOWN, .who = VILLAIN, .type = IC_WIRE_MESSAGE,
           .kind = IC_WIRE_KIND_APPLICATION, .count = 1);
    attack_begin(s, &a);
    CHECK(sim_chat(s, ADA, "I agree"));
    sim_run(s, 300);
    struct ic_wire_frame f;
    CHECK_OK(ic_wire_decode(attack_kept(&a, 0), &f));
    sim_villain_say(v, f.message.message, false);
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK); /* the server cannot read who said it */
    sim_run(s, 300);
    CHECK_EQ_INT(sim_count(s, BEN, IC_MEETING_EV_CHAT, NULL), 1);
    CHECK(sim_seen(s, BEN, IC_MEETING_EV_ALERT, NULL));
}

TEST(member_says_what_is_no_line)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    IC_BUF_SCOPE(sealed, 1 << 12);
    CHECK_OK(ic_mls_protect(v->g, IC_VIEW_STR("\1\0\2nonsense"), ic_view(NULL, 0), &sealed));
    sim_villain_say(v, ic_buf_view(&sealed), false);
    CHECK(sim_await(s, BEN, IC_MEETING_EV_ALERT, "message-malformed", 500));
    CHECK(alert_about(s, BEN, VILLAIN));
    CHECK_EQ_INT(sim_count(s, BEN, IC_MEETING_EV_CHAT, NULL), 0);
}

/* A line that was sealed before the Remove, handed out after it. */
TEST(removed_member_says_something_after_all)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    /* u8 version, u16 type 2 (chat), u64 life, u64 lines, text<V>: as lib/meeting has it */
    static const uint8_t line[] = {1, 0, 2, 0, 0, 0, 0, 0,   0,   0,   9,   0,  0,
                                   0, 0, 0, 0, 0, 0, 5, 'h', 'e', 'l', 'l', 'o'};
    IC_BUF_SCOPE(sealed, 1 << 12);
    CHECK_OK(ic_mls_protect(v->g, IC_VIEW_ARRAY(line), ic_view(NULL, 0), &sealed));
    CHECK(sim_remove(s, ADA, VILLAIN));
    CHECK(sim_agree_within(s, SIM_FIRST(VILLAIN), 3000));
    sim_villain_say(v, ic_buf_view(&sealed), false);
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_ERROR);
    v->seq = last_seq(s);
    sim_villain_collude(v, IC_WIRE_KIND_APPLICATION, ic_buf_view(&sealed));
    sim_run(s, 300);
    for (unsigned i = 0; i < VILLAIN; i++) {
        CHECK(!sim_read(s, i, "hello"));
        CHECK(sim_seen(s, i, IC_MEETING_EV_ALERT, "line-after-remove"));
        CHECK(alert_about(s, i, VILLAIN));
    }
}

/* ---- media ---- */

struct frame {
    uint8_t b[256];
    size_t len;
};

static void store_free(struct ic_sframe_store **s)
{
    ic_sframe_store_free(*s);
}
#define STORE(name) __attribute__((cleanup(store_free))) struct ic_sframe_store *name = NULL

/* The villain's own media keys of this epoch, as if it sat at `leaf`. */
static bool keys_as(const struct sim_villain *v, uint32_t leaf, uint64_t epoch,
                    struct ic_sframe_store **out)
{
    uint8_t base[16];
    if (ic_mls_export(v->g, IC_SFRAME_EXPORTER_LABEL, ic_view(NULL, 0), base, sizeof base) !=
            IC_OK ||
        ic_sframe_store_new(4, out) != IC_OK)
        return false;
    struct ic_sframe_epoch e = {.epoch = epoch,
                                .leaf_slots = ic_mls_leaf_count(v->g),
                                .own_leaf = leaf,
                                .base_key = IC_VIEW_ARRAY(base),
                                .may_send = true};
    return ic_sframe_store_add_epoch(*out, &e, v->s->now_ms) == IC_OK;
}

static struct frame seal(struct ic_sframe_store *keys)
{
    struct frame f = {.len = 0};
    if (ic_sframe_store_protect(keys, IC_MEETING_CTX_AUDIO, ic_view(NULL, 0),
                                IC_VIEW_STR("a frame of sound"), f.b, &f.len) != IC_OK)
        ic_test_fail(__FILE__, __LINE__, "the villain cannot seal");
    return f;
}

static struct frame seal_by(struct sim *s, unsigned who)
{
    struct frame f = {.len = 0};
    if (ic_meeting_protect(ic_meeting_media(s->people[who].m), IC_MEETING_CTX_AUDIO,
                           IC_VIEW_STR("a frame of sound"), f.b, &f.len) != IC_OK)
        ic_test_fail(__FILE__, __LINE__, "%s cannot seal", s->people[who].name);
    return f;
}

static ic_err open_by(struct sim *s, unsigned who, const struct frame *f,
                      struct ic_meeting_media_from *from)
{
    uint8_t out[256];
    size_t len;
    return ic_meeting_unprotect(ic_meeting_media(s->people[who].m), ic_view(f->b, f->len),
                                sim_wall(&s->people[who]), out, &len, from);
}

TEST(media_under_another_kid_does_not_open)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    STORE(keys);
    struct ic_meeting_media_from from;
    struct ic_sframe_header h;
    size_t n;
    CHECK(keys_as(v, sim_villain_leaf_of(v, VILLAIN), ic_mls_context(v->g)->epoch, &keys));
    struct frame honest = seal(keys), lie = {.len = 0};
    CHECK_OK(open_by(s, BEN, &honest, &from)); /* the control: its own name on it */
    CHECK(strcmp(from.name, s->people[VILLAIN].name) == 0);
    honest = seal(keys);
    CHECK_OK(ic_sframe_header_decode(ic_view(honest.b, honest.len), &h, &n));
    h.kid = (h.kid & 255) | (uint64_t)sim_villain_leaf_of(v, ADA) << 8;
    lie.len = ic_sframe_header_encode(&h, lie.b);
    memcpy(lie.b + lie.len, honest.b + n, honest.len - n);
    lie.len += honest.len - n;
    CHECK_ERR(open_by(s, BEN, &lie, &from), IC_ERR_AUTH);
    h.kid |= 0xffff00; /* a leaf that there is not */
    lie.len = ic_sframe_header_encode(&h, lie.b);
    memcpy(lie.b + lie.len, honest.b + n, honest.len - n);
    lie.len += honest.len - n;
    CHECK(open_by(s, BEN, &lie, &from) != IC_OK);
}

TEST(media_is_not_taken_twice)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    sim_gather(s, 2);
    struct ic_meeting_media_from from;
    struct frame f = seal_by(s, ADA);
    CHECK_OK(open_by(s, BEN, &f, &from));
    CHECK_ERR(open_by(s, BEN, &f, &from), IC_ERR_REPLAY);
}

TEST(media_of_a_removed_leaf_is_refused_at_once)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    STORE(keys);
    struct ic_meeting_media_from from;
    CHECK(keys_as(v, sim_villain_leaf_of(v, VILLAIN), ic_mls_context(v->g)->epoch, &keys));
    CHECK(sim_remove(s, ADA, VILLAIN));
    struct frame f = seal(keys);
    CHECK_ERR(open_by(s, ADA, &f, &from), IC_ERR_EXPIRED); /* the host: from the click on */
    CHECK(sim_agree_within(s, SIM_FIRST(VILLAIN), 3000));
    f = seal(keys);
    for (unsigned i = 0; i < VILLAIN; i++)
        CHECK_ERR(open_by(s, i, &f, &from), IC_ERR_EXPIRED);
}

TEST(media_of_the_old_epoch_ends_a_second_after_a_remove)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    (void)v;
    struct ic_meeting_media_from from;
    struct frame early = seal_by(s, BEN), late = seal_by(s, BEN);
    CHECK(sim_remove(s, ADA, VILLAIN));
    CHECK(sim_agree_within(s, SIM_FIRST(VILLAIN), 3000));
    CHECK_OK(open_by(s, CLEO, &early, &from)); /* under way when the Remove came */
    sim_run(s, 1100);
    CHECK_ERR(open_by(s, CLEO, &late, &from), IC_ERR_EXPIRED);
}

TEST(media_is_closed_to_a_removed_member)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    STORE(old);
    STORE(guess);
    v->deaf = true; /* it keeps every key that it has */
    uint64_t epoch = ic_mls_context(v->g)->epoch;
    CHECK(keys_as(v, sim_villain_leaf_of(v, VILLAIN), epoch, &old));
    CHECK(keys_as(v, sim_villain_leaf_of(v, VILLAIN), epoch + 1, &guess));
    CHECK(sim_remove(s, ADA, VILLAIN));
    CHECK(sim_agree_within(s, SIM_FIRST(VILLAIN), 3000));
    uint8_t out[256];
    size_t len;
    struct ic_sframe_from from;
    for (unsigned i = 0; i < VILLAIN; i++) {
        struct frame f = seal_by(s, i);
        CHECK(ic_sframe_store_unprotect(old, ic_view(NULL, 0), ic_view(f.b, f.len), s->now_ms, out,
                                        &len, &from) != IC_OK);
        CHECK_ERR(ic_sframe_store_unprotect(guess, ic_view(NULL, 0), ic_view(f.b, f.len), s->now_ms,
                                            out, &len, &from),
                  IC_ERR_AUTH);
    }
}

TEST(media_of_before_is_closed_to_a_newcomer)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    sim_gather(s, 2);
    struct frame before = seal_by(s, ADA);
    sim_start(s, CLEO);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 3000));
    struct ic_meeting_media_from from;
    CHECK(open_by(s, CLEO, &before, &from) != IC_OK);
    sim_run(s, 500);
    struct frame after = seal_by(s, ADA);
    CHECK_OK(open_by(s, CLEO, &after, &from));
}

/* What is not protected, shown as it is: media keys are the group's. */
TEST(limit_a_member_can_forge_anothers_media)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    STORE(keys);
    struct ic_meeting_media_from from;
    CHECK(keys_as(v, sim_villain_leaf_of(v, ADA), ic_mls_context(v->g)->epoch, &keys));
    struct frame f = seal(keys);
    CHECK_OK(open_by(s, BEN, &f, &from));
    CHECK(strcmp(from.name, "Ada") == 0);
    CHECK_ERR(open_by(s, ADA, &f, &from), IC_ERR_OWN_ECHO); /* but never to Ada herself */
}

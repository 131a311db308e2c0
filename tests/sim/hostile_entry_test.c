/* A hostile server at the door: other meetings, groups, key packages, trees. The rows are in
 * docs/threat-model.md. */
#include "attack.h"
#include "villain.h"

#include <stdio.h>
#include <string.h>

/* ---- another meeting ---- */

static bool other_terms(struct sim *s, struct attack *a, struct sim_passing *p)
{
    const struct ic_meeting_made *made = a->ctx;
    (void)s;
    p->f->entered.terms = ic_buf_view(&made->terms);
    return true;
}

static bool flip_terms(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    (void)a;
    /* The admission rule, the lock: anything that the signature covers. */
    p->f->entered.terms = attack_flip(p->f->entered.terms, 24);
    return true;
}

static ic_err make_other(struct sim *s, uint16_t suite, struct ic_meeting_made *made)
{
    struct ic_view host = ic_sign_key_public(s->people[1].key);
    struct ic_meeting_plan plan = {.kind = IC_WIRE_INSTANT,
                                   .suite = suite,
                                   .sframe_suite = 4,
                                   .admission = IC_WIRE_LINK_ADMITS,
                                   .hosts = &host,
                                   .host_count = 1};
    struct ic_test_rand rand;
    struct ic_rand r = ic_test_rand(&rand, 12);
    return ic_meeting_make(&plan, &r, made);
}

TEST(hostile_shows_terms_of_its_own)
{
    SIM(s, .people = 3, .hosts = 1);
    struct ic_meeting_made made;
    CHECK_OK(make_other(s, s->plan.suite, &made));
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_ENTERED, .change = other_terms,
           .ctx = &made);
    sim_gather(s, 2);
    attack_begin(s, &a);
    sim_start(s, 2);
    bool ended = sim_await(s, 2, IC_MEETING_EV_ENDED, "terms-pin", 1000);
    ic_meeting_made_clear(&made);
    CHECK(ended);
}

TEST(hostile_changes_the_terms)
{
    SIM(s, .people = 3, .hosts = 1);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_ENTERED, .change = flip_terms);
    sim_gather(s, 2);
    attack_begin(s, &a);
    sim_start(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ENDED, NULL, 1000));
    CHECK(strncmp(sim_seen(s, 2, IC_MEETING_EV_ENDED, NULL)->e.rule, "terms-", 6) == 0);
}

/* Encryption cannot be turned off, only another suite be offered: the pinned terms say which. */
TEST(hostile_downgrades_the_suite)
{
    SIM(s, .people = 3, .hosts = 1, .suite = 2);
    struct ic_meeting_made made;
    CHECK_OK(make_other(s, 1, &made));
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_ENTERED, .change = other_terms,
           .ctx = &made);
    sim_gather(s, 2);
    attack_begin(s, &a);
    sim_start(s, 2);
    bool ended = sim_await(s, 2, IC_MEETING_EV_ENDED, "terms-pin", 1000);
    ic_meeting_made_clear(&made);
    CHECK(ended);
    CHECK(!gate_open(s, 2));
}

/* What the newcomer knocked with. */
static struct ic_view knocked_key_package(const struct attack *a)
{
    struct ic_wire_frame f;
    return ic_wire_decode(attack_kept(a, 0), &f) == IC_OK ? f.knock.key_package : ic_view(NULL, 0);
}

TEST(hostile_offers_a_group_of_its_own_with_copied_terms)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    ATTACK(knock, .way = SIM_UP, .who = 2, .type = IC_WIRE_KNOCK, .drop = true);
    attack_begin(s, &knock);
    sim_start(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_WAITING, NULL, 1000));
    FAKE(f);
    CHECK(fake_open(&f, s, group_extensions(s), knocked_key_package(&knock)));
    ATTACK(a, 0);
    fake_welcome(s, &f, 2, &a);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ENDED, "entry-not-vouched", 1000));
    CHECK(!gate_open(s, 2));
}

TEST(hostile_offers_a_group_of_its_own_to_who_came_by_number)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    s->people[2].link = (struct ic_meeting_link){.ref_kind = IC_WIRE_REF_NUMBER};
    snprintf(s->people[2].link.ref, sizeof s->people[2].link.ref, "%s", s->number);
    s->people[2].invited = true;
    ATTACK(knock, .way = SIM_UP, .who = 2, .type = IC_WIRE_KNOCK, .drop = true);
    attack_begin(s, &knock);
    sim_start(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_WAITING, NULL, 1000));
    CHECK(sim_seen(s, 2, IC_MEETING_EV_ALERT, "not-bound-to-link")); /* said before anything else */
    FAKE(f);
    CHECK(fake_open(&f, s, group_extensions(s), knocked_key_package(&knock)));
    ATTACK(a, 0);
    fake_welcome(s, &f, 2, &a);
    CHECK(sim_await(s, 2, IC_MEETING_EV_CODE, NULL, 1000));
    CHECK_EQ_INT(ic_meeting_state(s->people[2].m),
                 IC_MEETING_COMPARE); /* never plain "end to end" */
    CHECK(!same_code(code_of(s, 0), code_of(s, 2)));
}

/* The room seems to be open when the host comes: the server has opened it, with copied terms. */
static bool say_open(struct sim *s, struct attack *a, struct sim_passing *p)
{
    const struct fake *f = a->ctx;
    (void)s;
    p->f->entered.group_id = IC_VIEW_ARRAY(f->id);
    p->f->entered.state = IC_WIRE_OPEN;
    return true;
}

TEST(hostile_opens_the_room_before_the_host)
{
    SIM(s, .people = 3, .hosts = 2);
    sim_gather(s, 1);
    FAKE(door);
    CHECK(fake_open(&door, s, group_extensions(s), ic_view(NULL, 0)));
    ATTACK(a, .way = SIM_DOWN, .who = 1, .type = IC_WIRE_ENTERED, .change = say_open, .ctx = &door);
    attack_begin(s, &a);
    sim_start(s, 1);
    sim_run(s, 12);
    ATTACK(knock, .way = SIM_UP, .who = 1, .type = IC_WIRE_KNOCK, .drop = true);
    sim_run(s, 2);
    attack_begin(s, &knock);
    CHECK(sim_await(s, 1, IC_MEETING_EV_WAITING, NULL, 1000));
    FAKE(f);
    CHECK(fake_open(&f, s, group_extensions(s), knocked_key_package(&knock)));
    ATTACK(serve, 0);
    fake_welcome(s, &f, 1, &serve);
    CHECK(sim_await(s, 1, IC_MEETING_EV_ENDED, "entry-not-vouched", 1000));
    CHECK(!gate_open(s, 1));
}

/* The host is shown the key package of another in the name of the newcomer. */
static bool swap_key_package(struct sim *s, struct attack *a, struct sim_passing *p)
{
    const struct sim_villain *v = a->ctx;
    (void)s;
    if (!v->kp)
        return false;
    p->f->knocked.key_package = ic_mls_key_package_message(v->kp);
    p->f->knocked.proof = ic_view(NULL, 0);
    return true;
}

static struct ic_view shown_key_package(const struct attack *a)
{
    struct ic_wire_frame f;
    return ic_wire_decode(attack_kept(a, 0), &f) == IC_OK ? f.knocked.key_package
                                                          : ic_view(NULL, 0);
}

TEST(hostile_swaps_a_key_package)
{
    SIM(s, .people = 4, .hosts = 1);
    sim_gather(s, 2);
    s->admit = false;
    snprintf(s->people[3].name, sizeof s->people[3].name,
             "Cleo"); /* it calls itself as the newcomer */
    ATTACK(hide, .way = SIM_DOWN, .who = 0, .type = IC_WIRE_KNOCKED, .drop = true);
    attack_begin(s, &hide);
    struct sim_villain *v = sim_villain_start(s, 3);
    sim_run(s, 200);
    ATTACK(a, .way = SIM_DOWN, .who = 0, .type = IC_WIRE_KNOCKED, .change = swap_key_package,
           .ctx = v);
    attack_begin(s, &a);
    sim_start(s, 2);
    CHECK(sim_await(s, 0, IC_MEETING_EV_KNOCK, NULL, 1000));
    CHECK(sim_await(s, 2, IC_MEETING_EV_WAITING, NULL, 1000));
    const struct sim_event *knock = sim_seen(s, 0, IC_MEETING_EV_KNOCK, NULL);
    const struct sim_event *wait = sim_seen(s, 2, IC_MEETING_EV_WAITING, NULL);
    CHECK(strcmp(knock->e.person.name, "Cleo") == 0);
    CHECK(strcmp(knock->e.code, wait->e.code) != 0); /* the lobby's short codes differ */
    s->people[2].invited = true;
    CHECK_OK(ic_meeting_admit(s->people[0].m, knock->e.knock, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_villain_in(s, 3, 2000)); /* the host let in a key that it did not compare */
    CHECK_EQ_INT(ic_meeting_state(s->people[0].m), IC_MEETING_COMPARE); /* and is asked to */
    /* The newcomer gets no group but one of the server's own, and refuses it. */
    CHECK_EQ_INT(ic_meeting_state(s->people[2].m), IC_MEETING_IN_LOBBY);
    FAKE(f);
    CHECK(fake_open(&f, s, group_extensions(s), shown_key_package(&a)));
    ATTACK(serve, 0);
    fake_welcome(s, &f, 2, &serve);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ENDED, "entry-not-vouched", 1000));
}

static bool swap_knock(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    (void)a;
    p->f->knocked.key_package =
        attack_flip(p->f->knocked.key_package, p->f->knocked.key_package.len / 2);
    return true;
}

TEST(hostile_changes_a_key_package)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    ATTACK(a, .way = SIM_DOWN, .who = 0, .type = IC_WIRE_KNOCKED, .change = swap_knock);
    attack_begin(s, &a);
    sim_start(s, 2);
    CHECK(sim_await(s, 0, IC_MEETING_EV_ALERT, "knock-malformed", 1000));
    sim_run(s, 2000);
    CHECK(sim_agree(s, SIM_FIRST(2)));
}

/* ---- trees and GroupInfos ---- */

static bool wrong_tree(struct sim *s, struct attack *a, struct sim_passing *p)
{
    const struct fake *f = a->ctx;
    (void)s;
    p->f->tree.tree = ic_buf_view(&f->tree);
    return true;
}

TEST(hostile_serves_another_tree)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    FAKE(f);
    CHECK(fake_open(&f, s, group_extensions(s), ic_view(NULL, 0)));
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_TREE, .change = wrong_tree, .ctx = &f);
    attack_begin(s, &a);
    sim_start(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, NULL, 3000));
    sim_run(s, 5000);
    CHECK(a.hits > 0 && !sim_in(s, 2) && !gate_open(s, 2));
}

static bool wrong_info(struct sim *s, struct attack *a, struct sim_passing *p)
{
    const struct fake *f = a->ctx;
    (void)s;
    p->f->group_info = (struct ic_wire_group_info){
        ic_buf_view(&f->info), ic_mls_context(f->g)->tree_hash, 1, ic_buf_view(&f->admission)};
    return true;
}

struct two {
    struct attack info, tree;
};

static enum sim_verdict both(struct sim *s, void *ctx, struct sim_passing *p)
{
    struct two *t = ctx;
    if (p->way != SIM_DOWN || p->who != 2 || !p->f)
        return SIM_PASS;
    if (p->f->type == IC_WIRE_GROUP_INFO)
        return wrong_info(s, &t->info, p) ? SIM_CHANGED : SIM_PASS;
    struct ic_wire_frame answer = {
        .type = IC_WIRE_TREE,
        .request = p->f->request,
        .tree = {ic_buf_view(&((const struct fake *)t->tree.ctx)->tree)}};
    if (p->f->type == IC_WIRE_TREE || (p->f->type == IC_WIRE_ERROR && p->f->request > 3)) {
        *p->f = answer;
        return SIM_CHANGED;
    }
    return SIM_PASS;
}

TEST(hostile_resyncs_a_client_into_a_group_of_its_own)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    FAKE(f);
    CHECK(fake_open(&f, s, group_extensions(s), ic_view(NULL, 0)));
    struct two t = {.info = {.ctx = &f}, .tree = {.ctx = &f}};
    sim_middle(s, both, &t);
    sim_kill(s, 2);
    sim_start(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "entry-not-vouched", 5000));
    CHECK(!gate_open(s, 2));
    sim_middle(s, NULL, NULL);
}

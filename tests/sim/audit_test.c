/* What a second pair of eyes found: groups of other meetings, keys of before a resync, junk. */
#include "attack.h"
#include "villain.h"

#include <ic/base/mem.h>
#include <ic/mls/group.h>
#include <ic/mlspub/codec.h>
#include <ic/rules/rules.h>
#include <ic/sframe/header.h>
#include <stdio.h>
#include <string.h>

/* ---- another meeting of the same people ---- */

/* A group of another meeting that the victim has been in, with a GroupInfo that the victim itself signed:
 * any server that it ever met has such a thing. */
struct other {
    struct ic_meeting_made made;
    struct ic_mls_group *g;
    struct ic_buf info, tree;
    struct ic_test_rand rand;
    unsigned who;
    unsigned commits; /* of the victim, on their way up */
};

static ic_err other_group(struct other *o, struct sim *s)
{
    static const uint8_t types[] = {0xf1, 0xca, 0xf1, 0xcb};
    const struct sim_person *p = &s->people[o->who];
    struct ic_view host = ic_sign_key_public(p->key);
    uint64_t now_s = s->now_ms / 1000;
    struct ic_rand rand = ic_test_rand(&o->rand, 99);
    struct ic_meeting_plan plan = {.kind = IC_WIRE_INSTANT,
                                   .suite = s->plan.suite,
                                   .sframe_suite = 4,
                                   .admission = IC_WIRE_HOST_ADMITS,
                                   .hosts = &host,
                                   .host_count = 1};
    struct ic_mls_config config = {.rand = rand, .clock = ic_test_clock_ms(&s->now_ms)};
    struct ic_mls_identity id = {.suite = ic_suite_find(s->plan.suite),
                                 .signer = p->key,
                                 .credential = {IC_MLS_BASIC, ic_view_cstr(p->name)},
                                 .credential_types = ic_rules_credential_types(),
                                 .extension_types = IC_VIEW_ARRAY(types),
                                 .lifetime = {now_s - 3600, now_s + 86400}};
    IC_BUF_SCOPE(extensions, 1 << 16);
    IC_TRY(ic_meeting_make(&plan, &rand, &o->made));
    struct ic_writer w = ic_writer(&extensions);
    ic_mlspub_extension_write(&w, IC_WIRE_EXT_TERMS, ic_buf_view(&o->made.terms));
    IC_TRY(ic_writer_end(&w));
    IC_TRY(ic_mls_group_create(&config, &id, group_id_of(s), ic_buf_view(&extensions), &o->g));
    ic_buf_init(&o->info, IC_WIRE_MAX);
    ic_buf_init(&o->tree, IC_WIRE_MAX);
    IC_TRY(ic_mls_group_info(o->g, false, &o->info));
    return ic_mls_tree(o->g, &o->tree);
}

static void other_clear(struct other *o)
{
    ic_mls_group_free(o->g);
    ic_buf_clear(&o->info);
    ic_buf_clear(&o->tree);
    ic_meeting_made_clear(&o->made);
}

static enum sim_verdict serve_other(struct sim *s, void *ctx, struct sim_passing *p)
{
    struct other *o = ctx;
    (void)s;
    if (p->who != o->who || !p->f)
        return SIM_PASS;
    o->commits += p->way == SIM_UP && p->f->type == IC_WIRE_COMMIT;
    if (p->way == SIM_UP)
        return SIM_PASS;
    uint32_t request = p->f->request;
    if (p->f->type == IC_WIRE_GROUP_INFO) {
        p->f->group_info = (struct ic_wire_group_info){
            ic_buf_view(&o->info), ic_mls_context(o->g)->tree_hash, 1, ic_view(NULL, 0)};
        return SIM_CHANGED;
    }
    if (p->f->type == IC_WIRE_TREE || (p->f->type == IC_WIRE_ERROR && request > 3)) {
        *p->f = (struct ic_wire_frame){
            .type = IC_WIRE_TREE, .request = request, .tree = {ic_buf_view(&o->tree)}};
        return SIM_CHANGED;
    }
    return SIM_PASS;
}

TEST(hostile_resyncs_a_client_into_another_meeting_of_its_own)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    __attribute__((cleanup(other_clear))) struct other o = {.who = 2};
    CHECK_OK(other_group(&o, s));
    sim_middle(s, serve_other, &o);
    sim_kill(s, 2);
    sim_start(s, 2);
    sim_mark(s);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "terms-pin", 5000));
    CHECK_EQ_INT(o.commits, 0);
    CHECK(!gate_open(s, 2));
    sim_middle(s, NULL, NULL);
}

/* ---- keys of before a resync ---- */

static bool flip_commit(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s, (void)a;
    p->f->message.message = attack_flip(p->f->message.message, p->f->message.message.len / 2);
    return true;
}

static ic_err seal(struct sim *s, unsigned who, uint8_t *out, size_t *len)
{
    return ic_meeting_protect(ic_meeting_media(s->people[who].m), IC_MEETING_CTX_AUDIO,
                              IC_VIEW_STR("frame"), out, len);
}

static bool is_sending(struct sim *s, uint64_t who)
{
    uint8_t out[128];
    size_t len;
    return seal(s, (unsigned)who, out, &len) == IC_OK;
}

/* Somebody is removed while a member cannot follow. When it is back, it sends nothing more that the
 * removed one could open, and opens nothing more of that one. */
TEST(sim_keys_of_before_a_resync_are_gone)
{
    SIM(s, .people = 4, .hosts = 1);
    sim_gather(s, 4);
    uint8_t late[128], sealed[128], open[128];
    size_t late_len, len, open_len, header_len;
    struct ic_meeting_media_from from;
    struct ic_sframe_header h;
    CHECK_OK(seal(s, 3, late, &late_len));
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_COMMIT,
           .count = 1, .change = flip_commit);
    attack_begin(s, &a);
    CHECK(sim_remove(s, 0, 3));
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, NULL, 1000));
    CHECK(!is_sending(s, 2));
    CHECK(sim_until(s, is_sending, 2, 8000));
    CHECK_OK(seal(s, 2, sealed, &len));
    CHECK_OK(ic_sframe_header_decode(ic_view(sealed, len), &h, &header_len));
    CHECK_EQ_INT(h.kid & 0xff, ic_meeting_epoch(s->people[2].m) & 0xff);
    CHECK(ic_meeting_unprotect(ic_meeting_media(s->people[2].m), ic_view(late, late_len),
                               sim_wall(&s->people[2]), open, &open_len, &from) != IC_OK);
}

/* A resync takes the server's word for the group's state: whoever compared the code before compares it
 * again. */
TEST(sim_a_resync_asks_to_compare_again)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    CHECK_OK(ic_meeting_compared(s->people[2].m, sim_wall(&s->people[2])));
    CHECK_EQ_INT(ic_meeting_state(s->people[2].m), IC_MEETING_E2EE);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_COMMIT,
           .count = 1, .change = flip_commit);
    attack_begin(s, &a);
    CHECK_OK(ic_meeting_update_keys(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    sim_run(s, 8000);
    CHECK(sim_agree(s, SIM_FIRST(3)));
    CHECK_EQ_INT(ic_meeting_state(s->people[2].m), IC_MEETING_COMPARE);
}

/* ---- junk ---- */

/* KIDs are not authenticated: any member can send one of an epoch that there is none of. It may silence
 * the others for a moment, not for good. */
TEST(member_sends_one_frame_of_no_epoch)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    sim_run(s, 1000);
    uint64_t kid = (ic_meeting_epoch(s->people[1].m) + 5) & 0xff;
    ic_meeting_note_unknown_kid(s->people[1].m, kid, sim_wall(&s->people[1]));
    sim_pump(s, 1);
    sim_run(s, 15000);
    CHECK(gate_open(s, 1));
    CHECK(sim_in(s, 1));
}

/* ---- messages of the wrong kind ---- */

static void say_as(struct sim *s, unsigned who, uint8_t kind, struct ic_view message)
{
    struct ic_wire_frame f = {.type = IC_WIRE_MESSAGE,
                              .message = {.seq = kind == IC_WIRE_KIND_APPLICATION ? 0 : last_seq(s),
                                          .group_id = group_id_of(s),
                                          .kind = kind,
                                          .message = message}};
    sim_inject(s, SIM_DOWN, who, &f, 0);
}

/* A commit that comes as something transient is in no order, and is not taken. */
TEST(hostile_hands_out_a_commit_as_a_heartbeat)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_COMMIT,
           .drop = true);
    attack_begin(s, &a);
    uint64_t epoch = ic_meeting_epoch(s->people[2].m);
    CHECK_OK(ic_meeting_update_keys(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    sim_run(s, 300);
    CHECK(a.hits > 0);
    struct ic_wire_frame f;
    CHECK_OK(ic_wire_decode(attack_kept(&a, 0), &f));
    say_as(s, 2, IC_WIRE_KIND_APPLICATION, f.message.message);
    sim_run(s, 50);
    CHECK_EQ_INT(ic_meeting_epoch(s->people[2].m), epoch);
    CHECK(sim_seen(s, 2, IC_MEETING_EV_ALERT, "message-kind"));
}

/* ---- coming back ---- */

/* Who starts the client again under another name is still whom the group knows by that key. */
TEST(sim_comes_back_under_another_name)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    char was[sizeof s->people[2].name];
    memcpy(was, s->people[2].name, sizeof was);
    sim_kill(s, 2);
    snprintf(s->people[2].name, sizeof s->people[2].name, "Zoe");
    s->strangers_expected = true;
    sim_start(s, 2);
    sim_run(s, 5000);
    CHECK(sim_in(s, 2));
    memcpy(s->people[2].name, was, sizeof was);
    CHECK(sim_agree(s, SIM_FIRST(3)));
}

/* ---- removing ---- */

/* The ninth in a row of hosts who named each other can sign no terms that a newcomer would believe, and so
 * bar nobody. It removes people all the same. */
TEST(sim_the_ninth_host_in_a_row_removes)
{
    enum { LAST = 8, TEN = 10 };
    SIM(s, .people = TEN, .hosts = 1);
    sim_gather(s, TEN);
    for (unsigned i = 0; i < LAST; i++) {
        CHECK_OK(
            ic_meeting_name_host(s->people[i].m, sim_leaf(s, i, i + 1), sim_wall(&s->people[i])));
        sim_pump(s, i);
        sim_run(s, 500);
        CHECK(ic_meeting_is_host(s->people[i + 1].m));
    }
    CHECK(sim_remove(s, LAST, 9));
    CHECK(sim_agree_within(s, SIM_FIRST(9), 3000));
    CHECK(sim_await(s, LAST, IC_MEETING_EV_ALERT, "terms-not-made", 3000));
    sim_run(s, 3000);
    CHECK(gate_open(s, LAST));
}

/* ---- what newcomers are told ---- */

/* A time that nobody reaches, for newcomers and for who resyncs: they would refuse every commit after it,
 * or carry it into the group themselves. */
TEST(member_lies_to_newcomers_about_the_time)
{
    SIM(s, .people = 4, .hosts = 1);
    sim_gather(s, VILLAIN);
    struct sim_villain *v = sim_villain_start(s, VILLAIN);
    CHECK(sim_villain_in(s, VILLAIN, 3000) && sim_agree_within(s, SIM_FIRST(GHOST), 3000));
    v->admission_ms = UINT64_MAX;
    struct ic_mls_commit_params p = {.force_path = true};
    CHECK(sim_villain_commit(v, &p));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_ERROR);
    CHECK(strstr(v->text, "admission") != NULL);
    v->admission_ms = 0;
    struct ic_mls_commit_params again = {.force_path = true};
    CHECK(sim_villain_commit(v, &again));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK);
}

/* ---- strangers ---- */

static bool two_knocked(struct sim *s, uint64_t arg)
{
    (void)arg;
    return sim_count(s, ADA, IC_MEETING_EV_KNOCK, NULL) >= 2;
}

/* Two strangers with one encryption key cannot both be added (RFC 9420 section 12.2). What else the host
 * wanted is done all the same, and one of them comes in. */
TEST(strangers_with_one_key_hold_up_nobody)
{
    SIM(s, .people = 5, .hosts = 1);
    sim_gather(s, 3);
    s->strangers_expected = true;
    sim_mark(s);
    for (unsigned i = 3; i < 5; i++) {
        s->people[i].rand.state = 4711;
        sim_villain_start(s, i);
    }
    CHECK(sim_until(s, two_knocked, 0, 1000));
    CHECK(sim_remove(s, ADA, CLEO));
    sim_run(s, 3000);
    CHECK(!sim_sees(s, ADA, CLEO) && !sim_sees(s, BEN, CLEO));
    CHECK(s->people[3].raw->g || s->people[4].raw->g);
    CHECK_EQ_INT(sim_roster(s, ADA), 3);
    CHECK(gate_open(s, ADA));
}

/* A void commit is replaced once, not once by everybody. */
TEST(sim_a_void_commit_is_replaced_once)
{
    enum { HONEST = 9 };
    SIM(s, .people = HONEST + 2, .hosts = 1, .admission = IC_WIRE_LINK_ADMITS);
    sim_gather(s, HONEST);
    struct sim_villain *v = sim_villain_start(s, HONEST);
    CHECK(sim_villain_in(s, HONEST, 3000) && sim_agree_within(s, SIM_FIRST(HONEST + 1), 3000));
    sim_run(s, 500);
    IC_BUF_SCOPE(proofs, 256);
    CHECK_OK(ic_wire_list_add(&proofs, IC_VIEW_STR("0123456789abcdef0123456789abcdef")));
    v->proofs = ic_buf_view(&proofs);
    struct ic_test_rand rand;
    static const uint8_t types[] = {0xf1, 0xca, 0xf1, 0xcb};
    struct ic_mls_identity id = {.suite = ic_suite_find(s->plan.suite),
                                 .signer = s->people[HONEST + 1].key,
                                 .credential = {IC_MLS_BASIC, IC_VIEW_STR("Eve")},
                                 .credential_types = ic_rules_credential_types(),
                                 .extension_types = IC_VIEW_ARRAY(types),
                                 .lifetime = {s->now_ms / 1000 - 60, s->now_ms / 1000 + 3600}};
    struct ic_mls_config c = {.rand = ic_test_rand(&rand, 5)};
    struct ic_mls_key_package *k = NULL;
    CHECK_OK(ic_mls_key_package_new(&c, &id, ic_view(NULL, 0), &k));
    struct ic_view kp = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &kp, .add_count = 1};
    uint64_t epoch = ic_meeting_epoch(s->people[ADA].m);
    bool sent = sim_villain_commit(v, &p);
    ic_mls_key_package_free(k);
    CHECK(sent);
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK);
    sim_run(s, 8000);
    CHECK(sim_agree(s, SIM_FIRST(HONEST + 1)));
    CHECK(ic_meeting_epoch(s->people[ADA].m) <= epoch + 2);
}

/* Somebody who came by number holds no join secret, and takes a false proof for a true one. The others'
 * word counts, and the meeting goes on for all. */
TEST(member_forges_a_proof_before_one_who_cannot_check_it)
{
    SIM(s, .people = PEOPLE, .hosts = 1, .admission = IC_WIRE_LINK_ADMITS);
    s->people[CLEO].link = (struct ic_meeting_link){.ref_kind = IC_WIRE_REF_NUMBER};
    snprintf(s->people[CLEO].link.ref, sizeof s->people[CLEO].link.ref, "%s", s->number);
    s->strangers_expected = true;
    sim_gather(s, VILLAIN);
    struct sim_villain *v = sim_villain_start(s, VILLAIN);
    CHECK(sim_villain_in(s, VILLAIN, 3000) && sim_agree_within(s, SIM_FIRST(GHOST), 3000));
    sim_run(s, 500);
    sim_mark(s);
    static const uint8_t types[] = {0xf1, 0xca, 0xf1, 0xcb};
    IC_BUF_SCOPE(proofs, 256);
    CHECK_OK(ic_wire_list_add(&proofs, IC_VIEW_STR("0123456789abcdef0123456789abcdef")));
    v->proofs = ic_buf_view(&proofs);
    struct ic_test_rand rand;
    struct ic_mls_identity id = {.suite = ic_suite_find(s->plan.suite),
                                 .signer = s->people[GHOST].key,
                                 .credential = {IC_MLS_BASIC, IC_VIEW_STR("Eve")},
                                 .credential_types = ic_rules_credential_types(),
                                 .extension_types = IC_VIEW_ARRAY(types),
                                 .lifetime = {s->now_ms / 1000 - 60, s->now_ms / 1000 + 3600}};
    struct ic_mls_config c = {.rand = ic_test_rand(&rand, 5)};
    struct ic_mls_key_package *k = NULL;
    CHECK_OK(ic_mls_key_package_new(&c, &id, ic_view(NULL, 0), &k));
    struct ic_view kp = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &kp, .add_count = 1};
    bool sent = sim_villain_commit(v, &p);
    ic_mls_key_package_free(k);
    CHECK(sent);
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_OK);
    CHECK(sim_await(s, ADA, IC_MEETING_EV_ALERT, "commit-void: add-without-authority", 1000));
    sim_run(s, 10000);
    CHECK(sim_in(s, ADA) && sim_in(s, BEN) && sim_in(s, CLEO));
    CHECK(same_code(code_of(s, ADA), code_of(s, BEN)));
    CHECK(same_code(code_of(s, ADA), code_of(s, CLEO)));
    CHECK_EQ_INT(sim_roster(s, CLEO), sim_roster(s, ADA));
}

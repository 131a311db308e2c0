/* A hostile server: what each of its attacks ends in. docs/threat-model.md, row by row. */
#include "attack.h"
#include "villain.h"

#include <ic/base/mem.h>
#include <ic/sframe/header.h>
#include <stdio.h>
#include <string.h>

/* ---- keeping back ---- */

TEST(hostile_drops_a_line_and_it_is_fetched)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_APPLICATION,
           .count = 1, .drop = true);
    attack_begin(s, &a);
    CHECK(sim_chat(s, 0, "first"));
    sim_run(s, 100);
    CHECK(sim_chat(s, 0, "second"));
    sim_run(s, 1000);
    CHECK_EQ_INT(a.hits, 1);
    CHECK(sim_read(s, 2, "first") && sim_read(s, 2, "second") && sim_same_order(s, 1, 2));
}

/* The line is kept back for good: its number is skipped by renumbering all that follows. */
static bool renumber(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    if (a->hits == 1 || p->f->message.seq == 0)
        return false;
    p->f->message.seq--;
    return true;
}

TEST(hostile_withholds_a_line_for_good)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .change = renumber);
    attack_begin(s, &a);
    a.drop = true; /* the very first that it says */
    CHECK(sim_chat(s, 0, "kept back"));
    sim_run(s, 50);
    a.drop = false;
    CHECK(sim_chat(s, 0, "seen again"));
    sim_run(s, 200);
    CHECK(!sim_read(s, 2, "kept back") && sim_read(s, 2, "seen again"));
    CHECK(sim_seen(s, 2, IC_MEETING_EV_ALERT, "lines-missing"));
    CHECK(alert_about(s, 2, 0));
}

TEST(hostile_withholds_everything)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    CHECK(gate_open(s, 2));
    ATTACK(a, .way = SIM_DOWN, .who = 2, .drop = true);
    attack_begin(s, &a);
    sim_mark(s);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "nothing-heard", 10500));
    CHECK_EQ_INT(ic_meeting_state(s->people[2].m), IC_MEETING_CUT_OFF);
    CHECK(!gate_open(s, 2));
    attack_end(s, &a);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "heard-again", 8000));
    CHECK(gate_open(s, 2));
}

TEST(hostile_withholds_messages_alone)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .drop = true);
    attack_begin(s, &a);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "nothing-heard", 10500));
    CHECK(!gate_open(s, 2));
}

TEST(hostile_withholds_a_remove_from_everybody)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_UP, .who = 0, .type = IC_WIRE_COMMIT, .drop = true);
    attack_begin(s, &a);
    CHECK(sim_remove(s, 0, 2));
    CHECK(sim_await(s, 0, IC_MEETING_EV_ALERT, "not-yet-removed", 3100));
    CHECK(alert_about(s, 0, 2));
    CHECK(!gate_open(s, 0));
    /* And who is to be removed reads no line of the host's meanwhile. */
    CHECK(sim_chat(s, 0, "not for Cleo"));
    sim_run(s, 3000);
    CHECK(!sim_read(s, 2, "not for Cleo"));
}

/* One member is kept in the old epoch, so that the removed one can still hear it. */
TEST(hostile_withholds_a_remove_from_one)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 1, .type = IC_WIRE_MESSAGE, .drop = true);
    attack_begin(s, &a);
    CHECK(sim_remove(s, 0, 2));
    sim_run(s, 1000);
    CHECK(!sim_sees(s, 0, 2) && sim_sees(s, 1, 2));
    /* Media of the epoch that it cannot reach tells it within 2 s, silence within 10 s. */
    uint8_t sealed[128], open[128];
    size_t len, open_len;
    struct ic_meeting_media_from from;
    CHECK_OK(ic_meeting_protect(ic_meeting_media(s->people[0].m), IC_MEETING_CTX_AUDIO,
                                IC_VIEW_STR("frame"), sealed, &len));
    CHECK_ERR(ic_meeting_unprotect(ic_meeting_media(s->people[1].m), ic_view(sealed, len),
                                   sim_wall(&s->people[1]), open, &open_len, &from),
              IC_ERR_UNKNOWN_KEY);
    struct ic_sframe_header h;
    size_t header_len;
    CHECK_OK(ic_sframe_header_decode(ic_view(sealed, len), &h, &header_len));
    ic_meeting_note_unknown_kid(s->people[1].m, h.kid, sim_wall(&s->people[1]));
    CHECK(sim_await(s, 1, IC_MEETING_EV_ALERT, "keys-out-of-reach", 2200));
    CHECK(!gate_open(s, 1));
}

TEST(hostile_delays_everything)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .delay_ms = 4000);
    attack_begin(s, &a);
    CHECK(sim_chat(s, 0, "late"));
    sim_run(s, 3000);
    CHECK(!sim_read(s, 2, "late"));
    sim_run(s, 2000);
    CHECK(sim_read(s, 2, "late")); /* late and whole */
    attack_end(s, &a);
    sim_run(s, 5000);
    CHECK(sim_agree(s, SIM_FIRST(3)));
}

TEST(hostile_reorders_messages)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .count = 1, .delay_ms = 60);
    attack_begin(s, &a);
    CHECK(sim_chat(s, 0, "one"));
    sim_run(s, 20);
    CHECK(sim_chat(s, 1, "two"));
    sim_run(s, 1000);
    CHECK_EQ_INT(sim_count(s, 2, IC_MEETING_EV_CHAT, NULL), 2);
    CHECK(sim_same_order(s, 1, 2));
}

/* The numbers themselves are swapped: what one person said comes out of its order, and is named. */
static bool swap_numbers(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    if (p->f->message.seq == 0)
        return false;
    p->f->message.seq += a->hits == 1 ? 1 : a->hits == 2 ? (uint64_t)-1 : 0;
    p->delay_ms = a->hits == 1 ? 50 : 0;
    return true;
}

TEST(hostile_reorders_one_persons_lines)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .change = swap_numbers);
    CHECK(sim_chat(s, 0, "zero"));
    sim_run(s, 200);
    attack_begin(s, &a);
    CHECK(sim_chat(s, 0, "do not") && sim_chat(s, 0, "sign"));
    sim_run(s, 500);
    CHECK(sim_seen(s, 2, IC_MEETING_EV_ALERT, "lines-missing"));
    CHECK(alert_about(s, 2, 0));
}

/* ---- again, and stale ---- */

TEST(hostile_replays_a_line)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_APPLICATION);
    attack_begin(s, &a);
    CHECK(sim_chat(s, 0, "once"));
    sim_run(s, 100);
    CHECK_EQ_INT(a.hits, 1);
    attack_replay(s, &a, 0, 2, 0);               /* as it was */
    attack_replay(s, &a, 0, 2, last_seq(s) + 1); /* as if it were new */
    sim_run(s, 100);
    CHECK_EQ_INT(sim_count(s, 2, IC_MEETING_EV_CHAT, NULL), 1);
    CHECK(sim_seen(s, 2, IC_MEETING_EV_ALERT, NULL));
}

TEST(hostile_replays_a_commit)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_COMMIT);
    attack_begin(s, &a);
    CHECK_OK(ic_meeting_update_keys(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    sim_run(s, 1000);
    CHECK_EQ_INT(a.hits, 1);
    uint64_t epoch = ic_meeting_epoch(s->people[2].m);
    attack_replay(s, &a, 0, 2, last_seq(s) + 1);
    sim_run(s, 100);
    CHECK(sim_seen(s, 2, IC_MEETING_EV_ALERT, "stale-message"));
    CHECK_EQ_INT(ic_meeting_epoch(s->people[2].m), epoch);
}

TEST(hostile_keeps_a_newcomer_in_a_stale_group)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .drop = true);
    attack_begin(s, &a);
    sim_start(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_CODE, NULL, 3000));
    CHECK_OK(ic_meeting_update_keys(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    sim_run(s, 1000);
    CHECK(!same_code(code_of(s, 0), code_of(s, 2)));
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "nothing-heard", 10500));
    CHECK(!gate_open(s, 2));
}

/* A restarted client is shown the group as it was before somebody was removed. */
static bool old_info(struct sim *s, struct attack *a, struct sim_passing *p)
{
    const struct ic_wire_frame *old = a->ctx;
    (void)s;
    p->f->group_info = old->group_info;
    return true;
}

TEST(hostile_shows_an_old_group_for_a_resync)
{
    SIM(s, .people = 4, .hosts = 1);
    sim_gather(s, 4);
    struct ic_wire_frame old;
    ATTACK(listen, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_GROUP_INFO);
    attack_begin(s, &listen);
    sim_kill(s, 2);
    sim_start(s, 2);
    CHECK(sim_agree_within(s, SIM_FIRST(4), 5000));
    CHECK_OK(ic_wire_decode(attack_kept(&listen, 0), &old));
    CHECK(sim_remove(s, 0, 3));
    CHECK(sim_agree_within(s, SIM_FIRST(3), 3000));
    /* It has the keys, and loses them no more to what is behind it. */
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_GROUP_INFO, .change = old_info,
           .ctx = &old);
    attack_begin(s, &a);
    sim_mark(s);
    sim_kill(s, 2);
    sim_start(s, 2);
    sim_run(s, 15000);
    CHECK(a.hits > 0);
    CHECK(sim_seen(s, 2, IC_MEETING_EV_ALERT, NULL));
    CHECK(!gate_open(s, 2));
    CHECK(!same_code(code_of(s, 0), code_of(s, 2)));
}

/* ---- forged ---- */

static bool flip_commit(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    (void)a;
    p->f->message.message = attack_flip(p->f->message.message, p->f->message.message.len / 2);
    return true;
}

TEST(hostile_forges_a_commit)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_COMMIT,
           .count = 1, .change = flip_commit);
    attack_begin(s, &a);
    CHECK_OK(ic_meeting_update_keys(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, NULL, 1000));
    CHECK(sim_seen(s, 2, IC_MEETING_EV_ALERT, NULL)->e.rule[0]);
    CHECK(!gate_open(s, 2));
    CHECK(sim_agree_within(s, SIM_FIRST(3), 8000)); /* and back by itself */
    CHECK(gate_open(s, 2));
}

static bool flip_line(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    (void)a;
    p->f->message.message = attack_flip(p->f->message.message, p->f->message.message.len - 1);
    return true;
}

TEST(hostile_forges_a_line)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_APPLICATION,
           .count = 1, .change = flip_line);
    attack_begin(s, &a);
    CHECK(sim_chat(s, 0, "pay"));
    sim_run(s, 500);
    CHECK(!sim_read(s, 2, "pay") && sim_read(s, 1, "pay"));
    CHECK(sim_seen(s, 2, IC_MEETING_EV_ALERT, NULL));
    CHECK(sim_agree(s, SIM_FIRST(3)));
}

TEST(hostile_injects_what_is_no_message)
{
    SIM(s, .people = 2, .hosts = 1);
    sim_gather(s, 2);
    struct ic_wire_frame f = {.type = IC_WIRE_MESSAGE,
                              .message = {.seq = last_seq(s) + 1,
                                          .group_id = group_id_of(s),
                                          .kind = IC_WIRE_KIND_APPLICATION,
                                          .message = IC_VIEW_STR("hello, I am Ada")}};
    sim_inject(s, SIM_DOWN, 1, &f, 0);
    sim_inject_bytes(s, SIM_DOWN, 1, IC_VIEW_STR("\0\x18nonsense"), 0);
    sim_run(s, 200);
    CHECK_EQ_INT(sim_count(s, 1, IC_MEETING_EV_CHAT, NULL), 0);  /* never plaintext */
    CHECK_EQ_INT(sim_count(s, 1, IC_MEETING_EV_ALERT, NULL), 2); /* never silence */
    CHECK(sim_seen(s, 1, IC_MEETING_EV_ALERT, "frame-malformed"));
}

TEST(hostile_says_a_commit_is_void)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    CHECK_OK(ic_meeting_update_keys(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    sim_run(s, 500);
    uint64_t epoch = ic_meeting_epoch(s->people[2].m);
    struct ic_wire_frame f = {.type = IC_WIRE_REPLACE,
                              .replace = {.group_id = group_id_of(s),
                                          .epoch = epoch - 1,
                                          .seq = last_seq(s),
                                          .rule = IC_VIEW_STR("a lie")}};
    sim_inject(s, SIM_DOWN, 2, &f, 0);
    sim_run(s, 50);
    CHECK(sim_seen(s, 2, IC_MEETING_EV_ALERT, "commit-void: a lie"));
    CHECK(!gate_open(s, 2));
    /* It never goes back to the epoch before. */
    CHECK(ic_meeting_epoch(s->people[2].m) >= epoch);
    sim_run(s, 15000);
    CHECK(ic_meeting_epoch(s->people[2].m) >= epoch);
    CHECK(!gate_open(s, 2) || sim_agree(s, SIM_FIRST(3)));
}

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

/* ---- lies about people ---- */

TEST(hostile_lies_about_presence)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    struct ic_wire_frame f = {.type = IC_WIRE_PRESENCE,
                              .presence = {sim_leaf(s, 0, 2), IC_WIRE_AWAY}};
    struct shown_code before = code_of(s, 0);
    sim_inject(s, SIM_DOWN, 0, &f, 0);
    f.presence.leaf = 999;
    sim_inject(s, SIM_DOWN, 0, &f, 0);
    sim_run(s, 20000);
    CHECK_EQ_INT(sim_count(s, 0, IC_MEETING_EV_AWAY, NULL), 1); /* a hint, shown as one */
    CHECK(sim_agree(s, SIM_FIRST(3)) && same_code(before, code_of(s, 0)));
}

TEST(hostile_declares_a_present_member_absent)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    s->admit = false;
    attack_declare_absent(s, sim_leaf(s, 0, 2));
    CHECK(sim_await(s, 0, IC_MEETING_EV_LEFT, "removed-by-server", 4000)); /* shown as such */
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "removed-by-server", 1000));
    CHECK(sim_await(s, 0, IC_MEETING_EV_KNOCK, NULL, 1000)); /* it may only knock again */
    CHECK(sim_agree(s, SIM_FIRST(2)) && !gate_open(s, 2));
}

TEST(hostile_says_the_host_refused)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    s->admit = false;
    sim_start(s, 2);
    sim_run(s, 100);
    struct ic_wire_frame f = {.type = IC_WIRE_REFUSED, .refused = {IC_WIRE_REFUSED_BY_HOST}};
    sim_inject(s, SIM_DOWN, 2, &f, 0);
    CHECK(
        sim_await(s, 2, IC_MEETING_EV_ENDED, "refused-by-host", 100)); /* kept out, never let in */
}

TEST(hostile_says_a_stranger_is_host)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    CHECK(!ic_meeting_is_host(s->people[2].m));
    CHECK_ERR(ic_meeting_remove(s->people[2].m, sim_leaf(s, 2, 1), sim_wall(&s->people[2])),
              IC_ERR_DENIED);
    /* Knocks that are shown to somebody who is no host are shown to nobody. */
    ATTACK(a, .way = SIM_DOWN, .who = 0, .type = IC_WIRE_KNOCKED);
    attack_begin(s, &a);
    s->admit = false;
    s->plan.people = 3;
    sim_kill(s, 1);
    sim_run(s, 100);
    CHECK(!sim_seen(s, 2, IC_MEETING_EV_KNOCK, NULL));
}

/* ---- time ---- */

static bool wrong_hello(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)s;
    (void)a;
    p->f->hello_ok.now_ms -= 11 * 60 * 1000;
    return true;
}

TEST(hostile_has_a_wrong_clock)
{
    SIM(s, .people = 3, .hosts = 1);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_HELLO_OK, .change = wrong_hello);
    attack_begin(s, &a);
    sim_start(s, 0);
    sim_start(s, 1);
    sim_start(s, 2);
    CHECK(sim_await(s, 2, IC_MEETING_EV_CLOCK, NULL, 1000));
    CHECK_EQ_INT(sim_seen(s, 2, IC_MEETING_EV_CLOCK, NULL)->e.offset_ms / 60000, 11);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000)); /* said, and nothing is rejected for it */
}

TEST(sim_client_with_a_wrong_clock_is_told)
{
    SIM(s, .people = 3, .hosts = 1);
    s->people[0].clock_off_ms = -20 * 60 * 1000;
    sim_start(s, 0);
    sim_start(s, 1);
    sim_start(s, 2);
    CHECK(sim_await(s, 0, IC_MEETING_EV_CLOCK, NULL, 1000));
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000));
    sim_mark(s);
    CHECK_OK(ic_meeting_update_keys(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    sim_run(s, 1000);
    CHECK(sim_agree(s, SIM_FIRST(3)));
    CHECK_OK(ic_meeting_update_keys(s->people[1].m, sim_wall(&s->people[1])));
    sim_pump(s, 1);
    sim_run(s, 1000);
    CHECK(sim_agree(s, SIM_FIRST(3))); /* commit times never go back, whose clock it may be */
}

/* ---- two halves ---- */

TEST(hostile_forks_the_group)
{
    SIM(s, .people = 4, .hosts = 2);
    sim_gather(s, 4);
    CHECK(sim_server_fork(s));
    s->people[1].server = s->people[3].server = 1;
    sim_cut(s, 1);
    sim_cut(s, 3);
    sim_run(s, 2000);
    sim_mark(s);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_OK(ic_meeting_update_keys(s->people[i].m, sim_wall(&s->people[i])));
        sim_pump(s, i);
    }
    CHECK(sim_chat(s, 0, "for this half"));
    sim_run(s, 3000);
    CHECK(same_code(code_of(s, 0), code_of(s, 2)));
    CHECK(same_code(code_of(s, 1), code_of(s, 3)));
    CHECK(!same_code(code_of(s, 0), code_of(s, 1))); /* the codes tell */
    CHECK(!sim_read(s, 1, "for this half"));
    /* The halves cannot be joined again in silence. */
    s->people[3].server = 0;
    sim_mark(s);
    sim_cut(s, 3);
    sim_run(s, 2500);
    CHECK(sim_seen(s, 3, IC_MEETING_EV_ALERT, NULL));
}

/* ---- numbers ---- */

/* What a stranger is answered who tries this number on a fresh connection. */
static uint16_t try_number(struct sim *s, const char *number, char text[256])
{
    struct sim_villain *v = sim_villain_lurk(s, 2);
    struct ic_wire_frame f = {
        .type = IC_WIRE_ENTER,
        .enter = {.ref_kind = IC_WIRE_REF_NUMBER, .ref = ic_view_cstr(number)}};
    sim_villain_watch(v, &f);
    uint16_t type = sim_villain_answer(v), code = type == IC_WIRE_ERROR ? v->error : 0;
    snprintf(text, 256, "%s", v->text);
    sim_drop_line(s, 2);
    sim_villain_free(v);
    s->people[2].raw = NULL;
    return code;
}

TEST(hostile_stranger_guesses_numbers)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 2);
    unsigned limited = 0, absent = 0;
    char number[16], first[256] = "", text[256];
    for (unsigned i = 0; i < 20; i++) {
        snprintf(number, sizeof number, i ? "%010u" : "12", 1000000007u + i * 7919u);
        uint16_t code = try_number(s, number, text);
        if (i == 0)
            memcpy(first, text, sizeof first);
        if (code == IC_WIRE_E_NOT_FOUND)
            CHECK(strcmp(first, text) == 0); /* wrong and absent answer alike */
        limited += code == IC_WIRE_E_LIMIT;
        absent += code == IC_WIRE_E_NOT_FOUND;
    }
    CHECK_EQ_INT(absent, 10);
    CHECK_EQ_INT(limited, 10);
}

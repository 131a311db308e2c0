/* A hostile server and the one order of messages: kept back, late, again, forged. The rows are in
 * docs/threat-model.md. */
#include "attack.h"

#include <ic/sframe/header.h>

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

/* The last line that somebody says is missed too, though nothing follows it. */
TEST(hostile_withholds_the_last_line)
{
    SIM(s, .people = 5, .hosts = 1);
    sim_gather(s, 5);
    CHECK(sim_chat(s, 4, "heard"));
    sim_run(s, 6000);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .change = renumber, .drop = true);
    attack_begin(s, &a);
    CHECK(sim_chat(s, 4, "kept back"));
    sim_run(s, 50);
    a.drop = false;
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "lines-missing", 5000));
    CHECK(alert_about(s, 2, 4));
}

/* One commit is skipped for one member, live and in every page: it finds that it is left behind, and comes
 * back by a resync. */
TEST(hostile_skips_a_commit)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_COMMIT,
           .count = 2, .drop = true);
    attack_begin(s, &a);
    CHECK_OK(ic_meeting_update_keys(s->people[0].m, sim_wall(&s->people[0])));
    sim_pump(s, 0);
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "epoch-unreachable", 10000));
    CHECK(a.hits > 0 && !gate_open(s, 2));
    CHECK(sim_agree_within(s, SIM_FIRST(3), 3000));
    CHECK(gate_open(s, 2));
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
    CHECK_EQ_INT(from.kid, h.kid);
    ic_meeting_note_unknown_kid(s->people[1].m, from.kid, sim_wall(&s->people[1]));
    CHECK(sim_await(s, 1, IC_MEETING_EV_ALERT, "keys-out-of-reach", 2200));
    CHECK(!gate_open(s, 1));
}

/* The removed one itself is told nothing: it notices, and says so. */
TEST(hostile_keeps_a_remove_from_the_removed)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    s->admit = false;
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_COMMIT,
           .drop = true);
    attack_begin(s, &a);
    CHECK(sim_remove(s, 0, 2));
    CHECK(sim_agree_within(s, SIM_FIRST(2), 2000));
    CHECK(sim_await(s, 2, IC_MEETING_EV_ALERT, "not-a-member", 10000));
    sim_run(s, 500);
    CHECK(!sim_in(s, 2) && !gate_open(s, 2));
    CHECK(sim_agree(s, SIM_FIRST(2)));
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
    a.type = 0; /* and no way to find out */
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

TEST(hostile_confirms_nothing)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_UP, .who = 0, .drop = true);
    attack_begin(s, &a);
    CHECK_OK(ic_meeting_lock(s->people[0].m, true, sim_wall(&s->people[0])));
    CHECK(sim_chat(s, 0, "hello?"));
    sim_pump(s, 0);
    CHECK(sim_await(s, 0, IC_MEETING_EV_ALERT, "commit-withheld", 6000));
    ATTACK(b, .way = SIM_UP, .who = 1, .drop = true);
    attack_begin(s, &b);
    CHECK(sim_chat(s, 1, "hello?"));
    CHECK(sim_await(s, 1, IC_MEETING_EV_ALERT, "chat-withheld", 6000));
    CHECK(!sim_seen(s, 1, IC_MEETING_EV_SENT, NULL)); /* never shown as sent */
}

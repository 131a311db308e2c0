/* What the group is told of other kinds than chat: in the order and once, or for the moment. */
#include "attack.h"
#include "villain.h"

#include <ic/base/mem.h>
#include <string.h>

enum { KIND = 32, LONG_MS = 3000 };
/* Longer than a heartbeat is when it is sealed. */
#define TEN "something "
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG HUNDRED HUNDRED HUNDRED

static ic_err say(struct sim *s, unsigned who, const char *body, bool transient)
{
    struct sim_person *p = &s->people[who];
    uint64_t number = 7;
    ic_err e = ic_meeting_say(p->m, KIND, ic_view_cstr(body), transient, sim_wall(p), &number);
    if (e == IC_OK && (number == 0) != transient)
        ic_test_fail(__FILE__, __LINE__, "number %llu", (unsigned long long)number);
    sim_pump(s, who);
    return e;
}

static size_t heard(const struct sim *s, unsigned who, const char *body, bool transient)
{
    const struct sim_person *p = &s->people[who];
    size_t n = 0;
    for (size_t i = p->mark; i < p->event_count; i++) {
        const struct ic_meeting_event *e = &p->events[i].e;
        n += e->type == IC_MEETING_EV_SAID && e->kind == KIND && (e->number == 0) == transient &&
             ic_view_equal(ic_buf_view(&e->text), ic_view_cstr(body));
    }
    return n;
}

TEST(said_reaches_everybody_and_says_whose_it_is)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    CHECK_OK(say(s, 1, "of old", false));
    CHECK_OK(say(s, 1, "of now", true));
    sim_run(s, 300);
    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQ_INT(heard(s, i, "of old", false), 1);
        CHECK_EQ_INT(heard(s, i, "of now", true), 1);
        const struct sim_event *e = sim_seen(s, i, IC_MEETING_EV_SAID, NULL);
        CHECK(e && strcmp(e->e.person.name, s->people[1].name) == 0);
        CHECK(e->e.flag == (i == 1) && e->e.person.self == (i == 1));
    }
    const struct sim_event *sent = sim_seen(s, 1, IC_MEETING_EV_SENT, NULL);
    CHECK(sent && sent->e.kind == KIND && sent->e.number == 1);
}

/* Chat and the rest are one order, through lost lines and a server that dies. */
TEST(said_is_once_and_in_order_through_faults)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    static const char *const words[] = {"a", "b", "c", "d"};
    for (unsigned i = 0; i < IC_ARRAY_LEN(words); i++) {
        CHECK_OK(say(s, 1, words[i], false));
        CHECK(sim_chat(s, 1, words[i]));
        if (i == 1)
            sim_cut(s, 1);
        if (i == 2)
            sim_server_crash(s, 0);
        sim_run(s, 3);
    }
    sim_run(s, 6000);
    for (unsigned i = 0; i < 3; i++) {
        const struct sim_person *p = &s->people[i];
        unsigned next = 0;
        for (size_t k = p->mark; k < p->event_count; k++) {
            const struct ic_meeting_event *e = &p->events[k].e;
            if (e->type != IC_MEETING_EV_SAID && e->type != IC_MEETING_EV_CHAT)
                continue;
            CHECK(next < 8 && (e->type == IC_MEETING_EV_CHAT) == next % 2);
            CHECK(ic_view_equal(ic_buf_view(&e->text), ic_view_cstr(words[next / 2])));
            next++;
        }
        CHECK_EQ_INT(next, 8);
    }
    CHECK_EQ_INT(sim_count(s, 1, IC_MEETING_EV_SENT, NULL), 8);
}

TEST(said_has_bounds)
{
    static uint8_t body[IC_MEETING_SAY_MAX + 1];
    SIM(s, .people = 2, .hosts = 1);
    sim_gather(s, 2);
    struct ic_meeting *m = s->people[0].m;
    uint64_t now = sim_wall(&s->people[0]);
    CHECK_ERR(ic_meeting_say(m, KIND, IC_VIEW_ARRAY(body), false, now, NULL), IC_ERR_LIMIT);
    CHECK_ERR(ic_meeting_say(m, KIND, IC_VIEW_ARRAY(body), true, now, NULL), IC_ERR_LIMIT);
    CHECK_OK(ic_meeting_say(m, KIND, ic_view(body, IC_MEETING_SAY_MAX), false, now, NULL));
    sim_pump(s, 0);
    sim_run(s, 300);
    const struct sim_event *e = sim_seen(s, 1, IC_MEETING_EV_SAID, NULL);
    CHECK(e && e->e.text.len == IC_MEETING_SAY_MAX);
    sim_hold_off(s, 0);
    ic_err err = IC_OK;
    unsigned taken = 0;
    for (; err == IC_OK && taken < 1000; taken++)
        err = say(s, 0, "while away", false);
    CHECK_ERR(err, IC_ERR_LIMIT);
    CHECK_EQ_INT(taken, 257);
    CHECK_ERR(say(s, 0, "now", true), IC_ERR_STATE); /* to nobody */
    sim_dial(s, 0);
    sim_run(s, 8000);
    CHECK_EQ_INT(heard(s, 1, "while away", false), 256);
}

/* A stream of words for the moment fills nothing, and a commit in between is no trouble. */
TEST(said_for_the_moment_flows)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    unsigned taken = 0;
    for (unsigned i = 0; i < 400; i++) {
        taken += say(s, 1, "move", true) == IC_OK;
        if (i == 200)
            CHECK_OK(ic_meeting_update_keys(s->people[0].m, sim_wall(&s->people[0])));
        sim_run(s, 5);
    }
    sim_run(s, 300);
    CHECK(taken > 350 && heard(s, 2, "move", true) > 350);
    CHECK(!sim_seen(s, 2, IC_MEETING_EV_ALERT, NULL));
    CHECK_OK(say(s, 1, "still", false));
    sim_run(s, 300);
    CHECK_EQ_INT(heard(s, 2, "still", false), 1);
}

/* ---- a hostile server ---- */

/* What is of the order comes outside it, and the other way round. */
static bool turn_over(struct sim *s, struct attack *a, struct sim_passing *p)
{
    (void)a;
    if (p->f->message.message.len < sizeof LONG)
        return false; /* a heartbeat */
    p->f->message.seq = p->f->message.seq ? 0 : last_seq(s) + 1;
    return true;
}

static void hand_out_turned(bool transient)
{
    SIM(s, .people = 2, .hosts = 1);
    sim_gather(s, 2);
    ATTACK(a, .way = SIM_DOWN, .who = 1, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_APPLICATION,
           .change = turn_over);
    attack_begin(s, &a);
    CHECK_OK(say(s, 0, LONG, transient));
    sim_run(s, 100);
    CHECK_EQ_INT(heard(s, 1, LONG, false) + heard(s, 1, LONG, true), 0);
    CHECK(sim_seen(s, 1, IC_MEETING_EV_ALERT, "message-kind"));
    CHECK(alert_about(s, 1, 0));
}

TEST(hostile_hands_a_line_out_as_a_word)
{
    hand_out_turned(false);
}

TEST(hostile_hands_a_word_out_as_a_line)
{
    hand_out_turned(true);
}

TEST(hostile_withholds_what_is_said)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_APPLICATION,
           .drop = true, .count = 1);
    attack_begin(s, &a);
    CHECK_OK(say(s, 0, "kept back", false));
    sim_run(s, 100);
    attack_end(s, &a);
    CHECK_OK(say(s, 0, "next", false));
    sim_run(s, LONG_MS);
    CHECK_EQ_INT(heard(s, 2, "kept back", false), 1); /* asked for */
    CHECK_EQ_INT(heard(s, 2, "next", false), 1);
}

/* Ten seconds late is not the moment any more. */
TEST(hostile_holds_a_word_back)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    sim_run(s, LONG_MS);
    ATTACK(a, .way = SIM_DOWN, .who = 2, .type = IC_WIRE_MESSAGE, .kind = IC_WIRE_KIND_APPLICATION,
           .delay_ms = 12000, .count = 1);
    attack_begin(s, &a);
    CHECK_OK(say(s, 0, "click here", true));
    sim_run(s, 13000);
    CHECK_EQ_INT(a.hits, 1);
    CHECK_EQ_INT(heard(s, 1, "click here", true), 1);
    CHECK_EQ_INT(heard(s, 2, "click here", true), 0);
}

/* ---- a liar among the members ---- */

TEST(member_says_a_body_that_is_cut)
{
    SIM(s, .people = PEOPLE, .hosts = 1);
    VILLAINY(s, v);
    static const uint8_t cut[] = {1, 0, 32, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0,   0,
                                  0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 'h', 'e'};
    IC_BUF_SCOPE(sealed, 1 << 12);
    CHECK_OK(ic_mls_protect(v->g, IC_VIEW_ARRAY(cut), ic_view(NULL, 0), &sealed));
    sim_villain_say(v, ic_buf_view(&sealed), false);
    CHECK(sim_await(s, BEN, IC_MEETING_EV_ALERT, "message-malformed", 500));
    CHECK(alert_about(s, BEN, VILLAIN));
    CHECK_EQ_INT(sim_count(s, BEN, IC_MEETING_EV_SAID, NULL), 0);
}

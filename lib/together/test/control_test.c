#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/together/control.h>
#include <ic/together/kinds.h>
#include <string.h>

enum { ANA = 0xa, BEN = 0xb, EVE = 0xe, PEOPLE = 3 };
static const uint64_t authors[PEOPLE] = {ANA, BEN, EVE};

/* Three devices and the order between them. Ana shares. */
struct stage {
    struct ic_together_control *c[PEOPLE];
    uint64_t seq, now;
    bool host[PEOPLE];
    uint8_t last[64]; /* the last input that was said */
    size_t last_len;
    uint16_t drop; /* a kind that reaches nobody */
};

static void stage_close(struct stage *s)
{
    for (size_t i = 0; i < PEOPLE; i++)
        ic_together_control_free(s->c[i]);
}

static struct stage stage_open(void)
{
    struct stage s = {.now = 5000};
    struct ic_rand r = ic_test_os_rand();
    for (size_t i = 0; i < PEOPLE; i++)
        if (ic_together_control_new(&r, &s.c[i]) == IC_OK)
            ic_together_control_self(s.c[i], authors[i]);
    ic_together_control_offer(s.c[0], IC_TOGETHER_CONTROL_READY);
    return s;
}
#define STAGE(name) __attribute__((cleanup(stage_close))) struct stage name = stage_open()

static void hear(struct stage *s, size_t who, size_t from, uint16_t kind, struct ic_view body,
                 uint64_t seq)
{
    struct ic_together_control_from f = {authors[from], who == from, s->host[from]};
    ic_together_control_said(s->c[who], &f, kind, body, seq, s->now);
}

/* What everybody has to say is said to everybody. */
static void pump(struct stage *s)
{
    for (bool some = true; some;) {
        some = false;
        for (size_t i = 0; i < PEOPLE; i++) {
            uint16_t kind;
            bool transient;
            uint8_t copy[256];
            struct ic_view v = ic_together_control_next_body(s->c[i], &kind, &transient);
            if (!v.len)
                continue;
            some = true;
            memcpy(copy, v.p, v.len);
            v.p = copy;
            ic_together_control_took(s->c[i]);
            if (kind == IC_TOGETHER_CONTROL_INPUT && v.len <= sizeof s->last) {
                memcpy(s->last, v.p, v.len);
                s->last_len = v.len;
            }
            s->seq += !transient;
            for (size_t k = 0; k < PEOPLE && kind != s->drop; k++)
                hear(s, k, i, kind, v, transient ? 0 : s->seq);
        }
    }
}

static struct ic_together_control_event seen; /* the last of that type that `who` saw */
static size_t look(struct stage *s, size_t who, enum ic_together_control_event_type type)
{
    struct ic_together_control_event e;
    size_t n = 0;
    while (ic_together_control_next_event(s->c[who], &e)) {
        if (e.type != type)
            continue;
        seen = e;
        n++;
    }
    return n;
}

static bool grant_to_ben(struct stage *s)
{
    bool ok = ic_together_control_request(s->c[1], ANA) == IC_OK;
    pump(s);
    ok = ok && ic_together_control_grant(
                   s->c[0], BEN, IC_TOGETHER_CONTROL_POINTER | IC_TOGETHER_CONTROL_KEYS) == IC_OK;
    pump(s);
    for (size_t i = 0; i < PEOPLE; i++)
        look(s, i, IC_TOGETHER_CONTROL_EV_BAD);
    return ok && ic_together_control_grantee(s->c[2], ANA) == BEN &&
           ic_together_control_held(s->c[1]) == ANA;
}

static const struct ic_together_input move = {.type = IC_TOGETHER_INPUT_MOVE, .x = 100, .y = 200};
static const struct ic_together_input ctrl = {
    .type = IC_TOGETHER_INPUT_KEY, .code = 0xffe3, .down = true};
static const struct ic_together_input press = {
    .type = IC_TOGETHER_INPUT_BUTTON, .code = 1, .down = true};

TEST(control_request_grant_input_stop)
{
    STAGE(s);
    CHECK_ERR(ic_together_control_input(s.c[1], &move, 1), IC_ERR_STATE);
    CHECK_OK(ic_together_control_request(s.c[1], ANA));
    CHECK_ERR(ic_together_control_request(s.c[1], ANA), IC_ERR_STATE);
    pump(&s);
    CHECK_EQ_INT(look(&s, 0, IC_TOGETHER_CONTROL_EV_REQUEST), 1);
    CHECK(seen.grantee == BEN && ic_together_control_asks(s.c[0], 0) == BEN);
    CHECK_OK(ic_together_control_grant(s.c[0], BEN, IC_TOGETHER_CONTROL_POINTER));
    pump(&s);
    for (size_t i = 0; i < PEOPLE; i++)
        CHECK_EQ_INT(look(&s, i, IC_TOGETHER_CONTROL_EV_GRANTED), 1);
    CHECK_OK(ic_together_control_input(s.c[1], &move, 1));
    CHECK_ERR(ic_together_control_input(s.c[1], &ctrl, 1), IC_ERR_DENIED);
    pump(&s);
    CHECK_EQ_INT(look(&s, 0, IC_TOGETHER_CONTROL_EV_INPUT), 1);
    CHECK(seen.input_count == 1 && seen.inputs[0].x == 100 && seen.inputs[0].y == 200);
    CHECK_EQ_INT(look(&s, 2, IC_TOGETHER_CONTROL_EV_INPUT), 0);
    CHECK_OK(ic_together_control_stop(s.c[0]));
    CHECK_EQ_INT(ic_together_control_grantee(s.c[0], ANA), 0); /* at once, before anybody hears */
    pump(&s);
    CHECK_EQ_INT(look(&s, 1, IC_TOGETHER_CONTROL_EV_ENDED), 1);
    CHECK_EQ_INT(seen.reason, IC_TOGETHER_CONTROL_STOPPED);
    CHECK_ERR(ic_together_control_input(s.c[1], &move, 1), IC_ERR_STATE);
}

TEST(control_refused_says_why)
{
    STAGE(s);
    const enum ic_together_control_offer offers[] = {
        IC_TOGETHER_CONTROL_NONE, IC_TOGETHER_CONTROL_IN_BROWSER, IC_TOGETHER_CONTROL_NO_SESSION};
    static const char *const why[] = {"not-sharing", "browser", "session"};
    for (size_t i = 0; i < IC_ARRAY_LEN(offers); i++) {
        ic_together_control_offer(s.c[0], offers[i]);
        CHECK_OK(ic_together_control_request(s.c[1], ANA));
        pump(&s);
        CHECK_EQ_INT(look(&s, 0, IC_TOGETHER_CONTROL_EV_REQUEST), 0);
        CHECK_EQ_INT(look(&s, 1, IC_TOGETHER_CONTROL_EV_REFUSED), 1);
        CHECK(strcmp(ic_together_control_reason_name(seen.reason), why[i]) == 0);
    }
    ic_together_control_offer(s.c[0], IC_TOGETHER_CONTROL_READY);
    CHECK_OK(ic_together_control_request(s.c[1], ANA));
    pump(&s);
    CHECK_OK(ic_together_control_refuse(s.c[0], BEN));
    pump(&s);
    CHECK_EQ_INT(look(&s, 1, IC_TOGETHER_CONTROL_EV_REFUSED), 1);
    CHECK_EQ_INT(seen.reason, IC_TOGETHER_CONTROL_REFUSED);
    CHECK_ERR(ic_together_control_grant(s.c[0], BEN, 3), IC_ERR_NOT_FOUND);
}

TEST(control_input_counts_from_the_grantee_alone)
{
    STAGE(s);
    CHECK(grant_to_ben(&s));
    CHECK_OK(ic_together_control_input(s.c[1], &move, 1));
    pump(&s);
    look(&s, 0, IC_TOGETHER_CONTROL_EV_INPUT);
    struct ic_view again = ic_view(s.last, s.last_len);
    hear(&s, 0, 1, IC_TOGETHER_CONTROL_INPUT, again, 0); /* once more */
    CHECK_EQ_INT(look(&s, 0, IC_TOGETHER_CONTROL_EV_BAD), 1);
    CHECK(strcmp(seen.rule, "control-stale") == 0);
    s.now += 2000;
    s.last[16] = 9; /* a later number, but Eve's */
    hear(&s, 0, 2, IC_TOGETHER_CONTROL_INPUT, again, 0);
    CHECK_EQ_INT(look(&s, 0, IC_TOGETHER_CONTROL_EV_BAD), 1);
    CHECK(strcmp(seen.rule, "control-not-granted") == 0 && seen.grantee == EVE);
    s.now += 2000;
    s.last[9] ^= 1; /* another grant */
    hear(&s, 0, 1, IC_TOGETHER_CONTROL_INPUT, again, 0);
    CHECK_EQ_INT(look(&s, 0, IC_TOGETHER_CONTROL_EV_BAD), 1);
    s.last[9] ^= 1;
    s.now += 2000;
    hear(&s, 0, 1, IC_TOGETHER_CONTROL_INPUT, again, 77); /* as a line */
    CHECK_EQ_INT(look(&s, 0, IC_TOGETHER_CONTROL_EV_BAD), 1);
    CHECK(strcmp(seen.rule, "control-not-a-line") == 0);
    hear(&s, 0, 1, IC_TOGETHER_CONTROL_INPUT, again, 0);
    CHECK_EQ_INT(look(&s, 0, IC_TOGETHER_CONTROL_EV_INPUT), 1);
}

TEST(control_lets_go_of_what_is_held_however_it_ends)
{
    for (unsigned way = 0; way < 5; way++) {
        STAGE(s);
        CHECK(grant_to_ben(&s));
        CHECK_OK(ic_together_control_input(s.c[1], &ctrl, 1));
        CHECK_OK(ic_together_control_input(s.c[1], &press, 1));
        pump(&s);
        look(&s, 0, IC_TOGETHER_CONTROL_EV_INPUT);
        s.host[2] = true;
        if (way == 0)
            CHECK_OK(ic_together_control_stop(s.c[0]));
        if (way == 1)
            CHECK_OK(ic_together_control_stop(s.c[1])); /* Escape there */
        if (way == 2)
            ic_together_control_left(s.c[0], BEN);
        if (way == 3)
            ic_together_control_away(s.c[0], BEN);
        if (way == 4)
            CHECK_OK(ic_together_control_revoke(s.c[2], ANA)); /* a host */
        pump(&s);
        struct ic_together_control_event e;
        size_t up = 0, ended = 0;
        while (ic_together_control_next_event(s.c[0], &e)) {
            for (size_t i = 0; i < e.input_count; i++)
                up += !e.inputs[i].down && (e.inputs[i].code == 0xffe3 || e.inputs[i].code == 1);
            ended += e.type == IC_TOGETHER_CONTROL_EV_ENDED;
        }
        CHECK(up == 2 && ended == 1 && ic_together_control_grantee(s.c[0], ANA) == 0);
    }
}

TEST(control_ends_with_the_share_and_with_who_goes)
{
    STAGE(s);
    CHECK(grant_to_ben(&s));
    ic_together_control_offer(s.c[0], IC_TOGETHER_CONTROL_NONE);
    pump(&s);
    CHECK_EQ_INT(look(&s, 1, IC_TOGETHER_CONTROL_EV_ENDED), 1);
    CHECK_EQ_INT(seen.reason, IC_TOGETHER_CONTROL_NOT_SHARING);
    ic_together_control_offer(s.c[0], IC_TOGETHER_CONTROL_READY);
    CHECK(grant_to_ben(&s));
    ic_together_control_left(s.c[1], ANA); /* removed, or left */
    CHECK_EQ_INT(look(&s, 1, IC_TOGETHER_CONTROL_EV_ENDED), 1);
    CHECK_EQ_INT(seen.reason, IC_TOGETHER_CONTROL_LEFT);
    CHECK_ERR(ic_together_control_input(s.c[1], &move, 1), IC_ERR_STATE);
}

TEST(control_has_one_grantee)
{
    STAGE(s);
    CHECK(grant_to_ben(&s));
    CHECK_OK(ic_together_control_request(s.c[2], ANA));
    pump(&s);
    CHECK_OK(ic_together_control_grant(s.c[0], EVE, IC_TOGETHER_CONTROL_POINTER));
    pump(&s);
    CHECK_EQ_INT(look(&s, 1, IC_TOGETHER_CONTROL_EV_ENDED), 1);
    CHECK_EQ_INT(seen.reason, IC_TOGETHER_CONTROL_SUPERSEDED);
    CHECK(ic_together_control_grantee(s.c[1], ANA) == EVE && !ic_together_control_held(s.c[1]));
}

TEST(control_takes_no_grant_that_was_not_asked_for)
{
    STAGE(s);
    CHECK_OK(ic_together_control_request(s.c[1], ANA));
    s.drop = 0;
    pump(&s);
    CHECK_OK(ic_together_control_stop(s.c[1])); /* thought better of it */
    CHECK_OK(ic_together_control_grant(s.c[0], BEN, IC_TOGETHER_CONTROL_KEYS)); /* meanwhile */
    pump(&s);
    CHECK_EQ_INT(look(&s, 1, IC_TOGETHER_CONTROL_EV_BAD), 1);
    CHECK(strcmp(seen.rule, "control-not-asked") == 0);
    CHECK(ic_together_control_held(s.c[1]) == 0 && ic_together_control_grantee(s.c[0], ANA) == 0);
}

TEST(control_revoke_by_others_is_refused)
{
    STAGE(s);
    CHECK(grant_to_ben(&s));
    CHECK_OK(ic_together_control_revoke(s.c[2], ANA));
    pump(&s);
    CHECK(ic_together_control_grantee(s.c[0], ANA) == BEN);
    CHECK_EQ_INT(look(&s, 0, IC_TOGETHER_CONTROL_EV_BAD), 1);
    CHECK(strcmp(seen.rule, "control-not-yours") == 0);
}

TEST(control_input_is_bounded_in_rate)
{
    STAGE(s);
    CHECK(grant_to_ben(&s));
    size_t taken = 0;
    for (unsigned i = 0; i < 1000; i++) {
        CHECK_OK(ic_together_control_input(s.c[1], &move, 1));
        pump(&s);
        taken += look(&s, 0, IC_TOGETHER_CONTROL_EV_INPUT);
    }
    CHECK_EQ_INT(taken, 2 * IC_TOGETHER_CONTROL_RATE);
    s.now += 1000;
    for (unsigned i = 0; i < 1000; i++) {
        CHECK_OK(ic_together_control_input(s.c[1], &move, 1));
        pump(&s);
        taken += look(&s, 0, IC_TOGETHER_CONTROL_EV_INPUT);
    }
    CHECK_EQ_INT(taken, 3 * IC_TOGETHER_CONTROL_RATE);
}

TEST(control_input_bodies_keep_their_bounds)
{
    IC_BUF_SCOPE(body, 512);
    struct ic_together_input in[4] = {
        move, ctrl, press, {.type = IC_TOGETHER_INPUT_WHEEL, .dx = -1, .dy = 3}};
    struct ic_together_input out[IC_TOGETHER_CONTROL_INPUTS];
    uint64_t sharer = 0;
    uint32_t grant = 0, number = 0;
    size_t n = 0;
    CHECK_OK(ic_together_input_encode(7, 8, 9, in, 4, &body));
    for (size_t i = 0; i < body.len; i++)
        CHECK(ic_together_input_decode(ic_view(body.p, i), &sharer, &grant, &number, out, &n) !=
              IC_OK);
    CHECK_EQ_INT(sharer, 0);
    CHECK_OK(ic_together_input_decode(ic_buf_view(&body), &sharer, &grant, &number, out, &n));
    CHECK(sharer == 7 && grant == 8 && number == 9 && n == 4);
    CHECK(out[3].dx == -1 && out[3].dy == 3 && out[1].code == 0xffe3 && out[1].down);
    const struct ic_together_input bad[] = {{.type = IC_TOGETHER_INPUT_BUTTON, .code = 4},
                                            {.type = IC_TOGETHER_INPUT_BUTTON, .code = 0},
                                            {.type = IC_TOGETHER_INPUT_BUTTON, .code = 40},
                                            {.type = IC_TOGETHER_INPUT_KEY, .code = 3},
                                            {.type = IC_TOGETHER_INPUT_KEY, .code = 0xffffffff},
                                            {.type = IC_TOGETHER_INPUT_WHEEL, .dy = 100},
                                            {.type = 9}};
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++)
        CHECK_ERR(ic_together_input_encode(1, 1, 1, &bad[i], 1, &body), IC_ERR_RANGE);
}

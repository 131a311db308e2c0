/* The door, with a scripted server: what a client refuses before there is any group. */
#include <ic/base/test.h>
#include <ic/base/text.h>
#include <ic/meeting/link.h>
#include <ic/meeting/media.h>
#include <ic/meeting/meeting.h>
#include <string.h>

enum { NOW = 1795000000 };
#define NOW_MS (NOW * 1000ull)

struct door {
    struct ic_test_rand rand;
    struct ic_sign_key *host, *guest;
    struct ic_meeting_made made;
    struct ic_meeting *m;
    uint32_t request; /* of the client's last frame */
    uint16_t type;
};

static void door_close(struct door *d)
{
    ic_meeting_free(d->m);
    ic_sign_key_free(d->host);
    ic_sign_key_free(d->guest);
    ic_meeting_made_clear(&d->made);
}

static void door_open(struct door *d, bool as_host)
{
    struct ic_rand rand = ic_test_rand(&d->rand, 11);
    CHECK_OK(ic_sign_key_generate(IC_ED25519, &rand, &d->host));
    CHECK_OK(ic_sign_key_generate(IC_ED25519, &rand, &d->guest));
    struct ic_view host = ic_sign_key_public(d->host);
    struct ic_meeting_plan p = {.kind = IC_WIRE_INSTANT,
                                .suite = 1,
                                .sframe_suite = 4,
                                .admission = IC_WIRE_HOST_ADMITS,
                                .hosts = &host,
                                .host_count = 1};
    CHECK_OK(ic_meeting_make(&p, &rand, &d->made));
    struct ic_meeting_config c = {.link = d->made.link,
                                  .identity = as_host ? d->host : d->guest,
                                  .suite = 1,
                                  .name = "Ada",
                                  .rand = rand,
                                  .may_create = as_host};
    CHECK_OK(ic_meeting_new(&c, NOW_MS, &d->m));
    ic_meeting_connected(d->m, NOW_MS);
}
#define DOOR(name, as_host)                                                                        \
    __attribute__((cleanup(door_close))) struct door name = {0};                                   \
    door_open(&name, as_host);                                                                     \
    if (ic_test_failed())                                                                          \
    return

/* The client's next frame; false: none. */
static bool next(struct door *d)
{
    IC_BUF_SCOPE(b, IC_WIRE_MAX);
    struct ic_wire_frame f;
    if (!ic_meeting_next_frame(d->m, &b) || ic_wire_decode(ic_buf_view(&b), &f) != IC_OK)
        return false;
    d->request = f.request;
    d->type = f.type;
    return true;
}

static void answer(struct door *d, struct ic_wire_frame *f)
{
    IC_BUF_SCOPE(b, IC_WIRE_MAX);
    f->request = d->request;
    CHECK_OK(ic_wire_encode(f, &b));
    ic_meeting_receive(d->m, ic_buf_view(&b), NOW_MS);
}

static void say_hello(struct door *d, uint64_t server_ms)
{
    static const uint8_t nonce[32] = {1};
    struct ic_wire_frame f = {.type = IC_WIRE_HELLO_OK,
                              .hello_ok = {.server = IC_VIEW_STR("s"),
                                           .now_ms = server_ms,
                                           .nonce = IC_VIEW_ARRAY(nonce)}};
    CHECK(next(d) && d->type == IC_WIRE_HELLO);
    answer(d, &f);
    CHECK(next(d) && d->type == IC_WIRE_ENTER);
}

static void let_enter(struct door *d, struct ic_view id, struct ic_view terms, struct ic_view group)
{
    struct ic_wire_frame f = {.type = IC_WIRE_ENTERED,
                              .entered = {.meeting_id = id,
                                          .kind = IC_WIRE_INSTANT,
                                          .terms = terms,
                                          .state = group.len ? IC_WIRE_OPEN : IC_WIRE_WAITING,
                                          .group_id = group,
                                          .external_sender = ic_sign_key_public(d->guest)}};
    answer(d, &f);
}

static bool saw(struct door *d, enum ic_meeting_event_type type, const char *rule)
{
    struct ic_meeting_event e;
    bool found = false;
    while (ic_meeting_next_event(d->m, &e)) {
        found = found || (e.type == type && strcmp(e.rule, rule) == 0);
        ic_meeting_event_clear(&e);
    }
    return found;
}

TEST(stranger_waits_then_knocks)
{
    DOOR(d, false);
    say_hello(&d, NOW_MS);
    let_enter(&d, IC_VIEW_ARRAY(d.made.id), ic_buf_view(&d.made.terms), ic_view(NULL, 0));
    CHECK_EQ_INT(ic_meeting_state(d.m), IC_MEETING_WAITING_HOST);
    CHECK(!next(&d));
    struct ic_wire_frame f = {.type = IC_WIRE_GROUP_OPEN, .group_open = {IC_VIEW_STR("group"), 0}};
    d.request = 0;
    answer(&d, &f);
    CHECK(next(&d) && d.type == IC_WIRE_KNOCK);
    CHECK_EQ_INT(ic_meeting_state(d.m), IC_MEETING_IN_LOBBY);
    CHECK(saw(&d, IC_MEETING_EV_WAITING, ""));
}

TEST(host_makes_the_group)
{
    DOOR(d, true);
    say_hello(&d, NOW_MS);
    let_enter(&d, IC_VIEW_ARRAY(d.made.id), ic_buf_view(&d.made.terms), ic_view(NULL, 0));
    CHECK(next(&d) && d.type == IC_WIRE_CREATE_GROUP);
    CHECK(ic_meeting_state(d.m) == IC_MEETING_CONNECTING);
    struct ic_wire_frame f = {.type = IC_WIRE_OK};
    answer(&d, &f);
    CHECK_EQ_INT(ic_meeting_state(d.m), IC_MEETING_E2EE);
    CHECK(ic_meeting_is_host(d.m) && ic_meeting_own_leaf(d.m) == 0);
}

/* A server that changes the terms on their way ends nowhere. */
TEST(changed_terms_are_refused)
{
    for (size_t at = 20; at < 60; at += 13) {
        DOOR(d, false);
        IC_BUF_SCOPE(terms, 1 << 16);
        CHECK_OK(ic_buf_append(&terms, ic_buf_view(&d.made.terms)));
        terms.p[at] ^= 1;
        say_hello(&d, NOW_MS);
        let_enter(&d, IC_VIEW_ARRAY(d.made.id), ic_buf_view(&terms), IC_VIEW_STR("group"));
        CHECK_EQ_INT(ic_meeting_state(d.m), IC_MEETING_OVER);
        CHECK(!next(&d));
    }
}

TEST(another_meeting_id_is_refused)
{
    DOOR(d, false);
    say_hello(&d, NOW_MS);
    let_enter(&d, IC_VIEW_STR("0123456789abcdef"), ic_buf_view(&d.made.terms), IC_VIEW_STR("g"));
    CHECK(saw(&d, IC_MEETING_EV_ENDED, "terms-other-meeting"));
}

TEST(another_meeting_key_is_refused)
{
    DOOR(d, false);
    struct ic_meeting_config c = {.link = d.made.link,
                                  .identity = d.guest,
                                  .suite = 1,
                                  .name = "Ada",
                                  .rand = ic_test_os_rand()};
    c.link.meeting_key_hash[0] ^= 1;
    ic_meeting_free(d.m);
    d.m = NULL;
    CHECK_OK(ic_meeting_new(&c, NOW_MS, &d.m));
    ic_meeting_connected(d.m, NOW_MS);
    say_hello(&d, NOW_MS);
    let_enter(&d, IC_VIEW_ARRAY(d.made.id), ic_buf_view(&d.made.terms), IC_VIEW_STR("g"));
    CHECK(saw(&d, IC_MEETING_EV_ENDED, "terms-pin"));
}

TEST(clock_that_is_off_is_said)
{
    DOOR(d, false);
    say_hello(&d, NOW_MS - 5 * 60 * 1000);
    CHECK(!saw(&d, IC_MEETING_EV_CLOCK, ""));
    DOOR(late, false);
    say_hello(&late, NOW_MS - 5 * 60 * 1000 - 1);
    CHECK(saw(&late, IC_MEETING_EV_CLOCK, ""));
}

TEST(malformed_frames_are_named)
{
    DOOR(d, false);
    CHECK(next(&d));
    ic_meeting_receive(d.m, IC_VIEW_STR("\0\2\0"), NOW_MS);
    CHECK(saw(&d, IC_MEETING_EV_ALERT, "frame-malformed"));
    ic_meeting_receive(d.m, IC_VIEW_STR("\x7f\1\0\0\0\0later"), NOW_MS);
    CHECK(!saw(&d, IC_MEETING_EV_ALERT, "frame-malformed"));
}

/* A deadline that is over and does not go away would have the application's loop spin. */
TEST(no_deadline_stays_behind)
{
    DOOR(d, true);
    say_hello(&d, NOW_MS);
    let_enter(&d, IC_VIEW_ARRAY(d.made.id), ic_buf_view(&d.made.terms), IC_VIEW_STR("group"));
    CHECK(next(&d) && d.type == IC_WIRE_KNOCK);
    struct ic_wire_frame w = {.type = IC_WIRE_WELCOME,
                              .welcome = {.group_id = IC_VIEW_STR("group"),
                                          .seq = 1,
                                          .welcome = IC_VIEW_STR("welcome"),
                                          .tree_hash = IC_VIEW_STR("hash")}};
    d.request = 0;
    answer(&d, &w);
    CHECK(next(&d) && d.type == IC_WIRE_GET_TREE);
    ic_meeting_connected(d.m, NOW_MS); /* the session ended meanwhile */
    say_hello(&d, NOW_MS);
    let_enter(&d, IC_VIEW_ARRAY(d.made.id), ic_buf_view(&d.made.terms), ic_view(NULL, 0));
    CHECK(next(&d) && d.type == IC_WIRE_CREATE_GROUP);
    struct ic_wire_frame ok = {.type = IC_WIRE_OK};
    answer(&d, &ok);
    ic_meeting_tick(d.m, NOW_MS + 60000);
    CHECK(ic_meeting_deadline_ms(d.m) > NOW_MS + 60000);
}

static void make_group(struct door *d)
{
    struct ic_wire_frame ok = {.type = IC_WIRE_OK};
    say_hello(d, NOW_MS);
    let_enter(d, IC_VIEW_ARRAY(d->made.id), ic_buf_view(&d->made.terms), ic_view(NULL, 0));
    CHECK(next(d) && d->type == IC_WIRE_CREATE_GROUP);
    answer(d, &ok);
}

/* A line that did not get through is not said to whoever meets here the next time. */
TEST(no_line_goes_to_another_group)
{
    DOOR(d, true);
    make_group(&d);
    ic_meeting_disconnected(d.m, NOW_MS);
    CHECK_OK(ic_meeting_chat(d.m, IC_VIEW_STR("for those of last time"), NOW_MS));
    CHECK_OK(ic_meeting_lock(d.m, true, NOW_MS));
    ic_meeting_connected(d.m, NOW_MS);
    make_group(&d);
    ic_meeting_tick(d.m, NOW_MS + 1000);
    while (next(&d))
        CHECK(d.type != IC_WIRE_SEND && d.type != IC_WIRE_COMMIT);
    CHECK(saw(&d, IC_MEETING_EV_ALERT, "chat-dropped"));
}

TEST(nothing_is_possible_outside)
{
    DOOR(d, false);
    IC_BUF_SCOPE(b, 1000);
    CHECK_ERR(ic_meeting_chat(d.m, IC_VIEW_STR("x"), NOW_MS), IC_ERR_STATE);
    CHECK_ERR(ic_meeting_admit(d.m, 1, NOW_MS), IC_ERR_STATE);
    CHECK_ERR(ic_meeting_refuse(d.m, 1, NOW_MS), IC_ERR_STATE);
    CHECK_ERR(ic_meeting_remove(d.m, 1, NOW_MS), IC_ERR_STATE);
    CHECK_ERR(ic_meeting_lock(d.m, true, NOW_MS), IC_ERR_STATE);
    CHECK_ERR(ic_meeting_name_host(d.m, 1, NOW_MS), IC_ERR_STATE);
    CHECK_ERR(ic_meeting_update_keys(d.m, NOW_MS), IC_ERR_STATE);
    CHECK_ERR(ic_meeting_end(d.m, NOW_MS), IC_ERR_STATE);
    CHECK_ERR(ic_meeting_ticket(d.m, IC_VIEW_STR("x"), 0, NOW_MS, &b), IC_ERR_STATE);
    struct ic_meeting_media *k = ic_meeting_media(d.m);
    uint8_t out[100];
    size_t len;
    CHECK(k);
    CHECK_ERR(ic_meeting_protect(k, 0, IC_VIEW_STR("frame"), out, &len), IC_ERR_STATE);
    struct ic_meeting_media_from from;
    CHECK_ERR(ic_meeting_unprotect(k, IC_VIEW_STR("frame"), NOW_MS, out, &len, &from),
              IC_ERR_UNKNOWN_KEY);
}

TEST(new_checks_its_arguments)
{
    DOOR(d, false);
    struct ic_meeting *m = NULL;
    struct ic_meeting_config c = {.link = d.made.link,
                                  .identity = d.guest,
                                  .suite = 2,
                                  .name = "Ada",
                                  .rand = ic_test_os_rand()};
    CHECK_ERR(ic_meeting_new(&c, NOW_MS, &m), IC_ERR_UNSUPPORTED); /* an Ed25519 key */
    c.suite = 1;
    c.name = "";
    CHECK_ERR(ic_meeting_new(&c, NOW_MS, &m), IC_ERR_ARG);
    c.name = "a\nb";
    CHECK_ERR(ic_meeting_new(&c, NOW_MS, &m), IC_ERR_ARG);
    c.name = "Ada";
    c.rand = ic_test_no_rand();
    CHECK_ERR(ic_meeting_new(&c, NOW_MS, &m), IC_ERR_IO);
    CHECK(!m);
}

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/together/json.h>
#include <stdio.h>
#include <string.h>

enum { NOW = 1000000 };

static void talk_free(struct ic_together_talk **t)
{
    ic_together_talk_free(*t);
}
#define TALK(name)                                                                                 \
    __attribute__((cleanup(talk_free))) struct ic_together_talk *name = NULL;                      \
    CHECK_OK(ic_together_talk_new(&name))

static struct ic_meeting_person person(uint32_t leaf)
{
    struct ic_meeting_person p = {.leaf = leaf, .self = leaf == 0, .host = leaf == 1};
    snprintf(p.name, sizeof p.name, "%s", leaf == 0 ? "Me" : leaf == 1 ? "Ana" : "Ben");
    memset(p.key_hash, (int)leaf + 1, sizeof p.key_hash);
    return p;
}

static void enters(struct ic_together_talk *t, uint32_t leaf, bool present, bool web)
{
    struct ic_meeting_event e = {
        .type = IC_MEETING_EV_JOINED, .person = person(leaf), .flag = present};
    e.person.web = web;
    CHECK(!ic_together_talk_take(t, &e, NULL, NOW));
}

static void goes(struct ic_together_talk *t, uint32_t leaf)
{
    struct ic_meeting_event e = {.type = IC_MEETING_EV_LEFT, .person = person(leaf)};
    CHECK(!ic_together_talk_take(t, &e, NULL, NOW));
}

static bool says_at(struct ic_together_talk *t, uint32_t leaf, uint64_t seq,
                    const struct ic_together_body *b, uint64_t now_ms)
{
    struct ic_meeting_event e = {
        .type = IC_MEETING_EV_SAID, .kind = b->kind, .person = person(leaf), .number = seq};
    ic_buf_init(&e.text, 8192);
    bool taken =
        ic_together_body_encode(b, &e.text) == IC_OK && ic_together_talk_take(t, &e, NULL, now_ms);
    ic_buf_clear(&e.text);
    return taken;
}

static bool says(struct ic_together_talk *t, uint32_t leaf, uint64_t seq,
                 const struct ic_together_body *b)
{
    return says_at(t, leaf, seq, b, NOW);
}

/* Takes all events; the first of the type is written as JSON. */
static size_t told(struct ic_together_talk *t, enum ic_together_talk_event_type type,
                   struct ic_buf *json)
{
    struct ic_together_talk_event e;
    size_t n = 0;
    while (ic_together_talk_next(t, &e)) {
        if (e.type == type && n++ == 0 && json)
            IC_IGNORE(ic_together_talk_json(&e, t, 42, json));
        ic_together_talk_event_clear(&e);
    }
    return n;
}

static bool holds(const struct ic_buf *json, const char *part)
{
    bool found = memmem(json->p, json->len, part, strlen(part)) != NULL;
    if (!found)
        fprintf(stderr, "%.*s\n", (int)json->len, (const char *)json->p);
    return found;
}

static void three(struct ic_together_talk *t)
{
    enters(t, 1, true, false);
    enters(t, 2, true, false);
    enters(t, 0, true, false);
    told(t, IC_TOGETHER_EV_LINE, NULL);
}

TEST(talk_line_says_whom_it_means)
{
    TALK(t);
    three(t);
    IC_BUF_SCOPE(json, 4096);
    struct ic_together_body b = {
        .kind = IC_TOGETHER_LINE,
        .line = {.text = IC_VIEW_INIT("@Me look"), .reply = 3, .mention_count = 2}};
    memset(b.line.mentions[0], 1, IC_TOGETHER_KEY);
    memset(b.line.mentions[1], 77, IC_TOGETHER_KEY); /* nobody has it */
    CHECK(says(t, 2, 9, &b));
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_LINE, &json), 1);
    CHECK(holds(&json, "\"event\":\"chat\",\"time_ms\":42,\"seq\":9"));
    CHECK(holds(&json, "\"text\":\"@Me look\",\"reply\":3,\"mentions\":[0],\"everybody\":false,"
                       "\"you\":true}"));
    ic_buf_reset(&json);
    b.line = (struct ic_together_line){.text = IC_VIEW_STR("all"), .everybody = true};
    CHECK(says(t, 0, 10, &b)); /* our own does not mean us */
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_LINE, &json), 1);
    CHECK(holds(&json, "\"everybody\":true,\"you\":false"));
}

static struct ic_together_body mark(uint64_t seq, const char *sign, bool put)
{
    struct ic_together_body b = {.kind = IC_TOGETHER_MARK};
    b.mark = (struct ic_together_mark){seq, put, ic_view_cstr(sign)};
    return b;
}

TEST(talk_marks_are_counted_once_and_taken_back)
{
    TALK(t);
    three(t);
    IC_BUF_SCOPE(json, 4096);
    struct ic_together_body yes = mark(5, "yes", true), no = mark(5, "no", true);
    CHECK(says(t, 1, 6, &yes) && says(t, 0, 7, &yes) && says(t, 2, 8, &no));
    CHECK(says(t, 1, 9, &yes)); /* again: nothing new */
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_MARKS, NULL), 3);
    struct ic_together_marks m;
    CHECK(ic_together_talk_marks(t, 5, 0, &m) && m.count == 2 && m.own);
    CHECK(ic_together_talk_marks(t, 5, 1, &m) && m.count == 1 && !m.own);
    CHECK(!ic_together_talk_marks(t, 5, 2, &m) && !ic_together_talk_marks(t, 6, 0, &m));
    yes.mark.put = false;
    CHECK(says(t, 0, 10, &yes));
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_MARKS, &json), 1);
    CHECK(holds(&json, "\"put\":false,\"marks\":[{\"sign\":\"yes\",\"count\":1,\"own\":false,"
                       "\"names\":[\"Ana\"]},{\"sign\":\"no\""));
    CHECK(says(t, 0, 11, &yes)); /* there is none any more */
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_MARKS, NULL), 0);
}

TEST(talk_marks_are_bounded)
{
    TALK(t);
    three(t);
    char sign[8];
    struct ic_together_marks m;
    for (unsigned i = 0; i < 40; i++) {
        snprintf(sign, sizeof sign, "s%u", i);
        struct ic_together_body b = mark(5, sign, true);
        CHECK(says(t, 1, 6, &b));
    }
    CHECK(ic_together_talk_marks(t, 5, 7, &m) && !ic_together_talk_marks(t, 5, 8, &m));
    for (unsigned i = 0; i < 3000; i++) {
        struct ic_together_body b = mark(100 + i, "x", true);
        CHECK(says(t, 2, 7, &b));
    }
    CHECK(!ic_together_talk_marks(t, 5, 0, &m)); /* the oldest have gone */
    CHECK(ic_together_talk_marks(t, 3099, 0, &m));
    told(t, IC_TOGETHER_EV_LINE, NULL);
}

static struct ic_together_body status(uint64_t change, uint64_t hand_ms)
{
    struct ic_together_body b = {.kind = IC_TOGETHER_STATUS};
    b.status = (struct ic_together_status){
        .change = change, .hand_ms = hand_ms, .opaque = true, .codecs = IC_TOGETHER_VP8};
    return b;
}

TEST(talk_hands_stand_in_order)
{
    TALK(t);
    three(t);
    IC_BUF_SCOPE(json, 4096);
    struct ic_together_body two = status(1, NOW - 5), one = status(1, NOW + 99999),
                            old = status(0, 0);
    struct ic_meeting_person who;
    CHECK(says(t, 1, 3, &one)); /* its clock is ahead: now */
    CHECK(says(t, 2, 4, &two));
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_HANDS, &json), 2);
    CHECK(ic_together_talk_hand_at(t, 0, &who) && who.leaf == 2);
    CHECK(ic_together_talk_hand_at(t, 1, &who) && who.leaf == 1);
    CHECK(!ic_together_talk_hand_at(t, 2, &who));
    CHECK(says(t, 2, 5, &old)); /* told before, come later */
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_STATUS, NULL), 0);
    struct ic_together_status s;
    CHECK(ic_together_talk_status_of(t, 1, &s) && s.hand_ms == NOW);
    CHECK(!ic_together_talk_status_of(t, 0, &s));
    goes(t, 2);
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_HANDS, NULL), 1);
    CHECK(ic_together_talk_hand_at(t, 0, &who) && who.leaf == 1);
}

TEST(talk_mute_is_a_hosts_to_ask)
{
    TALK(t);
    three(t);
    IC_BUF_SCOPE(json, 4096);
    struct ic_together_body b = {.kind = IC_TOGETHER_MUTE, .mute = {.everybody = true}};
    CHECK(says(t, 2, 3, &b));
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_MUTE, NULL), 0);
    CHECK(says(t, 1, 4, &b));
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_MUTE, &json), 1);
    CHECK(holds(&json, "\"everybody\":true,\"you\":true"));
    ic_buf_reset(&json);
    b.mute.everybody = false;
    memset(b.mute.key, 3, sizeof b.mute.key); /* Ben */
    CHECK(says(t, 1, 5, &b));
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_MUTE, &json), 1);
    CHECK(holds(&json, "\"everybody\":false,\"leaf\":2,\"you\":false"));
}

TEST(talk_reactions_do_not_flood)
{
    TALK(t);
    three(t);
    struct ic_together_body b = {.kind = IC_TOGETHER_REACTION,
                                 .reaction = {IC_VIEW_INIT("\xf0\x9f\x91\x8f")}};
    for (unsigned i = 0; i < 20; i++)
        CHECK(says(t, 1, 0, &b));
    CHECK(says(t, 2, 0, &b));
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_REACTION, NULL), 6);
    CHECK(says_at(t, 1, 0, &b, NOW + 1000));
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_REACTION, NULL), 1);
}

TEST(talk_recording_is_told_once_and_to_who_came_late)
{
    TALK(t);
    three(t);
    IC_BUF_SCOPE(json, 4096);
    struct ic_together_body on = {.kind = IC_TOGETHER_RECORDING, .recording = {true}},
                            s = status(7, 0);
    s.status.recording = true;
    CHECK(says(t, 1, 3, &on) && says(t, 1, 4, &s));
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_RECORDING, &json), 1);
    CHECK(holds(&json, "\"event\":\"records\"") && holds(&json, "\"on\":true,\"present\":false"));
    ic_buf_reset(&json);
    CHECK(says(t, 2, 0, &s)); /* by its status alone */
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_RECORDING, &json), 1);
    CHECK(holds(&json, "\"on\":true,\"present\":true"));
    goes(t, 1);
    ic_buf_reset(&json);
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_RECORDING, &json), 1);
    CHECK(holds(&json, "\"on\":false"));
}

TEST(talk_frames_are_what_all_can_receive)
{
    TALK(t);
    bool opaque;
    uint8_t codecs;
    three(t);
    ic_together_talk_frames(t, &opaque, &codecs);
    CHECK(opaque && codecs == (IC_TOGETHER_VP8 | IC_TOGETHER_VP9));
    enters(t, 3, false, true); /* a browser that has told nothing yet */
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_FRAMES, NULL), 1);
    ic_together_talk_frames(t, &opaque, &codecs);
    CHECK(!opaque && codecs == IC_TOGETHER_VP8);
    struct ic_together_body s = status(1, 0);
    s.status.codecs = IC_TOGETHER_VP8 | IC_TOGETHER_VP9;
    CHECK(says(t, 3, 4, &s));
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_FRAMES, NULL), 1);
    ic_together_talk_frames(t, &opaque, &codecs);
    CHECK(opaque && codecs == (IC_TOGETHER_VP8 | IC_TOGETHER_VP9));
    s.status.opaque = false;
    s.status.change = 2;
    CHECK(says(t, 3, 5, &s));
    goes(t, 3);
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_FRAMES, NULL), 2);
    ic_together_talk_frames(t, &opaque, &codecs);
    CHECK(opaque);
}

TEST(talk_leaves_alone_what_is_not_its_own)
{
    TALK(t);
    three(t);
    struct ic_meeting_event e = {.type = IC_MEETING_EV_SAID, .kind = 32, .person = person(1)};
    CHECK(!ic_together_talk_take(t, &e, NULL, NOW));
    e.kind = IC_TOGETHER_MARK; /* a body that does not hold */
    CHECK(!ic_together_talk_take(t, &e, NULL, NOW));
    struct ic_together_body b = status(3, NOW);
    CHECK(says(t, 9, 4, &b)); /* somebody who has gone */
    CHECK_EQ_INT(told(t, IC_TOGETHER_EV_STATUS, NULL), 0);
}

TEST(talk_survives_any_failed_allocation)
{
    for (uint64_t k = 1; k < 60; k++) {
        struct ic_together_talk *t = NULL;
        ic_mem_fail_at(k);
        if (ic_together_talk_new(&t) == IC_OK) {
            struct ic_together_body b = mark(5, "yes", true), s = status(1, NOW);
            enters(t, 1, true, false);
            enters(t, 0, true, false);
            struct ic_meeting_event e = {.type = IC_MEETING_EV_SAID, .person = person(1)};
            ic_buf_init(&e.text, 4096);
            e.kind = b.kind;
            if (ic_together_body_encode(&b, &e.text) == IC_OK)
                CHECK(ic_together_talk_take(t, &e, NULL, NOW));
            ic_buf_reset(&e.text);
            e.kind = s.kind;
            if (ic_together_body_encode(&s, &e.text) == IC_OK)
                CHECK(ic_together_talk_take(t, &e, NULL, NOW));
            ic_buf_clear(&e.text);
            told(t, IC_TOGETHER_EV_LINE, NULL);
        }
        ic_mem_fail_at(0);
        ic_together_talk_free(t);
    }
}

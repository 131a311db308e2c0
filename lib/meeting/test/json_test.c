/* Field by field what docs/events.md promises; programs parse it. */
#include <ic/base/test.h>
#include <ic/meeting/json.h>
#include <stdio.h>

static bool written(const struct ic_meeting_event *e, const char *want)
{
    IC_BUF_SCOPE(b, 65536);
    bool done = ic_meeting_event_json(e, NULL, 42, &b) == IC_OK;
    bool same = done && ic_view_equal(ic_buf_view(&b), ic_view_cstr(want));
    if (!same)
        printf("%.*s\n", (int)b.len, (const char *)b.p);
    return same;
}

static struct ic_meeting_person ana = {.leaf = 7,
                                       .name = "An\"a",
                                       .identity = IC_MEETING_EXTERNAL,
                                       .host = true,
                                       .web = true,
                                       .certificate = true,
                                       .vouched_by = "Ring CA",
                                       .pinned = IC_MEETING_PIN_MATCH,
                                       .address = "ana@ring.example"};

#define ANA                                                                                        \
    "{\"leaf\":7,\"name\":\"An\\\"a\",\"identity\":\"external\",\"host\":true,\"self\":false,"     \
    "\"web\":true,\"away\":false,\"key_hash\":"                                                    \
    "\"0000000000000000000000000000000000000000000000000000000000000000\","                        \
    "\"vouched_by\":\"Ring CA\",\"certificate\":true,\"reason\":\"\",\"pinned\":\"match\","        \
    "\"address\":\"ana@ring.example\"}"

TEST(json_of_events_about_people)
{
    CHECK(written(
        &(struct ic_meeting_event){
            .type = IC_MEETING_EV_JOINED, .epoch = 3, .person = ana, .flag = true},
        "{\"event\":\"joined\",\"time_ms\":42,\"epoch\":3,\"person\":" ANA ",\"present\":true}"));
    CHECK(written(
        &(struct ic_meeting_event){
            .type = IC_MEETING_EV_LEFT, .epoch = 4, .person = ana, .rule = "left"},
        "{\"event\":\"left\",\"time_ms\":42,\"epoch\":4,\"person\":" ANA ",\"why\":\"left\"}"));
    CHECK(
        written(&(struct ic_meeting_event){.type = IC_MEETING_EV_AWAY, .person = ana, .flag = true},
                "{\"event\":\"away\",\"time_ms\":42,\"person\":" ANA ",\"away\":true}"));
    CHECK(written(
        &(struct ic_meeting_event){
            .type = IC_MEETING_EV_KNOCK, .knock = UINT32_MAX, .person = ana, .code = "1 2"},
        "{\"event\":\"knock\",\"time_ms\":42,\"knock\":4294967295,\"person\":" ANA
        ",\"short_code\":\"1 2\",\"barred\":false,\"lacks\":\"\"}"));
    struct ic_meeting_event e = {.type = IC_MEETING_EV_CHAT, .number = 9, .person = ana};
    ic_buf_init(&e.text, 100);
    CHECK_OK(ic_buf_append(&e.text, IC_VIEW_STR("two\nlines")));
    CHECK(written(&e, "{\"event\":\"chat\",\"time_ms\":42,\"seq\":9,\"person\":" ANA
                      ",\"text\":\"two\\nlines\"}"));
    ic_buf_clear(&e.text);
}

TEST(json_of_events_about_the_room)
{
    CHECK(written(
        &(struct ic_meeting_event){
            .type = IC_MEETING_EV_STATE, .state = IC_MEETING_COMPARE, .epoch = 1},
        "{\"event\":\"state\",\"time_ms\":42,\"state\":\"e2ee_compare\",\"words\":\"End-to-end "
        "encrypted; compare the code\",\"epoch\":1}"));
    CHECK(written(&(struct ic_meeting_event){.type = IC_MEETING_EV_CLOCK, .offset_ms = -400000},
                  "{\"event\":\"clock\",\"time_ms\":42,\"offset_ms\":-400000}"));
    CHECK(written(&(struct ic_meeting_event){.type = IC_MEETING_EV_SENT, .number = 1, .kind = 2},
                  "{\"event\":\"sent\",\"time_ms\":42,\"line\":1,\"kind\":2}"));
    struct ic_meeting_event said = {
        .type = IC_MEETING_EV_SAID, .number = 3, .kind = 32, .person = ana};
    ic_buf_init(&said.text, 100);
    CHECK_OK(ic_buf_append(&said.text, IC_VIEW_STR("\xff\xff\xff\1")));
    CHECK(written(&said, "{\"event\":\"said\",\"time_ms\":42,\"seq\":3,\"kind\":32,\"person\":" ANA
                         ",\"body\":\"____AQ\"}"));
    ic_buf_clear(&said.text);
    CHECK(written(&(struct ic_meeting_event){.type = IC_MEETING_EV_ENDED, .rule = "ended"},
                  "{\"event\":\"ended\",\"time_ms\":42,\"why\":\"ended\",\"text\":\"\"}"));
    CHECK(written(&(struct ic_meeting_event){.type = IC_MEETING_EV_MEDIA_GATE, .flag = true},
                  "{\"event\":\"media_gate\",\"time_ms\":42,\"open\":true}"));
}

TEST(json_of_what_the_forwarder_says)
{
    uint8_t print[2] = {0xab, 0xcd};
    struct ic_meeting_event e = {.type = IC_MEETING_EV_MEDIA_OPENED,
                                 .opened = {.ufrag = IC_VIEW_STR("u"),
                                            .pwd = IC_VIEW_STR("p"),
                                            .fingerprint = IC_VIEW_ARRAY(print),
                                            .addresses = {{IC_VIEW_STR("127.0.0.1"), 5}},
                                            .address_count = 1,
                                            .slots = {{1, 4000000000, 0}, {2, 5, 6}},
                                            .slot_count = 2}};
    CHECK(written(
        &e,
        "{\"event\":\"media_opened\",\"time_ms\":42,\"ufrag\":\"u\",\"pwd\":\"p\",\"fingerprint\":"
        "\"abcd\",\"addresses\":[{\"host\":\"127.0.0.1\",\"port\":5}],\"slots\":[{\"kind\":1,"
        "\"ssrc\":4000000000,\"source\":0},{\"kind\":2,\"ssrc\":5,\"source\":6}]}"));
    e = (struct ic_meeting_event){
        .type = IC_MEETING_EV_MEDIA_SOURCES,
        .sources = {.page = 1, .pages = 2, .sources = {{8, 3, 2, 0, 1}}, .source_count = 1}};
    CHECK(written(
        &e,
        "{\"event\":\"media_sources\",\"time_ms\":42,\"count\":1,\"page\":1,\"pages\":2,\"sources\":"
        "[{\"source\":8,\"kind\":3,\"context\":2,\"leaf\":1}]}"));
}

TEST(every_state_has_a_name_and_words)
{
    for (int s = IC_MEETING_CONNECTING; s <= IC_MEETING_OVER; s++) {
        CHECK(ic_meeting_state_name((enum ic_meeting_state)s)[0] != 0);
        CHECK(ic_meeting_state_words((enum ic_meeting_state)s)[0] != 0);
    }
    CHECK(ic_meeting_state_name((enum ic_meeting_state)99)[0] == 0);
}

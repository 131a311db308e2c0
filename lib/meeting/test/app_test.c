#include "../src/app.h"
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/meeting/meeting.h>

TEST(app_round_trips)
{
    const struct app_message rows[] = {
        {.kind = APP_HEARTBEAT, .life = 1, .lines = 2, .time_ms = 3},
        {.kind = APP_CHAT,
         .life = UINT64_MAX,
         .lines = 7,
         .body = IC_VIEW_INIT("h\xc3\xa9!\nline\ttwo")},
        {.kind = 18, .life = 5, .lines = 9, .body = IC_VIEW_INIT("\0\xff\x1b")},
        {.kind = UINT16_MAX, .life = 5, .lines = 9, .time_ms = 1, .body = IC_VIEW_INIT("")},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        IC_BUF_SCOPE(a, 1000);
        IC_BUF_SCOPE(b, 1000);
        struct app_message m;
        CHECK_OK(ic_meeting_app_encode(&rows[i], &a));
        CHECK_OK(ic_meeting_app_decode(ic_buf_view(&a), &m));
        CHECK(m.kind == rows[i].kind && m.life == rows[i].life && m.lines == rows[i].lines &&
              m.time_ms == rows[i].time_ms);
        CHECK_BYTES(m.body, rows[i].body);
        CHECK(ic_meeting_app_is_line(&m) == (i == 1 || i == 2));
        CHECK_OK(ic_meeting_app_encode(&m, &b));
        CHECK_BYTES(ic_buf_view(&b), ic_buf_view(&a));
        for (size_t n = 0; n < a.len; n++)
            CHECK(ic_meeting_app_decode(ic_view(a.p, n), &m) != IC_OK);
        CHECK_OK(ic_buf_append(&a, IC_VIEW_STR("x")));
        CHECK_ERR(ic_meeting_app_decode(ic_buf_view(&a), &m), IC_ERR_TRAILING);
    }
}

TEST(app_bounds_what_is_said)
{
    static uint8_t body[IC_MEETING_SAY_MAX + 1];
    IC_BUF_SCOPE(a, 1 << 16);
    struct app_message m = {.kind = APP_FIRST, .body = ic_view(body, IC_MEETING_SAY_MAX)};
    CHECK_OK(ic_meeting_app_encode(&m, &a));
    CHECK_OK(ic_meeting_app_decode(ic_buf_view(&a), &m));
    ic_buf_reset(&a);
    m.body = IC_VIEW_ARRAY(body);
    CHECK_OK(ic_meeting_app_encode(&m, &a));
    CHECK(ic_meeting_app_decode(ic_buf_view(&a), &m) != IC_OK);
}

TEST(app_refuses_what_is_no_text)
{
    static const struct ic_view bad[] = {
        IC_VIEW_INIT(""),     IC_VIEW_INIT("\x1b[2J"),    IC_VIEW_INIT("\xff"),
        IC_VIEW_INIT("a\rb"), IC_VIEW_INIT("\xc3\n\xa9"),
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++)
        CHECK(!ic_meeting_app_text_ok(bad[i]));
    CHECK(ic_meeting_app_text_ok(IC_VIEW_STR("\n")));
    struct app_message m;
    CHECK_ERR(
        ic_meeting_app_decode(IC_VIEW_STR("\1\0\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\1\x1b"), &m),
        IC_ERR_MALFORMED);
}

TEST(app_passes_over_later_versions)
{
    struct app_message m;
    CHECK_ERR(ic_meeting_app_decode(IC_VIEW_STR("\2\0\1whatever"), &m), IC_ERR_UNSUPPORTED);
    CHECK_ERR(ic_meeting_app_decode(IC_VIEW_STR("\1\0\x0fwhatever"), &m), IC_ERR_UNSUPPORTED);
}

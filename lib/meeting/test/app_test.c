#include "../src/app.h"
#include <ic/base/mem.h>
#include <ic/base/test.h>

TEST(app_round_trips)
{
    const struct app_message rows[] = {
        {.type = APP_HEARTBEAT, .life = 1, .lines = 2, .time_ms = 3},
        {.type = APP_CHAT,
         .life = UINT64_MAX,
         .lines = 7,
         .text = IC_VIEW_INIT("h\xc3\xa9!\nline\ttwo")},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        IC_BUF_SCOPE(a, 1000);
        IC_BUF_SCOPE(b, 1000);
        struct app_message m;
        CHECK_OK(ic_meeting_app_encode(&rows[i], &a));
        CHECK_OK(ic_meeting_app_decode(ic_buf_view(&a), &m));
        CHECK(m.type == rows[i].type && m.life == rows[i].life && m.lines == rows[i].lines &&
              m.time_ms == rows[i].time_ms);
        CHECK_OK(ic_meeting_app_encode(&m, &b));
        CHECK_BYTES(ic_buf_view(&b), ic_buf_view(&a));
        for (size_t n = 0; n < a.len; n++)
            CHECK(ic_meeting_app_decode(ic_view(a.p, n), &m) != IC_OK);
        CHECK_OK(ic_buf_append(&a, IC_VIEW_STR("x")));
        CHECK_ERR(ic_meeting_app_decode(ic_buf_view(&a), &m), IC_ERR_TRAILING);
    }
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
    CHECK_ERR(ic_meeting_app_decode(IC_VIEW_STR("\1\x7f\1whatever"), &m), IC_ERR_UNSUPPORTED);
}

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/together/body.h>
#include <string.h>

static const struct ic_together_body rows[] = {
    {.kind = IC_TOGETHER_LINE,
     .line = {.text = IC_VIEW_INIT("@Ana, @Ben:\n\tlook"),
              .reply = 7,
              .mention_count = 2,
              .mentions = {{1}, {2}}}},
    {.kind = IC_TOGETHER_LINE, .line = {.text = IC_VIEW_INIT("all"), .everybody = true}},
    {.kind = IC_TOGETHER_MARK,
     .mark = {.seq = 9, .put = true, .sign = IC_VIEW_INIT("\xf0\x9f\x91\x8d")}},
    {.kind = IC_TOGETHER_STATUS,
     .status = {.change = 5,
                .hand_ms = 6,
                .microphone = true,
                .sharing = true,
                .opaque = true,
                .codecs = IC_TOGETHER_VP8}},
    {.kind = IC_TOGETHER_STATUS, .status = {.camera = true, .recording = true, .codecs = 255}},
    {.kind = IC_TOGETHER_MUTE, .mute = {.everybody = true}},
    {.kind = IC_TOGETHER_MUTE, .mute = {.key = {3, 4}}},
    {.kind = IC_TOGETHER_REACTION, .reaction = {IC_VIEW_INIT("yes")}},
    {.kind = IC_TOGETHER_RECORDING, .recording = {.on = true}},
};

TEST(body_round_trips)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        IC_BUF_SCOPE(a, 8192);
        IC_BUF_SCOPE(b, 8192);
        struct ic_together_body back;
        CHECK_OK(ic_together_body_encode(&rows[i], &a));
        CHECK_OK(ic_together_body_decode(rows[i].kind, ic_buf_view(&a), &back));
        CHECK_OK(ic_together_body_encode(&back, &b));
        CHECK_BYTES(ic_buf_view(&b), ic_buf_view(&a));
        for (size_t n = 0; n < a.len; n++)
            CHECK(ic_together_body_decode(rows[i].kind, ic_view(a.p, n), &back) != IC_OK);
        CHECK_OK(ic_buf_append(&a, IC_VIEW_STR("x")));
        CHECK(ic_together_body_decode(rows[i].kind, ic_buf_view(&a), &back) != IC_OK);
    }
    struct ic_together_body b;
    IC_BUF_SCOPE(a, 8192);
    CHECK_OK(ic_together_body_encode(&rows[3], &a));
    CHECK_OK(ic_together_body_decode(IC_TOGETHER_STATUS, ic_buf_view(&a), &b));
    CHECK(b.status.microphone && !b.status.camera && b.status.sharing && !b.status.recording);
    CHECK(b.status.opaque && b.status.hand_ms == 6 && b.status.codecs == IC_TOGETHER_VP8);
}

TEST(body_refuses_what_does_not_hold)
{
    static const struct {
        uint16_t kind;
        struct ic_view bytes;
        ic_err err;
    } bad[] = {
        {IC_TOGETHER_LINE, IC_VIEW_INIT("\2"), IC_ERR_UNSUPPORTED},
        {IC_TOGETHER_FILE, IC_VIEW_INIT("\1"), IC_ERR_UNSUPPORTED},
        {IC_TOGETHER_RECORDING, IC_VIEW_INIT("\1\2"), IC_ERR_MALFORMED},
        {IC_TOGETHER_REACTION, IC_VIEW_INIT("\1\0"), IC_ERR_MALFORMED},
        {IC_TOGETHER_REACTION, IC_VIEW_INIT("\1\1\x1b"), IC_ERR_MALFORMED},
        {IC_TOGETHER_REACTION, IC_VIEW_INIT("\1\1\n"), IC_ERR_MALFORMED},
        {IC_TOGETHER_REACTION,
         IC_VIEW_INIT("\1\x21"
                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
         IC_ERR_LIMIT},
        {IC_TOGETHER_STATUS,
         IC_VIEW_INIT("\1"
                      "\0\0\0\0\0\0\0\0"
                      "\0\0\0\0\0\0\0\0"
                      "\x20\0"),
         IC_ERR_MALFORMED},
        {IC_TOGETHER_LINE,
         IC_VIEW_INIT("\1\1a"
                      "\0\0\0\0\0\0\0\0"
                      "\0\1x"),
         IC_ERR_TRUNCATED},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++) {
        struct ic_together_body b = {.kind = 999};
        CHECK_ERR(ic_together_body_decode(bad[i].kind, bad[i].bytes, &b), bad[i].err);
        CHECK_EQ_INT(b.kind, 999);
    }
}

TEST(body_sends_nothing_that_others_refuse)
{
    static char longer[IC_TOGETHER_TEXT_MAX + 1];
    IC_BUF_SCOPE(out, 1 << 16);
    memset(longer, 'a', sizeof longer);
    struct ic_together_body b = {.kind = IC_TOGETHER_LINE};
    b.line.text = IC_VIEW_STR("");
    CHECK_ERR(ic_together_body_encode(&b, &out), IC_ERR_MALFORMED);
    b.line.text = ic_view(longer, sizeof longer);
    CHECK_ERR(ic_together_body_encode(&b, &out), IC_ERR_LIMIT);
    b.line.text = IC_VIEW_STR("a");
    b.line.mention_count = IC_TOGETHER_MENTIONS_MAX + 1;
    CHECK_ERR(ic_together_body_encode(&b, &out), IC_ERR_LIMIT);
    CHECK_EQ_INT(out.len, 0);
}

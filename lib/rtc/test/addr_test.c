#include <ic/base/test.h>
#include <ic/rtc/addr.h>

TEST(addr_parses_literals)
{
    struct ic_rtc_addr a, b;
    CHECK(ic_rtc_addr_parse(IC_VIEW_STR("127.0.0.1"), 5, &a));
    CHECK_EQ_INT(a.family, 4);
    CHECK_HEX(ic_view(a.ip, 4), "7f000001");
    CHECK(ic_rtc_addr_parse(IC_VIEW_STR("::1"), 5, &b));
    CHECK(!ic_rtc_addr_equal(&a, &b));
    CHECK_HEX(IC_VIEW_ARRAY(b.ip), "00000000000000000000000000000001");
    CHECK(ic_rtc_addr_parse(IC_VIEW_STR("::"), 5, &b));
    CHECK(ic_rtc_addr_parse(IC_VIEW_STR("2001:DB8::a:0"), 5, &b));
    CHECK_HEX(IC_VIEW_ARRAY(b.ip), "20010db80000000000000000000a0000");
    CHECK(ic_rtc_addr_parse(IC_VIEW_STR("::ffff:192.0.2.9"), 5, &b));
    CHECK_HEX(IC_VIEW_ARRAY(b.ip), "00000000000000000000ffffc0000209");
    CHECK(ic_rtc_addr_parse(IC_VIEW_STR("1:2:3:4:5:6:7:8"), 5, &b));
    CHECK(ic_rtc_addr_parse(IC_VIEW_STR("1::"), 5, &b));
}

TEST(addr_refuses_what_is_none)
{
    static const char *const bad[] = {"",
                                      "1",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "1.2.3.256",
                                      "1.2.3.",
                                      "a.b.c.d",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "::1::",
                                      "1:::2",
                                      "12345::",
                                      ":1",
                                      "1:",
                                      "::g",
                                      "1.2.3.4 ",
                                      "::1.2.3",
                                      "localhost",
                                      "1:2:3:4:5:6:7:1.2.3.4"};
    struct ic_rtc_addr a = {.family = 9};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!ic_rtc_addr_parse(ic_view_cstr(bad[i]), 1, &a));
    CHECK_EQ_INT(a.family, 9);
}

/* RFC 7983 section 7 */
TEST(demux_by_first_byte)
{
    for (int first = 0; first < 256; first++) {
        uint8_t p[2] = {(uint8_t)first, 111};
        enum ic_rtc_packet got = ic_rtc_demux(IC_VIEW_ARRAY(p));
        enum ic_rtc_packet want = first <= 3                     ? IC_RTC_PACKET_STUN
                                  : first >= 20 && first <= 63   ? IC_RTC_PACKET_DTLS
                                  : first >= 128 && first <= 191 ? IC_RTC_PACKET_RTP
                                                                 : IC_RTC_PACKET_UNKNOWN;
        CHECK_EQ_INT(got, want);
        p[1] = 200;
        CHECK_EQ_INT(ic_rtc_demux(IC_VIEW_ARRAY(p)),
                     want == IC_RTC_PACKET_RTP ? IC_RTC_PACKET_RTCP : want);
    }
    CHECK_EQ_INT(ic_rtc_demux(ic_view(NULL, 0)), IC_RTC_PACKET_UNKNOWN);
}

#include <ic/base/test.h>
#include <ic/rtc/rtp.h>
#include <string.h>

TEST(rtp_round_trips_with_extensions)
{
    uint8_t p[200];
    size_t n;
    struct ic_rtc_rtp h = {.marker = true,
                           .payload_type = 96,
                           .seq = 65535,
                           .timestamp = 7,
                           .ssrc = 9,
                           .has_level = true,
                           .voice = true,
                           .level = 42,
                           .dd = IC_VIEW_INIT("\x80\x02\x01")};
    struct ic_rtc_rtp d;
    CHECK_OK(ic_rtc_rtp_encode(&h, p, sizeof p, &n));
    CHECK_HEX(ic_view(p, n), "90e0ffff0000000700000009bede000210aa32800201000"
                             "0");
    memcpy(p + n, "payload", 7);
    CHECK_OK(ic_rtc_rtp_decode(ic_view(p, n + 7), &d));
    CHECK(d.marker && d.payload_type == 96 && d.seq == 65535 && d.timestamp == 7 && d.ssrc == 9);
    CHECK(d.has_level && d.voice && d.level == 42 && d.header_len == n);
    CHECK_BYTES(d.dd, IC_VIEW_STR("\x80\x02\x01"));
    CHECK_BYTES(d.payload, IC_VIEW_STR("payload"));
    for (size_t room = 0; room < n; room++)
        CHECK_ERR(ic_rtc_rtp_encode(&h, p, room, &n), IC_ERR_LIMIT);
    ic_rtc_rtp_rewrite(p, 1, 2, 3);
    CHECK_OK(ic_rtc_rtp_decode(ic_view(p, n + 7), &d));
    CHECK(d.ssrc == 1 && d.seq == 2 && d.timestamp == 3 && d.level == 42);
}

/* Two contributing sources, the two-byte form, an extension nobody knows, padding in both places. */
TEST(rtp_reads_what_others_write)
{
    static const uint8_t p[] = {0xb2, 111, 0, 1, 0, 0, 0, 2, 0,    0,    0, 3,
                                0,    0,   0, 4, 0, 0, 0, 5, 0x10, 0x05, 0, 2,
                                9,    1,   7, 0, 1, 1, 5, 0, 'a',  'b',  0, 2};
    struct ic_rtc_rtp d;
    CHECK_OK(ic_rtc_rtp_decode(IC_VIEW_ARRAY(p), &d));
    CHECK(d.has_level && d.level == 5 && !d.voice);
    CHECK_BYTES(d.payload, IC_VIEW_STR("ab"));
    uint8_t one[] = {0x90, 111, 0, 1, 0,    0,    0,    2,    0,    0,    0,    3,  0xbe,
                     0xde, 0,   2, 0, 0x10, 0x85, 0xf0, 0x10, 0x01, 0x10, 0x02, 'x'};
    CHECK_OK(ic_rtc_rtp_decode(IC_VIEW_ARRAY(one), &d));
    CHECK(d.has_level && d.voice && d.level == 5);
}

/* More than 16 bytes have no one-byte form. */
TEST(rtp_long_extensions_take_the_two_byte_form)
{
    uint8_t p[400], dd[255];
    size_t n;
    struct ic_rtc_rtp h = {.has_level = true, .level = 3, .dd = IC_VIEW_ARRAY(dd)}, d;
    memset(dd, 0x77, sizeof dd);
    for (size_t len = 1; len <= sizeof dd; len++) {
        h.dd.len = len;
        CHECK_OK(ic_rtc_rtp_encode(&h, p, sizeof p, &n));
        CHECK_EQ_INT(p[12], len <= 16 ? 0xbe : 0x10);
        CHECK(n <= IC_RTC_RTP_HEADER_MAX && n % 4 == 0);
        CHECK_OK(ic_rtc_rtp_decode(ic_view(p, n), &d));
        CHECK_BYTES(d.dd, h.dd);
        CHECK(d.has_level && d.level == 3);
    }
    h.dd.len = 256;
    CHECK_ERR(ic_rtc_rtp_encode(&h, p, sizeof p, &n), IC_ERR_LIMIT);
}

TEST(rtp_reads_names_of_streams)
{
    static const uint8_t p[] = {0x90, 96, 0,    1,    0, 0, 0,    2,   0,    0,
                                0,    3,  0xbe, 0xde, 0, 1, 0x40, 'v', 0x50, 'h'};
    struct ic_rtc_rtp d;
    CHECK_OK(ic_rtc_rtp_decode(IC_VIEW_ARRAY(p), &d));
    CHECK_BYTES(d.mid, IC_VIEW_STR("v"));
    CHECK_BYTES(d.rid, IC_VIEW_STR("h"));
    CHECK(d.dd.len == 0 && !d.has_level);
}

TEST(rtp_refuses_hostile_packets)
{
    uint8_t p[] = {0xb2, 111, 0,    1,    0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0,   4,   0, 0,
                   0,    5,   0x10, 0x05, 0, 2, 9, 1, 7, 0, 1, 1, 5, 0, 'a', 'b', 0, 2};
    struct ic_rtc_rtp d = {.seq = 77};
    size_t n;
    for (size_t len = 0; len <= 32; len++)
        CHECK(ic_rtc_rtp_decode(ic_view(p, len), &d) != IC_OK);
    for (size_t len = 0; len < 32; len++)
        CHECK(ic_rtc_rtp_header_len(ic_view(p, len), &n) != IC_OK);
    p[sizeof p - 1] = 0;
    CHECK_ERR(ic_rtc_rtp_decode(IC_VIEW_ARRAY(p), &d), IC_ERR_MALFORMED);
    p[sizeof p - 1] = 5;
    CHECK_ERR(ic_rtc_rtp_decode(IC_VIEW_ARRAY(p), &d), IC_ERR_MALFORMED);
    p[sizeof p - 1] = 2;
    p[25] = 200;
    CHECK_ERR(ic_rtc_rtp_decode(IC_VIEW_ARRAY(p), &d), IC_ERR_MALFORMED);
    p[0] = 0x40;
    CHECK_ERR(ic_rtc_rtp_decode(IC_VIEW_ARRAY(p), &d), IC_ERR_MALFORMED);
    CHECK_EQ_INT(d.seq, 77);
}

TEST(rtp_sequence_numbers_extend)
{
    CHECK_EQ_INT(ic_rtc_seq_extend(5, 6), 6);
    CHECK_EQ_INT(ic_rtc_seq_extend(65535, 0), 65536);
    CHECK_EQ_INT(ic_rtc_seq_extend(65536, 65535), 65535);
    CHECK_EQ_INT(ic_rtc_seq_extend(3, 65535), 65535); /* nothing lies before the beginning */
    CHECK_EQ_INT(ic_rtc_seq_extend(0x30000, 0xfff0), 0x2fff0);
    CHECK_EQ_INT(ic_rtc_seq_extend(0x3fff0, 2), 0x40002);
}

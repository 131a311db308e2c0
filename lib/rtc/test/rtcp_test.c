#include <ic/base/test.h>
#include <ic/rtc/rtcp.h>
#include <string.h>

static size_t compound(uint8_t *p, size_t cap)
{
    static const uint16_t seqs[] = {65534, 65535, 0, 14, 15, 1000};
    struct ic_rtc_rtcp_report r = {.ssrc = 3,
                                   .fraction_lost = 4,
                                   .lost = -5,
                                   .highest_seq = 6,
                                   .jitter = 7,
                                   .last_sr = 8,
                                   .delay = 9};
    struct ic_rtc_rtcp_writer w = ic_rtc_rtcp_writer(p, cap);
    ic_rtc_rtcp_put_sr(&w, 1, 0x0102030405060708, 10, 11, 12, &r, 1);
    ic_rtc_rtcp_put_rr(&w, 2, &r, 1);
    ic_rtc_rtcp_put_cname(&w, 1, IC_VIEW_STR("abcd"));
    ic_rtc_rtcp_put_nack(&w, 1, 20, seqs, 6);
    ic_rtc_rtcp_put_pli(&w, 1, 21);
    ic_rtc_rtcp_put_fir(&w, 1, 22, 5);
    ic_rtc_rtcp_put_bye(&w, 1);
    return w.err == IC_OK ? w.len : 0;
}

TEST(rtcp_round_trips)
{
    uint8_t p[512];
    size_t n = compound(p, sizeof p);
    CHECK(n > 0 && n % 4 == 0);
    static const enum ic_rtc_rtcp_type order[] = {
        IC_RTC_RTCP_SR,  IC_RTC_RTCP_RR,  IC_RTC_RTCP_SDES, IC_RTC_RTCP_NACK,
        IC_RTC_RTCP_PLI, IC_RTC_RTCP_FIR, IC_RTC_RTCP_BYE};
    struct ic_rtc_rtcp_iter it = ic_rtc_rtcp_iter(ic_view(p, n));
    struct ic_rtc_rtcp r;
    size_t i = 0;
    while (ic_rtc_rtcp_next(&it, &r)) {
        CHECK_EQ_INT(r.type, order[i++]);
        if (r.type == IC_RTC_RTCP_SR)
            CHECK(r.sender == 1 && r.ntp == 0x0102030405060708 && r.timestamp == 10 &&
                  r.packets == 11 && r.octets == 12);
        if (r.report_count > 0)
            CHECK(r.reports[0].lost == -5 && r.reports[0].delay == 9 &&
                  r.reports[0].fraction_lost == 4);
        if (r.type == IC_RTC_RTCP_NACK) {
            CHECK_EQ_INT(r.nack_count, 3);
            CHECK(r.nacks[0].seq == 65534 && r.nacks[0].mask == 0x8003);
            CHECK(r.nacks[1].seq == 15 && r.nacks[1].mask == 0 && r.nacks[2].seq == 1000);
        }
        if (r.type == IC_RTC_RTCP_FIR)
            CHECK(r.ssrc_count == 1 && r.ssrcs[0] == 22 && r.fir_seq[0] == 5);
        if (r.type == IC_RTC_RTCP_PLI)
            CHECK_EQ_INT(r.media, 21);
        if (r.type == IC_RTC_RTCP_BYE)
            CHECK(r.ssrc_count == 1 && r.ssrcs[0] == 1);
    }
    CHECK_OK(it.err);
    CHECK_EQ_INT(i, 7);
    for (size_t cap = 0; cap < n; cap++)
        CHECK_EQ_INT(compound(p, cap), 0);
}

static void walk(struct ic_view v)
{
    struct ic_rtc_rtcp_iter it = ic_rtc_rtcp_iter(v);
    struct ic_rtc_rtcp r;
    for (int parts = 0; ic_rtc_rtcp_next(&it, &r); parts++)
        CHECK(parts < 400 && r.report_count <= IC_RTC_RTCP_REPORTS_MAX &&
              r.nack_count <= IC_RTC_RTCP_NACKS_MAX && r.ssrc_count <= IC_RTC_RTCP_FIRS_MAX);
}

TEST(rtcp_survives_hostile_packets)
{
    uint8_t p[512], bad[512];
    size_t n = compound(p, sizeof p);
    for (size_t len = 0; len <= n; len++)
        walk(ic_view(p, len));
    for (size_t i = 0; i < n; i++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(bad, p, n);
            bad[i] ^= (uint8_t)(1 << bit);
            walk(ic_view(bad, n));
        }
    static const uint8_t lying[] = {0x9f, 200, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                                    0,    0,   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    struct ic_rtc_rtcp_iter it = ic_rtc_rtcp_iter(IC_VIEW_ARRAY(lying));
    struct ic_rtc_rtcp r;
    CHECK(!ic_rtc_rtcp_next(&it, &r));
    CHECK_ERR(it.err, IC_ERR_MALFORMED);
    static const uint8_t padded[] = {0xa0, 201, 0, 1, 0, 0, 0, 9};
    it = ic_rtc_rtcp_iter(IC_VIEW_ARRAY(padded));
    CHECK(!ic_rtc_rtcp_next(&it, &r));
}

TEST(rtcp_measures_the_round_trip)
{
    struct ic_rtc_rtcp_report r = {.last_sr = ic_rtc_ntp_middle(ic_rtc_ntp(100000)),
                                   .delay = 65536 / 2};
    CHECK(ic_rtc_rtcp_rtt_ms(&r, 100560) >= 59 && ic_rtc_rtcp_rtt_ms(&r, 100560) <= 60);
    CHECK_EQ_INT(ic_rtc_rtcp_rtt_ms(&r, 100400), 0); /* the future */
    r.last_sr = 0;
    CHECK_EQ_INT(ic_rtc_rtcp_rtt_ms(&r, 100560), 0);
}

#include "../src/window.h"
#include <ic/base/test.h>
#include <ic/rtc/ice.h>
#include <ic/rtc/nack.h>
#include <string.h>

TEST(nack_asks_again_and_gives_up)
{
    struct ic_rtc_nack n;
    uint16_t seqs[64];
    size_t lost;
    ic_rtc_nack_init(&n);
    CHECK(ic_rtc_nack_received(&n, 65534, 1000));
    CHECK(ic_rtc_nack_deadline(&n) == IC_RTC_NEVER);
    CHECK(ic_rtc_nack_received(&n, 65538, 1000));
    CHECK(ic_rtc_nack_received(&n, 65536, 1001)); /* only late */
    CHECK_EQ_INT(ic_rtc_nack_take(&n, 1005, seqs, 64, &lost), 0);
    CHECK_EQ_INT(ic_rtc_nack_deadline(&n), 1010);
    CHECK_EQ_INT(ic_rtc_nack_take(&n, 1010, seqs, 64, &lost), 2);
    CHECK(seqs[0] == 65535 && seqs[1] == 1);
    CHECK_EQ_INT(ic_rtc_nack_take(&n, 1011, seqs, 64, &lost), 0);
    CHECK(ic_rtc_nack_received(&n, 65535, 1020));
    unsigned asked = 0, gone = 0;
    for (uint64_t t = 1021; t < 4000; t += 5) {
        asked += (unsigned)ic_rtc_nack_take(&n, t, seqs, 64, &lost);
        gone += (unsigned)lost;
    }
    CHECK(asked == IC_RTC_NACK_TRIES - 1 && gone == 1 && n.count == 0 && n.gave_up == 1);
}

TEST(nack_list_is_bounded)
{
    struct ic_rtc_nack n;
    ic_rtc_nack_init(&n);
    CHECK(ic_rtc_nack_received(&n, 10, 1));
    CHECK(ic_rtc_nack_received(&n, 10 + 2 * 120, 1));
    CHECK(!ic_rtc_nack_received(&n, 5000, 1));
    CHECK_EQ_INT(n.count, 0);
    for (uint64_t seq = 5002; seq < 7000; seq += 2)
        (void)ic_rtc_nack_received(&n, seq, 2);
    CHECK(n.count <= IC_RTC_NACK_MISSING_MAX);
}

TEST(history_gives_what_it_holds)
{
    struct ic_rtc_history *h = NULL;
    struct ic_view v;
    uint64_t index;
    uint8_t big[IC_RTC_PACKET_MAX + 1] = {0};
    CHECK_OK(ic_rtc_history_new(5, &h));
    for (uint64_t i = 65530; i < 65540; i++)
        ic_rtc_history_put(h, i, ic_view(&i, 8), 100);
    CHECK(!ic_rtc_history_get(h, 65530, 200, 5, &v, &index));
    CHECK(ic_rtc_history_get(h, 65535, 200, 5, &v, &index));
    CHECK(index == 65535 && v.len == 8);
    CHECK(!ic_rtc_history_get(h, 65535, 204, 5, &v, &index));
    CHECK(ic_rtc_history_get(h, 65535, 205, 5, &v, &index));
    CHECK(ic_rtc_history_get(h, 2, 200, 5, &v, &index) && index == 65538);
    ic_rtc_history_put(h, 65540, IC_VIEW_ARRAY(big), 100);
    CHECK(!ic_rtc_history_get(h, 4, 300, 5, &v, &index));
    ic_rtc_history_free(h);
    ic_rtc_history_free(NULL);
}

TEST(window_knows_what_it_saw)
{
    struct ic_rtc_window w = {0};
    bool seen[5000] = {false};
    struct ic_test_rand state;
    (void)ic_test_rand(&state, 5);
    uint64_t highest = 0;
    for (int i = 0; i < 20000; i++) {
        uint64_t at = ic_test_rand_u64(&state) % 64 + (uint64_t)i / 5;
        bool old = highest >= 1024 && at <= highest - 1024;
        CHECK_EQ_INT(ic_rtc_window_check(&w, at), !seen[at] && !old);
        if (ic_rtc_window_check(&w, at)) {
            ic_rtc_window_mark(&w, at);
            seen[at] = true;
            highest = at > highest ? at : highest;
        }
    }
    CHECK(!ic_rtc_window_check(&w, 1));
    ic_rtc_window_mark(&w, 1u << 30);
    CHECK(ic_rtc_window_check(&w, (1u << 30) - 1023));
    CHECK(!ic_rtc_window_check(&w, (1u << 30) - 1024));
}

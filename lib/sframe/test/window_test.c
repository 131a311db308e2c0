#include "../src/window.h"

#include <ic/base/test.h>
#include <string.h>

static bool take(struct sframe_window *w, uint64_t ctr)
{
    bool fresh = sframe_window_fresh(w, ctr);
    if (fresh)
        sframe_window_mark(w, ctr);
    return fresh;
}

TEST(window_takes_each_counter_once)
{
    struct sframe_window w = {0};
    for (uint64_t c = 0; c < 5000; c++) {
        CHECK(take(&w, c));
        CHECK(!take(&w, c));
        CHECK(c == 0 || !take(&w, c - 1));
    }
}

TEST(window_is_1024_wide)
{
    struct sframe_window w = {0};
    CHECK(take(&w, 5000));
    CHECK(take(&w, 5000 - 1023));
    CHECK(!take(&w, 5000 - 1023));
    CHECK(!take(&w, 5000 - 1024));
    CHECK(!take(&w, 0));
    CHECK(take(&w, 5001));
    CHECK(!take(&w, 5000 - 1023));
}

TEST(window_jumps_forget_nothing_and_remember_nothing_false)
{
    static const uint64_t jumps[] = {1, 2, 63, 64, 65, 1000, 1022, 1023, 1024, 1025, 2048, 1 << 30};
    for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
        struct sframe_window w = {0};
        for (uint64_t c = 0; c < 3000; c++)
            CHECK(take(&w, c));
        uint64_t top = 2999 + jumps[i];
        CHECK(take(&w, top));
        uint64_t low = top >= 1023 ? top - 1023 : 0;
        for (uint64_t c = low; c < top; c++)
            CHECK(take(&w, c) == (c > 2999));
    }
}

TEST(window_ends_below_the_last_counter)
{
    struct sframe_window w = {0};
    CHECK(!take(&w, UINT64_MAX));
    CHECK(take(&w, UINT64_MAX - 1));
    CHECK(!take(&w, UINT64_MAX - 1));
    CHECK(!take(&w, UINT64_MAX));
    CHECK(take(&w, UINT64_MAX - 1024));
    CHECK(!take(&w, UINT64_MAX - 1025));
}

/* Against the plain rule: a set of what was seen. */
TEST(window_agrees_with_a_set)
{
    enum { SPACE = 8000 };
    static bool seen[SPACE];
    struct ic_test_rand rand = {3};
    struct sframe_window w = {0};
    uint64_t top = 0;
    bool any = false;
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < 100000; i++) {
        uint64_t base = (uint64_t)i * (SPACE - 1600) / 100000;
        uint64_t c = base + ic_test_rand_u64(&rand) % 1600;
        bool want = !seen[c] && (!any || c + 1024 > top);
        CHECK(take(&w, c) == want);
        if (want)
            seen[c] = any = true;
        if (want && c > top)
            top = c;
    }
}

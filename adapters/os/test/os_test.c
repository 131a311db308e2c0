#include <ic/base/test.h>
#include <ic/os/os.h>
#include <time.h>

TEST(random_bytes_fill_all_that_was_asked_for)
{
    static uint8_t a[1000], b[1000];
    struct ic_rand r = ic_os_rand();
    CHECK_OK(ic_rand_fill(&r, a, sizeof a));
    CHECK_OK(ic_rand_fill(&r, b, sizeof b - 1));
    CHECK(memcmp(a, b, sizeof a - 1) != 0);
    int zeros = 0;
    for (size_t i = 0; i < sizeof a; i++)
        zeros += a[i] == 0;
    CHECK(zeros < 50); /* 4 expected */
    CHECK(b[sizeof b - 1] == 0);
    CHECK_OK(ic_rand_fill(&r, a, 0));
}

TEST(the_clock_is_the_machines)
{
    struct ic_clock c = ic_os_clock();
    uint64_t before = (uint64_t)time(NULL);
    uint64_t now = ic_clock_now_s(&c);
    CHECK(now + 1 >= before && now <= (uint64_t)time(NULL) + 1);
}

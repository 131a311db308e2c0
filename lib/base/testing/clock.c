#include <ic/base/test.h>

static uint64_t seconds(void *ctx)
{
    return *(const uint64_t *)ctx;
}

static uint64_t milliseconds(void *ctx)
{
    return *(const uint64_t *)ctx / 1000;
}

struct ic_clock ic_test_clock(uint64_t *now_s)
{
    return (struct ic_clock){seconds, now_s};
}

struct ic_clock ic_test_clock_ms(uint64_t *now_ms)
{
    return (struct ic_clock){milliseconds, now_ms};
}

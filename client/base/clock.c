#include "clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static int64_t offset_ms;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int64_t read_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void set_offset(void)
{
    offset_ms = read_ms(CLOCK_REALTIME) - read_ms(CLOCK_BOOTTIME);
#ifdef IC_TEST_HOOKS
    const char *off = getenv("IC_TEST_CLOCK_OFFSET_MS"); /* a machine whose clock is wrong */
    offset_ms += off ? atoll(off) : 0;
#endif
}

uint64_t icc_now_ms(void)
{
    pthread_once(&once, set_offset);
    return (uint64_t)(read_ms(CLOCK_BOOTTIME) + offset_ms);
}

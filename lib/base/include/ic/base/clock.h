/* The time is passed in: a pure library has no clock of its own.
 *
 *     static uint64_t from_os(void *ctx) { return (uint64_t)time(NULL); }
 *     struct ic_clock clock = {from_os, NULL};
 */
#ifndef IC_BASE_CLOCK_H
#define IC_BASE_CLOCK_H

#include <ic/base/api.h>
#include <stdint.h>

IC_API_BEGIN

struct ic_clock {
    /* Seconds since 1970-01-01T00:00:00Z. */
    uint64_t (*now_s)(void *ctx);
    void *ctx;
};

/* Asks the clock. */
static inline uint64_t ic_clock_now_s(const struct ic_clock *c)
{
    return c->now_s(c->ctx);
}

IC_API_END

#endif

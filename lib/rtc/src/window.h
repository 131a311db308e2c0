/* A replay window of IC_RTC_SRTP_WINDOW indexes (RFC 3711 section 3.3.2). */
#ifndef IC_RTC_WINDOW_H
#define IC_RTC_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct ic_rtc_window {
    bool started;
    uint64_t highest;
    uint64_t seen[1024 / 64];
};

/* True where the index is new and not too old. */
bool ic_rtc_window_check(const struct ic_rtc_window *w, uint64_t index);
/* Only after check, and after authentication. */
void ic_rtc_window_mark(struct ic_rtc_window *w, uint64_t index);

#endif

#include "window.h"
#include <string.h>

enum { SIZE = 1024 };

bool ic_rtc_window_check(const struct ic_rtc_window *w, uint64_t index)
{
    if (!w->started || index > w->highest)
        return true;
    if (w->highest - index >= SIZE)
        return false;
    return (w->seen[index % SIZE / 64] >> index % 64 & 1) == 0;
}

/* Forgets what the window leaves behind when it moves up to the index. */
static void advance(struct ic_rtc_window *w, uint64_t index)
{
    if (index - w->highest >= SIZE) {
        memset(w->seen, 0, sizeof w->seen);
    } else {
        for (uint64_t i = w->highest + 1; i <= index; i++)
            w->seen[i % SIZE / 64] &= ~((uint64_t)1 << i % 64);
    }
    w->highest = index;
}

void ic_rtc_window_mark(struct ic_rtc_window *w, uint64_t index)
{
    if (!w->started) {
        w->started = true;
        w->highest = index;
    } else if (index > w->highest) {
        advance(w, index);
    }
    w->seen[index % SIZE / 64] |= (uint64_t)1 << index % 64;
}

#include "window.h"

#include <string.h>

/* A ring of bits, counter modulo its size. Bits ahead of `next` are zero when they come into view. */
static uint64_t *word(struct sframe_window *w, uint64_t ctr)
{
    return &w->seen[ctr / 64 % (IC_SFRAME_WINDOW / 64)];
}

static uint64_t bit(uint64_t ctr)
{
    return (uint64_t)1 << (ctr % 64);
}

bool sframe_window_fresh(const struct sframe_window *w, uint64_t ctr)
{
    if (ctr == UINT64_MAX)
        return false;
    if (ctr >= w->next)
        return true;
    if (w->next - ctr > IC_SFRAME_WINDOW)
        return false;
    return !(w->seen[ctr / 64 % (IC_SFRAME_WINDOW / 64)] & bit(ctr));
}

void sframe_window_mark(struct sframe_window *w, uint64_t ctr)
{
    if (ctr >= w->next) {
        if (ctr - w->next >= IC_SFRAME_WINDOW) {
            memset(w->seen, 0, sizeof w->seen);
        } else {
            for (uint64_t c = w->next; c < ctr; c++)
                *word(w, c) &= ~bit(c);
        }
        w->next = ctr + 1;
    }
    *word(w, ctr) |= bit(ctr);
}

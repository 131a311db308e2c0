/* The replay window: which of the last IC_SFRAME_WINDOW counters were seen. */
#ifndef IC_SFRAME_WINDOW_H
#define IC_SFRAME_WINDOW_H

#include <ic/sframe/stream.h>
#include <string.h>

struct sframe_window {
    uint64_t next; /* the highest counter seen, plus 1; 0: none yet */
    uint64_t seen[IC_SFRAME_WINDOW / 64];
};

/* A ring of bits, counter modulo its size. Bits ahead of `next` are zero when they come into view. */
static inline uint64_t *sframe_window_word(struct sframe_window *w, uint64_t ctr)
{
    return &w->seen[ctr / 64 % (IC_SFRAME_WINDOW / 64)];
}

static inline uint64_t sframe_window_bit(uint64_t ctr)
{
    return (uint64_t)1 << (ctr % 64);
}

/* Whether the counter is new: neither seen nor too far behind. Counters end below UINT64_MAX. */
static inline bool sframe_window_fresh(const struct sframe_window *w, uint64_t ctr)
{
    if (ctr == UINT64_MAX)
        return false;
    if (ctr >= w->next)
        return true;
    if (w->next - ctr > IC_SFRAME_WINDOW)
        return false;
    return !(w->seen[ctr / 64 % (IC_SFRAME_WINDOW / 64)] & sframe_window_bit(ctr));
}

/* Marks a fresh counter; to be called once its frame has authenticated. */
static inline void sframe_window_mark(struct sframe_window *w, uint64_t ctr)
{
    if (ctr >= w->next) {
        if (ctr - w->next >= IC_SFRAME_WINDOW) {
            memset(w->seen, 0, sizeof w->seen);
        } else {
            for (uint64_t c = w->next; c < ctr; c++)
                *sframe_window_word(w, c) &= ~sframe_window_bit(c);
        }
        w->next = ctr + 1;
    }
    *sframe_window_word(w, ctr) |= sframe_window_bit(ctr);
}

#endif

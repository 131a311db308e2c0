/* The replay window: which of the last IC_SFRAME_WINDOW counters were seen. */
#ifndef IC_SFRAME_WINDOW_H
#define IC_SFRAME_WINDOW_H

#include <ic/sframe/stream.h>

struct sframe_window {
    uint64_t next; /* the highest counter seen, plus 1; 0: none yet */
    uint64_t seen[IC_SFRAME_WINDOW / 64];
};

/* Whether the counter is new: neither seen nor too far behind. Counters end below UINT64_MAX. */
bool sframe_window_fresh(const struct sframe_window *w, uint64_t ctr);
/* Marks a fresh counter; to be called once its frame has authenticated. */
void sframe_window_mark(struct sframe_window *w, uint64_t ctr);

#endif

/* The one clock of the client: Unix time in ms as it was at the start, carried on monotonically, so that
 * it never goes back. And randomness from the system. */
#ifndef ICC_BASE_CLOCK_H
#define ICC_BASE_CLOCK_H

#include <ic/base/rand.h>
#include <stdint.h>

uint64_t icc_now_ms(void);
/* getrandom(2). */
struct ic_rand icc_rand(void);

#endif

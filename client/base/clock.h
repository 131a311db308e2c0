/* The one clock of the client: Unix time in ms as it was at the start, carried on monotonically, so that
 * it never goes back. */
#ifndef ICC_BASE_CLOCK_H
#define ICC_BASE_CLOCK_H

#include <stdint.h>

uint64_t icc_now_ms(void);

#endif

/* Randomness and time of the operating system, for applications that have no reason to bring their
 * own. The libraries are pure and use neither unless they are handed to them.
 *
 *     struct ic_mls_config config = {.rand = ic_os_rand(), .clock = ic_os_clock()};
 *
 * Both may be used from any thread.
 */
#ifndef IC_OS_OS_H
#define IC_OS_OS_H

#include <ic/base/api.h>
#include <ic/base/clock.h>
#include <ic/base/rand.h>

IC_API_BEGIN

/* The kernel's randomness (getrandom). Filling gives IC_ERR_IO where the kernel refuses. */
struct ic_rand ic_os_rand(void);
/* The machine's own time, in seconds since 1970 (CLOCK_REALTIME): right as far as that is. */
struct ic_clock ic_os_clock(void);

IC_API_END

#endif

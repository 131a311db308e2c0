/* Preloaded into a peer, it is always $PEER_NOW, in seconds since 1970: vectors hold at their own time. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *out)
{
    const char *now = getenv("PEER_NOW");
    if (clock != CLOCK_REALTIME || !now)
        return (int)syscall(SYS_clock_gettime, clock, out);
    *out = (struct timespec){.tv_sec = atoll(now)};
    return 0;
}

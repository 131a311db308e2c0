#include <errno.h>
#include <ic/os/os.h>
#include <sys/random.h>
#include <time.h>

/* What can fail (no such call, or it is forbidden) fails before the first byte: out stays untouched. */
static ic_err fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    for (size_t at = 0; at < n;) {
        ssize_t got = getrandom(out + at, n - at, 0);
        if (got < 0 && errno != EINTR)
            return IC_ERR_IO;
        if (got > 0)
            at += (size_t)got;
    }
    return IC_OK;
}

static uint64_t now_s(void *ctx)
{
    (void)ctx;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec;
}

struct ic_rand ic_os_rand(void)
{
    return (struct ic_rand){fill, NULL};
}

struct ic_clock ic_os_clock(void)
{
    return (struct ic_clock){now_s, NULL};
}

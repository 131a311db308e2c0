#include <ic/base/test.h>
#include <string.h>
#include <unistd.h>

/* splitmix64 */
uint64_t ic_test_rand_u64(struct ic_test_rand *s)
{
    uint64_t z = s->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static ic_err seeded(void *ctx, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)ic_test_rand_u64(ctx);
    return IC_OK;
}

struct ic_rand ic_test_rand(struct ic_test_rand *state, uint64_t seed)
{
    state->state = seed;
    return (struct ic_rand){seeded, state};
}

static ic_err from_os(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    enum { AT_ONCE = 256 }; /* getentropy's limit; unlike getrandom, emscripten has it too */
    while (n) {
        size_t part = n < AT_ONCE ? n : AT_ONCE;
        if (getentropy(out, part) != 0)
            return IC_ERR_IO;
        out += part;
        n -= part;
    }
    return IC_OK;
}

struct ic_rand ic_test_os_rand(void)
{
    return (struct ic_rand){from_os, NULL};
}

static ic_err none(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    (void)out;
    (void)n;
    return IC_ERR_IO;
}

struct ic_rand ic_test_no_rand(void)
{
    return (struct ic_rand){none, NULL};
}

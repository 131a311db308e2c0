/* Randomness is passed in: a pure library has no source of its own.
 *
 *     static ic_err from_os(void *ctx, uint8_t *out, size_t n) { ... getrandom ... }
 *     struct ic_rand rand = {from_os, NULL};
 */
#ifndef IC_BASE_RAND_H
#define IC_BASE_RAND_H

#include <ic/base/api.h>
#include <ic/base/err.h>
#include <stddef.h>
#include <stdint.h>

IC_API_BEGIN

struct ic_rand {
    /* Fills n bytes with cryptographic randomness, or fails and leaves them untouched. */
    ic_err (*fill)(void *ctx, uint8_t *out, size_t n);
    void *ctx;
};

/* Draws n bytes; errors are the source's. */
static inline ic_err ic_rand_fill(const struct ic_rand *r, uint8_t *out, size_t n)
{
    return r->fill(r->ctx, out, n);
}

IC_API_END

#endif

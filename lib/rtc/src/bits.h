/* Bits, the highest first: a reader and a writer that remember their first error, private to the library.
 *
 *     struct bits b = bits(view);
 *     n = bits_read(&b, 6);
 *     if (b.err != IC_OK) ...                  // 0 is read after an error
 */
#ifndef IC_RTC_BITS_H
#define IC_RTC_BITS_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>

struct bits {
    struct ic_view v;
    size_t at; /* in bits */
    ic_err err;
};

static inline struct bits bits(struct ic_view v)
{
    return (struct bits){.v = v};
}

/* n: at most 32. IC_ERR_TRUNCATED past the end. */
static inline uint32_t bits_read(struct bits *b, unsigned n)
{
    uint32_t v = 0;
    if (b->err == IC_OK && n > 8 * b->v.len - b->at)
        b->err = IC_ERR_TRUNCATED;
    if (b->err != IC_OK)
        return 0;
    for (; n > 0; n--, b->at++)
        v = v << 1 | (b->v.p[b->at / 8] >> (7 - b->at % 8) & 1u);
    return v;
}

struct bits_out {
    uint8_t *p; /* zero before */
    size_t cap, at;
    ic_err err;
};

/* The low n bits. IC_ERR_RANGE for a value that is longer, IC_ERR_LIMIT where there is no room. */
static inline void bits_write(struct bits_out *b, uint32_t v, unsigned n)
{
    if (b->err == IC_OK && n < 32 && v >> n != 0)
        b->err = IC_ERR_RANGE;
    if (b->err == IC_OK && n > 8 * b->cap - b->at)
        b->err = IC_ERR_LIMIT;
    for (; b->err == IC_OK && n > 0; n--, b->at++)
        b->p[b->at / 8] |= (uint8_t)((v >> (n - 1) & 1u) << (7 - b->at % 8));
}

/* A number below n, which is known: the "non-symmetric" code, some values a bit shorter than others. */
static inline uint32_t bits_read_below(struct bits *b, uint32_t n)
{
    unsigned w = 0;
    while (n >> w != 0)
        w++;
    if (w == 0)
        return 0;
    uint32_t m = ((uint32_t)1 << w) - n, v = bits_read(b, w - 1);
    return v < m ? v : (v << 1 | bits_read(b, 1)) - m;
}

static inline void bits_write_below(struct bits_out *b, uint32_t v, uint32_t n)
{
    unsigned w = 0;
    while (n >> w != 0)
        w++;
    if (w == 0 || v >= n) {
        b->err = b->err == IC_OK ? IC_ERR_RANGE : b->err;
        return;
    }
    uint32_t m = ((uint32_t)1 << w) - n;
    if (v < m)
        bits_write(b, v, w - 1);
    else
        bits_write(b, v + m, w);
}

#endif

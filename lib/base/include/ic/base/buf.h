/* An owned, growable byte buffer with a hard maximum that is set when it is made.
 *
 *     struct ic_buf b;
 *     ic_buf_init(&b, 65536);
 *     IC_TRY(ic_buf_append(&b, v));
 *     ic_buf_clear(&b);
 *
 * Not for secrets: growing leaves copies behind. Plain-text that must vanish uses ic_buf_clear_secret
 * after a reserve of its final size.
 */
#ifndef IC_BASE_BUF_H
#define IC_BASE_BUF_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

IC_API_BEGIN

struct ic_buf {
    uint8_t *p;
    size_t len;
    size_t cap;
    size_t max;
};

/* An empty buffer that may grow to max bytes. Allocates nothing yet. */
void ic_buf_init(struct ic_buf *b, size_t max);
/* Frees; the buffer is empty and usable again, with the same maximum. */
void ic_buf_clear(struct ic_buf *b);
/* The same, and what it held is wiped. */
void ic_buf_clear_secret(struct ic_buf *b);
/* Empties without freeing. */
void ic_buf_reset(struct ic_buf *b);
/* Room for n more bytes. IC_ERR_LIMIT past the maximum, IC_ERR_NOMEM. */
ic_err ic_buf_reserve(struct ic_buf *b, size_t n);
/* Adds the bytes of v at the end. IC_ERR_LIMIT, IC_ERR_NOMEM; then b is as it was. */
ic_err ic_buf_append(struct ic_buf *b, struct ic_view v);
/* n new bytes at the end, not initialised; *out points at them. */
ic_err ic_buf_extend(struct ic_buf *b, size_t n, uint8_t **out);
/* Drops the first n bytes. Asserts n <= len. */
void ic_buf_consume(struct ic_buf *b, size_t n);
/* Moves src's content to dst, which is cleared first; src is empty afterwards. */
void ic_buf_move(struct ic_buf *dst, struct ic_buf *src);
/* What it holds; borrowed until it changes. */
static inline struct ic_view ic_buf_view(const struct ic_buf *b)
{
    return ic_view(b->p, b->len);
}

#define IC_BUF_SCOPE(name, maximum)                                                                \
    __attribute__((cleanup(ic_buf_clear))) struct ic_buf name = {0, 0, 0, (maximum)}

IC_API_END

#endif

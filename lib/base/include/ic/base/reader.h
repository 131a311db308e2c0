/* Reads the TLS presentation language with a sticky error: read the fields in order, then check once.
 *
 *     struct ic_reader r = ic_reader(bytes);
 *     uint16_t type = ic_read_u16(&r);
 *     struct ic_view body = ic_read_vec(&r, 4096);
 *     IC_TRY(ic_reader_end(&r));     // the error of any read, or IC_ERR_TRAILING
 *
 * After an error every read gives zeros and empty views. Views borrow from the input.
 */
#ifndef IC_BASE_READER_H
#define IC_BASE_READER_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

IC_API_BEGIN

struct ic_reader {
    const uint8_t *p;
    const uint8_t *end;
    ic_err err;
};

/* A reader at the beginning of v, which it borrows. */
struct ic_reader ic_reader(struct ic_view v);
/* The next big-endian integer; 0 after an error. */
uint8_t ic_read_u8(struct ic_reader *r);
uint16_t ic_read_u16(struct ic_reader *r);
uint32_t ic_read_u32(struct ic_reader *r);
uint64_t ic_read_u64(struct ic_reader *r);
/* RFC 9420 section 2.1.2: a length of 1, 2 or 4 bytes; IC_ERR_MALFORMED where it is not the shortest. */
uint32_t ic_read_varint(struct ic_reader *r);
/* Exactly n bytes. */
struct ic_view ic_read_bytes(struct ic_reader *r, size_t n);
/* A vector with a varint length of at most max bytes; IC_ERR_LIMIT above. */
struct ic_view ic_read_vec(struct ic_reader *r, size_t max);
/* A vector as a reader of its own; its error, when made, is the parent's. */
struct ic_reader ic_read_sub(struct ic_reader *r, size_t max);
/* Makes e the sticky error unless there is one already. */
void ic_reader_fail(struct ic_reader *r, ic_err e);
/* Bytes not yet read; 0 after an error. */
static inline size_t ic_reader_left(const struct ic_reader *r)
{
    return r->err == IC_OK ? (size_t)(r->end - r->p) : 0;
}
/* True while there are any. */
static inline bool ic_reader_more(const struct ic_reader *r)
{
    return ic_reader_left(r) > 0;
}
/* IC_OK when no read failed and nothing is left; IC_ERR_TRAILING when something is. */
ic_err ic_reader_end(const struct ic_reader *r);

IC_API_END

#endif

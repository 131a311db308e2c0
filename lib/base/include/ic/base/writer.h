/* Writes the TLS presentation language into a buffer, with a sticky error checked once at the end.
 *
 *     IC_BUF_SCOPE(b, 65536);
 *     struct ic_writer w = ic_writer(&b);
 *     ic_write_u16(&w, type);
 *     size_t mark = ic_write_open(&w);      // a vector whose length is not known yet
 *     ic_write_u32(&w, x);
 *     ic_write_close(&w, mark);
 *     IC_TRY(ic_writer_end(&w));
 *
 * The writer borrows the buffer and appends. On error the buffer is cut back to where the writer began.
 */
#ifndef IC_BASE_WRITER_H
#define IC_BASE_WRITER_H

#include <ic/base/api.h>
#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

IC_API_BEGIN

struct ic_writer {
    struct ic_buf *buf;
    size_t start;
    ic_err err;
};

/* A writer that appends to buf, which it borrows. */
struct ic_writer ic_writer(struct ic_buf *buf);
/* Appends a big-endian integer. */
void ic_write_u8(struct ic_writer *w, uint8_t v);
void ic_write_u16(struct ic_writer *w, uint16_t v);
void ic_write_u32(struct ic_writer *w, uint32_t v);
void ic_write_u64(struct ic_writer *w, uint64_t v);
/* RFC 9420 section 2.1.2. IC_ERR_RANGE above 2^30 - 1. */
void ic_write_varint(struct ic_writer *w, size_t v);
/* The bytes as they are, without a length. */
void ic_write_bytes(struct ic_writer *w, struct ic_view v);
/* Varint length, then the bytes. */
void ic_write_vec(struct ic_writer *w, struct ic_view v);
/* Opens a vector with a varint length; close with the mark it gave. Vectors nest. */
size_t ic_write_open(struct ic_writer *w);
/* Puts the length in front of what was written since the mark. */
void ic_write_close(struct ic_writer *w, size_t mark);
/* Makes e the sticky error unless there is one already. */
void ic_writer_fail(struct ic_writer *w, ic_err e);
/* The sticky error; on one, the buffer is cut back to its length at ic_writer(). */
ic_err ic_writer_end(struct ic_writer *w);

IC_API_END

#endif

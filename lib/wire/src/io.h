/* One description of a message serves both ways: each field function reads into the struct or writes
 * from it. So a body is written down once, as a schema, and the two directions cannot drift apart.
 */
#ifndef IC_WIRE_IO_H
#define IC_WIRE_IO_H

#include <ic/base/reader.h>
#include <ic/base/writer.h>

struct io {
    struct ic_reader *r; /* exactly one of the two */
    struct ic_writer *w;
};

void ic_wire_io_fail(struct io *io, ic_err e);
void ic_wire_io_u8(struct io *io, uint8_t *v);
void ic_wire_io_u16(struct io *io, uint16_t *v);
void ic_wire_io_u32(struct io *io, uint32_t *v);
void ic_wire_io_u64(struct io *io, uint64_t *v);
/* A number of [min, max], one byte; IC_ERR_RANGE outside. */
void ic_wire_io_enum(struct io *io, uint8_t *v, uint8_t min, uint8_t max);
/* 0 or 1. */
void ic_wire_io_flag(struct io *io, uint8_t *v);
/* A vector of at most max bytes. */
void ic_wire_io_vec(struct io *io, struct ic_view *v, size_t max);
/* A vector of exactly len bytes, or, when it may be absent, none. */
void ic_wire_io_fixed(struct io *io, struct ic_view *v, size_t len, bool may_be_absent);
/* UTF-8 without control characters, at most IC_WIRE_TEXT_MAX bytes. */
void ic_wire_io_text(struct io *io, struct ic_view *v);
/* How many items of an array follow, at most max. */
void ic_wire_io_count(struct io *io, size_t *n, size_t max);

#endif

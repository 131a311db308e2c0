#include "io.h"

#include <ic/wire/message.h>

void ic_wire_io_fail(struct io *io, ic_err e)
{
    if (io->r)
        ic_reader_fail(io->r, e);
    else
        ic_writer_fail(io->w, e);
}

void ic_wire_io_u8(struct io *io, uint8_t *v)
{
    if (io->r)
        *v = ic_read_u8(io->r);
    else
        ic_write_u8(io->w, *v);
}

void ic_wire_io_u16(struct io *io, uint16_t *v)
{
    if (io->r)
        *v = ic_read_u16(io->r);
    else
        ic_write_u16(io->w, *v);
}

void ic_wire_io_u32(struct io *io, uint32_t *v)
{
    if (io->r)
        *v = ic_read_u32(io->r);
    else
        ic_write_u32(io->w, *v);
}

void ic_wire_io_u64(struct io *io, uint64_t *v)
{
    if (io->r)
        *v = ic_read_u64(io->r);
    else
        ic_write_u64(io->w, *v);
}

void ic_wire_io_enum(struct io *io, uint8_t *v, uint8_t min, uint8_t max)
{
    ic_wire_io_u8(io, v);
    if (*v < min || *v > max)
        ic_wire_io_fail(io, IC_ERR_RANGE);
}

void ic_wire_io_flag(struct io *io, uint8_t *v)
{
    ic_wire_io_enum(io, v, 0, 1);
}

void ic_wire_io_vec(struct io *io, struct ic_view *v, size_t max)
{
    if (io->r) {
        *v = ic_read_vec(io->r, max);
        return;
    }
    if (v->len > max)
        ic_wire_io_fail(io, IC_ERR_LIMIT);
    else
        ic_write_vec(io->w, *v);
}

void ic_wire_io_fixed(struct io *io, struct ic_view *v, size_t len, bool may_be_absent)
{
    ic_wire_io_vec(io, v, len);
    if (v->len != len && !(may_be_absent && v->len == 0))
        ic_wire_io_fail(io, IC_ERR_MALFORMED);
}

void ic_wire_io_text(struct io *io, struct ic_view *v)
{
    ic_wire_io_vec(io, v, IC_WIRE_TEXT_MAX);
    if (!ic_view_is_text(*v))
        ic_wire_io_fail(io, IC_ERR_MALFORMED);
}

void ic_wire_io_count(struct io *io, size_t *n, size_t max)
{
    uint16_t count = *n > 0xffff ? 0xffff : (uint16_t)*n;
    ic_wire_io_u16(io, &count);
    if (count > max)
        ic_wire_io_fail(io, IC_ERR_LIMIT);
    /* 0 after an error either way, so that no loop runs past an array. */
    ic_err e = io->r ? io->r->err : io->w->err;
    *n = e == IC_OK ? count : 0;
}

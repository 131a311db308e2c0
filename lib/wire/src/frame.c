#include "body.h"
#include <assert.h>

ic_err ic_wire_decode(struct ic_view bytes, struct ic_wire_frame *out)
{
    if (bytes.len > IC_WIRE_MAX)
        return IC_ERR_LIMIT;
    struct ic_reader r = ic_reader(bytes);
    struct ic_wire_frame f = {0};
    f.type = ic_read_u16(&r);
    f.request = ic_read_u32(&r);
    if (r.err != IC_OK)
        return r.err;
    struct io io = {.r = &r};
    const struct wire_type *type = ic_wire_type_find(f.type);
    if (!type) {
        out->type = f.type;
        out->request = f.request;
        return IC_ERR_UNSUPPORTED;
    }
    type->body(&io, &f);
    IC_TRY(ic_reader_end(&r));
    *out = f;
    return IC_OK;
}

ic_err ic_wire_encode(const struct ic_wire_frame *f, struct ic_buf *out)
{
    struct ic_wire_frame copy = *f; /* io.h's fields are not const: they serve both ways */
    size_t before = out->len;
    struct ic_writer w = ic_writer(out);
    ic_write_u16(&w, f->type);
    ic_write_u32(&w, f->request);
    struct io io = {.w = &w};
    const struct wire_type *type = ic_wire_type_find(f->type);
    if (type)
        type->body(&io, &copy);
    else
        ic_writer_fail(&w, IC_ERR_UNSUPPORTED);
    if (w.err == IC_OK && out->len - before > IC_WIRE_MAX)
        ic_writer_fail(&w, IC_ERR_LIMIT);
    return ic_writer_end(&w);
}

size_t ic_wire_numbers_count(struct ic_view list)
{
    return list.len / 8;
}

uint64_t ic_wire_numbers_at(struct ic_view list, size_t i)
{
    assert(i < list.len / 8);
    return ic_load_u64(ic_view_sub(list, 8 * i, 8).p);
}

ic_err ic_wire_numbers_add(struct ic_buf *list, uint64_t number)
{
    uint8_t b[8];
    ic_store_u64(b, number);
    return ic_buf_append(list, IC_VIEW_ARRAY(b));
}

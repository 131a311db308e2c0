#include <assert.h>
#include <ic/base/writer.h>
#include <string.h>

static const size_t varint_max = 0x3fffffff; /* RFC 9420 section 2.1.2 */

struct ic_writer ic_writer(struct ic_buf *buf)
{
    return (struct ic_writer){.buf = buf, .start = buf->len, .err = IC_OK};
}

void ic_writer_fail(struct ic_writer *w, ic_err e)
{
    if (w->err == IC_OK)
        w->err = e;
}

/* n new bytes, or NULL with the error set. */
static uint8_t *put(struct ic_writer *w, size_t n)
{
    uint8_t *p = NULL;
    if (w->err == IC_OK)
        w->err = ic_buf_extend(w->buf, n, &p);
    return p;
}

void ic_write_u8(struct ic_writer *w, uint8_t v)
{
    uint8_t *p = put(w, 1);
    if (p)
        *p = v;
}

void ic_write_u16(struct ic_writer *w, uint16_t v)
{
    uint8_t *p = put(w, 2);
    if (p)
        ic_store_u16(p, v);
}

void ic_write_u32(struct ic_writer *w, uint32_t v)
{
    uint8_t *p = put(w, 4);
    if (p)
        ic_store_u32(p, v);
}

void ic_write_u64(struct ic_writer *w, uint64_t v)
{
    uint8_t *p = put(w, 8);
    if (p)
        ic_store_u64(p, v);
}

static size_t varint_len(size_t v)
{
    /* RFC9420-2.1.2-1 */
    return v < 0x40 ? 1 : v < 0x4000 ? 2 : 4;
}

static void varint_store(uint8_t *p, size_t v)
{
    if (v < 0x40)
        *p = (uint8_t)v;
    else if (v < 0x4000)
        ic_store_u16(p, (uint16_t)(v | 0x4000));
    else
        ic_store_u32(p, (uint32_t)v | 0x80000000u);
}

void ic_write_varint(struct ic_writer *w, size_t v)
{
    if (v > varint_max) {
        ic_writer_fail(w, IC_ERR_RANGE);
        return;
    }
    uint8_t *p = put(w, varint_len(v));
    if (p)
        varint_store(p, v);
}

void ic_write_bytes(struct ic_writer *w, struct ic_view v)
{
    if (w->err == IC_OK)
        w->err = ic_buf_append(w->buf, v);
}

void ic_write_vec(struct ic_writer *w, struct ic_view v)
{
    ic_write_varint(w, v.len);
    ic_write_bytes(w, v);
}

/* Most vectors are short: one byte is kept for the length, and a longer one moves the content. */
size_t ic_write_open(struct ic_writer *w)
{
    size_t mark = w->buf->len;
    uint8_t *p = put(w, 1);
    if (p)
        *p = 0;
    return mark;
}

void ic_write_close(struct ic_writer *w, size_t mark)
{
    if (w->err != IC_OK)
        return;
    assert(mark >= w->start && mark < w->buf->len);
    size_t len = w->buf->len - mark - 1;
    if (len > varint_max) {
        w->err = IC_ERR_RANGE;
        return;
    }
    size_t more = varint_len(len) - 1;
    if (more && !put(w, more))
        return;
    uint8_t *p = w->buf->p + mark;
    if (more)
        memmove(p + 1 + more, p + 1, len);
    varint_store(p, len);
}

ic_err ic_writer_end(struct ic_writer *w)
{
    if (w->err != IC_OK)
        w->buf->len = w->start;
    return w->err;
}

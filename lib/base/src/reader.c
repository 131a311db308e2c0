#include <ic/base/reader.h>

struct ic_reader ic_reader(struct ic_view v)
{
    return (struct ic_reader){.p = v.p, .end = v.p ? v.p + v.len : NULL, .err = IC_OK};
}

void ic_reader_fail(struct ic_reader *r, ic_err e)
{
    if (r->err == IC_OK)
        r->err = e;
}

/* The next n bytes, or NULL with the error set. */
static const uint8_t *take(struct ic_reader *r, size_t n)
{
    if (r->err != IC_OK)
        return NULL;
    if (n > (size_t)(r->end - r->p)) {
        r->err = IC_ERR_TRUNCATED;
        return NULL;
    }
    const uint8_t *p = r->p;
    if (n)
        r->p += n;
    return p;
}

uint8_t ic_read_u8(struct ic_reader *r)
{
    const uint8_t *p = take(r, 1);
    return p ? p[0] : 0;
}

uint16_t ic_read_u16(struct ic_reader *r)
{
    const uint8_t *p = take(r, 2);
    return p ? ic_load_u16(p) : 0;
}

uint32_t ic_read_u32(struct ic_reader *r)
{
    const uint8_t *p = take(r, 4);
    return p ? ic_load_u32(p) : 0;
}

uint64_t ic_read_u64(struct ic_reader *r)
{
    const uint8_t *p = take(r, 8);
    return p ? ic_load_u64(p) : 0;
}

uint32_t ic_read_varint(struct ic_reader *r)
{
    if (ic_reader_left(r) == 0) {
        ic_reader_fail(r, IC_ERR_TRUNCATED);
        return 0;
    }
    uint32_t v, least;
    switch (*r->p >> 6) {
    case 0:
        return ic_read_u8(r);
    case 1:
        v = ic_read_u16(r) & 0x3fff;
        least = 0x40;
        break;
    case 2:
        v = ic_read_u32(r) & 0x3fffffff;
        least = 0x4000;
        break;
    default: /* RFC9420-2.1.2-3 */
        ic_reader_fail(r, IC_ERR_MALFORMED);
        return 0;
    }
    /* RFC 9420 section 2.1.2: the shortest encoding MUST be used. RFC9420-2.1.2-2 */
    if (r->err == IC_OK && v < least)
        ic_reader_fail(r, IC_ERR_MALFORMED);
    return r->err == IC_OK ? v : 0;
}

struct ic_view ic_read_bytes(struct ic_reader *r, size_t n)
{
    const uint8_t *p = take(r, n);
    return r->err == IC_OK ? ic_view(p, n) : ic_view(NULL, 0);
}

struct ic_view ic_read_vec(struct ic_reader *r, size_t max)
{
    size_t n = ic_read_varint(r);
    if (n > max)
        ic_reader_fail(r, IC_ERR_LIMIT);
    return ic_read_bytes(r, n);
}

struct ic_reader ic_read_sub(struct ic_reader *r, size_t max)
{
    struct ic_reader sub = ic_reader(ic_read_vec(r, max));
    sub.err = r->err;
    return sub;
}

ic_err ic_reader_end(const struct ic_reader *r)
{
    if (r->err != IC_OK)
        return r->err;
    return r->p == r->end ? IC_OK : IC_ERR_TRAILING;
}

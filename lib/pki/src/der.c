#include "der.h"

static size_t read_length(struct ic_reader *r)
{
    uint8_t first = ic_read_u8(r);
    if (first < 0x80)
        return first;
    size_t bytes = first & 0x7f, len = 0;
    if (bytes < 1 || bytes > 3) { /* 16 MiB and more is in no certificate; 0x80 is BER */
        ic_reader_fail(r, IC_ERR_MALFORMED);
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        len = len << 8 | ic_read_u8(r);
    if (len < 0x80 || (bytes > 1 && len >> (8 * (bytes - 1)) == 0))
        ic_reader_fail(r, IC_ERR_MALFORMED);
    return len;
}

struct ic_pki_der ic_pki_der_any(struct ic_reader *r)
{
    const uint8_t *start = r->p;
    struct ic_pki_der e = {.tag = ic_read_u8(r)};
    if ((e.tag & 0x1f) == 0x1f)
        ic_reader_fail(r, IC_ERR_MALFORMED);
    size_t len = read_length(r);
    e.content = ic_read_bytes(r, len);
    if (r->err != IC_OK)
        return (struct ic_pki_der){0};
    e.whole = ic_view(start, (size_t)(r->p - start));
    return e;
}

struct ic_view ic_pki_der_read(struct ic_reader *r, uint8_t tag)
{
    struct ic_pki_der e = ic_pki_der_any(r);
    if (r->err == IC_OK && e.tag == tag)
        return e.content;
    ic_reader_fail(r, IC_ERR_MALFORMED);
    return ic_view(NULL, 0);
}

bool ic_pki_der_next_is(const struct ic_reader *r, uint8_t tag)
{
    return ic_reader_more(r) && r->p[0] == tag;
}

struct ic_view ic_pki_der_optional(struct ic_reader *r, uint8_t tag, bool *there)
{
    *there = ic_pki_der_next_is(r, tag);
    return *there ? ic_pki_der_read(r, tag) : ic_view(NULL, 0);
}

bool ic_pki_der_flag(struct ic_reader *r)
{
    bool there;
    struct ic_view v = ic_pki_der_optional(r, DER_BOOLEAN, &there);
    if (!there)
        return false;
    if (v.len != 1 || v.p[0] != 0xff)
        ic_reader_fail(r, IC_ERR_MALFORMED);
    return true;
}

struct ic_view ic_pki_der_integer(struct ic_reader *r)
{
    struct ic_view v = ic_pki_der_read(r, DER_INTEGER);
    bool shortest = v.len == 1 || (v.len > 1 && (v.p[0] != 0 || v.p[1] & 0x80));
    if (!shortest || v.p[0] & 0x80) {
        ic_reader_fail(r, IC_ERR_MALFORMED);
        return ic_view(NULL, 0);
    }
    return v.len > 1 && v.p[0] == 0 ? ic_view_sub(v, 1, v.len - 1) : v;
}

struct ic_view ic_pki_der_bytes(struct ic_reader *r)
{
    struct ic_view v = ic_pki_der_read(r, DER_BIT_STRING);
    if (v.len < 1 || v.p[0] != 0) {
        ic_reader_fail(r, IC_ERR_MALFORMED);
        return ic_view(NULL, 0);
    }
    return ic_view_sub(v, 1, v.len - 1);
}

uint16_t ic_pki_der_bits(struct ic_reader *r)
{
    struct ic_view v = ic_pki_der_read(r, DER_BIT_STRING);
    uint16_t bits = 0;
    /* X.690 section 11.2.2 has no zero bits at the end; well-known roots do, and they say nothing. */
    if (v.len < 2 || v.len > 3 || v.p[0] > 7 || v.p[v.len - 1] & ((1u << v.p[0]) - 1)) {
        ic_reader_fail(r, IC_ERR_MALFORMED);
        return 0;
    }
    for (size_t i = 0; i < 8 * (v.len - 1); i++) {
        if (v.p[1 + i / 8] & (0x80 >> i % 8))
            bits |= (uint16_t)(1u << i);
    }
    return bits;
}

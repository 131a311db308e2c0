#include <ic/sframe/header.h>
#include <string.h>

enum { EXTENDED = 8 }; /* the X and Y flags, within their nibble */

/* Bytes that the value needs, at least 1. */
static size_t value_len(uint64_t v)
{
    return (size_t)(71 - __builtin_clzll(v | 1)) / 8;
}

/* Writes the value after the config byte where it does not fit the nibble, which is returned. */
static uint8_t value_encode(uint64_t v, uint8_t *out, size_t *at)
{
    if (v < 8)
        return (uint8_t)v;
    size_t n = value_len(v);
    for (size_t i = 0; i < n; i++)
        out[*at + i] = (uint8_t)(v >> (8 * (n - 1 - i)));
    *at += n;
    return (uint8_t)(EXTENDED | (n - 1));
}

size_t ic_sframe_header_encode(const struct ic_sframe_header *h, uint8_t *out)
{
    size_t at = 1;
    uint8_t kid = value_encode(h->kid, out, &at);
    uint8_t ctr = value_encode(h->ctr, out, &at);
    out[0] = (uint8_t)(kid << 4 | ctr);
    return at;
}

static ic_err value_decode(struct ic_view frame, uint8_t nibble, size_t *at, uint64_t *out)
{
    if (!(nibble & EXTENDED)) {
        *out = nibble;
        return IC_OK;
    }
    size_t n = (size_t)(nibble & 7) + 1;
    if (n > frame.len - *at)
        return IC_ERR_TRUNCATED;
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | frame.p[*at + i];
    /* RFC 9605 section 4.3: the value MUST be encoded with the minimum number of bytes. */
    if (v < 8 || value_len(v) != n)
        return IC_ERR_MALFORMED;
    *at += n;
    *out = v;
    return IC_OK;
}

ic_err ic_sframe_header_decode(struct ic_view frame, struct ic_sframe_header *out, size_t *len)
{
    struct ic_sframe_header h;
    size_t at = 1;
    if (frame.len == 0)
        return IC_ERR_TRUNCATED;
    IC_TRY(value_decode(frame, frame.p[0] >> 4, &at, &h.kid));
    IC_TRY(value_decode(frame, frame.p[0] & 15, &at, &h.ctr));
    *out = h;
    *len = at;
    return IC_OK;
}

#include <ic/sframe/header.h>

enum { EXTENDED = 8 }; /* the X and Y flags, within their nibble */

/* Bytes that the value needs, at least 1. */
static size_t value_len(uint64_t v)
{
    return (size_t)(71 - __builtin_clzll(v | 1)) / 8;
}

/* Writes the value after the config byte where it does not fit the nibble, which is returned. Always
 * eight bytes are written, and as many as count kept: IC_SFRAME_HEADER_MAX has the room. */
static uint8_t value_encode(uint64_t v, uint8_t *out, size_t *at)
{
    if (v < 8)
        return (uint8_t)v;
    size_t n = value_len(v);
    ic_store_u64(out + *at, v << (64 - 8 * n));
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

/* Bytes that a nibble announces after the config byte. */
static size_t nibble_len(unsigned nibble)
{
    return nibble & EXTENDED ? (nibble & 7) + 1 : 0;
}

/* n bytes at the place; the caller has checked that they are there. */
static uint64_t value_load(struct ic_view frame, size_t at, size_t n)
{
    if (frame.len - at >= 8)
        return ic_load_u64(frame.p + at) >> (64 - 8 * n);
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | frame.p[at + i];
    return v;
}

/* RFC 9605 section 4.3: the value MUST be encoded with the minimum number of bytes. */
static bool value_shortest(uint64_t v, size_t n)
{
    return v >= 8 && (n == 1 || v >> (8 * (n - 1)) != 0);
}

ic_err ic_sframe_header_decode(struct ic_view frame, struct ic_sframe_header *out, size_t *len)
{
    if (frame.len == 0)
        return IC_ERR_TRUNCATED;
    unsigned config = frame.p[0];
    size_t kid_len = nibble_len(config >> 4), ctr_len = nibble_len(config);
    if (kid_len + ctr_len > frame.len - 1)
        return IC_ERR_TRUNCATED;
    uint64_t kid = kid_len ? value_load(frame, 1, kid_len) : config >> 4;
    uint64_t ctr = ctr_len ? value_load(frame, 1 + kid_len, ctr_len) : (config & 7);
    if (kid_len && !value_shortest(kid, kid_len))
        return IC_ERR_MALFORMED;
    if (ctr_len && !value_shortest(ctr, ctr_len))
        return IC_ERR_MALFORMED;
    out->kid = kid;
    out->ctr = ctr;
    *len = 1 + kid_len + ctr_len;
    return IC_OK;
}

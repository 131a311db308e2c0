#include <ic/base/text.h>

/* All ones where lo <= c <= hi, else 0: no branch and no table, so timing tells nothing. */
static uint32_t in_range(uint32_t c, uint32_t lo, uint32_t hi)
{
    return 0u - (((lo - 1 - c) & (c - hi - 1)) >> 31);
}

/* All ones where v > limit; both below 2^31. */
static uint32_t above(uint32_t v, uint32_t limit)
{
    return 0u - ((limit - v) >> 31);
}

static char hex_digit(uint32_t v)
{
    return (char)('0' + v + (above(v, 9) & ('a' - '0' - 10)));
}

void ic_hex_encode(struct ic_view v, char *out)
{
    for (size_t i = 0; i < v.len; i++) {
        out[2 * i] = hex_digit(v.p[i] >> 4);
        out[2 * i + 1] = hex_digit(v.p[i] & 15);
    }
    out[2 * v.len] = 0;
}

/* The digit's value; *bad becomes non-zero on another character. */
static uint32_t hex_value(uint8_t c, uint32_t *bad)
{
    uint32_t digit = in_range(c, '0', '9');
    uint32_t lower = in_range(c, 'a', 'f');
    uint32_t upper = in_range(c, 'A', 'F');
    *bad |= ~(digit | lower | upper);
    return (digit & (c - '0')) | (lower & (c - 'a' + 10u)) | (upper & (c - 'A' + 10u));
}

ic_err ic_hex_decode(struct ic_view text, struct ic_buf *out)
{
    if (text.len % 2 != 0)
        return IC_ERR_MALFORMED;
    size_t n = text.len / 2;
    uint8_t *p;
    size_t start = out->len;
    IC_TRY(ic_buf_extend(out, n, &p));
    uint32_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t high = hex_value(text.p[2 * i], &bad);
        p[i] = (uint8_t)(high << 4 | hex_value(text.p[2 * i + 1], &bad));
    }
    if (bad) {
        out->len = start;
        return IC_ERR_MALFORMED;
    }
    return IC_OK;
}

size_t ic_base64_len(enum ic_base64_kind kind, size_t len)
{
    static const uint8_t tail[3] = {0, 2, 3};
    if (kind == IC_BASE64_STD)
        return len / 3 * 4 + (len % 3 ? 4 : 0);
    return len / 3 * 4 + tail[len % 3];
}

/* RFC 4648 sections 4 and 5: the two alphabets differ in the characters 62 and 63 only. */
static char base64_char(enum ic_base64_kind kind, uint32_t v)
{
    uint32_t c62 = kind == IC_BASE64_STD ? '+' : '-';
    uint32_t c63 = kind == IC_BASE64_STD ? '/' : '_';
    uint32_t upper = in_range(v, 0, 25);
    uint32_t lower = in_range(v, 26, 51);
    uint32_t digit = in_range(v, 52, 61);
    uint32_t c = (upper & (v + 'A')) | (lower & (v - 26 + 'a')) | (digit & (v - 52 + '0'));
    return (char)(c | (in_range(v, 62, 62) & c62) | (in_range(v, 63, 63) & c63));
}

static uint32_t base64_value(enum ic_base64_kind kind, uint8_t c, uint32_t *bad)
{
    uint32_t c62 = kind == IC_BASE64_STD ? '+' : '-';
    uint32_t c63 = kind == IC_BASE64_STD ? '/' : '_';
    uint32_t upper = in_range(c, 'A', 'Z');
    uint32_t lower = in_range(c, 'a', 'z');
    uint32_t digit = in_range(c, '0', '9');
    uint32_t is62 = in_range(c, c62, c62);
    uint32_t is63 = in_range(c, c63, c63);
    *bad |= ~(upper | lower | digit | is62 | is63);
    return (upper & (c - 'A')) | (lower & (c - 'a' + 26u)) | (digit & (c - '0' + 52u)) |
           (is62 & 62u) | (is63 & 63u);
}

void ic_base64_encode(enum ic_base64_kind kind, struct ic_view v, char *out)
{
    size_t o = 0;
    for (size_t i = 0; i < v.len; i += 3) {
        size_t n = v.len - i < 3 ? v.len - i : 3;
        uint32_t bits = (uint32_t)v.p[i] << 16;
        if (n > 1)
            bits |= (uint32_t)v.p[i + 1] << 8;
        if (n > 2)
            bits |= v.p[i + 2];
        for (size_t k = 0; k < n + 1; k++)
            out[o++] = base64_char(kind, bits >> (18 - 6 * k) & 63);
        for (size_t k = n + 1; k < 4 && kind == IC_BASE64_STD; k++)
            out[o++] = '=';
    }
    out[o] = 0;
}

/* Characters before the padding; false where the padding is not what the kind demands. */
static bool base64_strip(enum ic_base64_kind kind, struct ic_view text, size_t *chars)
{
    size_t n = text.len;
    if (kind == IC_BASE64_STD) {
        if (n % 4 != 0)
            return false;
        for (int i = 0; i < 2 && n > 0 && text.p[n - 1] == '='; i++)
            n--;
    }
    *chars = n;
    return n % 4 != 1;
}

ic_err ic_base64_decode(enum ic_base64_kind kind, struct ic_view text, struct ic_buf *out)
{
    size_t chars, start = out->len;
    if (!base64_strip(kind, text, &chars))
        return IC_ERR_MALFORMED;
    uint8_t *p;
    IC_TRY(ic_buf_extend(out, chars / 4 * 3 + (chars % 4 ? chars % 4 - 1 : 0), &p));
    uint32_t bad = 0;
    for (size_t i = 0; i < chars; i += 4) {
        size_t n = chars - i < 4 ? chars - i : 4;
        uint32_t bits = 0;
        for (size_t k = 0; k < n; k++)
            bits |= base64_value(kind, text.p[i + k], &bad) << (18 - 6 * k);
        for (size_t k = 0; k + 1 < n; k++)
            *p++ = (uint8_t)(bits >> (16 - 8 * k));
        /* RFC 4648 section 3.5: bits that belong to no byte must be zero. */
        if (n < 4)
            bad |= bits & (0xffffffu >> (8 * (n - 1)));
    }
    if (bad) {
        out->len = start;
        return IC_ERR_MALFORMED;
    }
    return IC_OK;
}

#include <ic/base/bytes.h>

struct ic_view ic_view_cstr(const char *s)
{
    return ic_view(s, s ? strlen(s) : 0);
}

bool ic_view_equal(struct ic_view a, struct ic_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

int ic_view_cmp(struct ic_view a, struct ic_view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.p, b.p, common) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

/* Length of the sequence that a lead byte opens, 0 for a byte that opens none; *min is the least
 * code point that needs this length (RFC 3629 section 3: no overlong forms). */
static size_t utf8_len(uint8_t lead, uint32_t *code, uint32_t *min)
{
    if (lead < 0x80) {
        *code = lead;
        *min = 0;
        return 1;
    }
    if ((lead & 0xe0) == 0xc0) {
        *code = lead & 0x1f;
        *min = 0x80;
        return 2;
    }
    if ((lead & 0xf0) == 0xe0) {
        *code = lead & 0x0f;
        *min = 0x800;
        return 3;
    }
    if ((lead & 0xf8) == 0xf0) {
        *code = lead & 0x07;
        *min = 0x10000;
        return 4;
    }
    return 0;
}

/* Well-formed UTF-8, with control characters or without. */
static bool is_utf8(struct ic_view v, bool controls)
{
    size_t i = 0;
    while (i < v.len) {
        uint32_t code = 0, min = 0;
        size_t n = utf8_len(v.p[i], &code, &min);
        if (n == 0 || n > v.len - i)
            return false;
        for (size_t k = 1; k < n; k++) {
            if ((v.p[i + k] & 0xc0) != 0x80)
                return false;
            code = code << 6 | (v.p[i + k] & 0x3f);
        }
        if (code < min || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return false;
        if (!controls && (code < 0x20 || (code >= 0x7f && code <= 0x9f)))
            return false;
        i += n;
    }
    return true;
}

bool ic_view_is_text(struct ic_view v)
{
    return is_utf8(v, false);
}

bool ic_view_is_utf8(struct ic_view v)
{
    return is_utf8(v, true);
}

/* Names and types that come from others, made fit to be shown and to be written. */
#include <ic/together/file.h>

#include <ic/base/mem.h>
#include <string.h>

enum { ENDING_MAX = 16, LONGEST = 4096 };

/* One code point at the front of v, and its length; a byte that is no UTF-8 is U+FFFD of length 1. */
static uint32_t decode(struct ic_view v, size_t *len)
{
    size_t most = v.len < 4 ? v.len : 4;
    for (size_t n = 1; n <= most; n++) {
        struct ic_view one = ic_view_sub(v, 0, n);
        /* Control characters are well-formed too, though no text. */
        bool control = v.p[0] < 0x20 || v.p[0] == 0x7f ||
                       (n == 2 && v.p[0] == 0xc2 && v.p[1] >= 0x80 && v.p[1] < 0xa0);
        if (!ic_view_is_text(one) && !control)
            continue;
        static const uint8_t masks[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
        uint32_t code = v.p[0] & masks[n];
        for (size_t k = 1; k < n; k++)
            code = code << 6 | (v.p[k] & 0x3f);
        *len = n;
        return code;
    }
    *len = 1;
    return 0xfffd;
}

/* Characters that are not seen, or that turn the direction in which a name is read: "exe.txt" must not be
 * shown where "txt.exe" stands. */
static bool hidden(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        {0x00, 0x1f},     {0x7f, 0x9f},       {0xad, 0xad},     {0x34f, 0x34f},   {0x61c, 0x61c},
        {0x115f, 0x1160}, {0x17b4, 0x17b5},   {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},
        {0x2060, 0x206f}, {0x3164, 0x3164},   {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
        {0xfff0, 0xfffb}, {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(ranges); i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

static bool forbidden(uint32_t c)
{
    return c == 0xfffd || (c < 0x80 && c && strchr("/\\:*?\"<>|", (int)c));
}

struct name {
    char bytes[LONGEST + 8]; /* no character becomes longer */
    size_t len;
};

static void put(struct name *n, struct ic_view bytes)
{
    if (bytes.len > sizeof n->bytes - n->len)
        return;
    memcpy(n->bytes + n->len, bytes.p, bytes.len);
    n->len += bytes.len;
}

static void take(struct name *n, struct ic_view from)
{
    while (from.len) {
        size_t len;
        uint32_t c = decode(from, &len);
        bool edge = n->len == 0 && (c == ' ' || c == '.');
        if (forbidden(c))
            put(n, IC_VIEW_STR("_"));
        else if (!hidden(c) && !edge)
            put(n, ic_view_sub(from, 0, len));
        from = ic_view_sub(from, len, from.len - len);
    }
}

static void trim_end(struct name *n)
{
    while (n->len && (n->bytes[n->len - 1] == ' ' || n->bytes[n->len - 1] == '.'))
        n->len--;
}

/* Never inside of a character. */
static size_t cut(const char *p, size_t len)
{
    while (len && ((uint8_t)p[len] & 0xc0) == 0x80)
        len--;
    return len;
}

/* Too long: the middle goes, the ending tells what it is. */
static void shorten(struct name *n)
{
    if (n->len <= IC_TOGETHER_FILE_NAME_MAX)
        return;
    size_t ending = 1;
    while (ending < ENDING_MAX && n->bytes[n->len - ending] != '.')
        ending++;
    if (n->bytes[n->len - ending] != '.')
        ending = 0;
    size_t keep = cut(n->bytes, IC_TOGETHER_FILE_NAME_MAX - ending);
    memmove(n->bytes + keep, n->bytes + n->len - ending, ending);
    n->len = keep + ending;
}

static bool same_word(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((a[i] >= 'a' && a[i] <= 'z' ? a[i] - 32 : a[i]) != b[i])
            return false;
    return true;
}

/* Names that are devices somewhere, whatever their ending. */
static bool reserved(const struct name *n)
{
    static const char *const words[] = {"CON", "PRN", "AUX", "NUL"};
    size_t stem = 0;
    while (stem < n->len && n->bytes[stem] != '.')
        stem++;
    for (size_t i = 0; i < IC_ARRAY_LEN(words); i++)
        if (stem == 3 && same_word(n->bytes, words[i], 3))
            return true;
    return stem == 4 && n->bytes[3] >= '0' && n->bytes[3] <= '9' &&
           (same_word(n->bytes, "COM", 3) || same_word(n->bytes, "LPT", 3));
}

void ic_together_file_name(struct ic_view name, char *out)
{
    struct name n = {.len = 0};
    take(&n, ic_view_sub(name, 0, name.len < LONGEST ? name.len : LONGEST));
    trim_end(&n);
    if (reserved(&n)) {
        memmove(n.bytes + 1, n.bytes, n.len);
        n.bytes[0] = '_';
        n.len++;
    }
    shorten(&n);
    trim_end(&n);
    if (n.len == 0)
        put(&n, IC_VIEW_STR("file"));
    memcpy(out, n.bytes, n.len);
    out[n.len] = 0;
}

/* RFC 6838 section 4.2: restricted-name-chars. */
static bool type_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$&-^_.+", c));
}

void ic_together_file_type(struct ic_view type, char *out)
{
    size_t slashes = 0, slash = 0;
    bool ok = type.len >= 3 && type.len <= IC_TOGETHER_FILE_TYPE_MAX;
    for (size_t i = 0; ok && i < type.len; i++) {
        if (type.p[i] == '/') {
            slash = i;
            slashes++;
        } else {
            ok = type_char(type.p[i]);
        }
    }
    if (!ok || slashes != 1 || slash == 0 || slash == type.len - 1)
        type = IC_VIEW_STR("application/octet-stream");
    memcpy(out, type.p, type.len);
    out[type.len] = 0;
}

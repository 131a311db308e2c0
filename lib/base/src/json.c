#include <ic/base/json.h>
#include <ic/base/text.h>
#include <inttypes.h>
#include <stdio.h>

struct ic_json ic_json(struct ic_buf *out)
{
    return (struct ic_json){.w = ic_writer(out)};
}

static void put(struct ic_json *j, const char *text)
{
    ic_write_bytes(&j->w, ic_view_cstr(text));
}

/* What stands before every value: a comma, the key. */
static void lead(struct ic_json *j, const char *key)
{
    if (j->comma)
        put(j, ",");
    j->comma = true;
    if (!key)
        return;
    put(j, "\"");
    put(j, key);
    put(j, "\":");
}

static void open(struct ic_json *j, const char *key, const char *bracket)
{
    lead(j, key);
    put(j, bracket);
    j->comma = false;
}

static void close(struct ic_json *j, const char *bracket)
{
    put(j, bracket);
    j->comma = true;
}

void ic_json_object(struct ic_json *j, const char *key)
{
    open(j, key, "{");
}

void ic_json_object_end(struct ic_json *j)
{
    close(j, "}");
}

void ic_json_array(struct ic_json *j, const char *key)
{
    open(j, key, "[");
}

void ic_json_array_end(struct ic_json *j)
{
    close(j, "]");
}

/* The escape of a byte that may not stand in a text as it is, or "" (RFC 8259 section 7). */
static void escape(uint8_t c, char out[8])
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *at = c ? strchr(from, c) : NULL;
    out[0] = 0;
    if (at)
        snprintf(out, 8, "\\%c", to[at - from]);
    else if (c < 0x20)
        snprintf(out, 8, "\\u%04x", c);
}

void ic_json_text(struct ic_json *j, const char *key, struct ic_view text)
{
    size_t start = 0;
    char escaped[8];
    if (!ic_view_is_utf8(text))
        text.len = 0;
    lead(j, key);
    put(j, "\"");
    for (size_t i = 0; i < text.len; i++) {
        escape(text.p[i], escaped);
        if (!escaped[0])
            continue;
        ic_write_bytes(&j->w, ic_view_sub(text, start, i - start));
        put(j, escaped);
        start = i + 1;
    }
    ic_write_bytes(&j->w, ic_view_sub(text, start, text.len - start));
    put(j, "\"");
}

void ic_json_cstr(struct ic_json *j, const char *key, const char *text)
{
    ic_json_text(j, key, ic_view_cstr(text));
}

/* Three bytes at a time make whole groups of either code. */
static void coded(struct ic_json *j, const char *key, struct ic_view bytes, bool hex)
{
    char out[9];
    lead(j, key);
    put(j, "\"");
    for (size_t i = 0; i < bytes.len; i += 3) {
        struct ic_view part = ic_view_sub(bytes, i, bytes.len - i < 3 ? bytes.len - i : 3);
        if (hex)
            ic_hex_encode(part, out);
        else
            ic_base64_encode(IC_BASE64_URL, part, out);
        put(j, out);
    }
    put(j, "\"");
}

void ic_json_hex(struct ic_json *j, const char *key, struct ic_view bytes)
{
    coded(j, key, bytes, true);
}

void ic_json_base64(struct ic_json *j, const char *key, struct ic_view bytes)
{
    coded(j, key, bytes, false);
}

void ic_json_uint(struct ic_json *j, const char *key, uint64_t v)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, v);
    lead(j, key);
    put(j, text);
}

void ic_json_int(struct ic_json *j, const char *key, int64_t v)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, v);
    lead(j, key);
    put(j, text);
}

void ic_json_bool(struct ic_json *j, const char *key, bool v)
{
    lead(j, key);
    put(j, v ? "true" : "false");
}

ic_err ic_json_end(struct ic_json *j)
{
    return ic_writer_end(&j->w);
}

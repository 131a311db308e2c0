/* Names as tests write them, in DER. */
#include "maker.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "maker: %s\n", what);
        abort();
    }
}

static struct ic_view oid_of(const char *type, size_t len)
{
    static const struct {
        const char *name;
        struct ic_view oid;
    } types[] = {{"CN", IC_VIEW_INIT("\x55\x04\x03")},
                 {"C", IC_VIEW_INIT("\x55\x04\x06")},
                 {"O", IC_VIEW_INIT("\x55\x04\x0a")},
                 {"OU", IC_VIEW_INIT("\x55\x04\x0b")},
                 {"emailAddress", IC_VIEW_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01")}};
    for (size_t i = 0; i < IC_ARRAY_LEN(types); i++) {
        if (strlen(types[i].name) == len && memcmp(types[i].name, type, len) == 0)
            return types[i].oid;
    }
    must(false, "unknown attribute");
    return ic_view(NULL, 0);
}

static struct ic_view string_of(struct maker *m, struct ic_view v)
{
    if (v.len && v.p[0] == '!')
        return maker_der(m, 0x13, ic_view_sub(v, 1, v.len - 1));
    if (v.len == 0 || v.p[0] != '^')
        return maker_der(m, 0x0c, v);
    uint8_t *wide = ic_arena_alloc(&m->arena, v.len, 2);
    must(wide != NULL, "no memory");
    for (size_t i = 1; i < v.len; i++)
        wide[2 * i - 1] = v.p[i];
    return maker_der(m, 0x1e, ic_view(wide, 2 * (v.len - 1)));
}

static struct ic_view name_of(struct maker *m, const char *text, char separator)
{
    struct ic_view name = {NULL, 0};
    while (text && *text) {
        const char *equals = strchr(text, '='), *end = strchrnul(text, separator);
        must(equals && equals < end, "bad name");
        struct ic_view pair =
            maker_der(m, 0x30,
                      CAT(m, maker_der(m, 6, oid_of(text, (size_t)(equals - text))),
                          string_of(m, ic_view(equals + 1, (size_t)(end - equals - 1)))));
        name = CAT(m, name, maker_der(m, 0x31, pair));
        text = *end ? end + 1 : end;
    }
    return maker_der(m, 0x30, name);
}

struct ic_view maker_name(struct maker *m, const char *text)
{
    return name_of(m, text, ',');
}

static struct ic_view hex_of(struct maker *m, struct ic_view text)
{
    IC_BUF_SCOPE(b, 4096);
    must(ic_hex_decode(text, &b) == IC_OK, "bad hex");
    return maker_copy(m, ic_buf_view(&b));
}

static struct ic_view general_name(struct maker *m, struct ic_view text)
{
    static const struct {
        const char *prefix;
        uint8_t tag;
    } kinds[] = {{"email:", 0x81}, {"DNS:", 0x82},   {"URI:", 0x86}, {"IP:", 0x87},
                 {"dir:", 0xa4},   {"other:", 0xa0}, {"id:", 0x88}};
    for (size_t i = 0; i < IC_ARRAY_LEN(kinds); i++) {
        size_t n = strlen(kinds[i].prefix);
        if (text.len < n || memcmp(text.p, kinds[i].prefix, n) != 0)
            continue;
        struct ic_view v = ic_view_sub(text, n, text.len - n);
        char copy[4096];
        snprintf(copy, sizeof copy, "%.*s", (int)v.len, (const char *)v.p);
        switch (kinds[i].tag) {
        case 0xa4:
            return maker_der(m, 0xa4, name_of(m, copy, ';'));
        case 0x87:
        case 0xa0:
        case 0x88:
            return maker_der(m, kinds[i].tag, hex_of(m, v));
        default:
            return maker_der(m, kinds[i].tag, v);
        }
    }
    must(false, "unknown general name");
    return ic_view(NULL, 0);
}

struct ic_view maker_general_names(struct maker *m, const char *text, bool subtrees)
{
    struct ic_view all = {NULL, 0};
    while (*text) {
        const char *end = strchrnul(text, ',');
        struct ic_view one = general_name(m, ic_view(text, (size_t)(end - text)));
        all = CAT(m, all, subtrees ? maker_der(m, 0x30, one) : one);
        text = *end ? end + 1 : end;
    }
    return all;
}

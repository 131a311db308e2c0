/* Names of RFC 5280: comparing them as section 7.1 says, and making text of them. */
#include <string.h>

#include "der.h"
#include "internal.h"

const struct ic_view ic_pki_oid_common_name = IC_VIEW_INIT("\x55\x04\x03");
const struct ic_view ic_pki_oid_email_address =
    IC_VIEW_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01");

static bool read_attribute(struct ic_reader *set, struct ic_pki_attribute *out)
{
    struct ic_reader pair = ic_reader(ic_pki_der_read(set, DER_SEQUENCE));
    struct ic_view type = ic_pki_der_read(&pair, DER_OID);
    struct ic_pki_der value = ic_pki_der_any(&pair);
    *out = (struct ic_pki_attribute){type, value.tag, value.content};
    return set->err == IC_OK && ic_reader_end(&pair) == IC_OK && type.len > 0;
}

/* DER sorts the members of a SET OF. */
static bool set_good(struct ic_view content)
{
    struct ic_reader set = ic_reader(content);
    struct ic_view last = {NULL, 0};
    struct ic_pki_attribute a;
    do {
        const uint8_t *start = set.p;
        if (!read_attribute(&set, &a))
            return false;
        struct ic_view one = ic_view(start, (size_t)(set.p - start));
        if (ic_view_cmp(last, one) >= 0)
            return false;
        last = one;
    } while (ic_reader_more(&set));
    return true;
}

bool ic_pki_name_good(struct ic_view name)
{
    struct ic_reader outer = ic_reader(name);
    struct ic_reader r = ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE));
    while (ic_reader_more(&r)) {
        struct ic_view set = ic_pki_der_read(&r, DER_SET);
        if (r.err != IC_OK || !set_good(set))
            return false;
    }
    return ic_reader_end(&r) == IC_OK && ic_reader_end(&outer) == IC_OK;
}

struct ic_pki_attributes ic_pki_attributes(struct ic_view name)
{
    struct ic_reader outer = ic_reader(name);
    return (struct ic_pki_attributes){ic_reader(ic_pki_der_read(&outer, DER_SEQUENCE)),
                                      ic_reader(ic_view(NULL, 0))};
}

bool ic_pki_attributes_next(struct ic_pki_attributes *a, struct ic_pki_attribute *out)
{
    if (!ic_reader_more(&a->set)) {
        if (!ic_reader_more(&a->names))
            return false;
        a->set = ic_reader(ic_pki_der_read(&a->names, DER_SET));
    }
    return read_attribute(&a->set, out);
}

/* ---- characters of a string, whatever its type ---- */

enum { END = -1 };

struct characters {
    struct ic_view v;
    size_t at;
    uint8_t width; /* bytes of a character; 0: UTF-8 */
    int32_t held;  /* the character after a space that stood for several */
    bool begun;
};

static bool characters_of(const struct ic_pki_attribute *a, struct characters *out)
{
    static const struct {
        uint8_t tag, width;
    } kinds[] = {{DER_UTF8, 0}, {DER_PRINTABLE, 1},        {DER_IA5, 1}, {DER_TELETEX, 1},
                 {DER_BMP, 2},  {DER_UNIVERSAL_STRING, 4}, {0x12, 1}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].tag == a->string) {
            *out = (struct characters){.v = a->value, .width = kinds[i].width, .held = END};
            return true;
        }
    }
    return false;
}

/* Bytes that are no UTF-8 stand for themselves, beyond what Unicode has. */
static int32_t next_utf8(struct characters *c)
{
    static const int32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = c->v.p[c->at++];
    size_t more = first < 0x80       ? 0
                  : first >> 5 == 6  ? 1
                  : first >> 4 == 14 ? 2
                  : first >> 3 == 30 ? 3
                                     : 4;
    if (more == 0)
        return first;
    if (more == 4 || more > c->v.len - c->at)
        return 0x200000 + first;
    int32_t code = first & (0x3f >> more);
    for (size_t i = 0; i < more; i++) {
        uint8_t b = c->v.p[c->at + i];
        if (b >> 6 != 2)
            return 0x200000 + first;
        code = code << 6 | (b & 0x3f);
    }
    if (code < smallest[more + 1])
        return 0x200000 + first;
    c->at += more;
    return code;
}

static int32_t next_raw(struct characters *c)
{
    if (c->at >= c->v.len)
        return END;
    if (c->width == 0)
        return next_utf8(c);
    uint32_t code = 0;
    for (size_t i = 0; i < c->width; i++) /* a cut character is filled up with zeros */
        code = code << 8 | (c->at < c->v.len ? c->v.p[c->at++] : 0);
    return (int32_t)(code & 0x7fffffff);
}

static bool is_space(int32_t code)
{
    return code == ' ' || (code >= '\t' && code <= '\r');
}

/* Lower case, spaces at the ends gone, those inside one. */
static int32_t next_folded(struct characters *c)
{
    int32_t code = c->held;
    c->held = END;
    if (code == END)
        code = next_raw(c);
    if (is_space(code)) {
        while (is_space(code))
            code = next_raw(c);
        if (code != END && c->begun) {
            c->held = code;
            return ' ';
        }
    }
    c->begun = true;
    return code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
}

static bool attribute_equal(const struct ic_pki_attribute *a, const struct ic_pki_attribute *b)
{
    struct characters ca, cb;
    if (!ic_view_equal(a->type, b->type))
        return false;
    if (a->string == b->string && ic_view_equal(a->value, b->value))
        return true;
    if (!characters_of(a, &ca) || !characters_of(b, &cb))
        return false;
    for (;;) {
        int32_t x = next_folded(&ca), y = next_folded(&cb);
        if (x != y)
            return false;
        if (x == END)
            return true;
    }
}

static bool set_equal(struct ic_view a, struct ic_view b)
{
    struct ic_reader ra = ic_reader(a), rb = ic_reader(b);
    struct ic_pki_attribute x, y;
    while (ic_reader_more(&ra) && ic_reader_more(&rb)) {
        if (!read_attribute(&ra, &x) || !read_attribute(&rb, &y) || !attribute_equal(&x, &y))
            return false;
    }
    return !ic_reader_more(&ra) && !ic_reader_more(&rb);
}

static bool begins_with(struct ic_view inner, struct ic_view outer, bool to_the_end)
{
    struct ic_reader a = ic_reader(inner), b = ic_reader(outer);
    struct ic_reader in = ic_reader(ic_pki_der_read(&a, DER_SEQUENCE));
    struct ic_reader out = ic_reader(ic_pki_der_read(&b, DER_SEQUENCE));
    while (ic_reader_more(&out)) {
        if (!ic_reader_more(&in) ||
            !set_equal(ic_pki_der_read(&in, DER_SET), ic_pki_der_read(&out, DER_SET)))
            return false;
    }
    return !to_the_end || !ic_reader_more(&in);
}

bool ic_pki_name_within(struct ic_view inner, struct ic_view outer)
{
    return begins_with(inner, outer, false);
}

bool ic_pki_name_equal(struct ic_view a, struct ic_view b)
{
    return ic_view_equal(a, b) || begins_with(a, b, true);
}

/* ---- text ---- */

struct text {
    char *out;
    size_t cap, len;
};

/* What would move the cursor, or turn the writing round, is not shown. */
static bool is_shown(int32_t code)
{
    return code >= 0x20 && (code < 0x7f || code > 0x9f) && code < 0x110000 &&
           (code < 0xd800 || code > 0xdfff) && (code < 0x200b || code > 0x200f) &&
           (code < 0x2028 || code > 0x202e) && (code < 0x2060 || code > 0x206f) && code != 0xfeff;
}

static void put(struct text *t, int32_t code)
{
    uint8_t b[4];
    size_t n = 0;
    uint32_t c = is_shown(code) ? (uint32_t)code : '?';
    if (c < 0x80) {
        b[n++] = (uint8_t)c;
    } else {
        size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        b[n++] = (uint8_t)((0xff00 >> (more + 1) & 0xff) | c >> (6 * more));
        while (more-- > 0)
            b[n++] = (uint8_t)(0x80 | (c >> (6 * more) & 0x3f));
    }
    if (t->len + n >= t->cap) {
        t->cap = t->len + 1; /* full: nothing shorter may follow what was left out */
        return;
    }
    memcpy(t->out + t->len, b, n);
    t->len += n;
}

static void put_value(struct text *t, const struct ic_pki_attribute *a, bool escape)
{
    struct characters c;
    int32_t code;
    if (!characters_of(a, &c)) {
        put(t, '?');
        return;
    }
    while ((code = next_raw(&c)) != END) {
        if (escape && code < 0x80 && code > 0 && strchr(",+\"\\<>;=", (int)code))
            put(t, '\\');
        put(t, code);
    }
}

/* The last attribute of that type. */
static void value_of(struct ic_view name, struct ic_view type, char *out, size_t cap)
{
    struct ic_pki_attributes i = ic_pki_attributes(name);
    struct ic_pki_attribute a, last = {0};
    struct text t = {out, cap, 0};
    while (ic_pki_attributes_next(&i, &a)) {
        if (ic_view_equal(a.type, type))
            last = a;
    }
    if (last.type.len > 0)
        put_value(&t, &last, false);
    out[t.len] = 0;
}

void ic_pki_common_name(struct ic_view name, char *out, size_t cap)
{
    value_of(name, ic_pki_oid_common_name, out, cap);
}

void ic_pki_organisation(struct ic_view name, char *out, size_t cap)
{
    static const uint8_t oid[] = {0x55, 0x04, 0x0a};
    value_of(name, IC_VIEW_ARRAY(oid), out, cap);
}

static const char *type_name(struct ic_view type)
{
    static const struct {
        struct ic_view oid;
        const char *name;
    } names[] = {
        {IC_VIEW_INIT("\x55\x04\x03"), "CN"},
        {IC_VIEW_INIT("\x55\x04\x04"), "SN"},
        {IC_VIEW_INIT("\x55\x04\x05"), "serialNumber"},
        {IC_VIEW_INIT("\x55\x04\x06"), "C"},
        {IC_VIEW_INIT("\x55\x04\x07"), "L"},
        {IC_VIEW_INIT("\x55\x04\x08"), "ST"},
        {IC_VIEW_INIT("\x55\x04\x0a"), "O"},
        {IC_VIEW_INIT("\x55\x04\x0b"), "OU"},
        {IC_VIEW_INIT("\x55\x04\x2a"), "GN"},
        {IC_VIEW_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"), "emailAddress"},
        {IC_VIEW_INIT("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01"), "UID"},
        {IC_VIEW_INIT("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"), "DC"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (ic_view_equal(names[i].oid, type))
            return names[i].name;
    }
    return "?";
}

void ic_pki_name_text(struct ic_view name, char *out, size_t cap)
{
    struct ic_pki_attributes i = ic_pki_attributes(name);
    struct ic_pki_attribute a;
    struct text t = {out, cap, 0};
    for (bool first = true; ic_pki_attributes_next(&i, &a); first = false) {
        for (const char *p = first ? "" : ", "; *p; p++)
            put(&t, *p);
        for (const char *p = type_name(a.type); *p; p++)
            put(&t, *p);
        put(&t, '=');
        put_value(&t, &a, true);
    }
    out[t.len] = 0;
}

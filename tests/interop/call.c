/* Fields of a request and of its answer: proto3's defaults, bytes as base64. */
#include "interop.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/mlspub/codec.h>
#include <stdarg.h>
#include <stdio.h>

ic_err refuse(struct call *c, ic_err e, const char *why, ...)
{
    va_list args;
    va_start(args, why);
    vsnprintf(c->why, sizeof c->why, why, args);
    va_end(args);
    return e;
}

static void wrong(struct call *c, const char *name, const char *want)
{
    if (c->err == IC_OK)
        c->err = refuse(c, IC_ERR_ARG, "%s: %s is wanted", name, want);
}

/* NULL where it is absent, or null. */
static const json_t *field(const json_t *in, const char *name)
{
    const json_t *v = json_object_get(in, name);
    return json_is_null(v) ? NULL : v;
}

uint64_t field_number(struct call *c, const json_t *in, const char *name, uint64_t max)
{
    const json_t *v = field(in, name);
    if (!v)
        return 0;
    if (!json_is_integer(v) || json_integer_value(v) < 0 || (uint64_t)json_integer_value(v) > max) {
        wrong(c, name, "a whole number in its range");
        return 0;
    }
    return (uint64_t)json_integer_value(v);
}

uint32_t field_u32(struct call *c, const char *name)
{
    return (uint32_t)field_number(c, c->in, name, UINT32_MAX);
}

bool field_bool(struct call *c, const char *name)
{
    const json_t *v = field(c->in, name);
    if (v && !json_is_boolean(v))
        wrong(c, name, "true or false");
    return json_is_true(v);
}

static struct ic_view decode_bytes(struct call *c, const json_t *v, const char *name)
{
    struct ic_view bytes = {0};
    if (!json_is_string(v)) {
        wrong(c, name, "base64");
        return bytes;
    }
    IC_BUF_SCOPE(b, LINE_MAX_BYTES);
    const struct ic_view text = ic_view(json_string_value(v), json_string_length(v));
    if (ic_base64_decode(IC_BASE64_STD, text, &b) != IC_OK)
        wrong(c, name, "base64");
    else if (ic_arena_copy(&c->arena, ic_buf_view(&b), &bytes) != IC_OK && c->err == IC_OK)
        c->err = IC_ERR_NOMEM;
    return bytes;
}

struct ic_view field_bytes(struct call *c, const json_t *in, const char *name)
{
    const json_t *v = field(in, name);
    return v ? decode_bytes(c, v, name) : ic_view(NULL, 0);
}

const char *field_text(struct call *c, const char *name)
{
    const json_t *v = field(c->in, name);
    if (v && !json_is_string(v))
        wrong(c, name, "a string");
    return json_is_string(v) ? json_string_value(v) : "";
}

const json_t *field_list(struct call *c, const json_t *in, const char *name)
{
    const json_t *v = field(in, name);
    if (v && (!json_is_array(v) || json_array_size(v) > REPEATED_MAX)) {
        wrong(c, name, "a list that is not too long");
        return NULL;
    }
    return v;
}

const struct ic_view *field_bytes_list(struct call *c, const char *name, size_t *count)
{
    const json_t *list = field_list(c, c->in, name);
    size_t n = json_array_size(list);
    struct ic_view *all = ic_arena_alloc(&c->arena, n + 1, sizeof *all);
    *count = 0;
    if (!all) {
        c->err = IC_ERR_NOMEM;
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        all[i] = decode_bytes(c, json_array_get(list, i), name);
    *count = n;
    return all;
}

struct ic_view field_extensions(struct call *c, const json_t *in)
{
    struct ic_view bytes = {0};
    const json_t *list = field_list(c, in, "extensions");
    IC_BUF_SCOPE(b, LINE_MAX_BYTES);
    struct ic_writer w = ic_writer(&b);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i);
        if (!json_is_object(e))
            wrong(c, "extensions", "a list of objects");
        uint16_t type = (uint16_t)field_number(c, e, "extension_type", UINT16_MAX);
        ic_mlspub_extension_write(&w, type, field_bytes(c, e, "extension_data"));
    }
    ic_err e = ic_writer_end(&w);
    if (e == IC_OK)
        e = ic_arena_copy(&c->arena, ic_buf_view(&b), &bytes);
    if (c->err == IC_OK)
        c->err = e;
    return bytes;
}

const struct ic_suite *field_suite(struct call *c)
{
    uint64_t id = field_number(c, c->in, "cipher_suite", UINT16_MAX);
    const struct ic_suite *s = ic_suite_find((uint16_t)id);
    if (!s && c->err == IC_OK)
        c->err = refuse(c, IC_ERR_UNSUPPORTED, "unsupported: cipher suite %u", (unsigned)id);
    return s;
}

void answer_number(struct call *c, const char *name, uint64_t v)
{
    if (json_object_set_new(c->out, name, json_integer((json_int_t)v)) != 0)
        c->err = IC_ERR_NOMEM;
}

void answer_bytes(struct call *c, const char *name, struct ic_view v)
{
    char *text = ic_calloc(ic_base64_len(IC_BASE64_STD, v.len) + 1, 1);
    if (!text) {
        c->err = IC_ERR_NOMEM;
        return;
    }
    ic_base64_encode(IC_BASE64_STD, v, text);
    if (json_object_set_new(c->out, name, json_string(text)) != 0)
        c->err = IC_ERR_NOMEM;
    ic_free(text);
}

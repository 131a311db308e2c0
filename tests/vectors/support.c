#include "vectors.h"

#include <ic/base/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ic_view vec_hex(struct vec *v, const json_t *string)
{
    const char *text = json_string_value(string);
    if (!text)
        return ic_view(NULL, 0);
    IC_BUF_SCOPE(b, 64u << 20);
    struct ic_view out;
    if (ic_hex_decode(ic_view_cstr(text), &b) != IC_OK ||
        ic_arena_copy(&v->arena, ic_buf_view(&b), &out) != IC_OK) {
        fprintf(stderr, "not hexadecimal, or no memory\n");
        exit(2);
    }
    return out;
}

struct ic_view vec_bytes(struct vec *v, const json_t *o, const char *key)
{
    return vec_hex(v, json_object_get(o, key));
}

uint64_t vec_int(const json_t *o, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(o, key));
}

const struct ic_suite *vec_suite(struct vec *v, const json_t *c)
{
    uint64_t id = vec_int(c, "cipher_suite");
    const struct ic_suite *s = id > 0 && id < UINT16_MAX ? ic_suite_find((uint16_t)id) : NULL;
    if (!s) {
        v->skipped = true;
        snprintf(v->why, sizeof v->why, "this build has no suite %llu", (unsigned long long)id);
    }
    return s;
}

ic_err vec_sign_key(const struct ic_suite *s, struct ic_view private_key, struct ic_sign_key **out)
{
    uint8_t scalar[66] = {0};
    size_t len = s->sig == IC_ECDSA_P256_SHA256   ? 32
                 : s->sig == IC_ECDSA_P384_SHA384 ? 48
                 : s->sig == IC_ECDSA_P521_SHA512 ? 66
                                                  : private_key.len;
    if (private_key.len > len || len > sizeof scalar)
        return IC_ERR_KEY;
    memcpy(scalar + len - private_key.len, private_key.p, private_key.len);
    return ic_sign_key_import(s->sig, ic_view(scalar, len), out);
}

bool vec_fail(struct vec *v, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(v->why, sizeof v->why, format, args);
    va_end(args);
    return false;
}

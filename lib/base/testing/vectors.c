#include <ic/base/text.h>
#include <ic/base/vectors.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *ic_test_vectors_dir(void)
{
    static const char beside[] = IC_SOURCE_ROOT "/../shared/vectors";
    const char *named = getenv("IC_VECTORS");
    if (named && *named)
        return is_dir(named) ? named : NULL;
    return is_dir(beside) ? beside : NULL;
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *text = NULL;
    if (fseek(f, 0, SEEK_END) == 0) {
        long n = ftell(f);
        rewind(f);
        text = n >= 0 ? malloc((size_t)n + 1) : NULL;
        if (text)
            text[fread(text, 1, (size_t)n, f)] = 0;
    }
    fclose(f);
    return text;
}

/* jansson knows no integer above INT64_MAX: such a one becomes a string of the same digits. */
static char *quote_big_integers(const char *text)
{
    char *out = malloc(strlen(text) * 2 + 1), *o = out;
    bool in_string = false;
    if (!out)
        abort();
    for (const char *p = text; *p;) {
        size_t digits = in_string ? 0 : strspn(p, "0123456789");
        bool big = digits > 19 || (digits == 19 && strncmp(p, "9223372036854775807", 19) > 0);
        if (big)
            *o++ = '"';
        size_t n = digits ? digits : in_string && *p == '\\' && p[1] ? 2 : 1;
        if (*p == '"')
            in_string = !in_string;
        memcpy(o, p, n);
        o += n;
        p += n;
        if (big)
            *o++ = '"';
    }
    *o = 0;
    return out;
}

json_t *ic_test_vectors_load(const char *rel)
{
    const char *dir = ic_test_vectors_dir();
    char path[PATH_MAX];
    if (!dir || snprintf(path, sizeof path, "%s/%s", dir, rel) >= (int)sizeof path)
        return NULL;
    char *raw = read_file(path);
    if (!raw)
        return NULL;
    char *text = quote_big_integers(raw);
    json_error_t error;
    json_t *v = json_loads(text, 0, &error);
    free(raw);
    free(text);
    if (!v) {
        fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
        abort();
    }
    return v;
}

ic_err ic_test_json_bytes(const json_t *object, const char *key, struct ic_buf *out)
{
    const json_t *s = json_object_get(object, key);
    if (!json_is_string(s))
        return IC_ERR_NOT_FOUND;
    ic_buf_reset(out);
    return ic_hex_decode(ic_view(json_string_value(s), json_string_length(s)), out);
}

ic_err ic_test_json_u64(const json_t *object, const char *key, uint64_t *out)
{
    const json_t *v = json_object_get(object, key);
    if (json_is_string(v)) {
        char *end = NULL;
        uint64_t n = strtoull(json_string_value(v), &end, 10);
        if (*end)
            return IC_ERR_NOT_FOUND;
        *out = n;
        return IC_OK;
    }
    if (!json_is_integer(v))
        return IC_ERR_NOT_FOUND;
    *out = (uint64_t)json_integer_value(v);
    return IC_OK;
}

long long ic_test_json_int(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_integer(v) ? json_integer_value(v) : -1;
}

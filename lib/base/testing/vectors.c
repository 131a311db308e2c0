#include <ic/base/text.h>
#include <ic/base/vectors.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

json_t *ic_test_vectors_load(const char *rel)
{
    const char *dir = ic_test_vectors_dir();
    char path[PATH_MAX];
    if (!dir || snprintf(path, sizeof path, "%s/%s", dir, rel) >= (int)sizeof path)
        return NULL;
    if (access(path, R_OK) != 0)
        return NULL;
    json_error_t error;
    json_t *v = json_load_file(path, 0, &error);
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

long long ic_test_json_int(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_integer(v) ? json_integer_value(v) : -1;
}

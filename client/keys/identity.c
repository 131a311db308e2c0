#include "identity.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/os/os.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 512 };

/* $XDG_DATA_HOME/incamera, made if it is missing. */
static bool default_path(char *path, size_t len)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char dir[400];
    if (data && data[0] == '/')
        snprintf(dir, sizeof dir, "%s/incamera", data);
    else if (home && home[0] == '/')
        snprintf(dir, sizeof dir, "%s/.local/share/incamera", home);
    else
        return false;
    for (char *p = dir + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = 0;
        if (mkdir(dir, 0700) != 0 && errno != EEXIST)
            return false;
        *p = '/';
    }
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return false;
    return snprintf(path, len, "%s/identity", dir) < (int)len;
}

static ic_err write_file(const char *path, const struct icc_identity *id)
{
    IC_SECRET_SCOPE(raw);
    IC_TRY(ic_sign_key_export(id->key, &raw));
    char hex[2 * IC_SECRET_MAX + 1], text[FILE_MAX];
    ic_hex_encode(ic_secret_view(&raw), hex);
    int n = snprintf(text, sizeof text, "incamera-identity 1\nsuite %u\nprivate %s\n",
                     id->suite->id, hex);
    ic_wipe(hex, sizeof hex);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, text, (size_t)n) == n && fsync(fd) == 0;
    ic_wipe(text, sizeof text);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && !ok)
        unlink(path);
    return ok ? IC_OK : IC_ERR_IO;
}

static ic_err parse(const char *text, struct icc_identity *out)
{
    unsigned suite = 0;
    char hex[2 * IC_SECRET_MAX + 2] = "";
    int end = 0;
    int n =
        sscanf(text, "incamera-identity 1\nsuite %u\nprivate %133[0-9a-f]\n%n", &suite, hex, &end);
    if (n != 2 || text[end] != 0 || suite > UINT16_MAX)
        return IC_ERR_MALFORMED;
    out->suite = ic_suite_find((uint16_t)suite);
    if (!out->suite)
        return IC_ERR_UNSUPPORTED;
    struct ic_buf raw;
    ic_buf_init(&raw, IC_SECRET_MAX);
    ic_err e = ic_buf_reserve(&raw, IC_SECRET_MAX);
    if (e == IC_OK)
        e = ic_hex_decode(ic_view_cstr(hex), &raw);
    if (e == IC_OK)
        e = ic_sign_key_import(out->suite->sig, ic_buf_view(&raw), &out->key);
    ic_wipe(hex, sizeof hex);
    ic_buf_clear_secret(&raw);
    return e;
}

static ic_err read_file(int fd, const char *path, struct icc_identity *out, char *why,
                        size_t why_len)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        snprintf(why, why_len, "%s is no file", path);
        return IC_ERR_IO;
    }
    if (st.st_mode & 077) {
        snprintf(why, why_len, "%s may be read by others: chmod 600 it, or make a new identity",
                 path);
        return IC_ERR_DENIED;
    }
    char text[FILE_MAX] = "";
    ssize_t n = read(fd, text, sizeof text - 1);
    ic_err e = n > 0 ? parse(text, out) : IC_ERR_MALFORMED;
    ic_wipe(text, sizeof text);
    if (e != IC_OK)
        snprintf(why, why_len, "%s is no identity file: %s", path, ic_err_text(e));
    return e;
}

static ic_err make_file(const char *path, uint16_t suite, struct icc_identity *out, char *why,
                        size_t why_len)
{
    struct ic_rand rand = ic_os_rand();
    out->suite = ic_suite_find(suite);
    ic_err e =
        out->suite ? ic_sign_key_generate(out->suite->sig, &rand, &out->key) : IC_ERR_UNSUPPORTED;
    if (e == IC_OK)
        e = write_file(path, out);
    if (e != IC_OK)
        snprintf(why, why_len, "%s cannot be made: %s", path, ic_err_text(e));
    return e;
}

ic_err icc_identity_load(const char *path, uint16_t suite, struct icc_identity *out, char *why,
                         size_t why_len)
{
    char standard[512];
    if (!path && !default_path(standard, sizeof standard)) {
        snprintf(why, why_len,
                 "no place for the identity: set HOME, or name a file with --identity");
        return IC_ERR_IO;
    }
    path = path ? path : standard;
    struct icc_identity id = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ic_err e;
    if (fd >= 0) {
        e = read_file(fd, path, &id, why, why_len);
        close(fd);
    } else if (errno == ENOENT) {
        e = make_file(path, suite, &id, why, why_len);
    } else {
        snprintf(why, why_len, "%s: %s", path, strerror(errno));
        e = IC_ERR_IO;
    }
    if (e != IC_OK) {
        icc_identity_clear(&id);
        return e;
    }
    *out = id;
    return IC_OK;
}

void icc_identity_clear(struct icc_identity *id)
{
    ic_sign_key_free(id->key);
    *id = (struct icc_identity){0};
}

#include "identity/base/keyfile.h"

#include "identity/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <ic/base/text.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_LEN = 32, LINE = 2 * KEY_LEN + 1, PATH = 400 };

static ic_err write_all(int fd, const char *line)
{
    for (size_t at = 0; at < LINE;) {
        ssize_t n = write(fd, line + at, LINE - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return IC_ERR_IO;
        at += (size_t)n;
    }
    return fsync(fd) == 0 ? IC_OK : IC_ERR_IO;
}

/* Whole or not at all: made beside it, then named. */
static ic_err save(const char *path, const struct ic_sign_key *key)
{
    IC_SECRET_SCOPE(secret);
    char line[LINE + 1], fresh[PATH + 8];
    IC_TRY(ic_sign_key_export(key, &secret));
    if (secret.len != KEY_LEN)
        return IC_ERR_KEY;
    ic_hex_encode(ic_secret_view(&secret), line);
    line[LINE - 1] = '\n';
    snprintf(fresh, sizeof fresh, "%s.new", path);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    ic_err e = fd < 0 || fchmod(fd, 0600) != 0 ? IC_ERR_IO : write_all(fd, line);
    ic_wipe(line, sizeof line);
    if (fd >= 0)
        close(fd);
    if (e == IC_OK && rename(fresh, path) != 0)
        e = IC_ERR_IO;
    return e;
}

static ic_err parse(const char *line, size_t len, struct ic_sign_key **out)
{
    struct ic_buf bytes;
    if (len != LINE || line[LINE - 1] != '\n')
        return IC_ERR_MALFORMED;
    ic_buf_init(&bytes, KEY_LEN);
    ic_err e = ic_buf_reserve(&bytes, KEY_LEN);
    if (e == IC_OK)
        e = ic_hex_decode(ic_view(line, LINE - 1), &bytes);
    if (e == IC_OK)
        e = ic_sign_key_import(IC_ECDSA_P256_SHA256, ic_buf_view(&bytes), out);
    ic_buf_clear_secret(&bytes);
    return e;
}

static ic_err load(const char *path, struct ic_sign_key **out, char *why)
{
    char line[LINE + 2];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return IC_ERR_NOT_FOUND;
    ssize_t n = fd < 0 || fstat(fd, &st) != 0 ? -1 : read(fd, line, sizeof line);
    if (fd >= 0)
        close(fd);
    ic_err e = n < 0 ? IC_ERR_IO : IC_OK;
    if (e == IC_OK && (st.st_mode & 077) != 0)
        e = IC_ERR_DENIED;
    if (e == IC_OK)
        e = parse(line, (size_t)n, out);
    ic_wipe(line, sizeof line);
    if (e == IC_ERR_DENIED)
        snprintf(why, ICD_IDENTITY_WHY, "%s: others may read this key (chmod 600)", path);
    else if (e != IC_OK)
        snprintf(why, ICD_IDENTITY_WHY, "%s: %s", path, ic_err_text(e));
    return e;
}

ic_err icd_keyfile(const char *path, bool make, const struct ic_rand *rand,
                   struct ic_sign_key **out, char *why)
{
    ic_err e = path ? load(path, out, why) : IC_ERR_NOT_FOUND;
    if (e != IC_ERR_NOT_FOUND || !make)
        return e;
    struct ic_sign_key *key;
    IC_TRY(ic_sign_key_generate(IC_ECDSA_P256_SHA256, rand, &key));
    e = path ? save(path, key) : IC_OK;
    if (e != IC_OK) {
        snprintf(why, ICD_IDENTITY_WHY, "%s: %s", path, ic_err_text(e));
        ic_sign_key_free(key);
        return e;
    }
    *out = key;
    return IC_OK;
}

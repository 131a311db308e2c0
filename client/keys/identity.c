#include "identity.h"

#include "base/ask.h"
#include "identity/profile.h"

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

enum { FILE_MAX = 700 };

/* A new file with that text. */
static ic_err write_text(const char *path, const char *text)
{
    size_t n = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? IC_ERR_EXISTS : IC_ERR_IO;
    bool ok = write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
    close(fd);
    if (!ok)
        unlink(path);
    return ok ? IC_OK : IC_ERR_IO;
}

static ic_err write_file(const char *path, const struct icc_identity *id)
{
    IC_SECRET_SCOPE(raw);
    IC_TRY(ic_sign_key_export(id->key, &raw));
    char hex[2 * IC_SECRET_MAX + 1], text[FILE_MAX];
    ic_hex_encode(ic_secret_view(&raw), hex);
    snprintf(text, sizeof text, "incamera-identity 1\nsuite %u\nprivate %s\n", id->suite->id, hex);
    ic_wipe(hex, sizeof hex);
    ic_err e = write_text(path, text);
    ic_wipe(text, sizeof text);
    return e;
}

static ic_err open_token(const char *uri, struct icc_identity *out, char *why, size_t why_len)
{
    ic_err e = ic_pkcs11_open(uri, NULL, &out->token, why, why_len);
    char pin[128];
    if (e == IC_ERR_AUTH && icc_ask_secret("PIN of the token: ", pin, sizeof pin)) {
        e = ic_pkcs11_open(uri, pin, &out->token, why, why_len);
        ic_wipe(pin, sizeof pin);
    }
    IC_TRY(e);
    return ic_pkcs11_key(out->token, &out->key);
}

static ic_err parse_private(const char *hex, struct icc_identity *out)
{
    struct ic_buf raw;
    ic_buf_init(&raw, IC_SECRET_MAX);
    ic_err e = ic_buf_reserve(&raw, IC_SECRET_MAX);
    if (e == IC_OK)
        e = ic_hex_decode(ic_view_cstr(hex), &raw);
    if (e == IC_OK)
        e = ic_sign_key_import(out->suite->sig, ic_buf_view(&raw), &out->key);
    ic_buf_clear_secret(&raw);
    return e;
}

/* why: of the token; "" where the text itself is wrong. */
static ic_err parse(const char *text, struct icc_identity *out, char *why, size_t why_len)
{
    unsigned suite = 0;
    char kind[8] = "", value[FILE_MAX] = "";
    int end = 0;
    why[0] = 0;
    int n = sscanf(text, "incamera-identity 1\nsuite %u\n%7[a-z0-9] %511[!-~]\n%n", &suite, kind,
                   value, &end);
    if (n != 3 || !end || text[end] != 0 || suite > UINT16_MAX)
        return IC_ERR_MALFORMED;
    out->suite = ic_suite_find((uint16_t)suite);
    if (!out->suite)
        return IC_ERR_UNSUPPORTED;
    ic_err e = IC_ERR_MALFORMED;
    if (strcmp(kind, "private") == 0)
        e = parse_private(value, out);
    else if (strcmp(kind, "pkcs11") == 0)
        e = open_token(value, out, why, why_len);
    ic_wipe(value, sizeof value);
    if (e == IC_OK && ic_sign_key_id(out->key) != out->suite->sig)
        e = IC_ERR_KEY;
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
    why[0] = 0;
    ic_err e = n > 0 ? parse(text, out, why, why_len) : IC_ERR_MALFORMED;
    ic_wipe(text, sizeof text);
    if (e != IC_OK && !why[0])
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
    char standard[ICC_PROFILE_PATH];
    if (!path && icc_profile_path("identity", standard) != IC_OK) {
        snprintf(
            why, why_len,
            "no place for the identity: set HOME or INCAMERA_HOME, or name a file with --identity");
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

static const struct ic_suite *suite_of(enum ic_sig_id id)
{
    const struct ic_suite *s, *preferred = ic_suite_find(2);
    if (preferred && preferred->sig == id)
        return preferred;
    for (size_t i = 0; (s = ic_suite_at(i)); i++)
        if (s->sig == id)
            return s;
    return NULL;
}

static ic_err make_in_token(const char *uri, struct icc_identity *id, char *why, size_t why_len)
{
    const enum ic_sig_id sig = IC_ECDSA_P256_SHA256; /* what external authorities certify */
    char pin[128];
    ic_err e = ic_pkcs11_generate(uri, NULL, sig, &id->token, why, why_len);
    if (e == IC_ERR_AUTH && icc_ask_secret("PIN of the token: ", pin, sizeof pin)) {
        e = ic_pkcs11_generate(uri, pin, sig, &id->token, why, why_len);
        ic_wipe(pin, sizeof pin);
    }
    IC_TRY(e);
    return ic_pkcs11_key(id->token, &id->key);
}

static ic_err keep_token(const char *path, const char *uri, struct icc_identity *id, char *why,
                         size_t why_len)
{
    char text[FILE_MAX];
    id->suite = suite_of(ic_sign_key_id(id->key));
    int n = id->suite ? snprintf(text, sizeof text, "incamera-identity 1\nsuite %u\npkcs11 %s\n",
                                 id->suite->id, uri)
                      : 0;
    ic_err e = n > 0 && n < (int)sizeof text ? write_text(path, text) : IC_ERR_UNSUPPORTED;
    if (e != IC_OK)
        snprintf(why, why_len, "%s cannot be made: %s", path, ic_err_text(e));
    return e;
}

ic_err icc_identity_from_token(const char *path, const char *uri, bool generate,
                               struct icc_identity *out, char *why, size_t why_len)
{
    char standard[ICC_PROFILE_PATH];
    struct icc_identity id = {0};
    if (!path) {
        IC_TRY(icc_profile_path("identity", standard));
        path = standard;
    }
    if (access(path, F_OK) == 0) {
        snprintf(why, why_len, "this device has a key already, in %s", path);
        return IC_ERR_EXISTS;
    }
    ic_err e =
        generate ? make_in_token(uri, &id, why, why_len) : open_token(uri, &id, why, why_len);
    if (e == IC_OK)
        e = keep_token(path, uri, &id, why, why_len);
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
    ic_pkcs11_free(id->token);
    *id = (struct icc_identity){0};
}

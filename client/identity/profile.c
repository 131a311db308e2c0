#include "identity/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool folder_of(char *out, size_t len)
{
    const char *own = getenv("INCAMERA_HOME"), *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    int n = own && own[0]            ? snprintf(out, len, "%s", own)
            : data && data[0] == '/' ? snprintf(out, len, "%s/incamera", data)
            : home && home[0] == '/' ? snprintf(out, len, "%s/.local/share/incamera", home)
                                     : -1;
    return n > 0 && (size_t)n < len;
}

static bool make_folder(char *path)
{
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = 0;
        bool ok = mkdir(path, 0700) == 0 || errno == EEXIST;
        *p = '/';
        if (!ok)
            return false;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

ic_err icc_profile_path(const char *file, char out[ICC_PROFILE_PATH])
{
    char folder[ICC_PROFILE_PATH - 64];
    if (!folder_of(folder, sizeof folder) || !make_folder(folder))
        return IC_ERR_IO;
    snprintf(out, ICC_PROFILE_PATH, "%s%s%s", folder, file[0] ? "/" : "", file);
    return IC_OK;
}

static ic_err read_all(int fd, struct ic_buf *out)
{
    char chunk[4096];
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0)
        IC_TRY(ic_buf_append(out, ic_view(chunk, (size_t)n)));
    return n < 0 ? IC_ERR_IO : IC_OK;
}

ic_err icc_file_read(const char *path, struct ic_buf *out)
{
    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, out);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? IC_ERR_NOT_FOUND : IC_ERR_IO;
    size_t before = out->len;
    ic_err e = read_all(fd, out);
    if (e != IC_OK)
        out->len = before;
    close(fd);
    return e;
}

ic_err icc_profile_read(const char *file, struct ic_buf *out)
{
    char path[ICC_PROFILE_PATH];
    IC_TRY(icc_profile_path(file, path));
    return icc_file_read(path, out);
}

static bool write_all(int fd, struct ic_view v)
{
    for (ssize_t n; v.len; v = ic_view_sub(v, (size_t)n, v.len - (size_t)n)) {
        n = write(fd, v.p, v.len);
        if (n <= 0)
            return false;
    }
    return fsync(fd) == 0;
}

ic_err icc_profile_write(const char *file, struct ic_view content)
{
    char path[ICC_PROFILE_PATH], fresh[ICC_PROFILE_PATH + 8], folder[ICC_PROFILE_PATH];
    IC_TRY(icc_profile_path(file, path));
    IC_TRY(icc_profile_path("", folder));
    snprintf(fresh, sizeof fresh, "%s.XXXXXX", path);
    int fd = mkostemp(fresh, O_CLOEXEC); /* 0600 */
    if (fd < 0)
        return IC_ERR_IO;
    bool ok = write_all(fd, content);
    ok = close(fd) == 0 && ok && rename(fresh, path) == 0;
    if (!ok) {
        unlink(fresh);
        return IC_ERR_IO;
    }
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0) { /* the new name is on disk as well */
        fsync(dir);
        close(dir);
    }
    return IC_OK;
}

ic_err icc_profile_remove(const char *file)
{
    char path[ICC_PROFILE_PATH];
    IC_TRY(icc_profile_path(file, path));
    return unlink(path) == 0 || errno == ENOENT ? IC_OK : IC_ERR_IO;
}

bool icc_profile_has(const char *file)
{
    char path[ICC_PROFILE_PATH];
    return icc_profile_path(file, path) == IC_OK && access(path, F_OK) == 0;
}

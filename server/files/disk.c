#include "files/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ic/base/mem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct icd_files_disk {
    int dir;
};

static ic_err err_of(int number)
{
    switch (number) {
    case ENOENT:
        return IC_ERR_NOT_FOUND;
    case EEXIST:
        return IC_ERR_EXISTS;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return IC_ERR_LIMIT;
    case ENOMEM:
        return IC_ERR_NOMEM;
    default:
        return IC_ERR_IO;
    }
}

/* The folder of a session; -1 with errno. */
static int open_session(const struct icd_files_disk *d, const char *session)
{
    return openat(d->dir, session, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static ic_err open_file(const struct icd_files_disk *d, const struct icd_disk_place *place,
                        int flags, int *fd)
{
    int dir = open_session(d, place->session);
    if (dir < 0)
        return err_of(errno);
    int file = openat(dir, place->file, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    int error = errno;
    /* A new name is durable with its folder. */
    if (file >= 0 && (flags & O_CREAT) && fsync(dir) != 0) {
        error = errno;
        close(file);
        file = -1;
    }
    close(dir);
    if (file < 0)
        return err_of(error);
    *fd = file;
    return IC_OK;
}

static ic_err make(void *self, const struct icd_disk_place *place)
{
    const struct icd_files_disk *d = self;
    int fd;
    if (mkdirat(d->dir, place->session, 0700) == 0) {
        if (fsync(d->dir) != 0)
            return err_of(errno);
    } else if (errno != EEXIST) {
        return err_of(errno);
    }
    IC_TRY(open_file(d, place, O_WRONLY | O_CREAT | O_EXCL, &fd));
    close(fd);
    return IC_OK;
}

static ic_err length(void *self, const struct icd_disk_place *place, uint64_t *out)
{
    struct stat st;
    int fd;
    IC_TRY(open_file(self, place, O_RDONLY, &fd));
    int bad = fstat(fd, &st);
    close(fd);
    if (bad || !S_ISREG(st.st_mode))
        return IC_ERR_IO;
    *out = (uint64_t)st.st_size;
    return IC_OK;
}

/* Whoever still has it open reads nothing any more: what is dropped gives its space back at once. */
static void drop_at(int dir, const char *name)
{
    int fd = openat(dir, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        if (ftruncate(fd, 0) != 0)
            errno = 0; /* its name goes all the same */
        close(fd);
    }
    unlinkat(dir, name, 0);
}

static void drop(void *self, const struct icd_disk_place *place)
{
    const struct icd_files_disk *d = self;
    int dir = open_session(d, place->session);
    if (dir < 0)
        return;
    drop_at(dir, place->file);
    close(dir);
    unlinkat(d->dir, place->session, AT_REMOVEDIR); /* where it is empty */
}

/* Calls f for every entry of a folder; fd is consumed. */
static void each(int fd, void (*f)(void *ctx, const char *name), void *ctx)
{
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *e = readdir(dir); e; e = readdir(dir))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            f(ctx, e->d_name);
    closedir(dir);
}

static void drop_entry(void *ctx, const char *name)
{
    drop_at(*(int *)ctx, name);
}

static void drop_session(void *self, const char *session)
{
    const struct icd_files_disk *d = self;
    int dir = open_session(d, session);
    if (dir < 0)
        return;
    each(dup(dir), drop_entry, &dir);
    close(dir);
    unlinkat(d->dir, session, AT_REMOVEDIR);
}

struct sweeping {
    struct icd_files_disk *disk;
    bool (*keep)(void *ctx, const char *session, const char *file);
    void *ctx;
    const char *session;
    int dir;
};

static void sweep_file(void *ctx, const char *name)
{
    const struct sweeping *s = ctx;
    if (!s->keep(s->ctx, s->session, name))
        drop_at(s->dir, name);
}

static void sweep_session(void *ctx, const char *name)
{
    struct sweeping *s = ctx;
    if (!s->keep(s->ctx, name, NULL)) {
        drop_session(s->disk, name);
        return;
    }
    s->session = name;
    s->dir = open_session(s->disk, name);
    if (s->dir < 0)
        return;
    each(dup(s->dir), sweep_file, s);
    close(s->dir);
}

static void sweep(void *self, bool (*keep)(void *ctx, const char *session, const char *file),
                  void *ctx)
{
    struct icd_files_disk *d = self;
    struct sweeping s = {.disk = d, .keep = keep, .ctx = ctx};
    each(openat(d->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), sweep_session, &s);
}

ic_err icd_disk_open(const char *path, struct icd_files_disk **out)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return IC_ERR_IO;
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return IC_ERR_IO;
    struct icd_files_disk *d = ic_new(struct icd_files_disk);
    if (!d) {
        close(dir);
        return IC_ERR_NOMEM;
    }
    d->dir = dir;
    *out = d;
    return IC_OK;
}

void icd_disk_close(struct icd_files_disk *d)
{
    if (!d)
        return;
    close(d->dir);
    ic_free(d);
}

struct icd_disk icd_disk_seam(struct icd_files_disk *d)
{
    static const struct icd_disk_ops ops = {make, length, drop, drop_session, sweep};
    return (struct icd_disk){&ops, d};
}

static ic_err write_all(int fd, uint64_t at, struct ic_view bytes)
{
    while (bytes.len) {
        ssize_t n = pwrite(fd, bytes.p, bytes.len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_of(n < 0 ? errno : EIO);
        at += (uint64_t)n;
        bytes = ic_view_sub(bytes, (size_t)n, bytes.len - (size_t)n);
    }
    return fdatasync(fd) == 0 ? IC_OK : err_of(errno);
}

ic_err icd_disk_write(const struct icd_files_disk *d, const struct icd_disk_place *place,
                      uint64_t at, struct ic_view bytes)
{
    int fd;
    IC_TRY(open_file(d, place, O_WRONLY, &fd));
    ic_err e = write_all(fd, at, bytes);
    close(fd);
    return e;
}

ic_err icd_disk_read(const struct icd_files_disk *d, const struct icd_disk_place *place, int *fd)
{
    return open_file(d, place, O_RDONLY, fd);
}

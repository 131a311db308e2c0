#include "main/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static ic_err fail(const char *path, char *why)
{
    snprintf(why, ICD_CONFIG_WHY, "%s: %s", path, strerror(errno));
    return IC_ERR_IO;
}

static ic_err make_dir(const char *path, mode_t mode, char *why)
{
    if (!path[0] || mkdir(path, mode) == 0 || errno == EEXIST)
        return IC_OK;
    return fail(path, why);
}

static ic_err take_lock(const char *data_dir, int *out, char *why)
{
    char path[ICD_CONFIG_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/incamerad.lock", data_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(path, why);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        *out = fd + 1;
        return IC_OK;
    }
    int error = errno;
    close(fd);
    errno = error;
    if (error != EWOULDBLOCK)
        return fail(path, why);
    snprintf(why, ICD_CONFIG_WHY, "%s: another incamerad works on this data_dir", data_dir);
    return IC_ERR_EXISTS;
}

ic_err icd_folders_open(const struct icd_config *c, struct icd_folders *out, char *why)
{
    umask(022);
    IC_TRY(make_dir(c->data_dir, 0700, why));
    IC_TRY(take_lock(c->data_dir, &out->lock, why));
    IC_TRY(make_dir(c->run_dir, 0755, why));
    if (c->run_dir[0])
        snprintf(out->pid_path, sizeof out->pid_path, "%s/incamerad.pid", c->run_dir);
    return make_dir(c->log_dir, 0750, why);
}

ic_err icd_folders_say(struct icd_folders *f, char *why)
{
    if (!f->pid_path[0])
        return IC_OK;
    FILE *file = fopen(f->pid_path, "we");
    if (!file)
        return fail(f->pid_path, why);
    bool written = fprintf(file, "%d\n", (int)getpid()) > 0;
    if (fclose(file) != 0 || !written)
        return fail(f->pid_path, why);
    f->said = true;
    return IC_OK;
}

void icd_folders_close(struct icd_folders *f)
{
    if (f->said)
        unlink(f->pid_path);
    if (f->lock)
        close(f->lock - 1);
    memset(f, 0, sizeof *f);
}

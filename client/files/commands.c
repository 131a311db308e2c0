/* What people ask for. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <ic/base/mem.h>
#include <ic/together/kinds.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static ic_err err_of(int error)
{
    return error == ENOENT || error == ENOTDIR  ? IC_ERR_NOT_FOUND
           : error == EACCES || error == EPERM  ? IC_ERR_DENIED
           : error == EEXIST || error == EISDIR ? IC_ERR_EXISTS
           : error == ENOSPC || error == EDQUOT ? IC_ERR_LIMIT
                                                : IC_ERR_IO;
}

static struct transfer *transfer_new(struct icc_files *f)
{
    struct transfer *t = ic_new(struct transfer);
    if (!t)
        return NULL;
    t->owner = f;
    t->fd = -1;
    t->f.chunk = IC_TOGETHER_FILE_CHUNK;
    return t;
}

static void begin(struct transfer *t)
{
    struct transfer **last = &t->owner->first;
    while (*last)
        last = &(*last)->next;
    *last = t;
    icc_files_soon(t->owner, 0);
}

/* What a name's ending says, for those who show it. */
static void guess_type(const char *path, char out[IC_TOGETHER_FILE_TYPE_MAX + 1])
{
    static const char *const types[][2] = {
        {".png", "image/png"},       {".jpg", "image/jpeg"},  {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},       {".webp", "image/webp"}, {".avif", "image/avif"},
        {".pdf", "application/pdf"}, {".txt", "text/plain"},  {".md", "text/markdown"},
        {".zip", "application/zip"}, {".webm", "video/webm"}, {".mp4", "video/mp4"},
    };
    const char *dot = strrchr(path, '.');
    out[0] = 0;
    for (size_t i = 0; dot && i < IC_ARRAY_LEN(types); i++)
        if (strcasecmp(dot, types[i][0]) == 0)
            strcpy(out, types[i][1]);
}

ic_err icc_files_send(struct icc_files *f, const char *path)
{
    struct stat st;
    if (strlen(path) >= ICC_FILES_PATH_MAX)
        return IC_ERR_ARG;
    /* Not to wait where somebody put a pipe. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_of(errno);
    struct transfer *t = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? transfer_new(f) : NULL;
    if (!t || (uint64_t)st.st_size > IC_TOGETHER_FILE_SIZE_MAX) {
        close(fd);
        ic_free(t);
        return t ? IC_ERR_LIMIT : IC_ERR_ARG;
    }
    t->sending = true;
    t->fd = fd;
    t->f.size = (uint64_t)st.st_size;
    t->mtime_ns = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
    strcpy(t->path, path);
    guess_type(path, t->f.type);
    const char *slash = strrchr(path, '/');
    ic_together_file_name(ic_view_cstr(slash ? slash + 1 : path), t->f.name);
    begin(t);
    return IC_OK;
}

/* Where it is to be: beside what is there already, "plan (2).pdf". */
static ic_err choose_path(struct transfer *t, const char *path)
{
    struct stat st;
    const char *folder = path ? path : ".";
    const char *dot = strrchr(t->f.name, '.');
    int stem = dot && dot != t->f.name ? (int)(dot - t->f.name) : (int)strlen(t->f.name);
    if (strlen(folder) + IC_TOGETHER_FILE_NAME_MAX + 16 > ICC_FILES_PATH_MAX)
        return IC_ERR_ARG;
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
        if (path && stat(path, &st) == 0)
            return IC_ERR_EXISTS;
        strcpy(t->path, folder);
        return IC_OK;
    }
    snprintf(t->path, sizeof t->path, "%s/%s", folder, t->f.name);
    for (int n = 2; lstat(t->path, &st) == 0; n++) {
        if (n > 1000)
            return IC_ERR_EXISTS;
        snprintf(t->path, sizeof t->path, "%s/%.*s (%d)%s", folder, stem, t->f.name, n,
                 t->f.name + stem);
    }
    return IC_OK;
}

static ic_err open_temp(struct transfer *t)
{
    char id[IC_TOGETHER_FILE_ID_TEXT + 1];
    const char *slash = strrchr(t->path, '/');
    ic_together_file_id_text(t->f.id, id);
    snprintf(t->temp, sizeof t->temp, "%.*s.%s.part", slash ? (int)(slash + 1 - t->path) : 0,
             t->path, id);
    t->fd = open(t->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (t->fd >= 0)
        return IC_OK;
    ic_err e = err_of(errno);
    t->temp[0] = 0;
    return e;
}

ic_err icc_files_get(struct icc_files *f, struct ic_view text, const char *path)
{
    uint8_t id[IC_TOGETHER_FILE_ID];
    size_t at;
    if (ic_together_file_id_parse(text, id) != IC_OK)
        return IC_ERR_NOT_FOUND;
    IC_TRY(ic_together_files_find(f->list, id, &at));
    if (ic_together_files_at(f->list, at)->gone)
        return IC_ERR_NOT_FOUND;
    if (icc_files_find(f, id))
        return IC_ERR_BUSY;
    struct transfer *t = transfer_new(f);
    if (!t)
        return IC_ERR_NOMEM;
    t->f = ic_together_files_at(f->list, at)->file;
    t->made = true;
    ic_err e = choose_path(t, path);
    if (e == IC_OK)
        e = ic_together_opener_new(&t->f, &t->opener);
    if (e == IC_OK)
        e = open_temp(t);
    if (e == IC_OK)
        begin(t);
    else
        icc_files_transfer_free(t);
    return e;
}

static ic_err running(struct icc_files *f, struct ic_view text, struct transfer **out)
{
    uint8_t id[IC_TOGETHER_FILE_ID];
    if (ic_together_file_id_parse(text, id) != IC_OK)
        return IC_ERR_NOT_FOUND;
    *out = icc_files_find(f, id);
    return *out ? IC_OK : IC_ERR_NOT_FOUND;
}

ic_err icc_files_pause(struct icc_files *f, struct ic_view id)
{
    struct transfer *t;
    IC_TRY(running(f, id, &t));
    if (!t->paused)
        icc_files_tell(t, ICC_FILES_PAUSED, "asked", NULL);
    t->paused = true;
    return IC_OK;
}

ic_err icc_files_resume(struct icc_files *f, struct ic_view id)
{
    struct transfer *t;
    IC_TRY(running(f, id, &t));
    t->paused = false;
    t->tries = 0;
    icc_files_soon(f, 0);
    return IC_OK;
}

ic_err icc_files_cancel(struct icc_files *f, struct ic_view id)
{
    struct transfer *t;
    IC_TRY(running(f, id, &t));
    icc_files_fail(t, "cancelled", "cancelled");
    if (t->sending && t->made)
        icc_files_delete(f, t->f.id);
    icc_files_soon(f, 0);
    return IC_OK;
}

ic_err icc_files_withdraw(struct icc_files *f, struct ic_view text)
{
    IC_BUF_SCOPE(body, 64);
    uint8_t id[IC_TOGETHER_FILE_ID];
    size_t at;
    if (ic_together_file_id_parse(text, id) != IC_OK)
        return IC_ERR_NOT_FOUND;
    IC_TRY(ic_together_files_find(f->list, id, &at));
    if (ic_together_files_at(f->list, at)->gone)
        return IC_ERR_NOT_FOUND;
    if (!f->c.may_withdraw(f->c.ctx, ic_together_files_at(f->list, at)->by))
        return IC_ERR_DENIED;
    IC_TRY(ic_together_file_gone_encode(id, &body));
    IC_TRY(f->c.say(f->c.ctx, IC_TOGETHER_FILE_WITHDRAWN, ic_buf_view(&body)));
    icc_files_delete(f, id);
    return IC_OK;
}

void icc_files_list(struct icc_files *f)
{
    for (size_t i = 0; i < ic_together_files_count(f->list); i++) {
        const struct ic_together_files_entry *e = ic_together_files_at(f->list, i);
        struct icc_files_event told = {.type = ICC_FILES_LISTED, .file = &e->file};
        if (!e->gone)
            f->c.tell(f->c.ctx, &told);
    }
}

const struct ic_together_file *icc_files_numbered(const struct icc_files *f, size_t number)
{
    return number && number <= ic_together_files_count(f->list)
               ? &ic_together_files_at(f->list, number - 1)->file
               : NULL;
}

const char *icc_files_words(ic_err e)
{
    switch (e) {
    case IC_OK:
        return NULL;
    case IC_ERR_NOT_FOUND:
        return "there is no such file or folder";
    case IC_ERR_EXISTS:
        return "there is a file of that name already";
    case IC_ERR_DENIED:
        return "that is not permitted";
    case IC_ERR_LIMIT:
        return "the file is too large, or the disk is full";
    case IC_ERR_ARG:
        return "only a regular file can be sent";
    case IC_ERR_BUSY:
        return "it is on its way already";
    default:
        return ic_err_text(e);
    }
}

/* One file on its way to this disk: fetched a few pieces at a time, opened, written under a temporary name. */
#include "internal.h"

#include <errno.h>
#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void fail_errno(struct transfer *t, int error)
{
    char text[ICC_FILES_PATH_MAX + 128];
    bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    snprintf(text, sizeof text, full ? "no room is left on the disk for %s" : "%s: %s", t->path,
             strerror(error));
    icc_files_fail(t, full ? "full" : "failed", text);
}

static bool write_all(struct transfer *t, struct ic_view v)
{
    while (v.len) {
        ssize_t n = write(t->fd, v.p, v.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            fail_errno(t, n < 0 ? errno : EIO);
            return false;
        }
        v = ic_view_sub(v, (size_t)n, v.len - (size_t)n);
    }
    return true;
}

static void fail_fault(struct transfer *t)
{
    uint64_t chunk;
    char text[200];
    enum ic_together_fault fault = ic_together_opener_fault(t->opener, &chunk);
    const char *words =
        fault == IC_TOGETHER_BAD_CHUNK ? "is damaged, or not what was sent"
        : fault == IC_TOGETHER_SHORT   ? "is missing: the server has less than was sent"
        : fault == IC_TOGETHER_LONG    ? "is longer than what was sent"
                                       : "is the last, and the whole is not what was announced";
    snprintf(text, sizeof text, "part %llu of %llu %s", (unsigned long long)chunk + 1,
             (unsigned long long)ic_together_file_chunks(&t->f), words);
    t->bad = (unsigned)chunk;
    icc_files_fail(t, ic_together_fault_name(fault), text);
}

/* The name is given at last, and never over another file. */
static void finish(struct transfer *t)
{
    if (ic_together_opener_end(t->opener) != IC_OK) {
        fail_fault(t);
        return;
    }
    if (fsync(t->fd) != 0 || link(t->temp, t->path) != 0) {
        fail_errno(t, errno);
        return;
    }
    unlink(t->temp);
    t->temp[0] = 0;
    icc_files_progress(t, true);
    icc_files_tell(t, ICC_FILES_GOT, NULL, NULL);
    icc_files_over(t);
}

/* Whole chunks at the front of what came; false: it is over. */
static bool take(struct transfer *t, struct ic_view body, bool *some)
{
    *some = false;
    while (!ic_together_opener_whole(t->opener)) {
        uint64_t i = ic_together_opener_next(t->opener);
        size_t len = ic_together_file_chunk_len(&t->f, i), sealed = len + IC_TOGETHER_FILE_TAG;
        if (body.len < sealed)
            return true;
        IC_AUTOFREE uint8_t *plain = ic_calloc(1, len + 1);
        if (!plain) {
            icc_files_fail(t, "failed", ic_err_text(IC_ERR_NOMEM));
            return false;
        }
        if (ic_together_open(t->opener, ic_view_sub(body, 0, sealed), plain) != IC_OK)
            return true; /* it may come again */
        bool ok = write_all(t, ic_view(plain, len));
        ic_wipe(plain, len);
        if (!ok)
            return false;
        if (i % ICC_FILES_SYNC == ICC_FILES_SYNC - 1 && fdatasync(t->fd) != 0) {
            fail_errno(t, errno);
            return false;
        }
        t->at += sealed;
        *some = true;
        body = ic_view_sub(body, sealed, body.len - sealed);
    }
    return true;
}

static void took(struct transfer *t, struct ic_view body)
{
    bool some;
    uint64_t chunk;
    if (!take(t, body, &some))
        return;
    if (ic_together_opener_whole(t->opener)) {
        finish(t);
        return;
    }
    if (some) {
        t->tries = t->bad = 0;
        icc_files_progress(t, false);
        return;
    }
    /* Once more, for what the way did to it; then it is what the server has. */
    if (t->bad++ == 0)
        return;
    if (ic_together_opener_fault(t->opener, &chunk) == IC_TOGETHER_FINE)
        IC_IGNORE(ic_together_open(t->opener, ic_view(NULL, 0), NULL)); /* names what is missing */
    fail_fault(t);
}

static void on_answer(void *ctx, int status, struct ic_view body)
{
    struct transfer *t = ctx;
    t->busy = false;
    if (!t->over) {
        if (status == 200 || status == 206)
            took(t, status == 206 || t->at == 0 ? body : ic_view(NULL, 0));
        else if (status == 416)
            took(t, ic_view(NULL, 0)); /* shorter than announced */
        else
            icc_files_trouble(t, status);
    }
    icc_files_soon(t->owner, 0);
}

void icc_files_step_get(struct transfer *t)
{
    char range[64];
    uint64_t i = ic_together_opener_next(t->opener), last = i + ICC_FILES_AHEAD;
    uint64_t chunks = ic_together_file_chunks(&t->f);
    /* An answer holds at most 1 MiB. */
    if (t->f.chunk > IC_TOGETHER_FILE_CHUNK)
        last = i + 1;
    uint64_t end = last >= chunks ? ic_together_file_sealed_size(&t->f)
                                  : ic_together_file_chunk_at(&t->f, last);
    snprintf(range, sizeof range, "bytes=%llu-%llu", (unsigned long long)t->at,
             (unsigned long long)end - 1);
    ic_err e = icc_files_ask_http(t, "GET", NULL, range, ic_view(NULL, 0), on_answer);
    if (e != IC_OK)
        icc_files_fail(t, "failed", ic_err_text(e));
}

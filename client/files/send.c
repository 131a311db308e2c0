/* One file on its way to the meeting: begun, sealed piece by piece, announced. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <ic/base/mem.h>
#include <ic/together/kinds.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char changed[] = "the file changed while it was sent";

/* An index is sealed once: what is to be sent again is kept until the server has it. */
static ic_err seal_next(struct transfer *t)
{
    uint64_t i = ic_together_sealer_next(t->sealer);
    size_t len = ic_together_file_chunk_len(&t->f, i), got = 0;
    IC_AUTOFREE uint8_t *plain = ic_calloc(1, len + 1);
    uint8_t *out;
    if (!plain)
        return IC_ERR_NOMEM;
    while (got < len) {
        ssize_t n = pread(t->fd, plain + got, len - got, (off_t)(i * t->f.chunk + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? IC_ERR_IO : IC_ERR_TRUNCATED;
        got += (size_t)n;
    }
    ic_buf_reset(&t->piece);
    IC_TRY(ic_buf_extend(&t->piece, len + IC_TOGETHER_FILE_TAG, &out));
    ic_err e = ic_together_seal(t->sealer, ic_view(plain, len), out);
    ic_wipe(plain, len);
    return e;
}

static bool unchanged(const struct transfer *t)
{
    struct stat st;
    return fstat(t->fd, &st) == 0 && (uint64_t)st.st_size == t->f.size &&
           st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec == t->mtime_ns;
}

/* The server has so much: what we sent last may be among it, though its answer was lost. */
static bool take_have(struct transfer *t, uint64_t have)
{
    if (have == t->at + t->piece.len) {
        t->at = have;
        ic_buf_reset(&t->piece);
        t->tries = 0;
        icc_files_progress(t, false);
    } else if (have != t->at) {
        icc_files_fail(t, "not-found", "the server has lost what was sent: send the file again");
        return false;
    }
    t->begun = true;
    return true;
}

static void on_answer(void *ctx, int status, struct ic_view body)
{
    struct transfer *t = ctx;
    uint64_t have;
    t->busy = false;
    if (!t->over) {
        if ((status == 200 || status == 201 || status == 409) && icc_files_have(body, &have))
            take_have(t, have);
        else if (status == 409 && !t->begun)
            icc_files_fail(t, "not-found", "the server has another file of this id");
        else
            icc_files_trouble(t, status);
    }
    icc_files_soon(t->owner, 0);
}

static ic_err make(struct transfer *t)
{
    struct icc_files *f = t->owner;
    const char *slash = strrchr(t->path, '/');
    struct ic_view name = ic_view_cstr(slash ? slash + 1 : t->path);
    uint64_t size = t->f.size;
    if (f->piece < IC_TOGETHER_FILE_CHUNK_MIN + IC_TOGETHER_FILE_TAG ||
        f->piece > IC_TOGETHER_FILE_CHUNK_MAX)
        return IC_ERR_UNSUPPORTED;
    IC_TRY(ic_together_file_new(&f->c.rand, name, ic_view_cstr(t->f.type), size, &t->f));
    t->f.chunk = f->piece - IC_TOGETHER_FILE_TAG;
    if (ic_together_file_sealed_size(&t->f) > f->file_max)
        return IC_ERR_LIMIT;
    IC_TRY(ic_together_sealer_new(&t->f, &t->sealer));
    ic_buf_init(&t->piece, f->piece);
    t->made = true;
    return IC_OK;
}

static void announce(struct transfer *t)
{
    struct ic_buf body = {.max = 4096};
    if (!unchanged(t)) {
        icc_files_fail(t, "changed", changed);
        return;
    }
    ic_err e = IC_OK;
    if (ic_together_sealer_next(t->sealer) == ic_together_file_chunks(&t->f)) {
        e = ic_together_sealer_end(t->sealer, t->f.digest);
        if (e == IC_ERR_STATE)
            e = IC_OK; /* a former try has it */
    }
    if (e == IC_OK)
        e = ic_together_file_encode(&t->f, &body);
    if (e == IC_OK)
        e = t->owner->c.say(t->owner->c.ctx, IC_TOGETHER_FILE, ic_buf_view(&body));
    ic_buf_clear_secret(&body);
    if (e == IC_OK)
        t->said = true; /* our own echo ends it */
    else if (e == IC_ERR_STATE || e == IC_ERR_LIMIT || e == IC_ERR_BUSY)
        icc_files_soon(t->owner, 1000);
    else
        icc_files_fail(t, "failed", ic_err_text(e));
}

static ic_err put_next(struct transfer *t)
{
    char query[40];
    if (t->piece.len == 0)
        IC_TRY(seal_next(t));
    snprintf(query, sizeof query, "at=%llu", (unsigned long long)t->at);
    return icc_files_ask_http(t, "PUT", query, NULL, ic_buf_view(&t->piece), on_answer);
}

static ic_err begin(struct transfer *t)
{
    char query[40];
    snprintf(query, sizeof query, "size=%llu",
             (unsigned long long)ic_together_file_sealed_size(&t->f));
    return icc_files_ask_http(t, "POST", query, NULL, ic_view(NULL, 0), on_answer);
}

void icc_files_step_send(struct transfer *t)
{
    ic_err e = IC_OK;
    if (t->said)
        return;
    if (!t->made)
        e = make(t);
    if (e == IC_OK && !t->begun)
        e = begin(t);
    else if (e == IC_OK && t->at < ic_together_file_sealed_size(&t->f))
        e = put_next(t);
    else if (e == IC_OK)
        announce(t);
    if (e == IC_ERR_TRUNCATED)
        icc_files_fail(t, "changed", changed);
    else if (e == IC_ERR_LIMIT)
        icc_files_fail(t, "too-large", "the file is larger than this server takes");
    else if (e != IC_OK)
        icc_files_fail(t, "failed", ic_err_text(e));
}

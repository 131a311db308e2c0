/* Between HTTP and the service for files: pieces are written and synced by the loop's other threads, so that
 * nobody waits for the disk. */
#include "files/files.h"
#include "main/server.h"

#include <ic/base/mem.h>
#include <string.h>
#include <unistd.h>

/* One piece on its way to the disk. */
struct write {
    uv_work_t work;
    struct icd_server *server;
    uint64_t ticket;
    struct icd_files_plan plan;
    struct ic_buf bytes;
    ic_err err;
};

static void finish(struct icd_http_response *out, const struct icd_files_plan *plan)
{
    out->status = plan->status;
    if (out->body.len)
        out->type = "application/json";
}

static void on_work(uv_work_t *work)
{
    struct write *w = work->data;
    w->err = icd_disk_write(w->server->disk, &w->plan.place, w->plan.at, ic_buf_view(&w->bytes));
}

static void on_written(uv_work_t *work, int status)
{
    struct write *w = work->data;
    struct icd_server *s = w->server;
    struct icd_http_response out = {.body = {.max = 4096}};
    s->writing--;
    icd_files_written(s->core, &w->plan, status == 0 ? w->err : IC_ERR_IO, &out.body);
    finish(&out, &w->plan);
    if (s->http)
        icd_http_answer(s->http, w->ticket, &out);
    ic_buf_clear(&out.body);
    ic_buf_clear(&w->bytes);
    ic_free(w);
}

static ic_err begin_write(struct icd_server *s, const struct icd_http_request *r, uint64_t ticket,
                          const struct icd_files_plan *plan)
{
    struct write *w = ic_new(struct write);
    if (!w)
        return IC_ERR_NOMEM;
    w->server = s;
    w->ticket = ticket;
    w->plan = *plan;
    w->work.data = w;
    ic_buf_move(&w->bytes, r->take_body);
    if (uv_queue_work(&s->loop, &w->work, on_work, on_written) != 0) {
        ic_buf_clear(&w->bytes);
        ic_free(w);
        return IC_ERR_NOMEM;
    }
    s->writing++;
    return IC_OK;
}

static void begin_read(struct icd_server *s, const struct icd_files_plan *plan,
                       struct icd_http_response *out)
{
    int fd;
    out->status = 404;
    if (icd_disk_read(s->disk, &plan->place, &fd) != IC_OK)
        return;
    out->status = plan->status;
    out->type = "application/octet-stream";
    out->file = fd + 1;
    out->file_at = plan->at;
    out->file_len = plan->len;
    out->file_total = plan->total;
}

static bool about_files(const struct icd_http_request *r)
{
    size_t n = sizeof ICD_FILES_PATH - 1;
    return r->path.len > n && memcmp(r->path.p, ICD_FILES_PATH "/", n + 1) == 0;
}

bool icd_server_limited(void *ctx, const struct icd_http_request *r)
{
    struct icd_server *s = ctx;
    return s->core && about_files(r) && icd_files_knows(s->core, r->token);
}

void icd_server_files(struct icd_server *s, const struct icd_http_request *r, uint64_t ticket,
                      struct icd_http_response *out)
{
    struct icd_files_call c = {.method = r->method,
                               .path = r->path,
                               .query = r->query,
                               .token = r->token,
                               .range = r->range,
                               .body_len = r->body.len,
                               .now_ms = icd_server_now_ms(s)};
    struct icd_files_plan plan;
    if (!r->same_origin) {
        out->status = 403;
        return;
    }
    icd_files_call(s->core, &c, &plan, &out->body);
    if (plan.act == ICD_FILES_WRITE) {
        ic_err e = begin_write(s, r, ticket, &plan);
        out->later = e == IC_OK;
        if (e != IC_OK)
            icd_files_written(s->core, &plan, e, &out->body);
    }
    if (plan.act == ICD_FILES_READ)
        begin_read(s, &plan, out);
    else if (!out->later)
        finish(out, &plan);
}

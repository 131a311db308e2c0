/* What takes long, on libuv's pool. */
#include "identity/turn.h"

#include <ic/base/mem.h>

enum { JOBS_MAX = 256 };

struct job {
    uv_work_t work;
    struct icd_identity *id;
    struct icd_call *call;
    icd_job_work *fn;
    icd_job_done *done;
    void *ctx;
};

static void on_work(uv_work_t *w)
{
    struct job *j = w->data;
    j->fn(j->ctx);
}

/* The job's answer, as a turn of its own. */
static void finish(struct icd_identity *id, struct icd_call *c, icd_job_done *done, void *ctx)
{
    if (!c) {
        icd_turn_time(id);
        id->handling = NULL;
        done(id, NULL, ctx);
        return;
    }
    icd_turn_time(id);
    id->handling = c;
    c->wrote = c->later = false;
    done(id, c, ctx);
    if (!c->later && c->response.status >= 400 && !c->keep)
        icd_id_undo(id);
    icd_turn_end(id, c);
}

static void on_done(uv_work_t *w, int status)
{
    struct job j = *(struct job *)w->data;
    (void)status; /* nothing of ours is ever cancelled */
    ic_free(w->data);
    j.id->jobs--;
    finish(j.id, j.call, j.done, j.ctx);
}

/* Tests without a loop: at once. The handler that asked is still in its turn. */
static ic_err at_once(struct icd_identity *id, struct icd_call *c, icd_job_work *work,
                      icd_job_done *done, void *ctx)
{
    struct icd_call *outer = id->handling;
    work(ctx);
    if (!c || c == outer) {
        done(id, c, ctx);
        return IC_OK;
    }
    /* Of another request, that waited in a line until this one ended. */
    finish(id, c, done, ctx);
    id->handling = outer;
    return IC_OK;
}

ic_err icd_job(struct icd_identity *id, struct icd_call *c, icd_job_work *work, icd_job_done *done,
               void *ctx)
{
    if (!id->seam.loop)
        return at_once(id, c, work, done, ctx);
    if (id->jobs >= JOBS_MAX || id->ended)
        return IC_ERR_LIMIT;
    struct job *j = ic_new(struct job);
    if (!j)
        return IC_ERR_NOMEM;
    *j = (struct job){.id = id, .call = c, .fn = work, .done = done, .ctx = ctx};
    j->work.data = j;
    if (uv_queue_work(id->seam.loop, &j->work, on_work, on_done) != 0) {
        ic_free(j);
        return IC_ERR_NOMEM;
    }
    id->jobs++;
    if (c)
        c->later = true;
    return IC_OK;
}

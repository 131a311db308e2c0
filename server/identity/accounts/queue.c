/* A line before libuv's pool. */
#include "identity/accounts/private.h"
#include "identity/turn.h"

#include <ic/base/mem.h>

struct icd_queued {
    struct icd_queue *queue;
    struct icd_call *call;
    icd_job_work *work;
    icd_job_done *done;
    void *ctx;
    struct icd_queued *next;
};

static void on_work(void *ctx)
{
    struct icd_queued *q = ctx;
    q->work(q->ctx);
}

static void on_done(struct icd_identity *id, struct icd_call *c, void *ctx);

static ic_err begin(struct icd_identity *id, struct icd_queued *q)
{
    q->queue->at_work++;
    ic_err e = icd_job(id, q->call, on_work, on_done, q);
    if (e != IC_OK)
        q->queue->at_work--;
    return e;
}

/* Who cannot begin (the service ends) is told so by a `done` of its own kind: the work was not done, and the
 * call is refused. */
static void begin_next(struct icd_identity *id, struct icd_queue *line)
{
    while (line->first && line->at_work < line->most) {
        struct icd_queued *q = line->first;
        line->first = q->next;
        if (!line->first)
            line->last = &line->first;
        line->waiting--;
        if (begin(id, q) == IC_OK)
            continue;
        struct icd_call *c = q->call;
        id->handling = NULL;
        q->done(id, NULL, q->ctx);
        ic_free(q);
        c->later = false;
        icd_call_refuse(c, 503, "busy", "the server is busy");
        icd_turn_end(id, c);
    }
}

static void on_done(struct icd_identity *id, struct icd_call *c, void *ctx)
{
    struct icd_queued *q = ctx;
    struct icd_queue *line = q->queue;
    line->at_work--;
    q->done(id, c, q->ctx);
    ic_free(q);
    struct icd_call *handling = id->handling;
    begin_next(id, line);
    id->handling = handling;
}

bool icd_queue_has_room(const struct icd_queue *line)
{
    return line->waiting < ICD_QUEUE;
}

ic_err icd_queue_job(struct icd_identity *id, struct icd_queue *line, struct icd_call *c,
                     icd_job_work *work, icd_job_done *done, void *ctx)
{
    if (!icd_queue_has_room(line))
        return IC_ERR_BUSY;
    struct icd_queued *q = ic_new(struct icd_queued);
    if (!q)
        return IC_ERR_NOMEM;
    *q = (struct icd_queued){line, c, work, done, ctx, NULL};
    if (line->at_work < line->most) {
        ic_err e = begin(id, q);
        if (e != IC_OK)
            ic_free(q);
        return e == IC_ERR_LIMIT ? IC_ERR_BUSY : e;
    }
    if (!line->first)
        line->last = &line->first;
    *line->last = q;
    line->last = &q->next;
    line->waiting++;
    c->later = true;
    return IC_OK;
}

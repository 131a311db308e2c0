#include "net/wait.h"

#include <ic/base/mem.h>

enum { BODY_MAX = 1 << 20 };

struct waiting {
    struct icc_net_answer answer;
    bool done, late;
    ic_err err;
};

static void on_answer(void *ctx, int status, struct ic_view body)
{
    struct waiting *w = ctx;
    w->done = true;
    w->answer.status = status;
    w->err = ic_buf_append(&w->answer.body, body);
}

static void on_late(uv_timer_t *t)
{
    ((struct waiting *)t->data)->late = true;
}

static void close_handle(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

static ic_err turn(uv_loop_t *loop, struct icc_net *net, const struct icc_net_call *call,
                   struct waiting *w)
{
    IC_TRY(icc_net_call(net, call, on_answer, w));
    while (!w->done && !w->late && uv_run(loop, UV_RUN_ONCE))
        ;
    return w->done ? w->err : w->late ? IC_ERR_TIMEOUT : IC_ERR_IO;
}

ic_err icc_net_wait(const struct ic_meeting_url *server, const struct icc_net_call *call,
                    uint64_t ms, struct icc_net_answer *out)
{
    struct waiting w = {.err = IC_OK};
    struct icc_net *net = NULL;
    uv_loop_t loop;
    uv_timer_t timer;
    ic_buf_init(&w.answer.body, BODY_MAX);
    if (uv_loop_init(&loop) != 0)
        return IC_ERR_NOMEM;
    uv_timer_init(&loop, &timer);
    timer.data = &w;
    if (ms)
        uv_timer_start(&timer, on_late, ms, 0);
    ic_err e = icc_net_new(&loop, server, &net);
    if (e == IC_OK)
        e = turn(&loop, net, call, &w);
    uv_timer_stop(&timer);
    icc_net_free(net);
    uv_walk(&loop, close_handle, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    if (e != IC_OK)
        icc_net_answer_clear(&w.answer);
    else
        *out = w.answer;
    return e;
}

void icc_net_answer_clear(struct icc_net_answer *a)
{
    ic_buf_clear_secret(&a->body);
    a->status = 0;
}

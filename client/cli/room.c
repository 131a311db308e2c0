#include "room_private.h"

#include "base/clock.h"
#include "net/net.h"

#ifdef IC_TEST_HOOKS
#include "testhook/testhook.h"
#endif

#include <ic/base/mem.h>
#include <ic/os/os.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    RETRY_FIRST_MS = 250,
    RETRY_MAX_MS = 5000,
    LEAVE_MS = 3000,
    LAST_WORDS_MS = 500,
    MEDIA_RETRY_MS = 1000
};

static void finish(struct icc_room *r, int status)
{
    if (r->over)
        return;
    r->over = true;
    r->status = status;
    uv_stop(r->loop);
}

/* ---- network ---- */

static void on_opened(void *ctx)
{
    struct icc_room *r = ctx;
    r->connected = true;
    r->retry_ms = RETRY_FIRST_MS;
    r->media_wanted = true;
    r->media_asked = false;
    r->view.ops->connection(r->view.self, true, "");
    pthread_mutex_lock(&r->lock);
    ic_meeting_connected(r->meeting, icc_now_ms());
    pthread_mutex_unlock(&r->lock);
    icc_room_pump(r);
}

static void on_frame(void *ctx, struct ic_view frame)
{
    struct icc_room *r = ctx;
    pthread_mutex_lock(&r->lock);
    ic_meeting_receive(r->meeting, frame, icc_now_ms());
    pthread_mutex_unlock(&r->lock);
    icc_room_pump(r);
}

static void on_closed(void *ctx, const char *why);

static void connect_now(struct icc_room *r)
{
    struct icc_net_handlers h = {on_opened, on_frame, on_closed, r};
    IC_IGNORE(icc_net_connect(r->net, &h));
}

static void on_retry(uv_timer_t *t)
{
    connect_now(t->data);
}

static void on_closed(void *ctx, const char *why)
{
    struct icc_room *r = ctx;
    bool was = r->connected;
    r->connected = false;
    if (r->over)
        return;
    r->view.ops->connection(r->view.self, false, why);
    if (was) {
        pthread_mutex_lock(&r->lock);
        ic_meeting_disconnected(r->meeting, icc_now_ms());
        pthread_mutex_unlock(&r->lock);
        icc_room_pump(r);
    }
    if (r->leaving) {
        finish(r, 0);
        return;
    }
    /* Half of the wait is random, so that a thousand clients do not come back in one moment. */
    uint16_t dice = 0;
    struct ic_rand rand = ic_os_rand();
    IC_IGNORE(ic_rand_fill(&rand, (uint8_t *)&dice, sizeof dice));
    uv_timer_start(&r->retry, on_retry, r->retry_ms / 2 + dice % (r->retry_ms / 2 + 1), 0);
    r->retry_ms = r->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : r->retry_ms * 2;
}

/* ---- media ---- */

static bool in_group(enum ic_meeting_state s)
{
    return s == IC_MEETING_E2EE || s == IC_MEETING_COMPARE || s == IC_MEETING_UPDATING;
}

static void ask_for_media(struct icc_room *r)
{
    if (!r->engine || !r->media_wanted || r->media_asked || !r->connected || r->leaving)
        return;
    pthread_mutex_lock(&r->lock);
    bool in = in_group(ic_meeting_state(r->meeting));
    pthread_mutex_unlock(&r->lock);
    struct ic_wire_media_open open;
    if (!in || icc_engine_offer(r->engine, &open) != IC_OK)
        return;
    pthread_mutex_lock(&r->lock);
    ic_err e = ic_meeting_media_open(r->meeting, &open);
    pthread_mutex_unlock(&r->lock);
    r->media_asked = e == IC_OK;
}

static void on_media_retry(uv_timer_t *t)
{
    struct icc_room *r = t->data;
    if (icc_engine_is_open(r->engine))
        return; /* a new transport is there already */
    r->media_wanted = true;
    r->media_asked = false;
    icc_room_pump(r);
}

static void take_engine_events(struct icc_room *r)
{
    struct icc_engine_event e;
    while (r->engine && icc_engine_next_event(r->engine, &e)) {
        if (e.type == ICC_ENGINE_OPEN)
            icc_engine_capture(r->engine);
        else if (e.type == ICC_ENGINE_CLOSED)
            uv_timer_start(&r->media_timer, on_media_retry, MEDIA_RETRY_MS, 0);
        if (e.type == ICC_ENGINE_UNKNOWN_KID) {
            pthread_mutex_lock(&r->lock);
            ic_meeting_note_unknown_kid(r->meeting, e.kid, icc_now_ms());
            pthread_mutex_unlock(&r->lock);
        } else {
            r->view.ops->engine(r->view.self, &e);
        }
    }
}

static void on_engine_wake(uv_async_t *a)
{
    struct icc_room *r = a->data;
    take_engine_events(r);
    icc_room_pump(r);
}

static void wake_from_engine(void *ctx)
{
    uv_async_send(&((struct icc_room *)ctx)->engine_wake);
}

/* ---- the meeting's turn ---- */

static void on_recorded(void *ctx, const char *name, const char *path)
{
    struct icc_room *r = ctx;
    r->view.ops->recorded(r->view.self, name, path);
}

static void take_event(struct icc_room *r, const struct ic_meeting_event *e)
{
    if (icc_room_files_take(r->files, e))
        return;
    icc_room_identity_take(r, e);
    if (!icc_room_logs_take(r, e) && !icc_room_desk_take(r, e))
        icc_room_talk_take(r, e);
    icc_room_desk_run(r);
    switch (e->type) {
    case IC_MEETING_EV_MEDIA_OPENED:
        if (r->engine && icc_engine_answer(r->engine, &e->opened) == IC_OK)
            r->media_wanted = false;
        else
            uv_timer_start(&r->media_timer, on_media_retry, MEDIA_RETRY_MS, 0);
        break;
    case IC_MEETING_EV_LEFT:
        icc_engine_left(r->engine, e->person.leaf, on_recorded, r);
        break;
    case IC_MEETING_EV_REFUSED:
        finish(r, 1);
        break;
    case IC_MEETING_EV_ENDED:
        finish(r,
               r->leaving || strcmp(e->rule, "ended") == 0 || strcmp(e->rule, "left") == 0 ? 0 : 1);
        break;
    default:
        break;
    }
}

static void on_tick(uv_timer_t *t)
{
    struct icc_room *r = t->data;
    pthread_mutex_lock(&r->lock);
    ic_meeting_tick(r->meeting, icc_now_ms());
    ic_together_talk_tick(r->talk, r->meeting, icc_now_ms());
    pthread_mutex_unlock(&r->lock);
    icc_room_pump(r);
}

static void set_timer(struct icc_room *r, uint64_t deadline)
{
    uint64_t now = icc_now_ms();
    if (deadline == UINT64_MAX)
        uv_timer_stop(&r->tick);
    else
        uv_timer_start(&r->tick, on_tick, deadline <= now ? 0 : deadline - now, 0);
}

/* The engine's lock comes before the meeting's: so nothing of the engine is called while holding ours. */
void icc_room_pump(struct icc_room *r)
{
    if (r->over)
        return;
    struct ic_buf frame = {.max = IC_WIRE_MAX};
    struct ic_meeting_event event;
    icc_room_desk_run(r);
    icc_room_logs_run(r);
    for (bool some = true; some;) {
        pthread_mutex_lock(&r->lock);
        some = ic_meeting_next_frame(r->meeting, &frame);
        pthread_mutex_unlock(&r->lock);
        if (some)
            IC_IGNORE(
                icc_net_send(r->net, ic_buf_view(&frame))); /* a lost one is asked for again */
    }
    ic_buf_clear(&frame);
    for (bool some = true; some && !r->over;) {
        pthread_mutex_lock(&r->lock);
        some = ic_meeting_next_event(r->meeting, &event);
        pthread_mutex_unlock(&r->lock);
        if (some) {
            take_event(r, &event);
            ic_meeting_event_clear(&event);
        }
    }
    icc_room_logs_run(r); /* what was heard may be to be answered */
    ask_for_media(r);
    pthread_mutex_lock(&r->lock);
    bool in = r->connected && in_group(ic_meeting_state(r->meeting));
    bool more = ic_meeting_next_frame(r->meeting, &frame);
    uint64_t deadline = ic_meeting_deadline_ms(r->meeting);
    uint64_t talk = ic_together_talk_deadline_ms(r->talk);
    uint64_t desk = ic_together_desk_deadline_ms(r->desk);
    deadline = desk < deadline ? desk : deadline;
    if (r->logs) {
        uint64_t logs = ic_together_logs_deadline_ms(icc_room_logs(r));
        deadline = logs < deadline ? logs : deadline;
    }
    pthread_mutex_unlock(&r->lock);
    if (more)
        IC_IGNORE(icc_net_send(r->net, ic_buf_view(&frame)));
    ic_buf_clear(&frame);
    icc_room_files_in(r->files, in && !r->leaving);
    if (!r->over)
        set_timer(r, more ? 0 : talk < deadline ? talk : deadline);
}

/* ---- leaving ---- */

static void on_leave_timeout(uv_timer_t *t)
{
    finish(t->data, 0);
}

void icc_room_leave(struct icc_room *r)
{
    if (r->leaving) { /* asked twice: at once */
        finish(r, 0);
        return;
    }
    r->leaving = true;
    uv_timer_start(&r->leave_timer, on_leave_timeout, r->connected ? LEAVE_MS : 0, 0);
    pthread_mutex_lock(&r->lock);
    ic_err e = ic_meeting_leave(r->meeting, icc_now_ms());
    pthread_mutex_unlock(&r->lock);
    if (e != IC_OK)
        finish(r, 0);
    icc_room_pump(r);
}

bool icc_room_is_leaving(const struct icc_room *r)
{
    return r->leaving;
}

/* ---- from start to end ---- */

static void on_signal(uv_signal_t *s, int number)
{
    (void)number;
    icc_room_leave(s->data);
}

static void on_stats(uv_timer_t *t)
{
    struct icc_room *r = t->data;
    struct icc_engine_stats s;
    icc_engine_stats(r->engine, &s);
    r->view.ops->stats(r->view.self, &s);
}

static void start_handles(struct icc_room *r)
{
    uv_timer_t *timers[] = {&r->tick, &r->retry, &r->leave_timer, &r->stats_timer, &r->media_timer};
    for (size_t i = 0; i < IC_ARRAY_LEN(timers); i++) {
        uv_timer_init(r->loop, timers[i]);
        timers[i]->data = r;
    }
    uv_async_init(r->loop, &r->engine_wake, on_engine_wake);
    r->engine_wake.data = r;
    uv_signal_init(r->loop, &r->on_int);
    uv_signal_init(r->loop, &r->on_term);
    uv_signal_init(r->loop, &r->on_hup);
    r->on_int.data = r->on_term.data = r->on_hup.data = r;
    uv_signal_start(&r->on_int, on_signal, SIGINT);
    uv_signal_start(&r->on_term, on_signal, SIGTERM);
    uv_signal_start(&r->on_hup, on_signal, SIGHUP); /* the terminal's window was closed */
}

static void close_handle(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

static ic_err open_room(struct icc_room *r, char *why, size_t why_len)
{
    IC_TRY(icc_room_logs_open(r, why, why_len));
    IC_TRY(icc_room_identity_open(r, why, why_len));
    struct ic_meeting_config mc = {.link = r->c->url.link,
                                   .identity = r->c->identity,
                                   .suite = r->c->suite,
                                   .name = r->c->name,
                                   .certificates = ic_buf_view(&r->c->certificates->chain),
                                   .external_roots = r->c->certificates->external,
                                   .internal_roots = r->c->certificates->internal,
                                   .judge_staple = r->logs ? ic_together_logs_judge : NULL,
                                   .staple_ctx = icc_room_logs(r),
                                   .rotate_ms = r->c->rotate_ms,
                                   .rand = ic_os_rand(),
                                   .may_create = true};
    icc_room_identity_config(r, &mc);
    IC_TRY(ic_meeting_new(&mc, icc_now_ms(), &r->meeting));
    IC_TRY(icc_room_identity_start(r));
    IC_TRY(ic_together_talk_new(&r->talk));
    IC_TRY(icc_room_desk_open(r));
    IC_TRY(icc_net_new(r->loop, &r->c->url, &r->net));
    struct icc_engine_config ec = r->c->media;
    ec.keys = ic_meeting_media(r->meeting);
    ec.keys_lock = &r->lock;
    ec.wake = wake_from_engine;
    ec.ctx = r;
    IC_TRY(icc_engine_new(&ec, &r->engine, why, why_len));
    struct icc_room_files_config fc = {r->loop,  r->net,           r->meeting, &r->lock,
                                       &r->view, wake_from_engine, r};
    IC_TRY(icc_room_files_new(&fc, &r->files));
    IC_TRY(icc_room_trust_open(r));
    return r->c->json ? icc_view_json(r, r->loop, &r->view)
                      : icc_view_terminal(r, r->loop, &r->view);
}

/* That we go for good is among what waits to be written: else we would count as away, and as in the group. */
static void say_last_words(struct icc_room *r)
{
    uint64_t until = uv_hrtime() + LAST_WORDS_MS * UINT64_C(1000000);
    uv_timer_start(&r->leave_timer, on_leave_timeout, 10, 10); /* the loop wakes */
    while (r->connected && !icc_net_idle(r->net) && uv_hrtime() < until)
        uv_run(r->loop, UV_RUN_ONCE);
}

/* The loop still turns while the network closes: nothing of ours may be called any more. */
static void stop_handles(struct icc_room *r)
{
    uv_timer_t *timers[] = {&r->tick, &r->retry, &r->leave_timer, &r->stats_timer, &r->media_timer};
    for (size_t i = 0; i < IC_ARRAY_LEN(timers); i++)
        uv_timer_stop(timers[i]);
    uv_signal_stop(&r->on_int);
    uv_signal_stop(&r->on_term);
    uv_signal_stop(&r->on_hup);
}

static void close_room(struct icc_room *r)
{
    stop_handles(r);
    if (r->engine && r->view.ops) {
        struct icc_engine_stats s;
        icc_engine_stop(r->engine);
        icc_engine_stats(r->engine, &s);
        r->view.ops->stats(r->view.self, &s);
    }
    icc_engine_free(r->engine, r->view.ops ? on_recorded : NULL, r);
    r->engine = NULL;
    if (r->view.ops)
        r->view.ops->free(r->view.self);
    icc_room_files_free(r->files); /* its requests are told nothing any more */
    icc_net_free(r->net);
    ic_together_talk_free(r->talk);
    icc_room_desk_close(r);
    ic_meeting_free(r->meeting);
    icc_room_logs_close(r);
    icc_room_trust_close(r);
    icc_room_identity_close(r);
    uv_walk(r->loop, close_handle, NULL);
    uv_run(r->loop, UV_RUN_DEFAULT);
    uv_loop_close(r->loop);
    pthread_mutex_destroy(&r->lock);
}

int icc_room_run(const struct icc_room_config *c)
{
    uv_loop_t loop;
    struct icc_room r = {.c = c, .loop = &loop, .retry_ms = RETRY_FIRST_MS, .status = 1};
    char why[200] = "";
    if (uv_loop_init(&loop) != 0)
        return 1;
    pthread_mutex_init(&r.lock, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a recording at its limit is an error of that recording */
    start_handles(&r);
    ic_err e = open_room(&r, why, sizeof why);
    if (e == IC_OK) {
        if (c->stats_every_ms)
            uv_timer_start(&r.stats_timer, on_stats, c->stats_every_ms, c->stats_every_ms);
        connect_now(&r);
        uv_run(&loop, UV_RUN_DEFAULT);
        say_last_words(&r);
    } else {
        fprintf(stderr, "incamera: %s\n", why[0] ? why : ic_err_text(e));
    }
    close_room(&r);
    return r.status;
}

#include "join.h"
#include "clock.h"
#include "shared.h"
#include "sockets.h"

#include <ic/base/mem.h>
#include <ic/meeting/meeting.h>
#include <ic/os/os.h>
#include <ic/pki/store.h>
#include <ic/together/logs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The members' clock stands still while this process is late: it plays a thousand devices in turn, of which each
 * would else believe that it has heard nothing for seconds, and say so to all others. */
enum {
    TICK_MS = 10,
    LATE_MS = 20,
    SETTLE_MS = 1500,
    SETTLE_MAX_MS = 60000,
    RETRY_MS = 1000,
    TOLD_MAX = 8
};

struct run;
struct member {
    struct run *run;
    struct load_person *person;
    struct ic_meeting *meeting;
    struct load_socket *socket;
    uint64_t began_ms, in_ms; /* in_ms 0: not in */
    uint64_t cpu_ns;          /* of its calls, until it was in */
    uint64_t due_ms;          /* its deadline, as of the last call; 0: to be asked for */
    uint64_t retry_at_ms;     /* where it has no socket */
    bool connected;
};

struct run {
    const struct load_join_plan *plan;
    uv_loop_t loop;
    uv_timer_t timer;
    struct load_sockets *sockets;
    struct member *members;
    size_t count, opened, in, alerts, reconnects;
    uint64_t wall_ms, now_ms; /* of the latest turn; now_ms is the members' clock */
    uint64_t began_ms, all_in_ms, until_ms;
    uint64_t cpu_began_ns, cpu_all_in_ns;
    size_t lost;
    char *why;
};

static bool has_keys(const struct member *m)
{
    enum ic_meeting_state s = ic_meeting_state(m->meeting);
    return s == IC_MEETING_E2EE || s == IC_MEETING_COMPARE || s == IC_MEETING_UPDATING;
}

/* ---- one member's turn ---- */

static void take(struct member *m, const struct ic_meeting_event *e)
{
    if (e->type == IC_MEETING_EV_KNOCK && m == m->run->members)
        IC_IGNORE(ic_meeting_admit(m->meeting, e->knock, m->run->now_ms));
    if (e->type == IC_MEETING_EV_ALERT && m->run->alerts++ < TOLD_MAX)
        fprintf(stderr, "incamera-load: %s is alerted: %s: %.*s\n", m->person->name, e->rule,
                (int)e->text.len, (const char *)e->text.p);
    if (e->type == IC_MEETING_EV_ENDED || e->type == IC_MEETING_EV_REFUSED) {
        snprintf(m->run->why, 256, "%s is out: %s", m->person->name, e->rule);
        m->run->lost++;
    }
}

static void pump(struct member *m)
{
    struct ic_buf frame = {.max = IC_WIRE_MAX};
    struct ic_meeting_event e;
    while (ic_meeting_next_event(m->meeting, &e)) {
        take(m, &e);
        ic_meeting_event_clear(&e);
    }
    while (ic_meeting_next_frame(m->meeting, &frame))
        if (m->socket)
            IC_IGNORE(load_socket_send(m->socket, ic_buf_view(&frame)));
    ic_buf_clear(&frame);
}

/* Before each call: the last one verifies everything by itself. */
static uint64_t before(const struct member *m)
{
    load_shared_use(m->run->plan->share && m + 1 < m->run->members + m->run->count);
    return load_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* After it: what it costs until the member is in. */
static void after(struct member *m, uint64_t cpu_before)
{
    pump(m);
    m->due_ms = 0;
    if (m->in_ms)
        return;
    m->cpu_ns += load_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_before;
    if (!has_keys(m))
        return;
    m->in_ms = load_wall_ms();
    m->run->in++;
}

static void on_opened(void *ctx)
{
    struct member *m = ctx;
    uint64_t cpu = before(m);
    m->connected = true;
    ic_meeting_connected(m->meeting, m->run->now_ms);
    after(m, cpu);
}

static void on_frame(void *ctx, struct ic_view frame)
{
    struct member *m = ctx;
    uint64_t cpu = before(m);
    ic_meeting_receive(m->meeting, frame, m->run->now_ms);
    after(m, cpu);
}

/* It comes back, as `incamera` does, and as that one not in the same moment as all others. */
static void on_closed(void *ctx, const char *why)
{
    struct member *m = ctx;
    uint64_t cpu = before(m), now = m->run->now_ms;
    m->socket = NULL;
    m->retry_at_ms = now + RETRY_MS + (uint64_t)(m - m->run->members) % RETRY_MS;
    if (m->run->reconnects++ < TOLD_MAX)
        fprintf(stderr, "incamera-load: %s lost the connection: %s\n", m->person->name, why);
    if (m->connected)
        ic_meeting_disconnected(m->meeting, now);
    m->connected = false;
    after(m, cpu);
}

/* ---- the crowd ---- */

static ic_err connect_member(struct member *m)
{
    static const struct load_handlers handlers = {on_opened, on_frame, on_closed};
    m->retry_at_ms = 0;
    return load_socket_open(m->run->sockets, &handlers, m, &m->socket);
}

static ic_err open_member(struct run *r, size_t i)
{
    struct member *m = &r->members[i];
    struct ic_meeting_config c = {.link = *r->plan->link,
                                  .identity = m->person->key,
                                  .suite = r->plan->suite,
                                  .name = m->person->name,
                                  .certificates = ic_buf_view(&m->person->chain),
                                  .staple = ic_buf_view(&m->person->staple),
                                  .internal_roots = r->plan->people->roots,
                                  .rand = ic_os_rand(),
                                  .may_create = i == 0};
    if (i + 1 == r->count && r->plan->own_roots) {
        c.internal_roots = r->plan->own_roots;
        c.judge_staple = ic_together_logs_judge;
        c.staple_ctx = r->plan->own_logs;
    }
    m->began_ms = load_wall_ms();
    IC_TRY(ic_meeting_new(&c, r->now_ms, &m->meeting));
    return connect_member(m);
}

/* The host first; then so many at once; the uncached one when all others are in. */
static bool may_open(const struct run *r)
{
    if (r->opened == r->count)
        return false;
    if (r->opened == 0)
        return true;
    if (!r->members[0].in_ms || (r->opened + 1 == r->count && r->in + 1 < r->count))
        return false;
    return r->opened - r->in < r->plan->at_once;
}

static void tick_members(struct run *r)
{
    for (size_t i = 0; i < r->opened; i++) {
        struct member *m = &r->members[i];
        uint64_t now = r->now_ms;
        if (!m->socket && m->retry_at_ms && m->retry_at_ms <= now)
            IC_IGNORE(connect_member(m)); /* else on_closed says when next */
        if (!m->due_ms)
            m->due_ms = ic_meeting_deadline_ms(m->meeting);
        if (m->due_ms > now)
            continue;
        uint64_t cpu = before(m);
        ic_meeting_tick(m->meeting, now);
        after(m, cpu);
    }
}

static bool codes_equal(const struct run *r)
{
    char first[IC_MEETING_CODE_LEN + 1], other[IC_MEETING_CODE_LEN + 1];
    if (!ic_meeting_code(r->members[0].meeting, first))
        return false;
    for (size_t i = 1; i < r->count; i++)
        if (!ic_meeting_code(r->members[i].meeting, other) || strcmp(first, other) != 0)
            return false;
    return true;
}

static void on_timer(uv_timer_t *t)
{
    struct run *r = t->data;
    uint64_t now = load_wall_ms(), passed = now - r->wall_ms;
    r->wall_ms = now;
    r->now_ms += passed < LATE_MS ? passed : LATE_MS;
    while (may_open(r))
        if (open_member(r, r->opened++) != IC_OK) {
            snprintf(r->why, 256, "member %zu cannot connect", r->opened);
            r->lost++;
        }
    tick_members(r);
    if (r->in + 1 >= r->count && !r->all_in_ms) {
        r->all_in_ms = now;
        r->cpu_all_in_ns = load_ns(CLOCK_PROCESS_CPUTIME_ID);
    }
    if (r->in == r->count && !r->until_ms)
        r->until_ms = now + SETTLE_MS; /* the last epoch reaches everybody, */
    bool settled = r->until_ms && now >= r->until_ms;
    if (settled && !codes_equal(r) && now < r->until_ms + SETTLE_MAX_MS)
        settled = false; /* whoever has just come back too */
    if (r->lost || settled || now >= r->began_ms + r->plan->limit_s * 1000ull)
        uv_stop(&r->loop);
}

/* ---- the result ---- */

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median_ms(const struct run *r)
{
    double *all = ic_new_array(r->count, double), middle = 0;
    if (!all)
        return 0;
    for (size_t i = 0; i < r->count; i++)
        all[i] = (double)(r->members[i].in_ms - r->members[i].began_ms);
    qsort(all, r->count, sizeof *all, by_number);
    middle = all[r->count / 2];
    ic_free(all);
    return middle;
}

static void fill(const struct run *r, struct load_join_result *out)
{
    const struct member *last = &r->members[r->count - 1];
    struct ic_meeting_person p;
    *out = (struct load_join_result){.alerts = r->alerts,
                                     .reconnects = r->reconnects,
                                     .epochs = ic_meeting_epoch(r->members[0].meeting),
                                     .seconds = (double)(r->all_in_ms - r->began_ms) / 1000,
                                     .cpu_s = (double)(r->cpu_all_in_ns - r->cpu_began_ns) / 1e9,
                                     .median_ms = median_ms(r),
                                     .join_cpu_ms = (double)last->cpu_ns / 1e6,
                                     .join_wall_ms = (double)(last->in_ms - last->began_ms),
                                     .codes_equal = codes_equal(r)};
    for (size_t i = 0; ic_meeting_person(r->members[0].meeting, i, &p); i++) {
        out->members++;
        out->verified += p.identity == IC_MEETING_INTERNAL;
    }
    for (size_t i = 0; ic_meeting_person(last->meeting, i, &p); i++)
        out->verified_by_last += p.identity == IC_MEETING_INTERNAL;
}

static void close_handle(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

static void end(struct run *r)
{
    uv_timer_stop(&r->timer);
    load_sockets_free(r->sockets);
    for (size_t i = 0; i < r->count; i++)
        ic_meeting_free(r->members[i].meeting);
    ic_free(r->members);
    uv_walk(&r->loop, close_handle, NULL);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
}

ic_err load_join(const struct load_join_plan *plan, struct load_join_result *out, char *why)
{
    struct run r = {.plan = plan, .count = plan->people->count, .why = why};
    r.members = ic_new_array(r.count, struct member);
    if (!r.members || uv_loop_init(&r.loop) != 0) {
        ic_free(r.members);
        return IC_ERR_NOMEM;
    }
    for (size_t i = 0; i < r.count; i++)
        r.members[i] = (struct member){.run = &r, .person = &plan->people->list[i]};
    ic_err e = load_sockets_new(&r.loop, plan->host, plan->port, &r.sockets);
    uv_timer_init(&r.loop, &r.timer);
    r.timer.data = &r;
    r.began_ms = r.wall_ms = r.now_ms = load_wall_ms();
    r.cpu_began_ns = load_ns(CLOCK_PROCESS_CPUTIME_ID);
    if (e == IC_OK) {
        uv_timer_start(&r.timer, on_timer, 0, TICK_MS);
        uv_run(&r.loop, UV_RUN_DEFAULT);
        e = r.lost ? IC_ERR_CLOSED : r.in < r.count ? IC_ERR_EXPIRED : IC_OK;
        if (e == IC_ERR_EXPIRED)
            snprintf(why, 256, "%zu of %zu were in after %u s", r.in, r.count, plan->limit_s);
    }
    if (e == IC_OK)
        fill(&r, out);
    end(&r);
    return e;
}

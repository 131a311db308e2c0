/* The real server core and services, over a store of its own. */
#include "sim.h"

#include "meetings/meetings.h"
#include "store/store.h"

#include <icd/services.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned who_has(const struct sim *s, uint64_t conn)
{
    for (unsigned i = 0; i < s->plan.people; i++)
        if (s->people[i].conn == conn)
            return i;
    return SIM_PEOPLE_MAX;
}

static void on_send(void *ctx, const uint64_t *conns, size_t count, struct ic_view frame)
{
    struct sim_server *v = ctx;
    for (size_t i = 0; i < count; i++) {
        unsigned who = who_has(v->sim, conns[i]);
        if (who < SIM_PEOPLE_MAX)
            sim_send(v->sim, SIM_DOWN, who, frame);
    }
}

static void on_close(void *ctx, uint64_t conn)
{
    struct sim_server *v = ctx;
    unsigned who = who_has(v->sim, conn);
    if (who < SIM_PEOPLE_MAX)
        sim_send_close(v->sim, who);
}

static void on_log(void *ctx, enum icd_log_level level, const char *event, const char *fields)
{
    const struct sim_server *v = ctx;
    (void)level;
    sim_trace(v->sim, "server %s %s", event, fields);
}

void sim_server_start(struct sim *s, unsigned which)
{
    struct sim_server *v = &s->server[which];
    struct icd_core_config c = {.store = v->store,
                                .rand = {ic_test_rand(&v->rand, v->rand.state + 1).fill, &v->rand},
                                .server_name = "sim",
                                .send = on_send,
                                .close = on_close,
                                .log = on_log,
                                .ctx = v};
    icd_limits_default(&c.limits);
    v->back_at_ms = 0;
    if (icd_core_new(&c, s->now_ms, &v->core) != IC_OK) {
        ic_test_fail(__FILE__, __LINE__, "the server does not start");
        return;
    }
    icd_services_register(v->core);
    icd_core_tick(v->core, s->now_ms);
    icd_core_flush(v->core);
}

ic_err sim_server_open(struct sim *s, unsigned which, const char *path)
{
    struct sim_server *v = &s->server[which];
    char why[ICD_STORE_WHY];
    *v = (struct sim_server){.sim = s, .rand = {s->plan.seed * 31 + which + 7}};
    return icd_store_open(path, why, &v->store);
}

void sim_server_close(struct sim *s, unsigned which)
{
    struct sim_server *v = &s->server[which];
    icd_core_free(v->core);
    v->core = NULL;
    icd_store_close(v->store);
    v->store = NULL;
    if (v->path[0])
        unlink(v->path);
    v->path[0] = '\0';
}

void sim_server_crash(struct sim *s, unsigned which)
{
    struct sim_server *v = &s->server[which];
    sim_trace(s, "server %u crashes", which);
    icd_core_free(v->core); /* rolls back what was not committed */
    v->core = NULL;
    v->back_at_ms = s->now_ms + SIM_BACK_MS;
    for (unsigned i = 0; i < s->plan.people; i++)
        if (s->people[i].conn && s->people[i].server == which)
            sim_person_closed(s, i);
}

void sim_server_frame(struct sim *s, unsigned who, struct ic_view bytes)
{
    unsigned which = s->people[who].server;
    struct sim_server *v = &s->server[which];
    if (!v->core)
        return;
    icd_core_frame(v->core, s->people[who].conn, bytes, s->now_ms);
    bool dies = ++v->frames == v->crash_at;
    if (dies && v->crash_unflushed) {
        sim_server_crash(s, which);
        return;
    }
    if (dies) { /* written, and nobody hears of it */
        sim_middle_fn *middle = s->middle;
        icd_core_flush(v->core);
        s->middle = middle;
        sim_server_crash(s, which);
        return;
    }
    icd_core_flush(v->core);
}

bool sim_server_fork(struct sim *s)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/sim-fork-%d-XXXXXX", (int)getpid());
    int fd = mkstemp(path);
    if (fd < 0)
        return false;
    close(fd);
    unlink(path);
    icd_core_flush(s->server[0].core);
    if (icd_store_exec(s->server[0].store, "VACUUM INTO $1", NULL,
                       ICD_PARAMS(ICD_TEXT(ic_view_cstr(path)))) != IC_OK ||
        sim_server_open(s, 1, path) != IC_OK)
        return false;
    snprintf(s->server[1].path, sizeof s->server[1].path, "%s", path);
    sim_server_start(s, 1);
    return true;
}

uint64_t sim_server_epoch(const struct sim *s, unsigned which)
{
    int64_t epoch = 0;
    if (icd_store_int(s->server[which].store, "SELECT MAX(epoch) FROM groups", &epoch,
                      ICD_NO_PARAMS) != IC_OK)
        return UINT64_MAX;
    return (uint64_t)epoch;
}

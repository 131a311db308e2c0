#include "sim.h"

#include "meetings/meetings.h"
#include "store/store.h"

#include <ic/base/mem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_AT_ONE_TIME = 20000 }; /* more, and somebody runs in circles */

void sim_trace(const struct sim *s, const char *format, ...)
{
    va_list args;
    if (!s->trace)
        return;
    fprintf(stderr, "%8llu ", (unsigned long long)(s->now_ms - SIM_START_MS));
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* ---- making one ---- */

static const char *const names[] = {"Ada", "Ben", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hana"};

static ic_err make_people(struct sim *s)
{
    const struct ic_suite *suite = ic_suite_find(s->plan.suite);
    struct ic_rand rand = {ic_test_rand(&s->rand, s->plan.seed).fill, &s->rand};
    for (unsigned i = 0; i < s->plan.people; i++) {
        struct sim_person *p = &s->people[i];
        *p = (struct sim_person){.sim = s, .who = i, .invited = i < s->plan.hosts};
        if (i < IC_ARRAY_LEN(names))
            snprintf(p->name, sizeof p->name, "%s", names[i]);
        else
            snprintf(p->name, sizeof p->name, "Person%u", i);
        p->rand.state = ic_test_rand_u64(&s->rand);
        IC_TRY(ic_sign_key_generate(suite->sig, &rand, &p->key));
    }
    return IC_OK;
}

static ic_err make_meeting(struct sim *s)
{
    struct ic_view hosts[SIM_PEOPLE_MAX];
    struct icd_meeting m;
    char token[ICD_TOKEN_LEN + 1];
    int64_t org;
    const char *why = "";
    for (unsigned i = 0; i < s->plan.hosts; i++)
        hosts[i] = ic_sign_key_public(s->people[i].key);
    struct ic_meeting_plan plan = {.kind = s->plan.kind,
                                   .suite = s->plan.suite,
                                   .sframe_suite = 4,
                                   .admission = s->plan.admission,
                                   .recording = true,
                                   .hosts = hosts,
                                   .host_count = s->plan.hosts,
                                   .roots = s->plan.root,
                                   .root_count = s->plan.root ? 1 : 0};
    struct ic_rand rand = {ic_test_rand(&s->rand, s->plan.seed + 99).fill, &s->rand};
    IC_TRY(ic_meeting_make(&plan, &rand, &s->made));
    IC_TRY(icd_orgs_create(s->server[0].core, IC_VIEW_STR("org"), token, &org));
    struct icd_meeting_new n = {.terms = ic_buf_view(&s->made.terms), .title = IC_VIEW_STR("sim")};
    if (s->plan.kind == IC_WIRE_SCHEDULED) {
        n.start_s = SIM_START_MS / 1000;
        n.end_s = n.start_s + 3600;
    }
    IC_TRY(icd_meetings_create(s->server[0].core, org, &n, &m, &why));
    snprintf(s->number, sizeof s->number, "%s", m.number);
    icd_meeting_clear(&m);
    icd_core_flush(s->server[0].core);
    for (unsigned i = 0; i < s->plan.people; i++)
        s->people[i].link = s->made.link;
    return IC_OK;
}

struct sim *sim_new(const struct sim_plan *plan)
{
    struct sim *s = ic_new(struct sim);
    if (!s)
        abort();
    s->plan = *plan;
    s->plan.seed = plan->seed ? plan->seed : 1;
    s->plan.suite = plan->suite ? plan->suite : 1;
    s->plan.kind = plan->kind ? plan->kind : IC_WIRE_INSTANT;
    s->plan.admission = plan->admission ? plan->admission : IC_WIRE_HOST_ADMITS;
    s->now_ms = SIM_START_MS;
    s->trace = getenv("SIM_TRACE") != NULL;
    s->admit = true;
    ic_err e = make_people(s);
    if (e == IC_OK)
        e = sim_server_open(s, 0, ":memory:");
    if (e == IC_OK) {
        sim_server_start(s, 0);
        e = make_meeting(s);
    }
    if (e != IC_OK)
        ic_test_fail(__FILE__, __LINE__, "the simulation does not begin: %s", ic_err_name(e));
    return s;
}

void sim_free(struct sim *s)
{
    if (!s)
        return;
    s->middle = NULL;
    sim_net_clear(s);
    for (unsigned i = 0; i < s->plan.people; i++)
        sim_person_clear(&s->people[i]);
    for (unsigned i = 0; i < SIM_SERVERS; i++)
        sim_server_close(s, i);
    ic_meeting_made_clear(&s->made);
    ic_free(s);
}

/* ---- time ---- */

static uint64_t server_due(const struct sim_server *v)
{
    if (v->core)
        return icd_core_deadline_ms(v->core);
    return v->back_at_ms ? v->back_at_ms : UINT64_MAX;
}

static void server_tick(struct sim *s, unsigned which)
{
    struct sim_server *v = &s->server[which];
    if (!v->core) {
        sim_server_start(s, which);
        return;
    }
    icd_core_tick(v->core, s->now_ms);
    icd_core_flush(v->core);
}

/* One frame or one timer, the earliest; false where there is none up to `end`. On a tie frames go before
 * the servers, and these before the people in their order. */
static bool step(struct sim *s, uint64_t end)
{
    uint64_t best = UINT64_MAX, due;
    int what = -1; /* 0: a frame; then servers, then people */
    if (sim_net_next(s, &due)) {
        best = due;
        what = 0;
    }
    for (int i = 0; i < SIM_SERVERS; i++) {
        due = server_due(&s->server[i]);
        if (due < best) {
            best = due;
            what = 1 + i;
        }
    }
    for (unsigned i = 0; i < s->plan.people; i++) {
        due = sim_person_due(s, i);
        if (due < best) {
            best = due;
            what = 1 + SIM_SERVERS + (int)i;
        }
    }
    if (best > end)
        return false;
    if (best > s->now_ms)
        s->now_ms = best;
    if (what == 0)
        sim_net_deliver(s);
    else if (what <= SIM_SERVERS)
        server_tick(s, (unsigned)what - 1);
    else
        sim_person_tick(s, (unsigned)what - 1 - SIM_SERVERS);
    return true;
}

bool sim_until(struct sim *s, bool (*done)(struct sim *s, uint64_t arg), uint64_t arg,
               uint64_t within_ms)
{
    uint64_t end = s->now_ms + within_ms, at = s->now_ms;
    unsigned steps = 0;
    for (;;) {
        if (ic_test_failed())
            return false;
        if (done && done(s, arg))
            return true;
        if (!step(s, end))
            break;
        steps = s->now_ms == at ? steps + 1 : 0;
        at = s->now_ms;
        if (steps > STEPS_AT_ONE_TIME) {
            ic_test_fail(__FILE__, __LINE__, "time stands still");
            return false;
        }
    }
    s->now_ms = end;
    return !done;
}

void sim_run(struct sim *s, uint64_t ms)
{
    (void)sim_until(s, NULL, 0, ms);
}

/* ---- what was seen ---- */

void sim_mark(struct sim *s)
{
    for (unsigned i = 0; i < s->plan.people; i++)
        s->people[i].mark = s->people[i].event_count;
}

static bool fits(const struct sim_event *e, enum ic_meeting_event_type type, const char *rule)
{
    return e->e.type == type && (!rule || strcmp(e->e.rule, rule) == 0);
}

const struct sim_event *sim_seen(const struct sim *s, unsigned who, enum ic_meeting_event_type type,
                                 const char *rule)
{
    const struct sim_person *p = &s->people[who];
    for (size_t i = p->mark; i < p->event_count; i++)
        if (fits(&p->events[i], type, rule))
            return &p->events[i];
    return NULL;
}

size_t sim_count(const struct sim *s, unsigned who, enum ic_meeting_event_type type,
                 const char *rule)
{
    const struct sim_person *p = &s->people[who];
    size_t n = 0;
    for (size_t i = p->mark; i < p->event_count; i++)
        n += fits(&p->events[i], type, rule);
    return n;
}

struct await {
    unsigned who;
    enum ic_meeting_event_type type;
    const char *rule;
};

static bool await_done(struct sim *s, uint64_t arg)
{
    const struct await *a = (const struct await *)(uintptr_t)arg;
    return sim_seen(s, a->who, a->type, a->rule) != NULL;
}

bool sim_await(struct sim *s, unsigned who, enum ic_meeting_event_type type, const char *rule,
               uint64_t within_ms)
{
    struct await a = {who, type, rule};
    return sim_until(s, await_done, (uintptr_t)&a, within_ms);
}

bool sim_read(const struct sim *s, unsigned who, const char *text)
{
    const struct sim_person *p = &s->people[who];
    for (size_t i = p->mark; i < p->event_count; i++)
        if (p->events[i].e.type == IC_MEETING_EV_CHAT &&
            ic_view_equal(ic_buf_view(&p->events[i].e.text), ic_view_cstr(text)))
            return true;
    return false;
}

/* ---- agreeing ---- */

static bool roster_is(const struct sim *s, unsigned who, uint64_t mask)
{
    size_t n = 0;
    for (unsigned i = 0; i < s->plan.people; i++) {
        if (!(mask & SIM_ONE(i)))
            continue;
        n++;
        if (!sim_sees(s, who, i))
            return false;
    }
    return sim_roster(s, who) == n;
}

bool sim_agree(struct sim *s, uint64_t mask)
{
    char code[IC_MEETING_CODE_LEN + 1] = "", other[IC_MEETING_CODE_LEN + 1];
    uint64_t epoch = 0;
    bool first = true;
    for (unsigned i = 0; i < s->plan.people; i++) {
        const struct ic_meeting *m = s->people[i].m;
        if (!(mask & SIM_ONE(i)) || s->people[i].raw)
            continue; /* a malicious member is only counted */
        if (!sim_in(s, i) || !ic_meeting_code(m, other))
            return false;
        if (!first && (epoch != ic_meeting_epoch(m) || strcmp(code, other) != 0))
            return false;
        if (!roster_is(s, i, mask))
            return false;
        memcpy(code, other, sizeof code);
        epoch = ic_meeting_epoch(m);
        first = false;
    }
    return true;
}

bool sim_agree_within(struct sim *s, uint64_t mask, uint64_t within_ms)
{
    return sim_until(s, sim_agree, mask, within_ms);
}

void sim_gather(struct sim *s, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        sim_start(s, i);
        if (i == 0)
            sim_run(s, 100);
    }
    if (!sim_agree_within(s, SIM_FIRST(n), 15000))
        ic_test_fail(__FILE__, __LINE__, "%u people do not get together", n);
    sim_run(s, 300);
    sim_mark(s);
}

/* The line's place in the other's reading; SIZE_MAX. */
static size_t place(const struct sim_person *p, const struct sim_event *line)
{
    for (size_t i = 0; i < p->event_count; i++)
        if (p->events[i].e.type == IC_MEETING_EV_CHAT &&
            ic_view_equal(ic_buf_view(&p->events[i].e.text), ic_buf_view(&line->e.text)))
            return i;
    return SIZE_MAX;
}

bool sim_same_order(const struct sim *s, unsigned a, unsigned b)
{
    const struct sim_person *p = &s->people[a];
    size_t last = 0;
    for (size_t i = 0; i < p->event_count; i++) {
        if (p->events[i].e.type != IC_MEETING_EV_CHAT)
            continue;
        size_t at = place(&s->people[b], &p->events[i]);
        if (at == SIZE_MAX)
            continue;
        if (at < last)
            return false;
        last = at;
    }
    return true;
}

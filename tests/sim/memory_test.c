/* A client that runs out of memory once, anywhere: it goes on, or says what it lost, and leaks nothing. */
#include "sim.h"

#include <ic/base/mem.h>

static uint64_t countdown; /* the allocation inside a client's call that fails; 0: none */
static bool met;

void __real_ic_meeting_receive(struct ic_meeting *m, struct ic_view frame, uint64_t now_ms);
void __wrap_ic_meeting_receive(struct ic_meeting *m, struct ic_view frame, uint64_t now_ms);
void __real_ic_meeting_tick(struct ic_meeting *m, uint64_t now_ms);
void __wrap_ic_meeting_tick(struct ic_meeting *m, uint64_t now_ms);

static void arm(void)
{
    if (countdown)
        (void)ic_mem_fail_at(countdown);
}

static void disarm(void)
{
    uint64_t asked = countdown ? ic_mem_fail_at(0) : 0;
    met = met || (countdown && asked >= countdown);
    countdown = asked >= countdown ? 0 : countdown - asked;
}

void __wrap_ic_meeting_receive(struct ic_meeting *m, struct ic_view frame, uint64_t now_ms)
{
    arm();
    __real_ic_meeting_receive(m, frame, now_ms);
    disarm();
}

void __wrap_ic_meeting_tick(struct ic_meeting *m, uint64_t now_ms)
{
    arm();
    __real_ic_meeting_tick(m, now_ms);
    disarm();
}

/* Whoever is not in step has said so, or its state does. */
static bool well_or_told(const struct sim *s, unsigned who)
{
    if (sim_in(s, who) || sim_seen(s, who, IC_MEETING_EV_ALERT, NULL) ||
        sim_seen(s, who, IC_MEETING_EV_ENDED, NULL))
        return true;
    enum ic_meeting_state state = ic_meeting_state(s->people[who].m);
    return state != IC_MEETING_E2EE && state != IC_MEETING_COMPARE;
}

/* Host opens, two enter, one is removed, a line is said, one comes back. */
static void life(struct sim *s)
{
    s->admit = true;
    for (unsigned i = 0; i < 3; i++)
        sim_start(s, i);
    sim_run(s, 2000);
    (void)sim_chat(s, 1, "a line");
    if (s->people[0].m && sim_sees(s, 0, 2))
        IC_IGNORE(ic_meeting_remove(s->people[0].m, sim_leaf(s, 0, 2), sim_wall(&s->people[0])));
    sim_run(s, 1000);
    sim_cut(s, 1);
    sim_run(s, 2000);
    sim_kill(s, 1);
    sim_start(s, 1);
    sim_run(s, 10000);
}

static void once(uint64_t k)
{
    SIM(s, .people = 3, .hosts = 1, .seed = 5);
    countdown = k;
    met = false;
    life(s);
    countdown = 0;
    for (unsigned i = 0; i < 2; i++)
        if (!well_or_told(s, i))
            ic_test_fail(__FILE__, __LINE__, "%s went on silently after allocation %llu failed",
                         s->people[i].name, (unsigned long long)k);
}

TEST(sim_short_of_memory_anywhere)
{
    uint64_t k = 1;
    do {
        once(k);
        if (ic_test_failed())
            return;
        k += 1 + k / 100;
    } while (met);
    CHECK(k > 100);
}

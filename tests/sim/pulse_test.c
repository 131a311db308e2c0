/* Signs of life that a hostile server holds back and hands out later. */
#include "sim.h"

#include <string.h>

enum { HELD_MAX = 256 };

struct feeder {
    struct ic_buf held[HELD_MAX]; /* heartbeats on their way to person 1 */
    size_t count, next;
    bool blackout;
    uint64_t fed_ms;
};

static void feeder_clear(struct feeder *f)
{
    for (size_t i = 0; i < f->count; i++)
        ic_buf_clear(&f->held[i]);
}

/* First every second heartbeat is kept; then nothing passes but one of those every eight seconds. */
static enum sim_verdict feed(struct sim *s, void *ctx, struct sim_passing *p)
{
    struct feeder *f = ctx;
    if (p->way != SIM_DOWN || p->who != 1 || !p->f || p->f->type != IC_WIRE_MESSAGE)
        return SIM_PASS;
    if (f->blackout)
        return SIM_DROP;
    if (p->f->message.seq || f->count == HELD_MAX || ++f->next % 2)
        return SIM_PASS;
    struct ic_buf *b = &f->held[f->count++];
    ic_buf_init(b, IC_WIRE_MAX);
    IC_IGNORE(ic_buf_append(b, p->bytes));
    (void)s;
    return SIM_DROP;
}

TEST(hostile_feeds_old_heartbeats)
{
    struct feeder f __attribute__((cleanup(feeder_clear))) = {0};
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    sim_middle(s, feed, &f);
    sim_run(s, 60000);
    CHECK(sim_in(s, 1)); /* every second one is enough */
    CHECK(f.count > 4);
    f.blackout = true;
    sim_mark(s);
    for (size_t i = f.count > 5 ? f.count - 5 : 0; i < f.count; i++) {
        sim_run(s, 8000);
        sim_inject_bytes(s, SIM_DOWN, 1, ic_buf_view(&f.held[i]), 0);
    }
    sim_run(s, 100);
    CHECK(sim_seen(s, 1, IC_MEETING_EV_ALERT, "nothing-heard"));
    CHECK_EQ_INT(ic_meeting_state(s->people[1].m), IC_MEETING_CUT_OFF);
}

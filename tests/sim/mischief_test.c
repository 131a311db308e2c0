/* A malicious member at random, among people who come, talk and fall off: the others agree in the end, and
 * nobody was made to leave. */
#include "villain.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 60 };

struct mischief {
    struct sim *s;
    struct sim_villain *v;
    struct ic_test_rand rand;
};

static unsigned pick(struct mischief *m, unsigned n)
{
    return (unsigned)(ic_test_rand_u64(&m->rand) % n);
}

static void commit(struct mischief *m)
{
    struct ic_mls_commit_params p = {.force_path = true};
    if (m->v->staged)
        return;
    if (pick(m, 2))
        sim_spoil_path(1 + pick(m, 3), pick(m, 2));
    (void)sim_villain_commit(m->v, &p);
    sim_spoil_path(0, false);
}

/* An Update of its own, or somebody else's Remove: the server takes the one alone. */
static void propose(struct mischief *m)
{
    IC_BUF_SCOPE(data, 1 << 12);
    IC_BUF_SCOPE(proposal, 1 << 16);
    if (!sim_villain_data(m->v, &data))
        return;
    ic_err e = pick(m, 2) ? ic_mls_propose_update(m->v->g, NULL, ic_buf_view(&data), &proposal)
                          : ic_mls_propose_remove(m->v->g, sim_villain_leaf_of(m->v, BEN),
                                                  ic_buf_view(&data), &proposal);
    if (e == IC_OK)
        sim_villain_propose(m->v, ic_buf_view(&proposal));
}

static void say(struct mischief *m)
{
    IC_BUF_SCOPE(sealed, 1 << 12);
    uint8_t junk[40];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = (uint8_t)pick(m, 4);
    if (ic_mls_protect(m->v->g, IC_VIEW_ARRAY(junk), ic_view(NULL, 0), &sealed) == IC_OK)
        sim_villain_say(m->v, ic_buf_view(&sealed), pick(m, 2));
}

static void act(struct mischief *m)
{
    struct sim *s = m->s;
    unsigned who = pick(m, VILLAIN);
    switch (pick(m, 10)) {
    case 0:
        commit(m);
        break;
    case 1:
        propose(m);
        break;
    case 2:
        say(m);
        break;
    case 3:
        if (pick(m, 2) && s->people[who].conn) {
            sim_hold_off(s, who);
            s->people[who].redial_at_ms = s->now_ms + 1000 + pick(m, 8000);
        } else {
            sim_cut(s, who);
        }
        break;
    case 4:
        if (pick(m, 3) == 0) {
            s->server[0].crash_at = s->server[0].frames + 1 + pick(m, 8);
            s->server[0].crash_unflushed = pick(m, 2);
        }
        break;
    case 5:
        if (who && pick(m, 4) == 0) { /* the client dies and starts again */
            sim_kill(s, who);
            sim_start(s, who);
        }
        break;
    case 6:
        if (!s->people[who].m)
            break;
        IC_IGNORE(ic_meeting_update_keys(s->people[who].m, sim_wall(&s->people[who])));
        sim_pump(s, who);
        break;
    default:
        (void)sim_chat(s, who, "a line");
    }
    sim_run(s, pick(m, 1500));
}

static void live(uint64_t seed)
{
    SIM(s, .people = PEOPLE, .hosts = 1, .seed = seed);
    struct mischief m = {.s = s, .rand = {seed * 99}};
    m.v = sim_villain_gather(s);
    if (ic_test_failed())
        return;
    for (int i = 0; i < STEPS && !ic_test_failed(); i++)
        act(&m);
    sim_run(s, 10000);
    for (unsigned i = 0; i < VILLAIN; i++)
        CHECK_EQ_INT(sim_count(s, i, IC_MEETING_EV_ENDED, NULL), 0);
    CHECK(sim_agree_within(s, SIM_FIRST(GHOST), 30000));
    CHECK(sim_remove(s, ADA, VILLAIN));
    CHECK(sim_agree_within(s, SIM_FIRST(VILLAIN), 10000));
}

TEST(member_does_mischief_at_random)
{
    const char *from = getenv("SIM_SEED");
    uint64_t first = from ? strtoull(from, NULL, 10) : 1;
    for (uint64_t seed = first; seed < first + 20 && !ic_test_failed(); seed++) {
        live(seed);
        if (ic_test_failed())
            printf("seed %llu\n", (unsigned long long)seed);
    }
}

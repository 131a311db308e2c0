/* Tickets: a host lets a member add somebody. */
#include "sim.h"

static const struct sim_event *knock_of(const struct sim *s, unsigned host)
{
    return sim_seen(s, host, IC_MEETING_EV_KNOCK, NULL);
}

/* The host does not admit; the guest bears its ticket. */
static void give_ticket(struct sim *s, struct ic_buf *package, struct ic_buf *ticket,
                        unsigned bearer)
{
    s->admit = false;
    s->people[2].invited = true;
    sim_mark(s);
    sim_start(s, 2);
    CHECK(sim_await(s, 0, IC_MEETING_EV_KNOCK, NULL, 3000));
    struct ic_meeting *host = s->people[0].m;
    CHECK_OK(ic_buf_append(package, ic_meeting_knock_package(host, knock_of(s, 0)->e.knock)));
    CHECK(package->len > 0);
    CHECK_OK(ic_meeting_ticket(host, ic_buf_view(package), sim_leaf(s, 0, bearer),
                               sim_wall(&s->people[0]), ticket));
}

TEST(sim_ticket_lets_a_member_add)
{
    SIM(s, .people = 3, .hosts = 1);
    IC_BUF_SCOPE(package, 1 << 16);
    IC_BUF_SCOPE(ticket, 1 << 16);
    sim_gather(s, 2);
    give_ticket(s, &package, &ticket, 1);
    if (ic_test_failed())
        return;
    CHECK_OK(ic_meeting_add_by_ticket(s->people[1].m, ic_buf_view(&package), ic_buf_view(&ticket),
                                      sim_wall(&s->people[1])));
    sim_pump(s, 1);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 3000));
}

TEST(sim_ticket_is_for_its_bearer_and_its_key_package)
{
    SIM(s, .people = 4, .hosts = 1);
    IC_BUF_SCOPE(package, 1 << 16);
    IC_BUF_SCOPE(ticket, 1 << 16);
    s->admit = true;
    sim_gather(s, 2);
    sim_start(s, 3);
    CHECK(sim_agree_within(s, SIM_ONE(0) | SIM_ONE(1) | SIM_ONE(3), 3000));
    give_ticket(s, &package, &ticket, 1);
    if (ic_test_failed())
        return;
    struct ic_view key_package = ic_buf_view(&package);
    CHECK_ERR(ic_meeting_add_by_ticket(s->people[3].m, key_package, ic_buf_view(&ticket),
                                       sim_wall(&s->people[3])),
              IC_ERR_DENIED);
    CHECK_ERR(ic_meeting_add_by_ticket(s->people[1].m, key_package, ic_buf_view(&ticket),
                                       sim_wall(&s->people[1]) + 11 * 60 * 1000),
              IC_ERR_DENIED);
    CHECK_ERR(ic_meeting_ticket(s->people[1].m, key_package, 0, sim_wall(&s->people[1]), &ticket),
              IC_ERR_DENIED);
    CHECK_ERR(ic_meeting_ticket(s->people[0].m, key_package, 77, sim_wall(&s->people[0]), &ticket),
              IC_ERR_NOT_FOUND);
}

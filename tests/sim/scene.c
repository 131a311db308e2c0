/* The scene of most tests of malicious members. */
#include "attack.h"
#include "villain.h"

#include <ic/rules/rules.h>
#include <stdlib.h>
#include <string.h>

struct sim_villain *sim_villain_gather(struct sim *s)
{
    sim_gather(s, VILLAIN);
    if (ic_test_failed())
        return NULL;
    struct sim_villain *v = sim_villain_start(s, VILLAIN);
    if (!sim_villain_in(s, VILLAIN, 3000) || !sim_agree_within(s, SIM_FIRST(GHOST), 3000))
        ic_test_fail(__FILE__, __LINE__, "the villain does not get in");
    sim_run(s, 500);
    sim_mark(s);
    return v;
}

struct ic_mls_key_package *sim_ghost_key_package(struct sim *s)
{
    static const uint8_t types[] = {0xf1, 0xca, 0xf1, 0xcb};
    struct sim_person *p = &s->people[GHOST];
    uint64_t now_s = s->now_ms / 1000;
    struct ic_mls_identity id = {.suite = ic_suite_find(s->plan.suite),
                                 .signer = p->key,
                                 .credential = sim_credential(p),
                                 .credential_types = ic_rules_credential_types(),
                                 .extension_types = IC_VIEW_ARRAY(types),
                                 .lifetime = {now_s - 3600, now_s + 86400}};
    struct ic_mls_config c = {.rand = {ic_test_rand(&p->rand, p->rand.state).fill, &p->rand},
                              .clock = ic_test_clock_ms(&s->now_ms),
                              .check_credential = ic_rules_check_credential};
    struct ic_mls_key_package *k = NULL;
    if (ic_mls_key_package_new(&c, &id, ic_view(NULL, 0), &k) != IC_OK)
        abort();
    return k;
}

/* ---- ends ---- */

void sim_villain_refused_by_server(struct sim *s, struct sim_villain *v,
                                   struct ic_mls_commit_params p, const char *rule)
{
    uint64_t epoch = sim_server_epoch(s, 0);
    CHECK(sim_villain_commit(v, &p));
    CHECK_EQ_INT(sim_villain_answer(v), IC_WIRE_ERROR);
    if (strcmp(v->text, rule) != 0)
        ic_test_fail(__FILE__, __LINE__, "refused for \"%s\", not \"%s\"", v->text, rule);
    CHECK_EQ_INT(sim_server_epoch(s, 0), epoch);
    sim_run(s, 300);
    CHECK(sim_agree(s, SIM_FIRST(GHOST)));
    CHECK(!sim_seen(s, ADA, IC_MEETING_EV_ALERT, NULL));
}

void sim_villain_refused_by_members(struct sim *s, struct sim_villain *v,
                                    struct ic_mls_commit_params p, const char *rule, unsigned about)
{
    uint64_t epoch[VILLAIN];
    for (unsigned i = 0; i < VILLAIN; i++)
        epoch[i] = ic_meeting_epoch(s->people[i].m);
    CHECK(sim_villain_force(v, &p));
    for (unsigned i = 0; i < VILLAIN; i++) {
        CHECK(sim_await(s, i, IC_MEETING_EV_ALERT, rule, 200));
        CHECK(strcmp(sim_seen(s, i, IC_MEETING_EV_ALERT, rule)->e.person.name,
                     s->people[about].name) == 0);
        CHECK(!gate_open(s, i));
        CHECK_EQ_INT(ic_meeting_epoch(s->people[i].m), epoch[i]);
    }
    for (unsigned i = 0; i < VILLAIN; i++) {
        CHECK(sim_await(s, i, IC_MEETING_EV_ENDED, rule, 4000));
        CHECK(!gate_open(s, i));
    }
}

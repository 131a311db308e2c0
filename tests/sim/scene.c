/* The scene of most tests of malicious members. */
#include "villain.h"

#include <ic/rules/rules.h>
#include <stdlib.h>

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
                                 .credential = {IC_MLS_BASIC, ic_view_cstr(p->name)},
                                 .credential_types = ic_rules_credential_types(),
                                 .extension_types = IC_VIEW_ARRAY(types),
                                 .lifetime = {now_s - 3600, now_s + 86400}};
    struct ic_mls_config c = {.rand = {ic_test_rand(&p->rand, p->rand.state).fill, &p->rand},
                              .clock = ic_test_clock_ms(&s->now_ms)};
    struct ic_mls_key_package *k = NULL;
    if (ic_mls_key_package_new(&c, &id, ic_view(NULL, 0), &k) != IC_OK)
        abort();
    return k;
}

#include "world.h"

struct counted_clock {
    uint64_t now_s;
    unsigned asked;
};

static uint64_t counted(void *ctx)
{
    struct counted_clock *c = ctx;
    c->asked++;
    return c->now_s++; /* who asks twice gets two answers */
}

/* A lifetime ends while the group runs; and each call asks once. */
TEST(each_call_asks_the_clock_once)
{
    struct world w;
    struct ic_mls_key_package *k;
    struct ic_mls_staged *s;
    struct counted_clock clock = {.now_s = world_now};
    CHECK_OK(world_init(&w, ic_suite_find(1), 1));
    w.config.clock = (struct ic_clock){counted, &clock};
    CHECK_OK(world_create(&w));
    CHECK_EQ_INT(clock.asked, 1);
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[1].id, ic_view(NULL, 0), &k));
    CHECK_EQ_INT(clock.asked, 1);
    const struct ic_view add = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
    const uint64_t end = w.people[1].id.lifetime.not_after + IC_MLSPUB_CLOCK_SKEW_S / 2;
    clock.now_s = end;
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_EQ_INT(clock.asked, 2);
    struct ic_view welcome = ic_mls_staged_welcome(s);
    CHECK_EQ_INT(clock.now_s, end + 1);
    CHECK_OK(ic_mls_group_join(&w.config, &w.people[1].id, k, welcome, ic_view(NULL, 0),
                               &w.people[1].g)); /* whose leaf has expired meanwhile: section 7.3 */
    ic_mls_group_free(w.people[1].g);
    w.people[1].g = NULL;
    CHECK_EQ_INT(clock.asked, 3);
    ic_mls_discard(s);
    CHECK_ERR(ic_mls_commit_create(w.people[0].g, &p, &s), IC_ERR_EXPIRED);
    CHECK_EQ_INT(clock.asked, 4);
    clock.now_s = world_now;
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2}, 2));
    clock.asked = 0;
    CHECK_OK(world_talk(&w, 0));
    CHECK_EQ_INT(clock.asked, world_count(&w)); /* of who speaks, too */
    ic_mls_key_package_free(k);
    world_clear(&w);
}

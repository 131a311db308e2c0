/* Properties: random steps after which all agree, and every allocation failing in turn. */
#include "steps.h"

#include <ic/base/mem.h>

enum { STEPS = 200 };

static void live(const struct ic_suite *s, uint64_t seed, bool private)
{
    struct world w;
    struct ic_test_rand r = {seed};
    CHECK_OK(world_init(&w, s, seed));
    w.config.private_handshakes = private;
    world_steps_config(&w, seed % 2);
    CHECK_OK(world_create(&w));
    if (!private)
        CHECK_OK(world_watch(&w));
    for (int i = 0; i < STEPS; i++) {
        ic_err e = world_step(&w, &r);
        if (e != IC_OK || !world_agrees(&w)) {
            ic_test_fail(__FILE__, __LINE__, "seed %llu step %d: %s %s", (unsigned long long)seed,
                         i, ic_err_name(e), w.fault.rule);
            break;
        }
    }
    world_clear(&w);
}

TEST(random_steps_leave_all_in_agreement)
{
    for (uint64_t seed = 1; seed <= 6 && !ic_test_failed(); seed++)
        live(ic_suite_find(1), seed, false);
}

TEST(random_steps_with_private_handshakes)
{
    for (uint64_t seed = 11; seed <= 13 && !ic_test_failed(); seed++)
        live(ic_suite_find(2), seed, true);
}

/* ---- every allocation failing in turn ---- */

static ic_err small_life(struct world *w)
{
    const size_t two[] = {1, 2};
    world_steps_config(w, true);
    IC_TRY(world_create(w));
    IC_TRY(world_add(w, 0, two, 2));
    IC_TRY(world_talk(w, 1));
    IC_TRY(world_propose_each(w, 0, 2));
    IC_TRY(world_leave(w, 2, 0, 3));
    IC_TRY(world_remove(w, 1, 3));
    return world_talk(w, 1);
}

static ic_err whole_life(void *ctx)
{
    struct world w;
    ic_err e = world_init(&w, ic_suite_find(1), 21);
    (void)ctx;
    if (e == IC_OK)
        e = small_life(&w);
    world_clear(&w);
    return e;
}

TEST(group_survives_failing_allocations)
{
    CHECK(ic_test_each_alloc_fails(whole_life, NULL) > 100);
}

struct one_commit {
    struct world w;
    struct ic_mls_key_package *k;
};

/* A commit that fails for want of memory leaves the group as it was. */
static ic_err commit_once(void *ctx)
{
    struct one_commit *c = ctx;
    const struct ic_view add = ic_mls_key_package_message(c->k);
    struct ic_mls_commit_params p = {.adds = &add, .add_count = 1, .force_path = true};
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    IC_TRY(ic_mls_commit_create(c->w.people[0].g, &p, &s));
    ic_err e = ic_mls_process(c->w.people[1].g, ic_mls_staged_commit(s), &r);
    if (e == IC_OK)
        ic_mls_received_clear(&r);
    ic_mls_discard(s);
    return e;
}

TEST(commits_without_memory_leave_the_group_as_it_was)
{
    struct one_commit c;
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    CHECK_OK(world_init(&c.w, ic_suite_find(1), 31));
    CHECK_OK(world_create(&c.w));
    CHECK_OK(world_add(&c.w, 0, (const size_t[]){1, 2}, 2));
    CHECK_OK(ic_mls_key_package_new(&c.w.config, &c.w.people[4].id, ic_view(NULL, 0), &c.k));
    CHECK_OK(world_snapshot(c.w.people[0].g, &before));
    CHECK(ic_test_each_alloc_fails(commit_once, &c) > 30);
    CHECK_OK(world_snapshot(c.w.people[0].g, &after));
    CHECK_BYTES(ic_buf_view(&after), ic_buf_view(&before));
    CHECK(world_agrees(&c.w));
    CHECK_OK(world_update(&c.w, 1));
    ic_mls_key_package_free(c.k);
    world_clear(&c.w);
}

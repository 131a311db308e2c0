/* Two who save one group, stores that fail, no memory; and key packages. */
#include "saved_scene.h"

#include <string.h>

/* ---- another instance, another store ---- */

TEST(of_two_instances_only_one_can_save)
{
    SCENE(s);
    struct ic_mls_group *other;
    IC_BUF_SCOPE(m, 65536);
    scene_open(&s);
    if (ic_test_failed())
        return;
    ic_mls_clear_pending(s.g);
    CHECK_OK(ic_mls_save(s.g, &s.store));
    CHECK_OK(scene_load(&s, &other));
    CHECK_OK(ic_mls_protect(other, IC_VIEW_STR("x"), ic_view(NULL, 0), &m));
    CHECK_OK(ic_mls_save(other, &s.store));
    CHECK_OK(ic_mls_protect(s.g, IC_VIEW_STR("the same key again"), ic_view(NULL, 0), &m));
    CHECK_ERR(ic_mls_save(s.g, &s.store), IC_ERR_STALE);
    CHECK(strstr(ic_mls_last_rule(s.g), "meanwhile") != NULL);
    CHECK_OK(ic_mls_save(other, &s.store));
    CHECK_OK(ic_mls_save_anew(s.g, &s.store)); /* for who says so */
    CHECK_ERR(ic_mls_save(other, &s.store), IC_ERR_STALE);
    ic_mls_group_free(other);
}

TEST(another_store_gets_everything)
{
    SCENE(s);
    struct memory_store second = {0};
    struct ic_mls_store store = memory_store(&second);
    STATE_SCOPE(whole);
    STATE_SCOPE(held);
    scene_open(&s);
    if (ic_test_failed())
        return;
    CHECK_OK(ic_mls_save(s.g, &store));
    CHECK_OK(ic_mls_state_encode(s.g, &whole));
    CHECK_OK(memory_store_dump(&second, &held));
    memory_store_clear(&second);
    CHECK_BYTES(records_of(&whole), records_in(&held));
}

/* ---- failures ---- */

/* A change worth saving, of another kind each time. */
static void change(struct scene *s, unsigned i)
{
    IC_BUF_SCOPE(m, 65536);
    ic_mls_clear_pending(s->g);
    for (size_t k = 1; k < 3; k++)
        ic_mls_clear_pending(s->w.people[k].g);
    if (i % 3 == 0)
        CHECK_OK(world_update(&s->w, i % 2));
    else if (i % 3 == 1)
        CHECK_OK(world_talk(&s->w, 0));
    else
        CHECK_OK(ic_mls_propose_update(s->g, NULL, ic_view(NULL, 0), &m));
}

static void check_store(struct scene *s)
{
    struct ic_mls_group *g;
    STATE_SCOPE(want);
    STATE_SCOPE(got);
    CHECK_OK(scene_load(s, &g));
    ic_err e = ic_mls_state_encode(g, &got);
    ic_mls_group_free(g);
    CHECK_OK(e);
    CHECK_OK(ic_mls_state_encode(s->g, &want));
    CHECK_BYTES(ic_buf_view(&got), ic_buf_view(&want));
}

TEST(a_store_that_fails_loses_nothing)
{
    SCENE(s);
    scene_open(&s);
    struct memory_store first = {.fail_at = 1, .commit_happens = true};
    struct ic_mls_store store = memory_store(&first);
    struct ic_mls_group *g = s.w.people[1].g; /* saved nowhere yet */
    for (unsigned k = 2; ic_mls_save(g, &store) != IC_OK && k < 100; k++)
        first.fail_at = k;
    CHECK(first.records.count > 10 && first.calls > 100);
    memory_store_clear(&first);
    unsigned failures = 0;
    for (unsigned i = 0; i < 6 && !ic_test_failed(); i++) {
        change(&s, i);
        s.m.commit_happens = i >= 3;
        for (unsigned k = 1; !ic_test_failed(); k++) {
            STATE_SCOPE(before);
            STATE_SCOPE(after);
            CHECK_OK(ic_mls_state_encode(s.g, &before));
            s.m.fail_at = k;
            ic_err e = ic_mls_save(s.g, &s.store);
            CHECK_OK(ic_mls_state_encode(s.g, &after));
            CHECK_BYTES(ic_buf_view(&after), ic_buf_view(&before));
            CHECK(!s.m.open);
            if (e == IC_OK)
                break;
            CHECK_ERR(e, IC_ERR_IO);
            failures++;
        }
        s.m.fail_at = 0;
        check_store(&s);
    }
    CHECK(failures > 40);
}

static ic_err load_once(void *ctx)
{
    struct ic_mls_group *g;
    IC_TRY(scene_load(ctx, &g));
    ic_mls_group_free(g);
    return IC_OK;
}

static ic_err save_once(void *ctx)
{
    struct scene *s = ctx;
    return ic_mls_save(s->g, &s->store);
}

static ic_err encode_once(void *ctx)
{
    const struct scene *s = ctx;
    STATE_SCOPE(out);
    IC_TRY(ic_mls_state_encode(s->g, &out));
    return scene_decode(ctx, ic_buf_view(&out));
}

TEST(saving_and_loading_survive_failing_allocations)
{
    SCENE(s);
    scene_open(&s);
    if (ic_test_failed())
        return;
    CHECK(ic_test_each_alloc_fails(load_once, &s) > 30);
    CHECK(ic_test_each_alloc_fails(encode_once, &s) > 30);
    change(&s, 0);
    CHECK(ic_test_each_alloc_fails(save_once, &s) > 5);
    check_store(&s);
}

/* Noting a change never fails: without memory everything is saved. */
static ic_err talk_and_save(void *ctx)
{
    struct scene *s = ctx;
    IC_BUF_SCOPE(m, 65536);
    IC_TRY(ic_mls_protect(s->g, IC_VIEW_STR("x"), ic_view(NULL, 0), &m));
    return ic_mls_save(s->g, &s->store);
}

TEST(changes_noted_without_memory_are_saved_all_the_same)
{
    SCENE(s);
    scene_open(&s);
    if (ic_test_failed())
        return;
    ic_mls_clear_pending(s.g);
    s.g->config.data_with_pending = true;
    CHECK(ic_test_each_alloc_fails(talk_and_save, &s) > 5);
    check_store(&s);
}

/* ---- key packages ---- */

TEST(key_packages_come_back)
{
    SCENE(s);
    STATE_SCOPE(bytes);
    STATE_SCOPE(again);
    struct ic_mls_key_package *k, *back;
    scene_open(&s);
    if (ic_test_failed())
        return;
    CHECK_OK(ic_mls_key_package_new(&s.w.config, &s.w.people[4].id, ic_view(NULL, 0), &k));
    CHECK_OK(ic_mls_key_package_encode(k, &bytes));
    CHECK_OK(ic_mls_key_package_decode(ic_buf_view(&bytes), &back));
    CHECK_BYTES(ic_mls_key_package_ref(back), ic_mls_key_package_ref(k));
    CHECK_OK(ic_mls_key_package_encode(back, &again));
    CHECK_BYTES(ic_buf_view(&again), ic_buf_view(&bytes));
    ic_mls_clear_pending(s.g);
    const size_t who = 4;
    const struct ic_view add = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
    for (size_t i = 1; i < 3; i++)
        ic_mls_clear_pending(s.w.people[i].g);
    CHECK_OK(world_commit(&s.w, 0, &p, &who, &back, 1));
    CHECK(world_agrees(&s.w));
    ic_mls_key_package_free(k);
    ic_mls_key_package_free(back);
    for (size_t n = 0; n < bytes.len; n++)
        CHECK(ic_mls_key_package_decode(ic_view(bytes.p, n), &back) != IC_OK);
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.p[i] ^= 1;
        CHECK(ic_mls_key_package_decode(ic_buf_view(&bytes), &back) != IC_OK);
        bytes.p[i] ^= 1;
    }
}

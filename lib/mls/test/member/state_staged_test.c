/* Commits that are staged, saved, and found again after a crash. */
#include "saved_scene.h"

#include <string.h>

static void people_start(struct world *w, const struct ic_suite *s, size_t others, bool private)
{
    static const size_t who[] = {1, 2, 3, 4, 5, 6, 7};
    CHECK_OK(world_init(w, s, 41));
    w->config.private_handshakes = private;
    CHECK_OK(world_create(w));
    CHECK_OK(world_add(w, 0, who, others));
    CHECK_OK(world_update(w, 1));
}

static ic_err restart(const struct world *w, size_t who, const struct ic_mls_group *g,
                      const struct ic_mls_staged *s, struct ic_mls_group **g2,
                      struct ic_mls_staged **s2)
{
    const struct ic_sign_key *const signers[] = {w->people[who].signer};
    STATE_SCOPE(bytes);
    STATE_SCOPE(again);
    IC_TRY(ic_mls_state_encode_staged(g, s, &bytes));
    IC_TRY(ic_mls_state_decode(&w->config, signers, 1, ic_buf_view(&bytes), g2));
    *s2 = ic_mls_take_staged(*g2);
    ic_err e = *s2 ? ic_mls_state_encode_staged(*g2, *s2, &again) : IC_ERR_NOT_FOUND;
    return e == IC_OK && !ic_view_equal(ic_buf_view(&again), ic_buf_view(&bytes)) ? IC_ERR_STATE
                                                                                  : e;
}

static void looks_the_same(const struct ic_mls_staged *a, const struct ic_mls_staged *b)
{
    CHECK_BYTES(ic_mls_staged_commit(a), ic_mls_staged_commit(b));
    CHECK_BYTES(ic_mls_staged_welcome(a), ic_mls_staged_welcome(b));
    CHECK_BYTES(ic_mls_staged_group_info(a), ic_mls_staged_group_info(b));
    CHECK_BYTES(ic_mls_staged_authenticated_data(a), ic_mls_staged_authenticated_data(b));
    CHECK_EQ_INT(ic_mls_staged_committer(a), ic_mls_staged_committer(b));
    CHECK_EQ_INT(ic_mls_staged_joiner_count(a), ic_mls_staged_joiner_count(b));
    CHECK_EQ_INT(ic_mls_staged_removes_us(a), ic_mls_staged_removes_us(b));
    CHECK_EQ_INT(ic_mls_staged_count(a), ic_mls_staged_count(b));
    for (size_t i = 0; i < ic_mls_staged_count(a); i++) {
        CHECK_EQ_INT(ic_mls_staged_item(a, i)->proposal->type,
                     ic_mls_staged_item(b, i)->proposal->type);
        CHECK_EQ_INT(ic_mls_staged_item(a, i)->leaf, ic_mls_staged_item(b, i)->leaf);
    }
    CHECK((ic_mls_staged_path_leaf(a) != NULL) == (ic_mls_staged_path_leaf(b) != NULL));
}

/* Merges both, the one that never slept and the one that was loaded: bit for bit the same. Takes all four;
 * *kept is the loaded group. */
static void merge_both(struct ic_mls_group *g, struct ic_mls_staged *s, struct ic_mls_group *g2,
                       struct ic_mls_staged *s2)
{
    STATE_SCOPE(one);
    STATE_SCOPE(two);
    ic_err e = ic_mls_merge(g, s);
    CHECK_ERR(ic_mls_merge(g2, s2), e);
    CHECK(e == IC_OK || e == IC_ERR_REMOVED);
    CHECK_OK(ic_mls_state_encode(g, &one));
    CHECK_OK(ic_mls_state_encode(g2, &two));
    CHECK_BYTES(ic_buf_view(&two), ic_buf_view(&one));
}

/* One member commits, one receives, and one of them may be removed: all of them restart in between. */
static void commit_over_restarts(struct world *w, size_t by, const struct ic_mls_commit_params *p)
{
    struct ic_mls_group *g2;
    struct ic_mls_staged *s, *s2;
    IC_BUF_SCOPE(commit, 1 << 20);
    CHECK_OK(ic_mls_commit_create(w->people[by].g, p, &s));
    CHECK_OK(ic_buf_append(&commit, ic_mls_staged_commit(s)));
    CHECK_OK(restart(w, by, w->people[by].g, s, &g2, &s2));
    looks_the_same(s, s2);
    merge_both(w->people[by].g, s, g2, s2);
    ic_mls_group_free(w->people[by].g);
    w->people[by].g = g2;
    for (size_t i = 0; i < WORLD_MEMBERS && !ic_test_failed(); i++) {
        struct ic_mls_received r;
        if (i == by || !w->people[i].g)
            continue;
        CHECK_OK(ic_mls_process(w->people[i].g, ic_buf_view(&commit), &r));
        s = r.staged;
        r.staged = NULL;
        ic_mls_received_clear(&r);
        CHECK_OK(restart(w, i, w->people[i].g, s, &g2, &s2));
        looks_the_same(s, s2);
        bool gone = ic_mls_staged_removes_us(s);
        merge_both(w->people[i].g, s, g2, s2);
        ic_mls_group_free(w->people[i].g);
        w->people[i].g = g2;
        if (gone) {
            ic_mls_group_free(g2);
            w->people[i].g = NULL;
        }
    }
    if (!ic_test_failed())
        CHECK(world_agrees(w));
}

static void all_commits(const struct ic_suite *s, bool private)
{
    struct world w;
    struct ic_mls_key_package *k;
    IC_BUF_SCOPE(m, 65536);
    people_start(&w, s, 6, private);
    const struct ic_mls_commit_params path = {.force_path = true,
                                              .authenticated_data = IC_VIEW_STR("seen by all"),
                                              .want_group_info = true};
    commit_over_restarts(&w, 2, &path);
    const uint32_t one = 5, right[] = {4, 6};
    const struct ic_mls_commit_params blank = {.removes = &one, .remove_count = 1};
    commit_over_restarts(&w, 0, &blank);
    const struct ic_mls_commit_params halve = {.removes = right, .remove_count = 2};
    commit_over_restarts(&w, 1, &halve); /* the tree's right half is gone */
    CHECK_EQ_INT(ic_mls_leaf_count(w.people[0].g), 4);
    CHECK_OK(ic_mls_propose_update(w.people[3].g, NULL, ic_view(NULL, 0), &m));
    CHECK_OK(world_propose(&w, 3, &m));
    const struct ic_mls_commit_params by_reference = {0};
    commit_over_restarts(&w, 1, &by_reference);
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[8].id, ic_view(NULL, 0), &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    const struct ic_mls_commit_params grow = {.adds = &add, .add_count = 1};
    struct ic_mls_group *g2, *was = w.people[0].g;
    struct ic_mls_staged *own, *s2;
    CHECK_OK(ic_mls_commit_create(was, &grow, &own)); /* to eight slots again */
    CHECK_OK(restart(&w, 0, was, own, &g2, &s2));
    ic_mls_discard(own);
    ic_mls_group_free(was);
    w.people[0].g = g2;
    CHECK_OK(ic_mls_group_join(&w.config, &w.people[8].id, k, ic_mls_staged_welcome(s2),
                               ic_view(NULL, 0), &w.people[8].g));
    for (size_t i = 1; i < 4; i++) {
        struct ic_mls_received r;
        CHECK_OK(ic_mls_process(w.people[i].g, ic_mls_staged_commit(s2), &r));
        CHECK_OK(ic_mls_merge(w.people[i].g, r.staged));
        r.staged = NULL;
        ic_mls_received_clear(&r);
    }
    CHECK_OK(ic_mls_merge(g2, s2));
    CHECK(world_agrees(&w));
    CHECK_EQ_INT(ic_mls_leaf_count(g2), 8);
    CHECK_OK(world_talk(&w, 0));
    CHECK_OK(world_update(&w, 8));
    ic_mls_key_package_free(k);
    world_clear(&w);
}

TEST(staged_commits_survive_a_restart)
{
    for (size_t i = 0; ic_suite_at(i) && !ic_test_failed(); i++)
        all_commits(ic_suite_at(i), i % 2);
}

TEST(a_reinit_survives_a_restart)
{
    struct world w;
    const struct ic_mls_reinit next = {.group_id = IC_VIEW_STR("the next group"), .suite = 1};
    const struct ic_mls_commit_params p = {.reinit = &next};
    struct ic_mls_reinit found;
    people_start(&w, ic_suite_find(1), 2, false);
    commit_over_restarts(&w, 0, &p);
    CHECK(ic_mls_reinit(w.people[1].g, &found));
    CHECK_BYTES(found.group_id, next.group_id);
    world_clear(&w);
}

/* ---- in a store ---- */

static bool has_staged(struct scene *s)
{
    for (size_t i = 0; i < s->m.records.count; i++)
        if (s->m.records.p[i].key.kind == IC_MLS_RECORD_STAGED)
            return true;
    return false;
}

static void stage(struct scene *s, struct ic_mls_staged **out)
{
    const struct ic_mls_commit_params update = {.skip_pending = true, .force_path = true};
    CHECK_OK(ic_mls_commit_create(s->g, &update, out));
    CHECK_OK(ic_mls_save_staged(s->g, *out, &s->store));
    CHECK(has_staged(s));
}

/* As if the process had died: the group is what the store has. */
static void die(struct scene *s)
{
    struct ic_mls_group *g;
    CHECK_OK(scene_load(s, &g));
    ic_mls_group_free(s->g);
    s->g = s->w.people[0].g = g;
}

TEST(a_saved_commit_stays_until_its_epoch_is_over)
{
    SCENE(s);
    struct ic_mls_staged *own;
    IC_BUF_SCOPE(m, 65536);
    scene_open(&s);
    for (size_t i = 0; i < 3; i++)
        ic_mls_clear_pending(s.w.people[i].g);
    stage(&s, &own);
    if (ic_test_failed())
        return;
    CHECK_OK(ic_mls_protect(s.g, IC_VIEW_STR("meanwhile"), ic_view(NULL, 0), &m));
    CHECK_OK(ic_mls_save(s.g, &s.store));
    CHECK(has_staged(&s));
    ic_mls_discard(own);
    die(&s);
    CHECK_OK(ic_mls_save(s.g, &s.store)); /* not taken yet */
    CHECK(has_staged(&s));
    s.g->changes->all = true;
    CHECK_OK(ic_mls_save(s.g, &s.store)); /* nor where everything is written */
    CHECK(has_staged(&s));
    own = ic_mls_take_staged(s.g);
    CHECK(own && !ic_mls_take_staged(s.g));
    for (size_t i = 1; i < 3; i++) {
        struct ic_mls_received r;
        CHECK_OK(ic_mls_process(s.w.people[i].g, ic_mls_staged_commit(own), &r));
        CHECK_OK(ic_mls_merge(s.w.people[i].g, r.staged));
        r.staged = NULL;
        ic_mls_received_clear(&r);
    }
    CHECK_OK(ic_mls_merge(s.g, own));
    CHECK(world_agrees(&s.w));
    CHECK_OK(ic_mls_save(s.g, &s.store));
    CHECK(!has_staged(&s));
    die(&s);
    CHECK(!ic_mls_take_staged(s.g));
    CHECK_OK(world_talk(&s.w, 0));
}

TEST(a_saved_commit_that_lost_is_erased)
{
    SCENE(s);
    struct ic_mls_staged *own;
    scene_open(&s);
    for (size_t i = 0; i < 3; i++)
        ic_mls_clear_pending(s.w.people[i].g);
    stage(&s, &own);
    if (ic_test_failed())
        return;
    CHECK_OK(world_update(&s.w, 1));
    CHECK_ERR(ic_mls_save_staged(s.g, own, &s.store), IC_ERR_ARG);
    CHECK_OK(ic_mls_save(s.g, &s.store));
    CHECK(!has_staged(&s));
    ic_mls_discard(own);
    stage(&s, &own);
    CHECK_OK(ic_mls_save_staged(s.g, NULL, &s.store)); /* and one that is given up */
    CHECK(!has_staged(&s));
    ic_mls_discard(own);
    stage(&s, &own);
    ic_mls_discard(own);
    die(&s);
    CHECK_OK(world_update(&s.w, 2)); /* one that was loaded, and lost, is not given any more */
    CHECK(!ic_mls_take_staged(s.g));
    CHECK_OK(ic_mls_save(s.g, &s.store));
    CHECK(!has_staged(&s));
}

/* ---- damaged, made up ---- */

static void refused_or_equal(struct scene *s)
{
    struct ic_mls_group *g;
    if (scene_load(s, &g) != IC_OK)
        return;
    STATE_SCOPE(loaded);
    STATE_SCOPE(held);
    struct ic_mls_staged *staged = ic_mls_take_staged(g);
    ic_err e = ic_mls_state_encode_staged(g, staged, &loaded);
    CHECK_OK(e);
    CHECK_OK(memory_store_dump(&s->m, &held));
    CHECK_BYTES(records_of(&loaded), records_in(&held));
    CHECK_OK(ic_mls_merge(g, staged));
    ic_mls_group_free(g);
}

TEST(staged_commits_made_up_are_refused_or_taken_as_they_are)
{
    SCENE(s);
    struct ic_mls_staged *own;
    scene_open(&s);
    stage(&s, &own);
    if (ic_test_failed())
        return;
    ic_mls_discard(own);
    struct memory_record *r = &s.m.records.p[s.m.records.count - 1];
    CHECK_EQ_INT(r->key.kind, IC_MLS_RECORD_STAGED);
    struct ic_mls_group *g;
    for (size_t i = 0; i < r->len; i++) {
        r->value[i] ^= 1;
        CHECK_ERR(scene_load(&s, &g), IC_ERR_MALFORMED);
        r->value[i] ^= 1;
    }
    for (size_t i = 0; i < r->len - IC_MLS_RECORD_CHECK_LEN && !ic_test_failed(); i++) {
        uint8_t bit = (uint8_t)(1u << i % 8);
        r->value[i] ^= bit;
        scene_sum_up(r);
        refused_or_equal(&s);
        r->value[i] ^= bit;
    }
    for (size_t len = r->len; r->len > 0 && !ic_test_failed(); r->len--) {
        scene_sum_up(r);
        if (r->len < len)
            CHECK(scene_load(&s, &g) != IC_OK);
    }
}

static ic_err save_and_load(void *ctx)
{
    struct scene *s = ctx;
    struct ic_mls_group *g;
    IC_TRY(ic_mls_save_staged(s->g, s->g->staged, &s->store));
    IC_TRY(scene_load(s, &g));
    bool there = g->staged != NULL;
    ic_mls_group_free(g);
    return there ? IC_OK : IC_ERR_STATE;
}

TEST(saving_staged_commits_survives_failing_allocations)
{
    SCENE(s);
    struct ic_mls_staged *own;
    scene_open(&s);
    stage(&s, &own);
    if (ic_test_failed())
        return;
    s.g->staged = own; /* freed with the group */
    CHECK(ic_test_each_alloc_fails(save_and_load, &s) > 60);
}

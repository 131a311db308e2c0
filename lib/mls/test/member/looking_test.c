/* What can be seen of a group, of a staged commit and of a key package; and of refusals. */
#include "world.h"

#include <ic/mlspub/codec.h>
#include <string.h>

#define WORLD(name, people)                                                                        \
    __attribute__((cleanup(world_clear))) struct world name;                                       \
    CHECK_OK(populated(&name, people))

/* Everybody has committed. */
static ic_err populated(struct world *w, size_t people)
{
    static const size_t who[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    IC_TRY(world_init(w, ic_suite_find(1), 31));
    IC_TRY(world_create(w));
    IC_TRY(world_add(w, 0, who, people - 1));
    for (size_t i = 0; i < people; i++)
        IC_TRY(world_update(w, i));
    return IC_OK;
}

/* The ciphertexts of a commit with a path that this member makes. */
static size_t ciphertexts(struct world *w, size_t by)
{
    struct ic_mls_staged *s;
    struct ic_mlspub_message m;
    const struct ic_mls_commit_params p = {.force_path = true};
    IC_ARENA_SCOPE(arena, 1 << 20);
    size_t n = 0;
    if (ic_mls_commit_create(w->people[by].g, &p, &s) != IC_OK)
        return SIZE_MAX;
    if (ic_mlspub_message_decode(ic_mls_staged_commit(s), &arena, &m) != IC_OK)
        n = SIZE_MAX;
    const struct ic_mlspub_update_path *path = &m.public_message.auth.content.commit.path;
    for (size_t i = 0; n != SIZE_MAX && i < path->node_count; i++)
        n += path->nodes[i].secret_count;
    ic_mls_discard(s);
    return n;
}

static void costs_are_true(struct world *w)
{
    for (size_t i = 0; i < WORLD_MEMBERS; i++) {
        const struct ic_mls_group *g = w->people[i].g;
        if (g)
            CHECK_EQ_INT(ic_mls_path_cost(g, ic_mls_own_leaf(g)), ciphertexts(w, i));
    }
}

TEST(the_cost_of_a_path_is_told)
{
    WORLD(w, 8);
    const struct ic_mls_group *g = w.people[0].g;
    for (uint32_t i = 0; i < 8; i++)
        CHECK_EQ_INT(ic_mls_path_cost(g, i), 3);
    costs_are_true(&w);
    CHECK_OK(world_remove(&w, 0, 5)); /* blanks what stood above leaf 5 */
    CHECK_EQ_INT(ic_mls_path_cost(g, 5), IC_MLSPUB_NO_LEAF);
    CHECK_EQ_INT(ic_mls_path_cost(g, 500), IC_MLSPUB_NO_LEAF);
    costs_are_true(&w);
    CHECK_OK(world_watch(&w));
    CHECK_OK(world_add(&w, 1, (const size_t[]){8, 9}, 2)); /* unmerged at first */
    CHECK(ic_mls_path_cost(g, 0) > 3);
    costs_are_true(&w);
    for (uint32_t i = 0; i < ic_mls_leaf_count(g); i++)
        CHECK_EQ_INT(ic_mlspub_observer_path_cost(w.observer, i), ic_mls_path_cost(g, i));
}

TEST(a_staged_commit_shows_its_tree)
{
    WORLD(w, 5);
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    const uint32_t gone = 3;
    const struct ic_mls_commit_params p = {.removes = &gone, .remove_count = 1};
    IC_BUF_SCOPE(own, 1 << 20);
    IC_BUF_SCOPE(theirs, 1 << 20);
    IC_BUF_SCOPE(merged, 1 << 20);
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_OK(ic_mls_staged_tree(s, &own));
    CHECK_OK(ic_mls_process(w.people[3].g, ic_mls_staged_commit(s), &r)); /* who is removed */
    CHECK_OK(ic_mls_staged_tree(r.staged, &theirs));
    CHECK_OK(ic_mls_merge(w.people[0].g, s));
    CHECK_OK(ic_mls_tree(w.people[0].g, &merged));
    CHECK_BYTES(ic_buf_view(&own), ic_buf_view(&merged));
    CHECK_BYTES(ic_buf_view(&theirs), ic_buf_view(&merged));
    ic_mls_received_clear(&r);
}

TEST(a_key_package_is_kept_in_parts)
{
    WORLD(w, 2);
    struct ic_mls_key_package *k, *again;
    struct ic_mls_staged *s;
    IC_SECRET_SCOPE(init);
    IC_SECRET_SCOPE(leaf);
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[4].id, ic_view(NULL, 0), &k));
    CHECK_OK(ic_mls_key_package_export(k, &init, &leaf));
    const struct ic_view add = ic_mls_key_package_message(k);
    const struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_ERR(ic_mls_key_package_import(add, ic_secret_view(&leaf), ic_secret_view(&init), &again),
              IC_ERR_KEY);
    CHECK_OK(ic_mls_key_package_import(add, ic_secret_view(&init), ic_secret_view(&leaf), &again));
    CHECK_OK(ic_mls_group_join(&w.config, &w.people[4].id, again, ic_mls_staged_welcome(s),
                               ic_view(NULL, 0), &w.people[4].g));
    ic_mls_discard(s);
    ic_mls_key_package_free(k);
    ic_mls_key_package_free(again);
}

TEST(the_rule_told_is_that_of_the_last_call)
{
    WORLD(w, 3);
    struct ic_mls_group *g = w.people[0].g;
    struct ic_mls_identity other = w.people[0].id;
    struct ic_mls_received r;
    struct ic_mls_staged *s;
    const struct ic_mls_commit_params p = {.identity = &other};
    IC_BUF_SCOPE(out, 65536);
    other.suite = ic_suite_find(2);
    for (int i = 0; i < 5; i++) {
        CHECK_ERR(ic_mls_propose_remove(g, 77, ic_view(NULL, 0), &out), IC_ERR_RULE);
        CHECK(strstr(ic_mls_last_rule(g), "12.1.3"));
        CHECK_EQ_INT(ic_mls_last_offender(g), 77);
        if (i == 0)
            CHECK_ERR(ic_mls_propose_update(g, &other, ic_view(NULL, 0), &out), IC_ERR_ARG);
        else if (i == 1)
            CHECK_ERR(ic_mls_commit_create(g, &p, &s), IC_ERR_ARG);
        else if (i == 2)
            CHECK_ERR(ic_mls_process(g, IC_VIEW_STR("hello"), &r), IC_ERR_UNSUPPORTED);
        else if (i == 3)
            CHECK_ERR(ic_mls_propose_add(g, IC_VIEW_STR("hello"), ic_view(NULL, 0), &out),
                      IC_ERR_UNSUPPORTED);
        else
            CHECK_OK(ic_mls_protect(g, IC_VIEW_STR("hello"), ic_view(NULL, 0), &out));
        CHECK(!*ic_mls_last_rule(g));
        CHECK_EQ_INT(ic_mls_last_offender(g), IC_MLSPUB_NO_LEAF);
    }
}

TEST(an_observer_says_why_it_does_not_open)
{
    WORLD(w, 3);
    struct ic_mlspub_observer *o;
    struct ic_mlspub_fault fault = {"left over", 1};
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(tree, 1 << 20);
    CHECK_OK(ic_mls_group_info(w.people[0].g, false, &info));
    CHECK_OK(ic_mls_tree(w.people[0].g, &tree));
    CHECK_ERR(ic_mlspub_observer_open(ic_buf_view(&info), ic_view(NULL, 0), world_now, &fault, &o),
              IC_ERR_NOT_FOUND);
    CHECK(strstr(fault.rule, "12.4.3.1: no ratchet tree"));
    CHECK_OK(
        ic_mlspub_observer_open(ic_buf_view(&info), ic_buf_view(&tree), world_now, &fault, &o));
    CHECK(!*fault.rule);
    ic_mlspub_observer_free(o);
    info.p[info.len - 1] ^= 1;
    CHECK_ERR(
        ic_mlspub_observer_open(ic_buf_view(&info), ic_buf_view(&tree), world_now, &fault, &o),
        IC_ERR_SIGNATURE);
    CHECK(strstr(fault.rule, "the GroupInfo's signature"));
    CHECK_EQ_INT(fault.offender, 0);
    CHECK_OK(world_update(&w, 1));
    ic_buf_reset(&tree);
    CHECK_OK(ic_mls_tree(w.people[0].g, &tree));
    info.p[info.len - 1] ^= 1;
    CHECK_ERR(
        ic_mlspub_observer_open(ic_buf_view(&info), ic_buf_view(&tree), world_now, &fault, &o),
        IC_ERR_RULE);
    CHECK(strstr(fault.rule, "the tree has another hash"));
}

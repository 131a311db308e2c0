/* The benchmark's fixture against what it stands for: 100 members who have each made a real commit. The trees have
 * the same shape, every member holds keys of the same nodes, and what a commit, an add and a removal send has
 * the same lengths; so what is measured on the one holds for the other. */
#include "fixture.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <string.h>

enum { N = 100, SIZE = 16 << 20 };

struct real {
    struct ic_mls_group *groups[N];
};

static ic_err take(struct ic_mls_group *g, struct ic_view commit)
{
    struct ic_mls_received r;
    IC_TRY(ic_mls_process(g, commit, &r));
    struct ic_mls_staged *s = r.staged;
    r.staged = NULL;
    ic_mls_received_clear(&r);
    return s ? ic_mls_merge(g, s) : IC_ERR_STATE;
}

static ic_err join_all(const struct fixture *f, struct real *real, struct ic_mls_key_package **k)
{
    struct ic_view adds[N];
    struct ic_mls_staged *s;
    IC_TRY(ic_mls_group_create(&f->config, &f->members[0].id, fixture_group_id(), ic_view(NULL, 0),
                               &real->groups[0]));
    for (uint32_t i = 1; i < N; i++) {
        IC_TRY(ic_mls_key_package_new(&f->config, &f->members[i].id, ic_view(NULL, 0), &k[i]));
        adds[i - 1] = ic_mls_key_package_message(k[i]);
    }
    const struct ic_mls_commit_params p = {.adds = adds, .add_count = N - 1};
    IC_TRY(ic_mls_commit_create(real->groups[0], &p, &s));
    for (uint32_t i = 1; i < N; i++)
        IC_TRY(ic_mls_group_join(&f->config, &f->members[i].id, k[i], ic_mls_staged_welcome(s),
                                 ic_view(NULL, 0), &real->groups[i]));
    return ic_mls_merge(real->groups[0], s);
}

static ic_err commit_each(struct real *real)
{
    for (uint32_t by = 0; by < N; by++) {
        struct ic_mls_staged *s;
        IC_TRY(ic_mls_commit_create(real->groups[by],
                                    &(struct ic_mls_commit_params){.force_path = true}, &s));
        for (uint32_t i = 0; i < N; i++)
            if (i != by)
                IC_TRY(take(real->groups[i], ic_mls_staged_commit(s)));
        IC_TRY(ic_mls_merge(real->groups[by], s));
    }
    return IC_OK;
}

static void check_trees(const struct ic_mlspub_tree *a, const struct ic_mlspub_tree *b)
{
    IC_ARENA_SCOPE(arena, SIZE);
    CHECK_EQ_INT(ic_mlspub_tree_size(a), ic_mlspub_tree_size(b));
    CHECK_EQ_INT(ic_mlspub_tree_members(a), ic_mlspub_tree_members(b));
    for (uint32_t node = 0; node < ic_mlspub_node_count(ic_mlspub_tree_size(a)); node++) {
        const uint32_t *x, *y;
        size_t nx, ny;
        CHECK_EQ_INT(ic_mlspub_tree_key(a, node).len, ic_mlspub_tree_key(b, node).len);
        CHECK_OK(ic_mlspub_tree_resolution(a, node, &arena, &x, &nx));
        CHECK_OK(ic_mlspub_tree_resolution(b, node, &arena, &y, &ny));
        CHECK_EQ_INT(nx, ny);
        CHECK(nx == 0 || memcmp(x, y, nx * sizeof *x) == 0);
    }
    for (uint32_t leaf = 0; leaf < N; leaf++) {
        struct ic_mlspub_leaf_node x, y;
        CHECK_OK(ic_mlspub_tree_leaf(a, leaf, &x));
        CHECK_OK(ic_mlspub_tree_leaf(b, leaf, &y));
        CHECK_EQ_INT(x.source, y.source);
        CHECK_EQ_INT(x.encoded.len, y.encoded.len);
        CHECK_EQ_INT(x.parent_hash.len, y.parent_hash.len);
    }
}

static void check_keys(const struct ic_mls_path_keys *a, const struct ic_mls_path_keys *b)
{
    CHECK_EQ_INT(a->count, b->count);
    for (uint32_t i = 0; i < a->count; i++)
        CHECK_EQ_INT(a->parents[i].node, b->parents[i].node);
}

/* What leaf 0 sends for p, and that leaf N - 1 takes it. */
static void send(struct ic_mls_group *by, struct ic_mls_group *to, struct ic_mls_commit_params p,
                 size_t *len)
{
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    CHECK_OK(ic_mls_commit_create(by, &p, &s));
    *len = ic_mls_staged_commit(s).len + ic_mls_staged_welcome(s).len;
    CHECK_OK(ic_mls_process(to, ic_mls_staged_commit(s), &r));
    ic_mls_received_clear(&r);
    ic_mls_discard(s);
}

/* Epochs and nonces differ, lengths of Ed25519 and X25519 do not. */
static void check_messages(const struct fixture *f, struct ic_mls_group *a[2],
                           struct ic_mls_group *b[2], struct ic_view package)
{
    const uint32_t gone = N / 2 - 1;
    const struct ic_mls_commit_params all[] = {
        {.force_path = true},
        {.adds = &package, .add_count = 1},
        {.removes = &gone, .remove_count = 1},
    };
    (void)f;
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        size_t x = 0, y = 1;
        send(a[0], a[1], all[i], &x);
        send(b[0], b[1], all[i], &y);
        CHECK_EQ_INT(x, y);
    }
}

static void compare(const struct fixture *f, struct real *real)
{
    struct ic_mls_group *g, *ends[2];
    struct ic_mls_key_package *newcomer;
    for (uint32_t i = 0; i < N && !ic_test_failed(); i++) {
        CHECK_OK(fixture_take(f, i, &g));
        check_keys(&g->now.keys, &real->groups[i]->now.keys);
        ic_mls_group_free(g);
    }
    CHECK_OK(fixture_take(f, 0, &ends[0]));
    CHECK_OK(fixture_take(f, N - 1, &ends[1]));
    check_trees(ends[0]->tree, real->groups[0]->tree);
    CHECK_EQ_INT(ic_mlspub_tree_bytes(ends[0]->tree), ic_mlspub_tree_bytes(real->groups[0]->tree));
    CHECK_OK(ic_mls_key_package_new(&f->config, &f->members[N].id, ic_view(NULL, 0), &newcomer));
    check_messages(f, ends, (struct ic_mls_group *[]){real->groups[0], real->groups[N - 1]},
                   ic_mls_key_package_message(newcomer));
    ic_mls_key_package_free(newcomer);
    ic_mls_group_free(ends[0]);
    ic_mls_group_free(ends[1]);
}

TEST(the_fixture_is_what_100_real_commits_leave)
{
    struct fixture f;
    struct real real = {0};
    struct ic_mls_key_package *packages[N] = {0};
    struct ic_test_rand state;
    CHECK_OK(fixture_init(&f, ic_suite_find(1), N, true, ic_test_rand(&state, 5)));
    CHECK_OK(join_all(&f, &real, packages));
    CHECK_OK(commit_each(&real));
    compare(&f, &real);
    for (uint32_t i = 0; i < N; i++) {
        ic_mls_key_package_free(packages[i]);
        ic_mls_group_free(real.groups[i]);
    }
    fixture_clear(&f);
}

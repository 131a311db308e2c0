/* Work that other implementations of MLS did for nothing, counted here: see counters.h. */
#include "../../bench/fixture.h"
#include "counters.h"
#include "world.h"

#include <ic/base/mem.h>
#include <string.h>

static const struct ic_view none;

/* What a commit that adds so many costs its committer, in a group of one. */
static void count_adds(size_t n, struct counters *out)
{
    struct world w;
    struct ic_mls_staged *s;
    IC_AUTOFREE struct ic_view *adds = ic_new_array(n, struct ic_view);
    IC_AUTOFREE struct ic_mls_key_package **packages = ic_new_array(n, struct ic_mls_key_package *);
    IC_AUTOFREE struct ic_sign_key **signers = ic_new_array(n, struct ic_sign_key *);
    CHECK_OK(world_init(&w, ic_suite_find(1), 71));
    CHECK_OK(world_create(&w));
    for (size_t i = 0; i < n; i++) {
        struct ic_mls_identity id = w.people[1].id;
        CHECK_OK(ic_sign_key_generate(w.suite->sig, &w.config.rand, &signers[i]));
        id.signer = signers[i];
        CHECK_OK(ic_mls_key_package_new(&w.config, &id, none, &packages[i]));
        adds[i] = ic_mls_key_package_message(packages[i]);
    }
    const struct ic_mls_commit_params p = {.adds = adds, .add_count = n};
    counters_begin();
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    *out = counters;
    ic_mls_discard(s);
    for (size_t i = 0; i < n; i++) {
        ic_mls_key_package_free(packages[i]);
        ic_sign_key_free(signers[i]);
    }
    world_clear(&w);
}

/* Four times the adds cost about four times as much: no add walks over the others. */
TEST(adds_grow_no_faster_than_their_number)
{
    struct counters few = {0}, many = {0};
    count_adds(64, &few);
    count_adds(256, &many);
    if (ic_test_failed())
        return;
    CHECK(few.blocks > 64 && few.node_hashes >= 64);
    CHECK(many.blocks < 5 * few.blocks);
    CHECK(many.bytes < 5 * few.bytes);
    CHECK(many.node_hashes < 5 * few.node_hashes);
    CHECK_EQ_INT(few.verified, 2 * 64);
    CHECK_EQ_INT(many.verified, 2 * 256);
}

/* The Welcome's HPKE info is the encrypted GroupInfo with its tree: once for all joiners. */
TEST(hpke_info_is_serialised_once_for_all_joiners)
{
    struct counters few = {0}, many = {0};
    count_adds(2, &few);
    count_adds(64, &many);
    CHECK_EQ_INT(few.infos, 1);
    CHECK_EQ_INT(many.infos, 1);
    CHECK_EQ_INT(many.group_infos, 1);
}

TEST(a_group_info_is_built_where_somebody_reads_it)
{
    struct world w;
    struct ic_mls_staged *s;
    CHECK_OK(world_init(&w, ic_suite_find(1), 72));
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2}, 2));
    struct ic_mls_commit_params p = {.force_path = true};
    counters_begin();
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_EQ_INT(counters.group_infos, 0);
    ic_mls_discard(s);
    p.want_group_info = true;
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_EQ_INT(counters.group_infos, 1);
    ic_mls_discard(s);
    world_clear(&w);
}

TEST(an_application_messages_signature_is_verified_once)
{
    struct world w;
    IC_BUF_SCOPE(m, 65536);
    CHECK_OK(world_init(&w, ic_suite_find(1), 73));
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2}, 2));
    counters_begin();
    CHECK_OK(world_say(&w, 0, "once", &m));
    CHECK_EQ_INT(counters.verified, 0);
    CHECK_OK(world_read(&w.people[1], ic_buf_view(&m), IC_VIEW_STR("once")));
    CHECK_EQ_INT(counters.verified, 1);
    world_clear(&w);
}

/* A commit with a path in a group of 1000: what it allocates, and the nodes that it hashes. */
TEST(no_commit_copies_the_tree)
{
    enum { MEMBERS = 1000 };
    static struct fixture f;
    struct ic_test_rand rand;
    struct ic_mls_group *a, *b;
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    CHECK_OK(fixture_init(&f, ic_suite_find(1), MEMBERS, true, ic_test_rand(&rand, 74)));
    CHECK_OK(fixture_take(&f, 0, &a));
    CHECK_OK(fixture_take(&f, MEMBERS - 1, &b));
    const struct ic_mls_commit_params p = {.force_path = true};
    counters_begin();
    CHECK_OK(ic_mls_commit_create(a, &p, &s));
    CHECK(counters.bytes > 0);
    CHECK(counters.bytes < f.tree_bytes.len / 3);
    CHECK(counters.node_hashes < 64);
    counters_begin();
    CHECK_OK(ic_mls_process(b, ic_mls_staged_commit(s), &r));
    CHECK(counters.bytes < f.tree_bytes.len / 3);
    CHECK(counters.node_hashes < 64);
    CHECK_EQ_INT(counters.verified, 2); /* the message, and the leaf in its path */
    ic_mls_received_clear(&r);
    counters_begin();
    CHECK_OK(ic_mls_merge(a, s));
    CHECK(counters.bytes < f.tree_bytes.len / 3);
    CHECK_EQ_INT(counters.verified, 0);
    ic_mls_group_free(a);
    ic_mls_group_free(b);
    fixture_clear(&f);
}

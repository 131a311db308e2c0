#include "../../src/member/secret_tree.h"

#include <ic/base/test.h>
#include <string.h>

static const uint8_t seed[32] = {1, 2, 3};

static ic_err tree_new(uint32_t slots, uint32_t forward, uint32_t skipped,
                       struct ic_mls_secret_tree **out)
{
    struct ic_secret s;
    IC_TRY(ic_secret_set(&s, IC_VIEW_ARRAY(seed)));
    return ic_mls_secret_tree_new(ic_suite_find(1), slots, &s, forward, skipped, out);
}

/* The key of a generation, used up. */
static ic_err take(struct ic_mls_secret_tree *t, uint32_t leaf, uint32_t generation,
                   struct ic_mls_message_key *out)
{
    struct ic_mls_key_use use;
    IC_TRY(ic_mls_secret_tree_find(t, leaf, IC_MLS_APPLICATION_RATCHET, generation, &use));
    *out = use.key;
    ic_mls_secret_tree_consume(t, &use);
    return IC_OK;
}

/* RFC9420-6.3.1-4 RFC9420-9.1-1 */
TEST(secret_tree_gives_sender_and_receiver_the_same_keys)
{
    struct ic_mls_secret_tree *a, *b;
    struct ic_mls_message_key k, got;
    CHECK_OK(tree_new(8, 100, 100, &a));
    CHECK_OK(tree_new(8, 100, 100, &b));
    for (uint32_t g = 0; g < 5; g++) {
        CHECK_OK(ic_mls_secret_tree_next(a, 5, IC_MLS_APPLICATION_RATCHET, &k));
        CHECK_EQ_INT(k.generation, g);
        CHECK_OK(take(b, 5, g, &got));
        CHECK(memcmp(&k, &got, sizeof k.key / 2) == 0);
        CHECK_BYTES(ic_view(k.nonce, 12), ic_view(got.nonce, 12));
    }
    ic_mls_secret_tree_free(a);
    ic_mls_secret_tree_free(b);
}

/* RFC9420-9.2-1 RFC9420-9.2-2 */
TEST(secret_tree_keeps_skipped_keys_and_refuses_replays)
{
    struct ic_mls_secret_tree *t, *straight;
    struct ic_mls_message_key order[10], k;
    CHECK_OK(tree_new(4, 100, 100, &t));
    CHECK_OK(tree_new(4, 100, 100, &straight));
    for (uint32_t g = 0; g < 10; g++)
        CHECK_OK(take(straight, 1, g, &order[g]));
    static const uint32_t scrambled[] = {7, 2, 9, 0, 8, 1, 3, 6, 5, 4};
    for (size_t i = 0; i < 10; i++) {
        CHECK_OK(take(t, 1, scrambled[i], &k));
        CHECK_BYTES(ic_view(k.key, 16), ic_view(order[scrambled[i]].key, 16));
        CHECK_ERR(take(t, 1, scrambled[i], &k), IC_ERR_REPLAY);
    }
    CHECK_OK(take(t, 1, 10, &k));
    ic_mls_secret_tree_free(t);
    ic_mls_secret_tree_free(straight);
}

TEST(secret_tree_caps_the_way_forward)
{
    struct ic_mls_secret_tree *t;
    struct ic_mls_message_key k;
    CHECK_OK(tree_new(2, 50, 50, &t));
    CHECK_ERR(take(t, 0, 51, &k), IC_ERR_LIMIT);
    CHECK_ERR(take(t, 0, UINT32_MAX, &k), IC_ERR_LIMIT);
    CHECK_OK(take(t, 0, 50, &k));
    CHECK_OK(take(t, 0, 101, &k));
    CHECK_ERR(take(t, 2, 0, &k), IC_ERR_RANGE);
    ic_mls_secret_tree_free(t);
}

TEST(secret_tree_drops_the_oldest_skipped_keys)
{
    struct ic_mls_secret_tree *t;
    struct ic_mls_message_key k;
    CHECK_OK(tree_new(2, 100, 4, &t));
    CHECK_OK(take(t, 0, 10, &k)); /* 6 to 9 are kept */
    CHECK_ERR(take(t, 0, 5, &k), IC_ERR_REPLAY);
    CHECK_OK(take(t, 0, 6, &k));
    CHECK_OK(take(t, 0, 13, &k)); /* 8, 9, 11, 12 */
    CHECK_ERR(take(t, 0, 7, &k), IC_ERR_REPLAY);
    CHECK_OK(take(t, 0, 8, &k));
    CHECK_OK(take(t, 0, 12, &k));
    ic_mls_secret_tree_free(t);
}

TEST(secret_tree_is_not_moved_by_what_is_only_looked_at)
{
    struct ic_mls_secret_tree *t;
    struct ic_mls_key_use use;
    struct ic_mls_message_key k;
    CHECK_OK(tree_new(2, 100, 100, &t));
    for (int i = 0; i < 3; i++) {
        CHECK_OK(ic_mls_secret_tree_find(t, 0, IC_MLS_HANDSHAKE_RATCHET, 20, &use));
        ic_mls_key_use_clear(&use);
    }
    CHECK_OK(ic_mls_secret_tree_next(t, 0, IC_MLS_HANDSHAKE_RATCHET, &k));
    CHECK_EQ_INT(k.generation, 0);
    ic_mls_secret_tree_free(t);
}

static ic_err use_tree(void *ctx)
{
    (void)ctx;
    struct ic_mls_secret_tree *t;
    struct ic_mls_message_key k;
    IC_TRY(tree_new(16, 100, 100, &t));
    ic_err e = take(t, 3, 5, &k);
    if (e == IC_OK)
        e = take(t, 12, 1, &k);
    if (e == IC_OK)
        e = take(t, 3, 2, &k);
    ic_mls_secret_tree_free(t);
    return e;
}

TEST(secret_tree_survives_failing_allocations)
{
    CHECK(ic_test_each_alloc_fails(use_tree, NULL) > 8);
}

/* The overlay against a tree decoded afresh: hashes, keys, discards, failing allocations, hostile
 * trees. */
#include "sim.h"
#include <ic/base/mem.h>
#include <ic/mlspub/label.h>
#include <string.h>

static const struct ic_suite *suite(void)
{
    return ic_suite_find(1);
}

/* A leaf that is well-formed and unsigned: keys of random bytes. */
static ic_err random_leaf(struct ic_test_rand *r, struct ic_buf *out)
{
    uint8_t key[32], sig[32];
    struct ic_rand rand = {.fill = NULL};
    (void)rand;
    for (size_t i = 0; i < 32; i++) {
        key[i] = (uint8_t)ic_test_rand_u64(r);
        sig[i] = (uint8_t)ic_test_rand_u64(r);
    }
    static const uint8_t one[] = {0, 1};
    uint8_t many[80];
    size_t n = ic_test_rand_u64(r) % 40;
    for (size_t i = 0; i < n; i++)
        ic_store_u16(many + 2 * i, (uint16_t)(ic_test_rand_u64(r) % 50));
    struct ic_mlspub_leaf_node l = {
        .encryption_key = IC_VIEW_ARRAY(key),
        .signature_key = IC_VIEW_ARRAY(sig),
        .credential = {IC_MLS_BASIC, IC_VIEW_STR("seventeen letters")},
        .capabilities = {.versions = IC_VIEW_ARRAY(one),
                         .suites = IC_VIEW_ARRAY(one),
                         .extensions = ic_view(many, 2 * n),
                         .credentials = IC_VIEW_ARRAY(one)},
        .source = IC_MLS_LEAF_KEY_PACKAGE,
        .signature = ic_view(many, 64),
    };
    ic_buf_reset(out);
    struct ic_writer w = ic_writer(out);
    ic_mlspub_leaf_node_write(&w, &l);
    return ic_writer_end(&w);
}

static void tree_free(struct ic_mlspub_tree **t)
{
    ic_mlspub_tree_free(*t);
}
static void diff_free(struct ic_mlspub_diff **d)
{
    ic_mlspub_diff_free(*d);
}
#define TREE_SCOPE IC_CLEANUP(tree_free) struct ic_mlspub_tree *
#define DIFF_SCOPE IC_CLEANUP(diff_free) struct ic_mlspub_diff *

static ic_err first_tree(struct ic_test_rand *r, struct ic_mlspub_tree **out)
{
    IC_BUF_SCOPE(leaf, 4096);
    IC_TRY(random_leaf(r, &leaf));
    struct ic_mlspub_leaf_node l;
    IC_TRY(ic_mlspub_leaf_node_decode(ic_buf_view(&leaf), NULL, &l));
    return ic_mlspub_tree_new(suite(), &l, 0, out);
}

static uint32_t random_member(struct ic_test_rand *r, const struct ic_mlspub_diff *d)
{
    uint32_t at = (uint32_t)(ic_test_rand_u64(r) % ic_mlspub_diff_size(d));
    uint32_t leaf = ic_mlspub_diff_next(d, at);
    return leaf != IC_MLSPUB_NO_LEAF ? leaf : ic_mlspub_diff_next(d, 0);
}

static ic_err random_path(struct ic_test_rand *r, struct ic_mlspub_diff *d, uint32_t leaf)
{
    uint32_t path[IC_MLSPUB_DEPTH_MAX], copath[IC_MLSPUB_DEPTH_MAX];
    uint8_t keys[IC_MLSPUB_DEPTH_MAX][32], hash[IC_HASH_MAX];
    struct ic_view views[IC_MLSPUB_DEPTH_MAX];
    size_t n, len;
    ic_mlspub_diff_filtered_path(d, leaf, path, copath, &n);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < 32; j++)
            keys[i][j] = (uint8_t)ic_test_rand_u64(r);
        views[i] = IC_VIEW_ARRAY(keys[i]);
    }
    return ic_mlspub_diff_set_path(d, leaf, views, n, hash, &len);
}

static ic_err random_step(struct ic_test_rand *r, struct ic_mlspub_diff *d)
{
    IC_BUF_SCOPE(bytes, 4096);
    struct ic_mlspub_leaf_node l;
    uint32_t leaf = random_member(r, d), added;
    switch (ic_test_rand_u64(r) % 8) {
    case 0:
    case 1:
    case 2:
        IC_TRY(random_leaf(r, &bytes));
        IC_TRY(ic_mlspub_leaf_node_decode(ic_buf_view(&bytes), NULL, &l));
        return ic_mlspub_diff_add(d, &l, &added);
    case 3:
    case 4:
        return ic_mlspub_diff_members(d) > 1 ? ic_mlspub_diff_remove(d, leaf) : IC_OK;
    case 5:
        IC_TRY(random_leaf(r, &bytes));
        IC_TRY(ic_mlspub_leaf_node_decode(ic_buf_view(&bytes), NULL, &l));
        return ic_mlspub_diff_update(d, leaf, &l);
    case 6:
        return ic_mlspub_diff_seal(d); /* hashes kept in between must not survive what follows */
    default:
        return random_path(r, d, leaf);
    }
}

/* Every hash, and every key's place, as in a tree that was just decoded from the same bytes. */
static void check_like_new(const struct ic_mlspub_tree *t)
{
    IC_BUF_SCOPE(bytes, 1 << 24);
    CHECK_OK(ic_mlspub_tree_encode(t, &bytes));
    TREE_SCOPE fresh = NULL;
    CHECK_OK(ic_mlspub_tree_decode(suite(), ic_buf_view(&bytes), 0, NULL, &fresh));
    CHECK_EQ_INT(ic_mlspub_tree_size(t), ic_mlspub_tree_size(fresh));
    CHECK_EQ_INT(ic_mlspub_tree_members(t), ic_mlspub_tree_members(fresh));
    for (uint32_t x = 0; x < ic_mlspub_node_count(ic_mlspub_tree_size(t)); x++) {
        CHECK_BYTES(ic_mlspub_tree_node_hash(t, x), ic_mlspub_tree_node_hash(fresh, x));
        struct ic_view key = ic_mlspub_tree_key(t, x);
        if (key.len)
            CHECK_EQ_INT(ic_mlspub_tree_find_key(t, key), x);
    }
    for (uint32_t i = 0; (i = ic_mlspub_tree_next(t, i)) != IC_MLSPUB_NO_LEAF; i++)
        CHECK_EQ_INT(ic_mlspub_tree_find_signer(t, ic_mlspub_tree_signature_key(t, i)), i);
    for (uint16_t type = 0; type < 50; type++)
        CHECK_EQ_INT(ic_mlspub_tree_all_support(t, IC_MLSPUB_EXTENSIONS, type),
                     ic_mlspub_tree_all_support(fresh, IC_MLSPUB_EXTENSIONS, type));
}

static void random_walk(uint64_t seed, unsigned rounds, unsigned steps)
{
    struct ic_test_rand r = {seed};
    TREE_SCOPE t = NULL;
    CHECK_OK(first_tree(&r, &t));
    for (unsigned i = 0; i < rounds; i++) {
        IC_BUF_SCOPE(before, 1 << 24);
        IC_BUF_SCOPE(staged, 1 << 24);
        IC_BUF_SCOPE(after, 1 << 24);
        CHECK_OK(ic_mlspub_tree_encode(t, &before));
        struct ic_mlspub_diff *d;
        CHECK_OK(ic_mlspub_diff_new(t, &d));
        for (unsigned j = 0; j < steps; j++)
            CHECK_OK(random_step(&r, d));
        CHECK_OK(ic_mlspub_diff_seal(d));
        CHECK_OK(ic_mlspub_diff_encode(d, &staged));
        CHECK_OK(ic_mlspub_tree_encode(t, &after));
        CHECK_BYTES(ic_buf_view(&before), ic_buf_view(&after));
        if (i % 5 == 4) {
            ic_mlspub_diff_free(d);
            check_like_new(t);
            continue;
        }
        uint8_t hash[32];
        memcpy(hash, ic_mlspub_diff_tree_hash(d).p, 32);
        ic_mlspub_diff_merge(t, d);
        CHECK_BYTES(ic_mlspub_tree_hash(t), IC_VIEW_ARRAY(hash));
        ic_buf_reset(&after);
        CHECK_OK(ic_mlspub_tree_encode(t, &after));
        CHECK_BYTES(ic_buf_view(&staged), ic_buf_view(&after));
        check_like_new(t);
        if (ic_test_failed())
            return;
    }
}

TEST(tree_merges_equal_trees_decoded_afresh)
{
    for (uint64_t seed = 1; seed <= 12 && !ic_test_failed(); seed++)
        random_walk(seed, 40, (unsigned)(1 + seed * 3));
}

TEST(tree_grows_in_one_batch_and_shrinks_again)
{
    struct ic_test_rand r = {99};
    TREE_SCOPE t = NULL;
    CHECK_OK(first_tree(&r, &t));
    DIFF_SCOPE d = NULL;
    CHECK_OK(ic_mlspub_diff_new(t, &d));
    IC_BUF_SCOPE(bytes, 4096);
    for (uint32_t i = 1; i < 3000; i++) {
        struct ic_mlspub_leaf_node l;
        uint32_t leaf;
        CHECK_OK(random_leaf(&r, &bytes));
        CHECK_OK(ic_mlspub_leaf_node_decode(ic_buf_view(&bytes), NULL, &l));
        CHECK_OK(ic_mlspub_diff_add(d, &l, &leaf));
        CHECK_EQ_INT(leaf, i);
    }
    CHECK_OK(ic_mlspub_diff_seal(d));
    ic_mlspub_diff_merge(t, d);
    d = NULL;
    CHECK_EQ_INT(ic_mlspub_tree_size(t), 4096);
    check_like_new(t);
    CHECK_OK(ic_mlspub_diff_new(t, &d));
    for (uint32_t i = 2999; i > 5; i--)
        CHECK_OK(ic_mlspub_diff_remove(d, i));
    CHECK_EQ_INT(ic_mlspub_diff_size(d), 8);
    CHECK_OK(ic_mlspub_diff_seal(d));
    ic_mlspub_diff_merge(t, d);
    d = NULL;
    CHECK_EQ_INT(ic_mlspub_tree_size(t), 8);
    check_like_new(t);
}

/* RFC9420-7.3-r5 RFC9420-7.3-r6 RFC9420-16.7-1 */
TEST(tree_refuses_a_key_twice)
{
    struct ic_test_rand r = {7};
    TREE_SCOPE t = NULL;
    CHECK_OK(first_tree(&r, &t));
    DIFF_SCOPE d = NULL;
    CHECK_OK(ic_mlspub_diff_new(t, &d));
    struct ic_mlspub_leaf_node l;
    uint32_t leaf;
    CHECK_OK(ic_mlspub_tree_leaf(t, 0, &l));
    CHECK_OK(ic_mlspub_diff_unique(d, &leaf));
    CHECK_OK(ic_mlspub_diff_add(d, &l, &leaf));
    CHECK_ERR(ic_mlspub_diff_unique(d, &leaf), IC_ERR_EXISTS);
    CHECK_EQ_INT(leaf, 1);
    CHECK_OK(ic_mlspub_diff_remove(d, 0)); /* in which order does not matter */
    CHECK_OK(ic_mlspub_diff_unique(d, &leaf));
    ic_mlspub_diff_free(d);
    d = NULL;
    CHECK_OK(ic_mlspub_diff_new(t, &d));
    CHECK_ERR(ic_mlspub_diff_remove(d, 1), IC_ERR_NOT_FOUND);
    l.encryption_key.len = 31;
    CHECK_ERR(ic_mlspub_diff_add(d, &l, &leaf), IC_ERR_KEY);
}

static ic_err grow_under_pressure(void *ctx)
{
    struct ic_test_rand r = {*(uint64_t *)ctx};
    TREE_SCOPE t = NULL;
    IC_TRY(first_tree(&r, &t));
    for (unsigned i = 0; i < 3; i++) {
        DIFF_SCOPE d = NULL;
        IC_TRY(ic_mlspub_diff_new(t, &d));
        for (unsigned j = 0; j < 12; j++)
            IC_TRY(random_step(&r, d));
        IC_TRY(ic_mlspub_diff_seal(d));
        ic_mlspub_diff_merge(t, d);
        d = NULL;
    }
    IC_BUF_SCOPE(bytes, 1 << 20);
    IC_TRY(ic_mlspub_tree_encode(t, &bytes));
    TREE_SCOPE again = NULL;
    return ic_mlspub_tree_decode(suite(), ic_buf_view(&bytes), 0, NULL, &again);
}

TEST(tree_survives_every_failing_allocation)
{
    uint64_t seed = 3;
    CHECK(ic_test_each_alloc_fails(grow_under_pressure, &seed) > 50);
}

/* ---- hostile trees ---- */

/* The extension's data with one bit flipped, or cut short, must not be taken as a valid tree. */
TEST(tree_decode_and_validation_catch_every_flipped_bit)
{
    IC_CLEANUP(sim_close) struct sim s;
    CHECK_OK(sim_open(&s, 1, 5));
    CHECK_OK(sim_grow(&s, 4));
    struct sim_commit c = {.path = true, .as = IC_MLSPUB_NO_LEAF};
    CHECK_OK(sim_commit(&s, 3, &c));
    CHECK_OK(sim_deliver(&s));
    IC_BUF_SCOPE(good, 1 << 16);
    CHECK_OK(ic_mlspub_tree_encode(s.tree, &good));
    for (size_t i = 0; i < good.len; i++) {
        good.p[i] ^= (uint8_t)(1 << i % 8);
        TREE_SCOPE t = NULL;
        ic_err e = ic_mlspub_tree_decode(s.suite, ic_buf_view(&good), 0, NULL, &t);
        if (e == IC_OK)
            e = ic_mlspub_tree_validate(t, IC_VIEW_STR("the group"), NULL, NULL);
        good.p[i] ^= (uint8_t)(1 << i % 8);
        CHECK(e != IC_OK);
    }
    for (size_t len = 0; len < good.len; len++) {
        struct ic_mlspub_tree *t;
        CHECK(ic_mlspub_tree_decode(s.suite, ic_view(good.p, len), 0, NULL, &t) != IC_OK);
    }
}

static void refuse_tree(const char *bytes, size_t len, ic_err want)
{
    struct ic_mlspub_tree *t;
    CHECK_ERR(ic_mlspub_tree_decode(suite(), ic_view(bytes, len), 16, NULL, &t), want);
}

/* RFC9420-2.1.1-1 RFC9420-12.4.3.3-2 RFC9420-12.4.3.3-3 */
TEST(tree_decode_refuses_hostile_shapes)
{
    refuse_tree("", 0, IC_ERR_TRUNCATED);
    refuse_tree("\0", 1, IC_ERR_MALFORMED);     /* no node */
    refuse_tree("\1\0", 2, IC_ERR_MALFORMED);   /* the last is blank */
    refuse_tree("\1\2", 2, IC_ERR_MALFORMED);   /* no optional */
    refuse_tree("\2\1\2", 3, IC_ERR_MALFORMED); /* a parent where a leaf stands */
    refuse_tree("\5\0\1\2\0\0\0", 7, IC_ERR_TRAILING);
    char blanks[42] = {40};
    refuse_tree(blanks, 41, IC_ERR_LIMIT); /* 40 nodes, where 16 leaves are the limit */
}

TEST(tree_limit_of_leaves_holds_for_adds)
{
    struct ic_test_rand r = {11};
    IC_BUF_SCOPE(leaf, 4096);
    CHECK_OK(random_leaf(&r, &leaf));
    struct ic_mlspub_leaf_node l;
    CHECK_OK(ic_mlspub_leaf_node_decode(ic_buf_view(&leaf), NULL, &l));
    TREE_SCOPE t = NULL;
    CHECK_OK(ic_mlspub_tree_new(suite(), &l, 2, &t));
    DIFF_SCOPE d = NULL;
    CHECK_OK(ic_mlspub_diff_new(t, &d));
    uint32_t at;
    CHECK_OK(random_leaf(&r, &leaf));
    CHECK_OK(ic_mlspub_leaf_node_decode(ic_buf_view(&leaf), NULL, &l));
    CHECK_OK(ic_mlspub_diff_add(d, &l, &at));
    CHECK_OK(random_leaf(&r, &leaf));
    CHECK_OK(ic_mlspub_leaf_node_decode(ic_buf_view(&leaf), NULL, &l));
    CHECK_ERR(ic_mlspub_diff_add(d, &l, &at), IC_ERR_LIMIT);
}

/* ---- trees that the vectors do not reach: 100 members, real commits ---- */

TEST(tree_of_many_commits_is_valid_for_a_joiner)
{
    IC_CLEANUP(sim_close) struct sim s;
    CHECK_OK(sim_open(&s, 1, 21));
    CHECK_OK(sim_grow(&s, 70));
    struct ic_test_rand r = {5};
    for (unsigned i = 0; i < 60; i++) {
        uint32_t who = ic_mlspub_tree_next(s.tree, (uint32_t)(ic_test_rand_u64(&r) % 60));
        uint32_t other = ic_mlspub_tree_next(s.tree, (uint32_t)(ic_test_rand_u64(&r) % 60));
        struct ic_mlspub_proposal_or_ref p[2];
        struct sim_commit c = {.proposals = p, .path = true, .as = IC_MLSPUB_NO_LEAF};
        if (i % 3 == 0 && other != who)
            p[c.count++] =
                sim_value((struct ic_mlspub_proposal){.type = IC_MLS_REMOVE, .remove = other});
        if (i % 4 == 0) {
            uint32_t client;
            CHECK_OK(sim_client(&s, NULL, &client));
            CHECK_OK(sim_proposal_add(&s, client, &p[c.count++].proposal));
            p[c.count - 1].is_ref = false;
            c.path = i % 8 != 0 || c.count > 1;
        }
        CHECK_OK(sim_commit(&s, who, &c));
        CHECK_OK(sim_deliver(&s));
        IC_BUF_SCOPE(bytes, 1 << 20);
        CHECK_OK(ic_mlspub_tree_encode(s.tree, &bytes));
        TREE_SCOPE t = NULL;
        CHECK_OK(ic_mlspub_tree_decode(s.suite, ic_buf_view(&bytes), 0, NULL, &t));
        CHECK_OK(ic_mlspub_tree_check_parent_hashes(t, NULL));
        CHECK_BYTES(ic_mlspub_tree_hash(t), ic_mlspub_tree_hash(s.tree));
    }
    CHECK_OK(ic_mlspub_tree_validate(s.tree, IC_VIEW_STR("the group"), NULL, NULL));
}

/* ---- parents that lie: leaves with false keys, in the order of the array ---- */

struct forged_parent {
    uint8_t key;          /* every byte of it; 0: blank */
    const char *unmerged; /* leaf indices below 256, as characters; NULL for none */
    size_t count;
};

static void forged_leaf(struct ic_writer *w, uint8_t seed)
{
    struct ic_test_rand r = {seed};
    IC_BUF_SCOPE(leaf, 4096);
    CHECK_OK(random_leaf(&r, &leaf));
    ic_write_u8(w, 1);
    ic_write_u8(w, 1);
    ic_write_bytes(w, ic_buf_view(&leaf));
}

static void forged_parent(struct ic_writer *w, const struct forged_parent *p)
{
    uint8_t key[32];
    memset(key, p->key, sizeof key);
    ic_write_u8(w, p->key != 0);
    if (!p->key)
        return;
    ic_write_u8(w, 2);
    ic_write_vec(w, IC_VIEW_ARRAY(key));
    ic_write_vec(w, ic_view(NULL, 0));
    size_t mark = ic_write_open(w);
    for (size_t i = 0; i < p->count; i++)
        ic_write_u32(w, (uint8_t)p->unmerged[i]);
    ic_write_close(w, mark);
}

/* Four leaves, of which the mask's are there, and the parents 1, 3, 5. */
static ic_err decode_forged(uint8_t mask, const struct forged_parent parents[3],
                            struct ic_mlspub_fault *fault)
{
    IC_BUF_SCOPE(bytes, 1 << 16);
    struct ic_writer w = ic_writer(&bytes);
    size_t mark = ic_write_open(&w);
    for (uint8_t i = 0; i < 4; i++) {
        if (mask >> i & 1)
            forged_leaf(&w, i);
        else
            ic_write_u8(&w, 0);
        if (i < 3)
            forged_parent(&w, &parents[i]);
    }
    ic_write_close(&w, mark);
    IC_TRY(ic_writer_end(&w));
    TREE_SCOPE t = NULL;
    IC_TRY(ic_mlspub_tree_decode(suite(), ic_buf_view(&bytes), 0, fault, &t));
    return ic_mlspub_tree_check_parent_hashes(t, fault);
}

static void refuse_forged(uint8_t mask, struct forged_parent a, struct forged_parent b,
                          struct forged_parent c, const char *rule)
{
    const struct forged_parent parents[3] = {a, b, c};
    struct ic_mlspub_fault f = IC_MLSPUB_FAULT_NONE;
    CHECK_ERR(decode_forged(mask, parents, &f), IC_ERR_RULE);
    if (!strstr(f.rule, rule))
        ic_test_fail(__FILE__, __LINE__, "'%s', not '%s'", f.rule, rule);
}

/* RFC9420-7.1-1 RFC9420-7.9.2-1 RFC9420-12.4.3.1-r5 RFC9420-12.4.3.1-r6 */
TEST(tree_refuses_parents_that_lie)
{
    struct forged_parent none = {0}, plain = {.key = 7}, other = {.key = 8};
    const struct forged_parent blank[3] = {none, none, none};
    CHECK_OK(decode_forged(15, blank, NULL));
    refuse_forged(15, plain, none, none, "parent-hash valid");
    refuse_forged(15, plain, none, plain, "appears twice");
    refuse_forged(12, plain, none, none, "above blank leaves");
    struct forged_parent root = {.key = 9, .unmerged = "\2\1", .count = 2};
    refuse_forged(15, none, root, none, "not sorted");
    root.unmerged = "\1\1";
    refuse_forged(15, none, root, none, "not sorted");
    root.unmerged = "\1\2";
    refuse_forged(13, none, root, none, "blank or no descendant");
    refuse_forged(15, none, root, other, "missing in a node between");
    struct forged_parent left = {.key = 8, .unmerged = "\2", .count = 1};
    refuse_forged(15, left, none, none, "blank or no descendant");
    left.unmerged = "\0\1\1";
    left.count = 3;
    refuse_forged(15, left, none, none, "more unmerged leaves");
}

TEST(tree_validation_wants_keys_on_the_curve)
{
    IC_CLEANUP(sim_close) struct sim s;
    CHECK_OK(sim_open(&s, 2, 31));
    CHECK_OK(sim_grow(&s, 2));
    IC_BUF_SCOPE(bytes, 1 << 16);
    CHECK_OK(ic_mlspub_tree_encode(s.tree, &bytes));
    struct ic_view root = ic_mlspub_tree_key(s.tree, ic_mlspub_node_root(4));
    uint8_t *at = memmem(bytes.p, bytes.len, root.p, root.len);
    CHECK(at != NULL);
    at[64] ^= 1;
    TREE_SCOPE t = NULL;
    CHECK_OK(ic_mlspub_tree_decode(s.suite, ic_buf_view(&bytes), 0, NULL, &t));
    CHECK_ERR(ic_mlspub_tree_validate(t, IC_VIEW_STR("the group"), NULL, NULL), IC_ERR_KEY);
}

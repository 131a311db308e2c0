/* Bugs that other implementations of MLS had, each as a test that they would have failed. Costs are counted, not
 * timed. More of the kind: secret_tree_test.c, faults_test.c, tree_test.c. */
#include "../../bench/fixture.h"
#include "../../src/member/frame.h"
#include "../../src/member/private_message.h"
#include "../../src/public/tree_internal.h"
#include "counters.h"
#include "world.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <string.h>

static const struct ic_view none;

static void start(struct world *w, size_t others)
{
    CHECK_OK(world_init(w, ic_suite_find(1), 61));
    CHECK_OK(world_create(w));
    CHECK_OK(world_add(w, 0, (const size_t[]){1, 2, 3, 4, 5, 6}, others));
}

/* ---- mlspp: a ratchet turned forward as far as a message says ---- */

TEST(mlspp_unbounded_forward_jump_costs_nothing_here)
{
    struct world w;
    start(&w, 1);
    if (ic_test_failed())
        return;
    struct ic_mls_received r;
    IC_BUF_SCOPE(m, 65536);
    CHECK_OK(world_say(&w, 0, "speak once", &m));
    CHECK_OK(world_read(&w.people[1], ic_buf_view(&m), IC_VIEW_STR("speak once")));
    ic_buf_reset(&m);
    counters_generation = UINT32_MAX - 1;
    CHECK_OK(world_say(&w, 0, "from far ahead", &m));
    counters_generation = 0;
    counters_begin();
    CHECK_ERR(ic_mls_process(w.people[1].g, ic_buf_view(&m), &r), IC_ERR_LIMIT);
    CHECK(counters.expanded <= 2); /* key and nonce of the sender data */
    world_clear(&w);
}

/* ---- mlspp: lifetimes never looked at ---- */

TEST(mlspp_leaf_lifetimes_are_checked_where_an_add_comes_in)
{
    struct world w;
    start(&w, 2);
    if (ic_test_failed())
        return;
    struct ic_mls_received r;
    w.people[0].g->config.limits.max_lifetime_s = UINT64_MAX; /* the proposer takes any */
    static const struct {
        struct ic_mlspub_lifetime lifetime;
        uint64_t now_s; /* the proposer's clock */
        ic_err met;
    } bad[] = {
        {{world_now - 864000, world_now - 432000}, world_now - 600000, IC_ERR_EXPIRED},
        {{world_now + 432000, world_now + 864000}, world_now + 600000, IC_ERR_EXPIRED},
        {{world_now - 3600, world_now + 100ull * 365 * 86400}, world_now, IC_ERR_RULE},
    };
    for (size_t i = 0; i < 3; i++) {
        struct ic_mls_key_package *k;
        IC_BUF_SCOPE(proposal, 65536);
        w.people[7].id.lifetime = bad[i].lifetime;
        CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[7].id, none, &k));
        w.now_s = bad[i].now_s;
        CHECK_OK(ic_mls_propose_add(w.people[0].g, ic_mls_key_package_message(k), none, &proposal));
        w.now_s = world_now;
        CHECK_ERR(ic_mls_process(w.people[1].g, ic_buf_view(&proposal), &r), bad[i].met);
        ic_mls_key_package_free(k);
    }
    world_clear(&w);
}

/* ---- mls-rs: parent hashes ---- */

/* The tree of a group in which several have committed. */
static void busy_tree(struct world *w, struct ic_buf *bytes, struct ic_mlspub_tree **t)
{
    start(w, 6);
    for (size_t i = 0; i < 7; i += 2)
        CHECK_OK(world_update(w, i));
    CHECK_OK(world_add(w, 1, (const size_t[]){7}, 1));
    CHECK_OK(ic_mls_tree(w->people[0].g, bytes));
    CHECK_OK(ic_mlspub_tree_decode(w->suite, ic_buf_view(bytes), 0, NULL, t));
}

static ic_err check_tree(const struct world *w, struct ic_view bytes)
{
    struct ic_mlspub_tree *t;
    IC_TRY(ic_mlspub_tree_decode(w->suite, bytes, 0, NULL, &t));
    ic_err e = ic_mlspub_tree_check_parent_hashes(t, NULL);
    ic_mlspub_tree_free(t);
    return e;
}

/* #315: one good chain was taken for all. */
TEST(mls_rs_315_each_parent_node_needs_its_own_chain)
{
    struct world w;
    struct ic_mlspub_tree *t = NULL;
    IC_BUF_SCOPE(bytes, 1 << 20);
    busy_tree(&w, &bytes, &t);
    if (ic_test_failed())
        return;
    CHECK_OK(check_tree(&w, ic_buf_view(&bytes)));
    size_t parents = 0;
    for (uint32_t node = 1; node < ic_mlspub_node_count(t->size); node += 2) {
        struct ic_view key = ic_mlspub_tree_key(t, node);
        if (key.len == 0)
            continue;
        uint8_t *at = memmem(bytes.p, bytes.len, key.p, key.len);
        CHECK(at != NULL);
        at[0] ^= 1;
        CHECK_ERR(check_tree(&w, ic_buf_view(&bytes)), IC_ERR_RULE);
        at[0] ^= 1;
        parents++;
    }
    CHECK(parents >= 4);
    ic_mlspub_tree_free(t);
    world_clear(&w);
}

/* The tree again, with one parent's parent_hash left out. */
static void write_without_hash(const struct ic_mlspub_tree *t, uint32_t without, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    size_t mark = ic_write_open(&w);
    for (uint32_t i = 0; i < ic_mlspub_node_count(t->size); i++) {
        const struct parent_rec *p = ic_mlspub_node_is_leaf(i) ? NULL : t->parents[i / 2];
        struct ic_view leaf =
            ic_mlspub_node_is_leaf(i) ? ic_mlspub_tree_leaf_bytes(t, i / 2) : none;
        ic_write_u8(&w, p || leaf.len > 0);
        if (leaf.len > 0) {
            ic_write_u8(&w, 1);
            ic_write_bytes(&w, leaf);
        } else if (p) {
            ic_write_u8(&w, 2);
            ic_write_vec(&w, parent_rec_key(p));
            ic_write_vec(&w, i == without ? none : parent_rec_hash(p));
            ic_write_vec(&w, parent_rec_unmerged(p));
        }
    }
    ic_write_close(&w, mark);
    CHECK_OK(ic_writer_end(&w));
}

/* #342 and its mending, #360: a null parent hash was taken for any. */
TEST(mls_rs_342_360_a_null_parent_hash_is_the_roots_alone)
{
    struct world w;
    struct ic_mlspub_tree *t = NULL;
    IC_BUF_SCOPE(bytes, 1 << 20);
    busy_tree(&w, &bytes, &t);
    if (ic_test_failed())
        return;
    size_t nulled = 0;
    for (uint32_t node = 1; node < ic_mlspub_node_count(t->size); node += 2) {
        if (!t->parents[node / 2] || parent_rec_hash(t->parents[node / 2]).len == 0)
            continue;
        IC_BUF_SCOPE(lie, 1 << 20);
        write_without_hash(t, node, &lie);
        CHECK_ERR(check_tree(&w, ic_buf_view(&lie)), IC_ERR_RULE);
        nulled++;
    }
    CHECK(nulled >= 3);
    ic_mlspub_tree_free(t);
    world_clear(&w);
}

/* #352: the original hash of a sibling was taken from the cache where the sibling is blank and what changed
 * is below. Leaf 8 writes the node over 8 to 11 while 10 is blank; 15 leaves, and blanks the node above; leaf
 * 0 writes the root; 10 comes back, unmerged at that node and at the root. Who joins must find the tree valid. */
TEST(mls_rs_352_original_hashes_see_through_blank_nodes)
{
    struct world w;
    CHECK_OK(world_init(&w, ic_suite_find(1), 62));
    CHECK_OK(world_create(&w));
    CHECK_OK(
        world_add(&w, 0, (const size_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 15));
    CHECK_OK(world_remove(&w, 0, 10));
    CHECK_OK(world_update(&w, 8));
    CHECK_OK(world_remove(&w, 0, 15));
    struct ic_mls_key_package *k;
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[10].id, none, &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
    CHECK_OK(world_commit(&w, 4, &p, (const size_t[]){10}, &k, 1));
    CHECK_EQ_INT(ic_mls_own_leaf(w.people[10].g), 10);
    const struct ic_mlspub_tree *t = w.people[10].g->tree;
    CHECK(!t->parents[23 / 2]);                                   /* 8 to 15: blank */
    CHECK_EQ_INT(parent_rec_unmerged(t->parents[19 / 2]).len, 4); /* 8 to 11 */
    CHECK_EQ_INT(parent_rec_unmerged(t->parents[15 / 2]).len, 4); /* the root */
    CHECK_OK(ic_mlspub_tree_check_parent_hashes(t, NULL));
    CHECK(world_agrees(&w));
    ic_mls_key_package_free(k);
    world_clear(&w);
}

/* #361: the late message of one who is gone was said to be of who has the leaf now. */
TEST(mls_rs_361_a_late_sender_is_not_who_has_the_leaf_now)
{
    struct world w;
    struct ic_mls_received r;
    start(&w, 3);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(gone, 65536);
    IC_BUF_SCOPE(stays, 65536);
    CHECK_OK(world_say(&w, 2, "my last words", &gone));
    CHECK_OK(world_say(&w, 3, "I stay", &stays));
    CHECK_OK(world_remove(&w, 0, 2));
    CHECK_OK(world_add(&w, 0, (const size_t[]){9}, 1));
    CHECK_EQ_INT(ic_mls_own_leaf(w.people[9].g), 2);
    CHECK_OK(ic_mls_process(w.people[1].g, ic_buf_view(&gone), &r));
    CHECK_EQ_INT(r.sender.index, 2);
    CHECK_EQ_INT(r.epoch, 1);
    CHECK(r.sender_replaced);
    ic_mls_received_clear(&r);
    CHECK_OK(ic_mls_process(w.people[1].g, ic_buf_view(&stays), &r));
    CHECK(!r.sender_replaced);
    ic_mls_received_clear(&r);
    world_clear(&w);
}

/* #362: a parent node where a leaf would be, right behind the tree's end and one further. */
TEST(mls_rs_362_nodes_stand_where_their_kind_may)
{
    struct world w;
    struct ic_mlspub_tree *t = NULL;
    static const uint8_t key[32] = {9};
    IC_BUF_SCOPE(bytes, 1 << 20);
    IC_BUF_SCOPE(more, 1 << 20);
    busy_tree(&w, &bytes, &t);
    if (ic_test_failed())
        return;
    struct ic_reader r = ic_reader(ic_buf_view(&bytes));
    struct ic_view list = ic_read_vec(&r, SIZE_MAX);
    for (int skip = 0; skip < 2; skip++) {
        ic_buf_reset(&more);
        struct ic_writer x = ic_writer(&more);
        size_t mark = ic_write_open(&x);
        ic_write_bytes(&x, list);
        if (skip)
            ic_write_u8(&x, 0);
        ic_write_u8(&x, 1);
        ic_write_u8(&x, 2);
        ic_write_vec(&x, IC_VIEW_ARRAY(key));
        ic_write_vec(&x, none);
        ic_write_vec(&x, none);
        ic_write_close(&x, mark);
        CHECK_OK(ic_writer_end(&x));
        struct ic_mlspub_tree *odd = NULL;
        CHECK_ERR(ic_mlspub_tree_decode(w.suite, ic_buf_view(&more), 0, NULL, &odd),
                  IC_ERR_MALFORMED);
    }
    ic_mlspub_tree_free(t);
    world_clear(&w);
}

/* ---- OpenMLS ---- */

/* GHSA-8x3w: a tag's length was not compared, so that a prefix would do. */
TEST(openmls_8x3w_a_shorter_tag_is_no_tag)
{
    struct world w;
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    struct ic_mlspub_message m;
    IC_ARENA_SCOPE(arena, 1 << 20);
    start(&w, 2);
    if (ic_test_failed())
        return;
    const struct ic_mls_commit_params p = {.force_path = true};
    const struct ic_mls_group *g = w.people[0].g;
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_OK(ic_mlspub_message_decode(ic_mls_staged_commit(s), &arena, &m));
    struct ic_mlspub_public_message genuine = m.public_message;
    for (size_t len = 0; len < 32; len += len < 2 ? 1 : 15) {
        IC_BUF_SCOPE(bytes, 65536);
        m.public_message.membership_tag.len = len;
        struct ic_writer x = ic_writer(&bytes);
        ic_mlspub_message_write(&x, &m);
        CHECK_OK(ic_writer_end(&x));
        CHECK_ERR(ic_mls_process(w.people[1].g, ic_buf_view(&bytes), &r), IC_ERR_AUTH);
        /* The confirmation tag, under a membership tag that fits. */
        struct ic_mlspub_authenticated_content a = genuine.auth;
        a.wire_format = IC_MLS_PUBLIC_MESSAGE;
        a.confirmation_tag.len = len;
        ic_buf_reset(&bytes);
        CHECK_OK(ic_mls_public_encode(g->suite, &g->now.secrets.membership, &a, &g->now.context,
                                      &bytes));
        CHECK_ERR(ic_mls_process(w.people[1].g, ic_buf_view(&bytes), &r), IC_ERR_AUTH);
    }
    CHECK_OK(ic_mls_process(w.people[1].g, ic_mls_staged_commit(s), &r));
    ic_mls_received_clear(&r);
    ic_mls_discard(s);
    world_clear(&w);
}

/* Every prefix, and each byte as large and as small as it gets. */
static void maul(struct ic_view message, const struct world *w)
{
    IC_BUF_SCOPE(bent, 65536);
    struct ic_mls_received r;
    struct ic_mls_group *g = w->people[1].g;
    CHECK_OK(ic_buf_append(&bent, message));
    for (size_t len = 0; len < message.len; len++) {
        IC_ARENA_SCOPE(arena, 1 << 22);
        struct ic_mlspub_message m;
        CHECK(ic_mlspub_message_decode(ic_view(bent.p, len), &arena, &m) != IC_OK);
    }
    for (size_t i = 0; i < message.len; i++) {
        for (int high = 0; high < 2; high++) {
            bent.p[i] = high ? 0xff : 0;
            if (ic_mls_process(g, ic_buf_view(&bent), &r) == IC_OK)
                ic_mls_received_clear(&r);
        }
        bent.p[i] = message.p[i];
    }
}

/* GHSA-rrmv: reading past the end while decoding. The sanitizers' build looks closer. */
TEST(openmls_rrmv_no_length_leads_out_of_a_message)
{
    struct world w;
    struct ic_mls_staged *s;
    struct ic_mls_key_package *k;
    IC_BUF_SCOPE(line, 65536);
    IC_BUF_SCOPE(info, 65536);
    start(&w, 2);
    if (ic_test_failed())
        return;
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[8].id, none, &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    const struct ic_mls_commit_params p = {.adds = &add, .add_count = 1, .force_path = true};
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_OK(world_say(&w, 0, "x", &line));
    CHECK_OK(ic_mls_group_info(w.people[0].g, true, &info));
    maul(ic_mls_staged_commit(s), &w);
    maul(ic_mls_staged_welcome(s), &w);
    maul(ic_buf_view(&line), &w);
    maul(ic_buf_view(&info), &w);
    maul(add, &w);
    CHECK_OK(world_talk(&w, 0));
    ic_mls_discard(s);
    ic_mls_key_package_free(k);
    world_clear(&w);
}

TEST(p384_is_0503_as_signature_scheme)
{
    CHECK_EQ_INT(ic_suite_find(7)->sig, 0x0503);
    CHECK_EQ_INT(ic_suite_find(2)->sig, 0x0403);
    CHECK_EQ_INT(ic_suite_find(5)->sig, 0x0603);
}

/* Drafts that the configuration switches on: SelfRemove, key packages of last resort. And Welcomes whose tree
 * is elsewhere. */
#include "../../src/member/state.h"
#include "world.h"

#include <ic/base/mem.h>
#include <ic/mlspub/extensions.h>
#include <string.h>

static const struct ic_view none;

static void start(struct world *w, bool private)
{
    CHECK_OK(world_init(w, ic_suite_find(1), 71));
    w->config.drafts = (struct ic_mls_drafts){.self_remove = true, .last_resort = true};
    w->config.private_handshakes = private;
    CHECK_OK(world_create(w));
    CHECK_OK(world_add(w, 0, (const size_t[]){1, 2, 3}, 3));
}

/* Person `who` says that it leaves, and all hear of it. */
static void leave(struct world *w, size_t who, struct ic_buf *out)
{
    struct ic_mlspub_message m;
    CHECK_OK(ic_mls_propose_self_remove(w->people[who].g, none, out));
    CHECK_OK(ic_mlspub_message_decode(ic_buf_view(out), NULL, &m));
    CHECK_EQ_INT(m.wire_format, IC_MLS_PUBLIC_MESSAGE);
    CHECK_OK(world_propose(w, who, out));
}

static void leave_by_commit(bool private)
{
    struct world w;
    struct ic_mls_staged *s;
    struct ic_mls_commit_params p = {0}, own = {.force_path = true};
    start(&w, private);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(m, 65536);
    IC_BUF_SCOPE(again, 65536);
    IC_BUF_SCOPE(remove, 65536);
    leave(&w, 2, &m);
    CHECK_ERR(ic_mls_propose_self_remove(w.people[2].g, none, &again), IC_ERR_STATE);
    CHECK_EQ_INT(again.len, 0);
    /* It cannot commit that itself, and a Remove of it is left out. */
    CHECK_OK(ic_mls_commit_create(w.people[2].g, &own, &s));
    CHECK_EQ_INT(ic_mls_staged_count(s), 0);
    ic_mls_discard(s);
    CHECK_OK(ic_mls_propose_remove(w.people[1].g, ic_mls_own_leaf(w.people[2].g), none, &remove));
    CHECK_OK(world_propose(&w, 1, &remove));
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    CHECK_EQ_INT(ic_mls_staged_count(s), 1);
    CHECK_EQ_INT(ic_mls_staged_item(s, 0)->proposal->type, IC_MLS_SELF_REMOVE);
    CHECK(ic_mls_staged_path_leaf(s) != NULL);
    ic_mls_discard(s);
    CHECK_OK(world_commit(&w, 0, &p, NULL, NULL, 0));
    CHECK(world_agrees(&w) && world_count(&w) == 3 && w.people[2].g == NULL);
    CHECK_OK(world_talk(&w, 3));
    world_clear(&w);
}

TEST(self_remove_lets_a_member_go)
{
    leave_by_commit(false);
    leave_by_commit(true);
}

static ic_err enter(struct world *w, const struct ic_buf *leaving, size_t count)
{
    struct ic_mls_group *g;
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(commit, 1 << 20);
    struct ic_view messages[2];
    for (size_t i = 0; i < count; i++)
        messages[i] = ic_buf_view(&leaving[i]);
    IC_TRY(ic_mls_group_info(w->people[0].g, true, &info));
    const struct ic_mls_external_join j = {
        .group_info = ic_buf_view(&info), .self_removes = messages, .self_remove_count = count};
    IC_TRY(ic_mls_group_join_external(&w->config, &w->people[5].id, &j, &g, &commit, NULL));
    w->people[5].g = g;
    return world_take(w, 5, ic_buf_view(&commit));
}

TEST(self_removes_go_with_an_external_commit)
{
    struct world w;
    start(&w, true);
    if (ic_test_failed())
        return;
    struct ic_buf leaving[2];
    ic_buf_init(&leaving[0], 65536);
    ic_buf_init(&leaving[1], 65536);
    leave(&w, 2, &leaving[0]);
    leave(&w, 1, &leaving[1]);
    leaving[1].p[leaving[1].len - 40] ^= 1; /* in the signature, before the tag */
    CHECK_ERR(enter(&w, leaving, 2), IC_ERR_SIGNATURE);
    leaving[1].p[leaving[1].len - 40] ^= 1;
    CHECK_OK(enter(&w, leaving, 2));
    CHECK(world_agrees(&w) && world_count(&w) == 3);
    CHECK_OK(world_talk(&w, 5));
    CHECK_ERR(enter(&w, leaving, 1), IC_ERR_RULE); /* of an epoch that is over */
    CHECK(strstr(w.fault.rule, "epoch") != NULL);
    ic_buf_clear(&leaving[0]);
    ic_buf_clear(&leaving[1]);
    world_clear(&w);
}

TEST(self_remove_is_refused_where_it_is_not_understood)
{
    struct world w;
    struct ic_mls_received r;
    start(&w, false);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(m, 65536);
    w.config.drafts.self_remove = false;
    CHECK_OK(world_add(&w, 0, (const size_t[]){4}, 1)); /* who does not know it */
    CHECK_ERR(ic_mls_propose_self_remove(w.people[4].g, none, &m), IC_ERR_UNSUPPORTED);
    CHECK_ERR(ic_mls_propose_self_remove(w.people[1].g, none, &m), IC_ERR_RULE);
    CHECK_OK(world_remove(&w, 0, 4));
    w.people[3].g->config.drafts.self_remove = false;
    CHECK_OK(ic_mls_propose_self_remove(w.people[1].g, none, &m));
    CHECK_ERR(ic_mls_process(w.people[3].g, ic_buf_view(&m), &r), IC_ERR_UNSUPPORTED);
    w.people[2].g->config.accept = IC_MLS_ACCEPT_PRIVATE; /* it must be public all the same */
    CHECK_OK(ic_mls_process(w.people[2].g, ic_buf_view(&m), &r));
    CHECK_EQ_INT(r.kind, IC_MLS_RECEIVED_PROPOSAL);
    ic_mls_received_clear(&r);
    world_clear(&w);
}

/* ---- key packages of last resort ---- */

TEST(last_resort_key_package_serves_more_than_one_group)
{
    struct world w, other;
    struct ic_mls_key_package *k, *plain;
    struct ic_mls_group *second;
    struct ic_mls_staged *s;
    start(&w, false);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(mark, 4096);
    CHECK_OK(ic_mlspub_extensions_put_last_resort(&mark));
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[4].id, none, &plain));
    CHECK(!ic_mls_key_package_last_resort(plain));
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[4].id, ic_buf_view(&mark), &k));
    CHECK(ic_mls_key_package_last_resort(k));
    const struct ic_view add = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
    CHECK_OK(world_commit(&w, 0, &p, (const size_t[]){4}, &k, 1));
    CHECK(world_agrees(&w));
    CHECK_OK(world_init(&other, ic_suite_find(1), 72));
    CHECK_OK(world_create(&other));
    CHECK_OK(ic_mls_commit_create(other.people[0].g, &p, &s));
    CHECK_OK(
        ic_mls_group_join(&w.config, &w.people[4].id, k, ic_mls_staged_welcome(s), none, &second));
    CHECK_OK(ic_mls_merge(other.people[0].g, s));
    CHECK_BYTES(ic_mls_epoch_authenticator(second), ic_mls_epoch_authenticator(other.people[0].g));
    ic_mls_group_free(second);
    w.config.drafts.last_resort = false; /* then nothing of it is listed */
    ic_mls_key_package_free(plain);
    CHECK_ERR(ic_mls_key_package_new(&w.config, &w.people[5].id, ic_buf_view(&mark), &plain),
              IC_ERR_ARG);
    ic_mls_key_package_free(k);
    world_clear(&other);
    world_clear(&w);
}

/* ---- a tree that the delivery service has ---- */

TEST(welcome_without_tree_says_which_tree_to_ask_for)
{
    struct world w;
    struct ic_mls_key_package *k;
    struct ic_mls_staged *s;
    struct ic_mls_group *g;
    struct ic_mlspub_message m;
    start(&w, false);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(tree, 1 << 20);
    CHECK_OK(world_watch(&w)); /* the delivery service */
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[6].id, none, &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    const struct ic_mls_commit_params p = {
        .adds = &add, .add_count = 1, .welcome_without_tree = true};
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &p, &s));
    const struct ic_view welcome = ic_mls_staged_welcome(s);
    CHECK_OK(ic_mls_welcome_peek(&w.config, &w.people[6].id, k, welcome, &info));
    CHECK_OK(ic_mlspub_message_decode(ic_buf_view(&info), NULL, &m));
    CHECK_EQ_INT(m.group_info.context.epoch, 2);
    CHECK(!ic_mlspub_extensions_find(m.group_info.extensions, IC_MLS_EXT_RATCHET_TREE, NULL));
    CHECK_OK(world_take(&w, 0, ic_mls_staged_commit(s)));
    CHECK_BYTES(ic_mlspub_observer_context(w.observer)->tree_hash, m.group_info.context.tree_hash);
    CHECK_OK(ic_mlspub_observer_tree(w.observer, &tree));
    CHECK_OK(ic_mls_group_join(&w.config, &w.people[6].id, k, welcome, ic_buf_view(&tree), &g));
    CHECK_OK(ic_mls_merge(w.people[0].g, s));
    w.people[6].g = g;
    CHECK(world_agrees(&w));
    ic_buf_reset(&info);
    CHECK_ERR(ic_mls_welcome_peek(&w.config, &w.people[6].id, k, add, &info), IC_ERR_MALFORMED);
    CHECK_EQ_INT(info.len, 0);
    ic_mls_key_package_free(k);
    world_clear(&w);
}

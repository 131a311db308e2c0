/* Credentials: judged at once, in one go, or later. */
#include "world.h"

#include <ic/mls/store.h>
#include <string.h>

struct judge {
    ic_err verdict;     /* on all but one */
    const char *enemy;  /* who is refused, whatever the verdict */
    bool silent;        /* leaves the verdicts as they are */
    unsigned asked;     /* leaves */
    unsigned batches;   /* calls for many */
    size_t last_batch;  /* leaves of the last call */
    unsigned replacing; /* leaves with a former one */
    bool strange;       /* a former leaf that is not of the same person */
};

static bool named(const struct ic_mlspub_leaf_node *l, const char *name)
{
    return name && ic_view_equal(l->credential.identity, ic_view_cstr(name));
}

static ic_err judge_one(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                        const struct ic_mlspub_leaf_node *former)
{
    struct judge *j = ctx;
    j->asked++;
    j->replacing += former != NULL;
    j->strange |= former && !ic_view_equal(former->credential.identity, leaf->credential.identity);
    return named(leaf, j->enemy) ? IC_ERR_AUTH : j->verdict;
}

static void judge_many(void *ctx, const struct ic_mlspub_candidate *c, size_t n, ic_err *verdicts)
{
    struct judge *j = ctx;
    j->batches++;
    j->last_batch = n;
    for (size_t i = 0; i < n && !j->silent; i++)
        verdicts[i] = judge_one(ctx, c[i].leaf, c[i].former);
}

struct court {
    struct world w;
    struct judge judge;
    struct ic_mls_key_package *packages[WORLD_MEMBERS];
    struct ic_mls_staged *staged;
    struct ic_mls_received received;
};

static void court_clear(struct court *c)
{
    ic_mls_discard(c->staged);
    ic_mls_received_clear(&c->received);
    for (size_t i = 0; i < WORLD_MEMBERS; i++)
        ic_mls_key_package_free(c->packages[i]);
    world_clear(&c->w);
}

#define COURT(name)                                                                                \
    __attribute__((cleanup(court_clear))) struct court name = {0};                                 \
    CHECK_OK(court_init(&name))

/* Members 0 to 3, accepted at once; by one call for all. */
static ic_err court_init(struct court *c)
{
    IC_TRY(world_init(&c->w, ic_suite_find(1), 21));
    c->w.config.check_credentials = judge_many;
    c->w.config.ctx = &c->judge;
    IC_TRY(world_create(&c->w));
    IC_TRY(world_add(&c->w, 0, (const size_t[]){1, 2, 3}, 3));
    for (size_t i = 4; i < 8; i++)
        IC_TRY(ic_mls_key_package_new(&c->w.config, &c->w.people[i].id, ic_view(NULL, 0),
                                      &c->packages[i]));
    c->judge = (struct judge){0};
    return IC_OK;
}

static struct ic_mls_group *group_of(struct court *c, size_t i)
{
    return c->w.people[i].g;
}

static ic_err stage(struct court *c, size_t by, const struct ic_mls_commit_params *p)
{
    ic_mls_discard(c->staged);
    c->staged = NULL;
    return ic_mls_commit_create(group_of(c, by), p, &c->staged);
}

/* The commit that was staged, at somebody else's. */
static ic_err receive(struct court *c, size_t at)
{
    ic_mls_received_clear(&c->received);
    c->received = (struct ic_mls_received){0};
    return ic_mls_process(group_of(c, at), ic_mls_staged_commit(c->staged), &c->received);
}

static ic_err merge_received(struct court *c, size_t at)
{
    struct ic_mls_staged *s = c->received.staged;
    ic_err e = ic_mls_merge(group_of(c, at), s);
    if (e != IC_ERR_STATE)
        c->received.staged = NULL;
    return e;
}

static ic_err merge_own(struct court *c, size_t by)
{
    struct ic_mls_staged *s = c->staged;
    ic_err e = ic_mls_merge(group_of(c, by), s);
    if (e != IC_ERR_STATE)
        c->staged = NULL;
    return e;
}

static size_t accept_all(struct ic_mls_staged *s)
{
    const struct ic_mlspub_candidate *c;
    size_t n = 0;
    for (; (c = ic_mls_staged_unjudged(s, 0)); n++)
        if (ic_mls_staged_judge(s, c->index, IC_OK) != IC_OK)
            return SIZE_MAX;
    return n;
}

TEST(credentials_are_asked_about_once_for_an_operation)
{
    COURT(c);
    const struct ic_view adds[] = {ic_mls_key_package_message(c.packages[4]),
                                   ic_mls_key_package_message(c.packages[5])};
    const struct ic_mls_commit_params p = {.adds = adds, .add_count = 2, .force_path = true};
    CHECK_OK(stage(&c, 0, &p));
    CHECK_EQ_INT(c.judge.batches, 1); /* our own leaf is ours to judge */
    CHECK_EQ_INT(c.judge.last_batch, 2);
    CHECK_OK(receive(&c, 1));
    CHECK_EQ_INT(c.judge.batches, 2);
    CHECK_EQ_INT(c.judge.last_batch, 3);
    CHECK_EQ_INT(c.judge.replacing, 1);
    CHECK_OK(ic_mls_group_join(&c.w.config, &c.w.people[4].id, c.packages[4],
                               ic_mls_staged_welcome(c.staged), ic_view(NULL, 0),
                               &c.w.people[4].g));
    CHECK_EQ_INT(c.judge.batches, 3);
    CHECK_EQ_INT(c.judge.last_batch, 6);
    CHECK(!c.judge.strange);
    CHECK_EQ_INT(ic_mls_unjudged(c.w.people[4].g, 0), IC_MLSPUB_NO_LEAF);
}

TEST(credentials_are_refused_by_default_and_one_by_one)
{
    COURT(c);
    const struct ic_view add = ic_mls_key_package_message(c.packages[4]);
    const struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
    c.judge.silent = true;
    CHECK_ERR(stage(&c, 0, &p), IC_ERR_DENIED);
    CHECK(strstr(ic_mls_last_rule(group_of(&c, 0)), "5.3.1"));
    CHECK_EQ_INT(ic_mls_last_offender(group_of(&c, 0)), 4);
    CHECK_ERR(ic_mls_key_package_check(add, &c.w.config), IC_ERR_DENIED);
    c.judge.silent = false;
    c.judge.enemy = "member-4";
    CHECK_ERR(stage(&c, 0, &p), IC_ERR_AUTH);
    CHECK_ERR(ic_mls_key_package_check(add, &c.w.config), IC_ERR_AUTH);
    c.judge.enemy = NULL;
    CHECK_OK(stage(&c, 0, &p));
    c.judge.enemy = "member-4"; /* the others see it so */
    CHECK_ERR(receive(&c, 1), IC_ERR_AUTH);
    c.judge.enemy = "member-2"; /* a joiner does not like whom it meets */
    struct ic_mls_group *g;
    CHECK_ERR(ic_mls_group_join(&c.w.config, &c.w.people[4].id, c.packages[4],
                                ic_mls_staged_welcome(c.staged), ic_view(NULL, 0), &g),
              IC_ERR_AUTH);
    CHECK(strstr(c.w.fault.rule, "5.3.1"));
    CHECK_EQ_INT(c.w.fault.offender, 2);
}

TEST(the_judge_of_single_leaves_is_asked_where_there_is_no_other)
{
    struct world w;
    struct judge judge = {0};
    CHECK_OK(world_init(&w, ic_suite_find(2), 22));
    w.config.check_credential = judge_one;
    w.config.ctx = &judge;
    CHECK_OK(world_create(&w));
    CHECK_EQ_INT(judge.asked, 1);
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2}, 2));
    CHECK_EQ_INT(judge.asked, 1 + 2 + 2 * 3); /* who adds two, and two who join */
    judge = (struct judge){0};
    CHECK_OK(world_update(&w, 1));
    CHECK_EQ_INT(judge.asked, 2);
    CHECK_EQ_INT(judge.replacing, 2);
    CHECK(!judge.strange);
    world_clear(&w);
}

TEST(a_staged_commit_waits_for_its_verdicts)
{
    COURT(c);
    const struct ic_view adds[] = {ic_mls_key_package_message(c.packages[4]),
                                   ic_mls_key_package_message(c.packages[5])};
    const struct ic_mls_commit_params p = {
        .adds = adds, .add_count = 2, .force_path = true, .want_group_info = true};
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    c.judge.verdict = IC_ERR_AGAIN;
    CHECK_OK(stage(&c, 0, &p));
    CHECK_EQ_INT(ic_mls_staged_commit(c.staged).len, 0);
    CHECK_EQ_INT(ic_mls_staged_welcome(c.staged).len, 0);
    CHECK_EQ_INT(ic_mls_staged_group_info(c.staged).len, 0);
    CHECK_ERR(merge_own(&c, 0), IC_ERR_STATE);
    CHECK(strstr(ic_mls_last_rule(group_of(&c, 0)), "5.3.1"));
    const struct ic_mlspub_candidate *first = ic_mls_staged_unjudged(c.staged, 0);
    CHECK_EQ_INT(first->index, 4);
    CHECK(named(first->leaf, "member-4") && !first->former);
    CHECK_EQ_INT(ic_mls_staged_unjudged(c.staged, 5)->index, 5);
    CHECK(!ic_mls_staged_unjudged(c.staged, 6));
    CHECK_ERR(ic_mls_staged_judge(c.staged, 0, IC_OK), IC_ERR_NOT_FOUND);
    CHECK_ERR(ic_mls_staged_judge(c.staged, 4, IC_ERR_AGAIN), IC_ERR_ARG);
    CHECK_OK(ic_mls_staged_judge(c.staged, 5, IC_OK));
    CHECK_ERR(ic_mls_staged_judge(c.staged, 5, IC_OK), IC_ERR_NOT_FOUND);
    CHECK_ERR(merge_own(&c, 0), IC_ERR_STATE);
    CHECK_OK(ic_mls_staged_judge(c.staged, 4, IC_OK));

    CHECK_OK(receive(&c, 1)); /* its message shows now */
    CHECK_OK(world_snapshot(group_of(&c, 1), &before));
    CHECK_ERR(merge_received(&c, 1), IC_ERR_STATE);
    CHECK_OK(world_snapshot(group_of(&c, 1), &after));
    CHECK_BYTES(ic_buf_view(&before), ic_buf_view(&after));
    const struct ic_mlspub_candidate *committer = ic_mls_staged_unjudged(c.received.staged, 0);
    CHECK_EQ_INT(committer->index, 0);
    CHECK(committer->former && named(committer->leaf, "member-0"));
    CHECK(named(committer->former, "member-0"));
    CHECK_EQ_INT(accept_all(c.received.staged), 3);
    CHECK_OK(merge_received(&c, 1));
    CHECK_OK(merge_own(&c, 0));
    CHECK_BYTES(ic_mls_epoch_authenticator(group_of(&c, 0)),
                ic_mls_epoch_authenticator(group_of(&c, 1)));
}

TEST(a_refused_credential_ends_its_staged_commit_and_nothing_else)
{
    COURT(c);
    const struct ic_view add = ic_mls_key_package_message(c.packages[4]);
    const struct ic_mls_commit_params p = {.adds = &add, .add_count = 1, .force_path = true};
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    CHECK_OK(stage(&c, 0, &p));
    c.judge.verdict = IC_ERR_AGAIN;
    CHECK_OK(world_snapshot(group_of(&c, 1), &before));
    CHECK_OK(receive(&c, 1));
    CHECK_OK(ic_mls_staged_judge(c.received.staged, 4, IC_ERR_EXPIRED));
    CHECK_ERR(merge_received(&c, 1), IC_ERR_EXPIRED); /* the other one waits: it does not matter */
    CHECK(strstr(ic_mls_last_rule(group_of(&c, 1)), "5.3.1"));
    CHECK_EQ_INT(ic_mls_last_offender(group_of(&c, 1)), 4);
    CHECK_OK(world_snapshot(group_of(&c, 1), &after));
    CHECK_BYTES(ic_buf_view(&before), ic_buf_view(&after));
    c.judge.verdict = IC_OK;
    CHECK_OK(world_update(&c.w, 1));
    CHECK(world_agrees(&c.w));
    CHECK_OK(world_talk(&c.w, 3));
}

TEST(another_commit_comes_while_one_waits)
{
    COURT(c);
    const struct ic_mls_commit_params p = {.force_path = true};
    CHECK_OK(stage(&c, 0, &p));
    c.judge.verdict = IC_ERR_AGAIN;
    CHECK_OK(receive(&c, 1));
    c.judge.verdict = IC_OK;
    CHECK_OK(world_update(&c.w, 0)); /* the leaf that would have been replaced is gone */
    CHECK_OK(world_update(&c.w, 2));
    CHECK(named(ic_mls_staged_unjudged(c.received.staged, 0)->former, "member-0"));
    CHECK_EQ_INT(accept_all(c.received.staged), 1);
    CHECK_ERR(merge_received(&c, 1), IC_ERR_EPOCH);
    CHECK(world_agrees(&c.w));
}

static void is_closed(struct court *c, struct ic_mls_group *g, ic_err want)
{
    uint8_t key[16];
    const struct ic_mls_commit_params p = {.force_path = true};
    struct ic_mls_staged *s;
    IC_BUF_SCOPE(out, 1 << 20);
    CHECK_ERR(ic_mls_commit_create(g, &p, &s), want);
    CHECK_ERR(ic_mls_protect(g, IC_VIEW_STR("hello"), ic_view(NULL, 0), &out), want);
    CHECK_ERR(ic_mls_propose_update(g, NULL, ic_view(NULL, 0), &out), want);
    CHECK_ERR(ic_mls_propose_remove(g, 1, ic_view(NULL, 0), &out), want);
    CHECK_ERR(ic_mls_process(g, IC_VIEW_STR("hello"), &c->received), want);
    CHECK(strstr(ic_mls_last_rule(g), "5.3.1"));
    CHECK_ERR(ic_mls_export(g, "label", ic_view(NULL, 0), key, sizeof key), IC_ERR_STATE);
    CHECK_ERR(ic_mls_group_info(g, true, &out), IC_ERR_STATE);
    CHECK_EQ_INT(out.len, 0);
    CHECK_EQ_INT(ic_mls_pending_count(g), 0);
    CHECK_ERR(ic_mls_state_encode(g, &out), want);
    CHECK_EQ_INT(out.len, 0);
}

static ic_err join_with_later(struct court *c, struct ic_mls_group **out)
{
    const struct ic_view add = ic_mls_key_package_message(c->packages[4]);
    const struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
    c->judge.verdict = IC_OK;
    IC_TRY(stage(c, 0, &p));
    c->judge.verdict = IC_ERR_AGAIN;
    return ic_mls_group_join(&c->w.config, &c->w.people[4].id, c->packages[4],
                             ic_mls_staged_welcome(c->staged), ic_view(NULL, 0), out);
}

TEST(a_group_that_was_joined_waits_for_its_verdicts)
{
    COURT(c);
    struct ic_mlspub_leaf_node leaf;
    CHECK_OK(join_with_later(&c, &c.w.people[4].g));
    struct ic_mls_group *g = group_of(&c, 4);
    is_closed(&c, g, IC_ERR_STATE);
    uint32_t n = 0;
    for (uint32_t i = 0; (i = ic_mls_unjudged(g, i)) != IC_MLSPUB_NO_LEAF; i++, n++) {
        CHECK_EQ_INT(i, n);
        CHECK_OK(ic_mls_leaf(g, i, &leaf));
        CHECK(named(&leaf, c.w.people[i].name));
        CHECK_ERR(ic_mls_judge(g, i, IC_ERR_AGAIN), IC_ERR_ARG);
        if (i < 4)
            CHECK_OK(ic_mls_judge(g, i, IC_OK));
    }
    CHECK_EQ_INT(n, 5);
    is_closed(&c, g, IC_ERR_STATE);
    CHECK_ERR(ic_mls_judge(g, 3, IC_OK), IC_ERR_NOT_FOUND);
    CHECK_ERR(ic_mls_judge(g, 5000, IC_OK), IC_ERR_NOT_FOUND);
    CHECK_OK(ic_mls_judge(g, 4, IC_OK));
    c.judge.verdict = IC_OK;
    for (size_t i = 1; i < 4; i++) {
        CHECK_OK(receive(&c, i));
        CHECK_OK(merge_received(&c, i));
    }
    CHECK_OK(merge_own(&c, 0));
    CHECK_OK(world_update(&c.w, 4));
    CHECK_OK(world_talk(&c.w, 4));
    CHECK(world_agrees(&c.w));
}

TEST(a_group_in_which_a_credential_is_refused_is_only_to_be_freed)
{
    COURT(c);
    struct ic_mls_group *g = NULL;
    CHECK_OK(join_with_later(&c, &g));
    CHECK_OK(ic_mls_judge(g, 2, IC_ERR_DENIED));
    CHECK_OK(ic_mls_judge(g, 1, IC_ERR_AUTH)); /* the first one stays told */
    is_closed(&c, g, IC_ERR_DENIED);
    CHECK_EQ_INT(ic_mls_last_offender(g), 2);
    while (ic_mls_unjudged(g, 0) != IC_MLSPUB_NO_LEAF)
        CHECK_OK(ic_mls_judge(g, ic_mls_unjudged(g, 0), IC_OK));
    is_closed(&c, g, IC_ERR_DENIED);
    ic_mls_group_free(g);
}

TEST(who_joins_by_an_external_commit_waits_for_all_but_whom_it_replaces)
{
    COURT(c);
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(commit, 1 << 20);
    const uint32_t old = 3;
    CHECK_OK(ic_mls_group_info(group_of(&c, 0), true, &info));
    const struct ic_mls_external_join j = {.group_info = ic_buf_view(&info), .replaces = &old};
    c.judge.verdict = IC_ERR_AGAIN;
    struct ic_mls_group *g;
    CHECK_OK(ic_mls_group_join_external(&c.w.config, &c.w.people[3].id, &j, &g, &commit, NULL));
    is_closed(&c, g, IC_ERR_STATE);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK_EQ_INT(ic_mls_unjudged(g, 0), i);
        CHECK_OK(ic_mls_judge(g, i, IC_OK));
    }
    CHECK_EQ_INT(ic_mls_unjudged(g, 0), IC_MLSPUB_NO_LEAF);
    c.judge = (struct judge){0};
    CHECK_OK(ic_mls_process(group_of(&c, 1), ic_buf_view(&commit), &c.received));
    CHECK_EQ_INT(c.judge.last_batch, 1);
    CHECK_EQ_INT(c.judge.replacing, 1);
    CHECK(!c.judge.strange);
    CHECK_OK(merge_received(&c, 1));
    CHECK_BYTES(ic_mls_epoch_authenticator(g), ic_mls_epoch_authenticator(group_of(&c, 1)));
    ic_mls_group_free(g);
}

TEST(proposals_are_judged_on_receipt_or_with_their_commit)
{
    COURT(c);
    const struct ic_mls_commit_params all = {0};
    for (int later = 0; later < 2; later++) {
        IC_BUF_SCOPE(update, 65536);
        IC_BUF_SCOPE(add, 65536);
        c.judge = (struct judge){.verdict = later ? IC_ERR_AGAIN : IC_OK};
        CHECK_OK(ic_mls_propose_update(group_of(&c, 2), NULL, ic_view(NULL, 0), &update));
        CHECK_OK(ic_mls_propose_add(group_of(&c, 2),
                                    ic_mls_key_package_message(c.packages[4 + later]),
                                    ic_view(NULL, 0), &add));
        CHECK_OK(world_propose(&c.w, 2, &update));
        CHECK_OK(world_propose(&c.w, 2, &add));
        CHECK_EQ_INT(c.judge.asked, later ? 9 : 7); /* who proposes an Add asks too */
        CHECK_EQ_INT(ic_mls_pending_count(group_of(&c, 0)), 2);
        CHECK_EQ_INT(ic_mls_pending(group_of(&c, 0), 0)->judged, !later);
        c.judge = (struct judge){.verdict = c.judge.verdict};
        CHECK_OK(stage(&c, 0, &all));
        CHECK_EQ_INT(c.judge.asked, later ? 2 : 0);
        CHECK_EQ_INT(accept_all(c.staged), later ? 2 : 0);
        CHECK_OK(receive(&c, 1));
        CHECK_EQ_INT(c.judge.asked, later ? 5 : 1); /* and the committer's new leaf */
        CHECK_EQ_INT(accept_all(c.received.staged), later ? 3 : 0);
        CHECK_OK(merge_received(&c, 1));
        CHECK_OK(receive(
            &c, 2)); /* its own proposals, by somebody else's commit: its Add is asked about */
        CHECK_EQ_INT(accept_all(c.received.staged), later ? 3 : 0);
        CHECK_OK(merge_received(&c, 2));
        CHECK_OK(receive(&c, 3));
        accept_all(c.received.staged);
        CHECK_OK(merge_received(&c, 3));
        struct person *joiner = &c.w.people[4 + later];
        if (later) {
            CHECK_OK(receive(&c, 4));
            accept_all(c.received.staged);
            CHECK_OK(merge_received(&c, 4));
        }
        CHECK_OK(ic_mls_group_join(&c.w.config, &joiner->id, c.packages[4 + later],
                                   ic_mls_staged_welcome(c.staged), ic_view(NULL, 0), &joiner->g));
        for (uint32_t i = 0; (i = ic_mls_unjudged(joiner->g, i)) != IC_MLSPUB_NO_LEAF; i++)
            CHECK_OK(ic_mls_judge(joiner->g, i, IC_OK));
        CHECK_OK(merge_own(&c, 0));
        CHECK(world_agrees(&c.w));
        if (ic_test_failed())
            return;
    }
}

static bool only_judged(void *ctx, const struct ic_mlspub_change_item *item)
{
    (void)ctx;
    return item->judged;
}

TEST(a_pending_proposal_that_is_refused_later_is_left_out_by_the_filter)
{
    COURT(c);
    IC_BUF_SCOPE(add, 65536);
    c.judge.verdict = IC_ERR_AGAIN;
    CHECK_OK(ic_mls_propose_add(group_of(&c, 2), ic_mls_key_package_message(c.packages[4]),
                                ic_view(NULL, 0), &add));
    CHECK_OK(world_propose(&c.w, 2, &add));
    c.judge = (struct judge){.enemy = "member-4"};
    struct ic_mls_commit_params p = {.force_path = true};
    CHECK_ERR(stage(&c, 0, &p), IC_ERR_AUTH);
    CHECK_EQ_INT(ic_mls_last_offender(group_of(&c, 0)), 4);
    p.filter = only_judged;
    CHECK_OK(stage(&c, 0, &p));
    CHECK_EQ_INT(ic_mls_staged_count(c.staged), 0);
}

TEST(who_is_removed_is_not_asked)
{
    COURT(c);
    const uint32_t gone = 3;
    const struct ic_mls_commit_params p = {.removes = &gone, .remove_count = 1};
    CHECK_OK(stage(&c, 0, &p));
    c.judge = (struct judge){.verdict = IC_ERR_DENIED};
    CHECK_OK(receive(&c, 3));
    CHECK_EQ_INT(c.judge.asked, 0);
    CHECK_ERR(merge_received(&c, 3), IC_ERR_REMOVED);
}

static ic_err receive_and_judge(void *ctx)
{
    struct court *c = ctx;
    IC_TRY(receive(c, 1));
    const struct ic_mlspub_candidate *x = ic_mls_staged_unjudged(c->received.staged, 0);
    return x ? ic_mls_staged_judge(c->received.staged, x->index, IC_OK) : IC_ERR_STATE;
}

static ic_err join_and_judge(void *ctx)
{
    struct court *c = ctx;
    struct ic_mls_group *g;
    IC_TRY(ic_mls_group_join(&c->w.config, &c->w.people[4].id, c->packages[4],
                             ic_mls_staged_welcome(c->staged), ic_view(NULL, 0), &g));
    ic_err e = ic_mls_judge(g, 4, IC_OK);
    ic_mls_group_free(g);
    return e;
}

TEST(waiting_survives_every_failing_allocation)
{
    COURT(c);
    const struct ic_view add = ic_mls_key_package_message(c.packages[4]);
    const struct ic_mls_commit_params p = {.adds = &add, .add_count = 1, .force_path = true};
    CHECK_OK(stage(&c, 0, &p));
    c.judge.verdict = IC_ERR_AGAIN;
    CHECK(ic_test_each_alloc_fails(receive_and_judge, &c) > 20);
    CHECK(ic_test_each_alloc_fails(join_and_judge, &c) > 20);
}

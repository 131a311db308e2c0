/* Groups that follow a group: reinitialisation and branches, RFC 9420 sections 11.2 and 11.3. */
#include "../../src/member/state.h"
#include "world.h"

#include <string.h>

struct sequel {
    struct world w; /* the former group: 0, 1, 2 */
    struct ic_mls_key_package *packages[3];
    struct ic_mls_group *made, *joined;
    struct ic_mlspub_fault fault;
};

static void sequel_open(struct sequel *q)
{
    *q = (struct sequel){.fault = IC_MLSPUB_FAULT_NONE};
    CHECK_OK(world_init(&q->w, ic_suite_find(1), 51));
    CHECK_OK(world_create(&q->w));
    CHECK_OK(world_add(&q->w, 0, (const size_t[]){1, 2}, 2));
}

static void sequel_close(struct sequel *q)
{
    ic_mls_group_free(q->made);
    ic_mls_group_free(q->joined);
    for (size_t i = 0; i < 3; i++)
        ic_mls_key_package_free(q->packages[i]);
    world_clear(&q->w);
}

/* Member 0 makes the new group with `who`; member 1 joins it. The result is that of the join. */
static ic_err follow(struct sequel *q, struct ic_view group_id, uint8_t usage, const size_t *who,
                     size_t count)
{
    struct world *w = &q->w;
    struct ic_view adds[3];
    struct ic_mls_staged *s;
    struct ic_mls_config config = w->config;
    config.predecessor = w->people[0].g;
    IC_TRY(ic_mls_group_create(&config, &w->people[0].id, group_id, ic_view(NULL, 0), &q->made));
    for (size_t i = 0; i < count; i++) {
        IC_TRY(ic_mls_key_package_new(&config, &w->people[who[i]].id, ic_view(NULL, 0),
                                      &q->packages[i]));
        adds[i] = ic_mls_key_package_message(q->packages[i]);
    }
    const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_RESUMPTION,
                                         .usage = usage,
                                         .group_id = IC_VIEW_STR("the group"),
                                         .epoch = ic_mls_context(w->people[0].g)->epoch};
    const struct ic_mls_commit_params p = {
        .adds = adds, .add_count = count, .psks = &psk, .psk_count = 1};
    IC_TRY(ic_mls_commit_create(q->made, &p, &s));
    config.predecessor = w->people[1].g;
    config.fault = &q->fault;
    ic_err e = ic_mls_group_join(&config, &w->people[1].id, q->packages[0],
                                 ic_mls_staged_welcome(s), ic_view(NULL, 0), &q->joined);
    ic_err merged = ic_mls_merge(q->made, s);
    return e == IC_OK ? merged : e;
}

static void end_group(struct sequel *q)
{
    const struct ic_mls_reinit next = {IC_VIEW_STR("the next group"), 1, {0}};
    struct ic_mls_reinit seen;
    struct ic_mls_staged *s;
    IC_BUF_SCOPE(m, 65536);
    CHECK_OK(ic_mls_propose_reinit(q->w.people[2].g, &next, ic_view(NULL, 0), &m));
    CHECK_OK(world_propose(&q->w, 2, &m));
    struct ic_mls_commit_params p = {0};
    CHECK_OK(world_commit(&q->w, 0, &p, NULL, NULL, 0));
    CHECK(world_agrees(&q->w));
    for (size_t i = 0; i < 3; i++) {
        CHECK(ic_mls_reinit(q->w.people[i].g, &seen));
        CHECK_BYTES(seen.group_id, next.group_id);
        /* RFC9420-12.4.2-2 */
        /* RFC 9420 section 12.4.2: the group sends no more. */
        CHECK_ERR(ic_mls_protect(q->w.people[i].g, IC_VIEW_STR("x"), ic_view(NULL, 0), &m),
                  IC_ERR_STATE);
        CHECK_ERR(ic_mls_commit_create(q->w.people[i].g, &p, &s), IC_ERR_STATE);
    }
}

static const size_t others[] = {1, 2};

/* RFC9420-11.2-3 RFC9420-12.4.1-5 */
TEST(reinit_leads_into_the_next_group)
{
    struct sequel q;
    sequel_open(&q);
    end_group(&q);
    if (ic_test_failed())
        return;
    CHECK_OK(follow(&q, IC_VIEW_STR("the next group"), IC_MLS_PSK_REINIT, others, 2));
    CHECK_BYTES(ic_mls_epoch_authenticator(q.made), ic_mls_epoch_authenticator(q.joined));
    sequel_close(&q);
}

/* RFC9420-11.2-1 RFC9420-12.4.2-3 */
TEST(reinit_with_other_members_or_another_name_is_refused)
{
    struct sequel q;
    sequel_open(&q);
    end_group(&q);
    if (ic_test_failed())
        return;
    CHECK_ERR(follow(&q, IC_VIEW_STR("something else"), IC_MLS_PSK_REINIT, others, 2), IC_ERR_RULE);
    CHECK(strstr(q.fault.rule, "section 11.2") != NULL);
    sequel_close(&q);
    sequel_open(&q);
    end_group(&q);
    CHECK_ERR(follow(&q, IC_VIEW_STR("the next group"), IC_MLS_PSK_REINIT, others, 1), IC_ERR_RULE);
    CHECK(strstr(q.fault.rule, "members") != NULL);
    sequel_close(&q);
}

TEST(reinit_to_another_version_is_not_this_group)
{
    struct sequel q;
    sequel_open(&q);
    end_group(&q);
    if (ic_test_failed())
        return;
    /* As if version 2 had been promised: type, group_id, then version. */
    struct ic_buf *promise = &q.w.people[1].g->reinit;
    size_t at = 2 + 1 + strlen("the next group");
    CHECK_EQ_INT(ic_load_u16(promise->p + at), IC_MLS_VERSION_1);
    ic_store_u16(promise->p + at, 2);
    CHECK_ERR(follow(&q, IC_VIEW_STR("the next group"), IC_MLS_PSK_REINIT, others, 2), IC_ERR_RULE);
    CHECK(strstr(q.fault.rule, "section 11.2") != NULL);
    sequel_close(&q);
}

TEST(reinit_psk_of_a_group_that_goes_on_is_refused)
{
    struct sequel q;
    sequel_open(&q);
    if (ic_test_failed())
        return;
    CHECK_ERR(follow(&q, IC_VIEW_STR("the next group"), IC_MLS_PSK_REINIT, others, 2), IC_ERR_RULE);
    sequel_close(&q);
}

TEST(branch_takes_some_of_the_members)
{
    struct sequel q;
    sequel_open(&q);
    if (ic_test_failed())
        return;
    CHECK_OK(follow(&q, IC_VIEW_STR("a branch"), IC_MLS_PSK_BRANCH, others, 1));
    CHECK_BYTES(ic_mls_epoch_authenticator(q.made), ic_mls_epoch_authenticator(q.joined));
    CHECK_OK(world_talk(&q.w, 0)); /* the former group goes on */
    sequel_close(&q);
}

/* RFC9420-11.3-2 RFC9420-11.3-4 */
/* Up to the first digit: who has another device is the same person to this application. */
static ic_err name_person(void *ctx, const struct ic_mlspub_leaf_node *leaf, struct ic_buf *out)
{
    (void)ctx;
    return ic_buf_append(out, ic_view(leaf->credential.identity.p, strlen("member-")));
}

TEST(members_of_a_branch_are_known_as_the_application_says)
{
    struct sequel q;
    sequel_open(&q);
    if (ic_test_failed())
        return;
    q.w.config.name_client = name_person;
    CHECK_OK(follow(&q, IC_VIEW_STR("a branch"), IC_MLS_PSK_BRANCH, (const size_t[]){1, 7}, 2));
    CHECK_BYTES(ic_mls_epoch_authenticator(q.made), ic_mls_epoch_authenticator(q.joined));
    sequel_close(&q);
}

TEST(branch_with_a_stranger_is_refused)
{
    struct sequel q;
    sequel_open(&q);
    if (ic_test_failed())
        return;
    CHECK_ERR(follow(&q, IC_VIEW_STR("a branch"), IC_MLS_PSK_BRANCH, (const size_t[]){1, 7}, 2),
              IC_ERR_RULE);
    CHECK(strstr(q.fault.rule, "members") != NULL);
    sequel_close(&q);
}

/* RFC9420-11.2-4 RFC9420-11.2-5 RFC9420-11.3-5 RFC9420-11.3-6 */
TEST(follow_up_psks_have_no_other_place)
{
    struct sequel q;
    struct ic_mls_staged *s;
    sequel_open(&q);
    if (ic_test_failed())
        return;
    const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_RESUMPTION,
                                         .usage = IC_MLS_PSK_BRANCH,
                                         .group_id = IC_VIEW_STR("the group"),
                                         .epoch = 1};
    const struct ic_mls_commit_params p = {.psks = &psk, .psk_count = 1};
    CHECK_ERR(ic_mls_commit_create(q.w.people[0].g, &p, &s), IC_ERR_RULE);
    const struct ic_mls_reinit next = {IC_VIEW_STR("next"), 1, {0}};
    const struct ic_mls_commit_params mixed = {.reinit = &next, .psks = &psk, .psk_count = 1};
    CHECK_ERR(ic_mls_commit_create(q.w.people[0].g, &mixed, &s), IC_ERR_RULE);
    const struct ic_mls_commit_params alone = {.reinit = &next};
    CHECK_OK(ic_mls_commit_create(q.w.people[0].g, &alone, &s));
    ic_mls_discard(s);
    CHECK(world_agrees(&q.w));
    sequel_close(&q);
}

/* Groups that live: every operation, in every suite of the build. */
#include "world.h"

#include <string.h>

/* Runs a scenario in every suite; a failure names the suite and the rule met. */
static void in_all_suites(ic_err (*scenario)(struct world *w))
{
    for (size_t i = 0; ic_suite_at(i); i++) {
        struct world w;
        ic_err e = world_init(&w, ic_suite_at(i), i + 1);
        if (e == IC_OK)
            e = scenario(&w);
        if (e != IC_OK) {
            const char *rule = "";
            for (size_t k = 0; k < WORLD_MEMBERS; k++)
                if (w.people[k].g && *ic_mls_last_rule(w.people[k].g))
                    rule = ic_mls_last_rule(w.people[k].g);
            ic_test_fail(__FILE__, __LINE__, "suite %u: %s %s %s", w.suite->id, ic_err_name(e),
                         rule, w.fault.rule);
        }
        world_clear(&w);
        if (ic_test_failed())
            return;
    }
}

#define NEED(cond)                                                                                 \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            ic_test_fail(__FILE__, __LINE__, "%s", #cond);                                         \
            return IC_ERR_STATE;                                                                   \
        }                                                                                          \
    } while (0)

static const size_t one_to_five[] = {1, 2, 3, 4, 5};

static ic_err life(struct world *w)
{
    IC_TRY(world_create(w));
    if (!w->config.private_handshakes)
        IC_TRY(world_watch(w));
    IC_TRY(world_update(w, 0)); /* alone */
    IC_TRY(world_add(w, 0, one_to_five, 3));
    NEED(world_agrees(w) && world_count(w) == 4);
    IC_TRY(world_talk(w, 0));
    IC_TRY(world_talk(w, 3));
    IC_TRY(world_update(w, 2));
    IC_TRY(world_update(w, 0));
    IC_TRY(world_add(w, 1, one_to_five + 3, 2));
    NEED(world_agrees(w) && world_count(w) == 6);
    for (size_t i = 0; i < 6; i++)
        IC_TRY(world_talk(w, i));
    IC_TRY(world_remove(w, 5, 1));
    NEED(world_agrees(w) && world_count(w) == 5);
    IC_TRY(world_remove(w, 0, 5));
    IC_TRY(world_update(w, 4));
    IC_TRY(world_add(w, 4, (const size_t[]){1, 6, 7}, 3));
    NEED(world_agrees(w) && world_count(w) == 7);
    return world_talk(w, 6);
}

/* RFC9420-6.2-1 RFC9420-7.5-2 RFC9420-7.6-1 RFC9420-12.4.1-3 RFC9420-17.1-3 */
TEST(group_lives_in_all_suites)
{
    in_all_suites(life);
}

static ic_err life_private(struct world *w)
{
    w->config.private_handshakes = true;
    w->config.padding = 64;
    w->without_tree = true;
    return life(w);
}

/* RFC9420-6.3.1-1 RFC9420-6.3.1-6 */
TEST(group_lives_with_private_handshakes_and_the_tree_apart)
{
    in_all_suites(life_private);
}

static ic_err by_reference(struct world *w)
{
    IC_TRY(world_create(w));
    IC_TRY(world_watch(w));
    IC_TRY(world_add(w, 0, one_to_five, 4));
    struct ic_mls_key_package *k;
    IC_BUF_SCOPE(add, 65536);
    IC_BUF_SCOPE(remove, 65536);
    IC_BUF_SCOPE(update, 65536);
    IC_TRY(ic_mls_key_package_new(&w->config, &w->people[6].id, ic_view(NULL, 0), &k));
    ic_err e =
        ic_mls_propose_add(w->people[1].g, ic_mls_key_package_message(k), ic_view(NULL, 0), &add);
    if (e == IC_OK)
        e = world_propose(w, 1, &add);
    if (e == IC_OK)
        e = ic_mls_propose_remove(w->people[2].g, ic_mls_own_leaf(w->people[3].g), ic_view(NULL, 0),
                                  &remove);
    if (e == IC_OK)
        e = world_propose(w, 2, &remove);
    if (e == IC_OK)
        e = ic_mls_propose_update(w->people[4].g, NULL, ic_view(NULL, 0), &update);
    if (e == IC_OK)
        e = world_propose(w, 4, &update);
    struct ic_mls_commit_params p = {0};
    const size_t joiner = 6;
    if (e == IC_OK)
        e = ic_mls_pending_count(w->people[0].g) == 3 ? IC_OK : IC_ERR_STATE;
    if (e == IC_OK)
        e = world_commit(w, 0, &p, &joiner, &k, 1);
    ic_mls_key_package_free(k);
    IC_TRY(e);
    NEED(world_agrees(w) && world_count(w) == 5 && !w->people[3].g);
    IC_TRY(world_update(w, 4)); /* with the updated leaf's key */
    IC_TRY(world_update(w, 1));
    NEED(world_agrees(w));
    return world_talk(w, 4);
}

TEST(group_commits_proposals_by_reference)
{
    in_all_suites(by_reference);
}

static ic_err new_signers(struct world *w)
{
    struct ic_sign_key *old[2] = {0}, *fresh[2] = {0};
    IC_TRY(world_create(w));
    IC_TRY(world_add(w, 0, one_to_five, 2));
    for (size_t i = 0; i < 2; i++) {
        IC_TRY(ic_sign_key_generate(w->suite->sig, &w->config.rand, &fresh[i]));
        old[i] = w->people[i].signer;
        w->people[i].signer = fresh[i];
        w->people[i].id.signer = fresh[i];
    }
    IC_BUF_SCOPE(update, 65536);
    struct ic_mls_commit_params p = {.identity = &w->people[0].id};
    ic_err e = ic_mls_propose_update(w->people[1].g, &w->people[1].id, ic_view(NULL, 0), &update);
    if (e == IC_OK)
        e = world_propose(w, 1, &update);
    if (e == IC_OK)
        e = world_commit(w, 0, &p, NULL, NULL, 0);
    ic_sign_key_free(old[0]);
    ic_sign_key_free(old[1]);
    IC_TRY(e);
    NEED(world_agrees(w));
    IC_TRY(world_talk(w, 0));
    IC_TRY(world_talk(w, 1));
    return world_update(w, 1);
}

TEST(group_members_change_their_signature_keys)
{
    in_all_suites(new_signers);
}

static ic_err outside_in(struct world *w)
{
    IC_TRY(world_create(w));
    IC_TRY(world_watch(w));
    IC_TRY(world_add(w, 0, one_to_five, 3));
    IC_TRY(world_join_external(w, 7, 2, IC_MLSPUB_NO_LEAF));
    NEED(world_agrees(w) && world_count(w) == 5);
    IC_TRY(world_talk(w, 7));
    /* Resync: member 2 lost its state, and takes its own old leaf's place. */
    uint32_t leaf = ic_mls_own_leaf(w->people[2].g);
    ic_mls_group_free(w->people[2].g);
    w->people[2].g = NULL;
    IC_TRY(world_join_external(w, 2, 7, leaf));
    NEED(world_agrees(w) && world_count(w) == 5);
    IC_TRY(world_update(w, 2));
    IC_TRY(world_update(w, 7));
    NEED(world_agrees(w));
    return world_talk(w, 2);
}

/* RFC9420-6.1-1 RFC9420-12.4.3.2-5 */
TEST(group_is_joined_by_external_commits)
{
    in_all_suites(outside_in);
}

static ic_err find_psk(void *ctx, struct ic_view id, struct ic_buf *out)
{
    (void)ctx;
    return ic_view_equal(id, IC_VIEW_STR("shared"))
               ? ic_buf_append(out, IC_VIEW_STR("a secret of ours"))
               : IC_ERR_PSK;
}

static ic_err with_psks(struct world *w)
{
    w->config.find_psk = find_psk;
    IC_TRY(world_create(w));
    IC_TRY(world_add(w, 0, one_to_five, 2));
    IC_TRY(world_update(w, 1));
    struct ic_mls_key_package *k;
    IC_TRY(ic_mls_key_package_new(&w->config, &w->people[3].id, ic_view(NULL, 0), &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_EXTERNAL,
                                         .external_id = IC_VIEW_STR("shared")};
    struct ic_mls_commit_params p = {.adds = &add, .add_count = 1, .psks = &psk, .psk_count = 1};
    ic_err e = world_commit(w, 0, &p, (const size_t[]){3}, &k, 1);
    ic_mls_key_package_free(k);
    IC_TRY(e);
    NEED(world_agrees(w));
    /* A resumption PSK of an epoch that members 0 to 2 saw; member 3 joined later. */
    IC_TRY(world_remove(w, 0, 3));
    const struct ic_mlspub_psk_id past = {.type = IC_MLS_PSK_RESUMPTION,
                                          .usage = IC_MLS_PSK_APPLICATION,
                                          .group_id = IC_VIEW_STR("the group"),
                                          .epoch = 1};
    struct ic_mls_commit_params q = {.psks = &past, .psk_count = 1};
    IC_TRY(world_commit(w, 2, &q, NULL, NULL, 0));
    NEED(world_agrees(w));
    const struct ic_mlspub_psk_id unknown = {.type = IC_MLS_PSK_EXTERNAL,
                                             .external_id = IC_VIEW_STR("other")};
    struct ic_mls_commit_params r = {.psks = &unknown, .psk_count = 1};
    NEED(world_commit(w, 2, &r, NULL, NULL, 0) == IC_ERR_PSK);
    return world_talk(w, 1);
}

TEST(group_mixes_in_psks)
{
    in_all_suites(with_psks);
}

/* external_senders with one sender, and a required capability that all have. */
static ic_err sender_list(const struct ic_sign_key *key, struct ic_buf *out)
{
    IC_BUF_SCOPE(data, 4096);
    struct ic_writer d = ic_writer(&data);
    size_t mark = ic_write_open(&d);
    ic_write_vec(&d, ic_sign_key_public(key));
    ic_write_u16(&d, IC_MLS_BASIC);
    ic_write_vec(&d, IC_VIEW_STR("delivery"));
    ic_write_close(&d, mark);
    IC_TRY(ic_writer_end(&d));
    struct ic_writer w = ic_writer(out);
    ic_write_u16(&w, IC_MLS_EXT_EXTERNAL_SENDERS);
    ic_write_vec(&w, ic_buf_view(&data));
    return ic_writer_end(&w);
}

static ic_err change_extensions(struct world *w)
{
    IC_BUF_SCOPE(list, 4096);
    IC_TRY(world_create(w));
    IC_TRY(world_add(w, 0, one_to_five, 2));
    IC_TRY(sender_list(w->people[9].signer, &list));
    struct ic_mls_commit_params p = {.set_extensions = true, .extensions = ic_buf_view(&list)};
    IC_TRY(world_commit(w, 1, &p, NULL, NULL, 0));
    NEED(world_agrees(w));
    NEED(ic_view_equal(ic_mls_context(w->people[2].g)->extensions, ic_buf_view(&list)));
    /* By reference, back to none. */
    IC_BUF_SCOPE(message, 4096);
    IC_TRY(ic_mls_propose_extensions(w->people[0].g, ic_view(NULL, 0), ic_view(NULL, 0), &message));
    IC_TRY(world_propose(w, 0, &message));
    struct ic_mls_commit_params q = {0};
    IC_TRY(world_commit(w, 2, &q, NULL, NULL, 0));
    NEED(world_agrees(w) && ic_mls_context(w->people[0].g)->extensions.len == 0);
    return IC_OK;
}

/* RFC9420-12.4.1-1 */
TEST(group_changes_its_extensions)
{
    in_all_suites(change_extensions);
}

TEST(group_gives_a_leaf_a_lifetime_where_the_identity_has_none)
{
    struct world w;
    CHECK_OK(world_init(&w, ic_suite_find(1), 77));
    for (size_t i = 0; i < 2; i++)
        w.people[i].id.lifetime = (struct ic_mlspub_lifetime){0, 0};
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1}, 1));
    CHECK(world_agrees(&w));
    struct ic_mlspub_leaf_node leaf;
    CHECK_OK(ic_mls_leaf(w.people[0].g, 1, &leaf));
    CHECK(leaf.lifetime.not_before == world_now - 3600);
    CHECK(leaf.lifetime.not_after == world_now + 84 * 86400);
    world_clear(&w);
}

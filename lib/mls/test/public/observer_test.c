/* The observer, and through it the rules: each both ways. */
#include "sim.h"
#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <stdio.h>
#include <string.h>

static void refuse_list(struct sim *s, const struct ic_mlspub_proposal_or_ref *p, size_t n,
                        ic_err want, const char *section)
{
    struct sim_commit c = sim_with(p, n);
    CHECK_OK(sim_commit(s, 0, &c));
    sim_check_refused(s, want, section);
}

TEST(observer_follows_commits_in_two_suites)
{
    for (uint16_t suite = 1; suite <= 2; suite++) {
        SIM(s, suite, 5);
        struct ic_mlspub_proposal_or_ref p[] = {sim_value(sim_remove(1)), sim_value(sim_remove(4))};
        struct sim_commit c = sim_with(p, 2);
        CHECK_OK(sim_commit(&s, 2, &c));
        CHECK_OK(sim_deliver(&s));
        CHECK_EQ_INT(ic_mlspub_observer_context(s.observer)->epoch, 2);
        CHECK_EQ_INT(ic_mlspub_observer_leaf_count(s.observer), 4);
        struct ic_mlspub_leaf_node l;
        CHECK_ERR(ic_mlspub_observer_leaf(s.observer, 1, &l), IC_ERR_NOT_FOUND);
        CHECK_OK(ic_mlspub_observer_leaf(s.observer, 2, &l));
        CHECK_EQ_INT(l.source, IC_MLS_LEAF_COMMIT);
        CHECK_EQ_INT(ic_mlspub_observer_find(s.observer, l.signature_key), 2);
    }
}

/* A member may not have an outsider check signatures for seconds. */
TEST(observer_follows_no_endless_commit)
{
    enum { MANY = 4097 };
    SIM(s, 1, 3);
    IC_AUTOFREE struct ic_mlspub_proposal_or_ref *p =
        ic_new_array(MANY, struct ic_mlspub_proposal_or_ref);
    CHECK(p);
    for (size_t i = 0; i < MANY; i++)
        p[i] = sim_value(sim_remove(1));
    refuse_list(&s, p, MANY - 1, IC_ERR_RULE, "12.2");
    refuse_list(&s, p, MANY, IC_ERR_LIMIT, "12.4");
}

TEST(observer_opens_what_it_wrote)
{
    SIM(s, 1, 9);
    IC_BUF_SCOPE(tree, 1 << 20);
    CHECK_OK(ic_mlspub_observer_tree(s.observer, &tree));
    struct ic_mlspub_tree *t;
    CHECK_OK(ic_mlspub_tree_decode(s.suite, ic_buf_view(&tree), 0, NULL, &t));
    ic_err e = ic_mlspub_tree_validate(t, IC_VIEW_STR("the group"), NULL, NULL);
    struct ic_mlspub_fault f = IC_MLSPUB_FAULT_NONE;
    ic_err other = ic_mlspub_tree_validate(t, IC_VIEW_STR("another"), NULL, &f);
    ic_mlspub_tree_free(t);
    CHECK_OK(e);
    CHECK_ERR(other, IC_ERR_SIGNATURE); /* the committer's leaf names the group */
    CHECK_EQ_INT(f.offender, 0);
}

TEST(observer_takes_proposals_by_reference)
{
    SIM(s, 1, 4);
    struct ic_mlspub_proposal p = sim_remove(3);
    struct ic_mlspub_sender by_one = {IC_MLS_SENDER_MEMBER, 1};
    CHECK_OK(sim_propose(&s, by_one, sim_key_of(&s, 1), &p));
    CHECK_OK(sim_deliver(&s));
    CHECK_ERR(sim_deliver(&s), IC_ERR_EXISTS);
    CHECK_EQ_INT(ic_mlspub_observer_pending_count(s.observer), 1);
    struct ic_mlspub_proposal_or_ref ref = {.is_ref = true,
                                            .ref = ic_mlspub_observer_pending(s.observer, 0)->ref};
    struct sim_commit c = sim_with(&ref, 1);
    CHECK_OK(sim_commit(&s, 0, &c));
    struct ic_mlspub_change *change;
    CHECK_OK(ic_mlspub_observer_stage(s.observer, ic_buf_view(&s.message), SIM_NOW, &change));
    CHECK_EQ_INT(ic_mlspub_change_count(change), 1);
    CHECK_EQ_INT(ic_mlspub_change_item(change, 0)->sender.index, 1);
    CHECK_EQ_INT(ic_mlspub_change_item(change, 0)->leaf, 3);
    CHECK_EQ_INT(ic_mlspub_change_committer(change), 0);
    CHECK(ic_mlspub_change_path_leaf(change) != NULL);
    CHECK_EQ_INT(ic_mlspub_change_context(change)->epoch, 2);
    CHECK_EQ_INT(ic_mlspub_observer_context(s.observer)->epoch, 1);
    ic_mlspub_change_discard(change);
    CHECK_OK(sim_deliver(&s));
    CHECK_EQ_INT(ic_mlspub_observer_pending_count(s.observer), 0);
    /* In the next epoch the reference is to nothing. */
    static const uint8_t gone[32];
    ref.ref = IC_VIEW_ARRAY(gone);
    refuse_list(&s, &ref, 1, IC_ERR_NOT_FOUND, "12.4");
}

/* RFC9420-7.2-7 RFC9420-7.3-r1 RFC9420-12.2-r1 */
TEST(observer_takes_an_update_and_refuses_the_committers_own)
{
    SIM(s, 1, 3);
    IC_BUF_SCOPE(leaf, 1 << 16);
    CHECK_OK(sim_update_leaf(&s, 1, &leaf));
    struct ic_mlspub_proposal p = {.type = IC_MLS_UPDATE};
    CHECK_OK(ic_mlspub_leaf_node_decode(ic_buf_view(&leaf), NULL, &p.update));
    struct ic_mlspub_sender by_one = {IC_MLS_SENDER_MEMBER, 1}, by_two = {IC_MLS_SENDER_MEMBER, 2};
    CHECK_OK(sim_propose(&s, by_two, sim_key_of(&s, 2), &p));
    sim_check_refused(&s, IC_ERR_SIGNATURE, "7.3"); /* the leaf is signed for leaf 1 */
    CHECK_OK(sim_propose(&s, by_one, sim_key_of(&s, 1), &p));
    CHECK_OK(sim_deliver(&s));
    struct ic_mlspub_proposal_or_ref ref = {.is_ref = true,
                                            .ref = ic_mlspub_observer_pending(s.observer, 0)->ref};
    struct sim_commit c = sim_with(&ref, 1);
    CHECK_OK(sim_commit(&s, 1, &c));
    sim_check_refused(&s, IC_ERR_RULE, "12.2");
    struct ic_mlspub_proposal_or_ref both[] = {ref, sim_value(sim_remove(1))};
    refuse_list(&s, both, 2, IC_ERR_RULE, "12.2");
    c.path = false;
    CHECK_OK(sim_commit(&s, 0, &c));
    sim_check_refused(&s, IC_ERR_RULE, "12.4");
    c.path = true;
    CHECK_OK(sim_commit(&s, 0, &c));
    CHECK_OK(sim_deliver(&s));
    struct ic_mlspub_leaf_node l;
    CHECK_OK(ic_mlspub_observer_leaf(s.observer, 1, &l));
    CHECK_EQ_INT(l.source, IC_MLS_LEAF_UPDATE);
}

/* RFC9420-12.1.3-r1 RFC9420-12.2-r2 RFC9420-12.2-r3 */
TEST(rules_of_removes)
{
    SIM(s, 1, 4);
    struct ic_mlspub_proposal_or_ref twice[] = {sim_value(sim_remove(2)), sim_value(sim_remove(2))};
    refuse_list(&s, twice, 2, IC_ERR_RULE, "12.2");
    struct ic_mlspub_proposal_or_ref self = sim_value(sim_remove(0));
    refuse_list(&s, &self, 1, IC_ERR_RULE, "12.2");
    struct ic_mlspub_proposal_or_ref far = sim_value(sim_remove(4000000000));
    refuse_list(&s, &far, 1, IC_ERR_RULE, "12.1.3");
    struct ic_mlspub_proposal_or_ref one = sim_value(sim_remove(2));
    struct sim_commit c = sim_with(&one, 1);
    CHECK_OK(sim_commit(&s, 0, &c));
    CHECK_OK(sim_deliver(&s));
    refuse_list(&s, &one, 1, IC_ERR_RULE, "12.1.3");
}

/* RFC9420-12.1.4-r1 RFC9420-12.1.5-r1 RFC9420-12.2-r6 RFC9420-12.2-r7 RFC9420-12.2-r8
 * RFC9420-12.2-r9 RFC9420-13.2-1 */
TEST(rules_of_lists)
{
    SIM(s, 1, 3);
    struct ic_mlspub_proposal extensions = {.type = IC_MLS_GROUP_CONTEXT_EXTENSIONS};
    struct ic_mlspub_proposal_or_ref two[] = {sim_value(extensions), sim_value(extensions)};
    refuse_list(&s, two, 2, IC_ERR_RULE, "12.2");
    static const uint8_t nonce[32];
    struct ic_mlspub_proposal psk = {.type = IC_MLS_PSK,
                                     .psk = {.type = IC_MLS_PSK_EXTERNAL,
                                             .external_id = IC_VIEW_STR("id"),
                                             .nonce = IC_VIEW_ARRAY(nonce)}};
    struct ic_mlspub_proposal_or_ref psks[] = {sim_value(psk), sim_value(psk)};
    refuse_list(&s, psks, 2, IC_ERR_RULE, "12.2");
    psk.psk.nonce.len = 31;
    struct ic_mlspub_proposal_or_ref short_nonce = sim_value(psk);
    refuse_list(&s, &short_nonce, 1, IC_ERR_RULE, "12.1.4");
    psk.psk = (struct ic_mlspub_psk_id){
        .type = IC_MLS_PSK_RESUMPTION, .usage = IC_MLS_PSK_BRANCH, .nonce = IC_VIEW_ARRAY(nonce)};
    struct ic_mlspub_proposal_or_ref branch = sim_value(psk);
    refuse_list(&s, &branch, 1, IC_ERR_RULE, "12.1.4");
    struct ic_mlspub_proposal reinit = {.type = IC_MLS_REINIT,
                                        .reinit = {.version = IC_MLS_VERSION_1, .suite = 1}};
    struct ic_mlspub_proposal_or_ref mixed[] = {sim_value(reinit), sim_value(sim_remove(1))};
    refuse_list(&s, mixed, 2, IC_ERR_RULE, "12.2");
    reinit.reinit.version = 0;
    struct ic_mlspub_proposal_or_ref old = sim_value(reinit);
    refuse_list(&s, &old, 1, IC_ERR_RULE, "12.1.5");
    struct ic_mlspub_proposal init = {.type = IC_MLS_EXTERNAL_INIT,
                                      .external_init = IC_VIEW_STR("k")};
    struct ic_mlspub_proposal_or_ref inits = sim_value(init);
    refuse_list(&s, &inits, 1, IC_ERR_RULE, "12.1.6");
    struct ic_mlspub_proposal custom = {.type = 0xf123, .unknown = IC_VIEW_STR("x")};
    struct ic_mlspub_proposal_or_ref unsupported = sim_value(custom);
    refuse_list(&s, &unsupported, 1, IC_ERR_RULE, "12.2");
}

TEST(observer_ends_with_a_reinit)
{
    SIM(s, 1, 2);
    struct ic_mlspub_proposal reinit = {.type = IC_MLS_REINIT,
                                        .reinit = {.version = IC_MLS_VERSION_1, .suite = 2}};
    struct ic_mlspub_proposal_or_ref p = sim_value(reinit);
    struct sim_commit c = sim_with(&p, 1);
    c.path = false;
    CHECK_OK(sim_commit(&s, 0, &c));
    CHECK_OK(sim_deliver(&s));
    refuse_list(&s, NULL, 0, IC_ERR_STATE, "12.4.2");
}

static void refuse_client(struct sim *s, const struct sim_bend *bend, ic_err want,
                          const char *section)
{
    uint32_t client;
    struct ic_mlspub_proposal p;
    CHECK_OK(sim_client(s, bend, &client));
    CHECK_OK(sim_proposal_add(s, client, &p));
    struct ic_mlspub_proposal_or_ref add = sim_value(p);
    refuse_list(s, &add, 1, want, section);
}

/* RFC9420-5.3.1-1 RFC9420-7.2-3 RFC9420-7.2-4 RFC9420-10-4 RFC9420-10.1-r2 RFC9420-11-1
 * RFC9420-11.1-r1 RFC9420-12.2-r4 RFC9420-12.2-r5 */
TEST(rules_of_key_packages)
{
    SIM(s, 1, 2);
    struct sim_bend early = {.not_before = SIM_NOW + 1000}, late = {.not_after = SIM_NOW - 1000};
    struct sim_bend lasting = {.not_after = SIM_NOW + UINT64_C(40) * 366 * 86400};
    struct sim_bend same = {.same_init_key = true}, package = {.bad_signature = true};
    struct sim_bend leaf = {.bad_leaf_signature = true}, unlisted = {.lacks_credential = true};
    struct sim_bend version = {.version_list = "\0\7"}, x509 = {.credential = 7};
    struct sim_bend extension = {.extension = 0xf00d, .extension_unlisted = true};
    refuse_client(&s, &early, IC_ERR_EXPIRED, "7.3");
    refuse_client(&s, &late, IC_ERR_EXPIRED, "7.3");
    refuse_client(&s, &lasting, IC_ERR_RULE, "7.2");
    refuse_client(&s, &same, IC_ERR_RULE, "10.1");
    refuse_client(&s, &package, IC_ERR_SIGNATURE, "10.1");
    refuse_client(&s, &leaf, IC_ERR_SIGNATURE, "10.1");
    refuse_client(&s, &unlisted, IC_ERR_RULE, "7.2");
    refuse_client(&s, &version, IC_ERR_RULE, "11.1");
    refuse_client(&s, &x509, IC_ERR_RULE, "7.3"); /* of a type that the others do not support */
    refuse_client(&s, &extension, IC_ERR_RULE, "7.3");
    extension.extension_unlisted = false;
    uint32_t client;
    struct ic_mlspub_proposal p;
    CHECK_OK(sim_client(&s, &extension, &client));
    CHECK_OK(sim_proposal_add(&s, client, &p));
    struct ic_mlspub_proposal_or_ref twice[] = {sim_value(p), sim_value(p)};
    refuse_list(&s, twice, 2, IC_ERR_RULE, "12.2");
    struct sim_commit c = sim_with(twice, 1);
    c.path = false;
    CHECK_OK(sim_commit(&s, 0, &c));
    CHECK_OK(sim_deliver(&s));
    refuse_list(&s, twice, 1, IC_ERR_RULE, "12.2"); /* in the group already */
    /* ... unless the commit removes it. */
    struct ic_mlspub_proposal_or_ref again[] = {sim_value(sim_remove(2)), twice[0]};
    c = sim_with(again, 2);
    CHECK_OK(sim_commit(&s, 0, &c));
    CHECK_OK(sim_deliver(&s));
}

/* A GroupContext extension list with required_capabilities of one proposal type. */
static void required(struct ic_buf *out, uint16_t type)
{
    uint8_t data[] = {0, 2, (uint8_t)(type >> 8), (uint8_t)type, 0};
    struct ic_writer w = ic_writer(out);
    ic_mlspub_extension_write(&w, IC_MLS_EXT_REQUIRED_CAPABILITIES, IC_VIEW_ARRAY(data));
    CHECK_OK(ic_writer_end(&w));
}

/* RFC9420-7.3-1 RFC9420-13.4-10 */
TEST(rules_of_group_context_extensions)
{
    SIM(s, 1, 2);
    IC_BUF_SCOPE(list, 1024);
    required(&list, 0xf123);
    struct ic_mlspub_proposal p = {.type = IC_MLS_GROUP_CONTEXT_EXTENSIONS,
                                   .group_context_extensions = ic_buf_view(&list)};
    struct ic_mlspub_proposal_or_ref needs = sim_value(p);
    refuse_list(&s, &needs, 1, IC_ERR_RULE, "7.3"); /* the path's leaf lacks it */
    p.group_context_extensions = IC_VIEW_STR("\0\3\1\0");
    struct ic_mlspub_proposal_or_ref broken = sim_value(p);
    refuse_list(&s, &broken, 1, IC_ERR_MALFORMED, "12.1.7");
    p.group_context_extensions = IC_VIEW_STR("\xf0\xf0\0");
    struct ic_mlspub_proposal_or_ref unknown = sim_value(p);
    refuse_list(&s, &unknown, 1, IC_ERR_RULE, "13.4");
    p.group_context_extensions = ic_view(NULL, 0);
    struct ic_mlspub_proposal_or_ref none = sim_value(p);
    struct sim_commit c = sim_with(&none, 1);
    c.path = false;
    CHECK_OK(sim_commit(&s, 1, &c));
    sim_check_refused(&s, IC_ERR_RULE, "12.4");
    c.path = true;
    CHECK_OK(sim_commit(&s, 1, &c));
    CHECK_OK(sim_deliver(&s));
    CHECK_EQ_INT(ic_mlspub_observer_context(s.observer)->extensions.len, 0);
}

/* RFC9420-7.5-1 RFC9420-7.6-2 RFC9420-7.9.2-2 RFC9420-12.4-3 */
TEST(rules_of_paths)
{
    SIM(s, 1, 6);
    struct sim_commit c = sim_with(NULL, 0);
    c.keep_leaf_key = true;
    CHECK_ERR(sim_commit(&s, 3, &c), IC_OK);
    sim_check_refused(&s, IC_ERR_RULE, "7.3");
    c = sim_with(NULL, 0);
    c.bad_parent_hash = true;
    CHECK_OK(sim_commit(&s, 3, &c));
    sim_check_refused(&s, IC_ERR_RULE, "7.9.2");
    c = sim_with(NULL, 0);
    c.short_path = true;
    CHECK_OK(sim_commit(&s, 3, &c));
    sim_check_refused(&s, IC_ERR_RULE, "7.6");
    c = sim_with(NULL, 0);
    c.extra_secret = true;
    CHECK_OK(sim_commit(&s, 3, &c));
    sim_check_refused(&s, IC_ERR_RULE, "7.6");
    c = sim_with(NULL, 0);
    c.as = 2;
    CHECK_OK(sim_commit(&s, 3, &c));
    sim_check_refused(&s, IC_ERR_SIGNATURE, "6.1");
    c.as = 77;
    CHECK_OK(sim_commit(&s, 3, &c));
    sim_check_refused(&s, IC_ERR_NOT_FOUND, "6.1");
    c = sim_with(NULL, 0);
    c.path = false;
    CHECK_OK(sim_commit(&s, 3, &c));
    sim_check_refused(&s, IC_ERR_RULE, "12.4");
    c.path = true;
    CHECK_OK(sim_commit(&s, 3, &c));
    CHECK_OK(sim_deliver(&s));
    sim_check_refused(&s, IC_ERR_EPOCH, "12.4.2"); /* the same again: RFC9420-12.4.2-r1 */
}

/* RFC9420-12.2-r10 RFC9420-12.2-r11 RFC9420-12.2-r12 */
TEST(observer_takes_an_external_commit_and_a_resync)
{
    SIM(s, 1, 4);
    uint32_t client;
    CHECK_OK(sim_client(&s, NULL, &client));
    struct ic_mlspub_proposal init = {.type = IC_MLS_EXTERNAL_INIT,
                                      .external_init = IC_VIEW_STR("kem")};
    struct ic_mlspub_proposal_or_ref p[] = {sim_value(init), sim_value(sim_remove(2)),
                                            sim_value(sim_remove(1))};
    CHECK_OK(sim_external_commit(&s, client, p + 1, 1));
    sim_check_refused(&s, IC_ERR_RULE, "12.2"); /* no ExternalInit */
    CHECK_OK(sim_external_commit(&s, client, p, 3));
    sim_check_refused(&s, IC_ERR_RULE, "12.2"); /* two Removes */
    struct ic_mlspub_proposal add;
    uint32_t guest;
    CHECK_OK(sim_client(&s, NULL, &guest));
    CHECK_OK(sim_proposal_add(&s, guest, &add));
    struct ic_mlspub_proposal_or_ref adds[] = {sim_value(init), sim_value(add)};
    CHECK_OK(sim_external_commit(&s, client, adds, 2));
    sim_check_refused(&s, IC_ERR_RULE, "12.2"); /* an Add */
    CHECK_OK(sim_external_commit(&s, client, p, 1));
    CHECK_OK(sim_deliver(&s));
    struct ic_mlspub_leaf_node l;
    CHECK_OK(ic_mlspub_observer_leaf(s.observer, 4, &l));
    /* It lost its state: the same client again, in place of leaf 4, which becomes leaf 4 anew. */
    struct ic_mlspub_proposal_or_ref resync[] = {sim_value(init), sim_value(sim_remove(4))};
    CHECK_OK(sim_external_commit(&s, client, p, 1));
    sim_check_refused(&s, IC_ERR_RULE, "7.3"); /* its signature key is still in the tree */
    CHECK_OK(sim_external_commit(&s, client, resync, 2));
    struct ic_mlspub_change *change;
    CHECK_OK(ic_mlspub_observer_stage(s.observer, ic_buf_view(&s.message), SIM_NOW, &change));
    CHECK_EQ_INT(ic_mlspub_change_sender(change).type, IC_MLS_SENDER_NEW_MEMBER_COMMIT);
    CHECK_EQ_INT(ic_mlspub_change_committer(change), 4);
    ic_mlspub_change_discard(change);
    CHECK_OK(sim_deliver(&s));
}

/* RFC9420-6.1-3 RFC9420-12.1.8-2 RFC9420-12.1.8-r1 */
TEST(observer_takes_the_servers_remove_and_nothing_else_from_outside)
{
    SIM(s, 1, 3);
    ic_buf_reset(&s.message);
    CHECK_ERR(ic_mlspub_external_remove(s.observer, 1, s.external, 2, &s.message),
              IC_ERR_NOT_FOUND);
    CHECK_ERR(ic_mlspub_external_remove(s.observer, 0, sim_key_of(&s, 1), 2, &s.message),
              IC_ERR_KEY);
    CHECK_ERR(ic_mlspub_external_remove(s.observer, 0, s.external, 3, &s.message),
              IC_ERR_NOT_FOUND);
    CHECK_OK(ic_mlspub_external_remove(s.observer, 0, s.external, 2, &s.message));
    CHECK_OK(sim_deliver(&s));
    CHECK_EQ_INT(ic_mlspub_observer_pending(s.observer, 0)->sender.type, IC_MLS_SENDER_EXTERNAL);
    struct ic_mlspub_proposal init = {.type = IC_MLS_EXTERNAL_INIT,
                                      .external_init = IC_VIEW_STR("kem")};
    struct ic_mlspub_sender external = {IC_MLS_SENDER_EXTERNAL, 0};
    CHECK_OK(sim_propose(&s, external, s.external, &init));
    sim_check_refused(&s, IC_ERR_MALFORMED, "12.1.8");
    struct ic_mlspub_proposal gone = sim_remove(1);
    CHECK_OK(sim_propose(&s, external, sim_key_of(&s, 1), &gone));
    sim_check_refused(&s, IC_ERR_SIGNATURE, "6.1");
    external.index = 3;
    CHECK_OK(sim_propose(&s, external, s.external, &gone));
    sim_check_refused(&s, IC_ERR_NOT_FOUND, "12.1.8");
}

TEST(prune_leaves_a_valid_list)
{
    SIM(s, 1, 5);
    struct ic_mlspub_proposal removes[] = {sim_remove(1), sim_remove(1), sim_remove(0),
                                           sim_remove(3)};
    static const uint8_t refs[8][1] = {{1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}};
    IC_BUF_SCOPE(leaf, 1 << 16);
    CHECK_OK(sim_update_leaf(&s, 1, &leaf));
    struct ic_mlspub_proposal update = {.type = IC_MLS_UPDATE};
    CHECK_OK(ic_mlspub_leaf_node_decode(ic_buf_view(&leaf), NULL, &update.update));
    struct ic_mlspub_proposal reinit = {.type = IC_MLS_REINIT,
                                        .reinit = {.version = IC_MLS_VERSION_1, .suite = 1}};
    const struct ic_mlspub_proposal *all[] = {&update,     &removes[0], &removes[1],
                                              &removes[2], &removes[3], &reinit};
    struct ic_mlspub_change_item items[6];
    for (size_t i = 0; i < 6; i++)
        items[i] = (struct ic_mlspub_change_item){.sender = {IC_MLS_SENDER_MEMBER, 1},
                                                  .proposal = all[i],
                                                  .leaf = IC_MLSPUB_NO_LEAF,
                                                  .ref = IC_VIEW_ARRAY(refs[i])};
    struct ic_mlspub_rules rules = {
        .suite = s.suite, .now_s = SIM_NOW, .context = ic_mlspub_observer_context(s.observer)};
    struct ic_mlspub_proposals list = {items, 6, {IC_MLS_SENDER_MEMBER, 0}};
    ic_mlspub_proposals_prune(&rules, s.tree, &list);
    CHECK_EQ_INT(list.count, 2);
    CHECK(list.items[0].proposal == &removes[0]);
    CHECK(list.items[1].proposal == &removes[3]);
}

static ic_err stage_and_discard(void *ctx)
{
    struct sim *s = ctx;
    struct ic_mlspub_change *c;
    IC_TRY(ic_mlspub_observer_stage(s->observer, ic_buf_view(&s->message), SIM_NOW, &c));
    ic_mlspub_change_discard(c);
    return IC_OK;
}

TEST(observer_stage_survives_every_failing_allocation)
{
    SIM(s, 1, 5);
    uint32_t client;
    struct ic_mlspub_proposal_or_ref p[2] = {sim_value(sim_remove(2))};
    CHECK_OK(sim_client(&s, NULL, &client));
    CHECK_OK(sim_proposal_add(&s, client, &p[1].proposal));
    struct sim_commit c = sim_with(p, 2);
    CHECK_OK(sim_commit(&s, 0, &c));
    IC_BUF_SCOPE(before, 1 << 20);
    IC_BUF_SCOPE(after, 1 << 20);
    CHECK_OK(ic_mlspub_observer_tree(s.observer, &before));
    CHECK(ic_test_each_alloc_fails(stage_and_discard, &s) > 10);
    CHECK_OK(ic_mlspub_observer_tree(s.observer, &after));
    CHECK_BYTES(ic_buf_view(&before), ic_buf_view(&after));
    CHECK_OK(sim_deliver(&s));
}

/* Last first, as any executor may. */
static void run_backwards(void *ctx, size_t n, void (*job)(void *arg, size_t i), void *arg)
{
    *(size_t *)ctx += n;
    while (n-- > 0)
        job(arg, n);
}

TEST(signatures_go_through_the_executor)
{
    SIM(s, 1, 6);
    size_t jobs = 0;
    struct ic_mlspub_executor exec = {run_backwards, &jobs};
    struct ic_mlspub_fault f = IC_MLSPUB_FAULT_NONE;
    CHECK_OK(ic_mlspub_tree_validate(s.tree, IC_VIEW_STR("the group"), &exec, NULL));
    CHECK(jobs > 1);
    CHECK_ERR(ic_mlspub_tree_validate(s.tree, IC_VIEW_STR("other"), &exec, &f), IC_ERR_SIGNATURE);
    CHECK_EQ_INT(f.offender, 0);
    IC_ARENA_SCOPE(arena, 1 << 20);
    struct ic_mlspub_proposal proposals[3];
    struct ic_mlspub_change_item items[3];
    static const struct sim_bend forged = {.bad_leaf_signature = true};
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t client;
        CHECK_OK(sim_client(&s, i == 1 ? &forged : NULL, &client));
        CHECK_OK(sim_proposal_add(&s, client, &proposals[i]));
        items[i] = (struct ic_mlspub_change_item){.sender = {IC_MLS_SENDER_MEMBER, 0},
                                                  .proposal = &proposals[i]};
    }
    struct ic_mlspub_rules rules = {.suite = s.suite,
                                    .now_s = SIM_NOW,
                                    .exec = &exec,
                                    .context = ic_mlspub_observer_context(s.observer)};
    struct ic_mlspub_proposals list = {items, 3, {IC_MLS_SENDER_MEMBER, 0}};
    struct ic_mlspub_outcome outcome;
    struct ic_mlspub_diff *d;
    CHECK_OK(ic_mlspub_diff_new(s.tree, &d));
    ic_err e = ic_mlspub_proposals_apply(&rules, &list, d, &arena, &outcome, &f);
    ic_mlspub_diff_free(d);
    CHECK_ERR(e, IC_ERR_SIGNATURE);
    CHECK_EQ_INT(f.offender, 1);
}

/* Demands of RFC 9420 that no other test shows; docs/mls-conformance.tsv lists them all. */
#include "../../src/member/private_message.h"
#include "../../src/member/state.h"
#include "world.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <string.h>

static const struct ic_view none;

static void start(struct world *w, size_t others)
{
    CHECK_OK(world_init(w, ic_suite_find(1), 23));
    CHECK_OK(world_create(w));
    CHECK_OK(world_add(w, 0, (const size_t[]){1, 2, 3}, others));
}

/* ---- credentials: section 5.3.1 ---- */

/* Who replaces a leaf must have its name. */
static ic_err successor(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                        const struct ic_mlspub_leaf_node *former)
{
    (void)ctx;
    return !former || ic_view_equal(leaf->credential.identity, former->credential.identity)
               ? IC_OK
               : IC_ERR_DENIED;
}

/* RFC9420-5.3.1-2 */
TEST(a_new_credential_is_judged_as_the_old_ones_successor)
{
    struct world w;
    CHECK_OK(world_init(&w, ic_suite_find(1), 24));
    w.config.check_credential = successor;
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2}, 2));
    struct ic_mls_identity other = w.people[2].id;
    struct ic_mls_commit_params p = {.identity = &other};
    CHECK_OK(world_commit(&w, 2, &p, NULL, NULL, 0));
    other.credential.identity = IC_VIEW_STR("member-0");
    CHECK_ERR(world_commit(&w, 2, &p, NULL, NULL, 0), IC_ERR_DENIED);
    IC_BUF_SCOPE(update, 65536);
    CHECK_OK(ic_mls_propose_update(w.people[2].g, &other, none, &update));
    CHECK_ERR(world_propose(&w, 2, &update), IC_ERR_DENIED);
    world_clear(&w);
}

/* RFC9420-12.2-4 */
TEST(a_resync_is_judged_as_the_removed_ones_successor)
{
    struct world w;
    CHECK_OK(world_init(&w, ic_suite_find(1), 25));
    w.config.check_credential = successor;
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2}, 2));
    CHECK_ERR(world_join_external(&w, 5, 0, 2), IC_ERR_DENIED);
    world_clear(&w);
    CHECK_OK(world_init(&w, ic_suite_find(1), 25));
    w.config.check_credential = successor;
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2}, 2));
    ic_mls_group_free(w.people[2].g);
    w.people[2].g = NULL;
    CHECK_OK(world_join_external(&w, 2, 0, 2));
    CHECK(world_agrees(&w));
    world_clear(&w);
}

/* ---- messages: section 6.3 ---- */

static ic_err seal_one(struct ic_test_rand *state, uint64_t seed, struct ic_buf *out)
{
    static const uint8_t root[32] = {7};
    struct ic_secret encryption, sender_data;
    struct ic_mls_secret_tree *tree;
    const struct ic_rand rand = ic_test_rand(state, seed);
    IC_TRY(ic_secret_set(&encryption, IC_VIEW_ARRAY(root)));
    IC_TRY(ic_secret_set(&sender_data, IC_VIEW_ARRAY(root)));
    IC_TRY(ic_mls_secret_tree_new(ic_suite_find(1), 2, &encryption, 10, 10, &tree));
    const struct ic_mls_private_epoch e = {ic_suite_find(1), IC_VIEW_STR("group"), 1, &sender_data,
                                           tree};
    const struct ic_mls_private_content c = {.type = IC_MLS_APPLICATION,
                                             .body = IC_VIEW_STR("the same words"),
                                             .signature = IC_VIEW_STR("signature")};
    ic_err err = ic_mls_private_seal(&e, 0, &c, (struct ic_mls_padding){0}, &rand, out);
    ic_mls_secret_tree_free(tree);
    return err;
}

/* One generation sealed again, as after a restored backup: the guard alone differs.
 * RFC9420-6.3.1-5 */
TEST(a_generation_used_again_has_another_reuse_guard)
{
    struct ic_test_rand state;
    IC_BUF_SCOPE(first, 4096);
    IC_BUF_SCOPE(same, 4096);
    IC_BUF_SCOPE(other, 4096);
    CHECK_OK(seal_one(&state, 1, &first));
    CHECK_OK(seal_one(&state, 1, &same));
    CHECK_OK(seal_one(&state, 2, &other));
    CHECK_BYTES(ic_buf_view(&first), ic_buf_view(&same));
    CHECK_EQ_INT(first.len, other.len);
    CHECK(memcmp(first.p + first.len - 40, other.p + other.len - 40, 24) != 0);
}

/* RFC9420-6.3.2-1 RFC9420-12.4.3.2-6 */
TEST(who_is_no_member_sends_no_private_message)
{
    struct world w;
    struct ic_mls_group *g;
    struct ic_mlspub_message m;
    IC_ARENA_SCOPE(arena, 1 << 20);
    IC_BUF_SCOPE(info, 65536);
    IC_BUF_SCOPE(commit, 65536);
    CHECK_OK(world_init(&w, ic_suite_find(1), 26));
    w.config.private_handshakes = true;
    CHECK_OK(world_create(&w));
    CHECK_OK(ic_mls_group_info(w.people[0].g, true, &info));
    const struct ic_mls_external_join j = {.group_info = ic_buf_view(&info)};
    CHECK_OK(ic_mls_group_join_external(&w.config, &w.people[1].id, &j, &g, &commit, NULL));
    CHECK_OK(ic_mlspub_message_decode(ic_buf_view(&commit), &arena, &m));
    CHECK_EQ_INT(m.wire_format, IC_MLS_PUBLIC_MESSAGE);
    CHECK_EQ_INT(m.public_message.auth.content.sender.type, IC_MLS_SENDER_NEW_MEMBER_COMMIT);
    ic_mls_group_free(g);
    world_clear(&w);
}

/* ---- capabilities and extensions: sections 7.2, 10, 13.4, 13.5 ---- */

/* RFC9420-7.2-1 RFC9420-7.2-2 RFC9420-10-2 RFC9420-10-7 */
TEST(key_packages_say_what_is_supported_and_nothing_that_goes_without_saying)
{
    struct world w;
    struct ic_mls_key_package *k, *other;
    CHECK_OK(world_init(&w, ic_suite_find(1), 27));
    struct ic_mls_identity id = w.people[0].id;
    CHECK_OK(ic_mls_key_package_new(&w.config, &id, none, &k));
    CHECK_OK(ic_mls_key_package_new(&w.config, &id, none, &other));
    const struct ic_mlspub_capabilities *c = &k->package.leaf.capabilities;
    CHECK(ic_mlspub_list_has(c->versions, IC_MLS_VERSION_1));
    CHECK(ic_mlspub_list_has(c->suites, 1));
    CHECK(ic_mlspub_list_has(c->credentials, IC_MLS_BASIC));
    CHECK(!ic_view_equal(k->package.init_key, other->package.init_key));
    ic_mls_key_package_free(k);
    ic_mls_key_package_free(other);
    /* An extension of the key package that the leaf does not list, and one that it does. */
    CHECK_ERR(ic_mls_key_package_new(&w.config, &id, IC_VIEW_STR("\xf1\x23\0"), &k), IC_ERR_ARG);
    id.extension_types = IC_VIEW_STR("\xf1\x23");
    CHECK_OK(ic_mls_key_package_new(&w.config, &id, IC_VIEW_STR("\xf1\x23\0"), &k));
    ic_mls_key_package_free(k);
    id.extension_types = IC_VIEW_STR("\xf1\x23\0\3"); /* required_capabilities */
    CHECK_ERR(ic_mls_key_package_new(&w.config, &id, none, &k), IC_ERR_ARG);
    id.extension_types = none;
    id.proposal_types = IC_VIEW_STR("\0\2"); /* update */
    CHECK_ERR(ic_mls_key_package_new(&w.config, &id, none, &k), IC_ERR_ARG);
    world_clear(&w);
}

/* A client of the future: values in every list, extensions in leaf and key package, that nobody knows.
 * RFC9420-7.2-5 RFC9420-10-8 RFC9420-13.4-1 RFC9420-13.4-3 RFC9420-13.5-4 */
TEST(unknown_capabilities_and_extensions_do_no_harm)
{
    struct world w;
    struct ic_mls_key_package *k;
    start(&w, 1);
    if (ic_test_failed())
        return;
    struct ic_mls_identity *id = &w.people[5].id;
    id->extension_types = IC_VIEW_STR("\x1a\x1a\xf7\x77");
    id->proposal_types = IC_VIEW_STR("\xea\xea\xf7\x77");
    id->credential_types = IC_VIEW_STR("\0\1\x2a\x2a");
    id->leaf_extensions = IC_VIEW_STR("\xf7\x77\3abc");
    CHECK_OK(ic_mls_key_package_new(&w.config, id, IC_VIEW_STR("\x1a\x1a\2xy"), &k));
    CHECK_OK(ic_mls_key_package_check(ic_mls_key_package_message(k), &w.config));
    const struct ic_view add = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &add, .add_count = 1};
    CHECK_OK(world_commit(&w, 1, &p, (const size_t[]){5}, &k, 1));
    CHECK_OK(world_update(&w, 5));
    CHECK_OK(world_talk(&w, 0));
    CHECK(world_agrees(&w));
    ic_mls_key_package_free(k);
    world_clear(&w);
}

/* RFC9420-12.4.3-1 RFC9420-13.4-4 */
TEST(unknown_extensions_of_a_group_info_are_ignored)
{
    struct world w;
    struct ic_mls_group *g;
    struct ic_mlspub_message m;
    IC_ARENA_SCOPE(arena, 1 << 20);
    IC_BUF_SCOPE(info, 65536);
    IC_BUF_SCOPE(more, 65536);
    IC_BUF_SCOPE(bent, 65536);
    IC_BUF_SCOPE(commit, 65536);
    start(&w, 2);
    if (ic_test_failed())
        return;
    CHECK_OK(ic_mls_group_info(w.people[0].g, true, &info));
    CHECK_OK(ic_mlspub_message_decode(ic_buf_view(&info), &arena, &m));
    struct ic_writer x = ic_writer(&more);
    ic_write_bytes(&x, m.group_info.extensions);
    ic_mlspub_extension_write(&x, 0xf777, IC_VIEW_STR("of the future"));
    CHECK_OK(ic_writer_end(&x));
    m.group_info.extensions = ic_buf_view(&more);
    CHECK_OK(ic_buf_append(&bent, ic_view(info.p, 4)));
    CHECK_OK(ic_mlspub_group_info_sign(w.people[0].signer, &m.group_info, &bent));
    const struct ic_mls_external_join j = {.group_info = ic_buf_view(&bent)};
    CHECK_OK(ic_mls_group_join_external(&w.config, &w.people[5].id, &j, &g, &commit, NULL));
    ic_mls_group_free(g);
    world_clear(&w);
}

/* RFC9420-13.4-5 */
TEST(extension_lists_have_each_type_once)
{
    uint8_t many[60] = {0};
    CHECK_OK(ic_mlspub_extensions_check(IC_VIEW_STR("\xf1\1\0\xf1\2\0")));
    CHECK_ERR(ic_mlspub_extensions_check(IC_VIEW_STR("\xf1\1\0\xf1\1\0")), IC_ERR_RULE);
    for (size_t i = 0; i < 20; i++)
        many[3 * i + 1] = (uint8_t)i;
    CHECK_OK(ic_mlspub_extensions_check(IC_VIEW_ARRAY(many)));
    many[58] = 4;
    CHECK_ERR(ic_mlspub_extensions_check(IC_VIEW_ARRAY(many)), IC_ERR_RULE);
}

/* RFC9420-10-5 */
TEST(a_key_package_has_the_version_of_its_message)
{
    struct world w;
    struct ic_mls_key_package *k;
    IC_BUF_SCOPE(message, 65536);
    CHECK_OK(world_init(&w, ic_suite_find(1), 28));
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[0].id, none, &k));
    CHECK_OK(ic_buf_append(&message, ic_mls_key_package_message(k)));
    CHECK_OK(ic_mls_key_package_check(ic_buf_view(&message), &w.config));
    message.p[5] = 2;
    CHECK_ERR(ic_mls_key_package_check(ic_buf_view(&message), &w.config), IC_ERR_MALFORMED);
    ic_mls_key_package_free(k);
    world_clear(&w);
}

/* ---- PSKs: section 8.4 ---- */

static ic_err find_psk(void *ctx, struct ic_view id, struct ic_buf *out)
{
    (void)ctx;
    return ic_buf_append(out, id);
}

/* Two PSKs, whose order matters, and one who joins by them. RFC9420-8.4-1 RFC9420-12.4.1-2 */
TEST(who_joins_mixes_the_psks_in_the_order_of_the_commit)
{
    struct world w;
    struct ic_mls_key_package *k;
    CHECK_OK(world_init(&w, ic_suite_find(1), 29));
    w.config.find_psk = find_psk;
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1}, 1));
    const struct ic_mlspub_psk_id psks[] = {
        {.type = IC_MLS_PSK_EXTERNAL, .external_id = IC_VIEW_STR("zebra")},
        {.type = IC_MLS_PSK_EXTERNAL, .external_id = IC_VIEW_STR("antelope")},
        {.type = IC_MLS_PSK_EXTERNAL, .external_id = IC_VIEW_STR("moose")}};
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[2].id, none, &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &add, .add_count = 1, .psks = psks, .psk_count = 3};
    CHECK_OK(world_commit(&w, 1, &p, (const size_t[]){2}, &k, 1));
    CHECK(world_agrees(&w));
    ic_mls_key_package_free(k);
    world_clear(&w);
}

/* The nonce of the one PSK of a commit by g. */
static void nonce_of(struct ic_mls_group *g, uint8_t usage, uint8_t nonce[32])
{
    struct ic_mls_staged *s;
    const struct ic_mlspub_psk_id psk = {.type =
                                             usage ? IC_MLS_PSK_RESUMPTION : IC_MLS_PSK_EXTERNAL,
                                         .usage = usage,
                                         .external_id = usage ? none : IC_VIEW_STR("shared"),
                                         .group_id = usage ? IC_VIEW_STR("the group") : none,
                                         .epoch = usage ? 1 : 0};
    const struct ic_mls_commit_params p = {.psks = &psk, .psk_count = 1};
    CHECK_OK(ic_mls_commit_create(g, &p, &s));
    struct ic_view got = ic_mls_staged_item(s, 0)->proposal->psk.nonce;
    CHECK_EQ_INT(got.len, 32);
    memcpy(nonce, got.p, 32);
    ic_mls_discard(s);
}

/* RFC9420-8.4-2 RFC9420-11.3-1 RFC9420-12.1.4-1 */
TEST(each_use_of_a_psk_has_a_nonce_of_its_own)
{
    struct world w;
    struct ic_mls_group *branch;
    uint8_t nonces[4][32] = {0};
    CHECK_OK(world_init(&w, ic_suite_find(1), 30));
    w.config.find_psk = find_psk;
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1}, 1));
    struct ic_mls_config c = w.config;
    c.predecessor = w.people[0].g;
    CHECK_OK(ic_mls_group_create(&c, &w.people[0].id, IC_VIEW_STR("a branch"), none, &branch));
    for (size_t i = 0; i < 2; i++) {
        nonce_of(w.people[0].g, 0, nonces[i]);
        nonce_of(branch, IC_MLS_PSK_BRANCH, nonces[2 + i]);
    }
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < i; j++)
            CHECK(memcmp(nonces[i], nonces[j], 32) != 0);
    ic_mls_group_free(branch);
    world_clear(&w);
}

/* ---- beginnings: section 11 ---- */

/* RFC9420-11-2 */
TEST(a_group_begins_as_section_11_says)
{
    struct world w, again;
    uint8_t tag[IC_HASH_MAX];
    CHECK_OK(world_init(&w, ic_suite_find(1), 31));
    CHECK_OK(world_init(&again, ic_suite_find(1), 32));
    CHECK_OK(world_create(&w));
    CHECK_OK(world_create(&again));
    const struct ic_mls_group *g = w.people[0].g;
    const struct ic_mlspub_group_context *c = ic_mls_context(g);
    CHECK_EQ_INT(c->epoch, 0);
    CHECK_EQ_INT(c->confirmed_transcript_hash.len, 0);
    CHECK_EQ_INT(ic_mls_leaf_count(g), 1);
    CHECK_BYTES(c->tree_hash, ic_mlspub_tree_hash(g->tree));
    CHECK_BYTES(c->group_id, IC_VIEW_STR("the group"));
    ic_mls_confirmation_tag(w.suite, &g->now.secrets, none, tag);
    CHECK_BYTES(ic_view(g->now.tag, 32), ic_view(tag, 32));
    CHECK(!ic_view_equal(ic_mls_epoch_authenticator(g),
                         ic_mls_epoch_authenticator(again.people[0].g)));
    world_clear(&w);
    world_clear(&again);
}

/* RFC9420-11.2-2 RFC9420-11.3-3 */
TEST(a_group_that_follows_another_is_joined_in_its_epoch_1)
{
    struct world w;
    start(&w, 2);
    if (ic_test_failed())
        return;
    CHECK_OK(world_update(&w, 0));
    struct ic_mls_group *g = w.people[1].g;
    g->config.predecessor = w.people[0].g;
    for (uint8_t usage = IC_MLS_PSK_REINIT; usage <= IC_MLS_PSK_BRANCH; usage++) {
        const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_RESUMPTION, .usage = usage};
        CHECK_EQ_INT(ic_mls_context(g)->epoch, 2);
        CHECK_ERR(ic_mls_follow_up_check(g, &psk), IC_ERR_RULE);
        CHECK(strstr(ic_mls_last_rule(g), "epoch 1") != NULL);
    }
    world_clear(&w);
}

/* ---- lists of proposals: section 12.3 ---- */

/* The Add stands first, and still takes the leaf that the Remove frees. RFC9420-12.3-1 */
TEST(removes_are_applied_before_adds)
{
    struct world w;
    struct ic_mls_key_package *k;
    start(&w, 3);
    if (ic_test_failed())
        return;
    const uint32_t gone = 1;
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[5].id, none, &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {
        .adds = &add, .add_count = 1, .removes = &gone, .remove_count = 1};
    CHECK_OK(world_commit(&w, 0, &p, (const size_t[]){5}, &k, 1));
    CHECK_EQ_INT(ic_mls_own_leaf(w.people[5].g), 1);
    CHECK(world_agrees(&w));
    ic_mls_key_package_free(k);
    world_clear(&w);
}

/* Of the same list: an extension that the members have and the newcomer lacks.
 * RFC9420-12.2-1 RFC9420-12.3-2 RFC9420-12.4-2 RFC9420-13.4-6 */
TEST(new_extensions_hold_for_the_adds_beside_them)
{
    struct world w;
    struct ic_mls_key_package *k;
    struct ic_mls_staged *s;
    IC_BUF_SCOPE(list, 64);
    CHECK_OK(world_init(&w, ic_suite_find(1), 33));
    for (size_t i = 0; i < 2; i++)
        w.people[i].id.extension_types = IC_VIEW_STR("\xf1\x23");
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1}, 1));
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[2].id, none, &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    struct ic_writer x = ic_writer(&list);
    ic_mlspub_extension_write(&x, 0xf123, IC_VIEW_STR("x"));
    CHECK_OK(ic_writer_end(&x));
    struct ic_mls_commit_params p = {
        .adds = &add, .add_count = 1, .set_extensions = true, .extensions = ic_buf_view(&list)};
    CHECK_ERR(ic_mls_commit_create(w.people[0].g, &p, &s), IC_ERR_RULE);
    CHECK(strstr(ic_mls_last_rule(w.people[0].g), "section 13.4") != NULL);
    p.add_count = 0;
    CHECK_OK(world_commit(&w, 0, &p, NULL, NULL, 0));
    p = (struct ic_mls_commit_params){.adds = &add, .add_count = 1};
    CHECK_ERR(ic_mls_commit_create(w.people[0].g, &p, &s), IC_ERR_RULE);
    CHECK(world_agrees(&w));
    ic_mls_key_package_free(k);
    world_clear(&w);
}

/* What the configuration chooses: GREASE, which handshakes are accepted, padding. */
#include "../../src/member/private_message.h"
#include "world.h"

#include <ic/base/mem.h>
#include <ic/crypto/aead.h>
#include <ic/mlspub/codec.h>
#include <string.h>

static const struct ic_view none;

/* ---- GREASE, section 13.5 ---- */

static size_t grease_in(struct ic_view types)
{
    size_t n = 0;
    for (size_t i = 0; i + 1 < types.len; i += 2)
        n += ic_mlspub_is_grease(ic_load_u16(types.p + i));
    return n;
}

static size_t grease_extensions(struct ic_view list, struct ic_view listed)
{
    size_t n = 0;
    uint16_t type;
    struct ic_view data;
    struct ic_reader r = ic_reader(list);
    while (ic_mlspub_extensions_next(&r, &type, &data)) {
        n += ic_mlspub_is_grease(type) && ic_mlspub_list_has(listed, type);
    }
    return n;
}

static void check_leaf(const struct ic_mlspub_leaf_node *l, size_t want)
{
    const struct ic_mlspub_capabilities *c = &l->capabilities;
    CHECK_EQ_INT(grease_in(c->suites), want);
    CHECK_EQ_INT(grease_in(c->proposals), want);
    CHECK_EQ_INT(grease_in(c->credentials), want);
    CHECK((grease_in(c->extensions) > 0) == (want > 0));
    CHECK_EQ_INT(grease_extensions(l->extensions, c->extensions), want);
}

/* RFC9420-13.5-1 */
TEST(grease_is_sent_everywhere_and_disturbs_nobody)
{
    for (uint64_t seed = 1; seed <= 8 && !ic_test_failed(); seed++) {
        struct world w;
        struct ic_mls_key_package *k;
        struct ic_mlspub_message m;
        struct ic_mlspub_leaf_node leaf;
        IC_BUF_SCOPE(info, 1 << 20);
        CHECK_OK(world_init(&w, ic_suite_find(1), seed));
        CHECK_OK(world_create(&w)); /* member 0 has none */
        w.config.grease = true;
        CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[1].id, none, &k));
        CHECK_OK(ic_mlspub_message_decode(ic_mls_key_package_message(k), NULL, &m));
        check_leaf(&m.key_package.leaf, 1);
        CHECK_EQ_INT(
            grease_extensions(m.key_package.extensions, m.key_package.leaf.capabilities.extensions),
            1);
        ic_mls_key_package_free(k);
        CHECK_OK(world_watch(&w));
        CHECK_OK(world_add(&w, 0, (const size_t[]){1, 2, 3}, 3));
        CHECK_OK(world_update(&w, 1));
        CHECK_OK(world_join_external(&w, 4, 1, IC_MLSPUB_NO_LEAF));
        CHECK(world_agrees(&w));
        CHECK_OK(world_talk(&w, 4));
        CHECK_OK(ic_mls_leaf(w.people[0].g, ic_mls_own_leaf(w.people[0].g), &leaf));
        check_leaf(&leaf, 0);
        CHECK_OK(ic_mls_leaf(w.people[0].g, ic_mls_own_leaf(w.people[4].g), &leaf));
        check_leaf(&leaf, 1);
        CHECK_EQ_INT(ic_mls_context(w.people[0].g)->extensions.len, 0);
        CHECK_OK(ic_mls_group_info(w.people[1].g, false, &info));
        CHECK_OK(ic_mlspub_message_decode(ic_buf_view(&info), NULL, &m));
        size_t greased = 0;
        uint16_t type;
        struct ic_view data;
        struct ic_reader r = ic_reader(m.group_info.extensions);
        while (ic_mlspub_extensions_next(&r, &type, &data))
            greased += ic_mlspub_is_grease(type);
        CHECK_EQ_INT(greased, 1);
        world_clear(&w);
    }
}

/* Whoever lists a GREASE type supports it no more than anybody. */
/* RFC9420-13.5-2 */
TEST(grease_in_a_group_context_is_refused)
{
    struct world w;
    struct ic_mls_group *g;
    IC_BUF_SCOPE(list, 4096);
    static const uint8_t listed[] = {0x3a, 0x3a};
    CHECK_OK(world_init(&w, ic_suite_find(1), 81));
    w.people[0].id.extension_types = IC_VIEW_ARRAY(listed);
    struct ic_writer out = ic_writer(&list);
    ic_mlspub_extension_write(&out, 0x3a3a, none);
    CHECK_OK(ic_writer_end(&out));
    CHECK_ERR(
        ic_mls_group_create(&w.config, &w.people[0].id, IC_VIEW_STR("x"), ic_buf_view(&list), &g),
        IC_ERR_RULE);
    world_clear(&w);
}

/* ---- which handshakes are accepted ---- */

static void accepted(bool private, enum ic_mls_accept accept, ic_err want)
{
    struct world w;
    struct ic_mls_received r;
    struct ic_mls_staged *s;
    const struct ic_mls_commit_params p = {.skip_pending = true, .force_path = true};
    IC_BUF_SCOPE(proposal, 65536);
    CHECK_OK(world_init(&w, ic_suite_find(1), 82));
    w.config.private_handshakes = private;
    CHECK_OK(world_create(&w));
    w.config.accept = accept;
    CHECK_OK(world_add(&w, 0, (const size_t[]){1}, 1));
    struct ic_mls_group *by = w.people[0].g, *g = w.people[1].g;
    CHECK_OK(ic_mls_propose_update(by, NULL, none, &proposal));
    CHECK_ERR(ic_mls_process(g, ic_buf_view(&proposal), &r), want);
    if (want == IC_OK)
        ic_mls_received_clear(&r);
    else
        CHECK(strstr(ic_mls_last_rule(g), "handshakes are to be") != NULL);
    CHECK_OK(ic_mls_commit_create(by, &p, &s));
    CHECK_ERR(ic_mls_process(g, ic_mls_staged_commit(s), &r), want);
    if (want == IC_OK)
        ic_mls_received_clear(&r);
    CHECK(ic_mls_staged_is(s, ic_mls_staged_commit(s)));
    CHECK(!ic_mls_staged_is(s, ic_buf_view(&proposal)));
    CHECK_OK(
        ic_mls_process(by, ic_mls_staged_commit(s), &r)); /* one's own is no matter of policy */
    CHECK(r.kind == IC_MLS_RECEIVED_OWN_ECHO && r.content_type == IC_MLS_COMMIT);
    ic_mls_received_clear(&r);
    ic_mls_discard(s);
    world_clear(&w);
}

TEST(handshakes_are_accepted_as_the_configuration_says)
{
    accepted(false, IC_MLS_ACCEPT_ANY, IC_OK);
    accepted(true, IC_MLS_ACCEPT_ANY, IC_OK);
    accepted(false, IC_MLS_ACCEPT_PUBLIC, IC_OK);
    accepted(true, IC_MLS_ACCEPT_PUBLIC, IC_ERR_DENIED);
    accepted(false, IC_MLS_ACCEPT_PRIVATE, IC_ERR_DENIED);
    accepted(true, IC_MLS_ACCEPT_PRIVATE, IC_OK);
}

TEST(external_commits_are_public_whatever_is_accepted)
{
    struct world w;
    CHECK_OK(world_init(&w, ic_suite_find(1), 83));
    w.config.private_handshakes = true;
    w.config.accept = IC_MLS_ACCEPT_PRIVATE;
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1}, 1));
    CHECK_OK(world_join_external(&w, 2, 0, IC_MLSPUB_NO_LEAF));
    CHECK(world_agrees(&w));
    world_clear(&w);
}

/* ---- padding ---- */

TEST(padme_keeps_few_lengths_and_costs_little)
{
    static const size_t known[][2] = {{0, 0},   {1, 1},     {8, 8},      {9, 10},
                                      {65, 72}, {100, 104}, {999, 1024}, {1025, 1088}};
    for (size_t i = 0; i < IC_ARRAY_LEN(known); i++)
        CHECK_EQ_INT(ic_mls_padme(known[i][0]), known[i][1]);
    size_t distinct = 0, last = 0;
    for (size_t n = 1; n <= 65536; n++) {
        size_t padded = ic_mls_padme(n);
        CHECK(padded >= n && (padded - n) * 100 <= n * 12);
        CHECK(padded >= last && ic_mls_padme(padded) == padded);
        distinct += padded != last;
        last = padded;
    }
    CHECK(distinct < 200);
}

static size_t sealed_len(struct world *w, size_t data_len)
{
    static const uint8_t zeros[4096];
    struct ic_mlspub_message m;
    IC_BUF_SCOPE(out, 65536);
    if (ic_mls_protect(w->people[0].g, ic_view(zeros, data_len), none, &out) != IC_OK ||
        ic_mlspub_message_decode(ic_buf_view(&out), NULL, &m) != IC_OK)
        return 0;
    return m.private_message.ciphertext.len - IC_AEAD_TAG_LEN;
}

TEST(messages_are_padded_as_the_configuration_says)
{
    struct world w;
    size_t lens[64], distinct = 0;
    CHECK_OK(world_init(&w, ic_suite_find(1), 84));
    w.config.padme = true;
    w.config.padding = 32;
    CHECK_OK(world_create(&w));
    CHECK_OK(world_add(&w, 0, (const size_t[]){1}, 1));
    for (size_t i = 0; i < IC_ARRAY_LEN(lens); i++) {
        lens[i] = sealed_len(&w, 2000 + i);
        distinct += i == 0 || lens[i] != lens[i - 1];
        CHECK(lens[i] > 2000 && lens[i] % 32 == 0);
    }
    CHECK(distinct <= 2);
    CHECK_OK(world_talk(&w, 0)); /* and is read all the same */
    world_clear(&w);
}

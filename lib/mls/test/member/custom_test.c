/* What an application adds: proposals and extensions of its own types, external senders, and asking to be let
 * in from outside. */
#include "../../src/member/state.h"
#include "world.h"

#include <ic/base/mem.h>
#include <ic/mlspub/extensions.h>
#include <ic/mlspub/propose.h>
#include <string.h>

enum { NEEDS_PATH = 0xf010, WITHOUT_PATH = 0xf011, MY_EXTENSION = 0xf020 };

static const struct ic_mlspub_custom_proposal customs[] = {
    {.type = NEEDS_PATH}, {.type = WITHOUT_PATH, .without_path = true, .external = true}};
static const uint8_t my_types[] = {MY_EXTENSION >> 8, MY_EXTENSION & 0xff};
static const struct ic_view none;

static void start(struct world *w, bool private)
{
    CHECK_OK(world_init(w, ic_suite_find(1), 61));
    w->config.customs = customs;
    w->config.custom_count = IC_ARRAY_LEN(customs);
    w->config.private_handshakes = private;
    for (size_t i = 0; i < WORLD_MEMBERS; i++)
        w->people[i].id.extension_types = IC_VIEW_ARRAY(my_types);
    CHECK_OK(world_create(w));
    CHECK_OK(world_add(w, 0, (const size_t[]){1, 2}, 2));
}

/* Member 1 reads a commit of member 0 that brings one custom proposal. */
static void inspect(struct world *w, struct ic_mls_commit_params *p, uint16_t type, bool path)
{
    struct ic_mls_staged *s;
    struct ic_mls_received r;
    CHECK_OK(ic_mls_commit_create(w->people[0].g, p, &s));
    CHECK_OK(ic_mls_process(w->people[1].g, ic_mls_staged_commit(s), &r));
    CHECK_EQ_INT(ic_mls_staged_count(r.staged), 1);
    const struct ic_mlspub_change_item *item = ic_mls_staged_item(r.staged, 0);
    CHECK_EQ_INT(item->proposal->type, type);
    CHECK_BYTES(item->proposal->unknown, IC_VIEW_STR("opaque"));
    CHECK_EQ_INT(item->leaf, IC_MLSPUB_NO_LEAF);
    CHECK((ic_mls_staged_path_leaf(r.staged) != NULL) == path);
    ic_mls_received_clear(&r);
    ic_mls_discard(s);
    CHECK_OK(world_commit(w, 0, p, NULL, NULL, 0));
    CHECK(world_agrees(w));
}

static void custom_life(bool private)
{
    struct world w;
    start(&w, private);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(m, 65536);
    for (size_t i = 0; i < 2; i++) {
        uint16_t type = customs[i].type;
        const struct ic_mls_custom value = {type, IC_VIEW_STR("opaque")};
        struct ic_mls_commit_params by_value = {.customs = &value, .custom_count = 1};
        struct ic_mls_commit_params by_reference = {0};
        inspect(&w, &by_value, type, type == NEEDS_PATH);
        ic_buf_reset(&m);
        CHECK_OK(ic_mls_propose_custom(w.people[2].g, type, value.data, none, &m));
        CHECK_OK(world_propose(&w, 2, &m));
        inspect(&w, &by_reference, type, type == NEEDS_PATH);
    }
    world_clear(&w);
}

TEST(custom_proposals_go_by_value_and_by_reference)
{
    custom_life(false);
    custom_life(true);
}

TEST(custom_proposals_that_somebody_does_not_know_are_refused)
{
    struct world w;
    struct ic_mls_staged *s;
    start(&w, false);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(m, 65536);
    struct ic_mls_group *g = w.people[0].g;
    const uint16_t never[] = {
        0, IC_MLS_ADD, IC_MLS_GROUP_CONTEXT_EXTENSIONS, IC_MLS_SELF_REMOVE, 0x0a0a, 0xeaea};
    for (size_t i = 0; i < IC_ARRAY_LEN(never); i++)
        CHECK_ERR(ic_mls_propose_custom(g, never[i], none, none, &m), IC_ERR_ARG);
    CHECK_ERR(ic_mls_propose_custom(g, 0xf012, none, none, &m), IC_ERR_RULE);
    w.config.custom_count = 0; /* a newcomer who knows none of them */
    CHECK_OK(world_add(&w, 0, (const size_t[]){3}, 1));
    const struct ic_mls_custom value = {NEEDS_PATH, none};
    const struct ic_mls_commit_params p = {.customs = &value, .custom_count = 1};
    CHECK_ERR(ic_mls_commit_create(g, &p, &s), IC_ERR_RULE);
    CHECK(strstr(ic_mls_last_rule(g), "12.2") != NULL);
    CHECK_ERR(ic_mls_propose_custom(g, NEEDS_PATH, none, none, &m), IC_ERR_RULE);
    CHECK_EQ_INT(m.len, 0);
    CHECK(world_agrees(&w));
    world_clear(&w);
}

/* ---- extensions ---- */

static ic_err list_with(uint16_t type, const char *text, struct ic_buf *out)
{
    return ic_mlspub_extensions_put(out, type, ic_view_cstr(text));
}

static void check_has(struct ic_view list, uint16_t type, const char *text)
{
    struct ic_view data = {0};
    CHECK(ic_mlspub_extensions_find(list, type, &data));
    CHECK_BYTES(data, ic_view_cstr(text));
}

TEST(custom_extensions_stand_in_leaf_key_package_context_and_group_info)
{
    struct world w;
    struct ic_mls_key_package *k;
    struct ic_mlspub_leaf_node leaf;
    start(&w, false);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(of_leaf, 4096);
    IC_BUF_SCOPE(of_package, 4096);
    IC_BUF_SCOPE(of_info, 4096);
    IC_BUF_SCOPE(of_context, 4096);
    CHECK_OK(list_with(MY_EXTENSION, "leaf", &of_leaf));
    CHECK_OK(ic_mlspub_extensions_put_application_id(&of_leaf, IC_VIEW_STR("device 3")));
    CHECK_OK(list_with(MY_EXTENSION, "package", &of_package));
    CHECK_OK(list_with(0xf0ff, "info", &of_info)); /* nobody has to know it */
    CHECK_OK(list_with(MY_EXTENSION, "context", &of_context));
    w.people[3].id.leaf_extensions = ic_buf_view(&of_leaf);
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[3].id, ic_buf_view(&of_package), &k));
    const struct ic_view add = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &add,
                                     .add_count = 1,
                                     .set_extensions = true,
                                     .extensions = ic_buf_view(&of_context),
                                     .group_info_extensions = ic_buf_view(&of_info)};
    CHECK_OK(world_commit(&w, 0, &p, (const size_t[]){3}, &k, 1));
    CHECK(world_agrees(&w));
    ic_mls_key_package_free(k);
    struct ic_mls_group *g = w.people[3].g;
    check_has(ic_mls_joined_extensions(g), 0xf0ff, "info");
    check_has(ic_mls_context(g)->extensions, MY_EXTENSION, "context");
    CHECK_OK(ic_mls_leaf(w.people[1].g, ic_mls_own_leaf(g), &leaf));
    check_has(leaf.extensions, MY_EXTENSION, "leaf");
    struct ic_view id = {0};
    CHECK_OK(ic_mlspub_extensions_application_id(leaf.extensions, &id));
    CHECK_BYTES(id, IC_VIEW_STR("device 3"));
    CHECK_OK(world_update(&w, 3)); /* the leaf keeps them */
    CHECK_OK(ic_mls_leaf(w.people[1].g, ic_mls_own_leaf(g), &leaf));
    check_has(leaf.extensions, MY_EXTENSION, "leaf");
    CHECK_EQ_INT(ic_mls_joined_extensions(g).len, 0);
    IC_BUF_SCOPE(info, 1 << 20);
    const struct ic_mls_group_info_params q = {.without_external_pub = true,
                                               .extensions = ic_buf_view(&of_info)};
    CHECK_OK(ic_mls_group_info_with(g, &q, &info));
    struct ic_mlspub_message m;
    CHECK_OK(ic_mlspub_message_decode(ic_buf_view(&info), NULL, &m));
    check_has(m.group_info.extensions, 0xf0ff, "info");
    CHECK(!ic_mlspub_extensions_find(m.group_info.extensions, IC_MLS_EXT_EXTERNAL_PUB, NULL));
    world_clear(&w);
}

TEST(extensions_out_of_place_are_refused)
{
    struct world w;
    struct ic_mls_key_package *k;
    struct ic_mls_staged *s;
    start(&w, false);
    if (ic_test_failed())
        return;
    IC_BUF_SCOPE(list, 4096);
    IC_BUF_SCOPE(out, 4096);
    CHECK_OK(list_with(0xf0ff, "unlisted", &list));
    const struct ic_view unlisted = ic_buf_view(&list);
    CHECK_ERR(ic_mls_key_package_new(&w.config, &w.people[3].id, unlisted, &k), IC_ERR_ARG);
    CHECK(strstr(w.fault.rule, "section 10") != NULL);
    const struct ic_mls_commit_params p = {.set_extensions = true, .extensions = unlisted};
    CHECK_ERR(ic_mls_commit_create(w.people[0].g, &p, &s), IC_ERR_RULE);
    static const uint8_t defaults[] = {0, IC_MLS_EXT_EXTERNAL_SENDERS};
    w.people[4].id.extension_types = IC_VIEW_ARRAY(defaults);
    CHECK_ERR(ic_mls_key_package_new(&w.config, &w.people[4].id, none, &k), IC_ERR_ARG);
    ic_buf_reset(&list);
    CHECK_OK(list_with(IC_MLS_EXT_EXTERNAL_PUB, "mine", &list));
    const struct ic_mls_group_info_params q = {.extensions = ic_buf_view(&list)};
    CHECK_ERR(ic_mls_group_info_with(w.people[0].g, &q, &out), IC_ERR_ARG);
    CHECK_EQ_INT(out.len, 0);
    CHECK(world_agrees(&w));
    world_clear(&w);
}

/* ---- from outside ---- */

static ic_err trusted(void *ctx, const struct ic_mlspub_external_sender *s)
{
    (void)ctx;
    return ic_view_equal(s->credential.identity, IC_VIEW_STR("the service")) ? IC_OK
                                                                             : IC_ERR_DENIED;
}

static void allow_sender(struct world *w, size_t who, const char *name, ic_err want)
{
    struct ic_mls_staged *s;
    IC_BUF_SCOPE(list, 4096);
    const struct ic_mlspub_external_sender x = {ic_sign_key_public(w->people[who].signer),
                                                {IC_MLS_BASIC, ic_view_cstr(name)}};
    CHECK_OK(ic_mlspub_extensions_put_external_senders(&list, &x, 1));
    struct ic_mls_commit_params p = {.set_extensions = true, .extensions = ic_buf_view(&list)};
    if (want == IC_OK)
        CHECK_OK(world_commit(w, 0, &p, NULL, NULL, 0));
    else
        CHECK_ERR(ic_mls_commit_create(w->people[0].g, &p, &s), want);
}

TEST(outsiders_propose_and_members_commit)
{
    struct world w;
    struct ic_mls_key_package *k;
    start(&w, true);
    if (ic_test_failed())
        return;
    for (size_t i = 0; i < 3; i++)
        w.people[i].g->config.check_external_sender = trusted;
    allow_sender(&w, 8, "somebody", IC_ERR_DENIED);
    CHECK(strstr(ic_mls_last_rule(w.people[0].g), "5.3.1") != NULL);
    allow_sender(&w, 8, "the service", IC_OK);
    IC_BUF_SCOPE(m, 65536);
    /* The service adds person 4, and says something of its own. */
    const struct ic_mlspub_outsider service = {.key = w.people[8].signer};
    struct ic_mlspub_message package;
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[4].id, none, &k));
    CHECK_OK(ic_mlspub_message_decode(ic_mls_key_package_message(k), NULL, &package));
    const struct ic_mlspub_proposal add = {.type = IC_MLS_ADD, .add = package.key_package};
    const struct ic_mlspub_proposal word = {.type = WITHOUT_PATH, .unknown = IC_VIEW_STR("hear")};
    CHECK_OK(ic_mlspub_propose_external(ic_mls_context(w.people[0].g), &service, &add, &m));
    CHECK_OK(world_propose(&w, WORLD_MEMBERS, &m));
    ic_buf_reset(&m);
    CHECK_OK(ic_mlspub_propose_external(ic_mls_context(w.people[0].g), &service, &word, &m));
    CHECK_OK(world_propose(&w, WORLD_MEMBERS, &m));
    struct ic_mls_commit_params p = {0};
    CHECK_OK(world_commit(&w, 1, &p, (const size_t[]){4}, &k, 1));
    CHECK(world_agrees(&w) && world_count(&w) == 4);
    ic_mls_key_package_free(k);
    /* Person 5 asks for itself. */
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[5].id, none, &k));
    const struct ic_mlspub_outsider asker = {.key = w.people[5].signer};
    ic_buf_reset(&m);
    CHECK_OK(ic_mlspub_propose_new_member(ic_mls_context(w.people[0].g), &asker,
                                          ic_mls_key_package_message(k), &m));
    CHECK_OK(world_propose(&w, WORLD_MEMBERS, &m));
    CHECK_EQ_INT(ic_mls_pending(w.people[2].g, 0)->sender.type, IC_MLS_SENDER_NEW_MEMBER_PROPOSAL);
    struct ic_mls_commit_params q = {0};
    CHECK_OK(world_commit(&w, 2, &q, (const size_t[]){5}, &k, 1));
    CHECK(world_agrees(&w) && world_count(&w) == 5);
    ic_mls_key_package_free(k);
    /* NEEDS_PATH is not for outsiders here. */
    struct ic_mls_received r;
    const struct ic_mlspub_proposal other = {.type = NEEDS_PATH};
    ic_buf_reset(&m);
    CHECK_OK(ic_mlspub_propose_external(ic_mls_context(w.people[0].g), &service, &other, &m));
    CHECK_ERR(ic_mls_process(w.people[0].g, ic_buf_view(&m), &r), IC_ERR_MALFORMED);
    world_clear(&w);
}

/* Proposals from outside, of custom types, and SelfRemoves, as an observer judges them; extension lists. */
#include "sim.h"
#include <ic/base/mem.h>
#include <ic/mlspub/extensions.h>
#include <ic/mlspub/propose.h>
#include <string.h>

static const uint8_t nonce[32];

static const struct ic_mlspub_group_context *context(const struct sim *s)
{
    return ic_mlspub_observer_context(s->observer);
}

static struct ic_mlspub_outsider server(struct sim *s)
{
    ic_buf_reset(&s->message);
    return (struct ic_mlspub_outsider){.key = s->external};
}

/* The newest pending proposal, as a commit refers to it. */
static struct ic_mlspub_proposal_or_ref newest(const struct sim *s)
{
    size_t last = ic_mlspub_observer_pending_count(s->observer) - 1;
    return (struct ic_mlspub_proposal_or_ref){
        .is_ref = true, .ref = ic_mlspub_observer_pending(s->observer, last)->ref};
}

static void commit(struct sim *s, const struct ic_mlspub_proposal_or_ref *p, size_t n, bool path)
{
    struct sim_commit c = sim_with(p, n);
    c.path = path;
    CHECK_OK(sim_commit(s, 0, &c));
}

TEST(external_sender_proposes_each_type_that_it_may)
{
    SIM(s, 1, 4);
    uint32_t client;
    struct ic_mlspub_proposal add;
    IC_BUF_SCOPE(list, 1 << 16);
    CHECK_OK(ic_buf_append(&list, context(&s)->extensions));
    CHECK_OK(sim_client(&s, NULL, &client));
    CHECK_OK(sim_proposal_add(&s, client, &add));
    const struct ic_mlspub_proposal all[] = {
        add,
        sim_remove(2),
        {.type = IC_MLS_PSK,
         .psk = {.type = IC_MLS_PSK_EXTERNAL,
                 .external_id = IC_VIEW_STR("id"),
                 .nonce = IC_VIEW_ARRAY(nonce)}},
        {.type = IC_MLS_GROUP_CONTEXT_EXTENSIONS, .group_context_extensions = ic_buf_view(&list)},
        {.type = IC_MLS_REINIT, .reinit = {.version = IC_MLS_VERSION_1, .suite = 2}},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(all) && !ic_test_failed(); i++) {
        struct ic_mlspub_outsider us = server(&s);
        us.authenticated_data = IC_VIEW_STR("why");
        CHECK_OK(ic_mlspub_propose_external(context(&s), &us, &all[i], &s.message));
        CHECK_OK(sim_deliver(&s));
        const struct ic_mlspub_proposal_or_ref ref = newest(&s);
        CHECK_EQ_INT(ic_mlspub_observer_pending(s.observer, 0)->sender.type,
                     IC_MLS_SENDER_EXTERNAL);
        commit(&s, &ref, 1, true);
        CHECK_OK(sim_deliver(&s));
    }
    CHECK_EQ_INT(context(&s)->epoch, 6);
    CHECK_EQ_INT(ic_mlspub_observer_find(s.observer, add.add.leaf.signature_key), 4);
}

TEST(external_sender_is_refused_what_it_may_not)
{
    SIM(s, 1, 3);
    struct ic_mlspub_fault f = IC_MLSPUB_FAULT_NONE;
    struct ic_mlspub_proposal p = sim_remove(1);
    struct ic_mlspub_outsider us = server(&s);
    us.fault = &f;
    us.index = 1;
    CHECK_ERR(ic_mlspub_propose_external(context(&s), &us, &p, &s.message), IC_ERR_NOT_FOUND);
    CHECK(strstr(f.rule, "12.1.8") != NULL);
    us = (struct ic_mlspub_outsider){.key = sim_key_of(&s, 1)};
    CHECK_ERR(ic_mlspub_propose_external(context(&s), &us, &p, &s.message), IC_ERR_KEY);
    us.key = s.external;
    p.type = IC_MLS_SELF_REMOVE;
    CHECK_ERR(ic_mlspub_propose_external(context(&s), &us, &p, &s.message), IC_ERR_MALFORMED);
    p = (struct ic_mlspub_proposal){.type = IC_MLS_PSK, .psk.type = IC_MLS_PSK_EXTERNAL};
    CHECK_ERR(ic_mlspub_propose_external(context(&s), &us, &p, &s.message), IC_ERR_RULE);
    p = (struct ic_mlspub_proposal){.type = IC_MLS_ADD, .add.suite = 2};
    CHECK_ERR(ic_mlspub_propose_external(context(&s), &us, &p, &s.message), IC_ERR_RULE);
    CHECK_EQ_INT(s.message.len, 0);
    /* A custom type it may send, but nobody here says that it may be external. */
    p = (struct ic_mlspub_proposal){.type = 0xf00d, .unknown = IC_VIEW_STR("x")};
    CHECK_OK(ic_mlspub_propose_external(context(&s), &us, &p, &s.message));
    sim_check_refused(&s, IC_ERR_MALFORMED, "12.1.8");
}

static ic_err key_package_message(const struct sim *s, uint32_t client, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_u16(&w, IC_MLS_VERSION_1);
    ic_write_u16(&w, IC_MLS_KEY_PACKAGE);
    ic_write_bytes(&w, ic_buf_view(&s->clients[client].key_package));
    return ic_writer_end(&w);
}

TEST(new_member_proposes_its_own_add)
{
    SIM(s, 1, 3);
    uint32_t client;
    IC_BUF_SCOPE(package, 1 << 16);
    CHECK_OK(sim_client(&s, NULL, &client));
    CHECK_OK(key_package_message(&s, client, &package));
    struct ic_mlspub_outsider us = {.key = s.external};
    ic_buf_reset(&s.message);
    CHECK_ERR(ic_mlspub_propose_new_member(context(&s), &us, ic_buf_view(&package), &s.message),
              IC_ERR_KEY);
    struct ic_mlspub_group_context other = *context(&s);
    us.key = s.clients[client].key;
    other.suite = 3;
    CHECK_ERR(ic_mlspub_propose_new_member(&other, &us, ic_buf_view(&package), &s.message),
              IC_ERR_RULE);
    CHECK_OK(ic_mlspub_propose_new_member(context(&s), &us, ic_buf_view(&package), &s.message));
    CHECK_OK(sim_deliver(&s));
    CHECK_EQ_INT(ic_mlspub_observer_pending(s.observer, 0)->sender.type,
                 IC_MLS_SENDER_NEW_MEMBER_PROPOSAL);
    const struct ic_mlspub_proposal_or_ref ref = newest(&s);
    commit(&s, &ref, 1, false);
    CHECK_OK(sim_deliver(&s));
    const struct ic_view key = ic_sign_key_public(us.key);
    CHECK_EQ_INT(ic_mlspub_observer_find(s.observer, key), 3);
}

/* ---- custom types ---- */

static ic_err choosy(void *ctx, const struct ic_mlspub_external_sender *sender)
{
    (void)ctx;
    return ic_view_equal(sender->credential.identity, IC_VIEW_STR("server")) ? IC_OK
                                                                             : IC_ERR_DENIED;
}

#define SIM_LIKE(name, members, how, like)                                                         \
    IC_CLEANUP(sim_close) struct sim name;                                                         \
    CHECK_OK(sim_open_like(&(name), 1, 1, how, like));                                             \
    CHECK_OK(sim_grow(&(name), (members)-1))

TEST(custom_proposals_need_a_path_unless_their_definition_says_not)
{
    static const struct ic_mlspub_custom_proposal known = {
        .type = 0xf00d, .without_path = true, .external = true};
    static const struct ic_mlspub_rules plain, like = {.customs = &known, .custom_count = 1};
    static const struct sim_bend all = {.supports_proposal = 0xf00d};
    const struct ic_mlspub_proposal p = {.type = 0xf00d, .unknown = IC_VIEW_STR("opaque")};
    const struct ic_mlspub_proposal_or_ref value = sim_value(p);
    SIM_LIKE(s, 3, &all, &plain);
    commit(&s, &value, 1, false);
    sim_check_refused(&s, IC_ERR_RULE, "12.4");
    commit(&s, &value, 1, true);
    CHECK_OK(sim_deliver(&s));
    SIM_LIKE(t, 3, &all, &like);
    commit(&t, &value, 1, false);
    CHECK_OK(sim_deliver(&t));
    struct ic_mlspub_outsider us = server(&t);
    CHECK_OK(ic_mlspub_propose_external(context(&t), &us, &p, &t.message));
    CHECK_OK(sim_deliver(&t));
    const struct ic_mlspub_change_item *item = ic_mlspub_observer_pending(t.observer, 0);
    CHECK_EQ_INT(item->proposal->type, 0xf00d);
    CHECK_BYTES(item->proposal->unknown, IC_VIEW_STR("opaque"));
    /* One member who does not list it is enough. */
    static const struct sim_bend plain_client;
    uint32_t client;
    struct ic_mlspub_proposal add;
    CHECK_OK(sim_client(&t, &plain_client, &client));
    CHECK_OK(sim_proposal_add(&t, client, &add));
    const struct ic_mlspub_proposal_or_ref both[] = {value, sim_value(add)};
    commit(&t, both, 2, true); /* which it need not process itself */
    CHECK_OK(sim_deliver(&t));
    commit(&t, &value, 1, true);
    sim_check_refused(&t, IC_ERR_RULE, "12.2");
}

/* RFC9420-13.5-5 */
TEST(grease_is_supported_by_nobody)
{
    static const struct ic_mlspub_rules plain;
    static const struct sim_bend all = {.supports_proposal = 0x4a4a};
    const struct ic_mlspub_proposal p = {.type = 0x4a4a, .unknown = IC_VIEW_STR("x")};
    const struct ic_mlspub_proposal_or_ref value = sim_value(p);
    SIM_LIKE(s, 3, &all, &plain);
    commit(&s, &value, 1, true);
    sim_check_refused(&s, IC_ERR_RULE, "12.2");
    CHECK(ic_mlspub_is_grease(0x0a0a) && ic_mlspub_is_grease(0xeaea));
    CHECK(!ic_mlspub_is_grease(0xfafa) && !ic_mlspub_is_grease(0x0a1a) &&
          !ic_mlspub_is_grease(0x000a));
}

/* ---- external senders' credentials ---- */

static void set_senders(struct sim *s, const struct ic_mlspub_external_sender *senders, size_t n)
{
    IC_BUF_SCOPE(list, 1 << 16);
    CHECK_OK(ic_buf_append(&list, context(s)->extensions));
    CHECK_OK(ic_mlspub_extensions_put_external_senders(&list, senders, n));
    const struct ic_mlspub_proposal p = {.type = IC_MLS_GROUP_CONTEXT_EXTENSIONS,
                                         .group_context_extensions = ic_buf_view(&list)};
    const struct ic_mlspub_proposal_or_ref value = sim_value(p);
    commit(s, &value, 1, true);
}

TEST(new_external_senders_are_judged_as_members_are)
{
    static const struct ic_mlspub_rules like = {.check_external_sender = choosy};
    static const struct sim_bend straight;
    SIM_LIKE(s, 2, &straight, &like);
    struct ic_mlspub_external_sender x[2] = {
        {ic_sign_key_public(s.external), {IC_MLS_BASIC, IC_VIEW_STR("server")}},
        {ic_sign_key_public(s.external), {IC_MLS_BASIC, IC_VIEW_STR("stranger")}},
    };
    set_senders(&s, x, 2);
    sim_check_refused(&s, IC_ERR_DENIED, "5.3.1");
    x[1].credential.identity = IC_VIEW_STR("server");
    set_senders(&s, x, 2);
    CHECK_OK(sim_deliver(&s));
    SIM(t, 1, 2); /* nobody asked: basic credentials alone */
    x[1].credential.type = 7;
    set_senders(&t, x, 2);
    sim_check_refused(&t, IC_ERR_DENIED, "5.3.1");
    CHECK_ERR(ic_mlspub_observer_open_like(
                  &(struct ic_mlspub_rules){.check_external_sender = choosy, .max_lifetime_s = 1},
                  ic_buf_view(&s.info), ic_view(NULL, 0), SIM_NOW, NULL,
                  &(struct ic_mlspub_observer *){NULL}),
              IC_ERR_NOT_FOUND); /* that GroupInfo has no tree */
}

/* ---- SelfRemove ---- */

static const struct sim_bend leavers = {.supports_proposal = IC_MLS_SELF_REMOVE};
static const struct ic_mlspub_rules self_remove = {.self_remove = true};

static void leave(struct sim *s, uint32_t leaf)
{
    const struct ic_mlspub_proposal p = {.type = IC_MLS_SELF_REMOVE};
    const struct ic_mlspub_sender us = {IC_MLS_SENDER_MEMBER, leaf};
    CHECK_OK(sim_propose(s, us, sim_key_of(s, leaf), &p));
}

TEST(self_remove_takes_its_sender_out)
{
    SIM_LIKE(s, 5, &leavers, &self_remove);
    leave(&s, 2);
    CHECK_OK(sim_deliver(&s));
    CHECK_EQ_INT(ic_mlspub_observer_pending(s.observer, 0)->leaf, 2);
    const struct ic_mlspub_proposal_or_ref ref = newest(&s);
    commit(&s, &ref, 1, false);
    sim_check_refused(&s, IC_ERR_RULE, "12.4"); /* it needs a path */
    const struct ic_mlspub_proposal_or_ref twice[] = {ref, sim_value(sim_remove(2))};
    commit(&s, twice, 2, true);
    sim_check_refused(&s, IC_ERR_RULE, "12.2");
    struct sim_commit own = sim_with(&ref, 1);
    CHECK_OK(sim_commit(&s, 2, &own));
    sim_check_refused(&s, IC_ERR_RULE, "12.2"); /* by who leaves */
    commit(&s, &ref, 1, true);
    CHECK_OK(sim_deliver(&s));
    struct ic_mlspub_leaf_node l;
    CHECK_ERR(ic_mlspub_observer_leaf(s.observer, 2, &l), IC_ERR_NOT_FOUND);
}

TEST(self_remove_goes_with_an_external_commit)
{
    SIM_LIKE(s, 4, &leavers, &self_remove);
    uint32_t client;
    const struct ic_mlspub_proposal init = {.type = IC_MLS_EXTERNAL_INIT,
                                            .external_init = IC_VIEW_STR("kem")};
    CHECK_OK(sim_client(&s, NULL, &client));
    leave(&s, 1);
    CHECK_OK(sim_deliver(&s));
    const struct ic_mlspub_proposal_or_ref list[] = {sim_value(init), newest(&s)};
    CHECK_OK(sim_external_commit(&s, client, list, 2));
    CHECK_OK(sim_deliver(&s));
    CHECK_EQ_INT(ic_mlspub_observer_find(s.observer, ic_sign_key_public(s.clients[client].key)),
                 1); /* the leaf that was left */
    /* No other proposal may be referred to. */
    const struct ic_mlspub_proposal remove = sim_remove(3);
    const struct ic_mlspub_sender two = {IC_MLS_SENDER_MEMBER, 2};
    CHECK_OK(sim_propose(&s, two, sim_key_of(&s, 2), &remove));
    CHECK_OK(sim_deliver(&s));
    const struct ic_mlspub_proposal_or_ref other[] = {sim_value(init), newest(&s)};
    CHECK_OK(sim_client(&s, NULL, &client));
    CHECK_OK(sim_external_commit(&s, client, other, 2));
    sim_check_refused(&s, IC_ERR_RULE, "12.4.3.2");
}

TEST(self_remove_out_of_place_is_refused)
{
    SIM_LIKE(s, 3, &leavers, &self_remove);
    const struct ic_mlspub_proposal p = {.type = IC_MLS_SELF_REMOVE};
    const struct ic_mlspub_proposal_or_ref value = sim_value(p);
    commit(&s, &value, 1, true);
    CHECK_ERR(sim_deliver(&s), IC_ERR_RULE);
    CHECK(strstr(ic_mlspub_observer_rule(s.observer), "by value") != NULL);
    const struct ic_mlspub_sender outside = {IC_MLS_SENDER_EXTERNAL, 0};
    CHECK_OK(sim_propose(&s, outside, s.external, &p));
    sim_check_refused(&s, IC_ERR_MALFORMED, "12.1.8");
    static const struct ic_mlspub_rules off;
    SIM_LIKE(t, 3, &leavers, &off);
    leave(&t, 1);
    CHECK_ERR(sim_deliver(&t), IC_ERR_UNSUPPORTED);
    static const struct sim_bend straight;
    SIM_LIKE(u, 3, &straight, &self_remove); /* members who do not list it */
    leave(&u, 1);
    CHECK_OK(sim_deliver(&u));
    const struct ic_mlspub_proposal_or_ref ref = newest(&u);
    commit(&u, &ref, 1, true);
    sim_check_refused(&u, IC_ERR_RULE, "12.2");
}

/* ---- extension lists ---- */

static ic_err build_list(void *ctx)
{
    static const uint8_t types[] = {0xf0, 0x01};
    IC_BUF_SCOPE(list, 1 << 16);
    struct ic_view data;
    (void)ctx;
    const struct ic_mlspub_required_capabilities need = {.extensions = IC_VIEW_ARRAY(types)};
    IC_TRY(ic_mlspub_extensions_put_application_id(&list, IC_VIEW_STR("first")));
    IC_TRY(ic_mlspub_extensions_put_required_capabilities(&list, &need));
    IC_TRY(ic_mlspub_extensions_put(&list, 0xf001, IC_VIEW_STR("custom")));
    IC_TRY(ic_mlspub_extensions_put_application_id(&list, IC_VIEW_STR("second")));
    IC_TRY(ic_mlspub_extensions_put_last_resort(&list));
    IC_TRY(ic_mlspub_extensions_check(ic_buf_view(&list)));
    IC_TRY(ic_mlspub_extensions_application_id(ic_buf_view(&list), &data));
    if (!ic_view_equal(data, IC_VIEW_STR("second")))
        return IC_ERR_STATE;
    if (!ic_mlspub_extensions_find(ic_buf_view(&list), 0xf001, &data))
        return IC_ERR_STATE;
    if (!ic_view_equal(data, IC_VIEW_STR("custom")))
        return IC_ERR_STATE;
    if (!ic_mlspub_extensions_last_resort(ic_buf_view(&list)))
        return IC_ERR_STATE;
    IC_TRY(ic_mlspub_extensions_drop(&list, IC_MLS_EXT_APP_DATA_DICTIONARY));
    if (ic_mlspub_extensions_last_resort(ic_buf_view(&list)))
        return IC_ERR_STATE;
    IC_TRY(ic_mlspub_extensions_put(&list, IC_MLS_EXT_LAST_RESORT, ic_view(NULL, 0)));
    if (!ic_mlspub_extensions_last_resort(ic_buf_view(&list)))
        return IC_ERR_STATE;
    return IC_OK;
}

TEST(extension_lists_are_built_and_read)
{
    CHECK(ic_test_each_alloc_fails(build_list, NULL) > 5);
}

TEST(extension_lists_that_are_none_are_refused)
{
    struct ic_view id;
    IC_BUF_SCOPE(list, 1 << 16);
    CHECK_ERR(ic_mlspub_extensions_application_id(ic_buf_view(&list), &id), IC_ERR_NOT_FOUND);
    CHECK_OK(ic_mlspub_extensions_put(&list, IC_MLS_EXT_APPLICATION_ID, IC_VIEW_STR("\x05x")));
    CHECK_ERR(ic_mlspub_extensions_application_id(ic_buf_view(&list), &id), IC_ERR_MALFORMED);
    CHECK_OK(ic_mlspub_extensions_put(&list, IC_MLS_EXT_APP_DATA_DICTIONARY,
                                      IC_VIEW_STR("\x03\x00\x04\x05")));
    CHECK(!ic_mlspub_extensions_last_resort(ic_buf_view(&list)));
    CHECK_OK(ic_buf_append(&list, IC_VIEW_STR("\x00\x01\x00"))); /* application_id again, cut off */
    size_t len = list.len;
    CHECK(ic_mlspub_extensions_put(&list, 0xf001, IC_VIEW_STR("x")) != IC_OK);
    CHECK_EQ_INT(list.len, len);
    static const uint8_t odd[3] = {1, 2, 3};
    const struct ic_mlspub_required_capabilities need = {.proposals = IC_VIEW_ARRAY(odd)};
    ic_buf_reset(&list);
    CHECK_ERR(ic_mlspub_extensions_put_required_capabilities(&list, &need), IC_ERR_MALFORMED);
}

/* Groups that follow a group: reinitialisation and branches, RFC 9420 sections 11.2 and 11.3. */
#include "interop.h"

/* ---- the end of the former group ---- */

/* Our way into the group that the ReInit promised: a key package of its suite. */
static ic_err answer_reinit(struct call *c, const struct thing *t)
{
    struct ic_mls_reinit promised;
    struct thing *next;
    if (!ic_mls_reinit(t->group, &promised))
        return refuse(c, IC_ERR_STATE, "no ReInit has ended this group");
    const struct ic_suite *suite = ic_suite_find(promised.suite);
    if (!suite)
        return refuse(c, IC_ERR_UNSUPPORTED, "unsupported: the cipher suite of the ReInit");
    IC_TRY(transaction_new(c, suite, ic_buf_view(&t->person->identity), &next));
    next->kind = REINIT;
    next->former = t->id;
    answer_number(c, "reinit_id", next->id);
    answer_bytes(c, "key_package", ic_mls_key_package_message(next->package));
    answer_bytes(c, "epoch_authenticator", ic_mls_epoch_authenticator(t->group));
    return IC_OK;
}

ic_err rpc_handle_reinit_commit(struct call *c)
{
    struct thing *t = thing_field(c, "state_id", STATE);
    IC_TRY(c->err);
    IC_TRY(state_handle_commit(c, t));
    return answer_reinit(c, t);
}

ic_err rpc_handle_pending_reinit_commit(struct call *c)
{
    struct thing *t = thing_field(c, "state_id", STATE);
    IC_TRY(c->err);
    IC_TRY(state_handle_pending(c, t));
    return answer_reinit(c, t);
}

/* ---- the new group ---- */

struct sequel { /* what a group that follows another is to be */
    const struct thing *former;
    struct person *creator;
    struct ic_view group_id, extensions;
    uint8_t usage; /* of the former group's resumption PSK */
    const struct ic_view *key_packages;
    size_t count;
    bool force_path, external_tree;
};

static ic_err stage_members(const struct sequel *q, struct thing *t, struct ic_buf *welcome)
{
    struct ic_mls_staged *s;
    const struct ic_mlspub_group_context *former = ic_mls_context(q->former->group);
    const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_RESUMPTION,
                                         .usage = q->usage,
                                         .group_id = former->group_id,
                                         .epoch = former->epoch};
    const struct ic_mls_commit_params p = {.adds = q->key_packages,
                                           .add_count = q->count,
                                           .psks = &psk,
                                           .psk_count = 1,
                                           .force_path = q->force_path,
                                           .welcome_without_tree = q->external_tree};
    IC_TRY(ic_mls_commit_create(t->group, &p, &s));
    ic_err e = ic_buf_append(welcome, ic_mls_staged_welcome(s));
    if (e != IC_OK) {
        ic_mls_discard(s);
        return e;
    }
    return ic_mls_merge(t->group, s);
}

static ic_err make_group(struct call *c, const struct sequel *q, struct thing *t,
                         struct ic_buf *welcome)
{
    struct ic_mls_config config = thing_config(c, t);
    config.predecessor = q->former->group;
    const struct ic_mls_identity id = person_identity(t->person);
    IC_TRY(ic_mls_group_create(&config, &id, q->group_id, q->extensions, &t->group));
    ic_err e = stage_members(q, t, welcome);
    if (e != IC_OK)
        c->fault.rule = ic_mls_last_rule(t->group);
    return e;
}

static ic_err answer_subgroup(struct call *c, const struct thing *t, const struct ic_buf *welcome,
                              bool external_tree)
{
    IC_BUF_SCOPE(tree, MESSAGE_MAX_BYTES);
    if (external_tree)
        IC_TRY(ic_mls_tree(t->group, &tree));
    answer_number(c, "state_id", t->id);
    answer_bytes(c, "welcome", ic_buf_view(welcome));
    answer_bytes(c, "ratchet_tree", ic_buf_view(&tree));
    answer_bytes(c, "epoch_authenticator", ic_mls_epoch_authenticator(t->group));
    return IC_OK;
}

static ic_err create_subgroup(struct call *c, const struct sequel *q)
{
    struct thing *t;
    IC_BUF_SCOPE(welcome, MESSAGE_MAX_BYTES);
    IC_TRY(thing_new(c, STATE, q->creator, &t));
    t->private_handshakes = q->former->private_handshakes;
    ic_err e = make_group(c, q, t, &welcome);
    if (e == IC_OK)
        e = answer_subgroup(c, t, &welcome, q->external_tree);
    if (e != IC_OK)
        thing_free(c->things, t);
    return e;
}

static ic_err former_of(struct call *c, const struct thing *reinit, struct thing **out)
{
    struct thing *t = thing_find(c->things, reinit->former);
    if (!t)
        return refuse(c, IC_ERR_STATE, "the state that the ReInit ended has been freed");
    *out = t;
    return IC_OK;
}

ic_err rpc_reinit_welcome(struct call *c)
{
    struct thing *former = NULL;
    struct ic_mls_reinit promised;
    struct sequel q = {.usage = IC_MLS_PSK_REINIT};
    const struct thing *t = thing_field(c, "reinit_id", REINIT);
    q.key_packages = field_bytes_list(c, "key_package", &q.count);
    q.force_path = field_bool(c, "force_path");
    q.external_tree = field_bool(c, "external_tree");
    IC_TRY(c->err);
    IC_TRY(former_of(c, t, &former));
    if (!ic_mls_reinit(former->group, &promised))
        return IC_ERR_STATE;
    q.former = former;
    q.creator = t->person;
    q.group_id = promised.group_id;
    q.extensions = promised.extensions;
    return create_subgroup(c, &q);
}

ic_err rpc_create_branch(struct call *c)
{
    struct sequel q = {.usage = IC_MLS_PSK_BRANCH};
    q.former = thing_field(c, "state_id", STATE);
    q.group_id = field_bytes(c, c->in, "group_id");
    q.extensions = field_extensions(c, c->in);
    q.key_packages = field_bytes_list(c, "key_packages", &q.count);
    q.force_path = field_bool(c, "force_path");
    q.external_tree = field_bool(c, "external_tree");
    IC_TRY(c->err);
    q.creator = q.former->person;
    return create_subgroup(c, &q);
}

/* ---- joining it ---- */

static ic_err join_sequel(struct call *c, struct thing *t, const struct thing *former)
{
    struct thing *state;
    struct ic_view welcome = field_bytes(c, c->in, "welcome");
    struct ic_view tree = field_bytes(c, c->in, "ratchet_tree");
    IC_TRY(c->err);
    IC_TRY(join_welcome(c, t, welcome, tree, former->group, former->private_handshakes, &state));
    thing_free(c->things, t);
    answer_number(c, "state_id", state->id);
    answer_bytes(c, "epoch_authenticator", ic_mls_epoch_authenticator(state->group));
    return IC_OK;
}

ic_err rpc_handle_reinit_welcome(struct call *c)
{
    struct thing *former = NULL;
    struct thing *t = thing_field(c, "reinit_id", REINIT);
    IC_TRY(c->err);
    IC_TRY(former_of(c, t, &former));
    return join_sequel(c, t, former);
}

ic_err rpc_handle_branch(struct call *c)
{
    const struct thing *former = thing_field(c, "state_id", STATE);
    struct thing *t = thing_field(c, "transaction_id", TRANSACTION);
    IC_TRY(c->err);
    return join_sequel(c, t, former);
}

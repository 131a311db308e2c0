/* Becoming a member: groups made, key packages, Welcomes, external commits. */
#include "interop.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/observer.h>

/* A new state for somebody, without a group yet. */
static ic_err state_new(struct call *c, struct person *person, bool private_handshakes,
                        struct thing **out)
{
    IC_TRY(thing_new(c, STATE, person, out));
    (*out)->private_handshakes = private_handshakes;
    return IC_OK;
}

ic_err rpc_create_group(struct call *c)
{
    struct person *person;
    struct thing *t;
    const struct ic_suite *suite = field_suite(c);
    struct ic_view group_id = field_bytes(c, c->in, "group_id");
    struct ic_view identity = field_bytes(c, c->in, "identity");
    bool private = field_bool(c, "encrypt_handshake");
    IC_TRY(c->err);
    IC_TRY(person_new(suite, identity, &person));
    ic_err e = state_new(c, person, private, &t);
    person_free(person);
    IC_TRY(e);
    const struct ic_mls_config config = thing_config(c, t);
    const struct ic_mls_identity id = person_identity(t->person);
    e = ic_mls_group_create(&config, &id, group_id, ic_view(NULL, 0), &t->group);
    if (e != IC_OK) {
        thing_free(c->things, t);
        return e;
    }
    answer_number(c, "state_id", t->id);
    return IC_OK;
}

/* ---- key packages ---- */

ic_err transaction_new(struct call *c, const struct ic_suite *s, struct ic_view identity,
                       struct thing **out)
{
    struct person *person;
    struct thing *t;
    IC_TRY(person_new(s, identity, &person));
    ic_err e = thing_new(c, TRANSACTION, person, &t);
    person_free(person);
    IC_TRY(e);
    const struct ic_mls_config config = thing_config(c, t);
    const struct ic_mls_identity id = person_identity(t->person);
    e = ic_mls_key_package_new(&config, &id, ic_view(NULL, 0), &t->package);
    if (e != IC_OK) {
        thing_free(c->things, t);
        return e;
    }
    *out = t;
    return IC_OK;
}

ic_err answer_private_keys(struct call *c, const struct thing *t)
{
    IC_SECRET_SCOPE(key);
    IC_SECRET_SCOPE(init);
    IC_SECRET_SCOPE(leaf);
    IC_TRY(ic_sign_key_export(t->person->signer, &key));
    IC_TRY(ic_mls_key_package_export(t->package, &init, &leaf));
    answer_bytes(c, "init_priv", ic_secret_view(&init));
    answer_bytes(c, "encryption_priv", ic_secret_view(&leaf));
    answer_bytes(c, "signature_priv", ic_secret_view(&key));
    return c->err;
}

ic_err rpc_create_key_package(struct call *c)
{
    struct thing *t;
    const struct ic_suite *suite = field_suite(c);
    struct ic_view identity = field_bytes(c, c->in, "identity");
    IC_TRY(c->err);
    IC_TRY(transaction_new(c, suite, identity, &t));
    answer_number(c, "transaction_id", t->id);
    answer_bytes(c, "key_package", ic_mls_key_package_message(t->package));
    return answer_private_keys(c, t);
}

/* ---- Welcomes ---- */

ic_err join_welcome(struct call *c, struct thing *t, struct ic_view welcome, struct ic_view tree,
                    const struct ic_mls_group *predecessor, bool private_handshakes,
                    struct thing **out)
{
    struct thing *state;
    IC_TRY(state_new(c, t->person, private_handshakes, &state));
    struct ic_mls_config config = thing_config(c, state);
    config.predecessor = predecessor;
    const struct ic_mls_identity id = person_identity(t->person);
    state->psks = t->psks;
    t->psks = NULL;
    ic_err e = ic_mls_group_join(&config, &id, t->package, welcome, tree, &state->group);
    if (e != IC_OK) {
        t->psks = state->psks;
        state->psks = NULL;
        thing_free(c->things, state);
        return e;
    }
    *out = state;
    return IC_OK;
}

ic_err rpc_join_group(struct call *c)
{
    struct thing *state;
    struct thing *t = thing_field(c, "transaction_id", TRANSACTION);
    struct ic_view welcome = field_bytes(c, c->in, "welcome");
    struct ic_view identity = field_bytes(c, c->in, "identity");
    struct ic_view tree = field_bytes(c, c->in, "ratchet_tree");
    bool private = field_bool(c, "encrypt_handshake");
    IC_TRY(c->err);
    if (identity.len > 0 && !ic_view_equal(identity, ic_buf_view(&t->person->identity)))
        return refuse(c, IC_ERR_ARG, "identity: not that of the key package");
    IC_TRY(join_welcome(c, t, welcome, tree, NULL, private, &state));
    thing_free(c->things, t); /* RFC 9420 section 10: the init key serves once */
    answer_number(c, "state_id", state->id);
    answer_bytes(c, "epoch_authenticator", ic_mls_epoch_authenticator(state->group));
    return IC_OK;
}

/* ---- external commits ---- */

static ic_err find_prior(struct call *c, struct ic_view group_info, struct ic_view tree,
                         struct ic_view identity, uint32_t *leaf)
{
    struct ic_mlspub_observer *o;
    IC_TRY(ic_mlspub_observer_open(group_info, tree, clock_now_s(NULL), &c->fault, &o));
    ic_err e = IC_ERR_NOT_FOUND;
    for (uint32_t i = 0; i < ic_mlspub_observer_leaf_count(o) && e != IC_OK; i++) {
        struct ic_mlspub_leaf_node l;
        if (ic_mlspub_observer_leaf(o, i, &l) == IC_OK &&
            ic_view_equal(l.credential.identity, identity)) {
            *leaf = i;
            e = IC_OK;
        }
    }
    ic_mlspub_observer_free(o);
    return e;
}

struct entry { /* the fields of ExternalJoin */
    struct ic_view group_info, tree, identity;
    bool private, remove_prior;
    const struct ic_mlspub_psk_id *psks;
    size_t psk_count;
};

/* Reads `psks`, and keeps them in t where there is one. */
static ic_err take_psks(struct call *c, struct thing *t, struct entry *f)
{
    const json_t *list = field_list(c, c->in, "psks"), *one;
    struct ic_mlspub_psk_id *ids = ic_arena_alloc(&c->arena, json_array_size(list), sizeof *ids);
    size_t i;
    if (!ids)
        return IC_ERR_NOMEM;
    json_array_foreach(list, i, one)
    {
        struct ic_view id = field_bytes(c, one, "psk_id");
        struct ic_view secret = field_bytes(c, one, "psk_secret");
        IC_TRY(c->err);
        ids[i] = (struct ic_mlspub_psk_id){.type = IC_MLS_PSK_EXTERNAL, .external_id = id};
        IC_TRY(thing_add_psk(t, id, secret));
    }
    f->psks = ids;
    f->psk_count = i;
    return IC_OK;
}

static ic_err enter(struct call *c, struct entry *f, struct thing *t, struct ic_buf *commit)
{
    uint32_t prior;
    IC_TRY(take_psks(c, t, f));
    if (f->remove_prior)
        IC_TRY(find_prior(c, f->group_info, f->tree, f->identity, &prior));
    const struct ic_mls_config config = thing_config(c, t);
    const struct ic_mls_identity id = person_identity(t->person);
    const struct ic_mls_external_join j = {.group_info = f->group_info,
                                           .tree = f->tree,
                                           .replaces = f->remove_prior ? &prior : NULL,
                                           .psks = f->psks,
                                           .psk_count = f->psk_count};
    return ic_mls_group_join_external(&config, &id, &j, &t->group, commit, NULL);
}

static ic_err suite_of_group_info(struct call *c, struct ic_view group_info,
                                  const struct ic_suite **out)
{
    struct ic_mlspub_message m;
    IC_TRY(ic_mlspub_message_decode(group_info, &c->arena, &m));
    if (m.wire_format != IC_MLS_GROUP_INFO)
        return refuse(c, IC_ERR_MALFORMED, "group_info: not a GroupInfo");
    *out = ic_suite_find(m.group_info.context.suite);
    return *out ? IC_OK
                : refuse(c, IC_ERR_UNSUPPORTED, "unsupported: the cipher suite of the group");
}

ic_err rpc_external_join(struct call *c)
{
    struct person *person;
    struct thing *t;
    const struct ic_suite *suite = NULL;
    IC_BUF_SCOPE(commit, MESSAGE_MAX_BYTES);
    struct entry f = {.group_info = field_bytes(c, c->in, "group_info"),
                      .tree = field_bytes(c, c->in, "ratchet_tree"),
                      .identity = field_bytes(c, c->in, "identity"),
                      .private = field_bool(c, "encrypt_handshake"),
                      .remove_prior = field_bool(c, "remove_prior")};
    IC_TRY(c->err);
    IC_TRY(suite_of_group_info(c, f.group_info, &suite));
    IC_TRY(person_new(suite, f.identity, &person));
    ic_err e = state_new(c, person, f.private, &t);
    person_free(person);
    IC_TRY(e);
    e = enter(c, &f, t, &commit);
    if (e != IC_OK) {
        thing_free(c->things, t);
        return e;
    }
    answer_number(c, "state_id", t->id);
    answer_bytes(c, "commit", ic_buf_view(&commit));
    answer_bytes(c, "epoch_authenticator", ic_mls_epoch_authenticator(t->group));
    return IC_OK;
}

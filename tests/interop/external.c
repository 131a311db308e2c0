/* Proposals from outside: of new members and of external senders, RFC 9420 section 12.1.8. */
#include "interop.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/observer.h>
#include <ic/mlspub/propose.h>
#include <ic/os/os.h>

/* ---- new members ---- */

static ic_err propose_ourselves(struct call *c, const struct thing *t,
                                const struct ic_mlspub_group_context *context)
{
    IC_BUF_SCOPE(out, MESSAGE_MAX_BYTES);
    const struct ic_mlspub_outsider us = {.key = t->person->signer, .fault = &c->fault};
    IC_TRY(
        ic_mlspub_propose_new_member(context, &us, ic_mls_key_package_message(t->package), &out));
    answer_number(c, "transaction_id", t->id);
    answer_bytes(c, "proposal", ic_buf_view(&out));
    return answer_private_keys(c, t);
}

ic_err rpc_new_member_add_proposal(struct call *c)
{
    struct thing *t;
    struct ic_mlspub_message m;
    struct ic_view group_info = field_bytes(c, c->in, "group_info");
    struct ic_view identity = field_bytes(c, c->in, "identity");
    IC_TRY(c->err);
    IC_TRY(ic_mlspub_message_decode(group_info, &c->arena, &m));
    if (m.wire_format != IC_MLS_GROUP_INFO)
        return refuse(c, IC_ERR_MALFORMED, "group_info: not a GroupInfo");
    const struct ic_mlspub_group_context *context = &m.group_info.context;
    const struct ic_suite *suite = ic_suite_find(context->suite);
    if (!suite)
        return refuse(c, IC_ERR_UNSUPPORTED, "unsupported: the cipher suite of the group");
    IC_TRY(transaction_new(c, suite, identity, &t));
    ic_err e = propose_ourselves(c, t, context);
    if (e != IC_OK)
        thing_free(c->things, t);
    return e;
}

/* ---- external senders ---- */

ic_err rpc_create_external_signer(struct call *c)
{
    struct person *person;
    struct thing *t;
    const struct ic_suite *suite = field_suite(c);
    struct ic_view identity = field_bytes(c, c->in, "identity");
    IC_TRY(c->err);
    IC_TRY(person_new(suite, identity, &person));
    ic_err e = thing_new(c, SIGNER, person, &t);
    person_free(person);
    IC_TRY(e);
    IC_BUF_SCOPE(sender, MESSAGE_MAX_BYTES);
    const struct ic_mls_identity id = person_identity(t->person);
    struct ic_writer w = ic_writer(&sender);
    ic_write_vec(&w, ic_sign_key_public(id.signer));
    ic_mlspub_credential_write(&w, &id.credential);
    e = ic_writer_end(&w);
    if (e != IC_OK) {
        thing_free(c->things, t);
        return e;
    }
    answer_number(c, "signer_id", t->id);
    answer_bytes(c, "external_sender", ic_buf_view(&sender));
    return IC_OK;
}

static ic_err find_leaf(const struct ic_mlspub_observer *o, struct ic_view identity, uint32_t *leaf)
{
    for (uint32_t i = 0; i < ic_mlspub_observer_leaf_count(o); i++) {
        struct ic_mlspub_leaf_node l;
        if (ic_mlspub_observer_leaf(o, i, &l) == IC_OK &&
            ic_view_equal(l.credential.identity, identity)) {
            *leaf = i;
            return IC_OK;
        }
    }
    return IC_ERR_NOT_FOUND;
}

/* RFC 9420 section 8.4: a fresh nonce of KDF.Nh bytes, and our group where the PSK is its own. */
static ic_err fill_psk(struct call *c, const struct ic_suite *suite,
                       const struct ic_mlspub_group_context *context, struct ic_mlspub_psk_id *psk)
{
    const struct ic_rand rand = ic_os_rand();
    uint8_t *nonce = ic_arena_alloc(&c->arena, 1, suite->hash_len);
    if (!nonce)
        return IC_ERR_NOMEM;
    IC_TRY(ic_rand_fill(&rand, nonce, suite->hash_len));
    psk->nonce = ic_view(nonce, suite->hash_len);
    if (psk->type == IC_MLS_PSK_RESUMPTION)
        psk->group_id = context->group_id;
    return IC_OK;
}

static ic_err read_add(struct call *c, struct ic_view key_package, struct ic_mlspub_proposal *out)
{
    struct ic_mlspub_message m;
    IC_TRY(ic_mlspub_message_decode(key_package, &c->arena, &m));
    if (m.wire_format != IC_MLS_KEY_PACKAGE)
        return refuse(c, IC_ERR_MALFORMED, "key_package: not a KeyPackage");
    *out = (struct ic_mlspub_proposal){.type = IC_MLS_ADD, .add = m.key_package};
    return IC_OK;
}

static ic_err describe(struct call *c, const struct ic_suite *suite,
                       const struct ic_mlspub_observer *o, const struct description *d,
                       struct ic_mlspub_proposal *p)
{
    switch (d->kind) {
    case D_ADD:
        return read_add(c, d->key_package, p);
    case D_REMOVE:
        p->type = IC_MLS_REMOVE;
        if (find_leaf(o, d->removed_id, &p->remove) != IC_OK)
            return refuse(c, IC_ERR_NOT_FOUND, "removed_id: no member has this identity");
        return IC_OK;
    case D_PSK:
        p->type = IC_MLS_PSK;
        p->psk = d->psk;
        return fill_psk(c, suite, ic_mlspub_observer_context(o), &p->psk);
    case D_EXTENSIONS:
        p->type = IC_MLS_GROUP_CONTEXT_EXTENSIONS;
        p->group_context_extensions = d->extensions;
        return IC_OK;
    case D_REINIT:
        p->type = IC_MLS_REINIT;
        p->reinit.group_id = d->reinit.group_id;
        p->reinit.version = IC_MLS_VERSION_1;
        p->reinit.suite = d->reinit.suite;
        p->reinit.extensions = d->reinit.extensions;
        return IC_OK;
    }
    return IC_ERR_ARG;
}

static ic_err propose_described(struct call *c, const struct thing *t,
                                const struct ic_mlspub_observer *o, uint32_t index)
{
    struct description d;
    struct ic_mlspub_proposal p = {0};
    IC_BUF_SCOPE(out, MESSAGE_MAX_BYTES);
    IC_TRY(description_read(c, json_object_get(c->in, "description"), &d));
    IC_TRY(describe(c, t->person->suite, o, &d, &p));
    const struct ic_mlspub_outsider us = {
        .key = t->person->signer, .index = index, .fault = &c->fault};
    IC_TRY(ic_mlspub_propose_external(ic_mlspub_observer_context(o), &us, &p, &out));
    answer_bytes(c, "proposal", ic_buf_view(&out));
    return IC_OK;
}

ic_err rpc_external_signer_proposal(struct call *c)
{
    struct ic_mlspub_observer *o;
    const struct thing *t = thing_field(c, "signer_id", SIGNER);
    uint32_t index = field_u32(c, "signer_index");
    struct ic_view group_info = field_bytes(c, c->in, "group_info");
    struct ic_view tree = field_bytes(c, c->in, "ratchet_tree");
    IC_TRY(c->err);
    IC_TRY(ic_mlspub_observer_open(group_info, tree, clock_now_s(NULL), &c->fault, &o));
    ic_err e = ic_mlspub_observer_context(o)->suite == t->person->suite->id
                   ? propose_described(c, t, o, index)
                   : refuse(c, IC_ERR_ARG, "signer_id: a signer for another cipher suite");
    ic_mlspub_observer_free(o);
    return e;
}

#include "rules_internal.h"

#include <ic/base/mem.h>
#include <ic/mlspub/framing.h>
#include <ic/mlspub/observer.h>
#include <ic/mlspub/propose.h>

static ic_err send(const struct ic_mlspub_group_context *context,
                   const struct ic_mlspub_outsider *us, uint8_t sender_type,
                   const struct ic_mlspub_proposal *p, struct ic_buf *out)
{
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    struct ic_mlspub_message m = {
        .version = IC_MLS_VERSION_1,
        .wire_format = IC_MLS_PUBLIC_MESSAGE,
    };
    struct ic_mlspub_authenticated_content *a = &m.public_message.auth;
    a->wire_format = IC_MLS_PUBLIC_MESSAGE;
    a->content = (struct ic_mlspub_content){
        .group_id = context->group_id,
        .epoch = context->epoch,
        .sender = {sender_type, us->index},
        .authenticated_data = us->authenticated_data,
        .type = IC_MLS_PROPOSAL,
        .proposal = *p,
    };
    IC_TRY(ic_mlspub_content_sign(us->key, a->wire_format, &a->content, NULL, sig, &len));
    a->signature = ic_view(sig, len);
    struct ic_writer w = ic_writer(out);
    ic_mlspub_message_write(&w, &m);
    return ic_writer_end(&w);
}

static ic_err check_sender(const struct ic_mlspub_group_context *context,
                           const struct ic_mlspub_outsider *us)
{
    struct ic_view data;
    struct ic_mlspub_external_sender s;
    if (!ic_mlspub_extensions_find(context->extensions, IC_MLS_EXT_EXTERNAL_SENDERS, &data) ||
        ic_mlspub_external_sender_at(data, us->index, &s) != IC_OK)
        return ic_mlspub_fault_set(us->fault, IC_ERR_NOT_FOUND,
                                   "RFC 9420 section 12.1.8: not one of the external senders",
                                   IC_MLSPUB_NO_LEAF);
    if (!ic_view_equal(s.signature_key, ic_sign_key_public(us->key)))
        return ic_mlspub_fault_set(us->fault, IC_ERR_KEY,
                                   "RFC 9420 section 12.1.8: the external sender has another key",
                                   IC_MLSPUB_NO_LEAF);
    return IC_OK;
}

static ic_err check_suite(const struct ic_mlspub_outsider *us, const struct ic_suite *s,
                          const struct ic_mlspub_key_package *k)
{
    if (k->suite == s->id)
        return IC_OK;
    return rule(us->fault, IC_MLSPUB_NO_LEAF,
                "RFC 9420 section 10.1: version or suite of a key package is not the group's");
}

static ic_err accept_sender(void *ctx, const struct ic_mlspub_external_sender *sender)
{
    (void)ctx;
    (void)sender;
    return IC_OK; /* it is the members' to judge */
}

ic_err ic_mlspub_propose_external(const struct ic_mlspub_group_context *context,
                                  const struct ic_mlspub_outsider *us,
                                  const struct ic_mlspub_proposal *p, struct ic_buf *out)
{
    const struct ic_mlspub_sender sender = {IC_MLS_SENDER_EXTERNAL, us->index};
    const struct ic_mlspub_custom_proposal custom = {.type = p->type, .external = true};
    const struct ic_mlspub_rules rules = {.suite = ic_suite_find(context->suite),
                                          .context = context,
                                          .check_external_sender = accept_sender,
                                          .customs = &custom,
                                          .custom_count = 1};
    if (!rules.suite)
        return IC_ERR_UNSUPPORTED;
    IC_TRY(check_sender(context, us));
    IC_TRY(ic_mlspub_rules_sender(&rules, sender, p, us->fault, IC_MLSPUB_NO_LEAF));
    IC_TRY(ic_mlspub_rules_simple(&rules, p, us->fault, IC_MLSPUB_NO_LEAF));
    if (p->type == IC_MLS_ADD)
        IC_TRY(check_suite(us, rules.suite, &p->add));
    return send(context, us, IC_MLS_SENDER_EXTERNAL, p, out);
}

ic_err ic_mlspub_propose_new_member(const struct ic_mlspub_group_context *context,
                                    const struct ic_mlspub_outsider *us, struct ic_view key_package,
                                    struct ic_buf *out)
{
    struct ic_mlspub_message m;
    const struct ic_suite *s = ic_suite_find(context->suite);
    if (!s)
        return IC_ERR_UNSUPPORTED;
    IC_TRY(ic_mlspub_message_decode(key_package, NULL, &m));
    if (m.wire_format != IC_MLS_KEY_PACKAGE)
        return IC_ERR_MALFORMED;
    IC_TRY(check_suite(us, s, &m.key_package));
    if (!ic_view_equal(m.key_package.leaf.signature_key, ic_sign_key_public(us->key)))
        return ic_mlspub_fault_set(us->fault, IC_ERR_KEY,
                                   "RFC 9420 section 6.1: a new member signs with its leaf's key",
                                   IC_MLSPUB_NO_LEAF);
    const struct ic_mlspub_proposal p = {.type = IC_MLS_ADD, .add = m.key_package};
    return send(context, us, IC_MLS_SENDER_NEW_MEMBER_PROPOSAL, &p, out);
}

ic_err ic_mlspub_external_remove(const struct ic_mlspub_observer *o, uint32_t sender_index,
                                 const struct ic_sign_key *key, uint32_t leaf, struct ic_buf *out)
{
    struct ic_mlspub_leaf_node l;
    const struct ic_mlspub_outsider us = {.key = key, .index = sender_index};
    const struct ic_mlspub_proposal p = {.type = IC_MLS_REMOVE, .remove = leaf};
    IC_TRY(ic_mlspub_observer_leaf(o, leaf, &l));
    return ic_mlspub_propose_external(ic_mlspub_observer_context(o), &us, &p, out);
}

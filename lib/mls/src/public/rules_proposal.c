/* Proposals one by one (RFC 9420 sections 6.1, 12.1). */
#include "rules_internal.h"

const struct ic_mlspub_custom_proposal *ic_mlspub_rules_custom(const struct ic_mlspub_rules *rules,
                                                               uint16_t type)
{
    for (size_t i = 0; i < rules->custom_count; i++)
        if (rules->customs[i].type == type)
            return &rules->customs[i];
    return NULL;
}

static bool may_be_external(const struct ic_mlspub_rules *rules, uint16_t type)
{
    switch (type) {
    case IC_MLS_ADD:
    case IC_MLS_REMOVE:
    case IC_MLS_PSK:
    case IC_MLS_REINIT:
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        return true;
    case IC_MLS_UPDATE:
    case IC_MLS_EXTERNAL_INIT:
    case IC_MLS_SELF_REMOVE:
        return false;
    default: {
        const struct ic_mlspub_custom_proposal *c = ic_mlspub_rules_custom(rules, type);
        return c && c->external;
    }
    }
}

ic_err ic_mlspub_rules_sender(const struct ic_mlspub_rules *rules, struct ic_mlspub_sender sender,
                              const struct ic_mlspub_proposal *p, struct ic_mlspub_fault *fault,
                              uint32_t offender)
{
    switch (sender.type) {
    case IC_MLS_SENDER_MEMBER:
        if (p->type == IC_MLS_EXTERNAL_INIT)
            return rule(fault, offender,
                        "RFC 9420 section 12.1.6: an ExternalInit outside an external commit");
        return IC_OK;
    case IC_MLS_SENDER_EXTERNAL:
        /* RFC 9420 section 12.1.8: other types MUST be rejected as malformed. */
        if (may_be_external(rules, p->type))
            return IC_OK;
        /* RFC9420-6.1-3 RFC9420-12.1.8-2 */
        return ic_mlspub_fault_set(fault, IC_ERR_MALFORMED,
                                   "RFC 9420 section 12.1.8: not a proposal for an external sender",
                                   offender);
    case IC_MLS_SENDER_NEW_MEMBER_PROPOSAL:
        if (p->type == IC_MLS_ADD)
            return IC_OK;
        return ic_mlspub_fault_set(fault, IC_ERR_MALFORMED,
                                   "RFC 9420 section 6.1: a new member proposes other than its Add",
                                   offender);
    default: /* the proposals inside an external commit */
        if (p->type == IC_MLS_EXTERNAL_INIT || p->type == IC_MLS_REMOVE || p->type == IC_MLS_PSK)
            return IC_OK;
        return rule(fault, offender,
                    /* RFC9420-12.2-r12 */
                    "RFC 9420 section 12.2: not a proposal for an external commit");
    }
}

static ic_err check_psk(const struct ic_mlspub_rules *rules, const struct ic_mlspub_psk_id *psk,
                        struct ic_mlspub_fault *fault, uint32_t offender)
{
    /* RFC9420-12.1.4-r1 */
    if (psk->nonce.len != rules->suite->hash_len)
        return rule(fault, offender, "RFC 9420 section 12.1.4: a psk_nonce of the wrong length");
    if (psk->type != IC_MLS_PSK_RESUMPTION)
        return IC_OK;
    /* RFC9420-11.2-4 RFC9420-11.2-5 RFC9420-11.3-5 RFC9420-11.3-6 */
    if ((psk->usage == IC_MLS_PSK_REINIT && !rules->allow_reinit_psk) ||
        (psk->usage == IC_MLS_PSK_BRANCH && !rules->allow_branch_psk))
        return rule(fault, offender,
                    "RFC 9420 section 12.1.4: a resumption PSK for reinit or branch out of place");
    return IC_OK;
}

static bool lists_sender(struct ic_view list, const struct ic_mlspub_external_sender *s)
{
    struct ic_view data;
    struct ic_mlspub_external_sender x;
    if (!ic_mlspub_extensions_find(list, IC_MLS_EXT_EXTERNAL_SENDERS, &data))
        return false;
    for (uint32_t i = 0; ic_mlspub_external_sender_at(data, i, &x) == IC_OK; i++)
        if (ic_view_equal(x.signature_key, s->signature_key) &&
            x.credential.type == s->credential.type &&
            ic_view_equal(x.credential.identity, s->credential.identity))
            return true;
    return false;
}

static ic_err check_external_sender(const struct ic_mlspub_rules *rules,
                                    const struct ic_mlspub_external_sender *s)
{
    if (rules->check_external_sender)
        return rules->check_external_sender(rules->ctx, s);
    return s->credential.type == IC_MLS_BASIC ? IC_OK : IC_ERR_DENIED;
}

ic_err ic_mlspub_rules_external_senders(const struct ic_mlspub_rules *rules,
                                        struct ic_view extensions, struct ic_view known,
                                        struct ic_mlspub_fault *fault, uint32_t offender)
{
    struct ic_view data;
    struct ic_mlspub_external_sender s;
    if (!ic_mlspub_extensions_find(extensions, IC_MLS_EXT_EXTERNAL_SENDERS, &data))
        return IC_OK;
    ic_err e = ic_mlspub_external_senders_check(data);
    if (e != IC_OK)
        return ic_mlspub_fault_set(fault, IC_ERR_MALFORMED,
                                   "RFC 9420 section 12.1.8.1: external_senders is malformed",
                                   offender);
    for (uint32_t i = 0; ic_mlspub_external_sender_at(data, i, &s) == IC_OK; i++) {
        if (lists_sender(known, &s))
            continue;
        e = check_external_sender(rules, &s);
        if (e != IC_OK)
            return ic_mlspub_fault_set(
                fault, e, "RFC 9420 section 5.3.1: an external sender's credential is not accepted",
                offender);
    }
    return IC_OK;
}

static ic_err check_extensions(const struct ic_mlspub_rules *rules, struct ic_view list,
                               struct ic_mlspub_fault *fault, uint32_t offender)
{
    struct ic_view data;
    struct ic_mlspub_required_capabilities need;
    if (ic_mlspub_extensions_find(list, IC_MLS_EXT_REQUIRED_CAPABILITIES, &data) &&
        ic_mlspub_required_capabilities_decode(data, &need) != IC_OK)
        return ic_mlspub_fault_set(fault, IC_ERR_MALFORMED,
                                   "RFC 9420 section 12.1.7: required_capabilities is malformed",
                                   offender);
    return ic_mlspub_rules_external_senders(rules, list, rules->context->extensions, fault,
                                            offender);
}

static ic_err check_self_remove(const struct ic_mlspub_rules *rules, struct ic_mlspub_fault *fault,
                                uint32_t offender)
{
    return rules->self_remove
               ? IC_OK
               : ic_mlspub_fault_set(fault, IC_ERR_UNSUPPORTED,
                                     "draft-ietf-mls-extensions: SelfRemove is switched off here",
                                     offender);
}

ic_err ic_mlspub_rules_simple(const struct ic_mlspub_rules *rules,
                              const struct ic_mlspub_proposal *p, struct ic_mlspub_fault *fault,
                              uint32_t offender)
{
    if (p->type == IC_MLS_PSK)
        return check_psk(rules, &p->psk, fault, offender);
    if (p->type == IC_MLS_GROUP_CONTEXT_EXTENSIONS)
        return check_extensions(rules, p->group_context_extensions, fault, offender);
    /* RFC9420-12.1.5-r1 */
    if (p->type == IC_MLS_REINIT && p->reinit.version < rules->context->version)
        return rule(fault, offender, "RFC 9420 section 12.1.5: a ReInit to an older version");
    if (p->type == IC_MLS_SELF_REMOVE)
        return check_self_remove(rules, fault, offender);
    return IC_OK;
}

static ic_err check_update(const struct ic_mlspub_rules *rules, const struct ic_mlspub_tree *t,
                           struct ic_mlspub_sender sender, const struct ic_mlspub_leaf_node *l,
                           struct ic_mlspub_fault *fault)
{
    struct ic_mlspub_leaf_node former;
    if (ic_mlspub_tree_leaf(t, sender.index, &former) != IC_OK)
        return rule(fault, sender.index, "RFC 9420 section 12.1.2: an Update of a blank leaf");
    struct leaf_check c = {
        .rules = rules,
        .source = IC_MLS_LEAF_UPDATE,
        .extensions = rules->context->extensions,
        .former = &former,
        .fault = fault,
        .offender = sender.index,
    };
    IC_TRY(ic_mlspub_rules_leaf(&c, l));
    ic_err e = ic_mlspub_leaf_node_verify(rules->suite, l, rules->context->group_id, sender.index);
    if (e != IC_OK)
        return ic_mlspub_fault_set(
            fault, e, "RFC 9420 section 7.3: a leaf's signature does not verify", sender.index);
    return IC_OK;
}

ic_err ic_mlspub_rules_proposal(const struct ic_mlspub_rules *rules, const struct ic_mlspub_tree *t,
                                struct ic_mlspub_sender sender, const struct ic_mlspub_proposal *p,
                                struct ic_mlspub_fault *fault)
{
    IC_TRY(ic_mlspub_rules_sender(rules, sender, p, fault, IC_MLSPUB_NO_LEAF));
    switch (p->type) {
    case IC_MLS_ADD:
        return ic_mlspub_rules_key_package_signed(rules, &p->add, fault);
    case IC_MLS_UPDATE:
        return check_update(rules, t, sender, &p->update, fault);
    case IC_MLS_REMOVE:
        if (ic_mlspub_tree_leaf_bytes(t, p->remove).len == 0)
            return rule(fault, p->remove, "RFC 9420 section 12.1.3: a Remove of a blank leaf");
        return IC_OK;
    default:
        return ic_mlspub_rules_simple(rules, p, fault, IC_MLSPUB_NO_LEAF);
    }
}

ic_err ic_mlspub_proposal_check(const struct ic_mlspub_rules *rules, const struct ic_mlspub_tree *t,
                                struct ic_mlspub_sender sender, const struct ic_mlspub_proposal *p,
                                struct ic_mlspub_fault *fault)
{
    struct ic_mlspub_leaf_node former;
    IC_TRY(ic_mlspub_rules_proposal(rules, t, sender, p, fault));
    if (p->type == IC_MLS_ADD)
        return ic_mlspub_rules_credential(rules, &p->add.leaf, NULL, fault, IC_MLSPUB_NO_LEAF);
    if (p->type != IC_MLS_UPDATE)
        return IC_OK;
    IC_TRY(ic_mlspub_tree_leaf(t, sender.index, &former));
    return ic_mlspub_rules_credential(rules, &p->update, &former, fault, sender.index);
}

static ic_err external_key(const struct ic_mlspub_group_context *context,
                           const struct ic_mlspub_content *c, struct ic_mlspub_fault *fault,
                           struct ic_view *key)
{
    struct ic_view data;
    struct ic_mlspub_external_sender s;
    /* RFC9420-12.1.8-r1 */
    if (!ic_mlspub_extensions_find(context->extensions, IC_MLS_EXT_EXTERNAL_SENDERS, &data) ||
        ic_mlspub_external_sender_at(data, c->sender.index, &s) != IC_OK)
        return ic_mlspub_fault_set(fault, IC_ERR_NOT_FOUND,
                                   "RFC 9420 section 12.1.8: not one of the external senders",
                                   IC_MLSPUB_NO_LEAF);
    /* RFC9420-6.1-2 */
    if (c->type != IC_MLS_PROPOSAL)
        return rule(fault, IC_MLSPUB_NO_LEAF,
                    "RFC 9420 section 6.1: an external sender sends other than a proposal");
    *key = s.signature_key;
    return IC_OK;
}

static ic_err member_key(const struct ic_mlspub_tree *t, const struct ic_mlspub_content *c,
                         struct ic_mlspub_fault *fault, struct ic_view *key)
{
    struct ic_view k = ic_mlspub_tree_signature_key(t, c->sender.index);
    if (k.len == 0)
        return ic_mlspub_fault_set(fault, IC_ERR_NOT_FOUND,
                                   "RFC 9420 section 6.1: the sender's leaf is blank",
                                   c->sender.index);
    *key = k;
    return IC_OK;
}

ic_err ic_mlspub_content_signer(const struct ic_mlspub_tree *t,
                                const struct ic_mlspub_group_context *context,
                                const struct ic_mlspub_content *c, struct ic_mlspub_fault *fault,
                                struct ic_view *key)
{
    switch (c->sender.type) {
    case IC_MLS_SENDER_MEMBER:
        return member_key(t, c, fault, key);
    case IC_MLS_SENDER_EXTERNAL:
        return external_key(context, c, fault, key);
    case IC_MLS_SENDER_NEW_MEMBER_PROPOSAL:
        /* RFC9420-6.1-5 RFC9420-6.1-6 */
        if (c->type != IC_MLS_PROPOSAL || c->proposal.type != IC_MLS_ADD)
            return rule(fault, IC_MLSPUB_NO_LEAF,
                        "RFC 9420 section 6.1: a new member proposes other than its Add");
        *key = c->proposal.add.leaf.signature_key;
        return IC_OK;
    default:
        /* RFC9420-6.1-4 RFC9420-12.4.3.2-1 RFC9420-12.4.3.2-6 */
        if (c->type != IC_MLS_COMMIT || !c->commit.has_path)
            return rule(fault, IC_MLSPUB_NO_LEAF,
                        "RFC 9420 section 12.4.3.2: an external commit without its path");
        /* RFC9420-12.4.3.2-3 RFC9420-12.4.3.2-4 */
        *key = c->commit.path.leaf.signature_key;
        return IC_OK;
    }
}

/* Opening a group, and believing one. */
#include "fault.h"
#include <ic/base/secret.h>
#include <ic/mlspub/codec.h>

static ic_err broken(struct ic_rules_fault *f, const char *rule)
{
    return ic_rules_broken(f, rule, IC_MLSPUB_NO_LEAF);
}

static bool only_known_extensions(struct ic_view list)
{
    struct ic_reader r = ic_reader(list);
    uint16_t type;
    struct ic_view data;
    while (ic_mlspub_extensions_next(&r, &type, &data))
        if (type != IC_WIRE_EXT_TERMS && type != IC_MLS_EXT_REQUIRED_CAPABILITIES &&
            type != IC_MLS_EXT_EXTERNAL_SENDERS)
            return false;
    return true;
}

ic_err ic_rules_new_group(const struct ic_mlspub_group_context *c,
                          const struct ic_mlspub_leaf_node *creator, struct ic_view pin,
                          uint64_t time_ms, struct ic_rules_fault *fault)
{
    struct ic_wire_terms t;
    IC_TRY(ic_rules_terms_find(c, &t, fault));
    IC_TRY(ic_rules_terms_verify(&t, pin, fault));
    if (c->epoch != 0)
        return broken(fault, "group-not-new");
    if (t.suite != c->suite)
        return broken(fault, "group-suite");
    if (!only_known_extensions(c->extensions))
        return broken(fault, "group-extensions");
    if (!ic_rules_is_host(&t, creator->signature_key))
        return broken(fault, "group-without-host");
    char name[IC_RULES_NAME_MAX + 1];
    if (!ic_rules_leaf_name(creator, name))
        return broken(fault, "group-credential");
    struct ic_rules_standing s = {.verified = true};
    if (ic_rules_verified_only(&t))
        IC_TRY(ic_rules_standing(&t, creator, time_ms, &s));
    return s.verified ? IC_OK : broken(fault, "group-not-verified");
}

static bool witnessed(const struct ic_rules_entry *e, const struct ic_wire_terms *t,
                      struct ic_view witness)
{
    uint8_t want[IC_RULES_PROOF_LEN];
    if (e->join_secret.len == 0 ||
        (e->ref.len && t->admission == IC_WIRE_HOST_ADMITS && !ic_rules_is_host(t, e->own_key)))
        return false;
    ic_rules_witness(e->join_secret, e->context->group_id, e->signer, want);
    return ic_ct_equal(witness, IC_VIEW_ARRAY(want));
}

static enum ic_rules_vouched vouched(const struct ic_rules_entry *e, const struct ic_wire_terms *t,
                                     const struct ic_wire_admission *a)
{
    if (ic_rules_is_host(t, e->signer))
        return IC_RULES_BY_HOST;
    if (e->ref.len &&
        ic_rules_ticket_shown(t, a->tickets, e->context->group_id, e->ref, e->signer, a->time_ms))
        return IC_RULES_BY_TICKET;
    if (witnessed(e, t, a->witness))
        return IC_RULES_BY_LINK;
    return 0;
}

ic_err ic_rules_enter(const struct ic_rules_entry *e, enum ic_rules_vouched *by, uint64_t *time_ms,
                      struct ic_rules_fault *fault)
{
    struct ic_wire_terms t;
    struct ic_wire_admission a = {0};
    IC_TRY(ic_rules_terms_find(e->context, &t, fault));
    IC_TRY(ic_rules_terms_verify(&t, e->pin, fault));
    if (!ic_view_equal(t.meeting_id, e->meeting_id) || t.suite != e->context->suite)
        return broken(fault, "entry-meeting");
    if (e->admission.len && ic_wire_admission_decode(e->admission, &a) != IC_OK)
        return broken(fault, "entry-admission");
    enum ic_rules_vouched who = vouched(e, &t, &a);
    /* Who joined by number has nothing to hold the terms against, so neither what they vouch for. */
    if (!who && e->pin.len)
        return broken(fault, "entry-not-vouched");
    *by = who ? who : IC_RULES_BY_NOBODY;
    *time_ms = a.time_ms;
    return IC_OK;
}

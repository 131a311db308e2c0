/* The judgement over one proposal or commit. */
#include "fault.h"
#include <ic/crypto/hash.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>

/* What all steps share. */
struct judge {
    const struct ic_rules_group *g;
    const struct ic_rules_change *c;
    struct ic_rules_fault *fault;
    const struct ic_suite *suite;
    struct ic_wire_terms former;
    struct ic_wire_terms next; /* those that hold after the change */
    struct ic_wire_commit_data data;
};

static ic_err broken(const struct judge *j, const char *rule, uint32_t leaf)
{
    return ic_rules_broken(j->fault, rule, leaf);
}

static bool leaf_of(const struct judge *j, uint32_t leaf, struct ic_mlspub_leaf_node *out)
{
    return leaf != IC_MLSPUB_NO_LEAF && j->g->leaf(j->g->ctx, leaf, out) == IC_OK;
}

/* The member leaf whose authority a proposal has; IC_MLSPUB_NO_LEAF where it is not a member's. */
static uint32_t proposer(const struct ic_mlspub_change_item *i)
{
    return i->sender.type == IC_MLS_SENDER_MEMBER ? i->sender.index : IC_MLSPUB_NO_LEAF;
}

static bool by_host(const struct judge *j, const struct ic_mlspub_change_item *i)
{
    struct ic_mlspub_leaf_node leaf;
    return leaf_of(j, proposer(i), &leaf) && ic_rules_is_host(&j->former, leaf.signature_key);
}

/* ---- verified members only ---- */

/* Under these terms, at the commit's time. */
static ic_err verified(const struct judge *j, const struct ic_wire_terms *t,
                       const struct ic_mlspub_leaf_node *leaf, bool *out)
{
    struct ic_rules_standing s;
    IC_TRY(ic_rules_standing(t, leaf, j->data.time_ms, &s));
    *out = s.verified;
    return IC_OK;
}

/* What comes in must be verified, where the terms that will hold ask for it. */
static ic_err judge_verified(const struct judge *j, const struct ic_mlspub_leaf_node *leaf,
                             const char *rule, uint32_t who)
{
    bool good = true;
    if (ic_rules_verified_only(&j->next))
        IC_TRY(verified(j, &j->next, leaf, &good));
    return good ? IC_OK : broken(j, rule, who);
}

/* Another credential than before must be a renewal, and as good as a newcomer's. */
static ic_err judge_successor(const struct judge *j, const struct ic_mlspub_leaf_node *former,
                              const struct ic_mlspub_leaf_node *next, uint32_t who)
{
    if (!ic_rules_may_follow(former, next))
        return broken(j, "identity-changed", who);
    if (ic_view_equal(former->credential.identity, next->credential.identity))
        return IC_OK;
    return judge_verified(j, next, "renewal-not-verified", who);
}

/* ---- Add ---- */

static bool link_proved(const struct judge *j, struct ic_view ref)
{
    uint8_t want[IC_RULES_PROOF_LEN];
    struct ic_view rest = j->data.proofs, proof;
    if (j->g->join_secret.len == 0)
        return rest.len > 0; /* an outsider cannot tell; the members will */
    ic_rules_proof(j->g->join_secret, j->g->context->group_id, ref, want);
    while (ic_wire_list_next(&rest, &proof))
        if (ic_ct_equal(proof, IC_VIEW_ARRAY(want)))
            return true;
    return false;
}

/* The terms themselves admit who is verified. */
static ic_err terms_admit(const struct judge *j, const struct ic_mlspub_change_item *i, bool *out)
{
    struct ic_mlspub_leaf_node member;
    *out = false;
    if (!ic_rules_verified_only(&j->former) || !leaf_of(j, proposer(i), &member))
        return IC_OK;
    return verified(j, &j->former, &i->proposal->add.leaf, out);
}

static bool may_add(const struct judge *j, const struct ic_mlspub_change_item *i)
{
    uint8_t ref[IC_HASH_MAX];
    struct ic_mlspub_leaf_node bearer;
    if (by_host(j, i))
        return true;
    if (!leaf_of(j, proposer(i), &bearer))
        return false;
    /* A host who returns needs no other host: the terms name it. */
    if (ic_rules_is_host(&j->former, i->proposal->add.leaf.signature_key))
        return true;
    ic_mlspub_key_package_ref(j->suite, i->proposal->add.encoded, ref);
    struct ic_view ref_view = ic_view(ref, j->suite->hash_len);
    if (ic_rules_ticket_shown(&j->former, j->data.tickets, j->g->context->group_id, ref_view,
                              bearer.signature_key, j->data.time_ms))
        return true;
    return j->former.admission == IC_WIRE_LINK_ADMITS && link_proved(j, ref_view);
}

static ic_err judge_add(const struct judge *j, const struct ic_mlspub_change_item *i)
{
    const struct ic_mlspub_leaf_node *leaf = &i->proposal->add.leaf;
    char name[IC_RULES_NAME_MAX + 1];
    if (!ic_rules_leaf_name(leaf, name))
        return broken(j, "add-credential", proposer(i));
    if (j->next.locked && !ic_rules_is_host(&j->former, leaf->signature_key))
        return broken(j, "add-while-locked", proposer(i));
    if (ic_rules_is_barred(&j->next, leaf->signature_key))
        return broken(j, "add-barred", proposer(i));
    IC_TRY(judge_verified(j, leaf, "add-not-verified", proposer(i)));
    bool admitted;
    IC_TRY(terms_admit(j, i, &admitted));
    return admitted || may_add(j, i) ? IC_OK : broken(j, "add-without-authority", proposer(i));
}

/* ---- the other proposals ---- */

static bool may_remove(const struct judge *j, const struct ic_mlspub_change_item *i)
{
    /* The server declares somebody absent: members show it as such. */
    return i->sender.type == IC_MLS_SENDER_EXTERNAL || proposer(i) == i->proposal->remove ||
           by_host(j, i);
}

static ic_err judge_remove(const struct judge *j, const struct ic_mlspub_change_item *i)
{
    struct ic_mlspub_leaf_node member, leaf;
    bool over = false;
    if (may_remove(j, i))
        return IC_OK;
    if (ic_rules_verified_only(&j->former) && leaf_of(j, proposer(i), &member) &&
        leaf_of(j, i->proposal->remove, &leaf))
        IC_TRY(ic_rules_over(&j->former, &leaf, j->data.time_ms, &over));
    return over ? IC_OK : broken(j, "remove-without-authority", proposer(i));
}

static ic_err judge_update(const struct judge *j, const struct ic_mlspub_change_item *i)
{
    struct ic_mlspub_leaf_node former;
    if (!leaf_of(j, proposer(i), &former))
        return broken(j, "identity-changed", proposer(i));
    return judge_successor(j, &former, &i->proposal->update, proposer(i));
}

/* Two extension lists are the same but for the terms. */
static bool same_but_terms(struct ic_view a, struct ic_view b)
{
    struct ic_reader ra = ic_reader(a), rb = ic_reader(b);
    uint16_t ta, tb;
    struct ic_view da, db;
    for (;;) {
        bool more_a, more_b;
        while ((more_a = ic_mlspub_extensions_next(&ra, &ta, &da)) && ta == IC_WIRE_EXT_TERMS)
            ;
        while ((more_b = ic_mlspub_extensions_next(&rb, &tb, &db)) && tb == IC_WIRE_EXT_TERMS)
            ;
        if (!more_a || !more_b)
            return more_a == more_b;
        if (ta != tb || !ic_view_equal(da, db))
            return false;
    }
}

static ic_err judge_extensions(struct judge *j, const struct ic_mlspub_change_item *i)
{
    struct ic_mlspub_group_context proposed = {.extensions = i->proposal->group_context_extensions};
    struct ic_rules_fault f = {"", IC_MLSPUB_NO_LEAF};
    if (!by_host(j, i))
        return broken(j, "terms-without-host", proposer(i));
    if (!same_but_terms(j->g->context->extensions, proposed.extensions))
        return broken(j, "extensions-fixed", proposer(i));
    ic_err e = ic_rules_terms_find(&proposed, &j->next, &f);
    if (e == IC_OK)
        e = ic_rules_terms_follow(&j->former, &j->next, &f);
    return e == IC_ERR_RULE ? broken(j, f.rule, proposer(i)) : e;
}

static ic_err judge_item(const struct judge *j, const struct ic_mlspub_change_item *i)
{
    if (i->sender.type == IC_MLS_SENDER_NEW_MEMBER_PROPOSAL)
        return broken(j, "new-member-proposal", IC_MLSPUB_NO_LEAF);
    if (i->sender.type == IC_MLS_SENDER_EXTERNAL && i->proposal->type != IC_MLS_REMOVE)
        return broken(j, "external-sender-proposal", IC_MLSPUB_NO_LEAF);
    switch (i->proposal->type) {
    case IC_MLS_ADD:
        return judge_add(j, i);
    case IC_MLS_REMOVE:
        return judge_remove(j, i);
    case IC_MLS_UPDATE:
        return judge_update(j, i);
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        return IC_OK; /* judged first, in judge_terms */
    case IC_MLS_PSK:
        return broken(j, "psk-proposal", proposer(i));
    case IC_MLS_REINIT:
        return broken(j, "reinit-proposal", proposer(i));
    default:
        return broken(j, "proposal-type", proposer(i));
    }
}

/* RFC 9420 section 12.3 applies GroupContextExtensions first: the Adds of the same commit are held
 * against the lock and the bars that it leaves. Who may propose is still judged by the former terms. */
static ic_err judge_terms(struct judge *j)
{
    for (size_t n = 0; n < j->c->count; n++) {
        const struct ic_mlspub_change_item *i = j->c->item(j->c->ctx, n);
        if (i->proposal->type == IC_MLS_GROUP_CONTEXT_EXTENSIONS)
            IC_TRY(judge_extensions(j, i));
    }
    return IC_OK;
}

static ic_err judge_member(struct judge *j)
{
    struct ic_mlspub_leaf_node former;
    IC_TRY(judge_terms(j));
    for (size_t n = 0; n < j->c->count; n++)
        IC_TRY(judge_item(j, j->c->item(j->c->ctx, n)));
    if (!j->c->is_commit || !j->c->path_leaf)
        return IC_OK;
    if (!leaf_of(j, j->c->committer, &former))
        return broken(j, "identity-changed", j->c->committer);
    return judge_successor(j, &former, j->c->path_leaf, j->c->committer);
}

/* ---- the external commit: a resync and nothing else ---- */

static ic_err judge_external_commit(const struct judge *j)
{
    uint32_t removed = IC_MLSPUB_NO_LEAF;
    struct ic_mlspub_leaf_node former;
    for (size_t n = 0; n < j->c->count; n++) {
        const struct ic_mlspub_proposal *p = j->c->item(j->c->ctx, n)->proposal;
        if (p->type == IC_MLS_EXTERNAL_INIT)
            continue;
        if (p->type != IC_MLS_REMOVE || removed != IC_MLSPUB_NO_LEAF)
            return broken(j, "external-commit-not-resync", j->c->committer);
        removed = p->remove;
    }
    if (!leaf_of(j, removed, &former))
        return broken(j, "external-commit-not-resync", j->c->committer);
    if (!j->c->path_leaf || !ic_rules_may_follow(&former, j->c->path_leaf))
        return broken(j, "external-commit-identity", removed);
    return judge_verified(j, j->c->path_leaf, "add-not-verified", removed);
}

/* ---- all of it ---- */

static ic_err judge_data(struct judge *j)
{
    struct ic_view bytes = j->c->authenticated_data;
    uint32_t who = j->c->sender.type == IC_MLS_SENDER_MEMBER ? j->c->sender.index : j->c->committer;
    if (j->c->sender.type == IC_MLS_SENDER_EXTERNAL && bytes.len == 0)
        return IC_OK; /* the server's Removes carry none */
    if (ic_wire_commit_data_decode(bytes, &j->data) != IC_OK)
        return broken(j, "commit-data", who);
    if (j->c->is_commit && j->data.time_ms < j->g->last_time_ms)
        return broken(j, "commit-time", who);
    return IC_OK;
}

ic_err ic_rules_judge(const struct ic_rules_group *g, const struct ic_rules_change *c,
                      struct ic_rules_fault *fault)
{
    struct judge j = {.g = g, .c = c, .fault = fault, .suite = ic_suite_find(g->context->suite)};
    if (!j.suite)
        return IC_ERR_UNSUPPORTED;
    IC_TRY(ic_rules_terms_find(g->context, &j.former, fault));
    j.next = j.former;
    IC_TRY(judge_data(&j));
    if (c->sender.type == IC_MLS_SENDER_NEW_MEMBER_COMMIT)
        return judge_external_commit(&j);
    return judge_member(&j);
}

bool ic_rules_removes_by_time(const struct ic_rules_group *g, const struct ic_rules_change *c)
{
    struct judge j = {.g = g, .c = c};
    if (ic_rules_terms_find(g->context, &j.former, NULL) != IC_OK ||
        !ic_rules_verified_only(&j.former) || c->sender.type == IC_MLS_SENDER_NEW_MEMBER_COMMIT)
        return false;
    for (size_t n = 0; n < c->count; n++) {
        const struct ic_mlspub_change_item *i = c->item(c->ctx, n);
        if (i->proposal->type == IC_MLS_REMOVE && !may_remove(&j, i))
            return true;
    }
    return false;
}

ic_err ic_rules_commit_time(struct ic_view authenticated_data, uint64_t *time_ms)
{
    struct ic_wire_commit_data d;
    if (ic_wire_commit_data_decode(authenticated_data, &d) != IC_OK)
        return IC_ERR_RULE;
    *time_ms = d.time_ms;
    return IC_OK;
}

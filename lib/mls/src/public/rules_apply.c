/* A commit's list of proposals: sections 12.2 and 12.3. */
#include "rules_internal.h"
#include <assert.h>
#include <ic/base/map.h>
#include <ic/base/mem.h>

struct apply {
    const struct ic_mlspub_rules *rules;
    struct ic_mlspub_proposals *list;
    struct ic_mlspub_diff *d;
    struct ic_arena *arena;
    struct ic_mlspub_outcome *out;
    struct ic_mlspub_fault *fault;
    uint64_t *touched; /* leaves that have an Update or Remove */
    size_t counts[8];  /* by default type */
};

static const struct ic_mlspub_change_item *item(const struct apply *z, size_t i)
{
    return &z->list->items[i];
}

/* ---- the list as a whole ---- */

static ic_err check_regular(const struct apply *z)
{
    /* RFC9420-12.2-r9 */
    if (z->counts[IC_MLS_EXTERNAL_INIT])
        return rule(z->fault, IC_MLSPUB_NO_LEAF,
                    "RFC 9420 section 12.2: an ExternalInit in a regular commit");
    /* RFC9420-12.2-r7 */
    if (z->counts[IC_MLS_GROUP_CONTEXT_EXTENSIONS] > 1)
        return rule(z->fault, IC_MLSPUB_NO_LEAF,
                    "RFC 9420 section 12.2: several GroupContextExtensions proposals");
    /* RFC9420-12.2-r8 */
    if (z->counts[IC_MLS_REINIT] && z->list->count > 1)
        return rule(z->fault, IC_MLSPUB_NO_LEAF,
                    "RFC 9420 section 12.2: a ReInit together with other proposals");
    return IC_OK;
}

static ic_err check_external(const struct apply *z)
{
    /* RFC9420-12.2-r10 */
    if (z->counts[IC_MLS_EXTERNAL_INIT] != 1)
        return rule(z->fault, IC_MLSPUB_NO_LEAF,
                    "RFC 9420 section 12.2: an external commit needs exactly one ExternalInit");
    /* RFC9420-12.2-r11 */
    if (z->counts[IC_MLS_REMOVE] > 1)
        return rule(z->fault, IC_MLSPUB_NO_LEAF,
                    "RFC 9420 section 12.2: an external commit removes at most one leaf");
    return IC_OK;
}

/* At most one Update or Remove for each leaf, none of the committer's. */
static ic_err check_target(struct apply *z, size_t i, uint32_t leaf)
{
    const struct ic_mlspub_proposal *p = item(z, i)->proposal;
    uint32_t offender = (uint32_t)i;
    /* RFC9420-12.1.3-r1 */
    if (leaf >= z->d->size || !bits_get(z->d->occupied, leaf))
        return rule(z->fault, offender,
                    "RFC 9420 section 12.1.3: an Update or Remove of a blank leaf");
    /* RFC9420-12.2-r1 RFC9420-12.2-r2 */
    if (!z->out->external && leaf == z->list->committer.index)
        return rule(z->fault, offender,
                    p->type == IC_MLS_UPDATE ? "RFC 9420 section 12.2: an Update by the committer"
                                             : "RFC 9420 section 12.2: a Remove of the committer");
    /* RFC9420-12.2-r3 */
    if (bits_get(z->touched, leaf))
        return rule(z->fault, offender,
                    "RFC 9420 section 12.2: several Updates or Removes of one leaf");
    bits_set(z->touched, leaf);
    z->list->items[i].leaf = leaf;
    return IC_OK;
}

static ic_err check_item(struct apply *z, size_t i)
{
    const struct ic_mlspub_change_item *x = item(z, i);
    const struct ic_mlspub_proposal *p = x->proposal;
    IC_TRY(ic_mlspub_rules_sender(z->rules, x->sender, p, z->fault, (uint32_t)i));
    IC_TRY(ic_mlspub_rules_simple(z->rules, p, z->fault, (uint32_t)i));
    if (ic_mlspub_rules_default_proposal(p->type))
        z->counts[p->type]++;
    if (p->type == IC_MLS_UPDATE)
        return check_target(z, i, x->sender.index);
    if (p->type == IC_MLS_REMOVE)
        return check_target(z, i, p->remove);
    if (p->type != IC_MLS_SELF_REMOVE)
        return IC_OK;
    if (x->ref.len == 0)
        return rule(z->fault, (uint32_t)i, "draft-ietf-mls-extensions: a SelfRemove by value");
    return check_target(z, i, x->sender.index);
}

static ic_err put_psk(struct apply *z, struct ic_map *seen, size_t i)
{
    /* A proposal made here may have no encoding yet: its fields decide. */
    IC_BUF_SCOPE(id, 1 << 20);
    struct ic_writer w = ic_writer(&id);
    ic_mlspub_psk_id_write(&w, &item(z, i)->proposal->psk);
    IC_TRY(ic_writer_end(&w));
    static char mark;
    ic_err e = ic_map_put(seen, ic_buf_view(&id), &mark);
    /* RFC9420-12.2-r6 */
    if (e == IC_ERR_EXISTS)
        return rule(z->fault, (uint32_t)i, "RFC 9420 section 12.2: the same PSK twice");
    return e;
}

static ic_err gather_psks(struct apply *z)
{
    size_t n = z->counts[IC_MLS_PSK], at = 0;
    const struct ic_mlspub_psk_id **psks = ic_arena_alloc(z->arena, n, sizeof *psks);
    if (!psks)
        return IC_ERR_NOMEM;
    static const uint64_t seed[2] = {0x510e527fade682d1, 0x9b05688c2b3e6c1f};
    IC_CLEANUP(ic_map_clear) struct ic_map seen;
    ic_map_init(&seen, n + 1, seed);
    for (size_t i = 0; at < n; i++) {
        if (item(z, i)->proposal->type != IC_MLS_PSK)
            continue;
        IC_TRY(put_psk(z, &seen, i));
        psks[at++] = &item(z, i)->proposal->psk;
    }
    z->out->psks = psks;
    z->out->psk_count = n;
    return IC_OK;
}

/* RFC9420-12.2-1 RFC9420-12.2-2 RFC9420-12.4-2 */
static ic_err check_list(struct apply *z)
{
    z->touched = ic_arena_alloc(z->arena, bits_words(z->d->size), sizeof *z->touched);
    if (!z->touched)
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < z->list->count; i++)
        IC_TRY(check_item(z, i));
    IC_TRY(z->out->external ? check_external(z) : check_regular(z));
    return gather_psks(z);
}

/* RFC 9420 section 12.4: by default a path; these types do without. */
static bool needs_path(const struct ic_mlspub_rules *rules, uint16_t type)
{
    const struct ic_mlspub_custom_proposal *c = ic_mlspub_rules_custom(rules, type);
    return type != IC_MLS_ADD && type != IC_MLS_PSK && type != IC_MLS_REINIT &&
           !(c && c->without_path);
}

/* What is neither Update, Remove nor Add: noted for later. */
static void note(struct apply *z)
{
    struct ic_mlspub_outcome *o = z->out;
    o->path_required = z->list->count == 0;
    for (size_t i = 0; i < z->list->count; i++) {
        const struct ic_mlspub_proposal *p = item(z, i)->proposal;
        o->path_required |= needs_path(z->rules, p->type);
        if (p->type == IC_MLS_GROUP_CONTEXT_EXTENSIONS) {
            o->has_extensions = true;
            o->extensions = p->group_context_extensions;
        } else if (p->type == IC_MLS_REINIT) {
            o->reinit = p;
        } else if (p->type == IC_MLS_EXTERNAL_INIT) {
            o->external_init = p;
        } else if (p->type == IC_MLS_REMOVE && o->external) {
            o->removed_self = p->remove;
        }
    }
}

/* ---- leaves that come: 12.1.1, 12.1.2 ---- */

static struct leaf_check leaf_check_of(const struct apply *z, size_t i)
{
    return (struct leaf_check){
        .rules = z->rules,
        /* RFC9420-12.3-2 */
        .extensions = z->out->extensions,
        .fault = z->fault,
        .offender = (uint32_t)i,
    };
}

static ic_err check_leaves(struct apply *z)
{
    for (size_t i = 0; i < z->list->count; i++) {
        const struct ic_mlspub_change_item *x = item(z, i);
        struct leaf_check c = leaf_check_of(z, i);
        if (x->proposal->type == IC_MLS_ADD) {
            c.source = IC_MLS_LEAF_KEY_PACKAGE;
            IC_TRY(ic_mlspub_rules_key_package(&c, &x->proposal->add));
        } else if (x->proposal->type == IC_MLS_UPDATE) {
            struct ic_mlspub_leaf_node former;
            IC_TRY(ic_mlspub_diff_leaf(z->d, x->leaf, &former));
            c.source = IC_MLS_LEAF_UPDATE;
            c.former = &former;
            IC_TRY(ic_mlspub_rules_leaf(&c, &x->proposal->update));
        }
    }
    return IC_OK;
}

/* Both signatures of an Add, the one of an Update. */
static ic_err verify_item(void *arg, size_t i)
{
    const struct apply *z = arg;
    const struct ic_suite *s = z->rules->suite;
    const struct ic_mlspub_change_item *x = item(z, i);
    if (x->verified)
        return IC_OK;
    if (x->proposal->type == IC_MLS_ADD) {
        IC_TRY(ic_mlspub_key_package_verify(s, &x->proposal->add));
        return ic_mlspub_leaf_node_verify(s, &x->proposal->add.leaf, ic_view(NULL, 0), 0);
    }
    if (x->proposal->type == IC_MLS_UPDATE)
        return ic_mlspub_leaf_node_verify(s, &x->proposal->update, z->rules->context->group_id,
                                          x->leaf);
    return IC_OK;
}

static ic_err check_signatures(struct apply *z)
{
    size_t at;
    ic_err e = ic_mlspub_run(z->rules->exec, z->list->count, verify_item, z, &at);
    if (e == IC_OK)
        return IC_OK;
    return ic_mlspub_fault_set(z->fault, e,
                               "RFC 9420 section 10.1: a key package's or leaf's "
                               "signature does not verify",
                               (uint32_t)at);
}

/* ---- applying: 12.3 ---- */

static ic_err blame(const struct apply *z, ic_err e, size_t i)
{
    return e == IC_OK ? e : ic_mlspub_fault_set(z->fault, e, "", (uint32_t)i);
}

/* Updates and Removes commute, as no leaf has both. */
static ic_err apply_updates(struct apply *z)
{
    for (size_t i = 0; i < z->list->count; i++) {
        const struct ic_mlspub_change_item *x = item(z, i);
        if (x->proposal->type == IC_MLS_UPDATE)
            IC_TRY(blame(z, ic_mlspub_diff_update(z->d, x->leaf, &x->proposal->update), i));
    }
    return IC_OK;
}

static ic_err apply_removes(struct apply *z)
{
    for (size_t i = 0; i < z->list->count; i++) {
        uint16_t type = item(z, i)->proposal->type;
        if (type == IC_MLS_REMOVE || type == IC_MLS_SELF_REMOVE)
            IC_TRY(blame(z, ic_mlspub_diff_remove(z->d, item(z, i)->leaf), i));
    }
    return IC_OK;
}

/* Section 12.2: supported by all who process the commit, not by those it adds or removes. */
static ic_err check_custom(const struct apply *z)
{
    for (size_t i = 0; i < z->list->count; i++) {
        uint16_t type = item(z, i)->proposal->type;
        if (!ic_mlspub_rules_default_proposal(type) &&
            /* RFC9420-13.2-1 */
            !ic_mlspub_diff_all_support(z->d, IC_MLSPUB_PROPOSALS, type))
            return rule(z->fault, (uint32_t)i,
                        "RFC 9420 section 12.2: a proposal type that a member does not support");
    }
    return IC_OK;
}

static ic_err apply_adds(struct apply *z)
{
    size_t n = z->counts[IC_MLS_ADD], at = 0;
    uint32_t *added = ic_arena_alloc(z->arena, n, sizeof *added);
    if (!added)
        return IC_ERR_NOMEM;
    for (size_t i = 0; at < n; i++) {
        const struct ic_mlspub_proposal *p = item(z, i)->proposal;
        if (p->type != IC_MLS_ADD)
            continue;
        IC_TRY(blame(z, ic_mlspub_diff_add(z->d, &p->add.leaf, &added[at]), i));
        z->list->items[i].leaf = added[at++];
    }
    z->out->added = added;
    z->out->added_count = n;
    return IC_OK;
}

ic_err ic_mlspub_proposals_apply(const struct ic_mlspub_rules *rules,
                                 struct ic_mlspub_proposals *list, struct ic_mlspub_diff *d,
                                 struct ic_arena *a, struct ic_mlspub_outcome *out,
                                 struct ic_mlspub_fault *fault)
{
    struct ic_mlspub_outcome o = {
        .external = list->committer.type == IC_MLS_SENDER_NEW_MEMBER_COMMIT,
        .extensions = rules->context->extensions,
        .removed_self = IC_MLSPUB_NO_LEAF,
    };
    struct apply z = {rules, list, d, a, &o, fault, NULL, {0}};
    IC_TRY(check_list(&z));
    note(&z);
    IC_TRY(check_leaves(&z));
    IC_TRY(check_signatures(&z));
    IC_TRY(apply_updates(&z));
    /* RFC9420-12.3-1 */
    IC_TRY(apply_removes(&z));
    IC_TRY(check_custom(&z));
    IC_TRY(apply_adds(&z));
    *out = o;
    return IC_OK;
}

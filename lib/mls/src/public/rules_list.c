/* Which proposals a commit has: by value and by reference, and what a committer leaves out. */
#include "rules_internal.h"

ic_err ic_mlspub_proposals_resolve(const struct ic_mlspub_pending *p,
                                   const struct ic_mlspub_commit *c,
                                   struct ic_mlspub_sender committer, struct ic_arena *a,
                                   struct ic_mlspub_proposals *out, struct ic_mlspub_fault *fault)
{
    struct ic_mlspub_change_item *items = ic_arena_alloc(a, c->proposal_count, sizeof *items);
    if (!items)
        return IC_ERR_NOMEM;
    bool external = committer.type == IC_MLS_SENDER_NEW_MEMBER_COMMIT;
    for (size_t i = 0; i < c->proposal_count; i++) {
        const struct ic_mlspub_proposal_or_ref *x = &c->proposals[i];
        if (!x->is_ref) {
            items[i] = (struct ic_mlspub_change_item){
                .sender = committer, .proposal = &x->proposal, .leaf = IC_MLSPUB_NO_LEAF};
            continue;
        }
        const struct ic_mlspub_change_item *item = p ? ic_mlspub_pending_find(p, x->ref) : NULL;
        /* RFC 9420 section 12.4.3.2: an external commit MUST NOT include any by reference; but for the
         * SelfRemoves of draft-ietf-mls-extensions. */
        /* RFC9420-12.4.3.2-2 */
        if (external && !(item && item->proposal->type == IC_MLS_SELF_REMOVE))
            return rule(fault, (uint32_t)i,
                        "RFC 9420 section 12.4.3.2: a reference in an external commit");
        /* RFC9420-12.4-r1 */
        if (!item)
            return ic_mlspub_fault_set(fault, IC_ERR_NOT_FOUND,
                                       "RFC 9420 section 12.4: a reference to an unknown proposal",
                                       (uint32_t)i);
        items[i] = *item;
    }
    *out = (struct ic_mlspub_proposals){items, c->proposal_count, committer};
    return IC_OK;
}

/* ---- prune: quadratic only in the pending ones, which are capped ---- */

struct prune {
    const struct ic_mlspub_rules *rules;
    const struct ic_mlspub_tree *t;
    const struct ic_mlspub_proposals *list;
    size_t kept; /* items [0, kept) stay; those from the one under test on are still to come */
};

static bool by_value(const struct ic_mlspub_change_item *x)
{
    return x->ref.len == 0;
}

static bool is_update_of(const struct ic_mlspub_change_item *x, uint32_t leaf)
{
    return x->proposal->type == IC_MLS_UPDATE && x->sender.index == leaf;
}

static bool same_client(const struct ic_mlspub_proposal *a, const struct ic_mlspub_proposal *b)
{
    return ic_view_equal(a->add.leaf.signature_key, b->add.leaf.signature_key) ||
           ic_view_equal(a->add.leaf.encryption_key, b->add.leaf.encryption_key);
}

/* x, which comes from the pending ones, has to give way to y. */
static bool yields(const struct ic_mlspub_change_item *x, const struct ic_mlspub_change_item *y,
                   bool y_later)
{
    const struct ic_mlspub_proposal *p = x->proposal, *q = y->proposal;
    bool y_first = !y_later || by_value(y);
    switch (p->type) {
    case IC_MLS_UPDATE:
        return takes_out(y, x->sender.index) || (y_later && is_update_of(y, x->sender.index));
    case IC_MLS_REMOVE:
        return takes_out(y, p->remove) && (y_first || q->type == IC_MLS_SELF_REMOVE);
    case IC_MLS_SELF_REMOVE:
        return y_first && q->type == IC_MLS_SELF_REMOVE && takes_out(y, x->sender.index);
    case IC_MLS_ADD:
        return y_first && q->type == IC_MLS_ADD && same_client(p, q);
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        return y_first && q->type == IC_MLS_GROUP_CONTEXT_EXTENSIONS;
    case IC_MLS_PSK:
        return y_first && q->type == IC_MLS_PSK && ic_view_equal(p->encoded, q->encoded);
    case IC_MLS_REINIT:
        return true;
    default:
        return false;
    }
}

static bool gives_way(const struct prune *z, size_t at)
{
    const struct ic_mlspub_change_item *items = z->list->items, *x = &items[at];
    for (size_t i = 0; i < z->kept; i++)
        if (yields(x, &items[i], false) || (items[i].proposal->type == IC_MLS_REINIT))
            return true;
    for (size_t i = at + 1; i < z->list->count; i++)
        if (yields(x, &items[i], true) ||
            (by_value(&items[i]) && items[i].proposal->type == IC_MLS_REINIT))
            return true;
    return false;
}

/* The list takes the leaf's keys out of the tree: by an Update or a Remove. */
static bool drops_keys_of(const struct prune *z, uint32_t leaf)
{
    for (size_t i = 0; i < z->list->count; i++)
        if (takes_out(&z->list->items[i], leaf) || is_update_of(&z->list->items[i], leaf))
            return true;
    return false;
}

/* The leaf that has a key of the Add, unless the list removes it. */
static bool add_collides(const struct prune *z, const struct ic_mlspub_proposal *p)
{
    uint32_t leaf = ic_mlspub_tree_find_signer(z->t, p->add.leaf.signature_key);
    uint32_t node = ic_mlspub_tree_find_key(z->t, p->add.leaf.encryption_key);
    if (node != IC_MLSPUB_NO_LEAF && node != ic_mlspub_node_of_leaf(leaf))
        return true;
    if (leaf == IC_MLSPUB_NO_LEAF)
        return false;
    for (size_t i = 0; i < z->list->count; i++)
        if (takes_out(&z->list->items[i], leaf))
            return false;
    return true;
}

/* A key of the Update is somebody else's, who keeps it. Its own former encryption key it may not have. */
static bool update_collides(const struct prune *z, const struct ic_mlspub_change_item *x)
{
    const struct ic_mlspub_leaf_node *l = &x->proposal->update;
    uint32_t leaf = ic_mlspub_tree_find_signer(z->t, l->signature_key);
    uint32_t node = ic_mlspub_tree_find_key(z->t, l->encryption_key);
    if (leaf != IC_MLSPUB_NO_LEAF && leaf != x->sender.index && !drops_keys_of(z, leaf))
        return true;
    if (node == IC_MLSPUB_NO_LEAF)
        return false;
    if (!ic_mlspub_node_is_leaf(node))
        return true;
    uint32_t holder = ic_mlspub_leaf_of_node(node);
    return holder == x->sender.index || !drops_keys_of(z, holder);
}

static bool breaks_rule(const struct prune *z, const struct ic_mlspub_change_item *x)
{
    const struct ic_mlspub_proposal *p = x->proposal;
    uint32_t self = z->list->committer.index;
    switch (p->type) {
    case IC_MLS_UPDATE:
        if (x->sender.index == self || update_collides(z, x))
            return true;
        break;
    case IC_MLS_REMOVE:
    case IC_MLS_SELF_REMOVE:
        if (takes_out(x, self))
            return true;
        break;
    case IC_MLS_ADD:
        if (add_collides(z, p))
            return true;
        break;
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        if (!ic_mlspub_rules_extensions_supported((struct source){z->t, NULL},
                                                  p->group_context_extensions))
            return true;
        break;
    default:
        break;
    }
    return !ic_mlspub_rules_default_proposal(p->type) &&
           !ic_mlspub_tree_all_support(z->t, IC_MLSPUB_PROPOSALS, p->type);
}

/* With the extensions that the commit will set, and without checking signatures twice. */
static bool invalid_now(const struct prune *z, const struct ic_mlspub_change_item *x,
                        struct ic_view extensions)
{
    struct leaf_check c = {.rules = z->rules, .extensions = extensions};
    if (!x->verified)
        return ic_mlspub_rules_proposal(z->rules, z->t, x->sender, x->proposal, NULL) != IC_OK;
    switch (x->proposal->type) {
    case IC_MLS_ADD:
        c.source = IC_MLS_LEAF_KEY_PACKAGE;
        return ic_mlspub_rules_key_package(&c, &x->proposal->add) != IC_OK;
    case IC_MLS_UPDATE:
        c.source = IC_MLS_LEAF_UPDATE;
        return ic_mlspub_rules_leaf(&c, &x->proposal->update) != IC_OK;
    default:
        return ic_mlspub_rules_proposal(z->rules, z->t, x->sender, x->proposal, NULL) != IC_OK;
    }
}

static struct ic_view new_extensions(const struct ic_mlspub_rules *rules,
                                     const struct ic_mlspub_proposals *list)
{
    struct ic_view found = rules->context->extensions;
    bool have = false;
    for (size_t i = 0; i < list->count; i++) {
        const struct ic_mlspub_change_item *x = &list->items[i];
        if (x->proposal->type == IC_MLS_GROUP_CONTEXT_EXTENSIONS && (!have || by_value(x))) {
            found = x->proposal->group_context_extensions;
            have = true;
        }
    }
    return found;
}

/* Who took up a key of somebody whose proposal is left out is left out too. */
static bool drop_widowed(struct prune *z, struct ic_mlspub_proposals *list)
{
    size_t kept = 0, count = list->count;
    for (size_t i = 0; i < count; i++) {
        const struct ic_mlspub_change_item *x = &list->items[i];
        if (!by_value(x) && x->proposal->type == IC_MLS_UPDATE && update_collides(z, x))
            continue;
        list->items[kept++] = *x;
    }
    list->count = kept;
    return kept < count;
}

void ic_mlspub_proposals_prune(const struct ic_mlspub_rules *rules, const struct ic_mlspub_tree *t,
                               struct ic_mlspub_proposals *list)
{
    struct prune z = {rules, t, list, 0};
    struct ic_view extensions = new_extensions(rules, list);
    size_t count = list->count;
    for (size_t i = 0; i < count; i++) {
        struct ic_mlspub_change_item *x = &list->items[i];
        if (!by_value(x) &&
            (breaks_rule(&z, x) || invalid_now(&z, x, extensions) || gives_way(&z, i)))
            continue;
        list->items[z.kept++] = *x;
    }
    list->count = z.kept;
    while (drop_widowed(&z, list))
        ;
}

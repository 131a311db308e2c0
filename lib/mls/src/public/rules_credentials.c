/* Credentials: asked about last, when all else of a leaf stands. RFC 9420 section 5.3.1. */
#include "rules_internal.h"

static ic_err verdict_on(const struct ic_mlspub_rules *rules, const struct ic_mlspub_candidate *c)
{
    /* RFC9420-5.3.1-1 RFC9420-5.3.1-2 */
    if (rules->check_credential)
        return rules->check_credential(rules->ctx, c->leaf, c->former);
    return c->leaf->credential.type == IC_MLS_BASIC ? IC_OK : IC_ERR_DENIED;
}

static void ask(const struct ic_mlspub_rules *rules, const struct ic_mlspub_candidate *c, size_t n,
                ic_err *verdicts)
{
    for (size_t i = 0; i < n; i++)
        verdicts[i] = rules->check_credentials ? IC_ERR_DENIED : verdict_on(rules, &c[i]);
    if (rules->check_credentials && n > 0)
        rules->check_credentials(rules->ctx, c, n, verdicts);
}

ic_err ic_mlspub_credential_fault(struct ic_mlspub_fault *fault, ic_err verdict, uint32_t leaf)
{
    return ic_mlspub_fault_set(fault, verdict == IC_ERR_AGAIN ? IC_ERR_DENIED : verdict,
                               "RFC 9420 section 5.3.1: a credential is not accepted", leaf);
}

ic_err ic_mlspub_rules_credential(const struct ic_mlspub_rules *rules,
                                  const struct ic_mlspub_leaf_node *leaf,
                                  const struct ic_mlspub_leaf_node *former,
                                  struct ic_mlspub_fault *fault, uint32_t offender)
{
    const struct ic_mlspub_candidate c = {offender, leaf, former};
    ic_err verdict;
    ask(rules, &c, 1, &verdict);
    if (verdict == IC_OK || verdict == IC_ERR_AGAIN)
        return verdict;
    return ic_mlspub_credential_fault(fault, verdict, offender);
}

/* Asks about all, and keeps those whose verdict comes later; where none may, that refuses. */
static ic_err judge(const struct ic_mlspub_rules *rules, struct ic_mlspub_candidates *all,
                    bool later, struct ic_arena *a, struct ic_mlspub_fault *fault)
{
    size_t kept = 0;
    ic_err *verdicts = ic_arena_alloc(a, all->count, sizeof *verdicts);
    if (!verdicts)
        return IC_ERR_NOMEM;
    ask(rules, all->list, all->count, verdicts);
    for (size_t i = 0; i < all->count; i++) {
        if (verdicts[i] != IC_OK && !(later && verdicts[i] == IC_ERR_AGAIN))
            return ic_mlspub_credential_fault(fault, verdicts[i], all->list[i].index);
        if (verdicts[i] == IC_ERR_AGAIN)
            all->list[kept++] = all->list[i];
    }
    all->count = kept;
    return IC_OK;
}

/* ---- of a commit ---- */

struct gathering {
    const struct ic_mlspub_tree *t; /* before the commit */
    struct ic_arena *arena;
    struct ic_mlspub_candidates all;
};

/* former: the leaf of the old tree that gives way, or IC_MLSPUB_NO_LEAF. */
static ic_err gather(struct gathering *z, uint32_t index, const struct ic_mlspub_leaf_node *leaf,
                     uint32_t former)
{
    struct ic_mlspub_leaf_node *old = NULL;
    if (former != IC_MLSPUB_NO_LEAF) {
        old = ic_arena_alloc(z->arena, 1, sizeof *old);
        if (!old)
            return IC_ERR_NOMEM;
        IC_TRY(ic_mlspub_tree_leaf(z->t, former, old));
    }
    z->all.list[z->all.count++] = (struct ic_mlspub_candidate){index, leaf, old};
    return IC_OK;
}

static ic_err gather_items(struct gathering *z, const struct ic_mlspub_proposals *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct ic_mlspub_change_item *x = &list->items[i];
        if (x->judged)
            continue;
        if (x->proposal->type == IC_MLS_ADD)
            IC_TRY(gather(z, x->leaf, &x->proposal->add.leaf, IC_MLSPUB_NO_LEAF));
        else if (x->proposal->type == IC_MLS_UPDATE)
            IC_TRY(gather(z, x->leaf, &x->proposal->update, x->leaf));
    }
    return IC_OK;
}

ic_err ic_mlspub_commit_credentials(const struct ic_mlspub_rules *rules,
                                    const struct ic_mlspub_proposals *list,
                                    const struct ic_mlspub_outcome *outcome,
                                    const struct ic_mlspub_leaf_node *path_leaf, uint32_t committer,
                                    const struct ic_mlspub_tree *t, struct ic_arena *a,
                                    struct ic_mlspub_candidates *later,
                                    struct ic_mlspub_fault *fault)
{
    struct gathering z = {.t = t, .arena = a};
    z.all.list = ic_arena_alloc(a, list->count + 1, sizeof *z.all.list);
    if (!z.all.list)
        return IC_ERR_NOMEM;
    IC_TRY(gather_items(&z, list));
    if (path_leaf)
        IC_TRY(gather(&z, committer, path_leaf,
                      outcome->external ? outcome->removed_self : committer));
    IC_TRY(judge(rules, &z.all, later != NULL, a, fault));
    if (later)
        *later = z.all;
    return IC_OK;
}

/* ---- of a tree ---- */

static bool all_basic(const struct ic_mlspub_tree *t)
{
    const struct counts *c = &t->support.in_use;
    for (uint32_t i = 0; i < c->cap; i++)
        if (c->slots[i].key && c->slots[i].n > 0 && c->slots[i].key - 1 != IC_MLS_BASIC)
            return false;
    return true;
}

ic_err ic_mlspub_tree_credentials(const struct ic_mlspub_rules *rules,
                                  const struct ic_mlspub_tree *t, struct ic_arena *a,
                                  struct ic_mlspub_candidates *later, struct ic_mlspub_fault *fault)
{
    struct ic_mlspub_candidates all = {0};
    if (rules->check_credential || rules->check_credentials || !all_basic(t)) {
        struct ic_mlspub_leaf_node *leaves = ic_arena_alloc(a, t->members, sizeof *leaves);
        all.list = ic_arena_alloc(a, t->members, sizeof *all.list);
        if (!leaves || !all.list)
            return IC_ERR_NOMEM;
        for (uint32_t i = 0; (i = ic_mlspub_tree_next(t, i)) != IC_MLSPUB_NO_LEAF; i++) {
            IC_TRY(ic_mlspub_tree_leaf(t, i, leaves));
            all.list[all.count++] = (struct ic_mlspub_candidate){i, leaves++, NULL};
        }
        IC_TRY(judge(rules, &all, later != NULL, a, fault));
    }
    if (later)
        *later = all;
    return IC_OK;
}

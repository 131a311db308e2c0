/* Credentials whose verdict comes later: of a staged commit, and of a group that was joined. */
#include "state.h"

#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <stdlib.h>

static ic_err open_all(struct ic_mls_unjudged *u, const struct ic_mlspub_candidates *later,
                       uint32_t leaf_slots)
{
    if (later->count == 0)
        return IC_OK;
    u->open = ic_new_array((leaf_slots + 63u) / 64, uint64_t);
    if (!u->open)
        return IC_ERR_NOMEM;
    u->slots = leaf_slots;
    u->count = later->count;
    for (size_t i = 0; i < later->count; i++)
        u->open[later->list[i].index / 64] |= UINT64_C(1) << later->list[i].index % 64;
    return IC_OK;
}

void ic_mls_unjudged_clear(struct ic_mls_unjudged *u)
{
    ic_free(u->open);
    *u = (struct ic_mls_unjudged){0};
}

static bool is_open(const struct ic_mls_unjudged *u, uint32_t leaf)
{
    return leaf < u->slots && u->open[leaf / 64] >> leaf % 64 & 1;
}

static uint32_t next_open(const struct ic_mls_unjudged *u, uint32_t from)
{
    if (u->count == 0)
        return IC_MLSPUB_NO_LEAF;
    while (from < u->slots && !is_open(u, from))
        from++;
    return from < u->slots ? from : IC_MLSPUB_NO_LEAF;
}

static void close_one(struct ic_mls_unjudged *u, uint32_t leaf)
{
    u->open[leaf / 64] &= ~(UINT64_C(1) << leaf % 64);
    u->count--;
}

static ic_err judge(struct ic_mls_unjudged *u, uint32_t leaf, ic_err verdict)
{
    if (verdict == IC_ERR_AGAIN)
        return IC_ERR_ARG;
    if (!is_open(u, leaf))
        return IC_ERR_NOT_FOUND;
    close_one(u, leaf);
    if (verdict != IC_OK && u->refused == IC_OK) {
        u->refused = verdict;
        u->offender = leaf;
    }
    return IC_OK;
}

ic_err ic_mls_unjudged_state(const struct ic_mls_unjudged *u, struct ic_mlspub_fault *fault)
{
    if (u->refused != IC_OK)
        return ic_mlspub_credential_fault(fault, u->refused, u->offender);
    if (u->count > 0)
        return ic_mlspub_fault_set(fault, IC_ERR_STATE,
                                   "RFC 9420 section 5.3.1: a credential waits for its verdict",
                                   next_open(u, 0));
    return IC_OK;
}

/* ---- of a group ---- */

ic_err ic_mls_begin(struct ic_mls_group *g)
{
    g->fault = IC_MLSPUB_FAULT_NONE;
    g->now_s = ic_clock_now_s(&g->config.clock);
    return ic_mls_unjudged_state(&g->unjudged, &g->fault);
}

bool ic_mls_usable(const struct ic_mls_group *g)
{
    return !g->removed && g->unjudged.count == 0 && g->unjudged.refused == IC_OK;
}

ic_err ic_mls_group_ask(struct ic_mls_group *g)
{
    IC_ARENA_SCOPE(arena, SIZE_MAX);
    struct ic_mlspub_candidates later;
    struct ic_mlspub_rules rules = ic_mls_rules_of(&g->config, g->suite, &g->now.context, g->now_s);
    IC_TRY(ic_mlspub_tree_credentials(&rules, g->tree, &arena, &later, &g->fault));
    return open_all(&g->unjudged, &later, ic_mlspub_tree_size(g->tree));
}

void ic_mls_group_unask(struct ic_mls_group *g, uint32_t leaf)
{
    if (is_open(&g->unjudged, leaf))
        close_one(&g->unjudged, leaf);
}

uint32_t ic_mls_unjudged(const struct ic_mls_group *g, uint32_t from)
{
    return next_open(&g->unjudged, from);
}

ic_err ic_mls_judge(struct ic_mls_group *g, uint32_t leaf, ic_err verdict)
{
    return judge(&g->unjudged, leaf, verdict);
}

/* ---- of a staged commit ---- */

/* The tree that former leaves are read from may change while the verdict is awaited. */
static ic_err own_former(struct ic_mls_staged *s, struct ic_mlspub_candidate *c)
{
    struct ic_view bytes;
    if (!c->former)
        return IC_OK;
    struct ic_mlspub_leaf_node *copy = ic_arena_alloc(&s->arena, 1, sizeof *copy);
    if (!copy)
        return IC_ERR_NOMEM;
    IC_TRY(ic_arena_copy(&s->arena, c->former->encoded, &bytes));
    IC_TRY(ic_mlspub_leaf_node_decode(bytes, &s->arena, copy));
    c->former = copy;
    return IC_OK;
}

static int by_leaf(const void *a, const void *b)
{
    uint32_t x = ((const struct ic_mlspub_candidate *)a)->index,
             y = ((const struct ic_mlspub_candidate *)b)->index;
    return (x > y) - (x < y);
}

ic_err ic_mls_staged_ask(struct ic_mls_group *g, struct ic_mls_staged *s,
                         const struct ic_mlspub_rules *rules,
                         const struct ic_mlspub_outcome *outcome)
{
    IC_TRY(ic_mlspub_commit_credentials(rules, &s->proposals, outcome, s->own ? NULL : s->path_leaf,
                                        s->committer, g->tree, &s->arena, &s->later, &g->fault));
    for (size_t i = 0; i < s->later.count; i++)
        IC_TRY(own_former(s, &s->later.list[i]));
    qsort(s->later.list, s->later.count, sizeof *s->later.list, by_leaf);
    return open_all(&s->unjudged, &s->later, ic_mlspub_diff_size(s->diff));
}

const struct ic_mlspub_candidate *ic_mls_staged_unjudged(const struct ic_mls_staged *s,
                                                         uint32_t from)
{
    const struct ic_mlspub_candidate key = {.index = next_open(&s->unjudged, from)};
    if (key.index == IC_MLSPUB_NO_LEAF)
        return NULL;
    return bsearch(&key, s->later.list, s->later.count, sizeof key, by_leaf);
}

ic_err ic_mls_staged_judge(struct ic_mls_staged *s, uint32_t leaf, ic_err verdict)
{
    return judge(&s->unjudged, leaf, verdict);
}

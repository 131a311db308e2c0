/* A group that follows another one: RFC 9420 sections 11.2 (reinitialisation) and 11.3 (branching). */
#include "state.h"

#include <ic/base/map.h>
#include <ic/mlspub/codec.h>

/* The name by which a member is known again: the application's, or the credential. */
static ic_err name_of(const struct ic_mls_config *c, const struct ic_mlspub_tree *t, uint32_t leaf,
                      struct ic_buf *out)
{
    struct ic_mlspub_leaf_node l;
    IC_TRY(ic_mlspub_tree_leaf(t, leaf, &l));
    ic_buf_reset(out);
    if (c->name_client)
        return c->name_client(c->ctx, &l, out);
    struct ic_writer w = ic_writer(out);
    ic_mlspub_credential_write(&w, &l.credential);
    return ic_writer_end(&w);
}

static ic_err note_members(const struct ic_mls_config *c, struct ic_mlspub_tree *t,
                           struct ic_map *names)
{
    IC_BUF_SCOPE(name, SIZE_MAX);
    for (uint32_t leaf = ic_mlspub_tree_next(t, 0); leaf != IC_MLSPUB_NO_LEAF;
         leaf = ic_mlspub_tree_next(t, leaf + 1)) {
        IC_TRY(name_of(c, t, leaf, &name));
        IC_TRY(ic_map_set(names, ic_buf_view(&name), t, NULL));
    }
    return IC_OK;
}

/* The first member of t who is not among the names, or IC_MLSPUB_NO_LEAF. */
static ic_err find_missing(const struct ic_mls_config *c, const struct ic_mlspub_tree *t,
                           const struct ic_map *names, uint32_t *missing)
{
    IC_BUF_SCOPE(name, SIZE_MAX);
    uint32_t leaf = ic_mlspub_tree_next(t, 0);
    while (leaf != IC_MLSPUB_NO_LEAF) {
        IC_TRY(name_of(c, t, leaf, &name));
        if (!ic_map_get(names, ic_buf_view(&name)))
            break;
        leaf = ic_mlspub_tree_next(t, leaf + 1);
    }
    *missing = leaf;
    return IC_OK;
}

/* Every member of part is a member of whole. */
static ic_err check_members(struct ic_mls_group *g, const struct ic_mlspub_tree *part,
                            struct ic_mlspub_tree *whole)
{
    uint64_t seed[2];
    uint32_t missing = IC_MLSPUB_NO_LEAF;
    IC_TRY(ic_rand_fill(&g->config.rand, (uint8_t *)seed, sizeof seed));
    __attribute__((cleanup(ic_map_clear))) struct ic_map names;
    ic_map_init(&names, ic_mlspub_tree_members(whole), seed);
    IC_TRY(note_members(&g->config, whole, &names));
    IC_TRY(find_missing(&g->config, part, &names, &missing));
    if (missing != IC_MLSPUB_NO_LEAF)
        return ic_mls_refuse(
            g, IC_ERR_RULE,
            "RFC 9420 section 12.4.3.1: the members are not those of the former group", missing);
    return IC_OK;
}

static ic_err check_reinit(struct ic_mls_group *g, const struct ic_mls_group *former)
{
    struct ic_mls_reinit promised;
    struct ic_mlspub_proposal p;
    const struct ic_mlspub_group_context *c = &g->now.context;
    if (!ic_mls_reinit(former, &promised) ||
        ic_mlspub_proposal_decode(ic_buf_view(&former->reinit), NULL, &p) != IC_OK)
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "RFC 9420 section 12.4.3.1: no ReInit ended the former group",
                             IC_MLSPUB_NO_LEAF);
    /* RFC9420-11.2-1 RFC9420-12.4.2-3 */
    if (!ic_view_equal(c->group_id, promised.group_id) || c->suite != promised.suite ||
        c->version != p.reinit.version || !ic_view_equal(c->extensions, promised.extensions))
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "RFC 9420 section 11.2: the group is not what ReInit says",
                             IC_MLSPUB_NO_LEAF);
    return check_members(g, former->tree, g->tree);
}

static ic_err check_branch(struct ic_mls_group *g, const struct ic_mls_group *former)
{
    /* RFC9420-11.3-2 */
    if (g->suite != former->suite || g->now.context.version != former->now.context.version)
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "RFC 9420 section 11.3: a branch with another suite or version",
                             IC_MLSPUB_NO_LEAF);
    /* RFC9420-11.3-4 */
    return check_members(g, g->tree, former->tree);
}

ic_err ic_mls_follow_up_check(struct ic_mls_group *g, const struct ic_mlspub_psk_id *psk)
{
    /* RFC 9420 section 12.4.3.1: the epoch of the GroupInfo is 1. */
    /* RFC9420-11.2-2 RFC9420-11.3-3 */
    if (g->now.context.epoch != 1)
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "RFC 9420 section 12.4.3.1: a follow-up group past its epoch 1",
                             IC_MLSPUB_NO_LEAF);
    return psk->usage == IC_MLS_PSK_REINIT ? check_reinit(g, g->config.predecessor)
                                           : check_branch(g, g->config.predecessor);
}

bool ic_mls_reinit(const struct ic_mls_group *g, struct ic_mls_reinit *out)
{
    struct ic_mlspub_proposal p;
    if (g->reinit.len == 0 || ic_mlspub_proposal_decode(ic_buf_view(&g->reinit), NULL, &p) != IC_OK)
        return false;
    *out = (struct ic_mls_reinit){p.reinit.group_id, p.reinit.suite, p.reinit.extensions};
    return true;
}

ic_err ic_mls_staged_note_reinit(struct ic_mls_staged *s, const struct ic_mlspub_outcome *o)
{
    if (!o->reinit)
        return IC_OK;
    struct ic_writer w = ic_writer(&s->reinit);
    ic_mlspub_proposal_write(&w, o->reinit);
    return ic_writer_end(&w);
}

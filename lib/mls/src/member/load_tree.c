/* The tree that a GroupInfo speaks of, checked as one who joins must: RFC 9420 section 12.4.3.1. */
#include "state.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>

static ic_err tree_bytes(const struct ic_mlspub_group_info *info, struct ic_view given,
                         struct ic_view *out)
{
    *out = given;
    if (given.len > 0 || ic_mlspub_extensions_find(info->extensions, IC_MLS_EXT_RATCHET_TREE, out))
        return IC_OK;
    return IC_ERR_NOT_FOUND;
}

static ic_err check_signer(struct ic_mls_group *g, const struct ic_mlspub_group_info *info)
{
    struct ic_view key = {0};
    if (info->signer < ic_mlspub_tree_size(g->tree))
        key = ic_mlspub_tree_signature_key(g->tree, info->signer);
    /* RFC9420-12.4.3.1-r3 */
    if (key.len == 0)
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "RFC 9420 section 12.4.3.1: the GroupInfo's signer is blank",
                             info->signer);
    /* RFC9420-12.4.3-4 */
    ic_err e = ic_mlspub_group_info_verify(g->suite, info, key);
    return e == IC_ERR_SIGNATURE
               ? ic_mls_refuse(g, e, "RFC 9420 section 12.4.3.1: the GroupInfo's signature",
                               info->signer)
               : e;
}

ic_err ic_mls_group_load_tree(struct ic_mls_group *g, const struct ic_mlspub_group_info *info,
                              struct ic_view given)
{
    struct ic_view bytes;
    /* RFC9420-12.4.3.1-1 */
    if (tree_bytes(info, given, &bytes) != IC_OK)
        return ic_mls_refuse(g, IC_ERR_NOT_FOUND,
                             "RFC 9420 section 12.4.3.1: no ratchet tree was given",
                             IC_MLSPUB_NO_LEAF);
    IC_TRY(
        ic_mlspub_tree_decode(g->suite, bytes, g->config.limits.max_leaves, &g->fault, &g->tree));
    /* RFC 9420 section 12.4.3.3: the root hash MUST match before the tree is used. */
    /* RFC9420-12.4.3.3-4 */
    if (!ic_view_equal(ic_mlspub_tree_hash(g->tree), info->context.tree_hash))
        return ic_mls_refuse(g, IC_ERR_RULE, "RFC 9420 section 12.4.3.1: the tree has another hash",
                             IC_MLSPUB_NO_LEAF);
    IC_TRY(check_signer(g, info));
    IC_TRY(ic_mlspub_tree_validate(g->tree, info->context.group_id, g->config.exec, &g->fault));
    struct ic_mlspub_rules rules = ic_mls_rules_of(&g->config, g->suite, &info->context, g->now_s);
    return ic_mlspub_rules_tree(&rules, g->tree, &g->fault);
}

/* Proposals beyond RFC 9420's own: an application's, and the drafts'. */
#include "state.h"

#include <ic/mlspub/codec.h>

ic_err ic_mls_custom_check(struct ic_mls_group *g, uint16_t type)
{
    /* RFC 9420 section 13.5: GREASE values MUST NOT be sent as proposal types. */
    if (type <= IC_MLS_GROUP_CONTEXT_EXTENSIONS || type == IC_MLS_SELF_REMOVE ||
        ic_mlspub_is_grease(type))
        return IC_ERR_ARG;
    if (!ic_mlspub_tree_all_support(g->tree, IC_MLSPUB_PROPOSALS, type))
        return ic_mls_refuse(
            g, IC_ERR_RULE, "RFC 9420 section 12.2: a proposal type that a member does not support",
            IC_MLSPUB_NO_LEAF);
    return IC_OK;
}

ic_err ic_mls_propose_custom(struct ic_mls_group *g, uint16_t type, struct ic_view data,
                             struct ic_view authenticated_data, struct ic_buf *out)
{
    const struct ic_mlspub_proposal p = {.type = type, .unknown = data};
    IC_TRY(ic_mls_begin(g));
    IC_TRY(ic_mls_custom_check(g, type));
    return ic_mls_propose(g, &p, authenticated_data, out);
}

static bool leaving_already(const struct ic_mls_group *g)
{
    for (size_t i = 0; i < ic_mlspub_pending_count(g->pending); i++) {
        const struct ic_mlspub_change_item *x = ic_mlspub_pending_at(g->pending, i);
        if (x->proposal->type == IC_MLS_SELF_REMOVE && x->sender.index == g->own_leaf)
            return true;
    }
    return false;
}

ic_err ic_mls_propose_self_remove(struct ic_mls_group *g, struct ic_view authenticated_data,
                                  struct ic_buf *out)
{
    const struct ic_mlspub_proposal p = {.type = IC_MLS_SELF_REMOVE};
    IC_TRY(ic_mls_begin(g));
    if (!g->config.drafts.self_remove)
        return ic_mls_refuse(g, IC_ERR_UNSUPPORTED,
                             "draft-ietf-mls-extensions: SelfRemove is switched off here",
                             IC_MLSPUB_NO_LEAF);
    if (!ic_mlspub_tree_all_support(g->tree, IC_MLSPUB_PROPOSALS, IC_MLS_SELF_REMOVE))
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "draft-ietf-mls-extensions: a member does not support SelfRemove",
                             IC_MLSPUB_NO_LEAF);
    if (leaving_already(g))
        return ic_mls_refuse(g, IC_ERR_STATE,
                             "draft-ietf-mls-extensions: more than one SelfRemove in an epoch",
                             g->own_leaf);
    return ic_mls_propose(g, &p, authenticated_data, out);
}

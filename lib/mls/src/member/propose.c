#include "state.h"

#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <string.h>

/* As who receives it will; our own new leaf we need not doubt. *judged: its credential was accepted. */
static ic_err check(struct ic_mls_group *g, struct ic_mlspub_sender us,
                    const struct ic_mlspub_proposal *p, bool *judged)
{
    struct ic_mlspub_rules rules = ic_mls_rules_of(&g->config, g->suite, &g->now.context, g->now_s);
    rules.clock_skew_s /= 2; /* <ic/mlspub/rules.h>: so that those who receive it agree */
    ic_err e = p->type == IC_MLS_UPDATE
                   ? IC_ERR_AGAIN
                   : ic_mlspub_proposal_check(&rules, g->tree, us, p, &g->fault);
    *judged = e == IC_OK;
    return e == IC_ERR_AGAIN ? IC_OK : e;
}

ic_err ic_mls_propose(struct ic_mls_group *g, const struct ic_mlspub_proposal *p,
                      struct ic_view authenticated_data, struct ic_buf *out)
{
    uint8_t signature[IC_SIG_MAX];
    struct ic_mlspub_authenticated_content a;
    struct ic_mlspub_pending_entry *entry;
    bool judged = false;
    IC_BUF_SCOPE(body, SIZE_MAX);
    IC_BUF_SCOPE(content, SIZE_MAX);
    if (g->removed || g->reinit.len > 0)
        return ic_mls_refuse(g, IC_ERR_STATE, "RFC 9420 section 12.4.2: this group has ended",
                             IC_MLSPUB_NO_LEAF);
    const struct ic_mlspub_sender us = {IC_MLS_SENDER_MEMBER, g->own_leaf};
    struct ic_writer w = ic_writer(&body);
    ic_mlspub_proposal_write(&w, p);
    IC_TRY(ic_writer_end(&w));
    IC_TRY(check(g, us, p, &judged));
    IC_TRY(ic_mls_content_make(g, IC_MLS_PROPOSAL, us, authenticated_data, ic_buf_view(&body),
                               g->now.signer, &content, signature, &a));
    a.content.proposal = *p;
    a.content.proposal.encoded = ic_buf_view(&body);
    IC_TRY(ic_mlspub_pending_prepare(g->pending, &a, p->type != IC_MLS_UPDATE, judged, &entry));
    ic_err e = ic_mls_content_protect(g, &a, ic_buf_view(&body), out);
    if (e != IC_OK) {
        ic_mlspub_pending_drop(g->pending, entry);
        return e;
    }
    ic_mlspub_pending_put(g->pending, entry);
    ic_mls_changes_note_proposal(g);
    return IC_OK;
}

ic_err ic_mls_propose_add(struct ic_mls_group *g, struct ic_view key_package,
                          struct ic_view authenticated_data, struct ic_buf *out)
{
    struct ic_mlspub_message m;
    IC_TRY(ic_mls_begin(g));
    IC_TRY(ic_mlspub_message_decode(key_package, NULL, &m));
    if (m.wire_format != IC_MLS_KEY_PACKAGE)
        return IC_ERR_MALFORMED;
    const struct ic_mlspub_proposal p = {.type = IC_MLS_ADD, .add = m.key_package};
    return ic_mls_propose(g, &p, authenticated_data, out);
}

ic_err ic_mls_propose_remove(struct ic_mls_group *g, uint32_t leaf,
                             struct ic_view authenticated_data, struct ic_buf *out)
{
    const struct ic_mlspub_proposal p = {.type = IC_MLS_REMOVE, .remove = leaf};
    IC_TRY(ic_mls_begin(g));
    if (leaf >= ic_mlspub_tree_size(g->tree) || ic_mlspub_tree_leaf_bytes(g->tree, leaf).len == 0)
        return ic_mls_refuse(g, IC_ERR_RULE, "RFC 9420 section 12.1.3: a Remove of a blank leaf",
                             leaf);
    return ic_mls_propose(g, &p, authenticated_data, out);
}

ic_err ic_mls_propose_extensions(struct ic_mls_group *g, struct ic_view extensions,
                                 struct ic_view authenticated_data, struct ic_buf *out)
{
    const struct ic_mlspub_proposal p = {.type = IC_MLS_GROUP_CONTEXT_EXTENSIONS,
                                         .group_context_extensions = extensions};
    IC_TRY(ic_mls_begin(g));
    IC_TRY(ic_mlspub_extensions_check(extensions));
    return ic_mls_propose(g, &p, authenticated_data, out);
}

ic_err ic_mls_propose_reinit(struct ic_mls_group *g, const struct ic_mls_reinit *r,
                             struct ic_view authenticated_data, struct ic_buf *out)
{
    const struct ic_mlspub_proposal p = {.type = IC_MLS_REINIT,
                                         .reinit = {.group_id = r->group_id,
                                                    .version = IC_MLS_VERSION_1,
                                                    .suite = r->suite,
                                                    .extensions = r->extensions}};
    IC_TRY(ic_mls_begin(g));
    IC_TRY(ic_mlspub_extensions_check(r->extensions));
    return ic_mls_propose(g, &p, authenticated_data, out);
}

static ic_err propose_leaf(struct ic_mls_group *g, const struct ic_mls_identity *id,
                           const struct ic_mls_own_update *u, struct ic_view authenticated_data,
                           struct ic_buf *out)
{
    struct ic_mlspub_leaf_node former;
    struct ic_mlspub_proposal p = {.type = IC_MLS_UPDATE};
    IC_BUF_SCOPE(bytes, SIZE_MAX);
    IC_TRY(ic_mlspub_tree_leaf(g->tree, g->own_leaf, &former));
    const struct ic_mls_leaf_spec spec = {.config = &g->config,
                                          .identity = id,
                                          .former = &former,
                                          .signer = u->signer,
                                          .encryption_key = ic_view(u->public_key, u->public_len),
                                          .source = IC_MLS_LEAF_UPDATE,
                                          .group_id = g->now.context.group_id,
                                          .leaf = g->own_leaf};
    IC_TRY(ic_mls_leaf_build(&spec, &bytes));
    IC_TRY(ic_mlspub_leaf_node_decode(ic_buf_view(&bytes), NULL, &p.update));
    return ic_mls_propose(g, &p, authenticated_data, out);
}

ic_err ic_mls_propose_update(struct ic_mls_group *g, const struct ic_mls_identity *id,
                             struct ic_view authenticated_data, struct ic_buf *out)
{
    struct ic_kem_pair pair = {0};
    IC_TRY(ic_mls_begin(g));
    if (id && id->suite != g->suite)
        return IC_ERR_ARG;
    struct ic_mls_own_update *u = ic_new(struct ic_mls_own_update);
    if (!u)
        return IC_ERR_NOMEM;
    ic_err e = ic_kem_generate_pair(g->suite->kem, &g->config.rand, &pair);
    u->key = pair.private_key;
    u->public_len = pair.public_len;
    memcpy(u->public_key, pair.public_key, pair.public_len);
    u->signer = id ? id->signer : g->now.signer;
    ic_kem_pair_clear(&pair);
    if (e == IC_OK)
        e = propose_leaf(g, id, u, authenticated_data, out);
    if (e != IC_OK) {
        ic_mls_own_updates_free(u);
        return e;
    }
    u->next = g->own_updates;
    g->own_updates = u;
    ic_mls_changes_note(g->changes, IC_MLS_RECORD_UPDATE, 0, g->own_update_count++);
    return IC_OK;
}

void ic_mls_clear_pending(struct ic_mls_group *g)
{
    for (size_t i = 0; i < ic_mlspub_pending_count(g->pending); i++)
        ic_mls_changes_note(g->changes, IC_MLS_RECORD_PROPOSAL, 0, i);
    for (size_t i = 0; i < g->own_update_count; i++)
        ic_mls_changes_note(g->changes, IC_MLS_RECORD_UPDATE, 0, i);
    ic_mlspub_pending_clear(g->pending);
    ic_mls_own_updates_free(g->own_updates);
    g->own_updates = NULL;
    g->own_update_count = 0;
}

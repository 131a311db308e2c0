/* Joining by an external commit, RFC 9420 section 12.4.3.2. */
#include "state.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <string.h>

static ic_err external_pub_of(struct ic_mls_group *g, const struct ic_mlspub_group_info *info,
                              struct ic_view *out)
{
    struct ic_view data;
    if (!ic_mlspub_extensions_find(info->extensions, IC_MLS_EXT_EXTERNAL_PUB, &data))
        return ic_mls_refuse(g, IC_ERR_NOT_FOUND,
                             "RFC 9420 section 12.4.3.2: the GroupInfo has no external_pub",
                             IC_MLSPUB_NO_LEAF);
    struct ic_reader r = ic_reader(data);
    *out = ic_read_vec(&r, IC_KEM_PUBLIC_MAX);
    return ic_reader_end(&r);
}

/* The group as an outsider sees it: tree, context and transcript, and no secret. */
static ic_err stand_outside(struct ic_mls_group *g, const struct ic_mlspub_group_info *info,
                            struct ic_view tree)
{
    if (info->context.suite != g->suite->id || info->context.version != IC_MLS_VERSION_1)
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "RFC 9420 section 12.4.3.2: the group has another suite",
                             IC_MLSPUB_NO_LEAF);
    IC_TRY(ic_mls_group_load_tree(g, info, tree));
    IC_TRY(ic_mls_moment_set_context(&g->now, &info->context));
    ic_mlspub_interim_hash(g->suite, info->context.confirmed_transcript_hash,
                           info->confirmation_tag, g->now.interim);
    g->now.interim_len = g->suite->hash_len;
    g->own_leaf = IC_MLSPUB_NO_LEAF;
    return ic_mls_group_ask(g);
}

static bool is_self_remove(const struct ic_mls_group *g, const struct ic_mlspub_message *m)
{
    const struct ic_mlspub_content *c = &m->public_message.auth.content;
    return m->wire_format == IC_MLS_PUBLIC_MESSAGE && c->type == IC_MLS_PROPOSAL &&
           c->proposal.type == IC_MLS_SELF_REMOVE && c->sender.type == IC_MLS_SENDER_MEMBER &&
           ic_view_equal(c->group_id, g->now.context.group_id) && c->epoch == g->now.context.epoch;
}

/* draft-ietf-mls-extensions: checked as a member would, but for the membership tag. */
static ic_err take_self_remove(struct ic_mls_group *g, struct ic_view message)
{
    struct ic_view key;
    struct ic_mlspub_message m;
    struct ic_mlspub_pending_entry *entry;
    IC_ARENA_SCOPE(arena, 1u << 20);
    IC_TRY(ic_mlspub_message_decode(message, &arena, &m));
    const struct ic_mlspub_authenticated_content *a = &m.public_message.auth;
    if (!is_self_remove(g, &m))
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "draft-ietf-mls-extensions: not a SelfRemove of the group's epoch",
                             IC_MLSPUB_NO_LEAF);
    const struct ic_mlspub_rules rules =
        ic_mls_rules_of(&g->config, g->suite, &g->now.context, g->now_s);
    IC_TRY(ic_mlspub_content_signer(g->tree, &g->now.context, &a->content, &g->fault, &key));
    ic_err e = ic_mlspub_content_verify(g->suite, key, a, &g->now.context);
    if (e != IC_OK)
        return ic_mls_refuse(g, e, "RFC 9420 section 6.1: the signature does not verify",
                             a->content.sender.index);
    IC_TRY(ic_mlspub_proposal_check(&rules, g->tree, a->content.sender, &a->content.proposal,
                                    &g->fault));
    IC_TRY(ic_mlspub_pending_prepare(g->pending, a, true, true, &entry));
    (void)ic_mlspub_pending_put(g->pending, entry);
    return IC_OK;
}

static ic_err enter(struct ic_mls_group *g, const struct ic_mls_identity *id,
                    const struct ic_mls_external_join *j, bool want_group_info,
                    struct ic_mls_staged **out)
{
    struct ic_mlspub_message m;
    struct ic_view external_pub = {0};
    IC_ARENA_SCOPE(arena, (size_t)g->config.limits.max_message * 4);
    if (j->group_info.len > g->config.limits.max_message)
        return IC_ERR_LIMIT;
    IC_TRY(ic_mlspub_message_decode(j->group_info, &arena, &m));
    if (m.wire_format != IC_MLS_GROUP_INFO)
        return IC_ERR_MALFORMED;
    IC_TRY(stand_outside(g, &m.group_info, j->tree));
    IC_TRY(external_pub_of(g, &m.group_info, &external_pub));
    for (size_t i = 0; i < j->self_remove_count; i++)
        IC_TRY(take_self_remove(g, j->self_removes[i]));
    return ic_mls_commit_external(g, id, j, external_pub, want_group_info, out);
}

static ic_err deliver(const struct ic_mls_staged *s, struct ic_buf *commit,
                      struct ic_buf *group_info)
{
    size_t start = commit->len;
    IC_TRY(ic_buf_append(commit, ic_mls_staged_commit(s)));
    ic_err e = group_info ? ic_buf_append(group_info, ic_mls_staged_group_info(s)) : IC_OK;
    if (e != IC_OK)
        commit->len = start;
    return e;
}

ic_err ic_mls_group_join_external(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                                  const struct ic_mls_external_join *j, struct ic_mls_group **out,
                                  struct ic_buf *commit_out, struct ic_buf *group_info_out)
{
    struct ic_mls_group *g;
    struct ic_mls_staged *s = NULL;
    IC_TRY(ic_mls_group_alloc(c, id, &g));
    g->config.predecessor = NULL;
    ic_err e = enter(g, id, j, group_info_out != NULL, &s);
    if (e == IC_OK)
        e = deliver(s, commit_out, group_info_out);
    if (e == IC_OK)
        e = ic_mls_merge(g, s);
    else
        ic_mls_discard(s);
    if (e == IC_OK && j->replaces)
        ic_mls_group_unask(g, *j->replaces);
    if (e != IC_OK) {
        if (c->fault)
            *c->fault = g->fault;
        ic_mls_group_free(g);
        return e;
    }
    *out = g;
    return IC_OK;
}

/* Making a commit, RFC 9420 section 12.4.1, of a member and of one who joins by it. */
#include "commit.h"

#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <string.h>

static void work_clear(struct ic_mls_commit_work *w)
{
    ic_wipe(w, sizeof *w);
}

/* ---- the path ---- */

static ic_err leaf_spec(struct ic_mls_commit_work *w, struct ic_view parent_hash,
                        struct ic_mlspub_leaf_node *former, struct ic_mls_leaf_spec *out)
{
    struct ic_mls_staged *s = w->s;
    if (!w->identity)
        IC_TRY(ic_mlspub_diff_leaf(s->diff, s->committer, former));
    *out = (struct ic_mls_leaf_spec){.config = &w->g->config,
                                     .identity = w->identity,
                                     .former = former,
                                     .signer = s->next.signer,
                                     .encryption_key =
                                         ic_view(w->path.leaf.public_key, w->path.leaf.public_len),
                                     .source = IC_MLS_LEAF_COMMIT,
                                     .parent_hash = parent_hash,
                                     .group_id = w->g->now.context.group_id,
                                     .leaf = s->committer};
    return IC_OK;
}

/* RFC 9420 section 7.5, step 4 */
static ic_err place_leaf(struct ic_mls_commit_work *w, struct ic_view parent_hash)
{
    struct ic_mls_staged *s = w->s;
    struct ic_mls_leaf_spec spec;
    struct ic_mlspub_leaf_node former;
    struct ic_mlspub_leaf_node *leaf = ic_arena_alloc(&s->arena, 1, sizeof *leaf);
    if (!leaf)
        return IC_ERR_NOMEM;
    IC_TRY(leaf_spec(w, parent_hash, &former, &spec));
    IC_TRY(ic_mls_leaf_build(&spec, &s->path_leaf_bytes));
    IC_TRY(ic_mlspub_leaf_node_decode(ic_buf_view(&s->path_leaf_bytes), &s->arena, leaf));
    s->path_leaf = leaf;
    return ic_mlspub_diff_set_leaf(s->diff, s->committer, leaf);
}

/* The slot must be ours before the path is known, and the leaf needs the path: so an unsigned one keeps
 * it until place_leaf. */
static ic_err take_external_slot(struct ic_mls_commit_work *w)
{
    struct ic_mls_leaf_spec spec;
    struct ic_mlspub_leaf_node leaf, former;
    IC_BUF_SCOPE(bytes, SIZE_MAX);
    IC_TRY(leaf_spec(w, ic_view(NULL, 0), &former, &spec));
    IC_TRY(ic_mls_leaf_draft(&spec, &bytes));
    IC_TRY(ic_mlspub_leaf_node_decode(ic_buf_view(&bytes), NULL, &leaf));
    return ic_mlspub_diff_add_external(w->s->diff, &leaf, &w->s->committer);
}

/* RFC 9420 section 7.5, steps 1 to 3: the new keys go into the diff. */
static ic_err place_path(struct ic_mls_commit_work *w)
{
    const struct ic_suite *suite = w->g->suite;
    struct ic_view keys[IC_MLSPUB_DEPTH_MAX];
    uint8_t parent_hash[IC_HASH_MAX];
    size_t parent_hash_len;
    IC_TRY(ic_kem_generate_pair(suite->kem, &w->g->config.rand, &w->path.leaf));
    if (w->external)
        IC_TRY(take_external_slot(w));
    IC_TRY(ic_mls_new_path_draw(suite, w->s->diff, w->s->committer, &w->g->config.rand, &w->path));
    for (size_t i = 0; i < w->path.count; i++)
        keys[i] = ic_view(w->path.pairs[i].public_key, w->path.pairs[i].public_len);
    IC_TRY(ic_mlspub_diff_set_path(w->s->diff, w->s->committer, keys, w->path.count, parent_hash,
                                   &parent_hash_len));
    w->commit_secret = w->path.commit_secret;
    return place_leaf(w, ic_view(parent_hash, parent_hash_len));
}

static ic_err next_keys(struct ic_mls_commit_work *w)
{
    struct ic_mls_path_keys *next = &w->s->next.keys;
    uint32_t slots = ic_mlspub_diff_size(w->s->diff);
    if (!w->has_path) {
        IC_TRY(ic_mls_path_keys_init(next, &w->g->now.keys.leaf, slots));
        ic_mls_path_keys_keep(next, &w->g->now.keys, w->g->tree, w->s->diff, IC_MLSPUB_NO_LEAF);
        return IC_OK;
    }
    IC_TRY(ic_mls_path_keys_init(next, &w->path.leaf.private_key, slots));
    for (size_t i = 0; i < w->path.count; i++)
        ic_mls_path_keys_push(next, w->path.nodes[i], &w->path.pairs[i].private_key);
    return IC_OK;
}

/* ---- the message ---- */

static void write_proposals(const struct ic_mlspub_proposals *list, struct ic_writer *out)
{
    size_t mark = ic_write_open(out);
    for (size_t i = 0; i < list->count; i++) {
        const struct ic_mlspub_change_item *item = &list->items[i];
        const struct ic_mlspub_proposal_or_ref p = {.is_ref = item->ref.len > 0, .ref = item->ref};
        if (p.is_ref) {
            ic_mlspub_proposal_or_ref_write(out, &p);
        } else {
            ic_write_u8(out, 1);
            ic_mlspub_proposal_write(out, item->proposal);
        }
    }
    ic_write_close(out, mark);
}

static ic_err write_commit(struct ic_mls_commit_work *w, struct ic_buf *body)
{
    struct ic_writer out = ic_writer(body);
    write_proposals(&w->s->proposals, &out);
    ic_write_u8(&out, w->has_path);
    if (w->has_path) {
        IC_BUF_SCOPE(context, SIZE_MAX);
        IC_TRY(ic_mls_provisional_context(w->g, w->s->diff, w->outcome.extensions, &context));
        ic_write_bytes(&out, ic_buf_view(&w->s->path_leaf_bytes));
        IC_TRY(ic_mls_new_path_write(w->g->suite, w->s->diff, &w->path, ic_buf_view(&context),
                                     &w->g->config.rand, w->g->config.exec, &out));
    }
    return ic_writer_end(&out);
}

static ic_err make_welcome(struct ic_mls_commit_work *w, const struct ic_secret *joiner,
                           const struct ic_secret *member)
{
    IC_BUF_SCOPE(tree, SIZE_MAX);
    if (!w->p->welcome_without_tree)
        IC_TRY(ic_mlspub_diff_encode(w->s->diff, &tree));
    const struct ic_mls_group_info_spec info = {.suite = w->g->suite,
                                                .moment = &w->s->next,
                                                .signer = w->s->committer,
                                                .tree = ic_buf_view(&tree),
                                                .extensions = w->p->group_info_extensions,
                                                .grease = ic_mls_grease_of(&w->g->config)};
    const struct ic_mls_welcome_spec spec = {.suite = w->g->suite,
                                             .info = &info,
                                             .joiner = joiner,
                                             .member = member,
                                             .path = w->has_path ? &w->path : NULL,
                                             .outcome = &w->outcome,
                                             .proposals = &w->s->proposals,
                                             .rand = &w->g->config.rand,
                                             .exec = w->g->config.exec};
    return ic_mls_welcome_build(&spec, w->s);
}

static ic_err make_group_info(struct ic_mls_commit_work *w)
{
    const struct ic_mls_group_info_spec spec = {.suite = w->g->suite,
                                                .moment = &w->s->next,
                                                .signer = w->s->committer,
                                                .external_pub = true,
                                                .extensions = w->p->group_info_extensions,
                                                .grease = ic_mls_grease_of(&w->g->config)};
    struct ic_writer out = ic_writer(&w->s->group_info);
    ic_write_u16(&out, IC_MLS_VERSION_1);
    ic_write_u16(&out, IC_MLS_GROUP_INFO);
    IC_TRY(ic_writer_end(&out));
    return ic_mls_group_info_build(&spec, &w->s->group_info);
}

/* Signs with the old epoch's context, opens the new epoch, protects with the old epoch's keys. */
static ic_err make_messages(struct ic_mls_commit_work *w)
{
    struct ic_mls_group *g = w->g;
    struct ic_mls_staged *s = w->s;
    uint8_t signature[IC_SIG_MAX];
    struct ic_mlspub_authenticated_content a;
    IC_SECRET_SCOPE(joiner);
    IC_SECRET_SCOPE(member);
    IC_BUF_SCOPE(body, SIZE_MAX);
    IC_TRY(write_commit(w, &body));
    const struct ic_sign_key *signer = w->external ? s->next.signer : g->now.signer;
    IC_TRY(ic_mls_content_make(g, IC_MLS_COMMIT, s->sender, s->authenticated_data,
                               ic_buf_view(&body), signer, &s->content, signature, &a));
    IC_TRY(ic_mls_staged_open_epoch(g, s, &a, w->outcome.extensions, &w->init, &w->commit_secret,
                                    &w->psk_secret, &joiner, &member));
    a.confirmation_tag = ic_view(s->next.tag, g->suite->hash_len);
    IC_TRY(ic_mls_content_protect(g, &a, ic_buf_view(&body), &s->commit));
    if (w->outcome.added_count > 0)
        IC_TRY(make_welcome(w, &joiner, &member));
    return w->p->want_group_info ? make_group_info(w) : IC_OK;
}

static ic_err stage(struct ic_mls_commit_work *w)
{
    struct ic_mls_group *g = w->g;
    struct ic_mls_staged *s = w->s;
    IC_TRY(ic_arena_copy(&s->arena, w->p->authenticated_data, &s->authenticated_data));
    IC_TRY(ic_mlspub_diff_new(g->tree, &s->diff));
    IC_TRY(ic_mlspub_proposals_apply(&w->rules, &s->proposals, s->diff, &s->arena, &w->outcome,
                                     &g->fault));
    IC_TRY(ic_mls_staged_note_reinit(s, &w->outcome));
    s->next.signer = w->identity ? w->identity->signer : g->now.signer;
    /* RFC 9420 section 12.4: by default a path; without one only where all proposals allow it. */
    /* RFC9420-12.4-3 RFC9420-12.4.1-1 */
    w->has_path =
        w->outcome.path_required || s->proposals.count == 0 || w->p->force_path || w->identity;
    ic_mls_zero_secret(g->suite, &w->commit_secret);
    if (w->has_path)
        IC_TRY(place_path(w));
    IC_TRY(ic_mlspub_rules_finish(&w->rules, &w->outcome, s->diff, &g->fault));
    IC_TRY(ic_mls_staged_ask(g, s, &w->rules, &w->outcome));
    IC_TRY(ic_mlspub_diff_seal(s->diff));
    IC_TRY(next_keys(w));
    IC_TRY(ic_mls_psk_secret(g, w->outcome.psks, w->outcome.psk_count, &w->psk_secret));
    IC_TRY(ic_mls_past_prepare(g, s, &s->past));
    return make_messages(w);
}

static ic_err work_new(struct ic_mls_group *g, const struct ic_mls_commit_params *p,
                       struct ic_mlspub_sender sender, struct ic_mls_commit_work *w)
{
    *w = (struct ic_mls_commit_work){.g = g, .p = p, .identity = p->identity};
    w->s = ic_mls_staged_new(g);
    if (!w->s)
        return IC_ERR_NOMEM;
    w->rules = ic_mls_rules_of(&g->config, g->suite, &g->now.context, g->now_s);
    w->rules.clock_skew_s /= 2; /* <ic/mlspub/rules.h>: so that those who receive it agree */
    w->s->own = true;
    w->s->sender = sender;
    w->s->proposals.committer = sender;
    w->s->committer = g->own_leaf;
    return IC_OK;
}

/* RFC9420-14-3 */
ic_err ic_mls_commit_create(struct ic_mls_group *g, const struct ic_mls_commit_params *p,
                            struct ic_mls_staged **out)
{
    __attribute__((cleanup(work_clear))) struct ic_mls_commit_work w;
    w = (struct ic_mls_commit_work){0};
    IC_TRY(ic_mls_begin(g));
    /* RFC9420-12.4.2-2 */
    if (g->removed || g->reinit.len > 0)
        return ic_mls_refuse(g, IC_ERR_STATE, "RFC 9420 section 12.4.2: this group has ended",
                             IC_MLSPUB_NO_LEAF);
    const struct ic_mlspub_sender us = {IC_MLS_SENDER_MEMBER, g->own_leaf};
    IC_TRY(work_new(g, p, us, &w));
    w.init = g->now.secrets.init;
    ic_err e =
        p->identity && p->identity->suite != g->suite ? IC_ERR_ARG : ic_mls_commit_gather(&w);
    if (e == IC_OK)
        e = stage(&w);
    if (e != IC_OK) {
        ic_mls_discard(w.s);
        return e;
    }
    *out = w.s;
    return IC_OK;
}

ic_err ic_mls_commit_external(struct ic_mls_group *g, const struct ic_mls_identity *id,
                              const struct ic_mls_external_join *j, struct ic_view external_pub,
                              bool want_group_info, struct ic_mls_staged **out)
{
    __attribute__((cleanup(work_clear))) struct ic_mls_commit_work w;
    const struct ic_mls_commit_params p = {.identity = id,
                                           .authenticated_data = j->authenticated_data,
                                           .want_group_info = want_group_info};
    const struct ic_mlspub_sender us = {.type = IC_MLS_SENDER_NEW_MEMBER_COMMIT};
    IC_TRY(work_new(g, &p, us, &w));
    w.external = true;
    ic_err e = ic_mls_commit_gather_external(&w, j, external_pub);
    if (e == IC_OK)
        e = stage(&w);
    if (e != IC_OK) {
        ic_mls_discard(w.s);
        return e;
    }
    *out = w.s;
    return IC_OK;
}

/* Making a commit, RFC 9420 section 12.4.1, of a member and of one who joins by it. */
#include "state.h"

#include <ic/base/ct.h>
#include <ic/base/mem.h>
#include <ic/crypto/hpke.h>
#include <ic/mlspub/codec.h>
#include <string.h>

struct work {
    struct ic_mls_group *g;
    struct ic_mls_staged *s;
    const struct ic_mls_commit_params *p;
    const struct ic_mls_identity *identity; /* of our new leaf, or NULL */
    struct ic_mlspub_rules rules;
    struct ic_mlspub_outcome outcome;
    struct ic_mls_new_path path;
    bool external, has_path;
    struct ic_secret init;
    struct ic_secret commit_secret;
    struct ic_secret psk_secret;
};

static void work_clear(struct work *w)
{
    ic_wipe(w, sizeof *w);
}

/* ---- the proposals ---- */

static struct ic_mlspub_proposal *value_new(struct work *w, uint16_t type)
{
    struct ic_mlspub_proposal *p = ic_arena_alloc(&w->s->arena, 1, sizeof *p);
    if (!p)
        return NULL;
    p->type = type;
    struct ic_mlspub_proposals *list = &w->s->proposals;
    list->items[list->count++] = (struct ic_mlspub_change_item){
        .sender = list->committer, .proposal = p, .leaf = IC_MLSPUB_NO_LEAF};
    return p;
}

static ic_err value_add(struct work *w, struct ic_view message)
{
    struct ic_view copy;
    struct ic_mlspub_message m;
    IC_TRY(ic_arena_copy(&w->s->arena, message, &copy));
    IC_TRY(ic_mlspub_message_decode(copy, &w->s->arena, &m));
    if (m.wire_format != IC_MLS_KEY_PACKAGE)
        return IC_ERR_MALFORMED;
    struct ic_mlspub_proposal *p = value_new(w, IC_MLS_ADD);
    if (!p)
        return IC_ERR_NOMEM;
    p->add = m.key_package;
    return IC_OK;
}

/* RFC 9420 section 8.4: the nonce MUST be fresh and random, of KDF.Nh bytes. */
static ic_err value_psk(struct work *w, const struct ic_mlspub_psk_id *id)
{
    struct ic_arena *a = &w->s->arena;
    uint8_t *nonce = ic_arena_alloc(a, 1, w->g->suite->hash_len);
    struct ic_mlspub_proposal *p = nonce ? value_new(w, IC_MLS_PSK) : NULL;
    if (!p)
        return IC_ERR_NOMEM;
    p->psk = *id;
    IC_TRY(ic_rand_fill(&w->g->config.rand, nonce, w->g->suite->hash_len));
    IC_CT_PUBLIC(nonce, w->g->suite->hash_len);
    p->psk.nonce = ic_view(nonce, w->g->suite->hash_len);
    IC_TRY(ic_arena_copy(a, id->external_id, &p->psk.external_id));
    return ic_arena_copy(a, id->group_id, &p->psk.group_id);
}

static ic_err value_reinit(struct work *w, const struct ic_mls_reinit *r)
{
    struct ic_mlspub_proposal *p = value_new(w, IC_MLS_REINIT);
    if (!p)
        return IC_ERR_NOMEM;
    p->reinit.version = IC_MLS_VERSION_1;
    p->reinit.suite = r->suite;
    IC_TRY(ic_arena_copy(&w->s->arena, r->group_id, &p->reinit.group_id));
    return ic_arena_copy(&w->s->arena, r->extensions, &p->reinit.extensions);
}

static ic_err gather_values(struct work *w)
{
    const struct ic_mls_commit_params *p = w->p;
    for (size_t i = 0; i < p->add_count; i++)
        IC_TRY(value_add(w, p->adds[i]));
    for (size_t i = 0; i < p->remove_count; i++) {
        struct ic_mlspub_proposal *r = value_new(w, IC_MLS_REMOVE);
        if (!r)
            return IC_ERR_NOMEM;
        r->remove = p->removes[i];
    }
    for (size_t i = 0; i < p->psk_count; i++)
        IC_TRY(value_psk(w, &p->psks[i]));
    if (p->reinit)
        IC_TRY(value_reinit(w, p->reinit));
    if (!p->set_extensions)
        return IC_OK;
    struct ic_mlspub_proposal *e = value_new(w, IC_MLS_GROUP_CONTEXT_EXTENSIONS);
    if (!e)
        return IC_ERR_NOMEM;
    IC_TRY(ic_mlspub_extensions_check(p->extensions));
    return ic_arena_copy(&w->s->arena, p->extensions, &e->group_context_extensions);
}

static void gather_pending(struct work *w)
{
    struct ic_mlspub_proposals *list = &w->s->proposals;
    for (size_t i = 0; i < ic_mlspub_pending_count(w->g->pending); i++) {
        const struct ic_mlspub_change_item *item = ic_mlspub_pending_at(w->g->pending, i);
        if (!w->p->filter || w->p->filter(w->p->filter_ctx, item))
            list->items[list->count++] = *item;
    }
}

static size_t value_count(const struct ic_mlspub_proposals *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++)
        n += list->items[i].ref.len == 0;
    return n;
}

static ic_err list_new(struct work *w, size_t room)
{
    struct ic_mlspub_proposals *list = &w->s->proposals;
    list->items = ic_arena_alloc(&w->s->arena, room + 1, sizeof *list->items);
    return list->items ? IC_OK : IC_ERR_NOMEM;
}

static ic_err gather(struct work *w)
{
    const struct ic_mls_commit_params *p = w->p;
    size_t pending = p->skip_pending ? 0 : ic_mlspub_pending_count(w->g->pending);
    IC_TRY(list_new(w, p->add_count + p->remove_count + p->psk_count + 2 + pending));
    IC_TRY(gather_values(w));
    size_t values = value_count(&w->s->proposals);
    if (pending > 0)
        gather_pending(w);
    ic_mlspub_proposals_prune(&w->rules, w->g->tree, &w->s->proposals);
    if (value_count(&w->s->proposals) != values)
        return ic_mls_refuse(w->g, IC_ERR_RULE,
                             "RFC 9420 section 12.2: two proposals of the list exclude each other",
                             IC_MLSPUB_NO_LEAF);
    return ic_mls_staged_own_items(w->s);
}

/* ---- the path ---- */

/* Our new leaf, signed, into bytes and leaf. */
static ic_err build_leaf(struct work *w, struct ic_view parent_hash, struct ic_buf *bytes,
                         struct ic_mlspub_leaf_node *leaf)
{
    struct ic_mls_staged *s = w->s;
    struct ic_mlspub_leaf_node former;
    if (!w->identity)
        IC_TRY(ic_mlspub_diff_leaf(s->diff, s->committer, &former));
    const struct ic_mls_leaf_spec spec = {
        .identity = w->identity,
        .former = &former,
        .signer = s->next.signer,
        .encryption_key = ic_view(w->path.leaf.public_key, w->path.leaf.public_len),
        .source = IC_MLS_LEAF_COMMIT,
        .parent_hash = parent_hash,
        .group_id = w->g->now.context.group_id,
        .leaf = s->committer};
    IC_TRY(ic_mls_leaf_build(&spec, bytes));
    return ic_mlspub_leaf_node_decode(ic_buf_view(bytes), &s->arena, leaf);
}

/* RFC 9420 section 7.5, step 4 */
static ic_err place_leaf(struct work *w, struct ic_view parent_hash)
{
    struct ic_mls_staged *s = w->s;
    struct ic_mlspub_leaf_node *leaf = ic_arena_alloc(&s->arena, 1, sizeof *leaf);
    if (!leaf)
        return IC_ERR_NOMEM;
    IC_TRY(build_leaf(w, parent_hash, &s->path_leaf_bytes, leaf));
    s->path_leaf = leaf;
    return ic_mlspub_diff_set_leaf(s->diff, s->committer, leaf);
}

/* The slot must be ours before the path is known, and the leaf needs the path: so it comes twice, first
 * without parent hash. */
static ic_err take_external_slot(struct work *w)
{
    struct ic_mlspub_leaf_node leaf;
    IC_BUF_SCOPE(bytes, SIZE_MAX);
    IC_TRY(build_leaf(w, ic_view(NULL, 0), &bytes, &leaf));
    return ic_mlspub_diff_add_external(w->s->diff, &leaf, &w->s->committer);
}

/* RFC 9420 section 7.5, steps 1 to 3: the new keys go into the diff. */
static ic_err place_path(struct work *w)
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

static ic_err next_keys(struct work *w)
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

static ic_err write_commit(struct work *w, struct ic_buf *body)
{
    struct ic_writer out = ic_writer(body);
    write_proposals(&w->s->proposals, &out);
    ic_write_u8(&out, w->has_path);
    if (w->has_path) {
        IC_BUF_SCOPE(context, SIZE_MAX);
        IC_TRY(ic_mls_provisional_context(w->g, w->s->diff, w->outcome.extensions, &context));
        ic_write_bytes(&out, ic_buf_view(&w->s->path_leaf_bytes));
        IC_TRY(ic_mls_new_path_write(w->g->suite, w->s->diff, &w->path, ic_buf_view(&context),
                                     &w->g->config.rand, &out));
    }
    return ic_writer_end(&out);
}

static ic_err make_welcome(struct work *w, const struct ic_secret *joiner,
                           const struct ic_secret *member)
{
    IC_BUF_SCOPE(tree, SIZE_MAX);
    if (!w->p->welcome_without_tree)
        IC_TRY(ic_mlspub_diff_encode(w->s->diff, &tree));
    const struct ic_mls_group_info_spec info = {.suite = w->g->suite,
                                                .moment = &w->s->next,
                                                .signer = w->s->committer,
                                                .tree = ic_buf_view(&tree)};
    const struct ic_mls_welcome_spec spec = {.suite = w->g->suite,
                                             .info = &info,
                                             .joiner = joiner,
                                             .member = member,
                                             .path = w->has_path ? &w->path : NULL,
                                             .outcome = &w->outcome,
                                             .proposals = &w->s->proposals,
                                             .rand = &w->g->config.rand};
    return ic_mls_welcome_build(&spec, w->s);
}

static ic_err make_group_info(struct work *w)
{
    const struct ic_mls_group_info_spec spec = {.suite = w->g->suite,
                                                .moment = &w->s->next,
                                                .signer = w->s->committer,
                                                .external_pub = true};
    struct ic_writer out = ic_writer(&w->s->group_info);
    ic_write_u16(&out, IC_MLS_VERSION_1);
    ic_write_u16(&out, IC_MLS_GROUP_INFO);
    IC_TRY(ic_writer_end(&out));
    return ic_mls_group_info_build(&spec, &w->s->group_info);
}

/* Signs with the old epoch's context, opens the new epoch, protects with the old epoch's keys. */
static ic_err make_messages(struct work *w)
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

static ic_err stage(struct work *w)
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
    w->has_path =
        w->outcome.path_required || s->proposals.count == 0 || w->p->force_path || w->identity;
    ic_mls_zero_secret(g->suite, &w->commit_secret);
    if (w->has_path)
        IC_TRY(place_path(w));
    IC_TRY(ic_mlspub_rules_finish(&w->rules, &w->outcome, s->diff, &g->fault));
    IC_TRY(ic_mlspub_diff_seal(s->diff));
    IC_TRY(next_keys(w));
    IC_TRY(ic_mls_psk_secret(g, w->outcome.psks, w->outcome.psk_count, &w->psk_secret));
    IC_TRY(ic_mls_past_prepare(g, s, &s->past));
    return make_messages(w);
}

static ic_err work_new(struct ic_mls_group *g, const struct ic_mls_commit_params *p,
                       struct ic_mlspub_sender sender, struct work *w)
{
    *w = (struct work){.g = g, .p = p, .identity = p->identity};
    w->s = ic_mls_staged_new(g);
    if (!w->s)
        return IC_ERR_NOMEM;
    w->rules = ic_mls_rules_of(&g->config, g->suite, &g->now.context, g->now_s);
    w->s->own = true;
    w->s->sender = sender;
    w->s->proposals.committer = sender;
    w->s->committer = g->own_leaf;
    return IC_OK;
}

ic_err ic_mls_commit_create(struct ic_mls_group *g, const struct ic_mls_commit_params *p,
                            struct ic_mls_staged **out)
{
    __attribute__((cleanup(work_clear))) struct work w;
    g->now_s = ic_clock_now_s(&g->config.clock);
    if (g->removed || g->reinit.len > 0) {
        w = (struct work){0};
        return ic_mls_refuse(g, IC_ERR_STATE, "RFC 9420 section 12.4.2: this group has ended",
                             IC_MLSPUB_NO_LEAF);
    }
    const struct ic_mlspub_sender us = {IC_MLS_SENDER_MEMBER, g->own_leaf};
    IC_TRY(work_new(g, p, us, &w));
    w.init = g->now.secrets.init;
    ic_err e = p->identity && p->identity->suite != g->suite ? IC_ERR_ARG : gather(&w);
    if (e == IC_OK)
        e = stage(&w);
    if (e != IC_OK) {
        ic_mls_discard(w.s);
        return e;
    }
    *out = w.s;
    return IC_OK;
}

/* ---- external commits, section 12.4.3.2 ---- */

/* RFC 9420 section 8.3: the init secret by HPKE's exporter, and the ExternalInit that carries it. */
static ic_err external_init(struct work *w, struct ic_view external_pub)
{
    const struct ic_suite *suite = w->g->suite;
    struct ic_hpke_ctx ctx;
    uint8_t *enc = ic_arena_alloc(&w->s->arena, 1, suite->kem_public_len);
    struct ic_mlspub_proposal *p = enc ? value_new(w, IC_MLS_EXTERNAL_INIT) : NULL;
    if (!p)
        return IC_ERR_NOMEM;
    IC_TRY(ic_hpke_setup_sender(ic_hpke_suite_of(suite), external_pub, ic_view(NULL, 0),
                                (struct ic_hpke_psk){0}, &w->g->config.rand, enc, &ctx));
    ic_err e = ic_hpke_ctx_export(&ctx, IC_VIEW_STR("MLS 1.0 external init secret"), w->init.b,
                                  suite->hash_len);
    w->init.len = suite->hash_len;
    ic_hpke_ctx_clear(&ctx);
    p->external_init = ic_view(enc, suite->kem_public_len);
    return e;
}

static ic_err stage_external(struct work *w, struct ic_view external_pub, uint32_t remove)
{
    w->external = true;
    IC_TRY(list_new(w, 2));
    IC_TRY(external_init(w, external_pub));
    if (remove != IC_MLSPUB_NO_LEAF) {
        struct ic_mlspub_proposal *p = value_new(w, IC_MLS_REMOVE);
        if (!p)
            return IC_ERR_NOMEM;
        p->remove = remove;
    }
    return stage(w);
}

ic_err ic_mls_commit_external(struct ic_mls_group *g, const struct ic_mls_identity *id,
                              struct ic_view external_pub, uint32_t remove,
                              struct ic_view authenticated_data, bool want_group_info,
                              struct ic_mls_staged **out)
{
    __attribute__((cleanup(work_clear))) struct work w;
    const struct ic_mls_commit_params p = {.identity = id,
                                           .authenticated_data = authenticated_data,
                                           .want_group_info = want_group_info};
    const struct ic_mlspub_sender us = {.type = IC_MLS_SENDER_NEW_MEMBER_COMMIT};
    IC_TRY(work_new(g, &p, us, &w));
    ic_err e = stage_external(&w, external_pub, remove);
    if (e != IC_OK) {
        ic_mls_discard(w.s);
        return e;
    }
    *out = w.s;
    return IC_OK;
}

/* Following somebody's commit, RFC 9420 section 12.4.2. */
#include "receive.h"

#include <ic/crypto/hpke.h>
#include <ic/mlspub/framing.h>
#include <string.h>

struct follow {
    struct ic_mls_group *g;
    struct ic_mls_staged *s;
    const struct ic_mlspub_authenticated_content *a;
    const struct ic_mlspub_commit *commit;
    struct ic_mlspub_rules rules;
    struct ic_mlspub_outcome outcome;
    const struct ic_secret *leaf_key; /* of our leaf after the proposals */
    struct ic_secret init;
    struct ic_secret commit_secret;
    struct ic_secret psk_secret;
};

static void follow_clear(struct follow *f)
{
    ic_wipe(f, sizeof *f);
}

static bool item_is_ours(const struct follow *f, size_t i, uint16_t type)
{
    const struct ic_mlspub_change_item *item = &f->s->proposals.items[i];
    return item->proposal->type == type && item->leaf == f->g->own_leaf;
}

/* Our leaf's key in the new tree: that of our Update, where it is committed. */
static ic_err find_leaf_key(struct follow *f)
{
    f->leaf_key = &f->g->now.keys.leaf;
    f->s->next.signer = f->g->now.signer;
    for (size_t i = 0; i < f->s->proposals.count; i++) {
        if (!item_is_ours(f, i, IC_MLS_UPDATE))
            continue;
        struct ic_view key = f->s->proposals.items[i].proposal->update.encryption_key;
        const struct ic_mls_own_update *u = f->g->own_updates;
        while (u && !ic_view_equal(ic_view(u->public_key, u->public_len), key))
            u = u->next;
        if (!u)
            return ic_mls_refuse(f->g, IC_ERR_KEY,
                                 "RFC 9420 section 12.1.2: an Update of ours unknown to us",
                                 f->g->own_leaf);
        f->leaf_key = &u->key;
        f->s->next.signer = u->signer;
    }
    return IC_OK;
}

static ic_err apply_path(struct follow *f)
{
    struct ic_mls_group *g = f->g;
    if (f->commit->has_path) {
        f->s->path_leaf = &f->commit->path.leaf;
        return ic_mlspub_path_apply(&f->rules, &f->outcome, &f->commit->path, &f->s->committer,
                                    f->s->diff, &g->fault);
    }
    /* RFC9420-12.4-3 */
    if (f->outcome.path_required || f->s->proposals.count == 0)
        return ic_mls_refuse(g, IC_ERR_RULE,
                             "RFC 9420 section 12.4: a commit without its required path",
                             f->s->committer);
    return IC_OK;
}

static ic_err apply(struct follow *f)
{
    struct ic_mls_group *g = f->g;
    struct ic_mls_staged *s = f->s;
    IC_TRY(ic_mlspub_diff_new(g->tree, &s->diff));
    IC_TRY(ic_mlspub_proposals_resolve(g->pending, f->commit, s->sender, &s->arena, &s->proposals,
                                       &g->fault));
    IC_TRY(ic_mls_staged_own_items(s));
    IC_TRY(ic_mlspub_proposals_apply(&f->rules, &s->proposals, s->diff, &s->arena, &f->outcome,
                                     &g->fault));
    IC_TRY(apply_path(f));
    IC_TRY(ic_mlspub_rules_finish(&f->rules, &f->outcome, s->diff, &g->fault));
    IC_TRY(ic_mls_staged_note_reinit(s, &f->outcome));
    for (size_t i = 0; i < s->proposals.count; i++)
        s->removes_us |=
            item_is_ours(f, i, IC_MLS_REMOVE) || item_is_ours(f, i, IC_MLS_SELF_REMOVE);
    return ic_mlspub_diff_seal(s->diff);
}

/* RFC 9420 section 8.3 */
static ic_err external_init(struct follow *f)
{
    const struct ic_suite *suite = f->g->suite;
    struct ic_kem_pair pair = {0};
    struct ic_hpke_ctx ctx;
    IC_TRY(ic_mls_external_pair(suite, &f->g->now.secrets, &pair));
    ic_err e = ic_hpke_setup_receiver(ic_hpke_suite_of(suite), ic_secret_view(&pair.private_key),
                                      ic_view(pair.public_key, pair.public_len),
                                      f->outcome.external_init->external_init, ic_view(NULL, 0),
                                      (struct ic_hpke_psk){0}, &ctx);
    ic_kem_pair_clear(&pair);
    IC_TRY(e);
    e = ic_hpke_ctx_export(&ctx, IC_VIEW_STR("MLS 1.0 external init secret"), f->init.b,
                           suite->hash_len);
    f->init.len = suite->hash_len;
    ic_hpke_ctx_clear(&ctx);
    return e;
}

static ic_err open_path(struct follow *f)
{
    struct ic_mls_group *g = f->g;
    struct ic_mls_staged *s = f->s;
    if (!f->commit->has_path) {
        ic_mls_zero_secret(g->suite, &f->commit_secret);
        IC_TRY(ic_mls_path_keys_init(&s->next.keys, f->leaf_key, ic_mlspub_diff_size(s->diff)));
        ic_mls_path_keys_keep(&s->next.keys, &g->now.keys, g->tree, s->diff, IC_MLSPUB_NO_LEAF);
        return IC_OK;
    }
    IC_BUF_SCOPE(context, SIZE_MAX);
    IC_TRY(ic_mls_provisional_context(g, s->diff, f->outcome.extensions, &context));
    const struct ic_mls_path_reader r = {.suite = g->suite,
                                         .tree = g->tree,
                                         .diff = s->diff,
                                         .own_leaf = g->own_leaf,
                                         .committer = s->committer,
                                         .keys = &g->now.keys,
                                         .leaf_key = f->leaf_key};
    return ic_mls_path_open(&r, &f->commit->path, ic_buf_view(&context), &s->next.keys,
                            &f->commit_secret, NULL, &g->fault);
}

static ic_err open_epoch(struct follow *f)
{
    struct ic_mls_group *g = f->g;
    struct ic_mls_staged *s = f->s;
    IC_SECRET_SCOPE(joiner);
    IC_SECRET_SCOPE(member);
    IC_TRY(find_leaf_key(f));
    IC_TRY(open_path(f));
    IC_TRY(ic_mls_psk_secret(g, f->outcome.psks, f->outcome.psk_count, &f->psk_secret));
    f->init = g->now.secrets.init;
    /* RFC9420-12.4.3.2-5 */
    if (f->outcome.external_init)
        IC_TRY(external_init(f));
    IC_TRY(ic_mls_staged_open_epoch(g, s, f->a, f->outcome.extensions, &f->init, &f->commit_secret,
                                    &f->psk_secret, &joiner, &member));
    /* RFC 9420 section 12.4.2: the confirmation tag shows that we stand where the committer stands. */
    /* RFC9420-12.4.2-r4 */
    if (!ic_ct_equal(ic_view(s->next.tag, g->suite->hash_len), f->a->confirmation_tag))
        return ic_mls_refuse(g, IC_ERR_AUTH,
                             "RFC 9420 section 12.4.2: the confirmation tag does not match",
                             s->committer);
    return ic_mls_past_prepare(g, s, &s->past);
}

/* What one who is out can still say of the next epoch. */
static ic_err outside_context(struct follow *f)
{
    uint8_t confirmed[IC_HASH_MAX];
    struct ic_mls_group *g = f->g;
    ic_mlspub_confirmed_hash(g->suite, ic_view(g->now.interim, g->now.interim_len), f->a,
                             confirmed);
    struct ic_mlspub_group_context c = g->now.context;
    c.epoch++;
    c.tree_hash = ic_mlspub_diff_tree_hash(f->s->diff);
    c.confirmed_transcript_hash = ic_view(confirmed, g->suite->hash_len);
    c.extensions = f->outcome.extensions;
    return ic_mls_moment_set_context(&f->s->next, &c);
}

ic_err ic_mls_commit_follow(struct ic_mls_group *g, struct ic_mls_staged *s,
                            const struct ic_mlspub_authenticated_content *a)
{
    __attribute__((cleanup(follow_clear))) struct follow f = {
        .g = g, .s = s, .a = a, .commit = &a->content.commit};
    f.rules = ic_mls_rules_of(&g->config, g->suite, &g->now.context, g->now_s);
    s->sender = a->content.sender;
    s->committer = a->content.sender.index;
    s->authenticated_data = a->content.authenticated_data;
    IC_TRY(apply(&f));
    if (s->removes_us)
        return outside_context(&f);
    IC_TRY(open_epoch(&f));
    return ic_mls_staged_ask(g, s, &f.rules, &f.outcome);
}

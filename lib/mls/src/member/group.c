#include "state.h"

#include <assert.h>
#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <string.h>

void ic_mls_limits_fill(struct ic_mls_limits *l)
{
    const struct ic_mls_limits defaults = {
        .max_leaves = IC_MLSPUB_MAX_LEAVES,
        .max_message = 64u << 20,
        .max_forward = 1024,
        .max_skipped = 1024,
        .max_past_epochs = 2,
        .max_pending = 2048,
        .max_resumption = 32,
        .clock_skew_s = IC_MLSPUB_CLOCK_SKEW_S,
        .max_lifetime_s = 366ull * 86400 + 7200,
    };
    l->max_leaves = l->max_leaves ? l->max_leaves : defaults.max_leaves;
    l->max_message = l->max_message ? l->max_message : defaults.max_message;
    l->max_forward = l->max_forward ? l->max_forward : defaults.max_forward;
    l->max_skipped = l->max_skipped ? l->max_skipped : defaults.max_skipped;
    l->max_past_epochs = l->max_past_epochs ? l->max_past_epochs : defaults.max_past_epochs;
    l->max_pending = l->max_pending ? l->max_pending : defaults.max_pending;
    l->max_resumption = l->max_resumption ? l->max_resumption : defaults.max_resumption;
    l->clock_skew_s = l->clock_skew_s ? l->clock_skew_s : defaults.clock_skew_s;
    l->max_lifetime_s = l->max_lifetime_s ? l->max_lifetime_s : defaults.max_lifetime_s;
}

struct ic_mlspub_rules ic_mls_rules_of(const struct ic_mls_config *c, const struct ic_suite *s,
                                       const struct ic_mlspub_group_context *context,
                                       uint64_t now_s)
{
    bool first = context && context->epoch == 0;
    return (struct ic_mlspub_rules){.suite = s,
                                    .context = context,
                                    .now_s = now_s,
                                    .max_lifetime_s = c->limits.max_lifetime_s,
                                    .clock_skew_s = c->limits.clock_skew_s,
                                    .check_credential = c->check_credential,
                                    .check_credentials = c->check_credentials,
                                    .check_external_sender = c->check_external_sender,
                                    .ctx = c->ctx,
                                    .exec = c->exec,
                                    .customs = c->customs,
                                    .custom_count = c->custom_count,
                                    .self_remove = c->drafts.self_remove,
                                    /* RFC 9420 sections 11.2, 11.3: in no other place. */
                                    .allow_reinit_psk = first && c->predecessor,
                                    .allow_branch_psk = first && c->predecessor};
}

ic_err ic_mls_refuse(struct ic_mls_group *g, ic_err e, const char *rule, uint32_t offender)
{
    return ic_mlspub_fault_set(&g->fault, e, rule, offender);
}

ic_err ic_mls_group_alloc(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                          struct ic_mls_group **out)
{
    struct ic_mls_group *g = ic_new(struct ic_mls_group);
    if (!g)
        return IC_ERR_NOMEM;
    g->config = *c;
    g->now_s = ic_clock_now_s(&c->clock);
    ic_mls_limits_fill(&g->config.limits);
    g->suite = id->suite;
    g->now.signer = id->signer;
    g->fault = IC_MLSPUB_FAULT_NONE;
    ic_buf_init(&g->reinit, SIZE_MAX);
    ic_buf_init(&g->joined_extensions, SIZE_MAX);
    g->resumptions = ic_new_array(g->config.limits.max_resumption, struct ic_mls_resumption);
    ic_err e = g->resumptions
                   ? ic_mlspub_pending_new(id->suite, g->config.limits.max_pending, &g->pending)
                   : IC_ERR_NOMEM;
    if (e != IC_OK) {
        ic_mls_group_free(g);
        return e;
    }
    *out = g;
    return IC_OK;
}

void ic_mls_own_updates_free(struct ic_mls_own_update *u)
{
    while (u) {
        struct ic_mls_own_update *next = u->next;
        ic_free_secret(u, sizeof *u);
        u = next;
    }
}

/* RFC9420-2-1 */
void ic_mls_group_free(struct ic_mls_group *g)
{
    if (!g)
        return;
    ic_mls_moment_clear(&g->now);
    ic_mls_past_free(g->past);
    ic_mls_own_updates_free(g->own_updates);
    ic_buf_clear(&g->reinit);
    ic_mls_unjudged_clear(&g->unjudged);
    ic_buf_clear(&g->joined_extensions);
    ic_mlspub_pending_free(g->pending);
    ic_mlspub_tree_free(g->tree);
    ic_mls_discard(g->staged);
    ic_mls_changes_free(g->changes);
    ic_free_secret(g->resumptions, g->config.limits.max_resumption * sizeof *g->resumptions);
    ic_free_secret(g, sizeof *g);
}

/* The leaf of a group of one. */
static ic_err first_leaf(struct ic_mls_group *g, const struct ic_mls_identity *id,
                         struct ic_secret *key)
{
    struct ic_kem_pair pair = {0};
    IC_BUF_SCOPE(bytes, SIZE_MAX);
    IC_TRY(ic_kem_generate_pair(g->suite->kem, &g->config.rand, &pair));
    *key = pair.private_key;
    ic_secret_clear(&pair.private_key);
    const struct ic_mls_leaf_spec spec = {.config = &g->config,
                                          .identity = id,
                                          .signer = id->signer,
                                          .encryption_key =
                                              ic_view(pair.public_key, pair.public_len),
                                          .source = IC_MLS_LEAF_KEY_PACKAGE};
    IC_TRY(ic_mls_leaf_build(&spec, &bytes));
    struct ic_mlspub_leaf_node leaf;
    IC_TRY(ic_mlspub_leaf_node_decode(ic_buf_view(&bytes), NULL, &leaf));
    return ic_mlspub_tree_new(g->suite, &leaf, g->config.limits.max_leaves, &g->tree);
}

/* RFC 9420 section 11: an epoch secret at random; here the member secret, of which it is derived. */
static ic_err open_first_epoch(struct ic_mls_group *g, struct ic_view group_id,
                               struct ic_view extensions)
{
    const struct ic_mlspub_group_context c = {.version = IC_MLS_VERSION_1,
                                              .suite = g->suite->id,
                                              .group_id = group_id,
                                              .tree_hash = ic_mlspub_tree_hash(g->tree),
                                              .extensions = extensions};
    IC_TRY(ic_mls_moment_set_context(&g->now, &c));
    IC_SECRET_SCOPE(member);
    member.len = g->suite->hash_len;
    /* RFC9420-11-2 */
    IC_TRY(ic_rand_fill(&g->config.rand, member.b, member.len));
    return ic_mls_moment_open(&g->now, g->suite, &member, 1, &g->config.limits);
}

static ic_err create(struct ic_mls_group *g, const struct ic_mls_identity *id,
                     struct ic_view group_id, struct ic_view extensions)
{
    IC_SECRET_SCOPE(leaf_key);
    IC_TRY(ic_mlspub_extensions_check(extensions));
    IC_TRY(first_leaf(g, id, &leaf_key));
    IC_TRY(open_first_epoch(g, group_id, extensions));
    IC_TRY(ic_mls_path_keys_init(&g->now.keys, &leaf_key, 1));
    struct ic_mlspub_rules rules = ic_mls_rules_of(&g->config, g->suite, &g->now.context, g->now_s);
    IC_TRY(ic_mlspub_rules_tree(&rules, g->tree, &g->fault));
    return ic_mls_group_ask(g);
}

ic_err ic_mls_group_create(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                           struct ic_view group_id, struct ic_view extensions,
                           struct ic_mls_group **out)
{
    struct ic_mls_group *g;
    IC_TRY(ic_mls_group_alloc(c, id, &g));
    ic_err e = create(g, id, group_id, extensions);
    if (e != IC_OK) {
        if (c->fault)
            *c->fault = g->fault;
        ic_mls_group_free(g);
        return e;
    }
    *out = g;
    return IC_OK;
}

/* ---- looking ---- */

struct ic_view ic_mls_epoch_authenticator(const struct ic_mls_group *g)
{
    return ic_secret_view(&g->now.secrets.authenticator);
}

const struct ic_suite *ic_mls_suite(const struct ic_mls_group *g)
{
    return g->suite;
}

const struct ic_mlspub_group_context *ic_mls_context(const struct ic_mls_group *g)
{
    return &g->now.context;
}

struct ic_view ic_mls_joined_extensions(const struct ic_mls_group *g)
{
    return ic_buf_view(&g->joined_extensions);
}

uint32_t ic_mls_joined_by(const struct ic_mls_group *g)
{
    return g->joined_by;
}

uint32_t ic_mls_own_leaf(const struct ic_mls_group *g)
{
    return g->own_leaf;
}

uint32_t ic_mls_leaf_count(const struct ic_mls_group *g)
{
    return ic_mlspub_tree_size(g->tree);
}

uint32_t ic_mls_member_count(const struct ic_mls_group *g)
{
    return ic_mlspub_tree_members(g->tree);
}

ic_err ic_mls_leaf(const struct ic_mls_group *g, uint32_t leaf, struct ic_mlspub_leaf_node *out)
{
    if (leaf >= ic_mlspub_tree_size(g->tree))
        return IC_ERR_NOT_FOUND;
    return ic_mlspub_tree_leaf(g->tree, leaf, out);
}

size_t ic_mls_pending_count(const struct ic_mls_group *g)
{
    return ic_mlspub_pending_count(g->pending);
}

const struct ic_mlspub_change_item *ic_mls_pending(const struct ic_mls_group *g, size_t i)
{
    return ic_mlspub_pending_at(g->pending, i);
}

uint32_t ic_mls_path_cost(const struct ic_mls_group *g, uint32_t leaf)
{
    return ic_mlspub_tree_path_cost(g->tree, leaf);
}

ic_err ic_mls_tree(const struct ic_mls_group *g, struct ic_buf *out)
{
    return ic_mlspub_tree_encode(g->tree, out);
}

const char *ic_mls_last_rule(const struct ic_mls_group *g)
{
    return g ? g->fault.rule : "";
}

uint32_t ic_mls_last_offender(const struct ic_mls_group *g)
{
    return g ? g->fault.offender : IC_MLSPUB_NO_LEAF;
}

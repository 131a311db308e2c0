#include <assert.h>
#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <ic/mlspub/label.h>
#include <ic/mlspub/observer.h>
#include <string.h>

enum {
    MAX_MESSAGE = 64 << 20, /* bytes of one message, and of what it decodes to */
    MAX_PENDING = 2048,
    MAX_PROPOSALS =
        4096, /* of one commit: an Add costs two signatures before any rule can refuse it */
};

struct ic_mlspub_observer {
    const struct ic_suite *suite;
    struct ic_mlspub_tree *tree;
    struct ic_mlspub_pending *pending;
    struct ic_mlspub_rules like; /* what the rules say beside the group */
    struct ic_buf context_bytes;
    struct ic_mlspub_group_context context; /* borrows from context_bytes */
    uint8_t interim[IC_HASH_MAX];
    bool closed; /* by a ReInit */
    struct ic_mlspub_fault fault;
};

struct ic_mlspub_change {
    struct ic_mlspub_observer *o;
    uint64_t epoch; /* of the message */
    struct ic_arena arena;
    struct ic_mlspub_message message;
    bool commit;
    /* of a proposal */
    struct ic_mlspub_pending_entry *entry;
    /* of a commit */
    struct ic_mlspub_proposals list;
    struct ic_mlspub_outcome outcome;
    struct ic_mlspub_diff *diff;
    uint32_t committer;
    struct ic_buf context_bytes;
    struct ic_mlspub_group_context context;
    uint8_t interim[IC_HASH_MAX];
};

static struct ic_mlspub_rules rules_of(const struct ic_mlspub_observer *o, uint64_t now_s)
{
    struct ic_mlspub_rules rules = o->like;
    rules.suite = o->suite;
    rules.context = &o->context;
    rules.now_s = now_s;
    if (rules.clock_skew_s == 0)
        rules.clock_skew_s = IC_MLSPUB_CLOCK_SKEW_S;
    return rules;
}

static ic_err refuse(struct ic_mlspub_observer *o, ic_err e, const char *text)
{
    return ic_mlspub_fault_set(&o->fault, e, text, IC_MLSPUB_NO_LEAF);
}

/* ---- opening: section 12.4.3.1 ---- */

void ic_mlspub_observer_free(struct ic_mlspub_observer *o)
{
    if (!o)
        return;
    ic_mlspub_tree_free(o->tree);
    ic_mlspub_pending_free(o->pending);
    ic_buf_clear(&o->context_bytes);
    ic_free(o);
}

static void observer_free_scope(struct ic_mlspub_observer **o)
{
    ic_mlspub_observer_free(*o);
}

static ic_err check_signer(struct ic_mlspub_observer *o, const struct ic_mlspub_group_info *info)
{
    struct ic_view key = ic_mlspub_tree_signature_key(o->tree, info->signer);
    if (key.len == 0)
        return ic_mlspub_fault_set(&o->fault, IC_ERR_RULE,
                                   "RFC 9420 section 12.4.3.1: the GroupInfo's signer is blank",
                                   info->signer);
    ic_err e = ic_mlspub_group_info_verify(o->suite, info, key);
    if (e == IC_OK)
        return IC_OK;
    return ic_mlspub_fault_set(&o->fault, e, "RFC 9420 section 12.4.3.1: the GroupInfo's signature",
                               info->signer);
}

static ic_err check_tree(struct ic_mlspub_observer *o, uint64_t now_s)
{
    /* RFC 9420 section 12.4.3.3: the root hash MUST match before the tree is used. */
    if (!ic_view_equal(ic_mlspub_tree_hash(o->tree), o->context.tree_hash))
        return refuse(o, IC_ERR_RULE, "RFC 9420 section 12.4.3.1: the tree has another hash");
    struct ic_mlspub_rules rules = rules_of(o, now_s);
    IC_TRY(ic_mlspub_rules_tree(&rules, o->tree, &o->fault));
    IC_TRY(ic_mlspub_tree_validate(o->tree, o->context.group_id, o->like.exec, &o->fault));
    IC_ARENA_SCOPE(arena, SIZE_MAX);
    return ic_mlspub_tree_credentials(&rules, o->tree, &arena, NULL, &o->fault);
}

static ic_err open_info(struct ic_mlspub_observer *o, const struct ic_mlspub_group_info *info,
                        struct ic_view tree, uint64_t now_s)
{
    const struct ic_mlspub_group_context *c = &info->context;
    o->suite = ic_suite_find(c->suite);
    if (!o->suite)
        return IC_ERR_UNSUPPORTED;
    size_t n = o->suite->hash_len;
    if (info->confirmation_tag.len != n || c->tree_hash.len != n ||
        (c->confirmed_transcript_hash.len != n && c->epoch != 0))
        return refuse(o, IC_ERR_MALFORMED, "RFC 9420 section 8: a hash of the wrong length");
    if (tree.len == 0 &&
        !ic_mlspub_extensions_find(info->extensions, IC_MLS_EXT_RATCHET_TREE, &tree))
        return refuse(o, IC_ERR_NOT_FOUND, "RFC 9420 section 12.4.3.1: no ratchet tree was given");
    IC_TRY(ic_mlspub_tree_decode(o->suite, tree, 0, &o->fault, &o->tree));
    IC_TRY(ic_mlspub_group_context_encode(c, &o->context_bytes));
    IC_TRY(ic_mlspub_group_context_decode(ic_buf_view(&o->context_bytes), NULL, &o->context));
    IC_TRY(check_signer(o, info));
    IC_TRY(check_tree(o, now_s));
    ic_mlspub_interim_hash(o->suite, c->confirmed_transcript_hash, info->confirmation_tag,
                           o->interim);
    return ic_mlspub_pending_new(o->suite, MAX_PENDING, &o->pending);
}

ic_err ic_mlspub_observer_open_like(const struct ic_mlspub_rules *like, struct ic_view group_info,
                                    struct ic_view tree, uint64_t now_s,
                                    struct ic_mlspub_fault *fault, struct ic_mlspub_observer **out)
{
    if (fault)
        *fault = IC_MLSPUB_FAULT_NONE;
    if (group_info.len > MAX_MESSAGE || tree.len > MAX_MESSAGE)
        return IC_ERR_LIMIT;
    IC_ARENA_SCOPE(arena, MAX_MESSAGE);
    struct ic_mlspub_message m;
    IC_TRY(ic_mlspub_message_decode(group_info, &arena, &m));
    if (m.wire_format != IC_MLS_GROUP_INFO)
        return IC_ERR_UNSUPPORTED;
    IC_CLEANUP(observer_free_scope)
    struct ic_mlspub_observer *o = ic_new(struct ic_mlspub_observer);
    if (!o)
        return IC_ERR_NOMEM;
    ic_buf_init(&o->context_bytes, MAX_MESSAGE);
    o->fault = IC_MLSPUB_FAULT_NONE;
    o->like = *like;
    ic_err e = open_info(o, &m.group_info, tree, now_s);
    if (fault)
        *fault = o->fault;
    IC_TRY(e);
    *out = o;
    o = NULL;
    return IC_OK;
}

ic_err ic_mlspub_observer_open(struct ic_view group_info, struct ic_view tree, uint64_t now_s,
                               struct ic_mlspub_fault *fault, struct ic_mlspub_observer **out)
{
    return ic_mlspub_observer_open_like(&(struct ic_mlspub_rules){0}, group_info, tree, now_s,
                                        fault, out);
}

/* ---- looking ---- */

const struct ic_mlspub_group_context *ic_mlspub_observer_context(const struct ic_mlspub_observer *o)
{
    return &o->context;
}

uint32_t ic_mlspub_observer_leaf_count(const struct ic_mlspub_observer *o)
{
    return ic_mlspub_tree_size(o->tree);
}

ic_err ic_mlspub_observer_leaf(const struct ic_mlspub_observer *o, uint32_t leaf,
                               struct ic_mlspub_leaf_node *out)
{
    return ic_mlspub_tree_leaf(o->tree, leaf, out);
}

uint32_t ic_mlspub_observer_find(const struct ic_mlspub_observer *o, struct ic_view signature_key)
{
    return ic_mlspub_tree_find_signer(o->tree, signature_key);
}

uint32_t ic_mlspub_observer_path_cost(const struct ic_mlspub_observer *o, uint32_t leaf)
{
    return ic_mlspub_tree_path_cost(o->tree, leaf);
}

ic_err ic_mlspub_observer_tree(const struct ic_mlspub_observer *o, struct ic_buf *out)
{
    return ic_mlspub_tree_encode(o->tree, out);
}

const char *ic_mlspub_observer_rule(const struct ic_mlspub_observer *o)
{
    return o->fault.rule;
}

uint32_t ic_mlspub_observer_offender(const struct ic_mlspub_observer *o)
{
    return o->fault.offender;
}

size_t ic_mlspub_observer_pending_count(const struct ic_mlspub_observer *o)
{
    return ic_mlspub_pending_count(o->pending);
}

const struct ic_mlspub_change_item *ic_mlspub_observer_pending(const struct ic_mlspub_observer *o,
                                                               size_t i)
{
    return ic_mlspub_pending_at(o->pending, i);
}

/* ---- staging ---- */

void ic_mlspub_change_discard(struct ic_mlspub_change *c)
{
    if (!c)
        return;
    if (c->entry)
        ic_mlspub_pending_drop(c->o->pending, c->entry);
    ic_mlspub_diff_free(c->diff);
    ic_buf_clear(&c->context_bytes);
    ic_arena_clear(&c->arena);
    ic_free(c);
}

static void change_free_scope(struct ic_mlspub_change **c)
{
    ic_mlspub_change_discard(*c);
}

static const struct ic_mlspub_content *content_of(const struct ic_mlspub_change *c)
{
    return &c->message.public_message.auth.content;
}

/* What can be said before any signature: section 6. */
static ic_err check_envelope(struct ic_mlspub_observer *o, const struct ic_mlspub_change *c)
{
    const struct ic_mlspub_public_message *m = &c->message.public_message;
    const struct ic_mlspub_content *x = content_of(c);
    if (!ic_view_equal(x->group_id, o->context.group_id))
        return refuse(o, IC_ERR_RULE, "RFC 9420 section 6: a message of another group");
    if (x->epoch != o->context.epoch)
        return refuse(o, IC_ERR_EPOCH, "RFC 9420 section 12.4.2: a message of another epoch");
    /* RFC9420-6-1 */
    if (x->type == IC_MLS_APPLICATION)
        return refuse(o, IC_ERR_RULE,
                      "RFC 9420 section 6: application data MUST be a PrivateMessage");
    if (x->type == IC_MLS_COMMIT && x->commit.proposal_count > MAX_PROPOSALS)
        return refuse(o, IC_ERR_LIMIT,
                      "RFC 9420 section 12.4: more proposals than are followed here");
    if ((x->sender.type == IC_MLS_SENDER_MEMBER && m->membership_tag.len != o->suite->hash_len) ||
        (x->type == IC_MLS_COMMIT && m->auth.confirmation_tag.len != o->suite->hash_len))
        return refuse(o, IC_ERR_MALFORMED, "RFC 9420 section 6.2: a tag of the wrong length");
    return IC_OK;
}

static ic_err check_signature(struct ic_mlspub_observer *o, const struct ic_mlspub_change *c)
{
    struct ic_view key;
    IC_TRY(ic_mlspub_content_signer(o->tree, &o->context, content_of(c), &o->fault, &key));
    ic_err e =
        ic_mlspub_content_verify(o->suite, key, &c->message.public_message.auth, &o->context);
    if (e != IC_OK)
        return refuse(o, e, "RFC 9420 section 6.1: the message's signature does not verify");
    return IC_OK;
}

static ic_err stage_proposal(struct ic_mlspub_change *c, const struct ic_mlspub_rules *rules)
{
    struct ic_mlspub_observer *o = c->o;
    const struct ic_mlspub_authenticated_content *a = &c->message.public_message.auth;
    ic_err e = ic_mlspub_proposal_check(rules, o->tree, a->content.sender, &a->content.proposal,
                                        &o->fault);
    if (e == IC_ERR_AGAIN)
        return ic_mlspub_credential_fault(&o->fault, e, IC_MLSPUB_NO_LEAF);
    IC_TRY(e);
    return ic_mlspub_pending_prepare(o->pending, a, true, true, &c->entry);
}

/* The next epoch's GroupContext and interim hash: section 8. */
static ic_err next_context(struct ic_mlspub_change *c)
{
    const struct ic_mlspub_observer *o = c->o;
    const struct ic_mlspub_authenticated_content *a = &c->message.public_message.auth;
    uint8_t confirmed[IC_HASH_MAX];
    size_t n = o->suite->hash_len;
    ic_mlspub_confirmed_hash(o->suite, ic_view(o->interim, n), a, confirmed);
    struct ic_mlspub_group_context next = o->context;
    next.epoch++;
    next.tree_hash = ic_mlspub_diff_tree_hash(c->diff);
    next.confirmed_transcript_hash = ic_view(confirmed, n);
    next.extensions = c->outcome.extensions;
    IC_TRY(ic_mlspub_group_context_encode(&next, &c->context_bytes));
    IC_TRY(ic_mlspub_group_context_decode(ic_buf_view(&c->context_bytes), NULL, &c->context));
    ic_mlspub_interim_hash(o->suite, ic_view(confirmed, n), a->confirmation_tag, c->interim);
    return IC_OK;
}

static ic_err stage_commit(struct ic_mlspub_change *c, const struct ic_mlspub_rules *rules)
{
    struct ic_mlspub_observer *o = c->o;
    const struct ic_mlspub_content *x = content_of(c);
    struct ic_mlspub_fault *f = &o->fault;
    c->committer = x->sender.index;
    IC_TRY(ic_mlspub_proposals_resolve(o->pending, &x->commit, x->sender, &c->arena, &c->list, f));
    IC_TRY(ic_mlspub_diff_new(o->tree, &c->diff));
    IC_TRY(ic_mlspub_proposals_apply(rules, &c->list, c->diff, &c->arena, &c->outcome, f));
    if (c->outcome.path_required && !x->commit.has_path)
        return refuse(o, IC_ERR_RULE, "RFC 9420 section 12.4: a commit lacks its required path");
    if (x->commit.has_path)
        IC_TRY(
            ic_mlspub_path_apply(rules, &c->outcome, &x->commit.path, &c->committer, c->diff, f));
    IC_TRY(ic_mlspub_rules_finish(rules, &c->outcome, c->diff, f));
    const struct ic_mlspub_leaf_node *path_leaf = x->commit.has_path ? &x->commit.path.leaf : NULL;
    IC_TRY(ic_mlspub_commit_credentials(rules, &c->list, &c->outcome, path_leaf, c->committer,
                                        o->tree, &c->arena, NULL, f));
    IC_TRY(ic_mlspub_diff_seal(c->diff));
    return next_context(c);
}

ic_err ic_mlspub_observer_stage(struct ic_mlspub_observer *o, struct ic_view message,
                                uint64_t now_s, struct ic_mlspub_change **out)
{
    o->fault = IC_MLSPUB_FAULT_NONE;
    if (message.len > MAX_MESSAGE)
        return IC_ERR_LIMIT;
    if (o->closed)
        return refuse(o, IC_ERR_STATE, "RFC 9420 section 12.4.2: the group ended with its ReInit");
    IC_CLEANUP(change_free_scope) struct ic_mlspub_change *c = ic_new(struct ic_mlspub_change);
    if (!c)
        return IC_ERR_NOMEM;
    c->o = o;
    c->epoch = o->context.epoch;
    c->committer = IC_MLSPUB_NO_LEAF;
    ic_arena_init(&c->arena, MAX_MESSAGE);
    ic_buf_init(&c->context_bytes, MAX_MESSAGE);
    IC_TRY(ic_mlspub_message_decode(message, &c->arena, &c->message));
    if (c->message.wire_format != IC_MLS_PUBLIC_MESSAGE)
        return refuse(o, IC_ERR_UNSUPPORTED, "RFC 9420 section 6.2: not a PublicMessage");
    IC_TRY(check_envelope(o, c));
    IC_TRY(check_signature(o, c));
    struct ic_mlspub_rules rules = rules_of(o, now_s);
    c->commit = content_of(c)->type == IC_MLS_COMMIT;
    IC_TRY(c->commit ? stage_commit(c, &rules) : stage_proposal(c, &rules));
    *out = c;
    c = NULL;
    return IC_OK;
}

void ic_mlspub_observer_merge(struct ic_mlspub_observer *o, struct ic_mlspub_change *c)
{
    assert(c->o == o && c->epoch == o->context.epoch);
    if (!c->commit) {
        (void)ic_mlspub_pending_put(o->pending, c->entry);
        c->entry = NULL;
        ic_mlspub_change_discard(c);
        return;
    }
    o->closed = c->outcome.reinit != NULL;
    ic_mlspub_diff_merge(o->tree, c->diff);
    c->diff = NULL;
    ic_buf_move(&o->context_bytes, &c->context_bytes);
    o->context = c->context;
    memcpy(o->interim, c->interim, sizeof o->interim);
    ic_mlspub_pending_clear(o->pending);
    ic_mlspub_change_discard(c);
}

/* ---- looking at a change ---- */

bool ic_mlspub_change_is_commit(const struct ic_mlspub_change *c)
{
    return c->commit;
}

struct ic_mlspub_sender ic_mlspub_change_sender(const struct ic_mlspub_change *c)
{
    return content_of(c)->sender;
}

uint32_t ic_mlspub_change_committer(const struct ic_mlspub_change *c)
{
    return c->committer;
}

struct ic_view ic_mlspub_change_authenticated_data(const struct ic_mlspub_change *c)
{
    return content_of(c)->authenticated_data;
}

size_t ic_mlspub_change_count(const struct ic_mlspub_change *c)
{
    return c->commit ? c->list.count : 1;
}

const struct ic_mlspub_change_item *ic_mlspub_change_item(const struct ic_mlspub_change *c,
                                                          size_t i)
{
    if (!c->commit)
        return i == 0 ? ic_mlspub_pending_entry_item(c->entry) : NULL;
    return i < c->list.count ? &c->list.items[i] : NULL;
}

const struct ic_mlspub_leaf_node *ic_mlspub_change_path_leaf(const struct ic_mlspub_change *c)
{
    const struct ic_mlspub_commit *commit = &content_of(c)->commit;
    return c->commit && commit->has_path ? &commit->path.leaf : NULL;
}

const struct ic_mlspub_group_context *ic_mlspub_change_context(const struct ic_mlspub_change *c)
{
    return c->commit ? &c->context : &c->o->context;
}

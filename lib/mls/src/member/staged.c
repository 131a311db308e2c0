/* A staged commit: looked at, then merged or discarded. */
#include "state.h"

#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>

struct ic_mls_staged *ic_mls_staged_new(const struct ic_mls_group *g)
{
    struct ic_mls_staged *s = ic_new(struct ic_mls_staged);
    if (!s)
        return NULL;
    s->group = g;
    s->epoch = g->now.context.epoch;
    ic_arena_init(&s->arena, (size_t)g->config.limits.max_message * 4);
    struct ic_buf *const all[] = {&s->message,    &s->content,         &s->commit, &s->welcome,
                                  &s->group_info, &s->path_leaf_bytes, &s->reinit};
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++)
        ic_buf_init(all[i], g->config.limits.max_message);
    return s;
}

static ic_err own_item(struct ic_mls_staged *s, struct ic_mlspub_change_item *item)
{
    struct ic_view encoded;
    struct ic_mlspub_proposal *copy = ic_arena_alloc(&s->arena, 1, sizeof *copy);
    if (!copy)
        return IC_ERR_NOMEM;
    IC_TRY(ic_arena_copy(&s->arena, item->ref, &item->ref));
    IC_TRY(ic_arena_copy(&s->arena, item->proposal->encoded, &encoded));
    IC_TRY(ic_mlspub_proposal_decode(encoded, &s->arena, copy));
    item->proposal = copy;
    return IC_OK;
}

ic_err ic_mls_staged_own_items(struct ic_mls_staged *s)
{
    for (size_t i = 0; i < s->proposals.count; i++)
        if (s->proposals.items[i].ref.len > 0)
            IC_TRY(own_item(s, &s->proposals.items[i]));
    return IC_OK;
}

void ic_mls_discard(struct ic_mls_staged *s)
{
    if (!s)
        return;
    ic_mlspub_diff_free(s->diff);
    ic_mls_moment_clear(&s->next);
    ic_mls_past_free(s->past);
    ic_buf_clear_secret(&s->message);
    ic_buf_clear(&s->content);
    ic_buf_clear(&s->commit);
    ic_buf_clear(&s->welcome);
    ic_buf_clear(&s->group_info);
    ic_buf_clear(&s->path_leaf_bytes);
    ic_buf_clear(&s->reinit);
    ic_free(s->joiners);
    ic_mls_unjudged_clear(&s->unjudged);
    ic_arena_clear(&s->arena);
    ic_free_secret(s, sizeof *s);
}

/* A commit that removes us has no next epoch that we could enter. */
static ic_err merge_removal(struct ic_mls_group *g, struct ic_mls_staged *s)
{
    g->removed = true;
    ic_mls_changes_note(g->changes, IC_MLS_RECORD_GROUP, 0, 0);
    ic_mls_changes_note(g->changes, IC_MLS_RECORD_KEYS, 0, 0);
    ic_mls_clear_pending(g);
    /* RFC 9420 section 12.4.2: a removed client SHOULD promptly delete its group state. */
    ic_mls_epoch_clear(&g->now.secrets);
    ic_mls_secret_tree_free(g->now.ratchets);
    g->now.ratchets = NULL;
    ic_mls_path_keys_clear(&g->now.keys);
    ic_mls_past_free(g->past);
    g->past = NULL;
    ic_mls_discard(s);
    return IC_ERR_REMOVED;
}

ic_err ic_mls_merge(struct ic_mls_group *g, struct ic_mls_staged *s)
{
    g->fault = IC_MLSPUB_FAULT_NONE;
    if (s->group != g || s->epoch != g->now.context.epoch || g->removed) {
        ic_mls_discard(s);
        return ic_mls_refuse(g, IC_ERR_EPOCH, "RFC 9420 section 14: another commit came first",
                             IC_MLSPUB_NO_LEAF);
    }
    ic_err e = ic_mls_unjudged_state(&s->unjudged, &g->fault);
    if (e != IC_OK) {
        if (s->unjudged.refused != IC_OK)
            ic_mls_discard(s);
        return e;
    }
    if (s->removes_us)
        return merge_removal(g, s);
    ic_mls_changes_note_merge(g, s->diff);
    if (g->now.ratchets)
        ic_mls_resumption_keep(g, g->now.context.epoch, ic_secret_view(&g->now.secrets.resumption));
    ic_mls_clear_pending(g);
    /* RFC9420-14-2 */
    if (s->past)
        ic_mls_past_push(g, s->past);
    s->past = NULL;
    /* RFC9420-7.5-3 */
    ic_mls_moment_clear(&g->now);
    /* RFC9420-15.2-2 */
    g->now = s->next;
    s->next = (struct ic_mls_moment){0};
    ic_mls_secret_tree_watch(g->now.ratchets, g->changes, g->now.context.epoch);
    ic_mlspub_diff_merge(g->tree, s->diff);
    s->diff = NULL;
    g->opened_by_us = s->own;
    ic_buf_clear(&g->joined_extensions);
    if (s->own)
        g->own_leaf = s->committer;
    ic_buf_move(&g->reinit, &s->reinit);
    g->config.predecessor = NULL; /* for the first commit alone */
    ic_mls_discard(s);
    return IC_OK;
}

/* What is not judged is not to be sent either. */
static struct ic_view to_send(const struct ic_mls_staged *s, const struct ic_buf *b)
{
    bool judged = s->unjudged.count == 0 && s->unjudged.refused == IC_OK;
    return judged ? ic_buf_view(b) : ic_view(NULL, 0);
}

struct ic_view ic_mls_staged_commit(const struct ic_mls_staged *s)
{
    return to_send(s, &s->commit);
}

bool ic_mls_staged_is(const struct ic_mls_staged *s, struct ic_view message)
{
    return s->commit.len > 0 && ic_view_equal(ic_buf_view(&s->commit), message);
}

struct ic_view ic_mls_staged_welcome(const struct ic_mls_staged *s)
{
    return to_send(s, &s->welcome);
}

struct ic_view ic_mls_staged_group_info(const struct ic_mls_staged *s)
{
    return to_send(s, &s->group_info);
}

size_t ic_mls_staged_joiner_count(const struct ic_mls_staged *s)
{
    return s->joiner_count;
}

struct ic_view ic_mls_staged_joiner(const struct ic_mls_staged *s, size_t i)
{
    return i < s->joiner_count ? ic_view(s->joiners + i * s->ref_len, s->ref_len)
                               : ic_view(NULL, 0);
}

struct ic_mlspub_sender ic_mls_staged_sender(const struct ic_mls_staged *s)
{
    return s->sender;
}

uint32_t ic_mls_staged_committer(const struct ic_mls_staged *s)
{
    return s->committer;
}

size_t ic_mls_staged_count(const struct ic_mls_staged *s)
{
    return s->proposals.count;
}

const struct ic_mlspub_change_item *ic_mls_staged_item(const struct ic_mls_staged *s, size_t i)
{
    return i < s->proposals.count ? &s->proposals.items[i] : NULL;
}

const struct ic_mlspub_leaf_node *ic_mls_staged_path_leaf(const struct ic_mls_staged *s)
{
    return s->path_leaf;
}

struct ic_view ic_mls_staged_authenticated_data(const struct ic_mls_staged *s)
{
    return s->authenticated_data;
}

const struct ic_mlspub_group_context *ic_mls_staged_context(const struct ic_mls_staged *s)
{
    return &s->next.context;
}

ic_err ic_mls_staged_tree(const struct ic_mls_staged *s, struct ic_buf *out)
{
    return ic_mlspub_diff_encode(s->diff, out);
}

bool ic_mls_staged_removes_us(const struct ic_mls_staged *s)
{
    return s->removes_us;
}

/* Epochs that are over: their late application messages, and their resumption PSKs. */
#include "state.h"

#include <ic/base/mem.h>
#include <string.h>

void ic_mls_past_free(struct ic_mls_past *p)
{
    while (p) {
        struct ic_mls_past *older = p->older;
        ic_buf_clear(&p->context_bytes);
        ic_mls_secret_tree_free(p->ratchets);
        ic_free(p->former);
        ic_free_secret(p, sizeof *p);
        p = older;
    }
}

/* A leaf touched twice is noted twice, with the same key: looking for it would cost the square of a large commit. */
static void note_former(const struct ic_mls_group *g, struct ic_mls_past *p, uint32_t leaf)
{
    struct ic_mls_former_key *f = &p->former[p->former_count++];
    struct ic_view key = leaf < ic_mlspub_tree_size(g->tree)
                             ? ic_mlspub_tree_signature_key(g->tree, leaf)
                             : ic_view(NULL, 0);
    f->leaf = leaf;
    f->len = (uint8_t)(key.len <= sizeof f->key ? key.len : 0);
    if (f->len > 0)
        memcpy(f->key, key.p, f->len);
}

/* Every leaf the commit touches, with the key that it had. */
static void note_touched(const struct ic_mls_group *g, const struct ic_mls_staged *s,
                         struct ic_mls_past *p)
{
    for (size_t i = 0; i < s->proposals.count; i++)
        if (s->proposals.items[i].leaf != IC_MLSPUB_NO_LEAF)
            note_former(g, p, s->proposals.items[i].leaf);
    if (s->path_leaf)
        note_former(g, p, s->committer);
}

ic_err ic_mls_past_prepare(const struct ic_mls_group *g, const struct ic_mls_staged *s,
                           struct ic_mls_past **out)
{
    *out = NULL;
    if (g->config.limits.max_past_epochs == 0 || !g->now.ratchets)
        return IC_OK;
    struct ic_mls_past *p = ic_new(struct ic_mls_past);
    if (!p)
        return IC_ERR_NOMEM;
    p->former = ic_new_array(s->proposals.count + 1, struct ic_mls_former_key);
    if (!p->former) {
        ic_mls_past_free(p);
        return IC_ERR_NOMEM;
    }
    note_touched(g, s, p);
    *out = p;
    return IC_OK;
}

void ic_mls_past_push(struct ic_mls_group *g, struct ic_mls_past *p)
{
    p->context_bytes = g->now.context_bytes;
    p->context = g->now.context;
    g->now.context_bytes = (struct ic_buf){0};
    p->sender_data = g->now.secrets.sender_data;
    p->ratchets = g->now.ratchets;
    g->now.ratchets = NULL;
    p->older = g->past;
    g->past = p;
    ic_mls_past_limit(g);
}

void ic_mls_past_limit(struct ic_mls_group *g)
{
    struct ic_mls_past **end = &g->past;
    for (uint32_t i = 0; i < g->config.limits.max_past_epochs && *end; i++)
        end = &(*end)->older;
    ic_mls_past_free(*end);
    *end = NULL;
}

struct ic_mls_past *ic_mls_past_find(const struct ic_mls_group *g, uint64_t epoch)
{
    for (struct ic_mls_past *p = g->past; p; p = p->older)
        if (p->context.epoch == epoch)
            return p;
    return NULL;
}

/* The first commit since then that touched the leaf kept the key it had before; without one, it is the
 * current tree's. */
struct ic_view ic_mls_past_signer(const struct ic_mls_group *g, const struct ic_mls_past *p,
                                  uint32_t leaf)
{
    const struct ic_mls_former_key *found = NULL;
    for (const struct ic_mls_past *q = g->past; q; q = q->older) {
        for (size_t i = 0; i < q->former_count; i++)
            if (q->former[i].leaf == leaf)
                found = &q->former[i];
        if (q == p)
            break;
    }
    if (found)
        return ic_view(found->key, found->len);
    return leaf < ic_mlspub_tree_size(g->tree) ? ic_mlspub_tree_signature_key(g->tree, leaf)
                                               : ic_view(NULL, 0);
}

void ic_mls_resumption_keep(struct ic_mls_group *g, uint64_t epoch, struct ic_view psk)
{
    if (!g->resumptions)
        return;
    struct ic_mls_resumption *r = &g->resumptions[g->resumption_next];
    if (g->resumption_count == g->config.limits.max_resumption)
        ic_mls_changes_note(g->changes, IC_MLS_RECORD_RESUMPTION, r->epoch, 0);
    else
        g->resumption_count++;
    r->epoch = epoch;
    r->psk.len = psk.len;
    memcpy(r->psk.b, psk.p, psk.len);
    g->resumption_next = (g->resumption_next + 1) % g->config.limits.max_resumption;
}

/* A secret tree as records, and back. */
#include "secret_tree_internal.h"

#include <ic/base/mem.h>
#include <ic/mlspub/treemath.h>
#include <string.h>

void ic_mls_secret_tree_watch(struct ic_mls_secret_tree *t, struct ic_mls_changes *c,
                              uint64_t epoch)
{
    t->changes = c;
    t->epoch = epoch;
}

uint32_t ic_mls_secret_tree_slots(const struct ic_mls_secret_tree *t)
{
    return t->leaf_slots;
}

/* ---- what there is ---- */

struct walk {
    const struct ic_mls_secret_tree *t;
    uint8_t kind;
    uint64_t epoch;
    ic_err (*take)(void *arg, const struct ic_mls_record_key *key);
    void *arg;
};

static ic_err give(const struct walk *w, uint64_t index)
{
    const struct ic_mls_record_key key = {w->kind, w->epoch, index};
    return w->take(w->arg, &key);
}

static ic_err walk_speaker(const struct walk *w, const struct speaker *sp, uint32_t leaf)
{
    for (enum ic_mls_ratchet_kind k = 0; k < 2; k++) {
        if (w->kind == IC_MLS_RECORD_RATCHET)
            IC_TRY(give(w, ratchet_index(leaf, k)));
        const struct ratchet *r = &sp->ratchet[k];
        for (uint32_t i = 0; i < r->kept_count && w->kind == IC_MLS_RECORD_SKIPPED; i++)
            IC_TRY(give(w, skipped_index(leaf, k, r->kept[i].generation)));
    }
    return IC_OK;
}

static ic_err walk(const struct walk *w, const struct node *n, uint32_t at)
{
    if (n->state == NODE_SPEAKER)
        return walk_speaker(w, n->speaker, ic_mlspub_leaf_of_node(at));
    if (n->state == NODE_SECRET)
        return w->kind == IC_MLS_RECORD_SECRET_NODE ? give(w, at) : IC_OK;
    IC_TRY(walk(w, n->child[0], ic_mlspub_node_left(at)));
    return walk(w, n->child[1], ic_mlspub_node_right(at));
}

ic_err ic_mls_secret_tree_keys(const struct ic_mls_secret_tree *t, uint8_t kind, uint64_t epoch,
                               ic_err (*take)(void *arg, const struct ic_mls_record_key *key),
                               void *arg)
{
    const struct walk w = {t, kind, epoch, take, arg};
    return walk(&w, t->root, ic_mlspub_node_root(t->leaf_slots));
}

/* The node at a place, or NULL where no secret was derived so deep, or a blank tree ends. */
static struct node *find_node(const struct ic_mls_secret_tree *t, uint64_t place)
{
    if (place >= ic_mlspub_node_count(t->leaf_slots))
        return NULL;
    struct node *n = t->root;
    uint32_t at = ic_mlspub_node_root(t->leaf_slots);
    while (n && at != place) {
        if (n->state != NODE_SPLIT)
            return NULL;
        n = n->child[place > at];
        at = place > at ? ic_mlspub_node_right(at) : ic_mlspub_node_left(at);
    }
    return n;
}

static struct ratchet *find_ratchet(const struct ic_mls_secret_tree *t, uint64_t index)
{
    const struct node *n = find_node(t, index >> 1 << 1); /* a leaf's node is twice its number */
    return n && n->state == NODE_SPEAKER ? &n->speaker->ratchet[index & 1] : NULL;
}

bool ic_mls_secret_tree_node(const struct ic_mls_secret_tree *t, uint64_t index,
                             struct ic_view *secret)
{
    const struct node *n = find_node(t, index);
    if (!n || n->state != NODE_SECRET)
        return false;
    *secret = ic_view(n->secret, t->suite->hash_len);
    return true;
}

bool ic_mls_secret_tree_ratchet(const struct ic_mls_secret_tree *t, uint64_t index,
                                uint32_t *generation, struct ic_view *secret)
{
    const struct ratchet *r = find_ratchet(t, index);
    if (!r)
        return false;
    *generation = r->generation;
    *secret = ic_view(r->secret, t->suite->hash_len);
    return true;
}

bool ic_mls_secret_tree_skipped(const struct ic_mls_secret_tree *t, uint64_t index,
                                const struct ic_mls_message_key **key)
{
    const struct ratchet *r = find_ratchet(t, index >> 32);
    uint32_t at = r ? kept_position(r, (uint32_t)index) : 0;
    if (!r || at == r->kept_count || r->kept[at].generation != (uint32_t)index)
        return false;
    *key = &r->kept[at];
    return true;
}

/* ---- and back ---- */

ic_err ic_mls_secret_tree_blank(const struct ic_suite *s, uint32_t leaf_slots, uint32_t max_forward,
                                uint32_t max_skipped, struct ic_mls_secret_tree **out)
{
    struct ic_mls_secret_tree *t = ic_new(struct ic_mls_secret_tree);
    if (!t)
        return IC_ERR_NOMEM;
    t->suite = s;
    t->leaf_slots = leaf_slots;
    t->max_forward = max_forward;
    t->max_skipped = max_skipped;
    *out = t;
    return IC_OK;
}

/* Makes the place and all above it; what stands at the place already is a fault. */
static ic_err make_place(struct ic_mls_secret_tree *t, uint64_t place, struct node **out)
{
    if (place >= ic_mlspub_node_count(t->leaf_slots))
        return IC_ERR_MALFORMED;
    struct node **n = &t->root;
    for (uint32_t at = ic_mlspub_node_root(t->leaf_slots);;) {
        bool made = !*n;
        if (made)
            *n = ic_calloc(1, sizeof **n + t->suite->hash_len);
        if (!*n)
            return IC_ERR_NOMEM;
        if (made)
            (*n)->state = NODE_SPLIT; /* its children NULL: not complete yet */
        if (at == place) {
            *out = *n;
            return made ? IC_OK : IC_ERR_MALFORMED;
        }
        if ((*n)->state != NODE_SPLIT)
            return IC_ERR_MALFORMED;
        n = &(*n)->child[place > at];
        at = place > at ? ic_mlspub_node_right(at) : ic_mlspub_node_left(at);
    }
}

ic_err ic_mls_secret_tree_put_node(struct ic_mls_secret_tree *t, uint64_t index,
                                   struct ic_view secret)
{
    struct node *n;
    if (secret.len != t->suite->hash_len)
        return IC_ERR_MALFORMED;
    IC_TRY(make_place(t, index, &n));
    n->state = NODE_SECRET;
    memcpy(n->secret, secret.p, secret.len);
    return IC_OK;
}

static ic_err make_speaker(struct ic_mls_secret_tree *t, uint64_t place)
{
    struct node *n;
    struct speaker *sp = ic_calloc(1, sizeof *sp + 2u * t->suite->hash_len);
    if (!sp)
        return IC_ERR_NOMEM;
    ic_err e = make_place(t, place, &n);
    if (e != IC_OK) {
        ic_free(sp);
        return e;
    }
    n->state = NODE_SPEAKER;
    n->speaker = sp;
    return IC_OK;
}

ic_err ic_mls_secret_tree_put_ratchet(struct ic_mls_secret_tree *t, uint64_t index,
                                      uint32_t generation, struct ic_view secret)
{
    const size_t nh = t->suite->hash_len;
    struct ratchet *r = find_ratchet(t, index);
    if (secret.len != nh)
        return IC_ERR_MALFORMED;
    if (!r) {
        IC_TRY(make_speaker(t, index >> 1 << 1));
        r = find_ratchet(t, index);
    }
    if (r->secret)
        return IC_ERR_MALFORMED;
    struct speaker *sp = find_node(t, index >> 1 << 1)->speaker;
    r->generation = generation;
    r->secret = sp->secrets + (index & 1) * nh;
    memcpy(r->secret, secret.p, nh);
    return IC_OK;
}

ic_err ic_mls_secret_tree_put_skipped(struct ic_mls_secret_tree *t, uint64_t index,
                                      struct ic_view nonce, struct ic_view key)
{
    uint32_t generation = (uint32_t)index;
    struct ratchet *r = find_ratchet(t, index >> 32);
    if (!r || !r->secret || generation >= r->generation ||
        (r->kept_count > 0 && r->kept[r->kept_count - 1].generation >= generation) ||
        nonce.len != t->suite->aead_nonce_len || key.len != t->suite->aead_key_len)
        return IC_ERR_MALFORMED;
    if (r->kept_count >= t->max_skipped) {
        ic_mls_changes_note(t->changes, IC_MLS_RECORD_SKIPPED, t->epoch,
                            index >> 32 << 32 | r->kept[0].generation);
        ic_mls_ratchet_drop(r, 0, 1);
    }
    if (r->kept_count == r->kept_cap)
        IC_TRY(ic_mls_ratchet_reserve(r, r->kept_count + 1));
    struct ic_mls_message_key *k = &r->kept[r->kept_count++];
    k->generation = generation;
    memcpy(k->nonce, nonce.p, nonce.len);
    memcpy(k->key, key.p, key.len);
    return IC_OK;
}

static bool complete(const struct node *n, uint32_t at)
{
    if (!n)
        return false;
    if (n->state == NODE_SPEAKER)
        return n->speaker->ratchet[0].secret && n->speaker->ratchet[1].secret;
    if (n->state == NODE_SECRET)
        return true;
    return !ic_mlspub_node_is_leaf(at) && complete(n->child[0], ic_mlspub_node_left(at)) &&
           complete(n->child[1], ic_mlspub_node_right(at));
}

bool ic_mls_secret_tree_complete(const struct ic_mls_secret_tree *t)
{
    return complete(t->root, ic_mlspub_node_root(t->leaf_slots));
}

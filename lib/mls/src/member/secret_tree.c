#include "secret_tree_internal.h"

#include "labels.h"

#include <assert.h>
#include <ic/base/mem.h>
#include <ic/mlspub/treemath.h>
#include <string.h>

static void speaker_free(const struct ic_mls_secret_tree *t, struct speaker *sp)
{
    if (!sp)
        return;
    for (size_t k = 0; k < 2; k++)
        ic_free_secret(sp->ratchet[k].kept, sp->ratchet[k].kept_cap * sizeof *sp->ratchet[k].kept);
    ic_free_secret(sp, sizeof *sp + 2u * t->suite->hash_len);
}

/* Depth is at most 32. */
static void node_free(const struct ic_mls_secret_tree *t, struct node *n)
{
    if (!n)
        return;
    if (n->state == NODE_SPLIT) {
        node_free(t, n->child[0]);
        node_free(t, n->child[1]);
    } else if (n->state == NODE_SPEAKER) {
        speaker_free(t, n->speaker);
    }
    ic_free_secret(n, sizeof *n + t->suite->hash_len);
}

ic_err ic_mls_secret_tree_new(const struct ic_suite *s, uint32_t leaf_slots,
                              struct ic_secret *encryption, uint32_t max_forward,
                              uint32_t max_skipped, struct ic_mls_secret_tree **out)
{
    struct ic_mls_secret_tree *t = ic_new(struct ic_mls_secret_tree);
    struct node *root = ic_calloc(1, sizeof *root + s->hash_len);
    if (!t || !root) {
        ic_free(t);
        ic_free(root);
        ic_secret_clear(encryption);
        return IC_ERR_NOMEM;
    }
    memcpy(root->secret, encryption->b, s->hash_len);
    ic_secret_clear(encryption);
    *t = (struct ic_mls_secret_tree){.suite = s,
                                     .root = root,
                                     .leaf_slots = leaf_slots,
                                     .max_forward = max_forward,
                                     .max_skipped = max_skipped};
    *out = t;
    return IC_OK;
}

void ic_mls_secret_tree_free(struct ic_mls_secret_tree *t)
{
    if (!t)
        return;
    node_free(t, t->root);
    ic_free(t);
}

static ic_err child_new(const struct ic_mls_secret_tree *t, const struct ic_hmac_key *prk,
                        struct ic_view side, struct node **out)
{
    struct node *n = ic_calloc(1, sizeof *n + t->suite->hash_len);
    if (!n)
        return IC_ERR_NOMEM;
    ic_err e = ic_mls_expand_key(prk, IC_VIEW_STR("tree"), side, n->secret, t->suite->hash_len);
    if (e != IC_OK) {
        ic_free_secret(n, sizeof *n + t->suite->hash_len);
        return e;
    }
    *out = n;
    return IC_OK;
}

static void note_node(const struct ic_mls_secret_tree *t, uint32_t node)
{
    ic_mls_changes_note(t->changes, IC_MLS_RECORD_SECRET_NODE, t->epoch, node);
}

static void note_ratchet(const struct ic_mls_secret_tree *t, uint32_t leaf,
                         enum ic_mls_ratchet_kind kind)
{
    ic_mls_changes_note(t->changes, IC_MLS_RECORD_RATCHET, t->epoch, ratchet_index(leaf, kind));
}

static void note_skipped(const struct ic_mls_secret_tree *t, uint32_t leaf,
                         enum ic_mls_ratchet_kind kind, const struct ic_mls_message_key *keys,
                         uint32_t n)
{
    for (uint32_t i = 0; i < n && t->changes; i++)
        ic_mls_changes_note(t->changes, IC_MLS_RECORD_SKIPPED, t->epoch,
                            skipped_index(leaf, kind, keys[i].generation));
}

/* RFC 9420 section 9: both children at once, and the parent's secret is gone. */
static ic_err node_split(const struct ic_mls_secret_tree *t, struct node *n, uint32_t at)
{
    struct node *left = NULL, *right = NULL;
    IC_HMAC_KEY_SCOPE(prk);
    ic_hmac_key_init(&prk, t->suite->hash, ic_view(n->secret, t->suite->hash_len));
    ic_err e = child_new(t, &prk, IC_VIEW_STR("left"), &left);
    if (e == IC_OK)
        e = child_new(t, &prk, IC_VIEW_STR("right"), &right);
    if (e != IC_OK) {
        node_free(t, left);
        return e;
    }
    ic_wipe(n->secret, t->suite->hash_len);
    n->state = NODE_SPLIT;
    n->child[0] = left;
    n->child[1] = right;
    note_node(t, at);
    note_node(t, ic_mlspub_node_left(at));
    note_node(t, ic_mlspub_node_right(at));
    return IC_OK;
}

static ic_err node_speak(const struct ic_mls_secret_tree *t, struct node *n, uint32_t leaf)
{
    const size_t nh = t->suite->hash_len;
    struct speaker *sp = ic_calloc(1, sizeof *sp + 2 * nh);
    if (!sp)
        return IC_ERR_NOMEM;
    sp->ratchet[IC_MLS_HANDSHAKE_RATCHET].secret = sp->secrets;
    sp->ratchet[IC_MLS_APPLICATION_RATCHET].secret = sp->secrets + nh;
    IC_HMAC_KEY_SCOPE(prk);
    ic_hmac_key_init(&prk, t->suite->hash, ic_view(n->secret, nh));
    const struct ic_view none = ic_view(NULL, 0);
    ic_err e = ic_mls_expand_key(&prk, IC_VIEW_STR("handshake"), none, sp->secrets, nh);
    if (e == IC_OK)
        e = ic_mls_expand_key(&prk, IC_VIEW_STR("application"), none, sp->secrets + nh, nh);
    if (e != IC_OK) {
        speaker_free(t, sp);
        return e;
    }
    ic_wipe(n->secret, nh);
    n->state = NODE_SPEAKER;
    n->speaker = sp;
    note_node(t, ic_mlspub_node_of_leaf(leaf));
    note_ratchet(t, leaf, IC_MLS_HANDSHAKE_RATCHET);
    note_ratchet(t, leaf, IC_MLS_APPLICATION_RATCHET);
    return IC_OK;
}

static ic_err ratchet_of(struct ic_mls_secret_tree *t, uint32_t leaf, enum ic_mls_ratchet_kind kind,
                         struct ratchet **out)
{
    if (leaf >= t->leaf_slots)
        return IC_ERR_RANGE;
    struct node *n = t->root;
    uint32_t at = ic_mlspub_node_root(t->leaf_slots);
    for (uint32_t half = t->leaf_slots / 2; half > 0; half /= 2) {
        if (n->state == NODE_SECRET)
            IC_TRY(node_split(t, n, at));
        n = n->child[(leaf & half) != 0];
        at = leaf & half ? ic_mlspub_node_right(at) : ic_mlspub_node_left(at);
    }
    if (n->state == NODE_SECRET)
        IC_TRY(node_speak(t, n, leaf));
    *out = &n->speaker->ratchet[kind];
    return IC_OK;
}

/* RFC 9420 section 9.1: key, nonce and next secret of one generation. secret is replaced by the next. */
static ic_err ratchet_turn(const struct ic_suite *s, uint8_t *secret, uint32_t generation,
                           struct ic_mls_message_key *out)
{
    uint8_t g[4];
    ic_store_u32(g, generation);
    const struct ic_view context = IC_VIEW_ARRAY(g);
    IC_HMAC_KEY_SCOPE(prk);
    ic_hmac_key_init(&prk, s->hash, ic_view(secret, s->hash_len));
    out->generation = generation;
    IC_TRY(ic_mls_expand_key(&prk, IC_VIEW_STR("nonce"), context, out->nonce, sizeof out->nonce));
    IC_TRY(ic_mls_expand_key(&prk, IC_VIEW_STR("key"), context, out->key, s->aead_key_len));
    return ic_mls_expand_key(&prk, IC_VIEW_STR("secret"), context, secret, s->hash_len);
}

ic_err ic_mls_secret_tree_next(struct ic_mls_secret_tree *t, uint32_t leaf,
                               enum ic_mls_ratchet_kind kind, struct ic_mls_message_key *out)
{
    struct ratchet *r;
    IC_TRY(ratchet_of(t, leaf, kind, &r));
    if (r->generation == UINT32_MAX)
        return IC_ERR_LIMIT;
    IC_TRY(ratchet_turn(t->suite, r->secret, r->generation, out));
    /* RFC9420-6.3.1-4 RFC9420-9.1-1 */
    r->generation++;
    note_ratchet(t, leaf, kind);
    return IC_OK;
}

static ic_err find_kept(const struct ratchet *r, uint32_t generation, struct ic_mls_key_use *use)
{
    uint32_t at = kept_position(r, generation);
    if (at == r->kept_count || r->kept[at].generation != generation)
        return IC_ERR_REPLAY;
    use->kept = true;
    use->key = r->kept[at];
    return IC_OK;
}

/* Room for n more kept keys, so that consuming cannot fail. */
ic_err ic_mls_ratchet_reserve(struct ratchet *r, uint32_t n)
{
    uint32_t want = r->kept_count + n;
    if (want <= r->kept_cap)
        return IC_OK;
    struct ic_mls_message_key *bigger = ic_new_array(want, struct ic_mls_message_key);
    if (!bigger)
        return IC_ERR_NOMEM;
    if (r->kept_count > 0)
        memcpy(bigger, r->kept, r->kept_count * sizeof *bigger);
    ic_free_secret(r->kept, r->kept_cap * sizeof *bigger);
    r->kept = bigger;
    r->kept_cap = want;
    return IC_OK;
}

static ic_err find_ahead(struct ic_mls_secret_tree *t, struct ratchet *r, uint32_t generation,
                         struct ic_mls_key_use *use)
{
    uint32_t jump = generation - r->generation;
    /* RFC 9420 section 9.2 leaves the bound to us; without one, a member could make everybody hash for
     * hours. */
    if (jump > t->max_forward || generation == UINT32_MAX)
        return IC_ERR_LIMIT;
    uint32_t keep = jump < t->max_skipped ? jump : t->max_skipped;
    if (keep > 0) {
        IC_TRY(ic_mls_ratchet_reserve(r, keep));
        use->skipped = ic_new_array(keep, struct ic_mls_message_key);
        if (!use->skipped)
            return IC_ERR_NOMEM;
        use->skipped_count = keep;
    }
    use->next.len = t->suite->hash_len;
    memcpy(use->next.b, r->secret, use->next.len);
    for (uint32_t i = 0; i <= jump; i++) {
        struct ic_mls_message_key *k = &use->key;
        if (i < jump && jump - i <= keep)
            k = &use->skipped[keep - (jump - i)];
        IC_TRY(ratchet_turn(t->suite, use->next.b, r->generation + i, k));
    }
    return IC_OK;
}

ic_err ic_mls_secret_tree_find(struct ic_mls_secret_tree *t, uint32_t leaf,
                               enum ic_mls_ratchet_kind kind, uint32_t generation,
                               struct ic_mls_key_use *use)
{
    struct ratchet *r;
    IC_TRY(ratchet_of(t, leaf, kind, &r));
    *use = (struct ic_mls_key_use){.leaf = leaf, .kind = kind};
    ic_err e = generation < r->generation ? find_kept(r, generation, use)
                                          : find_ahead(t, r, generation, use);
    if (e != IC_OK)
        ic_mls_key_use_clear(use);
    return e;
}

void ic_mls_ratchet_drop(struct ratchet *r, uint32_t at, uint32_t n)
{
    memmove(r->kept + at, r->kept + at + n, (r->kept_count - at - n) * sizeof *r->kept);
    r->kept_count -= n;
    ic_wipe(r->kept + r->kept_count, n * sizeof *r->kept);
}

static void keep_skipped(struct ic_mls_secret_tree *t, struct ratchet *r,
                         const struct ic_mls_key_use *use)
{
    uint32_t all = r->kept_count + use->skipped_count;
    assert(all <= r->kept_cap);
    if (use->skipped_count > 0)
        memcpy(r->kept + r->kept_count, use->skipped, use->skipped_count * sizeof *r->kept);
    note_skipped(t, use->leaf, use->kind, use->skipped, use->skipped_count);
    r->kept_count = all;
    if (all > t->max_skipped) {
        note_skipped(t, use->leaf, use->kind, r->kept, all - t->max_skipped);
        ic_mls_ratchet_drop(r, 0, all - t->max_skipped);
    }
}

void ic_mls_secret_tree_consume(struct ic_mls_secret_tree *t, struct ic_mls_key_use *use)
{
    struct ratchet *r;
    ic_err e = ratchet_of(t, use->leaf, use->kind, &r);
    assert(e == IC_OK); /* found before, so nothing is left to derive */
    (void)e;
    if (use->kept) {
        uint32_t at = kept_position(r, use->key.generation);
        if (at < r->kept_count && r->kept[at].generation == use->key.generation) {
            note_skipped(t, use->leaf, use->kind, &use->key, 1);
            ic_mls_ratchet_drop(r, at, 1);
        }
    } else {
        keep_skipped(t, r, use);
        /* RFC9420-9.2-1 RFC9420-9.2-2 */
        memcpy(r->secret, use->next.b, use->next.len);
        r->generation = use->key.generation + 1;
        note_ratchet(t, use->leaf, use->kind);
    }
    ic_mls_key_use_clear(use);
}

void ic_mls_key_use_clear(struct ic_mls_key_use *use)
{
    ic_free_secret(use->skipped, use->skipped_count * sizeof *use->skipped);
    ic_wipe(use, sizeof *use);
}

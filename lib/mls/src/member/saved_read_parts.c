/* The records of a group that follow its tree, read back. */
#include "saved.h"

#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <string.h>

enum { PART_MAX = 0x3fffffff };

/* ---- private keys of the tree ---- */

/* Where the public keys are: a tree, or that of a diff. */
struct keys_at {
    struct ic_mls_loading *l;
    const struct ic_mlspub_diff *d; /* or NULL */
    uint32_t leaf;
};

static uint32_t slots_at(const struct keys_at *a)
{
    return a->d ? ic_mlspub_diff_size(a->d) : ic_mlspub_tree_size(a->l->g->tree);
}

/* The private key that fits the node. */
static ic_err import_fitting(const struct keys_at *a, struct ic_view private_key, uint32_t node,
                             struct ic_secret *out)
{
    const struct ic_mls_group *g = a->l->g;
    struct ic_kem_pair pair = {0};
    ic_err e = ic_kem_import_private(g->suite->kem, private_key, &pair);
    if (e != IC_OK && e != IC_ERR_KEY)
        return e;
    struct ic_view key = a->d ? ic_mlspub_diff_key(a->d, node) : ic_mlspub_tree_key(g->tree, node);
    bool fits = e == IC_OK && ic_view_equal(ic_view(pair.public_key, pair.public_len), key);
    if (fits)
        *out = pair.private_key;
    ic_kem_pair_clear(&pair);
    return fits ? IC_OK
                : ic_mls_loading_refuse(a->l, IC_ERR_KEY,
                                        "saved state: a private key is not the tree's");
}

static ic_err read_parents(const struct keys_at *a, struct ic_view list,
                           struct ic_mls_path_keys *out)
{
    struct ic_reader r = ic_reader(list);
    uint32_t nodes = ic_mlspub_node_count(slots_at(a)), below = 0;
    while (ic_reader_more(&r)) {
        IC_SECRET_SCOPE(key);
        uint32_t node = ic_read_u32(&r);
        struct ic_view bytes = ic_read_vec(&r, IC_SECRET_MAX);
        IC_TRY(r.err);
        /* Each once, from leaf to root: so there is room. */
        if (node >= nodes || !ic_mlspub_node_covers(node, a->leaf) ||
            ic_mlspub_node_level(node) <= below)
            return IC_ERR_MALFORMED;
        below = ic_mlspub_node_level(node);
        IC_TRY(import_fitting(a, bytes, node, &key));
        ic_mls_path_keys_push(out, node, &key);
    }
    return ic_reader_end(&r);
}

ic_err ic_mls_loading_fitting_keys(struct ic_mls_loading *l, const struct ic_mlspub_diff *d,
                                   uint32_t leaf, struct ic_view leaf_key, struct ic_view above,
                                   struct ic_mls_path_keys *out)
{
    const struct keys_at a = {l, d, leaf};
    IC_SECRET_SCOPE(key);
    IC_TRY(import_fitting(&a, leaf_key, ic_mlspub_node_of_leaf(leaf), &key));
    IC_TRY(ic_mls_path_keys_init(out, &key, slots_at(&a)));
    return read_parents(&a, above, out);
}

ic_err ic_mls_loading_keys(struct ic_mls_loading *l, struct ic_view content)
{
    struct ic_mls_group *g = l->g;
    struct ic_reader r = ic_reader(content);
    struct ic_view leaf = ic_read_vec(&r, IC_SECRET_MAX);
    struct ic_view parents = ic_read_vec(&r, PART_MAX);
    IC_TRY(ic_mls_loading_fields_end(l, &r));
    return g->now.keys.parents
               ? IC_ERR_MALFORMED
               : ic_mls_loading_fitting_keys(l, NULL, g->own_leaf, leaf, parents, &g->now.keys);
}

/* ---- epochs that are over ---- */

static ic_err read_former(struct ic_mls_loading *l, struct ic_view list, struct ic_mls_past *p)
{
    struct ic_reader r = ic_reader(list);
    size_t room = list.len / 5; /* a number and a length at least */
    p->former = ic_new_array(room, struct ic_mls_former_key);
    if (!p->former)
        return IC_ERR_NOMEM;
    while (ic_reader_more(&r)) {
        uint32_t leaf = ic_read_u32(&r);
        struct ic_view key = ic_read_vec(&r, IC_SIG_PUBLIC_MAX);
        IC_TRY(r.err);
        if (key.len != 0 && key.len != l->g->suite->sig_public_len)
            return IC_ERR_MALFORMED;
        struct ic_mls_former_key *f = &p->former[p->former_count++];
        f->leaf = leaf;
        f->len = (uint8_t)key.len;
        if (key.len > 0)
            memcpy(f->key, key.p, key.len);
    }
    return ic_reader_end(&r);
}

static ic_err check_context(const struct ic_mls_loading *l, const struct ic_mls_past *p,
                            uint64_t epoch)
{
    const struct ic_mlspub_group_context *now = &l->g->now.context, *c = &p->context;
    return c->epoch == epoch && epoch < now->epoch && c->suite == now->suite &&
                   c->version == now->version && ic_view_equal(c->group_id, now->group_id)
               ? IC_OK
               : IC_ERR_MALFORMED;
}

static ic_err read_past(struct ic_mls_loading *l, uint64_t epoch, struct ic_view content,
                        struct ic_mls_past *p)
{
    const struct ic_mls_limits *limits = &l->g->config.limits;
    struct ic_reader r = ic_reader(content);
    struct ic_view context = ic_read_vec(&r, PART_MAX);
    struct ic_view sender_data = ic_read_vec(&r, IC_SECRET_MAX);
    uint32_t slots = ic_read_u32(&r);
    struct ic_view former = ic_read_vec(&r, PART_MAX);
    IC_TRY(ic_mls_loading_fields_end(l, &r));
    if (sender_data.len != l->g->suite->hash_len || slots == 0 || (slots & (slots - 1)) ||
        slots > 1u << 24)
        return IC_ERR_MALFORMED;
    ic_buf_init(&p->context_bytes, context.len);
    IC_TRY(ic_buf_append(&p->context_bytes, context));
    IC_TRY(ic_mlspub_group_context_decode(ic_buf_view(&p->context_bytes), NULL, &p->context));
    IC_TRY(check_context(l, p, epoch));
    IC_TRY(ic_secret_set(&p->sender_data, sender_data));
    IC_TRY(read_former(l, former, p));
    IC_TRY(ic_mls_secret_tree_blank(l->g->suite, slots, limits->max_forward, limits->max_skipped,
                                    &p->ratchets));
    ic_mls_secret_tree_watch(p->ratchets, l->g->changes, epoch);
    return IC_OK;
}

ic_err ic_mls_loading_past(struct ic_mls_loading *l, uint64_t epoch, struct ic_view content)
{
    struct ic_mls_past *p = ic_new(struct ic_mls_past);
    if (!p)
        return IC_ERR_NOMEM;
    ic_err e = read_past(l, epoch, content, p);
    if (e != IC_OK) {
        ic_mls_past_free(p);
        return e;
    }
    p->older = l->g->past; /* they come from the oldest on */
    l->g->past = p;
    return IC_OK;
}

/* ---- message keys ---- */

ic_err ic_mls_loading_secret(struct ic_mls_loading *l, const struct ic_mls_record_key *key,
                             struct ic_view content)
{
    struct ic_mls_group *g = l->g;
    struct ic_mls_secret_tree *t = g->now.ratchets;
    struct ic_reader r = ic_reader(content);
    if (key->epoch != g->now.context.epoch) {
        const struct ic_mls_past *p = ic_mls_past_find(g, key->epoch);
        t = p ? p->ratchets : NULL;
    }
    if (!t)
        return IC_ERR_MALFORMED;
    uint32_t generation = key->kind == IC_MLS_RECORD_RATCHET ? ic_read_u32(&r) : 0;
    struct ic_view first = ic_read_vec(&r, IC_SECRET_MAX);
    struct ic_view second =
        key->kind == IC_MLS_RECORD_SKIPPED ? ic_read_vec(&r, IC_SECRET_MAX) : ic_view(NULL, 0);
    IC_TRY(ic_mls_loading_fields_end(l, &r));
    if (key->kind == IC_MLS_RECORD_SECRET_NODE)
        return ic_mls_secret_tree_put_node(t, key->index, first);
    if (key->kind == IC_MLS_RECORD_RATCHET)
        return ic_mls_secret_tree_put_ratchet(t, key->index, generation, first);
    return ic_mls_secret_tree_put_skipped(t, key->index, first, second);
}

ic_err ic_mls_loading_resumption(struct ic_mls_loading *l, uint64_t epoch, struct ic_view content)
{
    struct ic_mls_group *g = l->g;
    struct ic_reader r = ic_reader(content);
    struct ic_view psk = ic_read_vec(&r, IC_SECRET_MAX);
    IC_TRY(ic_mls_loading_fields_end(l, &r));
    if (psk.len != g->suite->hash_len || epoch >= g->now.context.epoch)
        return IC_ERR_MALFORMED;
    ic_mls_resumption_keep(g, epoch, psk);
    return IC_OK;
}

/* ---- what is pending ---- */

ic_err ic_mls_loading_proposal(struct ic_mls_loading *l, uint64_t index, struct ic_view content)
{
    struct ic_reader r = ic_reader(content);
    struct ic_mlspub_proposal p = {0};
    struct ic_mlspub_change_item item = {.proposal = &p};
    item.sender.type = ic_read_u8(&r);
    item.sender.index = ic_read_u32(&r);
    uint8_t verified = ic_read_u8(&r);
    item.ref = ic_read_vec(&r, IC_HASH_MAX);
    p.encoded = ic_read_vec(&r, PART_MAX);
    IC_TRY(ic_mls_loading_fields_end(l, &r));
    if (verified > IC_MLS_SAVED_JUDGED || index != ic_mlspub_pending_count(l->g->pending) ||
        item.sender.type < IC_MLS_SENDER_MEMBER ||
        item.sender.type > IC_MLS_SENDER_NEW_MEMBER_PROPOSAL)
        return IC_ERR_MALFORMED;
    item.verified = verified != 0;
    item.judged = verified == IC_MLS_SAVED_JUDGED;
    ic_err e = ic_mlspub_pending_restore(l->g->pending, &item);
    return e == IC_ERR_LIMIT
               ? ic_mls_loading_refuse(l, e, "saved state: too many proposals are pending")
               : e;
}

static ic_err read_update(struct ic_mls_loading *l, struct ic_view content,
                          struct ic_mls_own_update *u)
{
    struct ic_reader r = ic_reader(content);
    struct ic_kem_pair pair = {0};
    struct ic_view key = ic_read_vec(&r, IC_SECRET_MAX);
    struct ic_view signer = ic_read_vec(&r, IC_SIG_PUBLIC_MAX);
    IC_TRY(ic_mls_loading_fields_end(l, &r));
    IC_TRY(ic_kem_import_private(l->g->suite->kem, key, &pair));
    u->key = pair.private_key;
    u->public_len = pair.public_len;
    memcpy(u->public_key, pair.public_key, pair.public_len);
    ic_kem_pair_clear(&pair);
    u->signer = ic_mls_loading_signer(l, signer);
    return u->signer ? IC_OK
                     : ic_mls_loading_refuse(l, IC_ERR_KEY,
                                             "saved state: an Update's signing key was not given");
}

ic_err ic_mls_loading_update(struct ic_mls_loading *l, uint64_t index, struct ic_view content)
{
    struct ic_mls_own_update *u =
        index == l->g->own_update_count ? ic_new(struct ic_mls_own_update) : NULL;
    if (!u)
        return index == l->g->own_update_count ? IC_ERR_NOMEM : IC_ERR_MALFORMED;
    ic_err e = read_update(l, content, u);
    if (e != IC_OK) {
        ic_mls_own_updates_free(u);
        return e;
    }
    u->next = l->g->own_updates;
    l->g->own_updates = u;
    l->g->own_update_count++;
    return IC_OK;
}

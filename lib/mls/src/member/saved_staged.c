/* A staged commit as one record, and back: so that a crash between its sending and its acceptance costs nothing. */
#include "saved.h"

#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <string.h>

enum { PART_MAX = 0x3fffffff, VEC = 4, SECRET = VEC + IC_SECRET_MAX };

enum { FLAG_OWN = 1, FLAG_REMOVES_US = 2 };

/* ---- writing ---- */

static size_t items_room(const struct ic_mls_staged *s)
{
    size_t n = VEC;
    for (size_t i = 0; i < s->proposals.count; i++)
        n += 18 + 2 * VEC + s->proposals.items[i].ref.len +
             s->proposals.items[i].proposal->encoded.len;
    /* Those by value, where they have no bytes of their own, are in the commit. */
    return n + s->commit.len + s->content.len + s->message.len;
}

static size_t staged_room(const struct ic_mls_staged *s)
{
    size_t path = s->path_leaf ? s->path_leaf->encoded.len : 0;
    return 64 + 16 * VEC + s->authenticated_data.len + s->next.context_bytes.len + 12 * SECRET +
           s->next.keys.count * (4 + (size_t)SECRET) + IC_SIG_PUBLIC_MAX + IC_HASH_MAX + path +
           ic_mlspub_diff_bytes(s->diff) + items_room(s) + s->reinit.len +
           s->joiner_count * s->ref_len + s->commit.len + s->welcome.len + s->group_info.len;
}

static void write_item(struct ic_writer *w, const struct ic_mlspub_change_item *item)
{
    ic_write_u8(w, item->sender.type);
    ic_write_u32(w, item->sender.index);
    ic_write_u32(w, item->leaf);
    ic_write_vec(w, item->ref);
    size_t mark = ic_write_open(w);
    ic_mlspub_proposal_write(w, item->proposal);
    ic_write_close(w, mark);
}

static void write_moment(struct ic_writer *w, const struct ic_mls_moment *m,
                         const struct ic_suite *suite)
{
    struct ic_view encryption = {0};
    ic_write_vec(w, ic_buf_view(&m->context_bytes));
    ic_mls_saved_write_secrets(w, &m->secrets);
    ic_write_vec(w, ic_view(m->tag, suite->hash_len));
    ic_write_vec(w, m->signer ? ic_sign_key_public(m->signer) : ic_view(NULL, 0));
    /* Nobody has used it yet: the tree is its root. */
    if (m->ratchets)
        (void)ic_mls_secret_tree_node(
            m->ratchets, ic_mlspub_node_root(ic_mls_secret_tree_slots(m->ratchets)), &encryption);
    ic_write_vec(w, encryption);
    ic_mls_saved_write_keys(w, &m->keys);
}

static void write_staged(struct ic_writer *w, const struct ic_mls_staged *s,
                         const struct ic_suite *suite)
{
    ic_write_u8(w, (s->own ? FLAG_OWN : 0) | (s->removes_us ? FLAG_REMOVES_US : 0));
    ic_write_u8(w, s->sender.type);
    ic_write_u32(w, s->sender.index);
    ic_write_u32(w, s->committer);
    ic_write_vec(w, s->authenticated_data);
    write_moment(w, &s->next, suite);
    ic_mlspub_diff_write(w, s->diff);
    size_t mark = ic_write_open(w);
    for (size_t i = 0; i < s->proposals.count; i++)
        write_item(w, &s->proposals.items[i]);
    ic_write_close(w, mark);
    ic_write_vec(w, s->path_leaf ? s->path_leaf->encoded : ic_view(NULL, 0));
    ic_write_vec(w, ic_buf_view(&s->reinit));
    ic_write_vec(w, ic_view(s->joiners, s->joiner_count * s->ref_len));
    ic_write_vec(w, ic_buf_view(&s->commit));
    ic_write_vec(w, ic_buf_view(&s->welcome));
    ic_write_vec(w, ic_buf_view(&s->group_info));
}

ic_err ic_mls_saving_staged(struct ic_mls_saving *s, const struct ic_mls_staged *staged)
{
    const struct ic_mls_record_key key = {IC_MLS_RECORD_STAGED, staged->epoch, 0};
    struct ic_writer w;
    IC_TRY(ic_mls_saving_begin(s, staged_room(staged), &w));
    write_staged(&w, staged, s->g->suite);
    return ic_mls_saving_end(s, &w, &key);
}

/* ---- reading ---- */

static ic_err read_item(struct ic_mls_staged *s, struct ic_reader *r,
                        struct ic_mlspub_change_item *item)
{
    struct ic_mlspub_proposal *p = ic_arena_alloc(&s->arena, 1, sizeof *p);
    if (!p)
        return IC_ERR_NOMEM;
    item->sender.type = ic_read_u8(r);
    item->sender.index = ic_read_u32(r);
    item->leaf = ic_read_u32(r);
    struct ic_view ref = ic_read_vec(r, IC_HASH_MAX);
    struct ic_view proposal = ic_read_vec(r, PART_MAX);
    IC_TRY(r->err);
    IC_TRY(ic_arena_copy(&s->arena, ref, &item->ref));
    IC_TRY(ic_arena_copy(&s->arena, proposal, &proposal));
    IC_TRY(ic_mlspub_proposal_decode(proposal, &s->arena, p));
    item->proposal = p;
    item->verified = item->judged = true;
    return IC_OK;
}

static ic_err read_items(struct ic_mls_staged *s, struct ic_view list)
{
    enum { ITEM_MIN = 11 };
    struct ic_reader r = ic_reader(list);
    s->proposals.committer = s->sender;
    s->proposals.items =
        ic_arena_alloc(&s->arena, list.len / ITEM_MIN + 1, sizeof *s->proposals.items);
    if (!s->proposals.items)
        return IC_ERR_NOMEM;
    while (ic_reader_more(&r)) {
        IC_TRY(read_item(s, &r, &s->proposals.items[s->proposals.count]));
        s->proposals.count++;
    }
    return ic_reader_end(&r);
}

static ic_err read_path_leaf(struct ic_mls_staged *s, struct ic_view bytes)
{
    if (bytes.len == 0)
        return IC_OK;
    struct ic_mlspub_leaf_node *leaf = ic_arena_alloc(&s->arena, 1, sizeof *leaf);
    if (!leaf)
        return IC_ERR_NOMEM;
    IC_TRY(ic_buf_append(&s->path_leaf_bytes, bytes));
    IC_TRY(ic_mlspub_leaf_node_decode(ic_buf_view(&s->path_leaf_bytes), &s->arena, leaf));
    s->path_leaf = leaf;
    return IC_OK;
}

/* What is needed once the tree is known. */
struct moment_parts {
    struct ic_view tag, signer, encryption, leaf, above;
};

static ic_err read_moment(struct ic_mls_loading *l, struct ic_mls_staged *s, struct ic_reader *r,
                          struct moment_parts *p)
{
    struct ic_mlspub_group_context c;
    const struct ic_mlspub_group_context *now = &l->g->now.context;
    struct ic_view context = ic_read_vec(r, PART_MAX);
    IC_TRY(r->err);
    IC_TRY(ic_mlspub_group_context_decode(context, NULL, &c));
    if (c.epoch != now->epoch + 1 || c.suite != now->suite || c.version != now->version ||
        !ic_view_equal(c.group_id, now->group_id) || c.epoch == UINT64_MAX)
        return IC_ERR_MALFORMED;
    IC_TRY(ic_mls_moment_set_context(&s->next, &c));
    IC_TRY(
        ic_mls_saved_read_secrets(r, s->removes_us ? 0 : l->g->suite->hash_len, &s->next.secrets));
    p->tag = ic_read_vec(r, IC_HASH_MAX);
    p->signer = ic_read_vec(r, IC_SIG_PUBLIC_MAX);
    p->encryption = ic_read_vec(r, IC_SECRET_MAX);
    p->leaf = ic_read_vec(r, IC_SECRET_MAX);
    p->above = ic_read_vec(r, PART_MAX);
    return r->err;
}

/* Keys fit the new tree, our leaf in it bears our key, and the secret tree is whole. */
static ic_err open_moment(struct ic_mls_loading *l, struct ic_mls_staged *s,
                          const struct moment_parts *p)
{
    const struct ic_mls_limits *limits = &l->g->config.limits;
    uint32_t leaf = s->own ? s->committer : l->g->own_leaf;
    uint32_t slots = ic_mlspub_diff_size(s->diff);
    struct ic_mlspub_leaf_node own;
    IC_SECRET_SCOPE(encryption);
    if (ic_mlspub_diff_leaf(s->diff, leaf, &own) != IC_OK ||
        !ic_view_equal(own.signature_key, p->signer) || p->encryption.len != l->g->suite->hash_len)
        return IC_ERR_MALFORMED;
    s->next.signer = ic_mls_loading_signer(l, p->signer);
    if (!s->next.signer)
        return ic_mls_loading_refuse(l, IC_ERR_KEY,
                                     "saved state: a staged commit's signing key was not given");
    IC_TRY(ic_mls_loading_fitting_keys(l, s->diff, leaf, p->leaf, p->above, &s->next.keys));
    IC_TRY(ic_secret_set(&encryption, p->encryption));
    return ic_mls_secret_tree_new(l->g->suite, slots, &encryption, limits->max_forward,
                                  limits->max_skipped, &s->next.ratchets);
}

static ic_err read_messages(struct ic_mls_staged *s, struct ic_reader *r)
{
    struct ic_buf *const parts[] = {&s->reinit, &s->commit, &s->welcome, &s->group_info};
    struct ic_view bytes[IC_ARRAY_LEN(parts)], joiners = {0};
    for (size_t i = 0; i < IC_ARRAY_LEN(parts); i++) {
        bytes[i] = ic_read_vec(r, PART_MAX);
        if (i == 0)
            joiners = ic_read_vec(r, PART_MAX);
    }
    IC_TRY(r->err);
    for (size_t i = 0; i < IC_ARRAY_LEN(parts); i++)
        IC_TRY(ic_buf_append(parts[i], bytes[i]));
    if (joiners.len % s->ref_len != 0)
        return IC_ERR_MALFORMED;
    s->joiner_count = joiners.len / s->ref_len;
    s->joiners = joiners.len ? ic_memdup(joiners.p, joiners.len) : NULL;
    return joiners.len && !s->joiners ? IC_ERR_NOMEM : IC_OK;
}

/* Indices inside the tree: what a merge and those who look rely on. */
static ic_err check_places(const struct ic_mls_loading *l, const struct ic_mls_staged *s)
{
    struct ic_mlspub_proposal p;
    uint32_t slots = ic_mlspub_diff_size(s->diff), former = ic_mlspub_tree_size(l->g->tree);
    for (size_t i = 0; i < s->proposals.count; i++) {
        uint32_t leaf = s->proposals.items[i].leaf;
        if (leaf != IC_MLSPUB_NO_LEAF && leaf >= slots && leaf >= former)
            return IC_ERR_MALFORMED;
    }
    if (s->reinit.len > 0 &&
        (ic_mlspub_proposal_decode(ic_buf_view(&s->reinit), NULL, &p) != IC_OK ||
         p.type != IC_MLS_REINIT))
        return IC_ERR_MALFORMED;
    return s->committer < slots || (s->removes_us && s->committer < former) ? IC_OK
                                                                            : IC_ERR_MALFORMED;
}

static ic_err read_staged(struct ic_mls_loading *l, struct ic_view content, struct ic_mls_staged *s)
{
    struct ic_reader r = ic_reader(content);
    struct moment_parts parts = {0};
    uint8_t flags = ic_read_u8(&r);
    s->sender.type = ic_read_u8(&r);
    s->sender.index = ic_read_u32(&r);
    s->committer = ic_read_u32(&r);
    struct ic_view authenticated_data = ic_read_vec(&r, PART_MAX);
    IC_TRY(r.err);
    if (flags & ~(FLAG_OWN | FLAG_REMOVES_US) || flags == (FLAG_OWN | FLAG_REMOVES_US))
        return IC_ERR_MALFORMED;
    s->own = flags & FLAG_OWN;
    s->removes_us = flags & FLAG_REMOVES_US;
    s->ref_len = l->g->suite->hash_len;
    IC_TRY(ic_arena_copy(&s->arena, authenticated_data, &s->authenticated_data));
    IC_TRY(read_moment(l, s, &r, &parts));
    IC_TRY(ic_mlspub_diff_read(&r, l->g->tree, &l->fault, &s->diff));
    struct ic_view items = ic_read_vec(&r, PART_MAX);
    struct ic_view path_leaf = ic_read_vec(&r, PART_MAX);
    IC_TRY(r.err);
    IC_TRY(read_items(s, items));
    IC_TRY(read_path_leaf(s, path_leaf));
    IC_TRY(read_messages(s, &r));
    IC_TRY(ic_mls_loading_fields_end(l, &r));
    if (!ic_view_equal(ic_mlspub_diff_tree_hash(s->diff), s->next.context.tree_hash))
        return ic_mls_loading_refuse(l, IC_ERR_MALFORMED,
                                     "saved state: a staged commit's tree has another hash");
    IC_TRY(check_places(l, s));
    if (s->removes_us)
        return IC_OK;
    IC_TRY(ic_mls_saved_check_tag(l, &s->next, parts.tag));
    IC_TRY(open_moment(l, s, &parts));
    return ic_mls_past_prepare(l->g, s, &s->past);
}

ic_err ic_mls_loading_staged(struct ic_mls_loading *l, const struct ic_mls_record_key *key,
                             struct ic_view content)
{
    struct ic_mls_group *g = l->g;
    if (key->epoch != g->now.context.epoch || key->index != 0 || g->removed || g->staged)
        return IC_ERR_MALFORMED;
    struct ic_mls_staged *s = ic_mls_staged_new(g);
    if (!s)
        return IC_ERR_NOMEM;
    ic_err e = read_staged(l, content, s);
    if (e != IC_OK) {
        ic_mls_discard(s);
        return e;
    }
    g->staged = s;
    return IC_OK;
}

struct ic_mls_staged *ic_mls_take_staged(struct ic_mls_group *g)
{
    struct ic_mls_staged *s = g->staged;
    g->staged = NULL;
    if (s && s->epoch == g->now.context.epoch && !g->removed)
        return s;
    ic_mls_discard(s);
    return NULL;
}

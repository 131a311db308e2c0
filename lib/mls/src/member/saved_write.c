/* A group's records, written. */
#include "saved.h"

#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <string.h>

const struct ic_mls_record_key ic_mls_record_first = {0, 0, 0};
const struct ic_mls_record_key ic_mls_record_last = {UINT8_MAX, UINT64_MAX, UINT64_MAX};

bool ic_mls_record_checked(uint8_t kind)
{
    return kind != IC_MLS_RECORD_NODE;
}

void ic_mls_record_check(const struct ic_mls_record_key *key, struct ic_view content,
                         uint8_t out[IC_MLS_RECORD_CHECK_LEN])
{
    uint8_t place[17], digest[IC_HASH_MAX];
    struct ic_hash h;
    place[0] = key->kind;
    ic_store_u64(place + 1, key->epoch);
    ic_store_u64(place + 9, key->index);
    ic_hash_init(&h, IC_SHA256);
    ic_hash_update(&h, IC_VIEW_ARRAY(place));
    ic_hash_update(&h, content);
    ic_hash_final(&h, digest);
    memcpy(out, digest, IC_MLS_RECORD_CHECK_LEN);
}

void ic_mls_saving_clear(struct ic_mls_saving *s)
{
    ic_buf_clear_secret(&s->bytes);
}

uint64_t ic_mls_saved_oldest(const struct ic_mls_group *g)
{
    uint64_t oldest = g->now.context.epoch + !g->now.ratchets;
    for (const struct ic_mls_past *p = g->past; p; p = p->older)
        oldest = p->context.epoch;
    return oldest;
}

ic_err ic_mls_saving_begin(struct ic_mls_saving *s, size_t room, struct ic_writer *w)
{
    room += IC_MLS_RECORD_CHECK_LEN;
    s->bytes.len = 0;
    if (room > s->bytes.cap) {
        ic_buf_clear_secret(&s->bytes);
        s->bytes.max = room < 4096 ? 4096 : room;
        IC_TRY(ic_buf_reserve(&s->bytes, s->bytes.max));
    }
    *w = ic_writer(&s->bytes);
    return IC_OK;
}

ic_err ic_mls_saving_end(struct ic_mls_saving *s, struct ic_writer *w,
                         const struct ic_mls_record_key *key)
{
    uint8_t check[IC_MLS_RECORD_CHECK_LEN];
    IC_TRY(ic_writer_end(w));
    if (ic_mls_record_checked(key->kind)) {
        ic_mls_record_check(key, ic_buf_view(&s->bytes), check);
        IC_TRY(ic_buf_append(&s->bytes, IC_VIEW_ARRAY(check)));
    }
    return s->store->put(s->store->ctx, key, ic_buf_view(&s->bytes));
}

static ic_err erase(struct ic_mls_saving *s, const struct ic_mls_record_key *key)
{
    return s->store->erase(s->store->ctx, key, key);
}

/* ---- one of each kind; a room is what the fields take at most ---- */

enum { VEC = 4, SECRET = VEC + IC_SECRET_MAX };

ic_err ic_mls_saving_stamp(struct ic_mls_saving *s, uint64_t saves)
{
    const struct ic_mls_record_key key = {.kind = IC_MLS_RECORD_STAMP};
    struct ic_writer w;
    IC_TRY(ic_mls_saving_begin(s, 12, &w));
    ic_write_u16(&w, IC_MLS_STATE_MAJOR);
    ic_write_u16(&w, IC_MLS_STATE_MINOR);
    ic_write_u64(&w, saves);
    return ic_mls_saving_end(s, &w, &key);
}

void ic_mls_saved_write_secrets(struct ic_writer *w, const struct ic_mls_epoch *e)
{
    const struct ic_secret *const secrets[] = {&e->sender_data,   &e->exporter,   &e->external,
                                               &e->confirmation,  &e->membership, &e->resumption,
                                               &e->authenticator, &e->init};
    for (size_t i = 0; i < IC_ARRAY_LEN(secrets); i++)
        ic_write_vec(w, ic_secret_view(secrets[i]));
}

void ic_mls_saved_write_keys(struct ic_writer *w, const struct ic_mls_path_keys *k)
{
    ic_write_vec(w, ic_secret_view(&k->leaf));
    size_t mark = ic_write_open(w);
    for (uint32_t i = 0; i < k->count; i++) {
        ic_write_u32(w, k->parents[i].node);
        ic_write_vec(w, ic_secret_view(&k->parents[i].key));
    }
    ic_write_close(w, mark);
}

static ic_err put_group(struct ic_mls_saving *s, const struct ic_mls_record_key *key)
{
    const struct ic_mls_group *g = s->g;
    struct ic_writer w;
    IC_TRY(ic_mls_saving_begin(s,
                               9 + 5 * VEC + g->now.context_bytes.len + g->reinit.len +
                                   g->joined_extensions.len + sizeof g->now.tag +
                                   IC_SIG_PUBLIC_MAX + 8 * SECRET,
                               &w));
    ic_write_u8(&w, (g->removed ? IC_MLS_SAVED_REMOVED : 0) |
                        (g->opened_by_us ? IC_MLS_SAVED_OPENED_BY_US : 0));
    ic_write_u32(&w, g->own_leaf);
    ic_write_u32(&w, g->joined_by);
    ic_write_vec(&w, ic_buf_view(&g->now.context_bytes));
    ic_mls_saved_write_secrets(&w, &g->now.secrets);
    ic_write_vec(&w, ic_view(g->now.tag, g->suite->hash_len));
    ic_write_vec(&w, g->now.signer ? ic_sign_key_public(g->now.signer) : ic_view(NULL, 0));
    ic_write_vec(&w, ic_buf_view(&g->reinit));
    ic_write_vec(&w, ic_buf_view(&g->joined_extensions));
    return ic_mls_saving_end(s, &w, key);
}

static ic_err put_keys(struct ic_mls_saving *s, const struct ic_mls_record_key *key)
{
    const struct ic_mls_path_keys *k = &s->g->now.keys;
    struct ic_writer w;
    if (s->g->removed)
        return erase(s, key);
    IC_TRY(ic_mls_saving_begin(s, 2 * VEC + SECRET + k->count * (4 + (size_t)SECRET), &w));
    ic_mls_saved_write_keys(&w, k);
    return ic_mls_saving_end(s, &w, key);
}

static ic_err put_node(struct ic_mls_saving *s, const struct ic_mls_record_key *key)
{
    const struct ic_mlspub_tree *t = s->g->tree;
    uint32_t node = (uint32_t)key->index;
    struct ic_writer w;
    if (key->index >= ic_mlspub_node_count(ic_mlspub_tree_size(t)) ||
        ic_mlspub_tree_key(t, node).len == 0)
        return erase(s, key);
    IC_TRY(ic_mls_saving_begin(s, ic_mlspub_tree_node_bytes(t, node), &w));
    ic_mlspub_tree_node_write(&w, t, node);
    return ic_mls_saving_end(s, &w, key);
}

static ic_err put_past(struct ic_mls_saving *s, const struct ic_mls_record_key *key)
{
    const struct ic_mls_past *p = ic_mls_past_find(s->g, key->epoch);
    struct ic_writer w;
    if (!p)
        return erase(s, key);
    IC_TRY(ic_mls_saving_begin(s,
                               2 * VEC + p->context_bytes.len + SECRET + 4 +
                                   p->former_count * (4 + VEC + IC_SIG_PUBLIC_MAX),
                               &w));
    ic_write_vec(&w, ic_buf_view(&p->context_bytes));
    ic_write_vec(&w, ic_secret_view(&p->sender_data));
    ic_write_u32(&w, ic_mls_secret_tree_slots(p->ratchets));
    size_t mark = ic_write_open(&w);
    for (size_t i = 0; i < p->former_count; i++) {
        ic_write_u32(&w, p->former[i].leaf);
        ic_write_vec(&w, ic_view(p->former[i].key, p->former[i].len));
    }
    ic_write_close(&w, mark);
    return ic_mls_saving_end(s, &w, key);
}

/* The secret tree of an epoch that is, or is kept. */
static const struct ic_mls_secret_tree *tree_of(const struct ic_mls_group *g, uint64_t epoch)
{
    if (epoch == g->now.context.epoch)
        return g->now.ratchets;
    const struct ic_mls_past *p = ic_mls_past_find(g, epoch);
    return p ? p->ratchets : NULL;
}

static ic_err put_secret(struct ic_mls_saving *s, const struct ic_mls_record_key *key)
{
    const struct ic_mls_secret_tree *t = tree_of(s->g, key->epoch);
    const struct ic_mls_message_key *skipped;
    struct ic_view secret;
    struct ic_writer w;
    uint32_t generation;
    IC_TRY(ic_mls_saving_begin(s, 4 + SECRET + VEC + IC_AEAD_NONCE_LEN, &w));
    if (t && key->kind == IC_MLS_RECORD_SECRET_NODE &&
        ic_mls_secret_tree_node(t, key->index, &secret)) {
        ic_write_vec(&w, secret);
    } else if (t && key->kind == IC_MLS_RECORD_RATCHET &&
               ic_mls_secret_tree_ratchet(t, key->index, &generation, &secret)) {
        ic_write_u32(&w, generation);
        ic_write_vec(&w, secret);
    } else if (t && key->kind == IC_MLS_RECORD_SKIPPED &&
               ic_mls_secret_tree_skipped(t, key->index, &skipped)) {
        ic_write_vec(&w, ic_view(skipped->nonce, s->g->suite->aead_nonce_len));
        ic_write_vec(&w, ic_view(skipped->key, s->g->suite->aead_key_len));
    } else {
        return erase(s, key);
    }
    return ic_mls_saving_end(s, &w, key);
}

static ic_err put_resumption(struct ic_mls_saving *s, const struct ic_mls_record_key *key)
{
    const struct ic_mls_group *g = s->g;
    struct ic_writer w;
    size_t i = 0;
    while (i < g->resumption_count && g->resumptions[i].epoch != key->epoch)
        i++;
    if (i == g->resumption_count)
        return erase(s, key);
    IC_TRY(ic_mls_saving_begin(s, SECRET, &w));
    ic_write_vec(&w, ic_secret_view(&g->resumptions[i].psk));
    return ic_mls_saving_end(s, &w, key);
}

static ic_err put_proposal(struct ic_mls_saving *s, const struct ic_mls_record_key *key)
{
    const struct ic_mlspub_change_item *item = ic_mlspub_pending_at(s->g->pending, key->index);
    struct ic_writer w;
    if (!item)
        return erase(s, key);
    struct ic_view encoded = item->proposal->encoded;
    IC_TRY(ic_mls_saving_begin(s, 6 + 2 * VEC + item->ref.len + encoded.len, &w));
    ic_write_u8(&w, item->sender.type);
    ic_write_u32(&w, item->sender.index);
    ic_write_u8(&w, item->judged ? IC_MLS_SAVED_JUDGED : item->verified);
    ic_write_vec(&w, item->ref);
    ic_write_vec(&w, encoded);
    return ic_mls_saving_end(s, &w, key);
}

/* By age: the list has the newest first. */
static ic_err put_update(struct ic_mls_saving *s, const struct ic_mls_record_key *key)
{
    const struct ic_mls_own_update *u = s->g->own_updates;
    size_t n = s->g->own_update_count;
    struct ic_writer w;
    if (key->index >= n)
        return erase(s, key);
    for (; n > key->index + 1; n--)
        u = u->next;
    IC_TRY(ic_mls_saving_begin(s, SECRET + VEC + IC_SIG_PUBLIC_MAX, &w));
    ic_write_vec(&w, ic_secret_view(&u->key));
    ic_write_vec(&w, ic_sign_key_public(u->signer));
    return ic_mls_saving_end(s, &w, key);
}

ic_err ic_mls_saving_put(struct ic_mls_saving *s, const struct ic_mls_record_key *key)
{
    switch (key->kind) {
    case IC_MLS_RECORD_GROUP:
        return put_group(s, key);
    case IC_MLS_RECORD_KEYS:
        return put_keys(s, key);
    case IC_MLS_RECORD_NODE:
        return put_node(s, key);
    case IC_MLS_RECORD_PAST:
        return put_past(s, key);
    case IC_MLS_RECORD_SECRET_NODE:
    case IC_MLS_RECORD_RATCHET:
    case IC_MLS_RECORD_SKIPPED:
        return put_secret(s, key);
    case IC_MLS_RECORD_RESUMPTION:
        return put_resumption(s, key);
    case IC_MLS_RECORD_PROPOSAL:
        return put_proposal(s, key);
    default:
        return put_update(s, key);
    }
}

/* ---- all of them ---- */

static ic_err put_one(struct ic_mls_saving *s, uint8_t kind, uint64_t epoch, uint64_t index)
{
    const struct ic_mls_record_key key = {kind, epoch, index};
    return ic_mls_saving_put(s, &key);
}

static ic_err put_nodes(struct ic_mls_saving *s)
{
    const struct ic_mlspub_tree *t = s->g->tree;
    for (uint32_t node = 0; node < ic_mlspub_node_count(ic_mlspub_tree_size(t)); node++)
        if (ic_mlspub_tree_key(t, node).len > 0)
            IC_TRY(put_one(s, IC_MLS_RECORD_NODE, 0, node));
    return IC_OK;
}

static ic_err take_key(void *arg, const struct ic_mls_record_key *key)
{
    return put_secret(arg, key);
}

/* The n-th past epoch, the oldest first. */
static const struct ic_mls_past *past_at(const struct ic_mls_group *g, size_t n)
{
    size_t count = 0;
    for (const struct ic_mls_past *p = g->past; p; p = p->older)
        count++;
    const struct ic_mls_past *p = n < count ? g->past : NULL;
    for (; p && count > n + 1; count--)
        p = p->older;
    return p;
}

static ic_err put_secrets(struct ic_mls_saving *s, uint8_t kind)
{
    const struct ic_mls_group *g = s->g;
    const struct ic_mls_past *p;
    for (size_t i = 0; (p = past_at(g, i)); i++)
        IC_TRY(ic_mls_secret_tree_keys(p->ratchets, kind, p->context.epoch, take_key, s));
    return g->now.ratchets
               ? ic_mls_secret_tree_keys(g->now.ratchets, kind, g->now.context.epoch, take_key, s)
               : IC_OK;
}

static ic_err put_resumptions(struct ic_mls_saving *s)
{
    const struct ic_mls_group *g = s->g;
    size_t size = g->config.limits.max_resumption;
    size_t oldest = g->resumption_count < size ? 0 : g->resumption_next;
    for (size_t i = 0; i < g->resumption_count; i++)
        IC_TRY(put_one(s, IC_MLS_RECORD_RESUMPTION, g->resumptions[(oldest + i) % size].epoch, 0));
    return IC_OK;
}

ic_err ic_mls_saving_all(struct ic_mls_saving *s)
{
    const struct ic_mls_group *g = s->g;
    IC_TRY(put_one(s, IC_MLS_RECORD_GROUP, 0, 0));
    IC_TRY(put_nodes(s));
    if (!g->removed)
        IC_TRY(put_one(s, IC_MLS_RECORD_KEYS, 0, 0));
    const struct ic_mls_past *p;
    for (size_t i = 0; (p = past_at(g, i)); i++)
        IC_TRY(put_one(s, IC_MLS_RECORD_PAST, p->context.epoch, 0));
    for (uint8_t kind = IC_MLS_RECORD_SECRET_NODE; kind <= IC_MLS_RECORD_SKIPPED; kind++)
        IC_TRY(put_secrets(s, kind));
    IC_TRY(put_resumptions(s));
    for (size_t i = 0; i < ic_mlspub_pending_count(g->pending); i++)
        IC_TRY(put_one(s, IC_MLS_RECORD_PROPOSAL, 0, i));
    for (size_t i = 0; i < g->own_update_count; i++)
        IC_TRY(put_one(s, IC_MLS_RECORD_UPDATE, 0, i));
    return IC_OK;
}

#include "keeper.h"

#include <stdlib.h>

static void must(ic_err e)
{
    if (e != IC_OK)
        abort();
}

static ic_err put(void *ctx, unsigned level, uint64_t index, const struct ic_merkle_hash *hash)
{
    struct keeper *k = ctx;
    k->node[level][index] = *hash;
    return IC_OK;
}

static ic_err get(void *ctx, unsigned level, uint64_t index, struct ic_merkle_hash *out)
{
    struct keeper *k = ctx;
    *out = k->node[level][index];
    return IC_OK;
}

void keeper_init(struct keeper *k, const struct ic_sign_key *key)
{
    *k = (struct keeper){.key = key};
}

void keeper_put(struct keeper *k, const struct ic_merkle_hash *leaf)
{
    struct ic_merkle_keep keep = {put, k};
    must(k->edge.size < KEEPER_ENTRIES ? IC_OK : IC_ERR_LIMIT);
    must(ic_merkle_edge_append(&k->edge, leaf, &keep));
}

void keeper_fill(struct keeper *k, unsigned n, uint32_t salt)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t entry[2] = {salt, (uint32_t)k->edge.size};
        struct ic_merkle_hash leaf;
        ic_merkle_leaf_hash(ic_view(entry, sizeof entry), &leaf);
        keeper_put(k, &leaf);
    }
}

uint64_t keeper_add(struct keeper *k, const struct ic_pki_cert *c, const struct ic_pki_cert *issuer)
{
    struct ic_merkle_entry e;
    struct ic_merkle_hash leaf;
    must(ic_merkle_entry_of(c, issuer, KEEPER_TIME_MS, &e));
    ic_merkle_entry_hash(&e, &leaf);
    keeper_put(k, &leaf);
    return k->edge.size - 1;
}

struct ic_merkle_log keeper_log(const struct keeper *k)
{
    return (struct ic_merkle_log){ic_sign_key_id(k->key), ic_sign_key_public(k->key)};
}

struct ic_merkle_head keeper_head(struct keeper *k, uint64_t size, uint64_t time_ms)
{
    struct ic_merkle_nodes nodes = {get, k};
    struct ic_merkle_edge e;
    struct ic_merkle_head h = {.size = size, .time_ms = time_ms};
    must(ic_merkle_edge_load(&nodes, size, &e));
    ic_merkle_edge_root(&e, &h.root);
    must(ic_merkle_head_sign(k->key, &h));
    return h;
}

void keeper_staple(struct keeper *k, uint64_t index, uint64_t size, struct ic_buf *out)
{
    struct ic_merkle_nodes nodes = {get, k};
    struct ic_merkle_staple s = {
        .time_ms = KEEPER_TIME_MS, .index = index, .head = keeper_head(k, size, KEEPER_TIME_MS)};
    ic_buf_reset(out);
    must(ic_merkle_inclusion(&nodes, index, size, &s.path));
    must(ic_merkle_staple_encode(&s, out));
}

void keeper_consistency(struct keeper *k, uint64_t first, uint64_t second, struct ic_buf *out)
{
    struct ic_merkle_nodes nodes = {get, k};
    struct ic_merkle_path p;
    ic_buf_reset(out);
    must(ic_merkle_consistency(&nodes, first, second, &p));
    must(ic_merkle_path_encode(&p, out));
}

#include "plain.h"

#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <stdlib.h>

static ic_err put(void *ctx, unsigned level, uint64_t index, const struct ic_merkle_hash *hash)
{
    struct plain *t = ctx;
    if (level >= PLAIN_LEVELS || index != t->stored_count[level])
        return IC_ERR_STATE; /* each once, in order */
    t->stored[level][t->stored_count[level]++] = *hash;
    return IC_OK;
}

static ic_err get(void *ctx, unsigned level, uint64_t index, struct ic_merkle_hash *out)
{
    struct plain *t = ctx;
    t->reads++;
    if (level >= PLAIN_LEVELS || index >= t->stored_count[level])
        return IC_ERR_NOT_FOUND;
    *out = t->stored[level][index];
    return IC_OK;
}

static void *array(size_t n, size_t size)
{
    void *p = ic_calloc(n, size);
    if (!p)
        abort();
    return p;
}

struct plain *plain_new(size_t cap)
{
    struct plain *t = array(1, sizeof *t);
    t->cap = cap;
    t->leaf = array(cap, sizeof *t->leaf);
    for (size_t l = 0; l < PLAIN_LEVELS; l++)
        t->stored[l] = array((cap >> l) + 1, sizeof *t->leaf);
    t->keep = (struct ic_merkle_keep){put, t};
    t->nodes = (struct ic_merkle_nodes){get, t};
    return t;
}

void plain_free(struct plain *t)
{
    for (size_t l = 0; l < PLAIN_LEVELS; l++)
        ic_free(t->stored[l]);
    ic_free(t->leaf);
    ic_free(t);
}

void plain_add(struct plain *t, struct ic_view entry)
{
    uint8_t room[65] = {0};
    if (t->count == t->cap || entry.len >= sizeof room)
        abort();
    if (entry.len)
        memcpy(room + 1, entry.p, entry.len);
    struct ic_merkle_hash *leaf = &t->leaf[t->count++];
    ic_hash_once(IC_SHA256, ic_view(room, 1 + entry.len), leaf->bytes);
    if (ic_merkle_edge_append(&t->edge, leaf, &t->keep) != IC_OK)
        abort();
}

struct plain *plain_of(size_t count)
{
    struct plain *t = plain_new(count);
    for (uint32_t i = 0; i < count; i++)
        plain_add(t, ic_view(&i, sizeof i));
    return t;
}

struct ic_merkle_hash plain_root(const struct plain *t, size_t begin, size_t end)
{
    struct ic_merkle_hash h, right;
    size_t n = end - begin, k = 1;
    if (n == 0) {
        ic_hash_once(IC_SHA256, ic_view(NULL, 0), h.bytes);
        return h;
    }
    if (n == 1)
        return t->leaf[begin];
    while (2 * k < n)
        k *= 2;
    h = plain_root(t, begin, begin + k);
    right = plain_root(t, begin + k, end);
    uint8_t all[65] = {1};
    memcpy(all + 1, h.bytes, 32);
    memcpy(all + 33, right.bytes, 32);
    ic_hash_once(IC_SHA256, IC_VIEW_ARRAY(all), h.bytes);
    return h;
}

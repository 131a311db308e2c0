#include <ic/base/map.h>
#include <ic/base/mem.h>
#include <string.h>

/* Open addressing with linear probing; a removal shifts the following entries back, so there are no
 * tombstones and a probe ends at the first empty slot. */
struct ic_map_entry {
    uint8_t *key; /* NULL: the slot is empty */
    size_t key_len;
    uint64_t hash;
    void *value;
};

enum { FIRST_CAP = 8 };

void ic_map_init(struct ic_map *m, size_t max, const uint64_t seed[2])
{
    *m = (struct ic_map){.max = max, .seed = {seed[0], seed[1]}};
}

void ic_map_clear(struct ic_map *m)
{
    for (size_t i = 0; i < m->cap; i++)
        ic_free(m->slots[i].key);
    ic_free(m->slots);
    m->slots = NULL;
    m->cap = m->count = 0;
}

/* The slot that holds the key, or the empty slot where it would go. Needs cap > 0. */
static size_t find(const struct ic_map *m, uint64_t hash, struct ic_view key)
{
    size_t i = (size_t)hash & (m->cap - 1);
    for (;;) {
        const struct ic_map_entry *e = &m->slots[i];
        if (!e->key)
            return i;
        if (e->hash == hash && ic_view_equal(ic_view(e->key, e->key_len), key))
            return i;
        i = (i + 1) & (m->cap - 1);
    }
}

static ic_err grow(struct ic_map *m)
{
    struct ic_map bigger = *m;
    bigger.cap = m->cap ? m->cap * 2 : FIRST_CAP;
    if (bigger.cap < m->cap)
        return IC_ERR_NOMEM;
    bigger.slots = ic_new_array(bigger.cap, struct ic_map_entry);
    if (!bigger.slots)
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < m->cap; i++) {
        const struct ic_map_entry *e = &m->slots[i];
        if (e->key)
            bigger.slots[find(&bigger, e->hash, ic_view(e->key, e->key_len))] = *e;
    }
    ic_free(m->slots);
    *m = bigger;
    return IC_OK;
}

/* Adds a key that is not there. */
static ic_err add(struct ic_map *m, uint64_t hash, struct ic_view key, void *value)
{
    if (m->count >= m->max)
        return IC_ERR_LIMIT;
    uint8_t *copy = ic_memdup(key.p, key.len);
    if (!copy)
        return IC_ERR_NOMEM;
    if (m->count >= m->cap / 4 * 3) {
        ic_err e = grow(m);
        if (e != IC_OK) {
            ic_free(copy);
            return e;
        }
    }
    m->slots[find(m, hash, key)] = (struct ic_map_entry){copy, key.len, hash, value};
    m->count++;
    return IC_OK;
}

static struct ic_map_entry *lookup(const struct ic_map *m, uint64_t hash, struct ic_view key)
{
    if (m->cap == 0)
        return NULL;
    struct ic_map_entry *e = &m->slots[find(m, hash, key)];
    return e->key ? e : NULL;
}

ic_err ic_map_put(struct ic_map *m, struct ic_view key, void *value)
{
    uint64_t hash = ic_siphash(m->seed, key);
    if (lookup(m, hash, key))
        return IC_ERR_EXISTS;
    return add(m, hash, key, value);
}

ic_err ic_map_set(struct ic_map *m, struct ic_view key, void *value, void **old)
{
    uint64_t hash = ic_siphash(m->seed, key);
    struct ic_map_entry *e = lookup(m, hash, key);
    void *former = e ? e->value : NULL;
    if (e)
        e->value = value;
    else
        IC_TRY(add(m, hash, key, value));
    if (old)
        *old = former;
    return IC_OK;
}

void *ic_map_get(const struct ic_map *m, struct ic_view key)
{
    if (m->cap == 0)
        return NULL;
    const struct ic_map_entry *e = lookup(m, ic_siphash(m->seed, key), key);
    return e ? e->value : NULL;
}

void *ic_map_remove(struct ic_map *m, struct ic_view key)
{
    struct ic_map_entry *e = lookup(m, ic_siphash(m->seed, key), key);
    if (!e)
        return NULL;
    void *value = e->value;
    ic_free(e->key);
    size_t mask = m->cap - 1;
    size_t hole = (size_t)(e - m->slots);
    for (size_t i = (hole + 1) & mask; m->slots[i].key; i = (i + 1) & mask) {
        size_t home = (size_t)m->slots[i].hash & mask;
        /* It may move back unless its home lies after the hole on the way to i. */
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            m->slots[hole] = m->slots[i];
            hole = i;
        }
    }
    m->slots[hole] = (struct ic_map_entry){0};
    m->count--;
    return value;
}

bool ic_map_next(const struct ic_map *m, size_t *it, struct ic_view *key, void **value)
{
    for (; *it < m->cap; (*it)++) {
        const struct ic_map_entry *e = &m->slots[*it];
        if (!e->key)
            continue;
        *key = ic_view(e->key, e->key_len);
        *value = e->value;
        (*it)++;
        return true;
    }
    return false;
}

static uint64_t rotl(uint64_t v, int n)
{
    return v << n | v >> (64 - n);
}

static void sip_rounds(uint64_t v[4], int n)
{
    while (n-- > 0) {
        v[0] += v[1];
        v[1] = rotl(v[1], 13) ^ v[0];
        v[0] = rotl(v[0], 32);
        v[2] += v[3];
        v[3] = rotl(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotl(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotl(v[1], 17) ^ v[2];
        v[2] = rotl(v[2], 32);
    }
}

static uint64_t load_le64(const uint8_t *p)
{
    return __builtin_bswap64(ic_load_u64(p));
}

uint64_t ic_siphash(const uint64_t seed[2], struct ic_view in)
{
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du,
                     seed[0] ^ 0x6c7967656e657261u, seed[1] ^ 0x7465646279746573u};
    size_t whole = in.len & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8) {
        uint64_t word = load_le64(in.p + i);
        v[3] ^= word;
        sip_rounds(v, 2);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)in.len << 56;
    for (size_t i = whole; i < in.len; i++)
        last |= (uint64_t)in.p[i] << (8 * (i - whole));
    v[3] ^= last;
    sip_rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

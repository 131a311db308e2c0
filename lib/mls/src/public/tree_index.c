/* Occupied leaves, keys, and counts of what members support. */
#include "tree_internal.h"
#include <assert.h>
#include <ic/base/map.h>
#include <ic/base/mem.h>

uint32_t ic_mlspub_bits_next(const uint64_t *b, bool value, uint32_t from, uint32_t end)
{
    while (from < end) {
        uint64_t word = value ? b[from / 64] : ~b[from / 64];
        word >>= from % 64;
        if (word) {
            uint32_t at = from + (uint32_t)__builtin_ctzll(word);
            return at < end ? at : end;
        }
        from = (from / 64 + 1) * 64;
    }
    return end;
}

uint32_t ic_mlspub_bits_top(const uint64_t *b, uint32_t end)
{
    while (end > 0) {
        uint32_t used = (end - 1) % 64 + 1; /* bits of the last word that count */
        uint64_t word = b[(end - 1) / 64];
        if (used < 64)
            word &= (UINT64_C(1) << used) - 1;
        if (word)
            return (end - 1) / 64 * 64 + 64 - (uint32_t)__builtin_clzll(word);
        end -= used;
    }
    return 0;
}

uint64_t ic_mlspub_keyset_hash(struct ic_view key, bool signature)
{
    static const uint64_t seed[2][2] = {
        {0x9ae16a3b2f90404f, 0xc949d7c7509e6557},
        {0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53},
    };
    return ic_siphash(seed[signature], key);
}

uint32_t ic_mlspub_keyset_find(const struct keyset *k, struct ic_view key, bool signature,
                               keyset_key *of, const void *ctx)
{
    if (k->cap == 0)
        return KEYSET_ABSENT;
    uint32_t mask = k->cap - 1;
    for (uint32_t i = (uint32_t)ic_mlspub_keyset_hash(key, signature) & mask; k->slots[i];
         i = (i + 1) & mask) {
        uint32_t entry = k->slots[i] - 1;
        if ((entry & 1) == signature && ic_view_equal(of(ctx, entry), key))
            return entry;
    }
    return KEYSET_ABSENT;
}

uint32_t ic_mlspub_keyset_cap_for(uint32_t count)
{
    uint32_t cap = 16;
    while (cap - cap / 8 < count)
        cap *= 2;
    return cap;
}

void ic_mlspub_keyset_put(struct keyset *k, struct ic_view key, uint32_t entry)
{
    assert(k->count < k->cap);
    uint32_t mask = k->cap - 1;
    uint32_t i = (uint32_t)ic_mlspub_keyset_hash(key, entry & 1) & mask;
    while (k->slots[i])
        i = (i + 1) & mask;
    k->slots[i] = entry + 1;
    k->count++;
}

void ic_mlspub_keyset_remove(struct keyset *k, struct ic_view key, uint32_t entry, keyset_key *of,
                             const void *ctx)
{
    uint32_t mask = k->cap - 1;
    uint32_t i = (uint32_t)ic_mlspub_keyset_hash(key, entry & 1) & mask;
    while (k->slots[i] && k->slots[i] != entry + 1)
        i = (i + 1) & mask;
    assert(k->slots[i]);
    /* What follows moves back, unless it stands where it belongs. */
    for (uint32_t j = (i + 1) & mask; k->slots[j]; j = (j + 1) & mask) {
        uint32_t e = k->slots[j] - 1;
        uint32_t home = (uint32_t)ic_mlspub_keyset_hash(of(ctx, e), e & 1) & mask;
        if (((j - home) & mask) >= ((j - i) & mask)) {
            k->slots[i] = k->slots[j];
            i = j;
        }
    }
    k->slots[i] = 0;
    k->count--;
}

void ic_mlspub_keyset_rehash(struct keyset *k, uint32_t *slots, uint32_t cap, keyset_key *of,
                             const void *ctx)
{
    struct keyset to = {.slots = slots, .cap = cap};
    for (uint32_t i = 0; i < k->cap; i++) {
        if (k->slots[i]) {
            uint32_t entry = k->slots[i] - 1;
            ic_mlspub_keyset_put(&to, of(ctx, entry), entry);
        }
    }
    ic_free(k->slots);
    *k = to;
}

static struct count_slot *count_slot(struct count_slot *slots, uint32_t cap, uint32_t key)
{
    uint32_t i = key * 0x9e3779b1u >> 12 & (cap - 1);
    while (slots[i].key && slots[i].key != key + 1)
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

int32_t ic_mlspub_counts_get(const struct counts *c, uint32_t key)
{
    return c->cap ? count_slot(c->slots, c->cap, key)->n : 0;
}

uint32_t ic_mlspub_counts_cap_for(uint32_t used)
{
    uint32_t cap = 16;
    while (cap / 4 * 3 < used)
        cap *= 2;
    return cap;
}

void ic_mlspub_counts_rehash(struct counts *c, struct count_slot *slots, uint32_t cap)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < c->cap; i++) {
        if (c->slots[i].key && c->slots[i].n != 0) {
            *count_slot(slots, cap, c->slots[i].key - 1) = c->slots[i];
            used++;
        }
    }
    ic_free(c->slots);
    *c = (struct counts){.slots = slots, .cap = cap, .used = used};
}

ic_err ic_mlspub_counts_add(struct counts *c, uint32_t key, int32_t n)
{
    if (c->cap < ic_mlspub_counts_cap_for(c->used + 1)) {
        uint32_t cap = ic_mlspub_counts_cap_for(c->used + 1);
        struct count_slot *slots = ic_new_array(cap, struct count_slot);
        if (!slots)
            return IC_ERR_NOMEM;
        ic_mlspub_counts_rehash(c, slots, cap);
    }
    struct count_slot *s = count_slot(c->slots, c->cap, key);
    c->used += s->key == 0;
    s->key = key + 1;
    s->n += n;
    return IC_OK;
}

/* Each type once, however often the list says it. */
static ic_err add_list(struct counts *c, uint32_t list, struct ic_view types, int32_t n)
{
    enum { FEW = 24 };
    uint64_t seen[1024];
    bool many = types.len / 2 > FEW;
    for (size_t w = 0; many && w < IC_ARRAY_LEN(seen); w++)
        seen[w] = 0;
    for (size_t i = 0; i < types.len; i += 2) {
        uint16_t type = ic_load_u16(types.p + i);
        if (many) {
            uint64_t bit = UINT64_C(1) << type % 64;
            if (seen[type / 64] & bit)
                continue;
            seen[type / 64] |= bit;
        } else if (ic_mlspub_list_has(ic_view(types.p, i), type)) {
            continue;
        }
        IC_TRY(ic_mlspub_counts_add(c, count_key(list, type), n));
    }
    return IC_OK;
}

ic_err ic_mlspub_support_add(struct support *s, const struct ic_mlspub_leaf_node *l, int32_t n)
{
    IC_TRY(add_list(&s->lists, IC_MLSPUB_EXTENSIONS, l->capabilities.extensions, n));
    IC_TRY(add_list(&s->lists, IC_MLSPUB_PROPOSALS, l->capabilities.proposals, n));
    IC_TRY(add_list(&s->lists, IC_MLSPUB_CREDENTIALS, l->capabilities.credentials, n));
    return ic_mlspub_counts_add(&s->in_use, l->credential.type, n);
}

void ic_mlspub_support_clear(struct support *s)
{
    ic_free(s->lists.slots);
    ic_free(s->in_use.slots);
    *s = (struct support){0};
}

bool ic_mlspub_source_all_support(struct source s, enum ic_mlspub_support list, uint16_t type)
{
    /* RFC 9420 section 13.5: whoever lists one of these supports it no more than we do. */
    /* RFC9420-13.5-5 */
    if (ic_mlspub_is_grease(type))
        return false;
    uint32_t key = count_key(list, type);
    int64_t n = ic_mlspub_counts_get(&s.t->support.lists, key);
    if (s.d)
        n += ic_mlspub_counts_get(&s.d->support.lists, key);
    return n == (s.d ? s.d->members : s.t->members);
}

/* Every type that c names and somebody uses is supported by all. */
static bool all_agree(struct source s, const struct counts *c)
{
    for (uint32_t i = 0; i < c->cap; i++) {
        if (!c->slots[i].key)
            continue;
        uint32_t key = c->slots[i].key - 1;
        int64_t n = ic_mlspub_counts_get(&s.t->support.in_use, key);
        if (s.d)
            n += ic_mlspub_counts_get(&s.d->support.in_use, key);
        if (n > 0 && !ic_mlspub_source_all_support(s, IC_MLSPUB_CREDENTIALS, (uint16_t)key))
            return false;
    }
    return true;
}

bool ic_mlspub_source_credentials_agree(struct source s)
{
    return all_agree(s, &s.t->support.in_use) && (!s.d || all_agree(s, &s.d->support.in_use));
}

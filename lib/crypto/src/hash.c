#include <ic/crypto/hash.h>

#include <assert.h>
#include <string.h>

#include "provider.h"

enum { BLOCK_MAX = 128 };

static const struct ic_prov_hash *ops_of(enum ic_hash_id id)
{
    const struct ic_prov_hash *ops = ic_prov_bulk()->hash(id);
    assert(ops && ops->state_len <= sizeof((struct ic_hash *)0)->state);
    return ops;
}

void ic_hash_init(struct ic_hash *h, enum ic_hash_id id)
{
    h->id = id;
    ops_of(id)->init(h->state);
}

void ic_hash_update(struct ic_hash *h, struct ic_view v)
{
    if (v.len > 0)
        ops_of(h->id)->update(h->state, v.p, v.len);
}

void ic_hash_final(struct ic_hash *h, uint8_t *out)
{
    const struct ic_prov_hash *ops = ops_of(h->id);
    ops->final(h->state, out);
    ic_wipe(h->state, ops->state_len);
}

void ic_hash_clear(struct ic_hash *h)
{
    ic_wipe(h, sizeof *h);
}

void ic_hash_once(enum ic_hash_id id, struct ic_view v, uint8_t *out)
{
    struct ic_hash h;
    ic_hash_init(&h, id);
    ic_hash_update(&h, v);
    ic_hash_final(&h, out);
}

/* Copies what the provider uses of the state, not the whole room. */
static void fork_state(struct ic_hash *to, const struct ic_hash *from,
                       const struct ic_prov_hash *ops)
{
    to->id = from->id;
    memcpy(to->state, from->state, ops->state_len);
}

static void absorb_pad(const struct ic_prov_hash *ops, struct ic_hash *h, enum ic_hash_id id,
                       uint8_t *block, uint8_t change)
{
    for (size_t i = 0; i < ops->block_len; i++)
        block[i] ^= change;
    h->id = id;
    ops->init(h->state);
    ops->update(h->state, block, ops->block_len);
}

/* RFC 2104 section 2 */
void ic_hmac_key_init(struct ic_hmac_key *k, enum ic_hash_id id, struct ic_view key)
{
    const struct ic_prov_hash *ops = ops_of(id);
    uint8_t block[BLOCK_MAX] = {0};
    if (key.len > ops->block_len)
        ic_hash_once(id, key, block);
    else if (key.len > 0)
        memcpy(block, key.p, key.len);
    absorb_pad(ops, &k->inner, id, block, 0x36);
    absorb_pad(ops, &k->outer, id, block, 0x36 ^ 0x5c);
    ic_wipe(block, ops->block_len);
}

void ic_hmac_key_clear(struct ic_hmac_key *k)
{
    ic_wipe(k, sizeof *k);
}

void ic_hmac_parts(const struct ic_hmac_key *k, const struct ic_view *parts, size_t n, uint8_t *out)
{
    const struct ic_prov_hash *ops = ops_of(k->inner.id);
    struct ic_hash h;
    uint8_t digest[IC_HASH_MAX];
    fork_state(&h, &k->inner, ops);
    for (size_t i = 0; i < n; i++) {
        if (parts[i].len > 0)
            ops->update(h.state, parts[i].p, parts[i].len);
    }
    ops->final(h.state, digest);
    fork_state(&h, &k->outer, ops);
    ops->update(h.state, digest, ops->len);
    ops->final(h.state, out);
    ic_wipe(h.state, ops->state_len);
    ic_wipe(digest, ops->len);
}

void ic_hmac(const struct ic_hmac_key *k, struct ic_view v, uint8_t *out)
{
    ic_hmac_parts(k, &v, 1, out);
}

void ic_hmac_once(enum ic_hash_id id, struct ic_view key, struct ic_view v, uint8_t *out)
{
    struct ic_hmac_key k;
    ic_hmac_key_init(&k, id, key);
    ic_hmac_parts(&k, &v, 1, out);
    ic_hmac_key_clear(&k);
}

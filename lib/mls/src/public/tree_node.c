/* Nodes as they are kept, and their hashes (RFC 9420 sections 7.8 and 7.9). */
#include "tree_internal.h"
#include <assert.h>
#include <ic/base/mem.h>
#include <string.h>

struct leaf_rec *ic_mlspub_leaf_rec_new(struct ic_view encoded)
{
    if (encoded.len > UINT32_MAX)
        return NULL;
    struct leaf_rec *l = ic_calloc(1, sizeof *l + encoded.len);
    if (!l)
        return NULL;
    l->len = (uint32_t)encoded.len;
    memcpy(l->bytes, encoded.p, encoded.len);
    return l;
}

/* The two keys stand first in a LeafNode. */
struct ic_view ic_mlspub_leaf_rec_key(const struct leaf_rec *l)
{
    struct ic_reader r = ic_reader(leaf_rec_view(l));
    return ic_read_vec(&r, l->len);
}

struct ic_view ic_mlspub_leaf_rec_signature_key(const struct leaf_rec *l)
{
    struct ic_reader r = ic_reader(leaf_rec_view(l));
    (void)ic_read_vec(&r, l->len);
    return ic_read_vec(&r, l->len);
}

ic_err ic_mlspub_leaf_rec_decode(const struct leaf_rec *l, struct ic_mlspub_leaf_node *out)
{
    return ic_mlspub_leaf_node_decode(leaf_rec_view(l), NULL, out);
}

struct parent_rec *ic_mlspub_parent_rec_new(struct ic_view key, struct ic_view parent_hash,
                                            struct ic_view unmerged, uint32_t room)
{
    assert(key.len <= UINT8_MAX && parent_hash.len <= UINT8_MAX && unmerged.len % 4 == 0);
    size_t need = unmerged.len / 4 + room;
    uint8_t shift = 0;
    while (need > 0 && (shift == 0 || (size_t)1 << shift < need))
        shift++;
    size_t slots = shift ? (size_t)1 << shift : 0;
    struct parent_rec *p = ic_calloc(1, sizeof *p + key.len + parent_hash.len + 4 * slots);
    if (!p)
        return NULL;
    p->count = (uint32_t)(unmerged.len / 4);
    p->cap_shift = shift;
    p->key_len = (uint8_t)key.len;
    p->hash_len = (uint8_t)parent_hash.len;
    uint8_t *at = p->bytes;
    memcpy(at, key.p, key.len);
    at += key.len;
    if (parent_hash.len)
        memcpy(at, parent_hash.p, parent_hash.len);
    at += parent_hash.len;
    if (unmerged.len)
        memcpy(at, unmerged.p, unmerged.len);
    return p;
}

void ic_mlspub_parent_rec_insert(struct parent_rec *p, uint32_t leaf)
{
    assert(p->count < parent_rec_room(p));
    uint8_t *list = p->bytes + p->key_len + p->hash_len;
    uint32_t at = ic_mlspub_unmerged_lower(parent_rec_unmerged(p), leaf);
    memmove(list + 4 * ((size_t)at + 1), list + 4 * (size_t)at, 4 * ((size_t)p->count - at));
    ic_store_u32(list + 4 * (size_t)at, leaf);
    p->count++;
}

size_t ic_mlspub_parent_rec_bytes(const struct parent_rec *p)
{
    return sizeof *p + p->key_len + p->hash_len + (size_t)4 * parent_rec_room(p);
}

uint32_t ic_mlspub_unmerged_lower(struct ic_view list, uint32_t leaf)
{
    uint32_t lo = 0, hi = (uint32_t)(list.len / 4);
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (ic_load_u32(list.p + (size_t)4 * mid) < leaf)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool ic_mlspub_unmerged_has(struct ic_view list, uint32_t leaf)
{
    uint32_t at = ic_mlspub_unmerged_lower(list, leaf);
    return at < list.len / 4 && ic_load_u32(list.p + (size_t)4 * at) == leaf;
}

/* A hash input: what is short is gathered and hashed in one call, which is what most nodes are. */
struct input {
    const struct ic_suite *s;
    bool streaming;
    size_t len;
    uint8_t bytes[1024];
    struct ic_hash h;
};

static void input_init(struct input *in, const struct ic_suite *s)
{
    in->s = s;
    in->streaming = false;
    in->len = 0;
}

static void input_flush(struct input *in)
{
    if (!in->streaming)
        ic_hash_init(&in->h, in->s->hash);
    in->streaming = true;
    ic_hash_update(&in->h, ic_view(in->bytes, in->len));
    in->len = 0;
}

static void input_bytes(struct input *in, struct ic_view v)
{
    if (v.len > sizeof in->bytes - in->len)
        input_flush(in);
    if (v.len > sizeof in->bytes) {
        ic_hash_update(&in->h, v);
    } else if (v.len) {
        memcpy(in->bytes + in->len, v.p, v.len);
        in->len += v.len;
    }
}

static void input_u8(struct input *in, uint8_t v)
{
    input_bytes(in, ic_view(&v, 1));
}

static void input_u32(struct input *in, uint32_t v)
{
    uint8_t b[4];
    ic_store_u32(b, v);
    input_bytes(in, IC_VIEW_ARRAY(b));
}

static void input_len(struct input *in, size_t n)
{
    uint8_t b[4];
    size_t len = 4;
    if (n < 0x40) {
        b[0] = (uint8_t)n;
        len = 1;
    } else if (n < 0x4000) {
        ic_store_u16(b, (uint16_t)(n | 0x4000));
        len = 2;
    } else {
        ic_store_u32(b, (uint32_t)n | 0x80000000u);
    }
    input_bytes(in, ic_view(b, len));
}

static void input_vec(struct input *in, struct ic_view v)
{
    input_len(in, v.len);
    input_bytes(in, v);
}

static void input_final(struct input *in, uint8_t *out)
{
    if (!in->streaming) {
        ic_hash_once(in->s->hash, ic_view(in->bytes, in->len), out);
        return;
    }
    ic_hash_update(&in->h, ic_view(in->bytes, in->len));
    ic_hash_final(&in->h, out);
}

enum { NODE_LEAF = 1, NODE_PARENT = 2 }; /* NodeType */

void ic_mlspub_hash_leaf(const struct ic_suite *s, uint32_t leaf, const struct leaf_rec *l,
                         uint8_t *out)
{
    struct input in;
    input_init(&in, s);
    input_u8(&in, NODE_LEAF);
    input_u32(&in, leaf);
    /* RFC9420-7.8-1 */
    input_u8(&in, l != NULL);
    if (l)
        input_bytes(&in, leaf_rec_view(l));
    input_final(&in, out);
}

/* Writes the entries of list that are not in without; both are sorted. */
static void input_unmerged(struct input *in, struct ic_view list, struct ic_view without)
{
    size_t hits = 0;
    for (size_t i = 0; i < without.len; i += 4)
        hits += ic_mlspub_unmerged_has(list, ic_load_u32(without.p + i));
    input_len(in, list.len - 4 * hits);
    if (hits == 0) {
        input_bytes(in, list);
        return;
    }
    for (size_t i = 0; i < list.len; i += 4) {
        uint32_t leaf = ic_load_u32(list.p + i);
        if (!ic_mlspub_unmerged_has(without, leaf))
            input_u32(in, leaf);
    }
}

void ic_mlspub_hash_parent_without(const struct ic_suite *s, const struct parent_rec *p,
                                   const uint8_t *left, const uint8_t *right,
                                   struct ic_view without, uint8_t *out)
{
    struct input in;
    input_init(&in, s);
    input_u8(&in, NODE_PARENT);
    input_u8(&in, p != NULL);
    if (p) {
        input_vec(&in, parent_rec_key(p));
        input_vec(&in, parent_rec_hash(p));
        input_unmerged(&in, parent_rec_unmerged(p), without);
    }
    input_vec(&in, ic_view(left, s->hash_len));
    input_vec(&in, ic_view(right, s->hash_len));
    input_final(&in, out);
}

void ic_mlspub_hash_parent(const struct ic_suite *s, const struct parent_rec *p,
                           const uint8_t *left, const uint8_t *right, uint8_t *out)
{
    ic_mlspub_hash_parent_without(s, p, left, right, ic_view(NULL, 0), out);
}

void ic_mlspub_hash_parent_hash(const struct ic_suite *s, struct ic_view key,
                                struct ic_view parent_hash, const uint8_t *sibling, uint8_t *out)
{
    struct input in;
    input_init(&in, s);
    input_vec(&in, key);
    input_vec(&in, parent_hash);
    input_vec(&in, ic_view(sibling, s->hash_len));
    input_final(&in, out);
}

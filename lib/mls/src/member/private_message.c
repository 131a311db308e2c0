#include "private_message.h"

#include "labels.h"

#include <ic/base/ct.h>
#include <ic/base/mem.h>
#include <ic/crypto/aead.h>
#include <string.h>

enum { SENDER_DATA_LEN = 12, GUARD_LEN = 4 };

struct sender_data {
    uint32_t leaf;
    uint32_t generation;
    uint8_t guard[GUARD_LEN];
};

static enum ic_mls_ratchet_kind ratchet_for(uint8_t type)
{
    return type == IC_MLS_APPLICATION ? IC_MLS_APPLICATION_RATCHET : IC_MLS_HANDSHAKE_RATCHET;
}

/* RFC 9420 section 6.3.1: the provisional nonce under the reuse guard. */
static void guard_nonce(struct ic_mls_message_key *k, const uint8_t guard[GUARD_LEN])
{
    for (size_t i = 0; i < GUARD_LEN; i++)
        k->nonce[i] ^= guard[i];
}

ic_err ic_mls_sender_data_key(const struct ic_suite *s, const struct ic_secret *sender_data,
                              struct ic_view ciphertext, struct ic_mls_message_key *out)
{
    struct ic_view sample = ciphertext;
    if (sample.len > s->hash_len)
        sample.len = s->hash_len;
    IC_HMAC_KEY_SCOPE(prk);
    ic_hmac_key_init(&prk, s->hash, ic_secret_view(sender_data));
    IC_TRY(ic_mls_expand_key(&prk, IC_VIEW_STR("key"), sample, out->key, s->aead_key_len));
    return ic_mls_expand_key(&prk, IC_VIEW_STR("nonce"), sample, out->nonce, s->aead_nonce_len);
}

/* SenderDataAAD; PrivateContentAAD is this and the authenticated data. */
static ic_err write_aad(const struct ic_mls_private_epoch *e, uint8_t type, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_vec(&w, e->group_id);
    ic_write_u64(&w, e->epoch);
    ic_write_u8(&w, type);
    return ic_writer_end(&w);
}

static ic_err seal_sender_data(const struct ic_mls_private_epoch *e, uint8_t type,
                               const struct sender_data *d, struct ic_view ciphertext,
                               uint8_t out[SENDER_DATA_LEN + IC_AEAD_TAG_LEN])
{
    const struct ic_suite *s = e->suite;
    uint8_t plain[SENDER_DATA_LEN];
    ic_store_u32(plain, d->leaf);
    ic_store_u32(plain + 4, d->generation);
    /* RFC9420-6.3.1-6 */
    memcpy(plain + 8, d->guard, GUARD_LEN);
    IC_BUF_SCOPE(aad, 1u << 20);
    IC_TRY(write_aad(e, type, &aad));
    struct ic_mls_message_key k;
    ic_err err = ic_mls_sender_data_key(s, e->sender_data, ciphertext, &k);
    if (err == IC_OK)
        err = ic_aead_seal_once(s->aead, ic_view(k.key, s->aead_key_len),
                                ic_view(k.nonce, s->aead_nonce_len), ic_buf_view(&aad),
                                IC_VIEW_ARRAY(plain), out);
    ic_wipe(&k, sizeof k);
    return err;
}

static size_t varint_len(size_t n)
{
    return n < 0x40 ? 1 : n < 0x4000 ? 2 : 4;
}

static unsigned log2_of(size_t n)
{
    unsigned e = 0;
    while (n >>= 1)
        e++;
    return e;
}

size_t ic_mls_padme(size_t len)
{
    if (len < 2)
        return len;
    unsigned e = log2_of(len), keep = log2_of(e) + 1;
    size_t mask = e > keep ? ((size_t)1 << (e - keep)) - 1 : 0;
    return (len + mask) & ~mask;
}

static size_t content_len(const struct ic_mls_private_content *c, struct ic_mls_padding padding)
{
    size_t n = c->body.len + (c->type == IC_MLS_APPLICATION ? varint_len(c->body.len) : 0);
    n += varint_len(c->signature.len) + c->signature.len;
    if (c->type == IC_MLS_COMMIT)
        n += varint_len(c->tag.len) + c->tag.len;
    if (padding.padme)
        n = ic_mls_padme(n);
    if (padding.multiple > 1)
        n = (n + padding.multiple - 1) / padding.multiple * padding.multiple;
    return n;
}

/* PrivateMessageContent and zeros up to len. */
static void write_content(struct ic_writer *w, const struct ic_mls_private_content *c, size_t len)
{
    size_t start = w->buf->len;
    if (c->type == IC_MLS_APPLICATION)
        ic_write_vec(w, c->body);
    else
        ic_write_bytes(w, c->body);
    ic_write_vec(w, c->signature);
    if (c->type == IC_MLS_COMMIT)
        ic_write_vec(w, c->tag);
    /* RFC9420-6.3.1-1 */
    while (w->err == IC_OK && w->buf->len < start + len)
        ic_write_u8(w, 0);
}

/* Everything but the encryption: where the two sealed parts stand is given as offsets. */
static ic_err write_message(const struct ic_mls_private_epoch *e,
                            const struct ic_mls_private_content *c, size_t len, struct ic_buf *out,
                            size_t *sender_at, size_t *content_at)
{
    static const uint8_t zeros[SENDER_DATA_LEN + IC_AEAD_TAG_LEN];
    IC_TRY(ic_buf_reserve(out, e->group_id.len + c->authenticated_data.len + len + 96));
    struct ic_writer w = ic_writer(out);
    ic_write_u16(&w, IC_MLS_VERSION_1);
    ic_write_u16(&w, IC_MLS_PRIVATE_MESSAGE);
    ic_write_vec(&w, e->group_id);
    ic_write_u64(&w, e->epoch);
    ic_write_u8(&w, c->type);
    ic_write_vec(&w, c->authenticated_data);
    ic_write_vec(&w, IC_VIEW_ARRAY(zeros));
    *sender_at = out->len - sizeof zeros;
    ic_write_varint(&w, len + IC_AEAD_TAG_LEN);
    *content_at = out->len;
    write_content(&w, c, len);
    ic_write_bytes(&w, ic_view(zeros, IC_AEAD_TAG_LEN));
    return ic_writer_end(&w);
}

static ic_err seal_in_place(const struct ic_mls_private_epoch *e,
                            const struct ic_mls_private_content *c,
                            const struct ic_mls_message_key *k, struct sender_data *d, size_t len,
                            uint8_t *sender, uint8_t *content)
{
    const struct ic_suite *s = e->suite;
    IC_BUF_SCOPE(aad, 64u << 20);
    IC_TRY(write_aad(e, c->type, &aad));
    struct ic_writer w = ic_writer(&aad);
    ic_write_vec(&w, c->authenticated_data);
    IC_TRY(ic_writer_end(&w));
    IC_TRY(ic_aead_seal_once(s->aead, ic_view(k->key, s->aead_key_len),
                             ic_view(k->nonce, s->aead_nonce_len), ic_buf_view(&aad),
                             ic_view(content, len), content));
    return seal_sender_data(e, c->type, d, ic_view(content, len + IC_AEAD_TAG_LEN), sender);
}

ic_err ic_mls_private_seal(const struct ic_mls_private_epoch *e, uint32_t leaf,
                           const struct ic_mls_private_content *c, struct ic_mls_padding padding,
                           const struct ic_rand *rand, struct ic_buf *out)
{
    size_t start = out->len, sender_at, content_at;
    size_t len = content_len(c, padding);
    struct sender_data d = {.leaf = leaf};
    struct ic_mls_message_key k;
    /* RFC9420-6.3.1-5 */
    IC_TRY(ic_rand_fill(rand, d.guard, sizeof d.guard));
    IC_TRY(ic_mls_secret_tree_next(e->tree, leaf, ratchet_for(c->type), &k));
    d.generation = k.generation;
    guard_nonce(&k, d.guard);
    ic_err err = write_message(e, c, len, out, &sender_at, &content_at);
    if (err == IC_OK)
        err = seal_in_place(e, c, &k, &d, len, out->p + sender_at, out->p + content_at);
    ic_wipe(&k, sizeof k);
    if (err != IC_OK && out->len > start) {
        ic_wipe(out->p + start, out->len - start);
        out->len = start;
    }
    return err;
}

static ic_err open_sender_data(const struct ic_mls_private_epoch *e,
                               const struct ic_mlspub_private_message *m, struct sender_data *out)
{
    const struct ic_suite *s = e->suite;
    uint8_t plain[SENDER_DATA_LEN];
    if (m->encrypted_sender_data.len != SENDER_DATA_LEN + IC_AEAD_TAG_LEN ||
        m->ciphertext.len < IC_AEAD_TAG_LEN)
        return IC_ERR_AUTH;
    IC_BUF_SCOPE(aad, 1u << 20);
    IC_TRY(write_aad(e, m->content_type, &aad));
    struct ic_mls_message_key k;
    ic_err err = ic_mls_sender_data_key(s, e->sender_data, m->ciphertext, &k);
    if (err == IC_OK)
        err = ic_aead_open_once(s->aead, ic_view(k.key, s->aead_key_len),
                                ic_view(k.nonce, s->aead_nonce_len), ic_buf_view(&aad),
                                m->encrypted_sender_data, plain);
    ic_wipe(&k, sizeof k);
    IC_TRY(err);
    IC_CT_PUBLIC(plain, sizeof plain); /* who sent is acted upon at once */
    out->leaf = ic_load_u32(plain);
    out->generation = ic_load_u32(plain + 4);
    memcpy(out->guard, plain + 8, GUARD_LEN);
    return IC_OK;
}

static ic_err open_content(const struct ic_mls_private_epoch *e,
                           const struct ic_mlspub_private_message *m, struct ic_mls_message_key *k,
                           const uint8_t *guard, struct ic_buf *plain)
{
    const struct ic_suite *s = e->suite;
    uint8_t *p;
    IC_BUF_SCOPE(aad, 64u << 20);
    IC_TRY(write_aad(e, m->content_type, &aad));
    struct ic_writer w = ic_writer(&aad);
    ic_write_vec(&w, m->authenticated_data);
    IC_TRY(ic_writer_end(&w));
    IC_TRY(ic_buf_extend(plain, m->ciphertext.len - IC_AEAD_TAG_LEN, &p));
    struct ic_mls_message_key guarded = *k;
    guard_nonce(&guarded, guard);
    ic_err err = ic_aead_open_once(s->aead, ic_view(guarded.key, s->aead_key_len),
                                   ic_view(guarded.nonce, s->aead_nonce_len), ic_buf_view(&aad),
                                   m->ciphertext, p);
    ic_wipe(&guarded, sizeof guarded);
    IC_CT_PUBLIC(p, plain->len); /* is parsed, and by the application too */
    return err;
}

ic_err ic_mls_private_open(const struct ic_mls_private_epoch *e,
                           const struct ic_mlspub_private_message *m, uint32_t own_leaf,
                           struct ic_mls_opened *out)
{
    struct sender_data d;
    struct ic_mls_opened o = {.plain = {.max = m->ciphertext.len}};
    IC_TRY(open_sender_data(e, m, &d));
    if (d.leaf == own_leaf)
        return IC_ERR_OWN_ECHO;
    o.leaf = d.leaf;
    IC_TRY(ic_mls_secret_tree_find(e->tree, d.leaf, ratchet_for(m->content_type), d.generation,
                                   &o.use));
    ic_err err = open_content(e, m, &o.use.key, d.guard, &o.plain);
    if (err != IC_OK) {
        ic_mls_opened_clear(&o);
        return err;
    }
    *out = o;
    return IC_OK;
}

ic_err ic_mls_private_auth(struct ic_reader *r, uint8_t type, struct ic_view *signature,
                           struct ic_view *tag)
{
    *signature = ic_read_vec(r, 1024);
    *tag = type == IC_MLS_COMMIT ? ic_read_vec(r, 255) : ic_view(NULL, 0);
    /* RFC 9420 section 6.3.1: a receiver MUST verify that there are no non-zero bytes in the padding. */
    uint8_t any = 0;
    struct ic_view padding = ic_read_bytes(r, ic_reader_left(r));
    for (size_t i = 0; i < padding.len; i++)
        any |= padding.p[i];
    /* RFC9420-6.3.1-2 RFC9420-6.3.1-3 */
    if (any)
        ic_reader_fail(r, IC_ERR_MALFORMED);
    return ic_reader_end(r);
}

void ic_mls_opened_clear(struct ic_mls_opened *o)
{
    ic_mls_key_use_clear(&o->use);
    ic_buf_clear_secret(&o->plain);
}

#include "key.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/crypto/hkdf.h>
#include <ic/sframe/stream.h>
#include <string.h>

ic_err ic_sframe_secret_init(struct sframe_secret *s, uint16_t suite, struct ic_view base_key)
{
    const struct ic_sframe_suite *found = ic_sframe_suite_find(suite);
    if (!found)
        return IC_ERR_UNSUPPORTED;
    if (base_key.len == 0)
        return IC_ERR_KEY;
    IC_SECRET_SCOPE(prk);
    ic_hkdf_extract(found->hash, ic_view(NULL, 0), base_key, &prk);
    s->suite = found;
    ic_hmac_key_init(&s->prk, found->hash, ic_secret_view(&prk));
    return IC_OK;
}

void ic_sframe_secret_clear(struct sframe_secret *s)
{
    ic_wipe(s, sizeof *s);
}

static ic_err set_ctr_hmac(struct sframe_key *k, struct ic_view key)
{
    /* RFC 9605 section 4.5.1: derive_subkeys */
    size_t n = k->suite->cipher_len;
    IC_TRY(ic_aes_ctr_new(ic_view_sub(key, 0, n), &k->ctr));
    k->mac = ic_new(struct ic_hmac_key);
    if (!k->mac)
        return IC_ERR_NOMEM;
    ic_hmac_key_init(k->mac, k->suite->hash, ic_view_sub(key, n, key.len - n));
    return IC_OK;
}

ic_err ic_sframe_key_set(struct sframe_key *k, const struct ic_sframe_suite *suite,
                         struct ic_view key)
{
    struct sframe_key fresh = {.suite = suite};
    ic_err e =
        suite->cipher_len ? set_ctr_hmac(&fresh, key) : ic_aead_new(suite->aead, key, &fresh.aead);
    if (e == IC_OK)
        *k = fresh;
    else
        ic_sframe_key_clear(&fresh);
    return e;
}

static ic_err expand(const struct sframe_secret *s, struct ic_view label, uint64_t kid,
                     uint8_t *out, size_t out_len)
{
    uint8_t tail[10];
    ic_store_u64(tail, kid);
    ic_store_u16(tail + 8, s->suite->id);
    struct ic_view info[] = {label, IC_VIEW_ARRAY(tail)};
    return ic_hkdf_expand_key(&s->prk, info, IC_ARRAY_LEN(info), out, out_len);
}

ic_err ic_sframe_key_expand(const struct sframe_secret *s, uint64_t kid,
                            uint8_t key[IC_SFRAME_KEY_MAX], uint8_t salt[IC_SFRAME_NONCE_LEN])
{
    IC_TRY(expand(s, IC_VIEW_STR("SFrame 1.0 Secret key "), kid, key, s->suite->key_len));
    return expand(s, IC_VIEW_STR("SFrame 1.0 Secret salt "), kid, salt, IC_SFRAME_NONCE_LEN);
}

ic_err ic_sframe_key_init(struct sframe_key *k, const struct sframe_secret *s, uint64_t kid)
{
    uint8_t key[IC_SFRAME_KEY_MAX], salt[IC_SFRAME_NONCE_LEN];
    ic_err e = ic_sframe_key_expand(s, kid, key, salt);
    if (e == IC_OK)
        e = ic_sframe_key_set(k, s->suite, ic_view(key, s->suite->key_len));
    if (e == IC_OK) {
        k->kid = kid;
        k->salt_high = ic_load_u64(salt);
        k->salt_low = ic_load_u32(salt + 8);
    }
    ic_wipe(key, sizeof key);
    ic_wipe(salt, sizeof salt);
    return e;
}

void ic_sframe_key_clear(struct sframe_key *k)
{
    ic_aead_free(k->aead);
    ic_aes_ctr_free(k->ctr);
    ic_free_secret(k->mac, sizeof *k->mac);
    ic_wipe(k, sizeof *k);
}

/* RFC 9605 section 4.5.1: compute_tag, before truncation. */
static void ctr_tag(const struct sframe_key *k, const uint8_t *nonce, struct ic_view header,
                    struct ic_view metadata, struct ic_view cipher, uint8_t *tag)
{
    uint8_t lengths[24 + IC_SFRAME_NONCE_LEN];
    ic_store_u64(lengths, header.len + metadata.len);
    ic_store_u64(lengths + 8, cipher.len);
    ic_store_u64(lengths + 16, k->suite->tag_len);
    memcpy(lengths + 24, nonce, IC_SFRAME_NONCE_LEN);
    struct ic_view parts[] = {IC_VIEW_ARRAY(lengths), header, metadata, cipher};
    ic_hmac_parts(k->mac, parts, IC_ARRAY_LEN(parts), tag);
}

static ic_err ctr_xor(struct sframe_key *k, const uint8_t *nonce, struct ic_view in, uint8_t *out)
{
    uint8_t block[16] = {0};
    memcpy(block, nonce, IC_SFRAME_NONCE_LEN);
    return ic_aes_ctr_xor(k->ctr, IC_VIEW_ARRAY(block), in, out);
}

static ic_err ctr_seal(struct sframe_key *k, const uint8_t *nonce, struct ic_view header,
                       struct ic_view metadata, struct ic_view plain, uint8_t *out)
{
    uint8_t tag[IC_HASH_MAX];
    IC_TRY(ctr_xor(k, nonce, plain, out));
    ctr_tag(k, nonce, header, metadata, ic_view(out, plain.len), tag);
    memcpy(out + plain.len, tag, k->suite->tag_len);
    return IC_OK;
}

static ic_err ctr_open(struct sframe_key *k, const uint8_t *nonce, struct ic_view header,
                       struct ic_view metadata, struct ic_view sealed, uint8_t *out)
{
    uint8_t tag[IC_HASH_MAX];
    size_t n = sealed.len - k->suite->tag_len;
    struct ic_view cipher = ic_view_sub(sealed, 0, n);
    ctr_tag(k, nonce, header, metadata, cipher, tag);
    if (!ic_ct_equal(ic_view(tag, k->suite->tag_len), ic_view_sub(sealed, n, k->suite->tag_len)))
        return IC_ERR_AUTH;
    return ctr_xor(k, nonce, cipher, out);
}

/* Header and metadata as one string. Without metadata nothing is copied. */
static struct ic_view join(struct ic_view header, struct ic_view metadata, uint8_t *room)
{
    if (metadata.len == 0)
        return header;
    memcpy(room, header.p, header.len);
    memcpy(room + header.len, metadata.p, metadata.len);
    return ic_view(room, header.len + metadata.len);
}

enum { AAD_MAX = IC_SFRAME_HEADER_MAX + IC_SFRAME_METADATA_MAX };

ic_err ic_sframe_key_seal(struct sframe_key *k, const uint8_t *nonce, struct ic_view header,
                          struct ic_view metadata, struct ic_view plain, uint8_t *out)
{
    if (k->suite->cipher_len)
        return ctr_seal(k, nonce, header, metadata, plain, out);
    uint8_t room[AAD_MAX];
    return ic_aead_seal_scatter(k->aead, ic_view(nonce, IC_SFRAME_NONCE_LEN),
                                join(header, metadata, room), plain, out, out + plain.len);
}

ic_err ic_sframe_key_open(struct sframe_key *k, const uint8_t *nonce, struct ic_view header,
                          struct ic_view metadata, struct ic_view sealed, uint8_t *out)
{
    if (k->suite->cipher_len)
        return ctr_open(k, nonce, header, metadata, sealed, out);
    uint8_t room[AAD_MAX];
    size_t n = sealed.len - k->suite->tag_len;
    return ic_aead_open_gather(k->aead, ic_view(nonce, IC_SFRAME_NONCE_LEN),
                               join(header, metadata, room), ic_view_sub(sealed, 0, n),
                               ic_view_sub(sealed, n, k->suite->tag_len), out);
}

ic_err ic_sframe_key_protect(struct sframe_key *k, uint64_t ctr, struct ic_view metadata,
                             struct ic_view plain, uint8_t *out, size_t *out_len)
{
    uint8_t nonce[IC_SFRAME_NONCE_LEN];
    size_t n = ic_sframe_header_encode(&(struct ic_sframe_header){.kid = k->kid, .ctr = ctr}, out);
    sframe_key_nonce(k, ctr, nonce);
    IC_TRY(ic_sframe_key_seal(k, nonce, ic_view(out, n), metadata, plain, out + n));
    *out_len = n + plain.len + k->suite->tag_len;
    return IC_OK;
}

ic_err ic_sframe_frame_read(struct ic_view bytes, struct ic_view metadata, struct sframe_frame *out)
{
    struct ic_sframe_header h;
    size_t header_len;
    if (metadata.len > IC_SFRAME_METADATA_MAX)
        return IC_ERR_LIMIT;
    IC_TRY(ic_sframe_header_decode(bytes, &h, &header_len));
    out->kid = h.kid;
    out->ctr = h.ctr;
    out->header_len = header_len;
    out->bytes = bytes;
    out->metadata = metadata;
    return IC_OK;
}

ic_err ic_sframe_key_unprotect(struct sframe_key *k, const struct sframe_frame *f, uint8_t *out,
                               size_t *out_len)
{
    uint8_t nonce[IC_SFRAME_NONCE_LEN];
    size_t sealed_len = f->bytes.len - f->header_len;
    if (sealed_len < k->suite->tag_len)
        return IC_ERR_TRUNCATED;
    sframe_key_nonce(k, f->ctr, nonce);
    IC_TRY(ic_sframe_key_open(k, nonce, ic_view_sub(f->bytes, 0, f->header_len), f->metadata,
                              ic_view_sub(f->bytes, f->header_len, sealed_len), out));
    *out_len = sealed_len - k->suite->tag_len;
    return IC_OK;
}

#include <ic/crypto/hash.h>
#include <ic/merkle/head.h>
#include <ic/mlspub/label.h>

static const char label[] = "InCamera Tree Head";
enum { TBS_LEN = 1 + 2 * IC_MERKLE_HASH_LEN + 2 * 8 };

void ic_merkle_log_id(const struct ic_merkle_log *log, struct ic_merkle_hash *out)
{
    uint8_t sig[2];
    ic_store_u16(sig, (uint16_t)log->sig);
    struct ic_hash h;
    ic_hash_init(&h, IC_SHA256);
    ic_hash_update(&h, IC_VIEW_ARRAY(sig));
    ic_hash_update(&h, log->key);
    ic_hash_final(&h, out->bytes);
}

static void write_tbs(const struct ic_merkle_head *h, uint8_t out[TBS_LEN])
{
    uint8_t *p = out;
    *p++ = IC_MERKLE_HEAD_VERSION;
    memcpy(p, h->log.bytes, IC_MERKLE_HASH_LEN);
    ic_store_u64(p + IC_MERKLE_HASH_LEN, h->size);
    ic_store_u64(p + IC_MERKLE_HASH_LEN + 8, h->time_ms);
    memcpy(p + IC_MERKLE_HASH_LEN + 16, h->root.bytes, IC_MERKLE_HASH_LEN);
}

ic_err ic_merkle_head_sign(const struct ic_sign_key *key, struct ic_merkle_head *h)
{
    struct ic_merkle_head made = *h;
    struct ic_merkle_log log = {ic_sign_key_id(key), ic_sign_key_public(key)};
    ic_merkle_log_id(&log, &made.log);
    uint8_t tbs[TBS_LEN];
    write_tbs(&made, tbs);
    size_t len = 0;
    IC_TRY(ic_mlspub_sign_with_label(key, label, IC_VIEW_ARRAY(tbs), made.signature, &len));
    made.signature_len = (uint8_t)len;
    *h = made;
    return IC_OK;
}

ic_err ic_merkle_head_check(const struct ic_merkle_log *log, const struct ic_merkle_head *h)
{
    struct ic_merkle_hash id;
    ic_merkle_log_id(log, &id);
    if (!ic_merkle_hash_equal(&id, &h->log))
        return IC_ERR_UNKNOWN_KEY;
    uint8_t tbs[TBS_LEN];
    write_tbs(h, tbs);
    return ic_mlspub_verify_with_label(log->sig, log->key, label, IC_VIEW_ARRAY(tbs),
                                       ic_view(h->signature, h->signature_len));
}

ic_err ic_merkle_head_check_any(const struct ic_merkle_log *logs, size_t n,
                                const struct ic_merkle_head *h, size_t *which)
{
    for (size_t i = 0; i < n; i++) {
        ic_err e = ic_merkle_head_check(&logs[i], h);
        if (e == IC_ERR_UNKNOWN_KEY)
            continue;
        if (e == IC_OK && which)
            *which = i;
        return e;
    }
    return IC_ERR_UNKNOWN_KEY;
}

ic_err ic_merkle_head_decode(struct ic_view v, struct ic_merkle_head *out)
{
    struct ic_reader r = ic_reader(v);
    if (ic_read_u8(&r) != IC_MERKLE_HEAD_VERSION)
        ic_reader_fail(&r, IC_ERR_UNSUPPORTED);
    struct ic_view log = ic_read_bytes(&r, IC_MERKLE_HASH_LEN);
    struct ic_merkle_head h = {.size = ic_read_u64(&r)};
    h.time_ms = ic_read_u64(&r);
    struct ic_view root = ic_read_bytes(&r, IC_MERKLE_HASH_LEN);
    struct ic_view signature = ic_read_vec(&r, sizeof h.signature);
    IC_TRY(ic_reader_end(&r));
    if (h.size > IC_MERKLE_SIZE_MAX)
        return IC_ERR_RANGE;
    memcpy(h.log.bytes, log.p, log.len);
    memcpy(h.root.bytes, root.p, root.len);
    h.signature_len = (uint8_t)signature.len;
    if (signature.len)
        memcpy(h.signature, signature.p, signature.len);
    *out = h;
    return IC_OK;
}

ic_err ic_merkle_head_encode(const struct ic_merkle_head *h, struct ic_buf *out)
{
    uint8_t tbs[TBS_LEN];
    write_tbs(h, tbs);
    struct ic_writer w = ic_writer(out);
    ic_write_bytes(&w, IC_VIEW_ARRAY(tbs));
    ic_write_vec(&w, ic_view(h->signature, h->signature_len));
    return ic_writer_end(&w);
}

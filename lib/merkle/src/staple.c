#include <ic/merkle/staple.h>

ic_err ic_merkle_staple_check(const struct ic_merkle_log *logs, size_t n,
                              const struct ic_pki_cert *certificate,
                              const struct ic_pki_cert *issuer,
                              const struct ic_merkle_staple *staple)
{
    IC_TRY(ic_merkle_head_check_any(logs, n, &staple->head, NULL));
    return ic_merkle_staple_included(certificate, issuer, staple);
}

ic_err ic_merkle_staple_included(const struct ic_pki_cert *certificate,
                                 const struct ic_pki_cert *issuer,
                                 const struct ic_merkle_staple *staple)
{
    struct ic_merkle_entry entry;
    struct ic_merkle_hash leaf;
    IC_TRY(ic_merkle_entry_of(certificate, issuer, staple->time_ms, &entry));
    if (entry.label_count == 0)
        return IC_ERR_RULE;
    ic_merkle_entry_hash(&entry, &leaf);
    return ic_merkle_inclusion_check(&leaf, staple->index, staple->head.size, &staple->path,
                                     &staple->head.root);
}

ic_err ic_merkle_staple_decode(struct ic_view v, struct ic_merkle_staple *out)
{
    struct ic_merkle_staple s;
    struct ic_reader r = ic_reader(v);
    if (ic_read_u8(&r) != IC_MERKLE_STAPLE_VERSION)
        ic_reader_fail(&r, IC_ERR_UNSUPPORTED);
    s.time_ms = ic_read_u64(&r);
    s.index = ic_read_u64(&r);
    ic_merkle_path_read(&r, &s.path);
    struct ic_view head = ic_read_vec(&r, IC_MERKLE_HEAD_MAX);
    IC_TRY(ic_reader_end(&r));
    IC_TRY(ic_merkle_head_decode(head, &s.head));
    *out = s;
    return IC_OK;
}

ic_err ic_merkle_staple_encode(const struct ic_merkle_staple *s, struct ic_buf *out)
{
    IC_BUF_SCOPE(head, IC_MERKLE_HEAD_MAX);
    IC_TRY(ic_merkle_head_encode(&s->head, &head));
    struct ic_writer w = ic_writer(out);
    ic_write_u8(&w, IC_MERKLE_STAPLE_VERSION);
    ic_write_u64(&w, s->time_ms);
    ic_write_u64(&w, s->index);
    ic_merkle_path_write(&w, &s->path);
    ic_write_vec(&w, ic_buf_view(&head));
    return ic_writer_end(&w);
}

/* Heads are signed when somebody asks, and stored with what they speak of before they leave: a head of what was rolled
 * back would be this log's own proof against it. */
#include "identity/tlog/private.h"

static ic_err sign(struct icd_identity *id, const struct icd_tlog_state *s,
                   struct ic_merkle_head *out)
{
    struct ic_merkle_head h = {.size = s->edge.size, .time_ms = id->now_ms};
    ic_merkle_edge_root(&s->edge, &h.root);
    IC_TRY(ic_merkle_head_sign(id->tlog->key, &h));
    IC_BUF_SCOPE(bytes, IC_MERKLE_HEAD_MAX);
    IC_TRY(ic_merkle_head_encode(&h, &bytes));
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store, "UPDATE tlog_state SET head = $1 WHERE id = 1", NULL,
                          ICD_PARAMS(ICD_BLOB(ic_buf_view(&bytes)))));
    *out = h;
    return IC_OK;
}

ic_err icd_tlog_head(struct icd_identity *id, struct ic_merkle_head *out)
{
    struct icd_tlog_state s;
    IC_TRY(icd_tlog_load(id, &s));
    if (!s.has_head || s.head.size != s.edge.size ||
        id->now_ms >= s.head.time_ms + ICD_TLOG_HEAD_MS)
        return sign(id, &s, out);
    *out = s.head;
    return IC_OK;
}

/* The last head serves as long as it has the entry: so that members of a meeting who fetch their staples anew come
 * with one head, and not each with its own, to be proved to all others. */
static ic_err head_that_has(struct icd_identity *id, uint64_t place, struct ic_merkle_head *out)
{
    struct icd_tlog_state s;
    IC_TRY(icd_tlog_load(id, &s));
    if (!s.has_head || s.head.size <= place)
        return sign(id, &s, out);
    *out = s.head;
    return IC_OK;
}

static ic_err find(struct icd_identity *id, struct ic_view hash, struct ic_merkle_staple *out)
{
    struct icd_rows rows;
    struct ic_merkle_entry e;
    ic_err result = IC_ERR_NOT_FOUND;
    IC_TRY(icd_store_query(id->store,
                           "SELECT place, entry FROM tlog_entries WHERE certificate = $1", &rows,
                           ICD_PARAMS(ICD_BLOB(hash))));
    if (icd_rows_next(&rows)) {
        result = ic_merkle_entry_decode(icd_rows_bytes(&rows, 1), &e);
        out->index = (uint64_t)icd_rows_int(&rows, 0);
        out->time_ms = result == IC_OK ? e.time_ms : 0;
    }
    IC_TRY(icd_rows_end(&rows));
    return result;
}

ic_err icd_tlog_staple(struct icd_identity *id, struct ic_view hash, struct ic_merkle_staple *out)
{
    struct ic_merkle_staple s;
    struct ic_merkle_nodes nodes = icd_tlog_nodes(id);
    IC_TRY(find(id, hash, &s));
    IC_TRY(head_that_has(id, s.index, &s.head));
    IC_TRY(ic_merkle_inclusion(&nodes, s.index, s.head.size, &s.path));
    *out = s;
    return IC_OK;
}

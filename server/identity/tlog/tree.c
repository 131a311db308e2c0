/* The tree in tables: entries, hashes of complete subtrees, and one row with the right edge and the newest head. */
#include "identity/tlog/private.h"

/* A subtree's number is that of an in-order walk: (index << (level + 1)) + (1 << level) - 1. */
const char icd_tlog_schema[] =
    "CREATE TABLE tlog_entries(place BIGINT PRIMARY KEY, certificate BLOB NOT NULL UNIQUE,"
    " entry BLOB NOT NULL, der BLOB NOT NULL);"
    "CREATE TABLE tlog_nodes(node BIGINT PRIMARY KEY, hash BLOB NOT NULL);"
    "CREATE TABLE tlog_state(id BIGINT PRIMARY KEY, size BIGINT NOT NULL, edge BLOB NOT NULL,"
    " head BLOB);"
    "INSERT INTO tlog_state(id, size, edge) VALUES(1, 0, '');";

static int64_t number(unsigned level, uint64_t index)
{
    return (int64_t)((index << (level + 1)) + (UINT64_C(1) << level) - 1);
}

static ic_err put(void *ctx, unsigned level, uint64_t index, const struct ic_merkle_hash *hash)
{
    struct icd_identity *id = ctx;
    return icd_store_exec(
        id->store, "INSERT INTO tlog_nodes(node, hash) VALUES($1, $2)", NULL,
        ICD_PARAMS(ICD_INT(number(level, index)), ICD_BLOB(ic_merkle_hash_view(hash))));
}

static ic_err get(void *ctx, unsigned level, uint64_t index, struct ic_merkle_hash *out)
{
    struct icd_identity *id = ctx;
    struct icd_rows rows;
    IC_TRY(icd_store_query(id->store, "SELECT hash FROM tlog_nodes WHERE node = $1", &rows,
                           ICD_PARAMS(ICD_INT(number(level, index)))));
    bool found = false;
    if (icd_rows_next(&rows)) {
        struct ic_view v = icd_rows_bytes(&rows, 0);
        found = v.len == IC_MERKLE_HASH_LEN;
        if (found)
            memcpy(out->bytes, v.p, v.len);
    }
    IC_TRY(icd_rows_end(&rows));
    return found ? IC_OK : IC_ERR_IO; /* the database lacks what it had */
}

struct ic_merkle_nodes icd_tlog_nodes(struct icd_identity *id)
{
    return (struct ic_merkle_nodes){get, id};
}

/* The hashes of the edge, smallest subtree first. */
static bool read_edge(struct ic_view v, uint64_t size, struct ic_merkle_edge *out)
{
    struct ic_reader r = ic_reader(v);
    out->size = size;
    for (unsigned level = 0; level <= IC_MERKLE_LEVELS; level++) {
        if (!(size >> level & 1))
            continue;
        struct ic_view hash = ic_read_bytes(&r, IC_MERKLE_HASH_LEN);
        if (hash.len)
            memcpy(out->at[level].bytes, hash.p, hash.len);
    }
    return ic_reader_end(&r) == IC_OK;
}

static struct ic_view write_edge(const struct ic_merkle_edge *e, struct ic_merkle_hash *room)
{
    size_t n = 0;
    for (unsigned level = 0; level <= IC_MERKLE_LEVELS; level++)
        if (e->size >> level & 1)
            room[n++] = e->at[level];
    return ic_view(room, n * IC_MERKLE_HASH_LEN);
}

ic_err icd_tlog_load(struct icd_identity *id, struct icd_tlog_state *out)
{
    struct icd_rows rows;
    struct icd_tlog_state s = {0};
    bool good = false;
    IC_TRY(icd_store_query(id->store, "SELECT size, edge, head FROM tlog_state WHERE id = 1", &rows,
                           ICD_NO_PARAMS));
    if (icd_rows_next(&rows)) {
        good = read_edge(icd_rows_bytes(&rows, 1), (uint64_t)icd_rows_int(&rows, 0), &s.edge);
        struct ic_view head = icd_rows_bytes(&rows, 2);
        s.has_head = head.len > 0;
        if (s.has_head && ic_merkle_head_decode(head, &s.head) != IC_OK)
            good = false;
    }
    IC_TRY(icd_rows_end(&rows));
    if (!good)
        return IC_ERR_IO;
    *out = s;
    return IC_OK;
}

uint64_t icd_tlog_size(struct icd_identity *id)
{
    int64_t n = 0;
    IC_IGNORE(
        icd_store_int(id->store, "SELECT size FROM tlog_state WHERE id = 1", &n, ICD_NO_PARAMS));
    return (uint64_t)n;
}

static ic_err make_entry(struct ic_view der, struct ic_view issuer, uint64_t now_ms,
                         struct ic_merkle_entry *out)
{
    struct ic_pki_cert certificate, by;
    IC_TRY(ic_pki_cert_decode(der, &certificate, NULL));
    IC_TRY(ic_pki_cert_decode(issuer, &by, NULL));
    return ic_merkle_entry_of(&certificate, &by, now_ms, out);
}

static ic_err store_entry(struct icd_identity *id, uint64_t place, const struct ic_merkle_entry *e,
                          struct ic_view der)
{
    IC_BUF_SCOPE(bytes, IC_MERKLE_ENTRY_MAX);
    IC_TRY(ic_merkle_entry_encode(e, &bytes));
    return icd_store_exec(
        id->store,
        "INSERT INTO tlog_entries(place, certificate, entry, der) VALUES($1, $2, $3, $4)", NULL,
        ICD_PARAMS(ICD_INT(place), ICD_BLOB(ic_merkle_hash_view(&e->certificate)),
                   ICD_BLOB(ic_buf_view(&bytes)), ICD_BLOB(der)));
}

ic_err icd_tlog_append(struct icd_identity *id, struct ic_view der, struct ic_view issuer,
                       uint64_t now_ms, uint64_t *index)
{
    struct ic_merkle_entry e;
    struct ic_merkle_hash leaf, room[IC_MERKLE_LEVELS + 1];
    struct icd_tlog_state s;
    struct ic_merkle_keep keep = {put, id};
    IC_TRY(make_entry(der, issuer, now_ms, &e));
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_tlog_load(id, &s));
    uint64_t place = s.edge.size;
    IC_TRY(store_entry(id, place, &e, der));
    ic_merkle_entry_hash(&e, &leaf);
    IC_TRY(ic_merkle_edge_append(&s.edge, &leaf, &keep));
    IC_TRY(icd_store_exec(id->store, "UPDATE tlog_state SET size = $1, edge = $2 WHERE id = 1",
                          NULL,
                          ICD_PARAMS(ICD_INT(s.edge.size), ICD_BLOB(write_edge(&s.edge, room)))));
    *index = place;
    return IC_OK;
}

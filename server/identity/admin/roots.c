#include "identity/admin/roots.h"

#include <ic/crypto/hash.h>
#include <ic/pki/pem.h>
#include <string.h>

ic_err icd_roots_each(struct icd_identity *id, int64_t org, icd_root_each *each, void *ctx)
{
    struct icd_rows rows;
    ic_err e = IC_OK;
    IC_TRY(icd_store_query(id->store,
                           "SELECT hash, name, der, end_s, added_ms FROM accepted_roots"
                           " WHERE org = $1 ORDER BY added_ms, hash",
                           &rows, ICD_PARAMS(ICD_INT(org))));
    while (e == IC_OK && icd_rows_next(&rows)) {
        struct icd_root r = {.der = icd_rows_bytes(&rows, 2),
                             .end_s = (uint64_t)icd_rows_int(&rows, 3),
                             .added_ms = (uint64_t)icd_rows_int(&rows, 4)};
        struct ic_view hash = icd_rows_bytes(&rows, 0), name = icd_rows_bytes(&rows, 1);
        if (hash.len != sizeof r.hash || name.len > ICD_ROOT_NAME_MAX)
            continue;
        memcpy(r.hash, hash.p, hash.len);
        memcpy(r.name, name.p, name.len);
        e = each(ctx, &r);
    }
    ic_err end = icd_rows_end(&rows);
    return e != IC_OK ? e : end;
}

static ic_err add_to_list(void *ctx, const struct icd_root *r)
{
    enum { PEM_MAX = 2 * ICD_ROOT_DER_MAX };
    IC_BUF_SCOPE(pem, PEM_MAX);
    IC_TRY(ic_pki_pem_encode("CERTIFICATE", r->der, &pem));
    json_t *o = json_pack("{s:s%, s:s}", "pem", (const char *)pem.p, pem.len, "name", r->name);
    return json_array_append_new(ctx, o) == 0 ? IC_OK : IC_ERR_NOMEM;
}

json_t *icd_roots_json(struct icd_identity *id, int64_t org)
{
    json_t *list = json_array();
    if (list && icd_roots_each(id, org, add_to_list, list) == IC_OK)
        return list;
    json_decref(list);
    return NULL;
}

ic_err icd_roots_add(struct icd_identity *id, int64_t org, struct icd_root *r)
{
    uint8_t hash[IC_HASH_MAX];
    int64_t count = 0;
    IC_TRY(icd_store_int(id->store, "SELECT COUNT(*) FROM accepted_roots WHERE org = $1", &count,
                         ICD_PARAMS(ICD_INT(org))));
    if (count >= ICD_ROOTS_MAX)
        return IC_ERR_LIMIT;
    ic_hash_once(IC_SHA256, r->der, hash);
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store,
                          "INSERT INTO accepted_roots(org, hash, name, der, end_s, added_ms)"
                          " VALUES($1, $2, $3, $4, $5, $6)",
                          NULL,
                          ICD_PARAMS(ICD_INT(org), ICD_BLOB(ic_view(hash, 32)),
                                     ICD_TEXT(ic_view_cstr(r->name)), ICD_BLOB(r->der),
                                     ICD_INT(r->end_s), ICD_INT(id->now_ms))));
    memcpy(r->hash, hash, sizeof r->hash);
    r->added_ms = id->now_ms;
    return IC_OK;
}

ic_err icd_roots_remove(struct icd_identity *id, int64_t org, const uint8_t hash[32])
{
    uint64_t changed = 0;
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store, "DELETE FROM accepted_roots WHERE org = $1 AND hash = $2",
                          &changed, ICD_PARAMS(ICD_INT(org), ICD_BLOB(ic_view(hash, 32)))));
    return changed ? IC_OK : IC_ERR_NOT_FOUND;
}

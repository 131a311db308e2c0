/* Passkeys: the rows. */
#include "identity/accounts/private.h"

#include <string.h>

ic_err icd_passkey_find(struct icd_identity *id, struct ic_view credential, struct icd_passkey *p)
{
    struct icd_rows rows;
    struct icd_passkey k = {0};
    IC_TRY(
        icd_store_query(id->store,
                        "SELECT owner, label, algorithm, public_key, counter, created_ms, used_ms"
                        " FROM passkeys WHERE id = $1",
                        &rows, ICD_PARAMS(ICD_BLOB(credential))));
    bool found = icd_rows_next(&rows);
    if (found) {
        struct ic_view key = icd_rows_bytes(&rows, 3);
        icd_copy_text(k.user, sizeof k.user, icd_rows_bytes(&rows, 0));
        icd_copy_text(k.label, sizeof k.label, icd_rows_bytes(&rows, 1));
        k.key.algorithm = (int)icd_rows_int(&rows, 2);
        k.key.len = key.len <= sizeof k.key.b ? key.len : 0;
        if (k.key.len)
            memcpy(k.key.b, key.p, k.key.len);
        k.key.counter = (uint32_t)icd_rows_int(&rows, 4);
        k.created_ms = (uint64_t)icd_rows_int(&rows, 5);
        k.used_ms = (uint64_t)icd_rows_int(&rows, 6);
    }
    IC_TRY(icd_rows_end(&rows));
    if (!found)
        return IC_ERR_NOT_FOUND;
    *p = k;
    return IC_OK;
}

ic_err icd_passkey_add(struct icd_identity *id, const char *user, struct ic_view credential,
                       struct ic_view label, const struct icd_webauthn_key *key)
{
    int64_t count;
    struct icd_value owner = ICD_TEXT(ic_view_cstr(user));
    IC_TRY(icd_store_int(id->store, "SELECT count(*) FROM passkeys WHERE owner = $1", &count,
                         ICD_PARAMS(owner)));
    if (count >= ICD_PASSKEYS)
        return IC_ERR_LIMIT;
    IC_TRY(icd_id_write(id));
    return icd_store_exec(
        id->store,
        "INSERT INTO passkeys(id, owner, label, algorithm, public_key, counter, created_ms, used_ms)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, 0)",
        NULL,
        ICD_PARAMS(ICD_BLOB(credential), owner, ICD_TEXT(label), ICD_INT(key->algorithm),
                   ICD_BLOB(ic_view(key->b, key->len)), ICD_INT(key->counter),
                   ICD_INT(id->now_ms)));
}

ic_err icd_passkey_used(struct icd_identity *id, struct ic_view credential, uint32_t counter)
{
    IC_TRY(icd_id_write(id));
    return icd_store_exec(id->store, "UPDATE passkeys SET counter = $1, used_ms = $2 WHERE id = $3",
                          NULL,
                          ICD_PARAMS(ICD_INT(counter), ICD_INT(id->now_ms), ICD_BLOB(credential)));
}

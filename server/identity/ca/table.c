/* What was issued, found again; and taking it back. */
#include "identity/ca/private.h"

#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

static void text(const struct icd_rows *rows, int column, char *out, size_t cap)
{
    struct ic_view v = icd_rows_bytes(rows, column);
    snprintf(out, cap, "%.*s", (int)v.len, v.len ? (const char *)v.p : "");
}

void icd_ca_read_row(const struct icd_rows *rows, struct icd_ca_row *out)
{
    *out = (struct icd_ca_row){
        .seq = icd_rows_int(rows, 0),
        .kind = (enum ic_pki_profile)icd_rows_int(rows, 2),
        .org = icd_rows_int(rows, 3),
        .not_before_s = icd_rows_int(rows, 8),
        .not_after_s = icd_rows_int(rows, 9),
        .revoked_ms = (uint64_t)icd_rows_int(rows, 10),
        .reason = (enum ic_pki_revocation)icd_rows_int(rows, 11),
    };
    text(rows, 1, out->serial, sizeof out->serial);
    text(rows, 4, out->user, sizeof out->user);
    text(rows, 5, out->device, sizeof out->device);
    text(rows, 6, out->subject, sizeof out->subject);
    text(rows, 7, out->name, sizeof out->name);
}

/* As the table has it: lower case. */
static ic_err normal(const char *serial, char out[ICD_CA_SERIAL_HEX + 1])
{
    size_t n = strlen(serial);
    if (n > ICD_CA_SERIAL_HEX)
        return IC_ERR_NOT_FOUND;
    for (size_t i = 0; i <= n; i++)
        out[i] = serial[i] >= 'A' && serial[i] <= 'F' ? (char)(serial[i] + 32) : serial[i];
    return IC_OK;
}

ic_err icd_ca_get(struct icd_identity *id, const char *serial, struct icd_ca_row *out)
{
    struct icd_rows rows;
    char own[ICD_CA_SERIAL_HEX + 1];
    IC_TRY(normal(serial, own));
    IC_TRY(icd_store_query(id->store,
                           "SELECT " ICD_CA_COLUMNS " FROM ca_certificates WHERE serial = $1",
                           &rows, ICD_PARAMS(ICD_TEXT(ic_view_cstr(own)))));
    bool there = icd_rows_next(&rows);
    if (there)
        icd_ca_read_row(&rows, out);
    IC_TRY(icd_rows_end(&rows));
    return there ? IC_OK : IC_ERR_NOT_FOUND;
}

ic_err icd_ca_der(struct icd_identity *id, const char *serial, struct ic_buf *out)
{
    struct icd_rows rows;
    char own[ICD_CA_SERIAL_HEX + 1];
    IC_TRY(normal(serial, own));
    IC_TRY(icd_store_query(id->store, "SELECT der FROM ca_certificates WHERE serial = $1", &rows,
                           ICD_PARAMS(ICD_TEXT(ic_view_cstr(own)))));
    ic_err e =
        icd_rows_next(&rows) ? ic_buf_append(out, icd_rows_bytes(&rows, 0)) : IC_ERR_NOT_FOUND;
    ic_err end = icd_rows_end(&rows);
    return e == IC_OK ? end : e;
}

ic_err icd_ca_list(struct icd_identity *id, const struct icd_ca_query *q, icd_ca_each *each,
                   void *ctx)
{
    struct icd_rows rows;
    struct icd_ca_row row;
    int64_t before = q->before ? q->before : INT64_MAX;
    ic_err e = IC_OK;
    if (q->user)
        IC_TRY(icd_store_query(id->store,
                               "SELECT " ICD_CA_COLUMNS
                               " FROM ca_certificates WHERE org = $1 AND owner = $2 AND "
                               "seq < $3 ORDER BY seq DESC LIMIT $4",
                               &rows,
                               ICD_PARAMS(ICD_INT(q->org), ICD_TEXT(ic_view_cstr(q->user)),
                                          ICD_INT(before), ICD_INT(q->limit))));
    else
        IC_TRY(icd_store_query(id->store,
                               "SELECT " ICD_CA_COLUMNS " FROM ca_certificates WHERE org = $1 AND "
                               "seq < $2 ORDER BY seq DESC LIMIT $3",
                               &rows,
                               ICD_PARAMS(ICD_INT(q->org), ICD_INT(before), ICD_INT(q->limit))));
    while (e == IC_OK && icd_rows_next(&rows)) {
        icd_ca_read_row(&rows, &row);
        e = each(ctx, &row);
    }
    ic_err end = icd_rows_end(&rows);
    return e == IC_OK ? end : e;
}

ic_err icd_ca_issued_at(struct icd_identity *id, const char *user, unsigned n, int64_t *at_s)
{
    int64_t from;
    IC_TRY(icd_store_int(id->store,
                         "SELECT not_before_s FROM ca_certificates WHERE owner = $1"
                         " ORDER BY seq DESC LIMIT 1 OFFSET $2",
                         &from, ICD_PARAMS(ICD_TEXT(ic_view_cstr(user)), ICD_INT(n - 1))));
    *at_s = from + ICD_CA_SKEW_S;
    return IC_OK;
}

/* ---- taking back ---- */

static const struct {
    enum ic_pki_revocation reason;
    const char *name;
} reasons[] = {
    {IC_PKI_REVOKED_UNSPECIFIED, "unspecified"},
    {IC_PKI_REVOKED_KEY_COMPROMISE, "keyCompromise"},
    {IC_PKI_REVOKED_CA_COMPROMISE, "cACompromise"},
    {IC_PKI_REVOKED_AFFILIATION_CHANGED, "affiliationChanged"},
    {IC_PKI_REVOKED_SUPERSEDED, "superseded"},
    {IC_PKI_REVOKED_CESSATION, "cessationOfOperation"},
    {IC_PKI_REVOKED_HOLD, "certificateHold"},
    {IC_PKI_REVOKED_PRIVILEGE_WITHDRAWN, "privilegeWithdrawn"},
    {IC_PKI_REVOKED_AA_COMPROMISE, "aACompromise"},
};

const char *icd_ca_reason_name(enum ic_pki_revocation reason)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].reason == reason)
            return reasons[i].name;
    }
    return NULL;
}

bool icd_ca_reason_find(const char *name, enum ic_pki_revocation *out)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (strcmp(reasons[i].name, name) == 0) {
            *out = reasons[i].reason;
            return true;
        }
    }
    return false;
}

/* The list that there is no longer says all: the next question makes another. */
static ic_err list_is_stale(struct icd_identity *id)
{
    if (id->ca) /* the operator's commands have no part started */
        id->ca->revocations++;
    return icd_store_exec(id->store, "UPDATE ca_state SET crl_stale = 1 WHERE id = 1", NULL,
                          ICD_NO_PARAMS);
}

ic_err icd_ca_revoke(struct icd_identity *id, const char *serial, enum ic_pki_revocation reason)
{
    struct icd_ca_row row;
    IC_TRY(icd_ca_get(id, serial, &row));
    if (row.revoked_ms)
        return IC_ERR_STATE;
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(
        id->store, "UPDATE ca_certificates SET revoked_ms = $1, reason = $2 WHERE seq = $3", NULL,
        ICD_PARAMS(ICD_INT(id->now_ms), ICD_INT(reason), ICD_INT(row.seq))));
    return list_is_stale(id);
}

static ic_err revoke_all(struct icd_identity *id, const char *sql, const char *whose,
                         enum ic_pki_revocation reason, uint64_t *count)
{
    uint64_t n = 0;
    *count = 0;
    if (!whose[0]) /* certificates of nobody are not one person's */
        return IC_OK;
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(id->store, sql, &n,
                          ICD_PARAMS(ICD_INT(id->now_ms), ICD_INT(reason),
                                     ICD_TEXT(ic_view_cstr(whose)), ICD_INT(id->now_ms / 1000))));
    if (n > 0)
        IC_TRY(list_is_stale(id));
    *count = n;
    return IC_OK;
}

ic_err icd_ca_revoke_user(struct icd_identity *id, const char *user, enum ic_pki_revocation reason,
                          uint64_t *count)
{
    return revoke_all(
        id,
        "UPDATE ca_certificates SET revoked_ms = $1, reason = $2 WHERE owner = $3 AND "
        "revoked_ms = 0 AND not_after_s >= $4",
        user, reason, count);
}

ic_err icd_ca_revoke_device(struct icd_identity *id, const char *device,
                            enum ic_pki_revocation reason, uint64_t *count)
{
    return revoke_all(id,
                      "UPDATE ca_certificates SET revoked_ms = $1, reason = $2 WHERE device = $3 "
                      "AND revoked_ms = 0 AND not_after_s >= $4",
                      device, reason, count);
}

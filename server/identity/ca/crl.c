/* The list of what was taken back. It is made when somebody asks and it is not of now: so a thousand people who are
 * suspended at once cost one signature, and what was rolled back stands in no list. */
#include "identity/ca/private.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <icd/core.h>
#include <string.h>

enum { CRL_LONG = IC_PKI_CRL_MAX / 10 * 8 };

struct entries {
    struct ic_pki_crl_entry *list;
    uint8_t (*serials)[ICD_CA_SERIAL_LEN];
    size_t n, cap;
};

static void clear(struct entries *e)
{
    ic_free(e->list);
    ic_free(e->serials);
}

static ic_err serial_of(struct ic_view hex, uint8_t out[ICD_CA_SERIAL_LEN])
{
    IC_BUF_SCOPE(bytes, ICD_CA_SERIAL_LEN);
    IC_TRY(ic_hex_decode(hex, &bytes));
    if (bytes.len != ICD_CA_SERIAL_LEN)
        return IC_ERR_MALFORMED;
    memcpy(out, bytes.p, bytes.len);
    return IC_OK;
}

static ic_err add(struct entries *e, const struct icd_rows *rows)
{
    if (e->n == e->cap)
        return IC_ERR_STATE; /* counted in this turn */
    struct ic_pki_crl_entry *one = &e->list[e->n];
    IC_TRY(serial_of(icd_rows_bytes(rows, 0), e->serials[e->n]));
    *one = (struct ic_pki_crl_entry){IC_VIEW_ARRAY(e->serials[e->n]), icd_rows_int(rows, 1) / 1000,
                                     (enum ic_pki_revocation)icd_rows_int(rows, 2)};
    e->n++;
    return IC_OK;
}

/* Those that ran out are in no list but the first after their end (RFC 5280 section 3.3). */
static ic_err collect(struct icd_identity *id, int64_t since, struct entries *e)
{
    struct icd_rows rows;
    int64_t n;
    IC_TRY(icd_store_int(id->store,
                         "SELECT count(*) FROM ca_certificates WHERE revoked_ms > 0 AND "
                         "not_after_s >= $1",
                         &n, ICD_PARAMS(ICD_INT(since))));
    e->cap = (size_t)n;
    e->list = ic_new_array(e->cap, struct ic_pki_crl_entry);
    e->serials = ic_calloc(e->cap, ICD_CA_SERIAL_LEN);
    if (!e->list || !e->serials)
        return IC_ERR_NOMEM;
    IC_TRY(icd_store_query(id->store,
                           "SELECT serial, revoked_ms, reason FROM ca_certificates WHERE "
                           "revoked_ms > 0 AND not_after_s >= $1 ORDER BY seq",
                           &rows, ICD_PARAMS(ICD_INT(since))));
    ic_err err = IC_OK;
    while (err == IC_OK && icd_rows_next(&rows))
        err = add(e, &rows);
    ic_err end = icd_rows_end(&rows);
    return err == IC_OK ? end : err;
}

static ic_err make(struct icd_identity *id, int64_t number, int64_t made_s, struct ic_buf *out)
{
    struct entries e = {0};
    int64_t now = (int64_t)(id->now_ms / 1000);
    struct ic_pki_crl_spec spec = {
        .this_update = now, .next_update = now + id->config->crl_s, .number = (uint64_t)number + 1};
    ic_err err = collect(id, made_s ? made_s : now, &e);
    spec.entries = e.list;
    spec.count = e.n;
    if (err == IC_OK)
        err = ic_pki_crl_make(&spec, &id->ca->root, id->ca->key, out);
    clear(&e);
    return err;
}

/* A list that is full cannot be made: whoever runs this must hear of it before. */
static void warn_if_long(struct icd_identity *id, size_t len)
{
    if (len > CRL_LONG)
        icd_identity_log(id, ICD_LOG_ERROR, "ca_list_nearly_full", "bytes=%zu most=%d", len,
                         IC_PKI_CRL_MAX);
}

static ic_err renew(struct icd_identity *id, int64_t number, int64_t made_s, struct ic_buf *out)
{
    IC_BUF_SCOPE(der, IC_PKI_CRL_MAX);
    IC_TRY(make(id, number, made_s, &der));
    warn_if_long(id, der.len);
    IC_TRY(icd_id_write(id));
    IC_TRY(icd_store_exec(
        id->store,
        "UPDATE ca_state SET crl = $1, crl_number = $2, crl_made_s = $3, crl_stale = 0 WHERE id = 1",
        NULL,
        ICD_PARAMS(ICD_BLOB(ic_buf_view(&der)), ICD_INT(number + 1), ICD_INT(id->now_ms / 1000))));
    return ic_buf_append(out, ic_buf_view(&der));
}

ic_err icd_ca_crl(struct icd_identity *id, struct ic_buf *out)
{
    struct icd_rows rows;
    int64_t number = 0, made_s = 0, now = (int64_t)(id->now_ms / 1000);
    bool fresh = false;
    ic_err e = IC_OK;
    IC_TRY(icd_store_query(
        id->store, "SELECT crl, crl_number, crl_made_s, crl_stale FROM ca_state WHERE id = 1",
        &rows, ICD_NO_PARAMS));
    if (icd_rows_next(&rows)) {
        number = icd_rows_int(&rows, 1);
        made_s = icd_rows_int(&rows, 2);
        fresh = !icd_rows_int(&rows, 3) && now < made_s + id->config->crl_s / 4;
        if (fresh)
            e = ic_buf_append(out, icd_rows_bytes(&rows, 0));
    }
    IC_TRY(icd_rows_end(&rows));
    return fresh ? e : renew(id, number, made_s, out);
}

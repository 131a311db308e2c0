/* What signed-in people may ask of the log: all its entries, and the certificates that bear their own names. */
#include "identity/accounts/accounts.h"
#include "identity/tlog/private.h"

#include <stdio.h>
#include <string.h>

static bool signed_in(struct icd_identity *id, struct icd_call *c, struct icd_session *out)
{
    ic_err e = icd_accounts_session_find(id, c->request.token, out);
    if (e == IC_ERR_DENIED)
        icd_call_refuse(c, 401, "denied", "sign in first");
    else if (e != IC_OK)
        icd_call_refuse_err(c, e, "the session cannot be read");
    return e == IC_OK;
}

static ic_err list(struct icd_identity *id, uint64_t from, uint64_t count, json_t *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(
        id->store, "SELECT entry FROM tlog_entries WHERE place >= $1 ORDER BY place LIMIT $2",
        &rows, ICD_PARAMS(ICD_INT(from), ICD_INT(count))));
    while (icd_rows_next(&rows))
        if (json_array_append_new(out, icd_tlog_text(icd_rows_bytes(&rows, 0))) != 0)
            rows.err = IC_ERR_NOMEM;
    return icd_rows_end(&rows);
}

void icd_tlog_on_entries(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    uint64_t from = 0, count = ICD_TLOG_PAGE;
    if (!signed_in(id, c, &s))
        return;
    if (!icd_tlog_number(c, "from", &from) || from > IC_MERKLE_SIZE_MAX) {
        icd_call_refuse(c, 400, "invalid", "from is no number of an entry");
        return;
    }
    if (!icd_tlog_number(c, "count", &count) || count > ICD_TLOG_PAGE)
        count = ICD_TLOG_PAGE;
    json_t *entries = json_array();
    ic_err e = list(id, from, count, entries);
    if (e != IC_OK) {
        json_decref(entries);
        icd_call_refuse_err(c, e, "the entries cannot be read");
        return;
    }
    icd_call_json(
        c, 200, json_pack("{s:I, s:o}", "size", (json_int_t)icd_tlog_size(id), "entries", entries));
}

/* Whether the entry bears a name of this person's: the address, or im: and the address. */
static bool is_own(const struct ic_merkle_entry *e, const char *email)
{
    char uri[ICD_EMAIL_MAX + 4];
    snprintf(uri, sizeof uri, "im:%s", email);
    const struct ic_pki_name names[] = {{IC_PKI_NAME_EMAIL, ic_view_cstr(email)},
                                        {IC_PKI_NAME_URI, ic_view_cstr(uri)}};
    struct ic_merkle_hash label;
    for (size_t i = 0; i < 2; i++)
        if (ic_merkle_label(&names[i], &label) == IC_OK && ic_merkle_entry_has(e, &label))
            return true;
    return false;
}

/* Somebody else's is not found, as what is not there. */
static ic_err find_own(struct icd_identity *id, struct ic_view hash, const char *email,
                       struct ic_buf *out)
{
    struct icd_rows rows;
    struct ic_merkle_entry entry;
    ic_err e = IC_ERR_NOT_FOUND;
    IC_TRY(icd_store_query(id->store, "SELECT entry, der FROM tlog_entries WHERE certificate = $1",
                           &rows, ICD_PARAMS(ICD_BLOB(hash))));
    if (icd_rows_next(&rows) && ic_merkle_entry_decode(icd_rows_bytes(&rows, 0), &entry) == IC_OK &&
        is_own(&entry, email))
        e = ic_buf_append(out, icd_rows_bytes(&rows, 1));
    IC_TRY(icd_rows_end(&rows));
    return e;
}

void icd_tlog_on_certificate(struct icd_identity *id, struct icd_call *c)
{
    struct icd_session s;
    IC_BUF_SCOPE(hash, IC_MERKLE_HASH_LEN);
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    if (!signed_in(id, c, &s))
        return;
    if (!icd_tlog_hash(c, "hash", &hash)) {
        icd_call_refuse(c, 400, "invalid", "hash is no SHA-256 in hexadecimal");
        return;
    }
    ic_err e = find_own(id, ic_buf_view(&hash), s.user.email, &der);
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, "there is no such certificate of yours");
        return;
    }
    icd_call_json(c, 200, json_pack("{s:o}", "certificate", icd_tlog_text(ic_buf_view(&der))));
}

/* Revoking: RFC 8555 section 7.6. */
#include "identity/acme/private.h"

#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <ic/pki/cert.h>
#include <string.h>

struct issued {
    char account[ICD_ACME_ID + 1];
    char serial[ICD_ACME_SERIAL + 1];
};

/* RFC 5280 section 5.3.1: what an owner can know; the others are the authority's to say. */
static ic_err take_reason(struct icd_acme_request *r, int *out)
{
    static const int allowed[] = {0, 1, 3, 4, 5};
    const json_t *v = json_object_get(r->payload, "reason");
    *out = 0;
    if (!v)
        return IC_OK;
    for (size_t i = 0; json_is_integer(v) && i < sizeof allowed / sizeof *allowed; i++)
        if (json_integer_value(v) == allowed[i]) {
            *out = allowed[i];
            return IC_OK;
        }
    return icd_acme_refuse(&r->problem, ICD_ACME_E_BAD_REVOCATION_REASON,
                           "reason: 0, 1, 3, 4 or 5 (RFC 5280 section 5.3.1)");
}

static ic_err take_certificate(struct icd_acme_request *r, struct ic_buf *der,
                               struct ic_pki_cert *out)
{
    const json_t *text = json_object_get(r->payload, "certificate");
    struct ic_pki_fault fault;
    if (!json_is_string(text) ||
        ic_base64_decode(IC_BASE64_URL, ic_view(json_string_value(text), json_string_length(text)),
                         der) != IC_OK)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                               "certificate: DER, in base64url without padding");
    if (ic_pki_cert_decode(ic_buf_view(der), out, &fault) != IC_OK)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED, "%s", fault.text);
    return IC_OK;
}

/* The very certificate, by the hash of all of it. */
static ic_err find(struct icd_acme_request *r, const struct ic_pki_cert *cert, struct issued *out)
{
    struct icd_rows rows;
    *out = (struct issued){0};
    IC_TRY(icd_store_query(r->id->store,
                           "SELECT account, serial FROM acme_certificates WHERE fingerprint = $1",
                           &rows, ICD_PARAMS(ICD_BLOB(IC_VIEW_ARRAY(cert->fingerprint)))));
    bool found = icd_rows_next(&rows);
    if (found) {
        struct ic_view account = icd_rows_bytes(&rows, 0), serial = icd_rows_bytes(&rows, 1);
        if (account.len < sizeof out->account && serial.len < sizeof out->serial) {
            memcpy(out->account, account.p, account.len);
            memcpy(out->serial, serial.p, serial.len);
        }
    }
    IC_TRY(icd_rows_end(&rows));
    return found && out->serial[0] ? IC_OK : icd_acme_not_there(&r->problem, "certificate");
}

/* An account that holds authorizations for all of its names may, too. */
static bool holds_all(struct icd_acme_request *r, const struct ic_pki_cert *cert)
{
    struct ic_reader names = ic_reader(cert->names);
    struct ic_pki_name n;
    size_t held = 0;
    while (ic_pki_names_next(&names, &n)) {
        struct icd_acme_name name = {.kind = ICD_ACME_DNS};
        struct icd_acme_authz a;
        if (n.kind != IC_PKI_NAME_DNS || n.value.len > ICD_ACME_NAME_MAX)
            return false;
        memcpy(name.text, n.value.p, n.value.len);
        if (icd_acme_authz_valid(r->id, r->account.id, &name, &a) != IC_OK)
            return false;
        held++;
    }
    return held > 0;
}

static ic_err check_right(struct icd_acme_request *r, const struct ic_pki_cert *cert,
                          const struct issued *issued)
{
    bool may = r->jws.kid ? strcmp(issued->account, r->account.id) == 0 || holds_all(r, cert)
                          : icd_acme_key_is_of(&r->jws.key, cert);
    return may ? IC_OK
               : icd_acme_refuse_as(&r->problem, ICD_ACME_E_UNAUTHORIZED, 403,
                                    "neither the account nor the key of this certificate");
}

static ic_err revoke_it(struct icd_acme_request *r)
{
    struct ic_pki_cert cert;
    struct issued issued;
    int reason;
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    IC_TRY(icd_acme_want_payload(r));
    IC_TRY(take_certificate(r, &der, &cert));
    IC_TRY(find(r, &cert, &issued));
    IC_TRY(check_right(r, &cert, &issued));
    IC_TRY(take_reason(r, &reason));
    IC_TRY(icd_id_write(r->id));
    ic_err e = r->acme->others->revoke(r->id, issued.serial, reason);
    if (e == IC_ERR_STATE)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_ALREADY_REVOKED,
                               "this certificate was revoked before");
    IC_TRY(icd_acme_failed(&r->problem, e));
    icd_call_empty(r->call, 200);
    return IC_OK;
}

void icd_acme_on_revoke(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_EITHER, revoke_it);
}

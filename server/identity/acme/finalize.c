/* Issuing, and fetching what was issued: RFC 8555 sections 7.4 and 7.4.2. */
#include "identity/acme/match.h"
#include "identity/acme/private.h"

#include <ic/base/text.h>
#include <string.h>

enum { CHAIN_MAX = 65536 }; /* bytes in PEM */

/* Who proved it: of a person's order, the person. Asked anew: much may have happened since. */
static ic_err check_person(struct icd_acme_request *r, const struct icd_acme_order *o)
{
    struct icd_acme_person who;
    const struct icd_acme_authz *a = &o->authz[0];
    if (a->name.kind != ICD_ACME_EMAIL)
        return IC_OK;
    ic_err e = r->acme->others->device_check(r->id, a->device, &who);
    if (e == IC_ERR_IO || e == IC_ERR_NOMEM)
        return e;
    if (e != IC_OK || strcmp(who.user, a->user) != 0 || strcmp(who.email, a->name.text) != 0)
        return icd_acme_refuse_as(&r->problem, ICD_ACME_E_UNAUTHORIZED, 403,
                                  "this device may have no certificate any more");
    return icd_acme_limit_person(r, a->user);
}

static ic_err store_certificate(struct icd_acme_request *r, struct icd_acme_order *o,
                                const struct icd_acme_issued *got)
{
    struct icd_identity *id = r->id;
    IC_TRY(icd_acme_new_id(id, o->certificate));
    IC_TRY(icd_store_exec(
        id->store,
        "INSERT INTO acme_certificates(id, account, fingerprint, serial, not_after)"
        " VALUES($1, $2, $3, $4, $5)",
        NULL,
        ICD_PARAMS(ICD_TEXT(ic_view_cstr(o->certificate)), ICD_TEXT(ic_view_cstr(o->account)),
                   ICD_BLOB(IC_VIEW_ARRAY(got->hash)), ICD_TEXT(ic_view_cstr(got->serial)),
                   ICD_INT(got->not_after))));
    o->state.status = ICD_ACME_VALID;
    return icd_store_exec(
        id->store, "UPDATE acme_orders SET status = $1, certificate = $2 WHERE id = $3", NULL,
        ICD_PARAMS(ICD_INT(ICD_ACME_VALID), ICD_TEXT(ic_view_cstr(o->certificate)),
                   ICD_TEXT(ic_view_cstr(o->id))));
}

static ic_err issue(struct icd_acme_request *r, struct icd_acme_order *o,
                    const struct ic_pki_csr *csr, struct icd_acme_issued *got)
{
    const char *why = "the authority refuses it";
    struct icd_acme_wish wish = {.names = &o->names,
                                 .user = o->authz[0].user,
                                 .device = o->authz[0].device,
                                 .key_info = csr->key_info};
    IC_TRY(icd_id_write(r->id));
    ic_err e = r->acme->others->issue(r->id, &wish, got, &why);
    if (e == IC_ERR_KEY || e == IC_ERR_RULE || e == IC_ERR_UNSUPPORTED)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_BAD_CSR, "%s", why);
    if (e == IC_ERR_DENIED || e == IC_ERR_STATE)
        return icd_acme_refuse_as(&r->problem, ICD_ACME_E_UNAUTHORIZED, 403, "%s", why);
    IC_TRY(icd_acme_failed(&r->problem, e));
    return icd_acme_failed(&r->problem, store_certificate(r, o, got));
}

/* RFC 8555 section 7.4: what is wrong with the request leaves the order ready for a better one. */
static ic_err take_request(struct icd_acme_request *r, struct icd_acme_order *o, struct ic_buf *der,
                           struct ic_pki_csr *csr)
{
    struct ic_pki_fault fault;
    const json_t *text = json_object_get(r->payload, "csr");
    if (!json_is_string(text) ||
        ic_base64_decode(IC_BASE64_URL, ic_view(json_string_value(text), json_string_length(text)),
                         der) != IC_OK)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_MALFORMED,
                               "csr: a PKCS #10 request in DER, in base64url without padding");
    if (ic_pki_csr_decode(ic_buf_view(der), csr, &fault) != IC_OK)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_BAD_CSR, "%s", fault.text);
    if (csr->wants_ca)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_BAD_CSR,
                               "it asks to be an authority's certificate");
    return icd_acme_names_match(&o->names, csr, &r->problem);
}

static bool is_account_key(const struct icd_acme_request *r, const struct ic_pki_csr *csr)
{
    const struct ic_pki_cert as = {.key_kind = csr->key_kind,
                                   .key_sig = csr->key_sig,
                                   .key = csr->key,
                                   .exponent = csr->exponent};
    return icd_acme_key_is_of(&r->account.key, &as);
}

static ic_err finalize(struct icd_acme_request *r, struct icd_acme_order *o)
{
    struct ic_pki_csr csr;
    IC_BUF_SCOPE(der, IC_PKI_CSR_MAX);
    enum icd_acme_status s = icd_acme_order_now(r->id, o);
    if (s != ICD_ACME_READY)
        return icd_acme_refuse(&r->problem, ICD_ACME_E_ORDER_NOT_READY, "this order is %s",
                               icd_acme_status_name(s));
    IC_TRY(take_request(r, o, &der, &csr));
    /* RFC 8555 section 11.1 */
    if (is_account_key(r, &csr))
        return icd_acme_refuse(&r->problem, ICD_ACME_E_BAD_CSR,
                               "an account's key and a certificate's are not the same");
    IC_TRY(check_person(r, o));
    IC_TRY(icd_acme_check_names(r, &o->names)); /* domains come and go */
    struct icd_acme_issued got = {0};
    return issue(r, o, &csr, &got);
}

ic_err icd_acme_finalize(struct icd_acme_request *r)
{
    char id[ICD_ACME_ID + 1], url[ICD_ACME_URL];
    const char *rest;
    struct icd_acme_order o;
    IC_TRY(icd_acme_want_payload(r));
    IC_TRY(icd_acme_path(r, id, &rest));
    IC_TRY(icd_acme_order_load(r, id, &o));
    IC_TRY(finalize(r, &o));
    icd_acme_url(r->id, url, "order/%s", o.id);
    icd_acme_location(r, url);
    return icd_acme_answer(r, 200, icd_acme_order_json(r->id, &o));
}

/* ---- the certificate's URL ---- */

/* The serial number of a certificate of this account. */
static ic_err serial_of(struct icd_acme_request *r, const char *id, char out[ICD_ACME_SERIAL + 1])
{
    struct icd_rows rows;
    ic_err e;
    IC_TRY(icd_store_query(r->id->store,
                           "SELECT account, serial FROM acme_certificates WHERE id = $1", &rows,
                           ICD_PARAMS(ICD_TEXT(ic_view_cstr(id)))));
    if (!icd_rows_next(&rows)) {
        e = icd_acme_not_there(&r->problem, "certificate");
    } else if (!ic_view_equal(icd_rows_bytes(&rows, 0), ic_view_cstr(r->account.id))) {
        e = icd_acme_not_yours(&r->problem, "certificate");
    } else {
        struct ic_view v = icd_rows_bytes(&rows, 1);
        e = v.len <= ICD_ACME_SERIAL ? IC_OK : IC_ERR_IO;
        memcpy(out, v.p, e == IC_OK ? v.len : 0);
        out[e == IC_OK ? v.len : 0] = 0;
    }
    IC_TRY(icd_acme_failed(&r->problem, icd_rows_end(&rows)));
    return e;
}

static ic_err certificate(struct icd_acme_request *r)
{
    char id[ICD_ACME_ID + 1], serial[ICD_ACME_SERIAL + 1];
    const char *rest;
    IC_BUF_SCOPE(chain, CHAIN_MAX);
    IC_TRY(icd_acme_want_none(r));
    IC_TRY(icd_acme_path(r, id, &rest));
    if (rest[0])
        return icd_acme_not_there(&r->problem, "certificate");
    IC_TRY(serial_of(r, id, serial));
    IC_TRY(r->acme->others->chain(r->id, serial, &chain));
    return icd_acme_answer_bytes(r, "application/pem-certificate-chain", ic_buf_view(&chain));
}

void icd_acme_on_certificate(struct icd_identity *id, struct icd_call *c)
{
    icd_acme_serve(id, c, ICD_ACME_BY_ACCOUNT, certificate);
}

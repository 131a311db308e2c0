/* What everybody may fetch: the root, the list, OCSP, and what to trust. */
#include "identity/accounts/accounts.h"
#include "identity/admin/roots.h"
#include "identity/ca/private.h"
#include "identity/tlog/tlog.h"

#include <ic/base/text.h>
#include <ic/pki/ocsp.h>
#include <ic/pki/pem.h>
#include <string.h>

enum { CRL_ANSWER_MAX = IC_PKI_CRL_MAX };

static ic_err pem_of(struct ic_view der, struct ic_buf *out)
{
    return ic_pki_pem_encode("CERTIFICATE", der, out);
}

static void on_root(struct icd_identity *id, struct icd_call *c)
{
    IC_BUF_SCOPE(pem, ICD_CA_ROOT_PEM_MAX);
    ic_err e = pem_of(id->ca->root.encoded, &pem);
    if (e != IC_OK)
        icd_call_refuse_err(c, e, "there is no root");
    else
        icd_call_bytes(c, 200, "application/pem-certificate-chain", ic_buf_view(&pem));
}

static void on_crl(struct icd_identity *id, struct icd_call *c)
{
    IC_BUF_SCOPE(der, CRL_ANSWER_MAX);
    ic_err e = icd_ca_crl(id, &der);
    if (e != IC_OK)
        icd_call_refuse_err(c, e, "there is no list");
    else
        icd_call_bytes(c, 200, "application/pkix-crl", ic_buf_view(&der));
}

static void answer_ocsp(struct icd_identity *id, struct icd_call *c, struct ic_view request)
{
    IC_BUF_SCOPE(der, IC_PKI_OCSP_MAX);
    ic_err e = icd_ca_ocsp(id, request, c->request.peer, &der);
    if (e != IC_OK) {
        ic_buf_reset(&der);
        e = ic_pki_ocsp_make_error(IC_PKI_OCSP_INTERNAL_ERROR, &der);
    }
    if (e != IC_OK)
        icd_call_refuse_err(c, e, "");
    else
        icd_call_bytes(c, 200, "application/ocsp-response", ic_buf_view(&der));
}

static void on_ocsp_post(struct icd_identity *id, struct icd_call *c)
{
    if (!ic_view_equal(c->request.content_type, IC_VIEW_STR("application/ocsp-request"))) {
        icd_call_refuse(c, 415, "content-type", "a request is of type application/ocsp-request");
        return;
    }
    answer_ocsp(id, c, c->request.body);
}

static int hex_digit(uint8_t b)
{
    return b >= '0' && b <= '9' ? b - '0' : (b | 32) >= 'a' && (b | 32) <= 'f' ? (b | 32) - 87 : -1;
}

/* Base64, with what a URL cannot carry percent-encoded (RFC 6960 appendix A.1). */
static ic_err decode_path(struct ic_view path, struct ic_buf *out)
{
    IC_BUF_SCOPE(text, 4 * IC_PKI_OCSP_REQUEST_MAX);
    for (size_t i = 0; i < path.len; i++) {
        uint8_t b = path.p[i];
        if (b == '%') {
            int high = i + 2 < path.len ? hex_digit(path.p[i + 1]) : -1;
            int low = i + 2 < path.len ? hex_digit(path.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return IC_ERR_MALFORMED;
            b = (uint8_t)(16 * high + low);
            i += 2;
        }
        IC_TRY(ic_buf_append(&text, ic_view(&b, 1)));
    }
    return ic_base64_decode(IC_BASE64_STD, ic_buf_view(&text), out);
}

static void on_ocsp_get(struct icd_identity *id, struct icd_call *c)
{
    IC_BUF_SCOPE(request, IC_PKI_OCSP_REQUEST_MAX);
    if (decode_path(c->rest, &request) != IC_OK)
        ic_buf_reset(&request); /* which is malformed too */
    answer_ocsp(id, c, ic_buf_view(&request));
}

/* ---- what to trust ---- */

static json_t *pem_text(struct ic_view der)
{
    IC_BUF_SCOPE(pem, ICD_CA_ROOT_PEM_MAX);
    if (pem_of(der, &pem) != IC_OK)
        return NULL;
    return json_stringn((const char *)pem.p, pem.len);
}

static json_t *optional(const char *text)
{
    return json_string(text ? text : "");
}

/* Whose trust: the session's organisation, or without one the only organisation that there is; 0: none. */
static int64_t org_of(struct icd_identity *id, const struct icd_call *c)
{
    struct icd_session session;
    int64_t org = 0;
    if (c->request.token.len > 0 &&
        icd_accounts_session_find(id, c->request.token, &session) == IC_OK)
        return session.user.org;
    ic_err e = icd_store_int(id->store,
                             "SELECT CASE WHEN count(*) = 1 THEN max(id) ELSE 0 END FROM "
                             "organisations",
                             &org, ICD_NO_PARAMS);
    return e == IC_OK ? org : 0;
}

static void on_trust(struct icd_identity *id, struct icd_call *c)
{
    struct icd_org org = {.name = ""};
    int64_t whose = org_of(id, c);
    ic_err e = whose ? icd_accounts_org_get(id, whose, &org) : IC_OK;
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, "there is no such organisation");
        return;
    }
    icd_call_json(c, 200,
                  json_pack("{s:s, s:[o], s:o, s:o, s:o, s:o}", "organisation", org.name, "roots",
                            pem_text(id->ca->root.encoded), "external_roots",
                            icd_roots_json(id, whose), "logs", icd_tlog_trust(id), "crl",
                            optional(icd_ca_crl_url(id)), "ocsp", optional(icd_ca_ocsp_url(id))));
}

const struct icd_id_route icd_ca_routes[ICD_CA_ROUTES] = {
    {"GET", "/pki/root.pem", on_root},    {"GET", "/pki/crl.der", on_crl},
    {"POST", "/pki/ocsp", on_ocsp_post},  {"GET", "/pki/ocsp/", on_ocsp_get},
    {"POST", "/pki/ocsp/", on_ocsp_post}, {"GET", "/api/v1/identity/trust", on_trust},
};

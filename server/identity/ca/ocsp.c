/* The state of single certificates, RFC 6960: signed when asked, by the root's key. */
#include "identity/ca/private.h"

#include <ic/base/text.h>
#include <ic/pki/ocsp.h>
#include <string.h>

enum { HOLDS_S = 3600 }; /* how long an answer may be kept; less where lists hold less */

/* A number that we did not give out is unknown (RFC 6960 section 2.2 has no "good" for it here). */
static ic_err state_of(struct icd_identity *id, const struct ic_pki_ocsp_id *asked,
                       struct ic_pki_ocsp_state *out)
{
    char serial[2 * IC_PKI_SERIAL_MAX + 1];
    struct icd_ca_row row;
    int64_t now = (int64_t)(id->now_ms / 1000);
    int64_t holds = id->config->crl_s < HOLDS_S ? id->config->crl_s : HOLDS_S;
    *out = (struct ic_pki_ocsp_state){.id = *asked,
                                      .status = IC_PKI_OCSP_UNKNOWN,
                                      .this_update = now,
                                      .next_update = now + holds};
    if (!ic_pki_ocsp_id_matches(asked, &id->ca->root))
        return IC_OK;
    ic_hex_encode(asked->serial, serial);
    ic_err e = icd_ca_get(id, serial, &row);
    if (e == IC_ERR_NOT_FOUND)
        return IC_OK;
    IC_TRY(e);
    out->status = row.revoked_ms ? IC_PKI_OCSP_REVOKED : IC_PKI_OCSP_GOOD;
    out->revoked_at = (int64_t)(row.revoked_ms / 1000);
    out->reason = row.reason;
    return IC_OK;
}

ic_err icd_ca_ocsp(struct icd_identity *id, struct ic_view request, struct ic_buf *out)
{
    struct ic_pki_ocsp_request q;
    struct ic_pki_ocsp_id asked;
    struct ic_pki_ocsp_state states[IC_PKI_OCSP_IDS_MAX];
    size_t ours = 0, n = 0;
    if (ic_pki_ocsp_request_decode(request, &q, NULL) != IC_OK)
        return ic_pki_ocsp_make_error(IC_PKI_OCSP_MALFORMED_REQUEST, out);
    struct ic_reader r = ic_reader(q.ids);
    while (n < IC_PKI_OCSP_IDS_MAX && ic_pki_ocsp_id_next(&r, &asked)) {
        ours += ic_pki_ocsp_id_matches(&asked, &id->ca->root);
        IC_TRY(state_of(id, &asked, &states[n++]));
    }
    /* RFC 6960 section 2.3: not for this responder. */
    if (ours == 0)
        return ic_pki_ocsp_make_error(IC_PKI_OCSP_UNAUTHORIZED, out);
    struct ic_pki_ocsp_spec spec = {(int64_t)(id->now_ms / 1000), states, n, q.nonce};
    return ic_pki_ocsp_make(&spec, &id->ca->root, id->ca->key, out);
}

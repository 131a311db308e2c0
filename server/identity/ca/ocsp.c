/* The state of single certificates, RFC 6960: signed when asked, by the root's key. That costs, and anybody may ask:
 * so a rate for each address, and what was said without a nonce is said again for a while. */
#include "identity/ca/private.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
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

/* ---- what is kept ---- */

/* Where this question's answer would be. */
static struct icd_ca_ocsp_kept *slot(struct icd_ca *ca, const struct ic_pki_ocsp_request *q,
                                     uint8_t question[IC_HASH_MAX])
{
    ic_hash_once(IC_SHA256, q->ids, question);
    return &ca->kept[question[0] % ICD_CA_OCSP_KEPT];
}

static bool find_kept(struct icd_identity *id, const struct ic_pki_ocsp_request *q,
                      struct ic_view *out)
{
    uint8_t question[IC_HASH_MAX];
    const struct icd_ca_ocsp_kept *k = slot(id->ca, q, question);
    *out = ic_view(k->der, k->len);
    return q->nonce.len == 0 && k->len && id->now_ms < k->until_ms &&
           k->revocations == id->ca->revocations && memcmp(k->question, question, 32) == 0;
}

/* Not what may be rolled back yet, nor of numbers that nobody has: anybody can think of many. */
static void keep(struct icd_identity *id, const struct ic_pki_ocsp_request *q,
                 const struct ic_pki_ocsp_state *s, size_t n, struct ic_view answer)
{
    uint8_t question[IC_HASH_MAX];
    struct icd_ca_ocsp_kept *k = slot(id->ca, q, question);
    if (q->nonce.len || n != 1 || s->status == IC_PKI_OCSP_UNKNOWN ||
        icd_store_in_transaction(id->store))
        return;
    uint8_t *copy = ic_calloc(1, answer.len);
    if (!copy)
        return;
    memcpy(copy, answer.p, answer.len);
    ic_free(k->der);
    *k = (struct icd_ca_ocsp_kept){
        .until_ms = id->now_ms + (uint64_t)(s->next_update - s->this_update) * 1000 / 4,
        .revocations = id->ca->revocations,
        .der = copy,
        .len = answer.len};
    memcpy(k->question, question, sizeof k->question);
}

void icd_ca_ocsp_clear(struct icd_ca *ca)
{
    for (size_t i = 0; i < ICD_CA_OCSP_KEPT; i++)
        ic_free(ca->kept[i].der);
}

/* ---- answers ---- */

static ic_err sign(struct icd_identity *id, const struct ic_pki_ocsp_request *q, struct ic_buf *out)
{
    struct ic_pki_ocsp_id asked;
    struct ic_pki_ocsp_state states[IC_PKI_OCSP_IDS_MAX];
    size_t ours = 0, n = 0, before = out->len;
    struct ic_reader r = ic_reader(q->ids);
    while (n < IC_PKI_OCSP_IDS_MAX && ic_pki_ocsp_id_next(&r, &asked)) {
        ours += ic_pki_ocsp_id_matches(&asked, &id->ca->root);
        IC_TRY(state_of(id, &asked, &states[n++]));
    }
    /* RFC 6960 section 2.3: not for this responder. */
    if (ours == 0)
        return ic_pki_ocsp_make_error(IC_PKI_OCSP_UNAUTHORIZED, out);
    struct ic_pki_ocsp_spec spec = {(int64_t)(id->now_ms / 1000), states, n, q->nonce};
    IC_TRY(ic_pki_ocsp_make(&spec, &id->ca->root, id->ca->key, out));
    keep(id, q, states, n, ic_view(out->p + before, out->len - before));
    return IC_OK;
}

ic_err icd_ca_ocsp(struct icd_identity *id, struct ic_view request, const uint8_t *peer,
                   struct ic_buf *out)
{
    struct ic_pki_ocsp_request q;
    struct ic_view kept;
    if (ic_pki_ocsp_request_decode(request, &q, NULL) != IC_OK)
        return ic_pki_ocsp_make_error(IC_PKI_OCSP_MALFORMED_REQUEST, out);
    if (find_kept(id, &q, &kept))
        return ic_buf_append(out, kept);
    if (!icd_limiter_take(&id->ca->signers, peer, id->now_ms))
        return ic_pki_ocsp_make_error(IC_PKI_OCSP_TRY_LATER, out);
    return sign(id, &q, out);
}

/* Who made an answer of OCSP, and what it says of one certificate. */
#include <ic/pki/ocsp.h>

#include <ic/crypto/hash.h>

#include "internal.h"

static bool is_responder(const struct ic_pki_ocsp *a, const struct ic_pki_cert *issuer)
{
    uint8_t key[IC_HASH_MAX];
    if (a->responder_name.len > 0)
        return ic_pki_name_equal(a->responder_name, issuer->subject);
    ic_hash_once(IC_SHA1, ic_pki_key_bits(issuer->key_info), key);
    return ic_view_equal(a->responder_key, ic_view(key, ic_hash_len(IC_SHA1)));
}

static enum ic_pki_reason verify(const struct ic_pki_ocsp *a, const struct ic_pki_cert *issuer)
{
    struct ic_pki_signed s = {a->signed_part, a->signature, a->signature_algorithm};
    if (a->outcome != IC_PKI_OCSP_SUCCESSFUL || !is_responder(a, issuer))
        return IC_PKI_ORDER;
    if (!issuer->is_ca)
        return IC_PKI_NOT_CA;
    if (!ic_pki_key_serves(issuer))
        return IC_PKI_KEY_WEAK;
    return ic_pki_signed_check(&s, issuer);
}

static ic_err told(struct ic_pki_fault *fault, enum ic_pki_reason reason)
{
    return ic_pki_fault_set(fault, reason, IC_PKI_ANSWER_INDEX, NULL);
}

ic_err ic_pki_ocsp_verify(const struct ic_pki_ocsp *answer, const struct ic_pki_cert *issuer,
                          struct ic_pki_fault *fault)
{
    enum ic_pki_reason reason = verify(answer, issuer);
    return reason == IC_PKI_NONE ? IC_OK : told(fault, reason);
}

static bool find(const struct ic_pki_ocsp *a, const struct ic_pki_cert *cert,
                 const struct ic_pki_cert *issuer, struct ic_pki_ocsp_state *out)
{
    struct ic_reader r = ic_reader(a->states);
    while (ic_pki_ocsp_state_next(&r, out)) {
        if (ic_view_equal(out->id.serial, cert->serial) && ic_pki_ocsp_id_matches(&out->id, issuer))
            return true;
    }
    return false;
}

ic_err ic_pki_ocsp_find(const struct ic_pki_ocsp *answer, const struct ic_pki_cert *cert,
                        const struct ic_pki_cert *issuer, uint64_t now_s,
                        struct ic_pki_ocsp_state *out, struct ic_pki_fault *fault)
{
    struct ic_pki_ocsp_state s;
    int64_t now = now_s > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)now_s;
    if (!ic_pki_name_equal(cert->issuer, issuer->subject) || !find(answer, cert, issuer, &s))
        return told(fault, IC_PKI_NO_CERTIFICATE);
    if (s.this_update - now > IC_PKI_OCSP_SKEW_S)
        return told(fault, IC_PKI_NOT_YET);
    if (now - s.next_update > IC_PKI_OCSP_SKEW_S)
        return told(fault, IC_PKI_LIST_STALE);
    *out = s;
    return IC_OK;
}

#include <ic/pki/chain.h>

#include <ic/base/writer.h>

#include "internal.h"

static bool is_twice(const struct ic_pki_cert *certs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (memcmp(certs[i].fingerprint, certs[n].fingerprint, IC_PKI_FINGERPRINT_LEN) == 0)
            return true;
    }
    return false;
}

/* Fills certs and count; the chain is not the caller's yet. */
static ic_err decode(struct ic_view certificates, size_t max, struct ic_pki_chain *c,
                     struct ic_pki_fault *fault)
{
    struct ic_reader r = ic_reader(certificates);
    c->count = 0;
    while (ic_reader_more(&r)) {
        int32_t i = (int32_t)c->count;
        struct ic_view der = ic_read_vec(&r, IC_PKI_CERT_MAX);
        if (r.err != IC_OK)
            return ic_pki_fault_set(
                fault, r.err == IC_ERR_LIMIT ? IC_PKI_TOO_BIG : IC_PKI_MALFORMED, i, NULL);
        if ((size_t)i == max)
            return ic_pki_fault_set(fault, IC_PKI_CHAIN_LONG, IC_PKI_NO_INDEX, NULL);
        struct ic_pki_fault own;
        if (ic_pki_cert_decode(der, &c->certs[i], &own) != IC_OK)
            return ic_pki_fault_set(fault, own.reason, i, NULL);
        if (is_twice(c->certs, (size_t)i))
            return ic_pki_fault_set(fault, IC_PKI_LOOP, i, &c->certs[i]);
        c->count++;
    }
    if (c->count == 0)
        return ic_pki_fault_set(fault, IC_PKI_NO_CERTIFICATE, IC_PKI_NO_INDEX, NULL);
    return IC_OK;
}

ic_err ic_pki_chain_decode(struct ic_view certificates, size_t max, struct ic_pki_chain *out,
                           struct ic_pki_fault *fault)
{
    bool bounded = max > 0 && max < IC_PKI_CHAIN_MAX;
    ic_err e = decode(certificates, bounded ? max : IC_PKI_CHAIN_MAX, out, fault);
    if (e != IC_OK)
        out->count = 0;
    return e;
}

ic_err ic_pki_chain_encode(const struct ic_view *certs, size_t n, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    for (size_t i = 0; i < n; i++)
        ic_write_vec(&w, certs[i]);
    return ic_writer_end(&w);
}

/* What says that certificates are revoked: lists and OCSP's answers from the network; and OCSP's
 * requests, which a server gets from anybody. The first byte says which. */
#include <ic/pki/ocsp.h>
#include <ic/pki/store.h>

#include <assert.h>
#include <ic/base/mem.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ic_err list(struct ic_view der, struct ic_pki_fault *fault)
{
    struct ic_pki_crl crl;
    struct ic_pki_crl_entry entry;
    size_t n = 0;
    IC_TRY(ic_pki_crl_decode(der, &crl, fault));
    struct ic_reader r = ic_reader(crl.entries);
    while (ic_pki_crl_next(&r, &entry))
        n++;
    assert(n == crl.count && ic_reader_end(&r) == IC_OK);
    return IC_OK;
}

static ic_err request(struct ic_view der, struct ic_pki_fault *fault)
{
    struct ic_pki_ocsp_request q;
    struct ic_pki_ocsp_id id;
    size_t n = 0;
    IC_TRY(ic_pki_ocsp_request_decode(der, &q, fault));
    struct ic_reader r = ic_reader(q.ids);
    while (ic_pki_ocsp_id_next(&r, &id))
        n++;
    assert(n == q.count && n > 0 && n <= IC_PKI_OCSP_IDS_MAX);
    return IC_OK;
}

static ic_err answer(struct ic_view der, struct ic_pki_fault *fault)
{
    struct ic_pki_ocsp a;
    struct ic_pki_ocsp_state s;
    size_t n = 0;
    IC_TRY(ic_pki_ocsp_decode(der, &a, fault));
    struct ic_reader r = ic_reader(a.states);
    while (ic_pki_ocsp_state_next(&r, &s))
        n++;
    assert(n == a.count && ic_reader_end(&r) == IC_OK);
    assert(n > 0 || a.outcome != IC_PKI_OCSP_SUCCESSFUL);
    return IC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ic_err (*const kinds[])(struct ic_view, struct ic_pki_fault *) = {list, request, answer};
    struct ic_pki_fault fault;
    if (size == 0)
        return 0;
    uint8_t *exact = ic_memdup(data, size);
    if (!exact)
        return 0;
    ic_err e = kinds[data[0] % IC_ARRAY_LEN(kinds)](ic_view(exact + 1, size - 1), &fault);
    assert(e == IC_OK || e == ic_pki_reason_err(fault.reason));
    ic_free(exact);
    return 0;
}

/* Certification requests, which an authority gets from anybody. */
#include <ic/pki/issue.h>

#include <assert.h>
#include <ic/base/mem.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_pki_csr csr;
    struct ic_pki_fault fault;
    char text[100];
    uint8_t *exact = ic_memdup(data, size ? size : 1);
    if (!exact)
        return 0;
    ic_err e = ic_pki_csr_decode(ic_view(exact, size), &csr, &fault);
    if (e == IC_OK) {
        struct ic_reader r = ic_reader(csr.names);
        struct ic_pki_name n;
        while (ic_pki_names_next(&r, &n))
            ;
        assert(ic_reader_end(&r) == IC_OK);
        enum ic_pki_key_kind kind;
        enum ic_sig_id sig;
        assert(ic_pki_key_info_decode(csr.key_info, &kind, &sig) == IC_OK && kind == csr.key_kind);
        ic_pki_common_name(csr.subject, text, sizeof text);
        assert(ic_view_is_text(ic_view_cstr(text)));
    } else {
        assert(e == ic_pki_reason_err(fault.reason));
    }
    ic_free(exact);
    return 0;
}

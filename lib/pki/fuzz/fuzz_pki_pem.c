/* Text in PEM: what is read is written the same way again. */
#include <ic/pki/pem.h>

#include <assert.h>
#include <ic/base/mem.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_view rest = ic_view(data, size);
    IC_BUF_SCOPE(der, 4096);
    while (ic_pki_pem_next(&rest, "CERTIFICATE", &der) == IC_OK) {
        IC_BUF_SCOPE(text, 8192);
        IC_BUF_SCOPE(again, 4096);
        assert(ic_pki_pem_encode("CERTIFICATE", ic_buf_view(&der), &text) == IC_OK);
        struct ic_view written = ic_buf_view(&text);
        assert(ic_pki_pem_next(&written, "CERTIFICATE", &again) == IC_OK && written.len == 0);
        assert(ic_view_equal(ic_buf_view(&again), ic_buf_view(&der)));
    }
    return 0;
}

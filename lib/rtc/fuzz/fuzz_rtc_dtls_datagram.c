/* A role, then datagrams with their lengths before them. */
#include <ic/base/reader.h>
#include <ic/rtc/dtls.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void nowhere(void *ctx, struct ic_view datagram)
{
    (void)ctx;
    if (datagram.len > IC_RTC_DTLS_DATAGRAM_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_rtc_cert *cert;
    static const uint8_t fingerprint[IC_RTC_FINGERPRINT_LEN];
    struct ic_rtc_dtls *d;
    if (!cert && ic_rtc_cert_new(&cert) != IC_OK)
        abort();
    struct ic_reader r = ic_reader(ic_view(data, size));
    enum ic_rtc_dtls_role role = ic_read_u8(&r) & 1 ? IC_RTC_DTLS_CLIENT : IC_RTC_DTLS_SERVER;
    if (ic_rtc_dtls_new(cert, role, IC_VIEW_ARRAY(fingerprint), nowhere, NULL, &d) != IC_OK)
        return 0;
    ic_err e = ic_rtc_dtls_start(d, 1);
    while (e == IC_OK && ic_reader_more(&r)) {
        size_t len = ic_read_u16(&r);
        if (len > ic_reader_left(&r))
            len = ic_reader_left(&r);
        e = ic_rtc_dtls_input(d, ic_read_bytes(&r, len), 2);
    }
    if (ic_rtc_dtls_state(d) == IC_RTC_DTLS_OPEN)
        abort(); /* the fingerprint of zeros fits nobody */
    ic_rtc_dtls_free(d);
    return 0;
}

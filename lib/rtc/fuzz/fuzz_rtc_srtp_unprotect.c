/* As it comes, and as plain text that is protected, must come back, and must be refused the second time. */
#include <ic/rtc/rtp.h>
#include <ic/rtc/srtp.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ic_rtc_srtp *make(void)
{
    static const uint8_t key[16] = {1}, salt[12] = {2};
    struct ic_rtc_srtp *s;
    if (ic_rtc_srtp_new(IC_RTC_SRTP_AES_128_GCM, IC_VIEW_ARRAY(key), IC_VIEW_ARRAY(salt), 4, &s) !=
        IC_OK)
        abort();
    return s;
}

static ic_err open_it(struct ic_rtc_srtp *s, bool rtcp, uint8_t *p, size_t len, size_t *out)
{
    return rtcp ? ic_rtc_srtcp_unprotect(s, p, len, out)
                : ic_rtc_srtp_unprotect(s, p, len, out, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t p[IC_RTC_PACKET_MAX + 64], twice[sizeof p];
    size_t len, out;
    if (size < 1 || size - 1 > IC_RTC_PACKET_MAX)
        return 0;
    bool rtcp = data[0] & 1;
    data++;
    size--;
    struct ic_rtc_srtp *in = make(), *to = make();
    memcpy(p, data, size);
    if (open_it(in, rtcp, p, size, &out) == IC_OK && out > size)
        abort();
    memcpy(p, data, size);
    ic_err e =
        rtcp ? ic_rtc_srtcp_protect(to, p, size, &len) : ic_rtc_srtp_protect(to, p, size, &len);
    if (e == IC_OK && !(rtcp && data[0] >> 6 != 2)) {
        memcpy(twice, p, len);
        if (open_it(in, rtcp, p, len, &out) != IC_OK || out != size || memcmp(p, data, size) != 0)
            abort();
        if (open_it(in, rtcp, twice, len, &out) != IC_ERR_REPLAY)
            abort();
    }
    ic_rtc_srtp_free(in);
    ic_rtc_srtp_free(to);
    return 0;
}

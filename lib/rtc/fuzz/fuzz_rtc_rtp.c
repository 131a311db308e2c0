/* What decodes is written again and must decode to the same fields. */
#include <ic/rtc/rtp.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_rtc_rtp h, again;
    uint8_t room[IC_RTC_RTP_HEADER_MAX];
    size_t len;
    if (ic_rtc_rtp_decode(ic_view(data, size), &h) != IC_OK)
        return 0;
    if (ic_rtc_rtp_encode(&h, room, sizeof room, &len) != IC_OK ||
        ic_rtc_rtp_decode(ic_view(room, len), &again) != IC_OK)
        abort();
    if (again.seq != h.seq || again.ssrc != h.ssrc || again.timestamp != h.timestamp ||
        again.has_level != h.has_level || again.level != h.level || !ic_view_equal(again.dd, h.dd))
        abort();
    return 0;
}

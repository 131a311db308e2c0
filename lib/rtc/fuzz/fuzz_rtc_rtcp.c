#include <ic/rtc/rtcp.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_rtc_rtcp_iter it = ic_rtc_rtcp_iter(ic_view(data, size));
    struct ic_rtc_rtcp r;
    while (ic_rtc_rtcp_next(&it, &r)) {
        if (r.report_count > IC_RTC_RTCP_REPORTS_MAX || r.nack_count > IC_RTC_RTCP_NACKS_MAX ||
            r.ssrc_count > IC_RTC_RTCP_FIRS_MAX)
            abort();
        for (size_t i = 0; i < r.report_count; i++)
            (void)ic_rtc_rtcp_rtt_ms(&r.reports[i], 1000000);
    }
    return 0;
}

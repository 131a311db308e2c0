/* The descriptor alone, then packets for the assembler: sequence step, flags, length, payload. */
#include <ic/base/reader.h>
#include <ic/rtc/assembler.h>
#include <ic/rtc/vp8.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_rtc_vp8 d;
    struct ic_rtc_assembler *a;
    struct ic_rtc_video_frame f;
    if (ic_rtc_vp8_decode(ic_view(data, size), &d) == IC_OK && d.slice.len > size)
        abort();
    if (ic_rtc_assembler_new(&a) != IC_OK)
        return 0;
    struct ic_reader r = ic_reader(ic_view(data, size));
    uint64_t seq = 1000, now_ms = 1;
    while (ic_reader_more(&r)) {
        seq += (uint64_t)(int64_t)(int8_t)ic_read_u8(&r);
        uint8_t flags = ic_read_u8(&r);
        size_t len = ic_read_u8(&r);
        if (len > ic_reader_left(&r))
            len = ic_reader_left(&r);
        /* Start, end, key; or no Dependency Descriptor at all. */
        uint8_t dd[4] = {(uint8_t)(flags << 7 | (flags & 2) << 5), 0, 0, (uint8_t)(flags << 5)};
        struct ic_rtc_rtp h = {.timestamp = flags >> 3 & 3,
                               .marker = flags & 2,
                               .dd = ic_view(dd, (flags & 0x80) == 0 ? sizeof dd : 0),
                               .payload = ic_read_bytes(&r, len)};
        now_ms += flags & 0x40 ? 700 : 1;
        if (seq < 1000)
            seq = 1000;
        IC_IGNORE(ic_rtc_assembler_put(a, seq, &h, now_ms));
        while (ic_rtc_assembler_take(a, now_ms, &f))
            if (f.data.len == 0 || f.data.len > IC_RTC_FRAME_MAX)
                abort();
        (void)ic_rtc_assembler_deadline(a);
    }
    ic_rtc_assembler_free(a);
    return 0;
}

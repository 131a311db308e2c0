/* A structure, then descriptors under it: what decodes must say the same when encoded and decoded again. */
#include <ic/rtc/dd.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct ic_rtc_dd *d, const struct ic_rtc_dd_structure *known)
{
    static struct ic_rtc_dd again;
    uint8_t out[IC_RTC_DD_MAX];
    size_t len;
    ic_err e = ic_rtc_dd_encode(d, known, out, &len);
    if (e == IC_ERR_LIMIT)
        return; /* the shortest form of a number may be longer than the one that came */
    if (e != IC_OK || ic_rtc_dd_decode(ic_view(out, len), known, &again) != IC_OK ||
        memcmp(&again, d, sizeof again) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_rtc_dd d;
    static struct ic_rtc_dd_structure structure;
    bool have = false;
    for (size_t at = 0; at < size;) {
        size_t n = data[at++];
        n = n < size - at ? n : size - at;
        if (ic_rtc_dd_decode(ic_view(data + at, n), have ? &structure : NULL, &d) == IC_OK) {
            check(&d, have ? &structure : NULL);
            if (d.head.has_structure) {
                structure = d.structure;
                have = true;
            }
        }
        at += n;
    }
    return 0;
}

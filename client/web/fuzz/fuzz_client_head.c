/* What a browser, or anything else on this machine, asks of `incamera web`: parsed, or refused; what goes on to the
 * server is a request again, without what stays here. */
#include "web/head.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct icc_head h, again;
    IC_BUF_SCOPE(out, 2 * ICC_HEAD_MAX);
    if (icc_head_parse(ic_view(data, size), &h) != IC_OK)
        return 0;
    (void)icc_head_is_ours(&h, 8180);
    if (icc_head_forward(&h, "meet.example:443", &out) != IC_OK)
        return 0;
    if (icc_head_parse(ic_buf_view(&out), &again) == IC_ERR_LIMIT)
        return 0; /* longer by our own lines */
    if (icc_head_parse(ic_buf_view(&out), &again) != IC_OK || again.bytes.len != out.len ||
        again.origin.len || !ic_view_equal(again.host, IC_VIEW_STR("meet.example:443")) ||
        !ic_view_equal(again.target, h.target) || !ic_view_equal(again.method, h.method))
        abort();
    return 0;
}

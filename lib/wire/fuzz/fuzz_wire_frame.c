/* What decodes must encode to the same bytes. */
#include <ic/wire/message.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_wire_frame f;
    IC_BUF_SCOPE(b, IC_WIRE_MAX);
    if (ic_wire_decode(ic_view(data, size), &f) != IC_OK)
        return 0;
    if (ic_wire_encode(&f, &b) != IC_OK || !ic_view_equal(ic_buf_view(&b), ic_view(data, size)))
        abort();
    return 0;
}

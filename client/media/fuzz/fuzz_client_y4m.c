/* The header of a YUV4MPEG2 file. What is taken is within what the header promises. */
#include "media/y4m.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct icc_y4m_header h;
    uint8_t nothing = 0;
    FILE *f = fmemopen(size ? (void *)(uintptr_t)data : &nothing, size ? size : 1, "rb");
    if (!f)
        abort();
    if (icc_y4m_header_read(f, &h) == IC_OK && (h.width < 2 || h.width > 8192 || h.height < 2 ||
                                                h.height > 8192 || h.num < 1 || h.den < 1))
        abort();
    fclose(f);
    return 0;
}

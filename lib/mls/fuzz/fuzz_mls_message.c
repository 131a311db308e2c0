/* Any MLSMessage: what decodes is written again from its fields alone, to the same bytes. */
#include "../test/public/forget.h"
#include <ic/mlspub/codec.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    IC_ARENA_SCOPE(arena, 1 << 24);
    struct ic_mlspub_message m;
    if (ic_mlspub_message_decode(ic_view(data, size), &arena, &m) != IC_OK ||
        !forget_message(&m, &arena))
        return 0;
    IC_BUF_SCOPE(again, size + 16);
    struct ic_writer w = ic_writer(&again);
    ic_mlspub_message_write(&w, &m);
    if (ic_writer_end(&w) != IC_OK || !ic_view_equal(ic_buf_view(&again), ic_view(data, size)))
        abort();
    return 0;
}

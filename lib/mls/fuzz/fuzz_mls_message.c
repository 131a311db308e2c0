/* Any MLSMessage, or RatchetTreeOption: what decodes is written again from its fields alone, to the same
 * bytes. */
#include "../test/public/forget.h"
#include <ic/mlspub/codec.h>
#include <ic/mlspub/tree_option.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tree_option(struct ic_view bytes)
{
    struct ic_mlspub_tree_option o;
    IC_BUF_SCOPE(again, bytes.len + 16);
    if (ic_mlspub_tree_option_decode(bytes, &o) != IC_OK)
        return;
    if (ic_mlspub_tree_option_encode(&o, &again) != IC_OK ||
        !ic_view_equal(ic_buf_view(&again), bytes))
        abort();
    (void)ic_mlspub_tree_domain_listed(bytes, o.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tree_option(ic_view(data, size));
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

/* One frame of media in WASM, for web/test/core.bench.mjs: sealed, and opened, as the worker does it. Frames open once, so
 * they are made beforehand, and each has a place of its own. */
#include "glue.h"

#include <ic/sframe/store.h>

enum { FRAMES = 256, FRAME_MAX = 50000 + IC_SFRAME_OVERHEAD_MAX };

static struct ic_sframe_store *tx, *rx;
static uint8_t plain[FRAME_MAX], out[FRAME_MAX], *sealed[FRAMES];
static size_t lens[FRAMES];

static struct ic_sframe_store *make_store(uint32_t leaf)
{
    static const uint8_t base_key[16] = {5};
    struct ic_sframe_store *s = NULL;
    struct ic_sframe_epoch e = {.epoch = 7,
                                .leaf_slots = 4,
                                .own_leaf = leaf,
                                .base_key = IC_VIEW_ARRAY(base_key),
                                .may_send = true};
    if (ic_sframe_store_new(4, &s) != IC_OK || ic_sframe_store_add_epoch(s, &e, 0) != IC_OK)
        __builtin_trap();
    return s;
}

/* Fresh keys' windows, and count frames of n bytes to open. */
ICW_EXPORT void bench_prepare(int n, int count)
{
    ic_sframe_store_free(tx);
    ic_sframe_store_free(rx);
    tx = make_store(1);
    rx = make_store(2);
    for (int i = 0; i < count; i++) {
        ic_free(sealed[i]);
        sealed[i] = ic_calloc(1, (size_t)n + IC_SFRAME_OVERHEAD_MAX);
        if (ic_sframe_store_protect(tx, 1, ic_view(NULL, 0), ic_view(plain, (size_t)n), sealed[i],
                                    &lens[i]) != IC_OK)
            __builtin_trap();
    }
}

ICW_EXPORT void bench_protect(int n, int count)
{
    size_t len;
    for (int i = 0; i < count; i++)
        if (ic_sframe_store_protect(tx, 1, ic_view(NULL, 0), ic_view(plain, (size_t)n), out,
                                    &len) != IC_OK)
            __builtin_trap();
}

ICW_EXPORT void bench_unprotect(int count)
{
    struct ic_sframe_from from;
    size_t len;
    for (int i = 0; i < count; i++)
        if (ic_sframe_store_unprotect(rx, ic_view(NULL, 0), ic_view(sealed[i], lens[i]), 0, out,
                                      &len, &from) != IC_OK)
            __builtin_trap();
}

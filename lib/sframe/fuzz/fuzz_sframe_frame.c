/* Frames of the fuzzer's making against a store: no key may open them, and a header that decodes has
 * one encoding only. The first byte picks the suite. */
#include <ic/sframe/apart.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ic_sframe_store *make_store(uint16_t suite)
{
    static const uint8_t base_key[IC_SFRAME_KEY_MAX] = {1, 2, 3};
    static const uint32_t removed[] = {2};
    struct ic_sframe_store *s = NULL;
    if (ic_sframe_store_new(suite, &s) != IC_OK)
        return NULL;
    for (uint64_t n = 5; n < 8; n++) {
        struct ic_sframe_epoch e = {.epoch = n, .leaf_slots = 5, .may_send = true};
        e.base_key = ic_view(base_key, ic_sframe_suite_find(suite)->key_len);
        e.removed = removed;
        e.removed_len = n == 6;
        if (ic_sframe_store_add_epoch(s, &e, 100 * n) != IC_OK)
            abort();
    }
    return s;
}

static void check_header(struct ic_view frame)
{
    struct ic_sframe_header h;
    uint8_t again[IC_SFRAME_HEADER_MAX];
    size_t len;
    if (ic_sframe_header_decode(frame, &h, &len) != IC_OK)
        return;
    if (ic_sframe_header_encode(&h, again) != len ||
        !ic_view_equal(ic_view(again, len), ic_view_sub(frame, 0, len)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    uint16_t suite = (uint16_t)(1 + data[0] % 8);
    struct ic_view frame = ic_view(data + 1, size - 1);
    check_header(frame);
    struct ic_sframe_store *s = make_store(suite);
    uint8_t *out = malloc(size);
    struct ic_sframe_from from;
    size_t out_len;
    if (!s || !out)
        abort();
    bool short_tag = ic_sframe_suite_find(suite)->tag_len < 10;
    ic_err e = ic_sframe_store_unprotect(s, ic_view(NULL, 0), frame, 800, out, &out_len, &from);
    if (e == IC_OK && !short_tag)
        abort();
    /* Whoever does the AEAD elsewhere is let through to it for the same frames. */
    struct ic_sframe_opening o;
    bool let = ic_sframe_store_open_begin(s, frame, 800, &o) == IC_OK;
    if (ic_sframe_suite_find(suite)->aead && let != (e == IC_ERR_AUTH))
        abort();
    if (let && (ic_sframe_store_claim(s, frame, &from) != IC_OK || from.leaf != o.from.leaf))
        abort();
    free(out);
    ic_sframe_store_free(s);
    return 0;
}

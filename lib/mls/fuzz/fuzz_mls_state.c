/* Saved states. The first byte says whether the rest is a state as it comes from a file, records that are
 * summed up anew, as somebody who can write the file would do, or a key package. What is taken is whole: it
 * encodes, decodes to the same again, and the group can go on. */
#include "../src/member/saved.h"
#include "state_scene.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 65536, STATE_MAX = 1 << 20, MAGIC = 4 };

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* Copies the state with all checks as they should be, as far as it has records. */
static void sum_up(struct ic_view in, struct ic_buf *out)
{
    struct ic_reader r = ic_reader(in);
    struct ic_writer w = ic_writer(out);
    ic_write_bytes(&w, ic_read_bytes(&r, MAGIC));
    while (ic_reader_more(&r)) {
        uint8_t check[IC_MLS_RECORD_CHECK_LEN];
        struct ic_mls_record_key key = {.kind = ic_read_u8(&r)};
        if (key.kind == 0)
            break;
        key.epoch = ic_read_u64(&r);
        key.index = ic_read_u64(&r);
        struct ic_view value = ic_read_vec(&r, INPUT_MAX);
        bool summed = ic_mls_record_checked(key.kind) && value.len >= sizeof check;
        if (summed)
            value.len -= sizeof check;
        ic_mls_record_check(&key, value, check);
        ic_write_u8(&w, key.kind);
        ic_write_u64(&w, key.epoch);
        ic_write_u64(&w, key.index);
        ic_write_varint(&w, value.len + (summed ? sizeof check : 0));
        ic_write_bytes(&w, value);
        if (summed)
            ic_write_bytes(&w, IC_VIEW_ARRAY(check));
    }
    ic_write_u8(&w, 0);
    must(ic_writer_end(&w) == IC_OK);
}

static void same_again(const struct live *l, const struct ic_mls_group *g,
                       const struct ic_mls_staged *s)
{
    struct ic_mls_group *again;
    IC_BUF_SCOPE(first, STATE_MAX);
    IC_BUF_SCOPE(second, STATE_MAX);
    must(ic_mls_state_encode_staged(g, s, &first) == IC_OK);
    must(state_scene_decode(l, ic_buf_view(&first), &again) == IC_OK);
    struct ic_mls_staged *staged = ic_mls_take_staged(again);
    must(!staged == !s && ic_mls_state_encode_staged(again, staged, &second) == IC_OK);
    ic_mls_discard(staged);
    must(ic_view_equal(ic_buf_view(&first), ic_buf_view(&second)));
    ic_mls_group_free(again);
}

/* Whether it succeeds is the state's affair: that it ends is ours. */
static void go_on(struct ic_mls_group *g, struct ic_mls_staged *staged)
{
    const struct ic_mls_commit_params update = {.force_path = true};
    struct ic_mls_staged *s;
    IC_BUF_SCOPE(m, STATE_MAX);
    if (staged)
        IC_IGNORE(ic_mls_merge(g, staged));
    IC_IGNORE(ic_mls_protect(g, IC_VIEW_STR("on"), ic_view(NULL, 0), &m));
    if (ic_mls_commit_create(g, &update, &s) == IC_OK)
        IC_IGNORE(ic_mls_merge(g, s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct live l;
    static bool open;
    struct ic_mls_group *g;
    struct ic_mls_key_package *k;
    IC_BUF_SCOPE(bytes, STATE_MAX);
    if (size < 1 || size > INPUT_MAX)
        return 0;
    if (!open)
        state_scene_open(&l);
    open = true;
    struct ic_view rest = ic_view(data + 1, size - 1);
    if (data[0] % 3 == 2) {
        if (ic_mls_key_package_decode(rest, &k) == IC_OK)
            ic_mls_key_package_free(k);
        return 0;
    }
    if (data[0] % 3 == 1) {
        sum_up(rest, &bytes);
        rest = ic_buf_view(&bytes);
    }
    if (state_scene_decode(&l, rest, &g) != IC_OK)
        return 0;
    struct ic_mls_staged *staged = ic_mls_take_staged(g);
    same_again(&l, g, staged);
    go_on(g, staged);
    ic_mls_group_free(g);
    return 0;
}

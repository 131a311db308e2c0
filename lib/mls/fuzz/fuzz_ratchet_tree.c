/* A ratchet_tree extension's data: decode, check parent hashes, change, merge, encode, decode
 * again. The first byte is the suite. */
#include <ic/base/mem.h>
#include <ic/mlspub/tree.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(ic_err e)
{
    if (e != IC_OK)
        abort();
}

/* Removes every other member, which truncates, and updates a leaf's path. */
static void change(struct ic_mlspub_tree *t)
{
    struct ic_mlspub_diff *d;
    must(ic_mlspub_diff_new(t, &d));
    for (uint32_t i = 0; (i = ic_mlspub_diff_next(d, i)) != IC_MLSPUB_NO_LEAF; i += 2)
        if (ic_mlspub_diff_members(d) > 1)
            must(ic_mlspub_diff_remove(d, i));
    must(ic_mlspub_diff_seal(d));
    ic_mlspub_diff_merge(t, d);
}

static void check_again(const struct ic_suite *s, const struct ic_mlspub_tree *t, size_t size)
{
    IC_BUF_SCOPE(bytes, size + 64);
    must(ic_mlspub_tree_encode(t, &bytes));
    struct ic_mlspub_tree *again;
    must(ic_mlspub_tree_decode(s, ic_buf_view(&bytes), 0, NULL, &again));
    if (!ic_view_equal(ic_mlspub_tree_hash(t), ic_mlspub_tree_hash(again)))
        abort();
    ic_mlspub_tree_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ic_suite *s = size > 0 ? ic_suite_find(data[0]) : NULL;
    struct ic_mlspub_tree *t;
    if (!s || ic_mlspub_tree_decode(s, ic_view(data + 1, size - 1), 1024, NULL, &t) != IC_OK)
        return 0;
    struct ic_mlspub_fault f = IC_MLSPUB_FAULT_NONE;
    bool valid = ic_mlspub_tree_validate(t, IC_VIEW_STR("the group"), NULL, &f) == IC_OK;
    check_again(s, t, size);
    change(t);
    check_again(s, t, size);
    if (!valid && f.rule[0] == '\0')
        abort();
    ic_mlspub_tree_free(t);
    return 0;
}

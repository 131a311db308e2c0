/* The first byte chooses: entry, head, staple, path, heads. What decodes encodes to the same. */
#include <ic/base/mem.h>
#include <ic/merkle/heads.h>
#include <ic/merkle/staple.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ic_err heads_again(struct ic_view v, struct ic_buf *out)
{
    struct ic_merkle_heads *h;
    IC_TRY(ic_merkle_heads_new(&h));
    ic_err e = ic_merkle_heads_decode(h, v);
    if (e == IC_OK)
        e = ic_merkle_heads_encode(h, out);
    ic_merkle_heads_free(h);
    return e;
}

static ic_err again(uint8_t kind, struct ic_view v, struct ic_buf *out)
{
    struct ic_merkle_entry entry;
    struct ic_merkle_head head;
    struct ic_merkle_staple staple;
    struct ic_merkle_path path;
    switch (kind % 5) {
    case 0:
        IC_TRY(ic_merkle_entry_decode(v, &entry));
        return ic_merkle_entry_encode(&entry, out);
    case 1:
        IC_TRY(ic_merkle_head_decode(v, &head));
        return ic_merkle_head_encode(&head, out);
    case 2:
        IC_TRY(ic_merkle_staple_decode(v, &staple));
        return ic_merkle_staple_encode(&staple, out);
    case 3:
        IC_TRY(ic_merkle_path_decode(v, &path));
        return ic_merkle_path_encode(&path, out);
    default:
        return heads_again(v, out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    IC_BUF_SCOPE(b, 65536);
    if (size == 0)
        return 0;
    struct ic_view v = ic_view(data + 1, size - 1);
    if (again(data[0], v, &b) == IC_OK && !ic_view_equal(ic_buf_view(&b), v))
        abort();
    return 0;
}

/* The first byte chooses: terms, a commit's data, an admission. What decodes encodes to the same. */
#include <ic/wire/message.h>
#include <ic/wire/terms.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ic_err again(uint8_t kind, struct ic_view v, struct ic_buf *out)
{
    struct ic_wire_terms t;
    struct ic_wire_commit_data d;
    struct ic_wire_admission a;
    switch (kind % 3) {
    case 0:
        IC_TRY(ic_wire_terms_decode(v, &t));
        return ic_wire_terms_encode(&t, out);
    case 1:
        IC_TRY(ic_wire_commit_data_decode(v, &d));
        return ic_wire_commit_data_encode(&d, out);
    default:
        IC_TRY(ic_wire_admission_decode(v, &a));
        return ic_wire_admission_encode(&a, out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    IC_BUF_SCOPE(b, 4 << 20);
    if (size == 0)
        return 0;
    struct ic_view v = ic_view(data + 1, size - 1);
    if (again(data[0], v, &b) == IC_OK && !ic_view_equal(ic_buf_view(&b), v))
        abort();
    return 0;
}

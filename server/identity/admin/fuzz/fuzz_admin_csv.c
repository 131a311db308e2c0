/* The administrators' CSV: reading ends, stays in bounds, and what was read is written and read the same. */
#include "identity/admin/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void again(const struct icd_csv *row)
{
    struct icd_csv c;
    IC_BUF_SCOPE(out, 1 << 20);
    /* Not as the first row, where three bytes are a byte order mark. */
    if (icd_csv_write(&out, IC_VIEW_STR("head"), true) != IC_OK || icd_csv_end_row(&out) != IC_OK)
        return;
    size_t head = out.len;
    for (size_t i = 0; i < row->count; i++)
        if (icd_csv_write(&out, row->field[i], i == 0) != IC_OK)
            return;
    if (out.len == head || icd_csv_end_row(&out) != IC_OK)
        return;
    icd_csv_init(&c, ic_buf_view(&out));
    if (icd_csv_next(&c) != IC_OK)
        abort();
    if (icd_csv_next(&c) == IC_OK) {
        if (c.count != row->count)
            abort();
        for (size_t i = 0; i < c.count; i++) {
            struct ic_view a = c.field[i], b = row->field[i];
            if (a.len == b.len + 1 && a.p[0] == '\'')
                a = ic_view_sub(a, 1, b.len);
            if (!ic_view_equal(a, b))
                abort();
        }
    }
    icd_csv_clear(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct icd_csv c;
    size_t rows = 0;
    ic_err e;
    icd_csv_init(&c, ic_view(data, len));
    while ((e = icd_csv_next(&c)) != IC_ERR_AGAIN) {
        if (++rows > len || (e != IC_OK && !c.why) || (e == IC_OK && c.count == 0))
            abort();
        if (e == IC_OK)
            again(&c);
    }
    icd_csv_clear(&c);
    return 0;
}

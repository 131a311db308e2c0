#include "grease.h"

#include <ic/base/ct.h>
#include <ic/mlspub/extensions.h>

/* RFC9420-13.5-1 RFC9420-13.5-2 */
ic_err ic_mls_grease_type(const struct ic_rand *rand, uint16_t *out)
{
    uint8_t b;
    IC_TRY(ic_rand_fill(rand, &b, 1));
    IC_CT_PUBLIC(&b, 1);
    *out = (uint16_t)((b % 15u) * 0x1010u + 0x0a0au);
    return IC_OK;
}

ic_err ic_mls_grease_extension(const struct ic_rand *rand, uint16_t type, struct ic_buf *list)
{
    uint8_t b[16];
    IC_TRY(ic_rand_fill(rand, b, sizeof b));
    IC_CT_PUBLIC(b, sizeof b);
    return ic_mlspub_extensions_put(list, type, ic_view(b + 1, b[0] % 16u));
}

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/together/kinds.h>
#include <string.h>

TEST(kinds_have_names_of_their_own)
{
    const char *seen[64];
    size_t n = 0;
    for (unsigned k = 0; k <= UINT16_MAX; k++) {
        const char *name = ic_together_kind_name((uint16_t)k);
        if (!name[0])
            continue;
        CHECK(k >= 16 && n < IC_ARRAY_LEN(seen));
        for (size_t i = 0; i < n; i++)
            CHECK(strcmp(seen[i], name) != 0);
        seen[n++] = name;
    }
    CHECK(n >= 16);
}

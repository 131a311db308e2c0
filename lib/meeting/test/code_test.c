#include "../src/internal.h"
#include <ic/base/test.h>
#include <string.h>

/* protocol, Security code: group i = 5 bytes big-endian mod 100000. */
TEST(code_digits_are_five_bytes_each)
{
    static const uint8_t bytes[15] = {0,        0,    0, 0, 7, 0,    1,   0x86,
                                      0xa0 - 1, 0xff, 0, 0, 1, 0x86, 0xa1};
    char out[IC_MEETING_CODE_LEN + 1];
    ic_meeting_code_digits(bytes, 3, out);
    /* 7; 0x000186 9fff = 25599999 mod 100000; 0x000186a1 = 100001 */
    CHECK(strcmp(out, "00007 99999 00001") == 0);
}

TEST(code_short_is_of_the_reference)
{
    char a[IC_MEETING_CODE_LEN + 1], b[IC_MEETING_CODE_LEN + 1];
    ic_meeting_code_short(IC_VIEW_STR("one"), a);
    ic_meeting_code_short(IC_VIEW_STR("two"), b);
    CHECK_EQ_INT(strlen(a), 11);
    CHECK(strcmp(a, b) != 0);
}

#include <ic/base/bytes.h>
#include <ic/base/test.h>

TEST(view_compares)
{
    CHECK(ic_view_equal(IC_VIEW_STR("ab"), ic_view_cstr("ab")));
    CHECK(!ic_view_equal(IC_VIEW_STR("ab"), IC_VIEW_STR("ac")));
    CHECK(ic_view_equal(ic_view(NULL, 0), IC_VIEW_STR("")));
    CHECK(ic_view_equal(ic_view_cstr(NULL), ic_view(NULL, 0)));
    CHECK(ic_view_cmp(IC_VIEW_STR("ab"), IC_VIEW_STR("abc")) < 0);
    CHECK(ic_view_cmp(IC_VIEW_STR("b"), IC_VIEW_STR("abc")) > 0);
    CHECK(ic_view_cmp(IC_VIEW_STR("\xff"), IC_VIEW_STR("\x01")) > 0);
    CHECK_EQ_INT(ic_view_cmp(IC_VIEW_STR(""), ic_view(NULL, 0)), 0);
    CHECK_BYTES(ic_view_sub(IC_VIEW_STR("abcd"), 1, 2), IC_VIEW_STR("bc"));
    CHECK_EQ_INT(ic_view_sub(IC_VIEW_STR("abcd"), 4, 0).len, 0);
}

TEST(view_knows_text)
{
    CHECK(ic_view_is_text(IC_VIEW_STR("")));
    CHECK(ic_view_is_text(IC_VIEW_STR("Gr\xc3\xbc\xc3\x9f"
                                      "e \xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf")));
    static const struct ic_view bad[] = {IC_VIEW_INIT("\x1b[31m"),
                                         IC_VIEW_INIT("a\nb"),
                                         IC_VIEW_INIT("\x7f"),
                                         IC_VIEW_INIT("a\0b"),
                                         IC_VIEW_INIT("\xc2\x85"), /* control characters */
                                         IC_VIEW_INIT("\xc0\xaf"),
                                         IC_VIEW_INIT("\xe0\x80\xaf"), /* overlong */
                                         IC_VIEW_INIT("\xf0\x80\x80\xaf"),
                                         IC_VIEW_INIT("\xc1\xbf"),
                                         IC_VIEW_INIT("\xed\xa0\x80"),
                                         IC_VIEW_INIT("\xed\xbf\xbf"), /* surrogates */
                                         IC_VIEW_INIT("\xf4\x90\x80\x80"),
                                         IC_VIEW_INIT("\xf8\x88\x80\x80\x80"),
                                         IC_VIEW_INIT("\x80"),
                                         IC_VIEW_INIT("\xc3"),
                                         IC_VIEW_INIT("\xe2\x82"),
                                         IC_VIEW_INIT("\xc3(")};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!ic_view_is_text(bad[i]));
}

TEST(integers_are_big_endian)
{
    uint8_t b[8];
    ic_store_u16(b, 0x0102);
    CHECK_HEX(ic_view(b, 2), "0102");
    CHECK_EQ_INT(ic_load_u16(b), 0x0102);
    ic_store_u32(b, 0x01020304);
    CHECK_HEX(ic_view(b, 4), "01020304");
    CHECK_EQ_INT(ic_load_u32(b), 0x01020304);
    ic_store_u64(b, 0xf102030405060708u);
    CHECK_HEX(ic_view(b, 8), "f102030405060708");
    CHECK(ic_load_u64(b) == 0xf102030405060708u);
}

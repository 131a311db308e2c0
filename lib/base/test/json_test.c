#include <ic/base/json.h>
#include <ic/base/test.h>

#define CHECK_JSON(b, text) CHECK_BYTES(ic_buf_view(b), IC_VIEW_STR(text))

TEST(json_nests_with_commas_where_they_belong)
{
    IC_BUF_SCOPE(b, 1000);
    struct ic_json j = ic_json(&b);
    ic_json_object(&j, NULL);
    ic_json_cstr(&j, "a", "x");
    ic_json_array(&j, "empty");
    ic_json_array_end(&j);
    ic_json_array(&j, "b");
    ic_json_uint(&j, NULL, UINT64_MAX);
    ic_json_int(&j, NULL, INT64_MIN);
    ic_json_object(&j, NULL);
    ic_json_object_end(&j);
    ic_json_object(&j, NULL);
    ic_json_bool(&j, "t", true);
    ic_json_bool(&j, "f", false);
    ic_json_object_end(&j);
    ic_json_array_end(&j);
    ic_json_cstr(&j, "none", NULL);
    ic_json_object_end(&j);
    CHECK_OK(ic_json_end(&j));
    CHECK_JSON(&b, "{\"a\":\"x\",\"empty\":[],\"b\":[18446744073709551615,-9223372036854775808,{},"
                   "{\"t\":true,\"f\":false}],\"none\":\"\"}");
}

TEST(json_text_is_escaped_and_nothing_else_is)
{
    IC_BUF_SCOPE(b, 1000);
    struct ic_json j = ic_json(&b);
    ic_json_text(
        &j, NULL,
        IC_VIEW_STR("a\"b\\c\b\f\n\r\t\x01\x1f\0/\x7f\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80z"));
    CHECK_OK(ic_json_end(&j));
    CHECK_JSON(&b, "\"a\\\"b\\\\c\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000/\x7f\xc3\xa9\xe2\x80\xa8"
                   "\xf0\x9f\x98\x80z\"");
}

TEST(json_text_that_is_no_utf8_is_left_out)
{
    static const char *const wrong[] = {
        "\xff", "a\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "ab\xe2\x82"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        IC_BUF_SCOPE(b, 100);
        struct ic_json j = ic_json(&b);
        ic_json_cstr(&j, NULL, wrong[i]);
        CHECK_OK(ic_json_end(&j));
        CHECK_JSON(&b, "\"\"");
    }
}

TEST(json_bytes_are_hexadecimal_or_base64url)
{
    uint8_t bytes[] = {0, 1, 0xfe, 0xff, 0x80, 0x7f, 0xfb};
    for (size_t n = 0; n <= sizeof bytes; n++) {
        static const char *const hex[] = {
            "", "00", "0001", "0001fe", "0001feff", "0001feff80", "0001feff807f", "0001feff807ffb"};
        static const char *const base64[] = {"",       "AA",      "AAE",      "AAH-",
                                             "AAH-_w", "AAH-_4A", "AAH-_4B_", "AAH-_4B_-w"};
        IC_BUF_SCOPE(b, 100);
        IC_BUF_SCOPE(want, 100);
        struct ic_json j = ic_json(&b), w = ic_json(&want);
        ic_json_hex(&j, NULL, ic_view(bytes, n));
        ic_json_base64(&j, NULL, ic_view(bytes, n));
        ic_json_cstr(&w, NULL, hex[n]);
        ic_json_cstr(&w, NULL, base64[n]);
        CHECK_OK(ic_json_end(&j));
        CHECK_OK(ic_json_end(&w));
        CHECK_BYTES(ic_buf_view(&b), ic_buf_view(&want));
    }
}

TEST(json_past_the_limit_leaves_the_buffer_as_it_was)
{
    IC_BUF_SCOPE(b, 10);
    CHECK_OK(ic_buf_append(&b, IC_VIEW_STR("before")));
    struct ic_json j = ic_json(&b);
    ic_json_cstr(&j, NULL, "longer than that");
    ic_json_uint(&j, NULL, 1);
    CHECK_ERR(ic_json_end(&j), IC_ERR_LIMIT);
    CHECK_JSON(&b, "before");
}

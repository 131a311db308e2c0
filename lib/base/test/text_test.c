#include <ic/base/test.h>
#include <ic/base/text.h>
#include <string.h>

TEST(hex_both_ways)
{
    char out[2 * 256 + 1];
    uint8_t all[256];
    IC_BUF_SCOPE(b, 256);
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    ic_hex_encode(IC_VIEW_ARRAY(all), out);
    CHECK_HEX(IC_VIEW_ARRAY(all), out);
    CHECK_OK(ic_hex_decode(ic_view_cstr(out), &b));
    CHECK_BYTES(ic_buf_view(&b), IC_VIEW_ARRAY(all));
    ic_buf_reset(&b);
    CHECK_OK(ic_hex_decode(IC_VIEW_STR("aAbBfF09"), &b));
    CHECK_HEX(ic_buf_view(&b), "aabbff09");
    CHECK_OK(ic_hex_decode(IC_VIEW_STR(""), &b));
    CHECK_EQ_INT(b.len, 4);
}

TEST(hex_refuses_every_other_character)
{
    IC_BUF_SCOPE(b, 10);
    CHECK_ERR(ic_hex_decode(IC_VIEW_STR("abc"), &b), IC_ERR_MALFORMED);
    for (int c = 0; c < 256; c++) {
        uint8_t text[2] = {'0', (uint8_t)c};
        bool digit = c && strchr("0123456789abcdefABCDEF", c);
        ic_buf_reset(&b);
        CHECK_ERR(ic_hex_decode(IC_VIEW_ARRAY(text), &b), digit ? IC_OK : IC_ERR_MALFORMED);
        CHECK_EQ_INT(b.len, digit ? 1 : 0);
    }
    CHECK_ERR(ic_hex_decode(IC_VIEW_STR("000000000000000000000000"), &b), IC_ERR_LIMIT);
}

/* RFC 4648 section 10 */
TEST(base64_known_answers)
{
    static const char *const rows[][3] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xfe", "+//+", "-__-"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ic_view plain = ic_view_cstr(rows[i][0]);
        for (int kind = IC_BASE64_STD; kind <= IC_BASE64_URL; kind++) {
            char out[16];
            IC_BUF_SCOPE(b, 16);
            ic_base64_encode(kind, plain, out);
            CHECK_BYTES(ic_view_cstr(out), ic_view_cstr(rows[i][1 + kind]));
            CHECK_EQ_INT(strlen(out), ic_base64_len(kind, plain.len));
            CHECK_OK(ic_base64_decode(kind, ic_view_cstr(out), &b));
            CHECK_BYTES(ic_buf_view(&b), plain);
        }
    }
}

TEST(base64_alphabet_round_trips)
{
    static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (int kind = IC_BASE64_STD; kind <= IC_BASE64_URL; kind++) {
        const char *rest = kind == IC_BASE64_STD ? "+/" : "-_";
        for (int c = 0; c < 256; c++) {
            uint8_t text[4] = {'A', (uint8_t)c, 'A', 'A'};
            char back[5];
            IC_BUF_SCOPE(b, 3);
            bool good = c && (strchr(abc, c) || strchr(rest, c));
            CHECK_ERR(ic_base64_decode(kind, IC_VIEW_ARRAY(text), &b),
                      good ? IC_OK : IC_ERR_MALFORMED);
            CHECK_EQ_INT(b.len, good ? 3 : 0);
            if (!good)
                continue;
            ic_base64_encode(kind, ic_buf_view(&b), back);
            CHECK_BYTES(ic_view(back, 4), IC_VIEW_ARRAY(text));
        }
    }
}

TEST(base64_is_strict)
{
    static const char *const bad_std[] = {
        "Zg",       "Zg=",      "Zg===",  "Z===",  "====", "=",    "Zh==", "Zm9=",
        "Zm8=Zm8=", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm-v", "Z=g=", "Z"};
    static const char *const bad_url[] = {"Zg==", "Z", "Zh", "Zm9", "Zm+v", "Zm9v Zm9v", "Zm8="};
    IC_BUF_SCOPE(b, 100);
    for (size_t i = 0; i < sizeof bad_std / sizeof *bad_std; i++)
        CHECK_ERR(ic_base64_decode(IC_BASE64_STD, ic_view_cstr(bad_std[i]), &b), IC_ERR_MALFORMED);
    for (size_t i = 0; i < sizeof bad_url / sizeof *bad_url; i++)
        CHECK_ERR(ic_base64_decode(IC_BASE64_URL, ic_view_cstr(bad_url[i]), &b), IC_ERR_MALFORMED);
    CHECK_EQ_INT(b.len, 0);
}

#include <ic/base/test.h>
#include <ic/pki/pem.h>
#include <string.h>

TEST(pem_goes_to_text_and_back)
{
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t n = 1; n <= sizeof bytes; n += 13) {
        IC_BUF_SCOPE(text, 4096);
        IC_BUF_SCOPE(der, 300);
        CHECK_OK(ic_pki_pem_encode("THING", ic_view(bytes, n), &text));
        struct ic_view rest = ic_buf_view(&text);
        CHECK_OK(ic_pki_pem_next(&rest, "THING", &der));
        CHECK_BYTES(ic_buf_view(&der), ic_view(bytes, n));
        CHECK_EQ_INT(rest.len, 0);
        CHECK_ERR(ic_pki_pem_next(&rest, "THING", &der), IC_ERR_NOT_FOUND);
    }
}

TEST(pem_of_one_label_is_found_among_others)
{
    struct ic_view rest = IC_VIEW_STR("Subject: CN=x\r\n"
                                      "-----BEGIN OTHER-----\r\nAAAA\r\n-----END OTHER-----\r\n"
                                      "-----BEGIN THING-----\r\nQU5B\r\n-----END THING-----\r\n"
                                      "between\n"
                                      "-----BEGIN THING-----\nQkVO\n-----END THING-----");
    IC_BUF_SCOPE(der, 16);
    CHECK_OK(ic_pki_pem_next(&rest, "THING", &der));
    CHECK_BYTES(ic_buf_view(&der), IC_VIEW_STR("ANA"));
    CHECK_OK(ic_pki_pem_next(&rest, "THING", &der));
    CHECK_BYTES(ic_buf_view(&der), IC_VIEW_STR("BEN"));
    CHECK_ERR(ic_pki_pem_next(&rest, "THING", &der), IC_ERR_NOT_FOUND);
}

TEST(pem_that_is_damaged_is_refused)
{
    static const struct {
        const char *text;
        ic_err want;
    } bad[] = {
        {"", IC_ERR_NOT_FOUND},
        {"-----BEGIN THING----\nQU5B\n-----END THING-----\n", IC_ERR_NOT_FOUND},
        {"-----BEGIN THING-----\nQU5B\n", IC_ERR_MALFORMED},
        {"-----BEGIN THING-----\nQU5B\n-----END OTHER-----\n", IC_ERR_MALFORMED},
        {"-----BEGIN THING-----\n-----END THING-----\n", IC_ERR_MALFORMED},
        {"-----BEGIN THING-----\nQU5\n-----END THING-----\n", IC_ERR_MALFORMED},
        {"-----BEGIN THING-----\nQU5?\n-----END THING-----\n", IC_ERR_MALFORMED},
        {"-----BEGIN THING-----\nQU5B\n-----BEGIN THING-----\nQU5B\n-----END THING-----\n",
         IC_ERR_MALFORMED},
        {"-----BEGIN THING-----\nQUFBQUFBQUFBQUFBQUFBQUFBQUFB\n-----END THING-----\n",
         IC_ERR_LIMIT},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ic_view rest = ic_view_cstr(bad[i].text);
        IC_BUF_SCOPE(der, 16);
        CHECK_ERR(ic_pki_pem_next(&rest, "THING", &der), bad[i].want);
        CHECK(rest.p == (const uint8_t *)bad[i].text);
    }
}

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/ecdsa.h>
#include <ic/crypto/sign.h>
#include <string.h>

static const enum ic_sig_id curves[] = {IC_ECDSA_P256_SHA256, IC_ECDSA_P384_SHA384,
                                        IC_ECDSA_P521_SHA512};

TEST(ecdsa_signatures_go_to_r_and_s_and_back)
{
    struct ic_rand rand = ic_test_os_rand();
    for (size_t c = 0; c < 3; c++) {
        struct ic_sign_key *k IC_CLEANUP(ic_sign_key_free_scope) = NULL;
        CHECK_OK(ic_sign_key_generate(curves[c], &rand, &k));
        for (int i = 0; i < 40; i++) {
            uint8_t der[IC_SIG_MAX], again[IC_SIG_MAX], raw[IC_ECDSA_RAW_MAX];
            size_t der_len, again_len, raw_len;
            CHECK_OK(ic_sign(k, IC_VIEW_STR("said"), der, &der_len));
            CHECK_OK(ic_ecdsa_raw_from_der(curves[c], ic_view(der, der_len), raw, &raw_len));
            CHECK_EQ_INT(raw_len, ic_ecdsa_raw_len(curves[c]));
            CHECK_OK(ic_ecdsa_der_from_raw(curves[c], ic_view(raw, raw_len), again, &again_len));
            CHECK_BYTES(ic_view(again, again_len), ic_view(der, der_len));
        }
    }
}

TEST(ecdsa_of_small_numbers_keeps_its_width)
{
    static const uint8_t der[] = {0x30, 7, 2, 1, 5, 2, 2, 0, 0x80};
    uint8_t raw[IC_ECDSA_RAW_MAX], back[IC_SIG_MAX];
    size_t len, back_len;
    CHECK_OK(ic_ecdsa_raw_from_der(IC_ECDSA_P256_SHA256, IC_VIEW_ARRAY(der), raw, &len));
    CHECK_EQ_INT(len, 64);
    CHECK_EQ_INT(raw[31], 5);
    CHECK_EQ_INT(raw[63], 0x80);
    CHECK_EQ_INT(raw[0], 0);
    CHECK_OK(ic_ecdsa_der_from_raw(IC_ECDSA_P256_SHA256, ic_view(raw, len), back, &back_len));
    CHECK_BYTES(ic_view(back, back_len), IC_VIEW_ARRAY(der));
}

TEST(ecdsa_in_no_strict_der_is_refused)
{
    static const struct {
        uint8_t b[12];
        size_t len;
    } bad[] = {
        {{0x30, 6, 2, 1, 5, 2, 1}, 7},             /* ends early */
        {{0x30, 6, 2, 1, 5, 2, 1, 5, 0}, 9},       /* something behind */
        {{0x30, 7, 2, 1, 5, 2, 1, 5, 0}, 9},       /* something behind, inside */
        {{0x30, 6, 2, 1, 0x85, 2, 1, 5}, 8},       /* negative */
        {{0x30, 7, 2, 2, 0, 5, 2, 1, 5}, 9},       /* a zero too many */
        {{0x30, 6, 2, 1, 0, 2, 1, 5}, 8},          /* zero */
        {{0x30, 0x81, 6, 2, 1, 5, 2, 1, 5}, 9},    /* the length's long form for a short one */
        {{0x31, 6, 2, 1, 5, 2, 1, 5}, 8},          /* no SEQUENCE */
        {{0x30, 5, 2, 1, 5, 2, 0}, 7},             /* nothing in it */
        {{0x30, 0x80, 2, 1, 5, 2, 1, 5, 0, 0}, 10} /* no length at all: BER */
    };
    uint8_t raw[IC_ECDSA_RAW_MAX] = {7};
    size_t len = 9;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_ERR(
            ic_ecdsa_raw_from_der(IC_ECDSA_P256_SHA256, ic_view(bad[i].b, bad[i].len), raw, &len),
            IC_ERR_MALFORMED);
    CHECK_ERR(ic_ecdsa_raw_from_der(IC_ED25519, IC_VIEW_STR(""), raw, &len), IC_ERR_UNSUPPORTED);
    CHECK_ERR(ic_ecdsa_der_from_raw(IC_ECDSA_P384_SHA384, ic_view(raw, 64), raw, &len),
              IC_ERR_MALFORMED);
    CHECK(raw[0] == 7 && len == 9);
}

#include "../src/key.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/sframe/stream.h>
#include <string.h>

TEST(suites_are_those_of_the_rfc)
{
    static const struct {
        uint16_t id;
        const char *name;
        unsigned nh, nka, nk, nt;
    } rows[] = {
        {1, "AES_128_CTR_HMAC_SHA256_80", 32, 16, 48, 10},
        {2, "AES_128_CTR_HMAC_SHA256_64", 32, 16, 48, 8},
        {3, "AES_128_CTR_HMAC_SHA256_32", 32, 16, 48, 4},
        {4, "AES_128_GCM_SHA256_128", 32, 0, 16, 16},
        {5, "AES_256_GCM_SHA512_128", 64, 0, 32, 16},
        {6, "AES_256_CTR_HMAC_SHA512_80", 64, 32, 96, 10},
        {7, "AES_256_CTR_HMAC_SHA512_64", 64, 32, 96, 8},
        {8, "AES_256_CTR_HMAC_SHA512_32", 64, 32, 96, 4},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        const struct ic_sframe_suite *s = ic_sframe_suite_find(rows[i].id);
        CHECK(s != NULL);
        CHECK_BYTES(ic_view_cstr(s->name), ic_view_cstr(rows[i].name));
        CHECK_EQ_INT(s->id, rows[i].id);
        CHECK_EQ_INT(ic_hash_len(s->hash), rows[i].nh);
        CHECK_EQ_INT(s->cipher_len, rows[i].nka);
        CHECK_EQ_INT(s->key_len, rows[i].nk);
        CHECK_EQ_INT(s->tag_len, rows[i].nt);
        CHECK(s->cipher_len || ic_aead_key_len(s->aead) == s->key_len);
    }
    CHECK(ic_sframe_suite_find(0) == NULL);
    CHECK(ic_sframe_suite_find(9) == NULL);
    CHECK(ic_sframe_suite_find(0xf000) == NULL);
}

TEST(key_refuses_no_suite_and_no_key)
{
    struct sframe_secret s = {0};
    CHECK_ERR(ic_sframe_secret_init(&s, 0, IC_VIEW_STR("k")), IC_ERR_UNSUPPORTED);
    CHECK_ERR(ic_sframe_secret_init(&s, 4, ic_view(NULL, 0)), IC_ERR_KEY);
}

/* RFC 9605 section 4.4.2: KID and suite are both in the derivation. */
TEST(key_differs_by_kid_and_suite)
{
    struct ic_view base = IC_VIEW_STR("0123456789abcdef");
    uint8_t salts[3][IC_SFRAME_NONCE_LEN];
    static const struct {
        uint16_t suite;
        uint64_t kid;
    } rows[] = {{1, 1}, {1, 2}, {2, 1}};
    for (size_t i = 0; i < 3; i++) {
        IC_CLEANUP(ic_sframe_secret_clear) struct sframe_secret s = {0};
        IC_CLEANUP(ic_sframe_key_clear) struct sframe_key k = {0};
        CHECK_OK(ic_sframe_secret_init(&s, rows[i].suite, base));
        CHECK_OK(ic_sframe_key_init(&k, &s, rows[i].kid));
        sframe_key_nonce(&k, 0, salts[i]);
    }
    CHECK(memcmp(salts[0], salts[1], sizeof salts[0]) != 0);
    CHECK(memcmp(salts[0], salts[2], sizeof salts[0]) != 0);
    CHECK(memcmp(salts[1], salts[2], sizeof salts[0]) != 0);
}

/* Counter bits reach the last eight bytes of the nonce and no others. */
TEST(key_nonce_is_salt_xor_counter)
{
    struct sframe_key k = {.salt_high = 0x0102030405060708, .salt_low = 0x090a0b0c};
    uint8_t nonce[IC_SFRAME_NONCE_LEN];
    sframe_key_nonce(&k, 0, nonce);
    CHECK_HEX(IC_VIEW_ARRAY(nonce), "0102030405060708090a0b0c");
    sframe_key_nonce(&k, 0x1122334455667788, nonce);
    CHECK_HEX(IC_VIEW_ARRAY(nonce), "010203041424344c5c6c7c84");
    sframe_key_nonce(&k, UINT64_MAX, nonce);
    CHECK_HEX(IC_VIEW_ARRAY(nonce), "01020304faf9f8f7f6f5f4f3");
}

TEST(key_is_wiped)
{
    IC_CLEANUP(ic_sframe_secret_clear) struct sframe_secret s = {0};
    struct sframe_key k = {0};
    CHECK_OK(ic_sframe_secret_init(&s, 1, IC_VIEW_STR("key")));
    CHECK_OK(ic_sframe_key_init(&k, &s, 5));
    ic_sframe_key_clear(&k);
    ic_sframe_secret_clear(&s);
    static const struct sframe_key no_key;
    static const struct sframe_secret no_secret;
    CHECK(memcmp(&k, &no_key, sizeof k) == 0);
    CHECK(memcmp(&s, &no_secret, sizeof s) == 0);
    ic_sframe_key_clear(&k);
}

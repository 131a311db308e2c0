#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/base/text.h>
#include <ic/crypto/aead.h>
#include <string.h>

#include "../src/provider.h"

static const enum ic_aead_id all[] = {IC_AES_128_GCM, IC_AES_256_GCM, IC_CHACHA20_POLY1305};
static const uint8_t key_bytes[32] = {1, 2, 3};
static const uint8_t nonce_bytes[12] = {9};
#define NONCE IC_VIEW_ARRAY(nonce_bytes)

static struct ic_view key_of(enum ic_aead_id id)
{
    return ic_view(key_bytes, ic_aead_key_len(id));
}

static void both_ways(const struct ic_prov *prov, enum ic_aead_id id, size_t len)
{
    uint8_t plain[300], sealed[300 + IC_AEAD_TAG_LEN], apart[300], tag[IC_AEAD_TAG_LEN], out[300];
    IC_CLEANUP(ic_aead_free_scope) struct ic_aead *a = NULL;
    memset(plain, 0x5a, sizeof plain);
    CHECK_OK(ic_prov_aead_new(prov, id, key_of(id), &a));
    for (int again = 0; again < 2; again++) {
        CHECK_OK(ic_aead_seal(a, NONCE, IC_VIEW_STR("aad"), ic_view(plain, len), sealed));
        CHECK_OK(
            ic_aead_seal_scatter(a, NONCE, IC_VIEW_STR("aad"), ic_view(plain, len), apart, tag));
        CHECK_BYTES(ic_view(apart, len), ic_view(sealed, len));
        CHECK_BYTES(IC_VIEW_ARRAY(tag), ic_view(sealed + len, sizeof tag));
        CHECK_OK(ic_aead_open(a, NONCE, IC_VIEW_STR("aad"), ic_view(sealed, len + 16), out));
        CHECK_BYTES(ic_view(out, len), ic_view(plain, len));
        CHECK_OK(ic_aead_open_gather(a, NONCE, IC_VIEW_STR("aad"), ic_view(apart, len),
                                     IC_VIEW_ARRAY(tag), apart));
        CHECK_BYTES(ic_view(apart, len), ic_view(plain, len));
    }
    /* In place. */
    memcpy(out, plain, len);
    uint8_t in_place[300 + IC_AEAD_TAG_LEN];
    memcpy(in_place, plain, len);
    CHECK_OK(ic_aead_seal(a, NONCE, IC_VIEW_STR("aad"), ic_view(in_place, len), in_place));
    CHECK_BYTES(ic_view(in_place, len + 16), ic_view(sealed, len + 16));
    /* The same as the call for one message, by whichever provider. */
    CHECK_OK(ic_aead_seal_once(id, key_of(id), NONCE, IC_VIEW_STR("aad"), ic_view(plain, len),
                               in_place));
    CHECK_BYTES(ic_view(in_place, len + 16), ic_view(sealed, len + 16));
    CHECK_OK(prov->aead_open_once(id, key_of(id), nonce_bytes, IC_VIEW_STR("aad"),
                                  ic_view(in_place, len), in_place + len, out));
    CHECK_BYTES(ic_view(out, len), ic_view(plain, len));
}

TEST(aead_both_ways_in_every_form)
{
    const struct ic_prov *prov;
    for (size_t p = 0; (prov = ic_prov_at(p)); p++) {
        for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
            both_ways(prov, all[i], 0);
            both_ways(prov, all[i], 1);
            both_ways(prov, all[i], 300);
            if (ic_test_failed())
                return;
        }
    }
}

static void hostile(const struct ic_prov *prov, enum ic_aead_id id)
{
    uint8_t sealed[20 + IC_AEAD_TAG_LEN], out[20];
    const uint8_t zeros[20] = {0};
    IC_CLEANUP(ic_aead_free_scope) struct ic_aead *a = NULL;
    CHECK_OK(ic_prov_aead_new(prov, id, key_of(id), &a));
    CHECK_OK(ic_aead_seal(a, NONCE, IC_VIEW_STR("aad"), IC_VIEW_ARRAY(zeros), sealed));
    for (size_t bit = 0; bit < sizeof sealed * 8; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(out, 0xee, sizeof out);
        CHECK_ERR(ic_aead_open(a, NONCE, IC_VIEW_STR("aad"), IC_VIEW_ARRAY(sealed), out),
                  IC_ERR_AUTH);
        CHECK_BYTES(IC_VIEW_ARRAY(out), IC_VIEW_ARRAY(zeros)); /* wiped */
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < sizeof sealed; len++)
        CHECK_ERR(ic_aead_open(a, NONCE, IC_VIEW_STR("aad"), ic_view(sealed, len), out),
                  IC_ERR_AUTH);
    CHECK_ERR(ic_aead_open(a, NONCE, IC_VIEW_STR("aaD"), IC_VIEW_ARRAY(sealed), out), IC_ERR_AUTH);
    CHECK_ERR(ic_aead_open_gather(a, NONCE, IC_VIEW_STR("aad"), ic_view(sealed, 20),
                                  ic_view(sealed + 20, 15), out),
              IC_ERR_AUTH);
    /* It still works afterwards. */
    CHECK_OK(ic_aead_open(a, NONCE, IC_VIEW_STR("aad"), IC_VIEW_ARRAY(sealed), out));
}

TEST(aead_refuses_what_was_changed)
{
    const struct ic_prov *prov;
    for (size_t p = 0; (prov = ic_prov_at(p)); p++) {
        for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
            hostile(prov, all[i]);
            if (ic_test_failed())
                return;
        }
    }
}

TEST(aead_refuses_keys_of_another_length)
{
    struct ic_aead *a = NULL;
    struct ic_aes_ctr *c = NULL;
    uint8_t out[16];
    CHECK_ERR(ic_aead_new(IC_AES_128_GCM, ic_view(key_bytes, 32), &a), IC_ERR_KEY);
    CHECK_ERR(ic_aead_new(IC_AES_256_GCM, ic_view(key_bytes, 16), &a), IC_ERR_KEY);
    CHECK_ERR(ic_aead_new((enum ic_aead_id)99, ic_view(key_bytes, 16), &a), IC_ERR_UNSUPPORTED);
    CHECK_ERR(ic_aead_seal_once(IC_CHACHA20_POLY1305, ic_view(key_bytes, 31), NONCE,
                                ic_view(NULL, 0), ic_view(NULL, 0), out),
              IC_ERR_KEY);
    CHECK_ERR(ic_aes_ctr_new(ic_view(key_bytes, 24), &c), IC_ERR_KEY);
    CHECK(!a && !c);
    ic_aead_free(NULL);
    ic_aes_ctr_free(NULL);
}

static ic_err make_one(void *ctx)
{
    enum ic_aead_id id = *(enum ic_aead_id *)ctx;
    IC_CLEANUP(ic_aead_free_scope) struct ic_aead *a = NULL;
    struct ic_aes_ctr *c = NULL;
    IC_TRY(ic_aead_new(id, key_of(id), &a));
    IC_TRY(ic_aes_ctr_new(ic_view(key_bytes, 16), &c));
    ic_aes_ctr_free(c);
    return IC_OK;
}

TEST(aead_survives_allocations_that_fail)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        enum ic_aead_id id = all[i];
        CHECK_EQ_INT(ic_test_each_alloc_fails(make_one, &id), 2);
    }
}

/* NIST SP 800-38A, F.5.1 and F.5.5 */
static void ctr_of_800_38a(const struct ic_prov *prov, const char *key, const char *want)
{
    IC_BUF_SCOPE(k, 32);
    IC_BUF_SCOPE(in, 32);
    uint8_t iv[16], out[32];
    for (size_t i = 0; i < sizeof iv; i++)
        iv[i] = (uint8_t)(0xf0 + i);
    CHECK_OK(ic_hex_decode(ic_view_cstr(key), &k));
    CHECK_OK(ic_hex_decode(IC_VIEW_STR("6bc1bee22e409f96e93d7e117393172a"
                                       "ae2d8a571e03ac9c9eb76fac45af8e51"),
                           &in));
    struct ic_aes_ctr *c;
    CHECK_OK(prov->ctr_new(ic_buf_view(&k), &c));
    for (int again = 0; again < 2; again++) {
        ic_err e = ic_aes_ctr_xor(c, IC_VIEW_ARRAY(iv), ic_buf_view(&in), out);
        CHECK_OK(e);
        CHECK_HEX(IC_VIEW_ARRAY(out), want);
    }
    /* In place, and not a whole number of blocks. */
    CHECK_OK(ic_aes_ctr_xor(c, IC_VIEW_ARRAY(iv), ic_view(out, 21), out));
    CHECK_BYTES(ic_view(out, 21), ic_view(in.p, 21));
    CHECK_OK(ic_aes_ctr_xor(c, IC_VIEW_ARRAY(iv), ic_view(NULL, 0), out));
    ic_aes_ctr_free(c);
}

TEST(aes_ctr_of_sp_800_38a)
{
    const struct ic_prov *prov;
    for (size_t p = 0; (prov = ic_prov_at(p)); p++) {
        ctr_of_800_38a(prov, "2b7e151628aed2a6abf7158809cf4f3c",
                       "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
        ctr_of_800_38a(prov, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                       "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5");
    }
}

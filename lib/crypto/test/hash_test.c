#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/hkdf.h>
#include <string.h>

#include "../src/provider.h"

/* FIPS 180-4 examples */
TEST(hash_abc)
{
    uint8_t out[IC_HASH_MAX];
    struct ic_view abc = IC_VIEW_STR("abc");
    ic_hash_once(IC_SHA1, abc, out);
    CHECK_HEX(ic_view(out, 20), "a9993e364706816aba3e25717850c26c9cd0d89d");
    ic_hash_once(IC_SHA256, abc, out);
    CHECK_HEX(ic_view(out, 32), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ic_hash_once(IC_SHA384, abc, out);
    CHECK_HEX(ic_view(out, 48), "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                                "8086072ba1e7cc2358baeca134c825a7");
    ic_hash_once(IC_SHA512, abc, out);
    CHECK_HEX(ic_view(out, 64), "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(hash_by_pieces_and_forked_is_the_same)
{
    uint8_t data[300], whole[IC_HASH_MAX], pieces[IC_HASH_MAX], forked[IC_HASH_MAX];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)i;
    for (enum ic_hash_id id = IC_SHA1; id <= IC_SHA512; id++) {
        struct ic_hash h, fork;
        size_t n = ic_hash_len(id);
        ic_hash_once(id, IC_VIEW_ARRAY(data), whole);
        ic_hash_init(&h, id);
        ic_hash_update(&h, ic_view(NULL, 0));
        for (size_t i = 0; i < 100; i++)
            ic_hash_update(&h, ic_view(data + i, 1));
        fork = h;
        ic_hash_update(&h, ic_view(data + 100, 200));
        ic_hash_final(&h, pieces);
        ic_hash_update(&fork, ic_view(data + 100, 200));
        ic_hash_final(&fork, forked);
        CHECK_BYTES(ic_view(pieces, n), ic_view(whole, n));
        CHECK_BYTES(ic_view(forked, n), ic_view(whole, n));
    }
}

TEST(hash_final_wipes_the_state)
{
    struct ic_hash h = {0};
    uint8_t out[IC_HASH_MAX];
    ic_hash_init(&h, IC_SHA512);
    ic_hash_update(&h, IC_VIEW_STR("secret"));
    ic_hash_final(&h, out);
    for (size_t i = 0; i < sizeof h.state; i++)
        CHECK_EQ_INT(h.state[i], 0);
}

/* RFC 4231 section 4.2 and 4.7 (short and long key); RFC 2202 in the same way for SHA-1 */
TEST(hmac_of_rfc_4231)
{
    uint8_t key[131], out[IC_HASH_MAX];
    memset(key, 0x0b, 20);
    ic_hmac_once(IC_SHA256, ic_view(key, 20), IC_VIEW_STR("Hi There"), out);
    CHECK_HEX(ic_view(out, 32), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    ic_hmac_once(IC_SHA1, ic_view(key, 20), IC_VIEW_STR("Hi There"), out);
    CHECK_HEX(ic_view(out, 20), "b617318655057264e28bc0b6fb378c8ef146be00");
    struct ic_view message = IC_VIEW_STR("Test Using Larger Than Block-Size Key - Hash Key First");
    memset(key, 0xaa, sizeof key);
    ic_hmac_once(IC_SHA256, IC_VIEW_ARRAY(key), message, out);
    CHECK_HEX(ic_view(out, 32), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    ic_hmac_once(IC_SHA384, IC_VIEW_ARRAY(key), message, out);
    CHECK_HEX(ic_view(out, 48), "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
                                "0c2ef6ab4030fe8296248df163f44952");
}

TEST(hmac_key_serves_many_and_parts_are_one_message)
{
    struct ic_hmac_key k;
    uint8_t one[IC_HASH_MAX], two[IC_HASH_MAX], parts_mac[IC_HASH_MAX];
    struct ic_view parts[] = {IC_VIEW_STR("Hi"), ic_view(NULL, 0), IC_VIEW_STR(" There")};
    ic_hmac_key_init(&k, IC_SHA512, IC_VIEW_STR("key"));
    ic_hmac(&k, IC_VIEW_STR("Hi There"), one);
    ic_hmac(&k, IC_VIEW_STR("Hi There"), two);
    ic_hmac_parts(&k, parts, IC_ARRAY_LEN(parts), parts_mac);
    CHECK_BYTES(IC_VIEW_ARRAY(one), IC_VIEW_ARRAY(two));
    CHECK_BYTES(IC_VIEW_ARRAY(one), IC_VIEW_ARRAY(parts_mac));
    ic_hmac_key_clear(&k);
}

/* RFC 5869 appendix A.1 */
TEST(hkdf_of_rfc_5869)
{
    uint8_t ikm[22], salt[13], info[10], okm[42];
    memset(ikm, 0x0b, sizeof ikm);
    for (size_t i = 0; i < sizeof salt; i++)
        salt[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof info; i++)
        info[i] = (uint8_t)(0xf0 + i);
    IC_SECRET_SCOPE(prk);
    ic_hkdf_extract(IC_SHA256, IC_VIEW_ARRAY(salt), IC_VIEW_ARRAY(ikm), &prk);
    CHECK_HEX(ic_secret_view(&prk),
              "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    CHECK_OK(ic_hkdf_expand(IC_SHA256, ic_secret_view(&prk), IC_VIEW_ARRAY(info), okm, sizeof okm));
    CHECK_HEX(IC_VIEW_ARRAY(okm), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                                  "34007208d5b887185865");
}

TEST(hkdf_extract_in_place)
{
    IC_SECRET_SCOPE(a);
    IC_SECRET_SCOPE(b);
    CHECK_OK(ic_secret_set(&a, IC_VIEW_STR("salt or key")));
    ic_hkdf_extract(IC_SHA384, ic_secret_view(&a), IC_VIEW_STR("ikm"), &b);
    ic_hkdf_extract(IC_SHA384, ic_secret_view(&a), IC_VIEW_STR("ikm"), &a);
    CHECK(ic_secret_equal(&a, &b));
}

TEST(hkdf_expand_limits)
{
    static uint8_t out[255 * 32 + 1];
    CHECK_OK(ic_hkdf_expand(IC_SHA256, IC_VIEW_STR("prk"), ic_view(NULL, 0), out, 255 * 32));
    CHECK_OK(ic_hkdf_expand(IC_SHA256, IC_VIEW_STR("prk"), ic_view(NULL, 0), out, 0));
    CHECK_ERR(ic_hkdf_expand(IC_SHA256, IC_VIEW_STR("prk"), ic_view(NULL, 0), out, sizeof out),
              IC_ERR_RANGE);
}

TEST(hash_providers_agree)
{
    uint8_t data[500];
    struct ic_test_rand state;
    struct ic_rand rand = ic_test_rand(&state, 7);
    CHECK_OK(ic_rand_fill(&rand, data, sizeof data));
    for (enum ic_hash_id id = IC_SHA1; id <= IC_SHA512; id++) {
        for (size_t len = 0; len <= sizeof data; len += 17) {
            uint8_t first[IC_HASH_MAX], other[IC_HASH_MAX];
            ic_hash_once(id, ic_view(data, len), first);
            for (size_t i = 1; ic_prov_at(i); i++) {
                _Alignas(16) uint8_t st[256];
                const struct ic_prov_hash *h = ic_prov_at(i)->hash(id);
                h->init(st);
                h->update(st, data, len);
                h->final(st, other);
                CHECK_BYTES(ic_view(other, h->len), ic_view(first, ic_hash_len(id)));
            }
        }
    }
}

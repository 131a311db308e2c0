#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/hpke.h>
#include <ic/crypto/sign.h>
#include <ic/crypto/suite.h>
#include <string.h>

#ifdef IC_CRYPTO_NO_OPENSSL
static const uint16_t here[] = {1, 2, 3, 5, 7}; /* without curve 448 */
#else
static const uint16_t here[] = {1, 2, 3, 4, 5, 6, 7};
#endif

TEST(suite_all_are_here)
{
    size_t n = 0;
    for (uint16_t id = 1; id <= 7; id++) {
        const struct ic_suite *s = ic_suite_find(id);
        CHECK((s != NULL) == (id == here[n]));
        if (!s)
            continue;
        CHECK_EQ_INT(s->id, id);
        CHECK(ic_suite_at(n++) == s);
    }
    CHECK_EQ_INT(n, IC_ARRAY_LEN(here));
    CHECK(!ic_suite_find(0));
    CHECK(!ic_suite_find(8));
    CHECK(!ic_suite_find(0x0a0a));
    CHECK(!ic_suite_at(IC_ARRAY_LEN(here)));
}

TEST(suite_lengths_agree_with_the_algorithms)
{
    const struct ic_suite *s;
    for (size_t i = 0; (s = ic_suite_at(i)); i++) {
        CHECK_EQ_INT(s->hash_len, ic_hash_len(s->hash));
        CHECK_EQ_INT(s->aead_key_len, ic_aead_key_len(s->aead));
        CHECK_EQ_INT(s->aead_nonce_len, IC_AEAD_NONCE_LEN);
        CHECK_EQ_INT(s->kem_public_len, ic_kem_public_len(s->kem));
        CHECK_EQ_INT(s->sig_public_len, ic_sig_public_len(s->sig));
    }
}

static void hpke_round_trip(const struct ic_suite *s)
{
    struct ic_rand rand = ic_test_os_rand();
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair pair = {0};
    struct ic_hpke_info info;
    uint8_t enc[IC_KEM_PUBLIC_MAX], sealed[5 + IC_AEAD_TAG_LEN], plain[5];
    CHECK_OK(ic_kem_generate_pair(s->kem, &rand, &pair));
    CHECK_EQ_INT(pair.public_len, s->kem_public_len);
    CHECK_EQ_INT(pair.private_key.len, s->kem_private_len);
    struct ic_view pub = ic_view(pair.public_key, pair.public_len);
    CHECK_OK(ic_kem_public_check(s->kem, pub));
    ic_hpke_info_init(&info, ic_hpke_suite_of(s), IC_VIEW_STR("context"));
    CHECK_OK(
        ic_hpke_seal(&info, pub, IC_VIEW_STR("aad"), IC_VIEW_STR("hello"), &rand, enc, sealed));
    struct ic_view e = ic_view(enc, s->kem_public_len), priv = ic_secret_view(&pair.private_key);
    CHECK_OK(ic_hpke_open(&info, priv, pub, e, IC_VIEW_STR("aad"), IC_VIEW_ARRAY(sealed), plain));
    CHECK_BYTES(IC_VIEW_ARRAY(plain), IC_VIEW_STR("hello"));
    memset(plain, 0, sizeof plain);
    CHECK_OK(ic_hpke_open(&info, priv, ic_view(NULL, 0), e, IC_VIEW_STR("aad"),
                          IC_VIEW_ARRAY(sealed), plain));
    CHECK_BYTES(IC_VIEW_ARRAY(plain), IC_VIEW_STR("hello"));
    CHECK_ERR(ic_hpke_open(&info, priv, pub, e, IC_VIEW_STR("aaD"), IC_VIEW_ARRAY(sealed), plain),
              IC_ERR_AUTH);
}

TEST(suite_hpke_round_trip_in_each)
{
    const struct ic_suite *s;
    for (size_t i = 0; (s = ic_suite_at(i)); i++) {
        hpke_round_trip(s);
        if (ic_test_failed())
            return;
    }
}

static void sign_round_trip(enum ic_sig_id id)
{
    struct ic_rand rand = ic_test_os_rand();
    IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *k = NULL;
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    CHECK_OK(ic_sign_key_generate(id, &rand, &k));
    struct ic_view pub = ic_sign_key_public(k);
    CHECK_EQ_INT(ic_sign_key_id(k), id);
    CHECK_EQ_INT(pub.len, ic_sig_public_len(id));
    CHECK_OK(ic_verify_key_check(id, pub));
    CHECK_OK(ic_sign(k, IC_VIEW_STR("message"), sig, &len));
    CHECK_OK(ic_verify(id, pub, IC_VIEW_STR("message"), ic_view(sig, len)));
    CHECK_ERR(ic_verify(id, pub, IC_VIEW_STR("messagE"), ic_view(sig, len)), IC_ERR_SIGNATURE);
    sig[len - 1] ^= 1;
    CHECK_ERR(ic_verify(id, pub, IC_VIEW_STR("message"), ic_view(sig, len)), IC_ERR_SIGNATURE);
    CHECK_ERR(ic_verify(id, ic_view(pub.p, pub.len - 1), IC_VIEW_STR("message"), ic_view(sig, len)),
              IC_ERR_KEY);
    IC_SECRET_SCOPE(s);
    CHECK_OK(ic_sign_key_export(k, &s));
    IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *again = NULL;
    CHECK_OK(ic_sign_key_import(id, ic_secret_view(&s), &again));
    CHECK_BYTES(ic_sign_key_public(again), pub);
}

TEST(suite_sign_round_trip_in_each)
{
    const struct ic_suite *s;
    for (size_t i = 0; (s = ic_suite_at(i)); i++) {
        sign_round_trip(s->sig);
        if (ic_test_failed())
            return;
    }
}

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/kem.h>
#include <string.h>

#include "../src/curve.h"
#include "../src/provider.h"

static const enum ic_kem_id all[] = {
    IC_KEM_P256, IC_KEM_P384, IC_KEM_P521, IC_KEM_X25519,
#ifndef IC_CRYPTO_NO_OPENSSL
    IC_KEM_X448,
#endif
};

static struct ic_view public_of(const struct ic_kem_pair *p)
{
    return ic_view(p->public_key, p->public_len);
}

static void encap_decap(enum ic_kem_id id)
{
    struct ic_rand rand = ic_test_os_rand();
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair pair = {0};
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair again = {0};
    IC_SECRET_SCOPE(sent);
    IC_SECRET_SCOPE(got);
    uint8_t enc[IC_KEM_PUBLIC_MAX];
    CHECK_OK(ic_kem_generate_pair(id, &rand, &pair));
    CHECK_OK(ic_kem_import_private(id, ic_secret_view(&pair.private_key), &again));
    CHECK_BYTES(public_of(&again), public_of(&pair));
    CHECK_OK(ic_kem_encap(id, public_of(&pair), &rand, enc, &sent));
    struct ic_view e = ic_view(enc, ic_kem_public_len(id));
    CHECK_OK(ic_kem_decap(id, ic_secret_view(&pair.private_key), public_of(&pair), e, &got));
    CHECK(ic_secret_equal(&sent, &got));
    ic_secret_clear(&got);
    CHECK_OK(ic_kem_decap(id, ic_secret_view(&pair.private_key), ic_view(NULL, 0), e, &got));
    CHECK(ic_secret_equal(&sent, &got));
    CHECK_EQ_INT(got.len, ic_hash_len(ic_curve_of_kem(id)->kdf));
}

TEST(kem_both_ways)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        encap_decap(all[i]);
        if (ic_test_failed())
            return;
    }
}

TEST(kem_derive_gives_the_same_pair_each_time_and_another_for_other_input)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair a = {0}, b = {0}, c = {0};
        CHECK_OK(ic_kem_derive_pair(all[i], IC_VIEW_STR("ikm"), &a));
        CHECK_OK(ic_kem_derive_pair(all[i], IC_VIEW_STR("ikm"), &b));
        CHECK_OK(ic_kem_derive_pair(all[i], IC_VIEW_STR("ikn"), &c));
        CHECK(ic_secret_equal(&a.private_key, &b.private_key));
        CHECK_BYTES(public_of(&a), public_of(&b));
        CHECK(!ic_secret_equal(&a.private_key, &c.private_key));
        CHECK_OK(ic_kem_public_check(all[i], public_of(&a)));
    }
}

static void providers_agree(enum ic_kem_id id)
{
    struct ic_rand rand = ic_test_os_rand();
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair own = {0}, peer = {0};
    IC_SECRET_SCOPE(first);
    CHECK_OK(ic_kem_generate_pair(id, &rand, &own));
    CHECK_OK(ic_kem_generate_pair(id, &rand, &peer));
    struct ic_view mine = ic_secret_view(&own.private_key);
    CHECK_OK(ic_prov_dh_shared(ic_prov_dh(id), id, mine, public_of(&peer), &first));
    for (size_t p = 1; ic_prov_at(p); p++) {
        const struct ic_prov *prov = ic_prov_at(p);
        uint8_t public_key[IC_KEM_PUBLIC_MAX];
        IC_SECRET_SCOPE(other);
        CHECK_OK(prov->dh_public(id, mine, public_key));
        CHECK_BYTES(ic_view(public_key, own.public_len), public_of(&own));
        CHECK_OK(ic_prov_dh_shared(prov, id, mine, public_of(&peer), &other));
        CHECK(ic_secret_equal(&first, &other));
    }
}

TEST(kem_providers_agree)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        for (int n = 0; n < 20; n++) {
            providers_agree(all[i]);
            if (ic_test_failed())
                return;
        }
    }
}

static void refuses(enum ic_kem_id id)
{
    const struct ic_curve *c = ic_curve_of_kem(id);
    struct ic_rand rand = ic_test_os_rand();
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair pair = {0}, untouched = {0};
    uint8_t bad[IC_KEM_PUBLIC_MAX + 1] = {0}, enc[IC_KEM_PUBLIC_MAX] = {0};
    const uint8_t zeros[IC_KEM_PUBLIC_MAX] = {0};
    IC_SECRET_SCOPE(s);
    CHECK_OK(ic_kem_generate_pair(id, &rand, &pair));
    struct ic_view mine = ic_secret_view(&pair.private_key);
    /* Off the curve, or of low order: all zeros are either. RFC 9180 section 7.1.4 */
    if (c->order)
        bad[0] = 4;
    struct ic_view bad_point = ic_view(bad, c->public_len);
    CHECK_ERR(ic_kem_encap(id, bad_point, &rand, enc, &s), IC_ERR_KEY);
    CHECK_ERR(ic_kem_decap(id, mine, public_of(&pair), bad_point, &s), IC_ERR_KEY);
    CHECK_ERR(ic_kem_encap(id, ic_view(bad, c->public_len + 1), &rand, enc, &s), IC_ERR_KEY);
    CHECK_ERR(ic_kem_encap(id, ic_view(NULL, 0), &rand, enc, &s), IC_ERR_KEY);
    CHECK_ERR(ic_kem_decap(id, mine, public_of(&pair), ic_view(enc, c->public_len - 1), &s),
              IC_ERR_KEY);
    CHECK_ERR(
        ic_kem_decap(id, ic_view(mine.p, mine.len + 1), public_of(&pair), public_of(&pair), &s),
        IC_ERR_KEY);
    CHECK_ERR(ic_kem_public_check(id, ic_view(bad, c->public_len - 1)), IC_ERR_KEY);
    CHECK_ERR(ic_kem_import_private(id, ic_view(bad, c->private_len + 1), &untouched), IC_ERR_KEY);
    if (c->order) {
        CHECK_ERR(ic_kem_public_check(id, bad_point), IC_ERR_KEY);
        CHECK_ERR(ic_kem_import_private(id, ic_view(zeros, c->private_len), &untouched),
                  IC_ERR_KEY);
        CHECK_ERR(ic_kem_import_private(id, ic_view(c->order, c->private_len), &untouched),
                  IC_ERR_KEY);
    }
    /* Nothing was written. */
    CHECK_EQ_INT(s.len, 0);
    CHECK_EQ_INT(untouched.public_len, 0);
    CHECK_BYTES(IC_VIEW_ARRAY(enc), IC_VIEW_ARRAY(zeros));
}

TEST(kem_refuses_keys_that_are_none_and_writes_nothing)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        refuses(all[i]);
        if (ic_test_failed())
            return;
    }
    struct ic_kem_pair p = {0};
    CHECK_ERR(ic_kem_derive_pair((enum ic_kem_id)0, IC_VIEW_STR("ikm"), &p), IC_ERR_UNSUPPORTED);
    CHECK_ERR(ic_kem_public_check((enum ic_kem_id)0x30, IC_VIEW_STR("key")), IC_ERR_UNSUPPORTED);
}

TEST(kem_needs_a_source_that_works)
{
    struct ic_rand none = ic_test_no_rand();
    struct ic_kem_pair p = {0};
    CHECK_ERR(ic_kem_generate_pair(IC_KEM_X25519, &none, &p), IC_ERR_IO);
    CHECK_EQ_INT(p.public_len, 0);
}

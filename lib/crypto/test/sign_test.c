#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/base/text.h>
#include <ic/crypto/sign.h>
#include <string.h>

#include "../src/curve.h"
#include "../src/provider.h"

static const enum ic_sig_id all[] = {
    IC_ECDSA_P256_SHA256,
    IC_ECDSA_P384_SHA384,
    IC_ECDSA_P521_SHA512,
    IC_ED25519,
#ifndef IC_CRYPTO_NO_OPENSSL
    IC_ED448,
#endif
};

/* RFC 8032 section 7.1, test 1 */
TEST(sign_ed25519_of_rfc_8032)
{
    const struct ic_prov *prov;
    IC_BUF_SCOPE(seed, 32);
    CHECK_OK(ic_hex_decode(
        IC_VIEW_STR("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"), &seed));
    for (size_t p = 0; (prov = ic_prov_at(p)); p++) {
        IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *k = NULL;
        uint8_t sig[IC_SIG_MAX];
        size_t len;
        CHECK_OK(ic_prov_sign_key_import(prov, IC_ED25519, ic_buf_view(&seed), &k));
        CHECK_HEX(ic_sign_key_public(k),
                  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        CHECK_OK(ic_sign(k, ic_view(NULL, 0), sig, &len));
        CHECK_HEX(ic_view(sig, len),
                  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                  "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    }
}

static void sign_by_one_verify_by_all(enum ic_sig_id id, const struct ic_prov *signer)
{
    struct ic_rand rand = ic_test_os_rand();
    IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *first = NULL;
    IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *k = NULL;
    IC_SECRET_SCOPE(scalar);
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    const struct ic_prov *prov;
    CHECK_OK(ic_sign_key_generate(id, &rand, &first));
    CHECK_OK(ic_sign_key_export(first, &scalar));
    CHECK_OK(ic_prov_sign_key_import(signer, id, ic_secret_view(&scalar), &k));
    CHECK_BYTES(ic_sign_key_public(k), ic_sign_key_public(first));
    CHECK_OK(ic_sign(k, IC_VIEW_STR("message"), sig, &len));
    CHECK(len <= IC_SIG_MAX);
    for (size_t p = 0; (prov = ic_prov_at(p)); p++) {
        if (!prov->has_sig(id))
            continue;
        struct ic_view pub = ic_sign_key_public(k);
        CHECK_OK(ic_prov_verify(prov, id, pub, IC_VIEW_STR("message"), ic_view(sig, len)));
        CHECK_ERR(ic_prov_verify(prov, id, pub, IC_VIEW_STR("massage"), ic_view(sig, len)),
                  IC_ERR_SIGNATURE);
        for (size_t cut = 0; cut < len; cut++)
            CHECK_ERR(ic_prov_verify(prov, id, pub, IC_VIEW_STR("message"), ic_view(sig, cut)),
                      IC_ERR_SIGNATURE);
    }
}

TEST(sign_providers_agree)
{
    const struct ic_prov *prov;
    for (size_t p = 0; (prov = ic_prov_at(p)); p++) {
        for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
            if (prov->has_sig(all[i]))
                sign_by_one_verify_by_all(all[i], prov);
            if (ic_test_failed())
                return;
        }
    }
}

TEST(sign_refuses_keys_that_are_none)
{
    uint8_t key[IC_SIG_PUBLIC_MAX] = {0};
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        const struct ic_curve *c = ic_curve_of_sig(all[i]);
        struct ic_sign_key *k = NULL;
        CHECK_ERR(ic_sign_key_import(all[i], ic_view(key, c->private_len - 1), &k), IC_ERR_KEY);
        CHECK_ERR(ic_sign_key_import(all[i], ic_view(key, c->private_len + 1), &k), IC_ERR_KEY);
        CHECK_ERR(ic_sign_key_import(all[i], ic_view(NULL, 0), &k), IC_ERR_KEY);
        CHECK_ERR(ic_verify_key_check(all[i], ic_view(key, c->public_len + 1)), IC_ERR_KEY);
        CHECK_ERR(ic_verify_key_check(all[i], ic_view(NULL, 0)), IC_ERR_KEY);
        if (!c->order)
            continue;
        /* Zero, and the order itself, are no scalars. */
        CHECK_ERR(ic_sign_key_import(all[i], ic_view(key, c->private_len), &k), IC_ERR_KEY);
        CHECK_ERR(ic_sign_key_import(all[i], ic_view(c->order, c->private_len), &k), IC_ERR_KEY);
        CHECK(!k);
    }
    struct ic_sign_key *k = NULL;
    CHECK_ERR(ic_sign_key_import((enum ic_sig_id)1, ic_view(key, 32), &k), IC_ERR_UNSUPPORTED);
    CHECK_ERR(ic_verify((enum ic_sig_id)0, ic_view(key, 32), ic_view(NULL, 0), ic_view(key, 64)),
              IC_ERR_UNSUPPORTED);
    ic_sign_key_free(NULL);
}

/* Scalars without their leading zeros are the same scalars; seeds are not. */
TEST(sign_takes_scalars_without_leading_zeros)
{
    uint8_t key[IC_SIG_PUBLIC_MAX] = {0, 0, 5, 6, 7};
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        const struct ic_curve *c = ic_curve_of_sig(all[i]);
        IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *whole = NULL;
        IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *cut = NULL;
        IC_SECRET_SCOPE(out);
        CHECK_OK(ic_sign_key_import(all[i], ic_view(key, c->private_len), &whole));
        ic_err e = ic_sign_key_import(all[i], ic_view(key + 2, c->private_len - 2U), &cut);
        if (!c->order) {
            CHECK_ERR(e, IC_ERR_KEY);
            continue;
        }
        CHECK_OK(e);
        CHECK_BYTES(ic_sign_key_public(cut), ic_sign_key_public(whole));
        CHECK_OK(ic_sign_key_export(cut, &out));
        CHECK_BYTES(ic_secret_view(&out), ic_view(key, c->private_len));
    }
}

/* The largest scalar is one; its public key is minus the generator. */
TEST(sign_takes_the_last_scalar)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        const struct ic_curve *c = ic_curve_of_sig(all[i]);
        if (!c->order)
            continue;
        uint8_t one[66] = {0}, last[66];
        IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *a = NULL;
        IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *b = NULL;
        memcpy(last, c->order, c->private_len);
        last[c->private_len - 1]--;
        one[c->private_len - 1] = 1;
        CHECK_OK(ic_sign_key_import(all[i], ic_view(last, c->private_len), &a));
        CHECK_OK(ic_sign_key_import(all[i], ic_view(one, c->private_len), &b));
        size_t n = c->shared_len;
        CHECK_BYTES(ic_view_sub(ic_sign_key_public(a), 1, n),
                    ic_view_sub(ic_sign_key_public(b), 1, n));
        CHECK(!ic_view_equal(ic_sign_key_public(a), ic_sign_key_public(b)));
    }
}

static void points_off_the_curve(const struct ic_prov *prov, enum ic_sig_id id)
{
    struct ic_rand rand = ic_test_os_rand();
    const struct ic_curve *c = ic_curve_of_sig(id);
    IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *k = NULL;
    uint8_t point[IC_SIG_PUBLIC_MAX], sig[IC_SIG_MAX];
    size_t len;
    CHECK_OK(ic_sign_key_generate(id, &rand, &k));
    CHECK_OK(ic_sign(k, IC_VIEW_STR("m"), sig, &len));
    memcpy(point, ic_sign_key_public(k).p, c->public_len);
    struct ic_view p = ic_view(point, c->public_len);
    CHECK_OK(prov->verify_key_check(id, p));
    point[c->public_len - 1] ^= 1;
    CHECK_ERR(prov->verify_key_check(id, p), IC_ERR_KEY);
    CHECK_ERR(ic_prov_verify(prov, id, p, IC_VIEW_STR("m"), ic_view(sig, len)), IC_ERR_KEY);
    point[c->public_len - 1] ^= 1;
    for (int form = 0; form < 256; form++) {
        point[0] = (uint8_t)form;
        if (form != 4)
            CHECK_ERR(ic_verify_key_check(id, p), IC_ERR_KEY);
    }
    memset(point + 1, 0xff, c->public_len - 1); /* above the field */
    point[0] = 4;
    CHECK_ERR(prov->verify_key_check(id, p), IC_ERR_KEY);
}

TEST(sign_refuses_points_off_the_curve)
{
    const struct ic_prov *prov;
    for (size_t p = 0; (prov = ic_prov_at(p)); p++) {
        for (size_t i = 0; i < 3; i++) {
            points_off_the_curve(prov, all[i]);
            if (ic_test_failed())
                return;
        }
    }
}

static ic_err only_zeros(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0, n);
    return IC_OK;
}

TEST(sign_generate_needs_a_source_that_works)
{
    struct ic_rand none = ic_test_no_rand(), zeros = {only_zeros, NULL};
    struct ic_sign_key *k = NULL;
    CHECK_ERR(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &none, &k), IC_ERR_IO);
    CHECK_ERR(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &zeros, &k), IC_ERR_CRYPTO);
    CHECK(!k);
}

static ic_err whole_life(void *ctx)
{
    enum ic_sig_id id = *(enum ic_sig_id *)ctx;
    struct ic_rand rand = ic_test_os_rand();
    IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *k = NULL;
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    IC_TRY(ic_sign_key_generate(id, &rand, &k));
    IC_TRY(ic_sign(k, IC_VIEW_STR("m"), sig, &len));
    return ic_verify(id, ic_sign_key_public(k), IC_VIEW_STR("m"), ic_view(sig, len));
}

TEST(sign_survives_allocations_that_fail)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++) {
        enum ic_sig_id id = all[i];
        CHECK_EQ_INT(ic_test_each_alloc_fails(whole_life, &id), 1);
    }
}

/* ---- keys that live elsewhere ---- */

/* A token: holds the key, and misbehaves on demand. */
struct token {
    struct ic_sign_key *key;
    ic_err fail;
    bool wrong, endless;
    unsigned asked;
};

static ic_err token_sign(void *ctx, struct ic_view message, uint8_t *sig, size_t *len)
{
    struct token *t = ctx;
    t->asked++;
    if (t->fail != IC_OK)
        return t->fail;
    ic_err e = ic_sign(t->key, message, sig, len);
    if (t->wrong)
        sig[*len - 1] ^= 1;
    if (t->endless)
        *len = IC_SIG_MAX + 1;
    return e;
}

static void external_key_signs(enum ic_sig_id id, const struct ic_prov *inside)
{
    struct ic_rand rand = ic_test_os_rand();
    struct token token = {0};
    const struct ic_signer signer = {token_sign, &token};
    IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *first = NULL;
    IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *k = NULL;
    IC_SECRET_SCOPE(scalar);
    uint8_t sig[IC_SIG_MAX] = {0x5a}, before[IC_SIG_MAX];
    size_t len = 7;
    CHECK_OK(ic_sign_key_generate(id, &rand, &first));
    CHECK_OK(ic_sign_key_export(first, &scalar));
    CHECK_OK(ic_prov_sign_key_import(inside, id, ic_secret_view(&scalar), &token.key));
    CHECK_OK(ic_sign_key_external(id, ic_sign_key_public(first), &signer, &k));
    CHECK_EQ_INT(ic_sign_key_id(k), id);
    CHECK_BYTES(ic_sign_key_public(k), ic_sign_key_public(first));
    CHECK_ERR(ic_sign_key_export(k, &scalar), IC_ERR_UNSUPPORTED);

    memcpy(before, sig, sizeof before);
    token.fail = IC_ERR_TIMEOUT;
    CHECK_ERR(ic_sign(k, IC_VIEW_STR("message"), sig, &len), IC_ERR_TIMEOUT);
    token.fail = IC_OK;
    token.wrong = true;
    CHECK_ERR(ic_sign(k, IC_VIEW_STR("message"), sig, &len), IC_ERR_SIGNATURE);
    token.wrong = false;
    token.endless = true;
    CHECK_ERR(ic_sign(k, IC_VIEW_STR("message"), sig, &len), IC_ERR_SIGNATURE);
    token.endless = false;
    CHECK_BYTES(ic_view(sig, sizeof sig), ic_view(before, sizeof before)); /* untouched */
    CHECK_EQ_INT(len, 7);

    CHECK_OK(ic_sign(k, IC_VIEW_STR("message"), sig, &len));
    CHECK_OK(ic_verify(id, ic_sign_key_public(k), IC_VIEW_STR("message"), ic_view(sig, len)));
    CHECK_EQ_INT(token.asked, 4);
    ic_sign_key_free(token.key);
}

TEST(sign_with_a_key_that_lives_elsewhere)
{
    const struct ic_prov *prov;
    for (size_t p = 0; (prov = ic_prov_at(p)); p++)
        for (size_t i = 0; i < IC_ARRAY_LEN(all) && !ic_test_failed(); i++)
            if (prov->has_sig(all[i]))
                external_key_signs(all[i], prov);
}

TEST(sign_refuses_an_external_key_that_is_none)
{
    const struct ic_signer signer = {token_sign, NULL};
    uint8_t zeros[IC_SIG_PUBLIC_MAX] = {0};
    struct ic_sign_key *k;
    for (size_t i = 0; i < 3; i++)
        CHECK_ERR(
            ic_sign_key_external(all[i], ic_view(zeros, ic_sig_public_len(all[i])), &signer, &k),
            IC_ERR_KEY);
    CHECK_ERR(ic_sign_key_external(IC_ED25519, ic_view(zeros, 31), &signer, &k), IC_ERR_KEY);
    CHECK_ERR(ic_sign_key_external(0, ic_view(zeros, 32), &signer, &k), IC_ERR_UNSUPPORTED);
}

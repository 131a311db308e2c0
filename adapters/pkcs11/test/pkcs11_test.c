#include "softhsm.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/pkcs11/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEED_SOFTHSM()                                                                             \
    do {                                                                                           \
        if (!softhsm_start())                                                                      \
            SKIP("there is no SoftHSM here");                                                      \
    } while (0)

static void sign_and_check(struct ic_pkcs11 *token, enum ic_sig_id id)
{
    struct ic_sign_key *key IC_CLEANUP(ic_sign_key_free_scope) = NULL;
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    CHECK_OK(ic_pkcs11_key(token, &key));
    CHECK_EQ_INT(ic_sign_key_id(key), id);
    CHECK_OK(ic_sign(key, IC_VIEW_STR("said in a token"), sig, &len));
    CHECK_OK(
        ic_verify(id, ic_sign_key_public(key), IC_VIEW_STR("said in a token"), ic_view(sig, len)));
    IC_SECRET_SCOPE(raw);
    CHECK_ERR(ic_sign_key_export(key, &raw), IC_ERR_UNSUPPORTED);
}

TEST(pkcs11_a_key_made_in_the_token_signs_and_is_found_again)
{
    NEED_SOFTHSM();
    static const struct {
        enum ic_sig_id id;
        const char *name;
    } kinds[] = {{IC_ECDSA_P256_SHA256, "p256"},
                 {IC_ECDSA_P384_SHA384, "p384"},
                 {IC_ECDSA_P521_SHA512, "p521"},
                 {IC_ED25519, "ed"}};
    char why[300] = "";
    for (size_t i = 0; i < 4; i++) {
        struct ic_pkcs11 *token = NULL;
        CHECK_OK(ic_pkcs11_generate(softhsm_uri(kinds[i].name), SOFTHSM_PIN, kinds[i].id, &token,
                                    why, sizeof why));
        sign_and_check(token, kinds[i].id);
        ic_pkcs11_free(token);
        token = NULL;
        CHECK_OK(ic_pkcs11_open(softhsm_uri(kinds[i].name), SOFTHSM_PIN, &token, why, sizeof why));
        CHECK(strcmp(ic_pkcs11_token_label(token), "test") == 0);
        sign_and_check(token, kinds[i].id);
        ic_pkcs11_free(token);
    }
}

TEST(pkcs11_two_keys_are_open_at_once)
{
    NEED_SOFTHSM();
    struct ic_pkcs11 *a = NULL, *b = NULL;
    char why[300] = "";
    CHECK_OK(ic_pkcs11_generate(softhsm_uri("one"), SOFTHSM_PIN, IC_ECDSA_P256_SHA256, &a, why,
                                sizeof why));
    CHECK_OK(ic_pkcs11_generate(softhsm_uri("two"), SOFTHSM_PIN, IC_ECDSA_P256_SHA256, &b, why,
                                sizeof why));
    sign_and_check(a, IC_ECDSA_P256_SHA256);
    sign_and_check(b, IC_ECDSA_P256_SHA256);
    ic_pkcs11_free(a);
    sign_and_check(b, IC_ECDSA_P256_SHA256); /* the other one's end changes nothing */
    ic_pkcs11_free(b);
}

static ic_err refused(const char *uri, const char *pin, const char *word)
{
    struct ic_pkcs11 *token = NULL;
    char why[300] = "";
    ic_err e = ic_pkcs11_open(uri, pin, &token, why, sizeof why);
    if (token || !strstr(why, word))
        ic_test_fail(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", why, word);
    return e;
}

TEST(pkcs11_what_cannot_be_opened_is_said)
{
    NEED_SOFTHSM();
    struct ic_pkcs11 *token = NULL;
    char why[300] = "", uri[400];
    CHECK_OK(ic_pkcs11_generate(softhsm_uri("known"), SOFTHSM_PIN, IC_ECDSA_P256_SHA256, &token,
                                why, sizeof why));
    ic_pkcs11_free(token);
    CHECK_ERR(refused(softhsm_uri("known"), "0000", "refuses the PIN"), IC_ERR_AUTH);
    CHECK_ERR(refused(softhsm_uri("known"), NULL, "wants a PIN"), IC_ERR_AUTH);
    CHECK_ERR(refused(softhsm_uri("absent"), SOFTHSM_PIN, "no private key"), IC_ERR_NOT_FOUND);
    CHECK_ERR(refused("pkcs11:;;", SOFTHSM_PIN, "no URI"), IC_ERR_MALFORMED);
    CHECK_ERR(refused("pkcs11:token=x?module-path=/nowhere.so", SOFTHSM_PIN, "no module"),
              IC_ERR_NOT_FOUND);
    snprintf(uri, sizeof uri, "pkcs11:token=other%s", strchr(softhsm_uri("known"), '?'));
    CHECK_ERR(refused(uri, SOFTHSM_PIN, "no token"), IC_ERR_NOT_FOUND);
    snprintf(uri, sizeof uri, "%s&pin-source=file:/nowhere", softhsm_uri("known"));
    CHECK_ERR(refused(uri, NULL, "/nowhere"), IC_ERR_AUTH);
    CHECK_ERR(ic_pkcs11_generate(softhsm_uri("known"), SOFTHSM_PIN, IC_ECDSA_P256_SHA256, &token,
                                 why, sizeof why),
              IC_ERR_EXISTS);
}

TEST(pkcs11_the_pin_may_stand_in_the_uri_or_in_a_file)
{
    NEED_SOFTHSM();
    struct ic_pkcs11 *token = NULL;
    char why[300] = "", uri[400], path[] = "/tmp/ic-pin-XXXXXX";
    CHECK_OK(ic_pkcs11_generate(softhsm_uri("pin"), SOFTHSM_PIN, IC_ECDSA_P256_SHA256, &token, why,
                                sizeof why));
    ic_pkcs11_free(token);
    snprintf(uri, sizeof uri, "%s&pin-value=" SOFTHSM_PIN, softhsm_uri("pin"));
    CHECK_OK(ic_pkcs11_open(uri, NULL, &token, why, sizeof why));
    ic_pkcs11_free(token);
    FILE *f = fdopen(mkstemp(path), "w");
    fputs(SOFTHSM_PIN "\n", f);
    fclose(f);
    snprintf(uri, sizeof uri, "%s&pin-source=file:%s", softhsm_uri("pin"), path);
    CHECK_OK(ic_pkcs11_open(uri, NULL, &token, why, sizeof why));
    ic_pkcs11_free(token);
    remove(path);
}

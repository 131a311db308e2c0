/* A provider's documents and ID tokens, right and wrong. The tokens are signed here. */
#include "identity/accounts/oidc.h"

#include <cjose/cjose.h>
#include <ic/base/test.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ISSUER "https://login.example.org"
#define NOW 1795000000

static const struct icd_oidc_expected want = {ISSUER, "client", "the nonce", NOW};

struct issuer {
    cjose_jwk_t *key;
    char *keys; /* its JWK set */
};

static void issuer_open(struct issuer *i, const char *kty, const char *kid)
{
    cjose_err err;
    i->key = strcmp(kty, "EC") == 0
                 ? cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err)
                 : cjose_jwk_create_RSA_random(2048, (const uint8_t *)"\x01\x00\x01", 3, &err);
    CHECK(i->key != NULL);
    CHECK(cjose_jwk_set_kid(i->key, kid, strlen(kid), &err));
    char *one = cjose_jwk_to_json(i->key, false, &err);
    CHECK(asprintf(&i->keys, "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"x\",\"k\":\"AA\"},%s]}", one) >
          0);
    free(one);
}

static void issuer_close(struct issuer *i)
{
    cjose_jwk_release(i->key);
    free(i->keys);
}

static char *sign(const struct issuer *i, const char *alg, const char *claims)
{
    cjose_err err;
    const char *compact = NULL;
    cjose_header_t *h = cjose_header_new(&err);
    cjose_header_set(h, CJOSE_HDR_ALG, alg, &err);
    cjose_header_set(h, CJOSE_HDR_KID, cjose_jwk_get_kid(i->key, &err), &err);
    cjose_jws_t *jws = cjose_jws_sign(i->key, h, (const uint8_t *)claims, strlen(claims), &err);
    char *out = jws && cjose_jws_export(jws, &compact, &err) ? strdup(compact) : strdup("");
    cjose_jws_release(jws);
    cjose_header_release(h);
    return out;
}

static ic_err judge(const struct issuer *i, const char *alg, const char *claims,
                    struct icd_oidc_claims *out)
{
    const char *why = NULL;
    char *token = sign(i, alg, claims);
    ic_err e = icd_oidc_judge(&want, ic_view_cstr(token), ic_view_cstr(i->keys), out, &why);
    free(token);
    return e;
}

#define CLAIMS(iss, aud, nonce, times)                                                             \
    "{\"iss\":\"" iss "\",\"sub\":\"s-1\",\"aud\":" aud ",\"nonce\":\"" nonce "\"," times          \
    ",\"email\":\"ana@example.org\",\"email_verified\":true}"
#define TIMES "\"iat\":1794999990,\"exp\":1795000300,\"auth_time\":1794999980"
#define GOOD CLAIMS(ISSUER, "\"client\"", "the nonce", TIMES)

TEST(oidc_takes_a_good_token_of_each_algorithm)
{
    static const char *const rsa[] = {"RS256", "PS256"};
    struct issuer i;
    struct icd_oidc_claims c;
    issuer_open(&i, "RSA", "k1");
    for (size_t n = 0; n < 2; n++) {
        CHECK_OK(judge(&i, rsa[n], GOOD, &c));
        CHECK(strcmp(c.subject, "s-1") == 0);
        CHECK(strcmp(c.email, "ana@example.org") == 0);
        CHECK(c.email_verified);
        CHECK_EQ_INT(c.auth_time_s, 1794999980);
    }
    issuer_close(&i);
    issuer_open(&i, "EC", "k2");
    CHECK_OK(judge(&i, "ES256", GOOD, &c));
    issuer_close(&i);
}

TEST(oidc_refuses_wrong_claims)
{
    static const struct {
        const char *claims;
        ic_err err;
    } cases[] = {
        {CLAIMS("https://evil.example", "\"client\"", "the nonce", TIMES), IC_ERR_RULE},
        {CLAIMS(ISSUER, "\"other\"", "the nonce", TIMES), IC_ERR_RULE},
        {CLAIMS(ISSUER, "[\"client\",\"other\"]", "the nonce", TIMES), IC_ERR_RULE},
        {CLAIMS(ISSUER, "[\"client\"]", "the nonce", "\"azp\":\"other\"," TIMES), IC_ERR_RULE},
        {CLAIMS(ISSUER, "[\"client\",\"o\"]", "the nonce", "\"azp\":\"client\"," TIMES), IC_OK},
        {CLAIMS(ISSUER, "[\"client\"]", "the nonce", TIMES), IC_OK},
        {CLAIMS(ISSUER, "\"client\"", "another", TIMES), IC_ERR_RULE},
        {CLAIMS(ISSUER, "\"client\"", "the nonce", "\"iat\":1794999990,\"exp\":1794999940"),
         IC_ERR_EXPIRED},
        {CLAIMS(ISSUER, "\"client\"", "the nonce", "\"iat\":1795000100,\"exp\":1795000300"),
         IC_ERR_EXPIRED},
        {CLAIMS(ISSUER, "\"client\"", "the nonce", "\"iat\":1794999000,\"exp\":1795000300"),
         IC_ERR_EXPIRED},
        {CLAIMS(ISSUER, "\"client\"", "the nonce", "\"exp\":1795000300"), IC_ERR_EXPIRED},
        {CLAIMS(ISSUER, "\"client\"", "the nonce", "\"iat\":1794999990"), IC_ERR_EXPIRED},
        {CLAIMS(ISSUER, "\"client\"", "the nonce", "\"iss\":\"twice\"," TIMES), IC_ERR_MALFORMED},
        {"{\"iss\":\"" ISSUER "\",\"aud\":\"client\",\"nonce\":\"the nonce\"," TIMES "}",
         IC_ERR_MALFORMED},
        {"[]", IC_ERR_MALFORMED},
    };
    struct issuer i;
    struct icd_oidc_claims c;
    issuer_open(&i, "EC", "k");
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++)
        CHECK_EQ_INT(judge(&i, "ES256", cases[n].claims, &c), cases[n].err);
    issuer_close(&i);
}

/* Padding and strange characters, anywhere in a token or in a key of the provider's, end in a refusal. */
TEST(oidc_token_and_keys_are_base64url_to_the_letter)
{
    struct issuer i;
    struct icd_oidc_claims c;
    const char *why;
    issuer_open(&i, "EC", "k");
    char *token = sign(&i, "ES256", GOOD);
    for (size_t at = 0; at < strlen(token); at++) {
        char was = token[at];
        static const char others[] = "=+/ \n.\xff";
        for (size_t n = 0; n < sizeof others - 1; n++) {
            token[at] = others[n];
            if (was != others[n])
                CHECK(icd_oidc_judge(&want, ic_view_cstr(token), ic_view_cstr(i.keys), &c, &why) !=
                      IC_OK);
        }
        token[at] = was;
    }
    char *x = strstr(i.keys, "\"x\":\"");
    CHECK(x != NULL);
    for (size_t at = 5; at < 12; at++) {
        char was = x[at];
        x[at] = '=';
        CHECK(icd_oidc_judge(&want, ic_view_cstr(token), ic_view_cstr(i.keys), &c, &why) != IC_OK);
        x[at] = was;
    }
    CHECK_OK(icd_oidc_judge(&want, ic_view_cstr(token), ic_view_cstr(i.keys), &c, &why));
    free(token);
    issuer_close(&i);
}

TEST(oidc_never_believes_an_email_that_is_not_called_verified)
{
    static const char *const tails[] = {"", ",\"email_verified\":\"true\"", ",\"email_verified\":1",
                                        ",\"email_verified\":false"};
    struct issuer i;
    struct icd_oidc_claims c;
    char claims[512];
    issuer_open(&i, "EC", "k");
    for (size_t n = 0; n < 4; n++) {
        snprintf(claims, sizeof claims,
                 "{\"iss\":\"" ISSUER
                 "\",\"sub\":\"s\",\"aud\":\"client\",\"nonce\":\"the nonce\"," TIMES
                 ",\"email\":\"ana@example.org\"%s}",
                 tails[n]);
        CHECK_OK(judge(&i, "ES256", claims, &c));
        CHECK(!c.email_verified);
    }
    issuer_close(&i);
}

TEST(oidc_refuses_other_algorithms_and_keys)
{
    struct issuer ec, rsa;
    struct icd_oidc_claims c;
    const char *why;
    issuer_open(&ec, "EC", "k");
    issuer_open(&rsa, "RSA", "k");
    char *token = sign(&ec, "ES256", GOOD);
    /* Another's key of the same name, and no key of that name. */
    CHECK_ERR(icd_oidc_judge(&want, ic_view_cstr(token), ic_view_cstr(rsa.keys), &c, &why),
              IC_ERR_UNKNOWN_KEY);
    CHECK_ERR(icd_oidc_judge(&want, ic_view_cstr(token), IC_VIEW_STR("{\"keys\":[]}"), &c, &why),
              IC_ERR_UNKNOWN_KEY);
    CHECK_ERR(icd_oidc_judge(&want, ic_view_cstr(token), IC_VIEW_STR("no json"), &c, &why),
              IC_ERR_UNKNOWN_KEY);
    struct issuer other;
    issuer_open(&other, "EC", "k");
    CHECK_ERR(icd_oidc_judge(&want, ic_view_cstr(token), ic_view_cstr(other.keys), &c, &why),
              IC_ERR_SIGNATURE);
    issuer_close(&other);
    free(token);
    /* {"alg":"none"}, {"alg":"HS256","kid":"x"} with the octets that everybody knows. */
    static const char *const forged[] = {"eyJhbGciOiJub25lIn0.e30.",
                                         "eyJhbGciOiJIUzI1NiIsImtpZCI6IngifQ.e30.AAAA",
                                         "e30.e30.AAAA",
                                         "..",
                                         "a.b.c",
                                         "eyJhbGciOiJFUzI1NiJ9.e30"};
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++)
        CHECK(icd_oidc_judge(&want, ic_view_cstr(forged[i]), ic_view_cstr(ec.keys), &c, &why) !=
              IC_OK);
    issuer_close(&ec);
    issuer_close(&rsa);
}

#define DOCUMENT(issuer, token, more)                                                              \
    "{\"issuer\":\"" issuer "\",\"authorization_endpoint\":\"https://login.example.org/a\","       \
    "\"token_endpoint\":\"" token "\",\"jwks_uri\":\"https://login.example.org/k\"" more "}"

TEST(oidc_discovery_is_of_this_issuer_over_https)
{
    struct icd_oidc_site s;
    const char *why;
    static const struct {
        const char *json;
        ic_err err;
    } cases[] = {
        {DOCUMENT(ISSUER, "https://login.example.org/t", ""), IC_OK},
        {DOCUMENT("https://evil.example", "https://login.example.org/t", ""), IC_ERR_RULE},
        {DOCUMENT(ISSUER, "http://login.example.org/t", ""), IC_ERR_RULE},
        {DOCUMENT(ISSUER, "http://localhost.evil.example/t", ""), IC_ERR_RULE},
        {DOCUMENT(ISSUER, "http://127.0.0.1@evil.example/t", ""), IC_ERR_RULE},
        {DOCUMENT(ISSUER, "http://127.0.0.1:80@evil.example/t", ""), IC_ERR_RULE},
        {DOCUMENT(ISSUER, "http://127.0.0.1:80/t", ""), IC_ERR_RULE},
        {DOCUMENT(ISSUER, "https://login.example.org/t",
                  ",\"userinfo_endpoint\":\"http://127.0.0.1/u\""),
         IC_ERR_RULE},
        {DOCUMENT(ISSUER, "https://login.example.org/t",
                  ",\"code_challenge_methods_supported\":[\"plain\"]"),
         IC_ERR_RULE},
        {DOCUMENT(ISSUER, "https://login.example.org/t",
                  ",\"response_types_supported\":[\"id_token\"]"),
         IC_ERR_RULE},
        {"{\"issuer\":\"" ISSUER "\"}", IC_ERR_MALFORMED},
        {"[]", IC_ERR_MALFORMED},
        {"", IC_ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_EQ_INT(icd_oidc_discovery(ISSUER, ic_view_cstr(cases[i].json), &s, &why),
                     cases[i].err);
    /* Of a provider on this machine they may be http. */
    CHECK_OK(icd_oidc_discovery(
        "http://127.0.0.1:81",
        ic_view_cstr(DOCUMENT("http://127.0.0.1:81", "http://127.0.0.1:81/t", "")), &s, &why));
    CHECK_ERR(icd_oidc_discovery(
                  "http://127.0.0.1:81",
                  ic_view_cstr(DOCUMENT("http://127.0.0.1:81", "http://login.example.org/t", "")),
                  &s, &why),
              IC_ERR_RULE);
}

#define NAMES ",\"authorization_response_iss_parameter_supported\":true"

TEST(oidc_answer_is_of_the_provider_that_was_asked)
{
    struct icd_oidc_site s;
    const char *why;
    CHECK_OK(icd_oidc_discovery(
        ISSUER, ic_view_cstr(DOCUMENT(ISSUER, "https://login.example.org/t", "")), &s, &why));
    CHECK_OK(icd_oidc_answers(&s, NULL, &why));
    CHECK_OK(icd_oidc_answers(&s, ISSUER, &why));
    CHECK_ERR(icd_oidc_answers(&s, "https://evil.example", &why), IC_ERR_DENIED);
    CHECK_ERR(icd_oidc_answers(&s, ISSUER "/", &why), IC_ERR_DENIED);
    CHECK_OK(icd_oidc_discovery(
        ISSUER, ic_view_cstr(DOCUMENT(ISSUER, "https://login.example.org/t", NAMES)), &s, &why));
    CHECK_ERR(icd_oidc_answers(&s, NULL, &why), IC_ERR_DENIED);
    CHECK_OK(icd_oidc_answers(&s, ISSUER, &why));
}

TEST(oidc_requests_carry_pkce_state_and_nonce)
{
    struct icd_oidc_site s;
    const char *why;
    IC_BUF_SCOPE(url, 2048);
    IC_BUF_SCOPE(form, 2048);
    IC_BUF_SCOPE(basic, 2048);
    CHECK_OK(icd_oidc_discovery(
        ISSUER, ic_view_cstr(DOCUMENT(ISSUER, "https://login.example.org/t", "")), &s, &why));
    /* RFC 7636 appendix B. */
    struct icd_oidc_begin b = {
        "a client", "https://x/signin", "st", "no", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        300};
    CHECK_OK(icd_oidc_url(&s, &b, &url));
    const char *text = (const char *)url.p;
    CHECK(strstr(text, "https://login.example.org/a?response_type=code&scope=openid") == text);
    CHECK(strstr(text, "&client_id=a%20client&redirect_uri=https%3A%2F%2Fx%2Fsignin&state=st"));
    CHECK(strstr(text, "&nonce=no&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    CHECK(strstr(text, "&code_challenge_method=S256&max_age=300"));
    struct icd_oidc_end e = {"a client", "s:cret", "https://x/signin", b.verifier,
                             IC_VIEW_STR("c&d")};
    CHECK_OK(icd_oidc_token_body(&s, &e, &form));
    CHECK_OK(icd_oidc_authorization(&s, &e, &basic));
    CHECK(strcmp((const char *)basic.p, "Basic YSUyMGNsaWVudDpzJTNBY3JldA==") == 0);
    CHECK_OK(ic_buf_append(&form, IC_VIEW_STR("\0")));
    CHECK(strstr((const char *)form.p, "grant_type=authorization_code&code=c%26d&"));
    CHECK(!strstr((const char *)form.p, "client_secret"));
}

TEST(oidc_userinfo_is_of_the_same_subject)
{
    struct icd_oidc_claims c = {.subject = "s-1"};
    const char *why;
    CHECK_ERR(icd_oidc_userinfo(IC_VIEW_STR("{\"sub\":\"s-2\",\"email\":\"ana@example.org\","
                                            "\"email_verified\":true}"),
                                &c, &why),
              IC_ERR_RULE);
    CHECK_ERR(icd_oidc_userinfo(IC_VIEW_STR("{\"email\":\"ana@example.org\"}"), &c, &why),
              IC_ERR_RULE);
    CHECK_ERR(icd_oidc_userinfo(IC_VIEW_STR("[]"), &c, &why), IC_ERR_MALFORMED);
    CHECK(c.email[0] == '\0' && !c.email_verified);
    CHECK_OK(icd_oidc_userinfo(IC_VIEW_STR("{\"sub\":\"s-1\",\"email\":\"ana@example.org\"}"), &c,
                               &why));
    CHECK(!c.email_verified);
    CHECK_OK(icd_oidc_userinfo(IC_VIEW_STR("{\"sub\":\"s-1\",\"email\":\"ana@example.org\","
                                           "\"email_verified\":true}"),
                               &c, &why));
    CHECK(c.email_verified);
}

TEST(oidc_access_token_goes_into_a_header_and_no_further)
{
    char access[ICD_OIDC_ACCESS_MAX + 1];
    const char *why;
    IC_BUF_SCOPE(token, ICD_OIDC_TOKEN_MAX);
    CHECK_OK(icd_oidc_answer(IC_VIEW_STR("{\"id_token\":\"x\",\"access_token\":\"a.b-c\"}"), &token,
                             access, &why));
    CHECK(strcmp(access, "a.b-c") == 0);
    CHECK_OK(icd_oidc_answer(IC_VIEW_STR("{\"id_token\":\"x\",\"access_token\":\"a\\r\\nX: y\"}"),
                             &token, access, &why));
    CHECK(access[0] == '\0');
    CHECK_OK(icd_oidc_answer(IC_VIEW_STR("{\"id_token\":\"x\"}"), &token, access, &why));
    CHECK(access[0] == '\0');
    CHECK_ERR(icd_oidc_answer(IC_VIEW_STR("{\"error\":\"access_denied\"}"), &token, access, &why),
              IC_ERR_DENIED);
}

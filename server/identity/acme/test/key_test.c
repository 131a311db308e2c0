#include "identity/acme/test/signer.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct icd_acme_problem problem;

static ic_err read_text(const char *text, struct icd_acme_key *out)
{
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    icd_acme_problem_clear(&problem);
    ic_err e = icd_acme_key_read(o, out, &problem);
    json_decref(o);
    return e;
}

static void refused(const char *text, enum icd_acme_error error)
{
    struct icd_acme_key key = {.value_len = 77};
    CHECK_ERR(read_text(text, &key), IC_ERR_RULE);
    CHECK_EQ_INT(problem.error, error);
    CHECK_EQ_INT(problem.status, 400);
    CHECK_EQ_INT(key.value_len, 77);
}

/* RFC 7638 section 3.1. */
TEST(acme_thumbprint_of_the_rfc)
{
    static const char jwk[] =
        "{\"kty\":\"RSA\",\"n\":"
        "\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
        "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
        "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
        "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\","
        "\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}";
    struct icd_acme_key key, again;
    CHECK_OK(read_text(jwk, &key));
    CHECK_EQ_INT(key.alg, ICD_ACME_RS256);
    CHECK(strcmp(key.thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs") == 0);
    CHECK_OK(icd_acme_key_load(ic_view_cstr(key.json), &again));
    CHECK(strcmp(key.json, again.json) == 0 && strcmp(key.thumbprint, again.thumbprint) == 0);
}

/* The point of RFC 7517 appendix A.1, with its members in another order. */
TEST(acme_key_has_one_text)
{
    static const char x[] = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                      y[] = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";
    char one[256], other[256];
    struct icd_acme_key a, b;
    snprintf(one, sizeof one, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}", x, y);
    snprintf(other, sizeof other,
             "{ \"use\":\"sig\", \"y\":\"%s\", \"x\":\"%s\",\"crv\":\"P-256\", \"kty\":\"EC\"}", y,
             x);
    CHECK_OK(read_text(one, &a));
    CHECK_OK(read_text(other, &b));
    CHECK(strcmp(a.json, b.json) == 0 && strcmp(a.thumbprint, b.thumbprint) == 0);
    CHECK_EQ_INT(a.alg, ICD_ACME_ES256);
    CHECK_EQ_INT(a.value_len, 65);
}

/* RFC 8555 section 8.1: zeros before a number make no other key. */
TEST(acme_key_ignores_zeros_before_a_number)
{
    struct icd_acme_key a, b;
    struct signer s = signer_rsa(2048);
    json_t *o = json_loads(s.json, 0, NULL);
    CHECK(o);
    CHECK_OK(icd_acme_key_read(o, &a, &problem));
    json_object_set_new(o, "e", json_string("AAEAAQ"));
    CHECK_OK(icd_acme_key_read(o, &b, &problem));
    CHECK(strcmp(a.thumbprint, b.thumbprint) == 0);
    json_decref(o);
    signer_free(&s);
}

TEST(acme_key_refusals)
{
    refused("[]", ICD_ACME_E_MALFORMED);
    refused("{}", ICD_ACME_E_MALFORMED);
    refused("{\"kty\":7}", ICD_ACME_E_MALFORMED);
    refused("{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}", ICD_ACME_E_BAD_PUBLIC_KEY);
    refused("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}", ICD_ACME_E_BAD_PUBLIC_KEY);
    refused("{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AA\",\"y\":\"AA\"}",
            ICD_ACME_E_BAD_PUBLIC_KEY);
    refused("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
            ICD_ACME_E_BAD_PUBLIC_KEY);
    /* a coordinate short of its leading zero; one with padding; one that is none */
    refused(
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D\","
        "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}",
        ICD_ACME_E_BAD_PUBLIC_KEY);
    refused(
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4=\","
        "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}",
        ICD_ACME_E_BAD_PUBLIC_KEY);
    refused("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":[1],\"y\":\"AA\"}", ICD_ACME_E_BAD_PUBLIC_KEY);
    refused("{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", ICD_ACME_E_BAD_PUBLIC_KEY);
    refused("{\"kty\":\"RSA\",\"e\":\"AQAB\"}", ICD_ACME_E_BAD_PUBLIC_KEY);
}

TEST(acme_key_of_rsa_has_a_size)
{
    struct icd_acme_key key;
    struct signer weak = signer_rsa(1024), good = signer_rsa(2048);
    CHECK_ERR(read_text(weak.json, &key), IC_ERR_RULE);
    CHECK_EQ_INT(problem.error, ICD_ACME_E_BAD_PUBLIC_KEY);
    CHECK(strstr(problem.detail, "2048"));
    CHECK_OK(read_text(good.json, &key));
    /* an exponent of 64 bits makes each signature dear; an even or trivial one is no key */
    json_t *o = json_loads(good.json, 0, NULL);
    static const char *const exponents[] = {"AQAAAAAAAAAB", "AQ", "Ag", "AA", ""};
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++) {
        json_object_set_new(o, "e", json_string(exponents[i]));
        CHECK_ERR(icd_acme_key_read(o, &key, &problem), IC_ERR_RULE);
        CHECK_EQ_INT(problem.error, ICD_ACME_E_BAD_PUBLIC_KEY);
    }
    json_decref(o);
    signer_free(&weak);
    signer_free(&good);
}

TEST(acme_key_that_holds_a_secret_is_refused)
{
    cjose_err err;
    struct signer s = signer_new(ICD_ACME_ES256);
    char *whole = cjose_jwk_to_json(s.jwk, true, &err);
    refused(whole, ICD_ACME_E_BAD_PUBLIC_KEY);
    free(whole);
    signer_free(&s);
}

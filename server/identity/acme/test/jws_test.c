#include "identity/acme/test/signer.h"

#include <ic/base/test.h>
#include <ic/base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char url[] = "https://id.example.org/acme/new-order";
static const char kid[] = "https://id.example.org/acme/acct/A";
static struct icd_acme_problem problem;

static ic_err open_it(const struct ic_buf *body, enum icd_acme_place place,
                      struct icd_acme_jws *jws)
{
    icd_acme_problem_clear(&problem);
    return icd_acme_jws_open(ic_buf_view(body), place, jws, &problem);
}

/* That opening fails so. */
static void refused(const struct ic_buf *body, enum icd_acme_error error)
{
    struct icd_acme_jws jws;
    CHECK_ERR(open_it(body, ICD_ACME_OUTER, &jws), IC_ERR_RULE);
    CHECK_EQ_INT(problem.error, error);
    CHECK(problem.detail[0] != 0);
}

static void text_refused(const char *text, enum icd_acme_error error)
{
    IC_BUF_SCOPE(body, ICD_ACME_BODY_MAX);
    CHECK_OK(ic_buf_append(&body, ic_view_cstr(text)));
    refused(&body, error);
}

static ic_err key_of(const struct signer *s, struct icd_acme_key *key)
{
    return icd_acme_key_load(ic_view_cstr(s->json), key);
}

static void good_with(enum icd_acme_alg alg, const char *payload)
{
    struct signer s = signer_new(alg);
    struct icd_acme_jws jws;
    struct icd_acme_key key;
    IC_BUF_SCOPE(body, ICD_ACME_BODY_MAX);
    CHECK_OK(key_of(&s, &key));
    signer_sign(&s, &(struct signed_request){.url = url, .nonce = "abc", .payload = payload},
                &body);
    CHECK_OK(open_it(&body, ICD_ACME_OUTER, &jws));
    CHECK(jws.kid == NULL && strcmp(jws.url, url) == 0 && strcmp(jws.nonce, "abc") == 0);
    CHECK(strcmp(jws.key.thumbprint, key.thumbprint) == 0);
    CHECK_BYTES(ic_buf_view(&jws.payload), ic_view_cstr(payload));
    CHECK_OK(icd_acme_jws_verify(&jws, &jws.key, &problem));
    icd_acme_jws_clear(&jws);
    signer_sign(
        &s, &(struct signed_request){.url = url, .nonce = "abc", .payload = payload, .kid = kid},
        &body);
    CHECK_OK(open_it(&body, ICD_ACME_OUTER, &jws));
    CHECK(strcmp(jws.kid, kid) == 0);
    CHECK_OK(icd_acme_jws_verify(&jws, &key, &problem));
    icd_acme_jws_clear(&jws);
    signer_free(&s);
}

TEST(acme_jws_of_each_algorithm)
{
    good_with(ICD_ACME_ES256, "{\"a\":1}");
    good_with(ICD_ACME_ES384, "{\"a\":1}");
    good_with(ICD_ACME_RS256, "{\"a\":1}");
    good_with(ICD_ACME_ES256, ""); /* POST-as-GET */
}

TEST(acme_jws_signature_by_another_key)
{
    struct signer s = signer_new(ICD_ACME_ES256), other = signer_new(ICD_ACME_ES256),
                  rsa = signer_new(ICD_ACME_RS256);
    struct icd_acme_jws jws;
    struct icd_acme_key key;
    IC_BUF_SCOPE(body, ICD_ACME_BODY_MAX);
    signer_sign(&s, &(struct signed_request){.url = url, .nonce = "a", .payload = "{}", .kid = kid},
                &body);
    CHECK_OK(open_it(&body, ICD_ACME_OUTER, &jws));
    CHECK_OK(key_of(&other, &key));
    CHECK_ERR(icd_acme_jws_verify(&jws, &key, &problem), IC_ERR_RULE);
    CHECK_EQ_INT(problem.error, ICD_ACME_E_MALFORMED);
    /* the algorithm is the key's, not the sender's to choose */
    CHECK_OK(key_of(&rsa, &key));
    CHECK_ERR(icd_acme_jws_verify(&jws, &key, &problem), IC_ERR_RULE);
    CHECK_EQ_INT(problem.error, ICD_ACME_E_BAD_PUBLIC_KEY);
    icd_acme_jws_clear(&jws);
    signer_free(&s);
    signer_free(&other);
    signer_free(&rsa);
}

/* One character of any of the three parts changed: refused when opened, or the signature does not hold. */
TEST(acme_jws_any_change_is_seen)
{
    struct signer s = signer_new(ICD_ACME_ES256);
    struct icd_acme_key key;
    IC_BUF_SCOPE(body, ICD_ACME_BODY_MAX);
    CHECK_OK(key_of(&s, &key));
    signer_sign(&s, &(struct signed_request){.url = url, .nonce = "a", .payload = "{}", .kid = kid},
                &body);
    for (size_t i = 0; i < body.len; i++) {
        struct icd_acme_jws jws;
        uint8_t was = body.p[i];
        body.p[i] = was == 'A' ? 'B' : 'A';
        if (open_it(&body, ICD_ACME_OUTER, &jws) == IC_OK) {
            CHECK_ERR(icd_acme_jws_verify(&jws, &key, &problem), IC_ERR_RULE);
            icd_acme_jws_clear(&jws);
        }
        body.p[i] = was;
    }
    signer_free(&s);
}

/* A header as JSON text with a payload and signature that look well. */
static void header_refused(const char *header, enum icd_acme_error error)
{
    char text[4096];
    IC_BUF_SCOPE(body, ICD_ACME_BODY_MAX);
    signer_base64(header, text);
    signer_envelope(text, "e30", "AAAA", &body);
    refused(&body, error);
}

TEST(acme_jws_algorithms_that_are_refused)
{
    static const char *const names[] = {"none",  "None",  "HS256", "HS384", "HS512", "ES512",
                                        "RS384", "PS256", "EdDSA", "dir",   ""};
    char header[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(header, sizeof header,
                 "{\"alg\":\"%s\",\"kid\":\"%s\",\"nonce\":\"a\",\"url\":\"%s\"}", names[i], kid,
                 url);
        header_refused(header, ICD_ACME_E_BAD_SIGNATURE_ALGORITHM);
    }
    header_refused("{\"kid\":\"a\",\"nonce\":\"a\",\"url\":\"u\"}",
                   ICD_ACME_E_BAD_SIGNATURE_ALGORITHM);
    header_refused("{\"alg\":[\"ES256\"],\"kid\":\"a\",\"nonce\":\"a\",\"url\":\"u\"}",
                   ICD_ACME_E_BAD_SIGNATURE_ALGORITHM);
    json_t *o = icd_acme_problem_json(&problem);
    CHECK_EQ_INT(json_array_size(json_object_get(o, "algorithms")), 3);
    json_decref(o);
}

/* An HMAC keyed with the public key's text: the old confusion. */
TEST(acme_jws_hmac_with_a_public_key_is_refused)
{
    cjose_err err;
    struct signer s = signer_new(ICD_ACME_RS256);
    struct icd_acme_key key;
    CHECK_OK(key_of(&s, &key));
    struct signer mac = {.alg = ICD_ACME_RS256, .json = s.json};
    mac.jwk = cjose_jwk_create_oct_spec((const uint8_t *)key.json, strlen(key.json), &err);
    IC_BUF_SCOPE(body, ICD_ACME_BODY_MAX);
    signer_sign(&mac,
                &(struct signed_request){
                    .url = url, .nonce = "a", .payload = "{}", .kid = kid, .alg = "HS256"},
                &body);
    CHECK(body.len > 0);
    refused(&body, ICD_ACME_E_BAD_SIGNATURE_ALGORITHM);
    cjose_jwk_release(mac.jwk);
    signer_free(&s);
}

TEST(acme_jws_headers_that_are_refused)
{
    header_refused("{\"alg\":\"ES256\",\"nonce\":\"a\",\"kid\":\"k\"}", ICD_ACME_E_MALFORMED);
    header_refused("{\"alg\":\"ES256\",\"nonce\":\"a\",\"kid\":\"k\",\"url\":7}",
                   ICD_ACME_E_MALFORMED);
    header_refused("{\"alg\":\"ES256\",\"nonce\":\"a\",\"url\":\"u\"}", ICD_ACME_E_MALFORMED);
    header_refused("{\"alg\":\"ES256\",\"nonce\":\"a\",\"url\":\"u\",\"kid\":\"k\",\"jwk\":{}}",
                   ICD_ACME_E_MALFORMED);
    header_refused("{\"alg\":\"ES256\",\"nonce\":\"a\",\"url\":\"u\",\"kid\":7}",
                   ICD_ACME_E_MALFORMED);
    header_refused("{\"alg\":\"ES256\",\"nonce\":\"a\",\"url\":\"u\",\"jwk\":null}",
                   ICD_ACME_E_MALFORMED);
    header_refused("{\"alg\":\"ES256\",\"url\":\"u\",\"kid\":\"k\"}", ICD_ACME_E_BAD_NONCE);
    header_refused("{\"alg\":\"ES256\",\"nonce\":\"\",\"url\":\"u\",\"kid\":\"k\"}",
                   ICD_ACME_E_MALFORMED);
    header_refused("{\"alg\":\"ES256\",\"nonce\":\"a+b\",\"url\":\"u\",\"kid\":\"k\"}",
                   ICD_ACME_E_MALFORMED);
    header_refused("{\"alg\":\"ES256\",\"nonce\":\"a=\",\"url\":\"u\",\"kid\":\"k\"}",
                   ICD_ACME_E_MALFORMED);
    header_refused("{\"alg\":\"ES256\",\"nonce\":1,\"url\":\"u\",\"kid\":\"k\"}",
                   ICD_ACME_E_MALFORMED);
    header_refused(
        "{\"alg\":\"ES256\",\"nonce\":\"a\",\"url\":\"u\",\"kid\":\"k\",\"crit\":[\"exp\"]}",
        ICD_ACME_E_MALFORMED);
    header_refused("{\"alg\":\"ES256\",\"nonce\":\"a\",\"url\":\"u\",\"kid\":\"k\",\"b64\":false}",
                   ICD_ACME_E_MALFORMED);
    header_refused(
        "{\"alg\":\"ES256\",\"alg\":\"ES256\",\"nonce\":\"a\",\"url\":\"u\",\"kid\":\"k\"}",
        ICD_ACME_E_MALFORMED);
    header_refused("[]", ICD_ACME_E_MALFORMED);
    header_refused("", ICD_ACME_E_MALFORMED);
}

TEST(acme_jws_envelopes_that_are_refused)
{
    text_refused("", ICD_ACME_E_MALFORMED);
    text_refused("[]", ICD_ACME_E_MALFORMED);
    text_refused("{}", ICD_ACME_E_MALFORMED);
    text_refused("e30.e30.AAAA", ICD_ACME_E_MALFORMED);
    text_refused("{\"protected\":\"e30\",\"payload\":\"e30\"}", ICD_ACME_E_MALFORMED);
    text_refused("{\"protected\":\"e30\",\"signature\":\"AAAA\"}", ICD_ACME_E_MALFORMED);
    text_refused("{\"protected\":\"e30\",\"payload\":null,\"signature\":\"AAAA\"}",
                 ICD_ACME_E_MALFORMED);
    text_refused(
        "{\"payload\":\"e30\",\"signatures\":[{\"protected\":\"e30\",\"signature\":\"AA\"}]}",
        ICD_ACME_E_MALFORMED);
    text_refused("{\"protected\":\"e30\",\"payload\":\"e30\",\"signature\":\"AAAA\",\"header\":{}}",
                 ICD_ACME_E_MALFORMED);
    text_refused("{\"protected\":\"e30\",\"payload\":\"e30\",\"signature\":\"AAAA\",\"more\":1}",
                 ICD_ACME_E_MALFORMED);
    text_refused(
        "{\"protected\":\"e30\",\"payload\":\"e30\",\"payload\":\"\",\"signature\":\"AAAA\"}",
        ICD_ACME_E_MALFORMED);
    text_refused("{\"protected\":\"e30=\",\"payload\":\"e30\",\"signature\":\"AAAA\"}",
                 ICD_ACME_E_MALFORMED);
    text_refused("{\"protected\":\"e30\",\"payload\":\"e30=\",\"signature\":\"AAAA\"}",
                 ICD_ACME_E_MALFORMED);
    text_refused("{\"protected\":\"e30\",\"payload\":\"e30\",\"signature\":\"AAA=\"}",
                 ICD_ACME_E_MALFORMED);
    text_refused("{\"protected\":\"e30\",\"payload\":\"e3+\",\"signature\":\"AAAA\"}",
                 ICD_ACME_E_MALFORMED);
    text_refused("{\"protected\":\"e30\",\"payload\":\"e30\",\"signature\":\"A\"}",
                 ICD_ACME_E_MALFORMED);
}

TEST(acme_jws_has_an_end)
{
    struct icd_acme_jws jws;
    IC_BUF_SCOPE(body, ICD_ACME_BODY_MAX + 16);
    uint8_t *p;
    CHECK_OK(ic_buf_extend(&body, ICD_ACME_BODY_MAX + 1, &p));
    memset(p, ' ', ICD_ACME_BODY_MAX + 1);
    CHECK_ERR(open_it(&body, ICD_ACME_OUTER, &jws), IC_ERR_RULE);
    CHECK_EQ_INT(problem.status, 413);
}

/* RFC 8555 section 7.3.5: a jwk, and no nonce. */
TEST(acme_jws_inner)
{
    struct signer s = signer_new(ICD_ACME_ES256);
    struct icd_acme_jws jws;
    IC_BUF_SCOPE(body, ICD_ACME_BODY_MAX);
    signer_sign(&s, &(struct signed_request){.url = url, .payload = "{}"}, &body);
    CHECK_OK(open_it(&body, ICD_ACME_INNER, &jws));
    CHECK_OK(icd_acme_jws_verify(&jws, &jws.key, &problem));
    icd_acme_jws_clear(&jws);
    signer_sign(&s, &(struct signed_request){.url = url, .nonce = "a", .payload = "{}"}, &body);
    CHECK_ERR(open_it(&body, ICD_ACME_INNER, &jws), IC_ERR_RULE);
    CHECK_EQ_INT(problem.error, ICD_ACME_E_MALFORMED);
    signer_free(&s);
}

static ic_err open_and_verify(void *ctx)
{
    const struct ic_buf *body = ctx;
    struct icd_acme_problem p = {0};
    struct icd_acme_jws jws;
    ic_err e = icd_acme_jws_open(ic_buf_view(body), ICD_ACME_OUTER, &jws, &p);
    if (e == IC_OK)
        icd_acme_jws_clear(&jws);
    /* without memory, a part that cannot be decoded is told as one that is too long */
    return e == IC_ERR_RULE ? IC_ERR_NOMEM : e;
}

TEST(acme_jws_without_memory)
{
    struct signer s = signer_new(ICD_ACME_ES256);
    IC_BUF_SCOPE(body, ICD_ACME_BODY_MAX);
    signer_sign(&s, &(struct signed_request){.url = url, .nonce = "a", .payload = "{}", .kid = kid},
                &body);
    CHECK(ic_test_each_alloc_fails(open_and_verify, &body) > 0);
    signer_free(&s);
}

/* Passkeys, by authenticators that are right and wrong. */
#include "identity/accounts/test/authenticator.h"
#include "identity/accounts/webauthn.h"
#include "identity/accounts/webauthn_data.h"

#include <ic/base/test.h>
#include <stdlib.h>
#include <string.h>

static const char *const origins[] = {"https://id.example.org"};
static const struct icd_webauthn_site site = {"id.example.org", origins, 1};
static const char challenge[] = "Y2hhbGxlbmdlIG9mIHRoZSB0ZXN0";

static void start(struct authenticator *a, enum authenticator_kind kind)
{
    authenticator_open(a, kind, "id.example.org", "https://id.example.org");
}

static ic_err make(struct authenticator *a, struct icd_webauthn_key *key)
{
    struct icd_webauthn_sent s;
    const char *why = NULL;
    char *json = authenticator_make(a, challenge);
    ic_err e = icd_webauthn_made_parse(ic_view_cstr(json), &s);
    free(json);
    IC_TRY(e);
    e = strcmp(s.challenge, challenge) == 0 ? icd_webauthn_made_verify(&site, &s, key, &why)
                                            : IC_ERR_STATE;
    icd_webauthn_sent_clear(&s);
    return e;
}

static ic_err login(struct authenticator *a, struct icd_webauthn_key *key)
{
    struct icd_webauthn_sent s;
    const char *why = NULL;
    char *json = authenticator_login(a, challenge);
    ic_err e = icd_webauthn_login_parse(ic_view_cstr(json), &s);
    free(json);
    IC_TRY(e);
    e = icd_webauthn_login_verify(&site, &s, key, &key->counter, &why);
    icd_webauthn_sent_clear(&s);
    return e;
}

TEST(webauthn_takes_each_algorithm)
{
    for (int kind = AUTHENTICATOR_ES256; kind <= AUTHENTICATOR_RS256; kind++) {
        static const int cose[] = {-7, -8, -257};
        struct authenticator a;
        struct icd_webauthn_key key;
        start(&a, (enum authenticator_kind)kind);
        CHECK_OK(make(&a, &key));
        CHECK_EQ_INT(key.algorithm, cose[kind]);
        CHECK_OK(login(&a, &key));
        a.spoil_signature = true;
        CHECK_ERR(login(&a, &key), IC_ERR_SIGNATURE);
        authenticator_close(&a);
    }
}

TEST(webauthn_refuses_another_page_site_or_question)
{
    struct authenticator a;
    struct icd_webauthn_key key, other;
    start(&a, AUTHENTICATOR_ES256);
    CHECK_OK(make(&a, &key));
    a.origin = "https://id.example.org.evil.example";
    CHECK_ERR(login(&a, &key), IC_ERR_RULE);
    CHECK_ERR(make(&a, &other), IC_ERR_RULE);
    a.origin = "http://id.example.org";
    CHECK_ERR(login(&a, &key), IC_ERR_RULE);
    a.origin = "https://id.example.org";
    a.rp_id = "example.org";
    CHECK_ERR(login(&a, &key), IC_ERR_RULE);
    CHECK_ERR(make(&a, &other), IC_ERR_RULE);
    a.rp_id = "id.example.org";
    a.type = "webauthn.create";
    CHECK_ERR(login(&a, &key), IC_ERR_RULE);
    a.type = "webauthn.get";
    CHECK_ERR(make(&a, &other), IC_ERR_RULE);
    a.type = NULL;
    a.cross_origin = true;
    CHECK_ERR(login(&a, &key), IC_ERR_RULE);
    a.cross_origin = false;
    CHECK_OK(login(&a, &key));
    authenticator_close(&a);
}

TEST(webauthn_insists_on_a_verified_person)
{
    static const uint8_t flags[] = {0x00, 0x01, 0x04, 0x15};
    struct authenticator a;
    struct icd_webauthn_key key, other;
    start(&a, AUTHENTICATOR_ES256);
    CHECK_OK(make(&a, &key));
    for (size_t i = 0; i < sizeof flags; i++) {
        a.flags = flags[i];
        CHECK_ERR(login(&a, &key), IC_ERR_RULE);
        CHECK_ERR(make(&a, &other), IC_ERR_RULE);
    }
    a.flags = 0x1d; /* backed up, and may be */
    CHECK_OK(login(&a, &key));
    authenticator_close(&a);
}

TEST(webauthn_finds_a_copied_authenticator_by_its_counter)
{
    struct authenticator a;
    struct icd_webauthn_key key;
    start(&a, AUTHENTICATOR_ES256);
    a.counter = 10;
    CHECK_OK(make(&a, &key));
    CHECK_EQ_INT(key.counter, 10);
    CHECK_OK(login(&a, &key));
    CHECK_EQ_INT(key.counter, 11);
    a.counter = 10;
    CHECK_ERR(login(&a, &key), IC_ERR_REPLAY);
    a.counter = 0;
    CHECK_ERR(login(&a, &key), IC_ERR_REPLAY);
    CHECK_EQ_INT(key.counter, 11);
    authenticator_close(&a);
}

TEST(webauthn_key_of_another_does_not_verify)
{
    struct authenticator a, b;
    struct icd_webauthn_key of_a, of_b;
    start(&a, AUTHENTICATOR_ES256);
    start(&b, AUTHENTICATOR_EDDSA);
    CHECK_OK(make(&a, &of_a));
    CHECK_OK(make(&b, &of_b));
    CHECK_ERR(login(&a, &of_b), IC_ERR_SIGNATURE);
    CHECK_ERR(login(&b, &of_a), IC_ERR_SIGNATURE);
    of_a.algorithm = -257;
    CHECK_ERR(login(&a, &of_a), IC_ERR_SIGNATURE);
    of_a.algorithm = 0;
    CHECK_ERR(login(&a, &of_a), IC_ERR_SIGNATURE);
    authenticator_close(&a);
    authenticator_close(&b);
}

TEST(webauthn_refuses_what_is_not_json_of_a_credential)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"id\":\"AA\",\"type\":\"public-key\"}",
        "{\"id\":\"AA\",\"type\":\"password\",\"response\":{}}",
        "{\"id\":\"A\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"e30\","
        "\"authenticatorData\":\"AA\",\"signature\":\"AA\"}}",
        "{\"id\":\"AA\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"e30\","
        "\"authenticatorData\":\"AA\",\"signature\":\"AA\"}}",
        "{\"id\":\"AA\",\"id\":\"AA\",\"type\":\"public-key\"}",
    };
    struct icd_webauthn_sent s;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_ERR(icd_webauthn_login_parse(ic_view_cstr(bad[i]), &s), IC_ERR_MALFORMED);
        CHECK_ERR(icd_webauthn_made_parse(ic_view_cstr(bad[i]), &s), IC_ERR_MALFORMED);
    }
}

/* Every truncation of what an authenticator says is refused. */
TEST(webauthn_refuses_data_that_are_cut)
{
    struct authenticator a;
    struct icd_webauthn_key key;
    struct icd_webauthn_sent s;
    const char *why;
    start(&a, AUTHENTICATOR_ES256);
    char *json = authenticator_make(&a, challenge);
    CHECK_OK(icd_webauthn_made_parse(ic_view_cstr(json), &s));
    CHECK_OK(icd_webauthn_made_verify(&site, &s, &key, &why));
    while (s.data.len > 1) {
        s.data.len--;
        CHECK(icd_webauthn_made_verify(&site, &s, &key, &why) != IC_OK);
    }
    icd_webauthn_sent_clear(&s);
    free(json);
    authenticator_close(&a);
}

/* What claims more than there is never reaches a library that would reserve room for it. */
TEST(webauthn_refuses_lengths_that_are_not_there)
{
    static const char *const items[] = {
        "\xdb\xba\xba\xba\xba\xba\xba\xba\xba", /* a tag of nothing */
        "\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", /* 2^63 - 1 elements */
        "\xbb\x7f\xff\xff\xff\xff\xff\xff\xff",
        "\x5a\xff\xff\xff\xff",
        "\x9f\x01\xff", /* without a length */
        "\x82\x01",
        "\xa1\x01",
        "\x81\x81\x81\x81",
        "\x01\x02", /* two */
    };
    uint8_t data[64] = {[32] = 0x85};
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        size_t n = strlen(items[i]);
        memcpy(data + 37, items[i], n);
        CHECK(!icd_webauthn_data_fit(ic_view(data, 37 + n)));
    }
    memcpy(data + 37, "\xa1\x61x\x82\x01\xf5", 6);
    CHECK(icd_webauthn_data_fit(ic_view(data, 43)));
    CHECK(!icd_webauthn_data_fit(ic_view(data, 36)));
    memset(data + 37, 0x81, 27);
    CHECK(!icd_webauthn_data_fit(IC_VIEW_ARRAY(data)));
}

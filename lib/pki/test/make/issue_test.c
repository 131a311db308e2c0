/* Certificates that we make: what they hold, that we and OpenSSL take them, and what is not made. */
#include <ic/base/mem.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "ca.h"

static const enum ic_sig_id algorithms[] = {IC_ECDSA_P256_SHA256, IC_ECDSA_P384_SHA384,
                                            IC_ECDSA_P521_SHA512, IC_ED25519, IC_ED448};

static ic_err judge(const struct ca *ca, struct ic_view leaf, const struct maker_key *key,
                    uint16_t purposes, struct ic_pki_fault *fault)
{
    struct ic_pki_store *s;
    struct ic_pki_chain chain;
    struct ic_pki_verdict v;
    struct ic_view certs[] = {leaf, ca->root_der};
    struct ic_pki_want want = {maker_public(key), NULL, 0};
    IC_BUF_SCOPE(bytes, 65536);
    IC_TRY(ic_pki_chain_encode(certs, 2, &bytes));
    IC_TRY(ic_pki_chain_decode(ic_buf_view(&bytes), 0, &chain, fault));
    IC_TRY(ic_pki_store_new(
        &(struct ic_pki_policy){.purposes = purposes, .need_purpose = true, .no_cache = true}, &s));
    ic_err e = ic_pki_store_add_root(s, ca->root_der, fault);
    if (e == IC_OK)
        e = ic_pki_validate(s, &chain, &want, MAKER_NOW, &v, fault);
    ic_pki_store_free(s);
    return e;
}

static X509 *read_cert(struct ic_view der)
{
    const unsigned char *p = der.p;
    return d2i_X509(NULL, &p, (long)der.len);
}

/* purpose: X509_PURPOSE_SSL_CLIENT or _SERVER. */
static int openssl_error(const struct ca *ca, struct ic_view leaf, int purpose)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509 *root = read_cert(ca->root_der), *x = read_cert(leaf);
    X509_STORE_add_cert(store, root);
    X509_STORE_CTX_init(ctx, store, x, NULL);
    X509_STORE_CTX_set_time(ctx, 0, MAKER_NOW);
    X509_STORE_CTX_set_purpose(ctx, purpose);
    X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
    int error = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
    X509_free(x);
    X509_free(root);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return error;
}

TEST(what_is_issued_is_accepted)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(algorithms); i++) {
        CA_SCOPE(ca, 10 + i, algorithms[i]);
        struct ic_pki_fault fault = {0};
        CHECK_OK(judge(&ca, ca.ana_der, ca.ana_key, 0, &fault));
        CHECK_EQ_INT(openssl_error(&ca, ca.ana_der, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
        CHECK_EQ_INT(openssl_error(&ca, ca.ana_der, X509_PURPOSE_SSL_SERVER),
                     X509_V_ERR_INVALID_PURPOSE);
    }
}

TEST(person_has_what_the_profile_says)
{
    CA_SCOPE(ca, 20, IC_ECDSA_P256_SHA256);
    char text[64];
    const struct ic_pki_cert *c = &ca.ana;
    ic_pki_name_text(c->subject, text, sizeof text);
    CHECK(strcmp(text, "O=Ring, CN=Ana Müller") == 0);
    CHECK(!c->is_ca && c->has_key_usage && c->key_usage == IC_PKI_DIGITAL_SIGNATURE);
    CHECK_EQ_INT(c->purposes, IC_PKI_FOR_CLIENT_AUTH | IC_PKI_FOR_IM_URI);
    CHECK_HEX(c->serial, "12345678");
    CHECK_EQ_INT(c->not_before, MAKER_NOW - 60);
    CHECK_EQ_INT(c->not_after, MAKER_NOW + 7 * 86400);
    CHECK_BYTES(c->authority_key_id, ca.root.key_id);
    CHECK(ca.root.is_ca && ca.root.path_len == 0);
    CHECK_EQ_INT(ca.root.key_usage, IC_PKI_KEY_CERT_SIGN | IC_PKI_CRL_SIGN);
    X509 *x = read_cert(ca.ana_der);
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
    CHECK_EQ_INT(sk_DIST_POINT_num(points), 1);
    STACK_OF(OPENSSL_STRING) *ocsp = X509_get1_ocsp(x);
    CHECK(strcmp(sk_OPENSSL_STRING_value(ocsp, 0), "http://ca.ring.example/pki/ocsp") == 0);
    X509_email_free(ocsp);
    CRL_DIST_POINTS_free(points);
    X509_free(x);
}

TEST(device_serves_as_server_too)
{
    CA_SCOPE(ca, 21, IC_ECDSA_P256_SHA256);
    static const struct ic_pki_name dns = {IC_PKI_NAME_DNS, IC_VIEW_INIT("room.ring.example")};
    struct ic_pki_issue i = ca_plan(&ca, ca.ana_key);
    struct ic_pki_cert c;
    i.profile = IC_PKI_DEVICE;
    i.subject = (struct ic_pki_subject){.common_name = dns.value};
    i.names = &dns;
    i.name_count = 1;
    struct ic_view der = ca_issue(&ca, &i);
    CHECK_OK(ic_pki_cert_decode(der, &c, NULL));
    CHECK_EQ_INT(c.purposes, IC_PKI_FOR_SERVER_AUTH | IC_PKI_FOR_CLIENT_AUTH | IC_PKI_FOR_IM_URI);
    CHECK_EQ_INT(openssl_error(&ca, der, X509_PURPOSE_SSL_SERVER), X509_V_OK);
    /* RFC 5280 section 4.2.1.6: without a subject the names are critical. */
    i.subject = (struct ic_pki_subject){0};
    CHECK_EQ_INT(openssl_error(&ca, ca_issue(&ca, &i), X509_PURPOSE_SSL_SERVER), X509_V_OK);
}

/* A certificate of the wrong kind: a person's is none for a server, and the other way round. */
TEST(wrong_purpose_is_refused)
{
    CA_SCOPE(ca, 22, IC_ECDSA_P256_SHA256);
    struct ic_pki_fault fault;
    CHECK_ERR(judge(&ca, ca.ana_der, ca.ana_key, IC_PKI_FOR_SERVER_AUTH, &fault), IC_ERR_DENIED);
    CHECK_EQ_INT(fault.reason, IC_PKI_PURPOSE);
}

TEST(root_with_constraints_bounds_what_it_may_issue)
{
    CA_SCOPE(ca, 23, IC_ECDSA_P256_SHA256);
    static const struct ic_pki_name permitted[] = {
        {IC_PKI_NAME_EMAIL, IC_VIEW_INIT("ring.example")},
        {IC_PKI_NAME_URI, IC_VIEW_INIT("ring.example")},
        {IC_PKI_NAME_DNS, IC_VIEW_INIT("ring.example")},
    };
    static const struct ic_pki_name foreign = {IC_PKI_NAME_EMAIL,
                                               IC_VIEW_INIT("eve@elsewhere.example")};
    struct ic_pki_issue root = {.profile = IC_PKI_ROOT,
                                .serial = IC_VIEW_STR("\x05"),
                                .subject = {.common_name = IC_VIEW_STR("Bounded")},
                                .permitted = permitted,
                                .permitted_count = 3,
                                .not_before = MAKER_NOW - 60,
                                .not_after = MAKER_NOW + 86400};
    struct ic_pki_fault fault;
    ca.root_der = ca_issue(&ca, &root);
    CHECK_OK(ic_pki_cert_decode(ca.root_der, &ca.root, NULL));
    struct ic_pki_issue i = ca_plan(&ca, ca.ana_key);
    struct ic_view good = ca_issue(&ca, &i);
    CHECK_OK(judge(&ca, good, ca.ana_key, 0, &fault));
    /* OpenSSL compares URIs with "//" alone, and says so. */
    CHECK_EQ_INT(openssl_error(&ca, good, X509_PURPOSE_SSL_CLIENT),
                 X509_V_ERR_UNSUPPORTED_NAME_SYNTAX);
    i.names = &foreign;
    i.name_count = 1;
    struct ic_view bad = ca_issue(&ca, &i);
    CHECK_ERR(judge(&ca, bad, ca.ana_key, 0, &fault), IC_ERR_DENIED);
    CHECK_EQ_INT(fault.reason, IC_PKI_NAME_CONSTRAINT);
    CHECK_EQ_INT(openssl_error(&ca, bad, X509_PURPOSE_SSL_CLIENT), X509_V_ERR_PERMITTED_VIOLATION);
}

static ic_err try_issue(const struct ic_pki_issue *i, const struct ic_pki_cert *issuer,
                        const struct maker_key *signer)
{
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    ic_err e = ic_pki_issue(i, issuer, signer->key, &der);
    if (e != IC_OK && der.len > 0)
        ic_test_fail(__FILE__, __LINE__, "%zu bytes in spite of %s", der.len, ic_err_name(e));
    return e;
}

TEST(what_must_not_be_issued_is_not)
{
    CA_SCOPE(ca, 24, IC_ECDSA_P256_SHA256);
    const struct ic_pki_issue good = ca_plan(&ca, ca.ana_key);
    struct ic_pki_issue i = good;
    CHECK_OK(try_issue(&i, &ca.root, ca.key));
    CHECK_ERR(try_issue(&i, &ca.root, ca.ana_key), IC_ERR_KEY); /* another's key */
    CHECK_ERR(try_issue(&i, &ca.ana, ca.ana_key), IC_ERR_DENIED);
    CHECK_ERR(try_issue(&i, NULL, ca.key), IC_ERR_ARG);
    i.key_info = IC_VIEW_STR("\x30\x00");
    CHECK_ERR(try_issue(&i, &ca.root, ca.key), IC_ERR_KEY);
    i = good;
    i.serial = IC_VIEW_STR("\x80");
    CHECK_ERR(try_issue(&i, &ca.root, ca.key), IC_ERR_ARG);
    i.serial = ic_view(NULL, 0);
    CHECK_ERR(try_issue(&i, &ca.root, ca.key), IC_ERR_ARG);
    i = good;
    i.not_after = i.not_before - 1;
    CHECK_ERR(try_issue(&i, &ca.root, ca.key), IC_ERR_ARG);
    i = good;
    i.subject.common_name = IC_VIEW_STR("Ana\x1b[2J");
    CHECK_ERR(try_issue(&i, &ca.root, ca.key), IC_ERR_ARG);
    i = good;
    i.subject = (struct ic_pki_subject){0};
    i.name_count = 0; /* of nobody */
    CHECK_ERR(try_issue(&i, &ca.root, ca.key), IC_ERR_ARG);
    i = good;
    i.crl_url = "no url";
    CHECK_ERR(try_issue(&i, &ca.root, ca.key), IC_ERR_ARG);
}

TEST(times_beyond_2049_are_written_as_rfc_5280_says)
{
    CA_SCOPE(ca, 25, IC_ED25519);
    struct ic_pki_issue i = ca_plan(&ca, ca.ana_key);
    struct ic_pki_cert c;
    const int64_t edges[] = {2524607999, 2524608000, 253402300799};
    for (size_t n = 0; n < 3; n++) {
        i.not_after = edges[n];
        struct ic_view der = ca_issue(&ca, &i);
        CHECK_OK(ic_pki_cert_decode(der, &c, NULL));
        CHECK_EQ_INT(c.not_after, edges[n]);
        X509 *x = read_cert(der);
        CHECK_EQ_INT(X509_get0_notAfter(x)->type, n == 0 ? V_ASN1_UTCTIME : V_ASN1_GENERALIZEDTIME);
        X509_free(x);
    }
    i.not_after = edges[2] + 1;
    CHECK_ERR(try_issue(&i, &ca.root, ca.key), IC_ERR_ARG);
}

struct job {
    struct ca *ca;
    struct ic_pki_issue what;
};

static ic_err issue_and_drop(void *ctx)
{
    struct job *j = ctx;
    return try_issue(&j->what, &j->ca->root, j->ca->key);
}

TEST(every_allocation_of_issuing_may_fail)
{
    CA_SCOPE(ca, 26, IC_ED25519);
    struct job j = {&ca, ca_plan(&ca, ca.ana_key)};
    CHECK(ic_test_each_alloc_fails(issue_and_drop, &j) >= 2);
}

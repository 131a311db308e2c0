/* Requests: made here and read by OpenSSL, made by it and read here, and bad ones. */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "ca.h"

static const enum ic_sig_id algorithms[] = {IC_ECDSA_P256_SHA256, IC_ECDSA_P384_SHA384,
                                            IC_ECDSA_P521_SHA512, IC_ED25519, IC_ED448};

static const struct ic_pki_name ana_names[] = {
    {IC_PKI_NAME_EMAIL, IC_VIEW_INIT("ana@ring.example")},
    {IC_PKI_NAME_DNS, IC_VIEW_INIT("ana.ring.example")},
};

static ic_err make(struct maker *m, const struct maker_key *key, struct ic_view *out)
{
    struct ic_pki_csr_spec spec = {{IC_VIEW_STR("Ring"), IC_VIEW_STR("Ana")}, ana_names, 2};
    IC_BUF_SCOPE(der, IC_PKI_CSR_MAX);
    IC_TRY(ic_pki_csr_make(&spec, key->key, &der));
    *out = maker_copy(m, ic_buf_view(&der));
    return IC_OK;
}

TEST(request_is_read_as_it_was_made)
{
    MAKER_SCOPE(m, 1);
    for (size_t i = 0; i < 5; i++) {
        struct maker_key *key = maker_key(&m, algorithms[i]);
        struct ic_view der;
        struct ic_pki_csr csr;
        struct ic_pki_name name;
        char text[64];
        CHECK_OK(make(&m, key, &der));
        CHECK_OK(ic_pki_csr_decode(der, &csr, NULL));
        CHECK_BYTES(csr.key, maker_public(key));
        CHECK_EQ_INT(csr.key_sig, algorithms[i]);
        CHECK(!csr.wants_ca);
        ic_pki_name_text(csr.subject, text, sizeof text);
        CHECK(strcmp(text, "O=Ring, CN=Ana") == 0);
        struct ic_reader r = ic_reader(csr.names);
        for (size_t n = 0; n < 2; n++) {
            CHECK(ic_pki_names_next(&r, &name));
            CHECK_EQ_INT(name.kind, ana_names[n].kind);
            CHECK_BYTES(name.value, ana_names[n].value);
        }
        CHECK(!ic_pki_names_next(&r, &name));
    }
}

TEST(openssl_takes_our_requests)
{
    MAKER_SCOPE(m, 2);
    for (size_t i = 0; i < 5; i++) {
        struct ic_view der;
        CHECK_OK(make(&m, maker_key(&m, algorithms[i]), &der));
        const unsigned char *p = der.p;
        X509_REQ *req = d2i_X509_REQ(NULL, &p, (long)der.len);
        CHECK(req && p == der.p + der.len);
        CHECK_EQ_INT(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)), 1);
        STACK_OF(X509_EXTENSION) *list = X509_REQ_get_extensions(req);
        CHECK_EQ_INT(sk_X509_EXTENSION_num(list), 1);
        sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
        X509_REQ_free(req);
    }
}

TEST(request_may_have_no_names)
{
    MAKER_SCOPE(m, 3);
    struct ic_pki_csr csr;
    IC_BUF_SCOPE(der, IC_PKI_CSR_MAX);
    struct ic_pki_csr_spec spec = {0};
    CHECK_OK(ic_pki_csr_make(&spec, maker_key(&m, IC_ED25519)->key, &der));
    CHECK_OK(ic_pki_csr_decode(ic_buf_view(&der), &csr, NULL));
    CHECK(csr.names.len == 0 && csr.subject.len == 2);
}

TEST(request_with_bad_names_is_not_made)
{
    MAKER_SCOPE(m, 4);
    static const struct ic_pki_name bad = {IC_PKI_NAME_EMAIL, IC_VIEW_INIT("no mailbox")};
    char longest[IC_PKI_TEXT_MAX + 1];
    memset(longest, 'a', sizeof longest);
    const struct ic_pki_csr_spec specs[] = {
        {.names = &bad, .name_count = 1},
        {.subject = {.common_name = IC_VIEW_STR("a\nb")}},
        {.subject = {.common_name = IC_VIEW_STR("\xff")}},
        {.subject = {.organisation = ic_view(longest, sizeof longest)}},
    };
    struct maker_key *key = maker_key(&m, IC_ED25519);
    for (size_t i = 0; i < 4; i++) {
        IC_BUF_SCOPE(der, IC_PKI_CSR_MAX);
        CHECK_ERR(ic_pki_csr_make(&specs[i], key->key, &der), IC_ERR_ARG);
        CHECK_EQ_INT(der.len, 0);
    }
}

static ic_err decode(struct ic_view der, void *ctx)
{
    struct ic_pki_csr csr;
    struct ic_pki_fault fault = {.reason = IC_PKI_NONE};
    (void)ctx;
    ic_err e = ic_pki_csr_decode(der, &csr, &fault);
    if (e != IC_OK && (e != ic_pki_reason_err(fault.reason) || fault.index != IC_PKI_REQUEST_INDEX))
        ic_test_fail(__FILE__, __LINE__, "%s with %s", ic_err_name(e), fault.text);
    return e;
}

TEST(spoilt_requests_are_refused)
{
    MAKER_SCOPE(m, 5);
    struct ic_view der;
    CHECK_OK(make(&m, maker_key(&m, IC_ECDSA_P256_SHA256), &der));
    ca_hostile(der, decode, NULL);
}

/* ---- made by OpenSSL ---- */

static struct ic_view by_openssl(struct maker *m, EVP_PKEY *key, const EVP_MD *md,
                                 const char *const *extensions, size_t n)
{
    X509_REQ *req = X509_REQ_new();
    STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
    unsigned char *der = NULL;
    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN", MBSTRING_UTF8,
                               (const unsigned char *)"door.ring.example", -1, -1, 0);
    X509_REQ_set_pubkey(req, key);
    for (size_t i = 0; i < n; i++)
        sk_X509_EXTENSION_push(
            list, X509V3_EXT_conf(NULL, NULL, extensions[2 * i], extensions[2 * i + 1]));
    X509_REQ_add_extensions(req, list);
    X509_REQ_add1_attr_by_txt(req, "challengePassword", MBSTRING_UTF8,
                              (const unsigned char *)"1234", -1);
    if (X509_REQ_sign(req, key, md) <= 0)
        abort();
    int len = i2d_X509_REQ(req, &der);
    struct ic_view copy = maker_copy(m, ic_view(der, (size_t)len));
    OPENSSL_free(der);
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
    X509_REQ_free(req);
    return copy;
}

TEST(requests_of_openssl_are_read)
{
    MAKER_SCOPE(m, 6);
    static const char *const names[] = {"subjectAltName", "DNS:door.ring.example", "keyUsage",
                                        "digitalSignature"};
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_RSA_gen(2048)};
    for (size_t i = 0; i < 2; i++) {
        struct ic_pki_csr csr;
        struct ic_pki_name name;
        struct ic_view der = by_openssl(&m, keys[i], EVP_sha256(), names, 2);
        CHECK_OK(ic_pki_csr_decode(der, &csr, NULL));
        struct ic_reader r = ic_reader(csr.names);
        CHECK(ic_pki_names_next(&r, &name));
        CHECK_BYTES(name.value, IC_VIEW_STR("door.ring.example"));
        CHECK_EQ_INT(csr.key_kind, i == 0 ? IC_PKI_KEY_ECDSA : IC_PKI_KEY_RSA);
        EVP_PKEY_free(keys[i]);
    }
}

TEST(weak_keys_and_wishes_are_seen)
{
    MAKER_SCOPE(m, 7);
    static const char *const ca[] = {"basicConstraints", "critical,CA:TRUE"};
    static const char *const twice[] = {"subjectAltName", "DNS:a.example", "subjectAltName",
                                        "DNS:b.example"};
    EVP_PKEY *weak = EVP_RSA_gen(1024), *good = EVP_EC_gen("P-256");
    struct ic_pki_csr csr;
    struct ic_pki_fault fault;
    CHECK_ERR(ic_pki_csr_decode(by_openssl(&m, weak, EVP_sha256(), ca, 0), &csr, &fault),
              IC_ERR_KEY);
    CHECK_EQ_INT(fault.reason, IC_PKI_KEY_WEAK);
    CHECK(strncmp(fault.text, "the request: ", 13) == 0);
    CHECK_OK(ic_pki_csr_decode(by_openssl(&m, good, EVP_sha256(), ca, 1), &csr, &fault));
    CHECK(csr.wants_ca);
    CHECK_ERR(ic_pki_csr_decode(by_openssl(&m, good, EVP_sha256(), twice, 2), &csr, &fault),
              IC_ERR_MALFORMED);
    CHECK_EQ_INT(fault.reason, IC_PKI_EXTENSION_TWICE);
    CHECK_ERR(ic_pki_csr_decode(by_openssl(&m, good, EVP_sha1(), ca, 0), &csr, &fault),
              IC_ERR_UNSUPPORTED);
    CHECK_EQ_INT(fault.reason, IC_PKI_SIGNATURE_ALGORITHM);
    EVP_PKEY_free(weak);
    EVP_PKEY_free(good);
}

static ic_err make_and_drop(void *ctx)
{
    struct ic_pki_csr_spec spec = {{IC_VIEW_STR("Ring"), IC_VIEW_STR("Ana")}, ana_names, 2};
    IC_BUF_SCOPE(der, IC_PKI_CSR_MAX);
    return ic_pki_csr_make(&spec, ((struct maker_key *)ctx)->key, &der);
}

TEST(every_allocation_of_a_request_may_fail)
{
    MAKER_SCOPE(m, 8);
    CHECK(ic_test_each_alloc_fails(make_and_drop, maker_key(&m, IC_ED25519)) >= 1);
}

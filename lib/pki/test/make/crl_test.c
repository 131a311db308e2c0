/* Lists of revoked certificates: made here and read by OpenSSL, made by it, spoilt, and in a store. */
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "ca.h"

static const struct ic_pki_crl_entry entries[] = {
    {IC_VIEW_INIT("\x12\x34\x56\x78"), MAKER_NOW - 60, IC_PKI_REVOKED_KEY_COMPROMISE},
    {IC_VIEW_INIT("\xff\x01"), MAKER_NOW - 120, IC_PKI_REVOKED_UNSPECIFIED},
};

static struct ic_view make(struct ca *ca, uint64_t number, const struct ic_pki_crl_entry *list,
                           size_t n)
{
    struct ic_pki_crl_spec spec = {MAKER_NOW - 10, MAKER_NOW + 3600, number, list, n};
    IC_BUF_SCOPE(der, IC_PKI_CRL_MAX);
    if (ic_pki_crl_make(&spec, &ca->root, ca->key->key, &der) != IC_OK)
        abort();
    return maker_copy(&ca->m, ic_buf_view(&der));
}

TEST(list_is_read_as_it_was_made)
{
    CA_SCOPE(ca, 30, IC_ECDSA_P256_SHA256);
    struct ic_pki_crl crl;
    struct ic_pki_crl_entry e;
    CHECK_OK(ic_pki_crl_decode(make(&ca, 300, entries, 2), &crl, NULL));
    CHECK_OK(ic_pki_crl_verify(&crl, &ca.root, NULL));
    CHECK_EQ_INT(crl.this_update, MAKER_NOW - 10);
    CHECK_EQ_INT(crl.next_update, MAKER_NOW + 3600);
    CHECK_HEX(crl.number, "012c");
    CHECK_BYTES(crl.authority_key_id, ca.root.key_id);
    CHECK_EQ_INT(crl.count, 2);
    struct ic_reader r = ic_reader(crl.entries);
    for (size_t i = 0; i < 2; i++) {
        CHECK(ic_pki_crl_next(&r, &e));
        CHECK_BYTES(e.serial, entries[i].serial);
        CHECK_EQ_INT(e.time, entries[i].time);
        CHECK_EQ_INT(e.reason, entries[i].reason);
    }
    CHECK(!ic_pki_crl_next(&r, &e));
    CHECK_OK(ic_pki_crl_decode(make(&ca, 301, NULL, 0), &crl, NULL));
    CHECK(crl.count == 0 && crl.entries.len == 0);
}

static X509 *read_cert(struct ic_view der)
{
    const unsigned char *p = der.p;
    return d2i_X509(NULL, &p, (long)der.len);
}

TEST(openssl_takes_our_lists)
{
    static const enum ic_sig_id algorithms[] = {IC_ECDSA_P256_SHA256, IC_ECDSA_P384_SHA384,
                                                IC_ECDSA_P521_SHA512, IC_ED25519, IC_ED448};
    for (size_t i = 0; i < 5; i++) {
        CA_SCOPE(ca, 31 + i, algorithms[i]);
        struct ic_view der = make(&ca, 1, entries, 2);
        const unsigned char *p = der.p;
        X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.len);
        X509 *root = read_cert(ca.root_der), *ana = read_cert(ca.ana_der);
        X509_REVOKED *found = NULL;
        CHECK(crl && p == der.p + der.len);
        CHECK_EQ_INT(X509_CRL_verify(crl, X509_get0_pubkey(root)), 1);
        CHECK_EQ_INT(X509_CRL_get0_by_cert(crl, &found, ana), 1);
        CHECK_EQ_INT(X509_CRL_get_version(crl), 1);
        X509_free(root);
        X509_free(ana);
        X509_CRL_free(crl);
    }
}

static ic_err decode_and_verify(struct ic_view der, void *ctx)
{
    struct ic_pki_crl crl;
    struct ic_pki_fault fault = {.reason = IC_PKI_NONE};
    ic_err e = ic_pki_crl_decode(der, &crl, &fault);
    if (e == IC_OK)
        e = ic_pki_crl_verify(&crl, &((struct ca *)ctx)->root, &fault);
    if (e != IC_OK && (e != ic_pki_reason_err(fault.reason) || fault.index != IC_PKI_LIST_INDEX))
        ic_test_fail(__FILE__, __LINE__, "%s with %s", ic_err_name(e), fault.text);
    return e;
}

TEST(spoilt_lists_are_refused)
{
    CA_SCOPE(ca, 36, IC_ED25519);
    ca_hostile(make(&ca, 5, entries, 2), decode_and_verify, &ca);
}

/* ---- made by OpenSSL, with what we do not take ---- */

struct odd {
    bool version_1, no_next_update;
    int nid; /* of an extension, 0: none */
    const char *value;
    bool entry_issuer; /* an indirect list */
};

static struct ic_view by_openssl(struct ca *ca, const struct odd *o)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_CRL *crl = X509_CRL_new();
    X509_REVOKED *one = X509_REVOKED_new();
    ASN1_TIME *t = ASN1_TIME_set(NULL, MAKER_NOW);
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    X509 *root = read_cert(ca->root_der);
    unsigned char *der = NULL;
    X509_CRL_set_version(crl, o->version_1 ? 0 : 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(root));
    X509_CRL_set1_lastUpdate(crl, t);
    if (!o->no_next_update)
        X509_CRL_set1_nextUpdate(crl, t);
    ASN1_INTEGER_set(serial, 7);
    X509_REVOKED_set_serialNumber(one, serial);
    X509_REVOKED_set_revocationDate(one, t);
    if (o->entry_issuer) {
        GENERAL_NAMES *names = GENERAL_NAMES_new();
        sk_GENERAL_NAME_push(names, a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_DNS, "x.example", 0));
        X509_REVOKED_add1_ext_i2d(one, NID_certificate_issuer, names, 1, 0);
        GENERAL_NAMES_free(names);
    }
    X509_CRL_add0_revoked(crl, one);
    if (o->nid) {
        X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, o->nid, o->value);
        X509_CRL_add_ext(crl, e, -1);
        X509_EXTENSION_free(e);
    }
    if (X509_CRL_sign(crl, key, EVP_sha256()) <= 0)
        abort();
    int len = i2d_X509_CRL(crl, &der);
    struct ic_view copy = maker_copy(&ca->m, ic_view(der, (size_t)len));
    OPENSSL_free(der);
    ASN1_TIME_free(t);
    ASN1_INTEGER_free(serial);
    X509_free(root);
    X509_CRL_free(crl);
    EVP_PKEY_free(key);
    return copy;
}

TEST(lists_of_other_kinds_are_not_taken)
{
    CA_SCOPE(ca, 37, IC_ECDSA_P256_SHA256);
    static const struct {
        struct odd odd;
        enum ic_pki_reason reason;
    } rows[] = {
        {{0}, IC_PKI_NONE},
        {{.version_1 = true}, IC_PKI_VERSION},
        {{.no_next_update = true}, IC_PKI_TIME},
        {{.nid = NID_delta_crl, .value = "critical,DER:020101"}, IC_PKI_EXTENSION_UNKNOWN},
        {{.nid = NID_issuing_distribution_point, .value = "critical,DER:3003810101"},
         IC_PKI_EXTENSION_UNKNOWN},
        {{.nid = NID_crl_number, .value = "DER:0401ff"}, IC_PKI_EXTENSION},
        {{.entry_issuer = true}, IC_PKI_EXTENSION_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ic_pki_crl crl;
        struct ic_pki_fault fault = {.reason = IC_PKI_NONE};
        ic_err e = ic_pki_crl_decode(by_openssl(&ca, &rows[i].odd), &crl, &fault);
        if (e != ic_pki_reason_err(rows[i].reason) || fault.reason != rows[i].reason)
            ic_test_fail(__FILE__, __LINE__, "row %zu: %s", i, fault.text);
        if (e == IC_OK)
            CHECK_ERR(ic_pki_crl_verify(&crl, &ca.root, NULL), IC_ERR_SIGNATURE);
    }
}

/* ---- in a store ---- */

static ic_err judge(struct ca *ca, struct ic_pki_store *s, int64_t now, struct ic_pki_fault *fault)
{
    struct ic_pki_chain chain;
    struct ic_pki_verdict v;
    struct ic_pki_want want = {maker_public(ca->ana_key), NULL, 0};
    IC_BUF_SCOPE(bytes, 65536);
    IC_TRY(ic_pki_chain_encode(&ca->ana_der, 1, &bytes));
    IC_TRY(ic_pki_chain_decode(ic_buf_view(&bytes), 0, &chain, fault));
    return ic_pki_validate(s, &chain, &want, (uint64_t)now, &v, fault);
}

TEST(a_list_takes_what_was_remembered_as_good)
{
    CA_SCOPE(ca, 38, IC_ED25519);
    struct ic_pki_store *s;
    struct ic_pki_fault fault;
    struct ic_view first = make(&ca, 1, NULL, 0), second = make(&ca, 2, entries, 2);
    CHECK_OK(ic_pki_store_new(&(struct ic_pki_policy){0}, &s));
    CHECK_OK(ic_pki_store_add_root(s, ca.root_der, NULL));
    CHECK(ic_pki_store_crl_due(s) == INT64_MAX);
    CHECK_OK(judge(&ca, s, MAKER_NOW, &fault));
    CHECK_OK(ic_pki_store_add_crl(s, first, MAKER_NOW, &fault));
    CHECK_EQ_INT(ic_pki_store_crl_due(s), MAKER_NOW + 3600);
    CHECK_OK(judge(&ca, s, MAKER_NOW, &fault));
    CHECK_OK(ic_pki_store_add_crl(s, second, MAKER_NOW, &fault));
    CHECK_ERR(judge(&ca, s, MAKER_NOW, &fault), IC_ERR_DENIED);
    CHECK_EQ_INT(fault.reason, IC_PKI_REVOKED);
    CHECK(strstr(fault.text, "certificate 0") && strstr(fault.text, "its issuer revoked it"));
    /* Nothing older brings her back, and the same is no news. */
    CHECK_ERR(ic_pki_store_add_crl(s, first, MAKER_NOW, &fault), IC_ERR_STALE);
    CHECK_EQ_INT(fault.reason, IC_PKI_LIST_OLDER);
    CHECK_ERR(ic_pki_store_add_crl(s, second, MAKER_NOW, &fault), IC_ERR_EXISTS);
    CHECK_ERR(judge(&ca, s, MAKER_NOW, &fault), IC_ERR_DENIED);
    /* A hold that is lifted. */
    CHECK_OK(ic_pki_store_add_crl(s, make(&ca, 3, entries + 1, 1), MAKER_NOW, &fault));
    CHECK_OK(judge(&ca, s, MAKER_NOW, &fault));
    ic_pki_store_free(s);
}

TEST(a_list_goes_with_its_root)
{
    CA_SCOPE(ca, 39, IC_ED25519);
    struct ic_pki_store *s;
    struct ic_pki_fault fault;
    CHECK_OK(ic_pki_store_new(&(struct ic_pki_policy){0}, &s));
    CHECK_OK(ic_pki_store_add_root(s, ca.root_der, NULL));
    CHECK_OK(ic_pki_store_add_crl(s, make(&ca, 2, entries, 2), MAKER_NOW, &fault));
    CHECK_OK(ic_pki_store_remove_root(s, ca.root.fingerprint));
    CHECK(ic_pki_store_crl_due(s) == INT64_MAX);
    CHECK_ERR(ic_pki_store_add_crl(s, make(&ca, 2, entries, 2), MAKER_NOW, &fault), IC_ERR_AUTH);
    CHECK_EQ_INT(fault.reason, IC_PKI_NO_ROOT);
    CHECK_OK(ic_pki_store_add_root(s, ca.root_der, NULL));
    CHECK_OK(judge(&ca, s, MAKER_NOW, &fault));
    ic_pki_store_free(s);
}

TEST(ten_thousand_entries_are_found_and_nothing_between)
{
    enum { N = 10000 };
    CA_SCOPE(ca, 40, IC_ED25519);
    static struct ic_pki_crl_entry many[N];
    static uint8_t serials[N][4];
    struct ic_pki_store *s;
    struct ic_pki_fault fault;
    for (uint32_t i = 0; i < N; i++) {
        ic_store_u32(serials[i], 0x10000000u + (i * 7919u % N) * 2);
        many[i] = (struct ic_pki_crl_entry){IC_VIEW_ARRAY(serials[i]), MAKER_NOW,
                                            IC_PKI_REVOKED_SUPERSEDED};
    }
    CHECK_OK(ic_pki_store_new(&(struct ic_pki_policy){0}, &s));
    CHECK_OK(ic_pki_store_add_root(s, ca.root_der, NULL));
    CHECK_OK(ic_pki_store_add_crl(s, make(&ca, 2, many, N), MAKER_NOW, &fault));
    for (uint32_t i = 0; i < 2 * N; i += 997) {
        uint8_t serial[4];
        struct ic_pki_issue plan = ca_plan(&ca, ca.ana_key);
        ic_store_u32(serial, 0x10000000u + i);
        plan.serial = IC_VIEW_ARRAY(serial);
        ca.ana_der = ca_issue(&ca, &plan);
        CHECK_ERR(judge(&ca, s, MAKER_NOW, &fault), i % 2 == 0 ? IC_ERR_DENIED : IC_OK);
    }
    ic_pki_store_free(s);
}

struct in_store {
    struct ca *ca;
    struct ic_view der;
};

static ic_err add_to_store(void *ctx)
{
    struct in_store *i = ctx;
    struct ic_pki_store *s;
    IC_TRY(ic_pki_store_new(&(struct ic_pki_policy){.no_cache = true}, &s));
    ic_err e = ic_pki_store_add_root(s, i->ca->root_der, NULL);
    if (e == IC_OK)
        e = ic_pki_store_add_crl(s, i->der, MAKER_NOW, NULL);
    ic_pki_store_free(s);
    return e;
}

TEST(every_allocation_of_a_list_may_fail)
{
    CA_SCOPE(ca, 41, IC_ED25519);
    struct in_store i = {&ca, make(&ca, 1, entries, 2)};
    CHECK(ic_test_each_alloc_fails(add_to_store, &i) >= 7);
}

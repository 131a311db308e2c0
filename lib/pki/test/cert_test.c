/* What a certificate tells, and how it is told. */
#include <ic/pki/chain.h>

#include <ic/base/mem.h>
#include <ic/pki/store.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "maker.h"

static struct maker_spec ana(struct maker *m)
{
    return (struct maker_spec){
        .subject = "C=!DE,O=Ring; Inc,CN=Ana Example",
        .issuer = "CN=Ring CA",
        .key = maker_key(m, IC_ED25519),
        .signer = maker_key(m, IC_ED25519),
        .names = "URI:im:ana@ring.example,email:ana@ring.example,DNS:ana.ring.example,IP:0a000001",
        .serial = IC_VIEW_STR("\x00\xab\xcd"),
        .purposes = IC_PKI_FOR_IM_URI,
        .key_ids = true,
    };
}

TEST(certificate_tells_what_it_holds)
{
    MAKER_SCOPE(m, 1);
    struct maker_spec s = ana(&m);
    struct ic_view der = maker_cert(&m, &s);
    struct ic_pki_cert c;
    uint8_t sum[32];
    char text[64];
    CHECK_OK(ic_pki_cert_decode(der, &c, NULL));
    CHECK_HEX(c.serial, "abcd");
    CHECK_EQ_INT(c.not_before, MAKER_NOW - 86400);
    CHECK_EQ_INT(c.not_after, MAKER_NOW + 86400);
    CHECK_BYTES(c.key, maker_public(s.key));
    CHECK_EQ_INT(c.key_sig, IC_ED25519);
    CHECK(!c.is_ca && c.has_purposes && c.purposes == IC_PKI_FOR_IM_URI);
    CHECK_EQ_INT(c.key_usage, IC_PKI_DIGITAL_SIGNATURE);
    CHECK_EQ_INT(EVP_Digest(der.p, der.len, sum, NULL, EVP_sha256(), NULL), 1);
    CHECK_BYTES(IC_VIEW_ARRAY(c.fingerprint), IC_VIEW_ARRAY(sum));
    ic_pki_common_name(c.subject, text, sizeof text);
    CHECK(strcmp(text, "Ana Example") == 0);
    ic_pki_organisation(c.subject, text, sizeof text);
    CHECK(strcmp(text, "Ring; Inc") == 0);
    ic_pki_organisation(c.issuer, text, sizeof text);
    CHECK(text[0] == '\0');
    ic_pki_name_text(c.subject, text, sizeof text);
    CHECK(strcmp(text, "C=DE, O=Ring\\; Inc, CN=Ana Example") == 0);
    ic_pki_name_text(c.issuer, text, sizeof text);
    CHECK(strcmp(text, "CN=Ring CA") == 0);
}

TEST(certificate_lists_its_names)
{
    MAKER_SCOPE(m, 2);
    struct maker_spec s = ana(&m);
    struct ic_pki_cert c;
    CHECK_OK(ic_pki_cert_decode(maker_cert(&m, &s), &c, NULL));
    static const struct ic_pki_name want[] = {
        {IC_PKI_NAME_URI, IC_VIEW_INIT("im:ana@ring.example")},
        {IC_PKI_NAME_EMAIL, IC_VIEW_INIT("ana@ring.example")},
        {IC_PKI_NAME_DNS, IC_VIEW_INIT("ana.ring.example")},
        {IC_PKI_NAME_IP, IC_VIEW_INIT("\x0a\x00\x00\x01")},
    };
    struct ic_reader r = ic_reader(c.names);
    struct ic_pki_name n;
    for (size_t i = 0; i < IC_ARRAY_LEN(want); i++) {
        CHECK(ic_pki_names_next(&r, &n));
        CHECK_EQ_INT(n.kind, want[i].kind);
        CHECK_BYTES(n.value, want[i].value);
    }
    CHECK(!ic_pki_names_next(&r, &n));
    CHECK_OK(ic_reader_end(&r));
}

static void check_text(struct maker *m, const char *name, size_t cap, const char *want)
{
    char text[64];
    struct ic_view der = maker_name(m, name);
    memset(text, 'x', sizeof text);
    ic_pki_name_text(der, text, cap);
    if (strcmp(text, want) != 0)
        ic_test_fail(__FILE__, __LINE__, "%s: \"%s\", not \"%s\"", name, text, want);
}

/* A name goes to logs and screens: it may not steer them, and is cut at a character. */
TEST(name_text_is_harmless)
{
    MAKER_SCOPE(m, 3);
    check_text(&m, "CN=Ana\x1b[2J\n", 64, "CN=Ana?[2J?");
    check_text(&m, "CN=Ana\xe2\x80\xaeneB", 64, "CN=Ana?neB"); /* right-to-left override */
    check_text(&m, "CN=\xc3\x84nne", 64, "CN=\xc3\x84nne");
    check_text(&m, "CN=\xc3\x84nne", 5, "CN=");
    check_text(&m, "CN=\xf0\x9f\x8e\xa5 x", 9, "CN=\xf0\x9f\x8e\xa5 ");
    check_text(&m, "CN=\xc3", 64, "CN=?");
    check_text(&m, "CN=\xc0\x80", 64, "CN=??"); /* an overlong NUL */
    check_text(&m, "CN=^Ring", 64, "CN=Ring");
    check_text(&m, "CN=Ana", 1, "");
    check_text(&m, "", 64, "");
}

TEST(times_are_written_as_they_are_read)
{
    static const struct {
        int64_t time;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},          {951782400, "2000-02-29T00:00:00Z"},
        {951868799, "2000-02-29T23:59:59Z"},  {4107542400, "2100-03-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},         {MAKER_NOW, "2026-11-23T04:00:00Z"},
        {INT64_MAX, "9999-12-31T23:59:59Z"},  {INT64_MIN, "0000-01-01T00:00:00Z"},
        {1735689599, "2024-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        char text[IC_PKI_TIME_TEXT];
        ic_pki_time_text(rows[i].time, text);
        if (strcmp(text, rows[i].text) != 0)
            ic_test_fail(__FILE__, __LINE__, "%s, not %s", text, rows[i].text);
    }
}

static void check_equal(struct maker *m, const char *a, const char *b, bool want)
{
    if (ic_pki_name_equal(maker_name(m, a), maker_name(m, b)) != want ||
        ic_pki_name_equal(maker_name(m, b), maker_name(m, a)) != want)
        ic_test_fail(__FILE__, __LINE__, "\"%s\" and \"%s\"", a, b);
}

TEST(names_compare_as_people_read_them)
{
    MAKER_SCOPE(m, 4);
    check_equal(&m, "CN=Ana", "CN=Ana", true);
    check_equal(&m, "CN=Ana", "CN=!ANA", true);
    check_equal(&m, "CN=  Ana   Example ", "CN=ana example", true);
    check_equal(&m, "CN=^Ana", "CN=Ana", true);
    check_equal(&m, "CN=AnaExample", "CN=Ana Example", false);
    check_equal(&m, "CN=Ana", "O=Ana", false);
    check_equal(&m, "CN=Ana", "CN=Ana,O=Ring", false);
    check_equal(&m, "CN=Ana,O=Ring", "O=Ring,CN=Ana", false);
    check_equal(&m, "CN=\xc3\xa4", "CN=\xc3\x84", false); /* ASCII letters alone fold */
    check_equal(&m, "CN=\xff", "CN=\xfe", false);
    check_equal(&m, "", "", true);
    check_equal(&m, "", "CN=Ana", false);
}

/* Nothing is written where reading fails, at whatever byte. */
TEST(certificate_cut_anywhere_is_refused)
{
    MAKER_SCOPE(m, 5);
    struct maker_spec s = ana(&m);
    struct ic_view der = maker_cert(&m, &s);
    struct ic_pki_cert c, before;
    memset(&c, 0x5a, sizeof c);
    before = c;
    for (size_t n = 0; n < der.len; n++) {
        uint8_t *exact = ic_memdup(der.p, n ? n : 1);
        ic_err e = ic_pki_cert_decode(ic_view(exact, n), &c, NULL);
        ic_free(exact);
        CHECK(e != IC_OK);
        CHECK(memcmp(&c, &before, sizeof c) == 0);
    }
}

TEST(chain_content_is_a_list_of_vectors)
{
    MAKER_SCOPE(m, 6);
    struct maker_spec s = ana(&m);
    struct ic_view der = maker_cert(&m, &s);
    struct ic_pki_chain chain;
    struct ic_pki_fault fault;
    IC_BUF_SCOPE(bytes, 1 << 16);
    CHECK_OK(ic_pki_chain_encode(&der, 1, &bytes));
    CHECK_OK(ic_pki_chain_decode(ic_buf_view(&bytes), 0, &chain, &fault));
    CHECK_EQ_INT(chain.count, 1);
    struct ic_view cut = ic_view(bytes.p, bytes.len - 1);
    CHECK_ERR(ic_pki_chain_decode(cut, 0, &chain, &fault), IC_ERR_MALFORMED);
    CHECK_EQ_INT(chain.count, 0);
    CHECK_OK(ic_buf_append(&bytes, IC_VIEW_STR("\x00")));
    CHECK_ERR(ic_pki_chain_decode(ic_buf_view(&bytes), 0, &chain, &fault), IC_ERR_MALFORMED);
    CHECK_EQ_INT(fault.index, 1);
}

/* Authorities that the world trusts are taken, all but a few old ones: strictness may not cost
 * that. */
TEST(roots_of_this_machine_are_taken)
{
    FILE *f = fopen("/etc/ssl/certs/ca-certificates.crt", "r");
    struct ic_pki_store *s;
    X509 *x;
    size_t n = 0, taken = 0;
    if (!f)
        SKIP("no certificates of authorities here");
    CHECK_OK(ic_pki_store_new(&(struct ic_pki_policy){0}, &s));
    while ((x = PEM_read_X509(f, NULL, NULL, NULL))) {
        unsigned char *der = NULL;
        int len = i2d_X509(x, &der);
        n++;
        taken += len > 0 && ic_pki_store_add_root(s, ic_view(der, (size_t)len), NULL) == IC_OK;
        OPENSSL_free(der);
        X509_free(x);
    }
    fclose(f);
    ic_pki_store_free(s);
    if (taken * 100 < n * 95)
        ic_test_fail(__FILE__, __LINE__, "%zu of %zu", taken, n);
}

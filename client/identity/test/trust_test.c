#include "identity/trust.h"
#include "maker.h"

#include <ic/base/json.h>
#include <ic/base/test.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <string.h>

static struct ic_view authority(struct maker *m, const char *name)
{
    return maker_cert(m, &(struct maker_spec){.subject = name,
                                              .key = maker_key(m, IC_ECDSA_P256_SHA256),
                                              .ca = true});
}

static void put_pem(struct ic_json *j, const char *key, struct ic_view der)
{
    IC_BUF_SCOPE(pem, 8192);
    if (ic_pki_pem_encode("CERTIFICATE", der, &pem) == IC_OK)
        ic_json_text(j, key, ic_buf_view(&pem));
}

#define CRL "https://ring.example/pki/crl.der"

/* n internal roots, an external one, a log. */
static ic_err bundle(const struct ic_view *internal, size_t n, struct ic_view external,
                     struct ic_view log_key, const char *crl, struct ic_buf *out)
{
    struct ic_json j = ic_json(out);
    ic_json_object(&j, NULL);
    ic_json_cstr(&j, "organisation", "Ring");
    ic_json_array(&j, "roots");
    for (size_t i = 0; i < n; i++)
        put_pem(&j, NULL, internal[i]);
    ic_json_array_end(&j);
    ic_json_array(&j, "external_roots");
    ic_json_object(&j, NULL);
    put_pem(&j, "pem", external);
    ic_json_object_end(&j);
    ic_json_array_end(&j);
    ic_json_array(&j, "logs");
    ic_json_object(&j, NULL);
    ic_json_base64(&j, "key", log_key);
    ic_json_uint(&j, "sig", IC_ECDSA_P256_SHA256);
    ic_json_object_end(&j);
    ic_json_array_end(&j);
    ic_json_cstr(&j, "crl", crl);
    ic_json_object_end(&j);
    return ic_json_end(&j);
}

static ic_err parse(const struct ic_buf *text, struct icc_trust *out)
{
    char why[300] = "";
    ic_err e = icc_trust_parse(ic_buf_view(text), out, why, sizeof why);
    if ((e == IC_OK) != (why[0] == 0))
        ic_test_fail(__FILE__, __LINE__, "a refusal without a reason, or a reason without one");
    return e;
}

TEST(trust_that_changes_is_seen)
{
    MAKER_SCOPE(m, 1);
    struct ic_view roots[2] = {authority(&m, "CN=In Camera CA"), authority(&m, "CN=Another CA")};
    struct ic_view outside = authority(&m, "CN=Ring CA");
    struct ic_view log = ic_sign_key_public(maker_key(&m, IC_ECDSA_P256_SHA256)->key);
    struct ic_view other_log = ic_sign_key_public(maker_key(&m, IC_ECDSA_P256_SHA256)->key);
    IC_BUF_SCOPE(first, 65536);
    IC_BUF_SCOPE(more, 65536);
    IC_BUF_SCOPE(swapped, 65536);
    IC_BUF_SCOPE(relogged, 65536);
    IC_BUF_SCOPE(moved, 65536);
    IC_BUF_SCOPE(listless, 65536);
    struct icc_trust a = {0}, b = {0};
    CHECK_OK(bundle(roots, 1, outside, log, CRL, &first));
    CHECK_OK(bundle(roots, 2, outside, log, CRL, &more));
    CHECK_OK(
        bundle(&outside, 1, roots[0], log, CRL, &swapped)); /* the same, in each other's place */
    CHECK_OK(bundle(roots, 1, outside, other_log, CRL, &relogged));
    CHECK_OK(bundle(roots, 1, outside, log, "https://ring.example/nowhere", &moved));
    CHECK_OK(bundle(roots, 1, outside, log, "", &listless));
    CHECK_OK(parse(&first, &a));
    CHECK(strcmp(a.organisation, "Ring") == 0 && strcmp(a.roots[0].name, "In Camera CA") == 0);
    CHECK(icc_trust_count(&a, ICC_TRUST_INTERNAL) == 1 &&
          icc_trust_count(&a, ICC_TRUST_EXTERNAL) == 1);
    const struct ic_buf *const others[] = {&more, &swapped, &relogged, &moved, &listless};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK_OK(parse(others[i], &b));
        CHECK(!icc_trust_equal(&a, &b) && !icc_trust_equal(&b, &a));
        icc_trust_clear(&b);
    }
    CHECK_OK(parse(&first, &b));
    CHECK(icc_trust_equal(&a, &b));
    icc_trust_clear(&a);
    icc_trust_clear(&b);
}

TEST(trust_takes_no_roots_that_are_none)
{
    MAKER_SCOPE(m, 2);
    struct ic_view root = authority(&m, "CN=In Camera CA");
    struct ic_view person =
        maker_cert(&m, &(struct maker_spec){.subject = "CN=Ana", .key = maker_key(&m, IC_ED25519)});
    struct ic_view log = ic_sign_key_public(maker_key(&m, IC_ECDSA_P256_SHA256)->key);
    IC_BUF_SCOPE(leaf, 65536);
    IC_BUF_SCOPE(no_log, 65536);
    IC_BUF_SCOPE(many, 1 << 20);
    struct ic_view all[ICC_TRUST_ROOTS_MAX];
    struct icc_trust t = {0};
    CHECK_OK(bundle(&person, 1, root, log, CRL, &leaf));
    CHECK_ERR(parse(&leaf, &t), IC_ERR_DENIED);
    CHECK_OK(bundle(&root, 1, root, IC_VIEW_STR("no key"), CRL, &no_log));
    CHECK_ERR(parse(&no_log, &t), IC_ERR_KEY);
    for (size_t i = 0; i < ICC_TRUST_ROOTS_MAX; i++)
        all[i] = root;
    CHECK_OK(bundle(all, ICC_TRUST_ROOTS_MAX, root, log, CRL, &many));
    CHECK_ERR(parse(&many, &t), IC_ERR_LIMIT);
    CHECK(t.root_count == 0);
}

TEST(trust_that_is_no_trust_list_is_refused)
{
    static const char *const bad[] = {
        "",
        "7",
        "[]",
        "{\"roots\":[7]}",
        "{\"roots\":[\"no pem\"]}",
        "{\"external_roots\":[\"x\"]}",
        "{\"organisation\":7}",
        "{\"organisation\":\"a\\u001bb\"}",
        "{\"logs\":[{}]}",
        "{\"logs\":[{\"key\":\"AAAA\",\"sig\":-1}]}",
        "{\"roots\":[],\"roots\":[]}",
        "{\"roots\":[\"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\"]}"};
    struct icc_trust t = {0};
    char why[300];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        why[0] = 0;
        CHECK(icc_trust_parse(ic_view_cstr(bad[i]), &t, why, sizeof why) != IC_OK);
        CHECK(why[0] && t.root_count == 0);
    }
    CHECK_OK(icc_trust_parse(IC_VIEW_STR("{}"), &t, why, sizeof why)); /* nobody is trusted */
    CHECK_EQ_INT(t.root_count, 0);
}

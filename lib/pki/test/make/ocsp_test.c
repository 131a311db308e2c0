/* OCSP: our requests and answers before OpenSSL, its own before us, and bad ones. */
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "ca.h"

#define NONCE IC_VIEW_STR("0123456789abcdef")

static struct ic_view request(struct ca *ca, struct ic_view nonce)
{
    IC_BUF_SCOPE(der, IC_PKI_OCSP_REQUEST_MAX);
    if (ic_pki_ocsp_request_make(&ca->ana, &ca->root, nonce, &der) != IC_OK)
        abort();
    return maker_copy(&ca->m, ic_buf_view(&der));
}

/* The answer to the first certificate of a request. */
static struct ic_view answer(struct ca *ca, struct ic_view asked, enum ic_pki_ocsp_status status)
{
    struct ic_pki_ocsp_request q;
    struct ic_pki_ocsp_state s = {.status = status,
                                  .revoked_at = MAKER_NOW - 60,
                                  .reason = IC_PKI_REVOKED_KEY_COMPROMISE,
                                  .this_update = MAKER_NOW,
                                  .next_update = MAKER_NOW + 3600};
    IC_BUF_SCOPE(der, IC_PKI_OCSP_MAX);
    if (ic_pki_ocsp_request_decode(asked, &q, NULL) != IC_OK)
        abort();
    struct ic_reader r = ic_reader(q.ids);
    struct ic_pki_ocsp_spec spec = {MAKER_NOW, &s, 1, q.nonce};
    if (!ic_pki_ocsp_id_next(&r, &s.id) ||
        ic_pki_ocsp_make(&spec, &ca->root, ca->key->key, &der) != IC_OK)
        abort();
    return maker_copy(&ca->m, ic_buf_view(&der));
}

TEST(request_names_the_certificate)
{
    CA_SCOPE(ca, 50, IC_ECDSA_P256_SHA256);
    struct ic_pki_ocsp_request q;
    struct ic_pki_ocsp_id id;
    CHECK_OK(ic_pki_ocsp_request_decode(request(&ca, NONCE), &q, NULL));
    CHECK_EQ_INT(q.count, 1);
    CHECK_BYTES(q.nonce, NONCE);
    struct ic_reader r = ic_reader(q.ids);
    CHECK(ic_pki_ocsp_id_next(&r, &id));
    CHECK(ic_pki_ocsp_id_matches(&id, &ca.root));
    CHECK(!ic_pki_ocsp_id_matches(&id, &ca.ana));
    CHECK_BYTES(id.serial, ca.ana.serial);
    CHECK(!ic_pki_ocsp_id_next(&r, &id));
    CHECK_OK(ic_pki_ocsp_request_decode(request(&ca, ic_view(NULL, 0)), &q, NULL));
    CHECK_EQ_INT(q.nonce.len, 0);
}

static ic_err ask(struct ca *ca, struct ic_view der, int64_t now, struct ic_pki_ocsp_state *out,
                  struct ic_pki_fault *fault)
{
    struct ic_pki_ocsp a;
    IC_TRY(ic_pki_ocsp_decode(der, &a, fault));
    IC_TRY(ic_pki_ocsp_verify(&a, &ca->root, fault));
    return ic_pki_ocsp_find(&a, &ca->ana, &ca->root, (uint64_t)now, out, fault);
}

TEST(answer_says_what_it_was_made_to)
{
    CA_SCOPE(ca, 51, IC_ECDSA_P256_SHA256);
    struct ic_view asked = request(&ca, NONCE);
    for (int status = IC_PKI_OCSP_GOOD; status <= IC_PKI_OCSP_UNKNOWN; status++) {
        struct ic_pki_ocsp_state s;
        struct ic_pki_ocsp a;
        struct ic_view der = answer(&ca, asked, (enum ic_pki_ocsp_status)status);
        CHECK_OK(ask(&ca, der, MAKER_NOW, &s, NULL));
        CHECK_EQ_INT(s.status, status);
        CHECK_EQ_INT(s.this_update, MAKER_NOW);
        CHECK_EQ_INT(s.next_update, MAKER_NOW + 3600);
        if (status == IC_PKI_OCSP_REVOKED) {
            CHECK_EQ_INT(s.revoked_at, MAKER_NOW - 60);
            CHECK_EQ_INT(s.reason, IC_PKI_REVOKED_KEY_COMPROMISE);
        }
        CHECK_OK(ic_pki_ocsp_decode(der, &a, NULL));
        CHECK_BYTES(a.nonce, NONCE);
        CHECK_EQ_INT(a.produced_at, MAKER_NOW);
    }
}

/* An old answer, one of the future, one about somebody else, one that somebody else made. */
TEST(answers_that_say_nothing_now_are_refused)
{
    CA_SCOPE(ca, 52, IC_ECDSA_P256_SHA256);
    CA_SCOPE(other, 53, IC_ECDSA_P256_SHA256);
    struct ic_pki_ocsp_state s;
    struct ic_pki_fault fault;
    struct ic_view good = answer(&ca, request(&ca, NONCE), IC_PKI_OCSP_GOOD);
    CHECK_OK(ask(&ca, good, MAKER_NOW + 3600 + IC_PKI_OCSP_SKEW_S, &s, &fault));
    CHECK_ERR(ask(&ca, good, MAKER_NOW + 3601 + IC_PKI_OCSP_SKEW_S, &s, &fault), IC_ERR_EXPIRED);
    CHECK_EQ_INT(fault.reason, IC_PKI_LIST_STALE);
    CHECK_ERR(ask(&ca, good, MAKER_NOW - IC_PKI_OCSP_SKEW_S - 1, &s, &fault), IC_ERR_EXPIRED);
    CHECK_EQ_INT(fault.reason, IC_PKI_NOT_YET);
    struct ic_view foreign = answer(&other, request(&ca, NONCE), IC_PKI_OCSP_GOOD);
    CHECK_ERR(ask(&ca, foreign, MAKER_NOW, &s, &fault), IC_ERR_RULE);
    CHECK_EQ_INT(fault.reason, IC_PKI_ORDER);
    struct ic_pki_issue plan = ca_plan(&ca, ca.ana_key);
    plan.serial = IC_VIEW_STR("\x09");
    CHECK_OK(ic_pki_cert_decode(ca_issue(&ca, &plan), &ca.ana, NULL));
    CHECK_ERR(ask(&ca, good, MAKER_NOW, &s, &fault), IC_ERR_MALFORMED);
    CHECK_EQ_INT(fault.reason, IC_PKI_NO_CERTIFICATE);
}

/* The hash of the right key, the signature of another. */
TEST(forged_answer_is_refused)
{
    CA_SCOPE(ca, 54, IC_ECDSA_P256_SHA256);
    CA_SCOPE(other, 55, IC_ECDSA_P256_SHA256);
    struct ic_pki_ocsp a;
    struct ic_pki_fault fault;
    struct ic_view good = answer(&ca, request(&ca, NONCE), IC_PKI_OCSP_GOOD);
    CHECK_OK(ic_pki_ocsp_decode(good, &a, NULL));
    struct ic_pki_cert impostor = other.root;
    impostor.key = ca.root.key;
    CHECK_OK(ic_pki_ocsp_verify(&a, &ca.root, &fault));
    a.signature = ca.ana.signature;
    CHECK_ERR(ic_pki_ocsp_verify(&a, &ca.root, &fault), IC_ERR_SIGNATURE);
    CHECK_EQ_INT(fault.reason, IC_PKI_SIGNATURE);
    CHECK(strncmp(fault.text, "the answer of OCSP: ", 20) == 0);
    CHECK_OK(ic_pki_ocsp_decode(good, &a, NULL));
    CHECK_ERR(ic_pki_ocsp_verify(&a, &impostor, &fault), IC_ERR_RULE);
    CHECK_ERR(ic_pki_ocsp_verify(&a, &ca.ana, &fault), IC_ERR_RULE);
}

TEST(errors_are_answers_too)
{
    struct ic_pki_ocsp a;
    IC_BUF_SCOPE(der, 64);
    CHECK_OK(ic_pki_ocsp_make_error(IC_PKI_OCSP_TRY_LATER, &der));
    CHECK_OK(ic_pki_ocsp_decode(ic_buf_view(&der), &a, NULL));
    CHECK_EQ_INT(a.outcome, IC_PKI_OCSP_TRY_LATER);
    CA_SCOPE(ca, 56, IC_ED25519);
    CHECK_ERR(ic_pki_ocsp_verify(&a, &ca.root, NULL), IC_ERR_RULE);
}

static ic_err decode_request(struct ic_view der, void *ctx)
{
    struct ic_pki_ocsp_request q;
    struct ic_pki_ocsp_id id;
    IC_TRY(ic_pki_ocsp_request_decode(der, &q, NULL));
    /* A turned bit in a hash, the number or the nonce makes another good request. */
    struct ic_reader r = ic_reader(q.ids);
    if (!ic_pki_ocsp_id_next(&r, &id) || !ic_pki_ocsp_id_matches(&id, &((struct ca *)ctx)->root) ||
        !ic_view_equal(id.serial, ((struct ca *)ctx)->ana.serial))
        return IC_ERR_NOT_FOUND;
    return IC_OK;
}

static ic_err decode_answer(struct ic_view der, void *ctx)
{
    struct ic_pki_ocsp_state s;
    return ask(ctx, der, MAKER_NOW, &s, NULL);
}

TEST(spoilt_requests_and_answers_are_refused)
{
    CA_SCOPE(ca, 57, IC_ED25519);
    struct ic_view asked = request(&ca, ic_view(NULL, 0));
    ca_hostile(asked, decode_request, &ca);
    ca_hostile(answer(&ca, asked, IC_PKI_OCSP_REVOKED), decode_answer, &ca);
}

/* ---- OpenSSL ---- */

static X509 *read_cert(struct ic_view der)
{
    const unsigned char *p = der.p;
    return d2i_X509(NULL, &p, (long)der.len);
}

TEST(openssl_asks_us_and_believes_the_answer)
{
    CA_SCOPE(ca, 58, IC_ECDSA_P256_SHA256);
    X509 *root = read_cert(ca.root_der), *ana = read_cert(ca.ana_der);
    for (int sha256 = 0; sha256 < 2; sha256++) {
        OCSP_REQUEST *req = OCSP_REQUEST_new();
        OCSP_CERTID *id = OCSP_cert_to_id(sha256 ? EVP_sha256() : EVP_sha1(), ana, root);
        unsigned char *asked = NULL;
        OCSP_request_add0_id(req, id);
        OCSP_request_add1_nonce(req, NULL, -1);
        int len = i2d_OCSP_REQUEST(req, &asked);
        struct ic_view der = answer(&ca, ic_view(asked, (size_t)len), IC_PKI_OCSP_REVOKED);
        const unsigned char *p = der.p;
        OCSP_RESPONSE *resp = d2i_OCSP_RESPONSE(NULL, &p, (long)der.len);
        CHECK(resp && OCSP_response_status(resp) == OCSP_RESPONSE_STATUS_SUCCESSFUL);
        OCSP_BASICRESP *basic = OCSP_response_get1_basic(resp);
        X509_STORE *store = X509_STORE_new();
        X509_STORE_add_cert(store, root);
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), MAKER_NOW);
        STACK_OF(X509) *certs = sk_X509_new_null();
        sk_X509_push(certs, root);
        CHECK_EQ_INT(OCSP_basic_verify(basic, certs, store, 0), 1);
        CHECK_EQ_INT(OCSP_check_nonce(req, basic), 1);
        int status = -1, reason = -1;
        CHECK_EQ_INT(OCSP_resp_find_status(basic, id, &status, &reason, NULL, NULL, NULL), 1);
        CHECK_EQ_INT(status, V_OCSP_CERTSTATUS_REVOKED);
        CHECK_EQ_INT(reason, OCSP_REVOKED_STATUS_KEYCOMPROMISE);
        sk_X509_free(certs);
        X509_STORE_free(store);
        OCSP_BASICRESP_free(basic);
        OCSP_RESPONSE_free(resp);
        OCSP_REQUEST_free(req);
        OPENSSL_free(asked);
    }
    X509_free(root);
    X509_free(ana);
}

/* OpenSSL as the responder, with a certificate in the answer, naming itself by name. */
TEST(answer_of_openssl_is_believed)
{
    CA_SCOPE(ca, 59, IC_ECDSA_P256_SHA256);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    uint8_t point[65];
    size_t len = 0;
    CHECK_EQ_INT(EVP_PKEY_get_octet_string_param(key, "pub", point, sizeof point, &len), 1);
    X509 *root = read_cert(ca.root_der), *ana = read_cert(ca.ana_der);
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), ana, root);
    ASN1_TIME *now = ASN1_GENERALIZEDTIME_set(NULL, MAKER_NOW);
    OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, NULL, now, NULL);
    X509_set_pubkey(root, key);
    CHECK_EQ_INT(OCSP_basic_sign(basic, root, key, EVP_sha256(), NULL, 0), 1);
    OCSP_RESPONSE *resp = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    unsigned char *der = NULL;
    int der_len = i2d_OCSP_RESPONSE(resp, &der);
    struct ic_pki_ocsp a;
    struct ic_pki_ocsp_state s;
    struct ic_pki_cert issuer = ca.root;
    CHECK_OK(ic_pki_ocsp_decode(ic_view(der, (size_t)der_len), &a, NULL));
    CHECK_ERR(ic_pki_ocsp_verify(&a, &issuer, NULL), IC_ERR_SIGNATURE);
    issuer.key = ic_view(point, len);
    CHECK_OK(ic_pki_ocsp_verify(&a, &issuer, NULL));
    CHECK_OK(ic_pki_ocsp_find(&a, &ca.ana, &ca.root, MAKER_NOW, &s, NULL));
    CHECK_EQ_INT(s.status, IC_PKI_OCSP_GOOD);
    CHECK_EQ_INT(s.next_update, MAKER_NOW); /* it named none */
    OPENSSL_free(der);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(now);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(resp);
    X509_free(root);
    X509_free(ana);
    EVP_PKEY_free(key);
}

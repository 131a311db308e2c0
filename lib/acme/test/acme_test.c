#include "script.h"

#include <ic/pki/cert.h>
#include <ic/pki/pem.h>
#include <string.h>

TEST(acme_an_order_ends_in_a_certificate)
{
    SCRIPT_SCOPE(s);
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    CHECK_EQ_INT(script_order(&s), IC_ACME_DONE);
    struct ic_view chain = ic_acme_chain(s.acme);
    CHECK_OK(ic_pki_pem_next(&chain, "CERTIFICATE", &der));
    CHECK_BYTES(ic_buf_view(&der), s.certificate);
    CHECK_OK(ic_pki_pem_next(&chain, "CERTIFICATE", &der));
    CHECK_BYTES(ic_buf_view(&der), s.root_certificate);
    CHECK(strcmp(ic_acme_account(s.acme), SCRIPT_HOST "/account/1") == 0);
    CHECK(s.responses == 1 && s.finalized == 1 && s.orders == 1);
    CHECK(ic_acme_why(s.acme)[0] == 0);
    /* directory, nonce, account, order, authorization, response, authorization, order, finalize, order, certificate */
    CHECK_EQ_INT(s.requests, 11);
}

TEST(acme_a_proof_that_stands_is_not_given_again)
{
    SCRIPT_SCOPE(s);
    CHECK_EQ_INT(script_order(&s), IC_ACME_DONE);
    CHECK_EQ_INT(script_order(&s),
                 IC_ACME_DONE); /* renewal: the account is known, the order is ready */
    CHECK(s.accounts == 2 && s.orders == 2 && s.responses == 1 && s.finalized == 2);
}

TEST(acme_waits_while_the_server_works)
{
    SCRIPT_SCOPE(s);
    s.pending_polls = 3;
    s.processing = 4;
    CHECK_EQ_INT(script_order(&s), IC_ACME_DONE);
    CHECK(s.waits >= 7 && s.now_ms < 60000);
}

TEST(acme_waits_as_long_as_it_is_told_to)
{
    SCRIPT_SCOPE(s);
    s.processing = 1;
    s.lie = (struct script_lie){.path = "/finalize/1", .retry_after = "17"};
    uint64_t before = s.now_ms;
    CHECK_EQ_INT(script_order(&s), IC_ACME_DONE);
    CHECK(s.now_ms >= before + 17000);
}

TEST(acme_a_refused_nonce_is_tried_again)
{
    SCRIPT_SCOPE(s);
    s.bad_nonces = 4;
    CHECK_EQ_INT(script_order(&s), IC_ACME_DONE);
    SCRIPT_SCOPE(never);
    never.bad_nonces = 1000;
    CHECK_EQ_INT(script_order(&never), IC_ACME_FAILED);
    CHECK(strcmp(ic_acme_problem(never.acme), "badNonce") == 0);
    CHECK(never.requests < 20);
}

TEST(acme_revokes)
{
    SCRIPT_SCOPE(s);
    CHECK_EQ_INT(script_order(&s), IC_ACME_DONE);
    CHECK_EQ_INT(script_revoke(&s), IC_ACME_DONE);
    CHECK_EQ_INT(s.revoked, 1);
    CHECK(strstr(s.payload, "\"reason\":4") != NULL);
    s.lie = (struct script_lie){.path = "/revoke",
                                .status = 400,
                                .body = "{\"type\":\"urn:ietf:params:acme:error:alreadyRevoked\"}"};
    CHECK_EQ_INT(script_revoke(&s), IC_ACME_FAILED);
    CHECK(strcmp(ic_acme_problem(s.acme), "alreadyRevoked") == 0);
}

TEST(acme_what_the_application_cannot_prove_ends_it)
{
    SCRIPT_SCOPE(s);
    s.give_up = true;
    CHECK_EQ_INT(script_order(&s), IC_ACME_FAILED);
    CHECK(strcmp(ic_acme_why(s.acme), "nobody is there") == 0);
    CHECK_EQ_INT(s.responses, 0);
}

TEST(acme_arguments_are_checked)
{
    SCRIPT_SCOPE(s);
    struct ic_acme *a = NULL;
    static const char *const bad[] = {"",
                                      "ftp://ca.test/",
                                      "https://",
                                      "https://ca.test/a b",
                                      "https://ana@ca.test/",
                                      "ca.test/directory"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_ERR(ic_acme_new(&(struct ic_acme_config){.key = s.key->key, .directory = bad[i]}, &a),
                  IC_ERR_ARG);
    CHECK_OK(ic_acme_new(&(struct ic_acme_config){.key = s.key->key, .directory = SCRIPT_HOST "/d"},
                         &a));
    const struct ic_acme_name name = {"email", "ana@ring.example"}, none = {"email", ""};
    CHECK_ERR(ic_acme_order(a, &name, 0, ic_buf_view(&s.csr)), IC_ERR_ARG);
    CHECK_ERR(ic_acme_order(a, &none, 1, ic_buf_view(&s.csr)), IC_ERR_ARG);
    CHECK_ERR(ic_acme_order(a, &name, IC_ACME_NAMES_MAX + 1, ic_buf_view(&s.csr)), IC_ERR_LIMIT);
    CHECK(ic_acme_order(a, &name, 1, IC_VIEW_STR("no request")) != IC_OK);
    CHECK_OK(ic_acme_order(a, &name, 1, ic_buf_view(&s.csr)));
    CHECK_ERR(ic_acme_order(a, &name, 1, ic_buf_view(&s.csr)), IC_ERR_STATE);
    CHECK_ERR(ic_acme_respond(a, IC_VIEW_STR("{}")), IC_ERR_STATE);
    ic_acme_free(a);
}

/* RFC 8037 appendix A.3. */
TEST(acme_thumbprint_is_that_of_rfc_8037)
{
    static const uint8_t seed[32] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
                                     0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
                                     0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19,
                                     0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    struct ic_sign_key *key = NULL;
    char text[IC_ACME_THUMBPRINT];
    CHECK_OK(ic_sign_key_import(IC_ED25519, IC_VIEW_ARRAY(seed), &key));
    CHECK_OK(ic_acme_thumbprint(key, text));
    CHECK(strcmp(text, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k") == 0);
    ic_sign_key_free(key);
}

/* A server that says what it should not. */
#include "script.h"

#include <string.h>

#define PLACE(member) "\"" member "\":\"" SCRIPT_HOST "/x\","
#define ORDER(status, name, authz, finalize)                                                       \
    "{\"status\":\"" status "\",\"identifiers\":[" name "],\"authorizations\":[" authz             \
    "],\"finalize\":\"" finalize "\"}"
#define ANA "{\"type\":\"email\",\"value\":\"ana@ring.example\"}"
#define BEN "{\"type\":\"email\",\"value\":\"ben@ring.example\"}"
#define AUTHZ "\"" SCRIPT_HOST "/authz/1\""
#define FINALIZE SCRIPT_HOST "/finalize/1"

static const struct script_lie lies[] = {
    {.path = "/directory", .body = ""},
    {.path = "/directory", .body = "[]"},
    {.path = "/directory", .body = "{\"newNonce\":7}"},
    {.path = "/directory",
     .body = "{" PLACE("newNonce") PLACE("newAccount")
         PLACE("revokeCert") "\"newOrder\":\"https://evil.test/x\"}"},
    {.path = "/directory",
     .body = "{" PLACE("newNonce") PLACE("newAccount")
         PLACE("revokeCert") "\"newOrder\":\"http://ca.test/x\"}"},
    {.path = "/directory",
     .body = "{" PLACE("newNonce") PLACE("newAccount")
         PLACE("revokeCert") "\"newOrder\":\"https://ca.test.evil.test/x\"}"},
    {.path = "/directory",
     .body = "{" PLACE("newNonce") PLACE("newAccount")
         PLACE("revokeCert") "\"newOrder\":\"https://ca.test/x\\u0000y\"}"},
    {.path = "/nonce", .nonce = "no nonce"},
    {.path = "/nonce", .nonce = ""},
    {.path = "/account", .location = "https://evil.test/account/1"},
    {.path = "/account", .body = "{\"status\":\"deactivated\"}"},
    {.path = "/account", .body = "{"},
    {.path = "/order", .location = "/relative"},
    {.path = "/order", .body = ORDER("pending", BEN, AUTHZ, FINALIZE)},
    {.path = "/order", .body = ORDER("pending", ANA "," BEN, AUTHZ, FINALIZE)},
    {.path = "/order", .body = ORDER("pending", ANA "," ANA, AUTHZ, FINALIZE)},
    {.path = "/order", .body = ORDER("pending", "", AUTHZ, FINALIZE)},
    {.path = "/order", .body = ORDER("pending", ANA, "", FINALIZE)},
    {.path = "/order", .body = ORDER("pending", ANA, AUTHZ "," AUTHZ, FINALIZE)},
    {.path = "/order", .body = ORDER("pending", ANA, "7", FINALIZE)},
    {.path = "/order", .body = ORDER("pending", ANA, AUTHZ, "https://evil.test/f")},
    {.path = "/order", .body = ORDER("invalid", ANA, AUTHZ, FINALIZE)},
    {.path = "/order", .body = ORDER("valid", ANA, AUTHZ, FINALIZE)},
    {.path = "/order", .body = ORDER("nonsense", ANA, AUTHZ, FINALIZE)},
    {.path = "/authz/1", .body = "{\"status\":\"pending\",\"identifier\":" BEN "}"},
    {.path = "/authz/1",
     .body = "{\"status\":\"pending\",\"identifier\":" ANA ",\"challenges\":[]}"},
    {.path = "/authz/1",
     .body = "{\"status\":\"pending\",\"identifier\":" ANA ",\"challenges\":7}"},
    {.path = "/authz/1",
     .body =
         "{\"status\":\"pending\",\"identifier\":" ANA
         ",\"challenges\":[{\"type\":\"incamera-token-01\",\"url\":\"https://evil.test/\",\"token\":\"x\"}]}"},
    {.path = "/authz/1",
     .body = "{\"status\":\"pending\",\"identifier\":" ANA
             ",\"challenges\":[{\"type\":\"incamera-token-01\",\"url\":\"" SCRIPT_HOST
             "/c/1\",\"token\":\"../../etc/passwd\"}]}"},
    {.path = "/authz/1", .body = "{\"status\":\"invalid\",\"identifier\":" ANA "}"},
    {.path = "/authz/1", .body = "{\"status\":\"revoked\",\"identifier\":" ANA "}"},
    {.path = "/c/1", .body = "[]"},
    {.path = "/c/1",
     .status = 403,
     .body = "{\"type\":\"urn:ietf:params:acme:error:unauthorized\"}"},
    {.path = "/finalize/1", .body = ORDER("invalid", ANA, AUTHZ, FINALIZE)},
    {.path = "/finalize/1", .status = 500},
    {.path = "/certificate/1", .body = ""},
    {.path = "/certificate/1",
     .body = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
    {.path = "/certificate/1", .status = 404},
};

TEST(acme_lies_end_it_with_a_reason)
{
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        SCRIPT_SCOPE(s);
        s.lie = lies[i];
        if (script_order(&s) != IC_ACME_FAILED || !ic_acme_why(s.acme)[0] ||
            ic_acme_chain(s.acme).len)
            ic_test_fail(__FILE__, __LINE__, "lie %zu at %s is taken", i, lies[i].path);
        if (ic_test_failed())
            return;
    }
}

TEST(acme_a_server_that_never_finishes_is_left)
{
    static const struct script_lie endless[] = {
        {.path = "/order/1", .body = ORDER("processing", ANA, AUTHZ, FINALIZE)},
        {.path = "/order/1", .body = ORDER("pending", ANA, AUTHZ, FINALIZE)},
        {.path = "/finalize/1", .retry_after = "99999999999999999999"},
        {.path = "/order/1",
         .body = ORDER("processing", ANA, AUTHZ, FINALIZE),
         .retry_after = "-1"},
    };
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
        SCRIPT_SCOPE(s);
        s.lie = endless[i];
        enum ic_acme_step step = script_order(&s);
        CHECK(step == (i == 2 ? IC_ACME_DONE : IC_ACME_FAILED));
        CHECK(s.now_ms <= IC_ACME_PATIENCE_MS + 100000 && s.requests < 100);
    }
    SCRIPT_SCOPE(s);
    s.pending_polls = 1 << 20;
    CHECK_EQ_INT(script_order(&s), IC_ACME_FAILED);
    CHECK(strstr(ic_acme_why(s.acme), "300 seconds") != NULL);
}

TEST(acme_a_certificate_of_another_key_or_name_is_refused)
{
    SCRIPT_SCOPE(other_name);
    other_name.names = "email:eve@ring.example";
    CHECK_EQ_INT(script_order(&other_name), IC_ACME_FAILED);
    CHECK(strstr(ic_acme_why(other_name.acme), "names") != NULL);
    SCRIPT_SCOPE(other_key);
    other_key.key = maker_key(&other_key.m, IC_ECDSA_P256_SHA256); /* the request has the first */
    CHECK_EQ_INT(script_order(&other_key), IC_ACME_FAILED);
    CHECK(strstr(ic_acme_why(other_key.acme), "another key") != NULL);
    SCRIPT_SCOPE(stranger);
    stranger.root_certificate = maker_cert(
        &stranger.m,
        &(struct maker_spec){.subject = "CN=Somebody", .key = stranger.root, .ca = true});
    CHECK_EQ_INT(script_order(&stranger), IC_ACME_FAILED);
    CHECK(strstr(ic_acme_why(stranger.acme), "follow") != NULL);
}

TEST(acme_why_there_was_no_answer_is_told_plainly)
{
    SCRIPT_SCOPE(s);
    struct ic_acme_request r;
    uint64_t wait_ms;
    CHECK_EQ_INT(script_order(&s), IC_ACME_DONE);
    const struct ic_acme_config c = {
        .key = s.account_key->key, .directory = SCRIPT_HOST "/d", .challenge = "http-01"};
    const struct ic_acme_name name = {"email", "ana@ring.example"};
    struct ic_acme *a = NULL;
    CHECK_OK(ic_acme_new(&c, &a));
    CHECK_OK(ic_acme_order(a, &name, 1, ic_buf_view(&s.csr)));
    CHECK_EQ_INT(ic_acme_next(a, 1, &r, &wait_ms), IC_ACME_SEND);
    ic_acme_answer(a, &(struct ic_acme_answer){.body = IC_VIEW_STR("broken \033[2J\xca\xca")}, 1);
    CHECK_EQ_INT(ic_acme_next(a, 1, &r, &wait_ms), IC_ACME_FAILED);
    CHECK(strstr(ic_acme_why(a), "does not answer: broken ?[2J??") != NULL);
    ic_acme_free(a);
}

TEST(acme_a_problem_is_told_and_cannot_move_the_terminal)
{
    SCRIPT_SCOPE(s);
    s.lie = (struct script_lie){
        .path = "/order",
        .status = 429,
        .body =
            "{\"type\":\"urn:ietf:params:acme:error:rateLimited\",\"detail\":\"slow\\u001b[2Jdown\"}"};
    CHECK_EQ_INT(script_order(&s), IC_ACME_FAILED);
    CHECK(strcmp(ic_acme_problem(s.acme), "rateLimited") == 0);
    CHECK(strstr(ic_acme_why(s.acme), "slow?[2Jdown (rateLimited)") != NULL);
}

/* Orders, authorizations, challenges, issuing, revoking: RFC 8555 sections 7.4 to 7.6 and 8. */
#include "identity/acme/test/town.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <string.h>

static const char person[] =
    "{\"identifiers\":[{\"type\":\"email\",\"value\":\"ana@ring.example\"}]}";
static const char host[] = "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"room.ring.example\"}]}";

static bool refused(const struct town *t, int status, int want, const char *error)
{
    if (status == want && strcmp(town_error(t), error) == 0)
        return true;
    ic_test_fail(__FILE__, __LINE__, "%d %s: %s", status, town_error(t), town_detail(t));
    return false;
}

static bool status_is(const struct town *t, const char *want)
{
    return strcmp(town_text(t, "status"), want) == 0;
}

struct urls {
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], authz[ICD_ACME_URL], challenge[ICD_ACME_URL];
};

static void take_order(struct town *t, const char *order, const char *type, struct urls *u)
{
    CHECK_EQ_INT(town_post(t, "new-order", order), 201);
    CHECK(status_is(t, "pending"));
    snprintf(u->order, sizeof u->order, "%s", t->location);
    snprintf(u->finalize, sizeof u->finalize, "%s", town_text(t, "finalize"));
    snprintf(u->authz, sizeof u->authz, "%s", town_item(t, "authorizations", 0));
    CHECK_EQ_INT(town_post(t, u->authz, ""), 200);
    snprintf(u->challenge, sizeof u->challenge, "%s", town_challenge(t, type, "url"));
    CHECK(u->challenge[0]);
}

TEST(acme_person_enrols)
{
    struct town t;
    struct urls u;
    char csr[4096], certificate[ICD_ACME_URL];
    town_open(&t);
    take_order(&t, person, "incamera-token-01", &u);
    if (ic_test_failed())
        return;
    CHECK(strcmp(town_challenge(&t, "http-01", "url"), "") == 0);
    town_csr(&t, "email:ana@ring.example uri:im:ana@ring.example", "Ana", csr, sizeof csr);
    CHECK(refused(&t, town_post(&t, u.finalize, csr), 403, "orderNotReady"));
    CHECK_EQ_INT(town_post(&t, u.challenge, "{\"token\":\"good\"}"), 200);
    CHECK(status_is(&t, "valid") && town_text(&t, "validated")[0]);
    CHECK_EQ_INT(town_post(&t, u.authz, ""), 200);
    CHECK(status_is(&t, "valid"));
    CHECK_EQ_INT(town_post(&t, u.order, ""), 200);
    CHECK(status_is(&t, "ready"));
    CHECK_EQ_INT(town_post(&t, u.finalize, csr), 200);
    CHECK(status_is(&t, "valid") && strcmp(t.location, u.order) == 0);
    snprintf(certificate, sizeof certificate, "%s", town_text(&t, "certificate"));
    /* once */
    CHECK(refused(&t, town_post(&t, u.finalize, csr), 403, "orderNotReady"));
    CHECK_EQ_INT(neighbours.issued, 1);
    CHECK(refused(&t, town_post(&t, certificate, "{}"), 400, "malformed"));
    CHECK_EQ_INT(town_post(&t, certificate, ""), 200);
    CHECK(strcmp(t.w.response.type, "application/pem-certificate-chain") == 0);
    CHECK(memmem(t.w.response.body.p, t.w.response.body.len, "BEGIN CERTIFICATE", 17));
    town_close(&t);
}

/* Renewal: what was proved serves until it is too old, or the person may not any more. */
TEST(acme_person_renews)
{
    struct town t;
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], csr[4096];
    town_open(&t);
    town_ready(&t, order, finalize);
    town_csr(&t, "email:ana@ring.example", NULL, csr, sizeof csr);
    CHECK_EQ_INT(town_post(&t, finalize, csr), 200);
    CHECK_EQ_INT(town_post(&t, "new-order", person), 201);
    CHECK(status_is(&t, "ready"));
    snprintf(finalize, sizeof finalize, "%s", town_text(&t, "finalize"));
    CHECK_EQ_INT(neighbours.redeemed, 1);
    /* suspended, or the device revoked: neither the order under way nor a new one */
    neighbours.device = IC_ERR_STATE;
    CHECK(refused(&t, town_post(&t, finalize, csr), 403, "unauthorized"));
    CHECK_EQ_INT(town_post(&t, "new-order", person), 201);
    CHECK(status_is(&t, "pending"));
    neighbours.device = IC_OK;
    CHECK_EQ_INT(town_post(&t, finalize, csr), 200);
    world_pass(&t.w, 1000ull * t.w.config.acme_person_s);
    t.nonce[0] = 0;
    CHECK_EQ_INT(town_post(&t, "new-order", person), 201);
    CHECK(status_is(&t, "pending"));
    town_close(&t);
}

TEST(acme_enrolment_token_that_is_not_good)
{
    struct town t;
    struct urls u;
    town_open(&t);
    take_order(&t, person, "incamera-token-01", &u);
    if (ic_test_failed())
        return;
    CHECK(refused(&t, town_post(&t, u.challenge, "{}"), 400, "malformed"));
    CHECK(refused(&t, town_post(&t, u.challenge, "{\"token\":7}"), 400, "malformed"));
    for (int i = 0; i < 4; i++)
        CHECK(refused(&t, town_post(&t, u.challenge, "{\"token\":\"bad\"}"), 403,
                      "incorrectResponse"));
    CHECK_EQ_INT(town_post(&t, u.authz, ""), 200);
    CHECK(status_is(&t, "pending"));
    CHECK(refused(&t, town_post(&t, u.challenge, "{\"token\":\"bad\"}"), 403, "incorrectResponse"));
    CHECK_EQ_INT(town_post(&t, u.authz, ""), 200);
    CHECK(status_is(&t, "invalid"));
    CHECK_EQ_INT(town_post(&t, u.order, ""), 200);
    CHECK(status_is(&t, "invalid"));
    CHECK(refused(&t, town_post(&t, u.challenge, "{\"token\":\"good\"}"), 400, "malformed"));
    CHECK_EQ_INT(neighbours.redeemed, 0);
    town_close(&t);
}

/* A good token of somebody else's: an account that was taken over gets its own name, never another's. */
TEST(acme_enrolment_token_of_somebody_else)
{
    struct town t;
    struct urls u;
    town_open(&t);
    neighbours.email = "eve@ring.example";
    take_order(&t, person, "incamera-token-01", &u);
    if (ic_test_failed())
        return;
    CHECK(
        refused(&t, town_post(&t, u.challenge, "{\"token\":\"good\"}"), 403, "incorrectResponse"));
    CHECK_EQ_INT(town_post(&t, u.order, ""), 200);
    CHECK(status_is(&t, "pending"));
    town_close(&t);
}

TEST(acme_order_of_another_account)
{
    struct town t;
    struct urls u;
    char kid[ICD_ACME_URL], mine[ICD_ACME_URL], csr[4096];
    const char *const all[] = {u.order, u.finalize, u.authz, u.challenge};
    town_open(&t);
    take_order(&t, person, "incamera-token-01", &u);
    if (ic_test_failed())
        return;
    struct signer other = signer_new(ICD_ACME_ES256);
    CHECK_EQ_INT(town_join(&t, &other, kid), 201);
    snprintf(mine, sizeof mine, "%s", t.kid);
    town_csr(&t, "email:ana@ring.example", NULL, csr, sizeof csr);
    for (size_t i = 0; i < 4; i++)
        CHECK(refused(
            &t,
            town_post_as(&t, all[i], &other,
                         &(struct signed_request){.kid = kid,
                                                  .payload = i == 1   ? csr
                                                             : i == 3 ? "{\"token\":\"good\"}"
                                                                      : ""}),
            403, "unauthorized"));
    CHECK_EQ_INT(neighbours.redeemed, 0);
    CHECK(refused(&t, town_post(&t, "order/AAAAAAAAAAAAAAAAAAAAAA", ""), 404, "malformed"));
    static const char *const odd[] = {"order/",
                                      "order/AAA",
                                      "order/AAAAAAAAAAAAAAAAAAAAAA/x",
                                      "order/AAAAAAAAAAAAAAAAAAAAAA/http-01",
                                      "authz/../order",
                                      "chall/AAAAAAAAAAAAAAAAAAAAAA",
                                      "cert/AAAAAAAAAAAAAAAAAAAAAA",
                                      "authz/AAAAAAAAAAAAAAAAAAAAA%"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        CHECK(refused(&t, town_post(&t, odd[i], ""), 404, "malformed"));
    signer_free(&other);
    town_close(&t);
}

TEST(acme_certificate_of_another_account)
{
    struct town t;
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], csr[4096], kid[ICD_ACME_URL];
    town_open(&t);
    town_ready(&t, order, finalize);
    town_csr(&t, "email:ana@ring.example", NULL, csr, sizeof csr);
    CHECK_EQ_INT(town_post(&t, finalize, csr), 200);
    char certificate[ICD_ACME_URL];
    snprintf(certificate, sizeof certificate, "%s", town_text(&t, "certificate"));
    struct signer other = signer_new(ICD_ACME_ES256);
    CHECK_EQ_INT(town_join(&t, &other, kid), 201);
    CHECK(refused(
        &t,
        town_post_as(&t, certificate, &other, &(struct signed_request){.kid = kid, .payload = ""}),
        403, "unauthorized"));
    signer_free(&other);
    town_close(&t);
}

TEST(acme_order_past_its_end)
{
    struct town t;
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], csr[4096];
    town_open(&t);
    town_ready(&t, order, finalize);
    town_csr(&t, "email:ana@ring.example", NULL, csr, sizeof csr);
    world_pass(&t.w, 1000ull * t.w.config.acme_order_s);
    t.nonce[0] = 0;
    CHECK(refused(&t, town_post(&t, finalize, csr), 403, "orderNotReady"));
    CHECK_EQ_INT(town_post(&t, order, ""), 200);
    CHECK(status_is(&t, "invalid"));
    CHECK_EQ_INT(neighbours.issued, 0);
    town_close(&t);
}

TEST(acme_orders_that_are_refused)
{
    struct town t;
    town_open(&t);
    CHECK(refused(&t, town_post(&t, "new-order", "{}"), 400, "malformed"));
    CHECK(refused(
        &t,
        town_post(&t, "new-order",
                  "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"room.elsewhere.org\"}]}"),
        400, "rejectedIdentifier"));
    CHECK(refused(&t,
                  town_post(&t, "new-order",
                            "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"*.ring.example\"}]}"),
                  400, "rejectedIdentifier"));
    CHECK(refused(
        &t,
        town_post(&t, "new-order", "{\"identifiers\":[{\"type\":\"ip\",\"value\":\"192.0.2.1\"}]}"),
        400, "unsupportedIdentifier"));
    CHECK(refused(&t,
                  town_post(&t, "new-order",
                            "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"a.ring.example\"}],"
                            "\"notAfter\":\"2030-01-01T00:00:00Z\"}"),
                  400, "malformed"));
    CHECK(refused(&t,
                  town_post(&t, "new-order",
                            "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"a.ring.example\"},"
                            "{\"type\":\"dns\",\"value\":\"a.other.example\"}]}"),
                  400, "rejectedIdentifier"));
    t.w.config.acme_any_domain = true;
    CHECK_EQ_INT(
        town_post(&t, "new-order",
                  "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"room.elsewhere.org\"}]}"),
        201);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_orders"), 1);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_authz"), 1);
    town_close(&t);
}

static bool csr_refused(struct town *t, const char *finalize, const char *names, const char *cn)
{
    char csr[4096];
    town_csr(t, names, cn, csr, sizeof csr);
    return refused(t, town_post(t, finalize, csr), 400, "badCSR");
}

TEST(acme_requests_with_other_names)
{
    struct town t;
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], csr[4096];
    town_open(&t);
    town_ready(&t, order, finalize);
    CHECK(csr_refused(&t, finalize, "email:eve@ring.example", NULL));
    CHECK(csr_refused(&t, finalize, "email:ana@ring.example email:eve@ring.example", NULL));
    CHECK(csr_refused(&t, finalize, "email:ana@ring.example dns:room.ring.example", NULL));
    CHECK(csr_refused(&t, finalize, "email:ana@ring.example uri:im:eve@ring.example", NULL));
    CHECK(csr_refused(&t, finalize, "email:ana@ring.example uri:https://ring.example/", NULL));
    CHECK(csr_refused(&t, finalize, "dns:ring.example", NULL));
    CHECK(csr_refused(&t, finalize, "", "Ana"));
    CHECK_EQ_INT(town_post(&t, order, ""), 200);
    CHECK(status_is(&t, "ready")); /* for a better one: RFC 8555 section 7.4 */
    /* letters in either case, and whatever the person is called */
    town_csr(&t, "email:Ana@RING.example", "Somebody", csr, sizeof csr);
    CHECK_EQ_INT(town_post(&t, finalize, csr), 200);
    town_close(&t);
}

TEST(acme_requests_that_are_none)
{
    struct town t;
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], csr[4096];
    town_open(&t);
    town_ready(&t, order, finalize);
    CHECK(refused(&t, town_post(&t, finalize, ""), 400, "malformed"));
    CHECK(refused(&t, town_post(&t, finalize, "{}"), 400, "malformed"));
    CHECK(refused(&t, town_post(&t, finalize, "{\"csr\":\"a+b=\"}"), 400, "malformed"));
    CHECK(refused(&t, town_post(&t, finalize, "{\"csr\":\"AAAA\"}"), 400, "badCSR"));
    /* a signature that is not the key's */
    town_csr(&t, "email:ana@ring.example", NULL, csr, sizeof csr);
    char *last = csr + strlen(csr) - 8;
    *last = *last == 'A' ? 'B' : 'A';
    CHECK(refused(&t, town_post(&t, finalize, csr), 400, "badCSR"));
    CHECK_EQ_INT(neighbours.issued, 0);
    town_close(&t);
}

TEST(acme_authority_that_refuses)
{
    struct town t;
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], csr[4096];
    town_open(&t);
    town_ready(&t, order, finalize);
    town_csr(&t, "email:ana@ring.example", NULL, csr, sizeof csr);
    neighbours.issuing = IC_ERR_KEY;
    CHECK(refused(&t, town_post(&t, finalize, csr), 400, "badCSR"));
    neighbours.issuing = IC_ERR_DENIED;
    CHECK(refused(&t, town_post(&t, finalize, csr), 403, "unauthorized"));
    neighbours.issuing = IC_ERR_IO;
    CHECK(refused(&t, town_post(&t, finalize, csr), 500, "serverInternal"));
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_certificates"), 0);
    neighbours.issuing = IC_OK;
    CHECK_EQ_INT(town_post(&t, finalize, csr), 200);
    town_close(&t);
}

/* Not on the disk: no answer says that it is. */
TEST(acme_full_disk)
{
    struct town t;
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], csr[4096];
    town_open(&t);
    town_ready(&t, order, finalize);
    town_csr(&t, "email:ana@ring.example", NULL, csr, sizeof csr);
    icd_store_fail_next_commit(t.w.id->store);
    CHECK_EQ_INT(town_post(&t, finalize, csr), 500);
    t.nonce[0] = 0;
    CHECK_EQ_INT(town_post(&t, order, ""), 200);
    CHECK(status_is(&t, "ready"));
    CHECK_EQ_INT(town_post(&t, finalize, csr), 200);
    town_close(&t);
}

/* ---- challenges that take time; here nobody answers ---- */

TEST(acme_challenge_is_tried_three_times)
{
    struct town t;
    struct urls u;
    town_open(&t);
    take_order(&t, host, "dns-01", &u);
    if (ic_test_failed())
        return;
    CHECK_EQ_INT(strlen(town_challenge(&t, "http-01", "token")), ICD_ACME_TOKEN);
    CHECK(town_challenge(&t, "dns-01", "url")[0]);
    CHECK_EQ_INT(town_post(&t, u.challenge, "{}"), 200);
    CHECK(strstr(world_header(&t.w, "retry-after:"), "2"));
    CHECK_EQ_INT(town_post(&t, u.authz, ""), 200);
    CHECK(status_is(&t, "pending"));
    CHECK(strcmp(town_challenge(&t, "dns-01", "status"), "processing") == 0);
    CHECK(json_object_get(json_array_get(json_object_get(t.w.answer, "challenges"), 1), "error"));
    /* again for the same: taken; another meanwhile: not */
    CHECK_EQ_INT(town_post(&t, u.challenge, "{}"), 200);
    CHECK_EQ_INT(town_count(&t, "SELECT attempts FROM acme_authz"), 1);
    char other[ICD_ACME_URL];
    snprintf(other, sizeof other, "%.*shttp-01", (int)(strlen(u.challenge) - 6), u.challenge);
    CHECK(refused(&t, town_post(&t, other, "{}"), 400, "malformed"));
    world_pass(&t.w, 3000);
    CHECK_EQ_INT(town_count(&t, "SELECT attempts FROM acme_authz"), 2);
    world_pass(&t.w, 3000);
    CHECK_EQ_INT(town_count(&t, "SELECT attempts FROM acme_authz"), 2);
    world_pass(&t.w, 3000);
    CHECK_EQ_INT(town_count(&t, "SELECT attempts FROM acme_authz"), 3);
    CHECK_EQ_INT(town_post(&t, u.authz, ""), 200);
    CHECK(status_is(&t, "invalid"));
    CHECK_EQ_INT(json_array_size(json_object_get(t.w.answer, "challenges")), 1);
    CHECK_EQ_INT(town_post(&t, u.order, ""), 200);
    CHECK(status_is(&t, "invalid"));
    world_pass(&t.w, 60000);
    CHECK_EQ_INT(town_count(&t, "SELECT attempts FROM acme_authz"), 3);
    town_close(&t);
}

TEST(acme_authorization_is_given_up)
{
    struct town t;
    struct urls u;
    town_open(&t);
    take_order(&t, host, "dns-01", &u);
    if (ic_test_failed())
        return;
    CHECK_EQ_INT(town_post(&t, u.challenge, "{}"), 200);
    CHECK(refused(&t, town_post(&t, u.authz, "{\"status\":\"valid\"}"), 400, "malformed"));
    CHECK_EQ_INT(town_post(&t, u.authz, "{\"status\":\"deactivated\"}"), 200);
    CHECK(status_is(&t, "deactivated"));
    CHECK(refused(&t, town_post(&t, u.authz, "{\"status\":\"deactivated\"}"), 400, "malformed"));
    world_pass(&t.w, 10000);
    CHECK_EQ_INT(town_count(&t, "SELECT attempts FROM acme_authz"), 1);
    CHECK_EQ_INT(town_post(&t, u.order, ""), 200);
    CHECK(status_is(&t, "invalid"));
    CHECK(refused(&t, town_post(&t, u.challenge, "{}"), 400, "malformed"));
    town_close(&t);
}

TEST(acme_too_many_orders)
{
    struct town t;
    town_open(&t);
    t.w.config.acme_orders_per_hour = 3;
    for (int i = 0; i < 3; i++)
        CHECK_EQ_INT(town_post(&t, "new-order", host), 201);
    CHECK(refused(&t, town_post(&t, "new-order", host), 429, "rateLimited"));
    CHECK(strcmp(world_header(&t.w, "retry-after:"), "3600") == 0);
    world_pass(&t.w, 3600001);
    t.nonce[0] = 0;
    CHECK_EQ_INT(town_post(&t, "new-order", host), 201);
    t.w.config.acme_orders_per_hour = 1000;
    int status = 201;
    for (int i = 0; i < 60 && status == 201; i++)
        status = town_post(&t, "new-order", host);
    CHECK(refused(&t, status, 429, "rateLimited"));
    CHECK(strstr(town_detail(&t), "open"));
    town_close(&t);
}

TEST(acme_too_many_certificates_of_a_person)
{
    struct town t;
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], csr[4096];
    town_open(&t);
    t.w.config.acme_person_certificates_per_hour = 3;
    town_csr(&t, "email:ana@ring.example uri:im:ana@ring.example", "Ana", csr, sizeof csr);
    town_ready(&t, order, finalize);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(icd_id_write(t.w.id));
        CHECK_OK(icd_store_exec(
            t.w.id->store,
            "INSERT INTO ca_certificates(serial, kind, org, owner, device, subject, name,"
            " not_before_s, not_after_s, revoked_ms, reason, der)"
            " VALUES($1, 0, 1, 'uuuuuuuuuuuuuuuuuuuuuu', '', '', '', $2, $3, 0, 0, '')",
            NULL,
            ICD_PARAMS(ICD_TEXT(ic_view(&"abc"[i], 1)),
                       ICD_INT(t.w.now_ms / 1000 - 300 - 600 + 60 * (uint64_t)i),
                       ICD_INT(t.w.now_ms / 1000 + 600000))));
        icd_identity_flush(t.w.id);
    }
    CHECK(refused(&t, town_post(&t, finalize, csr), 429, "rateLimited"));
    CHECK(strcmp(world_header(&t.w, "retry-after:"), "3000") == 0);
    CHECK_EQ_INT(neighbours.issued, 0);
    world_pass(&t.w, 3000000);
    t.nonce[0] = 0;
    CHECK_EQ_INT(town_post(&t, finalize, csr), 200);
    CHECK_EQ_INT(neighbours.issued, 1);
    town_close(&t);
}

/* A domain that the organisation has given up between the order and its end. */
TEST(acme_domain_that_is_gone)
{
    struct town t;
    struct urls u;
    char csr[4096];
    town_open(&t);
    take_order(&t, host, "http-01", &u);
    if (ic_test_failed())
        return;
    town_sql(&t, "UPDATE acme_authz SET status = 3");
    neighbours.no_domains = true;
    town_csr(&t, "dns:room.ring.example", NULL, csr, sizeof csr);
    CHECK(refused(&t, town_post(&t, u.finalize, csr), 400, "rejectedIdentifier"));
    CHECK_EQ_INT(neighbours.issued, 0);
    neighbours.no_domains = false;
    CHECK_EQ_INT(town_post(&t, u.finalize, csr), 200);
    town_close(&t);
}

/* Directory, nonces, accounts and their keys: RFC 8555 sections 6, 7.1 to 7.3. */
#include "identity/acme/test/town.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <string.h>

static bool refused(const struct town *t, int status, int want, const char *error)
{
    if (status == want && strcmp(town_error(t), error) == 0)
        return true;
    ic_test_fail(__FILE__, __LINE__, "%d %s: %s", status, town_error(t), town_detail(t));
    return false;
}

TEST(acme_directory)
{
    struct town t;
    town_open_bare(&t);
    CHECK_EQ_INT(world_call(&t.w, "GET", "/acme/directory", "", ""), 200);
    CHECK(strcmp(town_text(&t, "newOrder"), "https://id.example.org/acme/new-order") == 0);
    CHECK(strcmp(town_text(&t, "newAuthz"), "") == 0);
    /* RFC 8555 section 6.3: all else is signed */
    CHECK(refused(&t, world_call(&t.w, "GET", "/acme/new-order", "", ""), 405, "malformed"));
    CHECK(refused(&t, world_call(&t.w, "POST", "/acme/nothing", "", ""), 404, "malformed"));
    town_close(&t);
}

TEST(acme_new_nonce)
{
    struct town t;
    char first[64];
    town_open_bare(&t);
    CHECK_EQ_INT(world_call(&t.w, "HEAD", "/acme/new-nonce", "", ""), 200);
    snprintf(first, sizeof first, "%s", world_header(&t.w, "replay-nonce:"));
    CHECK_EQ_INT(strlen(first), ICD_ACME_NONCE);
    CHECK(strstr(world_header(&t.w, "link:"), "/acme/directory>;rel=\"index\""));
    CHECK_EQ_INT(world_call(&t.w, "GET", "/acme/new-nonce", "", ""), 204);
    CHECK(strcmp(first, world_header(&t.w, "replay-nonce:")) != 0);
    town_close(&t);
}

TEST(acme_account_is_made_once)
{
    struct town t;
    char kid[ICD_ACME_URL];
    town_open(&t);
    CHECK(strncmp(t.kid, town_base, sizeof town_base - 1) == 0);
    CHECK(strcmp(town_text(&t, "status"), "valid") == 0);
    /* whatever the second request says, the account is as it was */
    CHECK_EQ_INT(town_post_as(&t, "new-account", &t.key,
                              &(struct signed_request){.payload = "{\"contact\":[\"mailto:x\"]}"}),
                 200);
    CHECK(strcmp(t.location, t.kid) == 0);
    CHECK(!json_object_get(t.w.answer, "contact"));
    struct signer other = signer_new(ICD_ACME_RS256);
    CHECK(
        refused(&t,
                town_post_as(&t, "new-account", &other,
                             &(struct signed_request){.payload = "{\"onlyReturnExisting\":true}"}),
                400, "accountDoesNotExist"));
    CHECK_EQ_INT(town_join(&t, &other, kid), 201);
    CHECK(strcmp(kid, t.kid) != 0);
    CHECK_EQ_INT(town_post_as(&t, "new-account", &other,
                              &(struct signed_request){.payload = "{\"onlyReturnExisting\":true}"}),
                 200);
    signer_free(&other);
    town_close(&t);
}

TEST(acme_terms_are_agreed_to)
{
    struct town t;
    char kid[ICD_ACME_URL];
    town_open_bare(&t);
    strcpy(t.w.config.acme_terms, "https://id.example.org/terms");
    world_call(&t.w, "GET", "/acme/directory", "", "");
    CHECK(strcmp(json_string_value(
                     json_object_get(json_object_get(t.w.answer, "meta"), "termsOfService")),
                 "https://id.example.org/terms") == 0);
    CHECK(refused(&t, town_join(&t, &t.key, kid), 400, "malformed"));
    CHECK_EQ_INT(
        town_post_as(&t, "new-account", &t.key,
                     &(struct signed_request){.payload = "{\"termsOfServiceAgreed\":true}"}),
        201);
    town_close(&t);
}

TEST(acme_account_is_changed_and_ended)
{
    struct town t;
    char kid[ICD_ACME_URL], orders[ICD_ACME_URL], order[ICD_ACME_URL], finalize[ICD_ACME_URL];
    town_open(&t);
    town_ready(&t, order, finalize);
    CHECK_EQ_INT(town_post(&t, t.kid, "{\"contact\":[\"mailto:admin@ring.example\"]}"), 200);
    CHECK_EQ_INT(town_post(&t, t.kid, ""), 200);
    CHECK(strcmp(town_item(&t, "contact", 0), "mailto:admin@ring.example") == 0);
    snprintf(orders, sizeof orders, "%s", town_text(&t, "orders"));
    CHECK(
        refused(&t, town_post(&t, t.kid, "{\"contact\":[\"tel:1\"]}"), 400, "unsupportedContact"));
    CHECK_EQ_INT(town_post(&t, t.kid, "{\"status\":\"valid\",\"orders\":\"x\"}"), 200);
    CHECK_EQ_INT(town_post(&t, orders, ""), 200);
    CHECK(strcmp(town_item(&t, "orders", 0), order) == 0);
    CHECK_EQ_INT(town_post(&t, t.kid, "{\"status\":\"deactivated\"}"), 200);
    CHECK(strcmp(town_text(&t, "status"), "deactivated") == 0);
    /* RFC 8555 section 7.3.6 */
    CHECK(refused(&t, town_post(&t, orders, ""), 401, "unauthorized"));
    CHECK(refused(&t, town_post(&t, finalize, "{}"), 401, "unauthorized"));
    CHECK(refused(&t, town_join(&t, &t.key, kid), 401, "unauthorized"));
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_orders WHERE status = 0"), 0);
    town_close(&t);
}

TEST(acme_account_of_somebody_else)
{
    struct town t;
    char kid[ICD_ACME_URL], url[ICD_ACME_URL + 8];
    town_open(&t);
    struct signer other = signer_new(ICD_ACME_ES384);
    CHECK_EQ_INT(town_join(&t, &other, kid), 201);
    CHECK(refused(&t, town_post(&t, kid, "{\"status\":\"deactivated\"}"), 403, "unauthorized"));
    snprintf(url, sizeof url, "%s/orders", kid);
    CHECK(refused(&t, town_post(&t, url, ""), 403, "unauthorized"));
    /* a kid with another's key */
    CHECK(refused(
        &t, town_post_as(&t, kid, &t.key, &(struct signed_request){.kid = kid, .payload = ""}), 400,
        "badPublicKey"));
    signer_free(&other);
    town_close(&t);
}

TEST(acme_orders_come_in_pages)
{
    struct town t;
    char orders[ICD_ACME_URL + 16];
    town_open(&t);
    snprintf(orders, sizeof orders, "%s/orders", t.kid);
    t.w.config.acme_orders_per_hour = 1000;
    for (int i = 0; i < 50; i++)
        CHECK_EQ_INT(
            town_post(&t, "new-order",
                      "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"a.ring.example\"}]}"),
            201);
    CHECK_EQ_INT(town_post(&t, orders, ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(t.w.answer, "orders")), 50);
    town_sql(&t, "INSERT INTO acme_orders SELECT 'zzzzzzzzzzzzzzzzzzzzzz', account, names, status,"
                 " expires_ms, created_ms, certificate FROM acme_orders LIMIT 1");
    CHECK_EQ_INT(town_post(&t, orders, ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(t.w.answer, "orders")), 50);
    char next[ICD_ACME_URL + 64];
    snprintf(next, sizeof next, "%s?cursor=%s", orders,
             strrchr(town_item(&t, "orders", 49), '/') + 1);
    CHECK_EQ_INT(town_post(&t, next, ""), 200);
    CHECK_EQ_INT(json_array_size(json_object_get(t.w.answer, "orders")), 1);
    town_close(&t);
}

/* ---- requests ---- */

TEST(acme_nonce_replayed_or_foreign)
{
    struct town t;
    char used[64];
    town_open(&t);
    snprintf(used, sizeof used, "%s", t.nonce);
    CHECK_EQ_INT(town_post(&t, t.kid, ""), 200);
    CHECK(
        refused(&t,
                town_post_as(&t, t.kid, &t.key,
                             &(struct signed_request){.kid = t.kid, .payload = "", .nonce = used}),
                400, "badNonce"));
    CHECK(t.nonce[0]); /* a fresh one comes with it */
    CHECK_EQ_INT(town_post(&t, t.kid, ""), 200);
    CHECK(refused(&t,
                  town_post_as(&t, t.kid, &t.key,
                               &(struct signed_request){
                                   .kid = t.kid, .payload = "", .nonce = "AAAAAAAAAAAAAAAAAAAAAA"}),
                  400, "badNonce"));
    /* the whole request again, byte for byte */
    CHECK_EQ_INT(town_post(&t, t.kid, ""), 200);
    CHECK(refused(&t, town_send(&t, t.kid, "application/jose+json"), 400, "badNonce"));
    /* an hour later */
    world_pass(&t.w, 60000 * ICD_ACME_NONCE_MIN);
    CHECK(refused(&t, town_post(&t, t.kid, ""), 400, "badNonce"));
    town_close(&t);
}

TEST(acme_request_for_another_url)
{
    static const char *const urls[] = {"https://id.example.org/acme/new-account",
                                       "https://evil.example/acme/new-order",
                                       "/acme/new-order",
                                       "https://id.example.org/acme/new-order?",
                                       "https://id.example.org/acme/new-order/",
                                       "http://id.example.org/acme/new-order"};
    struct town t;
    town_open(&t);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        CHECK(refused(
            &t,
            town_post_as(&t, "new-order", &t.key,
                         &(struct signed_request){.kid = t.kid, .payload = "{}", .url = urls[i]}),
            401, "unauthorized"));
    CHECK(refused(
        &t,
        town_post_as(&t, "new-order?x=1", &t.key,
                     &(struct signed_request){.kid = t.kid,
                                              .payload = "{}",
                                              .url = "https://id.example.org/acme/new-order"}),
        401, "unauthorized"));
    town_close(&t);
}

TEST(acme_request_of_another_type)
{
    struct town t;
    town_open(&t);
    CHECK_EQ_INT(town_post(&t, t.kid, ""), 200);
    static const char *const types[] = {"", "application/json", "application/jose",
                                        "application/jose+jsonx"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        CHECK(refused(&t, town_send(&t, t.kid, types[i]), 415, "malformed"));
    CHECK(
        refused(&t, town_send(&t, t.kid, "Application/Jose+JSON; charset=utf-8"), 400, "badNonce"));
    town_close(&t);
}

TEST(acme_kid_where_a_jwk_is_wanted)
{
    struct town t;
    char far[ICD_ACME_URL];
    town_open(&t);
    CHECK(refused(&t, town_post(&t, "new-account", "{}"), 400, "malformed"));
    CHECK(refused(&t,
                  town_post_as(&t, "new-order", &t.key, &(struct signed_request){.payload = "{}"}),
                  400, "malformed"));
    snprintf(far, sizeof far, "%sacct/AAAAAAAAAAAAAAAAAAAAAA", town_base);
    static const char *const kids[] = {"https://id.example.org/acme/acct/", "1",
                                       "https://evil.example/acme/acct/AAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < sizeof kids / sizeof *kids; i++)
        CHECK(refused(&t,
                      town_post_as(&t, "new-order", &t.key,
                                   &(struct signed_request){.payload = "{}", .kid = kids[i]}),
                      400, "accountDoesNotExist"));
    CHECK(refused(&t,
                  town_post_as(&t, "new-order", &t.key,
                               &(struct signed_request){.payload = "{}", .kid = far}),
                  400, "accountDoesNotExist"));
    town_close(&t);
}

TEST(acme_payloads_that_are_none)
{
    struct town t;
    town_open(&t);
    static const char *const bad[] = {"[]", "7", "{", "{\"a\":1,\"a\":2}", "null"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(refused(&t, town_post(&t, "new-order", bad[i]), 400, "malformed"));
    CHECK(refused(&t, town_post(&t, "new-order", ""), 400, "malformed"));
    CHECK(refused(&t, town_post(&t, "directory", "{}"), 400, "malformed"));
    CHECK_EQ_INT(town_post(&t, "directory", ""), 200);
    CHECK_EQ_INT(town_post(&t, "new-nonce", ""), 204);
    town_close(&t);
}

TEST(acme_too_many_accounts_of_an_address)
{
    struct town t;
    char kid[ICD_ACME_URL];
    int made = 0, status = 201;
    town_open(&t);
    for (; made < 200 && status == 201; made++) {
        struct signer s = signer_new(ICD_ACME_ES256);
        status = town_join(&t, &s, kid);
        signer_free(&s);
    }
    CHECK(refused(&t, status, 429, "rateLimited"));
    CHECK(world_header(&t.w, "retry-after:")[0]);
    CHECK_EQ_INT(town_post(&t, t.kid, ""), 200); /* who has one goes on */
    town_close(&t);
}

/* ---- key change ---- */

static int key_change(struct town *t, const struct signer *by, const char *account, const char *old,
                      const char *inner_url)
{
    char payload[4096];
    IC_BUF_SCOPE(inner, 65536);
    snprintf(payload, sizeof payload, "{\"account\":\"%s\",\"oldKey\":%s}", account, old);
    signer_sign(by, &(struct signed_request){.url = inner_url, .payload = payload}, &inner);
    IC_IGNORE(ic_buf_append(&inner, ic_view("", 1)));
    return town_post(t, "key-change", (const char *)inner.p);
}

static const char change_url[] = "https://id.example.org/acme/key-change";

TEST(acme_key_change)
{
    struct town t;
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], csr[4096];
    town_open(&t);
    town_ready(&t, order, finalize);
    struct signer next = signer_new(ICD_ACME_ES384);
    CHECK_EQ_INT(key_change(&t, &next, t.kid, t.key.json, change_url), 200);
    CHECK(refused(&t, town_post(&t, t.kid, ""), 400, "badPublicKey"));
    struct signer former = t.key;
    t.key = next;
    CHECK_EQ_INT(town_post(&t, t.kid, ""), 200);
    /* what was under way goes on: RFC 8555 section 7.3.5 */
    town_csr(&t, "email:ana@ring.example", "Ana", csr, sizeof csr);
    CHECK_EQ_INT(town_post(&t, finalize, csr), 200);
    signer_free(&former);
    town_close(&t);
}

TEST(acme_key_change_conflicts)
{
    struct town t;
    char kid[ICD_ACME_URL];
    town_open(&t);
    struct signer other = signer_new(ICD_ACME_ES256), next = signer_new(ICD_ACME_ES256);
    CHECK_EQ_INT(town_join(&t, &other, kid), 201);
    CHECK(refused(&t, key_change(&t, &other, t.kid, t.key.json, change_url), 409, "malformed"));
    CHECK(strcmp(t.location, kid) == 0);
    CHECK(refused(&t, key_change(&t, &t.key, t.kid, t.key.json, change_url), 409, "malformed"));
    CHECK(refused(&t, key_change(&t, &next, kid, t.key.json, change_url), 400, "malformed"));
    CHECK(refused(&t, key_change(&t, &next, t.kid, other.json, change_url), 400, "malformed"));
    CHECK(refused(&t, key_change(&t, &next, t.kid, "7", change_url), 400, "malformed"));
    CHECK(refused(&t, key_change(&t, &next, t.kid, t.key.json, t.kid), 400, "malformed"));
    CHECK(refused(&t, town_post(&t, "key-change", "{}"), 400, "malformed"));
    CHECK_EQ_INT(town_post(&t, t.kid, ""), 200);
    signer_free(&other);
    signer_free(&next);
    town_close(&t);
}

/* The inner request signed by another key than it names: nobody can put a key that is not theirs. */
TEST(acme_key_change_needs_the_new_key)
{
    struct town t;
    town_open(&t);
    struct signer victim = signer_new(ICD_ACME_ES256), liar = signer_new(ICD_ACME_ES256);
    char *own = liar.json;
    liar.json = victim.json;
    CHECK(refused(&t, key_change(&t, &liar, t.kid, t.key.json, change_url), 400, "malformed"));
    liar.json = own;
    signer_free(&liar);
    signer_free(&victim);
    town_close(&t);
}

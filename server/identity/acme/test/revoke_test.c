/* Revoking (RFC 8555 section 7.6), and what is thrown away. */
#include "identity/acme/test/town.h"

#include <ic/base/test.h>
#include <ic/base/text.h>
#include <stdio.h>
#include <string.h>

static const char host[] = "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"room.ring.example\"}]}";

static bool refused(const struct town *t, int status, int want, const char *error)
{
    if (status == want && strcmp(town_error(t), error) == 0)
        return true;
    ic_test_fail(__FILE__, __LINE__, "%d %s: %s", status, town_error(t), town_detail(t));
    return false;
}

static void issued(struct town *t, char *payload, size_t cap, const char *more)
{
    char order[ICD_ACME_URL], finalize[ICD_ACME_URL], csr[4096], pem[8192] = "";
    IC_BUF_SCOPE(der, 8192);
    char url[6000];
    town_ready(t, order, finalize);
    town_csr(t, "email:ana@ring.example", NULL, csr, sizeof csr);
    CHECK_EQ_INT(town_post(t, finalize, csr), 200);
    snprintf(url, sizeof url, "%s", town_text(t, "certificate"));
    CHECK_EQ_INT(town_post(t, url, ""), 200);
    memcpy(pem, t->w.response.body.p, t->w.response.body.len);
    char *begin = pem + strlen("-----BEGIN CERTIFICATE-----\n"), *end = strchr(begin, '\n');
    CHECK_OK(ic_base64_decode(IC_BASE64_STD, ic_view(begin, (size_t)(end - begin)), &der));
    ic_base64_encode(IC_BASE64_URL, ic_buf_view(&der), url);
    snprintf(payload, cap, "{\"certificate\":\"%s\"%s}", url, more);
}

TEST(acme_revoking)
{
    struct town t;
    char payload[8192], kid[ICD_ACME_URL];
    town_open(&t);
    issued(&t, payload, sizeof payload, "");
    if (ic_test_failed())
        return;
    struct signer other = signer_new(ICD_ACME_ES256);
    CHECK_EQ_INT(town_join(&t, &other, kid), 201);
    CHECK(refused(&t,
                  town_post_as(&t, "revoke-cert", &other,
                               &(struct signed_request){.kid = kid, .payload = payload}),
                  403, "unauthorized"));
    /* a key that is neither the certificate's nor an account's */
    CHECK(refused(
        &t, town_post_as(&t, "revoke-cert", &other, &(struct signed_request){.payload = payload}),
        403, "unauthorized"));
    CHECK_EQ_INT(neighbours.revoked, 0);
    CHECK_EQ_INT(town_post(&t, "revoke-cert", payload), 200);
    CHECK(refused(&t, town_post(&t, "revoke-cert", payload), 400, "alreadyRevoked"));
    signer_free(&other);
    town_close(&t);
}

TEST(acme_revoking_that_is_refused)
{
    struct town t;
    char payload[8192];
    town_open(&t);
    issued(&t, payload, sizeof payload, ",\"reason\":2");
    if (ic_test_failed())
        return;
    CHECK(refused(&t, town_post(&t, "revoke-cert", payload), 400, "badRevocationReason"));
    CHECK(refused(&t, town_post(&t, "revoke-cert", "{}"), 400, "malformed"));
    CHECK(
        refused(&t, town_post(&t, "revoke-cert", "{\"certificate\":\"AAAA\"}"), 400, "malformed"));
    /* a certificate that is nobody's: one bit of its signature is another */
    char *at = strstr(payload, "\",\"reason") - 8;
    *at = *at == 'A' ? 'B' : 'A';
    strcpy(strstr(payload, ",\"reason"), "}");
    CHECK(refused(&t, town_post(&t, "revoke-cert", payload), 404, "malformed"));
    CHECK_EQ_INT(neighbours.revoked, 0);
    town_close(&t);
}

/* ---- what is thrown away ---- */

TEST(acme_old_rows_go)
{
    struct town t;
    char payload[8192];
    town_open(&t);
    issued(&t, payload, sizeof payload, "");
    if (ic_test_failed())
        return;
    CHECK_EQ_INT(town_post(&t, "new-order", host), 201);
    world_pass(&t.w, 86400000ull * 3);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_orders"), 1);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_authz"), 1);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_certificates"), 1);
    world_pass(&t.w, 86400000ull * 7);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_certificates"), 0);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_orders"), 0);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_order_authz"), 0);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_authz"), 1); /* serves for renewals */
    world_pass(&t.w, 86400000ull * 90);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_authz"), 0);
    world_pass(&t.w, 61000);
    CHECK_EQ_INT(town_count(&t, "SELECT COUNT(*) FROM acme_accounts"), 0);
    town_close(&t);
}

/* What somebody who has an account can ask: every address with any payload, well signed. The first byte chooses
 * the address. No payload may make the server fail, or answer without a problem's type where it refuses. */
#include "identity/acme/test/town.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIFE = 3000, PAYLOAD_MAX = 16384 };

static struct town town;
static unsigned age;
static char order[ICD_ACME_URL], finalize[ICD_ACME_URL], authz[ICD_ACME_URL],
    challenge[ICD_ACME_URL];

/* A fresh service with an account, an order that is ready and one that is not. */
static void begin(void)
{
    if (age)
        town_close(&town);
    town_open(&town);
    town.w.config.acme_orders_per_hour = 1000000;
    town_ready(&town, order, finalize);
    town_post(&town, "new-order",
              "{\"identifiers\":[{\"type\":\"email\",\"value\":\"ben@ring.example\"}]}");
    snprintf(authz, sizeof authz, "%s", town_item(&town, "authorizations", 0));
    town_post(&town, authz, "");
    snprintf(challenge, sizeof challenge, "%s", town_challenge(&town, "incamera-token-01", "url"));
}

static void judge(int status)
{
    if (status >= 500 || status < 200 || !town.nonce[0] ||
        (status >= 400 && !town_error(&town)[0])) {
        fprintf(stderr, "%d %s\n", status, town_detail(&town));
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char payload[PAYLOAD_MAX + 1];
    if (age % LIFE == 0)
        begin();
    age++;
    const char *const paths[] = {"new-account", town.kid, "key-change", "new-order",  order,
                                 finalize,      authz,    challenge,    "revoke-cert"};
    if (size < 1 || size > PAYLOAD_MAX)
        return 0;
    size_t which = data[0] % (sizeof paths / sizeof *paths);
    memcpy(payload, data + 1, size - 1);
    payload[size - 1] = 0;
    struct signed_request r = {.payload = payload, .kid = which ? town.kid : NULL};
    judge(town_post_as(&town, paths[which], &town.key, &r));
    /* An account that ended itself takes nothing more. */
    if (strcmp(town_text(&town, "status"), "deactivated") == 0 && which == 1)
        age = LIFE; /* the next one begins anew */
    return 0;
}

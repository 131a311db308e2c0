#include "identity/acme/state.h"

#include <ic/base/test.h>
#include <string.h>

enum { NOW = 1000, LATER = 2000 };

static enum icd_acme_status authz(enum icd_acme_status s, uint64_t expires_ms)
{
    return icd_acme_authz_status(&(struct icd_acme_state){s, expires_ms}, NOW);
}

TEST(acme_authorization_states)
{
    CHECK_EQ_INT(authz(ICD_ACME_PENDING, LATER), ICD_ACME_PENDING);
    CHECK_EQ_INT(authz(ICD_ACME_PROCESSING, LATER), ICD_ACME_PENDING);
    CHECK_EQ_INT(authz(ICD_ACME_VALID, LATER), ICD_ACME_VALID);
    CHECK_EQ_INT(authz(ICD_ACME_PENDING, NOW), ICD_ACME_INVALID);
    CHECK_EQ_INT(authz(ICD_ACME_PROCESSING, NOW), ICD_ACME_INVALID);
    CHECK_EQ_INT(authz(ICD_ACME_VALID, NOW), ICD_ACME_EXPIRED);
    for (int i = 0; i < 2; i++) {
        uint64_t when = i ? LATER : NOW;
        CHECK_EQ_INT(authz(ICD_ACME_INVALID, when), ICD_ACME_INVALID);
        CHECK_EQ_INT(authz(ICD_ACME_DEACTIVATED, when), ICD_ACME_DEACTIVATED);
        CHECK_EQ_INT(authz(ICD_ACME_REVOKED, when), ICD_ACME_REVOKED);
        CHECK_EQ_INT(authz((enum icd_acme_status)77, when), ICD_ACME_INVALID);
    }
}

static enum icd_acme_status order(enum icd_acme_status s, enum icd_acme_status a,
                                  enum icd_acme_status b)
{
    struct icd_acme_state o = {s, LATER}, list[2] = {{a, LATER}, {b, LATER}};
    return icd_acme_order_status(&o, list, 2, NOW);
}

TEST(acme_order_states)
{
    CHECK_EQ_INT(order(ICD_ACME_PENDING, ICD_ACME_PENDING, ICD_ACME_PENDING), ICD_ACME_PENDING);
    CHECK_EQ_INT(order(ICD_ACME_PENDING, ICD_ACME_VALID, ICD_ACME_PROCESSING), ICD_ACME_PENDING);
    CHECK_EQ_INT(order(ICD_ACME_PENDING, ICD_ACME_VALID, ICD_ACME_VALID), ICD_ACME_READY);
    /* one that ended otherwise ends the order, whatever the others do */
    static const enum icd_acme_status ended[] = {ICD_ACME_INVALID, ICD_ACME_DEACTIVATED,
                                                 ICD_ACME_EXPIRED, ICD_ACME_REVOKED};
    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++) {
        CHECK_EQ_INT(order(ICD_ACME_PENDING, ICD_ACME_VALID, ended[i]), ICD_ACME_INVALID);
        CHECK_EQ_INT(order(ICD_ACME_PENDING, ended[i], ICD_ACME_PENDING), ICD_ACME_INVALID);
        CHECK_EQ_INT(order(ICD_ACME_VALID, ended[i], ended[i]), ICD_ACME_VALID);
    }
    CHECK_EQ_INT(order(ICD_ACME_INVALID, ICD_ACME_VALID, ICD_ACME_VALID), ICD_ACME_INVALID);
}

TEST(acme_order_past_its_time)
{
    struct icd_acme_state a = {ICD_ACME_VALID, LATER}, o = {ICD_ACME_PENDING, NOW};
    CHECK_EQ_INT(icd_acme_order_status(&o, &a, 1, NOW - 1), ICD_ACME_READY);
    CHECK_EQ_INT(icd_acme_order_status(&o, &a, 1, NOW), ICD_ACME_INVALID);
    o.status = ICD_ACME_VALID; /* what was issued can be fetched on */
    CHECK_EQ_INT(icd_acme_order_status(&o, &a, 1, NOW), ICD_ACME_VALID);
    o = (struct icd_acme_state){ICD_ACME_PENDING, LATER};
    CHECK_EQ_INT(icd_acme_order_status(&o, NULL, 0, NOW), ICD_ACME_INVALID);
    a.expires_ms = NOW; /* what was proved is too old */
    CHECK_EQ_INT(icd_acme_order_status(&o, &a, 1, NOW), ICD_ACME_INVALID);
}

static bool may(enum icd_acme_status s, enum icd_acme_challenge tried,
                enum icd_acme_challenge which, bool *again)
{
    struct icd_acme_state a = {s, LATER};
    return icd_acme_challenge_may(&a, tried, which, NOW, again);
}

TEST(acme_challenge_states)
{
    struct icd_acme_state a = {ICD_ACME_PENDING, LATER};
    bool again;
    CHECK(may(ICD_ACME_PENDING, 0, ICD_ACME_HTTP_01, &again) && !again);
    CHECK(may(ICD_ACME_PROCESSING, ICD_ACME_HTTP_01, ICD_ACME_HTTP_01, &again) && again);
    CHECK(!may(ICD_ACME_PROCESSING, ICD_ACME_HTTP_01, ICD_ACME_DNS_01, &again));
    CHECK(!may(ICD_ACME_VALID, ICD_ACME_HTTP_01, ICD_ACME_HTTP_01, &again));
    CHECK(!may(ICD_ACME_INVALID, ICD_ACME_HTTP_01, ICD_ACME_HTTP_01, &again));
    CHECK(!may(ICD_ACME_DEACTIVATED, 0, ICD_ACME_HTTP_01, &again));
    a.expires_ms = NOW;
    CHECK(!icd_acme_challenge_may(&a, 0, ICD_ACME_HTTP_01, NOW, &again));

    a = (struct icd_acme_state){ICD_ACME_PROCESSING, LATER};
    CHECK_EQ_INT(icd_acme_challenge_status(&a, ICD_ACME_HTTP_01, ICD_ACME_HTTP_01),
                 ICD_ACME_PROCESSING);
    CHECK_EQ_INT(icd_acme_challenge_status(&a, ICD_ACME_HTTP_01, ICD_ACME_DNS_01),
                 ICD_ACME_PENDING);
    a.status = ICD_ACME_REVOKED;
    CHECK_EQ_INT(icd_acme_challenge_status(&a, ICD_ACME_DNS_01, ICD_ACME_DNS_01), ICD_ACME_VALID);
    a.status = ICD_ACME_INVALID;
    CHECK_EQ_INT(icd_acme_challenge_status(&a, ICD_ACME_DNS_01, ICD_ACME_DNS_01), ICD_ACME_INVALID);
}

TEST(acme_state_names)
{
    CHECK(strcmp(icd_acme_status_name(ICD_ACME_DEACTIVATED), "deactivated") == 0);
    CHECK(strcmp(icd_acme_status_name((enum icd_acme_status)99), "invalid") == 0);
    CHECK(strcmp(icd_acme_challenge_name(ICD_ACME_TOKEN_01), "incamera-token-01") == 0);
}

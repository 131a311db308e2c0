#include "identity/accounts/guard.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <string.h>

static const uint64_t seed[2] = {1, 2};
static const uint64_t minute = 60000;

static const uint8_t *address(uint32_t n)
{
    static uint8_t a[16];
    memset(a, 0, sizeof a);
    a[10] = a[11] = 0xff;
    ic_store_u32(a + 12, n);
    return a;
}

static struct icd_guard_try from(const char *account, uint32_t net)
{
    return (struct icd_guard_try){.account = ic_view_cstr(account), .address = address(net)};
}

/* How many guesses in a row are let through. */
static unsigned guesses(struct icd_guard *g, const struct icd_guard_try *t, unsigned most,
                        uint64_t now_ms)
{
    unsigned n = 0;
    while (n < most && icd_guard_wait_ms(g, t, now_ms) == 0) {
        icd_guard_failed(g, t, now_ms);
        n++;
    }
    return n;
}

TEST(guard_slows_one_network_at_one_account)
{
    struct icd_guard g;
    CHECK_OK(icd_guard_init(&g, seed));
    struct icd_guard_try t = from("ana@example.org", 1);
    CHECK_EQ_INT(guesses(&g, &t, 100, 1000), 5);
    CHECK_EQ_INT(icd_guard_wait_ms(&g, &t, 1000), minute);
    CHECK_EQ_INT(guesses(&g, &t, 100, 1000 + minute), 1);
    CHECK_EQ_INT(guesses(&g, &t, 100, 1000 + 60 * minute), 5);
    icd_guard_clear(&g);
}

TEST(guard_lets_the_owner_in_from_elsewhere)
{
    struct icd_guard g;
    CHECK_OK(icd_guard_init(&g, seed));
    struct icd_guard_try attacker = from("ana@example.org", 1);
    CHECK_EQ_INT(guesses(&g, &attacker, 100, 1000), 5);
    struct icd_guard_try owner = from("ana@example.org", 2);
    CHECK_EQ_INT(icd_guard_wait_ms(&g, &owner, 1000), 0);
    icd_guard_clear(&g);
}

TEST(guard_slows_many_networks_at_one_account_yet_not_a_known_client)
{
    struct icd_guard g;
    CHECK_OK(icd_guard_init(&g, seed));
    unsigned through = 0;
    for (uint32_t net = 1; net <= 1000; net++) {
        struct icd_guard_try t = from("ana@example.org", net);
        through += guesses(&g, &t, 100, 1000);
    }
    CHECK_EQ_INT(through, 50);
    struct icd_guard_try stranger = from("ana@example.org", 5000);
    CHECK(icd_guard_wait_ms(&g, &stranger, 1000) > 0);
    struct icd_guard_try owner = from("ana@example.org", 7);
    owner.known = IC_VIEW_STR("hash of her client");
    CHECK_EQ_INT(icd_guard_wait_ms(&g, &owner, 1000), 0);
    /* A known client that is stolen guesses ten times, and harms nobody else. */
    CHECK_EQ_INT(guesses(&g, &owner, 100, 1000), 10);
    struct icd_guard_try other = from("ana@example.org", 7);
    other.known = IC_VIEW_STR("hash of another client of hers");
    CHECK_EQ_INT(icd_guard_wait_ms(&g, &other, 1000), 0);
    icd_guard_clear(&g);
}

TEST(guard_slows_one_network_at_many_accounts)
{
    struct icd_guard g;
    CHECK_OK(icd_guard_init(&g, seed));
    unsigned through = 0;
    for (int i = 0; i < 100; i++) {
        char account[32];
        snprintf(account, sizeof account, "u%d@example.org", i);
        struct icd_guard_try t = from(account, 1);
        through += guesses(&g, &t, 1, 1000);
    }
    CHECK_EQ_INT(through, 30);
    icd_guard_clear(&g);
}

TEST(guard_counts_the_64_bits_of_an_ipv6_network)
{
    struct icd_guard g;
    CHECK_OK(icd_guard_init(&g, seed));
    unsigned through = 0;
    for (uint8_t i = 0; i < 100; i++) {
        uint8_t a[16] = {0x20, 0x01, [15] = i};
        struct icd_guard_try t = {.account = IC_VIEW_STR("ana@example.org"), .address = a};
        through += guesses(&g, &t, 1, 1000);
    }
    CHECK_EQ_INT(through, 5);
    icd_guard_clear(&g);
}

TEST(guard_takes_a_right_password_back)
{
    struct icd_guard g;
    CHECK_OK(icd_guard_init(&g, seed));
    struct icd_guard_try t = from("ana@example.org", 1);
    for (int i = 0; i < 1000; i++) {
        CHECK_EQ_INT(icd_guard_wait_ms(&g, &t, 1000), 0);
        icd_guard_failed(&g, &t, 1000);
        icd_guard_passed(&g, &t, 1000);
    }
    CHECK_EQ_INT(guesses(&g, &t, 100, 1000), 5);
    icd_guard_clear(&g);
}

TEST(guard_stays_bounded_under_a_flood_of_names)
{
    struct icd_guard g;
    CHECK_OK(icd_guard_init(&g, seed));
    struct icd_guard_try attacker = from("ana@example.org", 1);
    CHECK_EQ_INT(guesses(&g, &attacker, 100, 1000), 5);
    for (uint32_t i = 0; i < 200000; i++) {
        char account[32];
        snprintf(account, sizeof account, "x%u@example.org", i);
        struct icd_guard_try t = from(account, 100 + i);
        icd_guard_failed(&g, &t, 1000);
    }
    /* Its larger debt outlives all of theirs. */
    struct icd_guard_try again = from("ana@example.org", 1);
    CHECK(icd_guard_wait_ms(&g, &again, 1000) > 0);
    icd_guard_clear(&g);
}

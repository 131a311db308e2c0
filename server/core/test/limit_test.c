#include "core/limit.h"

#include <ic/base/test.h>
#include <string.h>

static const uint64_t seed[2] = {1, 2};

TEST(bucket_gives_its_burst_then_its_rate)
{
    struct icd_bucket b;
    icd_bucket_init(&b, 3, 1000);
    for (int i = 0; i < 3; i++)
        CHECK(icd_bucket_take(&b, 2, 1000, 3, 1000));
    CHECK(!icd_bucket_take(&b, 2, 1000, 3, 1000));
    CHECK(!icd_bucket_take(&b, 2, 1000, 3, 1499));
    CHECK(icd_bucket_take(&b, 2, 1000, 3, 1500));
    CHECK(!icd_bucket_take(&b, 2, 1000, 3, 1501));
}

TEST(bucket_that_is_asked_often_still_refills)
{
    struct icd_bucket b;
    icd_bucket_init(&b, 1, 0);
    CHECK(icd_bucket_take(&b, 1, 60000, 1, 0));
    for (uint64_t t = 1; t < 60000; t += 7)
        CHECK(!icd_bucket_take(&b, 1, 60000, 1, t));
    CHECK(icd_bucket_take(&b, 1, 60000, 1, 60100));
}

TEST(bucket_does_not_overflow_after_a_long_time)
{
    struct icd_bucket b;
    icd_bucket_init(&b, 5, 0);
    for (int i = 0; i < 5; i++)
        CHECK(icd_bucket_take(&b, 1000000, 1, 5, 0));
    CHECK(icd_bucket_take(&b, 1000000, 1, 5, UINT64_MAX));
    CHECK(b.milli <= 5000);
}

static void v4(uint8_t out[16], uint8_t last)
{
    memset(out, 0, 16);
    out[10] = out[11] = 0xff;
    out[12] = 10;
    out[15] = last;
}

TEST(limiter_counts_addresses_apart)
{
    struct icd_limiter l;
    uint8_t a[16], b[16];
    v4(a, 1);
    v4(b, 2);
    CHECK(icd_limiter_init(&l, 2, seed));
    CHECK(icd_limiter_take(&l, a, 0) && icd_limiter_take(&l, a, 0));
    CHECK(!icd_limiter_take(&l, a, 0));
    CHECK(icd_limiter_take(&l, b, 0));
    CHECK(icd_limiter_take(&l, a, 30000));
    icd_limiter_clear(&l);
}

TEST(limiter_counts_an_ipv6_network_as_one)
{
    struct icd_limiter l;
    uint8_t a[16] = {0x20, 1, 0x0d, 0xb8}, b[16] = {0x20, 1, 0x0d, 0xb8},
            c[16] = {0x20, 1, 0x0d, 0xb9};
    b[15] = 77;
    CHECK(icd_limiter_init(&l, 1, seed));
    CHECK(icd_limiter_take(&l, a, 0));
    CHECK(!icd_limiter_take(&l, b, 0));
    CHECK(icd_limiter_take(&l, c, 0));
    icd_limiter_clear(&l);
}

TEST(limiter_stays_bounded_under_many_addresses)
{
    struct icd_limiter l;
    uint8_t a[16];
    CHECK(icd_limiter_init(&l, 1, seed));
    for (unsigned i = 0; i < 100000; i++) {
        v4(a, (uint8_t)i);
        a[13] = (uint8_t)(i >> 16);
        a[14] = (uint8_t)(i >> 8);
        (void)icd_limiter_take(&l, a, i);
    }
    CHECK(!icd_limiter_take(&l, a, 100000));
    icd_limiter_clear(&l);
}

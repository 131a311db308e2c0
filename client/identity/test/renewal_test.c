#include "identity/renewal.h"

#include <ic/base/test.h>

TEST(renewal_is_due_at_two_thirds_of_the_time)
{
    CHECK_EQ_INT(icc_renewal_due_ms(1000, 1030), 1020000);
    CHECK_EQ_INT(icc_renewal_due_ms(0, 604800), 403200000);
    CHECK_EQ_INT(icc_renewal_due_ms(1000, 1000), 1000000);
    CHECK_EQ_INT(icc_renewal_due_ms(2000, 1000), 0); /* nonsense: at once */
    CHECK_EQ_INT(icc_renewal_due_ms(INT64_MIN / 2, -1), 0);
}

TEST(renewal_that_failed_is_tried_again_sooner_towards_the_end)
{
    uint64_t now = 1000000;
    CHECK_EQ_INT(icc_renewal_retry_ms(now, 1000 + 86400), 600000);
    CHECK_EQ_INT(icc_renewal_retry_ms(now, 1000 + 600), 100000);
    CHECK_EQ_INT(icc_renewal_retry_ms(now, 1000 + 6), 5000);
    CHECK_EQ_INT(icc_renewal_retry_ms(now, 999), 600000); /* over: it does no good to hurry */
    CHECK_EQ_INT(icc_renewal_retry_ms(now, -5), 600000);
}

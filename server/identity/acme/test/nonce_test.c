#include "identity/acme/nonce.h"

#include <ic/base/test.h>
#include <stdlib.h>
#include <string.h>

static struct ic_test_rand state;
static struct icd_acme_nonces nonces;

static void begin(void)
{
    struct ic_rand rand = ic_test_rand(&state, 8555);
    CHECK_OK(icd_acme_nonces_init(&nonces, &rand));
}

TEST(acme_nonce_holds_once)
{
    char a[ICD_ACME_NONCE + 1], b[ICD_ACME_NONCE + 1];
    begin();
    icd_acme_nonce_make(&nonces, 1000, a);
    icd_acme_nonce_make(&nonces, 1000, b);
    CHECK(strlen(a) == ICD_ACME_NONCE && strcmp(a, b) != 0);
    CHECK(icd_acme_nonce_take(&nonces, 2000, b));
    CHECK(!icd_acme_nonce_take(&nonces, 2000, b));
    CHECK(icd_acme_nonce_take(&nonces, 2000, a));
    CHECK(!icd_acme_nonce_take(&nonces, 2000, a));
    icd_acme_nonces_clear(&nonces);
}

TEST(acme_nonce_that_was_never_given)
{
    char a[ICD_ACME_NONCE + 1];
    begin();
    icd_acme_nonce_make(&nonces, 1000, a);
    for (size_t i = 0; i < ICD_ACME_NONCE; i++) {
        char was = a[i];
        a[i] = was == 'A' ? 'B' : 'A';
        CHECK(!icd_acme_nonce_take(&nonces, 1000, a));
        a[i] = was;
    }
    CHECK(!icd_acme_nonce_take(&nonces, 1000, ""));
    CHECK(!icd_acme_nonce_take(&nonces, 1000, "AAAA"));
    CHECK(icd_acme_nonce_take(&nonces, 1000, a));
    icd_acme_nonces_clear(&nonces);
}

TEST(acme_nonce_has_an_end)
{
    char a[ICD_ACME_NONCE + 1], b[ICD_ACME_NONCE + 1];
    begin();
    icd_acme_nonce_make(&nonces, 0, a);
    icd_acme_nonce_make(&nonces, 0, b);
    CHECK(icd_acme_nonce_take(&nonces, 60000 * ICD_ACME_NONCE_MIN - 1, a));
    CHECK(!icd_acme_nonce_take(&nonces, 60000 * ICD_ACME_NONCE_MIN, b));
    icd_acme_nonces_clear(&nonces);
}

/* What is pushed out by others does not hold again, used or not. */
TEST(acme_nonce_window)
{
    char first[ICD_ACME_NONCE + 1], second[ICD_ACME_NONCE + 1], last[ICD_ACME_NONCE + 1];
    begin();
    icd_acme_nonce_make(&nonces, 0, first);
    icd_acme_nonce_make(&nonces, 0, second);
    for (size_t i = 2; i <= ICD_ACME_NONCES; i++)
        icd_acme_nonce_make(&nonces, 0, last);
    CHECK(!icd_acme_nonce_take(&nonces, 0, first));
    CHECK(icd_acme_nonce_take(&nonces, 0, second));
    CHECK(icd_acme_nonce_take(&nonces, 0, last));
    CHECK(!icd_acme_nonce_take(&nonces, 0, last));
    icd_acme_nonces_clear(&nonces);
}

TEST(acme_nonce_of_another_process)
{
    char a[ICD_ACME_NONCE + 1];
    struct ic_test_rand other;
    begin();
    icd_acme_nonce_make(&nonces, 0, a);
    icd_acme_nonces_clear(&nonces);
    struct ic_rand rand = ic_test_rand(&other, 1);
    CHECK_OK(icd_acme_nonces_init(&nonces, &rand));
    CHECK(!icd_acme_nonce_take(&nonces, 0, a));
    icd_acme_nonces_clear(&nonces);
    struct ic_rand none = ic_test_no_rand();
    CHECK_ERR(icd_acme_nonces_init(&nonces, &none), IC_ERR_IO);
    icd_acme_nonces_clear(&nonces);
}

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <stddef.h>

TEST(mem_refuses_overflow_and_zeroes)
{
    volatile size_t huge = SIZE_MAX / 2 + 1;
    CHECK(ic_calloc(huge, 2) == NULL);
    uint8_t *p = ic_calloc(4, 8);
    CHECK(p != NULL);
    for (int i = 0; i < 32; i++)
        CHECK_EQ_INT(p[i], 0);
    CHECK(ic_realloc(p, huge, 2) == NULL);
    uint8_t *q = ic_realloc(p, 100, 8);
    CHECK(q != NULL);
    CHECK_EQ_INT(q[31], 0);
    ic_free_secret(q, 800);
    ic_free_secret(NULL, 0);
    ic_free(NULL);
}

TEST(mem_zero_size_is_valid)
{
    IC_AUTOFREE void *a = ic_calloc(0, 8);
    IC_AUTOFREE void *b = ic_memdup(NULL, 0);
    CHECK(a != NULL && b != NULL);
}

TEST(mem_fails_on_demand)
{
    (void)ic_mem_fail_at(2);
    IC_AUTOFREE void *a = ic_calloc(1, 1);
    IC_AUTOFREE void *b = ic_calloc(1, 1);
    IC_AUTOFREE void *c = ic_memdup("x", 1);
    CHECK_EQ_INT(ic_mem_fail_at(0), 3);
    CHECK(a != NULL);
    CHECK(b == NULL);
    CHECK(c != NULL);
    CHECK_EQ_INT(ic_mem_fail_at(0), 0);
}

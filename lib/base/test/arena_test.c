#include <ic/base/arena.h>
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <stdalign.h>
#include <string.h>

TEST(arena_gives_zeroed_aligned_memory)
{
    IC_ARENA_SCOPE(a, 1 << 20);
    for (size_t i = 1; i < 300; i++) {
        uint8_t *p = ic_arena_alloc(&a, i, 1);
        CHECK(p != NULL);
        CHECK_EQ_INT((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t k = 0; k < i; k++)
            CHECK_EQ_INT(p[k], 0);
        memset(p, 0xff, i);
    }
}

TEST(arena_stops_at_its_cap)
{
    IC_ARENA_SCOPE(a, 4096);
    CHECK(ic_arena_alloc(&a, 4097, 1) == NULL);
    CHECK(ic_arena_alloc(&a, 1, 2048) != NULL);
    CHECK(ic_arena_alloc(&a, 1, 2048) != NULL);
    CHECK(ic_arena_alloc(&a, 1, 1) == NULL);
    ic_arena_clear(&a);
    CHECK(ic_arena_alloc(&a, 1, 4096) != NULL);
}

TEST(arena_refuses_overflow)
{
    IC_ARENA_SCOPE(a, SIZE_MAX);
    CHECK(ic_arena_alloc(&a, SIZE_MAX / 2 + 1, 2) == NULL);
    CHECK(ic_arena_alloc(&a, SIZE_MAX, 1) == NULL);
    CHECK(ic_arena_alloc(&a, SIZE_MAX - 20, 1) == NULL);
    CHECK(ic_arena_alloc(&a, 0, 8) != NULL);
}

static ic_err copies(void *ctx)
{
    (void)ctx;
    IC_ARENA_SCOPE(a, 1 << 16);
    for (int i = 0; i < 100; i++) {
        struct ic_view v;
        IC_TRY(ic_arena_copy(&a, IC_VIEW_STR("one hundred copies of some words"), &v));
    }
    return IC_OK;
}

TEST(arena_survives_failing_allocations)
{
    CHECK(ic_test_each_alloc_fails(copies, NULL) >= 2);
}

TEST(arena_copy_is_its_own)
{
    IC_ARENA_SCOPE(a, 100);
    char text[] = "abc";
    struct ic_view v = {0}, empty = {0};
    CHECK_OK(ic_arena_copy(&a, ic_view(text, 3), &v));
    text[0] = 'x';
    CHECK_BYTES(v, IC_VIEW_STR("abc"));
    CHECK_OK(ic_arena_copy(&a, ic_view(NULL, 0), &empty));
    CHECK_EQ_INT(empty.len, 0);
    CHECK_ERR(ic_arena_copy(&a, ic_view(text, 400), &v), IC_ERR_NOMEM);
    CHECK_EQ_INT(v.len, 3);
}

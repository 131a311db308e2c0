#include <ic/base/buf.h>
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <string.h>

TEST(buf_appends_to_its_maximum)
{
    IC_BUF_SCOPE(b, 10);
    CHECK_OK(ic_buf_append(&b, IC_VIEW_STR("12345")));
    CHECK_ERR(ic_buf_append(&b, IC_VIEW_STR("678901")), IC_ERR_LIMIT);
    CHECK_BYTES(ic_buf_view(&b), IC_VIEW_STR("12345"));
    CHECK_OK(ic_buf_append(&b, IC_VIEW_STR("67890")));
    CHECK_EQ_INT(b.len, 10);
    CHECK_ERR(ic_buf_reserve(&b, 1), IC_ERR_LIMIT);
    CHECK_ERR(ic_buf_reserve(&b, SIZE_MAX), IC_ERR_LIMIT);
    CHECK_OK(ic_buf_append(&b, ic_view(NULL, 0)));
}

TEST(buf_appends_itself)
{
    IC_BUF_SCOPE(b, 1 << 12);
    CHECK_OK(ic_buf_append(&b, IC_VIEW_STR("ab")));
    for (int i = 0; i < 10; i++)
        CHECK_OK(ic_buf_append(&b, ic_buf_view(&b)));
    CHECK_EQ_INT(b.len, 2048);
    for (size_t i = 0; i < b.len; i++)
        CHECK_EQ_INT(b.p[i], i % 2 ? 'b' : 'a');
}

TEST(buf_consumes_and_moves)
{
    IC_BUF_SCOPE(a, 100);
    IC_BUF_SCOPE(b, 4);
    CHECK_OK(ic_buf_append(&a, IC_VIEW_STR("abcdefgh")));
    ic_buf_consume(&a, 3);
    CHECK_BYTES(ic_buf_view(&a), IC_VIEW_STR("defgh"));
    CHECK_OK(ic_buf_append(&b, IC_VIEW_STR("xx")));
    ic_buf_move(&b, &a);
    CHECK_BYTES(ic_buf_view(&b), IC_VIEW_STR("defgh"));
    CHECK_EQ_INT(a.len, 0);
    CHECK(a.p == NULL);
    CHECK_EQ_INT(a.max, 100);
    ic_buf_consume(&b, 5);
    CHECK_EQ_INT(b.len, 0);
}

TEST(buf_extends)
{
    IC_BUF_SCOPE(b, 8);
    uint8_t *p = NULL;
    CHECK_OK(ic_buf_extend(&b, 8, &p));
    memset(p, 7, 8);
    uint8_t *same = p;
    CHECK_ERR(ic_buf_extend(&b, 1, &p), IC_ERR_LIMIT);
    CHECK(p == same);
    ic_buf_reset(&b);
    CHECK_EQ_INT(b.len, 0);
    ic_buf_clear_secret(&b);
    CHECK(b.p == NULL);
    CHECK_OK(ic_buf_extend(&b, 0, &p));
}

static ic_err grows(void *ctx)
{
    (void)ctx;
    IC_BUF_SCOPE(b, 1 << 16);
    for (int i = 0; i < 100; i++)
        IC_TRY(ic_buf_append(&b, IC_VIEW_STR("words and words and words and words")));
    return IC_OK;
}

TEST(buf_survives_failing_allocations)
{
    CHECK(ic_test_each_alloc_fails(grows, NULL) >= 3);
}

#include <ic/base/secret.h>
#include <ic/base/test.h>
#include <string.h>

TEST(secret_holds_and_clears)
{
    IC_SECRET_SCOPE(s);
    uint8_t big[IC_SECRET_MAX + 1] = {1, 2, 3};
    CHECK_ERR(ic_secret_set(&s, IC_VIEW_ARRAY(big)), IC_ERR_RANGE);
    CHECK_EQ_INT(s.len, 0);
    CHECK_OK(ic_secret_set(&s, ic_view(big, IC_SECRET_MAX)));
    CHECK_OK(ic_secret_set(&s, ic_view_sub(ic_secret_view(&s), 1, 2)));
    CHECK_HEX(ic_secret_view(&s), "0203");
    CHECK_EQ_INT(s.b[2], 0);
    ic_secret_clear(&s);
    uint8_t zero[sizeof s] = {0};
    CHECK(memcmp(&s, zero, sizeof s) == 0);
    CHECK_OK(ic_secret_set(&s, ic_view(NULL, 0)));
}

TEST(secret_compares)
{
    IC_SECRET_SCOPE(a);
    IC_SECRET_SCOPE(b);
    CHECK(ic_secret_equal(&a, &b));
    CHECK_OK(ic_secret_set(&a, IC_VIEW_STR("same bytes")));
    CHECK(!ic_secret_equal(&a, &b));
    CHECK_OK(ic_secret_set(&b, IC_VIEW_STR("same bytes")));
    CHECK(ic_secret_equal(&a, &b));
    for (size_t i = 0; i < b.len; i++) {
        b.b[i] ^= 0x80;
        CHECK(!ic_secret_equal(&a, &b));
        b.b[i] ^= 0x80;
    }
    CHECK(ic_ct_equal(ic_view(NULL, 0), IC_VIEW_STR("")));
}

/* Reads a frame that is gone: what the wiping function left there must be zeros. The read is of memory
 * that this function owns, by wiping through a pointer that the compiler cannot see the use of. */
static __attribute__((noinline)) void leave_secret(uint8_t *seen, size_t n)
{
    uint8_t secret[32];
    memset(secret, 0xa5, sizeof secret);
    ic_wipe(secret, sizeof secret);
    uint8_t *volatile p = secret;
    memcpy(seen, p, n);
}

TEST(wipe_is_kept)
{
    uint8_t seen[32], zero[32] = {0};
    leave_secret(seen, sizeof seen);
    CHECK_BYTES(IC_VIEW_ARRAY(seen), IC_VIEW_ARRAY(zero));
    ic_wipe(NULL, 0);
}

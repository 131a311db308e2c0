/* What a frame that does not open says of itself. */
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/sframe/store.h>

static void clear(struct ic_sframe_store **s)
{
    ic_sframe_store_free(*s);
}

#define STORE(name)                                                                                \
    IC_CLEANUP(clear) struct ic_sframe_store *name = NULL;                                         \
    CHECK_OK(ic_sframe_store_new(4, &name))

static ic_err add(struct ic_sframe_store *s, uint64_t epoch, uint32_t leaf)
{
    static const uint8_t base[32] = {1};
    const struct ic_sframe_suite *suite = ic_sframe_suite_find(4);
    struct ic_sframe_epoch e = {.epoch = epoch,
                                .leaf_slots = 8,
                                .own_leaf = leaf,
                                .base_key = ic_view(base, suite->key_len),
                                .may_send = true};
    return ic_sframe_store_add_epoch(s, &e, 1000);
}

TEST(claim_names_the_leaf_of_a_frame_that_was_changed)
{
    STORE(ana);
    STORE(ben);
    uint8_t b[64], plain[64];
    size_t len, plain_len;
    struct ic_sframe_from from = {.leaf = 99};
    CHECK_OK(add(ana, 5, 3));
    CHECK_OK(add(ben, 5, 1));
    CHECK_OK(ic_sframe_store_protect(ana, 2, ic_view(NULL, 0), IC_VIEW_STR("frame"), b, &len));
    b[len - 1] ^= 1;
    CHECK_ERR(ic_sframe_store_unprotect(ben, ic_view(NULL, 0), ic_view(b, len), 1000, plain,
                                        &plain_len, &from),
              IC_ERR_AUTH);
    CHECK_EQ_INT(from.leaf, 99);
    CHECK_OK(ic_sframe_store_claim(ben, ic_view(b, len), &from));
    CHECK_EQ_INT(from.leaf, 3);
    CHECK_EQ_INT(from.context, 2);
    CHECK_EQ_INT(from.epoch, 5);
}

TEST(claim_takes_the_newest_epoch_for_one_that_is_not_known)
{
    STORE(ana);
    STORE(ben);
    uint8_t b[64];
    size_t len;
    struct ic_sframe_from from;
    CHECK_OK(add(ana, 6, 4));
    CHECK_OK(add(ben, 5, 1));
    CHECK_OK(ic_sframe_store_protect(ana, 0, ic_view(NULL, 0), IC_VIEW_STR("frame"), b, &len));
    CHECK_OK(ic_sframe_store_claim(ben, ic_view(b, len), &from));
    CHECK_EQ_INT(from.leaf, 4);
    CHECK_EQ_INT(from.epoch, 5);
}

TEST(claim_of_garbage_is_none)
{
    STORE(s);
    struct ic_sframe_from from = {.leaf = 99};
    uint8_t b[IC_SFRAME_HEADER_MAX];
    CHECK_ERR(ic_sframe_store_claim(s, IC_VIEW_STR("x"), &from), IC_ERR_STATE);
    CHECK_OK(add(s, 5, 1));
    CHECK_ERR(ic_sframe_store_claim(s, ic_view(NULL, 0), &from), IC_ERR_TRUNCATED);
    size_t n = ic_sframe_header_encode(&(struct ic_sframe_header){.kid = UINT64_MAX}, b);
    CHECK_ERR(ic_sframe_store_claim(s, ic_view(b, n), &from), IC_ERR_MALFORMED);
    CHECK_ERR(ic_sframe_store_claim(s, IC_VIEW_STR("\x90\0\0"), &from), IC_ERR_MALFORMED);
    CHECK_EQ_INT(from.leaf, 99);
}

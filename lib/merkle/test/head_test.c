#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/merkle/head.h>

struct world {
    struct ic_sign_key *key, *other;
    struct ic_merkle_log log, other_log;
};

static void world_clear(struct world *w)
{
    ic_sign_key_free(w->key);
    ic_sign_key_free(w->other);
}

static ic_err world_init(struct world *w)
{
    struct ic_rand rand = ic_test_os_rand();
    IC_TRY(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &w->key));
    IC_TRY(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &w->other));
    w->log = (struct ic_merkle_log){IC_ECDSA_P256_SHA256, ic_sign_key_public(w->key)};
    w->other_log = (struct ic_merkle_log){IC_ECDSA_P256_SHA256, ic_sign_key_public(w->other)};
    return IC_OK;
}

TEST(merkle_head_verifies_by_its_log_alone)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    CHECK_OK(world_init(&w));
    struct ic_merkle_head h = {.size = 7, .time_ms = 1795406400000, .root = {{1, 2, 3}}};
    CHECK_OK(ic_merkle_head_sign(w.key, &h));
    CHECK_OK(ic_merkle_head_check(&w.log, &h));
    CHECK_ERR(ic_merkle_head_check(&w.other_log, &h), IC_ERR_UNKNOWN_KEY);
    size_t which = 9;
    struct ic_merkle_log both[] = {w.other_log, w.log};
    CHECK_OK(ic_merkle_head_check_any(both, 2, &h, &which));
    CHECK_EQ_INT(which, 1);
    CHECK_ERR(ic_merkle_head_check_any(both, 1, &h, &which), IC_ERR_UNKNOWN_KEY);

    struct ic_merkle_head bad = h;
    bad.size++;
    CHECK_ERR(ic_merkle_head_check(&w.log, &bad), IC_ERR_SIGNATURE);
    bad = h, bad.time_ms++;
    CHECK_ERR(ic_merkle_head_check(&w.log, &bad), IC_ERR_SIGNATURE);
    bad = h, bad.root.bytes[31] ^= 1;
    CHECK_ERR(ic_merkle_head_check(&w.log, &bad), IC_ERR_SIGNATURE);
    bad = h, bad.signature_len = 0;
    CHECK_ERR(ic_merkle_head_check(&w.log, &bad), IC_ERR_SIGNATURE);
    /* Another log's signature under this log's name. */
    CHECK_OK(ic_merkle_head_sign(w.other, &bad));
    bad.log = h.log;
    CHECK_ERR(ic_merkle_head_check(&w.log, &bad), IC_ERR_SIGNATURE);
}

TEST(merkle_head_codec)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    CHECK_OK(world_init(&w));
    struct ic_merkle_head h = {.size = 7, .time_ms = 1795406400000, .root = {{1, 2, 3}}}, back;
    CHECK_OK(ic_merkle_head_sign(w.key, &h));
    IC_BUF_SCOPE(b, IC_MERKLE_HEAD_MAX + 1);
    CHECK_OK(ic_merkle_head_encode(&h, &b));
    CHECK_OK(ic_merkle_head_decode(ic_buf_view(&b), &back));
    CHECK_OK(ic_merkle_head_check(&w.log, &back));
    for (size_t n = 0; n < b.len; n++)
        CHECK(ic_merkle_head_decode(ic_view(b.p, n), &back) != IC_OK);
    b.p[0] = 2;
    CHECK_ERR(ic_merkle_head_decode(ic_buf_view(&b), &back), IC_ERR_UNSUPPORTED);
    b.p[0] = 1;
    b.p[1 + 32] = 0x80; /* size */
    CHECK_ERR(ic_merkle_head_decode(ic_buf_view(&b), &back), IC_ERR_RANGE);
    b.p[1 + 32] = 0;
    CHECK_OK(ic_buf_append(&b, IC_VIEW_STR("x")));
    CHECK_ERR(ic_merkle_head_decode(ic_buf_view(&b), &back), IC_ERR_TRAILING);
}

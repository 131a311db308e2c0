#include "../src/stream.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <string.h>

enum { SUITES = 8, ROOM = 4096 + IC_SFRAME_OVERHEAD_MAX };

struct pair {
    struct ic_sframe_sender *tx;
    struct ic_sframe_receiver *rx;
};

static void pair_clear(struct pair *p)
{
    ic_sframe_sender_free(p->tx);
    ic_sframe_receiver_free(p->rx);
}

static ic_err pair_init(struct pair *p, uint16_t suite, uint64_t kid)
{
    struct ic_view base = IC_VIEW_STR("one base key of some length");
    IC_TRY(ic_sframe_sender_new(suite, kid, base, &p->tx));
    return ic_sframe_receiver_new(suite, kid, base, &p->rx);
}

static const struct ic_view none;

TEST(stream_round_trips_in_every_suite)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 100, 1200, 4096};
    static uint8_t plain[4096], sealed[ROOM], back[ROOM];
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * 7);
    for (uint16_t suite = 1; suite <= SUITES; suite++) {
        IC_CLEANUP(pair_clear) struct pair p = {0};
        CHECK_OK(pair_init(&p, suite, 0x1234));
        for (size_t i = 0; i < IC_ARRAY_LEN(sizes); i++) {
            size_t len = 0, back_len = 0;
            uint64_t ctr = 99;
            struct ic_view in = ic_view(plain, sizes[i]);
            struct ic_view meta = i % 2 ? IC_VIEW_STR("metadata") : none;
            CHECK_OK(ic_sframe_sender_protect(p.tx, meta, in, sealed, &len));
            CHECK_EQ_INT(len, 3 + in.len + p.tx->key.suite->tag_len);
            CHECK_OK(ic_sframe_receiver_unprotect(p.rx, meta, ic_view(sealed, len), back, &back_len,
                                                  &ctr));
            CHECK_BYTES(ic_view(back, back_len), in);
            CHECK_EQ_INT(ctr, i);
            CHECK_ERR(ic_sframe_receiver_unprotect(p.rx, meta, ic_view(sealed, len), back,
                                                   &back_len, &ctr),
                      IC_ERR_REPLAY);
        }
    }
}

/* Every bit of a frame, its metadata and its length is authenticated; a refused frame marks nothing. */
TEST(stream_refuses_every_altered_frame)
{
    for (uint16_t suite = 1; suite <= SUITES; suite++) {
        IC_CLEANUP(pair_clear) struct pair p = {0};
        uint8_t sealed[200], back[200];
        size_t len = 0, n = 77;
        uint64_t ctr = 77;
        struct ic_view meta = IC_VIEW_STR("m");
        CHECK_OK(pair_init(&p, suite, 0x1234));
        p.tx->next = 300;
        CHECK_OK(ic_sframe_sender_protect(p.tx, meta, IC_VIEW_STR("some frame"), sealed, &len));
        struct ic_view frame = ic_view(sealed, len);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            CHECK(ic_sframe_receiver_unprotect(p.rx, meta, frame, back, &n, &ctr) != IC_OK);
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t cut = 0; cut < len; cut++)
            CHECK(ic_sframe_receiver_unprotect(p.rx, meta, ic_view(sealed, cut), back, &n, &ctr) !=
                  IC_OK);
        CHECK_ERR(ic_sframe_receiver_unprotect(p.rx, none, frame, back, &n, &ctr), IC_ERR_AUTH);
        CHECK_ERR(ic_sframe_receiver_unprotect(p.rx, IC_VIEW_STR("n"), frame, back, &n, &ctr),
                  IC_ERR_AUTH);
        CHECK(n == 77 && ctr == 77);
        CHECK_OK(ic_sframe_receiver_unprotect(p.rx, meta, frame, back, &n, &ctr));
    }
}

/* The border between header and metadata cannot move: the header says its own length. */
TEST(stream_short_frames)
{
    IC_CLEANUP(pair_clear) struct pair p = {0};
    uint8_t back[64];
    size_t n;
    uint64_t ctr;
    CHECK_OK(pair_init(&p, 4, 5));
    CHECK_ERR(ic_sframe_receiver_unprotect(p.rx, none, none, back, &n, &ctr), IC_ERR_TRUNCATED);
    CHECK_ERR(ic_sframe_receiver_unprotect(p.rx, none, IC_VIEW_STR("\x50"), back, &n, &ctr),
              IC_ERR_TRUNCATED);
    CHECK_ERR(ic_sframe_receiver_unprotect(p.rx, none,
                                           IC_VIEW_STR("\x50"
                                                       "123456789012345"),
                                           back, &n, &ctr),
              IC_ERR_TRUNCATED);
    CHECK_ERR(ic_sframe_receiver_unprotect(p.rx, none,
                                           IC_VIEW_STR("\x50"
                                                       "1234567890123456"),
                                           back, &n, &ctr),
              IC_ERR_AUTH);
    CHECK_ERR(ic_sframe_receiver_unprotect(p.rx, none,
                                           IC_VIEW_STR("\x60"
                                                       "1234567890123456"),
                                           back, &n, &ctr),
              IC_ERR_UNKNOWN_KEY);
    CHECK_ERR(ic_sframe_receiver_unprotect(p.rx, none,
                                           IC_VIEW_STR("\x58\x01"
                                                       "234567890123456789"),
                                           back, &n, &ctr),
              IC_ERR_MALFORMED);
}

/* RFC 9605 section 7.4: a counter never comes twice, so a sender at its end refuses. */
TEST(stream_counter_does_not_wrap)
{
    IC_CLEANUP(pair_clear) struct pair p = {0};
    uint8_t sealed[64], back[64];
    size_t len = 0, n = 0;
    uint64_t ctr = 0;
    CHECK_OK(pair_init(&p, 4, 0));
    p.tx->next = UINT64_MAX - 1;
    CHECK_OK(ic_sframe_sender_protect(p.tx, none, IC_VIEW_STR("last"), sealed, &len));
    CHECK_OK(ic_sframe_receiver_unprotect(p.rx, none, ic_view(sealed, len), back, &n, &ctr));
    CHECK(ctr == UINT64_MAX - 1);
    len = 5;
    for (int i = 0; i < 3; i++)
        CHECK_ERR(ic_sframe_sender_protect(p.tx, none, IC_VIEW_STR("more"), sealed, &len),
                  IC_ERR_LIMIT);
    CHECK_EQ_INT(len, 5);
    CHECK(p.tx->next == UINT64_MAX);
}

TEST(stream_bounds_metadata)
{
    IC_CLEANUP(pair_clear) struct pair p = {0};
    static uint8_t meta[IC_SFRAME_METADATA_MAX + 1];
    uint8_t sealed[64], back[64];
    size_t len = 0, n = 0;
    uint64_t ctr = 0;
    CHECK_OK(pair_init(&p, 4, UINT64_MAX));
    CHECK_ERR(ic_sframe_sender_protect(p.tx, IC_VIEW_ARRAY(meta), none, sealed, &len),
              IC_ERR_LIMIT);
    struct ic_view most = ic_view(meta, IC_SFRAME_METADATA_MAX);
    CHECK_OK(ic_sframe_sender_protect(p.tx, most, none, sealed, &len));
    CHECK_ERR(ic_sframe_receiver_unprotect(p.rx, IC_VIEW_ARRAY(meta), ic_view(sealed, len), back,
                                           &n, &ctr),
              IC_ERR_LIMIT);
    CHECK_OK(ic_sframe_receiver_unprotect(p.rx, most, ic_view(sealed, len), back, &n, &ctr));
    CHECK_EQ_INT(ctr, 0);
}

TEST(stream_frames_make_no_allocation)
{
    for (uint16_t suite = 1; suite <= SUITES; suite++) {
        IC_CLEANUP(pair_clear) struct pair p = {0};
        static uint8_t plain[1200], sealed[ROOM], back[ROOM];
        size_t len = 0, n = 0;
        uint64_t ctr = 0;
        CHECK_OK(pair_init(&p, suite, 300));
        (void)ic_mem_fail_at(1);
        for (int i = 0; i < 2000; i++) {
            CHECK_OK(ic_sframe_sender_protect(p.tx, none, IC_VIEW_ARRAY(plain), sealed, &len));
            CHECK_OK(
                ic_sframe_receiver_unprotect(p.rx, none, ic_view(sealed, len), back, &n, &ctr));
        }
        CHECK_EQ_INT(ic_mem_fail_at(0), 0);
    }
}

static ic_err make_pair(void *ctx)
{
    IC_CLEANUP(pair_clear) struct pair p = {0};
    return pair_init(&p, *(uint16_t *)ctx, 1);
}

TEST(stream_survives_failing_allocations)
{
    for (uint16_t suite = 1; suite <= SUITES; suite++)
        CHECK(ic_test_each_alloc_fails(make_pair, &suite) >= 4);
}

/* RFC 9605 section 5.1 */
TEST(ratchet_steps)
{
    IC_SECRET_SCOPE(a);
    IC_SECRET_SCOPE(b);
    uint64_t kid = 0;
    CHECK_OK(ic_sframe_ratchet(4, IC_VIEW_STR("base key"), &a));
    CHECK_EQ_INT(a.len, 32);
    CHECK_OK(ic_sframe_ratchet(4, ic_secret_view(&a), &b));
    CHECK(!ic_secret_equal(&a, &b));
    CHECK_OK(ic_sframe_ratchet(4, ic_secret_view(&a), &a));
    CHECK(ic_secret_equal(&a, &b));
    CHECK_OK(ic_sframe_ratchet(5, IC_VIEW_STR("base key"), &a));
    CHECK_EQ_INT(a.len, 64);
    CHECK_ERR(ic_sframe_ratchet(0, IC_VIEW_STR("base key"), &a), IC_ERR_UNSUPPORTED);
    CHECK_OK(ic_sframe_ratchet_kid(3, 0x1f, 4, &kid));
    CHECK_EQ_INT(kid, 0x3f);
    CHECK_OK(ic_sframe_ratchet_kid(UINT64_MAX, 9, 0, &kid));
    CHECK(kid == UINT64_MAX);
    CHECK_ERR(ic_sframe_ratchet_kid(1, 0, 64, &kid), IC_ERR_RANGE);
    CHECK_ERR(ic_sframe_ratchet_kid((uint64_t)1 << 60, 0, 4, &kid), IC_ERR_RANGE);
}

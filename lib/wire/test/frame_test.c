#include "samples.h"
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <string.h>

static void encode(const struct ic_wire_frame *f, struct ic_buf *out)
{
    ic_buf_reset(out);
    CHECK_OK(ic_wire_encode(f, out));
}

/* What was decoded encodes to the same bytes, for each type there is. */
TEST(frame_round_trips)
{
    size_t known = 0;
    for (uint32_t type = 0; type <= 0xffff; type++)
        known += ic_wire_type_name((uint16_t)type)[0] != '?';
    CHECK_EQ_INT(known, wire_sample_count());
    for (size_t i = 0; i < wire_sample_count(); i++) {
        IC_BUF_SCOPE(a, IC_WIRE_MAX);
        IC_BUF_SCOPE(b, IC_WIRE_MAX);
        struct ic_wire_frame f;
        encode(wire_sample(i), &a);
        CHECK_OK(ic_wire_decode(ic_buf_view(&a), &f));
        CHECK_EQ_INT(f.type, wire_sample(i)->type);
        CHECK_EQ_INT(f.request, wire_sample(i)->request);
        encode(&f, &b);
        CHECK_BYTES(ic_buf_view(&b), ic_buf_view(&a));
    }
}

TEST(frame_refuses_truncation_at_every_byte)
{
    for (size_t i = 0; i < wire_sample_count(); i++) {
        IC_BUF_SCOPE(a, IC_WIRE_MAX);
        encode(wire_sample(i), &a);
        for (size_t n = 0; n < a.len; n++) {
            struct ic_wire_frame f;
            memset(&f, 0x5a, sizeof f);
            ic_err e = ic_wire_decode(ic_view(a.p, n), &f);
            CHECK(e != IC_OK && e != IC_ERR_TRAILING);
            CHECK_EQ_INT(f.request, 0x5a5a5a5a);
        }
    }
}

TEST(frame_refuses_trailing_bytes)
{
    for (size_t i = 0; i < wire_sample_count(); i++) {
        IC_BUF_SCOPE(a, IC_WIRE_MAX);
        struct ic_wire_frame f;
        encode(wire_sample(i), &a);
        CHECK_OK(ic_buf_append(&a, IC_VIEW_STR("\0")));
        CHECK_ERR(ic_wire_decode(ic_buf_view(&a), &f), IC_ERR_TRAILING);
    }
}

TEST(frame_of_unknown_type_gives_type_and_request)
{
    struct ic_wire_frame f = {0};
    CHECK_ERR(ic_wire_decode(IC_VIEW_STR("\x7f\x01\0\0\0\x09more"), &f), IC_ERR_UNSUPPORTED);
    CHECK_EQ_INT(f.type, 0x7f01);
    CHECK_EQ_INT(f.request, 9);
    IC_BUF_SCOPE(a, 100);
    CHECK_ERR(ic_wire_encode(&f, &a), IC_ERR_UNSUPPORTED);
    CHECK_EQ_INT(a.len, 0);
}

static uint8_t big[70000];

/* Frames that the encoder must refuse, leaving the buffer as it was. */
TEST(frame_encoder_keeps_limits)
{
    memset(big, 'x', sizeof big);
    struct ic_view text = ic_view(big, IC_WIRE_TEXT_MAX + 1);
    struct ic_view key = ic_view(big, IC_WIRE_KEY_MAX + 1);
    const struct {
        struct ic_wire_frame f;
        ic_err err;
    } rows[] = {
        {{.type = IC_WIRE_ERROR, .error = {1, text}}, IC_ERR_LIMIT},
        {{.type = IC_WIRE_ERROR, .error = {1, IC_VIEW_STR("\xff")}}, IC_ERR_MALFORMED},
        {{.type = IC_WIRE_ERROR, .error = {1, IC_VIEW_STR("a\nb")}}, IC_ERR_MALFORMED},
        {{.type = IC_WIRE_GET_GROUP_INFO, .get_group_info = {key}}, IC_ERR_LIMIT},
        {{.type = IC_WIRE_KNOCK, .knock = {ic_view(big, 65537), {0}}}, IC_ERR_LIMIT},
        {{.type = IC_WIRE_HELLO, .hello = {.web = 2}}, IC_ERR_RANGE},
        {{.type = IC_WIRE_HELLO_OK, .hello_ok = {.nonce = IC_VIEW_INIT("short")}},
         IC_ERR_MALFORMED},
        {{.type = IC_WIRE_COMMIT, .commit = {.knocks = IC_VIEW_INIT("1234567")}}, IC_ERR_MALFORMED},
        {{.type = IC_WIRE_COMMIT, .commit = {.knocks = ic_view(big, 8 * 1025)}}, IC_ERR_LIMIT},
        {{.type = IC_WIRE_MEDIA_OPEN,
          .media_open = {.fingerprint = ic_view(big, 32), .source_count = 9}},
         IC_ERR_LIMIT},
        {{.type = IC_WIRE_MEDIA_WANT, .media_want = {.source_count = 65}}, IC_ERR_LIMIT},
        {{.type = IC_WIRE_MEDIA_WANT, .media_want = {.source_count = 65537}}, IC_ERR_LIMIT},
        {{.type = IC_WIRE_MEDIA_SELECT, .media_select = {.slot_count = 65}}, IC_ERR_LIMIT},
        {{.type = IC_WIRE_MEDIA_PUBLISH, .media_publish = {.stream_count = 9}}, IC_ERR_LIMIT},
        {{.type = IC_WIRE_MEDIA_PUBLISH,
          .media_publish = {{{1, 1, IC_VIEW_INIT("a"), .layer_count = 5}}, 1}},
         IC_ERR_LIMIT},
        {{.type = IC_WIRE_MEDIA_PUBLISH,
          .media_publish = {{{1, 1, ic_view(big, 17), .layer_count = 1}}, 1}},
         IC_ERR_LIMIT},
        {{.type = IC_WIRE_MEDIA_PUBLISH,
          .media_publish = {{{1, 1, IC_VIEW_INIT("a b"), .layer_count = 1}}, 1}},
         IC_ERR_MALFORMED},
        {{.type = IC_WIRE_MEDIA_PUBLISH,
          .media_publish = {{{1, 4, IC_VIEW_INIT("a"), .layer_count = 1}}, 1}},
         IC_ERR_RANGE},
        {{.type = IC_WIRE_REFUSED, .refused = {9}}, IC_ERR_RANGE},
        {{.type = IC_WIRE_PRESENCE, .presence = {1, 2}}, IC_ERR_RANGE},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        IC_BUF_SCOPE(a, IC_WIRE_MAX);
        CHECK_OK(ic_buf_append(&a, IC_VIEW_STR("kept")));
        CHECK_ERR(ic_wire_encode(&rows[i].f, &a), rows[i].err);
        CHECK_BYTES(ic_buf_view(&a), IC_VIEW_STR("kept"));
    }
}

/* The same from the wire: header, then a hostile body. */
TEST(frame_decoder_keeps_limits)
{
    static const struct {
        uint16_t type;
        struct ic_view body;
        ic_err err;
    } rows[] = {
        {IC_WIRE_ERROR, IC_VIEW_INIT("\0\1\x41\x01"), IC_ERR_LIMIT},
        {IC_WIRE_ERROR, IC_VIEW_INIT("\0\1\x02\xc3("), IC_ERR_MALFORMED},
        {IC_WIRE_ERROR, IC_VIEW_INIT("\0\1\xc0"), IC_ERR_MALFORMED},
        {IC_WIRE_ERROR, IC_VIEW_INIT("\0\1\x40\x01x"), IC_ERR_MALFORMED},
        {IC_WIRE_TREE, IC_VIEW_INIT("\xbf\xff\xff\xff"), IC_ERR_LIMIT},
        {IC_WIRE_REFUSED, IC_VIEW_INIT("\0"), IC_ERR_RANGE},
        {IC_WIRE_PRESENCE, IC_VIEW_INIT("\0\0\0\1\2"), IC_ERR_RANGE},
        {IC_WIRE_MEDIA_WANT, IC_VIEW_INIT("\0\x41"), IC_ERR_LIMIT},
        {IC_WIRE_MEDIA_WANT, IC_VIEW_INIT("\0\x02\0\0\0\1"), IC_ERR_TRUNCATED},
        {IC_WIRE_MEDIA_SLOTS, IC_VIEW_INIT("\xff\xff"), IC_ERR_LIMIT},
        {IC_WIRE_MEDIA_PUBLISH, IC_VIEW_INIT("\0\x09"), IC_ERR_LIMIT},
        {IC_WIRE_MEDIA_PUBLISH, IC_VIEW_INIT("\0\1\1\1\1\x80\0\0"), IC_ERR_MALFORMED},
        {IC_WIRE_MEDIA_PUBLISH, IC_VIEW_INIT("\0\1\2\2\1v\0\5"), IC_ERR_LIMIT},
        {IC_WIRE_MEDIA_PUBLISH, IC_VIEW_INIT("\0\1\2\0\1v\0\0"), IC_ERR_RANGE},
        {IC_WIRE_MEDIA_SELECT, IC_VIEW_INIT("\0\x41"), IC_ERR_LIMIT},
        {IC_WIRE_MEDIA_SELECT, IC_VIEW_INIT("\0\1\0\0\0\1\0"), IC_ERR_TRUNCATED},
        {IC_WIRE_LEAVE, IC_VIEW_INIT("\0"), IC_ERR_TRAILING},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        IC_BUF_SCOPE(a, 1000);
        uint8_t head[6] = {0};
        struct ic_wire_frame f;
        ic_store_u16(head, rows[i].type);
        CHECK_OK(ic_buf_append(&a, IC_VIEW_ARRAY(head)));
        CHECK_OK(ic_buf_append(&a, rows[i].body));
        CHECK_ERR(ic_wire_decode(ic_buf_view(&a), &f), rows[i].err);
    }
}

TEST(frame_over_the_maximum_is_refused_unread)
{
    struct ic_wire_frame f;
    uint8_t *p = ic_calloc(IC_WIRE_MAX + 1, 1);
    CHECK(p);
    p[1] = IC_WIRE_TREE;
    ic_err e = ic_wire_decode(ic_view(p, IC_WIRE_MAX + 1), &f);
    ic_free(p);
    CHECK_ERR(e, IC_ERR_LIMIT);
}

TEST(frame_survives_every_flipped_byte)
{
    for (size_t i = 0; i < wire_sample_count(); i++) {
        IC_BUF_SCOPE(a, IC_WIRE_MAX);
        encode(wire_sample(i), &a);
        for (size_t n = 0; n < a.len * 8; n++) {
            IC_BUF_SCOPE(b, IC_WIRE_MAX);
            struct ic_wire_frame f;
            a.p[n / 8] ^= (uint8_t)(1 << n % 8);
            if (ic_wire_decode(ic_buf_view(&a), &f) == IC_OK) {
                CHECK_OK(ic_wire_encode(&f, &b));
                CHECK_BYTES(ic_buf_view(&b), ic_buf_view(&a));
            }
            a.p[n / 8] ^= (uint8_t)(1 << n % 8);
        }
    }
}

TEST(numbers_list)
{
    IC_BUF_SCOPE(a, 100);
    CHECK_OK(ic_wire_numbers_add(&a, 5));
    CHECK_OK(ic_wire_numbers_add(&a, UINT64_MAX));
    CHECK_EQ_INT(ic_wire_numbers_count(ic_buf_view(&a)), 2);
    CHECK(ic_wire_numbers_at(ic_buf_view(&a), 0) == 5);
    CHECK(ic_wire_numbers_at(ic_buf_view(&a), 1) == UINT64_MAX);
}

TEST(names_are_stable)
{
    CHECK(strcmp(ic_wire_type_name(IC_WIRE_COMMIT), "COMMIT") == 0);
    CHECK(strcmp(ic_wire_type_name(999), "?") == 0);
    CHECK(strcmp(ic_wire_error_name(IC_WIRE_E_STALE), "STALE") == 0);
    CHECK(strcmp(ic_wire_error_name(0), "?") == 0);
}

static ic_err all_samples(void *ctx)
{
    (void)ctx;
    for (size_t i = 0; i < wire_sample_count(); i++) {
        IC_BUF_SCOPE(a, IC_WIRE_MAX);
        struct ic_wire_frame f;
        IC_TRY(ic_wire_encode(wire_sample(i), &a));
        IC_TRY(ic_wire_decode(ic_buf_view(&a), &f));
    }
    return IC_OK;
}

TEST(frame_survives_failing_allocations)
{
    CHECK(ic_test_each_alloc_fails(all_samples, NULL) > 0);
}

/* protocol/media-keys.md, the clear-byte profile. */
#include <ic/base/test.h>
#include <ic/meeting/media.h>
#include <ic/sframe/header.h>

static const uint8_t key[] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41, 7, 7};
static const uint8_t delta[] = {0x31, 0x02, 0x00, 1, 2, 3, 4, 5, 6, 7, 8};

TEST(clear_prefix_of_a_key_frame_has_its_size)
{
    uint8_t out[IC_MEETING_CLEAR_MAX];
    size_t n = ic_meeting_clear_prefix(IC_VIEW_ARRAY(key), out);
    CHECK_HEX(ic_view(out, n), "9000009d012a80026841");
}

TEST(clear_prefix_of_anything_else_is_constant)
{
    uint8_t out[IC_MEETING_CLEAR_MAX];
    size_t n = ic_meeting_clear_prefix(IC_VIEW_ARRAY(delta), out);
    CHECK_HEX(ic_view(out, n), "910000");
    n = ic_meeting_clear_prefix(ic_view(NULL, 0), out);
    CHECK_HEX(ic_view(out, n), "910000");
    for (size_t len = 0; len < 10; len++) { /* a key frame cut short */
        n = ic_meeting_clear_prefix(ic_view(key, len), out);
        CHECK_HEX(ic_view(out, n), "910000");
    }
}

TEST(clear_prefix_is_found_again)
{
    uint8_t out[IC_MEETING_CLEAR_MAX + 1] = {0};
    size_t n = ic_meeting_clear_prefix(IC_VIEW_ARRAY(key), out);
    CHECK_EQ_INT(ic_meeting_clear_len(ic_view(out, n + 1)), n);
    CHECK_EQ_INT(ic_meeting_clear_len(ic_view(out, n)), n);
    CHECK_EQ_INT(ic_meeting_clear_len(ic_view(out, n - 1)), 0);
    n = ic_meeting_clear_prefix(IC_VIEW_ARRAY(delta), out);
    CHECK_EQ_INT(ic_meeting_clear_len(ic_view(out, n + 1)), n);
    CHECK_EQ_INT(ic_meeting_clear_len(ic_view(out, n - 1)), 0);
    CHECK_EQ_INT(ic_meeting_clear_len(ic_view(NULL, 0)), 0);
}

/* Both prefixes are refused as headers, and no header looks like one. */
TEST(clear_prefix_is_no_sframe_header)
{
    uint8_t out[IC_MEETING_CLEAR_MAX + 16] = {0};
    struct ic_sframe_header h;
    size_t len;
    ic_meeting_clear_prefix(IC_VIEW_ARRAY(key), out);
    CHECK_ERR(ic_sframe_header_decode(IC_VIEW_ARRAY(out), &h, &len), IC_ERR_MALFORMED);
    ic_meeting_clear_prefix(IC_VIEW_ARRAY(delta), out);
    CHECK_ERR(ic_sframe_header_decode(IC_VIEW_ARRAY(out), &h, &len), IC_ERR_MALFORMED);
    for (uint64_t kid = 0; kid < 1 << 17; kid += 13)
        for (uint64_t ctr = 0; ctr < 1 << 20; ctr = ctr * 3 + 1) {
            uint8_t head[IC_SFRAME_HEADER_MAX + 16] = {0};
            ic_sframe_header_encode(&(struct ic_sframe_header){.kid = kid, .ctr = ctr}, head);
            CHECK_EQ_INT(ic_meeting_clear_len(IC_VIEW_ARRAY(head)), 0);
        }
}

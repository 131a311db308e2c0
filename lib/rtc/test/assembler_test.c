#include <ic/base/test.h>
#include <ic/rtc/assembler.h>
#include <ic/rtc/ice.h>
#include <ic/rtc/vp8.h>
#include <string.h>

TEST(vp8_slices_rejoin)
{
    static uint8_t frame[20000], back[20000];
    uint8_t payload[IC_RTC_PAYLOAD_MAX];
    static const size_t lens[] = {1,    2,    IC_RTC_VP8_SLICE_MAX, IC_RTC_VP8_SLICE_MAX + 1,
                                  5000, 20000};
    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = (uint8_t)(i * 13);
    for (size_t k = 0; k < sizeof lens / sizeof lens[0]; k++) {
        struct ic_rtc_slices s = ic_rtc_slices(ic_view(frame, lens[k]), 0xffff);
        size_t at = 0, len = 0, count = 0;
        struct ic_rtc_vp8 d;
        while (ic_rtc_slices_next(&s, payload, &len)) {
            CHECK(len <= IC_RTC_PAYLOAD_MAX);
            CHECK_OK(ic_rtc_vp8_decode(ic_view(payload, len), &d));
            CHECK_EQ_INT(d.start, count == 0);
            CHECK_EQ_INT(s.first, count == 0);
            CHECK(d.has_picture_id && d.picture_id == 0x7fff && d.partition == 0);
            memcpy(back + at, d.slice.p, d.slice.len);
            at += d.slice.len;
            count++;
            CHECK_EQ_INT(s.last, at == lens[k]);
        }
        CHECK_EQ_INT(count, s.count);
        CHECK_BYTES(ic_view(back, at), ic_view(frame, lens[k]));
    }
    struct ic_rtc_slices none = ic_rtc_slices(ic_view(NULL, 0), 1);
    size_t len;
    CHECK(!ic_rtc_slices_next(&none, payload, &len));
}

TEST(vp8_descriptor_in_all_its_forms)
{
    struct ic_rtc_vp8 d;
    static const uint8_t full[] = {0xb3, 0xf0, 0x81, 0x02, 0x44, 0xa7, 'x'};
    CHECK_OK(ic_rtc_vp8_decode(IC_VIEW_ARRAY(full), &d));
    CHECK(d.non_reference && d.start && d.partition == 3 && d.picture_id == 0x102 && d.tl0 == 0x44);
    CHECK(d.has_tid && d.tid == 2 && d.layer_sync && d.key_index == 7 && d.slice.len == 1);
    for (size_t n = 0; n < sizeof full; n++)
        CHECK_ERR(ic_rtc_vp8_decode(ic_view(full, n), &d), IC_ERR_TRUNCATED);
    static const uint8_t shortest[] = {0x10, 'x'}, seven[] = {0x80, 0x80, 0x05, 'x'};
    CHECK_OK(ic_rtc_vp8_decode(IC_VIEW_ARRAY(shortest), &d));
    CHECK(!d.has_picture_id && d.start);
    CHECK_OK(ic_rtc_vp8_decode(IC_VIEW_ARRAY(seven), &d));
    CHECK(d.picture_id == 5 && !d.start);
}

struct feed {
    struct ic_rtc_assembler *a;
    uint64_t seq;
    unsigned frames, keys, gaps;
    uint32_t last;
    bool blind; /* no Dependency Descriptor */
};

/* Packet k of n of the frame that began at first. */
static void put(struct feed *f, uint64_t seq, uint32_t timestamp, unsigned k, unsigned n, bool key,
                uint64_t now)
{
    uint8_t payload[8] = {k == 0 ? 0x90 : 0x80, 0x80, 0x80, 0x01, (uint8_t)timestamp, (uint8_t)k};
    uint8_t dd[4] = {(uint8_t)((k == 0) << 7 | (k + 1 == n) << 6), 0, 0, key && k == 0 ? 0x80 : 0};
    struct ic_rtc_rtp h = {.timestamp = timestamp,
                           .marker = k + 1 == n,
                           .dd = ic_view(dd, f->blind ? 0 : sizeof dd),
                           .payload = IC_VIEW_ARRAY(payload)};
    IC_IGNORE(ic_rtc_assembler_put(f->a, seq, &h, now));
}

static void take(struct feed *f, uint64_t now)
{
    struct ic_rtc_video_frame v;
    while (ic_rtc_assembler_take(f->a, now, &v)) {
        f->frames++;
        f->keys += v.key;
        f->gaps += v.gap;
        f->last = v.timestamp;
        for (size_t i = 0; i < v.data.len; i += 4)
            CHECK(v.data.p[i] == (uint8_t)v.timestamp && v.data.p[i + 1] == i / 4);
    }
}

TEST(assembler_orders_and_completes)
{
    struct feed f = {0};
    CHECK_OK(ic_rtc_assembler_new(&f.a));
    put(&f, 102, 1, 2, 3, true, 0);
    put(&f, 100, 1, 0, 3, true, 0);
    take(&f, 0);
    CHECK_EQ_INT(f.frames, 0);
    put(&f, 103, 2, 0, 1, false, 0);
    put(&f, 101, 1, 1, 3, true, 0);
    take(&f, 0);
    /* The very first packet that came was not the lowest: what is below it is gone. */
    CHECK_EQ_INT(f.frames, 0);
    put(&f, 104, 3, 0, 2, true, 5);
    put(&f, 105, 3, 1, 2, true, 5);
    take(&f, 5);
    CHECK_EQ_INT(f.frames, 1);
    put(&f, 108, 4, 2, 3, false, 6);
    put(&f, 107, 4, 1, 3, false, 6);
    put(&f, 109, 5, 0, 1, false, 6);
    take(&f, 6);
    CHECK_EQ_INT(f.frames, 1);
    put(&f, 106, 4, 0, 3, false, 7);
    take(&f, 7);
    CHECK(f.frames == 3 && f.last == 5);
    ic_rtc_assembler_free(f.a);
    ic_rtc_assembler_free(NULL);
}

TEST(assembler_waits_then_wants_a_key_frame)
{
    struct feed f = {0};
    CHECK_OK(ic_rtc_assembler_new(&f.a));
    put(&f, 10, 1, 0, 1, true, 100);
    put(&f, 12, 3, 0, 1, false, 100);
    take(&f, 100);
    CHECK(f.frames == 1 && !ic_rtc_assembler_needs_key(f.a));
    CHECK_EQ_INT(ic_rtc_assembler_deadline(f.a), 100 + IC_RTC_ASSEMBLER_WAIT_MS);
    take(&f, 100 + IC_RTC_ASSEMBLER_WAIT_MS);
    CHECK(ic_rtc_assembler_needs_key(f.a) && f.frames == 1);
    CHECK(ic_rtc_assembler_deadline(f.a) == IC_RTC_NEVER);
    put(&f, 13, 4, 0, 1, false, 1200);
    take(&f, 1200);
    CHECK_EQ_INT(f.frames, 1);
    put(&f, 14, 5, 0, 1, true, 1210);
    take(&f, 1210);
    CHECK(f.frames == 2 && f.last == 5 && !ic_rtc_assembler_needs_key(f.a));
    CHECK_EQ_INT(ic_rtc_assembler_dropped(f.a), 1);
    ic_rtc_assembler_free(f.a);
}

/* A key frame that is complete ends the waiting; so does the start of another source's. */
TEST(assembler_goes_on_at_a_key_frame)
{
    struct feed f = {0};
    CHECK_OK(ic_rtc_assembler_new(&f.a));
    put(&f, 10, 1, 0, 1, true, 0);
    put(&f, 12, 3, 0, 1, false, 0);
    put(&f, 13, 4, 0, 1, true, 0);
    take(&f, 0);
    CHECK(f.frames == 2 && f.last == 4);
    put(&f, 14, 5, 0, 3, false, 0); /* cut off by a switch of the slot */
    put(&f, 15, 900, 0, 1, true, 0);
    take(&f, 0);
    CHECK(f.frames == 3 && f.last == 900);
    ic_rtc_assembler_free(f.a);
}

/* Firefox: bounds by the VP8 descriptor and the marker, and nobody says which frame is a key frame. */
TEST(assembler_without_dependency_descriptor)
{
    struct feed f = {.blind = true};
    CHECK_OK(ic_rtc_assembler_new(&f.a));
    put(&f, 10, 1, 1, 2, false, 0);
    put(&f, 11, 2, 0, 2, false, 0);
    put(&f, 12, 2, 1, 2, false, 0);
    put(&f, 13, 3, 0, 1, false, 0);
    take(&f, 0);
    CHECK(f.frames == 2 && f.last == 3 && f.keys == 0 && f.gaps == 0);
    /* What is missing is waited for: any frame may need it. */
    put(&f, 15, 5, 0, 1, false, 10);
    take(&f, 10);
    CHECK_EQ_INT(f.frames, 2);
    put(&f, 14, 4, 0, 1, false, 20);
    take(&f, 20);
    CHECK(f.frames == 4 && f.gaps == 0);
    put(&f, 17, 7, 0, 1, false, 30);
    take(&f, 30);
    take(&f, 31 + IC_RTC_ASSEMBLER_WAIT_MS);
    CHECK(f.frames == 5 && f.last == 7 && f.gaps == 1);
    put(&f, 18, 8, 0, 1, false, 700);
    take(&f, 700);
    CHECK(f.frames == 6 && f.gaps == 1);
    ic_rtc_assembler_free(f.a);
}

/* A packet without payload is there so that nobody asks for its number. */
TEST(assembler_passes_over_empty_packets)
{
    struct feed f = {0};
    struct ic_rtc_rtp empty = {.timestamp = 9};
    CHECK_OK(ic_rtc_assembler_new(&f.a));
    put(&f, 10, 1, 0, 1, true, 0);
    CHECK_OK(ic_rtc_assembler_put(f.a, 11, &empty, 0));
    CHECK_OK(ic_rtc_assembler_put(f.a, 12, &empty, 0));
    put(&f, 13, 2, 0, 2, false, 0);
    put(&f, 14, 2, 1, 2, false, 0);
    take(&f, 0);
    CHECK(f.frames == 2 && f.last == 2 && ic_rtc_assembler_dropped(f.a) == 0);
    ic_rtc_assembler_free(f.a);
}

TEST(assembler_is_bounded)
{
    struct feed f = {0};
    struct ic_rtc_rtp none = {.payload = IC_VIEW_STR("abc")};
    struct ic_test_rand state;
    (void)ic_test_rand(&state, 3);
    CHECK_OK(ic_rtc_assembler_new(&f.a));
    none.dd = IC_VIEW_STR("\x80");
    CHECK_ERR(ic_rtc_assembler_put(f.a, 1, &none, 0), IC_ERR_TRUNCATED);
    uint64_t base = 1000;
    for (int i = 0; i < 20000; i++) {
        uint64_t r = ic_test_rand_u64(&state);
        base += r % 3 == 0;
        if (r % 997 == 0)
            base += r >> 50;
        uint8_t payload[] = {0x10, 1, 2};
        uint8_t dd[4] = {(uint8_t)(r >> 10 & 3) << 6, 0, 0, (uint8_t)(r >> 12 & 1) << 7};
        struct ic_rtc_rtp h = {.timestamp = (uint32_t)(r >> 8 & 3),
                               .marker = r >> 13 & 1,
                               .dd = ic_view(dd, r >> 20 & 7 ? sizeof dd : 0),
                               .payload = ic_view(payload, r >> 23 & 15 ? sizeof payload : 0)};
        struct ic_rtc_video_frame v;
        IC_IGNORE(ic_rtc_assembler_put(f.a, base + (r >> 16 & 15), &h, (uint64_t)i));
        while (ic_rtc_assembler_take(f.a, (uint64_t)i, &v))
            CHECK(v.data.len <= IC_RTC_FRAME_MAX);
    }
    ic_rtc_assembler_free(f.a);
}

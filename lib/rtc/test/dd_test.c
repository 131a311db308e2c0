#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/rtc/dd.h>
#include <string.h>

/* A key frame's first packet of an L3T3 stream, as Chromium sends it (120x67, 240x135, 480x270). */
static const uint8_t l3t3[] = {
    0xc1, 0x01, 0x72, 0x80, 0x08, 0x14, 0x85, 0x21, 0x4e, 0xaf, 0xff, 0xaa, 0xaa, 0x86, 0x3c, 0xf0,
    0x43, 0x0c, 0x10, 0xc3, 0x02, 0xaf, 0xc0, 0xaa, 0xa0, 0x06, 0x3c, 0x00, 0x43, 0x00, 0x10, 0xc0,
    0x02, 0xa0, 0x00, 0xa8, 0x00, 0x06, 0x00, 0x00, 0x40, 0x00, 0x1d, 0x95, 0x49, 0x26, 0xe0, 0x82,
    0xb0, 0x4a, 0x09, 0x41, 0xb8, 0x20, 0xac, 0x12, 0x82, 0x50, 0x31, 0x57, 0xf9, 0x74, 0x00, 0x0c,
    0xa8, 0x64, 0x33, 0x0e, 0x22, 0x22, 0x22, 0xec, 0xa8, 0x65, 0x53, 0x04, 0x22, 0x42, 0x30, 0xec,
    0xa8, 0x77, 0x53, 0x00, 0x77, 0x00, 0x42, 0x00, 0xef, 0x00, 0x86, 0x01, 0xdf, 0x01, 0x0d};

static struct ic_rtc_dd d, e;

TEST(dd_reads_a_real_structure)
{
    CHECK_OK(ic_rtc_dd_decode(IC_VIEW_ARRAY(l3t3), NULL, &d));
    CHECK(d.head.start && d.head.end && d.head.has_structure);
    CHECK_EQ_INT(d.head.frame, 0x0172);
    const struct ic_rtc_dd_structure *s = &d.structure;
    CHECK_EQ_INT(s->target_count, 9);
    CHECK_EQ_INT(s->chain_count, 3);
    CHECK_EQ_INT(s->templates[s->template_count - 1].spatial, 2);
    CHECK_EQ_INT(s->templates[s->template_count - 1].temporal, 2);
    CHECK(s->has_sizes && s->sizes[0].width == 120 && s->sizes[0].height == 67);
    CHECK(s->sizes[2].width == 480 && s->sizes[2].height == 270);
    CHECK_EQ_INT(d.active, 0x1ff);
    CHECK_EQ_INT(d.frame.spatial, 0);
    CHECK_EQ_INT(d.frame.fdiff_count, 0);
    /* The lowest key frame is needed by all. */
    for (unsigned t = 0; t < 9; t++)
        CHECK(ic_rtc_dd_dti(d.frame.dtis, t) != IC_RTC_DD_NOT_PRESENT);
    for (unsigned t = 0; t < 9; t++)
        CHECK_EQ_INT(s->protected_by[t], t / 3);
}

TEST(dd_writes_the_same_bytes)
{
    uint8_t out[IC_RTC_DD_MAX];
    size_t len;
    CHECK_OK(ic_rtc_dd_decode(IC_VIEW_ARRAY(l3t3), NULL, &d));
    CHECK_OK(ic_rtc_dd_encode(&d, NULL, out, &len));
    CHECK_BYTES(ic_view(out, len), IC_VIEW_ARRAY(l3t3));
}

TEST(dd_plain_structure_is_short)
{
    uint8_t out[IC_RTC_DD_MAX];
    size_t len;
    memset(&d, 0, sizeof d);
    ic_rtc_dd_plain(&d.structure);
    d.head = (struct ic_rtc_dd_peek){.start = true, .has_structure = true, .frame = 77};
    CHECK_OK(ic_rtc_dd_encode(&d, NULL, out, &len));
    CHECK(len <= 16); /* the one-byte form of RFC 8285 */
    CHECK_OK(ic_rtc_dd_decode(ic_view(out, len), NULL, &e));
    CHECK_EQ_INT(e.head.frame, 77);
    CHECK(memcmp(&e.structure, &d.structure, sizeof d.structure) == 0);
    struct ic_rtc_dd_structure known = e.structure;
    const uint8_t delta[3] = {0x81, 0x01, 0x02};
    CHECK_OK(ic_rtc_dd_decode(IC_VIEW_ARRAY(delta), &known, &e));
    CHECK(e.head.start && !e.head.end && e.head.frame == 0x102 && !e.head.has_structure);
    CHECK_EQ_INT(e.frame.fdiffs[0], 1);
    CHECK_EQ_INT(e.frame.chains[0], 1);
    CHECK_ERR(ic_rtc_dd_decode(IC_VIEW_ARRAY(delta), NULL, &e), IC_ERR_STATE);
}

TEST(dd_custom_fields_take_the_place_of_the_template)
{
    uint8_t out[IC_RTC_DD_MAX];
    size_t len;
    struct ic_rtc_dd_structure known;
    ic_rtc_dd_plain(&known);
    known.offset = 60;
    memset(&d, 0, sizeof d);
    d.head.template_id = 61;
    d.has_active = d.custom_dtis = d.custom_fdiffs = d.custom_chains = true;
    d.frame = (struct ic_rtc_dd_frame){
        .fdiff_count = 3, .fdiffs = {1, 200, 4096}, .dtis = IC_RTC_DD_REQUIRED, .chains = {200}};
    CHECK_OK(ic_rtc_dd_encode(&d, &known, out, &len));
    CHECK_OK(ic_rtc_dd_decode(ic_view(out, len), &known, &e));
    CHECK(memcmp(&d, &e, sizeof d) == 0);
    CHECK_EQ_INT(e.frame.fdiffs[2], 4096);
    CHECK_EQ_INT(e.active, 0);
    d.frame.fdiffs[2] = 4097;
    CHECK_ERR(ic_rtc_dd_encode(&d, &known, out, &len), IC_ERR_RANGE);
}

TEST(dd_refuses_truncation_at_every_byte)
{
    for (size_t n = 0; n < sizeof l3t3; n++) {
        memset(&d, 0x5a, sizeof d);
        CHECK(ic_rtc_dd_decode(ic_view(l3t3, n), NULL, &d) != IC_OK);
        CHECK_EQ_INT(d.head.frame, 0x5a5a);
    }
}

TEST(dd_refuses_what_the_structure_does_not_have)
{
    struct ic_rtc_dd_structure known;
    ic_rtc_dd_plain(&known);
    for (unsigned id = 0; id < 64; id++) {
        uint8_t b[3] = {(uint8_t)(0x80 | id), 0, 1};
        ic_err want = id < 2 ? IC_OK : IC_ERR_MALFORMED;
        CHECK(ic_rtc_dd_decode(IC_VIEW_ARRAY(b), &known, &d) == want);
    }
}

/* Layers without end, in each of the ways there are. */
TEST(dd_bounds_layers_templates_and_references)
{
    uint8_t b[64];
    static const uint8_t fill[] = {0x00, 0x55, 0xaa}; /* same layer, next temporal, next spatial */
    for (size_t i = 0; i < sizeof fill; i++) {
        memset(b, fill[i], sizeof b);
        memcpy(b, "\x80\0\1\x80\0", 5);
        CHECK_ERR(ic_rtc_dd_decode(IC_VIEW_ARRAY(b), NULL, &d), IC_ERR_MALFORMED);
    }
    /* One template, one target; then references without end. */
    memset(b, 0xff, sizeof b);
    memcpy(b, "\x80\0\1\x80\0\x37", 6);
    CHECK_ERR(ic_rtc_dd_decode(IC_VIEW_ARRAY(b), NULL, &d), IC_ERR_LIMIT);
}

TEST(dd_survives_every_flipped_bit)
{
    uint8_t b[sizeof l3t3], out[IC_RTC_DD_MAX];
    size_t len;
    memcpy(b, l3t3, sizeof b);
    for (size_t n = 0; n < 8 * sizeof b; n++) {
        b[n / 8] ^= (uint8_t)(1u << n % 8);
        if (ic_rtc_dd_decode(IC_VIEW_ARRAY(b), NULL, &d) == IC_OK &&
            ic_rtc_dd_encode(&d, NULL, out, &len) == IC_OK) {
            CHECK_OK(ic_rtc_dd_decode(ic_view(out, len), NULL, &e));
            CHECK(memcmp(&d, &e, sizeof d) == 0);
        }
        b[n / 8] ^= (uint8_t)(1u << n % 8);
    }
}

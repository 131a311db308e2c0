#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/sframe/header.h>

static void check_round_trip(uint64_t kid, uint64_t ctr)
{
    uint8_t b[IC_SFRAME_HEADER_MAX];
    struct ic_sframe_header h = {.kid = kid, .ctr = ctr}, back = {0};
    size_t n = ic_sframe_header_encode(&h, b), len = 0;
    CHECK(n >= 1 && n <= sizeof b);
    CHECK_OK(ic_sframe_header_decode(ic_view(b, n), &back, &len));
    CHECK(back.kid == kid && back.ctr == ctr);
    CHECK_EQ_INT(len, n);
    for (size_t cut = 0; cut < n; cut++)
        CHECK_ERR(ic_sframe_header_decode(ic_view(b, cut), &back, &len), IC_ERR_TRUNCATED);
}

TEST(header_round_trips_at_every_boundary)
{
    uint64_t edges[3 + 3 * 8] = {0, 7, 8};
    size_t n = 3;
    for (unsigned bytes = 1; bytes <= 8; bytes++) {
        uint64_t top = bytes == 8 ? UINT64_MAX : ((uint64_t)1 << (8 * bytes)) - 1;
        edges[n++] = top;
        edges[n++] = top - 1;
        edges[n++] = top + 1;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++)
            check_round_trip(edges[i], edges[k]);
    }
    struct ic_test_rand rand = {7};
    for (int i = 0; i < 2000; i++) {
        uint64_t kid = ic_test_rand_u64(&rand) >> ic_test_rand_u64(&rand) % 64;
        check_round_trip(kid, ic_test_rand_u64(&rand) >> ic_test_rand_u64(&rand) % 64);
    }
}

TEST(header_known_forms)
{
    static const struct {
        uint64_t kid, ctr;
        const char *hex;
    } rows[] = {
        {0, 0, "00"},          {7, 7, "77"},
        {7, 8, "7808"},        {8, 7, "8708"},
        {8, 8, "880808"},      {0x123, 0x4567, "9901234567"},
        {0x3e, 255, "883eff"}, {0x820, 256, "9908200100"},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        uint8_t b[IC_SFRAME_HEADER_MAX];
        struct ic_sframe_header h = {.kid = rows[i].kid, .ctr = rows[i].ctr};
        size_t n = ic_sframe_header_encode(&h, b);
        CHECK_HEX(ic_view(b, n), rows[i].hex);
    }
}

TEST(header_refuses_longer_forms)
{
    static const struct ic_view bad[] = {
        IC_VIEW_INIT("\x80\x00"),                                 /* KID 0 as one byte */
        IC_VIEW_INIT("\x80\x07"),                                 /* KID 7 */
        IC_VIEW_INIT("\x08\x07"),                                 /* CTR 7 */
        IC_VIEW_INIT("\x90\x00\xff"),                             /* KID 255 as two bytes */
        IC_VIEW_INIT("\x09\x00\xff"),                             /* CTR 255 */
        IC_VIEW_INIT("\xf0\x00\x00\x00\x00\x00\x00\x00\x09"),     /* KID 9 as eight */
        IC_VIEW_INIT("\x0f\x00\xff\xff\xff\xff\xff\xff\xff"),     /* CTR of seven as eight */
        IC_VIEW_INIT("\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x00"), /* longest KID, CTR 0 */
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++) {
        struct ic_sframe_header h = {.kid = 5, .ctr = 6};
        size_t len = 99;
        CHECK_ERR(ic_sframe_header_decode(bad[i], &h, &len), IC_ERR_MALFORMED);
        CHECK(h.kid == 5 && h.ctr == 6 && len == 99);
    }
}

/* Whatever decodes encodes to the same bytes: there is one form of a header. */
TEST(header_is_canonical)
{
    struct ic_test_rand state;
    struct ic_rand rand = ic_test_rand(&state, 9);
    for (int i = 0; i < 20000; i++) {
        uint8_t in[IC_SFRAME_HEADER_MAX], out[IC_SFRAME_HEADER_MAX];
        struct ic_sframe_header h;
        size_t len;
        CHECK_OK(ic_rand_fill(&rand, in, sizeof in));
        if (ic_sframe_header_decode(IC_VIEW_ARRAY(in), &h, &len) != IC_OK)
            continue;
        CHECK_EQ_INT(ic_sframe_header_encode(&h, out), len);
        CHECK_BYTES(ic_view(out, len), ic_view(in, len));
    }
}

#include <ic/base/test.h>
#include <ic/rtc/stun.h>
#include <string.h>

/* RFC 5769 sections 2.1, 2.2, 2.3 */
static const char request[] = "000100582112a442b7e7a701bc34d686fa87dfae"
                              "802200105354554e207465737420636c69656e74"
                              "002400046e0001ff80290008932ff9b151263b36"
                              "000600096576746a3a68367659202020"
                              "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
static const char response4[] = "0101003c2112a442b7e7a701bc34d686fa87dfae"
                                "8022000b7465737420766563746f7220"
                                "002000080001a147e112a643"
                                "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
static const char response6[] = "010100482112a442b7e7a701bc34d686fa87dfae"
                                "8022000b7465737420766563746f7220"
                                "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
                                "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";
static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt";

static struct ic_view from_hex(const char *hex, uint8_t *room)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned v = 0;
        for (int k = 0; k < 2; k++) {
            char c = hex[2 * i + (size_t)k];
            v = v * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
        }
        room[i] = (uint8_t)v;
    }
    return ic_view(room, n);
}

TEST(stun_reads_rfc5769)
{
    uint8_t room[256];
    struct ic_rtc_stun m;
    struct ic_rtc_addr want;
    CHECK_OK(ic_rtc_stun_decode(from_hex(request, room), &m));
    CHECK_EQ_INT(m.type, IC_RTC_STUN_BINDING);
    CHECK_BYTES(m.username, IC_VIEW_STR("evtj:h6vY"));
    CHECK(m.has_priority && m.priority == 0x6e0001ff && m.controlled && !m.controlling);
    CHECK(m.tie_breaker == 0x932ff9b151263b36 && m.has_fingerprint && m.unknown == 0);
    CHECK_OK(ic_rtc_stun_verify(&m, IC_VIEW_STR(password)));
    CHECK_ERR(ic_rtc_stun_verify(&m, IC_VIEW_STR("another password, longer")), IC_ERR_AUTH);
    CHECK_OK(ic_rtc_stun_decode(from_hex(response4, room), &m));
    CHECK_OK(ic_rtc_stun_verify(&m, IC_VIEW_STR(password)));
    CHECK(ic_rtc_addr_parse(IC_VIEW_STR("192.0.2.1"), 32853, &want));
    CHECK(ic_rtc_addr_equal(&m.mapped, &want));
    CHECK_OK(ic_rtc_stun_decode(from_hex(response6, room), &m));
    CHECK_OK(ic_rtc_stun_verify(&m, IC_VIEW_STR(password)));
    CHECK(ic_rtc_addr_parse(IC_VIEW_STR("2001:db8:1234:5678:11:2233:4455:6677"), 32853, &want));
    CHECK(ic_rtc_addr_equal(&m.mapped, &want));
}

TEST(stun_round_trips)
{
    uint8_t room[512], id[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    struct ic_rtc_stun_writer w;
    struct ic_rtc_stun m;
    struct ic_rtc_addr a;
    size_t len;
    CHECK(ic_rtc_addr_parse(IC_VIEW_STR("fe80::1:2"), 77, &a));
    ic_rtc_stun_begin(&w, room, sizeof room, IC_RTC_STUN_BINDING_ERROR, id);
    ic_rtc_stun_put_username(&w, IC_VIEW_STR("abc"));
    ic_rtc_stun_put_priority(&w, 9);
    ic_rtc_stun_put_controlling(&w, 8);
    ic_rtc_stun_put_use_candidate(&w);
    ic_rtc_stun_put_address(&w, &a);
    ic_rtc_stun_put_error(&w, 487, IC_VIEW_STR("Role Conflict"));
    ic_rtc_stun_put_unknown(&w, 0x7777);
    CHECK_OK(ic_rtc_stun_finish(&w, IC_VIEW_STR("key"), &len));
    CHECK_OK(ic_rtc_stun_decode(ic_view(room, len), &m));
    CHECK_OK(ic_rtc_stun_verify(&m, IC_VIEW_STR("key")));
    CHECK(m.use_candidate && m.controlling && m.error_code == 487 && m.priority == 9);
    CHECK(ic_rtc_addr_equal(&m.mapped, &a));
    for (size_t cap = 0; cap < 140; cap += 3) {
        ic_rtc_stun_begin(&w, room, cap, IC_RTC_STUN_BINDING, id);
        ic_rtc_stun_put_username(&w, IC_VIEW_STR("abc"));
        ic_rtc_stun_put_address(&w, &a);
        ic_rtc_stun_put_error(
            &w, 487, IC_VIEW_STR("Role Conflict and more of this and that, and so on and so on"));
        size_t n = 0;
        CHECK_ERR(ic_rtc_stun_finish(&w, IC_VIEW_STR("key"), &n), IC_ERR_LIMIT);
        CHECK_EQ_INT(n, 0);
    }
}

TEST(stun_refuses_hostile_messages)
{
    uint8_t room[256], bad[256];
    struct ic_rtc_stun m = {.type = 7};
    struct ic_view v = from_hex(request, room);
    for (size_t n = 0; n < v.len; n++)
        CHECK(ic_rtc_stun_decode(ic_view_sub(v, 0, n), &m) != IC_OK);
    CHECK_EQ_INT(m.type, 7);
    memcpy(bad, v.p, v.len);
    memset(bad + v.len, 0, 4);
    CHECK_ERR(ic_rtc_stun_decode(ic_view(bad, v.len + 4), &m), IC_ERR_TRAILING);
    /* Any changed byte breaks the fingerprint, the integrity, or the form; the software name is covered
     * by both. */
    for (size_t i = 0; i < v.len; i++) {
        memcpy(bad, v.p, v.len);
        bad[i] ^= 0x41;
        ic_err e = ic_rtc_stun_decode(ic_view(bad, v.len), &m);
        CHECK(e != IC_OK || ic_rtc_stun_verify(&m, IC_VIEW_STR(password)) != IC_OK ||
              i >= v.len - 8);
    }
    /* Many attributes. */
    uint8_t id[12] = {0}, many[1200];
    struct ic_rtc_stun_writer w;
    size_t len;
    ic_rtc_stun_begin(&w, many, sizeof many, IC_RTC_STUN_BINDING, id);
    for (int i = 0; i < 40; i++)
        ic_rtc_stun_put_priority(&w, 1);
    CHECK_OK(ic_rtc_stun_finish(&w, ic_view(NULL, 0), &len));
    CHECK_ERR(ic_rtc_stun_decode(ic_view(many, len), &m), IC_ERR_LIMIT);
}

TEST(stun_names_an_unknown_attribute)
{
    uint8_t room[64], id[12] = {0};
    struct ic_rtc_stun_writer w;
    struct ic_rtc_stun m;
    size_t len;
    ic_rtc_stun_begin(&w, room, sizeof room, IC_RTC_STUN_BINDING, id);
    ic_rtc_stun_put_priority(&w, 1);
    ic_store_u16(room + 20, 0x7abc);
    CHECK_OK(ic_rtc_stun_finish(&w, ic_view(NULL, 0), &len));
    CHECK_OK(ic_rtc_stun_decode(ic_view(room, len), &m));
    CHECK_EQ_INT(m.unknown, 0x7abc);
    CHECK_ERR(ic_rtc_stun_verify(&m, IC_VIEW_STR("x")), IC_ERR_AUTH);
}

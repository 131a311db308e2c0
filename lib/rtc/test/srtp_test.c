#include "../src/srtp.h"
#include <ic/base/test.h>
#include <ic/crypto/aead.h>
#include <ic/rtc/rtp.h>
#include <string.h>

static const char gallia[] = "Gallia est omnis divisa in partes tres";

/* RFC 7714 section 16.1.1: session keys, not master keys. */
static ic_err rfc7714(struct ic_rtc_srtp **out)
{
    static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    static const char salt[] = "Quid pro quo";
    struct ic_rtc_srtp_session s = {IC_VIEW_ARRAY(key), ic_view(salt, 12), IC_VIEW_ARRAY(key),
                                    ic_view(salt, 12)};
    return ic_rtc_srtp_new_session(IC_RTC_SRTP_AES_128_GCM, &s, 4, out);
}

static size_t make_rfc7714_packet(uint8_t *p)
{
    static const uint8_t header[12] = {0x80, 0x40, 0xf1, 0x7b, 0x80, 0x41,
                                       0xf8, 0xd3, 0x55, 0x01, 0xa0, 0xb2};
    memcpy(p, header, 12);
    memcpy(p + 12, gallia, sizeof gallia - 1);
    return 12 + sizeof gallia - 1;
}

TEST(srtp_matches_rfc7714_example)
{
    uint8_t p[256];
    size_t len = make_rfc7714_packet(p), plain = 0;
    uint64_t index = 0;
    struct ic_rtc_srtp *out = NULL, *in = NULL;
    CHECK_OK(rfc7714(&out));
    CHECK_OK(rfc7714(&in));
    CHECK_OK(ic_rtc_srtp_protect(out, p, len, &len));
    CHECK_HEX(ic_view(p, len),
              "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd5"
              "0d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce");
    CHECK_OK(ic_rtc_srtp_unprotect(in, p, len, &plain, &index));
    CHECK_EQ_INT(index, 0xf17b);
    CHECK_BYTES(ic_view(p + 12, plain - 12), IC_VIEW_STR(gallia));
    ic_rtc_srtp_free(out);
    ic_rtc_srtp_free(in);
}

static const uint8_t master[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                   16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
static const uint8_t salt12[12] = {0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5,
                                   0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab};

static ic_err from_master(enum ic_rtc_srtp_profile profile, struct ic_rtc_srtp **out)
{
    size_t n = profile == IC_RTC_SRTP_AES_256_GCM ? 32 : 16;
    return ic_rtc_srtp_new(profile, ic_view(master, n), IC_VIEW_ARRAY(salt12), 4, out);
}

/* The packet that other implementations publish for the master key 00..0f with the salt a0..ab. */
TEST(srtp_derives_session_keys_as_others_do)
{
    uint8_t p[64] = {0x80, 0x0f, 0x12, 0x34, 0xde, 0xca, 0xfb, 0xad, 0xca, 0xfe, 0xba, 0xbe};
    size_t len;
    struct ic_rtc_srtp *s = NULL;
    memset(p + 12, 0xab, 16);
    CHECK_OK(from_master(IC_RTC_SRTP_AES_128_GCM, &s));
    CHECK_OK(ic_rtc_srtp_protect(s, p, 28, &len));
    CHECK_HEX(ic_view(p, len), "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06e"
                               "d2976826f796b201df3131a127e8a392");
    ic_rtc_srtp_free(s);
}

static size_t packet(uint8_t *p, uint32_t ssrc, uint16_t seq)
{
    struct ic_rtc_rtp h = {.payload_type = 111,
                           .seq = seq,
                           .timestamp = 960,
                           .ssrc = ssrc,
                           .has_level = true,
                           .level = 30};
    size_t n = 0;
    if (ic_rtc_rtp_encode(&h, p, 100, &n) != IC_OK)
        return 0;
    memset(p + n, 7, 20);
    return n + 20;
}

static void round_trips(enum ic_rtc_srtp_profile profile)
{
    uint8_t p[256], q[256];
    size_t len, plain;
    uint64_t index;
    struct ic_rtc_srtp *out = NULL, *in = NULL;
    CHECK_OK(from_master(profile, &out));
    CHECK_OK(from_master(profile, &in));
    /* Over a rollover of the sequence number, with a packet that comes late from before it. */
    for (unsigned i = 0; i < 70000; i++) {
        size_t n = packet(p, 5, (uint16_t)(100 + i));
        CHECK_OK(ic_rtc_srtp_protect(out, p, n, &len));
        if (i == 65430) {
            memcpy(q, p, len);
            continue;
        }
        CHECK_OK(ic_rtc_srtp_unprotect(in, p, len, &plain, &index));
        CHECK_EQ_INT(index, 100 + i);
        CHECK_EQ_INT(plain, n);
        if (i == 65440) {
            CHECK_OK(ic_rtc_srtp_unprotect(in, q, len, &plain, &index));
            CHECK_EQ_INT(index, 65530);
        }
    }
    ic_rtc_srtp_free(out);
    ic_rtc_srtp_free(in);
}

TEST(srtp_round_trips_over_rollover)
{
    round_trips(IC_RTC_SRTP_AES_128_GCM);
    round_trips(IC_RTC_SRTP_AES_256_GCM);
}

TEST(srtp_refuses_replay_forgery_and_too_many_streams)
{
    uint8_t p[256], keep[256];
    size_t n, len, plain;
    struct ic_rtc_srtp *out = NULL, *in = NULL, *other = NULL;
    CHECK_OK(from_master(IC_RTC_SRTP_AES_128_GCM, &out));
    CHECK_OK(from_master(IC_RTC_SRTP_AES_128_GCM, &other));
    CHECK_OK(from_master(IC_RTC_SRTP_AES_128_GCM, &in));
    n = packet(p, 1, 10);
    CHECK_OK(ic_rtc_srtp_protect(out, p, n, &len));
    memcpy(keep, p, len);
    for (size_t i = 0; i < len; i++) {
        memcpy(p, keep, len);
        p[i] ^= 1;
        CHECK(ic_rtc_srtp_unprotect(in, p, len, &plain, NULL) != IC_OK);
    }
    memcpy(p, keep, len);
    CHECK_OK(ic_rtc_srtp_unprotect(in, p, len, &plain, NULL));
    memcpy(p, keep, len);
    CHECK_ERR(ic_rtc_srtp_unprotect(in, p, len, &plain, NULL), IC_ERR_REPLAY);
    for (size_t cut = 0; cut < len; cut++) {
        memcpy(p, keep, len);
        CHECK(ic_rtc_srtp_unprotect(in, p, cut, &plain, NULL) != IC_OK);
    }
    /* Too old for the window. */
    n = packet(p, 1, 10 + 2000);
    CHECK_OK(ic_rtc_srtp_protect(out, p, n, &len));
    CHECK_OK(ic_rtc_srtp_unprotect(in, p, len, &plain, NULL));
    n = packet(p, 1, 11);
    CHECK_ERR(ic_rtc_srtp_protect(out, p, n, &len), IC_ERR_REPLAY);
    CHECK_OK(ic_rtc_srtp_protect(other, p, n, &len));
    CHECK_ERR(ic_rtc_srtp_unprotect(in, p, len, &plain, NULL), IC_ERR_REPLAY);
    for (uint32_t ssrc = 2; ssrc <= 5; ssrc++) {
        n = packet(p, ssrc, 1);
        CHECK_OK(ssrc < 5 ? ic_rtc_srtp_protect(out, p, n, &len)
                          : ic_rtc_srtp_protect(other, p, n, &len));
        if (ssrc < 5)
            CHECK_OK(ic_rtc_srtp_unprotect(in, p, len, &plain, NULL));
        else
            CHECK_ERR(ic_rtc_srtp_unprotect(in, p, len, &plain, NULL), IC_ERR_LIMIT);
    }
    ic_rtc_srtp_forget(in, 1);
    ic_rtc_srtp_free(out);
    ic_rtc_srtp_free(other);
    ic_rtc_srtp_free(in);
}

/* A nonce protects one packet, or that packet again: never two. */
TEST(srtp_never_spends_an_index_twice)
{
    uint8_t p[256], first[256];
    size_t len;
    struct ic_rtc_srtp *s = NULL;
    CHECK_OK(from_master(IC_RTC_SRTP_AES_128_GCM, &s));
    size_t n = packet(first, 9, 7);
    CHECK_ERR(ic_rtc_srtp_protect_again(s, first, n, 7, &len), IC_ERR_ARG);
    CHECK_OK(ic_rtc_srtp_protect_at(s, first, n, 7, &len));
    (void)packet(p, 9, 7);
    CHECK_ERR(ic_rtc_srtp_protect(s, p, n, &len), IC_ERR_REPLAY);
    CHECK_ERR(ic_rtc_srtp_protect_at(s, p, n, 7, &len), IC_ERR_REPLAY);
    CHECK_ERR(ic_rtc_srtp_protect_at(s, p, n, 8, &len), IC_ERR_ARG);
    CHECK_OK(ic_rtc_srtp_protect_again(s, p, n, 7, &len));
    CHECK_BYTES(ic_view(p, len), ic_view(first, len));
    (void)packet(p, 9, 8);
    CHECK_ERR(ic_rtc_srtp_protect_at(s, p, n, ((uint64_t)1 << 48) + 8, &len), IC_ERR_LIMIT);
    ic_rtc_srtp_free(s);
}

TEST(srtcp_round_trips_and_refuses)
{
    uint8_t p[256] = {0x80, 201, 0, 1, 0, 0, 0, 9, 1, 2, 3, 4}, keep[256];
    size_t len, plain;
    struct ic_rtc_srtp *out = NULL, *in = NULL;
    CHECK_OK(from_master(IC_RTC_SRTP_AES_256_GCM, &out));
    CHECK_OK(from_master(IC_RTC_SRTP_AES_256_GCM, &in));
    CHECK_OK(ic_rtc_srtcp_protect(out, p, 12, &len));
    CHECK_EQ_INT(len, 12 + IC_RTC_SRTCP_OVERHEAD);
    memcpy(keep, p, len);
    for (size_t i = 0; i < len; i++) {
        memcpy(p, keep, len);
        p[i] ^= 0x80;
        CHECK(ic_rtc_srtcp_unprotect(in, p, len, &plain) != IC_OK);
    }
    memcpy(p, keep, len);
    CHECK_OK(ic_rtc_srtcp_unprotect(in, p, len, &plain));
    CHECK_HEX(ic_view(p, plain), "80c900010000000901020304");
    memcpy(p, keep, len);
    CHECK_ERR(ic_rtc_srtcp_unprotect(in, p, len, &plain), IC_ERR_REPLAY);
    for (size_t cut = 0; cut < len; cut++) {
        memcpy(p, keep, len);
        CHECK(ic_rtc_srtcp_unprotect(in, p, cut, &plain) != IC_OK);
    }
    ic_rtc_srtp_free(out);
    ic_rtc_srtp_free(in);
}

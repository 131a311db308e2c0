/* RTP headers (RFC 3550 section 5.1) with header extensions (RFC 8285), and the extensions that our wire
 * uses with fixed numbers (docs/protocol/media.md).
 *
 *     struct ic_rtc_rtp h;
 *     IC_TRY(ic_rtc_rtp_decode(packet, &h));       // views borrow from the packet
 *     size_t n;
 *     IC_TRY(ic_rtc_rtp_encode(&h, room, sizeof room, &n));   // header only: the payload follows
 */
#ifndef IC_RTC_RTP_H
#define IC_RTC_RTP_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>

enum {
    IC_RTC_PT_OPUS = 111,
    IC_RTC_PT_VP8 = 96,
    IC_RTC_PT_VP9 = 98,
    IC_RTC_OPUS_HZ = 48000,
    IC_RTC_VIDEO_HZ = 90000,
    /* RFC 8285 local identifiers: fixed, never negotiated */
    IC_RTC_EXT_AUDIO_LEVEL = 1,  /* RFC 6464 */
    IC_RTC_EXT_DD = 3,           /* Dependency Descriptor, ic/rtc/dd.h */
    IC_RTC_EXT_MID = 4,          /* RFC 9143 */
    IC_RTC_EXT_RID = 5,          /* RFC 8852 */
    IC_RTC_RTP_HEADER_MAX = 320, /* as written here */
    IC_RTC_PACKET_MAX = 1500,    /* bytes of a datagram taken */
    IC_RTC_PAYLOAD_MAX = 1200,   /* bytes of an RTP payload made */
};

struct ic_rtc_rtp {
    bool marker;
    uint8_t payload_type; /* 0..127 */
    uint16_t seq;
    uint32_t timestamp;
    uint32_t ssrc;
    bool has_level, voice;
    uint8_t level;               /* -dBov, 0 loudest, 127 silence */
    struct ic_view dd, mid, rid; /* empty: absent; encode writes dd alone, of at most 255 bytes */
    size_t header_len;           /* decode: where the payload begins */
    struct ic_view payload;      /* decode: without padding */
};

/* Contributing sources and unknown extensions are skipped. IC_ERR_MALFORMED, IC_ERR_TRUNCATED. */
ic_err ic_rtc_rtp_decode(struct ic_view packet, struct ic_rtc_rtp *out);
/* Only the header, with the extensions that are set, in RFC 8285's two-byte form where one is longer than 16
 * bytes. IC_ERR_LIMIT where room is too small. */
ic_err ic_rtc_rtp_encode(const struct ic_rtc_rtp *h, uint8_t *out, size_t room, size_t *len);
/* Of a packet whose payload may be encrypted: length of header and extensions. */
ic_err ic_rtc_rtp_header_len(struct ic_view packet, size_t *len);
/* Rewrites in place the three fields a forwarder changes. The packet has been decoded before. */
void ic_rtc_rtp_rewrite(uint8_t *packet, uint32_t ssrc, uint16_t seq, uint32_t timestamp);

/* The 16-bit number nearest to the highest 64-bit one seen so far. */
uint64_t ic_rtc_seq_extend(uint64_t highest, uint16_t seq);

#endif

/* A transport address as bytes: no system type, so that the library stays pure. */
#ifndef IC_RTC_ADDR_H
#define IC_RTC_ADDR_H

#include <ic/base/bytes.h>

enum { IC_RTC_ADDR_TEXT_MAX = 64 };

struct ic_rtc_addr {
    uint8_t ip[16]; /* IPv4 in the first four, the rest zero */
    uint16_t port;  /* host order */
    uint8_t family; /* 4 or 6; 0: none */
};

bool ic_rtc_addr_equal(const struct ic_rtc_addr *a, const struct ic_rtc_addr *b);
/* "192.0.2.1" or "2001:db8::1" without port; false where it is no literal address. */
bool ic_rtc_addr_parse(struct ic_view host, uint16_t port, struct ic_rtc_addr *out);

/* RFC 7983 section 7: what a datagram is, by its first byte. */
enum ic_rtc_packet {
    IC_RTC_PACKET_UNKNOWN = 0,
    IC_RTC_PACKET_STUN,
    IC_RTC_PACKET_DTLS,
    IC_RTC_PACKET_RTP,
    IC_RTC_PACKET_RTCP,
};
enum ic_rtc_packet ic_rtc_demux(struct ic_view datagram);

#endif

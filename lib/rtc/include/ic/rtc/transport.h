/* One peer's transport: ICE, DTLS and SRTP tied together, no socket inside. The client's endpoint and the
 * server's forwarder both stand on it.
 *
 *     struct ic_rtc_transport *t;
 *     IC_TRY(ic_rtc_transport_new(&config, now_ms, &t));
 *     ic_rtc_transport_input(t, &from, datagram, len, now_ms);      // in place
 *     if (now_ms >= ic_rtc_transport_deadline(t)) ic_rtc_transport_tick(t, now_ms);
 *
 * The callbacks run during the calls and must not call back into input, tick or free. One thread at a
 * time.
 */
#ifndef IC_RTC_TRANSPORT_H
#define IC_RTC_TRANSPORT_H

#include <ic/rtc/dtls.h>
#include <ic/rtc/ice.h>
#include <ic/rtc/srtp.h>

enum ic_rtc_transport_state {
    IC_RTC_TRANSPORT_NEW = 0,
    IC_RTC_TRANSPORT_OPEN,   /* media may flow */
    IC_RTC_TRANSPORT_CLOSED, /* the peer closed, consent or handshake was lost; see reason */
};

struct ic_rtc_transport_config {
    bool server; /* ICE-lite and DTLS server; else controlling and DTLS client */
    struct ic_rtc_ice_credentials local, remote;
    struct ic_rtc_addr remotes[IC_RTC_CANDIDATES_MAX]; /* client only */
    size_t remote_count;
    const struct ic_rtc_cert *cert;              /* borrowed until free */
    uint8_t fingerprint[IC_RTC_FINGERPRINT_LEN]; /* of the peer */
    size_t max_ssrcs;                            /* each direction */
    struct ic_rand rand;
    void *ctx;
    ic_rtc_send_fn *send;
    /* A packet after SRTP: RTP or RTCP in the clear, mutable, valid during the call. index: of RTP. */
    void (*packet)(void *ctx, bool rtcp, uint8_t *packet, size_t len, uint64_t index,
                   uint64_t now_ms);
};

struct ic_rtc_transport_stats {
    uint64_t refused_stun, refused_dtls, refused_srtp, replayed, malformed;
};

struct ic_rtc_transport;
ic_err ic_rtc_transport_new(const struct ic_rtc_transport_config *config, uint64_t now_ms,
                            struct ic_rtc_transport **out);
/* Wipes keys. Accepts NULL. Sends nothing. */
void ic_rtc_transport_free(struct ic_rtc_transport *t);
/* Decrypts in place. Whatever is not authentic is counted and dropped. */
void ic_rtc_transport_input(struct ic_rtc_transport *t, const struct ic_rtc_addr *from,
                            uint8_t *datagram, size_t len, uint64_t now_ms);
uint64_t ic_rtc_transport_deadline(const struct ic_rtc_transport *t);
void ic_rtc_transport_tick(struct ic_rtc_transport *t, uint64_t now_ms);
enum ic_rtc_transport_state ic_rtc_transport_state(const struct ic_rtc_transport *t);
/* Why it is closed; IC_OK: the peer said so. */
ic_err ic_rtc_transport_reason(const struct ic_rtc_transport *t);
/* The address that datagrams go to now; family 0 before there is one. */
const struct ic_rtc_addr *ic_rtc_transport_remote(const struct ic_rtc_transport *t);
uint32_t ic_rtc_transport_rtt_ms(const struct ic_rtc_transport *t);
void ic_rtc_transport_stats(const struct ic_rtc_transport *t, struct ic_rtc_transport_stats *out);
/* The sending SRTP context, to protect with; NULL unless open. Borrowed. */
struct ic_rtc_srtp *ic_rtc_transport_srtp(struct ic_rtc_transport *t);
/* Protects and sends. packet: len bytes and room for IC_RTC_SRTCP_OVERHEAD. IC_ERR_STATE unless open. */
ic_err ic_rtc_transport_send_rtp(struct ic_rtc_transport *t, uint8_t *packet, size_t len);
ic_err ic_rtc_transport_send_rtcp(struct ic_rtc_transport *t, uint8_t *packet, size_t len);
/* Tells the peer, and is closed. */
void ic_rtc_transport_close(struct ic_rtc_transport *t);

#endif

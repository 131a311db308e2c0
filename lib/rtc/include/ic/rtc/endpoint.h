/* A client's end of the media wire: frames in and out, datagrams in and out; ICE, DTLS, SRTP, RTCP, NACK
 * and frame assembly inside. No socket, no clock: it drives one UDP socket of the caller's.
 *
 *     struct ic_rtc_endpoint *ep;
 *     IC_TRY(ic_rtc_endpoint_new(&config, &ep));                   // credentials and certificate are ready
 *     ... MEDIA_OPEN with _local(ep), _fingerprint(ep), own SSRCs; MEDIA_OPENED comes ...
 *     IC_TRY(ic_rtc_endpoint_add_source(ep, IC_RTC_VIDEO, ssrc));
 *     IC_TRY(ic_rtc_endpoint_add_slot(ep, IC_RTC_VIDEO, slot_ssrc));
 *     IC_TRY(ic_rtc_endpoint_start(ep, &remote, now_ms));
 *     for (;;) {
 *         poll(until ic_rtc_endpoint_deadline(ep));
 *         ic_rtc_endpoint_input(ep, &from, datagram, n, now_ms);   // in place, for each that arrived
 *         ic_rtc_endpoint_tick(ep, now_ms);
 *         IC_TRY(ic_rtc_endpoint_send_frame(ep, &frame, now_ms));  // an SFrame ciphertext
 *     }
 *
 * Callbacks run during the calls and must not call input, tick or free; request_key_frame is permitted.
 * One thread at a time.
 */
#ifndef IC_RTC_ENDPOINT_H
#define IC_RTC_ENDPOINT_H

#include <ic/rtc/assembler.h>
#include <ic/rtc/transport.h>

enum { IC_RTC_SOURCES_MAX = 8, IC_RTC_SLOTS_MAX = 64 };
enum ic_rtc_kind { IC_RTC_AUDIO = 1, IC_RTC_VIDEO = 2 }; /* a screen is video */

/* A whole encrypted frame. */
struct ic_rtc_frame {
    uint32_t ssrc; /* out: one of the sources; in: the slot's */
    enum ic_rtc_kind kind;
    uint32_t timestamp; /* IC_RTC_OPUS_HZ or IC_RTC_VIDEO_HZ */
    bool key;           /* video; in: only with a Dependency Descriptor */
    bool gap;           /* in: struct ic_rtc_video_frame */
    bool has_level, voice;
    uint8_t level;       /* audio: RFC 6464, -dBov 0..127 */
    struct ic_view data; /* audio: at most IC_RTC_PAYLOAD_MAX; video: IC_RTC_FRAME_MAX */
};

enum ic_rtc_event_type {
    IC_RTC_EVENT_OPEN = 1,  /* media may flow */
    IC_RTC_EVENT_CLOSED,    /* for good: make a new endpoint. err says why */
    IC_RTC_EVENT_KEY_FRAME, /* the forwarder wants a key frame of our source ssrc */
};
struct ic_rtc_event {
    enum ic_rtc_event_type type;
    uint32_t ssrc;
    ic_err err;
};

struct ic_rtc_endpoint_config {
    struct ic_rand rand;
    void *ctx;
    ic_rtc_send_fn *send;
    /* A received frame: data is valid during the call. Audio as it comes, video in order. */
    void (*frame)(void *ctx, const struct ic_rtc_frame *frame, uint64_t now_ms);
    void (*event)(void *ctx, const struct ic_rtc_event *event);
};

struct ic_rtc_endpoint_remote {
    struct ic_view ufrag, pwd;
    struct ic_view fingerprint; /* 32 bytes */
    struct ic_rtc_addr addresses[IC_RTC_CANDIDATES_MAX];
    size_t address_count;
};

struct ic_rtc_endpoint;
/* IC_ERR_NOMEM, IC_ERR_CRYPTO. */
ic_err ic_rtc_endpoint_new(const struct ic_rtc_endpoint_config *config,
                           struct ic_rtc_endpoint **out);
/* Accepts NULL. Sends nothing: close first. */
void ic_rtc_endpoint_free(struct ic_rtc_endpoint *ep);
/* Borrowed. */
const struct ic_rtc_ice_credentials *ic_rtc_endpoint_local(const struct ic_rtc_endpoint *ep);
struct ic_view ic_rtc_endpoint_fingerprint(const struct ic_rtc_endpoint *ep);
/* IC_ERR_EXISTS, IC_ERR_LIMIT, IC_ERR_NOMEM. Sources are ours, slots the server's. */
ic_err ic_rtc_endpoint_add_source(struct ic_rtc_endpoint *ep, enum ic_rtc_kind kind, uint32_t ssrc);
ic_err ic_rtc_endpoint_add_slot(struct ic_rtc_endpoint *ep, enum ic_rtc_kind kind, uint32_t ssrc);
/* Once. IC_ERR_STATE, IC_ERR_RANGE, IC_ERR_MALFORMED. */
ic_err ic_rtc_endpoint_start(struct ic_rtc_endpoint *ep,
                             const struct ic_rtc_endpoint_remote *remote, uint64_t now_ms);
void ic_rtc_endpoint_input(struct ic_rtc_endpoint *ep, const struct ic_rtc_addr *from,
                           uint8_t *datagram, size_t len, uint64_t now_ms);
uint64_t ic_rtc_endpoint_deadline(const struct ic_rtc_endpoint *ep);
void ic_rtc_endpoint_tick(struct ic_rtc_endpoint *ep, uint64_t now_ms);
bool ic_rtc_endpoint_is_open(const struct ic_rtc_endpoint *ep);
/* IC_ERR_STATE unless open, IC_ERR_NOT_FOUND for no source of ours, IC_ERR_RANGE for a frame too long
 * or empty. */
ic_err ic_rtc_endpoint_send_frame(struct ic_rtc_endpoint *ep, const struct ic_rtc_frame *frame,
                                  uint64_t now_ms);
/* PLI for a video slot at the next tick, at most every 300 ms: after a decoder's error, or a new key. */
void ic_rtc_endpoint_request_key_frame(struct ic_rtc_endpoint *ep, uint32_t slot_ssrc);
/* Says goodbye. Without an event. */
void ic_rtc_endpoint_close(struct ic_rtc_endpoint *ep, uint64_t now_ms);

struct ic_rtc_endpoint_stats {
    uint32_t rtt_ms;
    uint64_t packets_sent, packets_received, frames_sent, frames_received, frames_dropped;
    uint64_t retransmitted, nacks_sent, plis_sent, lost_packets; /* lost: for good */
    uint8_t remote_fraction_lost; /* of 256, the worst of our sources in the last report */
    struct ic_rtc_transport_stats transport;
};
void ic_rtc_endpoint_stats(const struct ic_rtc_endpoint *ep, struct ic_rtc_endpoint_stats *out);

#endif

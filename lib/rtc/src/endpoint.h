/* What the endpoint's files share: the object, and its halves. */
#ifndef IC_RTC_ENDPOINT_PRIVATE_H
#define IC_RTC_ENDPOINT_PRIVATE_H

#include <ic/base/secret.h>
#include <ic/rtc/endpoint.h>
#include <ic/rtc/nack.h>
#include <ic/rtc/rtcp.h>

enum {
    VIDEO_HISTORY = 512,
    AUDIO_HISTORY = 64,
    REPORT_MS = 1000,
    PLI_GAP_MS = 300,
    RESEND_GAP_MS = 8, /* one answer to the same question asked twice in a row */
};

/* A stream of ours. */
struct ic_rtc_source {
    enum ic_rtc_kind kind;
    uint32_t ssrc;
    uint64_t index; /* of the next packet, 48 bits */
    uint16_t frame, picture;
    uint32_t packets, octets;
    uint32_t timestamp; /* of the last frame, and when it was sent */
    uint64_t timestamp_ms;
    uint8_t fraction_lost;
    struct ic_rtc_history *history;
};

/* A stream to us. */
struct ic_rtc_slot {
    enum ic_rtc_kind kind;
    uint32_t ssrc;
    bool started, want_key;
    uint64_t first, highest, received; /* indexes; packets */
    uint64_t expected_before, received_before;
    uint32_t jitter, transit; /* RFC 3550 section 6.4.1; jitter times 16 */
    uint32_t last_sr;
    uint64_t last_sr_ms, last_pli_ms;
    struct ic_rtc_nack *nack; /* video */
    struct ic_rtc_assembler *assembler;
};

struct ic_rtc_endpoint {
    struct ic_rtc_endpoint_config config;
    struct ic_rtc_cert *cert;
    struct ic_rtc_ice_credentials local;
    struct ic_rtc_transport *transport;
    bool open, closed;
    uint32_t rtcp_ssrc;
    uint8_t cname[16];
    uint64_t next_report_ms;
    size_t source_count, slot_count;
    struct ic_rtc_source sources[IC_RTC_SOURCES_MAX];
    struct ic_rtc_slot slots[IC_RTC_SLOTS_MAX];
    struct ic_rtc_endpoint_stats stats;
};

struct ic_rtc_source *ic_rtc_endpoint_source(struct ic_rtc_endpoint *ep, uint32_t ssrc);
struct ic_rtc_slot *ic_rtc_endpoint_slot(struct ic_rtc_endpoint *ep, uint32_t ssrc);
void ic_rtc_endpoint_send_datagram(void *ctx, const struct ic_rtc_addr *to,
                                   struct ic_view datagram);
void ic_rtc_endpoint_tell(struct ic_rtc_endpoint *ep, enum ic_rtc_event_type type, uint32_t ssrc,
                          ic_err err);
/* endpoint_media.c: what the transport decrypted. */
void ic_rtc_endpoint_packet(void *ctx, bool rtcp, uint8_t *packet, size_t len, uint64_t index,
                            uint64_t now_ms);
/* NACK and PLI that are due, gaps that are given up. */
void ic_rtc_endpoint_tick_slots(struct ic_rtc_endpoint *ep, uint64_t now_ms);
/* endpoint_rtcp.c */
void ic_rtc_endpoint_take_rtcp(struct ic_rtc_endpoint *ep, struct ic_view packet, uint64_t now_ms);
void ic_rtc_endpoint_report(struct ic_rtc_endpoint *ep, uint64_t now_ms);

#endif

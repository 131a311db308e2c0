/* Both ends of NACK (RFC 4585 section 6.2.1): a receiver's list of what is missing, and a sender's short
 * history to answer from.
 *
 * Both are in place with fixed room; nothing is allocated after init.
 */
#ifndef IC_RTC_NACK_H
#define IC_RTC_NACK_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/rtc/rtp.h>

enum {
    IC_RTC_NACK_MISSING_MAX = 256, /* more missing than this: give up, ask for a key frame */
    IC_RTC_NACK_TRIES = 10,
    IC_RTC_NACK_GIVE_UP_MS = 1000,
};

struct ic_rtc_nack {
    bool started;
    uint64_t highest; /* extended */
    uint32_t rtt_ms;
    size_t count;
    struct ic_rtc_nack_entry {
        uint64_t seq;
        uint64_t since_ms, next_ms;
        uint8_t tries;
    } missing[IC_RTC_NACK_MISSING_MAX]; /* ascending */
    uint64_t gave_up;                   /* packets */
};

void ic_rtc_nack_init(struct ic_rtc_nack *n);
/* A packet arrived. False where so much is missing that the list was emptied: ask for a key frame. */
bool ic_rtc_nack_received(struct ic_rtc_nack *n, uint64_t seq, uint64_t now_ms);
/* When next() has something to say; IC_RTC_NEVER. The first request waits 10 ms for reordering, later
 * ones a round trip. */
uint64_t ic_rtc_nack_deadline(const struct ic_rtc_nack *n);
/* Sequence numbers to ask for now, ascending, at most max; *lost counts those given up now. */
size_t ic_rtc_nack_take(struct ic_rtc_nack *n, uint64_t now_ms, uint16_t *seqs, size_t max,
                        size_t *lost);

/* Sent packets before protection, by index, to make again what is asked for. */
struct ic_rtc_history;
/* slots: how many packets, rounded up to a power of two, at most 4096. */
ic_err ic_rtc_history_new(size_t slots, struct ic_rtc_history **out);
void ic_rtc_history_free(struct ic_rtc_history *h);
/* packet.len <= IC_RTC_PACKET_MAX, else it is not kept. index: 48 bits. */
void ic_rtc_history_put(struct ic_rtc_history *h, uint64_t index, struct ic_view packet,
                        uint64_t now_ms);
/* The packet with this sequence number, and its index; false where it is no longer held, or was given
 * out less than min_gap_ms ago. */
bool ic_rtc_history_get(struct ic_rtc_history *h, uint16_t seq, uint64_t now_ms,
                        uint32_t min_gap_ms, struct ic_view *packet, uint64_t *index);

#endif

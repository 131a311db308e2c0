/* Packets from one shard to another: one producer, one consumer, fixed room, no lock, no allocation. */
#ifndef ICD_SFU_RING_H
#define ICD_SFU_RING_H

#include <ic/base/err.h>
#include <ic/rtc/rtp.h>
#include <stdatomic.h>

enum { ICD_SFU_RING_LEN = 512 };

struct icd_sfu_crossing {
    uint64_t room;
    uint32_t source;
    uint32_t timestamp; /* of a sender report */
    uint64_t index;     /* of a packet; NTP time of a sender report */
    uint16_t len;       /* 0: a sender report */
    uint8_t bytes[IC_RTC_PACKET_MAX];
};
struct icd_sfu_ring {
    atomic_size_t head; /* the consumer's */
    uint8_t apart[64];  /* the two ends in cache lines of their own */
    atomic_size_t tail; /* the producer's */
    struct icd_sfu_crossing slots[ICD_SFU_RING_LEN];
};

/* A free slot to fill, or NULL; then commit it. */
struct icd_sfu_crossing *icd_sfu_ring_claim(struct icd_sfu_ring *r);
void icd_sfu_ring_commit(struct icd_sfu_ring *r);
/* The oldest, or NULL; then release it. */
struct icd_sfu_crossing *icd_sfu_ring_peek(struct icd_sfu_ring *r);
void icd_sfu_ring_release(struct icd_sfu_ring *r);

#endif

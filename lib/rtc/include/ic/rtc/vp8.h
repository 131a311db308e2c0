/* Frames to payloads and back: an encrypted frame, opaque, in slices behind a VP8 payload descriptor
 * (RFC 7741 section 4.2), so that anything that knows VP8 on the wire carries it.
 *
 *     struct ic_rtc_slices s = ic_rtc_slices(frame, picture_id);
 *     uint8_t payload[IC_RTC_PAYLOAD_MAX];
 *     while (ic_rtc_slices_next(&s, payload, &len)) ...     // s.last: marker
 */
#ifndef IC_RTC_VP8_H
#define IC_RTC_VP8_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/rtc/rtp.h>

enum {
    IC_RTC_VP8_DESCRIPTOR_LEN = 4, /* as written here: X, I, 15-bit picture id */
    IC_RTC_VP8_SLICE_MAX = IC_RTC_PAYLOAD_MAX - IC_RTC_VP8_DESCRIPTOR_LEN,
};

struct ic_rtc_vp8 {
    bool non_reference; /* N */
    bool start;         /* S: begins a partition */
    uint8_t partition;  /* PID */
    bool has_picture_id;
    uint16_t picture_id; /* 7 or 15 bits */
    bool has_tl0, has_tid;
    uint8_t tl0, tid, key_index;
    bool layer_sync;
    uint8_t picture_at, tl0_at; /* where in the payload those stand; 0: absent */
    bool long_picture;          /* 15 bits */
    struct ic_view slice;       /* what follows the descriptor, not empty */
};
/* IC_ERR_TRUNCATED, also for a payload that ends with the descriptor. */
ic_err ic_rtc_vp8_decode(struct ic_view payload, struct ic_rtc_vp8 *out);

struct ic_rtc_slices {
    struct ic_view left;
    uint16_t picture_id;
    size_t count;     /* payloads in all */
    size_t slice_len; /* they are made about equally long */
    bool first, last; /* of the payload just given */
    bool started;
};
struct ic_rtc_slices ic_rtc_slices(struct ic_view frame, uint16_t picture_id);
/* out: IC_RTC_PAYLOAD_MAX bytes. False at the end. */
bool ic_rtc_slices_next(struct ic_rtc_slices *s, uint8_t *out, size_t *len);

#endif

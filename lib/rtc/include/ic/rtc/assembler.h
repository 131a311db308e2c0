/* Video frames from packets: reorders, finds out what is complete, and says when to ask for a key frame.
 *
 * Frames come out whole, in order, beginning with a key frame; after one that could not be completed
 * nothing comes out until the next key frame. Bounds and key flag are those of the Dependency Descriptor.
 * Where a stream has none, bounds are those of the VP8 payload descriptor and the marker, no frame is known
 * to be a key frame, and the first one after a loss is marked. The payload is opaque but for the
 * descriptor in front of it.
 *
 *     struct ic_rtc_assembler *a;
 *     IC_TRY(ic_rtc_assembler_new(&a));
 *     ic_rtc_assembler_put(a, seq, &rtp, now_ms);
 *     while (ic_rtc_assembler_take(a, now_ms, &frame)) ...      // frame.data is valid until the next call
 *     if (ic_rtc_assembler_needs_key(a)) ...
 */
#ifndef IC_RTC_ASSEMBLER_H
#define IC_RTC_ASSEMBLER_H

#include <ic/rtc/rtp.h>

enum {
    IC_RTC_ASSEMBLER_PACKETS = 512, /* held at most */
    IC_RTC_FRAME_MAX = 500 << 10,   /* bytes of an encrypted frame */
    IC_RTC_ASSEMBLER_WAIT_MS = 600, /* a gap older than this is given up */
};

struct ic_rtc_video_frame {
    uint32_t timestamp;
    bool key;
    bool gap; /* no Dependency Descriptor, and frames before it are missing: it may need them */
    struct ic_view data; /* complete */
    uint64_t arrived_ms; /* when its last packet came */
};

struct ic_rtc_assembler;
ic_err ic_rtc_assembler_new(struct ic_rtc_assembler **out);
void ic_rtc_assembler_free(struct ic_rtc_assembler *a);
/* seq: extended, as given by ic_rtc_srtp_unprotect. IC_ERR_MALFORMED, IC_ERR_LIMIT, IC_ERR_REPLAY. */
ic_err ic_rtc_assembler_put(struct ic_rtc_assembler *a, uint64_t seq,
                            const struct ic_rtc_rtp *packet, uint64_t now_ms);
bool ic_rtc_assembler_take(struct ic_rtc_assembler *a, uint64_t now_ms,
                           struct ic_rtc_video_frame *out);
/* True while what is missing can only be mended by a key frame. */
bool ic_rtc_assembler_needs_key(const struct ic_rtc_assembler *a);
/* When a gap will be given up; IC_RTC_NEVER. */
uint64_t ic_rtc_assembler_deadline(const struct ic_rtc_assembler *a);
uint64_t ic_rtc_assembler_dropped(const struct ic_rtc_assembler *a); /* frames */

#endif

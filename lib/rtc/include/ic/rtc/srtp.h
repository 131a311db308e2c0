/* SRTP and SRTCP with AEAD AES-GCM (RFC 3711, RFC 7714): one direction of one transport.
 *
 *     struct ic_rtc_srtp *in;
 *     IC_TRY(ic_rtc_srtp_new(profile, key, salt, 64, &in));
 *     e = ic_rtc_srtp_unprotect(in, packet, len, &plain_len);     // in place
 *     ic_rtc_srtp_free(in);
 *
 * Keyed contexts are kept; no allocation per packet. A sending object must never protect two different
 * packets under one index: it refuses to (IC_ERR_REPLAY), except that protect_again makes the very same
 * packet once more for a NACK. An object belongs to one thread at a time.
 */
#ifndef IC_RTC_SRTP_H
#define IC_RTC_SRTP_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/rtc/dtls.h>

enum {
    IC_RTC_SRTP_OVERHEAD = 16,      /* of an RTP packet: the tag */
    IC_RTC_SRTCP_OVERHEAD = 16 + 4, /* the tag and the index */
    IC_RTC_SRTP_WINDOW = 1024,
    IC_RTC_SRTP_SSRCS_MAX = 256,
};

struct ic_rtc_srtp;
/* max_ssrcs: streams it keeps state of, 1..IC_RTC_SRTP_SSRCS_MAX. IC_ERR_KEY for wrong lengths. */
ic_err ic_rtc_srtp_new(enum ic_rtc_srtp_profile profile, struct ic_view key, struct ic_view salt,
                       size_t max_ssrcs, struct ic_rtc_srtp **out);
/* Wipes. Accepts NULL. */
void ic_rtc_srtp_free(struct ic_rtc_srtp *s);

/* packet: len bytes and room for the overhead. *out_len is len + overhead. IC_ERR_MALFORMED,
 * IC_ERR_REPLAY for an index that was used or lies before the window, IC_ERR_LIMIT for one SSRC too
 * many or at the end of the index space. */
ic_err ic_rtc_srtp_protect(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, size_t *out_len);
/* The same for a packet that carries this 48-bit index (ROC and sequence number); the sequence number in
 * the packet must be its low half. */
ic_err ic_rtc_srtp_protect_at(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, uint64_t index,
                              size_t *out_len);
/* Once more, byte for byte what was protected before under this index: the caller vouches for it. */
ic_err ic_rtc_srtp_protect_again(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, uint64_t index,
                                 size_t *out_len);
/* In place; *index (optional) is the 48-bit packet index. IC_ERR_MALFORMED, IC_ERR_REPLAY, IC_ERR_AUTH,
 * IC_ERR_LIMIT. The state changes only for an authentic packet. */
ic_err ic_rtc_srtp_unprotect(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, size_t *out_len,
                             uint64_t *index);
ic_err ic_rtc_srtcp_protect(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, size_t *out_len);
ic_err ic_rtc_srtcp_unprotect(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, size_t *out_len);
/* Forgets a receiving SSRC, to make room. A sending one is never forgotten: its indexes are spent. */
void ic_rtc_srtp_forget(struct ic_rtc_srtp *s, uint32_t ssrc);

#endif

/* RTCP compound packets: RFC 3550 section 6, RFC 4585 (NACK, PLI), RFC 5104 (FIR), RFC 5506 (reduced size).
 *
 *     struct ic_rtc_rtcp_iter it = ic_rtc_rtcp_iter(packet);
 *     struct ic_rtc_rtcp r;
 *     while (ic_rtc_rtcp_next(&it, &r)) ...
 *     if (it.err != IC_OK) ...                      // what came before the bad part was handed out
 *
 *     struct ic_rtc_rtcp_writer w = ic_rtc_rtcp_writer(room, sizeof room);
 *     ic_rtc_rtcp_put_pli(&w, from, media);
 *     if (w.err == IC_OK) send(room, w.len);
 */
#ifndef IC_RTC_RTCP_H
#define IC_RTC_RTCP_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>

enum {
    IC_RTC_RTCP_REPORTS_MAX = 31,
    IC_RTC_RTCP_NACKS_MAX = 64,
    IC_RTC_RTCP_FIRS_MAX = 32,
    IC_RTC_RTCP_BYES_MAX = 31
};

enum ic_rtc_rtcp_type {
    IC_RTC_RTCP_OTHER = 0, /* well-formed and skipped */
    IC_RTC_RTCP_SR,
    IC_RTC_RTCP_RR,
    IC_RTC_RTCP_SDES,
    IC_RTC_RTCP_BYE,
    IC_RTC_RTCP_NACK,
    IC_RTC_RTCP_PLI,
    IC_RTC_RTCP_FIR,
};

struct ic_rtc_rtcp_report {
    uint32_t ssrc;
    uint8_t fraction_lost; /* of 256 */
    int32_t lost;          /* 24 bits, signed */
    uint32_t highest_seq;  /* extended */
    uint32_t jitter;       /* timestamp units */
    uint32_t last_sr;      /* middle 32 bits of the NTP time; 0: none yet */
    uint32_t delay;        /* since it, 1/65536 s */
};
struct ic_rtc_rtcp_nack {
    uint16_t seq;
    uint16_t mask; /* the 16 that follow */
};

struct ic_rtc_rtcp {
    enum ic_rtc_rtcp_type type;
    uint32_t sender;                     /* SSRC of who sent it */
    uint32_t media;                      /* NACK, PLI: SSRC that it is about */
    uint64_t ntp;                        /* SR */
    uint32_t timestamp, packets, octets; /* SR */
    struct ic_rtc_rtcp_report reports[IC_RTC_RTCP_REPORTS_MAX];
    size_t report_count;
    struct ic_rtc_rtcp_nack nacks[IC_RTC_RTCP_NACKS_MAX];
    size_t nack_count;
    uint32_t ssrcs[IC_RTC_RTCP_FIRS_MAX]; /* FIR: about whom; BYE: who */
    uint8_t fir_seq[IC_RTC_RTCP_FIRS_MAX];
    size_t ssrc_count;
};

struct ic_rtc_rtcp_iter {
    struct ic_view left;
    ic_err err;
};
struct ic_rtc_rtcp_iter ic_rtc_rtcp_iter(struct ic_view packet);
bool ic_rtc_rtcp_next(struct ic_rtc_rtcp_iter *it, struct ic_rtc_rtcp *out);

struct ic_rtc_rtcp_writer {
    uint8_t *p;
    size_t cap, len;
    ic_err err; /* IC_ERR_LIMIT: a part did not fit, and is left out whole */
};
struct ic_rtc_rtcp_writer ic_rtc_rtcp_writer(uint8_t *p, size_t cap);
void ic_rtc_rtcp_put_sr(struct ic_rtc_rtcp_writer *w, uint32_t ssrc, uint64_t ntp,
                        uint32_t timestamp, uint32_t packets, uint32_t octets,
                        const struct ic_rtc_rtcp_report *reports, size_t n);
void ic_rtc_rtcp_put_rr(struct ic_rtc_rtcp_writer *w, uint32_t ssrc,
                        const struct ic_rtc_rtcp_report *reports, size_t n);
/* A CNAME of random characters: RFC 7022 section 4.2. */
void ic_rtc_rtcp_put_cname(struct ic_rtc_rtcp_writer *w, uint32_t ssrc, struct ic_view cname);
void ic_rtc_rtcp_put_nack(struct ic_rtc_rtcp_writer *w, uint32_t sender, uint32_t media,
                          const uint16_t *seqs, size_t n); /* ascending */
void ic_rtc_rtcp_put_pli(struct ic_rtc_rtcp_writer *w, uint32_t sender, uint32_t media);
void ic_rtc_rtcp_put_fir(struct ic_rtc_rtcp_writer *w, uint32_t sender, uint32_t media,
                         uint8_t seq);
void ic_rtc_rtcp_put_bye(struct ic_rtc_rtcp_writer *w, uint32_t ssrc);

/* now_ms as an NTP time; the epoch is the caller's own, only differences matter. */
uint64_t ic_rtc_ntp(uint64_t now_ms);
/* The middle 32 bits, as reports carry. */
static inline uint32_t ic_rtc_ntp_middle(uint64_t ntp)
{
    return (uint32_t)(ntp >> 16);
}
/* Round trip from a report that names our SR, in ms; 0 where it names none (RFC 3550 section 6.4.1). */
uint32_t ic_rtc_rtcp_rtt_ms(const struct ic_rtc_rtcp_report *r, uint64_t now_ms);

#endif

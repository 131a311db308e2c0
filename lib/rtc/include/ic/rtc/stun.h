/* STUN messages (RFC 8489) as ICE needs them (RFC 8445 section 7).
 *
 *     struct ic_rtc_stun m;
 *     IC_TRY(ic_rtc_stun_decode(datagram, &m));           // views borrow from the datagram
 *     IC_TRY(ic_rtc_stun_verify(&m, key));                // MESSAGE-INTEGRITY
 *
 *     struct ic_rtc_stun_writer w;
 *     ic_rtc_stun_begin(&w, room, sizeof room, IC_RTC_STUN_BINDING_OK, m.transaction);
 *     ic_rtc_stun_put_address(&w, from);
 *     IC_TRY(ic_rtc_stun_finish(&w, key, &len));          // integrity and fingerprint
 */
#ifndef IC_RTC_STUN_H
#define IC_RTC_STUN_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/rtc/addr.h>

enum {
    IC_RTC_STUN_MAX = 1200, /* bytes of a message taken or made */
    IC_RTC_STUN_ATTRIBUTES_MAX = 32,
    IC_RTC_STUN_TRANSACTION_LEN = 12,
};

/* Class and method together, RFC 8489 section 5. */
enum ic_rtc_stun_type {
    IC_RTC_STUN_BINDING = 0x0001,
    IC_RTC_STUN_BINDING_INDICATION = 0x0011,
    IC_RTC_STUN_BINDING_OK = 0x0101,
    IC_RTC_STUN_BINDING_ERROR = 0x0111,
};

struct ic_rtc_stun {
    uint16_t type;
    const uint8_t *transaction; /* 12 bytes */
    struct ic_view username;    /* empty: absent */
    bool has_priority, use_candidate, controlling, controlled, has_integrity, has_fingerprint;
    uint32_t priority;
    uint64_t tie_breaker;      /* of ICE-CONTROLLING or ICE-CONTROLLED */
    uint16_t error_code;       /* 0: absent */
    struct ic_rtc_addr mapped; /* XOR-MAPPED-ADDRESS; family 0: absent */
    uint16_t unknown;          /* a comprehension-required attribute that is not known, else 0 */
    struct ic_view message;    /* the whole datagram */
    size_t integrity_at;       /* offset of MESSAGE-INTEGRITY */
};

/* IC_ERR_MALFORMED, IC_ERR_TRUNCATED, IC_ERR_TRAILING, IC_ERR_LIMIT; a FINGERPRINT that is there must
 * fit, else IC_ERR_AUTH. Attributes after MESSAGE-INTEGRITY, except FINGERPRINT, are ignored as RFC 8489
 * section 14.5 says. */
ic_err ic_rtc_stun_decode(struct ic_view datagram, struct ic_rtc_stun *out);
/* HMAC-SHA1 with the short-term key (the ICE password). IC_ERR_AUTH where it is absent or differs. */
ic_err ic_rtc_stun_verify(const struct ic_rtc_stun *m, struct ic_view key);

struct ic_rtc_stun_writer {
    uint8_t *p;
    size_t cap, len;
    ic_err err;
};
/* p: room that outlives the writer. transaction: 12 bytes. */
void ic_rtc_stun_begin(struct ic_rtc_stun_writer *w, uint8_t *p, size_t cap, uint16_t type,
                       const uint8_t *transaction);
void ic_rtc_stun_put_username(struct ic_rtc_stun_writer *w, struct ic_view v);
void ic_rtc_stun_put_priority(struct ic_rtc_stun_writer *w, uint32_t priority);
void ic_rtc_stun_put_controlling(struct ic_rtc_stun_writer *w, uint64_t tie_breaker);
void ic_rtc_stun_put_controlled(struct ic_rtc_stun_writer *w, uint64_t tie_breaker);
void ic_rtc_stun_put_use_candidate(struct ic_rtc_stun_writer *w);
void ic_rtc_stun_put_address(struct ic_rtc_stun_writer *w, const struct ic_rtc_addr *a);
void ic_rtc_stun_put_error(struct ic_rtc_stun_writer *w, uint16_t code, struct ic_view reason);
void ic_rtc_stun_put_unknown(struct ic_rtc_stun_writer *w, uint16_t attribute);
/* MESSAGE-INTEGRITY (unless key.len is 0) and FINGERPRINT; *len is the message's length.
 * IC_ERR_LIMIT where the room was too small. */
ic_err ic_rtc_stun_finish(struct ic_rtc_stun_writer *w, struct ic_view key, size_t *len);

#endif

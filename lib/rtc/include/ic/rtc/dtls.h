/* DTLS 1.2 with use_srtp (RFC 5764) over datagrams in memory; OpenSSL inside.
 *
 *     struct ic_rtc_cert *cert;
 *     IC_TRY(ic_rtc_cert_new(&cert));                      // once a process
 *     struct ic_rtc_dtls *d;
 *     IC_TRY(ic_rtc_dtls_new(cert, IC_RTC_DTLS_CLIENT, fingerprint, send, ctx, &d));
 *     IC_TRY(ic_rtc_dtls_start(d, now_ms));
 *     e = ic_rtc_dtls_input(d, datagram, now_ms);
 *     if (ic_rtc_dtls_state(d) == IC_RTC_DTLS_OPEN) IC_TRY(ic_rtc_dtls_keys(d, &keys));
 *
 * The peer's certificate must have the fingerprint that signalling gave, nothing else of it counts.
 * OpenSSL draws randomness and reads the clock for its retransmissions itself; the deadline is given in
 * the caller's time. An object belongs to one thread at a time; a cert may be shared by all.
 */
#ifndef IC_RTC_DTLS_H
#define IC_RTC_DTLS_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/secret.h>

enum {
    IC_RTC_FINGERPRINT_LEN = 32, /* SHA-256 of the certificate in DER, RFC 8122 section 5 */
    IC_RTC_DTLS_DATAGRAM_MAX = 2048,
    IC_RTC_DTLS_GIVE_UP_MS = 30000,
};

struct ic_rtc_cert;
/* A fresh self-signed P-256 certificate, valid from a day before now for 30 days. IC_ERR_CRYPTO. */
ic_err ic_rtc_cert_new(struct ic_rtc_cert **out);
void ic_rtc_cert_free(struct ic_rtc_cert *c);
/* 32 bytes, borrowed. */
struct ic_view ic_rtc_cert_fingerprint(const struct ic_rtc_cert *c);

enum ic_rtc_dtls_role { IC_RTC_DTLS_CLIENT = 1, IC_RTC_DTLS_SERVER = 2 };
enum ic_rtc_dtls_state {
    IC_RTC_DTLS_HANDSHAKE = 0,
    IC_RTC_DTLS_OPEN,
    IC_RTC_DTLS_CLOSED, /* by the peer's close_notify */
    IC_RTC_DTLS_FAILED,
};

/* RFC 7714 section 14.2 */
enum ic_rtc_srtp_profile { IC_RTC_SRTP_AES_128_GCM = 0x0007, IC_RTC_SRTP_AES_256_GCM = 0x0008 };

/* RFC 5764 section 4.2, seen from this side. */
struct ic_rtc_srtp_keys {
    enum ic_rtc_srtp_profile profile;
    struct ic_secret send_key, send_salt; /* 16 or 32 bytes, 12 bytes */
    struct ic_secret recv_key, recv_salt;
};
void ic_rtc_srtp_keys_clear(struct ic_rtc_srtp_keys *k);

struct ic_rtc_dtls;
/* cert is borrowed until free; fingerprint: 32 bytes, copied. send is called during the calls below, one
 * datagram of at most 1200 bytes each. */
ic_err ic_rtc_dtls_new(const struct ic_rtc_cert *cert, enum ic_rtc_dtls_role role,
                       struct ic_view fingerprint, void (*send)(void *ctx, struct ic_view datagram),
                       void *ctx, struct ic_rtc_dtls **out);
/* Accepts NULL. Sends nothing. */
void ic_rtc_dtls_free(struct ic_rtc_dtls *d);
/* The client sends its hello. A server starts at the first datagram. */
ic_err ic_rtc_dtls_start(struct ic_rtc_dtls *d, uint64_t now_ms);
/* IC_ERR_AUTH: wrong fingerprint; IC_ERR_CRYPTO: the handshake failed: the object is in
 * IC_RTC_DTLS_FAILED for good. Records that do not authenticate are dropped silently: IC_OK. */
ic_err ic_rtc_dtls_input(struct ic_rtc_dtls *d, struct ic_view datagram, uint64_t now_ms);
uint64_t ic_rtc_dtls_deadline(const struct ic_rtc_dtls *d);
/* Retransmits. IC_ERR_TIMEOUT after 30 s without a handshake. */
ic_err ic_rtc_dtls_tick(struct ic_rtc_dtls *d, uint64_t now_ms);
enum ic_rtc_dtls_state ic_rtc_dtls_state(const struct ic_rtc_dtls *d);
/* IC_ERR_STATE before the handshake is done. */
ic_err ic_rtc_dtls_keys(const struct ic_rtc_dtls *d, struct ic_rtc_srtp_keys *out);
/* close_notify. */
void ic_rtc_dtls_close(struct ic_rtc_dtls *d);

#endif

/* ICE for two fixed roles: a lite agent (the server) and a controlling agent (the client), one component,
 * rtcp-mux, one valid pair (RFC 8445), with consent freshness (RFC 7675).
 *
 * Lite never sends a check: it answers, and takes the address of the last authenticated request that
 * nominates. Controlling checks each remote address until one answers, nominates the first, and keeps
 * asking for consent every 5 s (varied).
 *
 *     struct ic_rtc_ice ice;
 *     ic_rtc_ice_init(&ice, &config, now_ms);
 *     ic_rtc_ice_input(&ice, &from, datagram, now_ms);
 *     if (now_ms >= ic_rtc_ice_deadline(&ice)) ic_rtc_ice_tick(&ice, now_ms);
 *
 * In place, no allocation. The output goes to config.send, during the call. One thread at a time.
 */
#ifndef IC_RTC_ICE_H
#define IC_RTC_ICE_H

#include <ic/base/err.h>
#include <ic/base/rand.h>
#include <ic/rtc/addr.h>

enum {
    IC_RTC_UFRAG_LEN = 8, /* as made here; taken: 4..32 */
    IC_RTC_PWD_LEN = 24,  /* as made here; taken: 22..64 */
    IC_RTC_UFRAG_MAX = 32,
    IC_RTC_PWD_MAX = 64,
    IC_RTC_CANDIDATES_MAX = 8,
    IC_RTC_CONSENT_MS = 30000, /* RFC 7675 section 5.1 */
};
#define IC_RTC_NEVER UINT64_MAX /* a deadline that never comes */

struct ic_rtc_ice_credentials {
    char ufrag[IC_RTC_UFRAG_MAX + 1];
    char pwd[IC_RTC_PWD_MAX + 1];
};
/* Fresh ones, of ICE characters. Errors: those of the source of randomness. */
ic_err ic_rtc_ice_credentials_make(const struct ic_rand *rand, struct ic_rtc_ice_credentials *out);
/* IC_ERR_RANGE for lengths outside RFC 8839 section 5.4, IC_ERR_MALFORMED for other characters. */
ic_err ic_rtc_ice_credentials_set(struct ic_view ufrag, struct ic_view pwd,
                                  struct ic_rtc_ice_credentials *out);

typedef void ic_rtc_send_fn(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram);

enum ic_rtc_ice_state {
    IC_RTC_ICE_CHECKING = 0,
    IC_RTC_ICE_CONNECTED,
    IC_RTC_ICE_FAILED, /* nobody answered within 30 s, or consent was lost */
};

struct ic_rtc_ice_config {
    bool lite;
    struct ic_rtc_ice_credentials local, remote; /* lite: remote may be empty, then any is taken */
    struct ic_rtc_addr remotes[IC_RTC_CANDIDATES_MAX]; /* controlling only */
    size_t remote_count;
    struct ic_rand rand;
    ic_rtc_send_fn *send;
    void *ctx;
};

struct ic_rtc_ice_check {
    uint8_t transaction[12];
    uint64_t sent_ms, next_ms; /* next_ms IC_RTC_NEVER: not running */
    uint32_t rto_ms;
    uint8_t tries;
};
struct ic_rtc_ice {
    struct ic_rtc_ice_config config;
    enum ic_rtc_ice_state state;
    struct ic_rtc_addr selected;
    uint64_t tie_breaker;
    uint64_t consent_ms; /* last proof that the peer wants what we send */
    uint64_t start_ms;
    uint32_t rtt_ms; /* of the last check */
    struct ic_rtc_ice_check checks[IC_RTC_CANDIDATES_MAX];
    uint64_t refused; /* messages that failed a check */
};

ic_err ic_rtc_ice_init(struct ic_rtc_ice *ice, const struct ic_rtc_ice_config *config,
                       uint64_t now_ms);
/* Wipes. */
void ic_rtc_ice_clear(struct ic_rtc_ice *ice);
/* A STUN datagram. Bad ones are counted and change nothing. */
void ic_rtc_ice_input(struct ic_rtc_ice *ice, const struct ic_rtc_addr *from,
                      struct ic_view datagram, uint64_t now_ms);
uint64_t ic_rtc_ice_deadline(const struct ic_rtc_ice *ice);
void ic_rtc_ice_tick(struct ic_rtc_ice *ice, uint64_t now_ms);
/* The ufrag of the agent that a request is for (the part of USERNAME before the colon); false where the
 * datagram is no binding request. The server finds the participant by it. */
bool ic_rtc_ice_local_ufrag(struct ic_view datagram, struct ic_view *ufrag);

#endif

/* The media forwarder: threads of its own, one a shard, each with one UDP socket. It implements the seam
 * of icd/media.h and decrypts SRTP, never SFrame: a payload is opaque to it.
 *
 *     struct icd_sfu_config config = {.bind = "0.0.0.0", .port = 40000, .addresses = {"192.0.2.7"}};
 *     struct icd_sfu *sfu;
 *     IC_TRY(icd_sfu_new(&config, &sfu));            // sockets are bound, threads run
 *     struct icd_media media = icd_sfu_media(sfu);   // for the control thread
 *     icd_sfu_free(sfu);                             // stops and joins
 *
 * A participant's transport lives on one shard; a packet is decrypted once there and crosses to each
 * other shard that has receivers at most once. Control reaches a shard over a lock-free queue, so no
 * media thread ever waits for the control thread, nor the other way round.
 */
#ifndef ICD_SFU_H
#define ICD_SFU_H

#include <ic/base/err.h>
#include <icd/media.h>

enum {
    ICD_SFU_SHARDS_MAX = 16,
    ICD_SFU_SESSIONS_DEFAULT = 2000,
    ICD_SFU_SOURCES_MAX = 8, /* streams of one session */
    ICD_SFU_SLOTS_MAX = IC_WIRE_SLOTS_MAX,
};

struct icd_sfu_config {
    unsigned shards;  /* 0: one a core, at most ICD_SFU_SHARDS_MAX */
    const char *bind; /* literal address; NULL: "0.0.0.0" */
    uint16_t port;    /* of the first shard, the others follow; 0: whatever is free */
    const char *addresses[IC_WIRE_ADDRESSES_MAX]; /* literal addresses that clients are told */
    size_t address_count;
    uint32_t max_sessions;       /* 0: ICD_SFU_SESSIONS_DEFAULT */
    uint32_t strangers_per_s;    /* STUN of an address that no session has, per second; 0: 50 */
    uint32_t packets_per_s;      /* of one session, in; 0: 5000 */
    uint32_t key_request_gap_ms; /* to one sender; 0: 500 */
};

struct icd_sfu;
/* Copies the configuration. IC_ERR_IO where a socket cannot be bound, IC_ERR_RANGE, IC_ERR_NOMEM. */
ic_err icd_sfu_new(const struct icd_sfu_config *config, struct icd_sfu **out);
/* Ends every transport and thread. Accepts NULL. */
void icd_sfu_free(struct icd_sfu *s);
/* Valid until icd_sfu_free. */
struct icd_media icd_sfu_media(struct icd_sfu *s);
/* The UDP port of a shard. */
uint16_t icd_sfu_port(const struct icd_sfu *s, unsigned shard);

struct icd_sfu_counters {
    uint64_t packets_in, packets_out, bytes_in, bytes_out;
    uint64_t dropped_malformed, dropped_stranger, dropped_limit, dropped_auth, dropped_send;
    uint64_t crossed, crossed_lost;               /* between shards */
    uint64_t nacks_in, nacks_answered, nacks_out; /* nacks: packets asked for */
    uint64_t key_requests_in, key_requests_out;
    uint64_t transports; /* now */
};
/* Summed over the shards; a moment's picture, from any thread. */
void icd_sfu_counters(const struct icd_sfu *s, struct icd_sfu_counters *out);

#ifdef IC_TEST_HOOKS
/* Test build only: appends every packet that arrives from a sender, after SRTP is removed, to the file:
 * u32 length of what follows, u64 Unix time in ms, u64 room, u32 source, RTP packet. Before icd_sfu_new.
 * Network byte order. */
ic_err ic_testhook_sfu_tap(const char *path);
/* From here on that many percent of all datagrams are lost, in and out. Before icd_sfu_new. */
void ic_testhook_sfu_loss(unsigned percent);
#endif

#endif

/* What the forwarder's files share: shards, peers, rooms, sources, slots. All of it but `shared` and the
 * queues belongs to one shard's thread. Private to server/sfu. */
#ifndef ICD_SFU_SHARD_H
#define ICD_SFU_SHARD_H

#include "net.h"
#include "queue.h"
#include "ring.h"
#include <ic/base/map.h>
#include <ic/rtc/nack.h>
#include <ic/rtc/rtcp.h>
#include <ic/rtc/transport.h>
#include <icd/sfu.h>
#include <pthread.h>

enum {
    POOL_LEN = 8192,     /* packets that retransmissions may be made of */
    VIDEO_HISTORY = 256, /* of an outgoing stream; powers of two */
    AUDIO_HISTORY = 32,
    TICK_MS = 10,
    REPORT_MS = 1000,
    RANK_MS = 200,
    STRANGER_BUCKETS = 4096,
    RANKED_MAX = 64,
    JUMP_MAX = 1024,      /* sequence numbers a stream may leave out at once */
    RESENDS_PER_S = 2000, /* to one session */
};

/* A sender's stream as all shards see it. */
struct shared_source {
    atomic_uint refs;
    _Atomic uint64_t interest; /* a bit a shard that wants its packets */
    atomic_bool key_wanted;
    uint64_t room, session;
    uint32_t id, ssrc, leaf;
    uint8_t kind, context;
    unsigned owner; /* shard */
};
void icd_sfu_shared_source_release(struct shared_source *s);

struct peer;
struct room;
struct slot;

/* A sender's stream as one shard sees it. */
struct source {
    struct shared_source *shared;
    struct room *room;
    struct peer *peer; /* its sender, where that one lives on this shard */
    struct source *next;
    struct slot **subs; /* slots that carry it, or will from its next key frame */
    size_t sub_count, sub_cap;
    struct source *voice; /* of a camera: the same sender's microphone */
    int score;            /* loudness, 127 is the loudest, times 256 */
    uint64_t packet_ms, spoke_ms;
    bool has_sr;
    uint64_t sr_ntp, sr_ms;
    uint32_t sr_timestamp;
    /* where the sender lives here */
    struct ic_rtc_nack nack;
    uint64_t key_asked_ms;
    bool counted;
    uint64_t first, highest, received, expected_before, received_before;
    uint32_t last_sr_middle;
};

struct sent {
    uint64_t out, pool; /* index sent under, packet in the pool */
    uint32_t timestamp;
    uint32_t again_ms; /* low bits of when it was last sent */
};

/* A receive slot of a peer: one outgoing stream with an SSRC for life. */
struct slot {
    struct peer *peer;
    struct ic_rtc_srtp *srtp; /* of the peer's transport; NULL: nothing may go out */
    uint8_t kind;             /* IC_WIRE_AUDIO or IC_WIRE_VIDEO */
    uint32_t ssrc;
    struct source *source; /* what it carries */
    struct source *next;   /* what it will carry from the next key frame */
    bool fresh;            /* nothing of the source has gone out yet */
    uint64_t since_ms, asked_ms;
    uint64_t base_in, delta, next_out; /* out index = in index + delta, modulo 2^64 */
    uint32_t timestamp_offset, last_timestamp;
    uint64_t last_ms;
    uint32_t packets, octets;
    size_t mask;
    struct sent *history;
};

struct peer {
    struct shard *shard;
    uint64_t session;
    struct room *room;
    struct peer *next; /* in its room */
    struct ic_rtc_transport *transport;
    char ufrag[IC_RTC_UFRAG_MAX + 1];
    struct ic_rtc_addr addr; /* as entered in shard->addrs; family 0: not */
    bool open, slots_changed;
    struct source *sources[ICD_SFU_SOURCES_MAX];
    size_t source_count;
    struct slot slots[ICD_SFU_SLOTS_MAX];
    size_t slot_count;
    uint32_t wants[ICD_SFU_SLOTS_MAX]; /* by number of the video slot */
    uint64_t report_ms, tokens_ms, resend_s;
    uint32_t tokens, resends; /* packets it may still send; sent again this second */
};

struct room {
    uint64_t id;
    struct room *next;
    struct source *sources;
    struct peer *peers;
    bool dirty; /* slots are to be given out anew */
};

struct kept_packet {
    uint16_t len;
    uint8_t bytes[IC_RTC_PACKET_MAX];
};

struct bucket {
    uint64_t second;
    uint32_t count;
};

enum message_type {
    MESSAGE_OPEN,
    MESSAGE_CLOSE,
    MESSAGE_SOURCE,
    MESSAGE_SOURCE_GONE,
    MESSAGE_WANT
};
struct message { /* control thread to shard */
    struct icd_sfu_node node;
    enum message_type type;
    uint64_t room, session;
    struct shared_source *source;
    struct ic_rtc_ice_credentials local, remote;
    uint8_t fingerprint[IC_RTC_FINGERPRINT_LEN];
    struct {
        uint8_t kind;
        uint32_t ssrc, first_seq;
    } slots[ICD_SFU_SLOTS_MAX];
    size_t slot_count;
    uint32_t wants[ICD_SFU_SLOTS_MAX];
    size_t want_count;
};

enum event_type { EVENT_OPENED, EVENT_SLOTS, EVENT_CLOSED };
struct event { /* to the control thread */
    struct icd_sfu_node node;
    enum event_type type;
    uint64_t session;
    ic_err why;
    size_t slot_count;
    struct {
        uint8_t kind;
        uint32_t ssrc, source;
    } slots[ICD_SFU_SLOTS_MAX];
};

/* Written by the shard's thread, read by any. */
struct counters {
    _Atomic uint64_t packets_in, packets_out, bytes_in, bytes_out, dropped_malformed,
        dropped_stranger, dropped_limit, dropped_auth, dropped_send, crossed, crossed_lost,
        nacks_in, nacks_answered, nacks_out, key_requests_in, key_requests_out, transports;
};
static inline void count(_Atomic uint64_t *c, uint64_t n)
{
    atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

struct shard {
    struct icd_sfu *sfu;
    unsigned id;
    uint16_t port;
    int fd, wake_fd, epoll_fd;
    bool v6;
    pthread_t thread;
    bool running;
    atomic_bool stop, woken;
    struct icd_sfu_queue inbox;
    struct icd_sfu_ring *from[ICD_SFU_SHARDS_MAX]; /* what other shards send here */
    uint64_t crossed_to;                           /* shards to wake, by bit */
    uint64_t now_ms, tick_ms, rank_ms;
    uint32_t ssrc; /* of our own RTCP */
    struct ic_map peers, ufrags, addrs, rooms_by_id;
    struct room *rooms;
    uint64_t pool_next;
    struct kept_packet *pool;
    struct bucket strangers[STRANGER_BUCKETS];
    uint64_t seed[2];
    struct icd_sfu_batch in, out;
    struct counters counters;
    struct peer *doomed[ICD_SFU_BATCH];
    size_t doomed_count;
};

struct icd_sfu {
    struct icd_sfu_config config;
    char bind[IC_RTC_ADDR_TEXT_MAX];
    char addresses[IC_WIRE_ADDRESSES_MAX][IC_RTC_ADDR_TEXT_MAX];
    struct ic_rtc_cert *cert;
    unsigned shard_count;
    struct shard *shards[ICD_SFU_SHARDS_MAX];
    struct icd_sfu_queue events;
    void (*wake)(void *ctx);
    void *wake_ctx;
    /* control thread */
    struct ic_map sessions, rooms;
    uint64_t seed[2];
};

/* sfu.c */
void icd_sfu_event(struct icd_sfu *s, struct event *e); /* takes it */
struct ic_rand icd_sfu_rand(void);
uint64_t icd_sfu_now_ms(void);
/* shard.c */
ic_err icd_sfu_shard_new(struct icd_sfu *sfu, unsigned id, uint16_t port, struct shard **out);
ic_err icd_sfu_shard_start(struct shard *s);
void icd_sfu_shard_stop(struct shard *s);
void icd_sfu_shard_free(struct shard *s);
void icd_sfu_shard_send(struct shard *s, struct message *m); /* takes it; from the control thread */
void icd_sfu_shard_wake(struct shard *s);
uint8_t *icd_sfu_shard_room(struct shard *s); /* for a datagram: flushes as needed */
void icd_sfu_shard_datagram(void *peer, const struct ic_rtc_addr *to, struct ic_view datagram);
/* peer.c */
void icd_sfu_peer_open(struct shard *s, const struct message *m);
void icd_sfu_peer_close(struct shard *s, struct peer *p, bool say_goodbye);
void icd_sfu_peer_input(struct peer *p, const struct ic_rtc_addr *from, uint8_t *datagram,
                        size_t len);
void icd_sfu_peer_tick(struct peer *p);
void icd_sfu_peer_tell_slots(struct peer *p);
struct slot *icd_sfu_peer_slot(struct peer *p, uint32_t ssrc);
/* peer_rtcp.c */
void icd_sfu_peer_take_rtcp(struct peer *p, struct ic_view packet);
void icd_sfu_peer_report(struct peer *p);
void icd_sfu_peer_ask(struct peer *p);
/* room.c */
struct room *icd_sfu_room_find(struct shard *s, uint64_t id, bool make);
void icd_sfu_room_release(struct shard *s, struct room *r);
void icd_sfu_room_add_source(struct shard *s, struct shared_source *shared);
void icd_sfu_room_drop_source(struct shard *s, struct source *src);
struct source *icd_sfu_room_source(struct room *r, uint32_t id);
void icd_sfu_room_heard(struct source *src, const struct ic_rtc_rtp *h, uint64_t now_ms);
/* assign.c */
void icd_sfu_room_assign(struct shard *s, struct room *r);
/* forward.c */
void icd_sfu_source_packet(struct shard *s, struct source *src, const struct ic_rtc_rtp *h,
                           struct ic_view packet, uint64_t index);
void icd_sfu_source_cross(struct shard *s, struct source *src, struct ic_view packet,
                          uint64_t index, uint32_t timestamp);
ic_err icd_sfu_slot_point(struct slot *slot, struct source *src); /* NULL: nothing */
void icd_sfu_slot_forget(struct slot *slot, struct source *src);  /* src is going */
void icd_sfu_slot_resend(struct slot *slot, uint16_t seq);
void icd_sfu_source_want_key(struct source *src);

#ifdef IC_TEST_HOOKS
void ic_testhook_sfu_tap_packet(const struct shared_source *src, struct ic_view packet);
#endif

#endif

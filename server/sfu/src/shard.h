/* What the forwarder's files share: shards, peers, rooms, sources, slots. All of it but `shared` and the
 * queues belongs to one shard's thread. Private to server/sfu. */
#ifndef ICD_SFU_SHARD_H
#define ICD_SFU_SHARD_H

#include "net.h"
#include "queue.h"
#include "ring.h"
#include <ic/base/map.h>
#include <ic/rtc/dd.h>
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
    DROPPED_KEPT = 64,    /* of a slot: packets left out, so that late ones find their number */
    REBINDS_MAX = 16,     /* SSRCs that one stream may take on, one after the other */
    ALIVE_MS = 2000,      /* a simulcast layer that brought nothing for so long is not chosen */
    NO_LAYER = 0xff,
};

/* A sender's stream as all shards see it. A camera with simulcast is several: one source, some layers. */
struct shared_source {
    atomic_uint refs;
    _Atomic uint64_t interest; /* a bit a shard that wants its packets */
    atomic_bool key_wanted;
    _Atomic uint64_t alive_ms; /* when its last packet came; 0: none yet */
    uint64_t room, session;
    uint32_t id;     /* of the stream, unique in the room */
    uint32_t source; /* what clients know it by: the id of its lowest layer */
    uint32_t ssrc;   /* 0: known by mid and rid only */
    uint32_t leaf;
    _Atomic uint16_t height; /* 0: not known */
    uint8_t kind, codec, context;
    uint8_t layer; /* 0 is the lowest */
    char mid[IC_WIRE_MID_MAX + 1], rid[IC_WIRE_MID_MAX + 1];
    unsigned owner; /* shard */
};
void icd_sfu_shared_source_release(struct shared_source *s);

struct peer;
struct room;
struct slot;

/* The spatial layers inside one stream (VP9 SVC), as its Dependency Descriptor tells them. */
struct layers {
    struct ic_rtc_dd_structure structure;
    uint32_t active; /* decode targets that the sender makes now */
    uint8_t count;
    uint8_t target[IC_RTC_DD_SPATIAL_MAX]; /* the best active one of each; NO_LAYER */
    uint32_t height[IC_RTC_DD_SPATIAL_MAX];
};

/* What a packet is to its frame, from header extensions and the VP8 payload descriptor. */
struct mark {
    bool start, end;
    bool key;     /* the first packet of a key frame; without dd not known */
    bool late;    /* later packets came before it: nobody can begin with it any more */
    bool dd;      /* it has a Dependency Descriptor */
    bool layered; /* dtis and spatial hold */
    bool empty;   /* no payload: it goes no further */
    uint8_t spatial;
    uint64_t dtis;
    uint16_t frame, picture;
    uint8_t tl0;
    uint8_t picture_at, tl0_at; /* in the payload; 0: absent */
    bool long_picture;
};

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
    uint64_t seen;         /* the highest index so far, here */
    struct layers *layers; /* NULL: none known yet, or the codec has none */
    /* where the sender lives here */
    uint32_t ssrc; /* 0: not seen yet */
    unsigned rebinds;
    uint64_t index_offset;    /* so that indexes go on when the SSRC changes */
    uint32_t jitter, transit; /* RFC 3550 section 6.4.1; jitter times 16 */
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
    uint16_t frame_delta, picture_delta;
    uint8_t tl0_delta;
    bool marker;
};

/* Packets of the source that were left out, the last few, by index, ascending. */
struct dropped {
    uint32_t count;
    uint64_t index[DROPPED_KEPT];
};

/* A receive slot of a peer: one outgoing stream with an SSRC for life. What every packet needs comes first: with
 * many receivers each line of it is fetched from far. */
struct slot {
    struct peer *peer;
    struct ic_rtc_srtp *srtp; /* of the peer's transport; NULL: nothing may go out */
    struct source *source;    /* what it carries */
    struct source *next;      /* what it will carry from the next key frame */
    uint64_t base_in, next_in;
    uint64_t delta, next_out; /* out index = in index + delta, modulo 2^64 */
    struct dropped *dropped;  /* NULL until something is left out */
    struct sent *history;
    uint64_t last_ms;
    uint32_t mask;
    uint32_t ssrc;
    uint32_t timestamp_offset, last_timestamp;
    uint32_t packets, octets;
    uint16_t frame_delta, last_frame, picture_delta, last_picture;
    uint8_t tl0_delta, last_tl0, payload_type;
    uint8_t kind; /* IC_WIRE_AUDIO or IC_WIRE_VIDEO */
    bool fresh;   /* nothing of the source has gone out yet */
    uint8_t spatial,
        target;      /* of a layered source: the highest layer that goes out; its decode target */
    bool aligned;    /* timestamp_offset was made from the sender's own clock */
    uint16_t height; /* largest picture wanted */
    uint64_t since_ms, asked_ms;
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
    struct ic_wire_choice wants[ICD_SFU_SLOTS_MAX]; /* by number of the video slot */
    uint64_t report_ms, tokens_ms, resend_s;
    uint32_t tokens, resends; /* packets it may still send; sent again this second */
};

struct room {
    uint64_t id;
    struct room *next;
    struct source *sources; /* the layers of one follow each other, the lowest first */
    struct ic_map streams;  /* the same by id */
    struct peer *peers;
    uint32_t speaker; /* source that spoke last; 0: none */
    uint64_t speaker_ms;
    bool dirty; /* slots are to be given out anew */
};

/* A packet as it goes out, but for what each receiver has of its own. */
struct kept_packet {
    uint16_t len;
    uint16_t dd_at, picture_at, tl0_at; /* where those stand; 0: nowhere */
    bool long_picture;                  /* 15 bits */
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
    struct ic_wire_choice wants[ICD_SFU_SLOTS_MAX];
};

enum event_type { EVENT_OPENED, EVENT_SLOTS, EVENT_SPEAKER, EVENT_CLOSED };
struct event { /* to the control thread */
    struct icd_sfu_node node;
    enum event_type type;
    uint64_t session;
    uint64_t room; /* SPEAKER: to all of it on this shard */
    unsigned shard;
    uint32_t speaker;
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
struct source *icd_sfu_room_stream(struct room *r, uint32_t id);
/* The stream of a source that fits a height: the largest not above it of those that are alive, else the
 * smallest. NULL: there is no such source. */
struct source *icd_sfu_room_pick(struct room *r, uint32_t source, uint16_t height, uint64_t now_ms);
void icd_sfu_room_heard(struct source *src, const struct ic_rtc_rtp *h, uint64_t now_ms);
/* assign.c */
void icd_sfu_room_assign(struct shard *s, struct room *r);
/* mark.c */
/* False where the packet cannot be one of the stream's. */
bool icd_sfu_mark(struct source *src, const struct ic_rtc_rtp *h, struct mark *out);
/* The highest spatial layer for a height, as pick; NO_LAYER where none is known. */
uint8_t icd_sfu_layers_pick(const struct layers *l, uint16_t height);
/* True where whoever gets decode target `from` has all that `to` needs. */
bool icd_sfu_layers_contain(const struct layers *l, uint8_t from, uint8_t to);
bool icd_sfu_keep(struct kept_packet *kept, const struct ic_rtc_rtp *h, const struct mark *m);
/* slot.c */
ic_err icd_sfu_slot_point(struct slot *slot, struct source *src); /* NULL: nothing */
void icd_sfu_slot_forget(struct slot *slot, struct source *src);  /* src is going */
void icd_sfu_slot_switch(struct slot *slot, struct source *src);  /* now */
/* forward.c */
void icd_sfu_source_packet(struct shard *s, struct source *src, const struct ic_rtc_rtp *h,
                           const struct mark *m, uint64_t index);
void icd_sfu_source_cross(struct shard *s, struct source *src, struct ic_view packet,
                          uint64_t index, uint32_t timestamp);
void icd_sfu_slot_resend(struct slot *slot, uint16_t seq);
void icd_sfu_source_want_key(struct source *src);

#ifdef IC_TEST_HOOKS
void ic_testhook_sfu_tap_packet(const struct shared_source *src, struct ic_view packet);
#endif

#endif

/* The messages between client and server, protocol `incamera.v1`: one binary WebSocket frame each.
 *
 *     frame  = u16 type, u32 request, body      (TLS presentation language, RFC 9420 section 2.1.2 vectors)
 *
 * A client's request carries a number of its own choice, not 0; the server answers each with exactly one
 * frame of that number (IC_WIRE_OK, IC_WIRE_ERROR or the named answer). Events carry 0. Unknown types
 * are answered with IC_WIRE_E_UNSUPPORTED by the server and ignored by the client, so a minor version
 * may add some; a body that is longer than its fields is refused.
 *
 *     struct ic_wire_frame f;
 *     IC_TRY(ic_wire_decode(bytes, &f));           // views borrow from bytes
 *     IC_TRY(ic_wire_encode(&f, &buf));
 *
 * docs/protocol/client.md tells the conversation. Nothing here is secret from the server.
 */
#ifndef IC_WIRE_MESSAGE_H
#define IC_WIRE_MESSAGE_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

#define IC_WIRE_PROTOCOL "incamera.v1"
#define IC_WIRE_MINOR 1 /* the highest minor version that this code speaks */

enum {
    IC_WIRE_MAX = 8 << 20,     /* bytes of one frame */
    IC_WIRE_TEXT_MAX = 256,    /* bytes of a text */
    IC_WIRE_KEY_MAX = 256,     /* bytes of a key, signature, id, hash */
    IC_WIRE_SLOTS_MAX = 64,    /* media sources or slots in one frame */
    IC_WIRE_KNOCKS_MAX = 1024, /* knocks answered by one commit */
    IC_WIRE_ADDRESSES_MAX = 8,
    IC_WIRE_STREAMS_MAX = 8, /* that one client sends */
    IC_WIRE_LAYERS_MAX = 4,  /* of one of them */
    IC_WIRE_MID_MAX = 16,    /* bytes of a mid or rid */
    IC_WIRE_KEY_PACKAGE_MAX = 65536,
    IC_WIRE_ADMISSION_MAX = 1 << 20, /* bytes of tickets and proofs of one commit */
};

enum ic_wire_type {
    /* the connection */
    IC_WIRE_HELLO = 1,    /* client, first frame */
    IC_WIRE_HELLO_OK = 2, /* answer */
    IC_WIRE_ENTER = 3,    /* client: into a meeting */
    IC_WIRE_ENTERED = 4,  /* answer */
    IC_WIRE_OK = 5,       /* answer: done, durable */
    IC_WIRE_ERROR = 6,    /* answer, or event before the server closes */
    IC_WIRE_DRAINING = 7, /* event: come back in a while */
    /* the lobby */
    IC_WIRE_KNOCK = 10,      /* client; answered OK{number = knock id} */
    IC_WIRE_KNOCKED = 11,    /* event to hosts */
    IC_WIRE_KNOCK_GONE = 12, /* event to hosts */
    IC_WIRE_REFUSE = 13,     /* host */
    IC_WIRE_REFUSED = 14,    /* event to the knocker */
    /* delivery */
    IC_WIRE_CREATE_GROUP = 20,
    IC_WIRE_COMMIT = 21,  /* answered OK{number = seq}, or ERROR STALE */
    IC_WIRE_PROPOSE = 22, /* answered OK{seq} */
    IC_WIRE_SEND = 23,    /* answered OK{seq}; transient: OK{0} */
    IC_WIRE_MESSAGE = 24, /* event to members, the sender too, in one total order */
    IC_WIRE_WELCOME = 25, /* event to a joiner */
    IC_WIRE_GET_TREE = 26,
    IC_WIRE_TREE = 27, /* answer */
    IC_WIRE_GET_GROUP_INFO = 28,
    IC_WIRE_GROUP_INFO = 29,   /* answer */
    IC_WIRE_FETCH = 30,        /* answered by MESSAGE events, then OK{number = last seq} */
    IC_WIRE_CANNOT_APPLY = 31, /* member: an ordered commit does not apply here */
    IC_WIRE_REPLACE = 32,      /* event: the epoch's commit is void, one replacement is taken */
    IC_WIRE_GROUP_OPEN = 33,   /* event to those who wait: the meeting has a group now */
    IC_WIRE_PRESENCE = 34,     /* event: a leaf's connection came or went; a hint, nothing more */
    IC_WIRE_LEAVE = 35,        /* client goes for good */
    IC_WIRE_END = 36,          /* host ends the meeting for all */
    IC_WIRE_ENDED = 37,        /* event */
    /* media */
    IC_WIRE_MEDIA_OPEN = 50,
    IC_WIRE_MEDIA_OPENED = 51, /* answer */
    IC_WIRE_MEDIA_CLOSE = 52,
    IC_WIRE_MEDIA_WANT = 53,    /* which sources the client wants in its video slots */
    IC_WIRE_MEDIA_SOURCES = 54, /* event: all sources of the meeting; hints, unauthenticated */
    IC_WIRE_MEDIA_SLOTS = 55,   /* event: which source each receive slot carries now */
    /* media, minor version 1 */
    IC_WIRE_MEDIA_PUBLISH = 56, /* the streams that the client sends now, all of them */
    IC_WIRE_MEDIA_SELECT = 57,  /* as WANT, and how high each picture is to be at most */
    IC_WIRE_MEDIA_SPEAKER = 58, /* event: who speaks; a hint for the layout */
    /* files, since minor 1: ciphertext goes over HTTP (docs/protocol/http.md) */
    IC_WIRE_FILES_OPEN = 60,   /* member: where to, and by which right */
    IC_WIRE_FILES_OPENED = 61, /* answer */
};

enum ic_wire_error_code { /* stable numbers; docs/protocol/client.md */
                          IC_WIRE_E_MALFORMED = 1,
                          IC_WIRE_E_UNSUPPORTED = 2,
                          IC_WIRE_E_NOT_FOUND = 3, /* wrong and absent meetings answer alike */
                          IC_WIRE_E_DENIED = 4,
                          IC_WIRE_E_STALE = 5,   /* another commit came first, or not this epoch */
                          IC_WIRE_E_INVALID = 6, /* the message breaks a rule: text names it */
                          IC_WIRE_E_LIMIT = 7,
                          IC_WIRE_E_STATE = 8,
                          IC_WIRE_E_SERVER = 9,
                          IC_WIRE_E_EXISTS = 10,
};

struct ic_wire_hello {
    uint16_t minor;        /* highest minor version of incamera.v1 the client speaks */
    struct ic_view client; /* "incamera/0.1.0" */
    uint64_t now_ms;       /* the client's clock */
    uint8_t web;           /* 1: a web client */
};
struct ic_wire_hello_ok {
    uint16_t minor; /* spoken from here on: the lower of both sides' highest */
    struct ic_view server;
    uint64_t now_ms;      /* the server's clock: over 5 minutes off is said, never acted on */
    struct ic_view nonce; /* 32 bytes, for ENTER's signature */
    uint32_t max_message;
    uint32_t ping_ms; /* the server expects a frame or pong at least this often */
};
enum ic_wire_ref_kind { IC_WIRE_REF_ID = 1, IC_WIRE_REF_NUMBER = 2 };
struct ic_wire_enter {
    uint8_t ref_kind;
    struct ic_view ref; /* the id as in the link, or the digits */
    uint16_t suite;     /* of the signature key; 0: the client asks for the suite first, no key */
    struct ic_view signature_key;
    struct ic_view signature; /* SignWithLabel "InCamera Connect" over nonce<V> ref<V> */
};
enum ic_wire_role { IC_WIRE_STRANGER = 0, IC_WIRE_MEMBER = 1, IC_WIRE_HOST = 2 };
enum ic_wire_meeting_state { IC_WIRE_WAITING = 0, IC_WIRE_OPEN = 1, IC_WIRE_OVER = 2 };
struct ic_wire_entered {
    struct ic_view meeting_id;
    uint8_t kind; /* enum ic_wire_kind in terms.h */
    struct ic_view title;
    struct ic_view number; /* digits, or empty */
    struct ic_view terms;  /* as the organiser signed them when the meeting was made */
    uint8_t role;
    uint8_t state;
    struct ic_view group_id; /* empty while there is none */
    uint64_t epoch;
    uint64_t last_seq;
    uint64_t start_s, end_s;        /* of a scheduled meeting, else 0 */
    uint8_t media;                  /* 1: this server forwards media */
    struct ic_view external_sender; /* the server's own signature key for Removes of the absent */
};
struct ic_wire_ok {
    uint64_t number;
};
struct ic_wire_error {
    uint16_t code;
    struct ic_view text;
};
struct ic_wire_draining {
    uint32_t after_ms;
};
struct ic_wire_knock {
    struct ic_view key_package; /* MLSMessage */
    struct ic_view proof;       /* ic_rules_proof by the join secret, or empty */
};
struct ic_wire_knocked {
    uint64_t knock;
    struct ic_view key_package;
    struct ic_view proof;
};
enum ic_wire_gone { IC_WIRE_GONE_LEFT = 1, IC_WIRE_GONE_ADMITTED = 2, IC_WIRE_GONE_REFUSED = 3 };
struct ic_wire_knock_gone {
    uint64_t knock;
    uint8_t why;
};
enum ic_wire_refusal {
    IC_WIRE_REFUSED_BY_HOST = 1,
    IC_WIRE_REFUSED_LOCKED = 2,
    IC_WIRE_REFUSED_FULL = 3,
    IC_WIRE_REFUSED_BARRED = 4,
    IC_WIRE_REFUSED_SUITE = 5,
};
struct ic_wire_refuse {
    uint64_t knock;
    uint8_t why;
};
struct ic_wire_refused {
    uint8_t why;
};
struct ic_wire_create_group {
    struct ic_view group_info; /* MLSMessage, with external_pub, no tree */
    struct ic_view tree;
    struct ic_view admission; /* served with the GroupInfo */
};
struct ic_wire_commit {
    struct ic_view group_id;
    uint64_t epoch;            /* the epoch it ends */
    struct ic_view commit;     /* MLSMessage, PublicMessage */
    struct ic_view welcome;    /* or empty */
    struct ic_view group_info; /* of the new epoch, for resync */
    struct ic_view
        admission;         /* shown to joiners and resyncers: struct ic_wire_admission in terms.h */
    uint8_t replaces;      /* 1: the replacement that the server asked for */
    struct ic_view knocks; /* big-endian u64 each, whom the Welcome is for, in order of the Adds */
};
struct ic_wire_propose {
    struct ic_view group_id;
    struct ic_view proposal;
};
struct ic_wire_send {
    struct ic_view group_id;
    struct ic_view message; /* PrivateMessage */
    uint8_t transient;      /* 1: to those connected now, not stored: heartbeats */
};
enum ic_wire_message_kind {
    IC_WIRE_KIND_COMMIT = 1,
    IC_WIRE_KIND_PROPOSAL = 2,
    IC_WIRE_KIND_APPLICATION = 3
};
struct ic_wire_message {
    uint64_t seq; /* of the group's one total order; 0: transient */
    struct ic_view group_id;
    uint8_t kind;
    uint64_t time_ms; /* the server's clock, a hint */
    struct ic_view message;
};
struct ic_wire_welcome {
    struct ic_view group_id;
    uint64_t seq; /* of the commit that added: what follows it is for the joiner */
    struct ic_view welcome;
    struct ic_view tree_hash; /* ask for the tree by it */
    struct ic_view admission;
};
struct ic_wire_get_tree {
    struct ic_view group_id;
    struct ic_view tree_hash;
};
struct ic_wire_tree {
    struct ic_view tree;
};
struct ic_wire_get_group_info {
    struct ic_view group_id;
};
struct ic_wire_group_info {
    struct ic_view group_info;
    struct ic_view tree_hash;
    uint64_t seq;             /* of the commit that opened its epoch */
    struct ic_view admission; /* that commit's: who vouches for its sender */
};
struct ic_wire_fetch {
    struct ic_view group_id;
    uint64_t after_seq;
};
struct ic_wire_cannot_apply {
    struct ic_view group_id;
    uint64_t epoch;
    struct ic_view rule; /* for people: which rule, which leaf */
};
struct ic_wire_replace {
    struct ic_view group_id;
    uint64_t epoch;
    uint64_t seq; /* of the void commit */
    struct ic_view rule;
};
struct ic_wire_group_open {
    struct ic_view group_id;
    uint64_t epoch;
};
enum ic_wire_presence_state { IC_WIRE_AWAY = 0, IC_WIRE_HERE = 1 };
struct ic_wire_presence {
    uint32_t leaf;
    uint8_t state;
};
struct ic_wire_ended {
    struct ic_view why;
};

enum ic_wire_media_kind { IC_WIRE_AUDIO = 1, IC_WIRE_VIDEO = 2, IC_WIRE_SCREEN = 3 };
enum ic_wire_codec { IC_WIRE_OPUS = 1, IC_WIRE_VP8 = 2, IC_WIRE_VP9 = 3 };
struct ic_wire_source {
    uint32_t source; /* given by the server, one a sender's stream; 0 in MEDIA_OPEN */
    uint8_t kind;
    uint8_t context; /* SFrame context of the stream */
    uint32_t ssrc;   /* the sender's, in MEDIA_OPEN; else 0 */
    uint32_t leaf;   /* a hint */
};
struct ic_wire_slot {
    uint8_t kind;
    uint32_t ssrc;   /* fixed for the life of the transport: packets in this slot carry it */
    uint32_t source; /* 0: nothing now */
};
struct ic_wire_address {
    struct ic_view host; /* text of an IPv4 or IPv6 address */
    uint16_t port;
};
struct ic_wire_media_open {
    struct ic_view ufrag, pwd;  /* both empty: not known yet, only the server's half is checked */
    struct ic_view fingerprint; /* SHA-256 of the client's DTLS certificate, 32 bytes */
    struct ic_wire_source sources[8];
    size_t source_count;
    uint8_t audio_slots, video_slots; /* how many it wants to receive */
};
struct ic_wire_media_opened {
    struct ic_view ufrag, pwd;
    struct ic_view fingerprint;
    struct ic_wire_address addresses[IC_WIRE_ADDRESSES_MAX];
    size_t address_count;
    struct ic_wire_slot slots[IC_WIRE_SLOTS_MAX];
    size_t slot_count;
};
struct ic_wire_media_want {
    uint32_t sources[IC_WIRE_SLOTS_MAX]; /* in order of the video slots; 0: the server's choice */
    size_t source_count;
};
/* One RTP stream of a sender. */
struct ic_wire_layer {
    struct ic_view
        rid;         /* RFC 8851; at most IC_WIRE_MID_MAX bytes; empty where the mid alone tells */
    uint32_t ssrc;   /* 0: known by mid and rid, from the header extensions */
    uint16_t height; /* pixels, of the highest picture in it; 0: not known */
    uint8_t context; /* its own SFrame context */
};
struct ic_wire_stream {
    uint8_t kind;       /* enum ic_wire_media_kind */
    uint8_t codec;      /* enum ic_wire_codec */
    struct ic_view mid; /* RFC 9143; at most IC_WIRE_MID_MAX bytes; empty: by SSRC only */
    struct ic_wire_layer layers[IC_WIRE_LAYERS_MAX]; /* simulcast: the lowest picture first */
    size_t layer_count;                              /* 1 or more */
};
/* Replaces the former list, MEDIA_OPEN's too. A stream that is the same in both goes on undisturbed. */
struct ic_wire_media_publish {
    struct ic_wire_stream streams[IC_WIRE_STREAMS_MAX];
    size_t stream_count;
};
#define IC_WIRE_HEIGHT_ANY 0xffff
struct ic_wire_choice {
    uint32_t source; /* 0: the server's choice */
    uint16_t height; /* largest wanted, in pixels; 0: nothing, the slot pauses */
};
struct ic_wire_media_select {
    struct ic_wire_choice slots[IC_WIRE_SLOTS_MAX]; /* in order of the video slots; others pause */
    size_t slot_count;
};
struct ic_wire_media_speaker {
    uint32_t source; /* a microphone; 0: nobody has spoken yet, or who did has gone */
    uint32_t leaf;   /* a hint */
};
struct ic_wire_media_sources {
    uint32_t page, pages; /* 0-based; many sources come in several frames */
    struct ic_wire_source sources[IC_WIRE_SLOTS_MAX];
    size_t source_count;
};
struct ic_wire_media_slots {
    struct ic_wire_slot slots[IC_WIRE_SLOTS_MAX];
    size_t slot_count;
};
struct ic_wire_files_opened {
    struct ic_view path;  /* "/api/v1/files": below the server's own origin */
    struct ic_view token; /* bearer: this member's alone, while it is in the group */
    uint32_t valid_ms;    /* from now; asking again makes it valid for as long again */
    uint32_t piece;       /* bytes of every body but a file's last */
    uint64_t file_max;    /* bytes of one file's ciphertext */
};

struct ic_wire_frame {
    uint16_t type;
    uint32_t request;
    union {
        struct ic_wire_hello hello;
        struct ic_wire_hello_ok hello_ok;
        struct ic_wire_enter enter;
        struct ic_wire_entered entered;
        struct ic_wire_ok ok;
        struct ic_wire_error error;
        struct ic_wire_draining draining;
        struct ic_wire_knock knock;
        struct ic_wire_knocked knocked;
        struct ic_wire_knock_gone knock_gone;
        struct ic_wire_refuse refuse;
        struct ic_wire_refused refused;
        struct ic_wire_create_group create_group;
        struct ic_wire_commit commit;
        struct ic_wire_propose propose;
        struct ic_wire_send send;
        struct ic_wire_message message;
        struct ic_wire_welcome welcome;
        struct ic_wire_get_tree get_tree;
        struct ic_wire_tree tree;
        struct ic_wire_get_group_info get_group_info;
        struct ic_wire_group_info group_info;
        struct ic_wire_fetch fetch;
        struct ic_wire_cannot_apply cannot_apply;
        struct ic_wire_replace replace;
        struct ic_wire_group_open group_open;
        struct ic_wire_presence presence;
        struct ic_wire_ended ended;
        struct ic_wire_media_open media_open;
        struct ic_wire_media_opened media_opened;
        struct ic_wire_media_want media_want;
        struct ic_wire_media_sources media_sources;
        struct ic_wire_media_slots media_slots;
        struct ic_wire_media_publish media_publish;
        struct ic_wire_media_select media_select;
        struct ic_wire_media_speaker media_speaker;
        struct ic_wire_files_opened files_opened;
    };
};

/* IC_ERR_MALFORMED, IC_ERR_TRUNCATED, IC_ERR_TRAILING, IC_ERR_LIMIT; IC_ERR_UNSUPPORTED for an unknown
 * type: then type and request are filled in, and nothing else. */
ic_err ic_wire_decode(struct ic_view bytes, struct ic_wire_frame *out);
/* Appends the frame. */
ic_err ic_wire_encode(const struct ic_wire_frame *f, struct ic_buf *out);
/* Lists of numbers (COMMIT's knocks): how many, the i-th (asserts that it is there), one more. */
size_t ic_wire_numbers_count(struct ic_view list);
uint64_t ic_wire_numbers_at(struct ic_view list, size_t i);
ic_err ic_wire_numbers_add(struct ic_buf *list, uint64_t number);
/* "COMMIT"; "?" for an unknown one. */
const char *ic_wire_type_name(uint16_t type);
const char *ic_wire_error_name(uint16_t code);

#endif

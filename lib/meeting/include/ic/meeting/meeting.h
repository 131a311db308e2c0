/* A meeting as one participant's device holds it: connection state, lobby, group, roster, security code,
 * chat, media keys. Sans-I/O: frames and time in; frames, events and a deadline out. It replays exactly.
 *
 *     struct ic_meeting *m;
 *     IC_TRY(ic_meeting_new(&config, now_ms, &m));
 *     ic_meeting_connected(m, now_ms);                     // the WebSocket is open
 *     for (;;) {
 *         while (ic_meeting_next_frame(m, &buf))           // what to send, oldest first
 *             socket_send(buf);
 *         while (ic_meeting_next_event(m, &event))         // what happened, for people
 *             show(&event);
 *         ... ic_meeting_receive(m, frame, now_ms), or ic_meeting_tick(m, now_ms) at the deadline ...
 *     }
 *     ic_meeting_free(m);                                  // wipes
 *
 * One object belongs to one thread at a time, with one exception: the media calls of ic/meeting/media.h
 * work on a keys object that the application guards by a lock of its own.
 * docs/protocol/meeting.md decides what happens; docs/events.md lists the events.
 */
#ifndef IC_MEETING_MEETING_H
#define IC_MEETING_MEETING_H

#include <ic/base/buf.h>
#include <ic/base/rand.h>
#include <ic/crypto/sign.h>
#include <ic/wire/message.h>
#include <ic/wire/terms.h>

struct ic_meeting;
struct ic_pki_cert; /* ic/pki/cert.h, chain.h, store.h */
struct ic_pki_chain;
struct ic_pki_store;

enum { IC_MEETING_CODE_LEN = 47 }; /* "12345 67890 ..." 8 groups of 5 digits, without the NUL */
enum { IC_MEETING_NAME_MAX = 64 };
enum { IC_MEETING_SAY_MAX = 48 << 10 }; /* bytes of a body of ic_meeting_say */
enum { IC_MEETING_PINS_MAX = 65536, IC_MEETING_STAPLE_MAX = 8192 };

/* Whom this device knows by an earlier meeting: a key, and the names that came with it. */
struct ic_meeting_pin {
    char name[IC_MEETING_NAME_MAX + 1];    /* as the roster had it */
    char address[IC_MEETING_NAME_MAX + 1]; /* of the certificate; "" where there was none */
    uint8_t key_hash[32];                  /* SHA-256 of the signature key */
};

/* What the link says. */
struct ic_meeting_link {
    char ref[32];     /* the meeting's id, or its number */
    uint8_t ref_kind; /* enum ic_wire_ref_kind */
    bool pinned;      /* the fragment was there */
    uint8_t meeting_key_hash[32];
    uint8_t join_secret[16];
};

struct ic_meeting_config {
    struct ic_meeting_link link;
    const struct ic_sign_key *identity; /* borrowed: the device's key */
    uint16_t suite;
    const char *name; /* at most IC_MEETING_NAME_MAX bytes of text */
    /* Who we are by X.509: the content of a credential's vector (ic_pki_chain_encode), leaf first, whose first
     * certificate certifies `identity`; copied. Empty: a basic credential with `name`. */
    struct ic_view certificates;
    /* The authorities that this device trusts, of other organisations and of its own; borrowed, for this meeting's
     * thread alone; NULL: none. They decide what is shown, never who may be in the group. */
    struct ic_pki_store *external_roots, *internal_roots;
    /* The transparency log's word that our certificate is in it, or empty: copied, carried in our leaf as extension
     * IC_WIRE_EXT_LOG_STAPLE. */
    struct ic_view staple;
    /* Asked for each leaf that an internal root vouches for; staple: what that leaf carries, or empty. "" where it
     * is good or the root has no log, else a stable name (static) of why not, and the leaf is unverified. NULL: not
     * asked. */
    const char *(*judge_staple)(void *ctx, const struct ic_pki_chain *chain,
                                const struct ic_pki_cert *root, struct ic_view staple,
                                uint64_t now_s);
    void *staple_ctx;
    const struct ic_meeting_pin *pins; /* copied */
    size_t pin_count;
    uint64_t
        rotate_ms; /* how long the group's keys stand at most; 0: until somebody changes them */
    struct ic_rand rand;
    bool web;
    bool may_create;          /* a host: opens the group where there is none */
    bool keep_proposals_back; /* tests: commits nothing of its own accord */
};

/* wall_ms: Unix time in ms. Every call with a time takes the same clock; mono is derived by the caller
 * so that it never goes back. IC_ERR_UNSUPPORTED: the key does not fit the suite; IC_ERR_ARG: the name may not
 * stand in a roster; IC_ERR_KEY: the certificates do not certify the key, or name nobody. */
ic_err ic_meeting_new(const struct ic_meeting_config *c, uint64_t wall_ms, struct ic_meeting **out);
void ic_meeting_free(struct ic_meeting *m);

/* ---- the connection ---- */
void ic_meeting_connected(struct ic_meeting *m, uint64_t now_ms);
void ic_meeting_disconnected(struct ic_meeting *m,
                             uint64_t now_ms); /* the application reconnects by itself */
/* A frame arrived. It never fails: what is wrong with it becomes an event, or an answer. */
void ic_meeting_receive(struct ic_meeting *m, struct ic_view frame, uint64_t now_ms);
void ic_meeting_tick(struct ic_meeting *m, uint64_t now_ms);
/* When ic_meeting_tick is next due; UINT64_MAX: not before something arrives. */
uint64_t ic_meeting_deadline_ms(const struct ic_meeting *m);
/* Moves the oldest frame to send into out (cleared first); false when there is none. */
bool ic_meeting_next_frame(struct ic_meeting *m, struct ic_buf *out);

/* ---- what people do: IC_ERR_STATE, IC_ERR_DENIED (not a host), IC_ERR_NOT_FOUND, IC_ERR_LIMIT ---- */
/* IC_ERR_RULE: the terms admit verified members alone, and whoever waits is not: KNOCK said what is lacking. */
ic_err ic_meeting_admit(struct ic_meeting *m, uint64_t knock, uint64_t now_ms);
ic_err ic_meeting_refuse(struct ic_meeting *m, uint64_t knock, uint64_t now_ms);
ic_err ic_meeting_remove(struct ic_meeting *m, uint32_t leaf, uint64_t now_ms);
ic_err ic_meeting_chat(struct ic_meeting *m, struct ic_view text,
                       uint64_t now_ms); /* at most 4096 bytes of UTF-8 */
/* Says a body of a kind from 16 on to the group; this library does not look into it. What is not transient
 * goes into the order, once and through lost connections, behind all that was said before, and ends in
 * IC_MEETING_EV_SENT; *number (NULL: not wanted) is what that will carry. What is transient goes to whom it
 * reaches now, or to nobody: IC_ERR_STATE where nothing can be said at present; *number is 0. IC_ERR_LIMIT
 * above IC_MEETING_SAY_MAX bytes, or where too much waits. Everybody, we too, gets IC_MEETING_EV_SAID. */
ic_err ic_meeting_say(struct ic_meeting *m, uint16_t kind, struct ic_view body, bool transient,
                      uint64_t now_ms, uint64_t *number);
ic_err ic_meeting_lock(struct ic_meeting *m, bool locked, uint64_t now_ms);
ic_err ic_meeting_name_host(struct ic_meeting *m, uint32_t leaf, uint64_t now_ms);
ic_err ic_meeting_update_keys(struct ic_meeting *m,
                              uint64_t now_ms); /* an Update path of our own */
/* Our certificates were renewed: the content of a credential's vector, for the same key, person and issuing root
 * (ic_rules_may_follow); copied, as is the staple, which may be empty. A commit of ours shows them to the others, as
 * soon as we are in the group. IC_ERR_KEY: they do not certify our key, or name nobody; IC_ERR_RULE: they name
 * somebody else than those before, or hang by another root. */
ic_err ic_meeting_renew(struct ic_meeting *m, struct ic_view certificates, struct ic_view staple,
                        uint64_t now_ms);
/* The stores of roots, their revocation lists, or what judge_staple knows have changed: everybody is judged anew, and
 * IC_MEETING_EV_IDENTITY says whose state is another now. */
void ic_meeting_identity_changed(struct ic_meeting *m, uint64_t now_ms);
/* Other pins than before, copied: IC_ERR_NOMEM, IC_ERR_LIMIT (IC_MEETING_PINS_MAX). */
ic_err ic_meeting_set_pins(struct ic_meeting *m, const struct ic_meeting_pin *pins, size_t count,
                           uint64_t now_ms);
ic_err ic_meeting_leave(struct ic_meeting *m, uint64_t now_ms);
ic_err ic_meeting_end(struct ic_meeting *m, uint64_t now_ms);
/* The person has compared the code of this epoch: COMPARE is left until somebody else enters, or
 * this device does anew. One IC_MEETING_EV_PIN_OFFER for each other device that is here and not pinned: whom the
 * application may pin now (ic_meeting_set_pins). */
ic_err ic_meeting_compared(struct ic_meeting *m, uint64_t now_ms);
/* The KeyPackage of who knocks (an MLSMessage), for a ticket; empty when nobody waits under this number.
 * Borrowed until the next call. */
struct ic_view ic_meeting_knock_package(const struct ic_meeting *m, uint64_t knock);
/* A host's ticket: the member `bearer` may add who knocked with this KeyPackage (an MLSMessage), within
 * ten minutes. Appends the encoded struct ic_wire_ticket. */
ic_err ic_meeting_ticket(struct ic_meeting *m, struct ic_view key_package, uint32_t bearer,
                         uint64_t now_ms, struct ic_buf *out);
/* The bearer's part: adds by the ticket. */
ic_err ic_meeting_add_by_ticket(struct ic_meeting *m, struct ic_view key_package,
                                struct ic_view ticket, uint64_t now_ms);

/* ---- media control, passed through ---- */
ic_err ic_meeting_media_open(struct ic_meeting *m, const struct ic_wire_media_open *o);
ic_err ic_meeting_media_want(struct ic_meeting *m, const struct ic_wire_media_want *w);
/* What is sent from now on, all of it; after each ic_meeting_media_open anew. IC_ERR_STATE while there is no
 * connection; what the codec refuses of it. */
ic_err ic_meeting_media_publish(struct ic_meeting *m, const struct ic_wire_media_publish *p);
/* The same for what is to be received: per video slot a source and its largest height. */
ic_err ic_meeting_media_select(struct ic_meeting *m, const struct ic_wire_media_select *s);
/* The forwarder's media client saw these, so that trouble can be named (protocol.md: cut off, unknown KIDs). */
void ic_meeting_note_unknown_kid(struct ic_meeting *m, uint64_t kid, uint64_t now_ms);

/* ---- files, passed through ---- */
/* Asks where to put and get the ciphertext of files, and for the right to: IC_MEETING_EV_FILES_OPENED answers.
 * IC_ERR_STATE while we are not in the group. */
ic_err ic_meeting_files_open(struct ic_meeting *m);

/* ---- events ---- */
enum ic_meeting_event_type {
    IC_MEETING_EV_STATE = 1, /* state changed: see struct */
    IC_MEETING_EV_WAITING,   /* in the lobby: short code of our KeyPackage */
    IC_MEETING_EV_REFUSED,
    IC_MEETING_EV_KNOCK, /* host: somebody waits */
    IC_MEETING_EV_KNOCK_GONE,
    IC_MEETING_EV_CODE,     /* the security code of a new epoch */
    IC_MEETING_EV_JOINED,   /* a participant entered */
    IC_MEETING_EV_LEFT,     /* a participant left, or was removed */
    IC_MEETING_EV_AWAY,     /* a participant's connection went or came: presence */
    IC_MEETING_EV_IDENTITY, /* a participant's identity is seen otherwise: rule says since what */
    IC_MEETING_EV_CHAT,
    IC_MEETING_EV_TERMS,        /* hosts, lock ... changed */
    IC_MEETING_EV_CLOCK,        /* our clock is off by more than 5 minutes */
    IC_MEETING_EV_ALERT,        /* somebody broke a rule, or the server did: who, which */
    IC_MEETING_EV_MEDIA_OPENED, /* answer to ic_meeting_media_open */
    IC_MEETING_EV_MEDIA_SOURCES,
    IC_MEETING_EV_MEDIA_SLOTS,
    IC_MEETING_EV_MEDIA_GATE, /* may we send media now? see struct */
    IC_MEETING_EV_SENT,       /* our line is durable */
    IC_MEETING_EV_FILES_OPENED, /* answer to ic_meeting_files_open; flag false: refused, text says why */
    IC_MEETING_EV_ENDED,        /* over for us: nothing more comes */
    IC_MEETING_EV_MEDIA_SPEAKER, /* who speaks, a hint of the server */
    IC_MEETING_EV_SAID,          /* what ic_meeting_say said, our own too */
    IC_MEETING_EV_PIN_OFFER,     /* the codes were compared: this participant may be pinned */
};

enum ic_meeting_state {
    IC_MEETING_CONNECTING = 1,
    IC_MEETING_WAITING_HOST, /* no host has opened the room */
    IC_MEETING_IN_LOBBY,
    IC_MEETING_E2EE,     /* in the group; keys current */
    IC_MEETING_COMPARE,  /* the same, with somebody to compare the code with */
    IC_MEETING_UPDATING, /* a commit of ours is on its way, or a resync */
    IC_MEETING_RECONNECTING,
    IC_MEETING_CUT_OFF, /* nothing authenticated arrives, or keys are out of reach: we stopped sending */
    IC_MEETING_OVER,
};

enum ic_meeting_identity {
    IC_MEETING_UNVERIFIED = 0,
    IC_MEETING_INTERNAL = 1,
    IC_MEETING_EXTERNAL = 2
};

/* What the pins say of somebody. */
enum ic_meeting_pinned {
    IC_MEETING_PIN_NONE = 0,
    IC_MEETING_PIN_MATCH = 1,
    IC_MEETING_PIN_CHANGED =
        2, /* a known name with another key, or a known key with another name */
};

struct ic_meeting_person {
    uint32_t leaf;
    char name[IC_MEETING_NAME_MAX + 1];
    uint8_t identity; /* enum ic_meeting_identity */
    bool host;
    bool self;
    bool web;
    bool away;
    uint8_t key_hash[32]; /* SHA-256 of the signature key */
    bool certificate;     /* an X.509 chain came with the leaf, whoever vouches for it */
    char vouched_by[IC_MEETING_NAME_MAX + 1]; /* the trusted authority's name, of an
                                               * internal one its organisation's; "" where none does */
    const char
        *reason;    /* why it is unverified: a stable name, static; NULL or "" where it is not */
    uint8_t pinned; /* enum ic_meeting_pinned */
    char address[IC_MEETING_NAME_MAX + 1]; /* the certificate's first e-mail address, else URI, else
                                            * domain; "" without; true where it is verified */
};

struct ic_meeting_event {
    enum ic_meeting_event_type type;
    enum ic_meeting_state state; /* STATE */
    uint64_t epoch;              /* CODE, JOINED, LEFT, STATE */
    uint64_t knock;              /* KNOCK, KNOCK_GONE */
    uint64_t
        number; /* SENT: what the line was counted as; CHAT, SAID: seq, 0 for what is transient */
    uint16_t kind;     /* SAID, SENT: as ic_meeting_say had it; chat lines have 2 */
    int64_t offset_ms; /* CLOCK */
    bool
        flag; /* MEDIA_GATE: open; AWAY: away; JOINED: at our own entry already there; SAID: our own;
                * KNOCK: a host removed them before, and to admit lifts that */
    /* JOINED, LEFT, AWAY, IDENTITY, PIN_OFFER, CHAT, SAID, KNOCK, ALERT; CODE: who committed (leaf
     * IC_MLSPUB_NO_LEAF where that is not known) */
    struct ic_meeting_person person;
    char code[IC_MEETING_CODE_LEN + 1]; /* CODE; KNOCK and WAITING: the short code */
    char rule[160];                     /* ALERT, REFUSED, ENDED, LEFT: a stable rule name;
                                         * KNOCK: what the terms ask for and is lacking, or "";
                                         * IDENTITY: "renewed", "time", "trust" or "pin" */
    struct ic_buf
        text; /* CHAT; SAID: body; ALERT, ENDED: a sentence for people. Cleared by the caller */
    struct ic_wire_media_opened opened; /* its views borrow from `frame` */
    struct ic_wire_media_sources sources;
    struct ic_wire_media_slots slots;
    struct ic_wire_files_opened
        files; /* FILES_OPENED: views borrow from `frame`, which holds the token */
    struct ic_wire_media_speaker speaker;
    struct ic_buf frame;
};

/* Moves the oldest event into out; false when there is none. Release with ic_meeting_event_clear. */
bool ic_meeting_next_event(struct ic_meeting *m, struct ic_meeting_event *out);
void ic_meeting_event_clear(struct ic_meeting_event *e);

/* ---- looking ---- */
/* What binds all members now; false while nothing is known of it. */
struct ic_meeting_terms {
    uint16_t suite, sframe_suite;
    uint8_t admission; /* enum ic_wire_admission_rule */
    bool locked, watermark, recording;
};
bool ic_meeting_terms(const struct ic_meeting *m, struct ic_meeting_terms *out);
enum ic_meeting_state ic_meeting_state(const struct ic_meeting *m);
bool ic_meeting_is_host(const struct ic_meeting *m);
uint32_t ic_meeting_own_leaf(const struct ic_meeting *m);
uint64_t ic_meeting_epoch(const struct ic_meeting *m);
/* Of this device's key and the group: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519". Static. */
const char *ic_meeting_suite_name(const struct ic_meeting *m);
bool ic_meeting_code(const struct ic_meeting *m, char out[IC_MEETING_CODE_LEN + 1]);
/* Who made the commit that opened our epoch; false where that is not known. */
bool ic_meeting_committer(const struct ic_meeting *m, struct ic_meeting_person *out);
/* The i-th participant in order of entry; false past the end. */
bool ic_meeting_person(const struct ic_meeting *m, size_t i, struct ic_meeting_person *out);

#endif

/* What the services share: connections, rooms (meetings that somebody is connected to) and the ways to
 * answer. Services see this header and the store, never one another.
 *
 * A service registers a handler for each frame type it serves, and hooks for what others do:
 *
 *     void icd_lobby_register(struct icd_core *core)
 *     {
 *         icd_core_on(core, IC_WIRE_KNOCK, ICD_NEED_ENTERED, on_knock);
 *         icd_core_hook(core, &hooks);
 *     }
 *
 * A handler answers its request once, by icd_reply or icd_reply_error. Before the first write it calls
 * icd_write_begin; if it fails afterwards it calls icd_write_undo, and has changed nothing in memory.
 */
#ifndef ICD_CORE_LIVE_H
#define ICD_CORE_LIVE_H

#include "core/limit.h"
#include "core/outbox.h"
#include "store/store.h"

#include <ic/base/map.h>
#include <ic/crypto/suite.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/observer.h>
#include <ic/wire/message.h>
#include <ic/wire/terms.h>
#include <icd/core.h>

enum {
    ICD_MEETING_ID_LEN = 16,
    ICD_NONCE_LEN = 32,
    ICD_GROUP_ID_MAX = 64,
    ICD_NUMBER_MAX = 20, /* digits */
    ICD_HOOKS_MAX = 8,
    ICD_TYPES = 64,
    ICD_BURST_S = 4,         /* how many seconds' worth a rate lets through at once */
    ICD_SERVER_KEYS_MAX = 8, /* one a signature scheme */
};

struct icd_room;
struct icd_group;
struct icd_files;

struct icd_conn {
    uint64_t id;
    uint8_t address[16]; /* IPv4 mapped into IPv6 */
    uint64_t opened_ms;
    bool hello;
    uint16_t minor; /* of the wire, as agreed at hello */
    bool closing;   /* an error was queued, the close follows: no more frames are read */
    bool answered;  /* the request in hand */
    uint8_t nonce[ICD_NONCE_LEN];
    struct icd_bucket frames;
    uint32_t failed_enters;

    /* in a meeting: */
    struct icd_room *room;
    struct icd_conn *prev, *next; /* in the room */
    uint8_t role;                 /* enum ic_wire_role */
    bool by_number;
    uint8_t key[IC_SIG_PUBLIC_MAX];
    size_t key_len;          /* 0: it entered to look only */
    uint32_t leaf;           /* IC_MLSPUB_NO_LEAF: none */
    bool live;               /* gets messages as they come: it has fetched up to the last one */
    uint64_t reported_epoch; /* it cannot apply the commit that opened this epoch; 0: none */
    bool welcome_kept;       /* the store keeps a Welcome for its key */
    uint64_t media_session;  /* 0: none */
    uint32_t media_request;  /* MEDIA_OPEN that waits for the forwarder's answer; 0: none */

    /* in the lobby: */
    uint64_t knock; /* 0: does not knock */
    struct ic_buf key_package;
    struct ic_buf proof;
};

struct icd_room {
    uint64_t number; /* of this room in this server's life: for logs and the media forwarder */
    uint8_t id[ICD_MEETING_ID_LEN];
    uint8_t kind;
    uint8_t state; /* enum ic_wire_meeting_state */
    uint16_t suite;
    struct ic_buf title;
    char dial[ICD_NUMBER_MAX + 1];
    struct ic_buf terms; /* signed when the meeting was made */
    uint64_t start_s, end_s;

    struct icd_conn *first;
    size_t conns;
    size_t knocks;
    uint64_t next_knock;
    struct icd_group *group; /* NULL: no session runs */
    uint64_t empty_since_ms; /* 0: a member is connected, or no session runs */
    uint64_t media_room;     /* the forwarder's name of the session; 0: none */
    struct icd_room *prev, *next;
};

struct icd_core;

typedef void icd_handler(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f);

enum icd_need {
    ICD_NEED_NOTHING, /* HELLO alone */
    ICD_NEED_HELLO,
    ICD_NEED_ENTERED, /* with a key that signed */
    ICD_NEED_LEAF,    /* in the group */
    ICD_NEED_HOST,    /* by key, whether in the group or not */
};

/* Any may be NULL. */
struct icd_hooks {
    /* The connection was put into a room, its role and leaf are known, ENTERED is queued. */
    void (*attached)(struct icd_core *core, struct icd_conn *c);
    /* It goes; it is still in its room. */
    void (*detached)(struct icd_core *core, struct icd_conn *c);
    /* The session's group was made, or loaded again after a restart. */
    void (*group_open)(struct icd_core *core, struct icd_room *room);
    /* A commit was merged and the roles of all connections are up to date. */
    void (*epoch)(struct icd_core *core, struct icd_room *room);
    /* The connection's leaf or role is another one now. */
    void (*standing)(struct icd_core *core, struct icd_conn *c, uint32_t old_leaf,
                     uint8_t old_role);
    /* The session is over; its group is freed after this. */
    void (*session_end)(struct icd_core *core, struct icd_room *room);
    void (*tick)(struct icd_core *core);
    /* A flush in which a session ended is on disk, or is lost: then nothing of it is true. */
    void (*flushed)(struct icd_core *core, bool durable);
    /* The core itself ends: the service frees what it keeps. */
    void (*end)(struct icd_core *core);
};

struct icd_route {
    icd_handler *fn;
    enum icd_need need;
};

struct icd_core {
    struct icd_core_config config;
    struct icd_limits limits;
    struct icd_store *store;
    uint64_t now_ms;
    uint64_t deadline_ms;
    struct ic_map conns; /* id -> struct icd_conn */
    struct ic_map rooms; /* meeting id -> struct icd_room */
    struct icd_room *first_room;
    uint64_t next_number;   /* rooms, media rooms and sessions */
    struct ic_map sessions; /* media session -> struct icd_conn */
    struct icd_outbox outbox;
    struct ic_sign_key *server_keys[ICD_SERVER_KEYS_MAX];
    size_t server_key_count;
    struct icd_limiter numbers;
    struct icd_limiter knocks;
    struct icd_files *files; /* the service's own; NULL: none */
    struct icd_route routes[ICD_TYPES];
    const struct icd_hooks *hooks[ICD_HOOKS_MAX];
    size_t hook_count;
    uint64_t next_sweep_ms; /* when old meetings are next looked for */
    bool draining;
    bool loaded;        /* the sessions of a former run are in memory */
    bool wrote;         /* the frame in hand has a mark to go back to */
    bool session_ended; /* in this flush: its rows are to go from the files too */
    bool store_broken;  /* the flush's transaction is lost: nothing of it may be told */
    struct icd_core_stats stats;
};

void icd_core_on(struct icd_core *core, uint16_t type, enum icd_need need, icd_handler *fn);
void icd_core_hook(struct icd_core *core, const struct icd_hooks *hooks);
/* Ticks at t or before. */
void icd_core_wake_at(struct icd_core *core, uint64_t t_ms);
/* A random number for names inside this server's life. */
uint64_t icd_core_next_number(struct icd_core *core);
__attribute__((format(printf, 4, 5))) void icd_core_log(struct icd_core *core,
                                                        enum icd_log_level level, const char *event,
                                                        const char *format, ...);

/* ---- writing ---- */
/* Opens the flush's transaction where none is, and marks this request's beginning. */
ic_err icd_write_begin(struct icd_core *core);
void icd_write_undo(struct icd_core *core);

/* ---- answering ---- */
/* f->request is set here. A frame that cannot be encoded or queued closes the connection. */
void icd_reply(struct icd_core *core, struct icd_conn *c, uint32_t request,
               struct ic_wire_frame *f);
void icd_reply_ok(struct icd_core *core, struct icd_conn *c, uint32_t request, uint64_t number);
void icd_reply_error(struct icd_core *core, struct icd_conn *c, uint32_t request, uint16_t code,
                     const char *text);
/* An event to one connection, or to those of a room that `want` chooses (NULL: all). */
void icd_send(struct icd_core *core, struct icd_conn *c, struct ic_wire_frame *f);
void icd_send_room(struct icd_core *core, struct icd_room *room, struct ic_wire_frame *f,
                   bool (*want)(const struct icd_conn *c));
/* Sends the error as an event and closes after it. */
void icd_conn_kick(struct icd_core *core, struct icd_conn *c, uint16_t code, const char *text);

/* ---- rooms (room.c) ---- */
/* The room of a meeting that exists: from memory, else from the store. IC_ERR_NOT_FOUND, IC_ERR_IO,
 * IC_ERR_NOMEM. */
ic_err icd_room_get(struct icd_core *core, struct ic_view meeting_id, struct icd_room **out);
struct icd_room *icd_room_loaded(struct icd_core *core, struct ic_view meeting_id);
/* Puts the connection in, with its key; role and leaf are made from the group or the terms. */
void icd_room_attach(struct icd_core *core, struct icd_room *room, struct icd_conn *c);
/* Runs the hooks and takes it out; the room is forgotten where nothing holds it. */
void icd_room_detach(struct icd_core *core, struct icd_conn *c);
/* The connection in the room with this key, NULL. */
struct icd_conn *icd_room_find_key(const struct icd_room *room, struct ic_view key);
struct icd_conn *icd_room_find_knock(const struct icd_room *room, uint64_t knock);
struct icd_conn *icd_room_find_leaf(const struct icd_room *room, uint32_t leaf);
static inline struct ic_view icd_room_id(const struct icd_room *room)
{
    return ic_view(room->id, sizeof room->id);
}
/* The terms that hold now: the group's, else those signed when the meeting was made. */
ic_err icd_room_terms(const struct icd_room *room, struct ic_wire_terms *out);
/* Roles and leaves of all connections after the group changed; runs `standing` hooks. */
void icd_room_refresh(struct icd_core *core, struct icd_room *room);
/* Sets the state, in memory and store. */
ic_err icd_room_set_state(struct icd_core *core, struct icd_room *room, uint8_t state);
/* Reads again every session that the store holds, so that its timers run: once, after a start. */
ic_err icd_rooms_load_sessions(struct icd_core *core);
/* Ends the session: ENDED to all of it with the reason, everything stored of it deleted. */
ic_err icd_room_end_session(struct icd_core *core, struct icd_room *room, const char *why,
                            bool over);
/* Forgets the room in memory when neither a connection nor a session holds it. */
void icd_room_release(struct icd_core *core, struct icd_room *room);
/* Drops every room and connection: the store is the truth again. */
void icd_rooms_forget(struct icd_core *core);

bool icd_conn_is_host(const struct icd_conn *c);
bool icd_conn_in_group(const struct icd_conn *c);
bool icd_conn_is_live(const struct icd_conn *c);
bool icd_conn_waits(const struct icd_conn *c);
static inline struct ic_view icd_conn_key(const struct icd_conn *c)
{
    return ic_view(c->key, c->key_len);
}

#endif

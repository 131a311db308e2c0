/* The server's control core: connections, meetings, lobby, delivery and presence without sockets.
 *
 * It takes one wire frame at a time and gives frames back through a callback; it has no clock, no
 * descriptor and no thread of its own, only the store that it is given. The real server drives it from
 * libwebsockets, tests/sim drives it over an in-memory store, and both run the same code.
 *
 *     struct icd_core *core;
 *     IC_TRY(icd_core_new(&config, now_ms, &core));
 *     icd_services_register(core);               // icd/services.h
 *     icd_core_open(core, 1, address, now_ms);
 *     icd_core_frame(core, 1, bytes, now_ms);
 *     icd_core_flush(core);                      // commits, then calls config.send
 *     icd_core_close(core, 1, now_ms);
 *     icd_core_flush(core);
 *     if (now_ms >= icd_core_deadline_ms(core)) { icd_core_tick(core, now_ms); icd_core_flush(core); }
 *     icd_core_free(core);
 *
 * Durable before acknowledged: everything between two flushes shares one transaction of the store, and no
 * frame leaves before that transaction is on disk. If it cannot be written, every connection is closed
 * with IC_WIRE_E_SERVER, what was held in memory is forgotten and read again from the store.
 *
 * One object, one thread. Time is Unix time in milliseconds and may not go back.
 */
#ifndef ICD_CORE_H
#define ICD_CORE_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/rand.h>
#include <icd/disk.h>
#include <icd/media.h>

struct icd_core;
struct icd_store;

/* Each limit is documented, with its default, in docs/configuration.md, and has a test. */
struct icd_limits {
    uint32_t max_frame;             /* bytes of a member's frame */
    uint32_t max_frame_stranger;    /* bytes of a frame before its sender is a member or host */
    uint32_t frames_per_s;          /* a connection's, on average; bursts of four seconds' worth */
    uint32_t enters_per_connection; /* failed ENTERs before it is closed */
    uint32_t numbers_per_min;       /* failed ENTERs by number of one address */
    uint32_t knocks_per_meeting;
    uint32_t knocks_per_min; /* of one address */
    uint32_t members_per_meeting;
    uint32_t connections_per_meeting;
    uint32_t meetings_per_org;
    uint32_t log_bytes_per_group; /* stored messages of one session */
    uint32_t proposals_per_epoch;
    uint32_t away_ms;               /* from a lost connection to the server's Remove */
    uint32_t empty_ms;              /* from the last member's going to the end of the session */
    uint32_t hello_ms;              /* from the connection to its first ENTER */
    uint32_t over_keep_s;           /* how long an ended meeting still answers "over" */
    uint32_t ping_ms;               /* told in HELLO_OK */
    uint32_t file_mib;              /* of one file's ciphertext */
    uint32_t files_mib_per_meeting; /* 0: no files */
    uint32_t files_per_meeting;
    uint32_t file_requests_per_s; /* a member's, on average; bursts of four seconds' worth */
    uint32_t file_token_s;        /* from FILES_OPEN to the end of its token */
};
void icd_limits_default(struct icd_limits *out);

enum icd_log_level { ICD_LOG_ERROR = 0, ICD_LOG_WARN, ICD_LOG_INFO, ICD_LOG_DEBUG };

struct icd_core_config {
    struct icd_store *store; /* borrowed */
    struct icd_media *media; /* borrowed; NULL: this server forwards no media */
    struct icd_disk *disk;   /* borrowed; NULL: this server keeps no files */
    struct ic_rand rand;
    struct icd_limits limits;
    const char *server_name; /* "incamerad/0.1.0", told in HELLO_OK */
    /* The frame to each of the connections, in this order. Called only within icd_core_flush. */
    void (*send)(void *ctx, const uint64_t *conns, size_t count, struct ic_view frame);
    /* The connection is finished: send what is queued, then close. The core knows it no more; no
     * icd_core_close follows. Called only within icd_core_flush. */
    void (*close)(void *ctx, uint64_t conn);
    /* May be NULL. event: a stable word; fields: `key=value ...` without names or content. */
    void (*log)(void *ctx, enum icd_log_level level, const char *event, const char *fields);
    void *ctx;
};

/* IC_ERR_IO where the store fails, IC_ERR_NOMEM. */
ic_err icd_core_new(const struct icd_core_config *config, uint64_t now_ms, struct icd_core **out);
void icd_core_free(struct icd_core *core);

/* conn: a number of the caller's choice, not in use, not 0. address: 4 or 16 bytes, network order.
 * IC_ERR_NOMEM. */
ic_err icd_core_open(struct icd_core *core, uint64_t conn, struct ic_view address, uint64_t now_ms);
/* One whole frame arrived. Whatever it is, the answer is a frame or a close. Unknown conn: ignored. */
void icd_core_frame(struct icd_core *core, uint64_t conn, struct ic_view bytes, uint64_t now_ms);
/* The connection is gone. Unknown conn: ignored. */
void icd_core_close(struct icd_core *core, uint64_t conn, uint64_t now_ms);
/* The transport would not read what came: an error to the connection, then its close. */
void icd_core_refuse(struct icd_core *core, uint64_t conn, uint16_t code, const char *text,
                     uint64_t now_ms);
/* How long a frame from this connection may be now: the transport refuses a longer one unread. */
size_t icd_core_frame_max(const struct icd_core *core, uint64_t conn);
/* Timers: presence, empty meetings, connections that never say hello. */
void icd_core_tick(struct icd_core *core, uint64_t now_ms);
/* When icd_core_tick is next due; UINT64_MAX: nothing waits. */
uint64_t icd_core_deadline_ms(const struct icd_core *core);
/* Hands over what the media forwarder has queued; call after its wake. */
void icd_core_media_poll(struct icd_core *core, uint64_t now_ms);
/* Makes durable what came since the last flush, then sends. */
void icd_core_flush(struct icd_core *core);
/* Tells everybody to come back (IC_WIRE_DRAINING); ENTER and CREATE_GROUP are refused from here on. */
void icd_core_drain(struct icd_core *core, uint32_t after_ms);

/* Numbers for /metrics. */
struct icd_core_stats {
    uint64_t connections, rooms, members, waiting;
    uint64_t frames_in, frames_out, refused, commits, stale_commits, messages, flushes,
        failed_flushes;
};
void icd_core_stats(const struct icd_core *core, struct icd_core_stats *out);

#endif

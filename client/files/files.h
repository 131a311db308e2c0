/* Files of a meeting: put and fetched over HTTP, sealed and opened here, written under a temporary name until
 * the digest fits. Any number at once; each goes on by itself after a lost connection.
 *
 *     struct icc_files *f;
 *     IC_TRY(icc_files_new(&config, &f));
 *     icc_files_connection(f, true);             // and false
 *     icc_files_opened(f, &opened);              // the answer to config.ask
 *     icc_files_said(f, &event);                 // kinds 64 and 65
 *     IC_TRY(icc_files_send(f, "/home/ana/plan.pdf"));
 *     icc_files_free(f);                         // right before the network, and before the loop's last turn
 *
 * One thread: the loop's. Callbacks may not call in.
 */
#ifndef ICC_FILES_FILES_H
#define ICC_FILES_FILES_H

#include "net/net.h"

#include <ic/base/rand.h>
#include <ic/meeting/meeting.h>
#include <ic/together/file_list.h>

enum icc_files_event_type {
    ICC_FILES_SHARED = 1, /* somebody shares a file, we too: line */
    ICC_FILES_WITHDRAWN,  /* line */
    ICC_FILES_PROGRESS,
    ICC_FILES_PAUSED, /* why: "asked", "connection" */
    ICC_FILES_SENT,   /* everybody was told of it */
    ICC_FILES_GOT,    /* path */
    ICC_FILES_FAILED, /* why: a name of docs/protocol/files.md or events.md; text */
    ICC_FILES_LISTED, /* one of the list that was asked for */
};

/* Borrowed until the callback returns. */
struct icc_files_event {
    enum icc_files_event_type type;
    const struct ic_together_file *file;
    const struct ic_meeting_person *person; /* SHARED, WITHDRAWN */
    struct ic_view line;                    /* the event as JSON */
    bool sending;
    uint64_t done; /* bytes of the file */
    uint64_t chunk;
    const char *path, *why, *text;
};

struct icc_files_config {
    uv_loop_t *loop;
    struct icc_net *net; /* borrowed */
    struct ic_rand rand;
    /* Asks for the right to (ic_meeting_files_open). */
    ic_err (*ask)(void *ctx);
    ic_err (*say)(void *ctx, uint16_t kind, struct ic_view body);
    /* Whether we may withdraw what the device with this key hash shared. */
    bool (*may_withdraw)(void *ctx, const uint8_t by[32]);
    void (*tell)(void *ctx, const struct icc_files_event *e);
    void *ctx;
};

struct icc_files;
/* IC_ERR_NOMEM. */
ic_err icc_files_new(const struct icc_files_config *c, struct icc_files **out);
/* What is unfinished is deleted. Accepts NULL. */
void icc_files_free(struct icc_files *f);

void icc_files_connection(struct icc_files *f, bool up);
void icc_files_opened(struct icc_files *f, const struct ic_wire_files_opened *opened);
void icc_files_refused(struct icc_files *f, const char *why);
/* IC_MEETING_EV_SAID of kinds 64 and 65. */
void icc_files_said(struct icc_files *f, const struct ic_meeting_event *e);

/* IC_ERR_NOT_FOUND, IC_ERR_DENIED, IC_ERR_LIMIT (too large), IC_ERR_ARG (no regular file), IC_ERR_IO,
 * IC_ERR_NOMEM: nothing was begun. What goes wrong later is told. */
ic_err icc_files_send(struct icc_files *f, const char *path);
/* id: as text. path: a file that is not there yet, a folder, or NULL for this one. IC_ERR_NOT_FOUND (no such
 * file in the meeting, or no such folder), IC_ERR_EXISTS, and as above. */
ic_err icc_files_get(struct icc_files *f, struct ic_view id, const char *path);
/* Of a transfer that runs: IC_ERR_NOT_FOUND. */
ic_err icc_files_pause(struct icc_files *f, struct ic_view id);
ic_err icc_files_resume(struct icc_files *f, struct ic_view id);
ic_err icc_files_cancel(struct icc_files *f, struct ic_view id);
/* Ours, or any for a host: deleted at the server, and everybody is told. */
ic_err icc_files_withdraw(struct icc_files *f, struct ic_view id);
/* Tells ICC_FILES_LISTED for each that is not withdrawn. */
void icc_files_list(struct icc_files *f);
/* What such an error means here, for people; NULL for IC_OK. */
const char *icc_files_words(ic_err e);
/* The i-th file that was shared, from 1, as people count them; NULL past the end. */
const struct ic_together_file *icc_files_numbered(const struct icc_files *f, size_t number);

#endif

/* How a meeting is shown: as JSON lines for programs, or in a terminal for people. One of both.
 *
 * The room calls these in order of what happened; all on the loop's thread. `meeting` is only looked at.
 */
#ifndef ICC_CLI_VIEW_H
#define ICC_CLI_VIEW_H

#include "engine/engine.h"
#include "files/files.h"

#include <ic/meeting/json.h>
#include <ic/together/desk.h>
#include <ic/together/json.h>
#include <ic/together/logs.h>
#include <uv.h>

struct icc_room;

enum icc_look { ICC_LOOK_ROSTER, ICC_LOOK_SHIELD };

struct icc_view_ops {
    void (*meeting)(void *self, const struct ic_meeting_event *e, const struct ic_meeting *m);
    void (*talk)(void *self, const struct ic_together_talk_event *e,
                 const struct ic_together_talk *t);
    void (*look)(void *self, enum icc_look what, const struct ic_meeting *m,
                 const struct ic_together_talk *t);
    void (*engine)(void *self, const struct icc_engine_event *e);
    void (*connection)(void *self, bool up, const char *why);
    void (*recorded)(void *self, const char *name, const char *path);
    void (*stats)(void *self, const struct icc_engine_stats *s);
    /* A command of the person could not be carried out. */
    void (*refused)(void *self, const char *command, const char *why);
    void (*files)(void *self, const struct icc_files_event *e);
    void (*desk)(void *self, const struct ic_together_desk *d, const struct ic_meeting *m,
                 const struct ic_together_desk_event *e);
    /* A log of certificates is in trouble, or no longer. */
    void (*logs)(void *self, const struct ic_together_logs_event *e);
    void (*free)(void *self);
};

struct icc_view {
    const struct icc_view_ops *ops;
    void *self;
};

/* What is on: read from standard input by each view in its own way, given to the room. */
ic_err icc_view_json(struct icc_room *room, uv_loop_t *loop, struct icc_view *out);
ic_err icc_view_terminal(struct icc_room *room, uv_loop_t *loop, struct icc_view *out);

/* One line of standard input, as docs/events.md has them; what is wrong with it is told as not_done. */
void icc_json_command(struct icc_room *room, struct ic_view line);
/* One line on standard output, where e is IC_OK; the line is cleared. */
void icc_json_print(struct ic_buf *line, ic_err e);
void icc_json_not_done(const char *command, const char *why);

/* "not verified": client/cli/words.c. */
const char *icc_words_identity(uint8_t identity);
/* Why somebody is not verified, for people: "the certificate ran out". What is not known stays as it is. */
const char *icc_words_reason(const char *reason);
enum { ICC_WORDS_PERSON = 192 };
/* How this device sees somebody: "verified by Ring CA, known to you". Fit for a terminal. */
void icc_words_person(const struct ic_meeting_person *p, char out[ICC_WORDS_PERSON]);

#endif

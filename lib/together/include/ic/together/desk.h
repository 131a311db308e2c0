/* Whiteboard, annotation and remote control beside a meeting: follows its events, says what they want said, and
 * writes what happens as JSON. The native client and the browser's worker use this; the three objects themselves
 * know of no meeting.
 *
 *     struct ic_together_desk *d;
 *     IC_TRY(ic_together_desk_new(&rand, &d));
 *     ic_together_desk_meeting(d, m, &event, now_ms);          // each event of the meeting, as it comes
 *     ic_together_desk_run(d, m, now_ms);                      // after that, and at its deadline
 *     while (ic_together_desk_next(d, &e))
 *         IC_TRY(ic_together_desk_json(d, m, &e, now_ms, &line));
 *     ic_together_desk_free(d);
 *
 * One object belongs to the meeting's thread.
 */
#ifndef IC_TOGETHER_DESK_H
#define IC_TOGETHER_DESK_H

#include <ic/meeting/meeting.h>
#include <ic/together/annotate.h>
#include <ic/together/board.h>
#include <ic/together/control.h>

enum { IC_TOGETHER_DESK_LINE = 8 << 20 }; /* bytes of one line of JSON, at most */

enum ic_together_desk_what {
    IC_TOGETHER_DESK_BOARD = 1,
    IC_TOGETHER_DESK_ANNOT,
    IC_TOGETHER_DESK_CONTROL
};
struct ic_together_desk_event {
    enum ic_together_desk_what what;
    union {
        struct ic_together_board_event board;
        struct ic_together_annot_event annot;
        struct ic_together_control_event control;
    };
};

struct ic_together_desk;
ic_err ic_together_desk_new(const struct ic_rand *rand, struct ic_together_desk **out);
void ic_together_desk_free(struct ic_together_desk *d);
/* True where the event is told by ic_together_desk_next alone. */
bool ic_together_desk_meeting(struct ic_together_desk *d, struct ic_meeting *m,
                              const struct ic_meeting_event *e, uint64_t now_ms);
/* Time passes, and what waits is said: IC_MEETING's frames may follow. */
void ic_together_desk_run(struct ic_together_desk *d, struct ic_meeting *m, uint64_t now_ms);
/* UINT64_MAX: not before something arrives. */
uint64_t ic_together_desk_deadline_ms(const struct ic_together_desk *d);
bool ic_together_desk_next(struct ic_together_desk *d, struct ic_together_desk_event *out);
/* Appends one object, as docs/events.md has it; nothing for what only programs inject. out->max at least
 * IC_TOGETHER_DESK_LINE. */
ic_err ic_together_desk_json(const struct ic_together_desk *d, const struct ic_meeting *m,
                             const struct ic_together_desk_event *e, uint64_t now_ms,
                             struct ic_buf *out);

/* Words for the moment: annotation of ours. IC_ERR_LIMIT: too many wait. */
ic_err ic_together_desk_draw(struct ic_together_desk *d, struct ic_view annotation);

struct ic_together_board *ic_together_desk_board(struct ic_together_desk *d);
struct ic_together_annot *ic_together_desk_annot(struct ic_together_desk *d);
struct ic_together_control *ic_together_desk_control(struct ic_together_desk *d);

/* The first 8 bytes of a key's hash: how bodies name people. */
uint64_t ic_together_author(const uint8_t key_hash[32]);
/* Who that is now; false where they are not here. */
bool ic_together_person(const struct ic_meeting *m, uint64_t author, struct ic_meeting_person *out);
/* 0 where nobody sits at that leaf. */
uint64_t ic_together_author_at(const struct ic_meeting *m, uint32_t leaf);

#endif

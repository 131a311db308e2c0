/* Whiteboard, annotation and remote control in a room: what people ask of them, and what comes of it.
 *
 *     struct icc_desk_command c = {.what = ICC_DESK_EXPORT, .path = "board.svg"};
 *     why = icc_room_desk_do(room, &c);               // NULL: done
 */
#ifndef ICC_CLI_ROOM_DESK_H
#define ICC_CLI_ROOM_DESK_H

#include "view.h"

#include <ic/together/desk.h>

enum icc_desk_what {
    ICC_DESK_ADD = 1, /* element */
    ICC_DESK_DELETE,  /* element.id */
    ICC_DESK_CLEAR,
    ICC_DESK_UNDO,
    ICC_DESK_REDO,
    ICC_DESK_EXPORT,     /* path */
    ICC_DESK_REQUEST,    /* leaf */
    ICC_DESK_GRANT,      /* leaf, allows; leaf UINT32_MAX: who asked first */
    ICC_DESK_REFUSE,     /* the same */
    ICC_DESK_STOP,       /* whatever of control is ours */
    ICC_DESK_REVOKE,     /* leaf: a host, for that screen */
    ICC_DESK_INPUT,      /* input */
    ICC_DESK_DRAWING,    /* on: whether others may draw over our screen */
    ICC_DESK_CLEAN,      /* what is drawn over our screen goes */
    ICC_DESK_STOP_SCREEN /* nothing is shared any more */
};
struct icc_desk_command {
    enum icc_desk_what what;
    uint32_t leaf;
    uint8_t allows;
    bool on;
    const char *path;
    struct ic_together_board_element element;
    struct ic_together_input input;
};
/* NULL, or why not: static, for people. */
const char *icc_room_desk_do(struct icc_room *r, const struct icc_desk_command *c);

/* For room.c; the meeting's lock is not held. */
ic_err icc_room_desk_open(struct icc_room *r);
void icc_room_desk_close(struct icc_room *r);
/* True: shown already. */
bool icc_room_desk_take(struct icc_room *r, const struct ic_meeting_event *e);
/* Time passes; what waits is said and shown. */
void icc_room_desk_run(struct icc_room *r);

#endif

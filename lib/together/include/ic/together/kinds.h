/* The kinds of what people do together: numbers of ic_meeting_say's messages (ic/meeting/meeting.h), sixteen a
 * feature. A kind's body and limits are its own header's matter; docs/protocol/together.md lists them all.
 * A client passes over kinds that it does not know.
 *
 *     ic_meeting_say(m, IC_TOGETHER_STATUS, body, false, now_ms, NULL);
 */
#ifndef IC_TOGETHER_KINDS_H
#define IC_TOGETHER_KINDS_H

#include <stdbool.h>
#include <stdint.h>

enum ic_together_kind {
    /* chat and presence: mark.h, status.h */
    IC_TOGETHER_LINE = 16,      /* a chat line that mentions somebody, or replies */
    IC_TOGETHER_MARK = 17,      /* a reaction to a line, put or taken back */
    IC_TOGETHER_STATUS = 18,    /* microphone, camera, hand, ... of the speaker */
    IC_TOGETHER_MUTE = 19,      /* a host asks somebody, or all, to mute */
    IC_TOGETHER_REACTION = 20,  /* for the moment: a sign that floats by */
    IC_TOGETHER_RECORDING = 21, /* the speaker records, or has stopped */
    IC_TOGETHER_HEADS = 22,     /* heads of logs of certificates: logs.h */
    /* whiteboard and annotation */
    IC_TOGETHER_BOARD_OP = 32,
    IC_TOGETHER_BOARD_ASK = 33,
    IC_TOGETHER_BOARD_PIECE = 34, /* of the board as a whole, for who came late */
    IC_TOGETHER_ANNOTATION = 35,
    /* remote control of a shared screen */
    IC_TOGETHER_CONTROL_REQUEST = 48,
    IC_TOGETHER_CONTROL_GRANT = 49,
    IC_TOGETHER_CONTROL_REVOKE = 50,
    IC_TOGETHER_CONTROL_INPUT = 51, /* for the moment */
    /* files */
    IC_TOGETHER_FILE = 64,
    IC_TOGETHER_FILE_WITHDRAWN = 65,
};

/* The kind's name as in docs/protocol/together.md; "" for one that is not known here. Static. */
const char *ic_together_kind_name(uint16_t kind);

#endif

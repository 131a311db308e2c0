/* What the terminal view knows, for its files: terminal.c takes the meeting's events and keys, terminal_talk.c what
 * people tell each other and typed commands, screen.c draws. */
#ifndef ICC_CLI_TERMINAL_H
#define ICC_CLI_TERMINAL_H

#include "input.h"
#include "room.h"

enum {
    PANEL_LINES = 24,
    LINES_KEPT = 200,
    LINE_ROOM = 512,
    KNOCKS_SHOWN = 64,
    PEOPLE_SHOWN = 1000
};

struct waiting_one {
    uint64_t knock;
    struct ic_meeting_person person;
    char short_code[IC_MEETING_CODE_LEN + 1];
};

struct icc_terminal {
    struct icc_room *room;
    struct icc_input *input;
    uv_signal_t resized; /* owns the memory of all this: freed when it has closed */
    bool tty;            /* drawn as a screen; else as plain lines */
    enum ic_meeting_state state;
    bool alarmed; /* the state is one to be told in a bar */
    bool unbound; /* joined by number */
    uint64_t epoch;
    char code[IC_MEETING_CODE_LEN + 1];
    char committer[IC_MEETING_NAME_MAX + 1];  /* of this epoch; "" where it is not known */
    char short_code[IC_MEETING_CODE_LEN + 1]; /* ours, in the lobby */
    bool comparing;                           /* one epoch's code stands still to be read out */
    uint64_t frozen_epoch;
    char frozen_code[IC_MEETING_CODE_LEN + 1];
    struct ic_meeting_person *people;
    size_t people_count;
    struct waiting_one lobby[KNOCKS_SHOWN];
    size_t lobby_count;
    char lines[LINES_KEPT][LINE_ROOM]; /* a ring of what was said and what happened */
    size_t line_count;
    const struct ic_together_talk *talk; /* borrowed from the room; NULL until something was told */
    bool shield;                         /* what stands below the shield is shown */
    const char *suite;
    char panel[PANEL_LINES][LINE_ROOM]; /* who vouches for somebody */
    size_t panel_count;                 /* 0: it is closed */
    size_t panel_of;                    /* whom of `people` it shows */
    bool typing, hand, locked, muted, blind, helping;
    char typed[1024];
    size_t typed_len;
    unsigned file_percent; /* told last */
    bool asked;            /* somebody wants to control our screen */
    bool controlled;       /* somebody does */
    bool board_told;
};

/* Controls and marks of direction become question marks. */
void icc_terminal_make_harmless(char *s);
/* A line below the others. */
__attribute__((format(printf, 2, 3))) void icc_terminal_say(struct icc_terminal *t,
                                                            const char *format, ...);
/* What people tell each other, and what was asked to be shown: of icc_view_ops. */
void icc_terminal_talk(void *self, const struct ic_together_talk_event *e,
                       const struct ic_together_talk *talk);
void icc_terminal_look(void *self, enum icc_look what, const struct ic_meeting *m,
                       const struct ic_together_talk *talk);
/* A whole line that was typed: chat, or a command that begins with a slash. */
void icc_terminal_typed(struct icc_terminal *t, struct ic_view line);
/* ", hand up, muted": what somebody told of themselves; at most len bytes with the NUL. */
void icc_terminal_status(const struct ic_together_talk *talk, uint32_t leaf, char *out, size_t len);
/* Fills the panel with what this device knows of who somebody is; p must not be of the panel. */
void icc_terminal_certificate(struct icc_terminal *t, const struct ic_meeting_person *p);
void icc_terminal_certificate_next(struct icc_terminal *t);
/* Draws all of it anew; for a tty. */
void icc_screen_draw(const struct icc_terminal *t);
void icc_screen_enter(void);
void icc_screen_leave(void);
/* The words beside the shield. */
void icc_screen_words(const struct icc_terminal *t, char *out, size_t len);

#endif

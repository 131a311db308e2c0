/* The whiteboard: a bounded set of elements that all members see alike. Its ops are lines of the meeting's one
 * order, and everybody applies them in that order; who comes late asks the members for the board as it is, never
 * the server. Sans-I/O: bodies and time in; bodies, events and a deadline out.
 *
 *     struct ic_together_board *b;
 *     IC_TRY(ic_together_board_new(rand, &b));
 *     ic_together_board_self(b, author);                         // ours, once it is known
 *     ic_together_board_enter(b, others_here, now_ms);           // at our entry: asks, where somebody is here
 *     ic_together_board_said(b, &from, kind, body, seq, now_ms); // at each IC_MEETING_EV_SAID of kinds 32 to 34
 *     while (ic_together_board_next_body(b, &kind, &transient)) ... ic_meeting_say ..., ic_together_board_took(b)
 *     while (ic_together_board_next_event(b, &event)) ...
 *     ic_together_board_tick(b, now_ms)                          // at ic_together_board_deadline_ms
 *     ic_together_board_free(b);
 *
 * ic/together/follow.h does all of that beside a struct ic_meeting. One object belongs to one thread at a time.
 * docs/protocol/board.md decides.
 */
#ifndef IC_TOGETHER_BOARD_H
#define IC_TOGETHER_BOARD_H

#include <ic/base/buf.h>
#include <ic/base/rand.h>

enum {
    IC_TOGETHER_BOARD_ELEMENTS = 4000,  /* on the board; half of them by one author */
    IC_TOGETHER_BOARD_BYTES = 3 << 20,  /* of their data; half of them by one author */
    IC_TOGETHER_BOARD_POINTS = 2000,    /* of a stroke */
    IC_TOGETHER_BOARD_TEXT = 2000,      /* bytes */
    IC_TOGETHER_BOARD_IMAGE = 40 << 10, /* bytes */
    IC_TOGETHER_BOARD_FIELD = 1 << 20,  /* coordinates: from minus that to that */
    IC_TOGETHER_BOARD_ITEMS = 256,      /* of an op */
    IC_TOGETHER_BOARD_COLOURS = 10,
    IC_TOGETHER_BOARD_UNDO = 200,      /* steps back */
    IC_TOGETHER_BOARD_BODY = 46 << 10, /* bytes of an op */
    IC_TOGETHER_BOARD_SVG = 8 << 20,   /* bytes of an export */
};

enum ic_together_board_type {
    IC_TOGETHER_PEN = 1, /* data: steps of two 16-bit numbers, the first from (x, y) */
    IC_TOGETHER_LINE_SHAPE,
    IC_TOGETHER_RECT,
    IC_TOGETHER_ELLIPSE,
    IC_TOGETHER_ARROW,
    IC_TOGETHER_TEXT, /* data: UTF-8, line feeds allowed */
    IC_TOGETHER_NOTE, /* the same, on a sheet of the colour */
    IC_TOGETHER_IMAGE /* data: PNG, JPEG or WebP */
};

/* Who made it as it says, and a number of its own. The author is the first 8 bytes of its key's hash. */
struct ic_together_board_id {
    uint64_t author;
    uint64_t number;
};

/* Lengths are in board units, an eighth of a pixel at the size of nature. */
struct ic_together_board_element {
    struct ic_together_board_id id;
    uint8_t type;
    uint8_t colour; /* an index: docs/protocol/board.md */
    uint8_t fill;   /* 0 none, 1 its colour, lighter */
    uint8_t width;  /* of the stroke, 1 to 64 pixels; of text: its size in pixels, 8 to 128 */
    int32_t z;      /* above are larger ones, then larger ids */
    int32_t x, y;   /* of the upper left corner; of the beginning of a line, arrow or stroke */
    int32_t w, h;   /* of lines and arrows: to the end; strokes have none */
    struct ic_view data;
};

enum ic_together_board_what {
    IC_TOGETHER_PUT = 1, /* the whole element, new or in place of what is there */
    IC_TOGETHER_CHANGE,  /* the same, but nothing where it is not there any more */
    IC_TOGETHER_DELETE,
    IC_TOGETHER_CLEAR /* all that there is */
};
struct ic_together_board_item {
    uint8_t what;
    struct ic_together_board_element element; /* DELETE: the id alone */
};

/* ---- bodies ---- */

enum ic_together_board_intent { IC_TOGETHER_DO, IC_TOGETHER_UNDO, IC_TOGETHER_REDO };
/* Appends the body of kind 32. IC_ERR_RANGE, IC_ERR_LIMIT, IC_ERR_MALFORMED: an element out of bounds. */
ic_err ic_together_board_op_encode(uint8_t intent, const struct ic_together_board_item *items,
                                   size_t count, struct ic_buf *out);
/* items: IC_TOGETHER_BOARD_ITEMS of them; they borrow from body. *rule (may be NULL) gets a stable name. */
ic_err ic_together_board_op_decode(struct ic_view body, uint8_t *intent,
                                   struct ic_together_board_item *items, size_t *count,
                                   const char **rule);
/* What is wrong with an element: a stable name, or NULL. */
const char *ic_together_board_element_fault(const struct ic_together_board_element *e);
/* The i-th point of a stroke in board units; false past its end. Points come in order from 0: *at carries. */
bool ic_together_board_point(const struct ic_together_board_element *e, size_t i, int32_t at[2]);
/* "image/png" of its first bytes, or NULL. */
const char *ic_together_board_image_type(struct ic_view data);

/* ---- the object ---- */

struct ic_together_board;
struct ic_together_board_from {
    uint64_t author;
    uint32_t leaf;
    bool self;
    uint32_t
        before_us; /* how many others that are here sit at lower leaves than we, the speaker apart */
};

enum ic_together_board_event_type {
    IC_TOGETHER_BOARD_CHANGED = 1, /* ids: what is there, or is not any more */
    IC_TOGETHER_BOARD_WHOLE,       /* all is to be looked at anew */
    IC_TOGETHER_BOARD_REFUSED,     /* rule, and whose */
    IC_TOGETHER_BOARD_SYNC,        /* whether the board is complete: synced */
};
struct ic_together_board_event {
    enum ic_together_board_event_type type;
    uint64_t author, seq;
    bool cleared; /* CHANGED: all that was there before is gone */
    bool synced;
    const char *rule;
    struct ic_together_board_id ids[IC_TOGETHER_BOARD_ITEMS];
    size_t id_count;
};

ic_err ic_together_board_new(const struct ic_rand *rand, struct ic_together_board **out);
void ic_together_board_free(struct ic_together_board *b);
void ic_together_board_self(struct ic_together_board *b, uint64_t author);
/* We are in, or have missed something: asks the others, or knows that there is nothing where nobody is. */
void ic_together_board_enter(struct ic_together_board *b, bool others_here, uint64_t now_ms);
/* Somebody said a body of kinds 32 to 34; seq 0 for what is transient. What is wrong becomes an event. */
void ic_together_board_said(struct ic_together_board *b, const struct ic_together_board_from *from,
                            uint16_t kind, struct ic_view body, uint64_t seq, uint64_t now_ms);
void ic_together_board_tick(struct ic_together_board *b, uint64_t now_ms);
/* UINT64_MAX: not before something arrives. */
uint64_t ic_together_board_deadline_ms(const struct ic_together_board *b);
/* What is to be said next; borrowed until _took, which drops it. An empty view: nothing. */
struct ic_view ic_together_board_next_body(const struct ic_together_board *b, uint16_t *kind,
                                           bool *transient);
void ic_together_board_took(struct ic_together_board *b);
bool ic_together_board_next_event(struct ic_together_board *b, struct ic_together_board_event *out);

/* What a person does; shown when it comes back in its order. Elements whose number is 0 are new: they get an id,
 * and above all others where their z is 0. IC_ERR_LIMIT, IC_ERR_RANGE, IC_ERR_MALFORMED, IC_ERR_STATE (no self). */
ic_err ic_together_board_do(struct ic_together_board *b, struct ic_together_board_item *items,
                            size_t count);
ic_err ic_together_board_clear(struct ic_together_board *b);
/* Our own last step. IC_ERR_NOT_FOUND: there is none. Waits for what is on its way. */
ic_err ic_together_board_undo(struct ic_together_board *b);
ic_err ic_together_board_redo(struct ic_together_board *b);

/* ---- looking ---- */
bool ic_together_board_can_undo(const struct ic_together_board *b);
bool ic_together_board_can_redo(const struct ic_together_board *b);
bool ic_together_board_synced(const struct ic_together_board *b);
size_t ic_together_board_count(const struct ic_together_board *b);
/* The i-th in order of ids, and who wrote it last; NULL past the end. Borrowed until the next call that changes. */
const struct ic_together_board_element *ic_together_board_at(const struct ic_together_board *b,
                                                             size_t i, uint64_t *by);
const struct ic_together_board_element *ic_together_board_find(const struct ic_together_board *b,
                                                               struct ic_together_board_id id,
                                                               uint64_t *by);
/* SHA-256 over all elements and who wrote them last: equal boards have equal ones. */
void ic_together_board_digest(const struct ic_together_board *b, uint8_t out[32]);
/* Appends a picture that stands alone: no script, nothing from outside. out->max at least
 * IC_TOGETHER_BOARD_SVG. IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_together_board_svg(const struct ic_together_board *b, struct ic_buf *out);

#endif

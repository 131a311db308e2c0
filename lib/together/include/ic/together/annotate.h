/* Drawing over somebody's shared picture: strokes for the moment, which fade or stay until they are cleared.
 * Whose picture it is, or a host, may switch it off. Bodies and time in; bodies, events and a deadline out.
 *
 *     struct ic_together_annot *a;
 *     IC_TRY(ic_together_annot_new(&a));
 *     ic_together_annot_self(a, author);
 *     ic_together_annot_said(a, &from, body, now_ms);            // kind 35
 *     ic_together_annot_tick(a, now_ms);                         // at its deadline: strokes fade
 *     while (ic_together_annot_next_event(a, &event)) ...
 *     ic_together_annot_free(a);
 *
 * Coordinates are of the picture as it was sent: 0 to 65535 from its left and upper edge. One object belongs to
 * one thread at a time. docs/protocol/board.md decides.
 */
#ifndef IC_TOGETHER_ANNOTATE_H
#define IC_TOGETHER_ANNOTATE_H

#include <ic/base/buf.h>

enum {
    IC_TOGETHER_ANNOT_STROKES = 400, /* an eighth of them by one author */
    IC_TOGETHER_ANNOT_POINTS = 500,
    IC_TOGETHER_ANNOT_FADE_MS = 6000,
    IC_TOGETHER_ANNOT_BODY = 4 * IC_TOGETHER_ANNOT_POINTS + 64,
};

struct ic_together_annot_stroke {
    uint64_t target; /* whose picture: the first 8 bytes of their key's hash */
    uint64_t author; /* who drew */
    uint32_t number; /* of the author's own; drawing it again replaces it, as it grows */
    uint8_t colour, width, keep;
    uint16_t points[IC_TOGETHER_ANNOT_POINTS][2];
    size_t count;
};

/* Appends the body of a stroke. IC_ERR_RANGE: colour, width or count. */
ic_err ic_together_annot_stroke_encode(const struct ic_together_annot_stroke *s,
                                       struct ic_buf *out);
/* Appends the body that clears: of its own picture all, else what the speaker drew on it. */
ic_err ic_together_annot_clear_encode(uint64_t target, struct ic_buf *out);
/* Appends the body that switches drawing over that picture on or off. */
ic_err ic_together_annot_switch_encode(uint64_t target, bool on, struct ic_buf *out);

struct ic_together_annot;
struct ic_together_annot_from {
    uint64_t author;
    bool host;
};

enum ic_together_annot_event_type {
    IC_TOGETHER_ANNOT_STROKE = 1,
    IC_TOGETHER_ANNOT_GONE,     /* one stroke: author, number, target */
    IC_TOGETHER_ANNOT_CLEARED,  /* all on target; where author is not 0, that author's alone */
    IC_TOGETHER_ANNOT_SWITCHED, /* on */
    IC_TOGETHER_ANNOT_REFUSED,  /* rule, author */
};
struct ic_together_annot_event {
    enum ic_together_annot_event_type type;
    uint64_t target, author;
    uint32_t number;
    bool on;
    const char *rule;
    struct ic_together_annot_stroke stroke; /* STROKE */
};

ic_err ic_together_annot_new(struct ic_together_annot **out);
void ic_together_annot_free(struct ic_together_annot *a);
void ic_together_annot_self(struct ic_together_annot *a, uint64_t author);
void ic_together_annot_said(struct ic_together_annot *a, const struct ic_together_annot_from *from,
                            struct ic_view body, uint64_t now_ms);
/* They went: what they drew goes, and what was drawn over theirs. */
void ic_together_annot_left(struct ic_together_annot *a, uint64_t author);
void ic_together_annot_tick(struct ic_together_annot *a, uint64_t now_ms);
uint64_t ic_together_annot_deadline_ms(const struct ic_together_annot *a);
bool ic_together_annot_next_event(struct ic_together_annot *a, struct ic_together_annot_event *out);
/* Whether drawing over that picture is permitted. */
bool ic_together_annot_is_on(const struct ic_together_annot *a, uint64_t target);
/* The i-th picture that we ourselves switched off: to be said again to who comes. False past the end. */
bool ic_together_annot_off_by_us(const struct ic_together_annot *a, size_t i, uint64_t *target);

#endif

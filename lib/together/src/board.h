/* The board inside: what its files share. */
#ifndef IC_TOGETHER_SRC_BOARD_H
#define IC_TOGETHER_SRC_BOARD_H

#include <ic/base/reader.h>
#include <ic/base/writer.h>
#include <ic/together/board.h>
#include <ic/together/kinds.h>

enum {
    BOARD_VERSION = 1,
    BOARD_EVENTS_MAX = 64,    /* then one that says: look at all of it */
    BOARD_BODIES_MAX = 1024,  /* waiting to be said */
    BOARD_KEPT_MAX = 4 << 20, /* bytes of ops kept while the board is asked for */
    BOARD_PIECE = 40 << 10,   /* bytes of the board in a piece */
    BOARD_PIECES_MAX = 128,
    BOARD_SNAPSHOT_MAX = BOARD_PIECES_MAX * BOARD_PIECE,
    BOARD_ASKS_MAX = 16,
    BOARD_TRIES = 4,
};
#define BOARD_NEVER UINT64_MAX

struct board_slot {
    struct ic_together_board_element e; /* its data is ours to free */
    uint64_t by;                        /* who wrote it last */
};

/* The elements in order of their ids, and what each author holds of them. */
struct board_table {
    struct board_slot *slots;
    size_t count, cap, bytes;
};

/* One step of ours, as the items that take it back. */
struct board_step {
    struct board_undo_item {
        bool there; /* else the step made it: taking back is a delete */
        struct ic_together_board_element e;
    } * items;
    size_t count, cap;
};
struct board_steps {
    struct board_step steps[IC_TOGETHER_BOARD_UNDO];
    size_t count;
};

struct board_body {
    struct board_body *next;
    uint16_t kind;
    bool transient;
    uint8_t *p;
    size_t len;
};

/* An op that came while the board was asked for. */
struct board_kept {
    struct board_kept *next;
    uint64_t seq, author;
    struct ic_view body;
};

struct board_ask {
    uint32_t nonce;
    uint64_t at_ms; /* when it is our turn to answer */
};

/* The board as it goes out, or comes in, piece by piece. */
struct board_transfer {
    bool on;
    uint64_t author; /* in: whose */
    uint32_t nonce;
    uint64_t seq;
    uint16_t count, next;
    uint8_t digest[32];
    struct ic_buf bytes;
    uint64_t at_ms; /* out: the next piece; in: the last one */
};

struct ic_together_board {
    struct ic_rand rand;
    uint64_t self, number; /* of our next element */
    uint64_t seq;          /* of the last op in it */
    struct board_table table;
    struct board_steps undo, redo;
    unsigned under_way; /* our ops that have not come back */
    unsigned wants[2];  /* undo, redo: for when they have */
    struct board_body *bodies, **bodies_end;
    size_t body_count;
    struct ic_together_board_event *events;
    size_t event_first, event_count;
    /* asking */
    bool entered, synced;
    uint32_t nonce;
    unsigned tries;
    uint64_t ask_at_ms, bad_author;
    struct board_kept *kept, **kept_end;
    size_t kept_bytes;
    struct board_transfer in;
    /* answering */
    struct board_ask asks[BOARD_ASKS_MAX];
    size_t ask_count;
    struct board_transfer out;
};

/* board_element.c */
void ic_together_board_id_write(struct ic_writer *w, struct ic_together_board_id id);
struct ic_together_board_id ic_together_board_id_read(struct ic_reader *r);
void ic_together_board_element_write(struct ic_writer *w,
                                     const struct ic_together_board_element *e);
void ic_together_board_element_read(struct ic_reader *r, struct ic_together_board_element *e);

/* board_table.c */
void ic_together_board_table_clear(struct board_table *t);
struct board_slot *ic_together_board_table_find(const struct board_table *t,
                                                struct ic_together_board_id id);
/* Copies. IC_ERR_LIMIT where the board, or this author's share, would be more than full. */
ic_err ic_together_board_table_put(struct board_table *t, const struct ic_together_board_element *e,
                                   uint64_t by);
void ic_together_board_table_drop(struct board_table *t, struct ic_together_board_id id);
/* NULL where all items fit, after those before them; else a rule. */
const char *ic_together_board_table_room(const struct board_table *t,
                                         const struct ic_together_board_item *items, size_t count,
                                         uint64_t by);

/* board_undo.c */
void ic_together_board_steps_clear(struct board_steps *s);
/* What takes these items back, while they are not yet done. IC_ERR_NOMEM. */
ic_err ic_together_board_step_make(const struct board_table *t,
                                   const struct ic_together_board_item *items, size_t count,
                                   struct board_step *out);
/* Takes the step; the oldest falls out. */
void ic_together_board_steps_push(struct board_steps *s, struct board_step *step);
/* Does what was wanted while ops were on their way. */
void ic_together_board_wants(struct ic_together_board *b);

/* board_sync.c */
void ic_together_board_keep(struct ic_together_board *b, uint64_t author, struct ic_view body,
                            uint64_t seq);
void ic_together_board_hear_ask(struct ic_together_board *b,
                                const struct ic_together_board_from *from, struct ic_view body,
                                uint64_t now_ms);
void ic_together_board_hear_piece(struct ic_together_board *b,
                                  const struct ic_together_board_from *from, struct ic_view body,
                                  uint64_t now_ms);
void ic_together_board_sync_clear(struct ic_together_board *b);

/* board_snapshot.c */
ic_err ic_together_board_snapshot_write(const struct board_table *t, struct ic_buf *out);
/* On failure *out stays. */
ic_err ic_together_board_snapshot_read(struct ic_view v, struct board_table *out);

/* board.c */
/* quiet: a replay; no events and nothing to undo. NULL, or the rule for which it was refused. */
const char *ic_together_board_apply(struct ic_together_board *b, uint64_t author,
                                    struct ic_view body, uint64_t seq, bool quiet);
/* Takes the body's bytes. IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_together_board_say(struct ic_together_board *b, uint16_t kind, bool transient,
                             struct ic_view body);
struct ic_together_board_event *ic_together_board_event(struct ic_together_board *b,
                                                        enum ic_together_board_event_type type);

#endif

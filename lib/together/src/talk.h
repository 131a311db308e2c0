/* The insides of what people tell each other, and what its files lend each other. */
#ifndef IC_TOGETHER_SRC_TALK_H
#define IC_TOGETHER_SRC_TALK_H

#include <ic/together/talk.h>

enum {
    PEOPLE_MAX = 4096,
    MARKS_MAX = 2048, /* kept; the oldest goes first */
    MARKS_EACH = 8,   /* signs of one device on one line */
    SIGNS_MAX = 32,   /* different signs on one line */
    EVENTS_MAX = 4096,
    REACTIONS_MAX = 5, /* of one device in */
    REACTIONS_MS = 1000,
    NEWCOMER_MS = 100, /* a newcomer is told after this and up to NEWCOMER_SPREAD_MS more */
    NEWCOMER_SPREAD_MS = 500,
    AGAIN_MS = 300,
};
#define NEVER UINT64_MAX

struct talker {
    struct ic_meeting_person who;
    struct ic_together_status status;
    bool told; /* has told its status */
    bool recording;
    uint64_t reactions_ms; /* since when they are counted */
    unsigned reactions;
};

struct mark {
    uint64_t seq;
    uint8_t key[IC_TOGETHER_KEY];
    uint8_t sign[IC_TOGETHER_SIGN_MAX];
    uint8_t sign_len;
    bool own;
    char name[IC_MEETING_NAME_MAX + 1];
};

struct talk_event {
    struct ic_together_talk_event e;
    struct talk_event *next;
};

struct ic_together_talk {
    struct talker *people;
    size_t count, cap;
    struct mark *marks;
    size_t mark_count, mark_cap;
    struct talk_event *first, **last;
    size_t event_count;
    struct ic_together_status own;
    bool own_set; /* there is something to tell */
    bool whole;   /* the next telling is a line, for all; else a word for newcomers */
    uint64_t due_ms;
    bool frames_told, frames_opaque;
    uint8_t frames_codecs;
};

/* ---- talk.c ---- */
/* A fresh event at the queue's end; NULL without memory or room: told to nobody. */
struct ic_together_talk_event *ic_together_talk_new_event(struct ic_together_talk *t,
                                                          enum ic_together_talk_event_type type);

/* ---- talk_people.c ---- */
struct talker *ic_together_talk_find(const struct ic_together_talk *t,
                                     const uint8_t key[IC_TOGETHER_KEY]);
struct talker *ic_together_talk_at(const struct ic_together_talk *t, uint32_t leaf);
struct talker *ic_together_talk_self(const struct ic_together_talk *t);
/* The device as it is now; added where it is new. NULL without memory. */
struct talker *ic_together_talk_meet(struct ic_together_talk *t,
                                     const struct ic_meeting_person *who);
void ic_together_talk_part(struct ic_together_talk *t, const uint8_t key[IC_TOGETHER_KEY]);
/* Leaves and hosts change with epochs. */
void ic_together_talk_refresh(struct ic_together_talk *t, const struct ic_meeting *m);
void ic_together_talk_tell(struct ic_together_talk *t, struct talker *p,
                           const struct ic_together_status *s, uint64_t now_ms);
void ic_together_talk_records(struct ic_together_talk *t, struct talker *p, bool on, bool present);
void ic_together_talk_frames_told(struct ic_together_talk *t);
/* Counts one more reaction; false where there are too many at once. */
bool ic_together_talk_may_react(struct talker *p, uint64_t now_ms);

/* ---- marks.c ---- */
/* False where nothing changed, or there is no room. */
bool ic_together_marks_put(struct ic_together_talk *t, const struct ic_meeting_person *who,
                           const struct ic_together_mark *m);

#endif

/* What people tell each other beside plain lines: lines that mention or reply, marks on lines, who has microphone,
 * camera or hand up, who records, requests to mute, signs that float by. One object beside a meeting.
 *
 *     while (ic_meeting_next_event(m, &e)) {
 *         if (!ic_together_talk_take(t, &e, m, now_ms))    // every event passes here, oldest first
 *             show(&e);                                    // not this object's matter
 *         while (ic_together_talk_next(t, &said))
 *             tell(&said);                                 // or ic_together_talk_json (ic/together/json.h)
 *     }
 *     ... ic_together_talk_tick(t, m, now_ms) at ic_together_talk_deadline_ms(t) ...
 *     ic_together_talk_hand(t, m, true, now_ms);
 *
 * The object follows who is there by the meeting's events, keeps what each device last told of itself, and tells our
 * own to newcomers. It borrows the meeting for a call. One thread at a time.
 * docs/protocol/together.md decides; nothing here is a permission but a host's request to mute, which the
 * application honours by itself.
 */
#ifndef IC_TOGETHER_TALK_H
#define IC_TOGETHER_TALK_H

#include <ic/meeting/meeting.h>
#include <ic/together/body.h>

struct ic_together_talk;

ic_err ic_together_talk_new(struct ic_together_talk **out);
void ic_together_talk_free(struct ic_together_talk *t);

/* True where the event is told by ic_together_talk_next alone. m may be NULL: then leaves are as the events say. */
bool ic_together_talk_take(struct ic_together_talk *t, const struct ic_meeting_event *e,
                           const struct ic_meeting *m, uint64_t now_ms);
void ic_together_talk_tick(struct ic_together_talk *t, struct ic_meeting *m, uint64_t now_ms);
uint64_t ic_together_talk_deadline_ms(const struct ic_together_talk *t); /* UINT64_MAX: none */

/* ---- what people do: the errors of ic_meeting_say, and ---- */
struct ic_together_say {
    struct ic_view text;
    uint64_t reply;         /* seq; 0: none */
    const uint32_t *leaves; /* whom it mentions, at most IC_TOGETHER_MENTIONS_MAX */
    size_t leaf_count;
    bool everybody;
};
/* IC_ERR_NOT_FOUND for a leaf that nobody has, IC_ERR_MALFORMED, IC_ERR_LIMIT. Goes as a plain line where it
 * neither mentions nor replies. */
ic_err ic_together_talk_say(struct ic_together_talk *t, struct ic_meeting *m,
                            const struct ic_together_say *s, uint64_t now_ms);
/* Puts a sign on a line, or takes it back. */
ic_err ic_together_talk_mark(struct ic_together_talk *t, struct ic_meeting *m, uint64_t seq,
                             struct ic_view sign, bool put, uint64_t now_ms);
/* A sign for the moment; IC_ERR_BUSY above 5 in a second. */
ic_err ic_together_talk_react(struct ic_together_talk *t, struct ic_meeting *m, struct ic_view sign,
                              uint64_t now_ms);
/* Our own devices: told at once, and to newcomers. hand_ms, recording and change are not looked at. What is as it
 * was is not told again. */
ic_err ic_together_talk_status(struct ic_together_talk *t, struct ic_meeting *m,
                               const struct ic_together_status *s, uint64_t now_ms);
ic_err ic_together_talk_hand(struct ic_together_talk *t, struct ic_meeting *m, bool up,
                             uint64_t now_ms);
/* That we record, or have stopped: told in the order, once. */
ic_err ic_together_talk_record(struct ic_together_talk *t, struct ic_meeting *m, bool on,
                               uint64_t now_ms);
/* IC_ERR_DENIED: only a host asks. leaf IC_TOGETHER_ALL: everybody else. */
#define IC_TOGETHER_ALL UINT32_MAX
ic_err ic_together_talk_mute(struct ic_together_talk *t, struct ic_meeting *m, uint32_t leaf,
                             uint64_t now_ms);

/* ---- what was told ---- */
enum ic_together_talk_event_type {
    IC_TOGETHER_EV_LINE = 1,
    IC_TOGETHER_EV_MARKS, /* the marks of a line, as they are now */
    IC_TOGETHER_EV_STATUS,
    IC_TOGETHER_EV_HANDS,     /* who has the hand up, in order: ic_together_talk_hand_at */
    IC_TOGETHER_EV_MUTE,      /* a host asks */
    IC_TOGETHER_EV_REACTION,  /* for the moment */
    IC_TOGETHER_EV_RECORDING, /* somebody records, or has stopped */
    IC_TOGETHER_EV_FRAMES,    /* what all others can receive has changed */
};

struct ic_together_talk_event {
    enum ic_together_talk_event_type type;
    struct ic_meeting_person person; /* whose; MARKS: who changed them. Not HANDS and FRAMES */
    uint64_t seq;                    /* LINE, MARKS */
    uint64_t reply;                  /* LINE */
    bool everybody;                  /* LINE, MUTE */
    bool you;                        /* LINE, MUTE: it concerns this device */
    bool on;                         /* RECORDING; MARKS: put, not taken back; FRAMES: opaque */
    bool present;                    /* RECORDING: it did so before we came */
    uint8_t codecs;                  /* FRAMES */
    uint32_t leaf;                   /* MUTE: whom, unless everybody */
    size_t mention_count;            /* LINE: of those who are here */
    uint32_t mentions[IC_TOGETHER_MENTIONS_MAX];
    struct ic_together_status status; /* STATUS */
    struct ic_buf text;               /* LINE; MARKS and REACTION: the sign */
};

/* Moves the oldest event into out; false when there is none. Release with ic_together_talk_event_clear. */
bool ic_together_talk_next(struct ic_together_talk *t, struct ic_together_talk_event *out);
void ic_together_talk_event_clear(struct ic_together_talk_event *e);

/* ---- looking ---- */
/* What the device at this leaf last told; false where it has told nothing. */
bool ic_together_talk_status_of(const struct ic_together_talk *t, uint32_t leaf,
                                struct ic_together_status *out);
/* The i-th who has the hand up, longest first; false past the end. */
bool ic_together_talk_hand_at(const struct ic_together_talk *t, size_t i,
                              struct ic_meeting_person *out);
/* What all others can receive: opaque frames (else the clear-byte profile), and these codecs. A native client that has
 * told nothing yet can receive all, a web client little. */
void ic_together_talk_frames(const struct ic_together_talk *t, bool *opaque, uint8_t *codecs);

struct ic_together_marks { /* one sign on one line */
    struct ic_view sign;   /* borrowed until the next call of take */
    size_t count;
    bool own;
};
/* The i-th sign on the line with this seq, oldest first; false past the end. */
bool ic_together_talk_marks(const struct ic_together_talk *t, uint64_t seq, size_t i,
                            struct ic_together_marks *out);
/* The k-th who put this sign there: a name, NULL past the end. Borrowed until the next call of take. */
const char *ic_together_talk_marked_by(const struct ic_together_talk *t, uint64_t seq,
                                       struct ic_view sign, size_t k);

#endif

/* Remote control of a shared screen, as every device of the meeting follows it: somebody asks, whose screen it is
 * grants, and takes it back at any time. Requests, grants and revocations are lines of the meeting's order, signed
 * by who says them; input is for the moment, and counts only from the one grantee while the grant stands.
 *
 *     struct ic_together_control *c;
 *     IC_TRY(ic_together_control_new(rand, &c));
 *     ic_together_control_self(c, author);
 *     ic_together_control_offer(c, IC_TOGETHER_CONTROL_READY);      // our screen is shared, and we can inject
 *     ic_together_control_said(c, &from, kind, body, seq, now_ms);  // kinds 48 to 51
 *     ic_together_control_grant(c, requester, IC_TOGETHER_CONTROL_POINTER | IC_TOGETHER_CONTROL_KEYS);
 *     while (ic_together_control_next_body(c, &kind, &transient)) ..., ic_together_control_took(c)
 *     while (ic_together_control_next_event(c, &event)) ...         // INPUT: to be injected, in order
 *     ic_together_control_free(c);
 *
 * However control ends, the keys and buttons that it held are let go: INPUT events say which. One object belongs
 * to one thread at a time. docs/protocol/control.md decides.
 */
#ifndef IC_TOGETHER_CONTROL_H
#define IC_TOGETHER_CONTROL_H

#include <ic/base/buf.h>
#include <ic/base/rand.h>

enum {
    IC_TOGETHER_CONTROL_INPUTS = 32,   /* of one body */
    IC_TOGETHER_CONTROL_RATE = 120,    /* bodies a second, at most twice that at once */
    IC_TOGETHER_CONTROL_REQUESTS = 16, /* that wait for an answer */
    IC_TOGETHER_CONTROL_GRANTS = 32,   /* in the meeting; one for a screen */
    IC_TOGETHER_CONTROL_BUTTONS = 9,
    IC_TOGETHER_CONTROL_HELD = 32, /* keys at once */
};

enum { IC_TOGETHER_CONTROL_POINTER = 1, IC_TOGETHER_CONTROL_KEYS = 2 }; /* what a grant allows */

enum ic_together_control_reason {
    IC_TOGETHER_CONTROL_REFUSED = 1, /* the sharer says no */
    IC_TOGETHER_CONTROL_STOPPED,     /* the sharer takes it back */
    IC_TOGETHER_CONTROL_RELEASED,    /* the grantee gives it back */
    IC_TOGETHER_CONTROL_NOT_SHARING, /* no screen is shared, or no longer */
    IC_TOGETHER_CONTROL_BROWSER,     /* a browser cannot inject input */
    IC_TOGETHER_CONTROL_SESSION,     /* this desktop session cannot: not X11, or without XTest */
    IC_TOGETHER_CONTROL_LEFT,        /* one of both went */
    IC_TOGETHER_CONTROL_SUPERSEDED,  /* somebody else got it */
    IC_TOGETHER_CONTROL_REASON_COUNT
};

enum ic_together_control_offer { /* of our own screen; why not is the answer to requests */
                                 IC_TOGETHER_CONTROL_NONE = IC_TOGETHER_CONTROL_NOT_SHARING,
                                 IC_TOGETHER_CONTROL_IN_BROWSER = IC_TOGETHER_CONTROL_BROWSER,
                                 IC_TOGETHER_CONTROL_NO_SESSION = IC_TOGETHER_CONTROL_SESSION,
                                 IC_TOGETHER_CONTROL_READY = 100
};

enum ic_together_input_type {
    IC_TOGETHER_INPUT_MOVE = 1, /* x, y: of the picture, 0 to 65535 */
    IC_TOGETHER_INPUT_BUTTON,   /* code 1 left, 2 middle, 3 right, 8 back, 9 forward; down */
    IC_TOGETHER_INPUT_WHEEL,    /* dx, dy: clicks, to the right and down */
    IC_TOGETHER_INPUT_KEY       /* code: X keysym; down */
};
struct ic_together_input {
    uint8_t type;
    uint16_t x, y;
    int8_t dx, dy;
    uint32_t code;
    bool down;
};

/* Appends the body of kind 51. IC_ERR_LIMIT, IC_ERR_RANGE. */
ic_err ic_together_input_encode(uint64_t sharer, uint32_t grant, uint32_t number,
                                const struct ic_together_input *inputs, size_t count,
                                struct ic_buf *out);
/* inputs: IC_TOGETHER_CONTROL_INPUTS of them. IC_ERR_UNSUPPORTED, _MALFORMED, _TRUNCATED, _TRAILING, _RANGE. */
ic_err ic_together_input_decode(struct ic_view body, uint64_t *sharer, uint32_t *grant,
                                uint32_t *number, struct ic_together_input *inputs, size_t *count);

struct ic_together_control;
struct ic_together_control_from {
    uint64_t author;
    bool self, host;
};

enum ic_together_control_event_type {
    IC_TOGETHER_CONTROL_EV_REQUEST = 1, /* `grantee` asks `sharer` */
    IC_TOGETHER_CONTROL_EV_GRANTED,     /* grantee, sharer, allows */
    IC_TOGETHER_CONTROL_EV_REFUSED,     /* grantee's request to sharer: reason */
    IC_TOGETHER_CONTROL_EV_ENDED,       /* grantee, sharer, reason */
    IC_TOGETHER_CONTROL_EV_INPUT,       /* to be injected here */
    IC_TOGETHER_CONTROL_EV_BAD,         /* rule; grantee: whose */
};
struct ic_together_control_event {
    enum ic_together_control_event_type type;
    uint64_t sharer, grantee;
    uint8_t reason, allows;
    const char *rule;
    struct ic_together_input inputs[IC_TOGETHER_CONTROL_INPUTS];
    size_t input_count;
};

ic_err ic_together_control_new(const struct ic_rand *rand, struct ic_together_control **out);
void ic_together_control_free(struct ic_together_control *c);
void ic_together_control_self(struct ic_together_control *c, uint64_t author);
/* Our screen: whether it can be controlled. What no longer can be is taken back. */
void ic_together_control_offer(struct ic_together_control *c, enum ic_together_control_offer o);
void ic_together_control_said(struct ic_together_control *c,
                              const struct ic_together_control_from *from, uint16_t kind,
                              struct ic_view body, uint64_t seq, uint64_t now_ms);
/* They went out of the group: whatever they controlled, or shared, is over at once. */
void ic_together_control_left(struct ic_together_control *c, uint64_t author);
/* They have lost their connection: what we granted them is taken back. */
void ic_together_control_away(struct ic_together_control *c, uint64_t author);

/* IC_ERR_STATE where we are not known yet, or have asked already; IC_ERR_ARG: our own screen. */
ic_err ic_together_control_request(struct ic_together_control *c, uint64_t sharer);
/* IC_ERR_NOT_FOUND: they do not ask. IC_ERR_STATE: our screen cannot be controlled now. */
ic_err ic_together_control_grant(struct ic_together_control *c, uint64_t grantee, uint8_t allows);
ic_err ic_together_control_refuse(struct ic_together_control *c, uint64_t grantee);
/* Escape: as sharer takes back what we granted, as grantee gives back what we hold. At once here.
 * IC_ERR_NOT_FOUND: there is nothing. */
ic_err ic_together_control_stop(struct ic_together_control *c);
/* A host ends the control of that screen. IC_ERR_NOT_FOUND. */
ic_err ic_together_control_revoke(struct ic_together_control *c, uint64_t sharer);
/* Input for the screen that we control. IC_ERR_STATE: none, IC_ERR_DENIED: that is not allowed,
 * IC_ERR_LIMIT, IC_ERR_RANGE. */
ic_err ic_together_control_input(struct ic_together_control *c,
                                 const struct ic_together_input *inputs, size_t count);

struct ic_view ic_together_control_next_body(const struct ic_together_control *c, uint16_t *kind,
                                             bool *transient);
void ic_together_control_took(struct ic_together_control *c);
bool ic_together_control_next_event(struct ic_together_control *c,
                                    struct ic_together_control_event *out);
/* Who controls that screen, 0: nobody. Whom we control, 0: nobody. The i-th who asks us, 0 past the end. */
uint64_t ic_together_control_grantee(const struct ic_together_control *c, uint64_t sharer);
uint64_t ic_together_control_held(const struct ic_together_control *c);
uint64_t ic_together_control_asks(const struct ic_together_control *c, size_t i);
/* "stopped": stable, for programs. Never NULL. */
const char *ic_together_control_reason_name(uint8_t reason);

#endif

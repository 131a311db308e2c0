/* Remote control inside. */
#ifndef IC_TOGETHER_SRC_CONTROL_H
#define IC_TOGETHER_SRC_CONTROL_H

#include <ic/base/reader.h>
#include <ic/base/writer.h>
#include <ic/together/control.h>
#include <ic/together/kinds.h>

enum { CONTROL_VERSION = 1, CONTROL_BODIES_MAX = 64, CONTROL_EVENTS_MAX = 128 };

struct control_request {
    uint64_t target;
    uint32_t number;
};
struct control_grant {
    uint64_t grantee;
    uint32_t number, grant;
    uint8_t allows;
};
struct control_revoke {
    uint64_t sharer, grantee;
    uint32_t number; /* of the grant; of the request, where it is refused */
    uint8_t reason;
};

/* control_body.c; what is not of this version is IC_ERR_UNSUPPORTED */
ic_err ic_together_control_request_write(const struct control_request *q, struct ic_buf *out);
ic_err ic_together_control_request_read(struct ic_view body, struct control_request *out);
ic_err ic_together_control_grant_write(const struct control_grant *g, struct ic_buf *out);
ic_err ic_together_control_grant_read(struct ic_view body, struct control_grant *out);
ic_err ic_together_control_revoke_write(const struct control_revoke *v, struct ic_buf *out);
ic_err ic_together_control_revoke_read(struct ic_view body, struct control_revoke *out);

/* What a grantee holds down on our screen. control_held.c */
struct control_held {
    uint32_t keys[IC_TOGETHER_CONTROL_HELD];
    size_t key_count;
    uint16_t buttons; /* bit by number */
};
void ic_together_control_hold(struct control_held *h, const struct ic_together_input *in);
/* Fills at most max inputs that let go; call until it gives 0. */
size_t ic_together_control_let_go(struct control_held *h, struct ic_together_input *out,
                                  size_t max);

struct asking {
    uint64_t author;
    uint32_t number;
};

struct holding {
    uint64_t sharer, grantee;
    uint32_t grant;
    uint8_t allows;
};

struct waiting_body {
    uint16_t kind;
    bool transient;
    uint8_t p[256];
    size_t len;
};

struct ic_together_control {
    struct ic_rand rand;
    uint64_t self;
    enum ic_together_control_offer offer;
    struct asking asks[IC_TOGETHER_CONTROL_REQUESTS]; /* of us */
    size_t ask_count;
    struct asking ours; /* whom we ask; author 0: nobody */
    struct holding grants[IC_TOGETHER_CONTROL_GRANTS];
    size_t grant_count;
    uint32_t said; /* the number of our last input */
    /* as sharer */
    uint32_t heard; /* the number of the grantee's last input */
    struct control_held held;
    uint64_t budget_milli, budget_ms, told_bad_ms;
    struct waiting_body bodies[CONTROL_BODIES_MAX];
    size_t body_first, body_count;
    struct ic_together_control_event events[CONTROL_EVENTS_MAX];
    size_t event_first, event_count;
};

/* control_queue.c */
ic_err ic_together_control_say(struct ic_together_control *c, uint16_t kind, bool transient,
                               const struct ic_buf *body);
ic_err ic_together_control_say_revoke(struct ic_together_control *c, uint64_t sharer,
                                      uint64_t grantee, uint32_t number, uint8_t reason);
struct ic_together_control_event *ic_together_control_tell(struct ic_together_control *c,
                                                           enum ic_together_control_event_type type,
                                                           uint64_t sharer, uint64_t grantee);
void ic_together_control_bad(struct ic_together_control *c, uint64_t author, const char *rule);

#endif

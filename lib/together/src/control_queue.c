/* What waits to be said, and to be shown. */
#include "control.h"

#include <string.h>

/* ---- out ---- */

ic_err ic_together_control_say(struct ic_together_control *c, uint16_t kind, bool transient,
                               const struct ic_buf *body)
{
    if (c->body_count == CONTROL_BODIES_MAX || body->len > sizeof c->bodies[0].p)
        return IC_ERR_LIMIT;
    struct waiting_body *b = &c->bodies[(c->body_first + c->body_count++) % CONTROL_BODIES_MAX];
    b->kind = kind;
    b->transient = transient;
    b->len = body->len;
    memcpy(b->p, body->p, body->len);
    return IC_OK;
}

struct ic_view ic_together_control_next_body(const struct ic_together_control *c, uint16_t *kind,
                                             bool *transient)
{
    if (c->body_count == 0)
        return ic_view(NULL, 0);
    const struct waiting_body *b = &c->bodies[c->body_first];
    *kind = b->kind;
    *transient = b->transient;
    return ic_view(b->p, b->len);
}

void ic_together_control_took(struct ic_together_control *c)
{
    if (c->body_count == 0)
        return;
    c->body_first = (c->body_first + 1) % CONTROL_BODIES_MAX;
    c->body_count--;
}

ic_err ic_together_control_say_revoke(struct ic_together_control *c, uint64_t sharer,
                                      uint64_t grantee, uint32_t number, uint8_t reason)
{
    IC_BUF_SCOPE(body, 64);
    struct control_revoke v = {sharer, grantee, number, reason};
    IC_TRY(ic_together_control_revoke_write(&v, &body));
    return ic_together_control_say(c, IC_TOGETHER_CONTROL_REVOKE, false, &body);
}

/* ---- events ---- */

struct ic_together_control_event *ic_together_control_tell(struct ic_together_control *c,
                                                           enum ic_together_control_event_type type,
                                                           uint64_t sharer, uint64_t grantee)
{
    if (c->event_count == CONTROL_EVENTS_MAX) { /* nobody looks: the oldest goes */
        c->event_first = (c->event_first + 1) % CONTROL_EVENTS_MAX;
        c->event_count--;
    }
    size_t at = (c->event_first + c->event_count++) % CONTROL_EVENTS_MAX;
    c->events[at] =
        (struct ic_together_control_event){.type = type, .sharer = sharer, .grantee = grantee};
    return &c->events[at];
}

bool ic_together_control_next_event(struct ic_together_control *c,
                                    struct ic_together_control_event *out)
{
    if (c->event_count == 0)
        return false;
    *out = c->events[c->event_first];
    c->event_first = (c->event_first + 1) % CONTROL_EVENTS_MAX;
    c->event_count--;
    return true;
}

void ic_together_control_bad(struct ic_together_control *c, uint64_t author, const char *rule)
{
    ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_BAD, 0, author)->rule = rule;
}

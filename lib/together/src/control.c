/* Who controls which screen: the same lines in the same order at every device. */
#include "control.h"

#include <ic/base/mem.h>
#include <string.h>

ic_err ic_together_control_new(const struct ic_rand *rand, struct ic_together_control **out)
{
    struct ic_together_control *c = ic_new(struct ic_together_control);
    if (!c)
        return IC_ERR_NOMEM;
    c->rand = *rand;
    c->offer = IC_TOGETHER_CONTROL_NONE;
    *out = c;
    return IC_OK;
}

void ic_together_control_free(struct ic_together_control *c)
{
    ic_free(c);
}

void ic_together_control_self(struct ic_together_control *c, uint64_t author)
{
    c->self = author;
}

const char *ic_together_control_reason_name(uint8_t reason)
{
    static const char *const names[] = {"",        "refused", "stopped", "released",  "not-sharing",
                                        "browser", "session", "left",    "superseded"};
    return reason < IC_ARRAY_LEN(names) ? names[reason] : "";
}

/* ---- lists ---- */

static struct holding *grant_on(struct ic_together_control *c, uint64_t sharer)
{
    for (size_t i = 0; i < c->grant_count; i++)
        if (c->grants[i].sharer == sharer)
            return &c->grants[i];
    return NULL;
}

static struct holding *grant_to(struct ic_together_control *c, uint64_t grantee)
{
    for (size_t i = 0; i < c->grant_count; i++)
        if (c->grants[i].grantee == grantee)
            return &c->grants[i];
    return NULL;
}

static void let_go(struct ic_together_control *c, const struct holding *h)
{
    struct ic_together_input inputs[IC_TOGETHER_CONTROL_INPUTS];
    for (size_t n; (n = ic_together_control_let_go(&c->held, inputs, IC_ARRAY_LEN(inputs))) > 0;) {
        struct ic_together_control_event *e =
            ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_INPUT, h->sharer, h->grantee);
        memcpy(e->inputs, inputs, sizeof inputs);
        e->input_count = n;
    }
}

static void end(struct ic_together_control *c, struct holding *h, uint8_t reason)
{
    struct holding was = *h;
    *h = c->grants[--c->grant_count];
    if (was.sharer == c->self)
        let_go(c, &was);
    ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_ENDED, was.sharer, was.grantee)->reason =
        reason;
}

static size_t find_ask(const struct ic_together_control *c, uint64_t author)
{
    size_t i = 0;
    while (i < c->ask_count && c->asks[i].author != author)
        i++;
    return i;
}

static void drop_ask(struct ic_together_control *c, size_t i)
{
    memmove(&c->asks[i], &c->asks[i + 1], (--c->ask_count - i) * sizeof c->asks[0]);
}

/* ---- lines ---- */

static void hear_request(struct ic_together_control *c, uint64_t author,
                         const struct control_request *q)
{
    if (q->target == author)
        return;
    if (q->target == c->self) {
        size_t i = find_ask(c, author);
        uint8_t no = c->offer == IC_TOGETHER_CONTROL_READY ? 0 : (uint8_t)c->offer;
        if (i == IC_TOGETHER_CONTROL_REQUESTS)
            no = IC_TOGETHER_CONTROL_REFUSED;
        if (no) {
            IC_IGNORE(ic_together_control_say_revoke(c, c->self, author, q->number, no));
            return;
        }
        if (i == c->ask_count)
            c->ask_count++;
        c->asks[i] = (struct asking){author, q->number};
    }
    ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_REQUEST, q->target, author);
}

static void hear_grant(struct ic_together_control *c, uint64_t author,
                       const struct control_grant *g)
{
    if (g->grantee == author)
        return;
    if (author == c->self) {
        size_t i = find_ask(c, g->grantee);
        if (i < c->ask_count)
            drop_ask(c, i);
        c->heard = 0;
        c->budget_ms = 0;
    }
    if (g->grantee == c->self) {
        /* Who grants what was not asked for would get our keystrokes. */
        if (c->ours.author != author || c->ours.number != g->number) {
            ic_together_control_bad(c, author, "control-not-asked");
            IC_IGNORE(ic_together_control_say_revoke(c, author, c->self, g->grant,
                                                     IC_TOGETHER_CONTROL_RELEASED));
            return;
        }
        c->ours.author = 0;
        c->said = 0;
    }
    struct holding *h = grant_on(c, author);
    if (h)
        end(c, h, IC_TOGETHER_CONTROL_SUPERSEDED);
    h = grant_to(c, g->grantee); /* one screen at a time */
    if (h)
        end(c, h, IC_TOGETHER_CONTROL_SUPERSEDED);
    if (c->grant_count == IC_TOGETHER_CONTROL_GRANTS)
        return;
    c->grants[c->grant_count++] = (struct holding){author, g->grantee, g->grant, g->allows};
    ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_GRANTED, author, g->grantee)->allows =
        g->allows;
}

static void hear_revoke(struct ic_together_control *c, const struct ic_together_control_from *from,
                        const struct control_revoke *v)
{
    struct holding *h = grant_on(c, v->sharer);
    bool sharer = from->author == v->sharer, grantee = from->author == v->grantee;
    if (!sharer && !grantee && !from->host) {
        ic_together_control_bad(c, from->author, "control-not-yours");
        return;
    }
    if (h && h->grantee == v->grantee && h->grant == v->number) {
        end(c, h, v->reason);
        return;
    }
    if (grantee) { /* a request taken back */
        size_t i = find_ask(c, v->grantee);
        if (v->sharer == c->self && i < c->ask_count && c->asks[i].number == v->number) {
            drop_ask(c, i);
            ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_REFUSED, v->sharer, v->grantee)
                ->reason = v->reason;
        }
        return;
    }
    if (v->grantee == c->self && c->ours.author == v->sharer && c->ours.number == v->number) {
        c->ours.author = 0;
        ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_REFUSED, v->sharer, v->grantee)->reason =
            v->reason;
    }
}

/* ---- input ---- */

static bool has_budget(struct ic_together_control *c, uint64_t now_ms)
{
    uint64_t full = UINT64_C(2000) * IC_TOGETHER_CONTROL_RATE;
    uint64_t passed = c->budget_ms ? now_ms - c->budget_ms : 2000;
    if (now_ms < c->budget_ms)
        passed = 0;
    c->budget_milli += (passed > 2000 ? 2000 : passed) * IC_TOGETHER_CONTROL_RATE;
    c->budget_milli = c->budget_milli > full ? full : c->budget_milli;
    c->budget_ms = now_ms;
    if (c->budget_milli < 1000)
        return false;
    c->budget_milli -= 1000;
    return true;
}

static bool allowed(uint8_t allows, const struct ic_together_input *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(allows & (in[i].type == IC_TOGETHER_INPUT_KEY ? IC_TOGETHER_CONTROL_KEYS
                                                            : IC_TOGETHER_CONTROL_POINTER)))
            return false;
    return true;
}

static void hear_input(struct ic_together_control *c, uint64_t author, struct ic_view body,
                       uint64_t now_ms)
{
    struct ic_together_input inputs[IC_TOGETHER_CONTROL_INPUTS] = {0};
    uint64_t sharer;
    uint32_t grant, number;
    size_t count;
    ic_err e = ic_together_input_decode(body, &sharer, &grant, &number, inputs, &count);
    if (e == IC_OK && sharer != c->self)
        return; /* another's screen */
    struct holding *h = grant_on(c, c->self);
    const char *rule = e == IC_ERR_UNSUPPORTED                           ? "control-version"
                       : e != IC_OK                                      ? "control-malformed"
                       : !h || h->grantee != author || h->grant != grant ? "control-not-granted"
                       : number <= c->heard                              ? "control-stale"
                       : !allowed(h->allows, inputs, count)              ? "control-not-allowed"
                       : !has_budget(c, now_ms)                          ? "control-rate"
                                                                         : NULL;
    if (rule) { /* one a second: input comes thick */
        if (now_ms - c->told_bad_ms >= 1000)
            ic_together_control_bad(c, author, rule);
        c->told_bad_ms = now_ms - c->told_bad_ms >= 1000 ? now_ms : c->told_bad_ms;
        return;
    }
    c->heard = number;
    for (size_t i = 0; i < count; i++)
        ic_together_control_hold(&c->held, &inputs[i]);
    struct ic_together_control_event *ev =
        ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_INPUT, sharer, author);
    memcpy(ev->inputs, inputs, sizeof inputs);
    ev->input_count = count;
}

void ic_together_control_said(struct ic_together_control *c,
                              const struct ic_together_control_from *from, uint16_t kind,
                              struct ic_view body, uint64_t seq, uint64_t now_ms)
{
    struct control_request q;
    struct control_grant g;
    struct control_revoke v;
    ic_err e = IC_OK;
    if ((kind == IC_TOGETHER_CONTROL_INPUT) != (seq == 0)) {
        ic_together_control_bad(c, from->author, "control-not-a-line");
        return;
    }
    switch (kind) {
    case IC_TOGETHER_CONTROL_REQUEST:
        if ((e = ic_together_control_request_read(body, &q)) == IC_OK)
            hear_request(c, from->author, &q);
        break;
    case IC_TOGETHER_CONTROL_GRANT:
        if ((e = ic_together_control_grant_read(body, &g)) == IC_OK)
            hear_grant(c, from->author, &g);
        break;
    case IC_TOGETHER_CONTROL_REVOKE:
        if ((e = ic_together_control_revoke_read(body, &v)) == IC_OK)
            hear_revoke(c, from, &v);
        break;
    case IC_TOGETHER_CONTROL_INPUT:
        if (!from->self)
            hear_input(c, from->author, body, now_ms);
        break;
    default:
        break;
    }
    if (e != IC_OK)
        ic_together_control_bad(c, from->author,
                                e == IC_ERR_UNSUPPORTED ? "control-version" : "control-malformed");
}

void ic_together_control_left(struct ic_together_control *c, uint64_t author)
{
    for (size_t i = c->grant_count; i-- > 0;)
        if (i < c->grant_count && (c->grants[i].sharer == author || c->grants[i].grantee == author))
            end(c, &c->grants[i], IC_TOGETHER_CONTROL_LEFT);
    size_t k = find_ask(c, author);
    if (k < c->ask_count) {
        drop_ask(c, k);
        ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_REFUSED, c->self, author)->reason =
            IC_TOGETHER_CONTROL_LEFT;
    }
    if (c->ours.author == author) {
        c->ours.author = 0;
        ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_REFUSED, author, c->self)->reason =
            IC_TOGETHER_CONTROL_LEFT;
    }
}

/* ---- what a person does ---- */

/* At once here; the line tells the others, and finds nothing left to end when it comes back. */
static ic_err take_back(struct ic_together_control *c, struct holding *h, uint8_t reason)
{
    if (!h)
        return IC_ERR_NOT_FOUND;
    IC_TRY(ic_together_control_say_revoke(c, h->sharer, h->grantee, h->grant, reason));
    end(c, h, reason);
    return IC_OK;
}

void ic_together_control_away(struct ic_together_control *c, uint64_t author)
{
    struct holding *h = grant_on(c, c->self);
    if (h && h->grantee == author)
        IC_IGNORE(take_back(c, h, IC_TOGETHER_CONTROL_LEFT));
}

void ic_together_control_offer(struct ic_together_control *c, enum ic_together_control_offer o)
{
    c->offer = o;
    if (o == IC_TOGETHER_CONTROL_READY)
        return;
    IC_IGNORE(take_back(c, grant_on(c, c->self), (uint8_t)o));
    while (c->ask_count) {
        struct asking a = c->asks[0];
        drop_ask(c, 0);
        IC_IGNORE(ic_together_control_say_revoke(c, c->self, a.author, a.number, (uint8_t)o));
        ic_together_control_tell(c, IC_TOGETHER_CONTROL_EV_REFUSED, c->self, a.author)->reason =
            (uint8_t)o;
    }
}

ic_err ic_together_control_request(struct ic_together_control *c, uint64_t sharer)
{
    IC_BUF_SCOPE(body, 64);
    struct control_request q = {.target = sharer};
    if (!c->self || c->ours.author || ic_together_control_held(c) == sharer)
        return IC_ERR_STATE;
    if (sharer == c->self || !sharer)
        return IC_ERR_ARG;
    IC_TRY(ic_rand_fill(&c->rand, (uint8_t *)&q.number, sizeof q.number));
    IC_TRY(ic_together_control_request_write(&q, &body));
    IC_TRY(ic_together_control_say(c, IC_TOGETHER_CONTROL_REQUEST, false, &body));
    c->ours = (struct asking){sharer, q.number};
    return IC_OK;
}

ic_err ic_together_control_grant(struct ic_together_control *c, uint64_t grantee, uint8_t allows)
{
    IC_BUF_SCOPE(body, 64);
    size_t i = find_ask(c, grantee);
    if (i == c->ask_count)
        return IC_ERR_NOT_FOUND;
    if (c->offer != IC_TOGETHER_CONTROL_READY)
        return IC_ERR_STATE;
    struct control_grant g = {.grantee = grantee, .number = c->asks[i].number, .allows = allows};
    if (allows < 1 || allows > 3)
        return IC_ERR_RANGE;
    IC_TRY(ic_rand_fill(&c->rand, (uint8_t *)&g.grant, sizeof g.grant));
    IC_TRY(ic_together_control_grant_write(&g, &body));
    return ic_together_control_say(c, IC_TOGETHER_CONTROL_GRANT, false, &body);
}

ic_err ic_together_control_refuse(struct ic_together_control *c, uint64_t grantee)
{
    size_t i = find_ask(c, grantee);
    if (i == c->ask_count)
        return IC_ERR_NOT_FOUND;
    IC_TRY(ic_together_control_say_revoke(c, c->self, grantee, c->asks[i].number,
                                          IC_TOGETHER_CONTROL_REFUSED));
    drop_ask(c, i);
    return IC_OK;
}

ic_err ic_together_control_stop(struct ic_together_control *c)
{
    ic_err shared = take_back(c, grant_on(c, c->self), IC_TOGETHER_CONTROL_STOPPED);
    ic_err held = take_back(c, grant_to(c, c->self), IC_TOGETHER_CONTROL_RELEASED);
    if (c->ours.author) {
        struct asking a = c->ours;
        c->ours.author = 0;
        held = ic_together_control_say_revoke(c, a.author, c->self, a.number,
                                              IC_TOGETHER_CONTROL_RELEASED);
    }
    return shared == IC_OK ? held == IC_ERR_NOT_FOUND ? IC_OK : held : held;
}

ic_err ic_together_control_revoke(struct ic_together_control *c, uint64_t sharer)
{
    struct holding *h = grant_on(c, sharer);
    return h ? ic_together_control_say_revoke(c, h->sharer, h->grantee, h->grant,
                                              IC_TOGETHER_CONTROL_STOPPED)
             : IC_ERR_NOT_FOUND;
}

ic_err ic_together_control_input(struct ic_together_control *c,
                                 const struct ic_together_input *inputs, size_t count)
{
    IC_BUF_SCOPE(body, 512);
    struct holding *h = grant_to(c, c->self);
    if (!h)
        return IC_ERR_STATE;
    if (!allowed(h->allows, inputs, count))
        return IC_ERR_DENIED;
    IC_TRY(ic_together_input_encode(h->sharer, h->grant, c->said + 1, inputs, count, &body));
    IC_TRY(ic_together_control_say(c, IC_TOGETHER_CONTROL_INPUT, true, &body));
    c->said++;
    return IC_OK;
}

/* ---- looking ---- */

uint64_t ic_together_control_grantee(const struct ic_together_control *c, uint64_t sharer)
{
    for (size_t i = 0; i < c->grant_count; i++)
        if (c->grants[i].sharer == sharer)
            return c->grants[i].grantee;
    return 0;
}

uint64_t ic_together_control_held(const struct ic_together_control *c)
{
    for (size_t i = 0; i < c->grant_count; i++)
        if (c->grants[i].grantee == c->self)
            return c->grants[i].sharer;
    return 0;
}

uint64_t ic_together_control_asks(const struct ic_together_control *c, size_t i)
{
    return i < c->ask_count ? c->asks[i].author : 0;
}

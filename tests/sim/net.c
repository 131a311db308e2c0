/* Packets in flight, in the order in which they arrive, and the man in the middle. */
#include "sim.h"

#include <ic/base/mem.h>
#include <stdlib.h>

struct sim_packet {
    uint64_t due_ms, serial, conn;
    enum sim_way way;
    unsigned who;
    bool close;
    struct ic_buf bytes;
    struct sim_packet *next;
};

static void packet_free(struct sim_packet *p)
{
    ic_buf_clear(&p->bytes);
    ic_free(p);
}

static void put(struct sim *s, enum sim_way way, unsigned who, struct ic_view bytes, bool close,
                uint64_t delay_ms)
{
    struct sim_packet *p = ic_new(struct sim_packet), **at = &s->first;
    if (!p)
        abort();
    *p = (struct sim_packet){.due_ms = s->now_ms + SIM_LATENCY_MS + delay_ms,
                             .serial = s->serial++,
                             .conn = s->people[who].conn,
                             .way = way,
                             .who = who,
                             .close = close};
    ic_buf_init(&p->bytes, 2 * IC_WIRE_MAX);
    if (ic_buf_append(&p->bytes, bytes) != IC_OK)
        abort();
    while (*at && (*at)->due_ms <= p->due_ms)
        at = &(*at)->next;
    p->next = *at;
    *at = p;
}

static void trace(const struct sim *s, const struct sim_passing *p, const char *what)
{
    if (!s->trace)
        return;
    const struct ic_wire_frame *f = p->f;
    sim_trace(s, "%s %s %s %s req=%u len=%zu%s%.*s", s->people[p->who].name,
              p->way == SIM_UP ? ">" : "<", f ? ic_wire_type_name(f->type) : "?", what,
              f ? f->request : 0, p->bytes.len, f && f->type == IC_WIRE_ERROR ? " " : "",
              f && f->type == IC_WIRE_ERROR ? (int)f->error.text.len : 0,
              f && f->type == IC_WIRE_ERROR ? (const char *)f->error.text.p : "");
}

void sim_send(struct sim *s, enum sim_way way, unsigned who, struct ic_view bytes)
{
    struct ic_wire_frame f;
    bool decoded = ic_wire_decode(bytes, &f) == IC_OK;
    struct sim_passing p = {.way = way, .who = who, .bytes = bytes, .f = decoded ? &f : NULL};
    s->frames++;
    enum sim_verdict v = s->middle ? s->middle(s, s->middle_ctx, &p) : SIM_PASS;
    trace(s, &p, v == SIM_DROP ? "dropped" : v == SIM_CHANGED ? "changed" : "");
    if (v == SIM_DROP)
        return;
    IC_BUF_SCOPE(changed, 2 * IC_WIRE_MAX);
    if (v == SIM_CHANGED && ic_wire_encode(&f, &changed) != IC_OK)
        ic_test_fail(__FILE__, __LINE__, "the changed frame does not encode");
    put(s, way, who, v == SIM_CHANGED ? ic_buf_view(&changed) : bytes, false, p.delay_ms);
}

void sim_send_close(struct sim *s, unsigned who)
{
    put(s, SIM_DOWN, who, ic_view(NULL, 0), true, 0);
}

void sim_middle(struct sim *s, sim_middle_fn *fn, void *ctx)
{
    s->middle = fn;
    s->middle_ctx = ctx;
}

void sim_inject_bytes(struct sim *s, enum sim_way way, unsigned who, struct ic_view bytes,
                      uint64_t delay_ms)
{
    struct ic_wire_frame f;
    struct sim_passing p = {.way = way,
                            .who = who,
                            .bytes = bytes,
                            .f = ic_wire_decode(bytes, &f) == IC_OK ? &f : NULL};
    trace(s, &p, "injected");
    put(s, way, who, bytes, false, delay_ms);
}

void sim_inject(struct sim *s, enum sim_way way, unsigned who, const struct ic_wire_frame *f,
                uint64_t delay_ms)
{
    IC_BUF_SCOPE(bytes, 2 * IC_WIRE_MAX);
    if (ic_wire_encode(f, &bytes) != IC_OK)
        ic_test_fail(__FILE__, __LINE__, "the injected frame does not encode");
    sim_inject_bytes(s, way, who, ic_buf_view(&bytes), delay_ms);
}

bool sim_net_next(const struct sim *s, uint64_t *due)
{
    if (s->first)
        *due = s->first->due_ms;
    return s->first != NULL;
}

void sim_net_deliver(struct sim *s)
{
    struct sim_packet *p = s->first;
    s->first = p->next;
    /* What was sent on a line that is gone arrives nowhere. */
    if (p->conn && p->conn == s->people[p->who].conn) {
        if (p->close)
            sim_person_closed(s, p->who);
        else if (p->way == SIM_UP)
            sim_server_frame(s, p->who, ic_buf_view(&p->bytes));
        else
            sim_person_receive(s, p->who, ic_buf_view(&p->bytes));
    }
    packet_free(p);
}

void sim_net_forget(struct sim *s, uint64_t conn)
{
    for (struct sim_packet **at = &s->first; *at;) {
        struct sim_packet *p = *at;
        if (p->conn != conn) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        packet_free(p);
    }
}

void sim_net_clear(struct sim *s)
{
    while (s->first) {
        struct sim_packet *p = s->first;
        s->first = p->next;
        packet_free(p);
    }
}

/* What the forwarder says back to the control thread. */
#include "control.h"
#include <ic/base/mem.h>
#include <stdio.h>

static uint32_t leaf_of(const struct control_room *r, uint32_t source)
{
    for (size_t i = 0; i < r->source_count; i++)
        if (r->sources[i]->source == source)
            return r->sources[i]->leaf;
    return 0;
}

static void tell_opened(struct icd_sfu *s, const struct control_session *c,
                        const struct icd_media_events *events, void *ctx)
{
    struct ic_wire_media_opened a = {
        .ufrag = ic_view_cstr(c->local.ufrag),
        .pwd = ic_view_cstr(c->local.pwd),
        .fingerprint = ic_rtc_cert_fingerprint(s->cert),
        .address_count = s->config.address_count,
        .slot_count = c->slot_count,
    };
    for (size_t i = 0; i < a.address_count; i++) {
        a.addresses[i].host = ic_view_cstr(s->addresses[i]);
        a.addresses[i].port = c->shard->port;
    }
    for (size_t i = 0; i < c->slot_count; i++)
        a.slots[i] = (struct ic_wire_slot){.kind = c->slots[i].kind, .ssrc = c->slots[i].ssrc};
    events->opened(ctx, c->id, &a);
    if (c->room->speaker)
        events->speaker(ctx, c->id, c->room->speaker, leaf_of(c->room, c->room->speaker));
}

/* Each shard finds it out by itself, for those who are there. */
static void tell_speaker(struct icd_sfu *s, const struct event *e,
                         const struct icd_media_events *events, void *ctx)
{
    size_t it = 0;
    void *value;
    struct ic_view key;
    while (ic_map_next(&s->sessions, &it, &key, &value)) {
        struct control_session *c = value;
        if (c->room->id != e->room || c->shard->id != e->shard)
            continue;
        c->room->speaker = e->speaker;
        events->speaker(ctx, c->id, e->speaker, leaf_of(c->room, e->speaker));
    }
}

static void tell_slots(const struct event *e, const struct icd_media_events *events, void *ctx)
{
    struct ic_wire_media_slots slots = {.slot_count = e->slot_count};
    for (size_t i = 0; i < e->slot_count; i++)
        slots.slots[i] = (struct ic_wire_slot){
            .kind = e->slots[i].kind, .ssrc = e->slots[i].ssrc, .source = e->slots[i].source};
    events->slots(ctx, e->session, &slots);
}

/* session 0: everybody there. */
static void tell_sources(const struct control_room *r, uint64_t session,
                         const struct icd_media_events *events, void *ctx)
{
    size_t n = 0;
    struct ic_wire_source *list =
        ic_new_array(r->source_count ? r->source_count : 1, struct ic_wire_source);
    if (!list)
        return;
    for (size_t i = 0; i < r->source_count; i++)
        if (r->sources[i]->layer == 0)
            list[n++] = (struct ic_wire_source){.source = r->sources[i]->source,
                                                .kind = r->sources[i]->kind,
                                                .context = r->sources[i]->context,
                                                .leaf = r->sources[i]->leaf};
    events->sources(ctx, r->id, session, list, n);
    ic_free(list);
}

static void take_event(struct icd_sfu *s, const struct event *e,
                       const struct icd_media_events *events, void *ctx)
{
    if (e->type == EVENT_SPEAKER) {
        tell_speaker(s, e, events, ctx);
        return;
    }
    struct control_session *c = icd_sfu_control_find(s, e->session);
    if (!c)
        return; /* closed meanwhile */
    switch (e->type) {
    case EVENT_OPENED:
        tell_opened(s, c, events, ctx);
        if (!c->room->dirty && c->room->source_count > 0)
            tell_sources(c->room, c->id, events, ctx);
        break;
    case EVENT_SLOTS:
        tell_slots(e, events, ctx);
        break;
    case EVENT_SPEAKER:
        break;
    case EVENT_CLOSED:
        icd_sfu_control_end(s, c, false);
        events->closed(ctx, e->session,
                       e->why == IC_OK ? "the peer closed it" : ic_err_text(e->why));
        break;
    }
}

static struct control_room *next_dirty(struct icd_sfu *s)
{
    size_t it = 0;
    void *value;
    struct ic_view key;
    while (ic_map_next(&s->rooms, &it, &key, &value))
        if (((struct control_room *)value)->dirty)
            return value;
    return NULL;
}

void icd_sfu_control_poll(void *self, const struct icd_media_events *events, void *ctx)
{
    struct icd_sfu *s = self;
    struct icd_sfu_node *n;
    struct control_room *r;
    while ((n = icd_sfu_queue_pop(&s->events)) != NULL) {
        struct event *e = (struct event *)n;
        take_event(s, e, events, ctx);
        ic_free(e);
    }
    while ((r = next_dirty(s)) != NULL) {
        r->dirty = false;
        tell_sources(r, 0, events, ctx);
    }
}

ic_err icd_sfu_control_metrics(void *self, struct ic_buf *out)
{
    struct icd_sfu_counters c;
    icd_sfu_counters(self, &c);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"packets_in_total", c.packets_in},
        {"packets_out_total", c.packets_out},
        {"bytes_in_total", c.bytes_in},
        {"bytes_out_total", c.bytes_out},
        {"dropped_total{why=\"malformed\"}", c.dropped_malformed},
        {"dropped_total{why=\"stranger\"}", c.dropped_stranger},
        {"dropped_total{why=\"limit\"}", c.dropped_limit},
        {"dropped_total{why=\"not_authentic\"}", c.dropped_auth},
        {"dropped_total{why=\"send\"}", c.dropped_send},
        {"dropped_total{why=\"crossing\"}", c.crossed_lost},
        {"crossed_total", c.crossed},
        {"nacks_in_total", c.nacks_in},
        {"nacks_answered_total", c.nacks_answered},
        {"nacks_out_total", c.nacks_out},
        {"key_requests_in_total", c.key_requests_in},
        {"key_requests_out_total", c.key_requests_out},
        {"transports", c.transports},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        char line[128];
        int n = snprintf(line, sizeof line, "incamera_media_%s %llu\n", rows[i].name,
                         (unsigned long long)rows[i].value);
        IC_TRY(ic_buf_append(out, ic_view(line, (size_t)n)));
    }
    return IC_OK;
}

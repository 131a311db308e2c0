#include "shard.h"
#include <ic/base/mem.h>
#include <string.h>

static void packet(void *ctx, bool rtcp, uint8_t *bytes, size_t len, uint64_t index,
                   uint64_t now_ms);

static struct ic_view addr_key(const struct ic_rtc_addr *a)
{
    /* Address, port, family: no padding lies between them. */
    _Static_assert(offsetof(struct ic_rtc_addr, family) == 18, "the key has no gaps");
    return ic_view(a, 19);
}

static ic_err make_slots(struct peer *p, const struct message *m)
{
    for (size_t i = 0; i < m->slot_count; i++) {
        struct slot *slot = &p->slots[i];
        size_t n = m->slots[i].kind == IC_WIRE_AUDIO ? AUDIO_HISTORY : VIDEO_HISTORY;
        slot->peer = p;
        slot->kind = m->slots[i].kind;
        slot->ssrc = m->slots[i].ssrc;
        slot->next_out = m->slots[i].first_seq;
        slot->mask = (uint32_t)(n - 1);
        slot->height = IC_WIRE_HEIGHT_ANY;
        slot->spatial = NO_LAYER;
        slot->history = ic_new_array(n, struct sent);
        if (!slot->history)
            return IC_ERR_NOMEM;
        p->slot_count = i + 1;
    }
    return IC_OK;
}

static ic_err set_up(struct shard *s, struct peer *p, const struct message *m)
{
    struct ic_rtc_transport_config c = {
        .server = true,
        .local = m->local,
        .remote = m->remote,
        .cert = s->sfu->cert,
        /* Its sources and those that took their place, its RTCP, which in some browsers has an SSRC a
         * slot; our slots and RTCP in the other direction. */
        .max_ssrcs = m->slot_count + 3 * ICD_SFU_SOURCES_MAX,
        .rand = icd_sfu_rand(),
        .ctx = p,
        .send = icd_sfu_shard_datagram,
        .packet = packet,
    };
    memcpy(c.fingerprint, m->fingerprint, sizeof c.fingerprint);
    IC_TRY(make_slots(p, m));
    ic_err e = ic_rtc_transport_new(&c, s->now_ms, &p->transport);
    ic_wipe(&c, sizeof c);
    IC_TRY(e);
    memcpy(p->ufrag, m->local.ufrag, sizeof p->ufrag);
    IC_TRY(ic_map_put(&s->peers, ic_view(&p->session, sizeof p->session), p));
    return ic_map_put(&s->ufrags, ic_view_cstr(p->ufrag), p);
}

static void tell_closed(struct shard *s, uint64_t session, ic_err why)
{
    struct event *e = ic_new(struct event);
    if (!e)
        return;
    e->type = EVENT_CLOSED;
    e->session = session;
    e->why = why;
    icd_sfu_event(s->sfu, e);
}

static void release(struct shard *s, struct peer *p)
{
    if (ic_map_get(&s->peers, ic_view(&p->session, sizeof p->session)) == p)
        ic_map_remove(&s->peers, ic_view(&p->session, sizeof p->session));
    if (ic_map_get(&s->ufrags, ic_view_cstr(p->ufrag)) == p)
        ic_map_remove(&s->ufrags, ic_view_cstr(p->ufrag));
    if (p->addr.family && ic_map_get(&s->addrs, addr_key(&p->addr)) == p)
        ic_map_remove(&s->addrs, addr_key(&p->addr));
    for (size_t i = 0; i < p->slot_count; i++) {
        ic_free(p->slots[i].history);
        ic_free(p->slots[i].dropped);
    }
    ic_rtc_transport_free(p->transport);
    ic_free(p);
}

void icd_sfu_peer_open(struct shard *s, const struct message *m)
{
    struct room *r = icd_sfu_room_find(s, m->room, true);
    struct peer *p = r ? ic_new(struct peer) : NULL;
    ic_err e = IC_ERR_NOMEM;
    if (p) {
        p->shard = s;
        p->session = m->session;
        p->room = r;
        p->tokens_ms = s->now_ms;
        p->tokens = s->sfu->config.packets_per_s;
        for (size_t i = 0; i < ICD_SFU_SLOTS_MAX; i++)
            p->wants[i].height = IC_WIRE_HEIGHT_ANY;
        e = set_up(s, p, m);
    }
    if (e != IC_OK) {
        if (p)
            release(s, p);
        if (r)
            icd_sfu_room_release(s, r);
        tell_closed(s, m->session, e);
        return;
    }
    p->next = r->peers;
    r->peers = p;
    for (struct source *src = r->sources; src; src = src->next)
        if (src->shared->kind == IC_WIRE_AUDIO)
            atomic_fetch_or(&src->shared->interest, (uint64_t)1 << s->id);
    count(&s->counters.transports, 1);
}

static void set_srtp(struct peer *p, struct ic_rtc_srtp *srtp)
{
    for (size_t i = 0; i < p->slot_count; i++)
        p->slots[i].srtp = srtp;
}

void icd_sfu_peer_close(struct shard *s, struct peer *p, bool say_goodbye)
{
    struct room *r = p->room;
    if (say_goodbye)
        ic_rtc_transport_close(p->transport);
    p->open = false;
    set_srtp(p, NULL);
    for (size_t i = 0; i < p->slot_count; i++)
        IC_IGNORE(icd_sfu_slot_point(&p->slots[i], NULL));
    while (p->source_count > 0)
        icd_sfu_room_drop_source(s, p->sources[0]);
    for (struct peer **at = &r->peers; *at; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            break;
        }
    release(s, p);
    r->dirty = true;
    for (struct source *src = r->sources; src && !r->peers; src = src->next)
        atomic_fetch_and(&src->shared->interest, ~((uint64_t)1 << s->id));
    icd_sfu_room_release(s, r);
    count(&s->counters.transports, (uint64_t)-1);
}

/* A transport that ended is freed after the batch: packets of this peer may still be in it. */
static void doom(struct peer *p)
{
    struct shard *s = p->shard;
    for (size_t i = 0; i < s->doomed_count; i++)
        if (s->doomed[i] == p)
            return;
    if (s->doomed_count < IC_ARRAY_LEN(s->doomed))
        s->doomed[s->doomed_count++] = p;
}

static void enter_address(struct peer *p)
{
    struct shard *s = p->shard;
    const struct ic_rtc_addr *now = ic_rtc_transport_remote(p->transport);
    void *before;
    if (now->family == 0 || ic_rtc_addr_equal(now, &p->addr))
        return;
    if (p->addr.family && ic_map_get(&s->addrs, addr_key(&p->addr)) == p)
        ic_map_remove(&s->addrs, addr_key(&p->addr));
    p->addr = *now;
    if (ic_map_set(&s->addrs, addr_key(&p->addr), p, &before) != IC_OK)
        p->addr.family = 0;
}

static void follow(struct peer *p)
{
    enum ic_rtc_transport_state state = ic_rtc_transport_state(p->transport);
    if (state == IC_RTC_TRANSPORT_OPEN && !p->open) {
        p->open = true;
        set_srtp(p, ic_rtc_transport_srtp(p->transport));
        p->report_ms = p->shard->now_ms + REPORT_MS;
        p->room->dirty = true;
    } else if (state == IC_RTC_TRANSPORT_CLOSED) {
        p->open = false;
        set_srtp(p, NULL);
        doom(p);
    }
}

void icd_sfu_peer_input(struct peer *p, const struct ic_rtc_addr *from, uint8_t *datagram,
                        size_t len)
{
    struct shard *s = p->shard;
    uint64_t passed = s->now_ms - p->tokens_ms;
    uint32_t rate = s->sfu->config.packets_per_s;
    if (passed > 0) {
        uint64_t tokens = p->tokens + passed * rate / 1000;
        p->tokens = tokens > rate ? rate : (uint32_t)tokens;
        p->tokens_ms = s->now_ms;
    }
    if (p->tokens == 0) {
        count(&s->counters.dropped_limit, 1);
        return;
    }
    p->tokens--;
    struct ic_rtc_transport_stats before, after;
    ic_rtc_transport_stats(p->transport, &before);
    ic_rtc_transport_input(p->transport, from, datagram, len, s->now_ms);
    ic_rtc_transport_stats(p->transport, &after);
    count(&s->counters.dropped_malformed, after.malformed - before.malformed);
    count(&s->counters.dropped_auth,
          after.refused_srtp + after.refused_stun + after.refused_dtls + after.replayed -
              before.refused_srtp - before.refused_stun - before.refused_dtls - before.replayed);
    enter_address(p);
    follow(p);
}

static bool is_named(const char *name, struct ic_view v)
{
    return ic_view_equal(ic_view_cstr(name), v);
}

/* The stream takes on another SSRC. Its indexes go on, far enough off that every receiver begins anew. */
static void rebind(struct source *src, uint32_t ssrc, uint64_t index)
{
    if (src->counted)
        src->index_offset = src->highest + 2 * JUMP_MAX - index;
    src->ssrc = ssrc;
    src->counted = false;
    ic_rtc_nack_init(&src->nack);
    icd_sfu_source_want_key(src);
}

/* Whose packet: by SSRC; a new one by the names that its first packets carry (RFC 8843 section 9.2). */
static struct source *source_of(struct peer *p, const struct ic_rtc_rtp *h, uint64_t index)
{
    for (size_t i = 0; i < p->source_count; i++)
        if (p->sources[i]->ssrc == h->ssrc && h->ssrc != 0)
            return p->sources[i];
    for (size_t i = 0; h->mid.len > 0 && h->ssrc != 0 && i < p->source_count; i++) {
        struct source *src = p->sources[i];
        if (!is_named(src->shared->mid, h->mid) || !is_named(src->shared->rid, h->rid) ||
            src->rebinds == REBINDS_MAX)
            continue;
        src->rebinds++;
        rebind(src, h->ssrc, index);
        return src;
    }
    return NULL;
}

struct slot *icd_sfu_peer_slot(struct peer *p, uint32_t ssrc)
{
    for (size_t i = 0; i < p->slot_count; i++)
        if (p->slots[i].ssrc == ssrc)
            return &p->slots[i];
    return NULL;
}

/* RFC 3550 appendices A.1 and A.8 */
static void count_packet(struct source *src, uint64_t index, uint32_t timestamp, uint64_t now_ms)
{
    uint32_t hz = src->shared->kind == IC_WIRE_AUDIO ? IC_RTC_OPUS_HZ : IC_RTC_VIDEO_HZ;
    uint32_t transit = (uint32_t)(now_ms * hz / 1000) - timestamp;
    if (!src->counted) {
        src->counted = true;
        src->first = src->highest = index;
        src->received = src->expected_before = src->received_before = 0;
    } else {
        int32_t d = (int32_t)(transit - src->transit);
        src->jitter += (d < 0 ? 0u - (uint32_t)d : (uint32_t)d) - ((src->jitter + 8) >> 4);
    }
    src->transit = transit;
    src->received++;
    if (index > src->highest)
        src->highest = index;
    atomic_store_explicit(&src->shared->alive_ms, now_ms, memory_order_relaxed);
    if (src->shared->kind != IC_WIRE_AUDIO && !ic_rtc_nack_received(&src->nack, index, now_ms))
        icd_sfu_source_want_key(src);
}

static void packet(void *ctx, bool rtcp, uint8_t *bytes, size_t len, uint64_t index,
                   uint64_t now_ms)
{
    struct peer *p = ctx;
    struct shard *s = p->shard;
    struct ic_rtc_rtp h;
    struct mark m;
    if (rtcp) {
        icd_sfu_peer_take_rtcp(p, ic_view(bytes, len));
        return;
    }
    struct source *src = NULL;
    if (len <= IC_RTC_PACKET_MAX && ic_rtc_rtp_decode(ic_view(bytes, len), &h) == IC_OK)
        src = source_of(p, &h, index);
    if (!src || !icd_sfu_mark(src, &h, &m)) {
        count(&s->counters.dropped_malformed, 1);
        return;
    }
#ifdef IC_TEST_HOOKS
    ic_testhook_sfu_tap_packet(src->shared, ic_view(bytes, len));
#endif
    index += src->index_offset;
    count_packet(src, index, h.timestamp, now_ms);
    if (m.key) /* whoever asked has it */
        atomic_store(&src->shared->key_wanted, false);
    icd_sfu_source_cross(s, src, ic_view(bytes, len), index, 0);
    icd_sfu_source_packet(s, src, &h, &m, index);
}

void icd_sfu_peer_tick(struct peer *p)
{
    uint64_t now_ms = p->shard->now_ms;
    if (now_ms >= ic_rtc_transport_deadline(p->transport))
        ic_rtc_transport_tick(p->transport, now_ms);
    follow(p);
    if (!p->open)
        return;
    icd_sfu_peer_ask(p);
    if (now_ms >= p->report_ms) {
        icd_sfu_peer_report(p);
        p->report_ms = now_ms + REPORT_MS;
    }
}

void icd_sfu_peer_tell_slots(struct peer *p)
{
    if (!p->slots_changed)
        return;
    struct event *e = ic_new(struct event);
    if (!e)
        return; /* the next turn tries again */
    p->slots_changed = false;
    e->type = EVENT_SLOTS;
    e->session = p->session;
    e->slot_count = p->slot_count;
    for (size_t i = 0; i < p->slot_count; i++) {
        e->slots[i].kind = p->slots[i].kind;
        e->slots[i].ssrc = p->slots[i].ssrc;
        e->slots[i].source = p->slots[i].source ? p->slots[i].source->shared->source : 0;
    }
    icd_sfu_event(p->shard->sfu, e);
}

#include "shard.h"
#include <errno.h>
#include <ic/base/mem.h>
#include <ic/rtc/stun.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

uint8_t *icd_sfu_shard_room(struct shard *s)
{
    uint8_t *p = icd_sfu_batch_room(&s->out);
    if (p)
        return p;
    count(&s->counters.dropped_send, icd_sfu_batch_flush(&s->out));
    return icd_sfu_batch_room(&s->out);
}

void icd_sfu_shard_datagram(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    struct peer *p = ctx;
    struct shard *s = p->shard;
    if (datagram.len > ICD_SFU_DATAGRAM)
        return;
    memcpy(icd_sfu_shard_room(s), datagram.p, datagram.len);
    icd_sfu_batch_add(&s->out, to, datagram.len);
}

void icd_sfu_shard_wake(struct shard *s)
{
    uint64_t one = 1;
    if (!atomic_exchange(&s->woken, true) && write(s->wake_fd, &one, sizeof one) < 0)
        atomic_store(&s->woken, false);
}

void icd_sfu_shard_send(struct shard *s, struct message *m)
{
    icd_sfu_queue_push(&s->inbox, &m->node);
    icd_sfu_shard_wake(s);
}

/* A stranger may send STUN, so many a second; nothing else of strangers is even looked at. */
static bool stranger_may(struct shard *s, const struct ic_rtc_addr *from)
{
    /* One host has a whole IPv6 /64. */
    uint64_t hash = ic_siphash(s->seed, ic_view(from->ip, from->family == 6 ? 8 : 4));
    struct bucket *b = &s->strangers[hash % STRANGER_BUCKETS];
    if (b->second != s->now_ms / 1000)
        *b = (struct bucket){.second = s->now_ms / 1000};
    return b->count++ < s->sfu->config.strangers_per_s;
}

static struct peer *by_ufrag(struct shard *s, const struct ic_rtc_addr *from,
                             struct ic_view datagram)
{
    struct ic_view ufrag;
    if (!ic_map_get(&s->addrs, ic_view(from, 19)) && !stranger_may(s, from)) {
        count(&s->counters.dropped_limit, 1);
        return NULL;
    }
    if (!ic_rtc_ice_local_ufrag(datagram, &ufrag)) {
        count(&s->counters.dropped_malformed, 1);
        return NULL;
    }
    struct peer *p = ic_map_get(&s->ufrags, ufrag);
    if (!p)
        count(&s->counters.dropped_stranger, 1);
    return p;
}

static void take_datagram(struct shard *s, unsigned i)
{
    struct ic_rtc_addr from = icd_sfu_batch_from(&s->in, i);
    size_t len = s->in.headers[i].msg_len;
    uint8_t *bytes = s->in.bytes[i];
    struct peer *p;
    count(&s->counters.packets_in, 1);
    count(&s->counters.bytes_in, len);
    if ((s->in.headers[i].msg_hdr.msg_flags & MSG_TRUNC) != 0 || len == 0) {
        count(&s->counters.dropped_malformed, 1);
        return;
    }
    /* STUN names its session: one socket of a client may serve two of them in turn. */
    if (ic_rtc_demux(ic_view(bytes, len)) == IC_RTC_PACKET_STUN) {
        p = by_ufrag(s, &from, ic_view(bytes, len));
    } else {
        p = ic_map_get(&s->addrs, ic_view(&from, 19));
        if (!p)
            count(&s->counters.dropped_stranger, 1);
    }
    if (p)
        icd_sfu_peer_input(p, &from, bytes, len);
}

static void take_message(struct shard *s, struct message *m)
{
    struct peer *p = ic_map_get(&s->peers, ic_view(&m->session, sizeof m->session));
    struct room *r;
    struct source *src;
    switch (m->type) {
    case MESSAGE_OPEN:
        icd_sfu_peer_open(s, m);
        break;
    case MESSAGE_CLOSE:
        if (p)
            icd_sfu_peer_close(s, p, true);
        break;
    case MESSAGE_SOURCE:
        icd_sfu_room_add_source(s, m->source);
        break;
    case MESSAGE_SOURCE_GONE:
        r = icd_sfu_room_find(s, m->room, false);
        src = r ? icd_sfu_room_stream(r, m->source->id) : NULL;
        if (src)
            icd_sfu_room_drop_source(s, src);
        if (r)
            icd_sfu_room_release(s, r);
        icd_sfu_shared_source_release(m->source);
        break;
    case MESSAGE_WANT:
        if (p) {
            memcpy(p->wants, m->wants, sizeof p->wants);
            p->room->dirty = true;
        }
        break;
    }
    ic_wipe(&m->local, sizeof m->local);
    ic_wipe(&m->remote, sizeof m->remote);
    ic_free(m);
}

static void take_messages(struct shard *s)
{
    uint64_t ignored;
    /* Cleared before the queues are emptied: what comes later wakes again. */
    atomic_store(&s->woken, false);
    if (read(s->wake_fd, &ignored, sizeof ignored) < 0 && errno != EAGAIN)
        return;
    struct icd_sfu_node *n;
    while ((n = icd_sfu_queue_pop(&s->inbox)) != NULL)
        take_message(s, (struct message *)n);
}

static void take_crossing(struct shard *s, const struct icd_sfu_crossing *c)
{
    struct room *r = icd_sfu_room_find(s, c->room, false);
    struct source *src = r ? icd_sfu_room_stream(r, c->source) : NULL;
    struct ic_rtc_rtp h;
    struct mark m;
    if (!src)
        return;
    if (c->len == 0) {
        src->has_sr = true;
        src->sr_ntp = c->index;
        src->sr_timestamp = c->timestamp;
        src->sr_ms = s->now_ms;
    } else if (ic_rtc_rtp_decode(ic_view(c->bytes, c->len), &h) == IC_OK &&
               icd_sfu_mark(src, &h, &m)) {
        icd_sfu_source_packet(s, src, &h, &m, c->index);
    }
}

static void take_crossings(struct shard *s)
{
    for (unsigned i = 0; i < s->sfu->shard_count; i++) {
        const struct icd_sfu_crossing *c;
        while (s->from[i] && (c = icd_sfu_ring_peek(s->from[i])) != NULL) {
            take_crossing(s, c);
            icd_sfu_ring_release(s->from[i]);
        }
    }
}

static void bury(struct shard *s)
{
    while (s->doomed_count > 0) {
        struct peer *p = s->doomed[--s->doomed_count];
        struct event *e = ic_new(struct event);
        if (e) {
            e->type = EVENT_CLOSED;
            e->session = p->session;
            e->why = ic_rtc_transport_reason(p->transport);
            icd_sfu_event(s->sfu, e);
        }
        icd_sfu_peer_close(s, p, false);
    }
}

static void tick(struct shard *s)
{
    bool again = s->now_ms >= s->rank_ms;
    if (again)
        s->rank_ms = s->now_ms + RANK_MS;
    for (struct room *r = s->rooms; r; r = r->next) {
        for (struct peer *p = r->peers; p; p = p->next) {
            icd_sfu_peer_tick(p);
            icd_sfu_peer_tell_slots(p);
        }
        if (again || r->dirty)
            icd_sfu_room_assign(s, r);
    }
    s->tick_ms = s->now_ms + TICK_MS;
}

static void assign_dirty(struct shard *s)
{
    for (struct room *r = s->rooms; r; r = r->next)
        if (r->dirty)
            icd_sfu_room_assign(s, r);
}

static void end_turn(struct shard *s)
{
    bury(s);
    assign_dirty(s);
    count(&s->counters.dropped_send, icd_sfu_batch_flush(&s->out));
    for (unsigned i = 0; s->crossed_to; i++, s->crossed_to >>= 1)
        if (s->crossed_to & 1)
            icd_sfu_shard_wake(s->sfu->shards[i]);
}

static void turn(struct shard *s)
{
    /* A few batches, then control and time have their turn again. */
    for (int round = 0; round < 4; round++) {
        unsigned n = icd_sfu_batch_recv(&s->in);
        for (unsigned i = 0; i < n; i++) {
            take_datagram(s, i);
            if (s->doomed_count > 0)
                bury(s);
        }
        if (n < ICD_SFU_BATCH)
            break;
    }
}

static void *run(void *arg)
{
    struct shard *s = arg;
    struct epoll_event events[2];
    while (!atomic_load(&s->stop)) {
        int timeout = s->rooms ? TICK_MS : -1;
        s->now_ms = icd_sfu_now_ms();
        if (s->rooms)
            timeout = s->tick_ms > s->now_ms ? (int)(s->tick_ms - s->now_ms) : 0;
        if (epoll_wait(s->epoll_fd, events, 2, timeout > TICK_MS ? TICK_MS : timeout) < 0 &&
            errno != EINTR)
            break;
        s->now_ms = icd_sfu_now_ms();
        take_messages(s);
        take_crossings(s);
        turn(s);
        if (s->now_ms >= s->tick_ms)
            tick(s);
        end_turn(s);
    }
    return NULL;
}

static ic_err open_files(struct shard *s, uint16_t port)
{
    IC_TRY(icd_sfu_net_open(s->sfu->config.bind, port, &s->fd, &s->v6, &s->port));
    s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event socket = {.events = EPOLLIN, .data.fd = s->fd};
    struct epoll_event wake = {.events = EPOLLIN, .data.fd = s->wake_fd};
    if (s->wake_fd < 0 || s->epoll_fd < 0 ||
        epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->fd, &socket) != 0 ||
        epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->wake_fd, &wake) != 0)
        return IC_ERR_IO;
    return IC_OK;
}

static ic_err set_up(struct shard *s, uint16_t port)
{
    struct ic_rand rand = icd_sfu_rand();
    uint32_t max = s->sfu->config.max_sessions;
    IC_TRY(ic_rand_fill(&rand, (uint8_t *)s->seed, sizeof s->seed));
    IC_TRY(ic_rand_fill(&rand, (uint8_t *)&s->ssrc, sizeof s->ssrc));
    ic_map_init(&s->peers, max, s->seed);
    ic_map_init(&s->ufrags, max, s->seed);
    ic_map_init(&s->addrs, max, s->seed);
    ic_map_init(&s->rooms_by_id, max, s->seed);
    s->pool = ic_new_array(POOL_LEN, struct kept_packet);
    if (!s->pool)
        return IC_ERR_NOMEM;
    IC_TRY(open_files(s, port));
    icd_sfu_batch_init(&s->in, s->fd, s->v6);
    icd_sfu_batch_init(&s->out, s->fd, s->v6);
    return IC_OK;
}

ic_err icd_sfu_shard_new(struct icd_sfu *sfu, unsigned id, uint16_t port, struct shard **out)
{
    struct shard *s = ic_new(struct shard);
    if (!s)
        return IC_ERR_NOMEM;
    s->sfu = sfu;
    s->id = id;
    s->fd = s->wake_fd = s->epoll_fd = -1;
    icd_sfu_queue_init(&s->inbox);
    ic_err e = set_up(s, port);
    for (unsigned i = 0; e == IC_OK && i < sfu->shard_count; i++) {
        s->from[i] = i == id ? NULL : ic_new(struct icd_sfu_ring);
        if (i != id && !s->from[i])
            e = IC_ERR_NOMEM;
    }
    if (e != IC_OK)
        icd_sfu_shard_free(s);
    else
        *out = s;
    return e;
}

ic_err icd_sfu_shard_start(struct shard *s)
{
    sigset_t all, before;
    sigfillset(&all);
    /* Signals are the main thread's. */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&s->thread, NULL, run, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    s->running = failed == 0;
    return failed ? IC_ERR_IO : IC_OK;
}

void icd_sfu_shard_stop(struct shard *s)
{
    uint64_t one = 1;
    if (!s || !s->running)
        return;
    atomic_store(&s->stop, true);
    if (write(s->wake_fd, &one, sizeof one) < 0)
        atomic_store(&s->woken, false);
    pthread_join(s->thread, NULL);
    s->running = false;
}

static void drop_all(struct shard *s)
{
    struct icd_sfu_node *n;
    while ((n = icd_sfu_queue_pop(&s->inbox)) != NULL)
        take_message(s, (struct message *)n);
    while (s->rooms) {
        struct room *r = s->rooms;
        /* Keeps the room alive while its last parts go. */
        if (r->peers)
            icd_sfu_peer_close(s, r->peers, true);
        else if (r->sources) {
            icd_sfu_room_drop_source(s, r->sources);
            icd_sfu_room_release(s, r);
        } else {
            icd_sfu_room_release(s, r);
        }
    }
}

void icd_sfu_shard_free(struct shard *s)
{
    if (!s)
        return;
    if (s->pool && s->epoll_fd >= 0) {
        drop_all(s);
        (void)icd_sfu_batch_flush(&s->out);
    }
    ic_map_clear(&s->peers);
    ic_map_clear(&s->ufrags);
    ic_map_clear(&s->addrs);
    ic_map_clear(&s->rooms_by_id);
    for (unsigned i = 0; i < ICD_SFU_SHARDS_MAX; i++)
        ic_free(s->from[i]);
    ic_free(s->pool);
    if (s->fd >= 0)
        close(s->fd);
    if (s->wake_fd >= 0)
        close(s->wake_fd);
    if (s->epoll_fd >= 0)
        close(s->epoll_fd);
    ic_free(s);
}

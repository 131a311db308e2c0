#include "pair.h"
#include <ic/base/mem.h>
#include <string.h>
#include <time.h>

static uint64_t clock_ms = 1000000;

uint64_t pair_now(void)
{
    return clock_ms;
}

static void post(struct pair *p, bool to_server, struct ic_view datagram)
{
    if (ic_test_rand_u64(&p->seed) % 100 < p->loss || p->tail - p->head == PAIR_QUEUE ||
        datagram.len > sizeof p->queue->bytes)
        return;
    struct pair_datagram *d = &p->queue[p->tail++ % PAIR_QUEUE];
    d->to_server = to_server;
    d->len = datagram.len;
    memcpy(d->bytes, datagram.p, datagram.len);
}

static void client_send(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    struct pair *p = ctx;
    if (ic_rtc_addr_equal(to, &p->server_addr))
        post(p, true, datagram);
}

static void server_send(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    struct pair *p = ctx;
    if (ic_rtc_addr_equal(to, &p->client_addr))
        post(p, false, datagram);
}

static void send_raw(struct pair *p, struct ic_view datagram)
{
    post(p, false, datagram);
}

static void server_packet(void *ctx, bool rtcp, uint8_t *packet, size_t len, uint64_t index,
                          uint64_t now_ms)
{
    struct pair *p = ctx;
    if (p->at_server)
        p->at_server(p, rtcp, packet, len, index, now_ms);
}

static void client_frame(void *ctx, const struct ic_rtc_frame *f, uint64_t now_ms)
{
    struct pair *p = ctx;
    (void)now_ms;
    p->frames++;
    if (p->at_client)
        p->at_client(p, f);
}

static void client_event(void *ctx, const struct ic_rtc_event *e)
{
    struct pair *p = ctx;
    p->opened += e->type == IC_RTC_EVENT_OPEN;
    p->key_frames += e->type == IC_RTC_EVENT_KEY_FRAME;
    if (e->type == IC_RTC_EVENT_CLOSED) {
        p->closed++;
        p->reason = e->err;
    }
}

static ic_err set_up(struct pair *p)
{
    struct ic_rtc_endpoint_config ec = {.rand = p->rand,
                                        .ctx = p,
                                        .send = client_send,
                                        .frame = client_frame,
                                        .event = client_event};
    struct ic_rtc_transport_config sc = {.server = true,
                                         .max_ssrcs = 16,
                                         .rand = p->rand,
                                         .ctx = p,
                                         .send = server_send,
                                         .packet = server_packet};
    IC_TRY(ic_rtc_cert_new(&p->cert));
    IC_TRY(ic_rtc_endpoint_new(&ec, &p->client));
    IC_TRY(ic_rtc_ice_credentials_make(&p->rand, &sc.local));
    sc.remote = *ic_rtc_endpoint_local(p->client);
    sc.cert = p->cert;
    memcpy(sc.fingerprint, ic_rtc_endpoint_fingerprint(p->client).p, sizeof sc.fingerprint);
    sc.fingerprint[3] ^= p->wrong_fingerprint;
    IC_TRY(ic_rtc_transport_new(&sc, pair_now(), &p->server));
    struct ic_rtc_endpoint_remote remote = {
        .ufrag = ic_view_cstr(sc.local.ufrag),
        .pwd = ic_view_cstr(sc.local.pwd),
        .fingerprint = ic_rtc_cert_fingerprint(p->cert),
        /* The first address leads nowhere. */
        .addresses = {{.family = 4, .ip = {192, 0, 2, 1}, .port = 9}, p->server_addr},
        .address_count = 2,
    };
    return ic_rtc_endpoint_start(p->client, &remote, pair_now());
}

bool pair_init(struct pair *p, unsigned loss, bool wrong_fingerprint)
{
    memset(p, 0, sizeof *p);
    p->rand = ic_test_rand(&p->seed, 42);
    p->loss = loss;
    p->send_raw = send_raw;
    p->wrong_fingerprint = wrong_fingerprint;
    p->client_addr = (struct ic_rtc_addr){.family = 4, .ip = {127, 0, 0, 1}, .port = 1000};
    p->server_addr = (struct ic_rtc_addr){.family = 4, .ip = {127, 0, 0, 1}, .port = 2000};
    p->queue = ic_new_array(PAIR_QUEUE, struct pair_datagram);
    return p->queue && set_up(p) == IC_OK;
}

static void move_all(struct pair *p)
{
    while (p->head != p->tail) {
        struct pair_datagram d = p->queue[p->head++ % PAIR_QUEUE];
        if (d.to_server)
            ic_rtc_transport_input(p->server, &p->client_addr, d.bytes, d.len, pair_now());
        else
            ic_rtc_endpoint_input(p->client, &p->server_addr, d.bytes, d.len, pair_now());
    }
}

void pair_run(struct pair *p, unsigned ms, bool until_open)
{
    for (uint64_t end = clock_ms + ms; clock_ms < end && !p->closed; clock_ms++) {
        ic_rtc_endpoint_tick(p->client, pair_now());
        ic_rtc_transport_tick(p->server, pair_now());
        move_all(p);
        if (until_open && p->opened && ic_rtc_transport_state(p->server) == IC_RTC_TRANSPORT_OPEN)
            return;
        /* A handshake has timers of its own, by the machine's clock: that may be ahead of ours. */
        if (until_open)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

void pair_clear(struct pair *p)
{
    ic_rtc_endpoint_free(p->client);
    ic_rtc_transport_free(p->server);
    ic_rtc_cert_free(p->cert);
    ic_free(p->queue);
}

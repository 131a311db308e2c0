/* One packet to 1000 receivers, each with keys of its own, over loopback UDP: rewrite, protect, sendmmsg. The
 * floor is protect and sendmmsg alone, of the same run, with as many keys and addresses. */
#include "../src/shard.h"
#include <ic/base/bench.h>
#include <ic/base/mem.h>
#include <ic/crypto/aead.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECEIVERS = 1000, PAYLOAD = 1200 };

static struct world {
    struct icd_sfu sfu;
    struct shard *shard;
    uint16_t sink_port;
    int sink;
    struct ic_rtc_cert *cert;
    struct ic_rtc_transport *clients[RECEIVERS];
    struct source *source;
    uint64_t index;
    uint8_t packet[IC_RTC_PACKET_MAX];
    size_t len, header;
    struct ic_aead *aeads[RECEIVERS];
} w;

static void must(ic_err e)
{
    if (e != IC_OK)
        abort();
}

/* All receivers are one socket, under addresses of their own. */
static struct ic_rtc_addr address_of(size_t i)
{
    return (struct ic_rtc_addr){.family = 4,
                                .port = w.sink_port,
                                .ip = {127, 1, (uint8_t)(i / 250), (uint8_t)(i % 250 + 1)}};
}

static struct peer *peer_of(size_t i)
{
    uint64_t session = i + 1;
    return ic_map_get(&w.shard->peers, ic_view(&session, sizeof session));
}

static void to_server(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    size_t i = (size_t)((struct ic_rtc_transport **)ctx - w.clients);
    struct ic_rtc_addr from = address_of(i);
    uint8_t copy[ICD_SFU_DATAGRAM];
    (void)to;
    memcpy(copy, datagram.p, datagram.len);
    icd_sfu_peer_input(peer_of(i), &from, copy, datagram.len);
}

static void ignore_packet(void *ctx, bool rtcp, uint8_t *packet, size_t len, uint64_t index,
                          uint64_t now_ms)
{
    (void)ctx;
    (void)rtcp;
    (void)packet;
    (void)len;
    (void)index;
    (void)now_ms;
}

/* What the shard would send goes to the client by hand. */
static void hand_over(size_t i)
{
    struct icd_sfu_batch *b = &w.shard->out;
    struct ic_rtc_addr server = {.family = 4, .ip = {127, 0, 0, 1}, .port = 1};
    for (unsigned k = 0; k < b->count; k++) {
        uint8_t copy[ICD_SFU_DATAGRAM];
        size_t len = b->vectors[k].iov_len;
        memcpy(copy, b->bytes[k], len);
        ic_rtc_transport_input(w.clients[i], &server, copy, len, w.shard->now_ms);
    }
    b->count = 0;
}

static void add_receiver(size_t i)
{
    struct ic_rand rand = icd_sfu_rand();
    struct message m = {.type = MESSAGE_OPEN, .room = 1, .session = i + 1, .slot_count = 1};
    struct ic_rtc_transport_config c = {
        .max_ssrcs = 4,
        .cert = w.cert,
        .rand = rand,
        .ctx = &w.clients[i],
        .send = to_server,
        .packet = ignore_packet,
        .remote_count = 1,
        .remotes = {{.family = 4, .ip = {127, 0, 0, 1}, .port = 1}}};
    must(ic_rtc_ice_credentials_make(&rand, &m.local));
    must(ic_rtc_ice_credentials_make(&rand, &m.remote));
    memcpy(m.fingerprint, ic_rtc_cert_fingerprint(w.cert).p, sizeof m.fingerprint);
    m.slots[0].kind = IC_WIRE_VIDEO;
    m.slots[0].ssrc = (uint32_t)i + 1;
    c.local = m.remote;
    c.remote = m.local;
    memcpy(c.fingerprint, ic_rtc_cert_fingerprint(w.sfu.cert).p, sizeof c.fingerprint);
    icd_sfu_peer_open(w.shard, &m);
    must(ic_rtc_transport_new(&c, w.shard->now_ms, &w.clients[i]));
    ic_rtc_transport_tick(w.clients[i], w.shard->now_ms);
    for (int turn = 0; turn < 10 && !peer_of(i)->open; turn++)
        hand_over(i);
    if (!peer_of(i)->open)
        abort();
}

static void make_packet(void)
{
    struct ic_rtc_rtp h = {
        .payload_type = IC_RTC_PT_VP8, .ssrc = 9, .dd = IC_VIEW_INIT("\xc0\0\0\x80")};
    must(ic_rtc_rtp_encode(&h, w.packet, sizeof w.packet, &w.header));
    w.len = w.header + PAYLOAD;
    /* A browser's VP8 descriptor, with a picture id and TL0PICIDX that each receiver has of its own. */
    static const uint8_t descriptor[] = {0x90, 0xc0, 0x80, 1, 7};
    memcpy(w.packet + w.header, descriptor, sizeof descriptor);
}

static void set_up(void)
{
    bool v6;
    w.sfu.config = (struct icd_sfu_config){.bind = "127.0.0.1",
                                           .max_sessions = RECEIVERS + 8,
                                           .packets_per_s = 1000000,
                                           .strangers_per_s = 50,
                                           .key_request_gap_ms = 500};
    w.sfu.shard_count = 1;
    icd_sfu_queue_init(&w.sfu.events);
    must(ic_rtc_cert_new(&w.sfu.cert));
    must(ic_rtc_cert_new(&w.cert));
    must(icd_sfu_shard_new(&w.sfu, 0, 0, &w.shard));
    w.sfu.shards[0] = w.shard;
    must(icd_sfu_net_open("0.0.0.0", 0, &w.sink, &v6, &w.sink_port));
    w.shard->now_ms = icd_sfu_now_ms();
    for (size_t i = 0; i < RECEIVERS; i++)
        add_receiver(i);
    struct shared_source *shared = ic_new(struct shared_source);
    if (!shared)
        abort();
    atomic_init(&shared->refs, 1);
    shared->room = 1;
    shared->session = RECEIVERS + 5;
    shared->id = 1;
    shared->source = 1;
    shared->kind = IC_WIRE_VIDEO;
    shared->codec = IC_WIRE_VP8;
    icd_sfu_room_add_source(w.shard, shared);
    w.source = icd_sfu_room_find(w.shard, 1, false)->sources;
    icd_sfu_room_assign(w.shard, w.source->room);
    make_packet();
    for (size_t i = 0; i < RECEIVERS; i++) {
        uint8_t key[16];
        struct ic_rand rand = icd_sfu_rand();
        must(ic_rand_fill(&rand, key, sizeof key));
        must(ic_aead_new(IC_AES_128_GCM, IC_VIEW_ARRAY(key), &w.aeads[i]));
    }
}

static void forward(void *ctx, size_t n)
{
    (void)ctx;
    while (n--) {
        struct ic_rtc_rtp h;
        struct mark m;
        ic_store_u16(w.packet + 2, (uint16_t)w.index);
        must(ic_rtc_rtp_decode(ic_view(w.packet, w.len), &h));
        if (!icd_sfu_mark(w.source, &h, &m))
            abort();
        icd_sfu_source_packet(w.shard, w.source, &h, &m, w.index++);
        (void)icd_sfu_batch_flush(&w.shard->out);
    }
}

static void floor_of_it(void *ctx, size_t n)
{
    struct icd_sfu_batch *b = &w.shard->out;
    uint8_t nonce[12] = {0};
    (void)ctx;
    while (n--) {
        ic_store_u64(nonce, w.index++);
        for (size_t i = 0; i < RECEIVERS; i++) {
            struct ic_rtc_addr to = address_of(i);
            uint8_t *p = icd_sfu_shard_room(w.shard);
            must(ic_aead_seal(w.aeads[i], IC_VIEW_ARRAY(nonce), ic_view(w.packet, w.header),
                              ic_view(w.packet + w.header, PAYLOAD), p + w.header));
            icd_sfu_batch_add(b, &to, w.len + IC_AEAD_TAG_LEN);
        }
        (void)icd_sfu_batch_flush(b);
    }
}

int main(void)
{
    set_up();
    /* Every page of every receiver's history is touched once. */
    forward(NULL, VIDEO_HISTORY + 1);
    struct ic_bench_pair p = ic_bench_pair(forward, NULL, floor_of_it, NULL);
    struct icd_sfu_counters n;
    icd_sfu_counters(&w.sfu, &n);
    if (n.packets_out == 0)
        abort();
    ic_bench_row("sfu.forward", p.a_ns / RECEIVERS / 1000, "us", RECEIVERS, -1,
                 p.b_ns / RECEIVERS / 1000);
    ic_bench_row("sfu.forward_share_of_line", p.b_ns / p.a_ns, "share", RECEIVERS, -1, 0);
    for (size_t i = 0; i < RECEIVERS; i++) {
        ic_rtc_transport_free(w.clients[i]);
        ic_aead_free(w.aeads[i]);
    }
    icd_sfu_shard_free(w.shard);
    close(w.sink);
    ic_rtc_cert_free(w.cert);
    ic_rtc_cert_free(w.sfu.cert);
    return 0;
}

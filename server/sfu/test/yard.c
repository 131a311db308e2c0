#include "yard.h"
#include <ic/base/mem.h>
#include <ic/rtc/vp8.h>
#include <stdlib.h>
#include <string.h>

static const struct ic_rtc_addr client_addr = {.family = 4, .ip = {127, 9, 9, 9}, .port = 9};

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void to_server(void *ctx, const struct ic_rtc_addr *to, struct ic_view datagram)
{
    struct yard *y = ctx;
    uint8_t copy[ICD_SFU_DATAGRAM];
    (void)to;
    memcpy(copy, datagram.p, datagram.len);
    icd_sfu_peer_input(y->peer, &client_addr, copy, datagram.len);
}

static void received(void *ctx, bool rtcp, uint8_t *packet, size_t len, uint64_t index,
                     uint64_t now_ms)
{
    struct yard *y = ctx;
    struct ic_rtc_rtp h;
    struct ic_rtc_vp8 v = {0};
    struct ic_rtc_dd_peek d = {0};
    (void)now_ms;
    if (rtcp)
        return;
    must(ic_rtc_rtp_decode(ic_view(packet, len), &h) == IC_OK && y->count < YARD_OUT_MAX);
    if (h.payload_type == IC_RTC_PT_VP8 && h.payload.len > 0)
        must(ic_rtc_vp8_decode(h.payload, &v) == IC_OK);
    if (h.dd.len > 0)
        must(ic_rtc_dd_peek(h.dd, &d) == IC_OK);
    y->out[y->count++] =
        (struct yard_out){.ssrc = h.ssrc,
                          .timestamp = h.timestamp,
                          .index = index,
                          .marker = h.marker,
                          .empty = h.payload.len == 0,
                          .has_dd = h.dd.len > 0,
                          .start = d.start,
                          .end = d.end,
                          .key = d.has_structure,
                          .frame = d.frame,
                          .picture = v.picture_id,
                          .tl0 = v.tl0,
                          .tag = h.payload.len ? h.payload.p[h.payload.len - 1] : 0,
                          .has_names = h.mid.len > 0 || h.rid.len > 0};
}

/* What the shard would send goes to the client by hand. */
static void hand_over(struct yard *y)
{
    struct icd_sfu_batch *b = &y->shard->out;
    for (unsigned k = 0; k < b->count; k++) {
        uint8_t copy[ICD_SFU_DATAGRAM];
        size_t len = b->vectors[k].iov_len;
        memcpy(copy, b->bytes[k], len);
        ic_rtc_transport_input(y->client,
                               &(struct ic_rtc_addr){.family = 4, .ip = {127, 0, 0, 1}, .port = 1},
                               copy, len, y->shard->now_ms);
    }
    b->count = 0;
}

static void add_receiver(struct yard *y)
{
    struct ic_rand rand = icd_sfu_rand();
    struct message m = {.type = MESSAGE_OPEN, .room = 1, .session = 1, .slot_count = YARD_SLOTS};
    struct ic_rtc_transport_config c = {
        .max_ssrcs = 8,
        .cert = y->cert,
        .rand = rand,
        .ctx = y,
        .send = to_server,
        .packet = received,
        .remote_count = 1,
        .remotes = {{.family = 4, .ip = {127, 0, 0, 1}, .port = 1}}};
    must(ic_rtc_ice_credentials_make(&rand, &m.local) == IC_OK);
    must(ic_rtc_ice_credentials_make(&rand, &c.local) == IC_OK); /* the server is not told */
    memcpy(m.fingerprint, ic_rtc_cert_fingerprint(y->cert).p, sizeof m.fingerprint);
    for (unsigned i = 0; i < YARD_SLOTS; i++) {
        m.slots[i].kind = IC_WIRE_VIDEO;
        m.slots[i].ssrc = 100 + i;
        m.slots[i].first_seq = 0x7ffe;
    }
    c.remote = m.local;
    memcpy(c.fingerprint, ic_rtc_cert_fingerprint(y->sfu.cert).p, sizeof c.fingerprint);
    icd_sfu_peer_open(y->shard, &m);
    y->room = icd_sfu_room_find(y->shard, 1, false);
    y->peer = y->room->peers;
    must(ic_rtc_transport_new(&c, y->shard->now_ms, &y->client) == IC_OK);
    ic_rtc_transport_tick(y->client, y->shard->now_ms);
    for (int turn = 0; turn < 10 && !y->peer->open; turn++)
        hand_over(y);
    must(y->peer->open);
}

void yard_init(struct yard *y)
{
    memset(y, 0, sizeof *y);
    y->sfu.config = (struct icd_sfu_config){.bind = "127.0.0.1",
                                            .max_sessions = 8,
                                            .packets_per_s = 100000,
                                            .strangers_per_s = 50,
                                            .key_request_gap_ms = 500};
    y->sfu.shard_count = 1;
    icd_sfu_queue_init(&y->sfu.events);
    must(ic_rtc_cert_new(&y->sfu.cert) == IC_OK && ic_rtc_cert_new(&y->cert) == IC_OK);
    must(icd_sfu_shard_new(&y->sfu, 0, 0, &y->shard) == IC_OK);
    y->sfu.shards[0] = y->shard;
    y->shard->now_ms = 1000000;
    add_receiver(y);
    yard_want(y, 0, 0);
}

void yard_clear(struct yard *y)
{
    struct icd_sfu_node *n;
    ic_rtc_transport_free(y->client);
    icd_sfu_shard_free(y->shard);
    while ((n = icd_sfu_queue_pop(&y->sfu.events)) != NULL)
        ic_free((struct event *)n);
    ic_rtc_cert_free(y->cert);
    ic_rtc_cert_free(y->sfu.cert);
}

struct source *yard_source(struct yard *y, uint8_t kind, uint8_t codec, uint8_t layer,
                           uint16_t height)
{
    static uint32_t next, source;
    struct shared_source *shared = ic_new(struct shared_source);
    must(shared != NULL);
    next++;
    source = layer == 0 ? next : source;
    atomic_init(&shared->refs, 1);
    atomic_init(&shared->height, height);
    shared->room = 1;
    shared->session = 1000 + source;
    shared->id = next;
    shared->source = source;
    shared->layer = layer;
    shared->kind = kind;
    shared->codec = codec;
    icd_sfu_room_add_source(y->shard, shared);
    return icd_sfu_room_stream(y->room, next);
}

static size_t write_dd(const struct source *src, const struct yard_in *in, uint8_t *out)
{
    static struct ic_rtc_dd d;
    size_t len;
    memset(&d, 0, sizeof d);
    d.head = (struct ic_rtc_dd_peek){.start = in->start,
                                     .end = in->end,
                                     .has_structure = in->structure != NULL,
                                     .template_id = in->template_id,
                                     .frame = in->frame};
    if (in->structure)
        d.structure = *in->structure;
    d.has_active = in->has_active;
    d.active = in->active;
    must(ic_rtc_dd_encode(&d, src->layers ? &src->layers->structure : NULL, out, &len) == IC_OK);
    return len;
}

void yard_put(struct yard *y, struct source *src, const struct yard_in *in)
{
    uint8_t dd[IC_RTC_DD_MAX];
    uint8_t payload[8] = {(uint8_t)(0x80 | (in->start ? 0x10 : 0)),
                          0xc0,
                          (uint8_t)(0x80 | in->picture >> 8),
                          (uint8_t)in->picture,
                          in->tl0,
                          0,
                          0,
                          in->tag};
    struct ic_rtc_rtp h = {.marker = in->marker,
                           .payload_type =
                               src->shared->codec == IC_WIRE_VP8 ? IC_RTC_PT_VP8 : IC_RTC_PT_VP9,
                           .timestamp = in->timestamp,
                           .mid = IC_VIEW_STR("v"),
                           .payload = ic_view(payload, in->empty ? 0 : sizeof payload)};
    struct mark m;
    if (!in->no_dd && !in->empty)
        h.dd = ic_view(dd, write_dd(src, in, dd));
    atomic_store(&src->shared->alive_ms, y->shard->now_ms);
    if (icd_sfu_mark(src, &h, &m))
        icd_sfu_source_packet(y->shard, src, &h, &m, in->index);
    hand_over(y);
}

void yard_want(struct yard *y, uint32_t source, uint16_t height)
{
    y->peer->wants[0] = (struct ic_wire_choice){.source = source, .height = height};
    y->peer->wants[1] = (struct ic_wire_choice){0};
    icd_sfu_room_assign(y->shard, y->room);
}

void yard_pass(struct yard *y, uint64_t ms)
{
    y->shard->now_ms += ms;
    icd_sfu_room_assign(y->shard, y->room);
    icd_sfu_peer_ask(y->peer);
    hand_over(y);
}

bool yard_key_wanted(struct source *src)
{
    return atomic_exchange(&src->shared->key_wanted, false);
}

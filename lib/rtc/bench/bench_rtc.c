/* SRTP per packet, against the AEAD of the same run with the same key, nonce and AAD lengths. */
#include <ic/base/bench.h>
#include <ic/base/mem.h>
#include <ic/crypto/aead.h>
#include <ic/rtc/rtp.h>
#include <ic/rtc/srtp.h>
#include <stdlib.h>
#include <string.h>

enum { PACKETS = 2048, ROOM = 1300 };

struct work {
    size_t payload, header;
    uint64_t index;
    struct ic_rtc_srtp *out, *in;
    struct ic_aead *aead;
    size_t at;
    uint8_t (*sealed)[ROOM]; /* PACKETS of them, consecutive */
    uint8_t packet[ROOM];
};

static void must(ic_err e)
{
    if (e != IC_OK)
        abort();
}

static struct ic_rtc_srtp *make(void)
{
    static const uint8_t key[16] = {1}, salt[12] = {2};
    struct ic_rtc_srtp *s = NULL;
    must(ic_rtc_srtp_new(IC_RTC_SRTP_AES_128_GCM, IC_VIEW_ARRAY(key), IC_VIEW_ARRAY(salt), 32, &s));
    return s;
}

static void stamp(struct work *w, uint8_t *p, uint64_t index)
{
    struct ic_rtc_rtp h = {.payload_type = IC_RTC_PT_VP8,
                           .seq = (uint16_t)index,
                           .ssrc = 7,
                           .dd = IC_VIEW_INIT("\xc1\0\0")};
    must(ic_rtc_rtp_encode(&h, p, ROOM, &w->header));
}

static void protect(void *ctx, size_t n)
{
    struct work *w = ctx;
    size_t len;
    while (n--) {
        uint64_t index = w->index++;
        ic_store_u16(w->packet + 2, (uint16_t)index);
        must(ic_rtc_srtp_protect_at(w->out, w->packet, w->header + w->payload, index, &len));
    }
}

static void unprotect(void *ctx, size_t n)
{
    struct work *w = ctx;
    size_t len, sealed = w->header + w->payload + IC_RTC_SRTP_OVERHEAD;
    while (n--) {
        if (w->at == PACKETS) {
            ic_rtc_srtp_free(w->in);
            w->in = make();
            w->at = 0;
        }
        memcpy(w->packet, w->sealed[w->at++], sealed);
        must(ic_rtc_srtp_unprotect(w->in, w->packet, sealed, &len, NULL));
    }
}

static void seal(void *ctx, size_t n)
{
    struct work *w = ctx;
    uint8_t nonce[12] = {0};
    while (n--) {
        ic_store_u64(nonce, w->index++);
        must(ic_aead_seal(w->aead, IC_VIEW_ARRAY(nonce), ic_view(w->packet, w->header),
                          ic_view(w->packet + w->header, w->payload), w->packet + w->header));
    }
}

static void open_it(void *ctx, size_t n)
{
    struct work *w = ctx;
    uint8_t nonce[12] = {0}, copy[ROOM];
    size_t sealed = w->header + w->payload + IC_RTC_SRTP_OVERHEAD;
    must(ic_aead_seal(w->aead, IC_VIEW_ARRAY(nonce), ic_view(w->packet, w->header),
                      ic_view(w->packet + w->header, w->payload), w->packet + w->header));
    while (n--) {
        memcpy(copy, w->packet, sealed);
        must(ic_aead_open(w->aead, IC_VIEW_ARRAY(nonce), ic_view(copy, w->header),
                          ic_view(copy + w->header, sealed - w->header), copy + w->header));
    }
}

static void measure(size_t payload)
{
    static const uint8_t key[16] = {3};
    struct work *w = ic_new(struct work);
    struct work *floor = ic_new(struct work);
    if (!w || !floor)
        abort();
    w->payload = floor->payload = payload;
    w->sealed = ic_calloc(PACKETS, ROOM);
    if (!w->sealed)
        abort();
    w->out = make();
    w->in = make();
    for (size_t i = 0; i < PACKETS; i++) {
        size_t len;
        stamp(w, w->sealed[i], i);
        must(ic_rtc_srtp_protect_at(w->out, w->sealed[i], w->header + payload, i, &len));
    }
    w->index = PACKETS;
    stamp(w, w->packet, 0);
    stamp(floor, floor->packet, 0);
    must(ic_aead_new(IC_AES_128_GCM, IC_VIEW_ARRAY(key), &floor->aead));
    struct ic_bench_pair p = ic_bench_pair(protect, w, seal, floor);
    ic_bench_row("rtc.srtp_protect", p.a_ns, "ns", (long long)payload, -1, p.b_ns);
    p = ic_bench_pair(unprotect, w, open_it, floor);
    ic_bench_row("rtc.srtp_unprotect", p.a_ns, "ns", (long long)payload, -1, p.b_ns);
    ic_rtc_srtp_free(w->in);
    ic_rtc_srtp_free(w->out);
    ic_aead_free(floor->aead);
    ic_free(w->sealed);
    ic_free(w);
    ic_free(floor);
}

int main(void)
{
    measure(100);
    measure(1200);
    return 0;
}
